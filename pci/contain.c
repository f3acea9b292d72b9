// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping a port quiet while the card below it goes away and comes back.
 *
 * Two tables: control registers, whose bits are changed at opening and put
 * back at closing in reverse order, and status registers, in which closing
 * clears what the reload itself has set. Registers that the port does not have
 * are passed over.
 */

#include <linux/pci.h>

#include "reload.h"

/**
 * enum pci_reload_space - where a register is
 * @PCI_RELOAD_HEADER: configuration header
 * @PCI_RELOAD_EXP: PCI Express capability
 * @PCI_RELOAD_ROOT: PCI Express capability, root ports only
 * @PCI_RELOAD_SLOT: PCI Express capability, hot-plug slots only
 * @PCI_RELOAD_AER: Advanced Error Reporting capability
 * @PCI_RELOAD_AER_ROOT: the same, root ports only
 * @PCI_RELOAD_DPC: Downstream Port Containment capability
 */
enum pci_reload_space {
	PCI_RELOAD_HEADER,
	PCI_RELOAD_EXP,
	PCI_RELOAD_ROOT,
	PCI_RELOAD_SLOT,
	PCI_RELOAD_AER,
	PCI_RELOAD_AER_ROOT,
	PCI_RELOAD_DPC,
};

/**
 * struct pci_reload_reg - one row of a table
 * @space: where the register is
 * @offset: its offset there
 * @size: 2 or 4 bytes
 * @bits: the bits in question
 * @set: control registers: set @bits (else clear them)
 */
struct pci_reload_reg {
	enum pci_reload_space space;
	u16 offset;
	u8 size;
	u32 bits;
	bool set;
};

/*
 * Section numbers are those of PCIe r6.0: Slot Control 7.5.3.10, Command
 * 7.5.1.1.3, Bridge Control 7.5.1.3.13, Device Control 7.5.3.4, Link Control
 * 7.5.3.7, Root Control 7.5.3.12, AER masks 7.8.4.3 and 7.8.4.6, Root Error
 * Command 7.8.4.9, DPC Control 7.9.14.3.
 *
 * The slot's events go first: pciehp would take the link's going down for the
 * card's removal. The other interrupts of the port follow, for they may share
 * its vector, and pciehp, asked by any of them, looks at Slot Status with what
 * it believes is enabled.
 */
static const struct pci_reload_reg pci_reload_controls[] = {
	{ PCI_RELOAD_SLOT, PCI_EXP_SLTCTL, 2, PCI_EXP_SLTCTL_HPIE |
	  PCI_EXP_SLTCTL_DLLSCE | PCI_EXP_SLTCTL_PDCE },
	{ PCI_RELOAD_EXP, PCI_EXP_LNKCTL, 2, PCI_EXP_LNKCTL_LBMIE |
	  PCI_EXP_LNKCTL_LABIE },
	{ PCI_RELOAD_DPC, PCI_EXP_DPC_CTL, 2, PCI_EXP_DPC_CTL_EN_FATAL |
	  PCI_EXP_DPC_CTL_EN_NONFATAL | PCI_EXP_DPC_CTL_INT_EN },
	{ PCI_RELOAD_AER_ROOT, PCI_ERR_ROOT_COMMAND, 4,
	  PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN |
	  PCI_ERR_ROOT_CMD_FATAL_EN },
	{ PCI_RELOAD_AER, PCI_ERR_UNCOR_MASK, 4, ~0, .set = true },
	{ PCI_RELOAD_AER, PCI_ERR_COR_MASK, 4, ~0, .set = true },
	{ PCI_RELOAD_ROOT, PCI_EXP_RTCTL, 2, PCI_EXP_RTCTL_SECEE |
	  PCI_EXP_RTCTL_SENFEE | PCI_EXP_RTCTL_SEFEE | PCI_EXP_RTCTL_PMEIE },
	{ PCI_RELOAD_EXP, PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_CERE |
	  PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE },
	{ PCI_RELOAD_HEADER, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR },
	{ PCI_RELOAD_HEADER, PCI_COMMAND, 2, PCI_COMMAND_SERR },
};

static_assert(ARRAY_SIZE(pci_reload_controls) == PCI_RELOAD_CONTROLS);

/* All bits named here are RW1C. */
static const struct pci_reload_reg pci_reload_statuses[] = {
	{ PCI_RELOAD_AER, PCI_ERR_UNCOR_STATUS, 4, ~0 },
	{ PCI_RELOAD_AER, PCI_ERR_COR_STATUS, 4, ~0 },
	{ PCI_RELOAD_AER_ROOT, PCI_ERR_ROOT_STATUS, 4, PCI_ERR_ROOT_COR_RCV |
	  PCI_ERR_ROOT_MULTI_COR_RCV | PCI_ERR_ROOT_UNCOR_RCV |
	  PCI_ERR_ROOT_MULTI_UNCOR_RCV | PCI_ERR_ROOT_FIRST_FATAL |
	  PCI_ERR_ROOT_NONFATAL_RCV | PCI_ERR_ROOT_FATAL_RCV },
	{ PCI_RELOAD_EXP, PCI_EXP_LNKSTA, 2, PCI_EXP_LNKSTA_LBMS |
	  PCI_EXP_LNKSTA_LABS },
	{ PCI_RELOAD_EXP, PCI_EXP_DEVSTA, 2, PCI_EXP_DEVSTA_CED |
	  PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD },
	{ PCI_RELOAD_HEADER, PCI_SEC_STATUS, 2, PCI_STATUS_PARITY |
	  PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT |
	  PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR |
	  PCI_STATUS_DETECTED_PARITY },
	{ PCI_RELOAD_HEADER, PCI_STATUS, 2, PCI_STATUS_SIG_SYSTEM_ERROR },
	{ PCI_RELOAD_SLOT, PCI_EXP_SLTSTA, 2, PCI_EXP_SLTSTA_DLLSC |
	  PCI_EXP_SLTSTA_PDC },
};

