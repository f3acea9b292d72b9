/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who takes the rescan lock when VFs are enabled or disabled. At first nobody did. Then
 * sriov_add_vfs() and sriov_del_vfs() took it (commit 05703271c3cd, "PCI/IOV: Add PCI
 * rescan-remove locking when enabling/disabling SR-IOV"), which deadlocked in a PF's
 * remove(). That was reverted, and since then sriov_numvfs_store() holds it around the
 * driver's sriov_configure() (commit a5338e365c45, "PCI/IOV: Fix race between SR-IOV
 * enable/disable and hotplug").
 *
 * features.mk knows in which versions. Distributions that stay with the first version of a
 * series take fixes without changing it: for those, and for kernels that nobody has
 * looked at, the answer is that it is not known. Who builds for one and knows says
 * "make SRIOV_LOCK=around", or "inside".
 */
#ifndef _FPGA_CARD_COMPAT_SRIOV_H
#define _FPGA_CARD_COMPAT_SRIOV_H

#include <linux/lockdep.h>
#include <linux/pci.h>

/**
 * enum pci_compat_sriov_lock - who takes the rescan lock
 * @PCI_COMPAT_SRIOV_UNKNOWN: it is not known
 * @PCI_COMPAT_SRIOV_AROUND: who calls the driver's sriov_configure()
 * @PCI_COMPAT_SRIOV_INSIDE: the PCI core, where it adds and removes VFs
 */
enum pci_compat_sriov_lock {
	PCI_COMPAT_SRIOV_UNKNOWN,
	PCI_COMPAT_SRIOV_AROUND,
	PCI_COMPAT_SRIOV_INSIDE,
};

static inline enum pci_compat_sriov_lock pci_compat_sriov_lock(void)
{
#if defined(FPGA_CARD_SRIOV_LOCK_around)
	return PCI_COMPAT_SRIOV_AROUND;
#elif defined(FPGA_CARD_SRIOV_LOCK_inside)
	return PCI_COMPAT_SRIOV_INSIDE;
#else
	return PCI_COMPAT_SRIOV_UNKNOWN;
#endif
}

/*
 * Between these a thread removes functions for another one, which holds the rescan lock
 * for that and waits for it. From 6.18 on pci_stop_and_remove_bus_device() has lockdep
 * ask whether the thread itself has the lock.
 */
static inline void pci_compat_lent_lock(void)
{
#ifdef FPGA_CARD_REMOVAL_ASSERTS
	lockdep_off();
#endif
}

static inline void pci_compat_lent_unlock(void)
{
#ifdef FPGA_CARD_REMOVAL_ASSERTS
	lockdep_on();
#endif
}

#ifdef FPGA_CARD_SRIOV_EXPECT_RESET
#define PCI_COMPAT_EXPECTS_RESET	true

/* The device lock is held. */
static inline void pci_compat_expect_reset(struct pci_dev *pf, bool expected)
{
	pci_sriov_expect_reset(pf, expected);
}
#else
#define PCI_COMPAT_EXPECTS_RESET	false

static inline void pci_compat_expect_reset(struct pci_dev *pf, bool expected)
{
}
#endif

#endif /* _FPGA_CARD_COMPAT_SRIOV_H */
