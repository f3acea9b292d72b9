/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels in PCI. features.mk looks for it.
 */
#ifndef _FPGA_CARD_COMPAT_PCI_H
#define _FPGA_CARD_COMPAT_PCI_H

#include <linux/delay.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

/* How often a device lock is tried for, a millisecond apart. */
#define PCI_COMPAT_LOCK_TRIES	1000

/* Whether there may be such a name; to be asked before it is worth a lock. */
static inline bool pci_compat_has_override(struct pci_dev *pdev)
{
#ifdef FPGA_CARD_DEVICE_DRIVER_OVERRIDE
	return READ_ONCE(pdev->dev.driver_override.name);
#else
	return READ_ONCE(pdev->driver_override);
#endif
}

/*
 * The name of the driver that a function is to be bound to, as a string of its
 * own in @name, NULL if there is none. Older kernels have it under the device
 * lock: a driver that keeps that for more than a second is not waited for, and
 * the name is not known then.
 */
static inline int pci_compat_get_override(struct pci_dev *pdev, char **name)
{
	bool set;

#ifdef FPGA_CARD_DEVICE_DRIVER_OVERRIDE
	spin_lock(&pdev->dev.driver_override.lock);
	set = pdev->dev.driver_override.name;
	*name = kstrdup(pdev->dev.driver_override.name, GFP_ATOMIC);
	spin_unlock(&pdev->dev.driver_override.lock);
#else
	unsigned int i;

	*name = NULL;
	for (i = 0; !device_trylock(&pdev->dev); i++) {
		if (i == PCI_COMPAT_LOCK_TRIES)
			return 0;
		usleep_range(1000, 2000);
	}
	set = pdev->driver_override;
	*name = kstrdup(pdev->driver_override, GFP_KERNEL);
	device_unlock(&pdev->dev);
#endif
	return set && !*name ? -ENOMEM : 0;
}

/* Takes the device lock on older kernels. */
static inline int pci_compat_set_override(struct pci_dev *pdev,
					  const char *name)
{
#ifdef FPGA_CARD_DEVICE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override, name,
				   strlen(name));
#endif
}

#endif /* _FPGA_CARD_COMPAT_PCI_H */
