// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of a port, and of the bridges above it, that a window changes or clears: which
 * bits, who else sets them, and why.
 *
 * Control registers are changed at the opening of a window, in this order, and put back
 * at its end in reverse. Of status registers the end clears what the load itself has set.
 * Registers that a bridge does not have are passed over.
 *
 * Only bits that a window has changed are put back. The drivers of the port switch some of
 * them off and on for reasons of their own (pciehp_reset_slot(), aer_root_reset(),
 * pcie_pme_irq()): what is off for a moment when a window opens is not what they leave it
 * at.
 */

#include <linux/pci.h>

#include "reload.h"

/*
 * Section numbers are those of PCIe r6.0.
 *
 * The slot's events go first: pciehp would take the loss of the link for the card's
 * removal. The other interrupts of the port follow: they may share its vector, and pciehp,
 * asked by any of them, looks at Slot Status with what it believes is enabled.
 */
const struct pci_reload_reg pci_reload_controls[PCI_RELOAD_CONTROLS] = {
	/* 7.5.3.10: pciehp would act on the link, presence, and its own commands. */
	[PCI_RELOAD_CTL_SLOT] = {
		PCI_RELOAD_SLOT, PCI_EXP_SLTCTL, 2, PCI_RELOAD_SLOT_ENABLES,
		.owner = PCI_RELOAD_BY_PCIEHP,
	},
	/* 7.5.3.7: each training changes the bandwidth. */
	[PCI_RELOAD_CTL_LINK] = {
		PCI_RELOAD_EXP, PCI_EXP_LNKCTL, 2,
		PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE,
		.owner = PCI_RELOAD_BY_BWCTRL,
	},
	/*
	 * 7.5.3.7: each image says that it is ready, by a message of pciehp's vector. The
	 * kernel does not use it; firmware may have left it on.
	 */
	[PCI_RELOAD_CTL_DRS] = {
		PCI_RELOAD_DRS, PCI_EXP_LNKCTL, 2, PCI_RELOAD_LNKCTL_DRS,
	},
	/* 7.9.14.3: DPC would disable the link, and have the card recovered. */
	[PCI_RELOAD_CTL_DPC] = {
		PCI_RELOAD_DPC, PCI_EXP_DPC_CTL, 2,
		PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL |
		PCI_EXP_DPC_CTL_INT_EN,
		.above = true, .owner = PCI_RELOAD_BY_DPC,
	},
	/* 7.9.14.7: requests to a card that is away go wrong. */
	[PCI_RELOAD_CTL_RP_PIO] = {
		PCI_RELOAD_RP_PIO, PCI_EXP_DPC_RP_PIO_MASK, 4, ~0,
		.set = true, .above = true,
	},
	/* 7.8.4.9: AER would recover the card, by a reset. */
	[PCI_RELOAD_CTL_AER_ROOT] = {
		PCI_RELOAD_AER_ROOT, PCI_ERR_ROOT_COMMAND, 4,
		PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN |
		PCI_ERR_ROOT_CMD_FATAL_EN,
		.owner = PCI_RELOAD_BY_AER,
	},
	/* 7.8.4.3: among them Surprise Down. */
	[PCI_RELOAD_CTL_UNCOR] = {
		PCI_RELOAD_AER, PCI_ERR_UNCOR_MASK, 4, ~0,
		.set = true, .above = true,
	},
	/* 7.8.4.6: the training has some. */
	[PCI_RELOAD_CTL_COR] = {
		PCI_RELOAD_AER, PCI_ERR_COR_MASK, 4, ~0,
		.set = true, .above = true,
	},
	/* 7.5.3.12: on some machines firmware stops the machine at these. */
	[PCI_RELOAD_CTL_SYSTEM] = {
		PCI_RELOAD_ROOT, PCI_EXP_RTCTL, 2,
		PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE |
		PCI_EXP_RTCTL_SEFEE,
		.above = true,
	},
	/* 7.5.3.12: its vector may be pciehp's. */
	[PCI_RELOAD_CTL_PME] = {
		PCI_RELOAD_ROOT, PCI_EXP_RTCTL, 2, PCI_EXP_RTCTL_PMEIE,
		.owner = PCI_RELOAD_BY_PME,
	},
	/* 7.5.3.4: messages about errors, for ports without AER as well. */
	[PCI_RELOAD_CTL_REPORT] = {
		PCI_RELOAD_EXP, PCI_EXP_DEVCTL, 2,
		PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
		PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE,
		.above = true,
	},
	/* 7.5.1.3.13: those that the card sends as it goes. */
	[PCI_RELOAD_CTL_BRIDGE_SERR] = {
		PCI_RELOAD_HEADER, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR,
	},
	/* 7.5.1.1.3: the other way in which a message is enabled. */
	[PCI_RELOAD_CTL_SERR] = {
		PCI_RELOAD_HEADER, PCI_COMMAND, 2, PCI_COMMAND_SERR,
	},
};

