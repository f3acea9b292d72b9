// SPDX-License-Identifier: GPL-2.0-only
/* Configuration requests that have got to a card. */

#include "host.h"

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
