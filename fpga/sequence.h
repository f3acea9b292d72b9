/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done to the registers of a function to have its card load: the steps of the
 * attribute "sequence". Documentation/ABI/testing/configfs-fpga-card has the language.
 */
#ifndef _FPGA_CARD_SEQUENCE_H
#define _FPGA_CARD_SEQUENCE_H

#include <linux/compiler_attributes.h>
#include <linux/time64.h>
#include <linux/types.h>

/* Longest text, without the terminating NUL: what configfs hands over in one write less one. */
#define FPGA_CARD_SEQUENCE_MAX	4094

/* All waits and pauses of a sequence together: a load waits for them as for its trigger. */
#define FPGA_CARD_SEQUENCE_US	(60 * USEC_PER_SEC)

/* Longest sentence on what is wrong, with the terminating NUL: a clause of last_error. */
#define FPGA_CARD_FAULT_MAX	160

/**
 * enum fpga_card_step_kind - what a step does
 * @FPGA_CARD_STEP_WRITE: writes a register
 * @FPGA_CARD_STEP_WAIT: waits for a value in a register
 * @FPGA_CARD_STEP_PAUSE: lets time pass
 */
enum fpga_card_step_kind {
	FPGA_CARD_STEP_WRITE,
	FPGA_CARD_STEP_WAIT,
	FPGA_CARD_STEP_PAUSE,
};

/**
 * enum fpga_card_place_kind - what an offset counts from
 * @FPGA_CARD_PLACE_BAR: a BAR
 * @FPGA_CARD_PLACE_CONFIG: configuration space
 * @FPGA_CARD_PLACE_VNDR: the first vendor-specific capability (PCIe r6.0, sec 7.9.4)
 * @FPGA_CARD_PLACE_VSEC: a vendor-specific extended capability (sec 7.9.5)
 * @FPGA_CARD_PLACE_DVSEC: a designated vendor-specific extended capability (sec 7.9.6)
 */
enum fpga_card_place_kind {
	FPGA_CARD_PLACE_BAR,
	FPGA_CARD_PLACE_CONFIG,
	FPGA_CARD_PLACE_VNDR,
	FPGA_CARD_PLACE_VSEC,
	FPGA_CARD_PLACE_DVSEC,
};

/**
 * struct fpga_card_place - where a register is
 * @kind: what @offset counts from
 * @bar: number of the BAR
 * @any_revision: of the extended capability
 * @revision: if not any
 * @vendor: vendor of the extended capability
 * @id: its ID
 * @offset: in bytes
 */
struct fpga_card_place {
	enum fpga_card_place_kind kind;
	u8 bar;
	bool any_revision;
	u8 revision;
	u16 vendor;
	u16 id;
	u64 offset;
};

/**
 * struct fpga_card_value - a number, or what is made of the image's address
 * @address: it is made of the address; else it is @bits
 * @right: by how much the address is shifted to the right
 * @left: and to the left
 * @mask: which bits of that are taken
 * @bits: bits that are added
 */
struct fpga_card_value {
	bool address;
	u8 right;
	u8 left;
	u64 mask;
	u64 bits;
};

/**
 * struct fpga_card_step - a step
 * @line: in the text, from 1
 * @kind: what it does
 * @width: of the register, in bytes
 * @place: where the register is
 * @mask: bits that a wait looks at
 * @value: what is written, or waited for
 * @us: longest time of a wait, or time of a pause
 */
struct fpga_card_step {
	unsigned int line;
	enum fpga_card_step_kind kind;
	u8 width;
	struct fpga_card_place place;
	u64 mask;
	struct fpga_card_value value;
	u64 us;
};

/**
 * struct fpga_card_sequence - a sequence
 * @text: as it was written
 * @us: all times together
 * @last_write: number of the last step that writes
 * @leave: number of the step from which on the card may leave the bus, with what is left
 *	then left out; @count if it may only behind @last_write
 * @hot_reset: behind the steps the card loads at a hot reset, and never before
 * @count: number of @steps
 * @steps: the steps
 */
struct fpga_card_sequence {
	char *text;
	u64 us;
	unsigned int last_write;
	unsigned int leave;
	bool hot_reset;
	unsigned int count;
	struct fpga_card_step steps[];
};

/**
 * struct fpga_card_fault - what is wrong with a sequence
 * @line: in which line, from 1; 0 if it is none of them
 * @why: a clause for people, with the line
 */
struct fpga_card_fault {
	unsigned int line;
	char why[FPGA_CARD_FAULT_MAX];
};

/* sequence-place.c */
int fpga_card_number(const char *word, u64 *number);
int fpga_card_named_place(char *word, struct fpga_card_place *place);
u64 fpga_card_place_size(const struct fpga_card_place *place);
u64 fpga_card_place_header(const struct fpga_card_place *place);
int fpga_card_place_print(const struct fpga_card_place *place, char *buf, size_t len);

/* sequence.c */
__printf(4, 5)
int fpga_card_fault(struct fpga_card_fault *fault, unsigned int line, int err,
		    const char *fmt, ...);
u64 fpga_card_width_mask(unsigned int width);
u64 fpga_card_value_of(const struct fpga_card_value *value, u64 address);
int fpga_card_step_print(const struct fpga_card_step *step, u64 address, char *buf,
			 size_t len);
struct fpga_card_sequence *fpga_card_sequence_parse(const char *text, size_t len,
						    struct fpga_card_fault *fault);
void fpga_card_sequence_free(struct fpga_card_sequence *seq);

#endif /* _FPGA_CARD_SEQUENCE_H */
