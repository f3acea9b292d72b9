// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which overlay is on top of which. The kernel only removes one that no later one
 * is on top of; here it is known beforehand, so that rmdir can be refused.
 */

#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "overlay.h"

static LIST_HEAD(of_ovl_list);

/* Nothing but an allocation sleeps with this lock held. */
static DEFINE_MUTEX(of_ovl_list_lock);

static struct configfs_subsystem *of_ovl_subsys(struct config_item *item)
{
	return to_config_group(item->ci_parent)->cg_subsys;
}

static void of_ovl_stack_unpin(struct of_ovl_overlay *ov)
{
	struct of_ovl_overlay *below;

	while (ov->n_below) {
		below = ov->below[--ov->n_below];
		below->above--;
		if (below->item)
			configfs_undepend_item_unlocked(below->item);
	}
}

/* @below cannot be removed until @ov is. */
static int of_ovl_stack_pin(struct of_ovl_overlay *ov,
			    struct of_ovl_overlay *below,
			    struct of_ovl_why *why)
{
	if (below->state == OF_OVL_STUCK) {
		of_ovl_refuse(why,
			      "the kernel holds on to these nodes since the overlay \"%s\": reboot",
			      below->name);
		return -EBUSY;
	}
	if (below->state != OF_OVL_APPLIED || below->going ||
	    (below->item &&
	     configfs_depend_item_unlocked(of_ovl_subsys(below->item),
					   below->item))) {
		of_ovl_refuse(why,
			      "the overlay \"%s\", for the same nodes, is just being applied or removed",
			      below->name);
		return -EBUSY;
	}
	below->above++;
	ov->below[ov->n_below++] = below;
	return 0;
}

static int of_ovl_stack_pin_all(struct of_ovl_overlay *ov,
				struct of_ovl_why *why)
{
	struct of_ovl_overlay *other;
	int ret;

	list_for_each_entry(other, &of_ovl_list, node) {
		if (!of_ovl_plan_overlaps(ov->touched, ov->n_touched,
					  other->touched, other->n_touched))
			continue;
		ret = of_ovl_stack_pin(ov, other, why);
		if (ret) {
			of_ovl_stack_unpin(ov);
			return ret;
		}
	}
	return 0;
}

static void of_ovl_overlay_free(struct of_ovl_overlay *ov)
{
	unsigned int i;

	for (i = 0; i < ov->n_touched; i++)
		kfree(ov->touched[i]);
	kvfree(ov->touched);
	kfree(ov->below);
	kfree(ov->name);
	kfree(ov);
}

static struct of_ovl_overlay *of_ovl_overlay_new(struct config_item *item,
						 struct of_ovl_plan *plan)
{
	struct of_ovl_overlay *ov = kzalloc(sizeof(*ov), GFP_KERNEL);
	unsigned int i;

	if (!ov)
		return NULL;
	ov->item = item;
	ov->name = kstrdup(config_item_name(item), GFP_KERNEL);
	ov->below = kcalloc(list_count_nodes(&of_ovl_list) + 1,
			    sizeof(*ov->below), GFP_KERNEL);
	ov->touched = kvcalloc(plan->n_touched + 1, sizeof(*ov->touched),
			       GFP_KERNEL);
	if (!ov->name || !ov->below || !ov->touched)
		goto err_free;
	for (i = 0; i < plan->n_touched; i++) {
		ov->touched[i] = kstrdup(plan->touched[i], GFP_KERNEL);
		if (!ov->touched[i])
			goto err_free;
		ov->n_touched++;
	}
	return ov;

err_free:
	of_ovl_overlay_free(ov);
	return NULL;
}

/**
 * of_ovl_stack_add() - put an overlay on top of those that it needs
 * @item: its directory
 * @plan: what it does
 * @why: why not
 *
 * Return: the overlay, in the state OF_OVL_LOADING, or an ERR_PTR()
 */
struct of_ovl_overlay *of_ovl_stack_add(struct config_item *item,
					struct of_ovl_plan *plan,
					struct of_ovl_why *why)
{
	struct of_ovl_overlay *ov;
	int ret;

