// SPDX-License-Identifier: GPL-2.0-only
/* Images of cards and their functions in configfs. */

#include <linux/cleanup.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "directory.h"
#include "host.h"

/* Functions: card/images/NAME/pfN/ */

static struct pcsim_cfs_pf *to_pf(struct config_item *item)
{
	return container_of(to_config_group(item), struct pcsim_cfs_pf, group);
}

static struct pcsim_cfs_host *pcsim_pf_host(struct config_item *item)
{
	return to_pf(item)->image->port->host;
}

static struct pcie_card_sim_function *pcsim_pf_cfg(struct config_item *item)
{
	return &to_pf(item)->cfg;
}

PCSIM_CFS_NUM(pf, vendor, 0xffff, 4);
PCSIM_CFS_NUM(pf, device, 0xffff, 4);
PCSIM_CFS_NUM(pf, subsystem_vendor, 0xffff, 4);
PCSIM_CFS_NUM(pf, subsystem_device, 0xffff, 4);
PCSIM_CFS_NUM(pf, class, 0xffffff, 6);
PCSIM_CFS_NUM(pf, revision, 0xff, 2);
PCSIM_CFS_NUM(pf, leg, PCIE_CARD_SIM_LEGS - 1, 0);
PCSIM_CFS_NUM(pf, total_vfs, PCIE_CARD_SIM_VFS, 0);
PCSIM_CFS_NUM(pf, vf_device, 0xffff, 4);
PCSIM_CFS_NUM(pf, flr, 1, 0);
PCSIM_CFS_NUM(pf, af, 1, 0);
PCSIM_CFS_NUM(pf, pm, 1, 0);
PCSIM_CFS_NUM(pf, aer, 1, 0);
PCSIM_CFS_NUM(pf, bmc, 1, 0);
PCSIM_CFS_NUM(pf, immediate_readiness, 1, 0);
PCSIM_CFS_NUM(pf, rtr, PCIE_CARD_SIM_RTR_NOT_YET, 0);
PCSIM_CFS_NUM(pf, rtr_dl_up_ms, PCIE_CARD_SIM_RTR_MAX_MS, 0);

static const char * const pcsim_dfls[] = {
	[PCIE_CARD_SIM_DFL_NONE]	= "none",
	[PCIE_CARD_SIM_DFL_N6000]	= "n6000",
	[PCIE_CARD_SIM_DFL_N3000]	= "n3000",
	[PCIE_CARD_SIM_DFL_D5005]	= "d5005",
};

static ssize_t pcsim_pf_dfl_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", pcsim_dfls[pcsim_pf_cfg(item)->dfl]);
}

static ssize_t pcsim_pf_dfl_store(struct config_item *item, const char *page,
				  size_t count)
{
	int ret = sysfs_match_string(pcsim_dfls, page);

	if (ret < 0)
		return ret;

	guard(mutex)(&pcsim_pf_host(item)->lock);

	if (pcsim_pf_host(item)->sim)
		return -EBUSY;
	pcsim_pf_cfg(item)->dfl = ret;

	return count;
}
CONFIGFS_ATTR(pcsim_pf_, dfl);

static const char * const pcsim_icaps[] = {
	[PCIE_CARD_SIM_ICAP_NONE]	= "none",
	[PCIE_CARD_SIM_ICAP_HWICAP]	= "hwicap",
	[PCIE_CARD_SIM_ICAP_LITEX]	= "litex",
};

static ssize_t pcsim_pf_icap_show(struct config_item *item, char *page)
{
	return sprintf(page, "%s\n", pcsim_icaps[pcsim_pf_cfg(item)->icap]);
}

static ssize_t pcsim_pf_icap_store(struct config_item *item, const char *page,
				   size_t count)
{
	int ret = sysfs_match_string(pcsim_icaps, page);

	if (ret < 0)
		return ret;

	guard(mutex)(&pcsim_pf_host(item)->lock);

	if (pcsim_pf_host(item)->sim)
		return -EBUSY;
	pcsim_pf_cfg(item)->icap = ret;

	return count;
}
CONFIGFS_ATTR(pcsim_pf_, icap);

