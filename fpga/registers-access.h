/* SPDX-License-Identifier: GPL-2.0-only */
/* Reaching the registers of a sequence: for registers.c. */
#ifndef _FPGA_CARD_REGISTERS_ACCESS_H
#define _FPGA_CARD_REGISTERS_ACCESS_H

#include <linux/pci.h>

#include "sequence.h"

/**
 * struct fpga_card_span - the part of a BAR that a sequence uses
 * @from: where it begins
 * @to: where it ends; 0 if the sequence does not use the BAR
 * @base: where @from is mapped
 */
struct fpga_card_span {
	u64 from;
	u64 to;
	void __iomem *base;
};

/**
 * struct fpga_card_access - a function whose registers are used
 * @pdev: the function, referenced by the caller
 * @seq: the sequence
 * @pos: for each step, where its place begins in configuration space
 * @bars: BARs that are requested, bits 1 << number
 * @command: its Command register before
 * @enabled: which bits of that are set meanwhile, until a reset
 * @spans: what of its BARs is mapped
 */
struct fpga_card_access {
	struct pci_dev *pdev;
	const struct fpga_card_sequence *seq;
	int *pos;
	int bars;
	u16 command;
	u16 enabled;
	struct fpga_card_span spans[PCI_STD_NUM_BARS];
};

int fpga_card_access_check(struct pci_dev *pdev, const struct fpga_card_sequence *seq,
			   struct fpga_card_fault *fault);
int fpga_card_access_begin(struct fpga_card_access *access,
			   const struct fpga_card_sequence *seq,
			   struct fpga_card_fault *fault);
int fpga_card_access_step(struct fpga_card_access *access,
			  const struct fpga_card_step *step, u64 address,
			  struct fpga_card_fault *fault);
void fpga_card_access_end(struct fpga_card_access *access);

#endif /* _FPGA_CARD_REGISTERS_ACCESS_H */
