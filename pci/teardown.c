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
 * Most PFs that can be below one port with a device each on 256 buses. A bound
 * on disabling VFs that others may enable at the same time, at 1 s a PF.
 */
#define PCI_RELOAD_PFS_MAX		256

/*
 * How long a function's driver may keep its device lock while its VFs are to be
 * disabled. sriov_disable() itself sleeps 1 s with it held (PCIe r6.0, sec
 * 9.3.3.3.1), and a slow probe is waited for.
 */
#define PCI_RELOAD_LOCK_MS	10000

/* Whether @pdev is on a bus below the port. */
bool pci_reload_is_below(struct pci_reload *pr, struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	while (bus && bus != pr->bus)
		bus = bus->parent;
	return bus;
}

/* The ancestor rule: the control function and the bridges above it stay. */
static bool pci_reload_is_reserved(struct pci_dev *pdev, struct pci_dev *keep)
{
	struct pci_bus *bus;

	if (!keep)
		return false;
	if (pdev == keep)
		return true;
	if (!pdev->subordinate)
		return false;
	for (bus = keep->bus; bus; bus = bus->parent) {
		if (bus == pdev->subordinate)
			return true;
	}
	return false;
}

/*
 * The next function to go: of the highest number, the deepest. VFs come behind
 * their PF on its bus, or on a bus of their own, so reverse order finds them
 * first. The caller holds the rescan lock.
 */
static struct pci_dev *pci_reload_next(struct pci_bus *bus, struct pci_dev *keep)
{
	struct pci_dev *pdev, *below;
	struct pci_bus *child;

	list_for_each_entry(child, &bus->children, node) {
		/* A bus without a bridge holds VFs. */
		if (child->self)
			continue;
		below = pci_reload_next(child, keep);
		if (below)
			return below;
	}

	list_for_each_entry_reverse(pdev, &bus->devices, bus_list) {
		if (pdev->subordinate) {
			below = pci_reload_next(pdev->subordinate, keep);
			if (below)
				return below;
		}
		if (!pci_reload_is_reserved(pdev, keep))
			return pdev;
	}
	return NULL;
}

static struct pci_dev *pci_reload_next_pf(struct pci_bus *bus)
{
	struct pci_dev *pdev, *below;

	list_for_each_entry_reverse(pdev, &bus->devices, bus_list) {
		if (pdev->subordinate) {
			below = pci_reload_next_pf(pdev->subordinate);
			if (below)
				return below;
		}
		if (pdev->is_physfn && pci_num_vf(pdev))
			return pdev;
	}
	return NULL;
}

/* The device lock and the rescan lock are held. */
static int pci_reload_disable_vfs_locked(struct pci_reload *pr,
					 struct pci_dev *pf)
{
	int ret = 0;

	if (pf->driver && pf->driver->sriov_configure)
		ret = pf->driver->sriov_configure(pf, 0);
	else
		pci_disable_sriov(pf);
	if (ret < 0 || pci_num_vf(pf))
		return pci_reload_fail(pr, ret < 0 ? ret : -EBUSY,
				       "the driver of %s does not let go of its VFs",
				       pci_name(pf));
	return 0;
}

/*
 * A removal takes the device lock inside the rescan lock, a write to
 * sriov_numvfs the other way round. Neither order is safe against both, so the
 * second lock is only tried for, to a deadline.
 */
static int pci_reload_disable_vfs(struct pci_reload *pr)
{
	unsigned long end = jiffies + msecs_to_jiffies(PCI_RELOAD_LOCK_MS);
	unsigned int disabled = 0;
	struct pci_dev *pf;
	bool locked;
	int ret;

	while (disabled < PCI_RELOAD_PFS_MAX) {
		ret = pci_reload_interrupted(pr);
		if (ret)
			return ret;

		pci_lock_rescan_remove();
		pf = pci_reload_next_pf(pr->bus);
		if (!pf) {
			pci_unlock_rescan_remove();
			return 0;
		}
		pci_dev_get(pf);
		locked = device_trylock(&pf->dev);
		if (locked) {
			ret = pci_reload_disable_vfs_locked(pr, pf);
			device_unlock(&pf->dev);
		} else if (time_after(jiffies, end)) {
			ret = pci_reload_fail(pr, -EBUSY,
					      "%s is busy: its VFs could not be disabled within %u s",
					      pci_name(pf),
					      PCI_RELOAD_LOCK_MS / 1000);
		}
		pci_unlock_rescan_remove();
		pci_dev_put(pf);
		if (ret)
			return ret;
		if (locked) {
			disabled++;
			end = jiffies + msecs_to_jiffies(PCI_RELOAD_LOCK_MS);
		} else {
			usleep_range(PCI_RELOAD_POLL_MIN_US,
				     PCI_RELOAD_POLL_MAX_US);
		}
	}
	return pci_reload_fail(pr, -EBUSY,
			       "VFs below %s are enabled faster than they can be disabled",
			       pci_name(pr->port));
}

