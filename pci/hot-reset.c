// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resetting the card through its link.
 */

#include <linux/ktime.h>
#include <linux/pci.h>

#include "reload.h"

/**
 * pci_reload_may_hot_reset - whether the card can be reset through its link
 * @pr: the window. With nothing left below the port what was there before counts
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: 0; -EOPNOTSUPP for a card that must not be reset so.
 */
int pci_reload_may_hot_reset(struct pci_reload *pr)
{
	if (!pci_reload_is_empty(pr))
		pci_reload_find_quirks(pr);
	if (!pr->no_bus_reset)
		return 0;
	return pci_reload_fail(pr, -EOPNOTSUPP,
			       "the kernel has a quirk that forbids a hot reset of the card below %s",
			       pci_name(pr->port));
}
EXPORT_SYMBOL_GPL(pci_reload_may_hot_reset);

/**
 * pci_reload_hot_reset - reset the card through its link
 * @pr: an open window in which nothing is left below the port
 *
 * The kernel's secondary bus reset (PCIe r6.0, sec 6.6.1 and 7.5.1.3.13), if
 * the card is not known to be hurt by it. There are ports that ignore it, or have it
 * masked (CXL r3.1, sec 8.1.5.2): pci_reload_settle() finds that out by the card's
 * mark. Call pci_reload_wait_link() next.
 *
 * Context: may sleep.
 *
 * Return: 0; -EOPNOTSUPP for a card that must not be reset so; -ENODEV, -EINTR,
 * or what the port's reset failed with.
 */
int pci_reload_hot_reset(struct pci_reload *pr)
{
	struct pci_reload_port_ids ids;
	int ret;

	ret = pci_reload_step_empty(pr);
	if (ret)
		return ret;
	ret = pci_reload_may_hot_reset(pr);
	if (ret)
		return ret;

	pci_reload_link_release(pr);
	pci_reload_revive_port(pr);
	pci_reload_mark_card(pr);
	pci_reload_drs_forget(pr);
	if (!pci_reload_port_lock(pr))
		return pci_reload_interrupted(pr);
	pr->reset_asked = pr->marked;
	pci_save_state(pr->port);
	pci_reload_read_port_ids(pr->port, &ids);
	pci_cfg_access_lock(pr->port);
	ret = pci_bridge_secondary_bus_reset(pr->port);
	pci_cfg_access_unlock(pr->port);
	pci_reload_remind_port(pr, &ids);
	pr->released = ktime_get();
	pci_reload_port_unlock(pr);
	if (ret)
		return pci_reload_fail(pr, ret, "the hot reset below %s failed",
				       pci_name(pr->port));
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_hot_reset);
