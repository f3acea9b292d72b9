/* SPDX-License-Identifier: GPL-2.0-only */
/* What an overlay will do to the live tree. */
#ifndef _OF_OVL_PLAN_H
#define _OF_OVL_PLAN_H

#include <linux/fpga/fpga-card.h>
#include <linux/types.h>

#include "blob.h"

/* Most regions that one overlay can load. */
#define OF_OVL_REGIONS_MAX	8

/**
 * struct of_ovl_site - a node of the live tree that is changed
 * @np: the node, referenced
 * @node: what the overlay has for it
 * @top: @node is what a fragment has for its target
 */
struct of_ovl_site {
	struct device_node *np;
	const struct of_ovl_node *node;
	bool top;
};

/**
 * struct of_ovl_region - a region that is loaded
 * @np: its node, referenced as long as the plan is
 * @info: with what; its strings are in the overlay's bytes
 */
struct of_ovl_region {
	struct device_node *np;
	struct fpga_card_overlay_info info;
};

/**
 * struct of_ovl_plan - what an overlay will do to the live tree
 * @blob: the overlay
 * @sites: nodes that are there already, with those behind the targets
 * @n_sites: number of elements of @sites
 * @regions: those of them that are regions
 * @n_regions: number of elements of @regions
 * @touched: paths of the nodes that the kernel goes by when it is asked which
 *	overlay is on top of which
 * @n_touched: number of elements of @touched
 * @fragments: how many parts of the overlay the kernel tells its notifiers of
 */
struct of_ovl_plan {
	const struct of_ovl_blob *blob;
	struct of_ovl_site *sites;
	unsigned int n_sites;
	struct of_ovl_region regions[OF_OVL_REGIONS_MAX];
	unsigned int n_regions;
	char **touched;
	unsigned int n_touched;
	unsigned int fragments;
};

int of_ovl_plan_make(struct of_ovl_plan *plan, const struct of_ovl_blob *blob,
		     bool any_target, struct of_ovl_why *why);
void of_ovl_plan_free(struct of_ovl_plan *plan);
bool of_ovl_plan_is_same(const struct of_ovl_plan *a,
			 const struct of_ovl_plan *b);
bool of_ovl_plan_overlaps(char * const *a, unsigned int n_a, char * const *b,
			  unsigned int n_b);

/* Labels, in labels.c */
int of_ovl_labels_check(const struct of_ovl_blob *blob, bool any_target,
			struct of_ovl_why *why);
int of_ovl_label_find(const char *label, struct device_node **np,
		      struct of_ovl_why *why);

#endif /* _OF_OVL_PLAN_H */