/*
 * Remove functions one at a time, so that others get at the rescan lock in
 * between.
 */
static int pci_reload_remove(struct pci_reload *pr, struct pci_dev *keep)
{
	struct pci_dev *pdev;
	unsigned int i;
	int ret;

	for (i = 0; i < PCI_RELOAD_FUNCTIONS_MAX; i++) {
		pci_lock_rescan_remove();
		ret = READ_ONCE(pr->gone) ? -ENODEV : 0;
		pdev = ret ? NULL : pci_reload_next(pr->bus, keep);
		if (pdev)
			pci_stop_and_remove_bus_device(pdev);
		pci_unlock_rescan_remove();
		if (ret)
			return pci_reload_interrupted(pr);
		if (!pdev)
			return 0;
	}
	return pci_reload_fail(pr, -EBUSY,
			       "functions below %s appear faster than they can be removed",
			       pci_name(pr->port));
}

/**
 * pci_reload_remove_functions - remove what is not needed for the trigger
 * @pr: an open window
 * @keep: the function that stays, with the bridges above it; or NULL
 *
 * All VFs go first, by the driver of their PF where it has a say.
 *
 * Context: may sleep. Takes the rescan lock for each function.
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

	ret = pci_reload_disable_vfs(pr);
	if (ret)
		return ret;
	ret = pci_reload_remove(pr, keep);
	if (ret)
		return ret;
	pci_reload_set_state(pr, PCI_RELOAD_REMOVED);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_remove_functions);

static bool pci_reload_is_ancestor(struct device *dev, struct device *of)
{
	for (; of; of = of->parent) {
		if (of == dev)
			return true;
	}
	return false;
}

static int pci_reload_unbind(struct device *dev, void *data)
{
	struct device *control = data;

	device_for_each_child(dev, control, pci_reload_unbind);
	if (!pci_reload_is_ancestor(dev, control))
		device_release_driver(dev);
	return 0;
}

/**
 * pci_reload_unbind_children - unbind what the trigger does not need
 * @pr: a window in which the functions were removed
 * @top: the device whose children are meant: the control function
 * @control: the device through which the card is triggered
 *
 * The devices below @top lose their drivers, the deepest first, save @control
 * and its ancestors. The devices themselves belong to whoever made them.
 *
 * Context: may sleep; takes device locks, one at a time.
 *
 * Return: 0; -ENODEV or -EINTR.
 */
int pci_reload_unbind_children(struct pci_reload *pr, struct device *top,
			       struct device *control)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_REMOVED, PCI_RELOAD_REMOVED);
	if (ret)
		return ret;

	device_for_each_child(top, control, pci_reload_unbind);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_unbind_children);

/*
 * What pciehp does for a card that was pulled: from here on the PCI core
 * answers configuration accesses itself, and drivers that ask know.
 */
static int pci_reload_set_disconnected(struct pci_dev *pdev, void *unused)
{
	xchg(&pdev->error_state, pci_channel_io_perm_failure);
	return 0;
}

/**
 * pci_reload_remove_rest - remove all that is left below the port
 * @pr: an open window
 *
 * With the link down the functions are marked as disconnected first: no
 * remove() callback is to wait for a card that can not answer. In the middle of
 * a reload that is what was reserved for the trigger; after a failed one it is
 * whatever was left.
 *
 * Context: may sleep. Takes the rescan lock for each function.
 *
 * Return: 0; -EBUSY, -ENODEV or -EINTR.
 */
int pci_reload_remove_rest(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_ENUMERATED);
	if (ret)
		return ret;

	if (pr->link_disabled || !pci_reload_link_active(pr))
		pci_walk_bus(pr->bus, pci_reload_set_disconnected,
			     NULL);
	ret = pci_reload_remove(pr, NULL);
	if (ret)
		return ret;
	pci_reload_set_state(pr, PCI_RELOAD_EMPTY);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_remove_rest);
