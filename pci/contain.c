// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping a port, and the bridges above it, quiet while the card below goes
 * away and comes back.
 *
 * Two tables: control registers, whose bits are changed at opening and put
 * back at closing in reverse order, and status registers, in which closing
 * clears what the reload itself has set. Registers that a bridge does not have
 * are passed over.
 *
 * Only bits that opening has changed are put back. The drivers of the port switch
 * some of them off and on for reasons of their own (pciehp_reset_slot(),
 * aer_root_reset(), pcie_pme_irq()): what is off for a moment when a window opens is
 * not what they leave it at.
 *
 * Of a bridge above the port only its own errors are kept quiet: completions
 * that do not come, say. Messages that it forwards, and interrupts that it has
 * for other devices, go on. Several windows may have bridges in common, so
 * these are counted.
 */

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>

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
 * @PCI_RELOAD_RP_PIO: the same, with the extensions for root ports only
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
};

/**
 * struct pci_reload_reg - one row of a table
 * @space: where the register is
 * @offset: its offset there
 * @size: 2 or 4 bytes
 * @bits: the bits in question
 * @set: control registers: set @bits (else clear them)
 * @above: those of the bridges above the port too
 * @driver: control registers: @bits are for a driver of the port that listens
 */
struct pci_reload_reg {
	enum pci_reload_space space;
	u16 offset;
	u8 size;
	u32 bits;
	bool set;
	bool above;
	bool driver;
};

/*
 * Section numbers are those of PCIe r6.0: Slot Control 7.5.3.10, Command
 * 7.5.1.1.3, Bridge Control 7.5.1.3.13, Device Control 7.5.3.4, Link Control
 * 7.5.3.7, Root Control 7.5.3.12, AER masks 7.8.4.3 and 7.8.4.6, Root Error
 * Command 7.8.4.9, DPC Control 7.9.14.3, RP PIO Mask 7.9.14.7.
 *
 * The slot's events go first: pciehp would take the link's going down for the
 * card's removal. The other interrupts of the port follow, for they may share
 * its vector, and pciehp, asked by any of them, looks at Slot Status with what
 * it believes is enabled.
 */
static const struct pci_reload_reg pci_reload_controls[] = {
	{ PCI_RELOAD_SLOT, PCI_EXP_SLTCTL, 2, PCI_RELOAD_SLOT_ENABLES,
	  .driver = true },
	{ PCI_RELOAD_EXP, PCI_EXP_LNKCTL, 2, PCI_EXP_LNKCTL_LBMIE |
	  PCI_EXP_LNKCTL_LABIE, .driver = true },
	{ PCI_RELOAD_DPC, PCI_EXP_DPC_CTL, 2, PCI_EXP_DPC_CTL_EN_FATAL |
	  PCI_EXP_DPC_CTL_EN_NONFATAL | PCI_EXP_DPC_CTL_INT_EN,
	  .above = true, .driver = true },
	{ PCI_RELOAD_RP_PIO, PCI_EXP_DPC_RP_PIO_MASK, 4, ~0, .set = true,
	  .above = true },
	{ PCI_RELOAD_AER_ROOT, PCI_ERR_ROOT_COMMAND, 4,
	  PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN |
	  PCI_ERR_ROOT_CMD_FATAL_EN, .driver = true },
	{ PCI_RELOAD_AER, PCI_ERR_UNCOR_MASK, 4, ~0, .set = true,
	  .above = true },
	{ PCI_RELOAD_AER, PCI_ERR_COR_MASK, 4, ~0, .set = true,
	  .above = true },
	{ PCI_RELOAD_ROOT, PCI_EXP_RTCTL, 2, PCI_EXP_RTCTL_SECEE |
	  PCI_EXP_RTCTL_SENFEE | PCI_EXP_RTCTL_SEFEE, .above = true },
	{ PCI_RELOAD_ROOT, PCI_EXP_RTCTL, 2, PCI_EXP_RTCTL_PMEIE,
	  .driver = true },
	{ PCI_RELOAD_EXP, PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_CERE |
	  PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE,
	  .above = true },
	{ PCI_RELOAD_HEADER, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_SERR },
	{ PCI_RELOAD_HEADER, PCI_COMMAND, 2, PCI_COMMAND_SERR },
};

