// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards: which there are, and how long they live.
 */

#include <linux/idr.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "card.h"

static DEFINE_MUTEX(fpga_cards_lock);
static LIST_HEAD(fpga_cards);
static bool fpga_cards_leaving;
static DEFINE_IDA(fpga_card_ida);

struct workqueue_struct *fpga_card_wq;

/* What the floors above do for a card; set before there is any. */
static const struct fpga_card_upper_ops *fpga_card_upper;

/**
 * fpga_card_set_upper - register what the floors above do for a card
 * @ops: that; live as long as there are cards
 *
 * Context: the module's init, before there is any card.
 */
void fpga_card_set_upper(const struct fpga_card_upper_ops *ops)
{
	fpga_card_upper = ops;
}

/**
 * fpga_card_changed - say that a card, its back end or its request came or went
 *
 * Context: any.
 */
void fpga_card_changed(void)
{
	fpga_card_upper->changed();
}

static const struct pci_reload_ops fpga_card_window_ops = {
	.cancelled = fpga_card_cancelled,
	.stuck = fpga_card_window_stuck,
};

static void fpga_card_release(struct device *dev)
{
	struct fpga_card *card = to_fpga_card(dev);

	if (card->region)
		put_device(&card->region->dev);
	if (card->bridge)
		put_device(&card->bridge->dev);
	if (card->mgr)
		put_device(&card->mgr->dev);
	pci_reload_free(card->window);
	pci_dev_put(card->port);
	ida_free(&fpga_card_ida, card->id);
	kfree(card->serving.answer);
	kfree(card->staged);
	kfree(card);
}

static struct fpga_card *fpga_card_alloc(struct pci_dev *port)
{
	struct fpga_card *card;
	int ret;

	card = kzalloc(sizeof(*card), GFP_KERNEL);
	if (!card)
		return ERR_PTR(-ENOMEM);

	ret = ida_alloc(&fpga_card_ida, GFP_KERNEL);
	if (ret < 0)
		goto err_free;
	card->id = ret;

	card->window = pci_reload_alloc(port, &fpga_card_window_ops, card);
	if (IS_ERR(card->window)) {
		ret = PTR_ERR(card->window);
		goto err_free_id;
	}

	card->port = pci_dev_get(port);
	card->bus = port->subordinate->number;
	card->driver_ms = PCI_RELOAD_PATIENCE_MS;
	init_waitqueue_head(&card->wait);
	mutex_init(&card->back_end.lock);
	mutex_init(&card->lock);
	INIT_LIST_HEAD(&card->back_end.images);
	fpga_card_upper->init(card);

	device_initialize(&card->dev);
	card->dev.parent = &port->dev;
	card->dev.release = fpga_card_release;
	ret = dev_set_name(&card->dev, "fpga-card.%d", card->id);
	if (ret) {
		put_device(&card->dev);
		return ERR_PTR(ret);
	}
	return card;

err_free_id:
	ida_free(&fpga_card_ida, card->id);
err_free:
	kfree(card);
	return ERR_PTR(ret);
}

static int fpga_card_register(struct fpga_card *card)
{
	int ret;

	ret = device_add(&card->dev);
	if (ret)
		return ret;
	ret = fpga_card_upper->add(card);
	if (ret) {
		device_del(&card->dev);
		return ret;
	}

	mutex_lock(&card->lock);
	card->registered = true;
	mutex_unlock(&card->lock);
	return 0;
}

/*
 * The card is off the list. Its worker may still hold references; what it uses
 * of the objects stays until it drops them.
 */
static void fpga_card_unregister(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	card->registered = false;
	mutex_unlock(&card->lock);

	fpga_card_upper->del(card);
	device_del(&card->dev);
	put_device(&card->dev);
}

static struct fpga_card *fpga_card_lookup(struct pci_dev *port)
{
	struct fpga_card *card;

	lockdep_assert_held(&fpga_cards_lock);

	list_for_each_entry(card, &fpga_cards, node) {
		if (card->port == port)
			return card;
	}
	return NULL;
}

/* Returns the card below @port with a reference, made if asked for. */
struct fpga_card *fpga_card_get_by_port(struct pci_dev *port, bool create)
{
	struct fpga_card *card;
	int ret;

	mutex_lock(&fpga_cards_lock);
	card = fpga_card_lookup(port);
	if (card || !create || fpga_cards_leaving)
		goto out_get;

	card = fpga_card_alloc(port);
	if (IS_ERR(card))
		goto out_unlock;
	ret = fpga_card_register(card);
	if (ret) {
		put_device(&card->dev);
		card = ERR_PTR(ret);
		goto out_unlock;
	}
	list_add_tail(&card->node, &fpga_cards);
	fpga_card_changed();

out_get:
	if (card)
		get_device(&card->dev);
	else
		card = ERR_PTR(-ENODEV);
out_unlock:
	mutex_unlock(&fpga_cards_lock);
	return card;
}

/**
 * fpga_card_find - the card below a port
 * @port: a downstream port
 *
 * Context: may sleep.
 *
 * Return: the card, to be given back with fpga_card_put(), or NULL.
 */
struct fpga_card *fpga_card_find(struct pci_dev *port)
{
	struct fpga_card *card = fpga_card_get_by_port(port, false);

