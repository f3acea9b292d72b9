/* SPDX-License-Identifier: GPL-2.0-only */
/* Cards that load by registers of a function: for builtin.c. */
#ifndef _FPGA_CARD_REGISTERS_H
#define _FPGA_CARD_REGISTERS_H

#include "sequence.h"

struct fpga_card;
struct pci_dev;

/**
 * struct fpga_card_registers - by which registers a card is made to load
 * @port: the port above the card; referenced by whoever has this
 * @domain: PCI domain of the function
 * @bus: its bus
 * @devfn: its device and function number
 * @sequence: what is done
 */
struct fpga_card_registers {
	struct pci_dev *port;
	int domain;
	unsigned int bus;
	unsigned int devfn;
	const struct fpga_card_sequence *sequence;
};

struct pci_dev *fpga_card_registers_get(const struct fpga_card_registers *regs);
int fpga_card_registers_check(const struct fpga_card_registers *regs,
			      const u64 *addresses, unsigned int count,
			      struct fpga_card_fault *fault);
int fpga_card_registers_run(const struct fpga_card_registers *regs, u64 address,
			    struct fpga_card_fault *fault);
int fpga_card_registers_describe(const struct fpga_card_registers *regs, u64 address,
				 char *buf, size_t len);

#endif /* _FPGA_CARD_REGISTERS_H */
