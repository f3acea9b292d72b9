// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs of one PF: off and on as by a write to sriov_numvfs.
 */

#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "reload.h"

static struct device_attribute *pci_reload_numvfs(struct pci_dev *pf)
{
	const struct attribute_group **group;
	struct attribute **attr;

	for (group = pf->dev.type ? pf->dev.type->groups : NULL;
	     group && *group; group++) {
		for (attr = (*group)->attrs; attr && *attr; attr++) {
			if (!strcmp((*attr)->name, "sriov_numvfs"))
				return container_of(*attr, struct device_attribute,
						    attr);
		}
	}
	return NULL;
}

/**
 * pci_reload_set_vfs - have the driver of a PF enable or disable VFs
 * @pr: an open window
 * @pf: the PF, referenced by the caller
 * @num: how many; 0 to disable them
 *
 * By the kernel's own entry, the attribute sriov_numvfs. Which locks are held around
 * the driver's sriov_configure(), and which are taken inside, has changed several
 * times: sriov_numvfs_store() has the rescan lock in 6.1 and 6.12, while kernels of
 * the winter of 2025/26 have it in sriov_add_vfs() and sriov_del_vfs(), where it
 * deadlocks if the caller holds it.
 *
 * Context: may sleep; no lock is held that such a write takes.
 *
 * Return: 0; -ENOENT if the PF has no driver, or one that does not do that; or what
 * the driver failed with.
 */
int pci_reload_set_vfs(struct pci_reload *pr, struct pci_dev *pf,
		       unsigned int num)
{
	struct device_attribute *attr = pci_reload_numvfs(pf);
	char buf[16];
	ssize_t ret;
	int len;

	if (!attr || !attr->store)
		return -ENOENT;
	len = scnprintf(buf, sizeof(buf), "%u\n", num);
	pci_reload_watch_call(pr, &pf->dev, "sriov_configure()");
	ret = attr->store(&pf->dev, attr, buf, len);
	pci_reload_watch_return(pr, &pf->dev);
	return ret < 0 ? ret : 0;
}

/**
 * pci_reload_close_vfs - let nobody set the VFs of a PF any more
 * @pf: a function that is to be removed, referenced by the caller
 *
 * A write to sriov_numvfs takes the device lock and, inside it, the rescan lock; a
 * removal takes them the other way round, and waits for writers, too. So the attribute
 * goes first, with whoever writes to it.
 *
 * Context: may sleep; no lock is held that such a write takes.
 */
void pci_reload_close_vfs(struct pci_dev *pf)
{
	struct device_attribute *attr;

	if (!pf->is_physfn || !device_is_registered(&pf->dev))
		return;
	attr = pci_reload_numvfs(pf);
	if (attr)
		device_remove_file(&pf->dev, attr);
}

/**
 * pci_reload_call - call something for a function that nobody is at
 * @pr: the window
 * @next: finds the function, or returns NULL; the rescan lock is held
 * @fn: what is called, without a lock; may take the function's device lock
 * @data: argument of both
 *
 * A driver that is being bound, or unbound, has the device lock. It is waited for, to
 * a deadline, as @fn would wait without one.
 *
 * Context: may sleep; no lock is held.
 *
 * Return: 1 if @fn returned 0, 0 if there is no function; what @fn failed with;
 * -EBUSY if its device lock was not to be had; -ENODEV or -EINTR.
 */
int pci_reload_call(struct pci_reload *pr,
		    struct pci_dev *(*next)(struct pci_reload *pr, void *data),
		    int (*fn)(struct pci_reload *pr, struct pci_dev *pdev,
			      void *data),
		    void *data)
{
	ktime_t begin = ktime_get();
	ktime_t end = ktime_add_ms(begin, PCI_RELOAD_LOCK_MS);
	struct pci_dev *pdev;
	bool free;
	int ret;

	for (;;) {
		ret = pci_reload_interrupted(pr);
		if (ret)
			return ret;

		pci_reload_take_turn();
		pdev = pci_dev_get(next(pr, data));
		pci_reload_end_turn();
		if (!pdev)
			return 0;
		free = device_trylock(&pdev->dev);
		if (free) {
			device_unlock(&pdev->dev);
			pci_reload_watch_enter(pr);
			ret = fn(pr, pdev, data);
			pci_reload_watch_leave(pr);
		} else if (pci_reload_is_past(end)) {
			ret = pci_reload_fail(pr, -EBUSY,
					      "%s is busy: its VFs could not be touched within %u s",
					      pci_name(pdev),
					      PCI_RELOAD_LOCK_MS / 1000);
		}
		pci_dev_put(pdev);
		if (ret || free)
			return ret ?: 1;
		pci_reload_pause(begin);
	}
}

static struct pci_dev *pci_reload_next_pf(struct pci_bus *bus)
{
	struct pci_dev *pdev, *below;

	list_for_each_entry_reverse(pdev, &bus->devices, bus_list) {
		if (pdev->subordinate) {
			below = pci_reload_next_pf(pdev->subordinate);
			if (below)
				return below;
		}
		if (pdev->is_physfn && pci_num_vf(pdev))
			return pdev;
	}
	return NULL;
}

