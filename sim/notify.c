// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel does with the devices of simulated hosts: PCI devices, and
 * the platform devices that drivers put below them.
 */

#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "host.h"

/* The PCI device of a simulated host that a device is, or is below. */
static struct pci_dev *pcsim_pci_ancestor(struct device *dev)
{
	while (dev && !dev_is_pci(dev))
		dev = dev->parent;
	if (!dev || to_pci_dev(dev)->bus->ops != &pcsim_pci_ops)
		return NULL;

	return to_pci_dev(dev);
}

static struct pcie_card_sim *pcsim_of(struct pci_dev *pdev)
{
	return container_of(pdev->bus->sysdata, struct pcie_card_sim, sysdata);
}

static unsigned int pcsim_port_index(struct pci_dev *pdev)
{
	struct pcsim_port *port;

	for (; pdev; pdev = pci_upstream_bridge(pdev)) {
		port = pcsim_port_of(pdev);
		if (port)
			return port->index;
	}

	return 0xff;
}

static void pcsim_notify_log(struct device *dev, struct pci_dev *pdev,
			     enum pcie_card_sim_what what)
{
	struct pcie_card_sim *sim = pcsim_of(pdev);
	struct pcie_card_sim_event event = {
		.what = what,
		.port = pcsim_port_index(pdev),
		.bus = pdev->bus->number,
		.devfn = pdev->devfn,
	};

	strscpy(event.name, dev_name(dev), sizeof(event.name));

	guard(pcsim)(sim);

	pcsim_log(sim, &event);
}

/*
 * A port has its interrupt from the host bridge; while it has a driver, keep
 * ACPI and the BIOS tables from looking for another one.
 */
static void pcsim_notify_irq(struct device *dev, bool managed)
{
	if (dev_is_pci(dev) && pcsim_port_of(to_pci_dev(dev)))
		to_pci_dev(dev)->irq_managed = managed;
}

static int pcsim_notify(struct notifier_block *nb, unsigned long action,
			void *data)
{
	struct device *dev = data;
	struct pci_dev *pdev = pcsim_pci_ancestor(dev);
	enum pcie_card_sim_what what;

	if (!pdev)
		return NOTIFY_DONE;

	switch (action) {
	case BUS_NOTIFY_ADD_DEVICE:
		what = PCIE_CARD_SIM_DEV_ADD;
		break;
	case BUS_NOTIFY_BIND_DRIVER:
		pcsim_notify_irq(dev, true);
		return NOTIFY_OK;
	case BUS_NOTIFY_UNBIND_DRIVER:
		pcsim_notify_irq(dev, false);
		return NOTIFY_OK;
	case BUS_NOTIFY_BOUND_DRIVER:
		what = PCIE_CARD_SIM_DEV_BIND;
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		what = PCIE_CARD_SIM_DEV_UNBIND;
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		what = PCIE_CARD_SIM_DEV_DEL;
		break;
	default:
		return NOTIFY_DONE;
	}
	pcsim_notify_log(dev, pdev, what);

	return NOTIFY_OK;
}

static struct notifier_block pcsim_pci_nb = { .notifier_call = pcsim_notify };
static struct notifier_block pcsim_plat_nb = { .notifier_call = pcsim_notify };

int pcsim_notify_init(void)
{
	int ret;

	ret = bus_register_notifier(&pci_bus_type, &pcsim_pci_nb);
	if (ret)
		return ret;

	ret = bus_register_notifier(&platform_bus_type, &pcsim_plat_nb);
	if (ret)
		bus_unregister_notifier(&pci_bus_type, &pcsim_pci_nb);

	return ret;
}

void pcsim_notify_exit(void)
{
	bus_unregister_notifier(&platform_bus_type, &pcsim_plat_nb);
	bus_unregister_notifier(&pci_bus_type, &pcsim_pci_nb);
}
