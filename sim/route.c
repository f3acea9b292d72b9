// SPDX-License-Identifier: GPL-2.0-only
/* Configuration accesses: who gets them, by the bus numbers of the bridges. */

#include "internal.h"

bool pcsim_forwards(const struct pcsim_fn *bridge, unsigned int bus)
{
	u8 sec = bridge->val[PCI_SECONDARY_BUS];

	return sec && bus >= sec && bus <= bridge->val[PCI_SUBORDINATE_BUS];
}

static void pcsim_master_abort(struct pcsim_fn *bridge)
{
	pcsim_update16(bridge, PCI_SEC_STATUS, 0, PCI_STATUS_REC_MASTER_ABORT);
}

/*
 * A request for what is not there completes as Unsupported Request: reads
 * give ones, and the ports above note a master abort (PCIe r6.0, sec
 * 7.5.1.3.7). While the link is down the port answers in place of the card
 * (sec 2.9.1), and so notes nothing.
 */
void pcsim_unsupported(struct pcsim_port *port)
{
	pcsim_master_abort(&port->fn);
	pcsim_err_rp_pio(pcsim_port_root(port), PCSIM_RP_PIO_CFG_UR);
	if (port->role != PCSIM_DOWN)
		return;

	pcsim_master_abort(&port->hsw->up);
	pcsim_master_abort(&port->hsw->top->fn);
}

/* Functions at the far end of a link */
static struct pcsim_fn *pcsim_route_leg(struct pcsim_port *port,
					unsigned int leg, unsigned int bus,
					unsigned int devfn)
{
	unsigned int sec = port->fn.val[PCI_SECONDARY_BUS];
	struct pcsim_fn *fn = NULL;

	if (port->link != PCSIM_LINK_UP)
		return NULL;

	/* There is but one device on a link (PCIe r6.0, sec 7.3.1). */
	if (bus != sec || devfn < 8 || pcsim_port_ari(port))
		fn = pcsim_image_find(port->card->running, leg, bus, devfn,
				      sec);
	if (!fn)
		pcsim_unsupported(port);

	return fn;
}

/**
 * pcsim_route_card() - route a configuration request to a card
 * @port: the port above the card, which forwards it
 * @bus: bus number of the request
 * @devfn: device and function number of the request
 *
 * Return: what it is for, NULL for nothing.
 */
struct pcsim_fn *pcsim_route_card(struct pcsim_port *port, unsigned int bus,
				  unsigned int devfn)
{
	struct pcsim_port *above = NULL;
	struct pcsim_card *card = port->card;
	struct pcsim_fn *fn;

	if (!card->sw)
		return pcsim_route_leg(port, 0, bus, devfn);
	if (port->link != PCSIM_LINK_UP)
		return NULL;

	if (bus == port->fn.val[PCI_SECONDARY_BUS])
		fn = devfn ? NULL : &card->sw->up;
	else
		fn = pcsim_switch_route(card, bus, devfn, &above);
	if (above)
		return pcsim_route_leg(above, above->number, bus, devfn);
	if (!fn)
		pcsim_unsupported(port);

	return fn;
}

static bool pcsim_takes(const struct pcsim_port *root, unsigned int bus,
			unsigned int devfn)
{
	if (!bus)
		return devfn == pcsim_port_devfn(root);

	return pcsim_forwards(&root->fn, bus);
}

/* Sets @port to the port that it is for or goes through; NULL for none */
static struct pcsim_fn *pcsim_route(struct pcie_card_sim *sim,
				    unsigned int bus, unsigned int devfn,
				    struct pcsim_port **port)
{
	unsigned int i;

	for (i = 0; i < PCIE_CARD_SIM_SWITCHES; i++) {
		struct pcsim_host_switch *hsw = sim->switches[i];

		if (!hsw || !pcsim_takes(hsw->top, bus, devfn))
			continue;
		*port = hsw->top;
		return bus ? pcsim_host_switch_route(hsw, bus, devfn, port) :
			     &hsw->top->fn;
	}
	for (i = 0; i < sim->n_ports; i++) {
		struct pcsim_port *root = sim->ports[i];

		if (root->role != PCSIM_ROOT || !pcsim_takes(root, bus, devfn))
			continue;
		*port = root;
		return bus ? pcsim_route_card(root, bus, devfn) : &root->fn;
	}
	*port = NULL;