	return IS_ERR(card) ? NULL : card;
}
EXPORT_SYMBOL_GPL(fpga_card_find);

/**
 * fpga_card_put - give a card back
 * @card: the card
 *
 * Context: may sleep.
 */
void fpga_card_put(struct fpga_card *card)
{
	put_device(&card->dev);
}
EXPORT_SYMBOL_GPL(fpga_card_put);

/* The card with the lowest number above @after, with a reference; NULL for none. */
struct fpga_card *fpga_card_get_next(int after)
{
	struct fpga_card *card, *next = NULL;

	mutex_lock(&fpga_cards_lock);
	list_for_each_entry(card, &fpga_cards, node) {
		if (card->id > after && (!next || card->id < next->id) &&
		    !READ_ONCE(card->gone))
			next = card;
	}
	if (next)
		get_device(&next->dev);
	mutex_unlock(&fpga_cards_lock);
	return next;
}

/* Ends the card's requests and wakes who waits; the port is as before the load then. */
static void fpga_card_give_up(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	WRITE_ONCE(card->dead, true);
	WRITE_ONCE(card->gone, true);
	mutex_unlock(&card->lock);
	pci_reload_port_gone(card->window);
	wake_up_all(&card->wait);
}

/*
 * The port of a card is going. Whoever removes it holds the rescan lock, which
 * a running reload may be waiting for, so the reload is told, not waited for:
 * it ends by itself at the next look, and its requester is let go here, since
 * the removal of the sysfs files waits for it.
 */
void fpga_card_port_gone(struct pci_dev *port)
{
	struct fpga_card *card;

	mutex_lock(&fpga_cards_lock);
	card = fpga_card_lookup(port);
	if (card)
		list_del(&card->node);
	mutex_unlock(&fpga_cards_lock);
	if (!card)
		return;

	fpga_card_give_up(card);
	fpga_card_unregister(card);
	fpga_card_changed();
}

/* Returns -EBUSY, with all as before, if @asleep is set and a card is being loaded. */
static int fpga_cards_set_asleep_locked(bool asleep)
{
	struct fpga_card *card;
	int ret = 0;

	lockdep_assert_held(&fpga_cards_lock);

	list_for_each_entry(card, &fpga_cards, node) {
		mutex_lock(&card->lock);
		card->asleep = asleep;
		if (asleep && fpga_card_is_serving_locked(card)) {
			pci_warn(card->port, "FPGA card: no system sleep while it serves a request\n");
			ret = -EBUSY;
		}
		mutex_unlock(&card->lock);
	}
	return ret;
}

/* The next card, with a reference; it takes no requests from here on. */
static struct fpga_card *fpga_card_leave(void)
{
	struct fpga_card *card;

	mutex_lock(&fpga_cards_lock);
	fpga_cards_leaving = true;
	card = list_first_entry_or_null(&fpga_cards, struct fpga_card, node);
	if (card) {
		get_device(&card->dev);
		mutex_lock(&card->lock);
		WRITE_ONCE(card->dead, true);
		mutex_unlock(&card->lock);
		wake_up_all(&card->wait);
	}
	mutex_unlock(&fpga_cards_lock);
	return card;
}

/* Ends all requests; each port is as before the load when this returns. */
void fpga_cards_give_up(void)
{
	struct fpga_card *card;

	mutex_lock(&fpga_cards_lock);
	fpga_cards_leaving = true;
	list_for_each_entry(card, &fpga_cards, node)
		fpga_card_give_up(card);
	mutex_unlock(&fpga_cards_lock);
}

/*
 * Whether the machine is about to sleep: no card takes a request then. -EBUSY, with all
 * as before, if one serves a request.
 */
int fpga_cards_set_asleep(bool asleep)
{
	int ret;

	mutex_lock(&fpga_cards_lock);
	ret = fpga_cards_set_asleep_locked(asleep);
	if (ret)
		fpga_cards_set_asleep_locked(false);
	mutex_unlock(&fpga_cards_lock);
	return ret;
}

/*
 * Removes all cards. The back ends are gone already: their modules use this one. A
 * running load is waited for without the rescan lock, which it needs; the card goes with
 * the lock, so that its port stays that long.
 */
void fpga_cards_remove(void)
{
	struct fpga_card *card;
	bool listed;

	while ((card = fpga_card_leave())) {
		flush_work(&card->serving.work);

		pci_lock_rescan_remove();
		mutex_lock(&fpga_cards_lock);
		listed = fpga_card_lookup(card->port) == card;
		if (listed)
			list_del(&card->node);
		mutex_unlock(&fpga_cards_lock);
		if (listed)
			fpga_card_unregister(card);
		pci_unlock_rescan_remove();
		put_device(&card->dev);
	}
}

int fpga_cards_init(void)
{
	fpga_card_wq = alloc_workqueue("fpga-card", WQ_UNBOUND | WQ_FREEZABLE, 0);
	return fpga_card_wq ? 0 : -ENOMEM;
}

/* There is no card any more. */
void fpga_cards_exit(void)
{
	destroy_workqueue(fpga_card_wq);
	ida_destroy(&fpga_card_ida);
}
