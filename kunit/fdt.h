/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flattened device-tree overlays, written by hand: from the root to the end, one
 * node or property after the other.
 */
#ifndef _FPGA_CARD_KUNIT_FDT_H
#define _FPGA_CARD_KUNIT_FDT_H

#include <kunit/test.h>
#include <linux/types.h>

/* A flattened tree has its numbers in big endian. */
#define FDT_WORDS_MAX	1024
#define FDT_STRINGS_MAX	1024

/**
 * struct fdt - an overlay that is being written
 * @test: fails if the overlay gets too large
 * @words: the structure
 * @count: words of that so far
 * @strings: names of properties
 * @strings_len: bytes of that so far
 */
struct fdt {
	struct kunit *test;
	__be32 words[FDT_WORDS_MAX];
	unsigned int count;
	char strings[FDT_STRINGS_MAX];
	unsigned int strings_len;
};

struct fdt *fdt_start(struct kunit *test);
void fdt_fragment(struct fdt *fdt, const char *target);
void fdt_fragment_end(struct fdt *fdt);
void fdt_node(struct fdt *fdt, const char *name);
void fdt_node_end(struct fdt *fdt);
void fdt_prop(struct fdt *fdt, const char *name, const void *value, size_t len);
void fdt_flag(struct fdt *fdt, const char *name);
void fdt_string(struct fdt *fdt, const char *name, const char *value);
void fdt_u32(struct fdt *fdt, const char *name, u32 value);
int fdt_apply(struct fdt *fdt, int *id);

#endif /* _FPGA_CARD_KUNIT_FDT_H */
