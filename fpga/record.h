/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be told of a request: what was asked, the steps and how long they took, what
 * became of it. For all of fpga/ but back ends that are modules of their own.
 */
#ifndef _FPGA_CARD_RECORD_H
#define _FPGA_CARD_RECORD_H

#include <linux/fpga/fpga-card.h>
#include <linux/ktime.h>
#include <linux/pci-reload.h>
#include <linux/types.h>

/* Longest name that firmware_name takes, a path below the firmware path. */
#define FPGA_CARD_REQUEST_MAX	255

/* How many requests are remembered. */
#define FPGA_CARD_HISTORY	16

/**
 * enum fpga_card_state - what a card is doing
 *
 * The names that users see are in state.c, what they mean is in
 * Documentation/ABI/testing/sysfs-class-fpga-region-card.
 *
 * @FPGA_CARD_IDLE: the last request that touched the card succeeded, or there
 *	was none
 * @FPGA_CARD_PREFLIGHT: the request is validated; nothing has changed
 * @FPGA_CARD_STAGING: an image file is written to the running card
 * @FPGA_CARD_DRAINING: user space was told of the outage, and may let go of the card
 * @FPGA_CARD_OPENING: the port's error reporting is made quiet
 * @FPGA_CARD_REMOVING: functions are removed, save the control function
 * @FPGA_CARD_UNBINDING: other children of the control function are unbound
 * @FPGA_CARD_TRIGGERING: the card is told to load the image
 * @FPGA_CARD_LINK_DOWN: the link is disabled
 * @FPGA_CARD_REMOVING_RESERVED: the control function is removed
 * @FPGA_CARD_AWAITING_RESET: the card may reset itself; waiting for it to begin
 * @FPGA_CARD_LOADING: the card loads its image; waiting for the link
 * @FPGA_CARD_SETTLING: the link is up; waiting for the card to answer
 * @FPGA_CARD_ENUMERATING: the new functions are enumerated
 * @FPGA_CARD_VERIFYING: the card is asked which image runs
 * @FPGA_CARD_CLOSING: the port's registers are put back
 * @FPGA_CARD_RECOVERING: something failed; the card is brought back
 * @FPGA_CARD_FAILED: the last request that touched the card failed
 * @FPGA_CARD_STATES: number of states
 */
enum fpga_card_state {
	FPGA_CARD_IDLE,
	FPGA_CARD_PREFLIGHT,
	FPGA_CARD_STAGING,
	FPGA_CARD_DRAINING,
	FPGA_CARD_OPENING,
	FPGA_CARD_REMOVING,
	FPGA_CARD_UNBINDING,
	FPGA_CARD_TRIGGERING,
	FPGA_CARD_LINK_DOWN,
	FPGA_CARD_REMOVING_RESERVED,
	FPGA_CARD_AWAITING_RESET,
	FPGA_CARD_LOADING,
	FPGA_CARD_SETTLING,
	FPGA_CARD_ENUMERATING,
	FPGA_CARD_VERIFYING,
	FPGA_CARD_CLOSING,
	FPGA_CARD_RECOVERING,
	FPGA_CARD_FAILED,
	FPGA_CARD_STATES
};

/**
 * enum fpga_card_job - what is asked of a card
 * @FPGA_CARD_LOAD: load an image
 * @FPGA_CARD_CHECK: say whether the image could be loaded, and do not touch
 *	anything
 * @FPGA_CARD_RECOVER: bring the card back, with whatever image
 * @FPGA_CARD_STAGE: bring an image into place on the running card
 * @FPGA_CARD_UNSTAGE: forget what was staged
 * @FPGA_CARD_ACTIVATE: load what was staged
 * @FPGA_CARD_ROLL_BACK: load the image that ran before a load that failed; part
 *	of the request for that
 * @FPGA_CARD_ANNOUNCED: the card is about to reset itself: be out of its way, and find
 *	it again, with whatever image
 */
