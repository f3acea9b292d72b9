/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a load ended, and something to happen in the middle of one.
 */
#ifndef _FPGA_CARD_KUNIT_OUTCOME_H
#define _FPGA_CARD_KUNIT_OUTCOME_H

#include "fixture.h"
#include "fpga/request.h"

/* Longer than a case lasts. */
#define OUTCOME_FOREVER_MS	600000

/* Longer than pciehp takes for anything but its five seconds of blinking. */
#define OUTCOME_WAIT_MS		8000

/**
 * struct outcome_moment - something that happens when a card enters a state
 *
 * Whoever changes the state goes on when it has happened.
 *
 * @fx: the host; the card is the one below its first port
 * @state: name of the state
 * @skip: let it pass so many times
 * @again: and then do it each time, not once
 * @act: what happens; may not sleep
 * @data: for @act
 * @port: the port above the card
 * @seen: how often the card has entered the state
 */
struct outcome_moment {
	struct fixture *fx;
	const char *state;
	unsigned int skip;
	bool again;
	void (*act)(struct outcome_moment *moment);
	const void *data;
	struct pci_dev *port;
	unsigned int seen;
};

void outcome_moment_start(struct outcome_moment *moment);
void outcome_moment_stop(struct outcome_moment *moment);

void outcome_set_faults(struct outcome_moment *moment);

/**
 * struct outcome_hold - a card that begins when it is waited for
 *
 * That is later than the trigger, and with the link disabled for the load: a card
 * that gets stuck is not helped by that.
 *
 * @trigger: when the card is told to wait
 * @begin: when it is to begin
 * @held: what it does wrong before, which is to wait
 */
struct outcome_hold {
	struct outcome_moment trigger;
	struct outcome_moment begin;
	struct pcie_card_sim_faults held;
};

void outcome_hold_start(struct outcome_hold *hold, struct fixture *fx,
			const struct pcie_card_sim_faults *faults, bool again);
void outcome_hold_stop(struct outcome_hold *hold);

struct fpga_card *outcome_boot(struct fixture *fx, const char *image);
void outcome_expect_error(struct kunit *test, struct fpga_card *card,
			  const char *part);
void outcome_expect_no_error(struct kunit *test, struct fpga_card *card,
			     const char *part);
void outcome_expect_refused(struct fixture *fx, struct fpga_card *card,
			    struct device *dev, const char *how);
void outcome_expect_state(struct kunit *test, struct fpga_card *card,
			  enum fpga_card_state state);
void outcome_expect_runs(struct fixture *fx, struct fpga_card *card,
			 const char *image);
bool outcome_has_functions(struct fixture *fx, const char *image);
bool outcome_wait_functions(struct fixture *fx, const char *image);
void outcome_expect_controls(struct fixture *fx, const u32 *saved);
unsigned int outcome_count(struct fixture *fx, enum pcie_card_sim_what what,
			   u64 from);

#endif /* _FPGA_CARD_KUNIT_OUTCOME_H */
