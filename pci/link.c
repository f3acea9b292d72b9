// SPDX-License-Identifier: GPL-2.0-only
/*
 * The port's link: down, up again, and the card ready for requests.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "reload.h"

/*
 * From the link's coming up to the first configuration request (PCIe r6.0,
 * sec 6.6.1: 100 ms after Link training completes above 5.0 GT/s, 100 ms after
 * the end of the reset below; when the card's own reset ended can not be seen
 * from here, so the later of the two is taken).
 */
#define PCI_RELOAD_SETTLE_MS	100

/*
 * Link Disable takes the LTSSM to Disabled by way of Recovery, whose states
 * time out after 24 and 48 ms (PCIe r6.0, sec 4.2.7.4), and DL_Active goes with
 * it.
 */
#define PCI_RELOAD_DISABLE_MS	100

static void pci_reload_poll_pause(void)
{
	usleep_range(PCI_RELOAD_POLL_MIN_US, PCI_RELOAD_POLL_MAX_US);
}

static bool pci_reload_reports_active(struct pci_dev *port)
{
	u32 cap = 0;

	pcie_capability_read_dword(port, PCI_EXP_LNKCAP, &cap);
	return cap & PCI_EXP_LNKCAP_DLLLARC;
}

static u32 pci_reload_read_id(struct pci_reload *pr)
{
	u32 id;

	pci_bus_read_config_dword(pr->bus, PCI_DEVFN(0, 0),
				  PCI_VENDOR_ID, &id);
	return id;
}

/*
 * Without Data Link Layer Link Active Reporting there is no telling from the
 * port, other than that it is not training; whether the card answers is.
 */
bool pci_reload_link_active(struct pci_reload *pr)
{
	u16 sta = 0;

	pcie_capability_read_word(pr->port, PCI_EXP_LNKSTA, &sta);
	if (pci_reload_reports_active(pr->port))
		return sta & PCI_EXP_LNKSTA_DLLLA;
	if (sta & PCI_EXP_LNKSTA_LT)
		return false;
	return !PCI_POSSIBLE_ERROR(pci_reload_read_id(pr));
}

/**
 * pci_reload_link_disable - take the link down
 * @pr: a window in which the functions were removed
 *
 * Context: may sleep, 100 ms at most.
 *
 * Return: 0; -ETIMEDOUT if the link stays active, -ENODEV or -EINTR.
 */
int pci_reload_link_disable(struct pci_reload *pr)
{
	unsigned long end;
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_REMOVED, PCI_RELOAD_REMOVED);
	if (ret)
		return ret;

	pcie_capability_set_word(pr->port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	pr->link_disabled = true;
	pci_reload_set_state(pr, PCI_RELOAD_DOWN);

	if (!pci_reload_reports_active(pr->port))
		return 0;

	end = jiffies + msecs_to_jiffies(PCI_RELOAD_DISABLE_MS);
	while (pci_reload_link_active(pr)) {
		if (time_after(jiffies, end))
			return pci_reload_fail(pr, -ETIMEDOUT,
					       "the link of %s stays up although it is disabled",
					       pci_name(pr->port));
		pci_reload_poll_pause();
	}
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_link_disable);

