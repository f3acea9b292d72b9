// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slot that the card is in: who is told what of it, and its power.
 *
 * A hot-plug driver that owns the slot keeps it. It hears nothing of the link's
 * going down and coming up for a reload, but it does hear of whatever happens
 * to the card itself: that it was pulled, or replaced after the new functions
 * were found, or that the attention button was pressed.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "reload.h"

#define PCI_RELOAD_SLOT_EVENTS	(PCI_EXP_SLTSTA_DLLSC | PCI_EXP_SLTSTA_PDC)

/*
 * Whether the slot has a power indicator that tells of power. There are ports whose
 * indicators are for the user to set, as those of disks in a VMD domain.
 */
static bool pci_reload_has_indicator(struct pci_dev *port)
{
	return pci_reload_slot_cap(port) & PCI_EXP_SLTCAP_PIP &&
	       !port->hotplug_user_indicators;
}

/* The button was pressed, and nobody has changed his mind yet. */
static bool pci_reload_slot_blinks(struct pci_dev *port)
{
	return pci_reload_has_indicator(port) &&
	       (pci_reload_slot_control(port) & PCI_EXP_SLTCTL_PIC) ==
	       PCI_EXP_SLTCTL_PWR_IND_BLINK;
}

/*
 * Whether Presence Detect State tells of a card whose link is down. It follows the
 * link where presence is detected in-band only. It does not where the slot has a
 * power controller, for which there are pins, or where in-band detection is off
 * (PCIe r6.0, sec 7.5.3.10 and 7.5.3.11).
 */
static bool pci_reload_sees_presence(struct pci_dev *port)
{
	return pci_reload_slot_cap(port) & PCI_EXP_SLTCAP_PCP ||
	       pci_reload_slot_control(port) & PCI_EXP_SLTCTL_IBPD_DISABLE;
}

/**
 * pci_reload_slot_preflight - whether the slot stands in the way of a window
 * @pr: the window
 *
 * Return: 0; -EOPNOTSUPP if the hot-plug driver polls the slot, so that it
 * cannot be made to look away; -ENODEV if the slot is switched off or empty; -EBUSY
 * if it is about to be switched off.
 */
int pci_reload_slot_preflight(struct pci_reload *pr)
{
	u16 control = pci_reload_slot_control(pr->port);
	u32 cap = pci_reload_slot_cap(pr->port);

	if (cap & PCI_EXP_SLTCAP_PCP && control & PCI_EXP_SLTCTL_PCC)
		return pci_reload_fail(pr, -ENODEV,
				       "the slot of %s is switched off: write 1 to its \"power\" in /sys/bus/pci/slots",
				       pci_name(pr->port));
	if (!(cap & PCI_EXP_SLTCAP_HPC))
		return 0;
	if (control & (PCI_EXP_SLTCTL_DLLSCE | PCI_EXP_SLTCTL_PDCE) &&
	    !(control & PCI_EXP_SLTCTL_HPIE))
		return pci_reload_fail(pr, -EOPNOTSUPP,
				       "the hot-plug driver polls the slot of %s, and would take a reload for a removal: boot without pciehp.pciehp_poll_mode",
				       pci_name(pr->port));
	if (pci_reload_sees_presence(pr->port) &&
	    !(pci_reload_slot_status(pr->port) & PCI_EXP_SLTSTA_PDS) &&
	    !pci_reload_link_active(pr))
		return pci_reload_fail(pr, -ENODEV, "the slot of %s is empty",
				       pci_name(pr->port));
	if (pci_reload_slot_blinks(pr->port))
		return pci_reload_fail(pr, -EBUSY,
				       "the attention button of the slot of %s was pressed, which is about to be switched off: press it again to go on",
				       pci_name(pr->port));
	return 0;
}

