// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a card may be asked: sooner than after the time that the specification gives every
 * card, where its port or its functions say so.
 *
 * The port does by Device Readiness Status (PCIe r6.0, sec 6.22.1): a message of the card
 * that is up now. Functions do by Immediate Readiness and by Readiness Time Reporting (sec
 * 7.5.1.1.4 and 7.9.16), but only when they may be asked already; so that is of use for the
 * next time that the same image comes up, of which the owner of a window has to know.
 */

#include <linux/bitfield.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "reload.h"

/* Downstream Component Presence, and its value for a card that is ready (sec 7.5.3.20) */
#define PCI_RELOAD_LNKSTA2_DCP	GENMASK(14, 12)
#define PCI_RELOAD_DCP_UP_DRS	5

/*
 * Readiness Time Reporting (PCIe r6.0, sec 7.9.16.2): a time is 9 bits in units of 32 to
 * the power of the 3 bits above, in nanoseconds. There are six units.
 */
#define PCI_RELOAD_RTR		0x22
#define PCI_RELOAD_RTR_1	0x04
#define PCI_RELOAD_RTR_DL_UP	GENMASK(23, 12)
#define PCI_RELOAD_RTR_VALID	BIT(31)
#define PCI_RELOAD_RTR_VALUE	GENMASK(8, 0)
#define PCI_RELOAD_RTR_SCALE	GENMASK(11, 9)
#define PCI_RELOAD_RTR_SCALES	6

static u16 pci_reload_link_status2(struct pci_reload *pr)
{
	u16 sta = 0;

	pcie_capability_read_word(pr->port, PCI_EXP_LNKSTA2, &sta);
	return PCI_POSSIBLE_ERROR(sta) ? 0 : sta;
}

/**
 * pci_reload_drs_forget - be deaf to what the port heard of the card so far
 * @pr: an open window
 *
 * DRS Message Received goes with the link (PCIe r6.0, sec 7.5.3.20), but a port that kept it
 * would have the next image asked before it is ready. So only what is set after it was
 * clear counts, and a port that does not clear it is not believed. To be called before the
 * link can come up: a message that comes before that is not heard, which costs time alone.
 *
 * Context: may sleep.
 */
void pci_reload_drs_forget(struct pci_reload *pr)
{
	pr->drs_armed = false;
	if (!pci_reload_has_drs(pr->port) || !pci_reload_port_lock(pr))
		return;
	if (pci_reload_link_status2(pr) & PCI_RELOAD_LNKSTA2_DRS)
		pcie_capability_write_word(pr->port, PCI_EXP_LNKSTA2,
					   PCI_RELOAD_LNKSTA2_DRS);
	pr->drs_armed = !(pci_reload_link_status2(pr) & PCI_RELOAD_LNKSTA2_DRS);
	pci_reload_port_unlock(pr);
}

/**
 * pci_reload_drs_expect - listen to the card from here on, if not done before
 * @pr: an open window, whose link is waited for
 *
 * Context: may sleep.
 */
void pci_reload_drs_expect(struct pci_reload *pr)
{
	if (!pr->drs_armed)
		pci_reload_drs_forget(pr);
}

/**
 * pci_reload_drs_link_down - the link was seen down while it was waited for
 * @pr: an open window
 *
 * A message that the port has kept is of the link before. By the time that is seen the
 * link may be up.
 *
 * Context: may sleep.
 */
void pci_reload_drs_link_down(struct pci_reload *pr)
{
	if (pr->drs_armed && pci_reload_reports_active(pr->port) &&
	    pci_reload_link_status2(pr) & PCI_RELOAD_LNKSTA2_DRS &&
	    !pci_reload_link_active(pr))
		pci_reload_drs_forget(pr);
}

/**
 * pci_reload_drs_received - whether the port has heard that the card is ready
 * @pr: an open window
 *
 * Both registers have to say so: the one that was cleared, and the one that also says that
 * the link is up.
 *
 * Context: any in which configuration space can be accessed.
 *
 * Return: true if the card may be asked.
 */
bool pci_reload_drs_received(struct pci_reload *pr)
{
	u16 sta;

	if (!pr->drs_armed)
		return false;
	sta = pci_reload_link_status2(pr);
	return sta & PCI_RELOAD_LNKSTA2_DRS &&
	       FIELD_GET(PCI_RELOAD_LNKSTA2_DCP, sta) == PCI_RELOAD_DCP_UP_DRS;
}

static int pci_reload_sleep_until(struct pci_reload *pr, ktime_t end)
{
	s64 us = ktime_us_delta(end, ktime_get());

	return pci_reload_sleep(pr, us > 0 ? DIV_ROUND_UP_ULL(us, USEC_PER_MSEC) : 0);
}

/**
 * pci_reload_await_ready - wait until the card may be asked
 * @pr: an open window
 * @end: when it may be in any case
 * @said: when it may by what it said of itself; 0 if it did not
 * @by: why it may
 *
 * Context: may sleep until @end; no lock is held.
 *
 * Return: 0; -ENODEV or -EINTR.
 */
int pci_reload_await_ready(struct pci_reload *pr, ktime_t end, ktime_t said,
			   enum pci_reload_ready *by)
{
	ktime_t begin = ktime_get();
	int ret;

