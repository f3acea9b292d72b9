// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order in which the FPGA hot-plug manager that was proposed in January 2023 has a card
 * load an image, with its fixed wait, from its description: remove the functions other than
 * the first, have the first one load, disable the link, remove it, sleep, enable the link,
 * enumerate. The card is a simulated one, whose mailbox takes the place of the BMC.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>

#include "port.h"
#include "sim/sim-bmc-regs.h"

/* What it waits for the BMC's images of an N3000 */
static unsigned int wait_ms = 10000;
module_param(wait_ms, uint, 0600);
MODULE_PARM_DESC(wait_ms, "the fixed wait (10000)");

/* How pciehp waits, whose functions it calls: for the link, and for an answer */
#define FPGAHP_LINK_FIRST_MS	20
#define FPGAHP_LINK_MS		1000
#define FPGAHP_LINK_STEP_MS	10
#define FPGAHP_LINK_DELAY_MS	100
#define FPGAHP_ANSWER_MS	1000
#define FPGAHP_ANSWER_STEP_MS	20

/* The whole card, or all but its first function */
static void fpgahp_remove(struct pci_bus *bus, bool all)
{
	struct pci_dev *pdev, *prev;

	pci_lock_rescan_remove();
	list_for_each_entry_safe_reverse(pdev, prev, &bus->devices, bus_list) {
		if (!pdev->is_virtfn && (all || pdev->devfn))
			pci_stop_and_remove_bus_device(pdev);
	}
	pci_unlock_rescan_remove();
}

static int fpgahp_trigger(struct pci_bus *bus, unsigned int image)
{
	struct pci_dev *pdev = pci_get_slot(bus, 0);
	u16 vsec;

	if (!pdev)
		return -ENODEV;
	vsec = pci_find_vsec_capability(pdev, pdev->vendor, SIM_BMC_VSEC_ID);
	if (vsec)
		pci_write_config_dword(pdev, vsec + SIM_BMC_CMD,
				       FIELD_PREP(SIM_BMC_CMD_OP, SIM_BMC_OP_LOAD) |
				       FIELD_PREP(SIM_BMC_CMD_ARG, image));
	pci_dev_put(pdev);
	return vsec ? 0 : -ENODEV;
}

static int fpgahp_wait_link(struct pci_dev *port)
{
	ktime_t end = ktime_add_ms(ktime_get(), FPGAHP_LINK_MS);
	u16 sta;

	msleep(FPGAHP_LINK_FIRST_MS);
	do {
		pcie_capability_read_word(port, PCI_EXP_LNKSTA, &sta);
		if (sta & PCI_EXP_LNKSTA_DLLLA) {
			msleep(FPGAHP_LINK_DELAY_MS);
			return 0;
		}
		msleep(FPGAHP_LINK_STEP_MS);
	} while (ktime_before(ktime_get(), end));
	return -ETIMEDOUT;
}

static int fpgahp_wait_answer(struct pci_bus *bus)
{
	ktime_t end = ktime_add_ms(ktime_get(), FPGAHP_ANSWER_MS);
	u32 id;

	do {
		pci_bus_read_config_dword(bus, 0, PCI_VENDOR_ID, &id);
		if (!PCI_POSSIBLE_ERROR(id))
			return 0;
		msleep(FPGAHP_ANSWER_STEP_MS);
	} while (ktime_before(ktime_get(), end));
	return -ENODEV;
}

static int fpgahp_enumerate(struct pci_dev *port)
{
	int n;

	pci_lock_rescan_remove();
	n = pci_scan_slot(port->subordinate, 0);
	if (n) {
		pci_assign_unassigned_bridge_resources(port);
		pcie_bus_configure_settings(port->subordinate);
		pci_bus_add_devices(port->subordinate);
	}
	pci_unlock_rescan_remove();
	return n ? 0 : -ENODEV;
}

static int fpgahp_load(struct pci_dev *port, unsigned int image)
{
	int ret;

	fpgahp_remove(port->subordinate, false);
	ret = fpgahp_trigger(port->subordinate, image);
	if (ret)
		return ret;
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	fpgahp_remove(port->subordinate, true);
	msleep(wait_ms);
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	ret = fpgahp_wait_link(port) ?: fpgahp_wait_answer(port->subordinate);
	return ret ?: fpgahp_enumerate(port);
}

static int fpgahp_set(const char *val, const struct kernel_param *kp)
{
	struct pci_dev *port;
	unsigned int image;
	char name[32];
	int ret;

	if (sscanf(val, "%31s %u", name, &image) != 2)
		return -EINVAL;
	port = bench_port_get(name);
	if (!port)
		return -ENODEV;
	ret = fpgahp_load(port, image);
	pci_dev_put(port);
	return ret;
}

static const struct kernel_param_ops fpgahp_ops = { .set = fpgahp_set };
module_param_cb(load, &fpgahp_ops, NULL, 0200);
MODULE_PARM_DESC(load, "\"PORT NUMBER\": the card below the port loads that image of its flash");

MODULE_DESCRIPTION("Order and waits of the FPGA hot-plug manager, for the benchmark");
MODULE_LICENSE("GPL");
