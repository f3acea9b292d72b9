/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of a reload window share.
 */
#ifndef _PCI_RELOAD_INTERNAL_H
#define _PCI_RELOAD_INTERNAL_H

#include <linux/list.h>
#include <linux/pci-reload.h>
#include <linux/types.h>

struct pci_bus;
struct pci_dev;

#define PCI_RELOAD_REASON_MAX	256

/* Registers of a port that a window changes; see the table in contain.c. */
#define PCI_RELOAD_CONTROLS	10
#define PCI_RELOAD_STATUSES	8

/*
 * Between two looks at a register in a poll loop. Link training takes the LTSSM
 * several milliseconds (PCIe r6.0, sec 4.2.7), so a finer grain gains nothing.
 */
#define PCI_RELOAD_POLL_MIN_US	1000
#define PCI_RELOAD_POLL_MAX_US	2000

/**
 * enum pci_reload_state - how far a window has come
 * @PCI_RELOAD_CLOSED: the port is as its drivers left it
 * @PCI_RELOAD_OPEN: errors are contained, slot events are off
 * @PCI_RELOAD_REMOVED: only the kept function and its ancestors are left
 * @PCI_RELOAD_DOWN: the link is disabled
 * @PCI_RELOAD_EMPTY: nothing is left below the port
 * @PCI_RELOAD_TRAINED: the link is up again
 * @PCI_RELOAD_READY: the card answers configuration requests
 * @PCI_RELOAD_ENUMERATED: what the card has now is there with drivers bound
 */
enum pci_reload_state {
	PCI_RELOAD_CLOSED,
	PCI_RELOAD_OPEN,
	PCI_RELOAD_REMOVED,
	PCI_RELOAD_DOWN,
	PCI_RELOAD_EMPTY,
	PCI_RELOAD_TRAINED,
	PCI_RELOAD_READY,
	PCI_RELOAD_ENUMERATED,
};

/**
 * struct pci_reload - a reload window
 *
 * Its owner calls into a window from one thread at a time; only @gone is
 * written by others.
 *
 * @port: the downstream port; referenced, so the structure stays when the
 *	device goes
 * @bus: the bus below @port; referenced, for the same reason
 * @ops: the owner's answers
 * @priv: argument of @ops
 * @node: entry in the list of windows; under pci_reload_windows_lock
 * @state: how far the window has come; written by pci_reload_set_state() only
 * @gone: the port is being removed: nothing may touch it any more. Set once,
 *	from any context
 * @link_disabled: this window set the Link Disable bit of @port
 * @controls: values of the control registers at opening, in table order
 * @statuses: values of the status registers at opening, in table order
 * @reason: a sentence on the last failure, empty if there was none
 */
struct pci_reload {
	struct pci_dev *port;
	struct pci_bus *bus;
	const struct pci_reload_ops *ops;
	void *priv;
	struct list_head node;
	enum pci_reload_state state;
	bool gone;
	bool link_disabled;
	u32 controls[PCI_RELOAD_CONTROLS];
	u32 statuses[PCI_RELOAD_STATUSES];
	char reason[PCI_RELOAD_REASON_MAX];
};

/* window.c */
__printf(3, 4)
int pci_reload_fail(struct pci_reload *pr, int err, const char *fmt, ...);
int pci_reload_interrupted(struct pci_reload *pr);
int pci_reload_step(struct pci_reload *pr, enum pci_reload_state from,
		    enum pci_reload_state to);
void pci_reload_set_state(struct pci_reload *pr, enum pci_reload_state state);

/* contain.c */
void pci_reload_contain(struct pci_reload *pr);
void pci_reload_restore(struct pci_reload *pr);

/* link.c */
void pci_reload_link_release(struct pci_reload *pr);
bool pci_reload_link_active(struct pci_reload *pr);

/* teardown.c */
bool pci_reload_is_below(struct pci_reload *pr, struct pci_dev *pdev);

#endif /* _PCI_RELOAD_INTERNAL_H */
