// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the BARs of a card fit below its port, and addresses for them. Nothing
 * outside the port is moved: pci_assign_unassigned_bridge_resources(), if something
 * does not fit, takes the windows of the port's neighbours away, with all that is
 * below them. From 7.x on it does so for the room that is merely set aside in a
 * hot-plug port.
 */

#include <linux/align.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "reload.h"

/* Granularity of bridge windows (PCIe r6.0, sec 7.5.1.3.6 and 7.5.1.3.8). */
#define PCI_RELOAD_IO_ALIGN	SZ_4K
#define PCI_RELOAD_MEM_ALIGN	SZ_1M

static const int pci_reload_windows[PCI_RELOAD_WINDOWS] = {
	[PCI_RELOAD_IO] = PCI_BRIDGE_IO_WINDOW,
	[PCI_RELOAD_MEM] = PCI_BRIDGE_MEM_WINDOW,
	[PCI_RELOAD_PREF] = PCI_BRIDGE_PREF_MEM_WINDOW,
};

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

static struct resource *pci_reload_bar_res(const struct pci_reload_bar *bar)
{
	return &bar->pdev->resource[bar->bar];
}

static struct resource *pci_reload_window(struct pci_reload *pr,
					  enum pci_reload_window i)
{
	return &pr->port->resource[pci_reload_windows[i]];
}

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

static int pci_reload_note_bar(struct pci_reload *pr, struct pci_dev *pdev,
			       struct pci_reload_room *room, int i, u64 *need)
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
	if (!bar->optional) {
		need[bar->window] += bar->size;
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
				    struct pci_reload_room *room, u64 *need)
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
			ret = pci_reload_note_bar(pr, pdev, room, i, need);
	}
	return ret;
}

/* Adds what the functions on a bus, and behind bridges there, need to @need. */
static int pci_reload_note_bus(struct pci_reload *pr, struct pci_bus *bus,
			       struct pci_reload_room *room, u64 *need)
{
	u64 below[PCI_RELOAD_WINDOWS] = {};
	struct pci_dev *pdev;
	unsigned int i;
	int ret;

	list_for_each_entry(pdev, &bus->devices, bus_list) {
		ret = pci_reload_note_function(pr, pdev, room, below);
		if (!ret && pdev->subordinate)
			ret = pci_reload_note_bus(pr, pdev->subordinate, room,
						  below);
		if (ret)
			return ret;
	}
	for (i = 0; i < PCI_RELOAD_WINDOWS; i++)
		need[i] += ALIGN(below[i], i == PCI_RELOAD_IO ?
				 PCI_RELOAD_IO_ALIGN : PCI_RELOAD_MEM_ALIGN);
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
		res = pci_reload_window(pr, i);
		room->have[i] = res->parent ? resource_size(res) : 0;
	}
	return pci_reload_note_bus(pr, pr->bus, room, room->need);
}

void pci_reload_forget_bars(struct pci_reload_room *room)
{
	struct pci_reload_bar *bar, *next;

	list_for_each_entry_safe(bar, next, &room->bars, node)
		kfree(bar);
}

/* In which windows there are BARs without an address. */
static void pci_reload_find_lacks(const struct pci_reload_room *room, bool *lacks)
{
	const struct pci_reload_bar *bar;

	list_for_each_entry(bar, &room->bars, node)
		lacks[bar->window] |= !pci_reload_bar_res(bar)->parent;
}

/*
 * The PCI core's size for a window has room for VFs in it, and for more in a hot-plug
 * port. It can do with what is needed, but not with less than it had.
 */
static int pci_reload_new_window(struct pci_reload *pr,
				 const struct pci_reload_room *room,
				 enum pci_reload_window i)
{
	u64 least = max(room->need[i], room->have[i]);
	struct resource *res = pci_reload_window(pr, i);

	if (res->parent || !resource_size(res))
		return 0;
	if (!pci_assign_resource(pr->port, pci_reload_windows[i]))
		return 0;
	if (!least || resource_size(res) <= least)
		return -ENOSPC;
	res->end = res->start + least - 1;
	return pci_assign_resource(pr->port, pci_reload_windows[i]);
}

/* Undo in the resource alone: the port's registers were not written yet. */
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

/*
 * Size the windows of the bridges below the port, and make those of the port @anew
 * in which nothing has an address. Without room for one of its memory windows the
 * port has the windows that it had.
 */
