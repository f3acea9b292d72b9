// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes and properties of an overlay that was read: by their names, and what is in them.
 */

#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "blob.h"

/**
 * of_ovl_refuse() - say why something is refused
 * @why: where to
 * @fmt: format of the sentence
 *
 * Return: -EINVAL
 */
int of_ovl_refuse(struct of_ovl_why *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return -EINVAL;
}

/**
 * of_ovl_path() - path of a node for a message
 * @node: the node
 * @buf: of OF_OVL_PATH_MAX bytes
 *
 * Return: the path, somewhere in @buf
 */
const char *of_ovl_path(const struct of_ovl_node *node, char *buf)
{
	char *p = buf + OF_OVL_PATH_MAX - 1;
	size_t len;

	*p = '\0';
	if (!node->parent)
		*--p = '/';
	for (; node->parent; node = node->parent) {
		len = strlen(node->name);
		if (p - buf < len + 1 + 3) {
			p -= 3;
			memcpy(p, "...", 3);
			break;
		}
		p -= len;
		memcpy(p, node->name, len);
		*--p = '/';
	}
	return p;
}

/**
 * of_ovl_child() - node below a node, by its name
 * @node: the node
 * @name: the name
 *
 * Return: the node, or NULL
 */
struct of_ovl_node *of_ovl_child(const struct of_ovl_node *node,
				 const char *name)
{
	struct of_ovl_node *child;

	for (child = node->child; child; child = child->next) {
		if (!strcmp(child->name, name))
			return child;
	}
	return NULL;
}

/**
 * of_ovl_prop() - property of a node, by its name
 * @node: the node
 * @name: the name
 *
 * Return: the property, or NULL
 */
struct of_ovl_prop *of_ovl_prop(const struct of_ovl_node *node,
				const char *name)
{
	struct of_ovl_prop *prop;

	for (prop = node->props; prop < of_ovl_end(node); prop++) {
		if (!strcmp(prop->name, name))
			return prop;
	}
	return NULL;
}

/**
 * of_ovl_cell() - 32 bits of a property
 * @prop: the property, which is long enough
 * @offset: where in it, a multiple of 4
 *
 * Return: the bits
 */
u32 of_ovl_cell(const struct of_ovl_prop *prop, u32 offset)
{
	return be32_to_cpup((const __be32 *)(prop->value + offset));
}

/**
 * of_ovl_is_string_list() - whether a property is one or more strings
 * @prop: the property
 *
 * Return: whether each of them has characters, and its NUL
 */
bool of_ovl_is_string_list(const struct of_ovl_prop *prop)
{
	u32 i;

	if (!prop->len || !prop->value[0] || prop->value[prop->len - 1])
		return false;
	for (i = 1; i < prop->len; i++) {
		if (!prop->value[i - 1] && !prop->value[i])
			return false;
	}
	return true;
}

/**
 * of_ovl_is_string() - whether a property is one string
 * @prop: the property
 *
 * Return: whether it has characters, and one NUL, at the end
 */
bool of_ovl_is_string(const struct of_ovl_prop *prop)
{
	return of_ovl_is_string_list(prop) &&
	       strlen(prop->value) == prop->len - 1;
}

/**
 * of_ovl_is_cells() - whether a property is a number of cells, as "#address-cells"
 * @name: its name
 *
 * Return: whether it is
 */
bool of_ovl_is_cells(const char *name)
{
	size_t len = strlen(name);

	return name[0] == '#' && len >= 6 && !strcmp(name + len - 6, "-cells");
}

/**
 * of_ovl_is_fragment() - whether a node is a fragment
 * @blob: the overlay
 * @node: the node
 *
 * Return: whether it is
 */
bool of_ovl_is_fragment(const struct of_ovl_blob *blob,
			const struct of_ovl_node *node)
{
	return node->parent == blob->nodes && node != blob->symbols &&
	       node != blob->fixups && node != blob->local_fixups;
}

/**
 * of_ovl_content() - what a fragment changes
 * @fragment: the fragment
 *
 * Return: its node "__overlay__"
 */
struct of_ovl_node *of_ovl_content(const struct of_ovl_node *fragment)
{
	return of_ovl_child(fragment, "__overlay__");
}
