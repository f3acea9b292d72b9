// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches of a host: a root port, the upstream port below it, and downstream
 * ports above the places for cards. They are configured by bus numbers.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "host.h"

/* No configuration access may happen any more. */
void pcsim_host_switch_free(struct pcsim_host_switch *hsw)
{
	kvfree(hsw);
}

/* Before the host is scanned, and before cards are there */
void pcsim_host_switch_boot(struct pcsim_host_switch *hsw)
{
	pcsim_link_up_now(hsw->top);
}

static void pcsim_downs_eval(struct pcsim_host_switch *hsw)
{
	unsigned int i;

	for (i = 0; i < hsw->n_downs; i++)
		pcsim_link_eval(hsw->downs[i], PCIE_CARD_SIM_BY_PARENT);
}

static void pcsim_downs_reset(struct pcsim_host_switch *hsw)
{
	unsigned int i;

	for (i = 0; i < hsw->n_downs; i++)
		pcsim_port_reset(hsw->downs[i]);
}

/* The link of the switch came up. */
static void pcsim_host_switch_up(struct pcsim_port *top)
{
	struct pcsim_host_switch *hsw = top->hsw;

	pcsim_fn_link(&hsw->up,
		      pcsim_get16(&top->fn, top->lay.pcie + PCI_EXP_LNKSTA));
	pcsim_downs_eval(hsw);
}

/* The link of the switch went down. */
static void pcsim_host_switch_reset(struct pcsim_port *top,
				    enum pcie_card_sim_reason why)
{
	pcsim_cfg_reset(&top->hsw->up, false);
	pcsim_downs_reset(top->hsw);
}

static const struct pcsim_below_ops pcsim_host_switch_below_ops = {
	.up = pcsim_host_switch_up,
	.reset = pcsim_host_switch_reset,
};

/* Let software that wrote to the upstream port see what comes of it. */
void pcsim_host_switch_write(struct pcsim_host_switch *hsw, unsigned int reg,
			     unsigned int size, u32 val)
{
	bool was = pcsim_in_reset(&hsw->up);
	bool now;

	pcsim_cfg_write(&hsw->up, reg, size, val);
	now = pcsim_in_reset(&hsw->up);
	if (!was && now) {
		pcsim_log_port(hsw->top, PCIE_CARD_SIM_RESET_BUS, 1);
		pcsim_downs_reset(hsw);
	} else if (was && !now) {
		pcsim_downs_eval(hsw);
	}
}

/**
 * pcsim_host_switch_route() - route a configuration request into a switch
 * @hsw: the switch
 * @bus: bus number of the request
 * @devfn: device and function number of the request
 * @port: set to the downstream port that it is for, or goes through
 *
 * Return: what the request is for, NULL for nothing.
 */
struct pcsim_fn *pcsim_host_switch_route(struct pcsim_host_switch *hsw,
					 unsigned int bus, unsigned int devfn,
					 struct pcsim_port **port)
{
	unsigned int i = PCI_SLOT(devfn);

	if (hsw->top->link != PCSIM_LINK_UP)
		return NULL;
	if (bus == hsw->top->fn.val[PCI_SECONDARY_BUS] && !devfn)
		return &hsw->up;

	if (!pcsim_forwards(&hsw->up, bus) || pcsim_in_reset(&hsw->up)) {
		pcsim_unsupported(hsw->top);
		return NULL;
	}
	if (bus == hsw->up.val[PCI_SECONDARY_BUS] && !PCI_FUNC(devfn) &&
	    i < hsw->n_downs) {
		*port = hsw->downs[i];
		return &(*port)->fn;
	}
	for (i = 0; i < hsw->n_downs; i++) {
		if (!pcsim_forwards(&hsw->downs[i]->fn, bus))
			continue;
		*port = hsw->downs[i];
		return pcsim_route_card(*port, bus, devfn);
	}
	pcsim_unsupported(hsw->top);

	return NULL;
}

static struct pcsim_host_switch *pcsim_host_switch_alloc(struct pcsim_port *first)
{
	struct pcsim_host_switch *hsw;

	hsw = kvzalloc(sizeof(*hsw), GFP_KERNEL);
	if (!hsw)
		return NULL;

	hsw->top = pcsim_top_alloc(first);
	if (!hsw->top) {
		kvfree(hsw);
		return NULL;
	}

	hsw->top->hsw = hsw;
	hsw->top->below = &pcsim_host_switch_below_ops;
	pcsim_upstream_layout(&hsw->up_lay,
			      PCIE_CARD_SIM_DEVICE_HOST_UPSTREAM,
			      first->sim->has_io);
	hsw->up.kind = PCSIM_HOST_UPSTREAM;
	hsw->up.lay = &hsw->up_lay;
	hsw->up.port = hsw->top;
	pcsim_cfg_reset(&hsw->up, true);

	return hsw;
}

/* Make a port a downstream port of its switch, which the first one brings. */
int pcsim_host_switch_add(struct pcsim_port *port)
{
	struct pcsim_host_switch **hsw;

	hsw = &port->sim->switches[port->cfg.sw - 1];
	if (!*hsw)
		*hsw = pcsim_host_switch_alloc(port);
	if (!*hsw)
		return -ENOMEM;

	port->hsw = *hsw;
	port->number = port->hsw->n_downs;
	port->hsw->downs[port->hsw->n_downs++] = port;

	return 0;
}
