// SPDX-License-Identifier: GPL-2.0-only
/*
 * An FPGA manager for a PCIe card as the kernel's of-fpga-region would have it:
 * of-fpga-region programs it from inside its overlay notifier, with of_mutex
 * held. It is here to show what comes of that. The region is of-fpga-region's
 * own; this has no part in when it programs.
 */

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/firmware.h>
#include <linux/fpga/fpga-card.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/string.h>

static bool whole;
module_param(whole, bool, 0644);
MODULE_PARM_DESC(whole, "reload the card with all that fpga-card does, in its worker");

static unsigned int load_ms;
module_param(load_ms, uint, 0644);
MODULE_PARM_DESC(load_ms, "how long the card takes to load, if not all of it is done");

static struct device *loader;

/* The port that the manager's node names, with a reference */
static struct pci_dev *card_port(struct device *dev)
{
	unsigned int domain, bus, slot, func;
	const char *name;

	if (of_property_read_string(dev->of_node, "port", &name) ||
	    sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
}

/* The least that has to be done, and all of it with exported functions. */
static void reload_here(struct pci_dev *port)
{
	struct pci_bus *bus = port->subordinate;

	msleep(load_ms);
	pci_lock_rescan_remove();
	while (!list_empty(&bus->devices))
		pci_stop_and_remove_bus_device(list_last_entry(&bus->devices,
							       struct pci_dev,
							       bus_list));
	pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
}

static int reload_whole(struct pci_dev *port, const char *image)
{
	struct fpga_card *card = fpga_card_find(port);
	int ret;

	if (!card)
		return -ENODEV;
	ret = fpga_card_load(card, image);
	fpga_card_put(card);
	return ret;
}

static int card_write(struct fpga_manager *mgr, const char *buf, size_t count)
{
	return 0;
}

static int card_write_complete(struct fpga_manager *mgr,
			       struct fpga_image_info *info)
{
	struct pci_dev *port = card_port(mgr->dev.parent);
	int ret = 0;

	if (!port)
		return -ENODEV;
	pr_info("notifier-program: \"%s\" for the card below %s\n",
		info->firmware_name, pci_name(port));
	if (whole)
		ret = reload_whole(port, info->firmware_name);
	else
		reload_here(port);
	pr_info("notifier-program: done: %d\n", ret);
	pci_dev_put(port);
	return ret;
}

static const struct fpga_manager_ops card_ops = {
	.write = card_write,
	.write_complete = card_write_complete,
};

static int card_probe(struct platform_device *pdev)
{
	return PTR_ERR_OR_ZERO(devm_fpga_mgr_register(&pdev->dev, "card",
						      &card_ops, NULL));
}

static const struct of_device_id card_match[] = {
	{ .compatible = "test,card-manager" },
	{ }
};
MODULE_DEVICE_TABLE(of, card_match);

static struct platform_driver card_driver = {
	.probe = card_probe,
	.driver = {
		.name = "notifier-program",
		.of_match_table = card_match,
	},
};

/* An overlay loader with nothing to it: a name below the firmware path */
static int apply_set(const char *val, const struct kernel_param *kp)
{
	const struct firmware *fw;
	char name[64];
	int ret, id;

	if (!loader)
		return -EAGAIN;
	if (strscpy(name, val, sizeof(name)) < 0)
		return -EINVAL;
	ret = request_firmware(&fw, strim(name), loader);
	if (ret)
		return ret;
	ret = of_overlay_fdt_apply(fw->data, fw->size, &id, NULL);
	if (ret)
		of_overlay_remove(&id);
	release_firmware(fw);
	return ret;
}

static const struct kernel_param_ops apply_ops = {
	.set = apply_set,
};
module_param_cb(apply, &apply_ops, NULL, 0200);
MODULE_PARM_DESC(apply, "the overlay to apply");

static int __init notifier_program_init(void)
{
	int ret;

	loader = root_device_register("notifier-program");
	if (IS_ERR(loader))
		return PTR_ERR(loader);
	ret = platform_driver_register(&card_driver);
	if (ret)
		root_device_unregister(loader);
	return ret;
}
module_init(notifier_program_init);

static void __exit notifier_program_exit(void)
{
	platform_driver_unregister(&card_driver);
	root_device_unregister(loader);
}
module_exit(notifier_program_exit);

MODULE_DESCRIPTION("Programs a card from inside the overlay notifier, for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(import_ns, "FPGA_CARD_1");
