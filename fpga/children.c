// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an image contains, as children of the region's node: platform devices that
 * are there while the image is.
 */

#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "overlay.h"

/* Not freezable: the removal of a PCI function waits for this work. */
static struct workqueue_struct *fpga_card_children_wq;

static int fpga_card_child_destroy_one(struct device *dev, void *data)
{
	return dev->of_node == data ? of_platform_device_destroy(dev, NULL) : 0;
}

/* Remove the child's device before its node goes. */
void fpga_card_child_remove(struct fpga_card *card,
			    const struct device_node *np)
{
	mutex_lock(&card->of.children_lock);
	device_for_each_child(&card->region->dev, (void *)np,
			      fpga_card_child_destroy_one);
	mutex_unlock(&card->of.children_lock);
}

/*
 * of_platform_depopulate() goes by the node of the parent, and the region's device
 * must not have one: of-fpga-region would take the region for its own then, and
 * program it with of_mutex held.
 */
void fpga_card_children_remove(struct fpga_card *card)
{
	mutex_lock(&card->of.children_lock);
	device_for_each_child_reverse(&card->region->dev, NULL,
				      of_platform_device_destroy);
	mutex_lock(&card->lock);
	WRITE_ONCE(card->of.children, false);
	if (card->of.overlay)
		card->of.overlay->populated = false;
	mutex_unlock(&card->lock);
	mutex_unlock(&card->of.children_lock);
	wake_up_all(&card->wait);
}

static void fpga_card_children_work_fn(struct work_struct *work)
{
	struct fpga_card *card;

	card = container_of(work, struct fpga_card, of.children_work);
	fpga_card_children_remove(card);
	put_device(&card->dev);
}

/*
 * The same in a notifier of the PCI bus, where no platform device can be removed:
 * that calls the notifiers of its own bus, with a lock which lockdep takes for the
 * one held here. The rescan lock is held, for which no child's driver may wait.
 */
void fpga_card_children_drop(struct fpga_card *card)
{
	bool any;

	mutex_lock(&card->lock);
	any = card->of.children;
	mutex_unlock(&card->lock);
	if (!any)
		return;
	get_device(&card->dev);
	if (!queue_work(fpga_card_children_wq, &card->of.children_work))
		put_device(&card->dev);
	wait_event(card->wait, !READ_ONCE(card->of.children));
}

/*
 * The card is dead: no devices come after these have gone. An overlay that its
 * loader does not call back for is forgotten, too; the node shows that it was
 * applied.
 */
void fpga_card_children_leave(struct fpga_card *card)
{
	struct fpga_card_overlay *overlay = NULL;

	fpga_card_children_drop(card);
	mutex_lock(&card->lock);
	if (card->of.overlay && card->of.overlay->foreign)
		swap(overlay, card->of.overlay);
	mutex_unlock(&card->lock);
	fpga_card_overlay_free(overlay);
}

/* The image that the overlay describes runs, as far as can be told. */
static bool fpga_card_overlay_runs(struct fpga_card *card,
				   const struct fpga_card_overlay *overlay)
{
	return !overlay->stale && !strcmp(overlay->image, card->running);
}

/* Whether devices are missing; takes it for done. */
static bool fpga_card_children_due(struct fpga_card *card, bool over)
{
	struct fpga_card_overlay *overlay;
	bool due;

	mutex_lock(&card->lock);
	overlay = card->of.overlay;
	due = overlay && overlay->applied && !overlay->going &&
	      !overlay->populated && !card->dead &&
	      (over || !fpga_card_is_serving_locked(card)) &&
	      fpga_card_overlay_runs(card, overlay);
	if (due) {
		overlay->populated = true;
		WRITE_ONCE(card->of.children, true);
	}
	mutex_unlock(&card->lock);
	return due;
}

/* Those without a device, although they should have one. */
static struct device_node *fpga_card_child_missing(struct device_node *np)
{
	struct device_node *child;

	for_each_available_child_of_node(np, child) {
		if (of_find_property(child, "compatible", NULL) &&
		    !of_node_check_flag(child, OF_POPULATED))
			return child;
	}
	return NULL;
}

static int fpga_card_children_populate(struct fpga_card *card,
				       struct device_node *np,
				       char *why, size_t len)
{
	struct device_node *missing;
	int ret;

	ret = of_platform_default_populate(np, NULL, &card->region->dev);
	/* Else nodes that come later would get their devices from the kernel. */
	of_node_clear_flag(np, OF_POPULATED_BUS);
	if (ret) {
		scnprintf(why, len, "the devices below %pOF could not be made",
			  np);
		return ret;
	}
	missing = fpga_card_child_missing(np);
	if (!missing)
		return 0;
	scnprintf(why, len, "the device of %pOF could not be made", missing);
	of_node_put(missing);
	return -EINVAL;
}

/*
 * Makes the devices if they are wanted and not there yet; nothing is made if that
 * fails. @over: a request comes to its end with this. Otherwise one that is served
 * is left alone: it may have removed them. One that begins meanwhile waits.
 */
int fpga_card_children_make(struct fpga_card *card, bool over, char *why,
			    size_t len)
{
	struct device_node *np;
	int ret = 0;

	mutex_lock(&card->of.children_lock);
	if (!fpga_card_children_due(card, over))
		goto out_unlock;
	np = fpga_card_of_get_node(card);
	if (np) {
		ret = fpga_card_children_populate(card, np, why, len);
		of_node_put(np);
	} else {
		scnprintf(why, len, "the region has no node any more");
		ret = -ENODEV;
	}
	if (ret)
		device_for_each_child_reverse(&card->region->dev, NULL,
					      of_platform_device_destroy);
out_unlock:
	mutex_unlock(&card->of.children_lock);
	return ret;
}

/* The same where nobody waits for the result. */
void fpga_card_children_restore(struct fpga_card *card, bool over)
{
	char why[FPGA_CARD_ERROR_MAX];

	if (fpga_card_children_make(card, over, why, sizeof(why)))
		pci_err(card->port, "FPGA card: %s\n", why);
}

void fpga_card_children_init(struct fpga_card *card)
{
	mutex_init(&card->of.children_lock);
	INIT_WORK(&card->of.children_work, fpga_card_children_work_fn);
}

int fpga_card_children_start(void)
{
	fpga_card_children_wq = alloc_workqueue("fpga-card-children",
						WQ_UNBOUND, 0);
	return fpga_card_children_wq ? 0 : -ENOMEM;
}

void fpga_card_children_stop(void)
{
	if (fpga_card_children_wq)
		destroy_workqueue(fpga_card_children_wq);
	fpga_card_children_wq = NULL;
}
