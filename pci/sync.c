// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drivers of the port itself: what they are at is let finish before a window
 * opens.
 */

#include <linux/bitfield.h>
#include <linux/interrupt.h>
#include <linux/pci.h>

#include "reload.h"

/* The thread that serves a message of @bridge's, if it has one. */
static void pci_reload_sync_message(struct pci_dev *bridge, unsigned int number)
{
	int irq;

	irq = pci_irq_vector(bridge, pci_dev_msi_enabled(bridge) ? number : 0);
	if (irq > 0)
		synchronize_irq(irq);
}

/*
 * The number of a message depends on how many the function was given, so it is read
 * and not taken from what was read when the port was found (PCIe r6.0, sec 7.5.3.2).
 */
static void pci_reload_sync_slot(struct pci_dev *port)
{
	u16 flags = 0;

	pcie_capability_read_word(port, PCI_EXP_FLAGS, &flags);
	pci_reload_sync_message(port, FIELD_GET(PCI_EXP_FLAGS_IRQ, flags));
}

/* PCIe r6.0, sec 7.9.14.2 */
static void pci_reload_sync_dpc(struct pci_dev *port)
{
	u16 pos = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
	u16 cap = 0;

	if (!pos)
		return;
	pci_read_config_word(port, pos + PCI_EXP_DPC_CAP, &cap);
	pci_reload_sync_message(port, FIELD_GET(PCI_EXP_DPC_IRQ, cap));
}

/* PCIe r6.0, sec 7.8.4.10: errors are reported by the root port. */
static void pci_reload_sync_aer(struct pci_dev *port)
{
	struct pci_dev *root = pcie_find_root_port(port);
	u16 pos = root ? pci_find_ext_capability(root, PCI_EXT_CAP_ID_ERR) : 0;
	u32 status = 0;

	if (!pos)
		return;
	pci_read_config_dword(root, pos + PCI_ERR_ROOT_STATUS, &status);
	pci_reload_sync_message(root, FIELD_GET(PCI_ERR_ROOT_AER_IRQ, status));
}

/**
 * pci_reload_sync - let the port's drivers finish what they are at
 * @pr: the window
 *
 * pciehp, AER and DPC deal with events in the threads of their interrupts. The
 * latter two recover a card there, which resets it.
 *
 * Context: may sleep, as long as a recovery lasts; no lock is held that removing,
 * adding or resetting the card takes.
 */
void pci_reload_sync(struct pci_reload *pr)
{
	if (READ_ONCE(pr->gone))
		return;
	if (pci_reload_has_slot(pr->port))
		pci_reload_sync_slot(pr->port);
	pci_reload_sync_dpc(pr->port);
	pci_reload_sync_aer(pr->port);
}
