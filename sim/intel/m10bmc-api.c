// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways to a MAX 10 BMC: for tests, whatever the card is at, and for a driver,
 * through the card's FPGA.
 */

#include <linux/module.h>

#include "../host.h"

static struct pcsim_card *pcsim_m10_card(struct pcie_card_sim *sim,
					 unsigned int port)
{
	struct pcsim_card *card;

	if (port >= sim->n_ports)
		return NULL;

	card = sim->ports[port]->card;

	return card->m10 ? card : NULL;
}

/**
 * pcie_card_sim_bmc_state() - what is the BMC of a card at?
 * @sim: the host
 * @port: number of the port
 * @state: set to it
 *
 * Return: 0, or -ENODEV if there is no such port, or no MAX 10 BMC.
 */
int pcie_card_sim_bmc_state(struct pcie_card_sim *sim, unsigned int port,
			    struct pcie_card_sim_bmc_state *state)
{
	struct pcsim_card *card = pcsim_m10_card(sim, port);

	if (!card)
		return -ENODEV;

	guard(pcsim)(sim);

	pcsim_m10_run(card);
	state->page = card->m10->page;
	state->progress = pcsim_m10_progress(card->m10);
	state->status = card->m10->status;
	state->staged = card->m10->staged;
	state->sum = card->m10->sum;

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_bmc_state);

/**
 * pcie_card_sim_bmc_read() - read a register of the BMC of a card
 * @sim: the host
 * @port: number of the port
 * @reg: the register, as the driver for the card numbers it
 * @val: set to the value
 *
 * Also while the card has no link.
 *
 * Return: 0, or -ENODEV if there is no such port, or no MAX 10 BMC.
 */
int pcie_card_sim_bmc_read(struct pcie_card_sim *sim, unsigned int port,
			   unsigned int reg, u32 *val)
{
	struct pcsim_card *card = pcsim_m10_card(sim, port);

	if (!card)
		return -ENODEV;

	guard(pcsim)(sim);

	*val = pcsim_m10_read(card, reg);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_bmc_read);

/**
 * pcie_card_sim_bmc_write() - write a register of the BMC of a card
 * @sim: the host
 * @port: number of the port
 * @reg: the register, as the driver for the card numbers it
 * @val: the value
 *
 * Also while the card has no link.
 *
 * Return: 0, or -ENODEV if there is no such port, or no MAX 10 BMC.
 */
int pcie_card_sim_bmc_write(struct pcie_card_sim *sim, unsigned int port,
			    unsigned int reg, u32 val)
{
	struct pcsim_card *card = pcsim_m10_card(sim, port);

	if (!card)
		return -ENODEV;

	guard(pcsim)(sim);

	pcsim_m10_write(card, reg, val);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_bmc_write);

/* The card that a device is a function of; NULL if it is not a simulated one */
static struct pcsim_card *pcsim_m10_of(struct pci_dev *pdev)
{
	struct pci_dev *bridge = pdev;

	if (pdev->bus->ops != &pcsim_pci_ops)
		return NULL;

	while ((bridge = pci_upstream_bridge(bridge))) {
		struct pcsim_port *port = pcsim_port_of(bridge);

		if (port)
			return port->card;
	}

	return NULL;
}

/* The function with the list, while it can be reached */
static struct pcsim_card *pcsim_m10_reach(struct pcsim_card *card)
{
	struct pcsim_pf *pf = card && card->m10 ? pcsim_dfl_pf(card) : NULL;

	if (!pf || card->port->sim->gone || !pcsim_pf_memory(pf))
		return NULL;

	return card;
}

/**
 * pcie_card_sim_dev_dfl() - which card is a PCI device a function of?
 * @pdev: the device, with a driver
 *
 * Return: a &enum pcie_card_sim_dfl, which is PCIE_CARD_SIM_DFL_NONE for other
 * simulated cards; -ENODEV for a device that is not a simulated one.
 */
int pcie_card_sim_dev_dfl(struct pci_dev *pdev)
{
	struct pcsim_card *card = pcsim_m10_of(pdev);

	if (!card)
		return -ENODEV;

	return card->m10 ? card->m10->type : PCIE_CARD_SIM_DFL_NONE;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_dev_dfl);

/**
 * pcie_card_sim_dev_bmc_read() - read a register of the BMC through the FPGA
 * @pdev: the function, for which pcie_card_sim_dev_dfl() has named a card
 * @reg: the register, as the driver for the card numbers it
 * @val: set to the value
 *
 * Return: 0, or -EIO if the FPGA cannot be reached.
 */
int pcie_card_sim_dev_bmc_read(struct pci_dev *pdev, unsigned int reg,
			       u32 *val)
{
	struct pcsim_card *card = pcsim_m10_of(pdev);

	guard(pcsim)(card->port->sim);

	if (!pcsim_m10_reach(card))
		return -EIO;
	*val = pcsim_m10_read(card, reg);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_dev_bmc_read);

/**
 * pcie_card_sim_dev_bmc_write() - write a register of the BMC through the FPGA
 * @pdev: the function, for which pcie_card_sim_dev_dfl() has named a card
 * @reg: the register, as the driver for the card numbers it
 * @val: the value
 *
 * Return: 0, or -EIO if the FPGA cannot be reached.
 */
int pcie_card_sim_dev_bmc_write(struct pci_dev *pdev, unsigned int reg, u32 val)
{
	struct pcsim_card *card = pcsim_m10_of(pdev);

	guard(pcsim)(card->port->sim);

	if (!pcsim_m10_reach(card))
		return -EIO;
	pcsim_m10_write(card, reg, val);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_dev_bmc_write);
