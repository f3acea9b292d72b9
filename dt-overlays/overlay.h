/* SPDX-License-Identifier: GPL-2.0-only */
/* Overlays that are applied, or about to be. */
#ifndef _OF_OVL_OVERLAY_H
#define _OF_OVL_OVERLAY_H

#include <linux/list.h>

#include "plan.h"

struct config_item;
struct of_ovl_overlay;

/**
 * enum of_ovl_state - how far an overlay has come
 * @OF_OVL_LOADING: on its way into the live tree
 * @OF_OVL_APPLIED: in the live tree
 * @OF_OVL_REMOVING: on its way out
 * @OF_OVL_STUCK: the kernel could neither apply it nor take it back
 */
enum of_ovl_state {
	OF_OVL_LOADING,
	OF_OVL_APPLIED,
	OF_OVL_REMOVING,
	OF_OVL_STUCK,
};

/**
 * struct of_ovl_overlay - an overlay
 * @node: in the list of all
 * @item: its directory; NULL once that is gone
 * @name: its name
 * @going: the directory is just being removed
 * @state: how far it has come
 * @touched: paths of the nodes that it changes
 * @n_touched: number of elements of @touched
 * @below: those that it is on top of, which stay as long as it does
 * @n_below: number of elements of @below
 * @above: number of those that are on top of it
 * @id: the kernel's
 * @claims: the regions that it has loaded
 * @n_claims: number of elements of @claims
 *
 * All up to @above is covered by the lock of the list. The rest is for the one
 * who loads or removes it.
 */
struct of_ovl_overlay {
	struct list_head node;
	struct config_item *item;
	char *name;
	bool going;
	enum of_ovl_state state;
	char **touched;
	unsigned int n_touched;
	struct of_ovl_overlay **below;
	unsigned int n_below;
	unsigned int above;
	int id;
	struct fpga_card_overlay *claims[OF_OVL_REGIONS_MAX];
	unsigned int n_claims;
};

int of_ovl_apply(struct config_item *item, const void *data, size_t len,
		 struct of_ovl_overlay **ov, struct of_ovl_why *why);
int of_ovl_remove(struct of_ovl_overlay *ov, struct of_ovl_why *why);
void of_ovl_remove_later(struct of_ovl_overlay *ov);
int of_ovl_apply_init(void);
void of_ovl_apply_exit(void);

/* Which is on top of which, in stack.c */
struct of_ovl_overlay *of_ovl_stack_add(struct config_item *item,
					struct of_ovl_plan *plan,
					struct of_ovl_why *why);
void of_ovl_stack_del(struct of_ovl_overlay *ov);
void of_ovl_stack_set(struct of_ovl_overlay *ov, enum of_ovl_state state);
int of_ovl_stack_take(struct of_ovl_overlay *ov, struct of_ovl_why *why);
void of_ovl_stack_blame(const struct device_node *np, struct of_ovl_why *why);
void of_ovl_stack_going(struct of_ovl_overlay *ov);
struct of_ovl_overlay *of_ovl_stack_orphan(void);

int of_ovl_configfs_init(void);
void of_ovl_configfs_exit(void);

#endif /* _OF_OVL_OVERLAY_H */
