// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binding drivers to what was found, without the rescan lock: a probe() may take long,
 * and all others on the machine who scan or remove wait for that lock.
 *
 * The PCI core adds functions and binds their drivers in one step, under the lock. What
 * has an unready supplier is put off by the driver core, though. So each function has a
 * device link to a gate, which is never bound to a driver, and goes after the lock.
 */

#include <linux/device.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "reload.h"

/**
 * struct pci_reload_binding - functions whose drivers are to be bound
 * @gate: their supplier
 * @num: how many there are in @functions
 * @size: how many there can be
 * @functions: referenced
 */
struct pci_reload_binding {
	struct device *gate;
	unsigned int num;
	unsigned int size;
	struct pci_dev *functions[];
};

/* Bridges have short probes, and what is below them needs them. */
static int pci_reload_hold_back(struct pci_dev *pdev, void *data)
{
	struct pci_reload_binding *binding = data;

	if (!pdev->subordinate && binding->num < binding->size &&
	    device_link_add(&pdev->dev, binding->gate, 0))
		binding->functions[binding->num++] = pci_dev_get(pdev);
	return 0;
}

/**
 * pci_reload_bind_later - put off the drivers of what was found
 * @pr: an open window
 * @functions: how many there are below the port, of which none was added yet
 *
 * Context: may sleep; the rescan lock is held.
 *
 * Return: to be given to pci_reload_bind(), without the lock; NULL if nothing was put
 * off, as nothing is there, or there was no memory: drivers are bound by the PCI core
 * then.
 */
struct pci_reload_binding *pci_reload_bind_later(struct pci_reload *pr,
						 unsigned int functions)
{
	struct pci_reload_binding *binding;
	char name[64];

	if (!functions)
		return NULL;
	binding = kzalloc(struct_size(binding, functions, functions), GFP_KERNEL);
	if (!binding)
		return NULL;
	snprintf(name, sizeof(name), "pci-reload-%s", pci_name(pr->port));
	binding->gate = root_device_register(name);
	if (IS_ERR(binding->gate)) {
		kfree(binding);
		return NULL;
	}
	binding->size = functions;
	pci_reload_walk(pr->bus, pci_reload_hold_back, binding);
	return binding;
}

/**
 * pci_reload_attach - bind a driver to a function
 * @pdev: the function; referenced by the caller
 *
 * A function that somebody has removed meanwhile is left alone by the driver core, and
 * one that has a driver already, too.
 *
 * Context: may sleep, for as long as the driver does; no lock is held.
 */
void pci_reload_attach(struct pci_dev *pdev)
{
	int ret = device_attach(&pdev->dev);

	if (ret < 0 && ret != -EPROBE_DEFER)
		pci_warn(pdev, "device attach failed (%d)\n", ret);
}

/**
 * pci_reload_bind - bind the drivers that were put off
 * @binding: from pci_reload_bind_later(), or NULL; gone afterwards
 *
 * Each by pci_reload_attach().
 *
 * Context: may sleep, for as long as drivers do; no lock is held.
 */
void pci_reload_bind(struct pci_reload_binding *binding)
{
	unsigned int i;

	if (!binding)
		return;
	root_device_unregister(binding->gate);
	for (i = 0; i < binding->num; i++) {
		pci_reload_attach(binding->functions[i]);
		pci_dev_put(binding->functions[i]);
	}
	kfree(binding);
}
