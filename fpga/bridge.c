// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FPGA bridge of a card: the PCIe port, as what separates the image from
 * the host.
 */

#include <linux/fpga/fpga-bridge.h>

#include "request.h"

static int fpga_card_bridge_enable_set(struct fpga_bridge *bridge, bool enable)
{
	struct fpga_card *card = bridge->priv;

	return enable ? fpga_card_gate_on(card) : fpga_card_gate_off(card);
}

static int fpga_card_bridge_enable_show(struct fpga_bridge *bridge)
{
	struct fpga_card *card = bridge->priv;

	return !pci_reload_is_open(card->window);
}

static const struct fpga_bridge_ops fpga_card_bridge_ops = {
	.enable_set = fpga_card_bridge_enable_set,
	.enable_show = fpga_card_bridge_enable_show,
};

/*
 * fpga_bridge_register() has platform devices made for the children of the parent's
 * node, and for those of the root of the device tree as the parent has none. It
 * cannot be given one: the region's device would get it, too. There is nothing to be
 * made, either: the kernel has made devices for the root's children when it booted,
 * or when they came, and marks those that are to have none, such as the nodes of PCI
 * host bridges. Only for a node that comes at this very moment is the device made
 * here, and not there; it is the same but for its parent.
 */
int fpga_card_bridge_register(struct fpga_card *card)
{
	struct fpga_bridge *bridge;

	bridge = fpga_bridge_register(&card->dev, dev_name(&card->dev),
				      &fpga_card_bridge_ops, card);
	if (IS_ERR(bridge))
		return PTR_ERR(bridge);
	get_device(&bridge->dev);
	card->bridge = bridge;
	return 0;
}

void fpga_card_bridge_unregister(struct fpga_card *card)
{
	fpga_bridge_unregister(card->bridge);
}
