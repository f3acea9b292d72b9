// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a port is, by what it is of and by the bus numbers that software gave to the
 * bridges, and whether it is to be reached there.
 */

#include "host.h"

bool pcsim_port_has_card(const struct pcsim_port *port)
{
	return port->role == PCSIM_ROOT || port->role == PCSIM_DOWN;
}

bool pcsim_port_is_root(const struct pcsim_port *port)
{
	return port->role == PCSIM_ROOT || port->role == PCSIM_TOP;
}

unsigned int pcsim_port_devfn(const struct pcsim_port *port)
{
	switch (port->role) {
	case PCSIM_ROOT:
		return PCI_DEVFN(PCSIM_ROOT_SLOT + port->index, 0);
	case PCSIM_TOP:
		return PCI_DEVFN(PCSIM_TOP_SLOT + port->number, 0);
	default:
		return PCI_DEVFN(port->number, 0);
	}
}

/* Bus numbers are those that software gave to the bridges. */
u8 pcsim_port_bus(const struct pcsim_port *port)
{
	switch (port->role) {
	case PCSIM_DOWN:
		return port->hsw->up.val[PCI_SECONDARY_BUS];
	case PCSIM_LEG:
		return port->card->sw->up.val[PCI_SECONDARY_BUS];
	default:
		return 0;
	}
}

/* The root port that a port is, or that it is below */
struct pcsim_port *pcsim_port_root(struct pcsim_port *port)
{
	switch (port->role) {
	case PCSIM_DOWN:
		return port->hsw->top;
	case PCSIM_LEG:
		return pcsim_port_root(port->card->port);
	default:
		return port;
	}
}

static struct pcsim_port *pcsim_root_of(const struct pci_dev *pdev)
{
	struct pcie_card_sim *sim = container_of(pdev->bus->sysdata,
						 struct pcie_card_sim, sysdata);
	unsigned int slot = PCI_SLOT(pdev->devfn);

	if (slot >= PCSIM_ROOT_SLOT)
		return slot - PCSIM_ROOT_SLOT < sim->n_ports ?
		       sim->ports[slot - PCSIM_ROOT_SLOT] : NULL;
	if (slot < PCSIM_TOP_SLOT || !sim->switches[slot - PCSIM_TOP_SLOT])
		return NULL;

	return sim->switches[slot - PCSIM_TOP_SLOT]->top;
}

/**
 * pcsim_port_of() - the port that a PCI device of a host is
 * @pdev: the device
 *
 * Return: the port, NULL for any other device, and for the legs of switches on
 * cards.
 */
struct pcsim_port *pcsim_port_of(const struct pci_dev *pdev)
{
	struct pci_dev *up = pdev->bus->self;
	struct pcsim_port *top;

	if (pci_is_root_bus(pdev->bus))
		return pcsim_root_of(pdev);
	if (!up || !up->bus->self || !pci_is_root_bus(up->bus->self->bus))
		return NULL;

	top = pcsim_root_of(up->bus->self);
	if (!top || top->role != PCSIM_TOP ||
	    PCI_SLOT(pdev->devfn) >= top->hsw->n_downs)
		return NULL;

	return top->hsw->downs[PCI_SLOT(pdev->devfn)];
}

bool pcsim_port_ari(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_DEVCTL2) &
	       PCI_EXP_DEVCTL2_ARI;
}

bool pcsim_in_reset(const struct pcsim_fn *bridge)
{
	return pcsim_get16(bridge, PCI_BRIDGE_CONTROL) &
	       PCI_BRIDGE_CTL_BUS_RESET;
}

/* Does the switch let its downstream ports have a link? */
bool pcsim_host_switch_active(const struct pcsim_host_switch *hsw)
{
	return hsw->top->link == PCSIM_LINK_UP && !pcsim_in_reset(&hsw->up);
}

bool pcsim_forwards(const struct pcsim_fn *bridge, unsigned int bus)
{
	u8 sec = bridge->val[PCI_SECONDARY_BUS];

	return sec && bus >= sec && bus <= bridge->val[PCI_SUBORDINATE_BUS];
}