static_assert(ARRAY_SIZE(pci_reload_controls) == PCI_RELOAD_CONTROLS);

/*
 * All bits named here are RW1C. Slot Status has rules of its own, see slot.c.
 * DPC's trigger comes last of the port's errors, since clearing it lets the
 * link train again (PCIe r6.0, sec 6.2.11).
 */
static const struct pci_reload_reg pci_reload_statuses[] = {
	{ PCI_RELOAD_AER, PCI_ERR_UNCOR_STATUS, 4, ~0, .above = true },
	{ PCI_RELOAD_AER, PCI_ERR_COR_STATUS, 4, ~0, .above = true },
	{ PCI_RELOAD_AER_ROOT, PCI_ERR_ROOT_STATUS, 4, PCI_ERR_ROOT_COR_RCV |
	  PCI_ERR_ROOT_MULTI_COR_RCV | PCI_ERR_ROOT_UNCOR_RCV |
	  PCI_ERR_ROOT_MULTI_UNCOR_RCV | PCI_ERR_ROOT_FIRST_FATAL |
	  PCI_ERR_ROOT_NONFATAL_RCV | PCI_ERR_ROOT_FATAL_RCV },
	{ PCI_RELOAD_RP_PIO, PCI_EXP_DPC_RP_PIO_STATUS, 4, ~0, .above = true },
	{ PCI_RELOAD_DPC, PCI_EXP_DPC_STATUS, 2, PCI_EXP_DPC_STATUS_TRIGGER |
	  PCI_EXP_DPC_STATUS_INTERRUPT },
	{ PCI_RELOAD_EXP, PCI_EXP_LNKSTA, 2, PCI_EXP_LNKSTA_LBMS |
	  PCI_EXP_LNKSTA_LABS },
	{ PCI_RELOAD_EXP, PCI_EXP_DEVSTA, 2, PCI_EXP_DEVSTA_CED |
	  PCI_EXP_DEVSTA_NFED | PCI_EXP_DEVSTA_FED | PCI_EXP_DEVSTA_URD,
	  .above = true },
	{ PCI_RELOAD_HEADER, PCI_SEC_STATUS, 2, PCI_STATUS_PARITY |
	  PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT |
	  PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR |
	  PCI_STATUS_DETECTED_PARITY, .above = true },
	{ PCI_RELOAD_HEADER, PCI_STATUS, 2, PCI_STATUS_SIG_SYSTEM_ERROR },
};

static_assert(ARRAY_SIZE(pci_reload_statuses) == PCI_RELOAD_STATUSES);

/**
 * struct pci_reload_above - a bridge above the ports of open windows
 * @node: entry in pci_reload_above; under pci_reload_above_lock, as all here
 * @pdev: the bridge; referenced
 * @windows: how many windows it is above of
 * @saved: its registers before the first of them opened
 */
struct pci_reload_above {
	struct list_head node;
	struct pci_dev *pdev;
	unsigned int windows;
	struct pci_reload_saved saved;
};

static DEFINE_MUTEX(pci_reload_above_lock);
static LIST_HEAD(pci_reload_above);

/*
 * For those who want to see what a reload does to a host without all this: the
 * kernel is tainted, since the machine may well go down.
 */
static bool pci_reload_contains = true;
module_param_named_unsafe(contain, pci_reload_contains, bool, 0644);
MODULE_PARM_DESC(contain,
		 "Keep errors and slot events quiet while a window is open (default: Y). For debugging only");

