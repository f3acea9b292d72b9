// SPDX-License-Identifier: GPL-2.0-only
/*
 * References in an overlay, which the kernel resolves by writing to its
 * properties: __fixups__ and __local_fixups__, and labels for others: __symbols__.
 */

#include <linux/bitops.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include "blob.h"
#include "region.h"

static bool of_ovl_is_label(const char *name)
{
	if (isdigit(name[0]))
		return false;
	while (isalnum(*name) || *name == '_')
		name++;
	return !*name;
}

/* The node of a path "/a/b" that is followed by @end, which is no '/'. */
static struct of_ovl_node *of_ovl_find(const struct of_ovl_blob *blob,
				       const char *path, char end)
{
	const struct of_ovl_node *node = blob->nodes;
	struct of_ovl_node *child = NULL;
	const char stop[] = { '/', end, '\0' };
	size_t len;

	while (*path == '/') {
		path++;
		len = strcspn(path, stop);
		for (child = node->child; child; child = child->next) {
			if (strlen(child->name) == len &&
			    !strncmp(child->name, path, len))
				break;
		}
		if (!child)
			return NULL;
		node = child;
		path += len;
	}
	return *path == end ? child : NULL;
}

/* Whether the node is the "__overlay__" of a fragment, or below one. */
static bool of_ovl_in_content(const struct of_ovl_blob *blob,
			      const struct of_ovl_node *node)
{
	for (; node->parent; node = node->parent) {
		if (of_ovl_is_fragment(blob, node->parent))
			return true;
	}
	return false;
}