	*by = PCI_RELOAD_READY_TIME;
	if (said && ktime_before(said, end)) {
		*by = PCI_RELOAD_READY_SAID;
		end = said;
	}
	if (!pr->drs_armed)
		return pci_reload_sleep_until(pr, end);
	for (;;) {
		ret = pci_reload_interrupted(pr);
		if (ret)
			return ret;
		if (pci_reload_drs_received(pr)) {
			*by = PCI_RELOAD_READY_DRS;
			return 0;
		}
		if (pci_reload_is_past(end))
			return 0;
		pci_reload_pause(begin);
	}
}

/**
 * pci_reload_is_endpoint - whether the card is one device without a link behind it
 * @pr: a window whose card answers
 *
 * What a card says of its readiness is said for the device at the far end of the port's
 * link alone. Behind a switch on the card are other links, whose time is another.
 *
 * Context: any in which configuration space can be accessed.
 *
 * Return: true if no function of the device is a bridge.
 */
bool pci_reload_is_endpoint(struct pci_reload *pr)
{
	unsigned int fn;
	u8 type = 0;

	for (fn = 0; fn < 8; fn++) {
		type = 0;
		pci_bus_read_config_byte(pr->bus, PCI_DEVFN(0, fn),
					 PCI_HEADER_TYPE, &type);
		if (!fn && PCI_POSSIBLE_ERROR(type))
			return false;
		/* Bits 6:0 are the layout, bit 7 is for more functions (sec 7.5.1.1.9). */
		if (!PCI_POSSIBLE_ERROR(type) && type & 0x7f)
			return false;
		if (!fn && !(type & 0x80))
			return true;
	}
	return true;
}

/**
 * pci_reload_set_ready_ms - what the image that comes up next has said of itself
 * @pr: the window
 * @ms: so many milliseconds after its link is up its functions may be asked; negative for
 *	what every card is given, as at first and after each pci_reload_close()
 *
 * What pci_reload_read_ready_ms() returned when the same image ran: that it is the same,
 * only the owner can know. It counts for each time that the link comes up. A card that
 * then does not answer at once has the usual time, see pci_reload_get_first_read(). It does
 * not count below a port that does not report its link, as there is no telling when that
 * came up, nor for what is behind a switch on the card.
 */
void pci_reload_set_ready_ms(struct pci_reload *pr, int ms)
{
	pr->ready_ms = ms;
}
EXPORT_SYMBOL_GPL(pci_reload_set_ready_ms);

/**
 * pci_reload_get_first_read - when, and why then, the card was asked for the first time
 * @pr: a window after pci_reload_settle(), also if that failed
 * @first: filled in
 *
 * Return: true; false if it was not asked since the link came up.
 */
bool pci_reload_get_first_read(const struct pci_reload *pr,
			       struct pci_reload_first_read *first)
{
	*first = pr->first;
	return pr->asked;
}
EXPORT_SYMBOL_GPL(pci_reload_get_first_read);

/* Milliseconds, rounded up; -ENODATA if that says nothing. */
static int pci_reload_rtr_ms(u32 time)
{
	u32 scale = FIELD_GET(PCI_RELOAD_RTR_SCALE, time);
	u64 ns = FIELD_GET(PCI_RELOAD_RTR_VALUE, time);

	if (scale >= PCI_RELOAD_RTR_SCALES)
		return -ENODATA;
	return DIV_ROUND_UP_ULL(ns << 5 * scale, NSEC_PER_MSEC);
}

/* The functions of a device become ready each at its own time. */
static int pci_reload_function_ready_ms(struct pci_dev *pdev)
{
	u32 time = 0;
	u16 status;
	u16 pos;

	pci_read_config_word(pdev, PCI_STATUS, &status);
	if (PCI_POSSIBLE_ERROR(status))
		return -ENODATA;
	if (status & PCI_STATUS_IMM_READY)
		return 0;
	pos = pci_find_ext_capability(pdev, PCI_RELOAD_RTR);
	if (!pos)
		return -ENODATA;
	pci_read_config_dword(pdev, pos + PCI_RELOAD_RTR_1, &time);
	if (PCI_POSSIBLE_ERROR(time) || !(time & PCI_RELOAD_RTR_VALID))
		return -ENODATA;
	return pci_reload_rtr_ms(FIELD_GET(PCI_RELOAD_RTR_DL_UP, time));
}

static int pci_reload_longest_ready(struct pci_dev *pdev, void *data)
{
	int *longest = data;
	int ms;

	if (pdev->is_virtfn)
		return 0;
	ms = pci_is_bridge(pdev) ? -ENODATA : pci_reload_function_ready_ms(pdev);
	*longest = ms < 0 ? ms : max(*longest, ms);
	return ms < 0;
}

/**
 * pci_reload_read_ready_ms - how soon the functions that are there may be asked
 * @pr: a window after pci_reload_enumerate()
 *
 * Immediate Readiness, or DL_Up Time of Readiness Time Reporting (PCIe r6.0, sec 7.5.1.1.4
 * and 7.9.16.2), of whichever function takes longest.
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: milliseconds from the link's coming up; -ENODATA if a function does not say, or
 * is a bridge, behind which there are other links; -ENODEV.
 */
int pci_reload_read_ready_ms(struct pci_reload *pr)
{
	int longest = 0;

	if (READ_ONCE(pr->gone))
		return -ENODEV;
	pci_reload_lock_rescan(pr);
	if (list_empty(&pr->bus->devices))
		longest = -ENODEV;
	else
		pci_reload_walk(pr->bus, pci_reload_longest_ready, &longest);
	pci_reload_unlock_rescan(pr);
	return longest;
}
EXPORT_SYMBOL_GPL(pci_reload_read_ready_ms);
