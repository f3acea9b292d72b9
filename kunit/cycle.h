/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Windows on the port of a simulated card that no back end knows, step by step,
 * and a driver for its functions that does what a case wants.
 */
#ifndef _FPGA_CARD_KUNIT_CYCLE_H
#define _FPGA_CARD_KUNIT_CYCLE_H

#include <linux/pci-reload.h>

#include "fixture.h"

#define CYCLE_TIMEOUT_MS	1000

/* Functions of this class have the driver below, and no other. */
#define CYCLE_CLASS		0x118000
#define CYCLE_DRIVER		"fpga-card-kunit-function"

/**
 * struct cycle_hooks - what a case wants of the driver and of config space
 * @probe: called at the end of probe()
 * @remove: called by remove(); VFs are left as they are without it
 * @sriov: instead of pci_sriov_configure_simple()
 * @read: may change what a read from the card gives
 * @cancelled: what the window's owner answers
 * @stuck: what he was told of whom the window waits for
 * @data: for the case
 */
struct cycle_hooks {
	void (*probe)(struct pci_dev *pdev);
	void (*remove)(struct pci_dev *pdev);
	int (*sriov)(struct pci_dev *pdev, int num_vfs);
	void (*read)(struct pci_bus *bus, unsigned int devfn, int where,
		     int size, u32 *val);
	bool cancelled;
	char stuck[256];
	void *data;
};

/* One case runs at a time. */
extern struct cycle_hooks cycle_hooks;

int cycle_suite_init(struct kunit_suite *suite);
void cycle_suite_exit(struct kunit_suite *suite);
void cycle_add_driver(struct fixture *fx);
int cycle_init(struct kunit *test);
void cycle_exit(struct kunit *test);

void cycle_boot(struct fixture *fx, const char *image);
void cycle_hook_reads(struct fixture *fx, unsigned int port);
struct pci_dev *cycle_function(struct fixture *fx, unsigned int fn);
struct pci_reload *cycle_alloc(struct fixture *fx);
struct pci_reload *cycle_open(struct fixture *fx);
void cycle_ready(struct fixture *fx, struct pci_reload *pr, const char *image);
void cycle_load(struct fixture *fx, struct pci_reload *pr, const char *image);
void cycle_close(struct fixture *fx, struct pci_reload *pr);
void cycle_enable_vfs(struct fixture *fx, struct pci_dev *pf, int num);
void cycle_expect_reason(struct fixture *fx, struct pci_reload *pr,
			 const char *part);
u64 cycle_event(struct fixture *fx, enum pcie_card_sim_what what,
		const char *name);
unsigned int cycle_count_events(struct fixture *fx, unsigned long what,
				int devfn);

#endif /* _FPGA_CARD_KUNIT_CYCLE_H */
