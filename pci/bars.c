// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which BARs a card has, and whether each of them got an address.
 */

#include <linux/align.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "room.h"

/* Granularity of bridge windows (PCIe r6.0, sec 7.5.1.3.6 and 7.5.1.3.8). */
#define PCI_RELOAD_IO_ALIGN	SZ_4K
#define PCI_RELOAD_MEM_ALIGN	SZ_1M

/*
 * The PCI core's rule: a 64-bit prefetchable window is for 64-bit prefetchable
 * BARs only, one of 32 bits for all that are prefetchable.
 */
static enum pci_reload_window pci_reload_window_of(struct pci_reload *pr,
						   const struct resource *bar)
{
	if (bar->flags & IORESOURCE_IO)
		return PCI_RELOAD_IO;
	if (!(bar->flags & IORESOURCE_PREFETCH) || !pr->port->pref_window)
		return PCI_RELOAD_MEM;
	if (pr->port->pref_64_window && !(bar->flags & IORESOURCE_MEM_64))
		return PCI_RELOAD_MEM;
	return PCI_RELOAD_PREF;
}

/**
 * struct pci_reload_sizes - what a bus needs of the windows of its bridge, in bytes
 * @need: without VFs
 * @all: with them
 */
struct pci_reload_sizes {
	u64 need[PCI_RELOAD_WINDOWS];
	u64 all[PCI_RELOAD_WINDOWS];
};

static int pci_reload_note_bar(struct pci_reload *pr, struct pci_dev *pdev,
			       struct pci_reload_room *room, int i,
			       struct pci_reload_sizes *sizes)
{
	struct resource *res = &pdev->resource[i];
	struct pci_reload_bar *bar;

	if (!(res->flags & (IORESOURCE_IO | IORESOURCE_MEM)) ||
	    !resource_size(res))
		return 0;
	bar = kmalloc(sizeof(*bar), GFP_KERNEL);
	if (!bar)
		return -ENOMEM;
	*bar = (struct pci_reload_bar) {
		.pdev = pdev,
		.bar = i,
		.window = pci_reload_window_of(pr, res),
		.optional = i > PCI_ROM_RESOURCE,
		.flags = res->flags,
		.size = resource_size(res),
	};
	list_add_tail(&bar->node, &room->bars);
	sizes->all[bar->window] += bar->size;
	if (!bar->optional) {
		sizes->need[bar->window] += bar->size;
		room->align[bar->window] = max_t(u64, room->align[bar->window],
						 bar->size);
	}
	return 0;
}

/* The PCI core gives a function without a class no addresses, nor a host bridge. */
static bool pci_reload_has_no_class(struct pci_dev *pdev)
{
	unsigned int class = pdev->class >> 8;

	return class == PCI_CLASS_NOT_DEFINED || class == PCI_CLASS_BRIDGE_HOST;
}

static bool pci_reload_has_bars(struct pci_dev *pdev)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (resource_size(&pdev->resource[i]) && pdev->resource[i].flags)
			return true;
	}
	return false;
}

/* Expansion ROMs get an address when somebody reads them. */
static int pci_reload_note_function(struct pci_reload *pr, struct pci_dev *pdev,
				    struct pci_reload_room *room,
				    struct pci_reload_sizes *sizes)
{
	int ret = 0;
	int i;

	if (pci_is_bridge(pdev))
		return 0;
	if (pci_reload_has_no_class(pdev)) {
		if (pci_reload_has_bars(pdev))
			pci_reload_degrade(pr,
					   "%s has class %06x: Linux gives such a function no addresses",
					   pci_name(pdev), pdev->class);
		return 0;
	}
	for (i = 0; !ret && i < PCI_BRIDGE_RESOURCES; i++) {
		if (i != PCI_ROM_RESOURCE)
			ret = pci_reload_note_bar(pr, pdev, room, i, sizes);
	}
	return ret;
}

/* Adds what the functions on a bus, and behind bridges there, need to @sizes. */
static int pci_reload_note_bus(struct pci_reload *pr, struct pci_bus *bus,
			       struct pci_reload_room *room,
			       struct pci_reload_sizes *sizes)
{
	struct pci_reload_sizes below = {};
	struct pci_dev *pdev;
	unsigned int i;
	u64 align;
	int ret;

