/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reload window on a port of a simulated host, for cards that no back end
 * knows.
 */
#ifndef _FPGA_CARD_KUNIT_WINDOW_H
#define _FPGA_CARD_KUNIT_WINDOW_H

#include <linux/pci-reload.h>
#include <linux/workqueue.h>

#include "fixture.h"

/* Longer than the simulated card takes to train its link. */
#define WINDOW_TIMEOUT_MS	5000

/*
 * When a wait is cancelled, and when it would end by itself. The one is long enough
 * for it to have begun, the other so far away that it has not ended.
 */
#define WINDOW_CANCEL_MS	200
#define WINDOW_WHOLE_MS		1500

/**
 * struct window_owner - owner of a window
 * @cancelled: what he answers: he does not want it any more
 * @asked: how often he was asked while he still did
 * @work: sets @cancelled
 */
struct window_owner {
	bool cancelled;
	atomic_t asked;
	struct delayed_work work;
};

int window_init(struct kunit *test);
struct pci_reload *window_alloc(struct fixture *fx, unsigned int port,
				struct window_owner *owner);
void window_empty(struct kunit *test, struct pci_reload *pr);
void window_down(struct kunit *test, struct pci_reload *pr);
void window_up(struct kunit *test, struct pci_reload *pr);
void window_port_forgets(struct fixture *fx, unsigned int port);
void window_end(struct kunit *test, struct pci_reload *pr);
void window_expect_cancelled(struct kunit *test, struct pci_reload *pr,
			     struct window_owner *owner, unsigned int whole_ms,
			     int (*wait)(struct pci_reload *pr,
					 unsigned int ms));
void window_expect_reason(struct kunit *test, struct pci_reload *pr,
			  const char *part);

#endif /* _FPGA_CARD_KUNIT_WINDOW_H */
