// SPDX-License-Identifier: GPL-2.0-only
/* Configuration accesses: who gets them, by the bus numbers of the bridges. */

#include "host.h"

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

/* The request is for the card below a port, and gets there. */
static void pcsim_arrives(struct pcsim_port *port, const struct pcsim_fn *fn)
{
	if (port && pcsim_port_has_card(port) && fn != &port->fn &&
	    port->link == PCSIM_LINK_UP)
		pcsim_ready_asked(port, fn);
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

	if (fn == &port->fn || !port->card ||
	    (!pcsim_card_retry(port->card) && !pcsim_ready_retry(port, fn)))
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
	pcsim_arrives(port, fn);
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
	pcsim_arrives(port, fn);
	if (fn && !pcsim_retry(port, fn, reg, size, &val))
		pcsim_write_fn(fn, reg, size, val);

	return PCIBIOS_SUCCESSFUL;
}

struct pci_ops pcsim_pci_ops = {
	.read = pcsim_pci_read,
	.write = pcsim_pci_write,
};
