// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which nodes of the live tree an overlay changes, and whether it may. The kernel cannot
 * take back what it could not build: what it would stumble over while it builds is found
 * here. One file, as every check looks at the same plan and none is called from outside.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "plan.h"
#include "region.h"

static struct device_node *of_ovl_live_child(const struct device_node *np,
					     const char *name)
{
	struct device_node *child;

	for_each_child_of_node(np, child) {
		if (!of_node_cmp(kbasename(child->full_name), name))
			return child;
	}
	return NULL;
}

static bool of_ovl_is_live_child(const struct device_node *np, const char *name)
{
	struct device_node *child = of_ovl_live_child(np, name);

	of_node_put(child);
	return child;
}

/* A property that the kernel leaves out. */
static bool of_ovl_is_idle(const struct device_node *np,
			   const struct of_ovl_prop *prop)
{
	const void *value;
	int len;

	if (!strcmp(prop->name, "phandle"))
		return true;
	if (strcmp(prop->name, "#address-cells") &&
	    strcmp(prop->name, "#size-cells"))
		return false;
	value = of_get_property(np, prop->name, &len);
	return value && len == prop->len && !memcmp(value, prop->value, len);
}

/* Takes over the reference. */
static int of_ovl_add_site(struct of_ovl_plan *plan, struct device_node *np,
			   const struct of_ovl_node *node, bool top,
			   struct of_ovl_why *why)
{
	struct of_ovl_site *site = &plan->sites[plan->n_sites++];

	site->np = np;
	site->node = node;
	site->top = top;
	if (np->parent && !np->parent->parent &&
	    of_node_name_eq(np, "__symbols__"))
		return of_ovl_refuse(why, "the labels of the live tree cannot be changed");
	return 0;
}

static int of_ovl_find_target(struct of_ovl_plan *plan,
			      const struct of_ovl_node *fragment,
			      struct of_ovl_why *why)
{
	const struct of_ovl_prop *prop = of_ovl_prop(fragment, "target-path");
	struct device_node *np;
	int ret;

	if (prop) {
		np = of_find_node_by_path(prop->value);
		if (!np)
			return of_ovl_refuse(why, "the live tree has no node %s",
					     (const char *)prop->value);
	} else {
		prop = of_ovl_prop(fragment, "target");
		ret = of_ovl_label_find(prop->label, &np, why);
		if (ret)
			return ret;
	}
	plan->fragments++;
	return of_ovl_add_site(plan, np, of_ovl_content(fragment), true, why);
}

/* Two fragments at one node: the kernel would build both, and fail. */
static int of_ovl_check_pair(const struct of_ovl_site *a,
			     const struct of_ovl_site *b, struct of_ovl_why *why)
{
	const struct of_ovl_node *child, *other;
	const struct of_ovl_prop *prop;

	for (prop = a->node->props; prop < of_ovl_end(a->node); prop++) {
		if (!of_ovl_is_idle(a->np, prop) &&
		    of_ovl_prop(b->node, prop->name))
			return of_ovl_refuse(why, "two fragments set the property %s of %pOF",
					     prop->name, a->np);
	}
	for (child = a->node->child; child; child = child->next) {
		if (of_ovl_is_live_child(a->np, child->name))
			continue;
		for (other = b->node->child; other; other = other->next) {
			if (!of_node_cmp(child->name, other->name))
				return of_ovl_refuse(why, "two fragments make the node %s of %pOF",
						     child->name, a->np);
		}
	}
	return 0;
}

static int of_ovl_check_site_props(const struct of_ovl_site *site,
				   struct of_ovl_why *why)
{
	const struct device_node *np = site->np;
	bool aliases = np->parent && !np->parent->parent &&
		       of_node_name_eq(np, "aliases");
	const struct of_ovl_prop *prop;

