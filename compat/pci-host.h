/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What architectures want to know of a host bridge that a driver makes. x86 has
 * a structure of its own behind each bus; the others go by the bridge and by the
 * device tree.
 */
#ifndef _FPGA_CARD_COMPAT_PCI_HOST_H
#define _FPGA_CARD_COMPAT_PCI_HOST_H

#include <linux/nodemask.h>
#include <linux/pci.h>

#ifdef CONFIG_X86
/*
 * The device tree's node of a root bus: x86 searches one by bus number, which
 * finds the same for each domain.
 */
#define PCI_COMPAT_HOST_HAS_NODE	false

/**
 * struct pci_compat_host - what is behind the buses of a host
 * @sysdata: what x86 has there
 */
struct pci_compat_host {
	struct pci_sysdata sysdata;
};

static inline void pci_compat_host_init(struct pci_compat_host *host,
					struct pci_host_bridge *bridge)
{
	host->sysdata.node = first_online_node;
	bridge->sysdata = &host->sysdata;
}

static inline int pci_compat_host_set_domain(struct pci_compat_host *host,
					     struct pci_host_bridge *bridge,
					     int domain)
{
	host->sysdata.domain = domain;

	return 0;
}

static inline int pci_compat_host_domain(const struct pci_compat_host *host)
{
	return host->sysdata.domain;
}
#else
#define PCI_COMPAT_HOST_HAS_NODE	true

/**
 * struct pci_compat_host - what is behind the buses of a host
 * @domain: its domain
 */
struct pci_compat_host {
	int domain;
};

static inline void pci_compat_host_init(struct pci_compat_host *host,
					struct pci_host_bridge *bridge)
{
	bridge->sysdata = host;
}

/* The PCI core takes the domain back when it frees the bridge. */
static inline int pci_compat_host_set_domain(struct pci_compat_host *host,
					     struct pci_host_bridge *bridge,
					     int domain)
{
#ifdef FPGA_CARD_PCI_EMUL_DOMAIN
	domain = pci_bus_find_emul_domain_nr(domain, domain, INT_MAX);
	if (domain < 0)
		return domain;
#endif
	host->domain = domain;
	bridge->domain_nr = domain;

	return 0;
}

static inline int pci_compat_host_domain(const struct pci_compat_host *host)
{
	return host->domain;
}
#endif

#endif /* _FPGA_CARD_COMPAT_PCI_HOST_H */