	return NULL;
}

static struct pcie_card_sim *pcsim_bus_sim(struct pci_bus *bus)
{
	return container_of(bus->sysdata, struct pcie_card_sim, sysdata);
}

/*
 * Request Retry Status: with RRS Software Visibility a read of the Vendor ID
 * gets a value of its own, else the root complex tries again, here in vain
 * (PCIe r6.0, sec 2.3.2).
 */
static bool pcsim_retry(struct pcsim_port *port, struct pcsim_fn *fn,
			unsigned int reg, unsigned int size, u32 *val)
{
	struct pcsim_port *root = pcsim_port_root(port);
	u16 rtctl = pcsim_get16(&root->fn, root->lay.pcie + PCI_EXP_RTCTL);

	if (fn == &port->fn || !port->card || !pcsim_card_retry(port->card))
		return false;

	if (rtctl & PCI_EXP_RTCTL_CRSSVE && reg == PCI_VENDOR_ID && size >= 2)
		*val = 0xffff0001;

	return true;
}

static int pcsim_pci_read(struct pci_bus *bus, unsigned int devfn, int reg,
			  int size, u32 *val)
{
	struct pcie_card_sim *sim = pcsim_bus_sim(bus);
	struct pcsim_port *port;
	struct pcsim_fn *fn;

	*val = ~0;
	if (reg < 0 || reg + size > PCSIM_CFG_SIZE)
		return PCIBIOS_BAD_REGISTER_NUMBER;

	guard(pcsim)(sim);

	if (sim->gone)
		return PCIBIOS_SUCCESSFUL;

	fn = pcsim_route(sim, bus->number, devfn, &port);
	if (!fn || pcsim_retry(port, fn, reg, size, val))
		return PCIBIOS_SUCCESSFUL;

	if (fn->kind == PCSIM_PF || fn->kind == PCSIM_VF)
		*val = pcsim_fn_read(fn, reg, size);
	else
		*val = pcsim_cfg_read(fn, reg, size);

	return PCIBIOS_SUCCESSFUL;
}

static void pcsim_write_fn(struct pcsim_fn *fn, unsigned int reg,
			   unsigned int size, u32 val)
{
	switch (fn->kind) {
	case PCSIM_PORT:
		pcsim_port_write(fn->port, reg, size, val);
		break;
	case PCSIM_UPSTREAM:
		pcsim_switch_write(fn->port->card, reg, size, val);
		break;
	case PCSIM_HOST_UPSTREAM:
		pcsim_host_switch_write(fn->port->hsw, reg, size, val);
		break;
	case PCSIM_PF:
	case PCSIM_VF:
		pcsim_fn_write(fn, reg, size, val);
		break;
	}
}

static int pcsim_pci_write(struct pci_bus *bus, unsigned int devfn, int reg,
			   int size, u32 val)
{
	struct pcie_card_sim *sim = pcsim_bus_sim(bus);
	struct pcie_card_sim_event event = {
		.what = PCIE_CARD_SIM_CFG_WRITE,
		.bus = bus->number,
		.devfn = devfn,
		.reg = reg,
		.size = size,
		.value = val,
	};
	struct pcsim_port *port;
	struct pcsim_fn *fn;

	if (reg < 0 || reg + size > PCSIM_CFG_SIZE)
		return PCIBIOS_BAD_REGISTER_NUMBER;

	guard(pcsim)(sim);

	if (sim->gone)
		return PCIBIOS_SUCCESSFUL;

	fn = pcsim_route(sim, bus->number, devfn, &port);
	event.port = port ? port->index : 0xff;
	pcsim_log(sim, &event);
	if (fn && !pcsim_retry(port, fn, reg, size, &val))
		pcsim_write_fn(fn, reg, size, val);

	return PCIBIOS_SUCCESSFUL;
}

struct pci_ops pcsim_pci_ops = {
	.read = pcsim_pci_read,
	.write = pcsim_pci_write,
};