/**
 * pci_reload_slot_take - see whether the slot is quiet now
 * @pr: a window that opens; the slot tells nothing any more
 * @enabled: what it told before
 *
 * What came before that, the hot-plug driver has dealt with when this returns,
 * or will when it is told.
 *
 * Context: as for pci_reload_sync().
 *
 * Return: 0; the errors of pci_reload_slot_preflight(); -EBUSY if something
 * happened to the card that the hot-plug driver has to deal with.
 */
int pci_reload_slot_take(struct pci_reload *pr, u16 enabled)
{
	u16 events = 0;
	int ret;

	if (!pr->contained || !pci_reload_has_status(pr->port))
		return 0;
	pci_reload_sync(pr);
	ret = pci_reload_slot_preflight(pr);
	if (ret)
		return ret;

	pr->slot_events = pci_reload_slot_status(pr->port) &
			  PCI_RELOAD_SLOT_EVENTS;
	if (enabled & PCI_EXP_SLTCTL_PDCE)
		events |= PCI_EXP_SLTSTA_PDC;
	if (enabled & PCI_EXP_SLTCTL_DLLSCE)
		events |= PCI_EXP_SLTSTA_DLLSC;
	if (pr->slot_events & events)
		return pci_reload_fail(pr, -EBUSY,
				       "the slot of the card below %s has an event that its hot-plug driver has not handled yet: try again",
				       pci_name(pr->port));
	return 0;
}

/**
 * pci_reload_slot_vacant - whether there is nobody to wait for
 * @pr: an open window
 *
 * Context: any in which configuration space can be accessed.
 *
 * Return: 0 if there may be a card; -ENODEV if there is none in the slot for
 * sure, or somebody has switched the slot off.
 */
int pci_reload_slot_vacant(struct pci_reload *pr)
{
	if (!pci_reload_has_status(pr->port) ||
	    !pci_reload_sees_presence(pr->port))
		return 0;
	if (pci_reload_slot_cap(pr->port) & PCI_EXP_SLTCAP_PCP &&
	    pci_reload_slot_control(pr->port) & PCI_EXP_SLTCTL_PCC)
		return pci_reload_fail(pr, -ENODEV,
				       "the slot of %s was switched off",
				       pci_name(pr->port));
	if (pci_reload_slot_status(pr->port) & PCI_EXP_SLTSTA_PDS)
		return 0;
	return pci_reload_fail(pr, -ENODEV, "the card was pulled from the slot of %s",
			       pci_name(pr->port));
}

/**
 * pci_reload_is_vacant - whether it is certain that there is no card
 * @pr: an open window
 *
 * Context: any in which configuration space can be accessed.
 *
 * Return: true if the slot is empty, by more than its link's being down, or if
 * somebody has switched it off.
 */