/* Offset of a register in configuration space, 0 if the bridge lacks it. */
static u16 pci_reload_reg_pos(struct pci_dev *bridge,
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

static u32 pci_reload_reg_read(struct pci_dev *bridge, u16 pos, u8 size)
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
static void pci_reload_reg_harden(struct pci_dev *bridge,
				  const struct pci_reload_reg *reg, u16 pos,
				  u32 bits, bool undo)
{
	bool set = reg->set != undo;

	if (bits)
		pci_reload_reg_update(bridge, reg, pos, set ? 0 : bits,
				      set ? bits : 0);
}

/* The port's slot takes commands, which need more care than other writes. */
static void pci_reload_port_harden(struct pci_reload *pr,
				   const struct pci_reload_reg *reg, u16 pos,
				   u32 bits, bool undo)
{
	if (reg->space != PCI_RELOAD_SLOT)
		pci_reload_reg_harden(pr->port, reg, pos, bits, undo);
	else if (bits)
		pci_reload_slot_command(pr, undo ? 0 : bits, undo ? bits : 0);
}

static void pci_reload_save(struct pci_dev *bridge,
			    struct pci_reload_saved *saved)
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
 * What a register says of a link that is not there any more goes with it. The kernel
 * takes Link Bandwidth Management Status of a link that fails later for a reason to
 * limit the port's speed (pcie_failed_link_retrain()).
 */
static void pci_reload_forget_old_link(struct pci_reload *pr)
{
	unsigned int i;

	for (i = 0; pr->came_up && i < PCI_RELOAD_STATUSES; i++) {
		if (pci_reload_statuses[i].space == PCI_RELOAD_EXP &&
		    pci_reload_statuses[i].offset == PCI_EXP_LNKSTA)
			pr->saved.statuses[i] = 0;
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
static void pci_reload_clear_statuses(struct pci_dev *bridge,
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
		if (reg->space == PCI_RELOAD_AER &&
		    reg->offset == PCI_ERR_UNCOR_STATUS)
			uncor = val;
		else if (reg->space == PCI_RELOAD_AER)
			cor = val;
	}
	pci_reload_tell_errors(bridge, uncor, cor);
}

static void pci_reload_harden_above(struct pci_reload_above *above)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u16 pos;

	for (i = 0; i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(above->pdev, reg);
		if (pos && reg->above)
			pci_reload_reg_harden(above->pdev, reg, pos,
					      above->saved.changed[i], false);
	}
}

static void pci_reload_restore_above(struct pci_reload_above *above)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u16 pos;

	pci_reload_clear_statuses(above->pdev, &above->saved, true);
	for (i = PCI_RELOAD_CONTROLS; i-- > 0;) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(above->pdev, reg);
		if (pos && reg->above)
			pci_reload_reg_harden(above->pdev, reg, pos,
					      above->saved.changed[i], true);
	}
}

static struct pci_reload_above *pci_reload_above_find(struct pci_dev *bridge)
{
	struct pci_reload_above *above;

	list_for_each_entry(above, &pci_reload_above, node) {
		if (above->pdev == bridge)
			return above;
	}
	return NULL;
}

static int pci_reload_above_get(struct pci_dev *bridge)
{
	struct pci_reload_above *above = pci_reload_above_find(bridge);

	if (above) {
		above->windows++;
		return 0;
	}
	above = kzalloc(sizeof(*above), GFP_KERNEL);
	if (!above)
		return -ENOMEM;
	above->pdev = pci_dev_get(bridge);
	above->windows = 1;
	list_add(&above->node, &pci_reload_above);
	pci_reload_save(bridge, &above->saved);
	pci_reload_harden_above(above);
	return 0;
}

static void pci_reload_above_put(struct pci_dev *bridge)
{
	struct pci_reload_above *above = pci_reload_above_find(bridge);

	if (!above || --above->windows)
		return;
	pci_reload_restore_above(above);
	list_del(&above->node);
	pci_dev_put(above->pdev);
	kfree(above);
}

/*
 * From the root port down to the bridge right above @below, or back: the order
 * in which they are let go is the reverse of that in which they were taken.
 */
