// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of things: the images are loaded first, without any lock of the device
 * tree's, then the overlay is applied, then its devices are made. And back.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/of.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "compat/of-overlay.h"
#include "overlay.h"

/*
 * How often an overlay without a directory is tried to be removed: somebody may want its
 * region next.
 */
#define OF_OVL_AGAIN	(HZ / 10)

static bool of_ovl_any_target;
module_param_named(any_target, of_ovl_any_target, bool, 0644);
MODULE_PARM_DESC(any_target,
		 "take overlays that change more of the device tree than the regions of FPGA cards (default: N)");

/*
 * Held while the live tree is changed, or looked at to be changed; never while an
 * image is loaded.
 */
static DEFINE_MUTEX(of_ovl_tree_lock);

/**
 * struct of_ovl_seen - what the kernel's notifiers tell of an overlay
 * @task: who applies it
 * @asked: how many of its parts have got through all notifiers before the kernel
 *	would build the change
 * @applied: the change was made
 */
struct of_ovl_seen {
	struct task_struct *task;
	unsigned int asked;
	bool applied;
};

static struct of_ovl_seen of_ovl_seen;

static bool of_ovl_is_ours(void)
{
	return READ_ONCE(of_ovl_seen.task) == current;
}

static int of_ovl_notify_first(struct notifier_block *nb, unsigned long action,
			       void *arg)
{
	if (action == OF_OVERLAY_POST_APPLY && of_ovl_is_ours())
		of_ovl_seen.applied = true;
	return NOTIFY_DONE;
}

static int of_ovl_notify_last(struct notifier_block *nb, unsigned long action,
			      void *arg)
{
	if (action == OF_OVERLAY_PRE_APPLY && of_ovl_is_ours())
		of_ovl_seen.asked++;
	return NOTIFY_DONE;
}

static struct notifier_block of_ovl_first = {
	.notifier_call = of_ovl_notify_first,
	.priority = INT_MAX,
};

static struct notifier_block of_ovl_last = {
	.notifier_call = of_ovl_notify_last,
	.priority = INT_MIN,
};

/* Lets go of the regions. */
static void of_ovl_let_go(struct of_ovl_overlay *ov)
{
	while (ov->n_claims)
		fpga_card_overlay_end(ov->claims[--ov->n_claims]);
}

static int of_ovl_begin(struct of_ovl_overlay *ov, struct of_ovl_plan *plan,
			struct of_ovl_why *why)
{
	unsigned int i;
	int ret;

	for (i = 0; i < plan->n_regions; i++) {
		ret = fpga_card_overlay_begin(plan->regions[i].np, ov->name,
					      &plan->regions[i].info,
					      &ov->claims[i], why->text,
					      sizeof(why->text));
		if (ret) {
			of_ovl_let_go(ov);
			return ret;
		}
		ov->n_claims++;
	}
	return 0;
}

/*
 * What the kernel did not apply it wants to be told to remove, or it leaks. But a
 * change that it began to build and did not make it would take back all the same,
 * and damage the tree; that one has to stay.
 */
static void of_ovl_clean_up(struct of_ovl_overlay *ov,
			    const struct of_ovl_plan *plan)
{
	if (!ov->id)
		return;
	if (!of_ovl_seen.applied && of_ovl_seen.asked >= plan->fragments) {
		pr_err("the kernel could not build the change of the overlay \"%s\": its memory is lost, and what it would have changed stays as it is until the next boot\n",
		       ov->name);
		of_ovl_stack_set(ov, OF_OVL_STUCK);
		return;
	}
	if (of_overlay_remove(&ov->id) && ov->id)
		pr_err("the kernel could not take back the overlay \"%s\"\n",
		       ov->name);
}

/* With of_ovl_tree_lock held. ov->id is not 0 if the kernel has it after all. */
static int of_ovl_insert(struct of_ovl_overlay *ov,
			 const struct of_ovl_plan *plan, struct of_ovl_why *why)
{
	int ret;

	of_ovl_seen = (struct of_ovl_seen){ .task = current };
	ret = compat_of_overlay_fdt_apply(plan->blob->fdt, plan->blob->size,
					  &ov->id);
	WRITE_ONCE(of_ovl_seen.task, NULL);
	if (!ret)
		return 0;
	of_ovl_refuse(why, "the kernel did not apply it (error %d): its log says more",
		      ret);
	of_ovl_clean_up(ov, plan);
	return ret;
}

