// SPDX-License-Identifier: GPL-2.0-only
/*
 * The structure of an overlay: header, nodes, properties, names. What passes can
 * be unflattened. All walks are libfdt's, which stays within the bytes.
 */

#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/libfdt.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "blob.h"

/* Of the header of version 17, which is the one that all compilers write. */
#define OF_OVL_HEADER_SIZE	sizeof(struct fdt_header)

/* What the kernel allocates in one piece for the nodes. */
static_assert((OF_OVL_NODES_MAX *
	       (sizeof(struct device_node) + sizeof(struct property) +
		2 * (OF_OVL_NAME_MAX + 1) + 32) +
	       OF_OVL_PROPS_MAX * (sizeof(struct property) + 16)) <
	      KMALLOC_MAX_SIZE);

/* A block of the blob, by its offset and size. */
struct of_ovl_block {
	const char *name;
	u64 start;
	u64 size;
};

/* The kernel patches properties in place: no block may be part of another. */
static int of_ovl_check_blocks(const void *fdt, int n_reserved,
			       struct of_ovl_why *why)
{
	const struct of_ovl_block blocks[] = {
		{ "header", 0, OF_OVL_HEADER_SIZE },
		{ "memory reserve map", fdt_off_mem_rsvmap(fdt),
		  (n_reserved + 1) * sizeof(struct fdt_reserve_entry) },
		{ "structure", fdt_off_dt_struct(fdt), fdt_size_dt_struct(fdt) },
		{ "strings", fdt_off_dt_strings(fdt),
		  fdt_size_dt_strings(fdt) },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		for (j = 0; j < i; j++) {
			if (blocks[i].start < blocks[j].start + blocks[j].size &&
			    blocks[j].start < blocks[i].start + blocks[i].size)
				return of_ovl_refuse(why, "the overlay's %s and %s overlap",
						     blocks[j].name,
						     blocks[i].name);
		}
	}
	return 0;
}

static int of_ovl_check_header(const void *data, size_t len,
			       struct of_ovl_why *why)
{
	int n;

	if (len < OF_OVL_HEADER_SIZE)
		return of_ovl_refuse(why, "%zu bytes are too few for an overlay",
				     len);
	if (fdt_magic(data) != FDT_MAGIC)
		return of_ovl_refuse(why, "this is no compiled overlay (.dtbo)");
	if (len > OF_OVL_SIZE_MAX)
		return of_ovl_refuse(why, "the overlay has more than %u bytes",
				     OF_OVL_SIZE_MAX);
	if (fdt_totalsize(data) > len)
		return of_ovl_refuse(why, "the overlay is truncated: %zu bytes of %u",
				     len, fdt_totalsize(data));
	if (fdt_totalsize(data) < len)
		return of_ovl_refuse(why,
				     "the overlay has %u bytes, and %zu follow that are not part of it",
				     fdt_totalsize(data),
				     len - fdt_totalsize(data));
	if (fdt_version(data) < FDT_LAST_SUPPORTED_VERSION ||
	    fdt_last_comp_version(data) > FDT_LAST_SUPPORTED_VERSION)
		return of_ovl_refuse(why,
				     "the overlay's format is version %u, compatible with %u: compile it with dtc -V 17",
				     fdt_version(data),
				     fdt_last_comp_version(data));
	if (fdt_off_dt_struct(data) % 4 || fdt_off_mem_rsvmap(data) % 8)
		return of_ovl_refuse(why, "the overlay's header has offsets that are not aligned");
	if (fdt_check_header(data))
		return of_ovl_refuse(why, "the overlay's header points outside of it");
	n = fdt_num_mem_rsv(data);
	if (n < 0)
		return of_ovl_refuse(why, "the overlay's memory reserve map has no end");
	if (n)
		return of_ovl_refuse(why,
				     "the overlay reserves memory, which only the tree of the boot loader can");
	return of_ovl_check_blocks(data, n, why);
}

/*
 * The next tag at *@offset, which moves on. FDT_END also for what is no tag, with
 * *@offset negative.
 */
