// SPDX-License-Identifier: GPL-2.0-only
/* Slot of a port: presence, power, attention button, indicators, commands. */

#include <linux/bitfield.h>

#include "host.h"

/* Time that a command takes */
#define PCSIM_COMMAND_MS	5

/* What a command has to change for a slot with cmd_lazy to complete it */
#define PCSIM_SLOT_CONTROLS	(PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PIC | \
				 PCI_EXP_SLTCTL_AIC | PCI_EXP_SLTCTL_EIC)

static u16 pcsim_sltctl(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_SLTCTL);
}

/* Power Controller Control is 0 for power on (PCIe r6.0, sec 7.5.3.10). */
bool pcsim_slot_power(const struct pcsim_port *port)
{
	return !(pcsim_sltctl(port) & PCI_EXP_SLTCTL_PCC);
}

/* Slot events that the slot cannot have stay clear. */
void pcsim_slot_event(struct pcsim_port *port, u16 bits)
{
	unsigned int pos = port->lay.pcie;

	if (!port->cfg.slot)
		return;
	if (!(pcsim_get32(&port->fn, pos + PCI_EXP_LNKCAP) &
	      PCI_EXP_LNKCAP_DLLLARC))
		bits &= ~PCI_EXP_SLTSTA_DLLSC;
	if (!bits)
		return;

	pcsim_update16(&port->fn, pos + PCI_EXP_SLTSTA, 0, bits);
	pcsim_log_port(port, PCIE_CARD_SIM_SLOT_EVENT, bits);
	pcsim_irq_update(port);
}

/*
 * The logical OR of both ways of detection, where there are both, and In-Band
 * PD Disable takes one of them away (PCIe r6.0, sec 7.5.3.10 and 7.5.3.11).
 */
static bool pcsim_slot_detects(const struct pcsim_port *port)
{
	bool inband = port->link != PCSIM_LINK_DOWN;
	bool pin = port->card->present;

	switch (port->cfg.inband) {
	case PCIE_CARD_SIM_INBAND:
		return inband;
	case PCIE_CARD_SIM_PIN_AND_INBAND:
		if (!(pcsim_sltctl(port) & PCI_EXP_SLTCTL_IBPD_DISABLE))
			return pin || inband;
		return pin;
	default:
		return pin;
	}
}

/*
 * Update Presence Detect State, which is 1 without a slot (PCIe r6.0, sec
 * 7.5.3.11). Returns the event that comes of it.
 */
u16 pcsim_slot_presence(struct pcsim_port *port)
{
	unsigned int at = port->lay.pcie + PCI_EXP_SLTSTA;
	u16 old = pcsim_get16(&port->fn, at);
	bool now;

	if (!port->cfg.slot)
		return 0;

	now = pcsim_slot_detects(port);
	pcsim_update16(&port->fn, at, PCI_EXP_SLTSTA_PDS,
		       now ? PCI_EXP_SLTSTA_PDS : 0);

	return now != !!(old & PCI_EXP_SLTSTA_PDS) ? PCI_EXP_SLTSTA_PDC : 0;
}

/* A card came, went or was exchanged for another, and its pin was open. */
void pcsim_slot_pin(struct pcsim_port *port)
{
	u16 event = pcsim_slot_presence(port);

	if (port->cfg.inband != PCIE_CARD_SIM_INBAND && port->card->present)
		event = PCI_EXP_SLTSTA_PDC;
	pcsim_slot_event(port, event);
}

/* Returns -EOPNOTSUPP for a slot without a button. */
int pcsim_slot_press(struct pcsim_port *port)
{
	if (!port->cfg.slot || !port->cfg.button)
		return -EOPNOTSUPP;

	pcsim_slot_event(port, PCI_EXP_SLTSTA_ABP);

	return 0;
}

/**
 * pcsim_slot_write() - see what comes of a write to a port
 * @port: the port, whose registers have their new values
 * @reg: first register that was written
 * @size: number of bytes that were written
 * @val: what was written
 *
 * Each write to Slot Control is a command, whatever it writes, and software
 * has to wait for its end before the next one (PCIe r6.0, sec 6.7.3.2).
 */
