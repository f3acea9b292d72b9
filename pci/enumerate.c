// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding what is below the port now, and nothing else.
 */

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "reload.h"

/*
 * An image that can do with less lowers the Max Payload Size of a root port
 * (pci_configure_mps()), and nobody raises it again for the next one. While
 * there is nothing below, the port gets back what it had.
 */
static void pci_reload_restore_mps(struct pci_reload *pr)
{
	int mps = pcie_get_mps(pr->port);

	/* A value that the last window did not leave was set by somebody else: keep it. */
	if (!pr->mps || mps != pr->mps_left)
		pr->mps = mps;
	if (mps != pr->mps)
		pcie_set_mps(pr->port, pr->mps);
}

/*
 * With the bridges below, and bus numbers for VFs set aside. The PCI core takes
 * the next number for a bridge wherever it leads, if need be to a bus that
 * belongs to another port; so without enough of them it does not get to see
 * the bridges.
 */
static void pci_reload_scan_bus(struct pci_reload *pr, unsigned int buses)
{
	struct pci_bus *bus = pr->bus;
	unsigned int devfn;

	if (buses <= resource_size(&bus->busn_res)) {
		pci_scan_child_bus(bus);
		return;
	}
	for (devfn = 0; devfn < 256; devfn += 8)
		pci_scan_slot(bus, devfn);
}

static int pci_reload_count_one(struct pci_dev *pdev, void *data)
{
	unsigned int *functions = data;

	(*functions)++;
	return 0;
}

/* Without the link nobody reaches what was found. The rescan lock is held. */
static int pci_reload_drop_found(struct pci_reload *pr)
{
	struct pci_dev *pdev, *prev;

	list_for_each_entry_safe_reverse(pdev, prev, &pr->bus->devices, bus_list)
		pci_stop_and_remove_bus_device(pdev);
	return pci_reload_fail(pr, -ENODEV,
			       "the link of %s went down while the card's functions were looked for",
			       pci_name(pr->port));
}

/*
 * The rescan lock is held. The functions that are there are had in any case,
 * even if something does not fit. Their drivers are bound by @binding.
 */
static int pci_reload_scan(struct pci_reload *pr, unsigned int buses,
			   struct pci_reload_binding **binding)
{
	struct pci_reload_room room = {
		.bars = LIST_HEAD_INIT(room.bars),
	};
	unsigned int functions = 0;
	int ret, err;

	pr->degraded[0] = '\0';
	pci_reload_restore_mps(pr);
	pci_reload_scan_bus(pr, buses);
	pci_reload_walk(pr->bus, pci_reload_count_one, &functions);
	ret = pci_reload_check_buses(pr, buses);
	err = pci_reload_remember_bars(pr, &room);
	pci_reload_assign(pr, &room);
	pci_reload_restore_forwarding(pr);
	if (!pci_reload_link_active(pr)) {
		pci_reload_forget_bars(&room);
		return pci_reload_drop_found(pr);
	}
	pcie_bus_configure_settings(pr->bus);
	pr->mps_left = pcie_get_mps(pr->port);
	pci_reload_check_rate(pr);
	pci_reload_restore_early(pr);
	if (!ret)
		ret = pci_reload_check_bars(pr, &room) ?: err;
	pci_reload_forget_bars(&room);
	*binding = pci_reload_bind_later(pr, functions);
	pci_bus_add_devices(pr->bus);
	pci_reload_set_state(pr, PCI_RELOAD_ENUMERATED);

	if (!functions)
		return pci_reload_fail(pr, -ENODEV,
				       "the card below %s answered, but no function was found",
				       pci_name(pr->port));
	return ret ?: (int)functions;
}

/* Whether all that is below the port is ready, -EAGAIN if not; counts the buses. */
static int pci_reload_look_below(struct pci_reload *pr, unsigned int *buses)
{
	*buses = 1;
	if (READ_ONCE(pr->gone))
		return pci_reload_interrupted(pr);
	return pci_reload_count_buses(pr, buses);
}

/*
 * What is late behind a switch is found by the scan, or is not there. But for a function
 * right below the port that answers with Request Retry Status the PCI core would wait up
 * to 60 s, with the rescan lock held (pci_scan_device()).
 */
static int pci_reload_refuse_late(struct pci_reload *pr)
{
	unsigned int fn;
	u32 id;

	for (fn = 0; fn < 8; fn++) {
		pci_bus_read_config_dword(pr->bus, PCI_DEVFN(0, fn),
					  PCI_VENDOR_ID, &id);
		if (pci_reload_id_is_retry(id))
			return pci_reload_fail(pr, -ETIMEDOUT,
					       "function %u of the card below %s still asks to be tried later, %u ms after its first",
					       fn, pci_name(pr->port),
					       PCI_RELOAD_ANSWER_MS);
	}
	return 0;
}

/*
 * Scans, or returns -EAGAIN if there is something to be waited for until @end, with
 * @buses set to how many there are.
 */
static int pci_reload_scan_ready(struct pci_reload *pr, ktime_t end,
				 unsigned int *buses)
{
	struct pci_reload_binding *binding = NULL;
	int ret;

	ret = pci_reload_lock_empty(pr);
	if (ret)
		return ret;
	ret = pci_reload_look_below(pr, buses);
	if (ret == -EAGAIN && pci_reload_is_past(end))
		ret = pci_reload_refuse_late(pr);
	if (!ret)
		ret = pci_reload_scan(pr, *buses, &binding);
	pci_reload_end_turn();
	pci_reload_bind(binding);
	return ret;
}

/**
 * pci_reload_enumerate - enumerate below the port
 * @pr: a window in which the card answers
 *
 * Scans, gives bus numbers and addresses, sets payload sizes and binds
 * drivers, below this port only. What others have enumerated there goes first.
 *
 * Context: may sleep. Takes the rescan lock, but not for the time of up to 1 s
 * for which it waits for the card's other functions, and for what is behind a switch
 * on it, nor for binding drivers.
 *
 * Return: how many functions are there now, bridges included; -ENODEV if there
 * is none, the link went down, or the port is gone; -ETIMEDOUT if a function is not
 * ready; -ENOSPC if there were not enough bus numbers or
 * a BAR did not fit: the functions are there all the same, save those behind
 * bridges that got no number; -ENOMEM likewise; -EBUSY if others enumerate it again
 * and again; -EINTR.
 */
int pci_reload_enumerate(struct pci_reload *pr)
{
	ktime_t begin = ktime_get();
	/*
	 * What is behind a switch on the card is reset later than the card itself, when
	 * the switch lets it, and has its time from there.
	 */
	ktime_t end = ktime_add_ms(begin, PCI_RELOAD_ANSWER_MS);
	unsigned int buses;
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_READY, PCI_RELOAD_READY);
	if (ret)
		return ret;

	pci_reload_await_pfs(pr);
	for (;;) {
		pci_reload_watch_enter(pr);
		ret = pci_reload_scan_ready(pr, end, &buses);
		pci_reload_watch_leave(pr);
		if (ret != -EAGAIN)
			return ret;
		pci_reload_pause_part(begin, buses > 1 ? PCI_RELOAD_BEHIND_PART :
							 PCI_RELOAD_POLL_PART);
	}
}
EXPORT_SYMBOL_GPL(pci_reload_enumerate);