/**
 * pci_reload_has_vfs - whether there are VFs below the port
 * @pr: the window
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: whether a PF has some.
 */
bool pci_reload_has_vfs(struct pci_reload *pr)
{
	bool has;

	pci_reload_lock_rescan(pr);
	has = pci_reload_next_pf(pr->bus);
	pci_reload_unlock_rescan(pr);
	return has;
}
EXPORT_SYMBOL_GPL(pci_reload_has_vfs);

static struct pci_dev *pci_reload_find_pf(struct pci_reload *pr, void *unused)
{
	return pci_reload_next_pf(pr->bus);
}

/**
 * struct pci_reload_vf_driver - a driver for one PF that has none
 * @drv: the driver; the kernel's own entry disables VFs through one alone
 * @ids: the PF's, and an empty one
 * @pf: the only function that it binds to
 */
struct pci_reload_vf_driver {
	struct pci_driver drv;
	struct pci_device_id ids[2];
	struct pci_dev *pf;
};

static int pci_reload_vf_probe(struct pci_dev *pdev,
			       const struct pci_device_id *id)
{
	return container_of(pdev->driver, struct pci_reload_vf_driver,
			    drv)->pf == pdev ? 0 : -ENODEV;
}

static int pci_reload_vf_configure(struct pci_dev *pdev, int num)
{
	if (num)
		return -EOPNOTSUPP;
	pci_disable_sriov(pdev);
	return 0;
}

/* Returns nothing: the caller looks whether VFs are left. */
static void pci_reload_end_vfs_by_driver(struct pci_reload *pr,
					 struct pci_dev *pf)
{
	struct pci_reload_vf_driver *vfd = kzalloc(sizeof(*vfd), GFP_KERNEL);

	if (!vfd)
		return;
	vfd->pf = pf;
	vfd->ids[0] = (struct pci_device_id) {
		PCI_DEVICE_SUB(pf->vendor, pf->device, pf->subsystem_vendor,
			       pf->subsystem_device)
	};
	vfd->drv.name = kasprintf(GFP_KERNEL, "pci-reload-%s", pci_name(pf));
	vfd->drv.id_table = vfd->ids;
	vfd->drv.probe = pci_reload_vf_probe;
	vfd->drv.sriov_configure = pci_reload_vf_configure;
	vfd->drv.driver.probe_type = PROBE_FORCE_SYNCHRONOUS;
	if (vfd->drv.name && !pci_register_driver(&vfd->drv)) {
		pci_reload_set_vfs(pr, pf, 0);
		pci_unregister_driver(&vfd->drv);
	}
	kfree(vfd->drv.name);
	kfree(vfd);
}

/**
 * pci_reload_end_vfs - disable the VFs of a PF without a driver that has a say
 * @pr: an open window
 * @pf: the PF, referenced by the caller
 *
 * A PF that has no driver is lent one, as kernels differ in who takes the rescan lock: see
 * pci_reload_set_vfs(). Behind another driver, or if ours does not bind
 * (driver_override, drivers_autoprobe), it is done without that lock, as drivers do
 * that disable VFs in their remove().
 *
 * Context: may sleep; no lock is held.
 */
void pci_reload_end_vfs(struct pci_reload *pr, struct pci_dev *pf)
{
	if (!READ_ONCE(pf->dev.driver))
		pci_reload_end_vfs_by_driver(pr, pf);
	device_lock(&pf->dev);
	if (pci_num_vf(pf))
		pci_disable_sriov(pf);
	device_unlock(&pf->dev);
}

/**
 * pci_reload_vfs_are_gone - whether a PF has let go of its VFs
 * @pr: an open window
 * @pf: the PF
 * @ret: what its driver returned: 0 or an error
 *
 * Return: 0; @ret, or -EBUSY if there are VFs in spite of it.
 */
int pci_reload_vfs_are_gone(struct pci_reload *pr, struct pci_dev *pf, int ret)
{
	if (ret || pci_num_vf(pf))
		return pci_reload_fail(pr, ret ?: -EBUSY,
				       "the driver of %s does not let go of its VFs",
				       pci_name(pf));
	return 0;
}

static int pci_reload_disable_vfs_of(struct pci_reload *pr, struct pci_dev *pf,
				     void *unused)
{
	int ret = pci_reload_set_vfs(pr, pf, 0);

	if (ret == -ENOENT) {
		pci_reload_end_vfs(pr, pf);
		ret = 0;
	}
	return pci_reload_vfs_are_gone(pr, pf, ret);
}

/**
 * pci_reload_disable_next - disable the VFs of one PF below the port
 * @pr: an open window
 *
 * Context: may sleep, for 1 s (sriov_disable()); no lock is held.
 *
 * Return: 1; 0 if there is no PF with VFs; -EBUSY if its driver does not let go of them,
 * or what it failed with; -ENODEV or -EINTR.
 */
int pci_reload_disable_next(struct pci_reload *pr)
{
	return pci_reload_call(pr, pci_reload_find_pf,
			       pci_reload_disable_vfs_of, NULL);
}
