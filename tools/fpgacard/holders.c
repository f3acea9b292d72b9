// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes use a card's functions, and in which control group they are. The kernel
 * names the first process of a file, and none of VFIO and of block devices; here are all
 * that have the file open, as far as /proc shows their descriptors.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fc.h"

#define FC_SYSFS	"/sys"

static struct json_object *fc_get(struct json_object *from, const char *key)
{
	return json_object_object_get(from, key);
}

static bool fc_is_name_char(char c)
{
	return isalnum((unsigned char)c) || strchr("_-.:!", c);
}

/* Whether @text has @name as a word */
static bool fc_has_word(const char *text, const char *name, size_t len)
{
	const char *at;

	for (at = strstr(text, name); at; at = strstr(at + 1, name)) {
		if ((at == text || !fc_is_name_char(at[-1])) && !fc_is_name_char(at[len]))
			return true;
	}
	return false;
}

/* Whether the kernel's sentence names a directory, or the file, that is in @path */
static bool fc_names_part(const char *use, const char *path)
{
	char part[NAME_MAX + 1];
	size_t len;

	for (; *path; path += len) {
		path += *path == '/';
		len = strcspn(path, "/");
		if (!len || len > NAME_MAX)
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		if (fc_has_word(use, part, len))
			return true;
	}
	return false;
}

/*
 * Whether @device is the VFIO group that has the function. It has the number of the
 * function's IOMMU group, behind "noiommu-" if there is no IOMMU.
 */
static bool fc_is_group(const char *function, const char *device)
{
	static const char dir[] = "/virtual/vfio/", prefix[] = "noiommu-";
	char link[PATH_MAX], path[PATH_MAX];
	const char *group = strstr(device, dir);

	if (!group || fc_path(link, function, "iommu_group") || !realpath(link, path))
		return false;
	group += strlen(dir);
	if (!strncmp(group, prefix, strlen(prefix)))
		group += strlen(prefix);
	return !strcmp(strrchr(path, '/') + 1, group);
}

/* Whether the file @path, of sysfs, is what the kernel says of @user's function */
static bool fc_is_used(struct json_object *user, const char *path)
{
	const char *function = json_object_get_string(fc_get(user, "function"));
	const char *use = json_object_get_string(fc_get(user, "use"));
	char link[PATH_MAX], dir[PATH_MAX];
	size_t len;

	if (!function || fc_path(link, "/sys/bus/pci/devices", function) ||
	    !realpath(link, dir))
		return false;
	if (strstr(use, "VFIO") && fc_is_group(dir, path))
		return true;
	len = strlen(dir);
	if (strncmp(path, dir, len) || path[len] != '/')
		return false;
	return fc_names_part(use, path + len) ||
	       (strstr(use, "VFIO") && strstr(path + len, "/vfio-dev/"));
}

/* The group of version 2, or that of systemd */
static void fc_add_cgroup(struct json_object *to, const char *proc)
{
	char text[8192], *line, *rest, *path = NULL;

	fc_read_text(proc, "cgroup", text, sizeof(text));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!strncmp(line, "0::", 3) || (!path && strstr(line, ":name=systemd:")))
			path = strchr(strchr(line, ':') + 1, ':') + 1;
	}
	fc_add_name(to, "cgroup", path);
}

static bool fc_has_process(struct json_object *processes, int64_t pid)
{
	size_t i;

	for (i = 0; i < json_object_array_length(processes); i++) {
		if (json_object_get_int64(fc_get(json_object_array_get_idx(processes, i),
						 "pid")) == pid)
			return true;
	}
	return false;
}

static void fc_add_process(struct json_object *user, int64_t pid)
{
	struct json_object *processes = fc_get(user, "processes"), *process;
	char proc[FC_WORD], comm[FC_WORD];

	snprintf(proc, sizeof(proc), "/proc/%lld", (long long)pid);
	/* One that has ended is no user any more. */
	if (fc_has_process(processes, pid) || fc_read_line(proc, "comm", comm, sizeof(comm)))
		return;
	process = fc_object();
	fc_add_int(process, "pid", pid);
	fc_add_string(process, "comm", comm);
	fc_add_cgroup(process, proc);
	fc_append(processes, process);
}

