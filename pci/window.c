// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reload window: its lifetime, and the order in which it is used.
 *
 * A window is opened on a downstream port, the functions below are removed,
 * the link is disabled, the card loads its image, the link trains again, and
 * what is there then is enumerated. Whoever owns the window calls the steps;
 * this file refuses a step that comes out of order.
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#include "reload.h"

static DEFINE_MUTEX(pci_reload_windows_lock);
static LIST_HEAD(pci_reload_windows);

static const struct pci_reload_watch_ops pci_reload_watch_ops = {
	.stuck = pci_reload_unmask_above,
	.over = pci_reload_mask_above,
};

/**
 * pci_reload_alloc - prepare reload windows on a port
 * @port: a downstream port; referenced until pci_reload_free()
 * @ops: the owner's answers, or NULL
 * @priv: argument of @ops
 *
 * Context: may sleep.
 *
 * Return: the window, closed; -ENODEV if @port is no downstream PCIe port,
 * -EBUSY if it has a window already, -ENOMEM.
 */
struct pci_reload *pci_reload_alloc(struct pci_dev *port,
				    const struct pci_reload_ops *ops,
				    void *priv)
{
	struct pci_reload *pr, *other;
	int type;

	if (!port || !pci_is_pcie(port) || !port->subordinate)
		return ERR_PTR(-ENODEV);
	type = pci_pcie_type(port);
	if (type != PCI_EXP_TYPE_ROOT_PORT && type != PCI_EXP_TYPE_DOWNSTREAM)
		return ERR_PTR(-ENODEV);

	pr = kzalloc(sizeof(*pr), GFP_KERNEL);
	if (!pr)
		return ERR_PTR(-ENOMEM);

	pr->port = pci_dev_get(port);
	pr->bus = port->subordinate;
	get_device(&pr->bus->dev);
	pr->ops = ops;
	pr->priv = priv;
	pr->ready_ms = -1;
	mutex_init(&pr->port_lock);
	init_waitqueue_head(&pr->waiter);
	INIT_LIST_HEAD(&pr->functions);
	pci_reload_watch_init(pr, &pci_reload_watch_ops);

	mutex_lock(&pci_reload_windows_lock);
	list_for_each_entry(other, &pci_reload_windows, node) {
		if (other->port == port)
			goto err_unlock;
	}
	list_add_tail(&pr->node, &pci_reload_windows);
	mutex_unlock(&pci_reload_windows_lock);
	return pr;

err_unlock:
	mutex_unlock(&pci_reload_windows_lock);
	put_device(&pr->bus->dev);
	pci_dev_put(port);
	kfree(pr);
	return ERR_PTR(-EBUSY);
}
EXPORT_SYMBOL_GPL(pci_reload_alloc);

/**
 * pci_reload_free - give a window up
 * @pr: a closed window, or NULL
 *
 * Context: may sleep; no step of @pr may be running.
 */
