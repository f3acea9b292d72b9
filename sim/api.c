// SPDX-License-Identifier: GPL-2.0-only
/* What tests do to a host while it is there. */

#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/string.h>

#include "internal.h"

static struct pcsim_card *pcsim_card(struct pcie_card_sim *sim,
				     unsigned int port)
{
	return port < sim->n_ports ? sim->ports[port]->card : NULL;
}

/**
 * pcie_card_sim_domain() - PCI domain of a host
 * @sim: the host
 *
 * Return: the domain number.
 */
int pcie_card_sim_domain(struct pcie_card_sim *sim)
{
	return sim->sysdata.domain;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_domain);

/**
 * pcie_card_sim_port_dev() - the PCI device of a root port
 * @sim: the host
 * @port: number of the port
 *
 * Return: the device, to be released with pci_dev_put(); NULL if there is no
 * such port.
 */
struct pci_dev *pcie_card_sim_port_dev(struct pcie_card_sim *sim,
				       unsigned int port)
{
	if (port >= sim->n_ports)
		return NULL;

	return pci_get_domain_bus_and_slot(sim->sysdata.domain, 0,
					   pcsim_port_devfn(sim->ports[port]));
}
EXPORT_SYMBOL_GPL(pcie_card_sim_port_dev);

/**
 * pcie_card_sim_set_faults() - say what a card does wrong from now on
 * @sim: the host
 * @port: number of the port
 * @faults: all faults; those not wanted are zero
 *
 * Return: 0, -ENOENT if @faults names an image that the card does not have,
 * -ENODEV if there is no such port.
 */
int pcie_card_sim_set_faults(struct pcie_card_sim *sim, unsigned int port,
			     const struct pcie_card_sim_faults *faults)
{
	struct pcsim_card *card = pcsim_card(sim, port);

	if (!card)
		return -ENODEV;
	if (faults->wrong_image[0] &&
	    !pcsim_card_image(card, faults->wrong_image))
		return -ENOENT;

	guard(pcsim)(sim);

	card->faults = *faults;

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_set_faults);

/**
 * pcie_card_sim_set_present() - pull a card or plug it in
 * @sim: the host
 * @port: number of the port
 * @present: the card is to be in the slot
 *
 * Return: 0, or -ENODEV if there is no such port.
 */
int pcie_card_sim_set_present(struct pcie_card_sim *sim, unsigned int port,
			      bool present)
{
	struct pcsim_card *card = pcsim_card(sim, port);

	if (!card)
		return -ENODEV;

	guard(pcsim)(sim);

	pcsim_card_present(card, present);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_set_present);

/**
 * pcie_card_sim_set_boot_image() - choose what runs after power-on
 * @sim: the host
 * @port: number of the port
 * @name: name of the image
 *
 * Pulling the card and plugging it in again then looks like an exchange.
 *
 * Return: 0, -ENOENT if there is no such image, -ENODEV if there is no such
 * port.
 */
int pcie_card_sim_set_boot_image(struct pcie_card_sim *sim, unsigned int port,
				 const char *name)
{
	struct pcsim_card *card = pcsim_card(sim, port);
	struct pcsim_image *image;

	if (!card)
		return -ENODEV;
	image = pcsim_card_image(card, name);
	if (!image)
		return -ENOENT;

	guard(pcsim)(sim);

	card->boot = image;

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_set_boot_image);

/**
 * pcie_card_sim_running() - which image does a card run?
 * @sim: the host
 * @port: number of the port
 * @name: where to write the name of the image
 * @len: size of @name
 *
 * Return: 0, -ENODATA if the card runs none now, -ENODEV if there is no such
 * port.
 */
int pcie_card_sim_running(struct pcie_card_sim *sim, unsigned int port,
			  char *name, size_t len)
{
	struct pcsim_card *card = pcsim_card(sim, port);

	if (!card)
		return -ENODEV;

	guard(pcsim)(sim);

	if (!card->present || !card->running || card->dropped ||
	    !pcsim_port_power(card->port))
		return -ENODATA;
	strscpy(name, card->running->cfg.name, len);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_running);

/**
 * pcie_card_sim_load() - have a card load an image without its mailbox
 * @sim: the host
 * @port: number of the port
 * @name: name of the image
 *
 * As a load from outside would do, for example by JTAG.
 *
 * Return: 0 if the card has accepted, -ENOENT if there is no such image,
 * -EBUSY while another load is under way, -EIO if the card refuses, -ENODEV if
 * there is no card.
 */
int pcie_card_sim_load(struct pcie_card_sim *sim, unsigned int port,
		       const char *name)
{
	struct pcsim_card *card = pcsim_card(sim, port);
	struct pcsim_image *image;

	if (!card)
		return -ENODEV;
	image = pcsim_card_image(card, name);
	if (!image)
		return -ENOENT;

	guard(pcsim)(sim);

	return pcsim_card_load(card, image, false);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_load);

/**
 * pcie_card_sim_drop_link() - have a card lose its link once, and train again
 * @sim: the host
 * @port: number of the port
 *
 * Return: 0, or -ENODEV if there is no such port.
 */
int pcie_card_sim_drop_link(struct pcie_card_sim *sim, unsigned int port)
{
	struct pcsim_card *card = pcsim_card(sim, port);

	if (!card)
		return -ENODEV;

	guard(pcsim)(sim);

	pcsim_delay_start(&card->lose, 0);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_drop_link);

/**
 * pcie_card_sim_port_error() - have a root port detect an error
 * @sim: the host
 * @port: number of the port
 * @uncorrectable: one bit of Uncorrectable Error Status
 *
 * Return: 0, -EINVAL if @uncorrectable is not one bit, -ENODEV if there is no
 * such port.
 */
int pcie_card_sim_port_error(struct pcie_card_sim *sim, unsigned int port,
			     u32 uncorrectable)
{
	if (port >= sim->n_ports)
		return -ENODEV;
	if (hweight32(uncorrectable) != 1)
		return -EINVAL;

	guard(pcsim)(sim);

	pcsim_err_report(sim->ports[port], uncorrectable);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_port_error);

/**
 * pcie_card_sim_link_up() - is the link of a port up?
 * @sim: the host
 * @port: number of the port
 *
 * Return: true if it is.
 */
bool pcie_card_sim_link_up(struct pcie_card_sim *sim, unsigned int port)
{
	if (port >= sim->n_ports)
		return false;

	guard(pcsim)(sim);

	return sim->ports[port]->link == PCSIM_LINK_UP;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_link_up);
