// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the BARs of a card fit below its port. Nothing outside is moved for them.
 */

#include <linux/align.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "reload.h"

/* Bridge windows start and end at a multiple of this (PCIe r6.0, sec 7.5.1.3.8). */
#define PCI_RELOAD_WINDOW_ALIGN	SZ_1M

static const int pci_reload_windows[PCI_RELOAD_WINDOWS] = {
	[PCI_RELOAD_MEM] = PCI_BRIDGE_MEM_WINDOW,
	[PCI_RELOAD_PREF] = PCI_BRIDGE_PREF_MEM_WINDOW,
};

/**
 * struct pci_reload_bar - a BAR that was found
 * @node: entry in the list of BARs
 * @pdev: its function; the rescan lock keeps it
 * @bar: its number
 * @window: the window of the port that it belongs in
 */
struct pci_reload_bar {
	struct list_head node;
	struct pci_dev *pdev;
	int bar;
	enum pci_reload_window window;
};

/*
 * The PCI core's rule: a 64-bit prefetchable window is for 64-bit prefetchable
 * BARs only, one of 32 bits for all that are prefetchable.
 */
static enum pci_reload_window pci_reload_window_of(struct pci_reload *pr,
						   const struct resource *bar)
{
	if (!(bar->flags & IORESOURCE_PREFETCH) || !pr->port->pref_window)
		return PCI_RELOAD_MEM;
	if (pr->port->pref_64_window && !(bar->flags & IORESOURCE_MEM_64))
		return PCI_RELOAD_MEM;
	return PCI_RELOAD_PREF;
}

static int pci_reload_bars_of(struct pci_reload *pr, struct pci_dev *pdev,
			      struct pci_reload_room *room, u64 *need)
{
	struct pci_reload_bar *bar;
	struct resource *res;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS && !pci_is_bridge(pdev); i++) {
		res = &pdev->resource[i];
		if (!(res->flags & IORESOURCE_MEM) || !resource_size(res))
			continue;
		bar = kmalloc(sizeof(*bar), GFP_KERNEL);
		if (!bar)
			return -ENOMEM;
		bar->pdev = pdev;
		bar->bar = i;
		bar->window = pci_reload_window_of(pr, res);
		list_add_tail(&bar->node, &room->bars);
		need[bar->window] += resource_size(res);
	}
	return 0;
}

/* Adds what the functions on a bus, and behind bridges there, need to @need. */
static int pci_reload_bars_on(struct pci_reload *pr, struct pci_bus *bus,
			      struct pci_reload_room *room, u64 *need)
{
	u64 below[PCI_RELOAD_WINDOWS] = {};
	struct pci_dev *pdev;
	unsigned int i;
	int ret;

	list_for_each_entry(pdev, &bus->devices, bus_list) {
		ret = pci_reload_bars_of(pr, pdev, room, below);
		if (!ret && pdev->subordinate)
			ret = pci_reload_bars_on(pr, pdev->subordinate, room,
						 below);
		if (ret)
			return ret;
	}
	for (i = 0; i < PCI_RELOAD_WINDOWS; i++)
		need[i] += ALIGN(below[i], PCI_RELOAD_WINDOW_ALIGN);
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
	struct resource *res;
	unsigned int i;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		res = &pr->port->resource[pci_reload_windows[i]];
		room->have[i] = res->parent ? resource_size(res) : 0;
	}
	return pci_reload_bars_on(pr, pr->bus, room, room->need);
}

static struct resource *pci_reload_window(struct pci_reload *pr,
					  enum pci_reload_window i)
{
	return &pr->port->resource[pci_reload_windows[i]];
}

/* In a hot-plug port the PCI core sets aside more than is needed, or less. */
static int pci_reload_new_window(struct pci_reload *pr,
				 const struct pci_reload_room *room,
				 enum pci_reload_window i)
{
	struct resource *res = pci_reload_window(pr, i);

	if (!room->need[i] || res->parent || !resource_size(res))
		return 0;
	if (!pci_assign_resource(pr->port, pci_reload_windows[i]))
		return 0;
	if (resource_size(res) <= room->need[i])
		return -ENOSPC;
	res->end = res->start + room->need[i] - 1;
	return pci_assign_resource(pr->port, pci_reload_windows[i]);
}

/* The port's registers were not written yet, and are right again. */
static void pci_reload_old_window(struct pci_reload *pr,
				  enum pci_reload_window i,
				  const struct resource *old)
{
	struct resource *res = pci_reload_window(pr, i);

	if (res->parent && old->parent && res->start == old->start &&
	    res->end == old->end)
		return;
	if (res->parent)
		release_resource(res);
	res->start = old->start;
	res->end = old->end;
	res->flags = old->flags;
	if (old->parent)
		pci_claim_resource(pr->port, pci_reload_windows[i]);
}

/**
 * pci_reload_make_room - make windows of the port that are too small anew
 * @pr: the window, below which was scanned
 * @room: what is needed
 *
 * The PCI core would do that itself, but not for what is behind a switch below
 * a hot-plug port, to which it hands out what the port has. And if there is no
 * room for a window of the port it takes those of the port's neighbours away,
 * with all that is below (pci_assign_unassigned_bridge_resources()). So it is
 * not to find one that has no place.
 *
 * Context: the rescan lock is held.
 *
 * Return: whether there is room; if not, the port has the windows that it had.
 */
bool pci_reload_make_room(struct pci_reload *pr,
			  const struct pci_reload_room *room)
{
	struct resource old[PCI_RELOAD_WINDOWS];
	bool small = false;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		old[i] = *pci_reload_window(pr, i);
		if (room->need[i] <= room->have[i] || old[i].child)
			continue;
		small = true;
		if (old[i].parent)
			pci_release_resource(pr->port, pci_reload_windows[i]);
	}
	if (!small)
		return true;

	pci_bus_size_bridges(pr->bus);
	for (i = 0; !ret && i < PCI_RELOAD_WINDOWS; i++)
		ret = pci_reload_new_window(pr, room, i);
	for (i = 0; ret && i < PCI_RELOAD_WINDOWS; i++)
		pci_reload_old_window(pr, i, &old[i]);
	return !ret;
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
				  pci_reload_mib(room->need[PCI_RELOAD_MEM]),
				  lacks[PCI_RELOAD_PREF] ? "," : "");
	if (lacks[PCI_RELOAD_PREF])
		scnprintf(buf + used, len - used, "hpmmioprefsize=%lluM",
			  pci_reload_mib(room->need[PCI_RELOAD_PREF]));
}

/**
 * pci_reload_check_bars - whether each BAR has an address now
 * @pr: the window
 * @room: what was noted before
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
		if (bar->pdev->resource[bar->bar].parent)
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
