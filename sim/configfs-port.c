// SPDX-License-Identifier: GPL-2.0-only
/* Ports in configfs. */

#include <linux/cleanup.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "directory.h"
#include "host.h"

static struct pcsim_cfs_port *to_port(struct config_item *item)
{
	return container_of(to_config_group(item), struct pcsim_cfs_port,
			    group);
}

static struct pcsim_cfs_host *pcsim_port_host(struct config_item *item)
{
	return to_port(item)->host;
}

static struct pcie_card_sim_port *pcsim_port_cfg(struct config_item *item)
{
	return &to_port(item)->cfg;
}

PCSIM_CFS_NUM(port, sw, PCIE_CARD_SIM_SWITCHES, 0);
PCSIM_CFS_NUM(port, slot, 1, 0);
PCSIM_CFS_NUM(port, hotplug, 1, 0);
PCSIM_CFS_NUM(port, power_control, 1, 0);
PCSIM_CFS_NUM(port, inband, PCIE_CARD_SIM_PIN_AND_INBAND, 0);
PCSIM_CFS_NUM(port, button, 1, 0);
PCSIM_CFS_NUM(port, cmd_completed, 1, 0);
PCSIM_CFS_NUM(port, cmd_lazy, 1, 0);
PCSIM_CFS_NUM(port, aer, 1, 0);
PCSIM_CFS_NUM(port, dpc, 1, 0);
PCSIM_CFS_NUM(port, rp_pio, 1, 0);
PCSIM_CFS_NUM(port, link_active_reporting, 1, 0);
PCSIM_CFS_NUM(port, surprise_down, 1, 0);
PCSIM_CFS_NUM(port, pm, 1, 0);
PCSIM_CFS_NUM(port, drs, 1, 0);
PCSIM_CFS_NUM(port, msi, PCSIM_MSI_MAX, 0);
PCSIM_CFS_NUM(port, disable_ms, 60000, 0);
PCSIM_CFS_NUM(port, rp_busy_ms, 60000, 0);
PCSIM_CFS_NUM(port, max_speed, 64000, 0);
PCSIM_CFS_NUM(port, max_width, 16, 0);

static ssize_t pcsim_port_bdf_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = to_port(item);
	struct pci_dev *pdev = NULL;
	ssize_t len;

	guard(mutex)(&port->host->lock);

	if (port->host->sim)
		pdev = pcie_card_sim_port_dev(port->host->sim, port->index);
	if (!pdev)
		return -ENODEV;

	len = sprintf(page, "%s\n", pci_name(pdev));
	pci_dev_put(pdev);

	return len;
}
CONFIGFS_ATTR_RO(pcsim_port_, bdf);

static ssize_t pcsim_port_press_store(struct config_item *item,
				      const char *page, size_t count)
{
	struct pcsim_cfs_port *port = to_port(item);
	int ret;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = pcie_card_sim_press_button(port->host->sim, port->index);

	return ret ?: count;
}
CONFIGFS_ATTR_WO(pcsim_port_, press);

/* Why the ends of a link agree anew on its speed and width */
static const char * const pcsim_reasons[] = { "unreliable", "autonomous" };

static ssize_t pcsim_port_renegotiate_store(struct config_item *item,
					    const char *page, size_t count)
{
	struct pcsim_cfs_port *port = to_port(item);
	int ret, why;

	why = sysfs_match_string(pcsim_reasons, page);
	if (why < 0)
		return why;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = pcie_card_sim_renegotiate(port->host->sim, port->index, why);

	return ret ?: count;
}
CONFIGFS_ATTR_WO(pcsim_port_, renegotiate);

/* One bit of a status register of AER, which the port shall detect */
static ssize_t pcsim_port_inject(struct config_item *item, const char *page,
				 size_t count,
				 int (*inject)(struct pcie_card_sim *sim,
					       unsigned int port, u32 bit))
{
	struct pcsim_cfs_port *port = to_port(item);
	u64 bit;
	int ret;

	ret = pcsim_cfs_num(page, U32_MAX, &bit);
	if (ret)
		return ret;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = inject(port->host->sim, port->index, bit);

	return ret ?: count;
}

static ssize_t pcsim_port_uncorrectable_store(struct config_item *item,
					      const char *page, size_t count)
{
	return pcsim_port_inject(item, page, count, pcie_card_sim_port_error);
}
CONFIGFS_ATTR_WO(pcsim_port_, uncorrectable);

static ssize_t pcsim_port_correctable_store(struct config_item *item,
					    const char *page, size_t count)
{
	return pcsim_port_inject(item, page, count,
				 pcie_card_sim_port_correctable);
}
CONFIGFS_ATTR_WO(pcsim_port_, correctable);

static struct configfs_attribute *pcsim_port_attrs[] = {
	&pcsim_port_attr_sw,
	&pcsim_port_attr_slot,
	&pcsim_port_attr_hotplug,
	&pcsim_port_attr_power_control,
	&pcsim_port_attr_inband,
	&pcsim_port_attr_button,
	&pcsim_port_attr_cmd_completed,
	&pcsim_port_attr_cmd_lazy,
	&pcsim_port_attr_aer,
	&pcsim_port_attr_dpc,
	&pcsim_port_attr_rp_pio,
	&pcsim_port_attr_link_active_reporting,
	&pcsim_port_attr_surprise_down,
	&pcsim_port_attr_pm,
	&pcsim_port_attr_drs,
	&pcsim_port_attr_msi,
	&pcsim_port_attr_disable_ms,
	&pcsim_port_attr_rp_busy_ms,
	&pcsim_port_attr_max_speed,
	&pcsim_port_attr_max_width,
	&pcsim_port_attr_bdf,
	&pcsim_port_attr_press,
	&pcsim_port_attr_renegotiate,
	&pcsim_port_attr_uncorrectable,
	&pcsim_port_attr_correctable,
	NULL
};

static void pcsim_port_release(struct config_item *item)
{
	kfree(to_port(item));
}

static struct configfs_item_operations pcsim_port_item_ops = {
	.release = pcsim_port_release,
};

static const struct config_item_type pcsim_port_type = {
	.ct_item_ops = &pcsim_port_item_ops,
	.ct_attrs = pcsim_port_attrs,
	.ct_owner = THIS_MODULE,
};

/* With what a server's port has */
struct pcsim_cfs_port *pcsim_cfs_port_alloc(struct pcsim_cfs_host *host,
					    const char *name)
{
	struct pcsim_cfs_port *port;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;

	port->host = host;
	port->cfg.slot = true;
	port->cfg.hotplug = true;
	port->cfg.aer = true;
	port->cfg.link_active_reporting = true;
	port->cfg.surprise_down = true;
	port->cfg.max_speed = 8000;
	port->cfg.max_width = PCSIM_WIDTH;
	config_group_init_type_name(&port->group, name, &pcsim_port_type);
	pcsim_cfs_card_init(port);

	return port;
}