	list_for_each_entry(pdev, &bus->devices, bus_list) {
		ret = pci_reload_note_function(pr, pdev, room, &below);
		if (!ret && pdev->subordinate)
			ret = pci_reload_note_bus(pr, pdev->subordinate, room,
						  &below);
		if (ret)
			return ret;
	}
	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		align = i == PCI_RELOAD_IO ? PCI_RELOAD_IO_ALIGN :
					     PCI_RELOAD_MEM_ALIGN;
		sizes->need[i] += ALIGN(below.need[i], align);
		sizes->all[i] += ALIGN(below.all[i], align);
	}
	return 0;
}

/**
 * pci_reload_remember_bars - note which BARs there are, and the windows
 * @pr: the window, below which was scanned
 * @room: the notes
 *
 * Before addresses are assigned: the PCI core forgets BARs for which there is
 * no room.
 *
 * Context: may sleep. The rescan lock is held.
 *
 * Return: 0; -ENOMEM if the notes are not complete.
 */
int pci_reload_remember_bars(struct pci_reload *pr,
			     struct pci_reload_room *room)
{
	struct pci_reload_sizes sizes = {};
	unsigned int i;
	int ret;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++)
		room->have[i] = pci_reload_window_size(pr, i);
	ret = pci_reload_note_bus(pr, pr->bus, room, &sizes);
	memcpy(room->need, sizes.need, sizeof(room->need));
	memcpy(room->all, sizes.all, sizeof(room->all));
	return ret;
}

void pci_reload_forget_bars(struct pci_reload_room *room)
{
	struct pci_reload_bar *bar, *next;

	list_for_each_entry_safe(bar, next, &room->bars, node)
		kfree(bar);
}

static unsigned long long pci_reload_mib(u64 size)
{
	return size / SZ_1M;
}

/* The size of a window in which the BARs fit, wherever it begins. */
static unsigned long long pci_reload_enough(const struct pci_reload_room *room,
					    enum pci_reload_window i)
{
	u64 size = room->need[i];

	if (size <= room->have[i])
		size += room->align[i];
	return pci_reload_mib(size);
}

/* "pci=hpmmiosize=64M,hpmmioprefsize=2M", as far as is needed */
static void pci_reload_boot_parameter(struct pci_reload *pr,
				      const struct pci_reload_room *room,
				      const bool *lacks, char *buf, size_t len)
{
	size_t used;

	if (!pr->port->is_hotplug_bridge) {
		scnprintf(buf, len, "pci=realloc, with this image on the card");
		return;
	}
	used = scnprintf(buf, len, "pci=");
	if (lacks[PCI_RELOAD_MEM])
		used += scnprintf(buf + used, len - used, "hpmmiosize=%lluM%s",
				  pci_reload_enough(room, PCI_RELOAD_MEM),
				  lacks[PCI_RELOAD_PREF] ? "," : "");
	if (lacks[PCI_RELOAD_PREF])
		scnprintf(buf + used, len - used, "hpmmioprefsize=%lluM",
			  pci_reload_enough(room, PCI_RELOAD_PREF));
}

/**
 * pci_reload_check_bars - whether each memory BAR has an address now
 * @pr: the window
 * @room: what was noted before
 *
 * An endpoint has to work without its I/O BARs (PCIe r6.0, sec 1.3.2.2), and
 * without its VFs.
 *
 * Context: the rescan lock is held.
 *
 * Return: 0; -ENOSPC.
 */
int pci_reload_check_bars(struct pci_reload *pr,
			  const struct pci_reload_room *room)
{
	const struct pci_reload_bar *bar, *first = NULL;
	bool lacks[PCI_RELOAD_WINDOWS] = {};
	char parameter[64];

	list_for_each_entry(bar, &room->bars, node) {
		if (pci_reload_bar_res(bar)->parent || bar->optional ||
		    bar->window == PCI_RELOAD_IO)
			continue;
		lacks[bar->window] = true;
		first = first ?: bar;
	}
	if (!first)
		return 0;
	pci_reload_boot_parameter(pr, room, lacks, parameter,
				  sizeof(parameter));
	return pci_reload_fail(pr, -ENOSPC,
			       "no room for BAR %d of %s: the card needs %llu MiB and %llu MiB prefetchable, the windows of %s had %llu MiB and %llu MiB; boot with %s",
			       first->bar, pci_name(first->pdev),
			       pci_reload_mib(room->need[PCI_RELOAD_MEM]),
			       pci_reload_mib(room->need[PCI_RELOAD_PREF]),
			       pci_name(pr->port),
			       pci_reload_mib(room->have[PCI_RELOAD_MEM]),
			       pci_reload_mib(room->have[PCI_RELOAD_PREF]),
			       parameter);
}