void pci_reload_free(struct pci_reload *pr)
{
	if (!pr)
		return;

	if (WARN_ON(pr->state != PCI_RELOAD_CLOSED))
		pci_reload_watch_stop(pr);
	mutex_lock(&pci_reload_windows_lock);
	list_del(&pr->node);
	mutex_unlock(&pci_reload_windows_lock);
	pci_reload_forget(pr);
	put_device(&pr->bus->dev);
	pci_dev_put(pr->port);
	kfree(pr->port_contained);
	kfree(pr->port_state);
	kfree(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_free);

/* Puts back all that the window has changed in the port. */
static void pci_reload_undo(struct pci_reload *pr)
{
	lockdep_assert_held(&pr->port_lock);

	pci_reload_link_enable(pr);
	pci_reload_slot_power_on(pr);
	if (pr->contained)
		pci_reload_slot_settle_events(pr);
	pci_reload_restore(pr);
	pci_reload_slot_complete(pr);
}

static bool pci_reload_port_answers(struct pci_dev *port)
{
	u16 vendor;

	pci_read_config_word(port, PCI_VENDOR_ID, &vendor);
	return !pci_dev_is_disconnected(port) && !PCI_POSSIBLE_ERROR(vendor);
}

/**
 * pci_reload_port_gone - give the port up, for good
 * @pr: the window
 *
 * For a port that is being removed, and for a machine that goes down or boots another
 * kernel. A port that still answers is left as it was before the window opened:
 * whoever finds it next would not know of a link that is disabled, or of masks. From
 * here on no step touches the port; a running wait ends with -ENODEV.
 *
 * Context: may sleep, for about 1 s; the caller may hold the rescan lock.
 */
void pci_reload_port_gone(struct pci_reload *pr)
{
	if (!pci_reload_port_lock(pr))
		return;
	WRITE_ONCE(pr->gone, true);
	if (pci_reload_port_answers(pr->port)) {
		if (pci_reload_is_open(pr))
			pci_info(pr->port, "the reload is given up, and the port put back\n");
		pci_reload_undo(pr);
	}
	pci_reload_port_unlock(pr);
	pci_reload_wake(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_port_gone);

/**
 * pci_reload_set_remember - whether the next windows look at what is there
 * @pr: a closed window
 * @remember: false to go on with what the last one found below the port when it
 *	opened; true, as at first, to look anew
 *
 * For a window that is to undo what the one before did.
 */
void pci_reload_set_remember(struct pci_reload *pr, bool remember)
{
	pr->keep_memory = !remember;
}
EXPORT_SYMBOL_GPL(pci_reload_set_remember);

static int pci_reload_power_up(struct pci_reload *pr)
{
	int ret = pm_runtime_resume_and_get(&pr->port->dev);

	if (ret < 0)
		return pci_reload_fail(pr, ret, "the port %s cannot be powered up",
				       pci_name(pr->port));
	return 0;
}

/**
 * pci_reload_preflight - whether a window could be opened now
 * @pr: the window
 *
 * Changes nothing.
 *
 * Context: may sleep.
 *
 * Return: 0; -EBUSY if it is open, or if the slot is about to be switched off;
 * -ENODEV if the port is going, answers no configuration request, or has a slot
 * that is off or empty; -EOPNOTSUPP if the slot's hot-plug driver cannot be made
 * to look away.
 */
int pci_reload_preflight(struct pci_reload *pr)
{
	int ret;

	pr->reason[0] = '\0';
	if (pci_reload_is_open(pr))
		return pci_reload_fail(pr, -EBUSY,
				       "a reload is under way on %s",
				       pci_name(pr->port));
	ret = pci_reload_interrupted(pr);
	if (ret)
		return ret;

	ret = pci_reload_power_up(pr);
	if (ret)
		return ret;
	if (!pci_reload_port_answers(pr->port))
		ret = pci_reload_fail(pr, -ENODEV, "the port %s does not answer",
				      pci_name(pr->port));
	else
		ret = pci_reload_slot_preflight(pr);
	pm_runtime_put(&pr->port->dev);
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_preflight);

/*
 * A window on a bridge above would take this port away, and one below would be
 * taken away. Its own place in the list is kept by marking the window open.
 */
static int pci_reload_mark_open(struct pci_reload *pr)
{
	struct pci_reload *other;
	int ret = 0;

	mutex_lock(&pci_reload_windows_lock);
	list_for_each_entry(other, &pci_reload_windows, node) {
		if (!other->listed_open ||
		    (!pci_reload_is_above(other->port, pr->port) &&
		     !pci_reload_is_above(pr->port, other->port)))
			continue;
		ret = pci_reload_fail(pr, -EBUSY,
				      "a reload is under way on %s, which is on the same path as %s",
				      pci_name(other->port),
				      pci_name(pr->port));
		break;
	}
	if (!ret)
		pr->listed_open = true;
	mutex_unlock(&pci_reload_windows_lock);
	return ret;
}

static void pci_reload_mark_closed(struct pci_reload *pr)
{
	mutex_lock(&pci_reload_windows_lock);
	pr->listed_open = false;
	mutex_unlock(&pci_reload_windows_lock);
}

/*
 * The port's registers as they were. Its saved state is what drivers of the bridges
 * above restore after an error (pcie_portdrv_slot_reset()), and is of when its own
 * driver was bound: its windows have moved since.
 */
static void pci_reload_release(struct pci_reload *pr)
{
	if (!pci_reload_port_lock(pr)) {
		pci_reload_release_above(pr);
		return;
	}
	pci_reload_undo(pr);
	pci_reload_keep_port(pr);
	pci_reload_port_unlock(pr);
}

static int pci_reload_open_port(struct pci_reload *pr)
{
	u16 enabled;
	int ret;

	pci_reload_sync(pr);
	ret = pci_reload_preflight(pr);
	if (ret)
		return ret;

	ret = pci_reload_mark_open(pr);
	if (ret)
		return ret;
	ret = pci_reload_power_up(pr);
	if (ret)
		goto err_closed;
	pci_reload_revive_port(pr);
	if (pci_reload_port_lock(pr)) {
		pci_reload_keep_port(pr);
		pci_reload_port_unlock(pr);
	}
	if (!pr->keep_memory) {
		ret = pci_reload_remember(pr);
		if (ret)
			goto err_power;
		pci_reload_slot_remember(pr);
		pci_reload_remember_rate(pr);
	}
	pr->marked = false;
	pr->reset_asked = false;
	pr->released = 0;
	pr->drs_armed = false;
	pr->asked = false;
	pr->came_up = false;
	enabled = pci_reload_slot_enabled(pr->port);
	ret = pci_reload_contain(pr);
	if (ret)
		goto err_power;
	if (pci_reload_port_lock(pr)) {
		pci_reload_keep_contained(pr);
		pci_reload_port_unlock(pr);
	}
	ret = pci_reload_slot_take(pr, enabled);
	if (ret)
		goto err_restore;
	pci_reload_lift_speed_limit(pr);
	pci_reload_set_state(pr, PCI_RELOAD_OPEN);
	return 0;

err_restore:
	pci_reload_release(pr);
err_power:
	pm_runtime_put(&pr->port->dev);
err_closed:
	pci_reload_mark_closed(pr);
	return ret;
}

/**
 * pci_reload_open - open the window
 * @pr: a closed window
 *
 * Keeps the port powered, remembers what is below it, saves how it and the
 * bridges above report errors and slot events, and keeps both quiet until
 * pci_reload_close(). A hot-plug driver that owns the slot keeps it, and is let
 * finish what it does about the slot.
 *
 * Context: may sleep; no lock is held that removing the card may take.
 *
 * Return: 0; the errors of pci_reload_preflight(), -EBUSY if a window is open
 * on a bridge above or below the port, or -ENOMEM, with the window closed.
 */
int pci_reload_open(struct pci_reload *pr)
{
	int ret;

	if (pci_reload_is_open(pr))
		return pci_reload_preflight(pr);
	pci_reload_watch_start(pr);
	pci_reload_watch_enter(pr);
	ret = pci_reload_open_port(pr);
	pci_reload_watch_leave(pr);
	if (ret)
		pci_reload_watch_stop(pr);
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_open);

/**
 * pci_reload_close - close the window
 * @pr: the window; nothing happens if it is closed
 *
 * From whatever state: the link is enabled, what happened to the status
 * registers in the meantime is cleared, and each bit that was changed is put
 * back. The hot-plug driver hears of what happened to the card itself; see
 * pci_reload_slot_settle_events().
 *
 * Context: may sleep.
 *
 * Return: 0; -ENODEV if the port went while the window was open.
 */
int pci_reload_close(struct pci_reload *pr)
{
	if (!pci_reload_is_open(pr))
		return 0;

	pci_reload_watch_stop(pr);
	pci_reload_release(pr);
	pr->ready_ms = -1;
	pm_runtime_put(&pr->port->dev);
	pci_reload_set_state(pr, PCI_RELOAD_CLOSED);
	pci_reload_mark_closed(pr);
	return READ_ONCE(pr->gone) ? -ENODEV : 0;
}
EXPORT_SYMBOL_GPL(pci_reload_close);

MODULE_DESCRIPTION("Reload window on a PCIe port");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
