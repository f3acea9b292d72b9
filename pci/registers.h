/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a port, and of the bridges above it, that a window changes: for
 * registers.c, which has the tables, and for above.c and contain.c, which go through them.
 */
#ifndef _PCI_RELOAD_REGISTERS_H
#define _PCI_RELOAD_REGISTERS_H

#include <linux/bits.h>
#include <linux/types.h>

struct pci_dev;

/*
 * Device Readiness Status: DRS Supported, DRS Signaling Control, DRS Message Received (PCIe
 * r6.0, sec 7.5.3.18, 7.5.3.7 and 7.5.3.20)
 */
#define PCI_RELOAD_LNKCAP2_DRS	BIT(31)
#define PCI_RELOAD_LNKCTL_DRS	GENMASK(15, 14)
#define PCI_RELOAD_LNKSTA2_DRS	BIT(15)

/**
 * enum pci_reload_space - where a register is
 * @PCI_RELOAD_HEADER: configuration header
 * @PCI_RELOAD_EXP: PCI Express capability
 * @PCI_RELOAD_ROOT: PCI Express capability, root ports only
 * @PCI_RELOAD_SLOT: PCI Express capability, hot-plug slots only
 * @PCI_RELOAD_AER: Advanced Error Reporting capability
 * @PCI_RELOAD_AER_ROOT: the same, root ports only
 * @PCI_RELOAD_DPC: Downstream Port Containment capability
 * @PCI_RELOAD_RP_PIO: the same, with the extensions for root ports only
 * @PCI_RELOAD_DRS: PCI Express capability, ports that know Device Readiness Status only
 */
enum pci_reload_space {
	PCI_RELOAD_HEADER,
	PCI_RELOAD_EXP,
	PCI_RELOAD_ROOT,
	PCI_RELOAD_SLOT,
	PCI_RELOAD_AER,
	PCI_RELOAD_AER_ROOT,
	PCI_RELOAD_DPC,
	PCI_RELOAD_RP_PIO,
	PCI_RELOAD_DRS,
};

/**
 * enum pci_reload_owner - who sets a control register while no window is open
 * @PCI_RELOAD_BY_CORE: the PCI core, or firmware, once: nobody listens to it
 * @PCI_RELOAD_BY_PCIEHP: pciehp, at any time
 * @PCI_RELOAD_BY_BWCTRL: the bandwidth notification service, likewise
 * @PCI_RELOAD_BY_DPC: the service for Downstream Port Containment
 * @PCI_RELOAD_BY_AER: the service for Advanced Error Reporting
 * @PCI_RELOAD_BY_PME: that for Power Management Events
 *
 * All but the first are drivers of the port, which switch their bits off and on for
 * reasons of their own.
 */
enum pci_reload_owner {
	PCI_RELOAD_BY_CORE,
	PCI_RELOAD_BY_PCIEHP,
	PCI_RELOAD_BY_BWCTRL,
	PCI_RELOAD_BY_DPC,
	PCI_RELOAD_BY_AER,
	PCI_RELOAD_BY_PME,
};

/**
 * enum pci_reload_control - control registers, in the order in which they are changed
 * @PCI_RELOAD_CTL_SLOT: events of the slot
 * @PCI_RELOAD_CTL_LINK: bandwidth interrupts
 * @PCI_RELOAD_CTL_DRS: what is told of Device Readiness Status
 * @PCI_RELOAD_CTL_DPC: trigger and interrupt of DPC
 * @PCI_RELOAD_CTL_RP_PIO: errors of a root port's own requests
 * @PCI_RELOAD_CTL_AER_ROOT: interrupts of AER
 * @PCI_RELOAD_CTL_UNCOR: uncorrectable errors
 * @PCI_RELOAD_CTL_COR: correctable errors
 * @PCI_RELOAD_CTL_SYSTEM: system errors
 * @PCI_RELOAD_CTL_PME: interrupt of Power Management Events
 * @PCI_RELOAD_CTL_REPORT: error messages
 * @PCI_RELOAD_CTL_BRIDGE_SERR: messages from below that are forwarded
 * @PCI_RELOAD_CTL_SERR: messages of the bridge itself
 * @PCI_RELOAD_CONTROLS: how many there are
 */
