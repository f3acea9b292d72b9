// SPDX-License-Identifier: GPL-2.0-only
/* Compiled overlays, made piece by piece. */

#include <asm/byteorder.h>
#include <linux/align.h>
#include <linux/kernel.h>
#include <linux/libfdt.h>
#include <linux/string.h>

#include "overlay-blob.h"

void overlay_put(struct overlay_builder *b, u32 cell)
{
	__be32 raw = cpu_to_be32(cell);

	memcpy(b->structure + b->len, &raw, sizeof(raw));
	b->len += sizeof(raw);
}

static void overlay_bytes(struct overlay_builder *b, const void *bytes, u32 len)
{
	memcpy(b->structure + b->len, bytes, len);
	memset(b->structure + b->len + len, 0, -len & 3);
	b->len += ALIGN(len, 4);
}

void overlay_begin(struct overlay_builder *b, const char *name)
{
	overlay_put(b, FDT_BEGIN_NODE);
	overlay_bytes(b, name, strlen(name) + 1);
}

void overlay_end(struct overlay_builder *b)
{
	overlay_put(b, FDT_END_NODE);
}

void overlay_prop(struct overlay_builder *b, const char *name,
		  const void *value, u32 len)
{
	overlay_put(b, FDT_PROP);
	overlay_put(b, len);
	overlay_put(b, b->strings_len);
	overlay_bytes(b, value, len);
	strscpy(b->strings + b->strings_len, name,
		sizeof(b->strings) - b->strings_len);
	b->strings_len += strlen(name) + 1;
}

void overlay_string(struct overlay_builder *b, const char *name,
		    const char *value)
{
	overlay_prop(b, name, value, strlen(value) + 1);
}

void overlay_cell(struct overlay_builder *b, const char *name, u32 value)
{
	__be32 raw = cpu_to_be32(value);

	overlay_prop(b, name, &raw, sizeof(raw));
}

/* As dtc arranges them. Returns the length. */
size_t overlay_finish(const struct overlay_builder *b, void *data)
{
	size_t rsv = sizeof(struct fdt_header);
	size_t start = rsv + sizeof(struct fdt_reserve_entry);
	struct fdt_header *header = data;
	size_t total = start + b->len + b->strings_len;

	memset(data, 0, start);
	header->magic = cpu_to_fdt32(FDT_MAGIC);
	header->totalsize = cpu_to_fdt32(total);
	header->off_dt_struct = cpu_to_fdt32(start);
	header->off_dt_strings = cpu_to_fdt32(start + b->len);
	header->off_mem_rsvmap = cpu_to_fdt32(rsv);
	header->version = cpu_to_fdt32(17);
	header->last_comp_version = cpu_to_fdt32(16);
	header->size_dt_strings = cpu_to_fdt32(b->strings_len);
	header->size_dt_struct = cpu_to_fdt32(b->len);
	memcpy(data + start, b->structure, b->len);
	memcpy(data + start + b->len, b->strings, b->strings_len);
	return total;
}

static void overlay_call(void (*fn)(struct overlay_builder *b),
			 struct overlay_builder *b)
{
	if (fn)
		fn(b);
}

static void overlay_structure(const struct overlay_case *c,
			      struct overlay_builder *b)
{
	overlay_begin(b, "");
	overlay_call(c->root, b);
	overlay_begin(b, "fragment@0");
	if (c->target)
		c->target(b);
	else
		overlay_string(b, "target-path", "/region");
	overlay_begin(b, "__overlay__");
	overlay_string(b, "firmware-name", "user");
	overlay_call(c->props, b);
	overlay_call(c->nodes, b);
	overlay_end(b);
	overlay_end(b);
	overlay_call(c->behind, b);
	if (c->tail) {
		c->tail(b);
		return;
	}
	overlay_end(b);
	overlay_put(b, FDT_END);
}

/* An overlay for the region, with what the case has wrong. */
size_t overlay_make(const struct overlay_case *c, struct overlay_builder *b,
		    void *data)
{
	size_t len;

	overlay_structure(c, b);
	len = overlay_finish(b, data);
	return c->bytes ? c->bytes(data, len) : len;
}

/* The @i-th 32 bits of what was made. */
void overlay_put_field(void *data, unsigned int i, u32 value)
{
	((__be32 *)data)[i] = cpu_to_be32(value);
}
