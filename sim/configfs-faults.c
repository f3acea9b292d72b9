// SPDX-License-Identifier: GPL-2.0-only
/*
 * What cards, and their ports, do wrong, in configfs: card/faults/. Also while the host is
 * live.
 */

#include <linux/cleanup.h>
#include <linux/module.h>
#include <linux/string.h>

#include "directory.h"

static struct pcsim_cfs_port *faults_to_port(struct config_item *item)
{
	return container_of(to_config_group(item), struct pcsim_cfs_port,
			    faults_group);
}

static int pcsim_faults_set(struct pcsim_cfs_port *port,
			    const struct pcie_card_sim_faults *faults)
{
	int ret;

	lockdep_assert_held(&port->host->lock);

	if (port->host->sim) {
		ret = pcie_card_sim_set_faults(port->host->sim, port->index,
					       faults);
		if (ret)
			return ret;
	}
	port->faults = *faults;

	return 0;
}

static struct pcie_card_sim_faults *pcsim_faults_cfg(struct config_item *item)
{
	return &faults_to_port(item)->faults;
}

static ssize_t pcsim_fault_store(struct config_item *item,
				 struct pcsim_cfs_field field, u64 max,
				 const char *page, size_t count)
{
	struct pcsim_cfs_port *port = faults_to_port(item);
	struct pcie_card_sim_faults faults;
	u64 val;
	int ret;

	ret = pcsim_cfs_num(page, max, &val);
	if (ret)
		return ret;

	guard(mutex)(&port->host->lock);

	faults = port->faults;
	field.ptr = (void *)&faults + (field.ptr - (void *)&port->faults);
	pcsim_cfs_set(field, val);
	ret = pcsim_faults_set(port, &faults);

	return ret ?: count;
}

#define PCSIM_CFS_FAULT_NUM(_name, _max, _digits)			\
static struct pcsim_cfs_field						\
pcsim_faults_##_name##_field(struct config_item *item)			\
{									\
	return PCSIM_CFS_FIELD(pcsim_faults_cfg(item), _name);		\
}									\
									\
static ssize_t pcsim_faults_##_name##_show(struct config_item *item,	\
					   char *page)			\
{									\
	return pcsim_cfs_show(pcsim_faults_##_name##_field(item),	\
			      _digits, page);				\
}									\
									\
static ssize_t pcsim_faults_##_name##_store(struct config_item *item,	\
					    const char *page,		\
					    size_t count)		\
{									\
	return pcsim_fault_store(item,					\
				 pcsim_faults_##_name##_field(item),	\
				 _max, page, count);			\
}									\
									\
static struct configfs_attribute pcsim_faults_attr_##_name = {		\
	.ca_name = __stringify(_name),					\
	.ca_mode = 0644,						\
	.ca_owner = THIS_MODULE,					\
	.show = pcsim_faults_##_name##_show,				\
	.store = pcsim_faults_##_name##_store,				\
}

#define PCSIM_CFS_FAULT(_name, _max)	PCSIM_CFS_FAULT_NUM(_name, _max, 0)

PCSIM_CFS_FAULT(never_return, 1);
PCSIM_CFS_FAULT(ignore_disable, 1);
PCSIM_CFS_FAULT(bad_header, 1);
PCSIM_CFS_FAULT(reject_trigger, 1);
PCSIM_CFS_FAULT(reject_stage, 1);
PCSIM_CFS_FAULT(busy, 1);
PCSIM_CFS_FAULT(rrs_ms, 3600000);
PCSIM_CFS_FAULT(transient_ms, 3600000);
PCSIM_CFS_FAULT_NUM(transient_vendor, 0xffff, 4);
PCSIM_CFS_FAULT_NUM(transient_device, 0xffff, 4);
PCSIM_CFS_FAULT(trigger_delay_ms, 3600000);
PCSIM_CFS_FAULT(lose_link_ms, 3600000);
PCSIM_CFS_FAULT(ignore_reset, 1);
PCSIM_CFS_FAULT(forget_port, 1);
PCSIM_CFS_FAULT(forget_card, 1);
PCSIM_CFS_FAULT(train_slow, 1);
PCSIM_CFS_FAULT(degraded_speed, 64000);
PCSIM_CFS_FAULT(degraded_width, 16);
PCSIM_CFS_FAULT(keep_link, 1);
PCSIM_CFS_FAULT(drs_kept, 1);
PCSIM_CFS_FAULT(drs_stuck, 1);

static ssize_t pcsim_faults_wrong_image_show(struct config_item *item,
					     char *page)
{
	struct pcsim_cfs_port *port = faults_to_port(item);

	guard(mutex)(&port->host->lock);

	return sprintf(page, "%s\n", port->faults.wrong_image);
}