/* A property whose value is read before it is patched: no phandle may be put into it. */
static bool of_ovl_is_fixed(const char *name)
{
	static const char * const names[] = {
		"compatible", "device_type", "model", "phandle", "reg", "status",
		"target-path",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return of_ovl_is_cells(name) || of_ovl_is_image_prop(name);
}

/* The phandle at @offset will be written. Each only once. */
static int of_ovl_patch(struct of_ovl_blob *blob, struct of_ovl_node *node,
			struct of_ovl_prop *prop, u64 offset,
			struct of_ovl_why *why)
{
	char buf[OF_OVL_PATH_MAX];

	if (of_ovl_is_fixed(prop->name))
		return of_ovl_refuse(why, "property %s of %s cannot have references",
				     prop->name, of_ovl_path(node, buf));
	if (offset + 4 > prop->len || offset % 4)
		return of_ovl_refuse(why,
				     "a reference is at byte %llu of %s, property %s, which has %u",
				     offset, of_ovl_path(node, buf), prop->name,
				     prop->len);
	if (__test_and_set_bit(((void *)prop->value + offset - blob->fdt) / 4,
			       blob->patched))
		return of_ovl_refuse(why, "two references are at byte %llu of %s, property %s",
				     offset, of_ovl_path(node, buf),
				     prop->name);
	prop->patched = true;
	return 0;
}

/* One "path:property:offset" of a label. */
static int of_ovl_check_fixup(struct of_ovl_blob *blob, const char *label,
			      const char *fixup, struct of_ovl_why *why)
{
	char name[OF_OVL_NAME_MAX + 16], *colon;
	struct of_ovl_node *node;
	struct of_ovl_prop *prop;
	u32 offset;
	int ret;

	node = of_ovl_find(blob, fixup, ':');
	if (!node)
		return of_ovl_refuse(why,
				     "the references to the label %s name a node that is not there",
				     label);
	strscpy(name, strchr(fixup, ':') + 1, sizeof(name));
	colon = strchr(name, ':');
	if (!colon || !isdigit(colon[1]) || kstrtou32(colon + 1, 10, &offset) ||
	    strchr(colon, '\n'))
		return of_ovl_refuse(why,
				     "the references to the label %s are not path:property:offset",
				     label);
	*colon = '\0';
	prop = of_ovl_prop(node, name);
	if (!prop)
		return of_ovl_refuse(why,
				     "the references to the label %s name a property that is not there",
				     label);
	if (!of_ovl_in_content(blob, node) &&
	    !(of_ovl_is_fragment(blob, node) && !strcmp(name, "target")))
		return of_ovl_refuse(why,
				     "the references to the label %s are outside of the fragments",
				     label);
	ret = of_ovl_patch(blob, node, prop, offset, why);
	if (!ret && !offset)
		prop->label = label;
	return ret;
}

static int of_ovl_check_fixups(struct of_ovl_blob *blob, struct of_ovl_why *why)
{
	const struct of_ovl_prop *prop;
	u32 at;
	int ret;

	if (!blob->fixups)
		return 0;
	if (blob->fixups->child)
		return of_ovl_refuse(why, "/__fixups__ has nodes");
	/* The kernel wants the live tree to have labels even so. */
	if (!blob->fixups->n_props)
		return of_ovl_refuse(why, "/__fixups__ is empty");
	for (prop = blob->fixups->props; prop < of_ovl_end(blob->fixups); prop++) {
		if (!of_ovl_is_label(prop->name))
			return of_ovl_refuse(why, "/__fixups__ has a property that is no label: %s",
					     prop->name);
		if (!of_ovl_is_string_list(prop))
			return of_ovl_refuse(why, "the references to the label %s are not strings",
					     prop->name);
		for (at = 0; at < prop->len;
		     at += strlen(prop->value + at) + 1) {
			ret = of_ovl_check_fixup(blob, prop->name,
						 prop->value + at, why);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/* The overlay's own node with that phandle, and new in the live tree. */
static bool of_ovl_has_phandle(const struct of_ovl_blob *blob, u32 phandle)
{
	unsigned int i;

	for (i = 0; i < blob->n_nodes; i++) {
		if (blob->nodes[i].phandle == phandle)
			return of_ovl_in_content(blob, blob->nodes[i].parent);
	}
	return false;
}

/* @fixup: the offsets of the references within the property of that name */
static int of_ovl_check_local_prop(struct of_ovl_blob *blob,
				   const struct of_ovl_prop *fixup,
				   struct of_ovl_node *node,
				   struct of_ovl_why *why)
{
	struct of_ovl_prop *prop = of_ovl_prop(node, fixup->name);
	char buf[OF_OVL_PATH_MAX];
	u32 at, offset;
	int ret;

	if (!of_ovl_in_content(blob, node))
		return of_ovl_refuse(why, "%s has references to the overlay itself",
				     of_ovl_path(node, buf));
	if (!prop)
		return of_ovl_refuse(why,
				     "%s has references in the property %s, which is not there",
				     of_ovl_path(node, buf), fixup->name);
	if (!fixup->len || fixup->len % 4)
		return of_ovl_refuse(why, "/__local_fixups__ has no offsets for %s, property %s",
				     of_ovl_path(node, buf), prop->name);
	for (at = 0; at < fixup->len; at += 4) {
		offset = of_ovl_cell(fixup, at);
		ret = of_ovl_patch(blob, node, prop, offset, why);
		if (ret)
			return ret;
		if (!of_ovl_has_phandle(blob, of_ovl_cell(prop, offset)))
			return of_ovl_refuse(why,
					     "%s, property %s, refers to a node that the overlay does not make",
					     of_ovl_path(node, buf),
					     prop->name);
	}
	return 0;
}

static struct of_ovl_node *of_ovl_next(const struct of_ovl_node *top,
				       struct of_ovl_node *node)
{
	if (node->child)
		return node->child;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

/* The node below the root that has the same path as @mirror below @top. */
static struct of_ovl_node *of_ovl_mirrored(const struct of_ovl_blob *blob,
					   const struct of_ovl_node *top,
					   const struct of_ovl_node *mirror)
{
	const struct of_ovl_node *path[OF_OVL_DEPTH_MAX + 1];
	struct of_ovl_node *node = blob->nodes;
	unsigned int n = 0;

	for (; mirror != top; mirror = mirror->parent)
		path[n++] = mirror;
	while (node && n)
		node = of_ovl_child(node, path[--n]->name);
	return node;
}

static int of_ovl_check_local_fixups(struct of_ovl_blob *blob,
				     struct of_ovl_why *why)
{
	struct of_ovl_node *mirror = blob->local_fixups, *node;
	const struct of_ovl_prop *prop;
	char buf[OF_OVL_PATH_MAX];
	int ret;

	for (; mirror; mirror = of_ovl_next(blob->local_fixups, mirror)) {
		node = of_ovl_mirrored(blob, blob->local_fixups, mirror);
		if (!node)
			return of_ovl_refuse(why, "%s has no counterpart in the overlay",
					     of_ovl_path(mirror, buf));
		for (prop = mirror->props; prop < of_ovl_end(mirror); prop++) {
			ret = of_ovl_check_local_prop(blob, prop, node, why);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int of_ovl_check_symbols(const struct of_ovl_blob *blob,
				struct of_ovl_why *why)
{
	const struct of_ovl_prop *prop;
	const struct of_ovl_node *node;

	if (!blob->symbols)
		return 0;
	if (blob->symbols->child)
		return of_ovl_refuse(why, "/__symbols__ has nodes");
	for (prop = blob->symbols->props; prop < of_ovl_end(blob->symbols); prop++) {
		if (!of_ovl_is_label(prop->name))
			return of_ovl_refuse(why,
					     "/__symbols__ has a property that is no label: %s",
					     prop->name);
		node = NULL;
		if (of_ovl_is_string(prop))
			node = of_ovl_find(blob, prop->value, '\0');
		if (!node || !of_ovl_in_content(blob, node))
			return of_ovl_refuse(why,
					     "the label %s is not at a node that comes into the live tree",
					     prop->name);
	}
	return 0;
}

/* A number would be taken for a phandle of the live tree. */
static int of_ovl_check_targets(const struct of_ovl_blob *blob,
				struct of_ovl_why *why)
{
	const struct of_ovl_prop *target;
	const struct of_ovl_node *node;

	for (node = blob->nodes->child; node; node = node->next) {
		if (!of_ovl_is_fragment(blob, node))
			continue;
		target = of_ovl_prop(node, "target");
		if (target && !target->label)
			return of_ovl_refuse(why,
					     "target of /%s is a number: give a label or a target-path",
					     node->name);
	}
	return 0;
}

/**
 * of_ovl_blob_check_references() - look at what will be written where
 * @blob: the overlay
 * @why: why not
 *
 * Return: 0, or -EINVAL
 */
int of_ovl_blob_check_references(struct of_ovl_blob *blob,
				 struct of_ovl_why *why)
{
	int ret;

	ret = of_ovl_check_fixups(blob, why);
	if (!ret)
		ret = of_ovl_check_local_fixups(blob, why);
	if (!ret)
		ret = of_ovl_check_symbols(blob, why);
	if (!ret)
		ret = of_ovl_check_targets(blob, why);
	return ret;
}