static int pci_reload_above_take(struct pci_dev *below)
{
	struct pci_dev *bridge = pci_upstream_bridge(below);
	int ret;

	if (!bridge)
		return 0;
	ret = pci_reload_above_take(bridge);
	if (ret)
		return ret;
	ret = pci_is_pcie(bridge) ? pci_reload_above_get(bridge) : 0;
	if (ret)
		while ((bridge = pci_upstream_bridge(bridge)))
			pci_reload_above_put(bridge);
	return ret;
}

static void pci_reload_above_leave(struct pci_dev *below)
{
	struct pci_dev *bridge = below;

	while ((bridge = pci_upstream_bridge(bridge)))
		pci_reload_above_put(bridge);
}

static int pci_reload_above_contain(struct pci_reload *pr)
{
	int ret = 0;

	mutex_lock(&pci_reload_above_lock);
	if (!pr->above) {
		ret = pci_reload_above_take(pr->port);
		pr->above = !ret;
	}
	mutex_unlock(&pci_reload_above_lock);
	return ret;
}

static void pci_reload_above_release(struct pci_reload *pr)
{
	mutex_lock(&pci_reload_above_lock);
	if (pr->above)
		pci_reload_above_leave(pr->port);
	pr->above = false;
	mutex_unlock(&pci_reload_above_lock);
}

/**
 * pci_reload_unmask_above - let the bridges above report errors for now
 * @pr: an open window
 *
 * They have other devices below them, too, whose errors are not to be kept quiet for
 * as long as a driver of this card does not return.
 *
 * Context: may sleep; beside a step that waits.
 */
void pci_reload_unmask_above(struct pci_reload *pr)
{
	pci_reload_above_release(pr);
}

/**
 * pci_reload_mask_above - undo pci_reload_unmask_above()
 * @pr: an open window
 *
 * Without memory for that the window goes on without.
 *
 * Context: may sleep.
 */
void pci_reload_mask_above(struct pci_reload *pr)
{
	if (!pci_reload_port_lock(pr))
		return;
	if (pr->contained && pci_reload_above_contain(pr))
		pci_warn(pr->port, "out of memory: errors of the bridges above are not kept quiet\n");
	pci_reload_port_unlock(pr);
}

/**
 * pci_reload_contain - save and harden how errors and events are reported
 * @pr: the window
 *
 * That of the port, and of each bridge above it up to the root port.
 *
 * Context: may sleep; the port is powered.
 *
 * Return: 0; -ENOMEM, or -ENODEV if the port goes, with nothing changed.
 */
int pci_reload_contain(struct pci_reload *pr)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	int ret;
	u16 pos;

	if (!READ_ONCE(pci_reload_contains))
		return 0;

	ret = pci_reload_above_contain(pr);
	if (ret)
		return pci_reload_fail(pr, ret, "out of memory");
	if (!pci_reload_port_lock(pr)) {
		pci_reload_above_release(pr);
		return pci_reload_interrupted(pr);
	}

	pr->contained = true;
	pr->port_driver = READ_ONCE(pr->port->dev.driver);
	pci_reload_save(pr->port, &pr->saved);
	for (i = 0; i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(pr->port, reg);
		if (pos)
			pci_reload_port_harden(pr, reg, pos,
					       pr->saved.changed[i], false);
	}
	pci_reload_port_unlock(pr);
	return 0;
}

/**
 * pci_reload_hush - keep quiet what a driver has switched on again
 * @pr: an open window
 *
 * The port's drivers may do so at any time: pciehp's own way to reset a slot ends
 * with the events on, and a driver that is bound anew begins with them. To be called
 * before each step that the slot would tell of.
 *
 * Context: may sleep, 1 s at most.
 */
void pci_reload_hush(struct pci_reload *pr)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u32 bits;
	u16 pos;

	if (!pci_reload_port_lock(pr))
		return;
	for (i = 0; pr->contained && i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = reg->driver ? pci_reload_reg_pos(pr->port, reg) : 0;
		if (!pos)
			continue;
		bits = pci_reload_reg_read(pr->port, pos, reg->size) & reg->bits;
		pci_reload_port_harden(pr, reg, pos, bits, false);
		pr->saved.changed[i] |= bits;
	}
	pci_reload_port_unlock(pr);
}