/*
 * All bits named here are RW1C. Slot Status has rules of its own, see slot.c. DPC's trigger
 * comes last of the port's errors, since clearing it lets the link train again (sec
 * 6.2.11).
 */
static const struct pci_reload_reg pci_reload_statuses[PCI_RELOAD_STATUSES] = {
	/* 7.8.4.2 */
	[PCI_RELOAD_STA_UNCOR] = {
		PCI_RELOAD_AER, PCI_ERR_UNCOR_STATUS, 4, ~0, .above = true,
	},
	/* 7.8.4.5 */
	[PCI_RELOAD_STA_COR] = {
		PCI_RELOAD_AER, PCI_ERR_COR_STATUS, 4, ~0, .above = true,
	},
	/* 7.8.4.10 */
	[PCI_RELOAD_STA_AER_ROOT] = {
		PCI_RELOAD_AER_ROOT, PCI_ERR_ROOT_STATUS, 4,
		PCI_ERR_ROOT_COR_RCV | PCI_ERR_ROOT_MULTI_COR_RCV |
		PCI_ERR_ROOT_UNCOR_RCV | PCI_ERR_ROOT_MULTI_UNCOR_RCV |
		PCI_ERR_ROOT_FIRST_FATAL | PCI_ERR_ROOT_NONFATAL_RCV |
		PCI_ERR_ROOT_FATAL_RCV,
	},
	/* 7.9.14.6 */
	[PCI_RELOAD_STA_RP_PIO] = {
		PCI_RELOAD_RP_PIO, PCI_EXP_DPC_RP_PIO_STATUS, 4, ~0,
		.above = true,
	},
	/* 7.9.14.4 */
	[PCI_RELOAD_STA_DPC] = {
		PCI_RELOAD_DPC, PCI_EXP_DPC_STATUS, 2,
		PCI_EXP_DPC_STATUS_TRIGGER | PCI_EXP_DPC_STATUS_INTERRUPT,
	},
	/* 7.5.3.8 */
	[PCI_RELOAD_STA_LINK] = {
		PCI_RELOAD_EXP, PCI_EXP_LNKSTA, 2,
		PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS,
	},
	/* 7.5.3.20 */
	[PCI_RELOAD_STA_DRS] = {
		PCI_RELOAD_DRS, PCI_EXP_LNKSTA2, 2, PCI_RELOAD_LNKSTA2_DRS,
	},
	/* 7.5.3.5 */
	[PCI_RELOAD_STA_DEVICE] = {
		PCI_RELOAD_EXP, PCI_EXP_DEVSTA, 2,
		PCI_EXP_DEVSTA_CED | PCI_EXP_DEVSTA_NFED |
		PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD,
		.above = true,
	},
	/* 7.5.1.3.7 */
	[PCI_RELOAD_STA_SECONDARY] = {
		PCI_RELOAD_HEADER, PCI_SEC_STATUS, 2,
		PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT |
		PCI_STATUS_REC_TARGET_ABORT | PCI_STATUS_REC_MASTER_ABORT |
		PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY,
		.above = true,
	},
	/* 7.5.1.1.4 */
	[PCI_RELOAD_STA_SERR] = {
		PCI_RELOAD_HEADER, PCI_STATUS, 2, PCI_STATUS_SIG_SYSTEM_ERROR,
	},
};

/* Offset of a register in configuration space, 0 if the bridge lacks it. */
u16 pci_reload_reg_pos(struct pci_dev *bridge,
		       const struct pci_reload_reg *reg)
{
	bool root = pci_pcie_type(bridge) == PCI_EXP_TYPE_ROOT_PORT;
	u16 base = 0;

	switch (reg->space) {
	case PCI_RELOAD_HEADER:
		return reg->offset;
	case PCI_RELOAD_EXP:
		base = pci_pcie_cap(bridge);
		break;
	case PCI_RELOAD_ROOT:
		base = root ? pci_pcie_cap(bridge) : 0;
		break;
	case PCI_RELOAD_SLOT:
		base = pci_reload_has_slot(bridge) ? pci_pcie_cap(bridge) : 0;
		break;
	case PCI_RELOAD_DRS:
		base = pci_reload_has_drs(bridge) ? pci_pcie_cap(bridge) : 0;
		break;
	case PCI_RELOAD_AER:
		base = pci_find_ext_capability(bridge, PCI_EXT_CAP_ID_ERR);
		break;
	case PCI_RELOAD_AER_ROOT:
		if (root)
			base = pci_find_ext_capability(bridge,
						       PCI_EXT_CAP_ID_ERR);
		break;
	case PCI_RELOAD_DPC:
	case PCI_RELOAD_RP_PIO:
		base = pci_reload_dpc_pos(bridge,
					  reg->space == PCI_RELOAD_RP_PIO);
		break;
	}
	return base ? base + reg->offset : 0;
}

