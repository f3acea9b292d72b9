// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who goes when: VFs before their PF, the deepest function first, and last the
 * function that takes the trigger with the bridges above it.
 */

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "reload.h"

/*
 * Most functions that can be below one port: 256 buses of 256 functions. A
 * bound on removing what others may add at the same time.
 */
#define PCI_RELOAD_FUNCTIONS_MAX	(256 * 256)

/*
 * How often the functions below the port, or the devices below the control function,
 * are gone through, and how many of the latter are unbound at most: bounds, again, on
 * what others add. Cards have some tens of such devices.
 */
#define PCI_RELOAD_PASSES		8
#define PCI_RELOAD_CHILDREN_MAX		1024

/* The ancestor rule: the control function and the bridges above it stay. */
static bool pci_reload_is_reserved(struct pci_dev *pdev, struct pci_dev *keep)
{
	return keep && (pdev == keep || pci_reload_is_above(pdev, keep));
}

/*
 * The next function to go: of the highest number, the deepest. VFs are no
 * matter of their own: the PCI core has to take them away with their PF, or it
 * loses count. The caller holds the rescan lock.
 */
static struct pci_dev *pci_reload_next(struct pci_bus *bus, struct pci_dev *keep)
{
	struct pci_dev *pdev, *below;

	list_for_each_entry_reverse(pdev, &bus->devices, bus_list) {
		if (pdev->subordinate) {
			below = pci_reload_next(pdev->subordinate, keep);
			if (below)
				return below;
		}
		if (!pdev->is_virtfn && !pci_reload_is_reserved(pdev, keep))
			return pdev;
	}
	return NULL;
}

/*
 * What pciehp does for a card that was pulled: from here on the PCI core
 * answers configuration accesses itself, and drivers that ask know.
 */
static int pci_reload_set_disconnected(struct pci_dev *pdev, void *unused)
{
	xchg(&pdev->error_state, pci_channel_io_perm_failure);
	return 0;
}

/* Whether the card cannot be reached, or is another. */
static bool pci_reload_is_cut_off(struct pci_reload *pr)
{
	return pr->link_disabled || pr->card_lost ||
	       !pci_reload_link_active(pr) || pci_reload_slot_disturbed(pr);
}

/*
 * No remove() callback is to wait for a card that cannot answer, nor to touch another that
 * is there instead. @pdev is the one that is next to go; NULL for all.
 */
static void pci_reload_tell_gone(struct pci_reload *pr, struct pci_dev *pdev)
{
	if (!pci_reload_is_cut_off(pr))
		return;
	if (pdev && !pci_num_vf(pdev)) {
		pci_reload_set_disconnected(pdev, NULL);
		return;
	}
	pci_reload_take_turn();
	pci_reload_walk(pr->bus, pci_reload_set_disconnected, NULL);
	pci_reload_end_turn();
}

/*
 * Nobody binds a driver any more to a function that is removed next, which would then be
 * unbound with the rescan lock held. False if somebody has the device lock: he may want the
 * rescan lock, as a driver does that enables VFs in its probe() on some kernels, and a
 * removal takes them the other way round.
 */
static bool pci_reload_close_driver(struct pci_dev *pdev, bool *bound)
{
	if (!device_trylock(&pdev->dev))
		return false;
	*bound = pdev->dev.driver;
	if (!*bound)
		kill_device(&pdev->dev);
	device_unlock(&pdev->dev);
	return true;
}

/*
 * Remove it if nothing has happened to it meanwhile. Returns the next one to go, which may
 * be the same, referenced; NULL if there is none.
 */
static struct pci_dev *pci_reload_try_remove(struct pci_reload *pr,
					     struct pci_dev *pdev,
					     struct pci_dev *keep)
{
	struct pci_dev *next;
	bool free = true, bound;

