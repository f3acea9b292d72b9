/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flattened device-tree overlays, written by hand: from the root to the end, one
 * node or property after the other.
 */
#ifndef _FPGA_CARD_KUNIT_DTBO_H
#define _FPGA_CARD_KUNIT_DTBO_H

#include <kunit/test.h>
#include <linux/types.h>

/* A flattened tree has its numbers in big endian. */
#define FDT_WORDS_MAX	1024
#define FDT_STRINGS_MAX	1024

/**
 * struct dtbo - an overlay that is being written
 * @test: fails if the overlay gets too large
 * @words: the structure
 * @count: words of that so far
 * @strings: names of properties
 * @strings_len: bytes of that so far
 */
struct dtbo {
	struct kunit *test;
	__be32 words[FDT_WORDS_MAX];
	unsigned int count;
	char strings[FDT_STRINGS_MAX];
	unsigned int strings_len;
};

struct dtbo *dtbo_start(struct kunit *test);
void dtbo_fragment(struct dtbo *fdt, const char *target);
void dtbo_fragment_end(struct dtbo *fdt);
void dtbo_node(struct dtbo *fdt, const char *name);
void dtbo_node_end(struct dtbo *fdt);
void dtbo_prop(struct dtbo *fdt, const char *name, const void *value,
	       size_t len);
void dtbo_flag(struct dtbo *fdt, const char *name);
void dtbo_string(struct dtbo *fdt, const char *name, const char *value);
void dtbo_u32(struct dtbo *fdt, const char *name, u32 value);
int dtbo_apply(struct dtbo *fdt, int *id);

#endif /* _FPGA_CARD_KUNIT_DTBO_H */
