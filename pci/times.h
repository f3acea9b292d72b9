/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long a window waits, for each thing that it waits for, and why so long. For all of
 * pci/; PCI_RELOAD_ANSWER_MS and PCI_RELOAD_PATIENCE_MS are in <linux/pci-reload.h>, as
 * owners of windows need them too.
 */
#ifndef _PCI_RELOAD_TIMES_H
#define _PCI_RELOAD_TIMES_H

#include <linux/pci-reload.h>

/* ---- Times of the specification ---- */

/*
 * Until the first configuration request: 100 ms from the end of the card's reset or, for
 * a port that supports more than 5.0 GT/s, from the link's coming up (PCIe r6.0, sec
 * 6.6.1). When the reset of a card that loads an image ended cannot be seen by the port;
 * it was before the training began.
 */
#define PCI_RELOAD_SETTLE_MS	100

/*
 * Link Disable takes the LTSSM to Disabled by way of Recovery, whose states time out
 * after 24 and 48 ms (PCIe r6.0, sec 4.2.7.4), and DL_Active goes with it.
 */
#define PCI_RELOAD_DISABLE_MS	100

/*
 * A function that its driver is resetting has its registers back when the reset is over,
 * for which it has 100 ms, and then as long as any to answer (PCIe r6.0, sec 6.6.2).
 */
#define PCI_RELOAD_RESET_MS	(100 + PCI_RELOAD_ANSWER_MS)

/*
 * A command to a slot completes within 1 s (PCIe r6.0, sec 6.7.3.2). Those of some ports
 * never say so, which is why a time-out is no error.
 */
#define PCI_RELOAD_COMMAND_MS	1000

/*
 * From switching the power off until anything may rely on its being off (PCIe r6.0, sec
 * 6.7.1.8).
 */
#define PCI_RELOAD_POWER_OFF_MS	1000

/* Until fields of the SR-IOV capability may be read (PCIe r6.0, sec 9.3.3.3.1). */
#define PCI_RELOAD_VFS_MS	1000

/* ---- Times of the kernel ---- */

/*
 * How long the ends of a link may try in vain before a lower speed is tried, and how long
 * they have with that: as the kernel gives them (PCIE_LINK_RETRAIN_TIMEOUT_MS).
 */
#define PCI_RELOAD_TRAIN_MS	1000

/*
 * How long a function's driver may keep its device lock while its VFs are to be disabled
 * or enabled: sriov_disable() itself sleeps 1 s with it held (PCIe r6.0, sec 9.3.3.3.1),
 * and a slow probe() is waited for.
 */
#define PCI_RELOAD_LOCK_MS	10000

/*
 * How long it may keep it for its VFs to be dealt with together with those of others. Who
 * reads an attribute of the function has it for less; who has it for longer is waited for
 * afterwards, for that function alone.
 */
#define PCI_RELOAD_TOGETHER_MS	100

/* ---- Times of our own ---- */

/* How often a window looks at what it waits for without a deadline. */
#define PCI_RELOAD_WATCH_MS	1000

/* After that long the log names whom a window waits for. */
#define PCI_RELOAD_WARN_MS	10000

/*
 * Between two looks at a register in a poll loop. Link training takes the LTSSM several
 * milliseconds (PCIe r6.0, sec 4.2.7), so a finer grain gains nothing.
 */
#define PCI_RELOAD_POLL_MIN_US	1000
#define PCI_RELOAD_POLL_MAX_US	2000

/*
 * A wait that may be long looks less often the longer it lasts: after
 * PCI_RELOAD_POLL_MIN_US, then after the time waited so far divided by
 * PCI_RELOAD_POLL_PART, but never later than after PCI_RELOAD_NAP_US, each plus the
 * timer's slack of a quarter. So late are an event and a cancellation noticed at most.
 */
#define PCI_RELOAD_POLL_PART	128
#define PCI_RELOAD_NAP_US	20000

/*
 * Where the owner knows between which times a link is likely to come up, from the last time,
 * a look costs least where it tells least. Far from these times the pauses are long, between
 * them they are PCI_RELOAD_POLL_MIN_US: the time that is left, or that has passed since,
 * divided by PCI_RELOAD_NEAR_PART. So a card that takes as long as last time is noticed
 * within 2 ms, and one that differs within a twelfth of that.
 *
 * A card that comes much earlier is noticed within a sixth of the time that it took, by
 * PCI_RELOAD_BEGUN_PART, and within PCI_RELOAD_COARSE_US and its slack. A wait of 20 s is
 * 260 looks then; with nothing known, 1100.
 */
#define PCI_RELOAD_NEAR_PART	16
#define PCI_RELOAD_BEGUN_PART	8
#define PCI_RELOAD_COARSE_US	100000

/* The same between two looks behind a bridge: user space hears of each. */
#define PCI_RELOAD_BEHIND_PART	8

#endif /* _PCI_RELOAD_TIMES_H */
