// SPDX-License-Identifier: GPL-2.0-only
/* Host bridges: their domain, coming and going. */

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"

/* PCI segment groups have 16 bits: domains above are free for software. */
#define PCSIM_DOMAIN_MIN	0x10000

/* Number of hosts so far */
static atomic_t pcsim_hosts;

/* DPC of a port keeps its link down from here on. */
static void pcsim_contained(struct pcsim_port *port)
{
	pcsim_link_eval(port, PCIE_CARD_SIM_BY_DPC);
}

/* The management controllers of a card get power. */
static void pcsim_controllers_on(struct pcsim_card *card)
{
	pcsim_bmc_power_on(card);
	pcsim_m10_power_on(card);
}

static void pcsim_memory_command(struct pcsim_pf *pf, u16 old)
{
	if (pf->cfg.dfl)
		pcsim_dfl_command(pf, old);
	else
		pcsim_icap_command(pf, old);
}

static const struct pcsim_upper_ops pcsim_upper_ops = {
	.contained = pcsim_contained,
	.power_on = pcsim_controllers_on,
	.dropped = pcsim_m10_dropped,
	.bmc_read = pcsim_bmc_read,
	.bmc_write = pcsim_bmc_write,
	.command = pcsim_memory_command,
};

static void pcsim_free(struct pcie_card_sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->n_all; i++) {
		pcsim_card_free(sim->all[i]->card);
		pcsim_port_free(sim->all[i]);
	}
	for (i = 0; i < PCIE_CARD_SIM_SWITCHES; i++)
		pcsim_host_switch_free(sim->switches[i]);
	pcsim_log_exit(sim);
	kfree(sim->name);
	kfree(sim);
}

/*
 * The last device of the host, and with it the last way to an access, is gone.
 * Somebody may have held a reference long after the host was removed.
 */
static void pcsim_release(struct pci_host_bridge *bridge)
{
	pcsim_free(bridge->release_data);
	module_put(THIS_MODULE);
}

static int pcsim_build_ports(struct pcie_card_sim *sim,
			     const struct pcie_card_sim_config *config)
{
	unsigned int i;
	int ret;

	for (i = 0; i < config->n_ports; i++) {
		sim->ports[i] = pcsim_port_alloc(sim, &config->ports[i], i);
		if (!sim->ports[i])
			return -ENOMEM;
		sim->n_ports++;
		if (config->ports[i].sw) {
			ret = pcsim_host_switch_add(sim->ports[i]);
			if (ret)
				return ret;
		}
		ret = pcsim_card_init(sim->ports[i]);
		if (ret)
			return ret;
		ret = pcsim_m10_init(sim->ports[i]->card,
				     config->ports[i].card.flash_ms);
		if (ret)
			return ret;

		/* Images were copied; the caller's may go. */
		sim->ports[i]->cfg.card.images = NULL;
	}

	return 0;
}

static int pcsim_build(struct pcie_card_sim *sim,
		       const struct pcie_card_sim_config *config)
{
	int ret;

	raw_spin_lock_init(&sim->lock);
	INIT_LIST_HEAD(&sim->poll_node);
	sim->upper = &pcsim_upper_ops;
	sim->start = ktime_get();
	sim->has_io = config->io_window;
	sim->name = kstrdup(config->name ?: "host", GFP_KERNEL);
	if (!sim->name)
		return -ENOMEM;

	ret = pcsim_log_init(sim, config->log_size);
	if (ret)
		return ret;

	return pcsim_build_ports(sim, config);
}

/* Nothing may be below the host any more, or nothing is there yet. */
static void pcsim_stop(struct pcie_card_sim *sim)
{
	unsigned int i;

	scoped_guard(pcsim, sim)
		sim->gone = true;
	pcsim_poll_del(sim);

	for (i = 0; i < sim->n_all; i++) {
		pcsim_card_stop(sim->all[i]->card);
		pcsim_port_stop(sim->all[i]);
		pcsim_irq_exit(sim->all[i]);
	}
	msi_compat_remove(&sim->msi);
}

