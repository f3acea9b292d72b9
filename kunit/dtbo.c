// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flattened device-tree overlays, written by hand. The format is that of the
 * Devicetree Specification v0.4, chapter 5.
 */

#include <linux/of.h>

#include "dtbo.h"

#define FDT_MAGIC_NUMBER	0xd00dfeed
#define FDT_NODE_BEGINS		1
#define FDT_NODE_ENDS		2
#define FDT_PROPERTY		3
#define FDT_ALL_ENDS		9

/* Words of the header, and of the memory reservations, of which there are none. */
#define FDT_HEADER_WORDS	10
#define FDT_RESERVED_WORDS	4

static void dtbo_word(struct dtbo *fdt, u32 word)
{
	KUNIT_ASSERT_LT(fdt->test, fdt->count, FDT_WORDS_MAX);
	fdt->words[fdt->count++] = cpu_to_be32(word);
}

static void dtbo_bytes(struct dtbo *fdt, const void *bytes, size_t len)
{
	unsigned int words = DIV_ROUND_UP(len, sizeof(__be32));

	KUNIT_ASSERT_LE(fdt->test, fdt->count + words, FDT_WORDS_MAX);
	memcpy(&fdt->words[fdt->count], bytes, len);
	fdt->count += words;
}

/* Begins an overlay. */
struct dtbo *dtbo_start(struct kunit *test)
{
	struct dtbo *fdt = kunit_kzalloc(test, sizeof(*fdt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fdt);
	fdt->test = test;
	dtbo_node(fdt, "");
	return fdt;
}

void dtbo_node(struct dtbo *fdt, const char *name)
{
	dtbo_word(fdt, FDT_NODE_BEGINS);
	dtbo_bytes(fdt, name, strlen(name) + 1);
}

void dtbo_node_end(struct dtbo *fdt)
{
	dtbo_word(fdt, FDT_NODE_ENDS);
}

void dtbo_prop(struct dtbo *fdt, const char *name, const void *value,
	       size_t len)
{
	size_t name_len = strlen(name) + 1;

	KUNIT_ASSERT_LE(fdt->test, fdt->strings_len + name_len,
			FDT_STRINGS_MAX);
	dtbo_word(fdt, FDT_PROPERTY);
	dtbo_word(fdt, len);
	dtbo_word(fdt, fdt->strings_len);
	if (len)
		dtbo_bytes(fdt, value, len);
	memcpy(fdt->strings + fdt->strings_len, name, name_len);
	fdt->strings_len += name_len;
}

void dtbo_flag(struct dtbo *fdt, const char *name)
{
	dtbo_prop(fdt, name, NULL, 0);
}

void dtbo_string(struct dtbo *fdt, const char *name, const char *value)
{
	dtbo_prop(fdt, name, value, strlen(value) + 1);
}

void dtbo_u32(struct dtbo *fdt, const char *name, u32 value)
{
	__be32 word = cpu_to_be32(value);

	dtbo_prop(fdt, name, &word, sizeof(word));
}

/* What follows, until dtbo_fragment_end(), is for the node at path @target. */
void dtbo_fragment(struct dtbo *fdt, const char *target)
{
	char name[32];

	/* The names have to differ, and that is all. */
	snprintf(name, sizeof(name), "fragment@%x", fdt->count);
	dtbo_node(fdt, name);
	dtbo_string(fdt, "target-path", target);
	dtbo_node(fdt, "__overlay__");
}

void dtbo_fragment_end(struct dtbo *fdt)
{
	dtbo_node_end(fdt);
	dtbo_node_end(fdt);
}

/* As of_overlay_fdt_apply(). */
int dtbo_apply(struct dtbo *fdt, int *id)
{
	u32 off = (FDT_HEADER_WORDS + FDT_RESERVED_WORDS) * sizeof(__be32);
	u32 struct_len, size;
	__be32 *blob;

	dtbo_node_end(fdt);
	dtbo_word(fdt, FDT_ALL_ENDS);
	struct_len = fdt->count * sizeof(__be32);
	size = off + struct_len + fdt->strings_len;
	blob = kunit_kzalloc(fdt->test, size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fdt->test, blob);

	blob[0] = cpu_to_be32(FDT_MAGIC_NUMBER);
	blob[1] = cpu_to_be32(size);
	blob[2] = cpu_to_be32(off);
	blob[3] = cpu_to_be32(off + struct_len);
	blob[4] = cpu_to_be32(FDT_HEADER_WORDS * sizeof(__be32));
	/* Version 17, compatible with 16; no boot CPU. */
	blob[5] = cpu_to_be32(17);
	blob[6] = cpu_to_be32(16);
	blob[8] = cpu_to_be32(fdt->strings_len);
	blob[9] = cpu_to_be32(struct_len);
	memcpy((u8 *)blob + off, fdt->words, struct_len);
	memcpy((u8 *)blob + off + struct_len, fdt->strings, fdt->strings_len);
	return of_overlay_fdt_apply(blob, size, id, NULL);
}
