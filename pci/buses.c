// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether a card has enough bus numbers below its port. None is moved for it.
 */

#include <linux/bitfield.h>
#include <linux/pci.h>

#include "reload.h"

/* Primary, secondary and subordinate bus number of a bridge, in one register. */
#define PCI_RELOAD_BUS_NUMBERS	0x00ffffff

/* Header Type (PCIe r6.0, sec 7.5.1.1.9) */
#define PCI_RELOAD_HEADER_TYPE	0x7f
#define PCI_RELOAD_MULTI_FUNCTION 0x80

/* On one bus, and in one device. */
#define PCI_RELOAD_DEVICES	32
#define PCI_RELOAD_FUNCTIONS	8

/**
 * struct pci_reload_buses - what is known of the buses below a port
 * @end: the last bus number that the port has
 * @needed: number of buses found, that of the port included
 * @late: something is there that does not answer yet
 */
struct pci_reload_buses {
	unsigned int end;
	unsigned int needed;
	bool late;
};

static void pci_reload_count_bus(struct pci_reload_buses *buses,
				 struct pci_bus *bus, bool link);

/*
 * Whether there is a function. One that asks to be tried later (PCIe r6.0, sec
 * 2.3.1) is, but cannot be looked at.
 */
static bool pci_reload_answers(struct pci_reload_buses *buses,
			       struct pci_bus *bus, unsigned int devfn)
{
	u32 id = ~0;

	pci_bus_read_config_dword(bus, devfn, PCI_VENDOR_ID, &id);
	if (PCI_POSSIBLE_ERROR(id) || !id)
		return false;
	if (!pci_reload_id_is_retry(id))
		return true;
	buses->late = true;
	return false;
}

static bool pci_reload_is_downstream(struct pci_bus *bus, unsigned int devfn,
				     unsigned int pos)
{
	u16 flags = 0;

	pci_bus_read_config_word(bus, devfn, pos + PCI_EXP_FLAGS, &flags);
	return FIELD_GET(PCI_EXP_FLAGS_TYPE, flags) == PCI_EXP_TYPE_DOWNSTREAM;
}

/* The link below a bridge is up, or training. */
static bool pci_reload_has_partner(struct pci_bus *bus, unsigned int devfn,
				   unsigned int pos)
{
	u32 cap = 0;
	u16 sta = 0;

	pci_bus_read_config_dword(bus, devfn, pos + PCI_EXP_LNKCAP, &cap);
	pci_bus_read_config_word(bus, devfn, pos + PCI_EXP_LNKSTA, &sta);
	return sta & PCI_EXP_LNKSTA_LT ||
	       (cap & PCI_EXP_LNKCAP_DLLLARC && sta & PCI_EXP_LNKSTA_DLLLA);
}

/*
 * Look behind a bridge. It gets all bus numbers that are left for that time,
 * and none afterwards: whatever it was configured for is over. The bus is as those that
 * the kernel makes for VFs, as there is no device for its bridge yet.
 */
static void pci_reload_count_bridge(struct pci_reload_buses *buses,
				    struct pci_bus *bus, unsigned int devfn)
{
	unsigned int pos = pci_bus_find_capability(bus, devfn, PCI_CAP_ID_EXP);
	bool link = pos && pci_reload_is_downstream(bus, devfn, pos);
	struct pci_bus *below = NULL;
	u32 numbers = 0;

	if (bus->number < buses->end)
		below = pci_add_new_bus(bus, NULL, bus->number + 1);
	if (!below) {
		buses->needed++;
		return;
	}

	pci_bus_read_config_dword(bus, devfn, PCI_PRIMARY_BUS, &numbers);
	numbers &= ~PCI_RELOAD_BUS_NUMBERS;
	pci_bus_write_config_dword(bus, devfn, PCI_PRIMARY_BUS, numbers |
				   buses->end << 16 | below->number << 8 |
				   bus->number);
	pci_reload_count_bus(buses, below, link);
	if (link && pci_reload_has_partner(bus, devfn, pos) &&
	    !pci_reload_answers(buses, below, 0))
		buses->late = true;
	pci_bus_write_config_dword(bus, devfn, PCI_PRIMARY_BUS, numbers);
	pci_remove_bus(below);
}

