/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions and ports by their names, as the benchmark's modules are told of them. */
#ifndef _BENCH_PORT_H
#define _BENCH_PORT_H

#include <linux/kernel.h>
#include <linux/pci.h>

/* "DOMAIN:BUS:DEVICE.FUNCTION"; NULL if there is none. The caller puts it. */
static inline struct pci_dev *bench_function_get(const char *name)
{
	unsigned int domain, bus, dev, fn;

	if (sscanf(name, "%x:%x:%x.%u", &domain, &bus, &dev, &fn) != 4)
		return NULL;
	return pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(dev, fn));
}

/* Likewise a bridge */
static inline struct pci_dev *bench_port_get(const char *name)
{
	struct pci_dev *port = bench_function_get(name);

	if (port && port->subordinate)
		return port;
	pci_dev_put(port);
	return NULL;
}

#endif /* _BENCH_PORT_H */