static void pcsim_boot(struct pcie_card_sim *sim)
{
	unsigned int i;

	guard(pcsim)(sim);

	for (i = 0; i < PCIE_CARD_SIM_SWITCHES; i++) {
		if (sim->switches[i])
			pcsim_host_switch_boot(sim->switches[i]);
	}
	for (i = 0; i < sim->n_ports; i++)
		pcsim_card_boot(sim->ports[i]->card);
}

static int pcsim_irqs(struct pcie_card_sim *sim)
{
	unsigned int i;
	int ret;

	for (i = 0; i < sim->n_all; i++) {
		ret = pcsim_irq_init(sim->all[i]);
		if (ret)
			return ret;
	}

	return 0;
}

/*
 * Slots have interrupt threads that wait for the lock under which their ports
 * are to be removed, so let these end first.
 */
static void pcsim_quiet(struct pcie_card_sim *sim)
{
	unsigned int i;

	scoped_guard(pcsim, sim)
		sim->quiet = true;

	for (i = 0; i < sim->n_all; i++)
		pcsim_irq_sync(sim->all[i]);
}

static int pcsim_free_domain(void)
{
	int domain = PCSIM_DOMAIN_MIN - 1;
	struct pci_bus *bus = NULL;

	while ((bus = pci_find_next_bus(bus)))
		domain = max(domain, pci_domain_nr(bus));

	return domain + 1;
}

static int pcsim_scan(struct pcie_card_sim *sim)
{
	struct pci_host_bridge *bridge = sim->bridge;
	struct pci_bus *child;
	int ret;

	pci_lock_rescan_remove();
	ret = pci_compat_host_set_domain(&sim->sysdata, bridge,
					 pcsim_free_domain());
	if (!ret)
		ret = pci_scan_root_bus_bridge(bridge);
	if (!ret) {
		pci_assign_unassigned_bus_resources(bridge->bus);
		list_for_each_entry(child, &bridge->bus->children, node)
			pcie_bus_configure_settings(child);
	} else {
		bridge->bus = NULL;
	}
	pci_unlock_rescan_remove();
	if (ret)
		return ret;

	/*
	 * Not with the lock: pciehp takes it while it holds one of its own,
	 * which it also takes when it is bound.
	 */
	pci_bus_add_devices(bridge->bus);

	return 0;
}

/* The device that the bridge is below, where the PCI core looks for a node. */
static int pcsim_parent(struct pcie_card_sim *sim, struct device_node *node,
			int id)
{
	char name[32];

	if (node && of_node_test_and_set_flag(node, OF_POPULATED))
		return -EBUSY;

	/* Two hosts may have the same name. */
	snprintf(name, sizeof(name), "pcie-card-sim.%d", id);
	sim->parent = root_device_register(name);
	if (IS_ERR(sim->parent)) {
		if (node)
			of_node_clear_flag(node, OF_POPULATED);
		return PTR_ERR(sim->parent);
	}

	sim->of_node = of_node_get(node);
	device_set_node(sim->parent, of_fwnode_handle(node));

	return 0;
}

/* What is left of the host, if anything, has references of its own. */
static void pcsim_no_parent(struct device *parent, struct device_node *node)
{
	device_set_node(parent, NULL);
	root_device_unregister(parent);
	if (node)
		of_node_clear_flag(node, OF_POPULATED);
	of_node_put(node);
}

/* Returns with a host bridge that is not known to the kernel yet. */
static int pcsim_bridge(struct pcie_card_sim *sim)
{
	struct pci_host_bridge *bridge;

	bridge = pci_alloc_host_bridge(0);
	if (!bridge)
		return -ENOMEM;

	sim->busn.name = "pcie-card-sim buses";
	sim->busn.end = 0xff;
	sim->busn.flags = IORESOURCE_BUS;
	pci_add_resource(&bridge->windows, &sim->busn);
	pci_add_resource_offset(&bridge->windows, &sim->mem, sim->mem_offset);
	if (sim->has_io)
		pci_add_resource_offset(&bridge->windows, &sim->io,
					sim->io_offset);
	bridge->dev.parent = sim->parent;
	pci_compat_host_init(&sim->sysdata, bridge);
	bridge->ops = &pcsim_pci_ops;
	bridge->map_irq = pcsim_irq_map;
	msi_compat_use(&sim->msi, bridge);
	sim->bridge = bridge;

	return 0;
}