static_assert(ARRAY_SIZE(pci_reload_statuses) == PCI_RELOAD_STATUSES);

static bool pci_reload_has_hotplug_slot(struct pci_dev *port)
{
	u32 cap = 0;

	if (!(pcie_caps_reg(port) & PCI_EXP_FLAGS_SLOT))
		return false;
	pcie_capability_read_dword(port, PCI_EXP_SLTCAP, &cap);
	return cap & PCI_EXP_SLTCAP_HPC;
}

/* Offset of a register in configuration space, 0 if the port lacks it. */
static u16 pci_reload_reg_pos(struct pci_dev *port,
			      const struct pci_reload_reg *reg)
{
	bool root = pci_pcie_type(port) == PCI_EXP_TYPE_ROOT_PORT;
	u16 base = 0;

	switch (reg->space) {
	case PCI_RELOAD_HEADER:
		return reg->offset;
	case PCI_RELOAD_EXP:
		base = pci_pcie_cap(port);
		break;
	case PCI_RELOAD_ROOT:
		base = root ? pci_pcie_cap(port) : 0;
		break;
	case PCI_RELOAD_SLOT:
		base = pci_reload_has_hotplug_slot(port) ? pci_pcie_cap(port) : 0;
		break;
	case PCI_RELOAD_AER:
		base = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
		break;
	case PCI_RELOAD_AER_ROOT:
		base = root ? pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR) : 0;
		break;
	case PCI_RELOAD_DPC:
		base = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);
		break;
	}
	return base ? base + reg->offset : 0;
}

static u32 pci_reload_reg_read(struct pci_dev *port, u16 pos, u8 size)
{
	u32 val32;
	u16 val16;

	if (size == sizeof(u16)) {
		pci_read_config_word(port, pos, &val16);
		return val16;
	}
	pci_read_config_dword(port, pos, &val32);
	return val32;
}

static void pci_reload_reg_write(struct pci_dev *port, u16 pos, u8 size, u32 val)
{
	if (size == sizeof(u16))
		pci_write_config_word(port, pos, val);
	else
		pci_write_config_dword(port, pos, val);
}

/*
 * Clear and set bits of a control register. Some of those in the PCI Express
 * capability are changed by others too, for which the PCI core has a lock.
 */
static void pci_reload_reg_update(struct pci_dev *port,
				  const struct pci_reload_reg *reg, u16 pos,
				  u32 clear, u32 set)
{
	u32 val;

	switch (reg->space) {
	case PCI_RELOAD_EXP:
	case PCI_RELOAD_ROOT:
	case PCI_RELOAD_SLOT:
		pcie_capability_clear_and_set_word(port, reg->offset, clear,
						   set);
		break;
	default:
		val = pci_reload_reg_read(port, pos, reg->size);
		pci_reload_reg_write(port, pos, reg->size, (val & ~clear) | set);
		break;
	}
}

/**
 * pci_reload_contain - save and harden how the port reports errors and events
 * @pr: the window
 *
 * Context: may sleep; the port is powered.
 */
void pci_reload_contain(struct pci_reload *pr)
{
	const struct pci_reload_reg *reg;
	struct pci_dev *port = pr->port;
	unsigned int i;
	u16 pos;

	for (i = 0; i < PCI_RELOAD_STATUSES; i++) {
		reg = &pci_reload_statuses[i];
		pos = pci_reload_reg_pos(port, reg);
		if (pos)
			pr->statuses[i] = pci_reload_reg_read(port, pos, reg->size);
	}

	for (i = 0; i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(port, reg);
		if (!pos)
			continue;
		pr->controls[i] = pci_reload_reg_read(port, pos, reg->size);
		pci_reload_reg_update(port, reg, pos, reg->set ? 0 : reg->bits,
				      reg->set ? reg->bits : 0);
	}
}

/*
 * Clear what was not set before the window opened. The events of a slot that
 * has lost its card stay: with its interrupt enabled again the hot-plug driver
 * hears of them and removes what is gone (PCIe r6.0, sec 6.7.3.4).
 */
static void pci_reload_clear_statuses(struct pci_reload *pr)
{
	const struct pci_reload_reg *reg;
	struct pci_dev *port = pr->port;
	unsigned int i;
	u32 val, now;
	u16 pos;

	for (i = 0; i < PCI_RELOAD_STATUSES; i++) {
		reg = &pci_reload_statuses[i];
		pos = pci_reload_reg_pos(port, reg);
		if (!pos)
			continue;
		now = pci_reload_reg_read(port, pos, reg->size);
		if (reg->space == PCI_RELOAD_SLOT && !(now & PCI_EXP_SLTSTA_PDS))
			continue;
		val = now & reg->bits & ~pr->statuses[i];
		if (val)
			pci_reload_reg_write(port, pos, reg->size, val);
	}
}

/**
 * pci_reload_restore - undo pci_reload_contain()
 * @pr: the window
 *
 * Only the bits that were changed are written: a driver of the port may have
 * changed its neighbours in the meantime.
 *
 * Context: may sleep; the port is powered.
 */
void pci_reload_restore(struct pci_reload *pr)
{
	const struct pci_reload_reg *reg;
	struct pci_dev *port = pr->port;
	unsigned int i;
	u16 pos;

	pci_reload_clear_statuses(pr);

	for (i = PCI_RELOAD_CONTROLS; i-- > 0;) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(port, reg);
		if (!pos)
			continue;
		pci_reload_reg_update(port, reg, pos, reg->bits,
				      pr->controls[i] & reg->bits);
	}
}
