// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards: which there are, how long they live, and what state they are in.
 */

#include <linux/idr.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/suspend.h>

#include "card.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

EXPORT_TRACEPOINT_SYMBOL_GPL(fpga_card_state);

static DEFINE_MUTEX(fpga_cards_lock);
static LIST_HEAD(fpga_cards);
static bool fpga_cards_leaving;
static DEFINE_IDA(fpga_card_ida);

struct workqueue_struct *fpga_card_wq;

static const char * const fpga_card_state_names[] = {
	[FPGA_CARD_IDLE] = "idle",
	[FPGA_CARD_PREFLIGHT] = "preflight",
	[FPGA_CARD_STAGING] = "staging",
	[FPGA_CARD_OPENING] = "opening",
	[FPGA_CARD_REMOVING] = "removing",
	[FPGA_CARD_UNBINDING] = "unbinding",
	[FPGA_CARD_TRIGGERING] = "triggering",
	[FPGA_CARD_LINK_DOWN] = "link-down",
	[FPGA_CARD_REMOVING_RESERVED] = "removing-reserved",
	[FPGA_CARD_LOADING] = "loading",
	[FPGA_CARD_SETTLING] = "settling",
	[FPGA_CARD_ENUMERATING] = "enumerating",
	[FPGA_CARD_VERIFYING] = "verifying",
	[FPGA_CARD_CLOSING] = "closing",
	[FPGA_CARD_RECOVERING] = "recovering",
	[FPGA_CARD_FAILED] = "failed",
};

const char *fpga_card_state_name(enum fpga_card_state state)
{
	return fpga_card_state_names[state];
}

/* The only place that changes a card's state; @card->lock is held. */
void fpga_card_set_state_locked(struct fpga_card *card,
				enum fpga_card_state state)
{
	lockdep_assert_held(&card->lock);

	card->state = state;
	if (card->registered)
		sysfs_notify(&card->region->dev.kobj, NULL, "state");
	trace_fpga_card_state(card->id, card->port,
			      fpga_card_state_names[state]);
}

void fpga_card_set_state(struct fpga_card *card, enum fpga_card_state state)
{
	mutex_lock(&card->lock);
	fpga_card_set_state_locked(card, state);
	mutex_unlock(&card->lock);
}

/*
 * Where the sentence on a failure goes: a check, and a load that is part of
 * another, have a place of their own for it.
 */
static char *fpga_card_error_buf(struct fpga_card *card)
{
	struct fpga_card_request *req = card->request;

	return req && (req->job == FPGA_CARD_CHECK ||
		       req->job == FPGA_CARD_ROLL_BACK) ? req->error :
							  card->last_error;
}

/* Keep a sentence for last_error; returns @err for the caller to pass on. */
int fpga_card_fail(struct fpga_card *card, int err, const char *fmt, ...)
{
	va_list args;

	mutex_lock(&card->lock);
	va_start(args, fmt);
	vscnprintf(fpga_card_error_buf(card), FPGA_CARD_ERROR_MAX, fmt, args);
	va_end(args);
	mutex_unlock(&card->lock);
	return err;
}

/* Say more of the failure that fpga_card_fail() told. */
void fpga_card_add_error(struct fpga_card *card, const char *fmt, ...)
{
	va_list args;
	size_t len;
	char *buf;

	mutex_lock(&card->lock);
	buf = fpga_card_error_buf(card);
	if (buf[0])
		strlcat(buf, "; ", FPGA_CARD_ERROR_MAX);
	len = strlen(buf);
	va_start(args, fmt);
	vscnprintf(buf + len, FPGA_CARD_ERROR_MAX - len, fmt, args);
	va_end(args);
	mutex_unlock(&card->lock);
}

/* Also a condition to sleep on, so it takes no lock. */
bool fpga_card_is_attached(struct fpga_card *card)
{
	return READ_ONCE(card->attached);
}

/* The card may run something else from here on, until somebody tells. */
void fpga_card_forget_running(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	card->running[0] = '\0';
	card->loaded[0] = '\0';
	fpga_card_overlay_forget_locked(card);
	mutex_unlock(&card->lock);
}

