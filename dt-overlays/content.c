// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the nodes of an overlay have in them: fragments, and properties that the
 * kernel's core reads without asking how long they are.
 */

#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "blob.h"
#include "region.h"

/* Most cells that the kernel has room for in an address, and behind a phandle. */
#define OF_OVL_ADDRESS_CELLS	4
#define OF_OVL_ARGUMENT_CELLS	16

/* Phandles that mean something else. */
#define OF_OVL_PHANDLE_NONE	0
#define OF_OVL_PHANDLE_MAX	0xdeadbeee

/* Whether the node is below the "__overlay__" of a fragment. */
static bool of_ovl_is_below_content(const struct of_ovl_blob *blob,
				    const struct of_ovl_node *node)
{
	const struct of_ovl_node *up = node->parent;

	while (up && !(up->parent && of_ovl_is_fragment(blob, up->parent) &&
		       !strcmp(up->name, "__overlay__")))
		up = up->parent;
	return up;
}

static bool of_ovl_is_content(const struct of_ovl_blob *blob,
			      const struct of_ovl_node *node)
{
	return node->parent && of_ovl_is_fragment(blob, node->parent) &&
	       !strcmp(node->name, "__overlay__");
}

static int of_ovl_check_phandle(struct of_ovl_blob *blob,
				struct of_ovl_node *node,
				const struct of_ovl_prop *prop,
				struct of_ovl_why *why)
{
	const struct of_ovl_node *other;
	char buf[OF_OVL_PATH_MAX];
	u32 phandle;

	if (prop->len != 4)
		return of_ovl_refuse(why, "phandle of %s has %u bytes instead of 4",
				     of_ovl_path(node, buf), prop->len);
	phandle = of_ovl_cell(prop, 0);
	if (phandle == OF_OVL_PHANDLE_NONE || phandle > OF_OVL_PHANDLE_MAX)
		return of_ovl_refuse(why, "phandle of %s is 0x%x, which stands for none",
				     of_ovl_path(node, buf), phandle);
	for (other = blob->nodes; other < node; other++) {
		if (other->phandle == phandle)
			return of_ovl_refuse(why, "phandle 0x%x of %s is another node's, too",
					     phandle, of_ovl_path(node, buf));
	}
	node->phandle = phandle;
	blob->max_phandle = max(blob->max_phandle, phandle);
	return 0;
}

static int of_ovl_check_cells(const struct of_ovl_node *node,
			      const struct of_ovl_prop *prop,
			      struct of_ovl_why *why)
{
	u32 limit = OF_OVL_ARGUMENT_CELLS;
	char buf[OF_OVL_PATH_MAX];

	if (!strcmp(prop->name, "#address-cells") ||
	    !strcmp(prop->name, "#size-cells"))
		limit = OF_OVL_ADDRESS_CELLS;
	else if (!strcmp(prop->name, "#interrupt-cells"))
		limit -= OF_OVL_ADDRESS_CELLS;
	if (prop->len != 4 || of_ovl_cell(prop, 0) > limit)
		return of_ovl_refuse(why, "%s of %s is not a number up to %u",
				     prop->name, of_ovl_path(node, buf), limit);
	return 0;
}

/* A property of a node that comes into the live tree. */
static int of_ovl_check_prop(struct of_ovl_blob *blob, struct of_ovl_node *node,
			     const struct of_ovl_prop *prop,
			     struct of_ovl_why *why)
{
	char buf[OF_OVL_PATH_MAX];

	if (!strcmp(prop->name, "phandle"))
		return of_ovl_check_phandle(blob, node, prop, why);
	if (of_ovl_is_cells(prop->name))
		return of_ovl_check_cells(node, prop, why);
	if (!strcmp(prop->name, "compatible") && !of_ovl_is_string_list(prop))
		return of_ovl_refuse(why, "compatible of %s is not a list of strings",
				     of_ovl_path(node, buf));
	if ((!strcmp(prop->name, "status") ||
	     !strcmp(prop->name, "device_type") ||
	     !strcmp(prop->name, "model")) && !of_ovl_is_string(prop))
		return of_ovl_refuse(why, "%s of %s is not a string",
				     prop->name, of_ovl_path(node, buf));
	return 0;
}

/* Names which mean something else to the kernel, wherever they are. */
static int of_ovl_check_reserved(const struct of_ovl_node *node,
				 const struct of_ovl_prop *prop,
				 struct of_ovl_why *why)
{
	char buf[OF_OVL_PATH_MAX];

	if (!strcmp(prop->name, "name"))
		return of_ovl_refuse(why,
				     "%s has a property \"name\", which the kernel makes itself",
				     of_ovl_path(node, buf));
	if (!strcmp(prop->name, "linux,phandle") ||
	    !strcmp(prop->name, "ibm,phandle"))
		return of_ovl_refuse(why, "%s has the property %s: compile it with dtc -H epapr",
				     of_ovl_path(node, buf), prop->name);
	return 0;
}