	mutex_lock(&of_ovl_list_lock);
	ov = of_ovl_overlay_new(item, plan);
	if (!ov) {
		of_ovl_refuse(why, "no memory");
		ret = -ENOMEM;
		goto out_unlock;
	}
	ret = of_ovl_stack_pin_all(ov, why);
	if (ret)
		of_ovl_overlay_free(ov);
	else
		list_add_tail(&ov->node, &of_ovl_list);

out_unlock:
	mutex_unlock(&of_ovl_list_lock);
	return ret ? ERR_PTR(ret) : ov;
}

/**
 * of_ovl_stack_blame() - say which overlay occupies a region
 * @np: the region's node
 * @why: where to; stays as it is if it is none of ours
 */
void of_ovl_stack_blame(const struct device_node *np, struct of_ovl_why *why)
{
	char *path = kasprintf(GFP_KERNEL, "%pOF", np);
	struct of_ovl_overlay *ov;
	unsigned int i;

	if (!path)
		return;
	mutex_lock(&of_ovl_list_lock);
	list_for_each_entry(ov, &of_ovl_list, node) {
		for (i = 0; i < ov->n_touched; i++) {
			if (!strcmp(ov->touched[i], path))
				of_ovl_refuse(why, "the region is occupied by the overlay \"%s\"",
					      ov->name);
		}
	}
	mutex_unlock(&of_ovl_list_lock);
	kfree(path);
}

/**
 * of_ovl_stack_del() - forget an overlay that is not in the live tree
 * @ov: the overlay, freed
 */
void of_ovl_stack_del(struct of_ovl_overlay *ov)
{
	mutex_lock(&of_ovl_list_lock);
	of_ovl_stack_unpin(ov);
	list_del(&ov->node);
	mutex_unlock(&of_ovl_list_lock);
	of_ovl_overlay_free(ov);
}

/**
 * of_ovl_stack_set() - an overlay has come further
 * @ov: the overlay
 * @state: how far
 */
void of_ovl_stack_set(struct of_ovl_overlay *ov, enum of_ovl_state state)
{
	mutex_lock(&of_ovl_list_lock);
	ov->state = state;
	mutex_unlock(&of_ovl_list_lock);
}

/**
 * of_ovl_stack_take() - begin to remove an overlay that is applied
 * @ov: the overlay
 * @why: why not
 *
 * Return: 0, and it is in the state OF_OVL_REMOVING, or -EBUSY if another one is
 * on top of it
 */
int of_ovl_stack_take(struct of_ovl_overlay *ov, struct of_ovl_why *why)
{
	struct of_ovl_overlay *other;
	unsigned int i;
	int ret = 0;

	mutex_lock(&of_ovl_list_lock);
	if (!ov->above) {
		ov->state = OF_OVL_REMOVING;
		goto out_unlock;
	}
	list_for_each_entry(other, &of_ovl_list, node) {
		for (i = 0; i < other->n_below; i++) {
			if (other->below[i] == ov)
				of_ovl_refuse(why, "the overlay \"%s\" is on top of it",
					      other->name);
		}
	}
	ret = -EBUSY;

out_unlock:
	mutex_unlock(&of_ovl_list_lock);
	return ret;
}

/**
 * of_ovl_stack_going() - the directory of an overlay is just being removed
 * @ov: the overlay
 *
 * No other one can be put on top of it any more.
 */
void of_ovl_stack_going(struct of_ovl_overlay *ov)
{
	mutex_lock(&of_ovl_list_lock);
	ov->going = true;
	ov->item = NULL;
	mutex_unlock(&of_ovl_list_lock);
}

/**
 * of_ovl_stack_orphan() - find an overlay whose directory is gone
 *
 * Return: one that could be removed now, or NULL
 */
struct of_ovl_overlay *of_ovl_stack_orphan(void)
{
	struct of_ovl_overlay *ov, *found = NULL;

	mutex_lock(&of_ovl_list_lock);
	list_for_each_entry(ov, &of_ovl_list, node) {
		if (!ov->item && ov->going && ov->state == OF_OVL_APPLIED &&
		    !ov->above)
			found = ov;
	}
	mutex_unlock(&of_ovl_list_lock);
	return found;
}
