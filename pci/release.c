// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs that are given up ahead of a window, while it is closed: disabling them takes 1 s
 * (PCIe r6.0, sec 9.3.3.3.1), which need not be a part of the outage of all functions. The
 * window that opens next counts them among what was there when it opened; if no window is
 * opened they are enabled again.
 */

#include <linux/module.h>
#include <linux/pci.h>

#include "reload.h"

/* With the watch entered: all of it may have to wait for others. */
static int pci_reload_release_watched(struct pci_reload *pr, bool *begun)
{
	int ret;

	if (!pci_reload_link_is_up(pr))
		return pci_reload_fail(pr, -ENODEV, "the link of %s is down",
				       pci_name(pr->port));
	if (!pci_reload_can_return_vfs(pr))
		return pci_reload_fail(pr, -EOPNOTSUPP,
				       "the VFs below %s could not be enabled again",
				       pci_name(pr->port));
	ret = pci_reload_interrupted(pr) ?: pci_reload_remember(pr);
	if (ret)
		return ret;
	*begun = true;
	pr->vfs_released = true;
	return pci_reload_give_up_vfs(pr);
}

/**
 * pci_reload_release_vfs - disable all VFs below the port, ahead of a window
 * @pr: a closed window
 * @begun: set to whether anything was done
 *
 * What they were is remembered: for pci_reload_return_vfs(), or for the window that opens
 * next. One of the two has to follow if anything was done, also after a failure: some may be
 * disabled then. Those that are not have the drivers that they had.
 *
 * Context: may sleep, as pci_reload_give_up_vfs() does; the owner's thread, no lock is held.
 *
 * Return: 0; -EBUSY if a window is open, or a driver does not let go of its VFs; what it
 * failed with; -EOPNOTSUPP if there are none, or the driver of a PF has no sriov_configure()
 * by which they could be enabled again; -ENOMEM with nothing done; -ENODEV or -EINTR.
 */
int pci_reload_release_vfs(struct pci_reload *pr, bool *begun)
{
	int ret;

	*begun = false;
	if (pci_reload_is_open(pr))
		return pci_reload_fail(pr, -EBUSY, "a reload is under way on %s",
				       pci_name(pr->port));
	pci_reload_watch_start(pr);
	pci_reload_watch_enter(pr);
	ret = pci_reload_release_watched(pr, begun);
	pci_reload_watch_leave(pr);
	pci_reload_watch_stop(pr);
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_release_vfs);

/**
 * pci_reload_return_vfs - enable the VFs that were given up ahead of a window
 * @pr: a closed window, after pci_reload_release_vfs()
 *
 * For a reload that is given up before its window opened, or before it has done anything.
 * VFs get their driver_override back, whatever pci_reload_set_restore() has said; what else
 * was set for them is lost.
 *
 * Context: may sleep; the owner's thread. Takes the locks that a write to sriov_numvfs
 * takes.
 *
 * Return: 0; the first error. Other PFs get theirs all the same. -ENODEV if the link is down:
 * no driver is asked for VFs of a card that is not there.
 */
int pci_reload_return_vfs(struct pci_reload *pr)
{
	int ret;

	pr->vfs_released = false;
	if (!pci_reload_link_is_up(pr))
		return pci_reload_fail(pr, -ENODEV,
				       "VFs were not enabled again: the link of %s is down",
				       pci_name(pr->port));
	pci_reload_watch_start(pr);
	pci_reload_watch_enter(pr);
	ret = pci_reload_enable_vfs(pr);
	pci_reload_watch_leave(pr);
	pci_reload_watch_stop(pr);
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_return_vfs);