bool pci_reload_is_vacant(struct pci_reload *pr)
{
	return !READ_ONCE(pr->gone) && pci_reload_slot_vacant(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_is_vacant);

/* Whether the slot tells of its link. */
bool pci_reload_slot_sees_link(struct pci_reload *pr)
{
	return pr->contained && pci_reload_has_status(pr->port) &&
	       pci_reload_reports_active(pr->port);
}

/* Whether the slot saw something that a reload does not do to it. */
bool pci_reload_slot_disturbed(struct pci_reload *pr)
{
	u16 events = PCI_RELOAD_SLOT_EVENTS;

	if (!pr->contained || !pci_reload_has_status(pr->port) ||
	    (pr->state >= PCI_RELOAD_DOWN && pr->state < PCI_RELOAD_ENUMERATED))
		return false;
	/* Resetting a function through its link changes presence and link events too. */
	if (pr->state < PCI_RELOAD_DOWN)
		events = pr->quiesce == PCI_RELOAD_QUIESCE_NONE ?
			 PCI_EXP_SLTSTA_PDC : 0;
	return pci_reload_slot_status(pr->port) & events & ~pr->slot_events;
}

/**
 * pci_reload_slot_forget_events - what the reload did to the slot is over
 * @pr: a window whose card is about to be enumerated
 *
 * The card that answers now is the one that will be found, whatever happened
 * before. From here on an event means that it is not there any more.
 */
void pci_reload_slot_forget_events(struct pci_reload *pr)
{
	u16 events;

	if (!pr->contained || !pci_reload_has_status(pr->port))
		return;
	events = pci_reload_slot_status(pr->port) & PCI_RELOAD_SLOT_EVENTS;
	if (events & PCI_EXP_SLTSTA_PDC)
		pr->presence_changed = true;
	if (events)
		pcie_capability_write_word(pr->port, PCI_EXP_SLTSTA, events);
	pr->slot_events = 0;
}

/**
 * pci_reload_slot_settle_events - decide what the hot-plug driver is to hear
 * @pr: a window that closes
 *
 * After an enumeration: all that happened since; likewise if the link was never
 * touched. Otherwise nothing while the card may be in the slot, for a retry to find
 * the slot as it is; but if it is not there for sure, the driver hears that it went
 * (PCIe r6.0, sec 6.7.3.4).
 */
void pci_reload_slot_settle_events(struct pci_reload *pr)
{
	if (pr->state < PCI_RELOAD_DOWN || pr->state == PCI_RELOAD_ENUMERATED ||
	    !pci_reload_has_status(pr->port))
		return;
	if (pci_reload_slot_status(pr->port) & PCI_EXP_SLTSTA_PDS ||
	    !pci_reload_sees_presence(pr->port))
		pcie_capability_write_word(pr->port, PCI_EXP_SLTSTA,
					   PCI_RELOAD_SLOT_EVENTS);
}

static u64 pci_reload_serial(struct pci_reload *pr)
{
	struct pci_dev *pdev = pci_get_slot(pr->bus, PCI_DEVFN(0, 0));
	u64 serial = pdev ? pci_get_dsn(pdev) : 0;

	pci_dev_put(pdev);
	return serial;
}

static int pci_reload_find_quirk(struct pci_dev *pdev, void *data)
{
	bool *no_bus_reset = data;

	*no_bus_reset |= !!(pdev->dev_flags & PCI_DEV_FLAGS_NO_BUS_RESET);
	return 0;
}

void pci_reload_find_quirks(struct pci_reload *pr)
{
	pr->no_bus_reset = false;
	pci_reload_find_quirk(pr->port, &pr->no_bus_reset);
	pci_walk_bus(pr->bus, pci_reload_find_quirk, &pr->no_bus_reset);
}

/*
 * What the card is, as long as it is there to be asked. With nothing below the
 * port what is known from the last time stays.
 */
void pci_reload_slot_remember(struct pci_reload *pr)
{
	pr->presence_changed = false;
	if (pci_reload_is_empty(pr))
		return;
	pr->serial = pci_reload_serial(pr);
	pci_reload_find_quirks(pr);
}

/**
 * pci_reload_replaced - whether the card below is another than at opening
 * @pr: the window
 *
 * Presence has to have changed, and the slot to be one whose presence does not
 * follow its link. Of a card with a serial number, that has to be another as well.
 * A serial number alone does not tell, as each image may have its own.
 *
 * Context: may sleep.
 *
 * Return: true if the slot saw a card come or go, and the one that is there may
 * not be the one it was.
 */
bool pci_reload_replaced(struct pci_reload *pr)
{
	if (!pr->presence_changed || pci_reload_is_empty(pr) ||
	    !pci_reload_sees_presence(pr->port))
		return false;
	return !pr->serial || pci_reload_serial(pr) != pr->serial;
}
EXPORT_SYMBOL_GPL(pci_reload_replaced);

/**
 * pci_reload_may_power_cycle - whether the slot's power can be switched
 * @pr: the window
 *
 * Context: may sleep.
 *
 * Return: 0; -EOPNOTSUPP if the slot has no power controller, or firmware has it.
 */
int pci_reload_may_power_cycle(struct pci_reload *pr)
{
	if (!pci_reload_can_power_cycle(pr->port))
		return pci_reload_fail(pr, -EOPNOTSUPP,
				       "the slot of %s cannot switch its power",
				       pci_name(pr->port));
	if (!pci_find_host_bridge(pr->port->bus)->native_pcie_hotplug)
		return pci_reload_fail(pr, -EOPNOTSUPP,
				       "the slot of %s belongs to the firmware, which alone may switch its power",
				       pci_name(pr->port));
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_may_power_cycle);

static u16 pci_reload_slot_indicator(struct pci_dev *port)
{
	if (!pci_reload_has_indicator(port))
		return 0;
	return pci_reload_slot_control(port) & PCI_EXP_SLTCTL_PIC;
}

static u16 pci_reload_slot_pressed(struct pci_dev *port)
{
	return pci_reload_slot_status(port) & PCI_EXP_SLTSTA_ABP;
}

/*
 * The power indicator of a slot without power has to be off (PCIe r6.0, sec
 * 6.7.1.1). It also says that the card may be taken out: there are ports, those of
 * virtual machines, whose cards go then, and not before.
 */
static int pci_reload_power_off(struct pci_reload *pr)
{
	pci_reload_keep_quiet(pr);
	if (!pci_reload_port_lock(pr))
		return pci_reload_interrupted(pr);
	pr->slot_indicator = pci_reload_slot_indicator(pr->port);
	pr->slot_pressed = pci_reload_slot_pressed(pr->port);
	pr->slot_off = true;
	pci_reload_slot_command(pr, 0, PCI_EXP_SLTCTL_PWR_OFF |
				(pr->slot_indicator ?
				 PCI_EXP_SLTCTL_PWR_IND_OFF : 0));
	pci_reload_slot_complete(pr);
	pci_reload_port_unlock(pr);
	return 0;
}

/**
 * pci_reload_slot_power_on - undo what a power cycle has switched off
 * @pr: an open window
 *
 * Who presses the button of a slot that is off wants it on (PCIe r6.0, sec
 * 6.7.1.5), and there it goes. The hot-plug driver, which has not seen it off,
 * would switch it off.
 *
 * Context: may sleep, 1 s at most; the port is locked by pci_reload_port_lock().
 */
void pci_reload_slot_power_on(struct pci_reload *pr)
{
	u16 pressed;

	if (!pr->slot_off)
		return;
	pr->slot_off = false;
	pressed = pci_reload_slot_pressed(pr->port) & ~pr->slot_pressed;
	if (pressed)
		pcie_capability_write_word(pr->port, PCI_EXP_SLTSTA, pressed);
	pci_reload_slot_command(pr, PCI_EXP_SLTCTL_PCC |
				(pr->slot_indicator ? PCI_EXP_SLTCTL_PIC : 0),
				pr->slot_indicator);
	pr->released = ktime_get();
}

/**
 * pci_reload_power_cycle - switch the slot's power off and on again
 * @pr: an open window in which nothing is left below the port
 *
 * The card starts anew, with the image that it starts with. Call
 * pci_reload_wait_link() next.
 *
 * Context: may sleep for a few seconds; no lock is held.
 *
 * Return: 0; -EOPNOTSUPP if the slot has no power controller, or firmware has it;
 * -ENODEV or -EINTR, with the power on.
 */
int pci_reload_power_cycle(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step_empty(pr);
	if (ret)
		return ret;
	ret = pci_reload_may_power_cycle(pr);
	if (ret)
		return ret;

	pci_reload_link_release(pr);
	ret = pci_reload_power_off(pr);
	if (ret)
		return ret;
	ret = pci_reload_sleep(pr, PCI_RELOAD_POWER_OFF_MS);
	pci_reload_drs_forget(pr);
	if (pci_reload_port_lock(pr)) {
		pci_reload_slot_power_on(pr);
		pci_reload_port_unlock(pr);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_power_cycle);