enum fpga_card_job {
	FPGA_CARD_LOAD,
	FPGA_CARD_CHECK,
	FPGA_CARD_RECOVER,
	FPGA_CARD_STAGE,
	FPGA_CARD_UNSTAGE,
	FPGA_CARD_ACTIVATE,
	FPGA_CARD_ROLL_BACK,
	FPGA_CARD_ANNOUNCED,
};

/* Others leave the card's functions where they are. */
static inline bool fpga_card_job_has_outage(enum fpga_card_job job)
{
	return job == FPGA_CARD_LOAD || job == FPGA_CARD_ACTIVATE ||
	       job == FPGA_CARD_RECOVER || job == FPGA_CARD_ROLL_BACK ||
	       job == FPGA_CARD_ANNOUNCED;
}

/**
 * enum fpga_card_outcome - what is true of a card after a request
 *
 * The names that users see are in outcome.c.
 *
 * @FPGA_CARD_OUTCOME_NONE: there was no request
 * @FPGA_CARD_SUCCESS: what was asked for is the case
 * @FPGA_CARD_DEGRADED: the image runs, but something is less than it was, or than it
 *	promises
 * @FPGA_CARD_REFUSED: nothing was touched
 * @FPGA_CARD_CANCELLED: it was given up before the trigger, and the card is as it was
 * @FPGA_CARD_ROLLED_BACK: it failed, and the image that ran before runs
 * @FPGA_CARD_RECOVERED: the card is there, with whatever image
 * @FPGA_CARD_LOST: there is no function below the port
 * @FPGA_CARD_OUTCOMES: number of outcomes
 */
enum fpga_card_outcome {
	FPGA_CARD_OUTCOME_NONE,
	FPGA_CARD_SUCCESS,
	FPGA_CARD_DEGRADED,
	FPGA_CARD_REFUSED,
	FPGA_CARD_CANCELLED,
	FPGA_CARD_ROLLED_BACK,
	FPGA_CARD_RECOVERED,
	FPGA_CARD_LOST,
	FPGA_CARD_OUTCOMES
};

/**
 * struct fpga_card_record - a request that is over
 * @number: of the request, from 1
 * @job: what was asked
 * @outcome: what became of it
 * @error: 0 or a negative errno, as who asked was told
 * @name: the image as asked for; empty for a recovery
 * @previous: image that ran before, empty if unknown
 * @when: wall-clock time of its beginning, in seconds
 * @duration_us: from its beginning to its end
 * @outage_us: from the first removal of a function until the last one was bound; 0 if
 *	none was removed
 * @steps_us: how long the card was in each state
 * @before: the link when it began
 * @after: the link when it ended
 */
struct fpga_card_record {
	u64 number;
	enum fpga_card_job job;
	enum fpga_card_outcome outcome;
	int error;
	char name[FPGA_CARD_REQUEST_MAX + 1];
	char previous[FPGA_CARD_NAME_MAX + 1];
	time64_t when;
	s64 duration_us;
	s64 outage_us;
	u32 steps_us[FPGA_CARD_STATES];
	struct pci_reload_link before;
	struct pci_reload_link after;
};

/**
 * struct fpga_card_history - what was asked of a card
 *
 * Under &struct fpga_card.lock.
 *
 * @count: how many requests there were that were no checks
 * @ring: the last of them, number N in element N - 1 modulo its length
 * @loads: loads that touched the card
 * @failures: requests that touched it and did not come to a good end
 * @recoveries: how often a recovery had the card back
 */
struct fpga_card_history {
	u64 count;
	struct fpga_card_record ring[FPGA_CARD_HISTORY];
	unsigned int loads;
	unsigned int failures;
	unsigned int recoveries;
};

/* state.c, outcome.c, history.c */
const char *fpga_card_state_name(enum fpga_card_state state);
const char *fpga_card_outcome_name(enum fpga_card_outcome outcome);
const char *fpga_card_record_request(const struct fpga_card_record *record);
bool fpga_card_history_get(struct fpga_card *card, unsigned int ago,
			   struct fpga_card_record *record);

#endif /* _FPGA_CARD_RECORD_H */