static ssize_t pcsim_faults_wrong_image_store(struct config_item *item,
					      const char *page, size_t count)
{
	struct pcsim_cfs_port *port = faults_to_port(item);
	struct pcie_card_sim_faults faults;
	int ret;

	guard(mutex)(&port->host->lock);

	faults = port->faults;
	ret = pcsim_cfs_name(page, count, faults.wrong_image);
	if (!ret)
		ret = pcsim_faults_set(port, &faults);

	return ret ?: count;
}
CONFIGFS_ATTR(pcsim_faults_, wrong_image);

static const char * const pcsim_cures[] = {
	[PCIE_CARD_SIM_CURE_POWER]	= "power",
	[PCIE_CARD_SIM_CURE_RESET]	= "reset",
	[PCIE_CARD_SIM_CURE_RETRAIN]	= "retrain",
};

static ssize_t pcsim_faults_cure_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = faults_to_port(item);

	guard(mutex)(&port->host->lock);

	return sprintf(page, "%s\n", pcsim_cures[port->faults.cure]);
}

static ssize_t pcsim_faults_cure_store(struct config_item *item,
				       const char *page, size_t count)
{
	struct pcsim_cfs_port *port = faults_to_port(item);
	struct pcie_card_sim_faults faults;
	int ret;

	ret = sysfs_match_string(pcsim_cures, page);
	if (ret < 0)
		return ret;

	guard(mutex)(&port->host->lock);

	faults = port->faults;
	faults.cure = ret;
	ret = pcsim_faults_set(port, &faults);

	return ret ?: count;
}
CONFIGFS_ATTR(pcsim_faults_, cure);

static const char * const pcsim_bmc_faults[] = {
	[PCIE_CARD_SIM_BMC_OK]			= "none",
	[PCIE_CARD_SIM_BMC_AUTH]		= "auth",
	[PCIE_CARD_SIM_BMC_COPY]		= "copy",
	[PCIE_CARD_SIM_BMC_ERASE]		= "erase",
	[PCIE_CARD_SIM_BMC_WEAROUT]		= "wearout",
	[PCIE_CARD_SIM_BMC_NO_REBOOT]		= "no-reboot",
	[PCIE_CARD_SIM_BMC_RETIMER_STUCK]	= "retimer-stuck",
	[PCIE_CARD_SIM_BMC_RETIMER_REJECT]	= "retimer-reject",
	[PCIE_CARD_SIM_BMC_RETIMER_BAD]		= "retimer-bad",
};

static ssize_t pcsim_faults_bmc_show(struct config_item *item, char *page)
{
	struct pcsim_cfs_port *port = faults_to_port(item);

	guard(mutex)(&port->host->lock);

	return sprintf(page, "%s\n", pcsim_bmc_faults[port->faults.bmc]);
}

static ssize_t pcsim_faults_bmc_store(struct config_item *item,
				      const char *page, size_t count)
{
	struct pcsim_cfs_port *port = faults_to_port(item);
	struct pcie_card_sim_faults faults;
	int ret;

	ret = sysfs_match_string(pcsim_bmc_faults, page);
	if (ret < 0)
		return ret;

	guard(mutex)(&port->host->lock);

	faults = port->faults;
	faults.bmc = ret;
	ret = pcsim_faults_set(port, &faults);

	return ret ?: count;
}
CONFIGFS_ATTR(pcsim_faults_, bmc);

static struct configfs_attribute *pcsim_faults_attrs[] = {
	&pcsim_faults_attr_never_return,
	&pcsim_faults_attr_cure,
	&pcsim_faults_attr_ignore_disable,
	&pcsim_faults_attr_bad_header,
	&pcsim_faults_attr_reject_trigger,
	&pcsim_faults_attr_reject_stage,
	&pcsim_faults_attr_busy,
	&pcsim_faults_attr_wrong_image,
	&pcsim_faults_attr_rrs_ms,
	&pcsim_faults_attr_transient_ms,
	&pcsim_faults_attr_transient_vendor,
	&pcsim_faults_attr_transient_device,
	&pcsim_faults_attr_trigger_delay_ms,
	&pcsim_faults_attr_lose_link_ms,
	&pcsim_faults_attr_ignore_reset,
	&pcsim_faults_attr_forget_port,
	&pcsim_faults_attr_forget_card,
	&pcsim_faults_attr_train_slow,
	&pcsim_faults_attr_degraded_speed,
	&pcsim_faults_attr_degraded_width,
	&pcsim_faults_attr_keep_link,
	&pcsim_faults_attr_drs_kept,
	&pcsim_faults_attr_drs_stuck,
	&pcsim_faults_attr_bmc,
	NULL
};

const struct config_item_type pcsim_faults_type = {
	.ct_attrs = pcsim_faults_attrs,
	.ct_owner = THIS_MODULE,
};