	pci_reload_take_turn();
	next = pci_reload_next(pr->bus, keep);
	if (!READ_ONCE(pr->gone) && next == pdev && !pci_num_vf(pdev)) {
		free = pci_reload_close_driver(pdev, &bound);
		if (free && !bound) {
			pci_stop_and_remove_bus_device(pdev);
			next = pci_reload_next(pr->bus, keep);
		}
	}
	pci_dev_get(next);
	pci_reload_end_turn();
	if (!free)
		usleep_range(PCI_RELOAD_POLL_MIN_US, PCI_RELOAD_POLL_MAX_US);
	return next;
}

/* One function, or a try; returns the next one, and gives the reference to @pdev up. */
static struct pci_dev *pci_reload_remove_one(struct pci_reload *pr,
					     struct pci_dev *pdev,
					     struct pci_dev *keep, bool reset)
{
	struct pci_dev *next;

	pci_reload_tell_gone(pr, pdev);

	pci_reload_force_vfs(pr, pdev);
	pci_reload_quiesce(pdev, reset);
	pci_reload_close_vfs(pdev);
	pci_reload_keep_quiet(pr);

	next = pci_reload_try_remove(pr, pdev, keep);
	pci_dev_put(pdev);
	return next;
}

/* Drivers that take their time do so together; the first function to go, referenced. */
static struct pci_dev *pci_reload_remove_begin(struct pci_reload *pr,
					       struct pci_dev *keep)
{
	struct pci_dev *pdev;

	pci_reload_tell_gone(pr, NULL);
	pci_reload_unbind_all(pr, keep);

	pci_reload_take_turn();
	pdev = pci_dev_get(pci_reload_next(pr->bus, keep));
	pci_reload_end_turn();
	return pdev;
}

/*
 * Remove functions one at a time, so that others get at the rescan lock in
 * between. What came or was bound while a function was made quiet goes first,
 * or is made quiet too.
 */
static int pci_reload_remove(struct pci_reload *pr, struct pci_dev *keep,
			     bool reset)
{
	struct pci_dev *pdev;
	unsigned int i;
	int ret;

	pci_reload_watch_enter(pr);
	pdev = pci_reload_remove_begin(pr, keep);
	pci_reload_watch_leave(pr);

	for (i = 0; i < PCI_RELOAD_FUNCTIONS_MAX; i++) {
		ret = pci_reload_interrupted(pr);
		if (ret || !pdev)
			goto out_put;
		pci_reload_watch_enter(pr);
		pdev = pci_reload_remove_one(pr, pdev, keep, reset);
		pci_reload_watch_leave(pr);
	}
	ret = pci_reload_fail(pr, -EBUSY,
			      "functions below %s appear faster than they can be removed",
			      pci_name(pr->port));

out_put:
	pci_dev_put(pdev);
	return ret;
}

/**
 * pci_reload_give_up_vfs - have all VFs below the port go
 * @pr: a window, open or about to be
 *
 * First their drivers, and then their PFs' drivers have them disabled: the PCI core would
 * unbind them one after the other, with the rescan lock held.
 *
 * Context: may sleep, as pci_reload_disable_vfs() does; no lock is held.
 *
 * Return: what pci_reload_disable_vfs() returns.
 */
int pci_reload_give_up_vfs(struct pci_reload *pr)
{
	return pci_reload_interrupted(pr) ?:
	       pci_reload_unbind_vfs(pr, pci_reload_disable_vfs);
}

static int pci_reload_remove_vfs(struct pci_reload *pr)
{
	pci_reload_watch_enter(pr);
	pci_reload_tell_gone(pr, NULL);
	pci_reload_watch_leave(pr);
	return pci_reload_give_up_vfs(pr);
}

