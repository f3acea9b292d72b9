// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the command line, or a file, may say of a card that has no driver. See
 * Documentation/ABI/testing/configfs-fpga-card.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"

/* What the kernel takes at most for a time */
#define FC_MS_MAX	3600000

static const char * const fc_methods[] = {
	"hot_reset", "slot_power", "external", "registers"
};

/* A name that is a file's in a directory, and nowhere else */
bool fc_is_file_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

int fc_described_name(struct fc_described *card, const char *name)
{
	if (!fc_is_file_name(name) || strlen(name) >= sizeof(card->name))
		return fc_fail(FC_USAGE, "\"%s\" is no name for a card", name);
	fc_copy(card->name, sizeof(card->name), name);
	return FC_SUCCESS;
}

/* As the kernel reads numbers: 0x is for hexadecimal ones. */
static int fc_take_number(char *to, const char *key, const char *value, uint64_t min,
			  uint64_t max)
{
	uint64_t number;
	char *end;

	errno = 0;
	number = strtoull(value, &end, 0);
	if (!isdigit((unsigned char)value[0]) || *end || errno || number < min ||
	    number > max || strlen(value) >= FC_WORD)
		return fc_fail(FC_USAGE, "%s: \"%s\" is no number from %llu to %llu", key,
			       value, (unsigned long long)min, (unsigned long long)max);
	fc_copy(to, FC_WORD, value);
	return FC_SUCCESS;
}

static int fc_take_address(char *to, const char *key, const char *value)
{
	unsigned int domain, bus, slot, fn;
	int len = -1;

	fc_full_bdf(value, to, FC_WORD);
	if (sscanf(to, "%8x:%2x:%2x.%1x%n", &domain, &bus, &slot, &fn, &len) != 4 ||
	    len < 0 || to[len] || strlen(value) >= FC_WORD - strlen("0000:") ||
	    strspn(to, "0123456789abcdefABCDEF:.") != strlen(to))
		return fc_fail(FC_USAGE, "%s: \"%s\" is no PCI address, as 0000:3b:00.0", key,
			       value);
	/* As sysfs writes them */
	for (; *to; to++)
		*to = (char)tolower((unsigned char)*to);
	return FC_SUCCESS;
}

static int fc_take_method(char *to, const char *value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fc_methods); i++) {
		if (strcmp(fc_methods[i], value))
			continue;
		fc_copy(to, FC_WORD, value);
		return FC_SUCCESS;
	}
	return fc_fail(FC_USAGE,
		       "method: \"%s\" is none of hot_reset, slot_power, external and registers",
		       value);
}

/* A path, or the name of one that comes with the command */
static int fc_take_sequence(char **to, const char *value)
{
	static const char * const dirs[] = { "/etc/fpgacard", "/usr/local/share/fpgacard" };
	char path[PATH_MAX], name[FC_NAME];
	size_t i;
	int len;

	if (strchr(value, '/'))
		return fc_read_file(value, to);
	len = snprintf(name, sizeof(name), "sequences/%s.seq", value);
	if (!fc_is_file_name(value) || len < 0 || (size_t)len >= sizeof(name))
		return fc_fail(FC_USAGE, "sequence: \"%s\" is neither a path nor a name", value);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (!fc_path(path, dirs[i], name) && !access(path, F_OK))
			return fc_read_file(path, to);
	}
	if (!fc_path(path, FC_SHARE, name) && !access(path, F_OK))
		return fc_read_file(path, to);
	return fc_fail(FC_ERROR, "there is no %s in %s, %s or %s", name, dirs[0], dirs[1],
		       FC_SHARE);
}

static int fc_twice(const char *key)
{
	return fc_fail(FC_USAGE, "%s is there twice", key);
}

int fc_described_key(struct fc_described *card, const char *key, const char *value)
{
	if (!strcmp(key, "port"))
		return card->port[0] ? fc_twice(key) :
		       fc_take_address(card->port, key, value);
	if (!strcmp(key, "function"))
		return card->function[0] ? fc_twice(key) :
		       fc_take_address(card->function, key, value);
	if (!strcmp(key, "method"))
		return card->method[0] ? fc_twice(key) : fc_take_method(card->method, value);
	if (!strcmp(key, "sequence"))
		return card->sequence ? fc_twice(key) :
		       fc_take_sequence(&card->sequence, value);
	return fc_fail(FC_USAGE,
		       "\"%s\" is no key of a card: they are port, function, method and sequence",
		       key);
}

int fc_image_key(struct fc_image_spec *image, const char *key, const char *value)
{
	if (!strcmp(key, "timeout_ms"))
		return image->timeout_ms[0] ? fc_twice(key) :
		       fc_take_number(image->timeout_ms, key, value, 1, FC_MS_MAX);
	if (!strcmp(key, "hold_ms"))
		return image->hold_ms[0] ? fc_twice(key) :
		       fc_take_number(image->hold_ms, key, value, 0, FC_MS_MAX);
	if (!strcmp(key, "address"))
		return image->address[0] ? fc_twice(key) :
		       fc_take_number(image->address, key, value, 0, UINT64_MAX);
	return fc_fail(FC_USAGE,
		       "\"%s\" is no key of an image: they are timeout_ms, hold_ms and address",
		       key);
}

/* The image of that name, which is made if it is a new one */
int fc_described_image(struct fc_described *card, const char *name,
		       struct fc_image_spec **image)
{
	size_t i;

	for (i = 0; i < card->count; i++) {
		*image = &card->images[i];
		if (!strcmp((*image)->name, name))
			return FC_SUCCESS;
	}
	if (!fc_is_file_name(name) || strlen(name) >= FC_IMAGE_NAME)
		return fc_fail(FC_USAGE, "\"%s\" is no name for an image", name);
	if (card->count == FC_IMAGES_MAX)
		return fc_fail(FC_USAGE, "there are more than %d images", FC_IMAGES_MAX);
	*image = &card->images[card->count++];
	fc_copy((*image)->name, FC_IMAGE_NAME, name);
	return FC_SUCCESS;
}

/* Whether enough is said */
int fc_described_whole(const struct fc_described *card)
{
	size_t i;

	if (!card->port[0] == !card->function[0])
		return fc_fail(FC_USAGE, "either a port or a function is needed");
	if (!card->method[0])
		return fc_fail(FC_USAGE, "a method is needed");
	if (!card->count)
		return fc_fail(FC_USAGE,
			       "an image is needed: --image, or a section [image NAME] of a file");
	for (i = 0; i < card->count; i++) {
		if (!card->images[i].timeout_ms[0])
			return fc_fail(FC_USAGE, "the image \"%s\" needs timeout_ms",
				       card->images[i].name);
	}
	return FC_SUCCESS;
}

void fc_described_free(struct fc_described *card)
{
	free(card->sequence);
}