/* The card has said that it runs @name. */
void fpga_card_set_running_locked(struct fpga_card *card, const char *name)
{
	lockdep_assert_held(&card->lock);

	if (!strcmp(card->running, name))
		return;
	strscpy(card->running, name, sizeof(card->running));
	card->loaded[0] = '\0';
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
	kfree(card->answer);
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
	card->driver_ms = PCI_RELOAD_PATIENCE_MS;
	init_waitqueue_head(&card->wait);
	INIT_WORK(&card->work, fpga_card_serve_work);
	mutex_init(&card->attach_lock);
	mutex_init(&card->lock);
	INIT_LIST_HEAD(&card->images);
	fpga_card_children_init(card);

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
	ret = fpga_card_mgr_register(card);
	if (ret)
		goto err_del;
	ret = fpga_card_bridge_register(card);
	if (ret)
		goto err_unregister_mgr;
	ret = fpga_card_region_register(card);
	if (ret)
		goto err_unregister_bridge;

	mutex_lock(&card->lock);
	card->registered = true;
	mutex_unlock(&card->lock);
	return 0;

err_unregister_bridge:
	fpga_card_bridge_unregister(card);
err_unregister_mgr:
	fpga_card_mgr_unregister(card);
err_del:
	device_del(&card->dev);
	return ret;
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

	fpga_card_of_card_gone(card);
	fpga_card_region_unregister(card);
	fpga_card_bridge_unregister(card);
	fpga_card_mgr_unregister(card);
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
	fpga_card_of_update();

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

/*
 * A sentence as somebody may see it: which process has a file open is no business of
 * those who may not look at its descriptors. Returns the length.
 */
int fpga_card_reveal(char *buf, size_t len, const char *text, bool all)
{
	bool hidden = false;
	size_t n = 0;

	for (; len && *text; text++) {
		if (*text == FPGA_CARD_PRIVATE_BEGIN[0]) {
			hidden = !all;
			if (hidden)
				n += scnprintf(buf + n, len - n, "a process");
		} else if (*text == FPGA_CARD_PRIVATE_END[0]) {
			hidden = false;
		} else if (!hidden && n < len - 1) {
			buf[n++] = *text;
		}
	}
	if (len)
		buf[n] = '\0';
	return n;
}

/**
 * fpga_card_last_error - why the last load failed
 * @card: the card
 * @buf: for the sentence
 * @len: size of @buf in bytes
 *
 * Context: may sleep.
 *
 * Return: length of the sentence, 0 if the last load succeeded.
 */
int fpga_card_last_error(struct fpga_card *card, char *buf, size_t len)
{
	int ret;

	mutex_lock(&card->lock);
	ret = fpga_card_reveal(buf, len, card->last_error, true);
	mutex_unlock(&card->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(fpga_card_last_error);

/* Requests end, and whoever waits is let go; the port is as it was before the load. */
static void fpga_card_give_up(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	card->dead = true;
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
static void fpga_card_port_gone(struct pci_dev *port)
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
	fpga_card_of_update();
}

/*
 * The first function of a card is going, and not for a load: the card may have
 * been pulled. A back end that comes with the next one will know what runs then,
 * but not all of them come and go. Whatever a device tree says of the image's
 * insides is as far away.
 */
static void fpga_card_function_gone(struct pci_dev *pdev)
{
	struct pci_dev *port = pci_upstream_bridge(pdev);
	struct fpga_card *card;

	if (!port || pdev->devfn || pdev->is_virtfn)
		return;
	card = fpga_card_find(port);
	if (!card)
		return;
	if (!pci_reload_is_open(card->window)) {
		fpga_card_forget_running(card);
		fpga_card_children_drop(card);
	}
	fpga_card_put(card);
}

static int fpga_card_pci_notify(struct notifier_block *nb, unsigned long action,
				void *data)
{
	if (action == BUS_NOTIFY_DEL_DEVICE) {
		fpga_card_function_gone(to_pci_dev(data));
		fpga_card_port_gone(to_pci_dev(data));
	} else if (action == BUS_NOTIFY_ADD_DEVICE &&
		   pci_is_bridge(to_pci_dev(data))) {
		/* A node may have been waiting for this port. */
		fpga_card_of_update();
	}
	return NOTIFY_DONE;
}

static struct notifier_block fpga_card_pci_nb = {
	.notifier_call = fpga_card_pci_notify,
};

/*
 * The machine goes down, or boots another kernel, which would not know of a link that
 * is disabled. Drivers are still bound, and no load begins any more.
 */
static int fpga_card_reboot_notify(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	struct fpga_card *card;

	mutex_lock(&fpga_cards_lock);
	fpga_cards_leaving = true;
	list_for_each_entry(card, &fpga_cards, node)
		fpga_card_give_up(card);
	mutex_unlock(&fpga_cards_lock);
	return NOTIFY_DONE;
}

static struct notifier_block fpga_card_reboot_nb = {
	.notifier_call = fpga_card_reboot_notify,
};

/* Returns -EBUSY, with all as before, if @asleep is set and a card is being loaded. */
static int fpga_card_set_asleep(bool asleep)
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

/*
 * User space freezes first, and what has to load a driver for the back end is part of
 * it; the port's own hot-plug driver would look at the slot when the machine wakes up.
 */
static int fpga_card_sleep_notify(struct notifier_block *nb, unsigned long action,
				  void *data)
{
	bool asleep = action == PM_SUSPEND_PREPARE ||
		      action == PM_HIBERNATION_PREPARE;
	int ret;

	mutex_lock(&fpga_cards_lock);
	ret = fpga_card_set_asleep(asleep);
	if (ret)
		fpga_card_set_asleep(false);
	mutex_unlock(&fpga_cards_lock);
	return notifier_from_errno(ret);
}

static struct notifier_block fpga_card_sleep_nb = {
	.notifier_call = fpga_card_sleep_notify,
};

static int __init fpga_card_init(void)
{
	int ret;

	fpga_card_wq = alloc_workqueue("fpga-card", WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!fpga_card_wq)
		return -ENOMEM;
	ret = bus_register_notifier(&pci_bus_type, &fpga_card_pci_nb);
	if (ret)
		goto err_destroy;
	ret = fpga_card_configfs_init();
	if (ret)
		goto err_unregister;
	ret = register_reboot_notifier(&fpga_card_reboot_nb);
	if (ret)
		goto err_configfs;
	ret = register_pm_notifier(&fpga_card_sleep_nb);
	if (ret)
		goto err_reboot;
	ret = fpga_card_of_init();
	if (ret)
		goto err_sleep;
	return 0;

err_sleep:
	unregister_pm_notifier(&fpga_card_sleep_nb);
err_reboot:
	unregister_reboot_notifier(&fpga_card_reboot_nb);
err_configfs:
	fpga_card_configfs_exit();
err_unregister:
	bus_unregister_notifier(&pci_bus_type, &fpga_card_pci_nb);
	/* What the bus told may have queued the work. */
	fpga_card_of_exit();
err_destroy:
	destroy_workqueue(fpga_card_wq);
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
		card->dead = true;
		mutex_unlock(&card->lock);
	}
	mutex_unlock(&fpga_cards_lock);
	return card;
}

/*
 * The back ends are gone already: their modules use this one. A running reload
 * is waited for without the rescan lock, which it needs; the card goes with the
 * lock, so that its port stays that long.
 */
static void __exit fpga_card_exit(void)
{
	struct fpga_card *card;
	bool listed;

	unregister_pm_notifier(&fpga_card_sleep_nb);
	unregister_reboot_notifier(&fpga_card_reboot_nb);
	fpga_card_configfs_exit();
	fpga_card_of_stop();
	while ((card = fpga_card_leave())) {
		flush_work(&card->work);

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

	bus_unregister_notifier(&pci_bus_type, &fpga_card_pci_nb);
	fpga_card_of_exit();
	destroy_workqueue(fpga_card_wq);
	ida_destroy(&fpga_card_ida);
}

module_init(fpga_card_init);
module_exit(fpga_card_exit);

MODULE_DESCRIPTION("Live image reload for PCIe FPGA cards");
MODULE_LICENSE("GPL");