u32 pci_reload_reg_read(struct pci_dev *bridge, u16 pos, u8 size)
{
	u32 val32;
	u16 val16;

	if (size == sizeof(u16)) {
		pci_read_config_word(bridge, pos, &val16);
		return val16;
	}
	pci_read_config_dword(bridge, pos, &val32);
	return val32;
}

static void pci_reload_reg_write(struct pci_dev *bridge, u16 pos, u8 size,
				 u32 val)
{
	if (size == sizeof(u16))
		pci_write_config_word(bridge, pos, val);
	else
		pci_write_config_dword(bridge, pos, val);
}

/*
 * Clear and set bits of a control register. Some of those in the PCI Express
 * capability are changed by others too, for which the PCI core has a lock.
 */
static void pci_reload_reg_update(struct pci_dev *bridge,
				  const struct pci_reload_reg *reg, u16 pos,
				  u32 clear, u32 set)
{
	u32 val;

	switch (reg->space) {
	case PCI_RELOAD_EXP:
	case PCI_RELOAD_ROOT:
	case PCI_RELOAD_DRS:
		pcie_capability_clear_and_set_word(bridge, reg->offset, clear,
						   set);
		break;
	default:
		val = pci_reload_reg_read(bridge, pos, reg->size);
		pci_reload_reg_write(bridge, pos, reg->size,
				     (val & ~clear) | set);
		break;
	}
}

/* Sets or clears @bits, as the table says, or undoes that. */
void pci_reload_reg_harden(struct pci_dev *bridge,
			   const struct pci_reload_reg *reg, u16 pos, u32 bits,
			   bool undo)
{
	bool set = reg->set != undo;

	if (bits)
		pci_reload_reg_update(bridge, reg, pos, set ? 0 : bits,
				      set ? bits : 0);
}

void pci_reload_save(struct pci_dev *bridge, struct pci_reload_saved *saved)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u32 val;
	u16 pos;

	for (i = 0; i < PCI_RELOAD_STATUSES; i++) {
		reg = &pci_reload_statuses[i];
		pos = pci_reload_reg_pos(bridge, reg);
		if (pos)
			saved->statuses[i] = pci_reload_reg_read(bridge, pos,
								 reg->size);
	}
	for (i = 0; i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(bridge, reg);
		if (!pos)
			continue;
		val = pci_reload_reg_read(bridge, pos, reg->size);
		saved->changed[i] = (reg->set ? ~val : val) & reg->bits;
	}
}

/*
 * Errors that nobody was told of are told here, as not all need be of the reload: a
 * bridge above has other devices below it, too.
 */
static void pci_reload_tell_errors(struct pci_dev *bridge, u32 uncor, u32 cor)
{
	if (uncor || cor)
		pci_info(bridge, "errors that were kept quiet while a card was reloaded: uncorrectable %#x, correctable %#x\n",
			 uncor, cor);
}

/* Clear what was not set when the registers were saved. */
void pci_reload_clear_statuses(struct pci_dev *bridge,
			       const struct pci_reload_saved *saved,
			       bool above)
{
	const struct pci_reload_reg *reg;
	u32 val, uncor = 0, cor = 0;
	unsigned int i;
	u16 pos;

	for (i = 0; i < PCI_RELOAD_STATUSES; i++) {
		reg = &pci_reload_statuses[i];
		pos = pci_reload_reg_pos(bridge, reg);
		if (!pos || (above && !reg->above))
			continue;
		val = pci_reload_reg_read(bridge, pos, reg->size) & reg->bits &
		      ~saved->statuses[i];
		if (val)
			pci_reload_reg_write(bridge, pos, reg->size, val);
		if (i == PCI_RELOAD_STA_UNCOR)
			uncor = val;
		else if (i == PCI_RELOAD_STA_COR)
			cor = val;
	}
	pci_reload_tell_errors(bridge, uncor, cor);
}