static ssize_t pcsim_bar_show(const struct pcie_card_sim_bar *bar, char *page)
{
	if (bar->io)
		return sprintf(page, "%llu io\n", bar->size);

	return sprintf(page, "%lluK%s%s\n", bar->size / 1024,
		       bar->is_64 ? " 64" : "", bar->prefetch ? " pref" : "");
}

/* "SIZE[ 64][ pref]" or "SIZE io"; 0 for no register */
static int pcsim_bar_parse(const char *page, struct pcie_card_sim_bar *bar)
{
	char *pos, *word, *copy __free(kfree) = kstrdup(page, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;

	*bar = (struct pcie_card_sim_bar){ };
	pos = strim(copy);
	word = strsep(&pos, " ");
	bar->size = memparse(word, &word);
	if (*word)
		return -EINVAL;

	while ((word = strsep(&pos, " "))) {
		if (!strcmp(word, "64"))
			bar->is_64 = true;
		else if (!strcmp(word, "pref"))
			bar->prefetch = true;
		else if (!strcmp(word, "io"))
			bar->io = true;
		else
			return -EINVAL;
	}

	return bar->io || !(bar->size % 1024) ? 0 : -EINVAL;
}

static ssize_t pcsim_bar_store(struct config_item *item,
			       struct pcie_card_sim_bar *bar, const char *page,
			       size_t count)
{
	struct pcie_card_sim_bar val;
	int ret;

	ret = pcsim_bar_parse(page, &val);
	if (ret)
		return ret;

	guard(mutex)(&pcsim_pf_host(item)->lock);

	if (pcsim_pf_host(item)->sim)
		return -EBUSY;
	*bar = val;

	return count;
}

/* Index 6 is the one of VFs. */
static struct pcie_card_sim_bar *pcsim_pf_bar(struct config_item *item,
					      unsigned int index)
{
	struct pcie_card_sim_function *cfg = pcsim_pf_cfg(item);

	return index < PCI_STD_NUM_BARS ? &cfg->bar[index] : &cfg->vf_bar0;
}

#define PCSIM_CFS_BAR(_name, _index)					\
static struct pcie_card_sim_bar *					\
pcsim_pf_##_name##_bar(struct config_item *item)			\
{									\
	return pcsim_pf_bar(item, _index);				\
}									\
									\
static ssize_t pcsim_pf_##_name##_show(struct config_item *item,	\
				       char *page)			\
{									\
	return pcsim_bar_show(pcsim_pf_##_name##_bar(item), page);	\
}									\
									\
static ssize_t pcsim_pf_##_name##_store(struct config_item *item,	\
					const char *page, size_t count)	\
{									\
	return pcsim_bar_store(item, pcsim_pf_##_name##_bar(item),	\
			       page, count);				\
}									\
CONFIGFS_ATTR(pcsim_pf_, _name)

PCSIM_CFS_BAR(bar0, 0);
PCSIM_CFS_BAR(bar1, 1);
PCSIM_CFS_BAR(bar2, 2);
PCSIM_CFS_BAR(bar3, 3);
PCSIM_CFS_BAR(bar4, 4);
PCSIM_CFS_BAR(bar5, 5);
PCSIM_CFS_BAR(vf_bar0, 6);

static struct configfs_attribute *pcsim_pf_attrs[] = {
	&pcsim_pf_attr_vendor,
	&pcsim_pf_attr_device,
	&pcsim_pf_attr_subsystem_vendor,
	&pcsim_pf_attr_subsystem_device,
	&pcsim_pf_attr_class,
	&pcsim_pf_attr_revision,
	&pcsim_pf_attr_leg,
	&pcsim_pf_attr_bar0,
	&pcsim_pf_attr_bar1,
	&pcsim_pf_attr_bar2,
	&pcsim_pf_attr_bar3,
	&pcsim_pf_attr_bar4,
	&pcsim_pf_attr_bar5,
	&pcsim_pf_attr_total_vfs,
	&pcsim_pf_attr_vf_device,
	&pcsim_pf_attr_vf_bar0,
	&pcsim_pf_attr_flr,
	&pcsim_pf_attr_af,
	&pcsim_pf_attr_pm,
	&pcsim_pf_attr_aer,
	&pcsim_pf_attr_bmc,
	&pcsim_pf_attr_immediate_readiness,
	&pcsim_pf_attr_rtr,
	&pcsim_pf_attr_rtr_dl_up_ms,
	&pcsim_pf_attr_dfl,
	&pcsim_pf_attr_icap,
	NULL
};