/**
 * pci_reload_remove_functions - remove what is not needed for the trigger
 * @pr: an open window
 * @keep: the function that stays, with the bridges above it; or NULL
 *
 * All VFs go first, by the driver of their PF where it has a say. Each function
 * loses its driver and its bus mastering before it goes, and is reset if that
 * is the policy. Drivers are unbound at once, see pci_reload_unbind_all(); all else is done
 * to one function after the other.
 *
 * Context: may sleep. Takes the rescan lock for each function; drivers are
 * unbound without it.
 *
 * Return: 0; -EINVAL if @keep is not below the port, -EBUSY if a driver does
 * not let go of its VFs, -ENODEV or -EINTR.
 */
int pci_reload_remove_functions(struct pci_reload *pr, struct pci_dev *keep)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_OPEN);
	if (ret)
		return ret;
	if (keep && !pci_reload_is_below(pr, keep))
		return pci_reload_fail(pr, -EINVAL, "%s is not below %s",
				       pci_name(keep), pci_name(pr->port));

	ret = pci_reload_remove_vfs(pr);
	if (ret)
		return ret;
	ret = pci_reload_remove(pr, keep,
				pr->quiesce == PCI_RELOAD_QUIESCE_RESET);
	if (ret)
		return ret;
	pci_reload_set_state(pr, PCI_RELOAD_REMOVED);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_remove_functions);

/**
 * pci_reload_lock_empty - take the rescan lock while nothing is below the port
 * @pr: a window in which the functions were removed
 *
 * Others may rescan the bus in the meantime. What they enumerate goes: a rescan
 * enlarges no window, and the kernel forgets a BAR for which it finds no room.
 *
 * Context: may sleep.
 *
 * Return: 0, with the rescan lock held; -EBUSY if functions keep appearing, -ENODEV
 * or -EINTR, without it.
 */
int pci_reload_lock_empty(struct pci_reload *pr)
{
	unsigned int i;
	int ret;

	for (i = 0; i < PCI_RELOAD_PASSES; i++) {
		ret = pci_reload_remove(pr, NULL, false);
		if (ret)
			return ret;
		pci_reload_take_turn();
		if (list_empty(&pr->bus->devices))
			return 0;
		pci_reload_end_turn();
	}
	return pci_reload_fail(pr, -EBUSY,
			       "functions below %s appear faster than they can be removed",
			       pci_name(pr->port));
}

/**
 * struct pci_reload_unbind - a pass over the devices below a function
 * @pr: the window
 * @control: the device that is kept, with its ancestors
 * @found: @control was passed, so the device being left is an ancestor
 * @left: how many devices may still be unbound, in all passes together
 * @last: the one unbound last, referenced; NULL if this pass found none
 */
struct pci_reload_unbind {
	struct pci_reload *pr;
	struct device *control;
	bool found;
	unsigned int left;
	struct device *last;
};

/*
 * From the top, since only children are held while one looks at them: the
 * control device can go at any time, and its parents with it.
 */
static int pci_reload_find_control(struct device *dev, void *control)
{
	return dev == control ||
	       device_for_each_child(dev, control, pci_reload_find_control);
}

static int pci_reload_unbind(struct device *dev, void *data)
{
	struct pci_reload_unbind *u = data;
	bool found = u->found;
	int ret;

	u->found = dev == u->control;
	ret = device_for_each_child(dev, u, pci_reload_unbind);
	if (ret)
		return ret;
	if (!u->found && dev->driver) {
		ret = pci_reload_interrupted(u->pr);
		if (ret)
			return ret;
		if (!u->left--)
			return -EBUSY;
		put_device(u->last);
		u->last = get_device(dev);
		pci_reload_watch_call(u->pr, dev, "remove()");
		device_release_driver(dev);
		pci_reload_watch_return(u->pr, dev);
	}
	u->found |= found;
	return 0;
}

/* One pass: whether there was anything to unbind, or an error. */
static int pci_reload_unbind_pass(struct pci_reload_unbind *u,
				  struct device *top)
{
	int ret;