/* A region cannot be made and loaded at once. */
static int of_ovl_check_new_region(const struct of_ovl_node *node,
				   struct of_ovl_why *why)
{
	const struct of_ovl_prop *prop = of_ovl_prop(node, "compatible");
	char buf[OF_OVL_PATH_MAX];

	if (!prop || !of_ovl_is_region_compatible(prop))
		return 0;
	for (prop = node->props; prop < of_ovl_end(node); prop++) {
		if (of_ovl_is_image_prop(prop->name))
			return of_ovl_refuse(why,
					     "%s is a new region and has %s: it takes another overlay to load it",
					     of_ovl_path(node, buf),
					     prop->name);
	}
	return 0;
}

static int of_ovl_check_node(struct of_ovl_blob *blob, struct of_ovl_node *node,
			     struct of_ovl_why *why)
{
	bool below = of_ovl_is_below_content(blob, node);
	bool live = below || of_ovl_is_content(blob, node);
	const struct of_ovl_prop *prop;
	char buf[OF_OVL_PATH_MAX];
	int ret;

	for (prop = node->props; prop < of_ovl_end(node); prop++) {
		ret = of_ovl_check_reserved(node, prop, why);
		if (ret)
			return ret;
		/* Else it is taken for one all the same, and written to. */
		if (!live && !strcmp(prop->name, "phandle"))
			return of_ovl_refuse(why,
					     "%s has a phandle, which only nodes of the live tree can",
					     of_ovl_path(node, buf));
		ret = live ? of_ovl_check_prop(blob, node, prop, why) : 0;
		if (ret)
			return ret;
	}
	return below ? of_ovl_check_new_region(node, why) : 0;
}

static int of_ovl_check_target(const struct of_ovl_node *fragment,
			       struct of_ovl_why *why)
{
	const struct of_ovl_prop *path = of_ovl_prop(fragment, "target-path");
	const struct of_ovl_prop *target = of_ovl_prop(fragment, "target");

	if (path && target)
		return of_ovl_refuse(why, "/%s has both target and target-path",
				     fragment->name);
	if (!path && !target)
		return of_ovl_refuse(why, "/%s has no target",
				     fragment->name);
	if (target && target->len != 4)
		return of_ovl_refuse(why, "target of /%s is not one phandle",
				     fragment->name);
	if (path && (!of_ovl_is_string(path) || path->len > PATH_MAX ||
		     path->value[0] != '/' || strchr(path->value, ':')))
		return of_ovl_refuse(why, "target-path of /%s is not the path of a node",
				     fragment->name);
	return 0;
}

static int of_ovl_check_fragment(const struct of_ovl_node *fragment,
				 struct of_ovl_why *why)
{
	const struct of_ovl_node *child;

	/* The kernel also takes one with an address for what it looks for. */
	if (!strncmp(fragment->name, "__", 2))
		return of_ovl_refuse(why,
				     "/%s is neither a fragment nor anything else that overlays have",
				     fragment->name);
	if (!of_ovl_content(fragment))
		return of_ovl_refuse(why, "/%s is no fragment: it has no node __overlay__",
				     fragment->name);
	for (child = fragment->child; child; child = child->next) {
		if (strcmp(child->name, "__overlay__"))
			return of_ovl_refuse(why, "/%s has a node besides __overlay__: %s",
					     fragment->name, child->name);
	}
	return of_ovl_check_target(fragment, why);
}

static int of_ovl_check_fragments(const struct of_ovl_blob *blob,
				  struct of_ovl_why *why)
{
	const struct of_ovl_node *node;
	unsigned int n = 0;
	int ret;

	for (node = blob->nodes->child; node; node = node->next) {
		if (!of_ovl_is_fragment(blob, node))
			continue;
		ret = of_ovl_check_fragment(node, why);
		if (ret)
			return ret;
		n++;
	}
	return n ? 0 : of_ovl_refuse(why,
				     "the overlay has no fragment, so that it changes nothing");
}

/**
 * of_ovl_blob_check_content() - look at fragments and properties
 * @blob: the overlay
 * @why: why not
 *
 * Return: 0, or -EINVAL
 */
int of_ovl_blob_check_content(struct of_ovl_blob *blob, struct of_ovl_why *why)
{
	unsigned int i;
	int ret;

	blob->symbols = of_ovl_child(blob->nodes, "__symbols__");
	blob->fixups = of_ovl_child(blob->nodes, "__fixups__");
	blob->local_fixups = of_ovl_child(blob->nodes, "__local_fixups__");

	ret = of_ovl_check_fragments(blob, why);
	for (i = 0; !ret && i < blob->n_nodes; i++)
		ret = of_ovl_check_node(blob, &blob->nodes[i], why);
	return ret;
}
