/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a front end needs that is a module of its own: fpga-card-devlink. It includes
 * this, and no other header of fpga/. Nobody else does but front.c, and what calls that.
 */
#ifndef _FPGA_CARD_FRONT_H
#define _FPGA_CARD_FRONT_H

#include <linux/fpga/fpga-card.h>
#include <linux/list.h>
#include <linux/types.h>

#include "record.h"

struct firmware;

/* Longest sentence, with the terminating NUL. */
#define FPGA_CARD_FRONT_TEXT_MAX	768

/**
 * struct fpga_card_front - a front end
 * @changed: a card came or went, or something about one changed. Any context, with locks
 *	held that the removal of a card takes: it queues a work, and nothing else
 * @node: entry in the list of front ends
 */
struct fpga_card_front {
	void (*changed)(struct fpga_card_front *front);
	struct list_head node;
};

/**
 * struct fpga_card_status - what a card is and does
 * @back_end: name of its back end, or of the last one
 * @takes_files: that takes images that come as files
 * @state: what the card does
 * @failed: the last request that touched the card failed
 * @lost: and left nothing below the port
 * @outcome: what became of the last request
 * @loads: how many loads touched the card
 * @failures: how many requests touched it and did not come to a good end
 * @recoveries: how often a recovery had the card back
 * @running: the image that runs, empty if unknown
 * @staged: the image that is in place to be loaded next, empty if none is
 * @serial: Device Serial Number, 0 for none, or if the card is away
 * @vendor: of the first function, 0 if there is none
 * @device: likewise
 * @error: a sentence on the last request, empty if it succeeded; names no process
 */
struct fpga_card_status {
	char back_end[32];
	bool takes_files;
	const char *state;
	bool failed;
	bool lost;
	const char *outcome;
	unsigned int loads;
	unsigned int failures;
	unsigned int recoveries;
	char running[FPGA_CARD_NAME_MAX + 1];
	char staged[FPGA_CARD_NAME_MAX + 1];
	u64 serial;
	u16 vendor;
	u16 device;
	char error[FPGA_CARD_FRONT_TEXT_MAX];
};

/**
 * struct fpga_card_asker - how a front end asks, and what it is told
 * @sees_processes: whether @why may name processes
 * @progress: optional; how much of the image is in place, in per cent. Called in the
 *	asker's thread, with no lock held but the asker's
 * @priv: argument of @progress
 * @touched: set: the request changed something, so what failed was no refusal
 * @why: set: what went wrong, as a sentence; empty if nothing did
 */
struct fpga_card_asker {
	bool sees_processes;
	void (*progress)(void *priv, unsigned int percent);
	void *priv;
	bool touched;
	char why[FPGA_CARD_FRONT_TEXT_MAX];
};

void fpga_card_front_register(struct fpga_card_front *front);
void fpga_card_front_unregister(struct fpga_card_front *front);
struct fpga_card *fpga_card_front_next(int *after);
bool fpga_card_front_is_gone(struct fpga_card *card);
int fpga_card_front_name(struct fpga_card *card, char *buf, size_t len);
void fpga_card_front_status(struct fpga_card *card,
			    struct fpga_card_status *status);
int fpga_card_front_stage(struct fpga_card *card, const struct firmware **fw,
			  struct fpga_card_asker *asker);
int fpga_card_front_activate(struct fpga_card *card, struct fpga_card_asker *asker);
int fpga_card_front_recover(struct fpga_card *card, struct fpga_card_asker *asker);

/* For main.c */
void fpga_card_front_changed(void);

#endif /* _FPGA_CARD_FRONT_H */