static void pci_reload_make_windows(struct pci_reload *pr,
				    const struct pci_reload_room *room,
				    const bool *anew)
{
	struct resource old[PCI_RELOAD_WINDOWS];
	bool failed = false;
	unsigned int i;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		old[i] = *pci_reload_window(pr, i);
		if (anew[i] && old[i].parent && !old[i].child)
			pci_release_resource(pr->port, pci_reload_windows[i]);
	}
	pci_bus_size_bridges(pr->bus);
	for (i = 0; !failed && i < PCI_RELOAD_WINDOWS; i++)
		failed = anew[i] && pci_reload_new_window(pr, room, i) &&
			 i != PCI_RELOAD_IO;
	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		if (failed || !pci_reload_window(pr, i)->parent)
			pci_reload_old_window(pr, i, &old[i]);
	}
}

/*
 * Addresses in the windows that there are. BARs of VFs get what the others leave. A
 * card whose link goes meanwhile answers with all ones, by which the PCI core takes its
 * VFs for enabled, and warns (pci_iov_update_resource()).
 */
static void pci_reload_give_addresses(struct pci_reload *pr,
				      const struct pci_reload_room *room)
{
	const struct pci_reload_bar *bar;
	struct resource *res;

	list_for_each_entry(bar, &room->bars, node) {
		res = pci_reload_bar_res(bar);
		if (bar->optional && !res->parent)
			res->flags = 0;
	}
	if (pci_reload_link_active(pr))
		pci_bus_assign_resources(pr->bus);
	list_for_each_entry(bar, &room->bars, node) {
		res = pci_reload_bar_res(bar);
		if (bar->optional && !res->parent)
			res->flags = bar->flags;
	}
	if (pci_reload_link_active(pr))
		pci_bus_assign_resources(pr->bus);
}

/*
 * The deepest first: what contains something cannot be released. Addresses that a
 * function has by Enhanced Allocation are none of ours to give.
 */
static void pci_reload_take_addresses(struct pci_bus *bus)
{
	struct pci_dev *pdev;
	unsigned int i;

	list_for_each_entry(pdev, &bus->devices, bus_list) {
		if (pdev->subordinate)
			pci_reload_take_addresses(pdev->subordinate);
		for (i = 0; i < DEVICE_COUNT_RESOURCE; i++) {
			if (!(pdev->resource[i].flags & IORESOURCE_PCI_FIXED))
				pci_release_resource(pdev, i);
		}
	}
}

/* What the PCI core forgot because there was no room. */
static void pci_reload_recall_bars(const struct pci_reload_room *room)
{
	const struct pci_reload_bar *bar;
	struct resource *res;

	list_for_each_entry(bar, &room->bars, node) {
		res = pci_reload_bar_res(bar);
		if (res->parent)
			continue;
		res->flags = bar->flags;
		res->start = 0;
		res->end = bar->size - 1;
	}
}

/*
 * The sum of the BARs may fit where they do not: each has to be aligned to its size
 * (PCIe r6.0, sec 7.5.1.2.1). Windows that the PCI core sizes are aligned for them.
 */
static void pci_reload_give_again(struct pci_reload *pr,
				  const struct pci_reload_room *room,
				  const bool *was_anew)
{
	bool lacks[PCI_RELOAD_WINDOWS] = {};
	unsigned int i;
	bool any = false;

	pci_reload_find_lacks(room, lacks);
	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		lacks[i] &= !was_anew[i];
		any |= lacks[i];
	}
	if (!any)
		return;
	pci_reload_take_addresses(pr->bus);
	pci_reload_recall_bars(room);
	pci_reload_make_windows(pr, room, lacks);
	pci_reload_give_addresses(pr, room);
}

/**
 * pci_reload_assign - give what is below the port addresses
 * @pr: the window, below which was scanned
 * @room: what is needed
 *
 * Makes windows of the port anew that are too small, if there is room for larger ones
 * beside those of its neighbours.
 *
 * Context: the rescan lock is held; nothing below the port has a driver yet.
 */
void pci_reload_assign(struct pci_reload *pr, const struct pci_reload_room *room)
{
	struct resource old[PCI_RELOAD_WINDOWS], *res;
	bool anew[PCI_RELOAD_WINDOWS];
	bool changed = false;
	unsigned int i;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		old[i] = *pci_reload_window(pr, i);
		anew[i] = room->need[i] > room->have[i];
	}
	pci_reload_make_windows(pr, room, anew);
	pci_reload_give_addresses(pr, room);
	pci_reload_give_again(pr, room, anew);

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		res = pci_reload_window(pr, i);
		if (!!res->parent == !!old[i].parent &&
		    (!res->parent || (res->start == old[i].start &&
				      res->end == old[i].end)))
			continue;
		pci_reload_write_window(pr->port, pci_reload_windows[i]);
		changed = true;
	}
	if (changed && pci_reenable_device(pr->port))
		pci_warn(pr->port, "FPGA card: the port cannot be enabled with its new windows\n");
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
