/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reload window on a port of a simulated host, for cards that no back end
 * knows.
 */
#ifndef _FPGA_CARD_KUNIT_WINDOW_H
#define _FPGA_CARD_KUNIT_WINDOW_H

#include <linux/pci-reload.h>

#include "fixture.h"

/* Longer than the simulated card takes to train its link. */
#define WINDOW_TIMEOUT_MS	5000

struct window_owner {
	bool cancelled;
};

int window_init(struct kunit *test);
struct pci_reload *window_alloc(struct fixture *fx, unsigned int port,
				struct window_owner *owner);
void window_empty(struct kunit *test, struct pci_reload *pr);
void window_down(struct kunit *test, struct pci_reload *pr);
void window_up(struct kunit *test, struct pci_reload *pr);
void window_end(struct kunit *test, struct pci_reload *pr);
void window_expect_reason(struct kunit *test, struct pci_reload *pr,
			  const char *part);

#endif /* _FPGA_CARD_KUNIT_WINDOW_H */
