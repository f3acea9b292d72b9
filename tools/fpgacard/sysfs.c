// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes in sysfs, configfs and debugfs. libudev keeps what it has read once, and
 * these change.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fc.h"

/* Cuts what is too long. */
void fc_copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

/* @buf has PATH_MAX bytes. Returns 0 or a negative errno. */
int fc_path(char *buf, const char *dir, const char *name)
{
	int len = snprintf(buf, PATH_MAX, "%s/%s", dir, name);

	return len < 0 || len >= PATH_MAX ? -ENAMETOOLONG : 0;
}

/* The whole of an attribute, cut to @size. Returns 0 or a negative errno. */
int fc_read_text(const char *dir, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t n = 0;
	size_t len = 0;
	int fd, ret;

	buf[0] = '\0';
	ret = fc_path(path, dir, name);
	if (ret)
		return ret;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	ret = n < 0 ? -errno : 0;
	buf[len] = '\0';
	close(fd);
	return ret;
}

/* The first line, without its end */
int fc_read_line(const char *dir, const char *name, char *buf, size_t size)
{
	int ret = fc_read_text(dir, name, buf, size);

	buf[strcspn(buf, "\n")] = '\0';
	return ret;
}

/* 0 also for what cannot be read */
int64_t fc_read_number(const char *dir, const char *name)
{
	char text[FC_WORD];

	if (fc_read_line(dir, name, text, sizeof(text)))
		return 0;
	return strtoll(text, NULL, 10);
}

/* One write, as these files want it. Returns 0 or a negative errno. */
int fc_write(const char *dir, const char *name, const char *value)
{
	size_t len = strlen(value);
	char path[PATH_MAX];
	ssize_t n;
	int fd, ret;

	ret = fc_path(path, dir, name);
	if (ret)
		return ret;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* An empty value is a line as well. */
	n = write(fd, len ? value : "\n", len ? len : 1);
	ret = n < 0 ? -errno : 0;
	/* configfs takes a page, and cuts what is longer. */
	if (!ret && len && (size_t)n != len)
		ret = -EFBIG;
	close(fd);
	return ret;
}

/*
 * Whether @err, of a write to an attribute, says that the user may not write to it. The
 * kernel has reasons of its own for the same errnos: that it is locked down, say.
 */
bool fc_is_denied(const char *dir, const char *name, int err)
{
	char path[PATH_MAX];

	return (err == EACCES || err == EPERM) && !fc_path(path, dir, name) &&
	       faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) && errno == EACCES;
}

static int fc_is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

/*
 * Calls @each for each directory in @dir/@name, in order, until it returns other than
 * 0, which is returned then. A directory that is not there has none.
 */
int fc_each_dir(const char *dir, const char *name,
		int (*each)(const char *dir, const char *name, void *data), void *data)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int i, n, ret;

	ret = fc_path(path, dir, name);
	if (ret)
		return ret;
	n = scandir(path, &entries, fc_is_shown, versionsort);
	if (n < 0 && errno == ENOMEM)
		fc_no_memory();
	if (n < 0)
		return 0;
	for (i = 0; i < n; i++) {
		if (!ret)
			ret = each(path, entries[i]->d_name, data);
		free(entries[i]);
	}
	free(entries);
	return ret;
}
