// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switch on a card: an upstream port, and a downstream port for each leg with
 * functions. It is configured like any switch: by bus numbers.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "host.h"

/* An upstream port, also one of a switch of the host */
void pcsim_upstream_layout(struct pcsim_layout *lay, u16 device, bool io)
{
	pcsim_caps_init(lay);
	pcsim_caps_ids(lay, PCIE_CARD_SIM_VENDOR, device,
		       PCI_CLASS_BRIDGE_PCI << 8, 0);
	pcsim_caps_bridge(lay, io);
	pcsim_caps_pcie(lay, PCI_EXP_TYPE_UPSTREAM, PCI_EXP_LNKCAP_SLS_16_0GB);
	pcsim_caps_aer(lay, false);
}

/* A bought switch has one device ID for all its ports. */
static void pcsim_switch_ids(struct pcsim_fn *fn, struct pcsim_layout *lay,
			     const struct pcie_card_sim_card *cfg)
{
	if (!cfg->switch_vendor)
		return;

	pcsim_lay16(lay, PCI_VENDOR_ID, cfg->switch_vendor, 0);
	pcsim_lay16(lay, PCI_DEVICE_ID, cfg->switch_device, 0);
	pcsim_cfg_reset(fn, true);
}

/* After an error the caller still frees the card. */
int pcsim_switch_init(struct pcsim_card *card, unsigned int n_legs,
		      const struct pcie_card_sim_card *cfg)
{
	struct pcsim_switch *sw;
	unsigned int i;

	sw = kvzalloc(sizeof(*sw), GFP_KERNEL);
	if (!sw)
		return -ENOMEM;

	card->sw = sw;
	pcsim_upstream_layout(&sw->up_lay, PCIE_CARD_SIM_DEVICE_UPSTREAM,
			      card->port->sim->has_io);
	sw->up.kind = PCSIM_UPSTREAM;
	sw->up.lay = &sw->up_lay;
	sw->up.port = card->port;
	pcsim_cfg_reset(&sw->up, true);
	pcsim_switch_ids(&sw->up, &sw->up_lay, cfg);

	for (i = 0; i < n_legs; i++) {
		sw->legs[i] = pcsim_leg_alloc(card, i);
		if (!sw->legs[i])
			return -ENOMEM;
		pcsim_switch_ids(&sw->legs[i]->fn, &sw->legs[i]->lay, cfg);
		sw->n_legs++;
	}

	return 0;
}

void pcsim_switch_stop(struct pcsim_switch *sw)
{
	unsigned int i;

	if (!sw)
		return;

	for (i = 0; i < sw->n_legs; i++)
		pcsim_port_stop(sw->legs[i]);
}

void pcsim_switch_free(struct pcsim_switch *sw)
{
	unsigned int i;

	if (!sw)
		return;

	for (i = 0; i < sw->n_legs; i++)
		pcsim_port_free(sw->legs[i]);
	kvfree(sw);
}

/* The link of the card is up: so are those of the legs. */
void pcsim_switch_up(struct pcsim_switch *sw)
{
	unsigned int i;

	for (i = 0; i < sw->n_legs; i++)
		pcsim_link_settle(sw->legs[i]);
}

static void pcsim_legs_reset(struct pcsim_switch *sw)
{
	unsigned int i;

	for (i = 0; i < sw->n_legs; i++) {
		struct pcsim_port *leg = sw->legs[i];

		leg->link = PCSIM_LINK_DOWN;
		pcsim_cfg_reset(&leg->fn, false);
		pcsim_leg_reset(leg->card, i, false);
	}
}

/* The link of the card went down. */
void pcsim_switch_reset(struct pcsim_switch *sw)
{
	pcsim_cfg_reset(&sw->up, false);
	pcsim_legs_reset(sw);
}

/* Secondary Bus Reset of the upstream port resets all that is below it. */
void pcsim_switch_write(struct pcsim_card *card, unsigned int reg,
			unsigned int size, u32 val)
{
	struct pcsim_switch *sw = card->sw;
	bool was = pcsim_in_reset(&sw->up);
	bool now;

	pcsim_cfg_write(&sw->up, reg, size, val);
	now = pcsim_in_reset(&sw->up);
	if (!was && now) {
		pcsim_log_port(card->port, PCIE_CARD_SIM_RESET_BUS, 1);
		pcsim_legs_reset(sw);
	} else if (was && !now) {
		pcsim_switch_up(sw);
	}
}

/**
 * pcsim_switch_route() - route a configuration request into a card's switch
 * @card: the card, whose link is up
 * @bus: bus number of the request, not that of the card's own link
 * @devfn: device and function number of the request
 * @above: set to the leg that the request went through, if it went so far
 *
 * Return: a downstream port of the switch if the request is for it, else NULL.
 */
struct pcsim_fn *pcsim_switch_route(struct pcsim_card *card, unsigned int bus,
				    unsigned int devfn,
				    struct pcsim_port **above)
{
	struct pcsim_switch *sw = card->sw;
	unsigned int i;

	if (!pcsim_forwards(&sw->up, bus) || pcsim_in_reset(&sw->up))
		return NULL;

	if (bus == sw->up.val[PCI_SECONDARY_BUS]) {
		i = PCI_SLOT(devfn);
		return !PCI_FUNC(devfn) && i < sw->n_legs ?
		       &sw->legs[i]->fn : NULL;
	}

	for (i = 0; i < sw->n_legs; i++) {
		if (pcsim_forwards(&sw->legs[i]->fn, bus)) {
			*above = sw->legs[i];
			break;
		}
	}

	return NULL;
}
