// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quiescing a function before it goes: its driver, its bus mastering, and, if
 * asked for, all that is left in it.
 */

#include <linux/pci.h>
#include <linux/pm_runtime.h>

#include "reload.h"

/**
 * pci_reload_set_quiesce - what is done to functions before their removal
 * @pr: the window
 * @quiesce: the policy; a new window has PCI_RELOAD_QUIESCE_NONE
 *
 * Holds for the functions that pci_reload_remove_functions() removes: not for
 * the function kept for the trigger, for bridges, nor for VFs, which their PF
 * resets.
 *
 * Context: any; not while a step of @pr is running.
 */
void pci_reload_set_quiesce(struct pci_reload *pr,
			    enum pci_reload_quiesce quiesce)
{
	pr->quiesce = quiesce;
}
EXPORT_SYMBOL_GPL(pci_reload_set_quiesce);

/*
 * The kernel's reset methods, in the order that it has, or that was written to
 * reset_method. A method resets more than the function (a bus reset) only if
 * the function is alone on its bus, so never the one that is kept.
 */
static void pci_reload_reset(struct pci_dev *pdev)
{
	int ret = pci_reset_function(pdev);

	/* It has no method, or is not allowed one. */
	if (ret == -ENOTTY)
		return;
	if (ret)
		pci_warn(pdev, "was not reset before its removal: error %d\n",
			 ret);
	/*
	 * The kernel's own methods for some devices (reset_chelsio_generic_dev())
	 * leave bus mastering on.
	 */
	pci_clear_master(pdev);
}

/**
 * pci_reload_take_driver - unbind the driver of a function that is to go
 * @pdev: the function, referenced by the caller
 *
 * Its bus mastering goes with it: nobody looks after what it moves any more.
 *
 * Context: may sleep, for as long as the driver does; no lock is held.
 */
void pci_reload_take_driver(struct pci_dev *pdev)
{
	device_release_driver(&pdev->dev);
	if (pci_is_bridge(pdev) || pci_dev_is_disconnected(pdev))
		return;
	/* A switch above it may sleep; the window keeps only the port awake. */
	pm_runtime_get_sync(&pdev->dev);
	pci_clear_master(pdev);
	pm_runtime_put(&pdev->dev);
}

/**
 * pci_reload_quiesce - make a function quiet that is to be removed next
 * @pdev: the function, referenced by the caller
 * @reset: reset it, too
 *
 * Its driver is unbound here, if pci_reload_unbind_all() has not done so, since the rescan
 * lock is not held: a remove() that takes its time delays nobody else. Without the lock
 * others may do something with the function at the same time:
 *
 * - It is removed: there is no driver to unbind then. Configuration space is
 *   reached through the reference, and what is written is what a removed
 *   function can stand; a reset is not begun any more.
 * - It is bound again: the driver that does so finds a function that is off, as
 *   after a boot, and a reset, if there is one, excludes it by the device lock.
 *   The caller sees the driver and starts again.
 *
 * A PF with VFs keeps its driver: removing VFs takes the rescan lock. A
 * function that is marked as disconnected is not accessed.
 *
 * Context: may sleep; no lock is held.
 */
void pci_reload_quiesce(struct pci_dev *pdev, bool reset)
{
	if (pci_num_vf(pdev))
		return;
	pci_reload_take_driver(pdev);
	if (!reset || pci_is_bridge(pdev) || pdev->is_virtfn ||
	    pci_dev_is_disconnected(pdev) || !device_is_registered(&pdev->dev))
		return;
	pm_runtime_get_sync(&pdev->dev);
	pci_reload_reset(pdev);
	pm_runtime_put(&pdev->dev);
}
