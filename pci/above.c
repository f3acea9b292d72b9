// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bridges above the ports of open windows. Only their own errors are kept quiet:
 * completions that do not come, say. Messages that they forward, and interrupts that they
 * have for other devices, go on. Several windows may have bridges in common, so these are
 * counted.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "reload.h"

/**
 * struct pci_reload_above - a bridge above the ports of open windows
 * @node: entry in pci_reload_above; under pci_reload_above_lock, as all here
 * @pdev: the bridge; referenced
 * @windows: how many windows it is above of
 * @saved: its registers before the first of them opened
 */
struct pci_reload_above {
	struct list_head node;
	struct pci_dev *pdev;
	unsigned int windows;
	struct pci_reload_saved saved;
};

static DEFINE_MUTEX(pci_reload_above_lock);
static LIST_HEAD(pci_reload_above);

static void pci_reload_harden_above(struct pci_reload_above *above)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u16 pos;

	for (i = 0; i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(above->pdev, reg);
		if (pos && reg->above)
			pci_reload_reg_harden(above->pdev, reg, pos,
					      above->saved.changed[i], false);
	}
}

static void pci_reload_restore_above(struct pci_reload_above *above)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u16 pos;

	pci_reload_clear_statuses(above->pdev, &above->saved, true);
	for (i = PCI_RELOAD_CONTROLS; i-- > 0;) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(above->pdev, reg);
		if (pos && reg->above)
			pci_reload_reg_harden(above->pdev, reg, pos,
					      above->saved.changed[i], true);
	}
}

static struct pci_reload_above *pci_reload_above_find(struct pci_dev *bridge)
{
	struct pci_reload_above *above;

	list_for_each_entry(above, &pci_reload_above, node) {
		if (above->pdev == bridge)
			return above;
	}
	return NULL;
}

static int pci_reload_above_get(struct pci_dev *bridge)
{
	struct pci_reload_above *above = pci_reload_above_find(bridge);

	if (above) {
		above->windows++;
		return 0;
	}
	above = kzalloc(sizeof(*above), GFP_KERNEL);
	if (!above)
		return -ENOMEM;
	above->pdev = pci_dev_get(bridge);
	above->windows = 1;
	list_add(&above->node, &pci_reload_above);
	pci_reload_save(bridge, &above->saved);
	pci_reload_harden_above(above);
	return 0;
}

static void pci_reload_above_put(struct pci_dev *bridge)
{
	struct pci_reload_above *above = pci_reload_above_find(bridge);

	if (!above || --above->windows)
		return;
	pci_reload_restore_above(above);
	list_del(&above->node);
	pci_dev_put(above->pdev);
	kfree(above);
}

/*
 * From the root port down to the bridge right above @below, or back: the order
 * in which they are let go is the reverse of that in which they were taken.
 */
static int pci_reload_above_take(struct pci_dev *below)
{
	struct pci_dev *bridge = pci_upstream_bridge(below);
	int ret;

	if (!bridge)
		return 0;
	ret = pci_reload_above_take(bridge);
	if (ret)
		return ret;
	ret = pci_is_pcie(bridge) ? pci_reload_above_get(bridge) : 0;
	if (ret)
		while ((bridge = pci_upstream_bridge(bridge)))
			pci_reload_above_put(bridge);
	return ret;
}

static void pci_reload_above_leave(struct pci_dev *below)
{
	struct pci_dev *bridge = below;

	while ((bridge = pci_upstream_bridge(bridge)))
		pci_reload_above_put(bridge);
}

int pci_reload_above_contain(struct pci_reload *pr)
{
	int ret = 0;

	mutex_lock(&pci_reload_above_lock);
	if (!pr->above) {
		ret = pci_reload_above_take(pr->port);
		pr->above = !ret;
	}
	mutex_unlock(&pci_reload_above_lock);
	return ret;
}

void pci_reload_above_release(struct pci_reload *pr)
{
	mutex_lock(&pci_reload_above_lock);
	if (pr->above)
		pci_reload_above_leave(pr->port);
	pr->above = false;
	mutex_unlock(&pci_reload_above_lock);
}
