// SPDX-License-Identifier: GPL-2.0-only
/* What tests do to a host while it is there. */

#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/string.h>

#include "host.h"

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
	return pci_compat_host_domain(&sim->sysdata);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_domain);

/* The device in a slot below a bridge, whose reference is given up */
static struct pci_dev *pcsim_api_below(struct pci_dev *bridge,
				       unsigned int devfn)
{
	struct pci_dev *pdev = NULL;

	if (bridge && bridge->subordinate)
		pdev = pci_get_slot(bridge->subordinate, devfn);
	pci_dev_put(bridge);

	return pdev;
}

/**
 * pcie_card_sim_port_dev() - the PCI device of a port
 * @sim: the host
 * @port: number of the port
 *
 * Return: the device, to be released with pci_dev_put(); NULL if there is no
 * such port.
 */
struct pci_dev *pcie_card_sim_port_dev(struct pcie_card_sim *sim,
				       unsigned int port)
{
	struct pcsim_port *root;
	struct pci_dev *pdev;

	if (port >= sim->n_ports)
		return NULL;

	root = pcsim_port_root(sim->ports[port]);
	pdev = pci_get_domain_bus_and_slot(pcie_card_sim_domain(sim), 0,
					   pcsim_port_devfn(root));
	if (root == sim->ports[port])
		return pdev;

	pdev = pcsim_api_below(pdev, 0);

	return pcsim_api_below(pdev, pcsim_port_devfn(sim->ports[port]));
}
EXPORT_SYMBOL_GPL(pcie_card_sim_port_dev);

/**
 * pcie_card_sim_above() - the PCI device of a bridge above a port
 * @sim: the host
 * @port: number of the port
 * @level: 1 for the next one above, and so on; 0 for the port itself
 *
 * Return: the device, to be released with pci_dev_put(); NULL if there is no
 * such port or bridge.
 */
struct pci_dev *pcie_card_sim_above(struct pcie_card_sim *sim,
				    unsigned int port, unsigned int level)
{
	struct pci_dev *pdev = pcie_card_sim_port_dev(sim, port);
	struct pci_dev *bridge = pdev;

	while (bridge && level--)
		bridge = pci_upstream_bridge(bridge);
	pci_dev_get(bridge);
	pci_dev_put(pdev);

	return bridge;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_above);

/**
 * pcie_card_sim_set_faults() - say what a card does wrong from now on
 * @sim: the host
 * @port: number of the port
 * @faults: all faults; those not wanted are zero
 *
 * Return: 0, -ENOENT if @faults names an image that the card does not have,
 * -EINVAL for a width that there is not, -ENODEV if there is no such port.
 */
int pcie_card_sim_set_faults(struct pcie_card_sim *sim, unsigned int port,
			     const struct pcie_card_sim_faults *faults)
{
	struct pcsim_card *card = pcsim_card(sim, port);

	if (!card)
		return -ENODEV;
	if (!pcsim_check_width(faults->degraded_width))
		return -EINVAL;
	if (faults->wrong_image[0] &&
	    !pcsim_card_image(card, faults->wrong_image))
		return -ENOENT;

	guard(pcsim)(sim);

	pcsim_card_faults(card, faults);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_set_faults);

/**
 * pcie_card_sim_set_present() - pull a card or plug it in
 * @sim: the host
 * @port: number of the port
 * @present: the card is to be in the slot
 *
 * Context: Any.
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
	    !pcsim_slot_power(card->port))
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
 * pcie_card_sim_self_reset() - have a card reset itself
 * @sim: the host
 * @port: number of the port
 * @delay_ms: for how long it still runs
 * @image: name of the image that it comes back with; NULL for the same
 *
 * As a card does that has a processor of its own, which reboots: the link goes down
 * and comes up again after the image's reload_ms, whatever the host does.
 *
 * Return: 0, -ENOENT if there is no such image, -EBUSY while a load or a reset is under
 * way, -ENODEV if there is no card.
 */
int pcie_card_sim_self_reset(struct pcie_card_sim *sim, unsigned int port,
			     unsigned int delay_ms, const char *image)
{
	struct pcsim_card *card = pcsim_card(sim, port);
	struct pcsim_image *next = NULL;

	if (!card)
		return -ENODEV;
	if (image) {
		next = pcsim_card_image(card, image);
		if (!next)
			return -ENOENT;
	}

	guard(pcsim)(sim);

	return pcsim_card_self_reset(card, next, delay_ms);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_self_reset);

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

	pcsim_card_lose_link(card);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_drop_link);

/**
 * pcie_card_sim_port_error() - have a port detect an error
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
 * pcie_card_sim_port_correctable() - have a port detect a correctable error
 * @sim: the host
 * @port: number of the port
 * @correctable: one bit of Correctable Error Status
 *
 * Return: 0, -EINVAL if @correctable is not one bit, -ENODEV if there is no
 * such port.
 */
int pcie_card_sim_port_correctable(struct pcie_card_sim *sim, unsigned int port,
				   u32 correctable)
{
	if (port >= sim->n_ports)
		return -ENODEV;
	if (hweight32(correctable) != 1)
		return -EINVAL;

	guard(pcsim)(sim);

	pcsim_err_correctable(sim->ports[port], correctable);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_port_correctable);

/**
 * pcie_card_sim_renegotiate() - have the ends of a link agree anew
 * @sim: the host
 * @port: number of the port
 * @autonomous: for a reason of their own; else since the link is not reliable
 *
 * On what they would agree on if the link were trained now, by the faults of the
 * card. The link stays active meanwhile.
 *
 * Return: 0, -ENOTCONN if the link is not up, -ENODEV if there is no such port.
 */
int pcie_card_sim_renegotiate(struct pcie_card_sim *sim, unsigned int port,
			      bool autonomous)
{
	if (port >= sim->n_ports)
		return -ENODEV;

	guard(pcsim)(sim);

	return pcsim_link_renegotiate(sim->ports[port], autonomous);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_renegotiate);

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

/**
 * pcie_card_sim_replace() - put another card into a slot
 * @sim: the host
 * @port: number of the port
 * @image: name of the image that the other card has for power-on
 * @serial: its device serial number, for images without one of their own; 0
 *	for none
 *
 * At once, so that there is no moment without a card, though Slot Status tells
 * of the change. The other card has the same set of images, and does the same
 * things wrong.
 *
 * Context: Any.
 * Return: 0, -ENOENT if there is no such image, -ENODEV if there is no such
 * port.
 */
int pcie_card_sim_replace(struct pcie_card_sim *sim, unsigned int port,
			  const char *image, u64 serial)
{
	struct pcsim_card *card = pcsim_card(sim, port);
	struct pcsim_image *boot;

	if (!card)
		return -ENODEV;
	boot = pcsim_card_image(card, image);
	if (!boot)
		return -ENOENT;

	guard(pcsim)(sim);

	pcsim_card_replace(card, boot, serial);

	return 0;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_replace);

/**
 * pcie_card_sim_press_button() - press the attention button of a slot
 * @sim: the host
 * @port: number of the port
 *
 * Context: Any.
 * Return: 0, -EOPNOTSUPP if there is no button, -ENODEV if there is no such
 * port.
 */
int pcie_card_sim_press_button(struct pcie_card_sim *sim, unsigned int port)
{
	if (port >= sim->n_ports)
		return -ENODEV;

	guard(pcsim)(sim);

	return pcsim_slot_press(sim->ports[port]);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_press_button);
