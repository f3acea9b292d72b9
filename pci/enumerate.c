// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding what is below the port now, and nothing else.
 */

#include <linux/list.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "reload.h"

/**
 * struct pci_reload_bar - a BAR that was found
 * @node: entry in the list of BARs
 * @pdev: its function; the rescan lock keeps it
 * @bar: its number
 * @size: in bytes
 */
struct pci_reload_bar {
	struct list_head node;
	struct pci_dev *pdev;
	int bar;
	resource_size_t size;
};

/**
 * struct pci_reload_found - what the scan found
 * @functions: number of functions, bridges included
 * @bars: the memory BARs; remembered here since the PCI core forgets those for
 *	which there is no room
 * @err: -ENOMEM if @bars is not complete
 */
struct pci_reload_found {
	unsigned int functions;
	struct list_head bars;
	int err;
};

static int pci_reload_find(struct pci_dev *pdev, void *data)
{
	struct pci_reload_found *found = data;
	struct pci_reload_bar *bar;
	struct resource *res;
	int i;

	found->functions++;
	for (i = 0; i < PCI_STD_NUM_BARS && !pci_is_bridge(pdev); i++) {
		res = &pdev->resource[i];
		if (!(res->flags & IORESOURCE_MEM) || !resource_size(res))
			continue;
		bar = kmalloc(sizeof(*bar), GFP_KERNEL);
		if (!bar) {
			found->err = -ENOMEM;
			break;
		}
		bar->pdev = pdev;
		bar->bar = i;
		bar->size = resource_size(res);
		list_add_tail(&bar->node, &found->bars);
	}
	return 0;
}

static void pci_reload_forget_found(struct pci_reload_found *found)
{
	struct pci_reload_bar *bar, *next;

	list_for_each_entry_safe(bar, next, &found->bars, node)
		kfree(bar);
}

/* Whether each BAR has an address now. */
static int pci_reload_check_bars(struct pci_reload *pr,
				 const struct pci_reload_found *found)
{
	const struct pci_reload_bar *bar, *first = NULL;
	unsigned int count = 0;

	list_for_each_entry(bar, &found->bars, node) {
		if (bar->pdev->resource[bar->bar].parent)
			continue;
		if (!count++)
			first = bar;
	}
	if (!first)
		return 0;
	return pci_reload_fail(pr, -ENOSPC,
			       "BAR %d of %s needs %llu KiB, which do not fit below %s (%u BARs without an address); boot with pci=realloc, or with pci=hpmmiosize= and the size needed",
			       first->bar, pci_name(first->pdev),
			       (unsigned long long)first->size >> 10,
			       pci_name(pr->port), count);
}

/* The rescan lock is held. */
static int pci_reload_scan(struct pci_reload *pr,
			   struct pci_reload_found *found)
{
	struct pci_bus *bus = pr->bus;
	int ret;

	/* With the bridges below, and bus numbers for VFs set aside. */
	pci_scan_child_bus(bus);
	pci_walk_bus(bus, pci_reload_find, found);
	pci_assign_unassigned_bridge_resources(pr->port);
	pcie_bus_configure_settings(bus);
	ret = pci_reload_check_bars(pr, found);
	pci_bus_add_devices(bus);
	pci_reload_set_state(pr, PCI_RELOAD_ENUMERATED);

	if (!found->functions)
		return pci_reload_fail(pr, -ENODEV,
				       "the card below %s answered, but no function was found",
				       pci_name(pr->port));
	return ret ?: found->err;
}

/**
 * pci_reload_enumerate - enumerate below the port
 * @pr: a window in which the card answers
 *
 * Scans, gives bus numbers and addresses, sets payload sizes and binds
 * drivers, below this port only.
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: how many functions are there now, bridges included; -ENODEV if there
 * is none or the port is gone; -ENOSPC if a BAR did not fit: the functions are
 * there all the same; -ENOMEM likewise; -EINTR.
 */
int pci_reload_enumerate(struct pci_reload *pr)
{
	struct pci_reload_found found = {
		.bars = LIST_HEAD_INIT(found.bars),
	};
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_READY, PCI_RELOAD_READY);
	if (ret)
		return ret;

	pci_lock_rescan_remove();
	if (READ_ONCE(pr->gone))
		ret = pci_reload_interrupted(pr);
	else
		ret = pci_reload_scan(pr, &found);
	pci_unlock_rescan_remove();

	pci_reload_forget_found(&found);
	return ret ?: (int)found.functions;
}
EXPORT_SYMBOL_GPL(pci_reload_enumerate);