enum pci_reload_control {
	PCI_RELOAD_CTL_SLOT,
	PCI_RELOAD_CTL_LINK,
	PCI_RELOAD_CTL_DRS,
	PCI_RELOAD_CTL_DPC,
	PCI_RELOAD_CTL_RP_PIO,
	PCI_RELOAD_CTL_AER_ROOT,
	PCI_RELOAD_CTL_UNCOR,
	PCI_RELOAD_CTL_COR,
	PCI_RELOAD_CTL_SYSTEM,
	PCI_RELOAD_CTL_PME,
	PCI_RELOAD_CTL_REPORT,
	PCI_RELOAD_CTL_BRIDGE_SERR,
	PCI_RELOAD_CTL_SERR,
	PCI_RELOAD_CONTROLS,
};

/**
 * enum pci_reload_status - status registers, in the order in which they are cleared
 * @PCI_RELOAD_STA_UNCOR: uncorrectable errors
 * @PCI_RELOAD_STA_COR: correctable errors
 * @PCI_RELOAD_STA_AER_ROOT: messages that the root port got
 * @PCI_RELOAD_STA_RP_PIO: errors of a root port's own requests
 * @PCI_RELOAD_STA_DPC: trigger and interrupt of DPC
 * @PCI_RELOAD_STA_LINK: changes of the link's bandwidth
 * @PCI_RELOAD_STA_DRS: the card said that it is ready
 * @PCI_RELOAD_STA_DEVICE: errors by their severity
 * @PCI_RELOAD_STA_SECONDARY: errors on the bus below
 * @PCI_RELOAD_STA_SERR: a message was sent
 * @PCI_RELOAD_STATUSES: how many there are
 */
enum pci_reload_status {
	PCI_RELOAD_STA_UNCOR,
	PCI_RELOAD_STA_COR,
	PCI_RELOAD_STA_AER_ROOT,
	PCI_RELOAD_STA_RP_PIO,
	PCI_RELOAD_STA_DPC,
	PCI_RELOAD_STA_LINK,
	PCI_RELOAD_STA_DRS,
	PCI_RELOAD_STA_DEVICE,
	PCI_RELOAD_STA_SECONDARY,
	PCI_RELOAD_STA_SERR,
	PCI_RELOAD_STATUSES,
};

/**
 * struct pci_reload_reg - one row of a table
 * @space: where the register is
 * @offset: its offset there
 * @size: 2 or 4 bytes
 * @bits: the bits in question
 * @set: control registers: a window sets @bits (else clears them)
 * @above: those of the bridges above the port too
 * @owner: control registers: who else sets @bits
 */
struct pci_reload_reg {
	enum pci_reload_space space;
	u16 offset;
	u8 size;
	u32 bits;
	bool set;
	bool above;
	enum pci_reload_owner owner;
};

/**
 * struct pci_reload_saved - registers of a bridge before a window opened
 * @changed: bits of the control registers that the window has changed
 * @statuses: status registers
 */
struct pci_reload_saved {
	u32 changed[PCI_RELOAD_CONTROLS];
	u32 statuses[PCI_RELOAD_STATUSES];
};

extern const struct pci_reload_reg pci_reload_controls[PCI_RELOAD_CONTROLS];

u16 pci_reload_reg_pos(struct pci_dev *bridge,
		       const struct pci_reload_reg *reg);
u32 pci_reload_reg_read(struct pci_dev *bridge, u16 pos, u8 size);
void pci_reload_reg_harden(struct pci_dev *bridge,
			   const struct pci_reload_reg *reg, u16 pos, u32 bits,
			   bool undo);
void pci_reload_save(struct pci_dev *bridge, struct pci_reload_saved *saved);
void pci_reload_clear_statuses(struct pci_dev *bridge,
			       const struct pci_reload_saved *saved,
			       bool above);

#endif /* _PCI_RELOAD_REGISTERS_H */
