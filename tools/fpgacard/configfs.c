// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptions of cards in configfs. See Documentation/ABI/testing/configfs-fpga-card.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach.h"

static int fc_too_old(const char *what)
{
	return fc_fail(FC_ERROR,
		       "the modules that are loaded do not know %s: they are older than this command",
		       what);
}

/* Nothing is written for what is not said. */
static int fc_set(const char *dir, const char *name, const char *value)
{
	int ret;

	if (!value || !value[0])
		return FC_SUCCESS;
	ret = fc_write(dir, name, value);
	if (ret == -ENOENT)
		return fc_too_old(name);
	return ret ? fc_fail_errno(-ret, "%s \"%s\"", name, value) : FC_SUCCESS;
}

/* A list of writes is too long for a sentence. */
static int fc_set_sequence(const char *dir, const char *sequence)
{
	int ret = sequence ? fc_write(dir, "sequence", sequence) : 0;

	switch (ret) {
	case 0:
		return FC_SUCCESS;
	case -ENOENT:
		return fc_too_old("sequence");
	case -EFBIG:
	case -E2BIG:
		return fc_fail(FC_USAGE, "sequence: the list is longer than the kernel takes");
	case -EINVAL:
	case -ERANGE:
		return fc_fail(FC_USAGE, "sequence: %s: the kernel's log says in which line",
			       strerror(-ret));
	default:
		if ((ret == -EPERM || ret == -EACCES) && !fc_is_denied(dir, "sequence", -ret))
			return fc_fail(FC_REFUSED,
				       "sequence: the kernel takes none: %s; it is locked down, or has a policy that forbids that",
				       strerror(-ret));
		return fc_fail_errno(-ret, "sequence");
	}
}

/* It is known here to be one. */
static int fc_set_method(const char *dir, const char *method)
{
	int ret = fc_write(dir, "method", method);
	char what[2 * FC_WORD];

	if (ret != -EINVAL)
		return ret ? fc_fail_errno(-ret, "method \"%s\"", method) : FC_SUCCESS;
	snprintf(what, sizeof(what), "the method %s", method);
	return fc_too_old(what);
}

static int fc_make_dir(const char *dir, const char *name, char *path)
{
	int ret = fc_path(path, dir, name);

	if (!ret && mkdir(path, 0755))
		ret = -errno;
	if (ret == -EEXIST)
		return fc_fail(FC_BUSY, "there is a \"%s\" already: fpgacard detach takes it away",
			       name);
	return ret ? fc_fail_errno(-ret, "%s", path) : FC_SUCCESS;
}

static int fc_describe_image(const char *images, const struct fc_image_spec *image)
{
	char path[PATH_MAX];
	int ret;

	ret = fc_make_dir(images, image->name, path);
	if (!ret)
		ret = fc_set(path, "timeout_ms", image->timeout_ms);
	if (!ret)
		ret = fc_set(path, "hold_ms", image->hold_ms);
	return ret ? ret : fc_set(path, "address", image->address);
}

static int fc_describe(const char *dir, const struct fc_described *card)
{
	char images[PATH_MAX];
	size_t i;
	int ret;

	ret = fc_set(dir, "port", card->port);
	if (!ret)
		ret = fc_set(dir, "function", card->function);
	if (!ret)
		ret = fc_set_method(dir, card->method);
	if (!ret)
		ret = fc_set_sequence(dir, card->sequence);
	if (!ret && fc_path(images, dir, "images"))
		ret = fc_fail_errno(ENAMETOOLONG, "%s", dir);
	for (i = 0; !ret && i < card->count; i++)
		ret = fc_describe_image(images, &card->images[i]);
	return ret ? ret : fc_set(dir, "live", "1");
}

static int fc_remove_image(const char *dir, const char *name, void *data)
{
	char path[PATH_MAX];

	(void)data;
	if (fc_path(path, dir, name))
		return -ENAMETOOLONG;
	return rmdir(path) ? -errno : 0;
}

/* Returns 0 or a negative errno. */
static int fc_remove(const char *dir)
{
	int ret = fc_each_dir(dir, "images", fc_remove_image, NULL);

	return ret ? ret : rmdir(dir) ? -errno : 0;
}

int fc_attach_card(const struct fc_described *card)
{
	char dir[PATH_MAX];
	int ret;

	if (access(FC_CONFIGFS, F_OK))
		return fc_fail(FC_ERROR, access("/sys/module/fpga_card", F_OK) ?
			       "the module fpga-card is not loaded: modprobe fpga-card" :
			       "there is no " FC_CONFIGFS ": configfs is not mounted");
	if (access(FC_CONFIGFS, W_OK))
		return fc_fail_errno(errno, FC_CONFIGFS);
	ret = fc_make_dir(FC_CONFIGFS, card->name, dir);
	if (ret)
		return ret;
	ret = fc_describe(dir, card);
	/* What was made goes again; the sentence stays. */
	if (ret)
		fc_remove(dir);
	return ret;
}

bool fc_is_attached(const char *name)
{
	char dir[PATH_MAX];

	return !fc_path(dir, FC_CONFIGFS, name) && fc_read_number(dir, "live") == 1;
}

int fc_detach_card(const char *name)
{
	char dir[PATH_MAX];
	int ret;

	if (!fc_is_file_name(name) || fc_path(dir, FC_CONFIGFS, name))
		return fc_fail(FC_USAGE, "\"%s\" is no name", name);
	if (access(dir, F_OK))
		return fc_fail(FC_NO_CARD, "no card \"%s\" was attached", name);
	ret = fc_write(dir, "live", "0");
	if (ret == -EBUSY)
		return fc_fail(FC_BUSY, "the card is being loaded, recovered or checked");
	if (!ret)
		ret = fc_remove(dir);
	return ret ? fc_fail_errno(-ret, "%s", dir) : FC_SUCCESS;
}
