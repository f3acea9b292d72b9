// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of an image as users write them:
 * DEVFN,VENDOR:DEVICE[,KEY=VALUE]...
 */

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fc.h"
#include "image.h"

#define FC_ID_MAX	0xffff

static bool fc_is_all(const char *text, int base)
{
	if (!*text)
		return false;
	for (; *text; text++) {
		if (base == 16 ? !isxdigit((unsigned char)*text) :
				 !isdigit((unsigned char)*text))
			return false;
	}
	return true;
}

/* From 0 to @most; hexadecimal ones may have "0x". Returns an exit code. */
static int fc_parse_number(const char *text, const char *what, uint32_t most, int base,
			   uint32_t *number)
{
	const char *digits = text;
	unsigned long long value;

	if (base == 16 && !strncmp(text, "0x", 2))
		digits += 2;
	if (!fc_is_all(digits, base))
		return fc_fail(FC_USAGE, "%s: '%s' is not a number", what, text);
	errno = 0;
	value = strtoull(digits, NULL, base);
	if (errno || value > most)
		return fc_fail(FC_USAGE, base == 16 ? "%s: %s is more than %#x" :
						      "%s: %s is more than %u",
			       what, text, most);
	*number = (uint32_t)value;
	return FC_SUCCESS;
}

static int fc_parse_id(const char *text, const char *what, bool wild, uint16_t *id)
{
	uint32_t number;
	int ret;

	if (!strcmp(text, "any")) {
		*id = FPGA_CARD_IMAGE_ANY;
		return wild ? FC_SUCCESS :
			      fc_fail(FC_USAGE, "%s: a function's own IDs have to be given",
				      what);
	}
	ret = fc_parse_number(text, what, FC_ID_MAX, 16, &number);
	if (ret)
		return ret;
	if (number == FPGA_CARD_IMAGE_ANY)
		return fc_fail(FC_USAGE, "%s: no function has the ID ffff", what);
	*id = (uint16_t)number;
	return FC_SUCCESS;
}

/* VENDOR:DEVICE; each of them can be "any" if @wild. Returns an exit code. */
int fc_parse_ids(const char *text, const char *what, bool wild, uint16_t *ids)
{
	const char *colon = strchr(text, ':');
	char vendor[FC_WORD];
	int ret;

	if (!colon || strchr(colon + 1, ':') || colon - text >= (ptrdiff_t)sizeof(vendor))
		return fc_fail(FC_USAGE, "%s: '%s' is not VENDOR:DEVICE", what, text);
	snprintf(vendor, sizeof(vendor), "%.*s", (int)(colon - text), text);
	if (!wild && !strcmp(colon + 1, "any"))
		return fc_parse_id(colon + 1, what, false, &ids[1]);
	ret = fc_parse_id(vendor, what, wild, &ids[0]);
	return ret ? ret : fc_parse_id(colon + 1, what, wild, &ids[1]);
}

/* DEVICE.FUNCTION as lspci prints it */
static int fc_parse_devfn(const char *text, uint8_t *devfn)
{
	const char *dot = strchr(text, '.');
	size_t digits = dot ? (size_t)(dot - text) : 0;
	unsigned long slot = strtoul(text, NULL, 16);

	if (digits < 1 || digits > 2 || !isxdigit((unsigned char)text[0]) ||
	    (digits == 2 && !isxdigit((unsigned char)text[1])) || slot > 31 ||
	    dot[1] < '0' || dot[1] > '7' || dot[2])
		return fc_fail(FC_USAGE,
			       "--function: '%s' is not a device and function number like 00.1",
			       text);
	*devfn = (uint8_t)(slot << 3 | (unsigned int)(dot[1] - '0'));
	return FC_SUCCESS;
}

