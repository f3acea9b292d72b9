// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI devices below a port: who is below whom, and a walk over all of them.
 */

#include <linux/list.h>
#include <linux/pci.h>

#include "reload.h"

/**
 * pci_reload_walk - call a function for all that is on a bus and below it
 * @bus: the bus
 * @fn: the function; ends the walk by returning something else than 0
 * @data: its argument
 *
 * A bridge comes before what is below it, and a PF before its VFs, including
 * those on a bus of their own, which pci_walk_bus() does not know. @fn may look
 * for devices, which is not possible in pci_walk_bus().
 *
 * Context: the rescan lock is held.
 *
 * Return: what @fn returned last, or 0.
 */
int pci_reload_walk(struct pci_bus *bus,
		    int (*fn)(struct pci_dev *pdev, void *data), void *data)
{
	struct pci_bus *child;
	struct pci_dev *pdev;
	int ret;

	list_for_each_entry(pdev, &bus->devices, bus_list) {
		ret = fn(pdev, data);
		if (!ret && pdev->subordinate)
			ret = pci_reload_walk(pdev->subordinate, fn, data);
		if (ret)
			return ret;
	}
	list_for_each_entry(child, &bus->children, node) {
		/* A bus without a bridge holds VFs. */
		ret = child->self ? 0 : pci_reload_walk(child, fn, data);
		if (ret)
			return ret;
	}
	return 0;
}

/* Whether @pdev is a bridge above @below. */
bool pci_reload_is_above(struct pci_dev *pdev, struct pci_dev *below)
{
	struct pci_bus *bus;

	if (!pdev->subordinate)
		return false;
	for (bus = below->bus; bus; bus = bus->parent) {
		if (bus == pdev->subordinate)
			return true;
	}
	return false;
}

/* Whether @pdev is on a bus below the port. */
bool pci_reload_is_below(struct pci_reload *pr, struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	while (bus && bus != pr->bus)
		bus = bus->parent;
	return bus;
}