/* Returns whether there may be more functions in its device. */
static bool pci_reload_count_function(struct pci_reload_buses *buses,
				      struct pci_bus *bus, unsigned int devfn)
{
	u8 type = 0;

	if (!pci_reload_answers(buses, bus, devfn))
		return false;
	pci_bus_read_config_byte(bus, devfn, PCI_HEADER_TYPE, &type);
	if ((type & PCI_RELOAD_HEADER_TYPE) == PCI_HEADER_TYPE_BRIDGE)
		pci_reload_count_bridge(buses, bus, devfn);
	return type & PCI_RELOAD_MULTI_FUNCTION;
}

/* There is but one device on a link (PCIe r6.0, sec 7.3.1). */
static void pci_reload_count_bus(struct pci_reload_buses *buses,
				 struct pci_bus *bus, bool link)
{
	unsigned int devices = link ? 1 : PCI_RELOAD_DEVICES;
	unsigned int i, fn;

	buses->needed++;
	for (i = 0; i < devices; i++) {
		if (!pci_reload_count_function(buses, bus, PCI_DEVFN(i, 0)))
			continue;
		for (fn = 1; fn < PCI_RELOAD_FUNCTIONS; fn++)
			pci_reload_count_function(buses, bus, PCI_DEVFN(i, fn));
	}
}

/**
 * pci_reload_count_buses - how many bus numbers the card needs
 * @pr: the window; there is no function below the port yet
 * @needed: set to the number of buses, that of the port included. What is
 *	behind more bridges in a row than the port has numbers is not seen, nor
 *	are the numbers that VFs can take
 *
 * Asks the card itself, since the PCI core's scan takes numbers that are not
 * the port's if those run out. Each bridge costs two uevents, of a bus that comes and
 * goes.
 *
 * Context: may sleep. The rescan lock is held.
 *
 * Return: 0; -EAGAIN if something behind a bridge does not answer yet.
 */
int pci_reload_count_buses(struct pci_reload *pr, unsigned int *needed)
{
	struct pci_reload_buses buses = {
		.end = pr->bus->busn_res.end,
	};

	pci_reload_count_bus(&buses, pr->bus, true);
	*needed = buses.needed;
	return buses.late ? -EAGAIN : 0;
}

/* Whether a bridge is without buses, or with more than the port has. */
static int pci_reload_lacks_buses(struct pci_dev *pdev, void *data)
{
	const struct resource *have = data;

	if (!pci_is_bridge(pdev))
		return 0;
	return !pdev->subordinate ||
	       pdev->subordinate->busn_res.end > have->end;
}

/**
 * pci_reload_check_buses - whether each bridge has got its bus numbers
 * @pr: the window, below which was scanned
 * @needed: how many were needed, if known
 *
 * Context: the rescan lock is held.
 *
 * Return: 0; -ENOSPC.
 */
int pci_reload_check_buses(struct pci_reload *pr, unsigned int needed)
{
	struct resource *busn = &pr->bus->busn_res;
	unsigned int have = resource_size(busn);

	if (!pci_reload_walk(pr->bus, pci_reload_lacks_buses, busn))
		return 0;
	/* The numbers for VFs, which are counted by the PCI core only. */
	needed = max(needed, have + 1);
	if (!pr->port->is_hotplug_bridge)
		return pci_reload_fail(pr, -ENOSPC,
				       "the card needs %u bus numbers or more, but the port %s has %u: boot with this image on the card",
				       needed, pci_name(pr->port), have);
	return pci_reload_fail(pr, -ENOSPC,
			       "the card needs %u bus numbers or more, but the port %s has %u: boot with pci=assign-busses,hpbussize=%u",
			       needed, pci_name(pr->port), have, needed);
}