	for (prop = site->node->props; prop < of_ovl_end(site->node); prop++) {
		if (!site->top && !strcmp(prop->name, "phandle"))
			return of_ovl_refuse(why, "%pOF is there already and cannot get a phandle",
					     np);
		if ((!strcmp(prop->name, "#address-cells") ||
		     !strcmp(prop->name, "#size-cells")) &&
		    of_find_property(np, prop->name, NULL) &&
		    !of_ovl_is_idle(np, prop))
			return of_ovl_refuse(why, "%s of %pOF cannot be changed",
					     prop->name, np);
		/* Whoever looks up an alias takes it for a string. */
		if (aliases && !of_ovl_is_string(prop) &&
		    strcmp(prop->name, "phandle"))
			return of_ovl_refuse(why, "the alias %s is not a string",
					     prop->name);
	}
	return 0;
}

/*
 * The number of cells in addresses (sizes) below @node, which is what the overlay
 * has for @site, or below that.
 */
static u32 of_ovl_cells(const struct of_ovl_site *site,
			const struct of_ovl_node *node, bool size)
{
	const char *name = size ? "#size-cells" : "#address-cells";
	const struct of_ovl_prop *prop;
	u32 cells;

	for (;; node = node->parent) {
		prop = of_ovl_prop(node, name);
		if (prop)
			return of_ovl_cell(prop, 0);
		if (node == site->node)
			break;
	}
	if (!of_property_read_u32(site->np, name, &cells))
		return cells;
	return size ? of_n_size_cells(site->np) : of_n_addr_cells(site->np);
}

/* The kernel takes an address out of it without asking how long it is. */
static int of_ovl_check_reg(const struct of_ovl_site *site,
			    const struct of_ovl_node *node,
			    struct of_ovl_why *why)
{
	const struct of_ovl_prop *reg = of_ovl_prop(node, "reg");
	char buf[OF_OVL_PATH_MAX];
	u32 cells;

	if (!reg)
		return 0;
	if (node == site->node)
		cells = of_n_addr_cells(site->np) + of_n_size_cells(site->np);
	else
		cells = of_ovl_cells(site, node->parent, false) +
			of_ovl_cells(site, node->parent, true);
	if (!reg->len || !cells || reg->len % (4 * cells))
		return of_ovl_refuse(why,
				     "reg of %s has %u bytes, which is not one or more times %u cells",
				     of_ovl_path(node, buf), reg->len, cells);
	return 0;
}

static unsigned int of_ovl_live_depth(const struct device_node *np)
{
	unsigned int depth = 0;

	for (; np->parent; np = np->parent)
		depth++;
	return depth;
}

/* The kernel recurses over the live tree, too: no overlay on overlay for ever. */
static int of_ovl_check_new(const struct of_ovl_site *site,
			    const struct of_ovl_node *top,
			    struct of_ovl_why *why)
{
	unsigned int depth = of_ovl_live_depth(site->np) + 1;
	const struct of_ovl_node *node = top;
	int ret;

	if (!site->np->parent && !strncmp(top->name, "__", 2))
		return of_ovl_refuse(why,
				     "a node called %s would mean something else to the kernel",
				     top->name);
	for (;;) {
		if (depth > OF_OVL_DEPTH_MAX)
			return of_ovl_refuse(why, "the live tree would be more than %u nodes deep",
					     OF_OVL_DEPTH_MAX);
		ret = of_ovl_check_reg(site, node, why);
		if (ret)
			return ret;
		if (node->child) {
			node = node->child;
			depth++;
			continue;
		}
		while (node != top && !node->next) {
			node = node->parent;
			depth--;
		}
		if (node == top)
			return 0;
		node = node->next;
	}
}

static int of_ovl_touch(struct of_ovl_plan *plan, const struct device_node *np,
			const char *name, struct of_ovl_why *why)
{
	char *path;

	if (!name)
		path = kasprintf(GFP_KERNEL, "%pOF", np);
	else if (np->parent)
		path = kasprintf(GFP_KERNEL, "%pOF/%s", np, name);
	else
		path = kasprintf(GFP_KERNEL, "/%s", name);
	if (!path) {
		of_ovl_refuse(why, "no memory");
		return -ENOMEM;
	}
	plan->touched[plan->n_touched++] = path;
	return 0;
}

