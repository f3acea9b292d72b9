/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BARs of a card, and the windows of its port that they belong in: for those who note
 * what there is, and those who make room for it.
 */
#ifndef _PCI_RELOAD_ROOM_H
#define _PCI_RELOAD_ROOM_H

#include <linux/pci.h>

#include "reload.h"

/**
 * struct pci_reload_bar - a BAR that was found
 * @node: entry in the list of BARs
 * @pdev: its function; the rescan lock keeps it
 * @bar: number of the resource
 * @window: the window of the port that it belongs in
 * @optional: the function works without it: BARs of VFs
 * @flags: flags of the resource; the PCI core clears those of a BAR for which it
 *	finds no room, and its size
 * @size: its size, in bytes
 */
struct pci_reload_bar {
	struct list_head node;
	struct pci_dev *pdev;
	int bar;
	enum pci_reload_window window;
	bool optional;
	unsigned long flags;
	resource_size_t size;
};

static inline struct resource *
pci_reload_bar_res(const struct pci_reload_bar *bar)
{
	return &bar->pdev->resource[bar->bar];
}

/* Number of a window among the port's resources. */
static inline int pci_reload_window_no(enum pci_reload_window i)
{
	switch (i) {
	case PCI_RELOAD_IO:
		return PCI_BRIDGE_IO_WINDOW;
	case PCI_RELOAD_MEM:
		return PCI_BRIDGE_MEM_WINDOW;
	default:
		return PCI_BRIDGE_PREF_MEM_WINDOW;
	}
}

static inline struct resource *pci_reload_window(struct pci_reload *pr,
						 enum pci_reload_window i)
{
	return &pr->port->resource[pci_reload_window_no(i)];
}

/* Its size in bytes; 0 if it has no address. */
static inline u64 pci_reload_window_size(struct pci_reload *pr,
					 enum pci_reload_window i)
{
	const struct resource *res = pci_reload_window(pr, i);

	return res->parent ? resource_size(res) : 0;
}

#endif /* _PCI_RELOAD_ROOM_H */