static unsigned int fc_unit_shift(char unit)
{
	switch (unit) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

/* In bytes, or with K, M or G */
static int fc_parse_size(const char *text, const char *what, uint64_t *size)
{
	size_t len = strlen(text);
	unsigned int shift = len ? fc_unit_shift(text[len - 1]) : 0;
	unsigned long long value;
	char digits[FC_WORD];
	bool hex;

	snprintf(digits, sizeof(digits), "%.*s", (int)(shift ? len - 1 : len), text);
	hex = !strncmp(digits, "0x", 2);
	if (!fc_is_all(digits + (hex ? 2 : 0), hex ? 16 : 10) || len >= sizeof(digits))
		return fc_fail(FC_USAGE, "%s: '%s' is not a size like 64K", what, text);
	errno = 0;
	value = strtoull(digits + (hex ? 2 : 0), NULL, hex ? 16 : 10);
	if (errno || (value & (value - 1)) || value << shift >> shift != value)
		return fc_fail(FC_USAGE, "%s: %s is not a power of two", what, text);
	*size = value << shift;
	return FC_SUCCESS;
}

static int fc_set_bar(struct fpga_card_image_function *fn, unsigned int bar,
		      const char *value, const char *what)
{
	uint64_t size = 0;
	int ret = fc_parse_size(value, what, &size);

	if (!ret)
		fn->bar[bar] = htole64(size);
	return ret;
}

static int fc_set_sub(struct fpga_card_image_function *fn, const char *value,
		      const char *what)
{
	uint16_t ids[2];
	int ret = fc_parse_ids(value, what, true, ids);

	if (ret)
		return ret;
	fn->subsystem_vendor = htole16(ids[0]);
	fn->subsystem_device = htole16(ids[1]);
	return FC_SUCCESS;
}

static const char * const fc_keys[] = {
	"bar0", "bar1", "bar2", "bar3", "bar4", "bar5", "sub", "class", "vfs", "leg",
};

static int fc_find_key(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fc_keys); i++) {
		if (!strcmp(fc_keys[i], key))
			return (int)i;
	}
	return -1;
}

static int fc_set_key(struct fpga_card_image_function *fn, int key, const char *value)
{
	char what[FC_WORD];
	uint32_t number;
	int ret;

	snprintf(what, sizeof(what), "--function: %s", fc_keys[key]);
	switch (key) {
	case 6:
		return fc_set_sub(fn, value, what);
	case 7:
		ret = fc_parse_number(value, what, FPGA_CARD_IMAGE_CLASS_MAX, 16, &number);
		if (!ret)
			fn->class = htole32(number);
		return ret;
	case 8:
		ret = fc_parse_number(value, what, UINT16_MAX, 10, &number);
		if (!ret)
			fn->total_vfs = htole16((uint16_t)number);
		return ret;
	case 9:
		ret = fc_parse_number(value, what, FPGA_CARD_IMAGE_LEG_MAX, 10, &number);
		if (!ret)
			fn->leg = (uint8_t)number;
		return ret;
	default:
		return fc_set_bar(fn, (unsigned int)key, value, what);
	}
}

/* @field is KEY=VALUE, and is cut apart. */
static int fc_parse_field(char *field, unsigned int *seen,
			  struct fpga_card_image_function *fn)
{
	char *equals = strchr(field, '=');
	int key;

	if (!equals)
		return fc_fail(FC_USAGE, "--function: '%s' is not KEY=VALUE", field);
	*equals = '\0';
	key = fc_find_key(field);
	if (key < 0)
		return fc_fail(FC_USAGE, "--function: there is no '%s'", field);
	if (*seen & 1U << key)
		return fc_fail(FC_USAGE, "--function: %s is there twice", field);
	*seen |= 1U << key;
	return fc_set_key(fn, key, equals + 1);
}

/* What no image says of a function */
static void fc_default_function(struct fpga_card_image_function *fn)
{
	memset(fn, 0, sizeof(*fn));
	fn->leg = FPGA_CARD_IMAGE_LEG_NONE;
	fn->subsystem_vendor = htole16(FPGA_CARD_IMAGE_ANY);
	fn->subsystem_device = htole16(FPGA_CARD_IMAGE_ANY);
	fn->class = htole32(FPGA_CARD_IMAGE_CLASS_ANY);
}

