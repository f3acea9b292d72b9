// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a window, or its owner, waits for without a deadline: drivers that are bound or
 * unbound, and others who hold the PCI core's locks. Nobody can end such a wait, but
 * whoever asked for the load is told who it is that does not return, and what other
 * devices report is heard meanwhile.
 */

#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "reload.h"

/**
 * struct pci_reload_call - a driver that was called and has not returned
 * @node: entry in &struct pci_reload_watch.calls
 * @dev: for which device; to be compared only
 * @since: when
 * @text: the driver, the device and the operation, for users
 */
struct pci_reload_call {
	struct list_head node;
	const struct device *dev;
	ktime_t since;
	char text[PCI_RELOAD_REASON_MAX / 2];
};

/*
 * Taken inside device locks and the rescan lock. Covers the list, and &struct
 * pci_reload_watch.
 */
static DEFINE_MUTEX(pci_reload_watch_lock);
static LIST_HEAD(pci_reload_watches);

static void pci_reload_add_call(struct pci_reload *pr, struct device *dev,
				const char *operation)
{
	struct pci_reload_call *call;

	lockdep_assert_held(&pci_reload_watch_lock);

	/* VFs have their drivers called one after the other, and there may be hundreds. */
	call = pr->watch.spare ?: kmalloc(sizeof(*call), GFP_KERNEL);
	/* Without memory the window still waits for the call, but cannot name it. */
	if (!call)
		return;
	pr->watch.spare = NULL;
	call->dev = dev;
	call->since = ktime_get();
	scnprintf(call->text, sizeof(call->text), "the driver %s of %s did not return from its %s",
		  dev_driver_string(dev), dev_name(dev), operation);
	list_add_tail(&call->node, &pr->watch.calls);
}

static void pci_reload_end_call(struct pci_reload *pr, const struct device *dev)
{
	struct pci_reload_call *call, *next;

	lockdep_assert_held(&pci_reload_watch_lock);

	list_for_each_entry_safe(call, next, &pr->watch.calls, node) {
		if (call->dev != dev)
			continue;
		list_del(&call->node);
		kfree(pr->watch.spare);
		pr->watch.spare = call;
	}
	/* The next call gets the full time. */
	pr->watch.since = ktime_get();
}

/**
 * pci_reload_watch_call - a driver is called of which the PCI core's bus is not told
 * @pr: an open window
 * @dev: the device
 * @operation: what is called, for users
 *
 * Context: may sleep.
 */
void pci_reload_watch_call(struct pci_reload *pr, struct device *dev,
			   const char *operation)
{
	mutex_lock(&pci_reload_watch_lock);
	pci_reload_add_call(pr, dev, operation);
	mutex_unlock(&pci_reload_watch_lock);
}

/**
 * pci_reload_watch_return - it has returned
 * @pr: an open window
 * @dev: the device, which may be gone
 *
 * Context: may sleep.
 */
void pci_reload_watch_return(struct pci_reload *pr, const struct device *dev)
{
	mutex_lock(&pci_reload_watch_lock);
	pci_reload_end_call(pr, dev);
	mutex_unlock(&pci_reload_watch_lock);
}

static void pci_reload_watch_driver(struct pci_reload *pr, struct device *dev,
				    unsigned long action)
{
	switch (action) {
	case BUS_NOTIFY_BIND_DRIVER:
		pci_reload_add_call(pr, dev, "probe()");
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		pci_reload_add_call(pr, dev, "remove()");
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
	case BUS_NOTIFY_UNBOUND_DRIVER:
	case BUS_NOTIFY_REMOVED_DEVICE:
		pci_reload_end_call(pr, dev);
		break;
	}
}

static int pci_reload_watch_notify(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct pci_reload *pr;

	mutex_lock(&pci_reload_watch_lock);
	list_for_each_entry(pr, &pci_reload_watches, watch.node) {
		if (pci_reload_is_below(pr, pdev))
			pci_reload_watch_driver(pr, &pdev->dev, action);
	}
	mutex_unlock(&pci_reload_watch_lock);
	return NOTIFY_DONE;
}

static struct notifier_block pci_reload_watch_nb = {
	.notifier_call = pci_reload_watch_notify,
};