/*
 * What a descriptor is in sysfs: the directory of a device, or an attribute. A file is
 * not asked of the server that has it, which may not answer.
 */
static bool fc_find_sysfs(const char *fds, const char *fd, char *path)
{
	char link[PATH_MAX], target[PATH_MAX];
	struct statx st;
	ssize_t len;

	if (fc_path(link, fds, fd) ||
	    statx(AT_FDCWD, link, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &st))
		return false;
	if (S_ISCHR(st.stx_mode) || S_ISBLK(st.stx_mode)) {
		snprintf(target, sizeof(target), FC_SYSFS "/dev/%s/%u:%u",
			 S_ISCHR(st.stx_mode) ? "char" : "block", st.stx_rdev_major,
			 st.stx_rdev_minor);
		return realpath(target, path);
	}
	len = readlink(link, target, sizeof(target) - 1);
	if (!S_ISREG(st.stx_mode) || len <= 0)
		return false;
	target[len] = '\0';
	/* Of a process with a file system of its own it is the path below the mount. */
	if (!strncmp(target, "/devices/", strlen("/devices/")))
		return snprintf(path, PATH_MAX, FC_SYSFS "%s", target) < PATH_MAX;
	fc_copy(path, PATH_MAX, target);
	return !strncmp(target, FC_SYSFS "/devices/", strlen(FC_SYSFS "/devices/"));
}

static DIR *fc_open_dir(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir && errno == ENOMEM)
		fc_no_memory();
	return dir;
}

static void fc_look_through(struct json_object *users, int64_t pid)
{
	char fds[FC_WORD], path[PATH_MAX];
	struct json_object *user;
	struct dirent *entry;
	size_t i;
	DIR *dir;

	snprintf(fds, sizeof(fds), "/proc/%lld/fd", (long long)pid);
	dir = fc_open_dir(fds);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !fc_find_sysfs(fds, entry->d_name, path))
			continue;
		for (i = 0; i < json_object_array_length(users); i++) {
			user = json_object_array_get_idx(users, i);
			if (fc_is_used(user, path))
				fc_add_process(user, pid);
		}
	}
	closedir(dir);
}

/* The process that the kernel names: "... is open in NAME (pid PID)" */
static void fc_add_named(struct json_object *user)
{
	const char *at = strstr(json_object_get_string(fc_get(user, "use")), " (pid ");

	if (at)
		fc_add_process(user, strtoll(at + strlen(" (pid "), NULL, 10));
}

/* Adds "processes" to each of @users. */
void fc_add_holders(struct json_object *users)
{
	size_t i, count = json_object_array_length(users);
	struct json_object *user;
	struct dirent *entry;
	DIR *proc;

	for (i = 0; i < count; i++) {
		user = json_object_array_get_idx(users, i);
		fc_add(user, "processes", fc_array());
		fc_add_named(user);
	}
	proc = count ? fc_open_dir("/proc") : NULL;
	if (!proc)
		return;
	while ((entry = readdir(proc))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			fc_look_through(users, strtoll(entry->d_name, NULL, 10));
	}
	closedir(proc);
}

void fc_print_holders(struct json_object *user)
{
	struct json_object *processes = fc_get(user, "processes"), *process;
	const char *cgroup;
	size_t i;

	for (i = 0; i < json_object_array_length(processes); i++) {
		process = json_object_array_get_idx(processes, i);
		cgroup = json_object_get_string(fc_get(process, "cgroup"));
		printf("%-14s   pid %s (%s)%s%s\n", "",
		       json_object_get_string(fc_get(process, "pid")),
		       json_object_get_string(fc_get(process, "comm")),
		       cgroup ? " in " : "", cgroup ? cgroup : "");
	}
}
