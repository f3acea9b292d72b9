/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiled overlays, made piece by piece, so that pieces can be wrong. */
#ifndef _FPGA_CARD_KUNIT_OVERLAY_BLOB_H
#define _FPGA_CARD_KUNIT_OVERLAY_BLOB_H

#include <linux/types.h>

struct kunit;
struct of_ovl_why;

#define OVERLAY_STRUCTURE_MAX	(256 * 1024)
#define OVERLAY_STRINGS_MAX	(256 * 1024)

/**
 * struct overlay_builder - an overlay that is being made
 * @structure: its structure block
 * @len: how much of it there is
 * @strings: its strings block
 * @strings_len: how much of it there is
 */
struct overlay_builder {
	u8 structure[OVERLAY_STRUCTURE_MAX];
	size_t len;
	char strings[OVERLAY_STRINGS_MAX];
	size_t strings_len;
};

void overlay_put(struct overlay_builder *b, u32 cell);
void overlay_begin(struct overlay_builder *b, const char *name);
void overlay_end(struct overlay_builder *b);
void overlay_prop(struct overlay_builder *b, const char *name,
		  const void *value, u32 len);
void overlay_string(struct overlay_builder *b, const char *name,
		    const char *value);
void overlay_cell(struct overlay_builder *b, const char *name, u32 value);
size_t overlay_finish(const struct overlay_builder *b, void *data);

/* Of what overlay_finish() makes. */
#define OVERLAY_BYTES_MAX	(OVERLAY_STRUCTURE_MAX + OVERLAY_STRINGS_MAX + 64)

/**
 * struct overlay_case - an overlay with one thing wrong
 * @name: what
 * @why: what is said of it; NULL if it is taken
 * @root: puts properties to the root
 * @target: puts the target, instead of a path
 * @props: puts properties to what the fragment changes
 * @nodes: puts nodes there
 * @behind: puts something behind the fragment
 * @tail: ends the structure, instead of the root's end
 * @bytes: changes the bytes; returns how many there are
 */
struct overlay_case {
	const char *name;
	const char *why;
	void (*root)(struct overlay_builder *b);
	void (*target)(struct overlay_builder *b);
	void (*props)(struct overlay_builder *b);
	void (*nodes)(struct overlay_builder *b);
	void (*behind)(struct overlay_builder *b);
	void (*tail)(struct overlay_builder *b);
	size_t (*bytes)(void *data, size_t len);
};

size_t overlay_make(const struct overlay_case *c, struct overlay_builder *b,
		    void *data);

void overlay_put_field(void *data, unsigned int i, u32 value);

/* Cases, in overlay-suite.c */
int overlay_init(struct kunit *test);
void overlay_exit(struct kunit *test);
void overlay_describe(const struct overlay_case *c, char *desc);
void overlay_check(struct kunit *test);

/* Pieces */

#define NODE(_fn, _name)						\
static void _fn(struct overlay_builder *b)				\
{									\
	overlay_begin(b, _name);					\
	overlay_end(b);							\
}

#define PROP(_fn, _name, _value, _len)					\
static void _fn(struct overlay_builder *b)				\
{									\
	overlay_prop(b, _name, _value, _len);				\
}

#define OVERLAY_CASE(_name, _why, _field, _fn)				\
	{ .name = _name, .why = _why, ._field = _fn }

#endif /* _FPGA_CARD_KUNIT_OVERLAY_BLOB_H */