/* Returns an exit code. */
int fc_parse_function(const char *spec, struct fpga_card_image_function *fn)
{
	char text[2 * FC_SPEC], *rest = text, *field;
	unsigned int seen = 0;
	uint16_t ids[2];
	int ret;

	fc_default_function(fn);
	if (strlen(spec) >= sizeof(text))
		return fc_fail(FC_USAGE, "--function: the description is too long");
	fc_copy(text, sizeof(text), spec);
	field = strsep(&rest, ",");
	if (!rest)
		return fc_fail(FC_USAGE, "--function: '%s' has no VENDOR:DEVICE", spec);
	ret = fc_parse_devfn(field, &fn->devfn);
	if (!ret)
		ret = fc_parse_ids(strsep(&rest, ","), "--function", false, ids);
	if (ret)
		return ret;
	fn->vendor = htole16(ids[0]);
	fn->device = htole16(ids[1]);
	while (!ret && rest)
		ret = fc_parse_field(strsep(&rest, ","), &seen, fn);
	return ret;
}

static void fc_format_id(uint16_t id, char *buf, size_t size)
{
	snprintf(buf, size, id == FPGA_CARD_IMAGE_ANY ? "any" : "%04x", id);
}

/* As fc_parse_ids() reads them */
void fc_format_ids(uint16_t vendor, uint16_t device, char *buf, size_t size)
{
	char first[8], second[8];

	fc_format_id(vendor, first, sizeof(first));
	fc_format_id(device, second, sizeof(second));
	snprintf(buf, size, "%s:%s", first, second);
}

void fc_format_place(const struct fpga_card_image_function *fn, char *buf, size_t size)
{
	snprintf(buf, size, "%02x.%d", fn->devfn >> 3, fn->devfn & 7);
}

/* Appends to @buf, which has room for all that a function can have. */
static __printf(3, 4) void fc_add_text(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf + len, size - len, fmt, args);
	va_end(args);
}

static void fc_add_bars(const struct fpga_card_image_function *fn, char *buf, size_t size)
{
	static const char units[] = "GMK";
	unsigned int i, shift;
	uint64_t bytes;
	size_t unit;

	for (i = 0; i < FPGA_CARD_IMAGE_BARS; i++) {
		bytes = le64toh(fn->bar[i]);
		if (!bytes)
			continue;
		for (unit = 0; units[unit]; unit++) {
			shift = fc_unit_shift(units[unit]);
			if (!(bytes & ((1ULL << shift) - 1)))
				break;
		}
		shift = units[unit] ? fc_unit_shift(units[unit]) : 0;
		fc_add_text(buf, size, ",bar%u=%llu%.1s", i,
			    (unsigned long long)(bytes >> shift), &units[unit]);
	}
}

/* As fc_parse_function() reads it */
void fc_format_function(const struct fpga_card_image_function *fn, char *buf, size_t size)
{
	char ids[16];

	fc_format_place(fn, buf, size);
	fc_format_ids(le16toh(fn->vendor), le16toh(fn->device), ids, sizeof(ids));
	fc_add_text(buf, size, ",%s", ids);
	fc_format_ids(le16toh(fn->subsystem_vendor), le16toh(fn->subsystem_device), ids,
		      sizeof(ids));
	if (strcmp(ids, "any:any"))
		fc_add_text(buf, size, ",sub=%s", ids);
	if (le32toh(fn->class) != FPGA_CARD_IMAGE_CLASS_ANY)
		fc_add_text(buf, size, ",class=%06x", le32toh(fn->class));
	if (fn->total_vfs)
		fc_add_text(buf, size, ",vfs=%u", le16toh(fn->total_vfs));
	if (fn->leg != FPGA_CARD_IMAGE_LEG_NONE)
		fc_add_text(buf, size, ",leg=%u", fn->leg);
	fc_add_bars(fn, buf, size);
}