/* Whom the window waits for; the longest wait is the first in the list. */
static void pci_reload_watch_tell(struct pci_reload *pr, unsigned int ms,
				  char *buf, size_t len)
{
	struct pci_reload_call *call;

	call = list_first_entry_or_null(&pr->watch.calls, struct pci_reload_call,
					node);
	scnprintf(buf, len, "%s within %u s",
		  call ? call->text : pr->watch.whom ?:
			 "somebody else did not give a lock of the PCI core back",
		  ms / (unsigned int)MSEC_PER_SEC);
}

/* How long it has waited for that, in milliseconds; 0 if it does not wait. */
static s64 pci_reload_watch_age(struct pci_reload *pr)
{
	ktime_t now = ktime_get();
	struct pci_reload_call *call;
	s64 age;

	if (!pr->watch.depth)
		return 0;
	call = list_first_entry_or_null(&pr->watch.calls, struct pci_reload_call,
					node);
	if (!call)
		return ktime_ms_delta(now, pr->watch.since);
	/* Others that were called with it may have returned long after. */
	age = ktime_ms_delta(now, pr->watch.begun);
	return min(age, ktime_ms_delta(now, call->since));
}

static void pci_reload_watch_queue(struct pci_reload *pr)
{
	lockdep_assert_held(&pci_reload_watch_lock);

	if (pr->watch.users)
		queue_delayed_work(system_unbound_wq, &pr->watch.work,
				   msecs_to_jiffies(PCI_RELOAD_WATCH_MS));
}

static void pci_reload_watch_work(struct work_struct *work)
{
	char text[PCI_RELOAD_REASON_MAX];
	struct pci_reload *pr;
	bool tell;
	s64 age;

	pr = container_of(work, struct pci_reload, watch.work.work);
	mutex_lock(&pci_reload_watch_lock);
	age = pci_reload_watch_age(pr);
	if (age >= PCI_RELOAD_WARN_MS && !pr->watch.warned) {
		pr->watch.warned = true;
		pci_reload_watch_tell(pr, PCI_RELOAD_WARN_MS, text, sizeof(text));
		pci_warn(pr->port, "%s, and is waited for\n", text);
	}
	tell = age >= pr->watch.patience_ms && !pr->watch.stuck;
	if (tell) {
		pr->watch.stuck = true;
		pci_reload_watch_tell(pr, pr->watch.patience_ms, text, sizeof(text));
		strscpy(pr->watch.text, text, sizeof(pr->watch.text));
		pr->watch.ops->stuck(pr);
	}
	mutex_unlock(&pci_reload_watch_lock);

	if (tell) {
		pci_err(pr->port, "%s\n", text);
		if (pr->ops && pr->ops->stuck)
			pr->ops->stuck(pr->priv, text);
	}
	mutex_lock(&pci_reload_watch_lock);
	pci_reload_watch_queue(pr);
	mutex_unlock(&pci_reload_watch_lock);
}

/**
 * pci_reload_watch_enter - from here on others may let the window wait
 * @pr: an open window
 *
 * Context: may sleep; its owner's thread.
 */
void pci_reload_watch_enter(struct pci_reload *pr)
{
	mutex_lock(&pci_reload_watch_lock);
	if (!pr->watch.depth++) {
		pr->watch.begun = ktime_get();
		pr->watch.since = pr->watch.begun;
	}
	mutex_unlock(&pci_reload_watch_lock);
}

static void pci_reload_watch_over(struct pci_reload *pr)
{
	lockdep_assert_held(&pci_reload_watch_lock);

	pr->watch.warned = false;
	if (!pr->watch.stuck)
		return;
	pr->watch.stuck = false;
	pci_info(pr->port, "the wait is over\n");
	pr->watch.ops->over(pr);
}

/**
 * pci_reload_watch_leave - up to here
 * @pr: an open window
 *
 * Context: may sleep; its owner's thread.
 */
void pci_reload_watch_leave(struct pci_reload *pr)
{
	mutex_lock(&pci_reload_watch_lock);
	if (!--pr->watch.depth)
		pci_reload_watch_over(pr);
	mutex_unlock(&pci_reload_watch_lock);
}