void pcsim_slot_write(struct pcsim_port *port, unsigned int reg,
		      unsigned int size, u32 val)
{
	unsigned int at = port->lay.pcie + PCI_EXP_SLTCTL;
	u16 changed;

	if (!port->cfg.slot || reg >= at + 2 || reg + size <= at)
		return;

	pcsim_slot_event(port, pcsim_slot_presence(port));
	if (!port->cfg.cmd_completed)
		return;

	changed = pcsim_sltctl(port) ^ port->slot_control;
	port->slot_control = pcsim_sltctl(port);
	if (port->cfg.cmd_lazy && !(changed & PCSIM_SLOT_CONTROLS))
		return;

	if (port->commanded)
		pcsim_log_port(port, PCIE_CARD_SIM_SLOT_BUSY,
			       pcsim_written(reg, size, val, at) & 0xffff);
	port->commanded = true;
	pcsim_delay_start(&port->command, PCSIM_COMMAND_MS);
}

static void pcsim_command_work(struct work_struct *work)
{
	struct pcsim_port *port = container_of(work, struct pcsim_port,
					       command.work.work);

	guard(pcsim)(port->sim);

	if (!port->commanded || port->sim->gone ||
	    !pcsim_delay_over(&port->command))
		return;

	port->commanded = false;
	pcsim_slot_event(port, PCI_EXP_SLTSTA_CC);
}

/* Slot Capabilities, and what can be written to Slot Control for that */
static u32 pcsim_slot_cap(const struct pcie_card_sim_port *cfg, u16 *rw)
{
	u32 cap = 0;

	*rw = 0;
	if (cfg->hotplug) {
		cap |= PCI_EXP_SLTCAP_HPC | PCI_EXP_SLTCAP_HPS;
		*rw |= PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_HPIE;
		if (cfg->link_active_reporting)
			*rw |= PCI_EXP_SLTCTL_DLLSCE;
	}
	if (cfg->power_control) {
		cap |= PCI_EXP_SLTCAP_PCP;
		*rw |= PCI_EXP_SLTCTL_PCC;
	}
	if (cfg->button) {
		cap |= PCI_EXP_SLTCAP_ABP | PCI_EXP_SLTCAP_AIP |
		       PCI_EXP_SLTCAP_PIP;
		*rw |= PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_AIC |
		       PCI_EXP_SLTCTL_PIC;
	}
	if (cfg->inband == PCIE_CARD_SIM_PIN_AND_INBAND)
		*rw |= PCI_EXP_SLTCTL_IBPD_DISABLE;
	if (cfg->cmd_completed)
		*rw |= PCI_EXP_SLTCTL_CCIE;
	else
		cap |= PCI_EXP_SLTCAP_NCCS;

	return cap;
}

/* PCIe r6.0, sec 7.5.3.9 to 7.5.3.11, and Slot Capabilities 2 */
void pcsim_slot_layout(struct pcsim_port *port)
{
	const struct pcie_card_sim_port *cfg = &port->cfg;
	struct pcsim_layout *lay = &port->lay;
	unsigned int pos = lay->pcie;
	u16 rw, events = PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC;
	u16 control = cfg->button ? PCI_EXP_SLTCTL_ATTN_IND_OFF |
				    PCI_EXP_SLTCTL_PWR_IND_ON : 0;
	u32 cap;

	if (!cfg->slot)
		return;

	cap = pcsim_slot_cap(cfg, &rw);
	if (cfg->button)
		events |= PCI_EXP_SLTSTA_ABP;
	if (cfg->cmd_completed)
		events |= PCI_EXP_SLTSTA_CC;
	pcsim_lay32(lay, pos + PCI_EXP_SLTCAP,
		    FIELD_PREP(PCI_EXP_SLTCAP_PSN, port->index + 1) | cap, 0);
	pcsim_lay16(lay, pos + PCI_EXP_SLTCTL, control, rw);
	port->slot_control = control;
	pcsim_lay_rw1c(lay, pos + PCI_EXP_SLTSTA, events);
	if (cfg->inband == PCIE_CARD_SIM_PIN_AND_INBAND)
		pcsim_lay32(lay, pos + PCI_EXP_SLTCAP2, PCI_EXP_SLTCAP2_IBPD, 0);
}

void pcsim_slot_init(struct pcsim_port *port)
{
	pcsim_delay_init(&port->command, pcsim_command_work);
}

/* No configuration access may happen any more. */
void pcsim_slot_stop(struct pcsim_port *port)
{
	pcsim_delay_stop(&port->command);
}
