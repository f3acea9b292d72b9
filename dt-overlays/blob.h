/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An overlay as it comes from outside, taken apart and checked before the kernel
 * sees it. What is here is a function of the bytes alone.
 */
#ifndef _OF_OVL_BLOB_H
#define _OF_OVL_BLOB_H

#include <linux/compiler_attributes.h>
#include <linux/sizes.h>
#include <linux/types.h>

/* Limits: the kernel takes time and memory in the square of these. */
#define OF_OVL_SIZE_MAX		SZ_1M
#define OF_OVL_NODES_MAX	2048
#define OF_OVL_PROPS_MAX	4096

/* Deepest node; the kernel has no room for more (FDT_MAX_DEPTH). */
#define OF_OVL_DEPTH_MAX	62

/* Longest name of a node or property, without the NUL. */
#define OF_OVL_NAME_MAX		127

/* A path in a message, the beginning left out if it is longer. */
#define OF_OVL_PATH_MAX		96

/**
 * struct of_ovl_why - why something was refused
 * @text: a sentence for people; empty if nothing was
 */
struct of_ovl_why {
	char text[256];
};

/**
 * struct of_ovl_prop - a property
 * @name: its name, a string of letters that are allowed
 * @value: its value; aligned to 4 bytes
 * @len: its length
 * @label: label of the node in the live tree whose phandle the kernel puts to
 *	the start of @value, NULL for none
 * @patched: the kernel puts phandles into @value
 */
struct of_ovl_prop {
	const char *name;
	const u8 *value;
	u32 len;
	const char *label;
	bool patched;
};

/**
 * struct of_ovl_node - a node
 * @name: its name, empty for the root
 * @parent: node above, NULL for the root
 * @child: first node below
 * @next: next node with the same @parent
 * @props: its properties
 * @n_props: number of elements of @props
 * @phandle: its phandle, 0 for none
 */
struct of_ovl_node {
	const char *name;
	struct of_ovl_node *parent;
	struct of_ovl_node *child;
	struct of_ovl_node *next;
	struct of_ovl_prop *props;
	unsigned int n_props;
	u32 phandle;
};

/**
 * struct of_ovl_blob - an overlay
 * @fdt: the bytes
 * @size: how many
 * @nodes: the nodes in the order of the bytes, the root first
 * @n_nodes: number of elements of @nodes
 * @props: the properties, likewise
 * @n_props: number of elements of @props
 * @symbols: node "__symbols__" with the labels that the overlay has, or NULL
 * @fixups: node "__fixups__" with the labels that it refers to, or NULL
 * @local_fixups: node "__local_fixups__" with its references to itself, or NULL
 * @patched: a bit for each 4 bytes of @fdt: the kernel puts a phandle there
 * @max_phandle: the largest phandle
 */
struct of_ovl_blob {
	const void *fdt;
	u32 size;
	struct of_ovl_node *nodes;
	unsigned int n_nodes;
	struct of_ovl_prop *props;
	unsigned int n_props;
	struct of_ovl_node *symbols;
	struct of_ovl_node *fixups;
	struct of_ovl_node *local_fixups;
	unsigned long *patched;
	u32 max_phandle;
};

__printf(2, 3)
int of_ovl_refuse(struct of_ovl_why *why, const char *fmt, ...);

int of_ovl_blob_parse(struct of_ovl_blob *blob, const void *data, size_t len,
		      struct of_ovl_why *why);
void of_ovl_blob_free(struct of_ovl_blob *blob);

/* One per concern, in this order: each relies on those before. */
int of_ovl_blob_read(struct of_ovl_blob *blob, const void *data, size_t len,
		     struct of_ovl_why *why);
int of_ovl_blob_check_content(struct of_ovl_blob *blob, struct of_ovl_why *why);
int of_ovl_blob_check_references(struct of_ovl_blob *blob,
				 struct of_ovl_why *why);

const char *of_ovl_path(const struct of_ovl_node *node, char *buf);
struct of_ovl_node *of_ovl_child(const struct of_ovl_node *node,
				 const char *name);
struct of_ovl_prop *of_ovl_prop(const struct of_ovl_node *node,
				const char *name);
bool of_ovl_is_string(const struct of_ovl_prop *prop);
bool of_ovl_is_string_list(const struct of_ovl_prop *prop);
bool of_ovl_is_cells(const char *name);
u32 of_ovl_cell(const struct of_ovl_prop *prop, u32 offset);
bool of_ovl_is_fragment(const struct of_ovl_blob *blob,
			const struct of_ovl_node *node);
struct of_ovl_node *of_ovl_content(const struct of_ovl_node *fragment);

/* Behind the last property of a node. */
static inline struct of_ovl_prop *of_ovl_end(const struct of_ovl_node *node)
{
	return node->props + node->n_props;
}

#endif /* _OF_OVL_BLOB_H */
