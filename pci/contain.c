// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping a port quiet, with the bridges above it, while the card below goes away and comes
 * back. The registers are in registers.c, the bridges above in above.c.
 */

#include <linux/module.h>
#include <linux/pci.h>

#include "reload.h"

/*
 * For those who want to see what a reload does to a host without all this: the
 * kernel is tainted, since the machine may well go down.
 */
static bool pci_reload_contains = true;
module_param_named_unsafe(contain, pci_reload_contains, bool, 0644);
MODULE_PARM_DESC(contain,
		 "Keep errors and slot events quiet while a window is open (default: Y). For debugging only");

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

/*
 * What a register says of a link that is not there any more goes with it. The kernel
 * takes Link Bandwidth Management Status of a link that fails later for a reason to
 * limit the port's speed (pcie_failed_link_retrain()).
 */
static void pci_reload_forget_old_link(struct pci_reload *pr)
{
	if (pr->came_up)
		pr->saved.statuses[PCI_RELOAD_STA_LINK] = 0;
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
 * pci_reload_keep_quiet - keep quiet what a driver has switched on again
 * @pr: an open window
 *
 * The port's drivers may do so at any time: pciehp's own way to reset a slot ends
 * with the events on, and a driver that is bound anew begins with them. To be called
 * before each step that the slot would tell of.
 *
 * Context: may sleep, 1 s at most.
 */
void pci_reload_keep_quiet(struct pci_reload *pr)
{
	const struct pci_reload_reg *reg;
	unsigned int i;
	u32 bits;
	u16 pos;

	if (!pci_reload_port_lock(pr))
		return;
	for (i = 0; pr->contained && i < PCI_RELOAD_CONTROLS; i++) {
		reg = &pci_reload_controls[i];
		pos = reg->owner ? pci_reload_reg_pos(pr->port, reg) : 0;
		if (!pos)
			continue;
		bits = pci_reload_reg_read(pr->port, pos, reg->size) & reg->bits;
		pci_reload_port_harden(pr, reg, pos, bits, false);
		pr->saved.changed[i] |= bits;
	}
	pci_reload_port_unlock(pr);
}

/* The port's driver was unbound since the window opened. */
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
		if (pos && !(deaf && reg->owner))
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