/* The live tree may have changed while the image was loaded. */
static int of_ovl_insert_checked(struct of_ovl_overlay *ov,
				 const struct of_ovl_plan *plan,
				 struct of_ovl_why *why)
{
	struct of_ovl_plan again;
	int ret;

	mutex_lock(&of_ovl_tree_lock);
	ret = of_ovl_plan_make(&again, plan->blob, READ_ONCE(of_ovl_any_target),
			       why);
	if (!ret && !of_ovl_plan_is_same(plan, &again)) {
		of_ovl_refuse(why, "the live tree has changed in the meantime");
		ret = -EAGAIN;
	}
	/* The kernel expects that nobody else has references. */
	of_ovl_plan_free(&again);
	if (!ret)
		ret = of_ovl_insert(ov, plan, why);
	mutex_unlock(&of_ovl_tree_lock);
	return ret;
}

static void of_ovl_applied_again(struct of_ovl_overlay *ov, unsigned int n)
{
	struct of_ovl_why why;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (fpga_card_overlay_applied(ov->claims[i], why.text,
					      sizeof(why.text)))
			pr_warn("the devices of the overlay \"%s\" did not come back: %s\n",
				ov->name, why.text);
	}
}

static int of_ovl_removing(struct of_ovl_overlay *ov, struct of_ovl_why *why)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ov->n_claims; i++) {
		ret = fpga_card_overlay_removing(ov->claims[i]);
		if (ret) {
			of_ovl_refuse(why, "its card is just being loaded");
			of_ovl_applied_again(ov, i);
			return ret;
		}
	}
	return 0;
}

/* What was applied goes again: ov->id tells if it did. */
static int of_ovl_extract(struct of_ovl_overlay *ov, struct of_ovl_why *why)
{
	int ret;

	ret = of_ovl_removing(ov, why);
	if (ret)
		return ret;
	mutex_lock(&of_ovl_tree_lock);
	ret = of_overlay_remove(&ov->id);
	mutex_unlock(&of_ovl_tree_lock);
	/* A notifier failed after the kernel had applied it. */
	if (!ov->id)
		return 0;
	of_ovl_refuse(why, "the kernel did not remove it (error %d): its log says more",
		      ret);
	of_ovl_applied_again(ov, ov->n_claims);
	return ret ?: -EBUSY;
}

static int of_ovl_make_devices(struct of_ovl_overlay *ov,
			       struct of_ovl_why *why)
{
	struct of_ovl_why other;
	unsigned int i;
	int ret;

	for (i = 0; i < ov->n_claims; i++) {
		ret = fpga_card_overlay_applied(ov->claims[i], why->text,
						sizeof(why->text));
		if (ret) {
			of_ovl_extract(ov, &other);
			return ret;
		}
	}
	return 0;
}

static void of_ovl_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(of_ovl_again_work, of_ovl_again);

/* Overlays without a directory, as soon as they can go. */
static void of_ovl_again(struct work_struct *work)
{
	struct of_ovl_overlay *ov;
	struct of_ovl_why why;

	while ((ov = of_ovl_stack_orphan())) {
		if (of_ovl_remove(ov, &why)) {
			schedule_delayed_work(&of_ovl_again_work, OF_OVL_AGAIN);
			return;
		}
		module_put(THIS_MODULE);
	}
}

/**
 * of_ovl_remove_later() - remove an overlay whose directory is gone
 * @ov: the overlay, which could not be removed
 */
void of_ovl_remove_later(struct of_ovl_overlay *ov)
{
	__module_get(THIS_MODULE);
	of_ovl_stack_going(ov);
	schedule_delayed_work(&of_ovl_again_work, OF_OVL_AGAIN);
}