static u32 of_ovl_next_tag(const void *fdt, int *offset)
{
	int next;
	u32 tag = fdt_next_tag(fdt, *offset, &next);

	*offset = next;
	return tag;
}

static int of_ovl_count(struct of_ovl_blob *blob, struct of_ovl_why *why)
{
	int offset = 0, at;
	u32 tag;

	do {
		at = offset;
		tag = of_ovl_next_tag(blob->fdt, &offset);
		if (offset < 0)
			return of_ovl_refuse(why,
					     "the overlay is damaged at offset 0x%x of its structure",
					     at);
		blob->n_nodes += tag == FDT_BEGIN_NODE;
		blob->n_props += tag == FDT_PROP;
	} while (tag != FDT_END);

	if (!blob->n_nodes)
		return of_ovl_refuse(why, "the overlay has no nodes");
	if (blob->n_nodes > OF_OVL_NODES_MAX)
		return of_ovl_refuse(why, "the overlay has %u nodes, more than %u",
				     blob->n_nodes, OF_OVL_NODES_MAX);
	if (blob->n_props > OF_OVL_PROPS_MAX)
		return of_ovl_refuse(why, "the overlay has %u properties, more than %u",
				     blob->n_props, OF_OVL_PROPS_MAX);
	return 0;
}

static bool of_ovl_name_ok(const char *name, const char *extra)
{
	size_t len = strnlen(name, OF_OVL_NAME_MAX + 1);
	size_t i;

	if (!len || len > OF_OVL_NAME_MAX || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return false;
	for (i = 0; i < len; i++) {
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr(extra, name[i])))
			return false;
	}
	return true;
}

/* A name, and maybe an address: sysfs and paths take no others. */
static bool of_ovl_node_name_ok(const char *name)
{
	const char *at = strchr(name, '@');

	return of_ovl_name_ok(name, ",._+-@") && at != name &&
	       (!at || (at[1] && !strchr(at + 1, '@')));
}

/**
 * struct of_ovl_walk - how far the reading has come
 * @blob: what is filled
 * @cur: the node that is open, NULL before the root and after it
 * @last: last child of each node that is open, by depth
 * @depth: number of nodes that are open
 * @node: next free one
 * @prop: next free one
 */
struct of_ovl_walk {
	struct of_ovl_blob *blob;
	struct of_ovl_node *cur;
	struct of_ovl_node *last[OF_OVL_DEPTH_MAX + 2];
	unsigned int depth;
	struct of_ovl_node *node;
	struct of_ovl_prop *prop;
};

/* As the kernel compares them: not by case. */
static bool of_ovl_has_node(const struct of_ovl_node *parent, const char *name)
{
	const struct of_ovl_node *child;

	for (child = parent->child; child; child = child->next) {
		if (!of_node_cmp(child->name, name))
			return true;
	}
	return false;
}

static int of_ovl_begin_node(struct of_ovl_walk *walk, const char *name,
			     int offset, struct of_ovl_why *why)
{
	struct of_ovl_node *parent = walk->cur, *node = walk->node;
	char buf[OF_OVL_PATH_MAX];

	if (!parent && node != walk->blob->nodes)
		return of_ovl_refuse(why, "the overlay has more than one root");
	if (!parent && name[0])
		return of_ovl_refuse(why, "the overlay's root has a name");
	if (parent && !of_ovl_node_name_ok(name))
		return of_ovl_refuse(why,
				     "%s has a node whose name the kernel cannot take (offset 0x%x)",
				     of_ovl_path(parent, buf), offset);
	if (parent && of_ovl_has_node(parent, name))
		return of_ovl_refuse(why, "%s has the node %s twice",
				     of_ovl_path(parent, buf), name);
	if (walk->depth > OF_OVL_DEPTH_MAX)
		return of_ovl_refuse(why, "the overlay has nodes more than %u deep",
				     OF_OVL_DEPTH_MAX);

	node->name = name;
	node->parent = parent;
	node->props = walk->prop;
	if (parent && walk->last[walk->depth])
		walk->last[walk->depth]->next = node;
	else if (parent)
		parent->child = node;
	walk->last[walk->depth] = node;
	walk->depth++;
	walk->last[walk->depth] = NULL;
	walk->cur = node;
	walk->node++;
	return 0;
}

