/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long a card is waited for, and why so long. For all of fpga/ but back ends, whose
 * images have times of their own; those of the link are in pci/times.h.
 */
#ifndef _FPGA_CARD_TIMES_H
#define _FPGA_CARD_TIMES_H

/*
 * Ceiling for times that users write: an hour. Jiffies arithmetic and users' patience both
 * end well above what any card's documentation names.
 */
#define FPGA_CARD_TIMEOUT_MAX_MS	(60 * 60 * 1000)

/*
 * For the control function's driver to bind and its back end to attach after an
 * enumeration. Nearly always it has by then; a driver that probes asynchronously, or that
 * is loaded by udev for the new IDs, takes longer. A back end may ask for another time.
 */
#define FPGA_CARD_ATTACH_MS		5000

/* How often the link is looked at while a back end is waited for. */
#define FPGA_CARD_LOOK_MS		20

/*
 * How often users are woken to see how far staging has come: more often than they can look
 * costs time that the copy could have.
 */
#define FPGA_CARD_PROGRESS_MS		50

/* For a card to be as it was after a request that was cancelled. */
#define FPGA_CARD_CANCEL_MS		10000

/* For a check to end. What takes time in one is reading a large file and its digest. */
#define FPGA_CARD_CHECK_MS		10000

/*
 * For a card whose node has gone while it serves a request. Longer than any but an
 * unusual image takes.
 */
#define FPGA_CARD_SYNC_MS		30000

#endif /* _FPGA_CARD_TIMES_H */
