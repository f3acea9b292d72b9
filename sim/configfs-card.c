// SPDX-License-Identifier: GPL-2.0-only
/* Cards in configfs: card/. */

#include <linux/cleanup.h>
#include <linux/module.h>
#include <linux/string.h>

#include "directory.h"
#include "host.h"

/* The card: card/ */

static struct pcsim_cfs_port *card_to_port(struct config_item *item)
{
	return container_of(to_config_group(item), struct pcsim_cfs_port, card);
}

static struct pcsim_cfs_host *pcsim_card_host(struct config_item *item)
{
	return card_to_port(item)->host;
}

static struct pcie_card_sim_card *pcsim_card_cfg(struct config_item *item)
{
	return &card_to_port(item)->cfg.card;
}

PCSIM_CFS_NUM(card, serial, U64_MAX, 16);
PCSIM_CFS_NUM(card, train_ms, 60000, 0);
PCSIM_CFS_NUM(card, switch_vendor, 0xffff, 4);
PCSIM_CFS_NUM(card, switch_device, 0xffff, 4);
PCSIM_CFS_NUM(card, flash_ms, 3600000, 0);

static ssize_t pcsim_card_switch_show(struct config_item *item, char *page)
{
	return sprintf(page, "%u\n", pcsim_card_cfg(item)->has_switch);
}

static ssize_t pcsim_card_switch_store(struct config_item *item,
				       const char *page, size_t count)
{
	return pcsim_cfs_store(pcsim_card_host(item),
			       PCSIM_CFS_FIELD(pcsim_card_cfg(item), has_switch),
			       1, page, count);
}
CONFIGFS_ATTR(pcsim_card_, switch);

static ssize_t pcsim_card_present_show(struct config_item *item, char *page)
{
	return sprintf(page, "%u\n", card_to_port(item)->cfg.card.present);
}

/* Also while the host is live: pulls the card, or plugs it in */
static ssize_t pcsim_card_present_store(struct config_item *item,
					const char *page, size_t count)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	u64 val;
	int ret;

	ret = pcsim_cfs_num(page, 1, &val);
	if (ret)
		return ret;

	guard(mutex)(&port->host->lock);

	port->cfg.card.present = val;
	if (port->host->sim)
		ret = pcie_card_sim_set_present(port->host->sim, port->index,
						val);

	return ret ?: count;
}
CONFIGFS_ATTR(pcsim_card_, present);

static ssize_t pcsim_card_boot_image_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = card_to_port(item);

	guard(mutex)(&port->host->lock);

	return sprintf(page, "%s\n", port->cfg.card.boot_image);
}

/* Also while the host is live: says what runs after the next power-on */
static ssize_t pcsim_card_boot_image_store(struct config_item *item,
					   const char *page, size_t count)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	char name[PCIE_CARD_SIM_NAME_LEN];
	int ret;

	ret = pcsim_cfs_name(page, count, name);
	if (ret)
		return ret;

	guard(mutex)(&port->host->lock);

	if (port->host->sim) {
		ret = pcie_card_sim_set_boot_image(port->host->sim, port->index,
						   name);
		if (ret)
			return ret;
	}
	strscpy(port->cfg.card.boot_image, name,
		sizeof(port->cfg.card.boot_image));

	return count;
}
CONFIGFS_ATTR(pcsim_card_, boot_image);

static ssize_t pcsim_card_reset_image_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = card_to_port(item);

	guard(mutex)(&port->host->lock);

	return sprintf(page, "%s\n", port->cfg.card.reset_image);
}

static ssize_t pcsim_card_reset_image_store(struct config_item *item,
					    const char *page, size_t count)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	int ret;

	guard(mutex)(&port->host->lock);

	if (port->host->sim)
		return -EBUSY;
	ret = pcsim_cfs_name(page, count, port->cfg.card.reset_image);

	return ret ?: count;
}
CONFIGFS_ATTR(pcsim_card_, reset_image);

/* "IMAGE SERIAL": at once, another card is in the slot */
static ssize_t pcsim_card_replace_store(struct config_item *item,
					const char *page, size_t count)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	struct pcie_card_sim_card *cfg = &port->cfg.card;
	char name[PCIE_CARD_SIM_NAME_LEN];
	const char *space;
	u64 serial;
	int ret;

	space = strnchr(page, count, ' ');
	if (!space)
		return -EINVAL;
	ret = pcsim_cfs_name(page, space - page, name);
	if (!ret)
		ret = pcsim_cfs_num(space + 1, U64_MAX, &serial);
	if (ret)
		return ret;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = pcie_card_sim_replace(port->host->sim, port->index, name, serial);
	if (ret)
		return ret;

	strscpy(cfg->boot_image, name, sizeof(cfg->boot_image));
	cfg->serial = serial;
	cfg->present = true;

	return count;
}
CONFIGFS_ATTR_WO(pcsim_card_, replace);