static int pcsim_start(struct pcie_card_sim *sim,
		       const struct pcie_card_sim_config *config)
{
	int id = atomic_inc_return(&pcsim_hosts);
	int ret;

	ret = pcsim_mem_init(sim, config->window);
	if (ret)
		return ret;

	ret = pcsim_io_init(sim, config->io_window);
	if (ret)
		return ret;

	ret = pcsim_irqs(sim) ?: pcsim_msi_init(sim, id);
	if (ret)
		return ret;

	pcsim_boot(sim);
	pcsim_poll_add(sim);

	ret = pcsim_parent(sim, config->of_node, id);
	if (ret)
		return ret;

	ret = pcsim_bridge(sim);
	if (ret)
		pcsim_no_parent(sim->parent, sim->of_node);

	return ret;
}

/**
 * pcie_card_sim_create() - make a host with its ports and cards
 * @config: what it is like; copied
 *
 * Scans the host before it returns.
 *
 * Return: the host, or an ERR_PTR(): -EINVAL for a description that makes no
 * sense, -EEXIST for two images of one name, -EBUSY for a node of the device
 * tree that another host or driver has, or if there is no room for a window,
 * -EOPNOTSUPP for any node on a machine where hosts cannot have one, for an I/O
 * window on one whose hosts have none, and for messages on a kernel without MSI.
 */
struct pcie_card_sim *
pcie_card_sim_create(const struct pcie_card_sim_config *config)
{
	struct pcie_card_sim *sim;
	int ret;

	if (!config->n_ports || config->n_ports > PCIE_CARD_SIM_PORTS)
		return ERR_PTR(-EINVAL);
	if (config->of_node && !PCI_COMPAT_HOST_HAS_NODE)
		return ERR_PTR(-EOPNOTSUPP);
	ret = pcsim_check_ports(config);
	if (ret)
		return ERR_PTR(ret);

	sim = kzalloc(sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return ERR_PTR(-ENOMEM);

	ret = pcsim_build(sim, config);
	if (ret) {
		pcsim_free(sim);
		return ERR_PTR(ret);
	}

	ret = pcsim_start(sim, config);
	if (ret) {
		pcsim_stop(sim);
		pcsim_mem_exit(sim);
		pcsim_io_exit(sim);
		pcsim_free(sim);
		return ERR_PTR(ret);
	}

	/* From here on the bridge's last reference frees the host. */
	__module_get(THIS_MODULE);
	pci_set_host_bridge_release(sim->bridge, pcsim_release, sim);
	pcsim_log_debugfs(sim);

	ret = pcsim_scan(sim);
	if (ret) {
		pcie_card_sim_destroy(sim);
		return ERR_PTR(ret);
	}

	return sim;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_create);

/**
 * pcie_card_sim_destroy() - remove a host with all that is below it
 * @sim: the host
 *
 * May be called while a card loads an image. References to devices of the
 * host may outlive it: their configuration space reads all ones then.
 */
void pcie_card_sim_destroy(struct pcie_card_sim *sim)
{
	struct pci_host_bridge *bridge = sim->bridge;
	struct device_node *node = sim->of_node;
	struct device *parent = sim->parent;

	debugfs_remove_recursive(sim->debugfs);
	pcsim_quiet(sim);

	pci_lock_rescan_remove();
	if (bridge->bus) {
		pci_stop_root_bus(bridge->bus);
		pci_remove_root_bus(bridge->bus);
	}
	pci_unlock_rescan_remove();

	pcsim_stop(sim);
	pcsim_mem_exit(sim);
	pcsim_io_exit(sim);
	pci_free_host_bridge(bridge);
	pcsim_no_parent(parent, node);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_destroy);
