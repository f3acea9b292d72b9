/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can happen in a random walk: cards that do something wrong, and strangers.
 */
#ifndef _FPGA_CARD_KUNIT_TORTURE_H
#define _FPGA_CARD_KUNIT_TORTURE_H

#include <linux/prandom.h>
#include <linux/workqueue.h>

#include "outcome.h"

/**
 * enum torture_fault - what a card does wrong; see &struct pcie_card_sim_faults
 * @TORTURE_NO_FAULT: nothing
 * @TORTURE_STUCK: it does not return until something helps
 * @TORTURE_IGNORE_DISABLE: its link does not go with Link Disable
 * @TORTURE_BAD_HEADER: no function is found
 * @TORTURE_REJECT: it takes no trigger
 * @TORTURE_BUSY: it is busy
 * @TORTURE_WRONG_IMAGE: it loads another image
 * @TORTURE_RETRY: it asks to be tried later
 * @TORTURE_TRANSIENT: it has no IDs for a while
 * @TORTURE_LATE: it begins a while after the trigger
 * @TORTURE_FLAP: its link goes once more
 * @TORTURE_IGNORE_RESET: its port resets nothing
 * @TORTURE_FORGET: its port loses its registers at a reset
 * @TORTURE_SLOW_LINK: its link comes up slower or narrower
 * @TORTURE_FAULTS: number of faults
 */
enum torture_fault {
	TORTURE_NO_FAULT,
	TORTURE_STUCK,
	TORTURE_IGNORE_DISABLE,
	TORTURE_BAD_HEADER,
	TORTURE_REJECT,
	TORTURE_BUSY,
	TORTURE_WRONG_IMAGE,
	TORTURE_RETRY,
	TORTURE_TRANSIENT,
	TORTURE_LATE,
	TORTURE_FLAP,
	TORTURE_IGNORE_RESET,
	TORTURE_FORGET,
	TORTURE_SLOW_LINK,
	TORTURE_FAULTS
};

/**
 * struct torture_stranger - somebody who does something in the middle of a load
 * @moment: when
 * @work: does it, where one may sleep
 * @what: what
 * @state: name of the state of the load in which it begins
 * @takes: functions may be missing afterwards, or the card may run something else
 * @disturbs: the port notes something that no window has kept quiet
 * @loaded: an image of its own was loaded after all, when the load was over
 * @fx: the host
 * @card: the card
 * @pick: decides on which function
 */
struct torture_stranger {
	struct outcome_moment moment;
	struct work_struct work;
	unsigned int what;
	const char *state;
	bool takes;
	bool disturbs;
	bool loaded;
	struct fixture *fx;
	struct fpga_card *card;
	u32 pick;
};

const char *torture_fault_name(enum torture_fault fault);
void torture_set_fault(struct pcie_card_sim_faults *faults,
		       enum torture_fault fault, struct rnd_state *rnd,
		       const char *image);
bool torture_can_be_saved(const struct pcie_card_sim_faults *faults,
			  const struct pcie_card_sim_port *port);

bool torture_link_may_go(const struct pcie_card_sim_faults *faults);
const char *torture_stranger_name(const struct torture_stranger *stranger);
void torture_stranger_start(struct torture_stranger *stranger, struct fixture *fx,
			    struct fpga_card *card,
			    const struct pcie_card_sim_faults *faults,
			    struct rnd_state *rnd);
void torture_stranger_stop(struct torture_stranger *stranger);
void torture_help(struct fixture *fx);

#endif /* _FPGA_CARD_KUNIT_TORTURE_H */