/* Never leave the Link Disable bit set. */
void pci_reload_link_release(struct pci_reload *pr)
{
	if (!pr->link_disabled)
		return;
	pcie_capability_clear_word(pr->port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	pr->link_disabled = false;
}

/**
 * pci_reload_hold - leave the link down for a while
 * @pr: a window in which nothing is left below the port
 * @ms: how long, in milliseconds; 0 if the card needs no such time
 *
 * For a card whose old image could still train the link after the trigger.
 *
 * Context: may sleep for @ms.
 *
 * Return: 0; -ENODEV or -EINTR.
 */
int pci_reload_hold(struct pci_reload *pr, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_EMPTY, PCI_RELOAD_EMPTY);
	while (!ret && ms && time_before(jiffies, end)) {
		pci_reload_poll_pause();
		ret = pci_reload_interrupted(pr);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_hold);

/**
 * pci_reload_wait_link - enable the link and wait for the card to train it
 * @pr: an open window
 * @timeout_ms: deadline in milliseconds
 *
 * Ends as soon as the link is active, which for a card that loads an image is
 * when the image is there.
 *
 * Context: may sleep for @timeout_ms; no lock is held.
 *
 * Return: 0; -ETIMEDOUT, -ENODEV or -EINTR.
 */
int pci_reload_wait_link(struct pci_reload *pr, unsigned int timeout_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	bool last = false;
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_ENUMERATED);
	if (ret)
		return ret;

	pci_reload_link_release(pr);
	while (!pci_reload_link_active(pr)) {
		ret = pci_reload_interrupted(pr);
		if (ret)
			return ret;
		/* One more look after the deadline: this thread may be late. */
		if (last)
			return pci_reload_fail(pr, -ETIMEDOUT,
					       "the link of %s did not come up within %u ms",
					       pci_name(pr->port), timeout_ms);
		last = time_after(jiffies, end);
		pci_reload_poll_pause();
	}
	pci_reload_set_state(pr, PCI_RELOAD_TRAINED);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_wait_link);

/**
 * pci_reload_settle - wait until the card answers configuration requests
 * @pr: a window whose link is up
 * @timeout_ms: deadline in milliseconds, on top of the 100 ms that the
 *	specification gives every card
 *
 * A card may answer with Request Retry Status for a while (PCIe r6.0, sec
 * 2.3.1); with Configuration RRS Software Visibility that reads as vendor
 * 0001h.
 *
 * Context: may sleep for 100 ms and @timeout_ms; no lock is held.
 *
 * Return: 0; -ETIMEDOUT, -ENODEV or -EINTR.
 */
int pci_reload_settle(struct pci_reload *pr, unsigned int timeout_ms)
{
	bool last = false;
	unsigned long end;
	int ret;
	u32 id;

	ret = pci_reload_step(pr, PCI_RELOAD_TRAINED, PCI_RELOAD_TRAINED);
	if (ret)
		return ret;

	/* PCIe r6.0, sec 6.6.1 */
	msleep(PCI_RELOAD_SETTLE_MS);

	end = jiffies + msecs_to_jiffies(timeout_ms);
	for (;;) {
		ret = pci_reload_interrupted(pr);
		if (ret)
			return ret;
		id = pci_reload_read_id(pr);
		if (!PCI_POSSIBLE_ERROR(id) && (id & 0xffff) != 0x0001)
			break;
		if (last)
			return pci_reload_fail(pr, -ETIMEDOUT,
					       "the link of %s is up, but the card %s after %u ms",
					       pci_name(pr->port),
					       PCI_POSSIBLE_ERROR(id) ?
					       "does not answer" :
					       "still asks to be tried later",
					       timeout_ms + PCI_RELOAD_SETTLE_MS);
		last = time_after(jiffies, end);
		pci_reload_poll_pause();
	}
	pci_reload_set_state(pr, PCI_RELOAD_READY);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_settle);

/**
 * pci_reload_hot_reset - reset the card through its link
 * @pr: an open window in which nothing is left below the port
 *
 * The kernel's secondary bus reset (PCIe r6.0, sec 6.6.1 and 7.5.1.3.13). Call
 * pci_reload_wait_link() next.
 *
 * Context: may sleep.
 *
 * Return: 0; -ENODEV, -EINTR, or what the port's reset failed with.
 */
int pci_reload_hot_reset(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_ENUMERATED);
	if (ret)
		return ret;

	pci_reload_link_release(pr);
	pci_cfg_access_lock(pr->port);
	ret = pci_bridge_secondary_bus_reset(pr->port);
	pci_cfg_access_unlock(pr->port);
	if (ret)
		return pci_reload_fail(pr, ret, "the hot reset below %s failed",
				       pci_name(pr->port));
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_hot_reset);
