// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drivers for the functions of simulated cards. One binds to the function with
 * the mailbox of the card's management controller and puts devices below it:
 * one to control the card, one that stands for all the others such cards have.
 * The other driver binds to the remaining functions and to VFs, so that they
 * have a user.
 */

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

#include "compat/namespace.h"
#include "sim-bmc.h"
#include "sim-bmc-regs.h"

static int sim_bmc_add(struct pci_dev *pdev, const char *name,
		       struct platform_device **child)
{
	struct platform_device_info info = {
		.parent = &pdev->dev,
		.name = name,
		.id = PLATFORM_DEVID_AUTO,
	};

	*child = platform_device_register_full(&info);

	return PTR_ERR_OR_ZERO(*child);
}

/* No device table for modules: this must not be loaded for real devices. */
static int sim_bmc_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct sim_bmc *bmc;
	u32 magic;
	u16 vsec;
	int ret;

	vsec = pci_find_vsec_capability(pdev, pdev->vendor, SIM_BMC_VSEC_ID);
	if (!vsec)
		return -ENODEV;
	pci_read_config_dword(pdev, vsec + SIM_BMC_MAGIC, &magic);
	if (magic != SIM_BMC_MAGIC_VAL)
		return -ENODEV;

	bmc = devm_kzalloc(&pdev->dev, sizeof(*bmc), GFP_KERNEL);
	if (!bmc)
		return -ENOMEM;

	bmc->vsec = vsec;
	pci_set_drvdata(pdev, bmc);
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;

	ret = sim_bmc_add(pdev, SIM_BMC_SENSOR, &bmc->sensor);
	if (ret)
		return ret;

	ret = sim_bmc_add(pdev, SIM_BMC_CTRL, &bmc->ctrl);
	if (ret)
		platform_device_unregister(bmc->sensor);

	return ret;
}

static void sim_bmc_remove(struct pci_dev *pdev)
{
	struct sim_bmc *bmc = pci_get_drvdata(pdev);

	pci_disable_sriov(pdev);
	platform_device_unregister(bmc->ctrl);
	platform_device_unregister(bmc->sensor);
}

static const struct pci_device_id sim_bmc_ids[] = {
	{ PCI_DEVICE_CLASS(0x120000, 0xffff00) },
	{ }
};

static struct pci_driver sim_bmc_driver = {
	.name = "sim-bmc",
	.id_table = sim_bmc_ids,
	.probe = sim_bmc_probe,
	.remove = sim_bmc_remove,
	.sriov_configure = pci_sriov_configure_simple,
};

static int sim_fn_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret;

	if (!pci_find_vsec_capability(pdev, pdev->vendor, SIM_FN_VSEC_ID))
		return -ENODEV;
	if (pci_find_vsec_capability(pdev, pdev->vendor, SIM_BMC_VSEC_ID))
		return -ENODEV;

	ret = pcim_enable_device(pdev);

	return ret ?: sim_fn_add_nodes(pdev);
}

static void sim_fn_remove(struct pci_dev *pdev)
{
	pci_disable_sriov(pdev);
}

static const struct pci_device_id sim_fn_ids[] = {
	{ PCI_DEVICE_CLASS(0x120000, 0xffff00) },
	{ PCI_DEVICE_CLASS(0x020000, 0xffff00) },
	{ PCI_DEVICE_CLASS(0x010800, 0xffff00) },
	{ }
};

static struct pci_driver sim_fn_driver = {
	.name = "sim-fn",
	.id_table = sim_fn_ids,
	.probe = sim_fn_probe,
	.remove = sim_fn_remove,
	.sriov_configure = pci_sriov_configure_simple,
};

/* The children's drivers come first, so that the children are bound at once. */
static int __init sim_bmc_init(void)
{
	int ret;

	ret = sim_bmc_ctrl_init();
	if (ret)
		return ret;

	ret = pci_register_driver(&sim_fn_driver);
	if (ret)
		goto err_ctrl_exit;

	ret = pci_register_driver(&sim_bmc_driver);
	if (ret)
		goto err_unregister_fn;

	return 0;

err_unregister_fn:
	pci_unregister_driver(&sim_fn_driver);
err_ctrl_exit:
	sim_bmc_ctrl_exit();
	return ret;
}
module_init(sim_bmc_init);

static void __exit sim_bmc_exit(void)
{
	pci_unregister_driver(&sim_bmc_driver);
	pci_unregister_driver(&sim_fn_driver);
	sim_bmc_ctrl_exit();
}
module_exit(sim_bmc_exit);

MODULE_DESCRIPTION("Back end for simulated PCIe cards");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
COMPAT_IMPORT_NS(FPGA_CARD_1);