/**
 * pci_reload_set_patience - how long others may let a window wait
 * @pr: a closed window
 * @ms: from then on its owner knows, in milliseconds; 60 s in a new window
 *
 * Context: any.
 */
void pci_reload_set_patience(struct pci_reload *pr, unsigned int ms)
{
	pr->watch.patience_ms = ms;
}
EXPORT_SYMBOL_GPL(pci_reload_set_patience);

/* A window is about to be opened, or its owner to wait; the owner's thread. */
void pci_reload_watch_start(struct pci_reload *pr)
{
	mutex_lock(&pci_reload_watch_lock);
	if (!pr->watch.users++) {
		list_add(&pr->watch.node, &pci_reload_watches);
		pci_reload_watch_queue(pr);
	}
	mutex_unlock(&pci_reload_watch_lock);
}

/* The window waits no more; calls that still run belong to no window. */
void pci_reload_watch_stop(struct pci_reload *pr)
{
	struct pci_reload_call *call, *next;
	bool last;

	mutex_lock(&pci_reload_watch_lock);
	last = !--pr->watch.users;
	if (last) {
		pr->watch.text[0] = '\0';
		list_del(&pr->watch.node);
		list_for_each_entry_safe(call, next, &pr->watch.calls, node) {
			list_del(&call->node);
			kfree(call);
		}
		kfree(pr->watch.spare);
		pr->watch.spare = NULL;
	}
	mutex_unlock(&pci_reload_watch_lock);
	if (last)
		cancel_delayed_work_sync(&pr->watch.work);
}

/**
 * pci_reload_wait_begin - the owner is about to wait for others by himself
 * @pr: a window, open or closed
 * @whom: for whom, as a sentence without its end; NULL for somebody with a lock of the
 *	PCI core's. Lives until pci_reload_wait_end()
 *
 * He is told of that, too, by the operation stuck().
 *
 * Context: may sleep; the owner's thread.
 */
void pci_reload_wait_begin(struct pci_reload *pr, const char *whom)
{
	pci_reload_watch_start(pr);
	mutex_lock(&pci_reload_watch_lock);
	pr->watch.whom = whom;
	mutex_unlock(&pci_reload_watch_lock);
	pci_reload_watch_enter(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_wait_begin);

/**
 * pci_reload_wait_end - that is over
 * @pr: the window
 *
 * Context: may sleep; the owner's thread.
 */
void pci_reload_wait_end(struct pci_reload *pr)
{
	pci_reload_watch_leave(pr);
	mutex_lock(&pci_reload_watch_lock);
	pr->watch.whom = NULL;
	mutex_unlock(&pci_reload_watch_lock);
	pci_reload_watch_stop(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_wait_end);

/**
 * pci_reload_lock_rescan - pci_lock_rescan_remove(), and tell if that takes long
 * @pr: a window, open or closed
 *
 * Windows wait for it one after the other, as pci_reload_take_turn() says.
 *
 * Context: may sleep; the owner's thread. To be undone by pci_reload_unlock_rescan().
 */
void pci_reload_lock_rescan(struct pci_reload *pr)
{
	pci_reload_wait_begin(pr, NULL);
	pci_reload_take_turn();
	pci_reload_wait_end(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_lock_rescan);

/**
 * pci_reload_unlock_rescan - undo pci_reload_lock_rescan()
 * @pr: the window
 *
 * Context: may sleep; the owner's thread.
 */
void pci_reload_unlock_rescan(struct pci_reload *pr)
{
	pci_reload_end_turn();
}
EXPORT_SYMBOL_GPL(pci_reload_unlock_rescan);

void pci_reload_watch_init(struct pci_reload *pr,
			   const struct pci_reload_watch_ops *ops)
{
	pr->watch.ops = ops;
	INIT_DELAYED_WORK(&pr->watch.work, pci_reload_watch_work);
	INIT_LIST_HEAD(&pr->watch.calls);
	pr->watch.patience_ms = PCI_RELOAD_PATIENCE_MS;
}

static int __init pci_reload_init(void)
{
	return bus_register_notifier(&pci_bus_type, &pci_reload_watch_nb);
}
module_init(pci_reload_init);

static void __exit pci_reload_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &pci_reload_watch_nb);
}
module_exit(pci_reload_exit);
