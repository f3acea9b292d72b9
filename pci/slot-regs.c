// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a port's slot, and commands to the slot, which take their time.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "reload.h"

/* Controls of Slot Control, as opposed to enables (PCIe r6.0, sec 7.5.3.10) */
#define PCI_RELOAD_SLOT_CONTROLS (PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PIC | \
				  PCI_EXP_SLTCTL_AIC | PCI_EXP_SLTCTL_EIC)

u32 pci_reload_slot_cap(struct pci_dev *port)
{
	u32 cap = 0;

	if (pcie_caps_reg(port) & PCI_EXP_FLAGS_SLOT)
		pcie_capability_read_dword(port, PCI_EXP_SLTCAP, &cap);
	return cap;
}

u16 pci_reload_slot_status(struct pci_dev *port)
{
	u16 status = 0;

	pcie_capability_read_word(port, PCI_EXP_SLTSTA, &status);
	return status;
}

u16 pci_reload_slot_control(struct pci_dev *port)
{
	u16 control = 0;

	pcie_capability_read_word(port, PCI_EXP_SLTCTL, &control);
	return control;
}

/* Slot Status also tells of slots that nobody watches. */
bool pci_reload_has_status(struct pci_dev *port)
{
	return pcie_caps_reg(port) & PCI_EXP_FLAGS_SLOT;
}

/* Whether the port has a slot that is hot-plug capable. */
bool pci_reload_has_slot(struct pci_dev *port)
{
	return pci_reload_slot_cap(port) & PCI_EXP_SLTCAP_HPC;
}

/**
 * pci_reload_can_power_cycle - whether a port can switch its card off and on
 * @port: the port
 *
 * Context: any in which configuration space can be accessed.
 *
 * Return: true if the port has a slot with a power controller.
 */
bool pci_reload_can_power_cycle(struct pci_dev *port)
{
	return pci_reload_slot_cap(port) & PCI_EXP_SLTCAP_PCP;
}
EXPORT_SYMBOL_GPL(pci_reload_can_power_cycle);

/**
 * pci_reload_slot_complete - wait until the slot has done what it was told
 * @pr: the window
 *
 * The completion is cleared, or the hot-plug driver would take it for that of a
 * command of its own.
 *
 * Context: may sleep, 1 s at most; the port is locked by pci_reload_port_lock().
 */
void pci_reload_slot_complete(struct pci_reload *pr)
{
	unsigned long end = pr->slot_commanded +
			    msecs_to_jiffies(PCI_RELOAD_COMMAND_MS);

	if (!pr->slot_busy)
		return;
	while (!(pci_reload_slot_status(pr->port) & PCI_EXP_SLTSTA_CC) &&
	       time_before(jiffies, end))
		usleep_range(PCI_RELOAD_POLL_MIN_US, PCI_RELOAD_POLL_MAX_US);
	pcie_capability_write_word(pr->port, PCI_EXP_SLTSTA, PCI_EXP_SLTSTA_CC);
	pr->slot_busy = false;
}

/**
 * pci_reload_slot_commanded - Slot Control was written
 * @pr: the window
 * @changed: bits that may have another value now
 *
 * Some ports never complete commands that change nothing but enables: Intel's erratum
 * CF118 and its like, for which the kernel has a quirk.
 *
 * Context: any in which configuration space can be accessed; the port is locked by
 * pci_reload_port_lock().
 */
void pci_reload_slot_commanded(struct pci_reload *pr, u16 changed)
{
	u16 control = pci_reload_slot_control(pr->port);

	if (!pci_reload_has_status(pr->port) ||
	    pci_reload_slot_cap(pr->port) & PCI_EXP_SLTCAP_NCCS)
		return;
	/* With its interrupt on, the completion is the hot-plug driver's. */
	if (control & PCI_EXP_SLTCTL_HPIE && control & PCI_EXP_SLTCTL_CCIE)
		return;
	if (pr->port->broken_cmd_compl && !(changed & PCI_RELOAD_SLOT_CONTROLS))
		return;
	pr->slot_busy = true;
	pr->slot_commanded = jiffies;
}

/**
 * pci_reload_slot_command - change bits of Slot Control
 * @pr: the window
 * @clear: bits to clear
 * @set: bits to set
 *
 * Context: may sleep, 1 s at most; the port is locked by pci_reload_port_lock().
 */
void pci_reload_slot_command(struct pci_reload *pr, u16 clear, u16 set)
{
	u16 old, now;

	pci_reload_slot_complete(pr);
	old = pci_reload_slot_control(pr->port);
	now = (old & ~clear) | set;
	pcie_capability_write_word(pr->port, PCI_EXP_SLTCTL, now);
	pci_reload_slot_commanded(pr, old ^ now);
}

/* What the slot tells a hot-plug driver; 0 if there is none that listens. */
u16 pci_reload_slot_enabled(struct pci_dev *port)
{
	u16 control = pci_reload_slot_control(port);

	return control & PCI_EXP_SLTCTL_HPIE ? control & PCI_RELOAD_SLOT_ENABLES :
					       0;
}
