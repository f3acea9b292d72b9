// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel calls a file with an image: its name below the firmware path.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fc.h"

/* Where the kernel looks for files, but for directories of its release */
static bool fc_take_prefix(const char **name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (!len || strncmp(*name, prefix, len) || (*name)[len] != '/')
		return false;
	*name += len + strspn(*name + len, "/");
	return true;
}

/* Else it is a name, also if there is a file of that name here. */
static bool fc_is_path(const char *image)
{
	return image[0] == '/' || !strncmp(image, "./", 2) || !strncmp(image, "../", 3);
}

/* The last element may be a link, which the kernel follows. Both have PATH_MAX bytes. */
static int fc_resolve_dir(const char *image, char *path)
{
	const char *base = strrchr(image, '/') + 1;
	char dir[PATH_MAX];
	size_t len;

	if (strlen(image) >= sizeof(dir))
		return fc_fail_errno(ENAMETOOLONG, "%s", image);
	if (access(image, F_OK))
		return fc_fail_errno(errno, "%s", image);
	memcpy(dir, image, (size_t)(base - image));
	dir[base - image] = '\0';
	if (!realpath(dir, path))
		return fc_fail_errno(errno, "%s", dir);
	len = strlen(path);
	if (len + 1 + strlen(base) >= PATH_MAX)
		return fc_fail_errno(ENAMETOOLONG, "%s", image);
	snprintf(path + len, PATH_MAX - len, "%s%s", path[len - 1] == '/' ? "" : "/", base);
	return FC_SUCCESS;
}

/*
 * Makes of a path the name that it has for the kernel; other names stay. @is_path: it was
 * one. @path has PATH_MAX bytes. Returns an exit code.
 */
int fc_kernel_name(const char **image, bool *is_path, char *path)
{
	char firmware[PATH_MAX], real[PATH_MAX];
	int ret;

	*is_path = fc_is_path(*image);
	if (!*is_path)
		return FC_SUCCESS;
	ret = fc_resolve_dir(*image, path);
	if (ret)
		return ret;
	fc_read_line("/sys/module/firmware_class/parameters", "path", firmware,
		     sizeof(firmware));
	*image = path;
	if ((firmware[0] && realpath(firmware, real) && fc_take_prefix(image, real)) ||
	    fc_take_prefix(image, "/lib/firmware/updates") ||
	    fc_take_prefix(image, "/lib/firmware") ||
	    fc_take_prefix(image, "/usr/lib/firmware/updates") ||
	    fc_take_prefix(image, "/usr/lib/firmware"))
		return FC_SUCCESS;
	return fc_fail(FC_REFUSED,
		       "the kernel does not read %s: copy it below /lib/firmware", path);
}

/* Whether the card has an image of that name of its own */
bool fc_is_in_flash(const struct fc_card *card, const char *name)
{
	char images[PATH_MAX], path[PATH_MAX];

	return !fc_path(images, card->path, "images") && !fc_path(path, images, name) &&
	       !access(path, F_OK);
}