/* What the fragments have for the site's node, and for those below. */
static int of_ovl_plan_site(struct of_ovl_plan *plan, unsigned int index,
			    bool any_target, struct of_ovl_why *why)
{
	const struct of_ovl_site *site = &plan->sites[index];
	const struct of_ovl_node *child;
	const struct of_ovl_prop *prop;
	struct device_node *np;
	bool touched = false;
	int ret;

	ret = of_ovl_check_site_props(site, why);
	if (!ret)
		ret = of_ovl_check_reg(site, site->node, why);
	if (ret)
		return ret;
	for (prop = site->node->props; prop < of_ovl_end(site->node); prop++)
		touched |= !of_ovl_is_idle(site->np, prop);
	ret = touched ? of_ovl_touch(plan, site->np, NULL, why) : 0;

	for (child = site->node->child; child; child = child->next) {
		if (ret)
			return ret;
		np = of_ovl_live_child(site->np, child->name);
		if (np && !any_target) {
			of_node_put(np);
			return of_ovl_refuse(why, "the node %s of %pOF is there already",
					     child->name, site->np);
		}
		if (np) {
			ret = of_ovl_add_site(plan, np, child, false, why);
			continue;
		}
		ret = of_ovl_check_new(site, child, why);
		if (!ret)
			ret = of_ovl_touch(plan, site->np, child->name, why);
	}
	return ret;
}

static int of_ovl_plan_region(struct of_ovl_plan *plan,
			      const struct of_ovl_site *site,
			      struct of_ovl_why *why)
{
	struct of_ovl_region *region = plan->regions;

	while (region < plan->regions + plan->n_regions &&
	       region->np != site->np)
		region++;
	if (region == plan->regions + ARRAY_SIZE(plan->regions))
		return of_ovl_refuse(why, "the overlay loads more than %u regions",
				     OF_OVL_REGIONS_MAX);
	if (region == plan->regions + plan->n_regions) {
		plan->n_regions++;
		region->np = of_node_get(site->np);
	}
	/* Rather than that what the other one has is there already. */
	if (of_find_property(site->np, "firmware-name", NULL) ||
	    of_find_property(site->np, "external-fpga-config", NULL)) {
		of_ovl_refuse(why,
			      "%pOF names an image already: the overlay that does has to be removed first",
			      site->np);
		return -EBUSY;
	}
	return of_ovl_region_info(&region->info, site->node, why);
}

static int of_ovl_plan_regions(struct of_ovl_plan *plan, bool any_target,
			       struct of_ovl_why *why)
{
	const struct of_ovl_site *site;
	unsigned int i;
	int ret;

	for (i = 0; i < plan->n_sites; i++) {
		site = &plan->sites[i];
		if (fpga_card_overlay_is_region(site->np)) {
			ret = of_ovl_plan_region(plan, site, why);
			if (ret)
				return ret;
		} else if (!any_target) {
			of_ovl_refuse(why,
				      "%pOF is not the region of a card (the parameter any_target of of_overlay_configfs allows others)",
				      site->np);
			return -EACCES;
		}
	}
	if (!any_target && plan->n_regions > 1)
		return of_ovl_refuse(why, "the overlay has fragments for more than one region");
	return 0;
}

