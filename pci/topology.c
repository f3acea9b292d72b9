// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which port leads to a card, and whether it leads to anything else.
 */

#include <linux/list.h>
#include <linux/pci.h>

#include "reload.h"

/**
 * struct pci_reload_ownership - what belongs to a card
 * @control: its control function
 * @owns: what the back end says of the rest; may be NULL
 * @priv: argument of @owns
 * @foreign: the first function found that does not belong to it, an endpoint
 *	if there is one; the rescan lock keeps it
 */
struct pci_reload_ownership {
	struct pci_dev *control;
	bool (*owns)(struct pci_dev *pdev, void *priv);
	void *priv;
	struct pci_dev *foreign;
};

static bool pci_reload_faces_down(struct pci_dev *pdev)
{
	return pci_is_pcie(pdev) &&
	       (pci_pcie_type(pdev) == PCI_EXP_TYPE_ROOT_PORT ||
		pci_pcie_type(pdev) == PCI_EXP_TYPE_DOWNSTREAM);
}

/* The nearest port above @pdev whose link leads to it. */
static struct pci_dev *pci_reload_port_above(struct pci_dev *pdev)
{
	do {
		pdev = pci_upstream_bridge(pdev);
	} while (pdev && !pci_reload_faces_down(pdev));
	return pdev;
}

/* The port of a card is above each switch that is on the card. */
static struct pci_dev *
pci_reload_climb(const struct pci_reload_ownership *own)
{
	struct pci_dev *port = pci_reload_port_above(own->control);
	struct pci_dev *up;

	while (port && own->owns) {
		up = pci_upstream_bridge(port);
		if (!up || !own->owns(up, own->priv))
			break;
		port = pci_reload_port_above(up);
	}
	return port;
}

/**
 * pci_reload_find_port - find the port of a card
 * @control: the card's control function
 * @owns: whether a function or bridge belongs to the card; asked for the
 *	upstream ports of switches only. NULL for a card without a switch
 * @priv: argument of @owns
 *
 * Context: what @owns needs. The bridges above @control have to stay: the caller
 * holds the rescan lock, or is in the probe() of a driver of @control or of a
 * device below it, whose removal waits for that.
 *
 * Return: the nearest root port or switch downstream port above all that is
 * the card's, referenced; -ENODEV if there is none, as above an endpoint that
 * is integrated in the root complex.
 */
struct pci_dev *pci_reload_find_port(struct pci_dev *control,
				     bool (*owns)(struct pci_dev *pdev,
						  void *priv),
				     void *priv)
{
	struct pci_reload_ownership own = {
		.control = control,
		.owns = owns,
		.priv = priv,
	};
	struct pci_dev *port = pci_dev_get(pci_reload_climb(&own));

	return port ?: ERR_PTR(-ENODEV);
}
EXPORT_SYMBOL_GPL(pci_reload_find_port);

/*
 * A VF belongs to whom its PF belongs to, wherever its bus is. Nobody is asked
 * for the link with the control function, nor for what has to be passed on the
 * way there.
 */
static bool pci_reload_is_owned(struct pci_dev *pdev,
				const struct pci_reload_ownership *own)
{
	pdev = pci_physfn(pdev);
	if (pdev->bus == pci_physfn(own->control)->bus)
		return true;
	if (pci_reload_is_above(pdev, own->control))
		return true;
	return own->owns && own->owns(pdev, own->priv);
}

/* Prefer to name an endpoint over the switch port above it. */
static int pci_reload_find_foreign(struct pci_dev *pdev, void *data)
{
	struct pci_reload_ownership *own = data;

	if (pci_reload_is_owned(pdev, own))
		return 0;
	if (!own->foreign || !pci_is_bridge(pdev))
		own->foreign = pdev;
	return !pci_is_bridge(pdev);
}

/* The rescan lock is held. */
static int pci_reload_refuse_port(struct pci_reload *pr,
				  const struct pci_reload_ownership *own)
{
	struct pci_dev *better = pci_reload_climb(own);
	struct pci_dev *foreign = own->foreign;

	if (better && better != pr->port)
		return pci_reload_fail(pr, -EBUSY,
				       "%s (%04x:%04x) is below %s too and is not the card's: use the port %s, which is nearer to the card",
				       pci_name(foreign), foreign->vendor,
				       foreign->device, pci_name(pr->port),
				       pci_name(better));
	return pci_reload_fail(pr, -EBUSY,
			       "%s (%04x:%04x) is below %s too and is not the card's: move it to another slot, or, if it is on the card, have the back end say so",
			       pci_name(foreign), foreign->vendor,
			       foreign->device, pci_name(pr->port));
}

/**
 * pci_reload_check_port - whether a port leads to a card and to nothing else
 * @pr: the window of the port
 * @control: the card's control function
 * @owns: whether a function or bridge belongs to the card. Not asked for VFs,
 *	for the bus with @control, and for the bridges on the way there. NULL if
 *	nothing else does
 * @priv: argument of @owns
 *
 * Context: may sleep. Takes the rescan lock; @owns is called with it held.
 *
 * Return: 0; -EBUSY if there is something else below the port; -ENODEV if the
 * card is not.
 */
int pci_reload_check_port(struct pci_reload *pr, struct pci_dev *control,
			  bool (*owns)(struct pci_dev *pdev, void *priv),
			  void *priv)
{
	struct pci_reload_ownership own = {
		.control = control,
		.owns = owns,
		.priv = priv,
	};
	int ret = 0;

	pci_reload_lock_rescan(pr);
	if (!pci_reload_is_below(pr, control)) {
		ret = pci_reload_fail(pr, -ENODEV, "%s is not below the port %s",
				      pci_name(control), pci_name(pr->port));
	} else {
		pci_reload_walk(pr->bus, pci_reload_find_foreign, &own);
		if (own.foreign)
			ret = pci_reload_refuse_port(pr, &own);
	}
	pci_reload_unlock_rescan(pr);
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_check_port);
