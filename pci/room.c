// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the BARs of a card fit below its port, and addresses for them. Nothing
 * outside the port is moved: pci_assign_unassigned_bridge_resources(), if something
 * does not fit, takes the windows of the port's neighbours away, with all that is
 * below them. From 7.x on it does so for the room that is merely set aside in a
 * hot-plug port.
 */

#include <linux/list.h>
#include <linux/pci.h>

#include "room.h"

/* In which windows there are BARs without an address; true if one of a PF has none. */
static bool pci_reload_find_lacks(const struct pci_reload_room *room, bool *lacks)
{
	const struct pci_reload_bar *bar;
	bool needed = false;

	list_for_each_entry(bar, &room->bars, node) {
		if (pci_reload_bar_res(bar)->parent)
			continue;
		lacks[bar->window] = true;
		needed |= !bar->optional;
	}
	return needed;
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
	if (!pci_assign_resource(pr->port, pci_reload_window_no(i)))
		return 0;
	if (!least || resource_size(res) <= least)
		return -ENOSPC;
	res->end = res->start + least - 1;
	return pci_assign_resource(pr->port, pci_reload_window_no(i));
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
		pci_claim_resource(pr->port, pci_reload_window_no(i));
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
			pci_release_resource(pr->port, pci_reload_window_no(i));
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

/* Whether there is room for VFs, too, so that no BAR has to stand back for another. */
static bool pci_reload_has_room(struct pci_reload *pr,
				const struct pci_reload_room *room)
{
	unsigned int i;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		if (room->all[i] > pci_reload_window_size(pr, i))
			return false;
	}
	return true;
}

/*
 * Those of VFs that have no address are no BARs for the PCI core, or they are. Returns
 * whether there are any.
 */
static bool pci_reload_show_vfs(const struct pci_reload_room *room, bool show)
{
	const struct pci_reload_bar *bar;
	struct resource *res;
	bool any = false;

	list_for_each_entry(bar, &room->bars, node) {
		res = pci_reload_bar_res(bar);
		if (!bar->optional || res->parent)
			continue;
		res->flags = show ? bar->flags : 0;
		any = true;
	}
	return any;
}

/*
 * Addresses in the windows that there are. A card whose link goes meanwhile answers with
 * all ones, by which the PCI core takes its VFs for enabled, and warns
 * (pci_iov_update_resource()).
 */
static void pci_reload_give_addresses(struct pci_reload *pr)
{
	if (pci_reload_link_active(pr))
		pci_bus_assign_resources(pr->bus);
}

/* The same, where BARs of VFs get what the others leave. */
static void pci_reload_give_in_turn(struct pci_reload *pr,
				    const struct pci_reload_room *room)
{
	bool vfs = pci_reload_show_vfs(room, false);

	pci_reload_give_addresses(pr);
	if (!vfs)
		return;
	pci_reload_show_vfs(room, true);
	pci_reload_give_addresses(pr);
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
 * (PCIe r6.0, sec 7.5.1.2.1). Windows that the PCI core sizes are aligned for them; and
 * with VFs in turn one of them cannot have taken the place of what is needed.
 */
static void pci_reload_give_again(struct pci_reload *pr,
				  const struct pci_reload_room *room,
				  const bool *was_anew, bool in_turn)
{
	bool lacks[PCI_RELOAD_WINDOWS] = {};
	unsigned int i;
	bool any;

	any = pci_reload_find_lacks(room, lacks) && !in_turn;
	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		lacks[i] &= !was_anew[i];
		any |= lacks[i];
	}
	if (!any)
		return;
	pci_reload_take_addresses(pr->bus);
	pci_reload_recall_bars(room);
	pci_reload_make_windows(pr, room, lacks);
	pci_reload_give_in_turn(pr, room);
}

/**
 * pci_reload_assign - give what is below the port addresses
 * @pr: the window, below which was scanned
 * @room: what is needed
 *
 * Makes windows of the port anew that are too small, if there is room for larger ones
 * beside those of its neighbours. One pass of the PCI core's over all BARs, where all fit.
 *
 * Context: the rescan lock is held; nothing below the port has a driver yet.
 */
void pci_reload_assign(struct pci_reload *pr, const struct pci_reload_room *room)
{
	struct resource old[PCI_RELOAD_WINDOWS], *res;
	bool anew[PCI_RELOAD_WINDOWS];
	bool changed = false, in_turn;
	unsigned int i;

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		old[i] = *pci_reload_window(pr, i);
		anew[i] = room->need[i] > room->have[i];
	}
	pci_reload_make_windows(pr, room, anew);
	in_turn = !pci_reload_has_room(pr, room);
	if (in_turn)
		pci_reload_give_in_turn(pr, room);
	else
		pci_reload_give_addresses(pr);
	pci_reload_give_again(pr, room, anew, in_turn);

	for (i = 0; i < PCI_RELOAD_WINDOWS; i++) {
		res = pci_reload_window(pr, i);
		if (!!res->parent == !!old[i].parent &&
		    (!res->parent || (res->start == old[i].start &&
				      res->end == old[i].end)))
			continue;
		pci_reload_write_window(pr->port, pci_reload_window_no(i));
		changed = true;
	}
	if (changed && pci_reenable_device(pr->port))
		pci_warn(pr->port, "FPGA card: the port cannot be enabled with its new windows\n");
}
