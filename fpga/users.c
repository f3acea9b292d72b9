// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who uses the card's functions. A load takes them away, so those who would
 * notice are asked about first.
 */

#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "card.h"

/**
 * struct fpga_card_user - the first user found
 * @force: only look for those who can not be passed over
 * @pdev: the function; referenced, NULL if none is in use
 * @name: name of the interface, or NULL
 * @blocks: the removal would wait for the user without a limit
 */
struct fpga_card_user {
	bool force;
	struct pci_dev *pdev;
	const char *name;
	bool blocks;
};

static int fpga_card_find_netdev(struct device *dev, void *data)
{
	struct fpga_card_user *user = data;

	if (dev->class && !strcmp(dev->class->name, "net") &&
	    READ_ONCE(to_net_dev(dev)->flags) & IFF_UP) {
		user->name = dev_name(dev);
		return 1;
	}
	return device_for_each_child(dev, user, fpga_card_find_netdev);
}

/*
 * A VFIO driver's remove() waits until the last user has closed the function,
 * and whether there is one it does not tell: its binding counts as use.
 */
static bool fpga_card_has_vfio(struct pci_dev *pdev)
{
	struct device_driver *drv = READ_ONCE(pdev->dev.driver);

	return drv && strstarts(drv->name, "vfio");
}

static bool fpga_card_is_used(struct pci_dev *pdev, struct fpga_card_user *user)
{
	if (fpga_card_has_vfio(pdev)) {
		user->blocks = true;
		return true;
	}
	return IS_ENABLED(CONFIG_NET) && !user->force &&
	       device_for_each_child(&pdev->dev, user, fpga_card_find_netdev);
}

/* A walk from bridge to bridge would miss VFs that are on a bus of their own. */
static bool fpga_card_is_below(struct fpga_card *card, struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	while (bus && bus != card->port->subordinate)
		bus = bus->parent;
	return bus;
}

static int fpga_card_tell_user(struct fpga_card *card,
			       const struct fpga_card_user *user)
{
	struct pci_dev *pdev = user->pdev;

	if (user->blocks)
		return fpga_card_fail(card, -EBUSY,
				      "%s is bound to %s, and its removal would wait until that is closed: unbind it first",
				      pci_name(pdev), dev_driver_string(&pdev->dev));
	return fpga_card_fail(card, -EBUSY,
			      "%s (driver %s) is in use: network interface %s is up; take it down, or write 1 to force",
			      pci_name(pdev), dev_driver_string(&pdev->dev),
			      user->name);
}

/*
 * Returns 0, or -EBUSY with a sentence that names the function in use. A forced
 * request passes over all users but those who would block it for good.
 */
int fpga_card_check_users(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_user user = { .force = req->force };
	struct pci_dev *pdev = NULL;
	int ret = 0;

	pci_lock_rescan_remove();
	if (READ_ONCE(card->gone))
		goto out_unlock;
	for_each_pci_dev(pdev) {
		if (!fpga_card_is_below(card, pdev) ||
		    !fpga_card_is_used(pdev, &user))
			continue;
		user.pdev = pdev;
		ret = fpga_card_tell_user(card, &user);
		pci_dev_put(pdev);
		break;
	}

out_unlock:
	pci_unlock_rescan_remove();
	return ret;
}