static int of_ovl_add_prop(struct of_ovl_walk *walk,
			   const struct fdt_property *raw, int offset,
			   struct of_ovl_why *why)
{
	struct of_ovl_node *node = walk->cur;
	char buf[OF_OVL_PATH_MAX];
	const char *name;

	if (!node)
		return of_ovl_refuse(why, "the overlay has a property outside of its root");
	name = fdt_get_string(walk->blob->fdt, fdt32_to_cpu(raw->nameoff), NULL);
	if (!name || !of_ovl_name_ok(name, ",._+*#?-"))
		return of_ovl_refuse(why,
				     "%s has a property whose name the kernel cannot take (offset 0x%x)",
				     of_ovl_path(node, buf), offset);
	/* The kernel would not see it. */
	if (node->child)
		return of_ovl_refuse(why, "%s has the property %s behind its nodes",
				     of_ovl_path(node, buf), name);
	if (of_ovl_prop(node, name))
		return of_ovl_refuse(why, "%s has the property %s twice",
				     of_ovl_path(node, buf), name);

	walk->prop->name = name;
	walk->prop->value = (const u8 *)raw->data;
	walk->prop->len = fdt32_to_cpu(raw->len);
	walk->prop++;
	node->n_props++;
	return 0;
}

static int of_ovl_end_node(struct of_ovl_walk *walk, struct of_ovl_why *why)
{
	if (!walk->cur)
		return of_ovl_refuse(why, "the overlay ends a node that it has not begun");
	walk->cur = walk->cur->parent;
	walk->depth--;
	return 0;
}

static int of_ovl_fill(struct of_ovl_blob *blob, struct of_ovl_why *why)
{
	const void *base = blob->fdt + fdt_off_dt_struct(blob->fdt);
	struct of_ovl_walk walk = {
		.blob = blob,
		.node = blob->nodes,
		.prop = blob->props,
	};
	int offset = 0, at, ret = 0;
	u32 tag;

	do {
		at = offset;
		tag = of_ovl_next_tag(blob->fdt, &offset);
		if (tag == FDT_BEGIN_NODE)
			ret = of_ovl_begin_node(&walk, base + at + FDT_TAGSIZE,
						at, why);
		else if (tag == FDT_END_NODE)
			ret = of_ovl_end_node(&walk, why);
		else if (tag == FDT_PROP)
			ret = of_ovl_add_prop(&walk, base + at, at, why);
	} while (!ret && tag != FDT_END);

	if (!ret && walk.cur)
		return of_ovl_refuse(why, "the overlay does not end all nodes that it begins");
	return ret;
}

/**
 * of_ovl_blob_read() - take an overlay apart
 * @blob: what to fill, all zero
 * @data: the bytes, aligned to 8, which have to stay
 * @len: how many
 * @why: why not
 *
 * Return: 0, or a negative errno
 */
int of_ovl_blob_read(struct of_ovl_blob *blob, const void *data, size_t len,
		     struct of_ovl_why *why)
{
	int ret;

	ret = of_ovl_check_header(data, len, why);
	if (ret)
		return ret;
	blob->fdt = data;
	blob->size = len;
	ret = of_ovl_count(blob, why);
	if (ret)
		return ret;
	blob->nodes = kvcalloc(blob->n_nodes, sizeof(*blob->nodes), GFP_KERNEL);
	blob->props = kvcalloc(max(blob->n_props, 1U), sizeof(*blob->props),
			       GFP_KERNEL);
	blob->patched = kvcalloc(BITS_TO_LONGS(len / 4 + 1), sizeof(long),
				 GFP_KERNEL);
	if (!blob->nodes || !blob->props || !blob->patched) {
		of_ovl_refuse(why, "no memory");
		return -ENOMEM;
	}
	return of_ovl_fill(blob, why);
}