	if (!pci_reload_find_control(top, u->control))
		return pci_reload_fail(u->pr, -ENODEV,
				       "the control device %s went away while what is beside it was unbound",
				       dev_name(u->control));
	put_device(u->last);
	u->last = NULL;
	u->found = false;
	ret = device_for_each_child(top, u, pci_reload_unbind);
	return ret ?: !!u->last;
}

/**
 * pci_reload_unbind_children - unbind what the trigger does not need
 * @pr: a window in which the functions were removed
 * @top: the device whose children are meant: the control function
 * @control: the device through which the card is triggered, referenced by the
 *	caller; @top, or below it
 *
 * The devices below @top lose their drivers, the deepest first, save @control
 * and its ancestors. The devices themselves belong to whoever made them. What
 * appears, or is bound again, in the meantime is unbound too.
 *
 * Context: may sleep; takes device locks, one at a time.
 *
 * Return: 0; -EBUSY if devices keep appearing, -ENODEV if @control is not there
 * any more, or the port; -EINTR.
 */
int pci_reload_unbind_children(struct pci_reload *pr, struct device *top,
			       struct device *control)
{
	struct pci_reload_unbind u = {
		.pr = pr,
		.control = control,
		.left = PCI_RELOAD_CHILDREN_MAX,
	};
	unsigned int i;
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_REMOVED, PCI_RELOAD_REMOVED);
	if (ret)
		return ret;

	ret = 1;
	for (i = 0; ret > 0 && i < PCI_RELOAD_PASSES; i++) {
		pci_reload_watch_enter(pr);
		ret = pci_reload_unbind_pass(&u, top);
		pci_reload_watch_leave(pr);
	}
	if (ret > 0 || ret == -EBUSY)
		ret = pci_reload_fail(pr, -EBUSY,
				      "devices below %s keep coming back, the last one was %s",
				      dev_name(top), dev_name(u.last));
	put_device(u.last);
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_unbind_children);

/**
 * pci_reload_release_function - take the driver from the function that stays
 * @pr: a window in which the functions were removed
 * @keep: that function, referenced by the caller
 *
 * For a trigger that needs the function's registers, but not its driver: that goes, and
 * the function's bus mastering with it, as for a function that is removed. It is not
 * reset. A driver that is bound again meanwhile goes too.
 *
 * Context: may sleep; no lock is held.
 *
 * Return: 0; -EBUSY if a driver keeps coming back, -ENODEV or -EINTR.
 */
int pci_reload_release_function(struct pci_reload *pr, struct pci_dev *keep)
{
	unsigned int i;
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_REMOVED, PCI_RELOAD_REMOVED);
	if (ret)
		return ret;

	for (i = 0; i < PCI_RELOAD_PASSES; i++) {
		pci_reload_watch_enter(pr);
		pci_reload_tell_gone(pr, keep);
		pci_reload_quiesce(keep, false);
		pci_reload_watch_leave(pr);
		pci_reload_keep_quiet(pr);
		ret = pci_reload_interrupted(pr);
		if (ret || !READ_ONCE(keep->dev.driver))
			return ret;
	}
	return pci_reload_fail(pr, -EBUSY, "%s gets a driver again and again",
			       pci_name(keep));
}
EXPORT_SYMBOL_GPL(pci_reload_release_function);

/**
 * pci_reload_remove_rest - remove all that is left below the port
 * @pr: an open window
 *
 * In the middle of a reload that is what was reserved for the trigger; after a
 * failed one it is whatever was left.
 *
 * Context: may sleep. Takes the rescan lock for each function; drivers are
 * unbound without it.
 *
 * Return: 0; -EBUSY, -ENODEV or -EINTR.
 */
int pci_reload_remove_rest(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_ENUMERATED);
	if (ret)
		return ret;

	ret = pci_reload_remove(pr, NULL, false);
	if (ret)
		return ret;
	pr->card_lost = false;
	pci_reload_set_state(pr, PCI_RELOAD_EMPTY);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_remove_rest);