static int of_ovl_plan_pairs(struct of_ovl_plan *plan, struct of_ovl_why *why)
{
	unsigned int i, j;
	int ret;

	for (i = 0; i < plan->n_sites; i++) {
		for (j = 0; j < i; j++) {
			if (plan->sites[i].np != plan->sites[j].np)
				continue;
			ret = of_ovl_check_pair(&plan->sites[i],
						&plan->sites[j], why);
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int of_ovl_plan_fill(struct of_ovl_plan *plan, bool any_target,
			    struct of_ovl_why *why)
{
	const struct of_ovl_blob *blob = plan->blob;
	const struct of_ovl_node *node;
	unsigned int i;
	int ret;

	ret = of_ovl_labels_check(blob, any_target, why);
	for (node = blob->nodes->child; node; node = node->next) {
		if (!ret && of_ovl_is_fragment(blob, node))
			ret = of_ovl_find_target(plan, node, why);
	}
	/* Those which are not regions, before what they have in them. */
	if (!ret && !any_target)
		ret = of_ovl_plan_regions(plan, any_target, why);
	/* Grows as it goes. */
	for (i = 0; !ret && i < plan->n_sites; i++)
		ret = of_ovl_plan_site(plan, i, any_target, why);
	if (!ret && any_target)
		ret = of_ovl_plan_regions(plan, any_target, why);
	if (!ret)
		ret = of_ovl_plan_pairs(plan, why);
	if (!ret && blob->symbols) {
		plan->fragments++;
		if (blob->symbols->n_props) {
			plan->touched[plan->n_touched] =
				kstrdup("/__symbols__", GFP_KERNEL);
			ret = plan->touched[plan->n_touched] ? 0 : -ENOMEM;
			plan->n_touched += !ret;
		}
	}
	return ret;
}

/**
 * of_ovl_plan_make() - see what an overlay would do to the live tree
 * @plan: what to fill; for of_ovl_plan_free() also after an error
 * @blob: the overlay, which has to stay
 * @any_target: it may change more than a region
 * @why: why not
 *
 * Return: 0, or a negative errno
 */
int of_ovl_plan_make(struct of_ovl_plan *plan, const struct of_ovl_blob *blob,
		     bool any_target, struct of_ovl_why *why)
{
	memset(plan, 0, sizeof(*plan));
	plan->blob = blob;
	/* No node is more than one site, or more than one path with its own. */
	plan->sites = kvcalloc(blob->n_nodes, sizeof(*plan->sites), GFP_KERNEL);
	plan->touched = kvcalloc(2 * blob->n_nodes + 1, sizeof(*plan->touched),
				 GFP_KERNEL);
	if (!plan->sites || !plan->touched) {
		of_ovl_refuse(why, "no memory");
		return -ENOMEM;
	}
	return of_ovl_plan_fill(plan, any_target, why);
}

/**
 * of_ovl_plan_free() - free what of_ovl_plan_make() allocated and referenced
 * @plan: the plan
 */
void of_ovl_plan_free(struct of_ovl_plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->n_sites; i++)
		of_node_put(plan->sites[i].np);
	for (i = 0; i < plan->n_regions; i++)
		of_node_put(plan->regions[i].np);
	for (i = 0; i < plan->n_touched; i++)
		kfree(plan->touched[i]);
	kvfree(plan->sites);
	kvfree(plan->touched);
	memset(plan, 0, sizeof(*plan));
}

/**
 * of_ovl_plan_is_same() - whether an overlay would still do the same
 * @a: a plan
 * @b: another one of the same overlay
 *
 * Return: whether they are the same
 */
bool of_ovl_plan_is_same(const struct of_ovl_plan *a,
			 const struct of_ovl_plan *b)
{
	unsigned int i;

	if (a->n_regions != b->n_regions || a->n_touched != b->n_touched)
		return false;
	for (i = 0; i < a->n_regions; i++) {
		if (a->regions[i].np != b->regions[i].np)
			return false;
	}
	for (i = 0; i < a->n_touched; i++) {
		if (strcmp(a->touched[i], b->touched[i]))
			return false;
	}
	return true;
}

/* Whether @path is @top or below it. */
static bool of_ovl_is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	if (len == 1)
		return true;
	return !strncasecmp(path, top, len) &&
	       (path[len] == '/' || !path[len]);
}

/**
 * of_ovl_plan_overlaps() - whether the kernel takes one overlay to be on top of
 *	another
 * @a: paths that the one touches
 * @n_a: how many
 * @b: paths that the other touches
 * @n_b: how many
 *
 * Return: whether a node of one is a node of the other, or above or below it
 */
bool of_ovl_plan_overlaps(char * const *a, unsigned int n_a, char * const *b,
			  unsigned int n_b)
{
	unsigned int i, j;

	for (i = 0; i < n_a; i++) {
		for (j = 0; j < n_b; j++) {
			if (of_ovl_is_below(a[i], b[j]) ||
			    of_ovl_is_below(b[j], a[i]))
				return true;
		}
	}
	return false;
}
