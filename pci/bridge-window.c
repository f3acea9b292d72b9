// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a bridge's windows (PCIe r6.0, sec 7.5.1.3.6 to 7.5.1.3.10). The
 * PCI core writes them in pci_assign_unassigned_bridge_resources() only; why that is
 * not called, see room.c.
 */

#include <linux/pci.h>

#include "reload.h"

/* Base above limit: the bridge forwards nothing. */
#define PCI_RELOAD_IO_CLOSED	0x00f0
#define PCI_RELOAD_MEM_CLOSED	0x0000fff0

/* Bits 31:20 of an address, as limit and, 16 bits lower, as base */
#define PCI_RELOAD_MEM_BITS	0xfff00000

/* Bits 15:12 of an address, as limit and, 8 bits lower, as base */
#define PCI_RELOAD_IO_BITS	0xf000

/* Whether the window is open; its addresses on the bus above the bridge. */
static bool pci_reload_window_region(struct pci_dev *bridge, int resno,
				     struct pci_bus_region *region)
{
	struct resource *res = &bridge->resource[resno];

	pcibios_resource_to_bus(bridge->bus, region, res);
	return res->parent;
}

static void pci_reload_write_io(struct pci_dev *bridge)
{
	struct pci_bus_region region;
	u32 upper = 0;
	u16 lower = PCI_RELOAD_IO_CLOSED;

	pci_write_config_word(bridge, PCI_IO_BASE, PCI_RELOAD_IO_CLOSED);
	if (pci_reload_window_region(bridge, PCI_BRIDGE_IO_WINDOW, &region)) {
		lower = (region.end & PCI_RELOAD_IO_BITS) |
			(region.start & PCI_RELOAD_IO_BITS) >> 8;
		upper = (region.end & 0xffff0000) | (u32)region.start >> 16;
	}
	pci_write_config_dword(bridge, PCI_IO_BASE_UPPER16, upper);
	pci_write_config_word(bridge, PCI_IO_BASE, lower);
}

static u32 pci_reload_mem_bits(const struct pci_bus_region *region)
{
	return (lower_32_bits(region->end) & PCI_RELOAD_MEM_BITS) |
	       (lower_32_bits(region->start) & PCI_RELOAD_MEM_BITS) >> 16;
}

static void pci_reload_write_mem(struct pci_dev *bridge)
{
	struct pci_bus_region region;
	u32 lower = PCI_RELOAD_MEM_CLOSED;

	if (pci_reload_window_region(bridge, PCI_BRIDGE_MEM_WINDOW, &region))
		lower = pci_reload_mem_bits(&region);
	pci_write_config_dword(bridge, PCI_MEMORY_BASE, lower);
}

static void pci_reload_write_pref(struct pci_dev *bridge)
{
	u32 lower = PCI_RELOAD_MEM_CLOSED, base = 0, limit = 0;
	struct pci_bus_region region;

	pci_write_config_dword(bridge, PCI_PREF_MEMORY_BASE,
			       PCI_RELOAD_MEM_CLOSED);
	if (pci_reload_window_region(bridge, PCI_BRIDGE_PREF_MEM_WINDOW,
				     &region)) {
		lower = pci_reload_mem_bits(&region);
		base = upper_32_bits(region.start);
		limit = upper_32_bits(region.end);
	}
	pci_write_config_dword(bridge, PCI_PREF_BASE_UPPER32, base);
	pci_write_config_dword(bridge, PCI_PREF_LIMIT_UPPER32, limit);
	pci_write_config_dword(bridge, PCI_PREF_MEMORY_BASE, lower);
}

/**
 * pci_reload_write_window - have a bridge forward what its window says
 * @bridge: a bridge
 * @resno: the window: PCI_BRIDGE_IO_WINDOW and so on; one that has no address is
 *	closed
 *
 * Context: the rescan lock is held; nothing below the bridge uses the window.
 */
void pci_reload_write_window(struct pci_dev *bridge, int resno)
{
	switch (resno) {
	case PCI_BRIDGE_IO_WINDOW:
		pci_reload_write_io(bridge);
		break;
	case PCI_BRIDGE_MEM_WINDOW:
		pci_reload_write_mem(bridge);
		break;
	case PCI_BRIDGE_PREF_MEM_WINDOW:
		pci_reload_write_pref(bridge);
		break;
	}
}
