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

/**
 * struct fc_used - a user, and what is looked for
 * @user: the user, in JSON
 * @use: what the kernel says of it
 * @vfio: that is about VFIO
 * @dir: the function's directory in sysfs, empty if it is about none
 * @group: number of its IOMMU group, empty for none
 */
struct fc_used {
	struct json_object *user;
	const char *use;
	bool vfio;
	char dir[PATH_MAX];
	char group[FC_WORD];
};

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
 * Whether the file @path, of sysfs, is the VFIO group that has the function. It has the
 * number of the function's IOMMU group, behind "noiommu-" if there is no IOMMU.
 */
static bool fc_is_group(const struct fc_used *used, const char *path)
{
	static const char dir[] = "/virtual/vfio/", prefix[] = "noiommu-";
	const char *group = strstr(path, dir);

	if (!group || !used->group[0])
		return false;
	group += strlen(dir);
	if (!strncmp(group, prefix, strlen(prefix)))
		group += strlen(prefix);
	return !strcmp(used->group, group);
}

/* Whether @path is what the kernel says of the user's function */
static bool fc_is_used(const struct fc_used *used, const char *path)
{
	size_t len = strlen(used->dir);

	if (!len)
		return false;
	if (used->vfio && fc_is_group(used, path))
		return true;
	if (strncmp(path, used->dir, len) || path[len] != '/')
		return false;
	return fc_names_part(used->use, path + len) ||
	       (used->vfio && strstr(path + len, "/vfio-dev/"));
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

static void fc_look_through(const struct fc_used *used, size_t count, int64_t pid)
{
	char fds[FC_WORD], path[PATH_MAX];
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
		for (i = 0; i < count; i++) {
			if (fc_is_used(&used[i], path))
				fc_add_process(used[i].user, pid);
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

static void fc_find_used(struct fc_used *used, struct json_object *user)
{
	const char *function = json_object_get_string(fc_get(user, "function"));
	char link[PATH_MAX], path[PATH_MAX];

	used->user = user;
	used->use = json_object_get_string(fc_get(user, "use"));
	used->vfio = strstr(used->use, "VFIO");
	if (!function || fc_path(link, "/sys/bus/pci/devices", function) ||
	    !realpath(link, used->dir)) {
		used->dir[0] = '\0';
		return;
	}
	if (!fc_path(link, used->dir, "iommu_group") && realpath(link, path))
		fc_copy(used->group, sizeof(used->group), strrchr(path, '/') + 1);
}

/* Adds "processes" to each of @users. */
void fc_add_holders(struct json_object *users)
{
	size_t i, count = json_object_array_length(users);
	struct dirent *entry;
	struct fc_used *used;
	DIR *proc;

	if (!count)
		return;
	used = calloc(count, sizeof(*used));
	if (!used)
		fc_no_memory();
	for (i = 0; i < count; i++) {
		fc_find_used(&used[i], json_object_array_get_idx(users, i));
		fc_add(used[i].user, "processes", fc_array());
		fc_add_named(used[i].user);
	}
	proc = fc_open_dir("/proc");
	while (proc && (entry = readdir(proc))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			fc_look_through(used, count, strtoll(entry->d_name, NULL, 10));
	}
	if (proc)
		closedir(proc);
	free(used);
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
