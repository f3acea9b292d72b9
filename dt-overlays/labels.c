// SPDX-License-Identifier: GPL-2.0-only
/* The labels and phandles of an overlay, and those of the live tree. */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/of.h>
#include <linux/string.h>

#include "plan.h"

/* The kernel's mark for a phandle that is none. */
#define OF_OVL_PHANDLE_ILLEGAL	0xdeadbeef

/**
 * of_ovl_label_find() - node of the live tree, by its label
 * @label: the label
 * @np: for the node, referenced
 * @why: why not
 *
 * Return: 0, or -EINVAL
 */
int of_ovl_label_find(const char *label, struct device_node **np,
		      struct of_ovl_why *why)
{
	struct device_node *symbols = of_find_node_by_path("/__symbols__");
	const char *path;
	int ret;

	if (!symbols)
		return of_ovl_refuse(why,
				     "the overlay refers to the label %s, and the live tree has no labels at all: use paths",
				     label);
	ret = of_property_read_string(symbols, label, &path);
	*np = ret ? NULL : of_find_node_by_path(path);
	of_node_put(symbols);
	if (!*np)
		return of_ovl_refuse(why, "the live tree has no label %s",
				     label);
	return 0;
}

/* Labels that the overlay refers to. */
static int of_ovl_labels_check_fixups(const struct of_ovl_blob *blob,
				      struct of_ovl_why *why)
{
	const struct of_ovl_prop *prop;
	struct device_node *np;
	bool bare;
	int ret;

	if (!blob->fixups)
		return 0;
	for (prop = blob->fixups->props; prop < of_ovl_end(blob->fixups); prop++) {
		ret = of_ovl_label_find(prop->name, &np, why);
		if (ret)
			return ret;
		bare = !np->phandle;
		of_node_put(np);
		if (bare)
			return of_ovl_refuse(why,
					     "the node with the label %s has no phandle that one could refer to",
					     prop->name);
	}
	return 0;
}

/* Labels that it brings. */
static int of_ovl_labels_check_symbols(const struct of_ovl_blob *blob,
				       bool any_target, struct of_ovl_why *why)
{
	struct device_node *symbols;
	const struct of_ovl_prop *prop;
	bool taken;

	if (!blob->symbols)
		return 0;
	if (!any_target)
		return of_ovl_refuse(why,
				     "the overlay brings labels for others: compile it without -@");
	symbols = of_find_node_by_path("/__symbols__");
	if (!symbols)
		return of_ovl_refuse(why,
				     "the overlay brings labels, and the live tree has no place for any: compile it without -@");
	taken = false;
	for (prop = blob->symbols->props; prop < of_ovl_end(blob->symbols); prop++) {
		taken = of_find_property(symbols, prop->name, NULL);
		if (taken)
			break;
	}
	of_node_put(symbols);
	return taken ? of_ovl_refuse(why, "the live tree has the label %s already",
				     prop->name) : 0;
}

/* The kernel adds the live tree's largest phandle to each of the overlay's. */
static int of_ovl_labels_check_phandles(const struct of_ovl_blob *blob,
					struct of_ovl_why *why)
{
	struct device_node *np;
	u64 sum = 0;

	if (!blob->max_phandle)
		return 0;
	for (np = of_find_all_nodes(NULL); np; np = of_find_all_nodes(np)) {
		if (np->phandle != OF_OVL_PHANDLE_ILLEGAL)
			sum = max_t(u64, sum, np->phandle);
	}
	sum += 1;
	sum += blob->max_phandle;
	if (sum >= OF_OVL_PHANDLE_ILLEGAL)
		return of_ovl_refuse(why,
				     "phandle 0x%x of the overlay is too large, on top of those of the live tree",
				     blob->max_phandle);
	return 0;
}

/**
 * of_ovl_labels_check() - whether all that an overlay refers to is there
 * @blob: the overlay
 * @any_target: it may bring labels
 * @why: why not
 *
 * Return: 0, or -EINVAL
 */
int of_ovl_labels_check(const struct of_ovl_blob *blob, bool any_target,
			struct of_ovl_why *why)
{
	int ret;

	ret = of_ovl_labels_check_symbols(blob, any_target, why);
	if (!ret)
		ret = of_ovl_labels_check_fixups(blob, why);
	if (!ret)
		ret = of_ovl_labels_check_phandles(blob, why);
	return ret;
}
