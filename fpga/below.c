// SPDX-License-Identifier: GPL-2.0-only
/*
 * What there is below a card's port, for those who cannot take the rescan lock: who
 * removes the port holds it, and waits for whoever reads a file of the card.
 */

#include <linux/module.h>
#include <linux/pci.h>

#include "card.h"

/* The bus below the port may go at any moment, so it is found from its devices only. */
static bool fpga_card_is_below(struct fpga_card *card, struct pci_dev *pdev)
{
	return !pdev->is_virtfn && pci_upstream_bridge(pdev) == card->port;
}

/* A function below the port, referenced, function 0 if there is one; NULL for none. */
struct pci_dev *fpga_card_get_first(struct fpga_card *card)
{
	struct pci_dev *pdev = NULL, *first = NULL;

	for_each_pci_dev(pdev) {
		if (!fpga_card_is_below(card, pdev) ||
		    (first && first->devfn <= pdev->devfn))
			continue;
		pci_dev_put(first);
		first = pci_dev_get(pdev);
	}
	return first;
}

/**
 * fpga_card_is_present - whether there is a function below the port
 * @card: the card
 *
 * Context: may sleep; takes no lock of the PCI core's that whoever removes a port holds.
 *
 * Return: true if there is.
 */
bool fpga_card_is_present(struct fpga_card *card)
{
	struct pci_dev *pdev = fpga_card_get_first(card);

	pci_dev_put(pdev);
	return pdev;
}
EXPORT_SYMBOL_GPL(fpga_card_is_present);

/* The card's Device Serial Number (PCIe r6.0, sec 7.9.3); 0 if it has none, or is away. */
u64 fpga_card_serial(struct fpga_card *card)
{
	struct pci_dev *pdev = fpga_card_get_first(card);
	u64 serial = pdev ? pci_get_dsn(pdev) : 0;

	pci_dev_put(pdev);
	return serial;
}