static void pcsim_pf_release(struct config_item *item)
{
	kfree(to_pf(item));
}

static struct configfs_item_operations pcsim_pf_item_ops = {
	.release = pcsim_pf_release,
};

static const struct config_item_type pcsim_pf_type = {
	.ct_item_ops = &pcsim_pf_item_ops,
	.ct_attrs = pcsim_pf_attrs,
	.ct_owner = THIS_MODULE,
};

/* Images: card/images/NAME/ */

static struct pcsim_cfs_image *to_image(struct config_item *item)
{
	return container_of(to_config_group(item), struct pcsim_cfs_image,
			    group);
}

static struct pcsim_cfs_host *pcsim_image_host(struct config_item *item)
{
	return to_image(item)->port->host;
}

static ssize_t pcsim_image_in_flash_show(struct config_item *item, char *page)
{
	return sprintf(page, "%u\n", !to_image(item)->cfg.file_only);
}

static ssize_t pcsim_image_in_flash_store(struct config_item *item,
					  const char *page, size_t count)
{
	u64 val;
	int ret;

	ret = pcsim_cfs_num(page, 1, &val);
	if (ret)
		return ret;

	guard(mutex)(&pcsim_image_host(item)->lock);

	if (pcsim_image_host(item)->sim)
		return -EBUSY;
	to_image(item)->cfg.file_only = !val;

	return count;
}
CONFIGFS_ATTR(pcsim_image_, in_flash);

static struct pcie_card_sim_image *pcsim_image_cfg(struct config_item *item)
{
	return &to_image(item)->cfg;
}

PCSIM_CFS_NUM(image, reload_ms, 3600000, 0);
PCSIM_CFS_NUM(image, timeout_ms, 3600000, 0);
PCSIM_CFS_NUM(image, hold_ms, 3600000, 0);
PCSIM_CFS_NUM(image, speed, 64000, 0);
PCSIM_CFS_NUM(image, width, 16, 0);
PCSIM_CFS_NUM(image, page, 7, 0);
PCSIM_CFS_NUM(image, address, 0x1fffffff, 8);
PCSIM_CFS_NUM(image, drs, 1, 0);
PCSIM_CFS_NUM(image, drs_ms, 3600000, 0);

static ssize_t pcsim_image_serial_show(struct config_item *item, char *page)
{
	struct pcie_card_sim_image *cfg = pcsim_image_cfg(item);

	guard(mutex)(&pcsim_image_host(item)->lock);

	if (!cfg->own_serial)
		return sprintf(page, "card\n");

	return sprintf(page, "0x%016llx\n", cfg->serial);
}

/* "card" for that of the card, or a number */
static ssize_t pcsim_image_serial_store(struct config_item *item,
					const char *page, size_t count)
{
	struct pcie_card_sim_image *cfg = pcsim_image_cfg(item);
	bool own = !sysfs_streq(page, "card");
	u64 serial = 0;
	int ret;

	if (own) {
		ret = pcsim_cfs_num(page, U64_MAX, &serial);
		if (ret)
			return ret;
	}

	guard(mutex)(&pcsim_image_host(item)->lock);

	if (pcsim_image_host(item)->sim)
		return -EBUSY;
	cfg->own_serial = own;
	cfg->serial = serial;

	return count;
}
CONFIGFS_ATTR(pcsim_image_, serial);

static struct configfs_attribute *pcsim_image_attrs[] = {
	&pcsim_image_attr_in_flash,
	&pcsim_image_attr_reload_ms,
	&pcsim_image_attr_timeout_ms,
	&pcsim_image_attr_hold_ms,
	&pcsim_image_attr_speed,
	&pcsim_image_attr_width,
	&pcsim_image_attr_page,
	&pcsim_image_attr_address,
	&pcsim_image_attr_drs,
	&pcsim_image_attr_drs_ms,
	&pcsim_image_attr_serial,
	NULL
};

