// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the card is still the one that was found: nobody else may look after
 * that where the port has no slot, and a hot-plug driver does not either while
 * a window is open.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>

#include "reload.h"

static bool pci_reload_has_ids(struct pci_dev *pdev)
{
	u32 id, class;

	pci_read_config_dword(pdev, PCI_VENDOR_ID, &id);
	pci_read_config_dword(pdev, PCI_CLASS_REVISION, &class);
	return id == (pdev->vendor | (u32)pdev->device << 16) &&
	       class == (pdev->revision | pdev->class << 8);
}

/* A function has lost its addresses if the link was down: see whether it has them. */
static bool pci_reload_has_addresses(struct pci_dev *pdev)
{
	struct pci_bus_region region;
	struct resource *res;
	u8 secondary;
	u32 bar;
	int i;

	if (pdev->subordinate) {
		pci_read_config_byte(pdev, PCI_SECONDARY_BUS, &secondary);
		return secondary == pdev->subordinate->number;
	}
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		res = &pdev->resource[i];
		if (!(res->flags & IORESOURCE_MEM) || !res->parent)
			continue;
		pcibios_resource_to_bus(pdev->bus, &region, res);
		pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0 + 4 * i, &bar);
		if ((bar ^ (u32)region.start) & (u32)PCI_BASE_ADDRESS_MEM_MASK)
			return false;
	}
	return true;
}

/* What is below the port is as the kernel knows it. */
static bool pci_reload_is_as_found(struct pci_reload *pr)
{
	unsigned long end = jiffies + msecs_to_jiffies(PCI_RELOAD_RESET_MS);
	struct pci_dev *pdev = pci_get_slot(pr->bus, PCI_DEVFN(0, 0));
	bool same;

	if (!pdev)
		return true;
	pm_runtime_get_sync(&pdev->dev);
	for (;;) {
		same = pci_reload_has_ids(pdev) &&
		       pci_reload_has_addresses(pdev);
		if (same || time_after(jiffies, end))
			break;
		usleep_range(PCI_RELOAD_POLL_MIN_US, PCI_RELOAD_POLL_MAX_US);
	}
	pm_runtime_put(&pdev->dev);
	pci_dev_put(pdev);
	return same;
}

/*
 * Does nothing in PCI Express, and is cleared by a conventional reset, which a link
 * that goes down is (PCIe r6.0, sec 6.6.1 and 7.5.1.1.7). Any value but 0.
 */
#define PCI_RELOAD_MARK		0x40

/* Whether the card was reset since; a reset of one function may look like that. */
bool pci_reload_mark_is_lost(struct pci_reload *pr)
{
	u32 val;

	if (!pr->marked)
		return false;
	pci_bus_read_config_dword(pr->bus, PCI_DEVFN(0, 0), PCI_CACHE_LINE_SIZE,
				  &val);
	return !PCI_POSSIBLE_ERROR(val) && (u8)val != PCI_RELOAD_MARK;
}

/**
 * pci_reload_mark_card - mark what the card runs now
 * @pr: an open window
 *
 * So that pci_reload_wait_drop() sees that the card was reset even if its link went
 * down and came up again while nobody looked. What the port would tell of that is
 * kept quiet once more. To be called before whatever has the
 * card load: while functions are removed, their drivers decide how long that takes.
 *
 * Context: may sleep.
 */
void pci_reload_mark_card(struct pci_reload *pr)
{
	u8 mark = 0;

	pr->marked = false;
	if (READ_ONCE(pr->gone))
		return;
	pci_reload_keep_quiet(pr);
	if (!pci_reload_link_active(pr))
		return;
	pci_bus_read_config_byte(pr->bus, PCI_DEVFN(0, 0), PCI_CACHE_LINE_SIZE,
				 &mark);
	if (mark != PCI_RELOAD_MARK)
		pr->unmarked = mark;
	pci_bus_write_config_byte(pr->bus, PCI_DEVFN(0, 0), PCI_CACHE_LINE_SIZE,
				  PCI_RELOAD_MARK);
	pci_bus_read_config_byte(pr->bus, PCI_DEVFN(0, 0), PCI_CACHE_LINE_SIZE,
				 &mark);
	pr->marked = mark == PCI_RELOAD_MARK;
}
EXPORT_SYMBOL_GPL(pci_reload_mark_card);

/**
 * pci_reload_unmark_card - the card is not going to load
 * @pr: the window
 *
 * The register is as it was before pci_reload_mark_card().
 *
 * Context: may sleep.
 */
void pci_reload_unmark_card(struct pci_reload *pr)
{
	if (pr->marked && !READ_ONCE(pr->gone) && !pci_reload_mark_is_lost(pr))
		pci_bus_write_config_byte(pr->bus, PCI_DEVFN(0, 0),
					  PCI_CACHE_LINE_SIZE, pr->unmarked);
	pr->marked = false;
}
EXPORT_SYMBOL_GPL(pci_reload_unmark_card);

/**
 * pci_reload_check_card - whether the card is the one that was there
 * @pr: a window whose link was not touched yet; or one after the enumeration
 *
 * Context: may sleep; for up to 1.1 s, if the card is not.
 *
 * What is left of a card that is not is told so when it is removed.
 *
 * Return: 0; -ENODEV if the card was pulled or exchanged, or has lost its link,
 * since the window opened or since its functions were found.
 */
int pci_reload_check_card(struct pci_reload *pr)
{
	if (READ_ONCE(pr->gone))
		return pci_reload_interrupted(pr);
	pr->card_lost = true;
	if (!pci_reload_link_active(pr))
		return pci_reload_fail(pr, -ENODEV,
				       "the card below %s was pulled, or has lost its link",
				       pci_name(pr->port));
	if (pci_reload_slot_disturbed(pr) ||
	    (!pci_reload_slot_sees_link(pr) && !pci_reload_is_as_found(pr)))
		return pci_reload_fail(pr, -ENODEV,
				       "the card below %s was exchanged, or had lost its link",
				       pci_name(pr->port));
	pr->card_lost = false;
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_check_card);
