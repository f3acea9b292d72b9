// SPDX-License-Identifier: GPL-2.0-only
/* Which descriptions of ports there can be. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/log2.h>
#include <linux/printk.h>

#include "host.h"

/* Highest speed, in MT/s */
unsigned int pcsim_port_speed(const struct pcie_card_sim_port *cfg)
{
	return cfg->max_speed ?: 8000;
}

/* PCIe r6.0, sec 7.5.3.6: who may do without Link Active Reporting */
static const char *pcsim_check_reporting(const struct pcie_card_sim_port *cfg)
{
	if (cfg->link_active_reporting)
		return NULL;
	if (cfg->slot && cfg->hotplug)
		return "a hot-plug port reports an active link (PCIe r6.0, sec 7.5.3.6)";
	if (pcsim_speed_code(pcsim_port_speed(cfg)) > PCI_EXP_LNKCAP_SLS_5_0GB)
		return "a port above 5 GT/s reports an active link (PCIe r6.0, sec 7.5.3.6)";

	return NULL;
}

/* PCIe r6.0, sec 7.5.3.11: what has no power is not seen from its link */
static const char *pcsim_check_presence(const struct pcie_card_sim_port *cfg)
{
	if (cfg->inband > PCIE_CARD_SIM_PIN_AND_INBAND)
		return "there is no such way to detect a card";
	if (cfg->slot && cfg->power_control &&
	    cfg->inband == PCIE_CARD_SIM_INBAND)
		return "a slot that switches power has a pin (PCIe r6.0, sec 7.5.3.11)";

	return NULL;
}

/* PCIe r6.0, sec 7.5.3.6 */
bool pcsim_check_width(unsigned int lanes)
{
	return !lanes || (is_power_of_2(lanes) && lanes <= 16);
}

/* PCIe r6.0, sec 7.7.1.2: powers of two */
static const char *pcsim_check_messages(const struct pcie_card_sim_port *cfg)
{
	if (!cfg->msi || (is_power_of_2(cfg->msi) && cfg->msi <= PCSIM_MSI_MAX))
		return NULL;

	return "no port has that number of messages";
}

static const char *pcsim_check_widths(const struct pcie_card_sim_port *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->card.n_images; i++) {
		if (!pcsim_check_width(cfg->card.images[i].width))
			return "no image has a link of that width";
	}

	return pcsim_check_width(cfg->max_width) ? NULL :
	       "no port has a link of that width";
}

/**
 * pcsim_check_ports() - can there be such ports?
 * @config: description of the host
 *
 * What is wrong is said in the kernel's log.
 *
 * Return: 0 or -EINVAL.
 */
int pcsim_check_ports(const struct pcie_card_sim_config *config)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < config->n_ports; i++) {
		why = pcsim_check_reporting(&config->ports[i]) ?:
		      pcsim_check_presence(&config->ports[i]) ?:
		      pcsim_check_messages(&config->ports[i]) ?:
		      pcsim_check_widths(&config->ports[i]);
		if (config->ports[i].sw > PCIE_CARD_SIM_SWITCHES)
			why = "the host has no switch of that number";
		if (!why)
			continue;
		pr_err("%s: port %u: %s\n", config->name ?: "host", i, why);
		return -EINVAL;
	}

	return 0;
}
