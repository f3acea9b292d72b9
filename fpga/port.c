// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which port is above a card: the one that the administrator names, the one
 * that the back end names, or the nearest one above all that is the card's.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "card.h"

#define FPGA_CARD_PORTS_MAX	256

static char fpga_card_ports[FPGA_CARD_PORTS_MAX];
static DEFINE_MUTEX(fpga_card_ports_lock);

/* "DDDD:BB:DD.F" in either case; returns what follows, or NULL. */
static const char *fpga_card_parse_name(const char *s)
{
	unsigned int domain, bus, slot, func;
	int len = 0;

	if (sscanf(s, "%x:%x:%x.%u%n", &domain, &bus, &slot, &func, &len) < 4 ||
	    bus > 0xff || slot > 0x1f || func > 7)
		return NULL;
	return s + len;
}

static bool fpga_card_ports_ok(const char *s)
{
	while (*s) {
		s = fpga_card_parse_name(s);
		if (!s || *s++ != '@')
			return false;
		s = fpga_card_parse_name(s);
		if (!s || (*s && *s != ','))
			return false;
		s += *s == ',';
	}
	return true;
}

static int fpga_card_ports_set(const char *val, const struct kernel_param *kp)
{
	char ports[FPGA_CARD_PORTS_MAX];
	ssize_t len;

	len = strscpy(ports, val, sizeof(ports));
	if (len < 0)
		return -ENOSPC;
	if (len && ports[len - 1] == '\n')
		ports[len - 1] = '\0';
	if (!fpga_card_ports_ok(ports))
		return -EINVAL;
	mutex_lock(&fpga_card_ports_lock);
	strscpy(fpga_card_ports, ports, sizeof(fpga_card_ports));
	mutex_unlock(&fpga_card_ports_lock);
	return 0;
}

static int fpga_card_ports_get(char *buf, const struct kernel_param *kp)
{
	int len;

	mutex_lock(&fpga_card_ports_lock);
	len = sysfs_emit(buf, "%s\n", fpga_card_ports);
	mutex_unlock(&fpga_card_ports_lock);
	return len;
}

static const struct kernel_param_ops fpga_card_ports_ops = {
	.set = fpga_card_ports_set,
	.get = fpga_card_ports_get,
};

module_param_cb(ports, &fpga_card_ports_ops, NULL, 0644);
MODULE_PARM_DESC(ports,
		 "FUNCTION@PORT,...: the card with this control function is reloaded at this port, and owns all that is below it");

/* Name of the port that the parameter gives for a function; false for none. */
static bool fpga_card_ports_find(struct pci_dev *pdev, char *name, size_t len)
{
	size_t n = strlen(pci_name(pdev));
	bool found = false;
	const char *s;

	mutex_lock(&fpga_card_ports_lock);
	for (s = fpga_card_ports; s && *s; s = strchr(s, ',')) {
		s += *s == ',';
		if (strncasecmp(s, pci_name(pdev), n) || s[n] != '@')
			continue;
		strscpy(name, s + n + 1, len);
		name[strcspn(name, ",")] = '\0';
		found = true;
		break;
	}
	mutex_unlock(&fpga_card_ports_lock);
	return found;
}

static struct pci_dev *fpga_card_bridge_above(struct pci_dev *pdev,
					      const char *name)
{
	while ((pdev = pci_upstream_bridge(pdev))) {
		if (!strcasecmp(pci_name(pdev), name))
			return pci_dev_get(pdev);
	}
	return NULL;
}

/* As pci-reload asks it */
static bool fpga_card_info_owns(struct pci_dev *pdev, void *data)
{
	const struct fpga_card_info *info = data;

	return info->ops->owns(info->priv, pdev);
}

/*
 * The port for a back end whose control device is on @pdev (NULL for none);
 * referenced. @chosen: by the administrator, whose word it is that all below is
 * the card's.
 */
struct pci_dev *fpga_card_choose_port(const struct fpga_card_info *info,
				      struct pci_dev *pdev, bool *chosen)
{
	struct pci_dev *port;
	char name[32];

	*chosen = pdev && fpga_card_ports_find(pdev, name, sizeof(name));
	if (*chosen) {
		port = fpga_card_bridge_above(pdev, name);
		if (port)
			return port;
		pci_err(pdev,
			"FPGA card: %s, which the parameter \"ports\" names, is not above this function\n",
			name);
		return ERR_PTR(-ENODEV);
	}
	if (info->port)
		return pci_dev_get(info->port);
	if (!pdev)
		return ERR_PTR(-ENODEV);
	return pci_reload_find_port(pdev,
				    info->ops->owns ? fpga_card_info_owns : NULL,
				    (void *)info);
}