/* Nobody is left to listen: the port's driver was unbound in the meantime. */
static bool pci_reload_lost_driver(struct pci_reload *pr)
{
	return pr->port_driver && !READ_ONCE(pr->port->dev.driver);
}

/**
 * pci_reload_restore - undo pci_reload_contain()
 * @pr: the window
 *
 * Only the bits that were changed are written: a driver of the port may have
 * changed its neighbours in the meantime. What a driver listens to stays off if that
 * driver is gone. The bridges above come last, as errors of the port would pass them.
 *
 * Context: may sleep; the port is powered, and locked by pci_reload_port_lock().
 */
void pci_reload_restore(struct pci_reload *pr)
{
	bool deaf = pci_reload_lost_driver(pr);
	const struct pci_reload_reg *reg;
	unsigned int i;
	u16 pos;

	if (!pr->contained)
		return;

	pci_reload_forget_old_link(pr);
	pci_reload_clear_statuses(pr->port, &pr->saved, false);
	for (i = PCI_RELOAD_CONTROLS; i-- > 0;) {
		reg = &pci_reload_controls[i];
		pos = pci_reload_reg_pos(pr->port, reg);
		if (pos && !(deaf && reg->driver))
			pci_reload_port_harden(pr, reg, pos,
					       pr->saved.changed[i], true);
	}
	pci_reload_release_above(pr);
}

/**
 * pci_reload_release_above - let the bridges above the port go
 * @pr: the window
 *
 * All that is left to do when the port itself is gone.
 *
 * Context: may sleep.
 */
void pci_reload_release_above(struct pci_reload *pr)
{
	if (!pr->contained)
		return;
	pr->contained = false;
	pci_reload_above_release(pr);
}

static bool pci_reload_all_have(struct pci_dev *port, int ext)
{
	for (; port; port = pci_upstream_bridge(port)) {
		if (!pci_find_ext_capability(port, ext))
			return false;
	}
	return true;
}

/**
 * pci_reload_describe - what a window on this port keeps quiet, and what not
 * @pr: the window
 * @buf: for lines of text
 * @len: size of @buf in bytes
 *
 * Context: may sleep.
 *
 * Return: length of the text, without the terminating NUL.
 */
int pci_reload_describe(struct pci_reload *pr, char *buf, size_t len)
{
	struct pci_host_bridge *host = pci_find_host_bridge(pr->port->bus);
	struct pci_dev *port = pr->port;
	int n = 0;

	if (!READ_ONCE(pci_reload_contains))
		return scnprintf(buf, len,
				 "not contained: anything, by the module parameter \"contain\"\n");

	n += scnprintf(buf + n, len - n,
		       "contained: error messages and system errors of %s%s%s%s%s\n",
		       pci_name(port),
		       pci_upstream_bridge(port) ? " and the bridges above" : "",
		       pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR) ?
		       ", surprise down and all else in AER" : "",
		       pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC) ?
		       ", DPC" : "",
		       pci_reload_has_slot(port) ? ", slot events" : "");
	if (!host->native_aer)
		n += scnprintf(buf + n, len - n,
			       "not contained: the firmware handles errors on this host (firmware first); it can undo the masks, or watch the link by means of its own\n");
	if (!pci_reload_all_have(port, PCI_EXT_CAP_ID_ERR))
		n += scnprintf(buf + n, len - n,
			       "not contained: errors of a port without AER are not masked, but only not reported\n");
	if (pci_reload_has_slot(port) && !host->native_pcie_hotplug)
		n += scnprintf(buf + n, len - n,
			       "not contained: the firmware handles hot-plug on this host, and may notice that the link goes down\n");
	return n;
}
EXPORT_SYMBOL_GPL(pci_reload_describe);