static void pcsim_image_release(struct config_item *item)
{
	kfree(to_image(item));
}

static struct configfs_item_operations pcsim_image_item_ops = {
	.release = pcsim_image_release,
};

static struct config_group *pcsim_make_pf(struct config_group *group,
					  const char *name)
{
	struct pcsim_cfs_image *image = to_image(&group->cg_item);
	struct pcsim_cfs_host *host = image->port->host;
	struct pcsim_cfs_pf *pf;
	unsigned int number;

	if (strncmp(name, "pf", 2) || strlen(name) != 3)
		return ERR_PTR(-EINVAL);
	number = name[2] - '0';
	if (number >= PCIE_CARD_SIM_FUNCTIONS)
		return ERR_PTR(-EINVAL);

	guard(mutex)(&host->lock);

	if (host->sim)
		return ERR_PTR(-EBUSY);

	pf = kzalloc(sizeof(*pf), GFP_KERNEL);
	if (!pf)
		return ERR_PTR(-ENOMEM);

	pf->image = image;
	pf->number = number;
	pf->cfg.vendor = PCIE_CARD_SIM_VENDOR;
	pf->cfg.device = 0x100;
	pf->cfg.class = 0x120000;
	pf->cfg.flr = true;
	config_group_init_type_name(&pf->group, name, &pcsim_pf_type);
	image->pfs[number] = pf;

	return &pf->group;
}

static void pcsim_drop_pf(struct config_group *group, struct config_item *item)
{
	struct pcsim_cfs_pf *pf = to_pf(item);

	scoped_guard(mutex, &pcsim_pf_host(item)->lock)
		pf->image->pfs[pf->number] = NULL;
	config_item_put(item);
}

static struct configfs_group_operations pcsim_image_group_ops = {
	.make_group = pcsim_make_pf,
	.drop_item = pcsim_drop_pf,
};

static const struct config_item_type pcsim_image_type = {
	.ct_item_ops = &pcsim_image_item_ops,
	.ct_group_ops = &pcsim_image_group_ops,
	.ct_attrs = pcsim_image_attrs,
	.ct_owner = THIS_MODULE,
};

static struct pcsim_cfs_port *images_to_port(struct config_group *group)
{
	return container_of(group, struct pcsim_cfs_port, images_group);
}

static struct config_group *pcsim_make_image(struct config_group *group,
					     const char *name)
{
	struct pcsim_cfs_port *port = images_to_port(group);
	struct pcsim_cfs_image *image;

	if (strlen(name) >= PCIE_CARD_SIM_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);

	guard(mutex)(&port->host->lock);

	if (port->host->sim)
		return ERR_PTR(-EBUSY);
	if (port->n_images == PCIE_CARD_SIM_IMAGES)
		return ERR_PTR(-ENOSPC);

	image = kzalloc(sizeof(*image), GFP_KERNEL);
	if (!image)
		return ERR_PTR(-ENOMEM);

	image->port = port;
	strscpy(image->cfg.name, name, sizeof(image->cfg.name));
	image->cfg.reload_ms = 500;
	image->cfg.timeout_ms = 10000;
	image->cfg.speed = 16000;
	image->cfg.width = PCSIM_WIDTH;
	config_group_init_type_name(&image->group, name, &pcsim_image_type);
	list_add_tail(&image->node, &port->images);
	port->n_images++;

	return &image->group;
}

static void pcsim_drop_image(struct config_group *group,
			     struct config_item *item)
{
	struct pcsim_cfs_port *port = images_to_port(group);

	scoped_guard(mutex, &port->host->lock) {
		list_del(&to_image(item)->node);
		port->n_images--;
	}
	config_item_put(item);
}

static struct configfs_group_operations pcsim_images_group_ops = {
	.make_group = pcsim_make_image,
	.drop_item = pcsim_drop_image,
};

const struct config_item_type pcsim_images_type = {
	.ct_group_ops = &pcsim_images_group_ops,
	.ct_owner = THIS_MODULE,
};