/* Remove all of it; an overlay that the kernel keeps stays in the list. */
static void of_ovl_give_up(struct of_ovl_overlay *ov)
{
	if (!ov->id) {
		of_ovl_let_go(ov);
		of_ovl_stack_del(ov);
	} else if (ov->state == OF_OVL_STUCK) {
		of_ovl_let_go(ov);
		of_ovl_stack_going(ov);
		__module_get(THIS_MODULE);
	} else {
		of_ovl_stack_set(ov, OF_OVL_APPLIED);
		of_ovl_remove_later(ov);
	}
}

static int of_ovl_apply_plan(struct config_item *item,
			     struct of_ovl_plan *plan,
			     struct of_ovl_overlay **overlay,
			     struct of_ovl_why *why)
{
	struct of_ovl_overlay *ov;
	int ret;

	ov = of_ovl_stack_add(item, plan, why);
	mutex_unlock(&of_ovl_tree_lock);
	if (IS_ERR(ov))
		return PTR_ERR(ov);
	ret = of_ovl_begin(ov, plan, why);
	if (!ret)
		ret = of_ovl_insert_checked(ov, plan, why);
	if (!ret)
		ret = of_ovl_make_devices(ov, why);
	if (ret) {
		of_ovl_give_up(ov);
		return ret;
	}
	of_ovl_stack_set(ov, OF_OVL_APPLIED);
	*overlay = ov;
	return 0;
}

/**
 * of_ovl_apply() - load what an overlay asks for and apply it
 * @item: its directory, which stays at least until this returns
 * @data: its bytes, aligned to 8
 * @len: how many
 * @ov: for the overlay
 * @why: why not
 *
 * Takes as long as the card does.
 *
 * Return: 0, or a negative errno and nothing has been applied
 */
int of_ovl_apply(struct config_item *item, const void *data, size_t len,
		 struct of_ovl_overlay **ov, struct of_ovl_why *why)
{
	struct of_ovl_blob blob;
	struct of_ovl_plan plan;
	int ret;

	ret = of_ovl_blob_parse(&blob, data, len, why);
	if (ret)
		goto out_free_blob;
	ret = mutex_lock_interruptible(&of_ovl_tree_lock);
	if (ret) {
		of_ovl_refuse(why, "interrupted");
		goto out_free_blob;
	}
	ret = of_ovl_plan_make(&plan, &blob, READ_ONCE(of_ovl_any_target), why);
	if (ret == -EBUSY)
		of_ovl_stack_blame(plan.regions[plan.n_regions - 1].np, why);
	if (ret)
		mutex_unlock(&of_ovl_tree_lock);
	else
		ret = of_ovl_apply_plan(item, &plan, ov, why);
	of_ovl_plan_free(&plan);
	if (!ret)
		fpga_card_overlay_sync();

out_free_blob:
	of_ovl_blob_free(&blob);
	return ret;
}

/**
 * of_ovl_remove() - remove an overlay
 * @ov: the overlay, freed if that succeeds
 * @why: why not
 *
 * Return: 0, or a negative errno and it is still applied
 */
int of_ovl_remove(struct of_ovl_overlay *ov, struct of_ovl_why *why)
{
	int ret;

	ret = of_ovl_stack_take(ov, why);
	if (ret)
		return ret;
	ret = of_ovl_extract(ov, why);
	if (ret) {
		of_ovl_stack_set(ov, OF_OVL_APPLIED);
		return ret;
	}
	of_ovl_let_go(ov);
	of_ovl_stack_del(ov);
	fpga_card_overlay_sync();
	/* An overlay below it may wait to be removed. */
	mod_delayed_work(system_wq, &of_ovl_again_work, 0);
	return 0;
}

/**
 * of_ovl_apply_init() - at the module's start
 *
 * Return: 0, or a negative errno
 */
int of_ovl_apply_init(void)
{
	int ret;

	ret = of_overlay_notifier_register(&of_ovl_first);
	if (ret)
		return ret;
	ret = of_overlay_notifier_register(&of_ovl_last);
	if (ret)
		of_overlay_notifier_unregister(&of_ovl_first);
	return ret;
}

/**
 * of_ovl_apply_exit() - at its end, when there is no overlay
 */
void of_ovl_apply_exit(void)
{
	cancel_delayed_work_sync(&of_ovl_again_work);
	of_overlay_notifier_unregister(&of_ovl_last);
	of_overlay_notifier_unregister(&of_ovl_first);
}