/* As by JTAG: the card has no say, and nobody is told. */
static ssize_t pcsim_card_load_store(struct config_item *item,
				     const char *page, size_t count)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	char name[PCIE_CARD_SIM_NAME_LEN];
	int ret;

	ret = pcsim_cfs_name(page, count, name);
	if (ret)
		return ret;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = pcie_card_sim_load(port->host->sim, port->index, name);

	return ret ?: count;
}
CONFIGFS_ATTR_WO(pcsim_card_, load);

/* "DELAY_MS[ IMAGE]": the card resets itself, and comes back with that image. */
static ssize_t pcsim_card_reset_itself_store(struct config_item *item,
					     const char *page, size_t count)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	char name[PCIE_CARD_SIM_NAME_LEN] = "";
	unsigned int ms;
	int ret;

	if (sscanf(page, "%u %31s", &ms, name) < 1)
		return -EINVAL;
	if (ms > 3600000)
		return -ERANGE;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = pcie_card_sim_self_reset(port->host->sim, port->index, ms,
				       name[0] ? name : NULL);

	return ret ?: count;
}
CONFIGFS_ATTR_WO(pcsim_card_, reset_itself);

static ssize_t pcsim_card_running_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	char name[PCIE_CARD_SIM_NAME_LEN] = "";

	guard(mutex)(&port->host->lock);

	if (port->host->sim)
		pcie_card_sim_running(port->host->sim, port->index, name,
				      sizeof(name));

	return sprintf(page, "%s\n", name);
}
CONFIGFS_ATTR_RO(pcsim_card_, running);

static ssize_t pcsim_card_link_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	bool up = false;

	guard(mutex)(&port->host->lock);

	if (port->host->sim)
		up = pcie_card_sim_link_up(port->host->sim, port->index);

	return sprintf(page, "%s\n", up ? "up" : "down");
}
CONFIGFS_ATTR_RO(pcsim_card_, link);

/* "PAGE PROGRESS STATUS STAGED SUM" */
static ssize_t pcsim_card_bmc_state_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = card_to_port(item);
	struct pcie_card_sim_bmc_state state;
	int ret;

	guard(mutex)(&port->host->lock);

	if (!port->host->sim)
		return -ENODEV;
	ret = pcie_card_sim_bmc_state(port->host->sim, port->index, &state);
	if (ret)
		return ret;

	return sprintf(page, "%u 0x%x 0x%02x %llu 0x%08x\n", state.page,
		       state.progress, state.status, state.staged, state.sum);
}
CONFIGFS_ATTR_RO(pcsim_card_, bmc_state);

static struct configfs_attribute *pcsim_card_attrs[] = {
	&pcsim_card_attr_present,
	&pcsim_card_attr_switch,
	&pcsim_card_attr_switch_vendor,
	&pcsim_card_attr_switch_device,
	&pcsim_card_attr_serial,
	&pcsim_card_attr_train_ms,
	&pcsim_card_attr_flash_ms,
	&pcsim_card_attr_boot_image,
	&pcsim_card_attr_reset_image,
	&pcsim_card_attr_replace,
	&pcsim_card_attr_load,
	&pcsim_card_attr_reset_itself,
	&pcsim_card_attr_running,
	&pcsim_card_attr_link,
	&pcsim_card_attr_bmc_state,
	NULL
};

static const struct config_item_type pcsim_card_type = {
	.ct_attrs = pcsim_card_attrs,
	.ct_owner = THIS_MODULE,
};

/* Every port has a card, which may be absent. */
void pcsim_cfs_card_init(struct pcsim_cfs_port *port)
{
	INIT_LIST_HEAD(&port->images);
	port->cfg.card.present = true;
	port->cfg.card.train_ms = 5;
	port->cfg.card.flash_ms = PCIE_CARD_SIM_FLASH_MS;
	config_group_init_type_name(&port->card, "card", &pcsim_card_type);
	configfs_add_default_group(&port->card, &port->group);
	config_group_init_type_name(&port->images_group, "images",
				    &pcsim_images_type);
	configfs_add_default_group(&port->images_group, &port->card);
	config_group_init_type_name(&port->faults_group, "faults",
				    &pcsim_faults_type);
	configfs_add_default_group(&port->faults_group, &port->card);
}
