// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports that face downstream, root ports and the legs of an on-card switch: their
 * registers, and what a write to these does.
 */

#include <linux/mm.h>
#include <linux/slab.h>

#include "host.h"

/* Has a write begun or ended what may help a card that does not return? */
static void pcsim_port_cures(struct pcsim_port *port, bool was_disabled,
			     bool was_reset)
{
	bool disabled = pcsim_link_disabled(port);
	bool reset = pcsim_link_in_reset(port);

	if (!pcsim_port_has_card(port))
		return;
	if (reset != was_reset)
		port->below->cure(port, PCIE_CARD_SIM_CURE_RESET, reset);
	if (disabled != was_disabled)
		port->below->cure(port, PCIE_CARD_SIM_CURE_RETRAIN, disabled);
}

/*
 * A port may lose its own registers when it resets what is below: all of them
 * but the bit by which it does.
 */
static void pcsim_port_forget(struct pcsim_port *port)
{
	if (!pcsim_port_has_card(port) || !port->card->faults.forget_port)
		return;

	pcsim_cfg_reset(&port->fn, true);
	pcsim_set16(&port->fn, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET);
	pcsim_link_regs(port);
	pcsim_slot_presence(port);
	port->commanded = false;
}

/* Let software that wrote to the port see what comes of it. */
void pcsim_port_write(struct pcsim_port *port, unsigned int reg,
		      unsigned int size, u32 val)
{
	unsigned int pos = port->lay.pcie;
	bool disabled = pcsim_link_disabled(port);
	bool asked = pcsim_in_reset(&port->fn);
	bool reset = pcsim_link_in_reset(port);
	bool power = pcsim_slot_power(port);

	pcsim_cfg_write(&port->fn, reg, size, val);
	pcsim_link_control(port, disabled);
	pcsim_ready_regs(port);
	pcsim_err_write(port, reg, size, val);
	pcsim_slot_write(port, reg, size, val);
	if (!reset && pcsim_link_in_reset(port))
		pcsim_port_forget(port);

	if (power != pcsim_slot_power(port))
		port->below->power(port, !power);

	if (!asked && pcsim_in_reset(&port->fn))
		pcsim_log_port(port, PCIE_CARD_SIM_RESET_BUS, 0);
	pcsim_port_cures(port, disabled, reset);
	if (pcsim_link_held(port))
		pcsim_link_eval(port, PCIE_CARD_SIM_BY_DISABLE);
	else if (pcsim_link_in_reset(port))
		pcsim_link_eval(port, PCIE_CARD_SIM_BY_RESET);
	else
		pcsim_link_eval(port, PCIE_CARD_SIM_BY_DPC);

	if (pcsim_written(reg, size, val, pos + PCI_EXP_LNKCTL) &
	    PCI_EXP_LNKCTL_RL)
		pcsim_link_retrain(port);

	pcsim_msi_numbers(port);
	pcsim_irq_update(port);
}

/**
 * pcsim_port_reset() - the switch of the host that a port is of is reset
 * @port: the port
 *
 * The slot has its power then, and no command is under way.
 */
void pcsim_port_reset(struct pcsim_port *port)
{
	bool power = pcsim_slot_power(port);

	if (port->link != PCSIM_LINK_DOWN)
		pcsim_link_drop(port, PCIE_CARD_SIM_BY_PARENT);
	pcsim_cfg_reset(&port->fn, false);
	pcsim_link_regs(port);
	pcsim_slot_presence(port);
	port->commanded = false;
	if (!power)
		port->below->power(port, true);
	pcsim_irq_update(port);
}

/*
 * Link Bandwidth Notification is required of whatever is wider than x1 or has
 * more than one speed (PCIe r6.0, sec 7.5.3.6).
 */
static void pcsim_port_pcie(struct pcsim_layout *lay, bool slot, bool reporting,
			    unsigned int number, struct pcsim_rate rate)
{
	unsigned int pos = lay->pcie;
	u32 cap = 0;

	if (slot)
		lay->reset[pos + PCI_EXP_FLAGS + 1] |= PCI_EXP_FLAGS_SLOT >> 8;
	if (reporting)
		cap |= PCI_EXP_LNKCAP_DLLLARC;
	if (rate.width > 1 || rate.speed > PCI_EXP_LNKCAP_SLS_2_5GB)
		cap |= PCI_EXP_LNKCAP_LBNC;
	lay->reset[pos + PCI_EXP_LNKCAP + 2] |= cap >> 16;
	lay->reset[pos + PCI_EXP_LNKCAP + 3] = number;
	lay->rw[pos + PCI_EXP_LNKCTL] |= PCI_EXP_LNKCTL_LD;
	if (cap & PCI_EXP_LNKCAP_LBNC) {
		lay->rw[pos + PCI_EXP_LNKCTL + 1] |=
			(PCI_EXP_LNKCTL_HAWD | PCI_EXP_LNKCTL_LBMIE |
			 PCI_EXP_LNKCTL_LABIE) >> 8;
		pcsim_lay_rw1c(lay, pos + PCI_EXP_LNKSTA,
			       PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS);
	}
	lay->reset[pos + PCI_EXP_DEVCAP2] |= PCI_EXP_DEVCAP2_ARI;
	lay->rw[pos + PCI_EXP_DEVCTL2] |= PCI_EXP_DEVCTL2_ARI;
}

/* Device Readiness Status (PCIe r6.0, sec 6.22.1) */
static void pcsim_port_drs(struct pcsim_layout *lay)
{
	unsigned int pos = lay->pcie;

	lay->reset[pos + PCI_EXP_LNKCAP2 + 3] |= PCIE_CARD_SIM_LNKCAP2_DRS >> 24;
	lay->rw[pos + PCI_EXP_LNKCTL + 1] |= PCIE_CARD_SIM_LNKCTL_DRS >> 8;
	pcsim_lay_rw1c(lay, pos + PCI_EXP_LNKSTA2, PCIE_CARD_SIM_LNKSTA2_DRS);
}

/* PCIe r6.0, sec 7.5.3.12 to 7.5.3.14 */
static void pcsim_port_root_regs(struct pcsim_layout *lay)
{
	unsigned int pos = lay->pcie;

	pcsim_lay16(lay, pos + PCI_EXP_RTCTL, 0,
		    PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE |
		    PCI_EXP_RTCTL_SEFEE | PCI_EXP_RTCTL_PMEIE |
		    PCI_EXP_RTCTL_CRSSVE);
	pcsim_lay16(lay, pos + PCI_EXP_RTCAP, PCI_EXP_RTCAP_CRSVIS, 0);
	pcsim_lay_rw1c(lay, pos + PCI_EXP_RTSTA, PCI_EXP_RTSTA_PME);
}

static u16 pcsim_port_device(const struct pcsim_port *port)
{
	switch (port->role) {
	case PCSIM_DOWN:
		return PCIE_CARD_SIM_DEVICE_HOST_DOWNSTREAM;
	case PCSIM_LEG:
		return PCIE_CARD_SIM_DEVICE_DOWNSTREAM;
	default:
		return PCIE_CARD_SIM_DEVICE_ROOT;
	}
}

static void pcsim_port_layout(struct pcsim_port *port)
{
	struct pcsim_layout *lay = &port->lay;
	bool root = pcsim_port_is_root(port);
	bool leg = port->role == PCSIM_LEG;
	struct pcsim_rate rate;

	rate = pcsim_rate(pcsim_port_speed(&port->cfg), port->cfg.max_width);
	pcsim_caps_init(lay);
	pcsim_caps_ids(lay, PCIE_CARD_SIM_VENDOR, pcsim_port_device(port),
		       PCI_CLASS_BRIDGE_PCI << 8, 0);
	pcsim_caps_bridge(lay, port->sim->has_io);
	if (port->cfg.pm)
		pcsim_caps_pm(lay, true);
	pcsim_caps_pcie(lay, root ? PCI_EXP_TYPE_ROOT_PORT :
				    PCI_EXP_TYPE_DOWNSTREAM, rate.speed);
	pcsim_caps_link(lay, rate);
	pcsim_port_pcie(lay, port->cfg.slot, port->cfg.link_active_reporting,
			leg ? port->number : port->index + 1, rate);

	if (port->cfg.drs)
		pcsim_port_drs(lay);
	if (port->cfg.surprise_down)
		lay->reset[lay->pcie + PCI_EXP_LNKCAP + 2] |=
			PCI_EXP_LNKCAP_SDERC >> 16;
	if (port->cfg.msi)
		pcsim_caps_msi(lay, port->cfg.msi);
	pcsim_slot_layout(port);
	if (root)
		pcsim_port_root_regs(lay);
	if (!leg)
		lay->reset[PCI_INTERRUPT_PIN] = 1;
	if (port->cfg.aer)
		pcsim_caps_aer(lay, root);
	if (port->cfg.dpc)
		pcsim_caps_dpc(lay, root && port->cfg.rp_pio);
}

static void pcsim_port_init(struct pcsim_port *port)
{
	port->fn.kind = PCSIM_PORT;
	port->fn.lay = &port->lay;
	port->fn.port = port;
	pcsim_link_init(port);
	pcsim_slot_init(port);
	pcsim_err_init(port);
	pcsim_port_layout(port);
	pcsim_cfg_reset(&port->fn, true);
}

static struct pcsim_port *pcsim_port_new(struct pcie_card_sim *sim,
					 enum pcsim_role role)
{
	struct pcsim_port *port;

	port = kvzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;

	port->sim = sim;
	port->role = role;
	port->irq = -1;

	return port;
}

struct pcsim_port *pcsim_port_alloc(struct pcie_card_sim *sim,
				    const struct pcie_card_sim_port *cfg,
				    unsigned int index)
{
	struct pcsim_port *port;

	port = pcsim_port_new(sim, cfg->sw ? PCSIM_DOWN : PCSIM_ROOT);
	if (!port)
		return NULL;

	port->cfg = *cfg;
	port->index = index;
	pcsim_port_init(port);
	port->sim->all[port->sim->n_all++] = port;

	return port;
}

/* The root port above the switch that a port is the first one of */
struct pcsim_port *pcsim_top_alloc(struct pcsim_port *first)
{
	struct pcsim_port *port;

	port = pcsim_port_new(first->sim, PCSIM_TOP);
	if (!port)
		return NULL;

	port->cfg.aer = true;
	port->cfg.link_active_reporting = true;
	port->cfg.max_speed = 16000;
	port->cfg.msi = first->cfg.msi;
	port->index = first->index;
	port->number = first->cfg.sw - 1;
	pcsim_port_init(port);
	port->sim->all[port->sim->n_all++] = port;

	return port;
}

struct pcsim_port *pcsim_leg_alloc(struct pcsim_card *card, unsigned int leg)
{
	struct pcsim_port *port;

	port = pcsim_port_new(card->port->sim, PCSIM_LEG);
	if (!port)
		return NULL;

	port->card = card;
	port->cfg.aer = true;
	port->cfg.link_active_reporting = true;
	port->cfg.max_speed = card->port->cfg.max_speed;
	port->index = card->port->index;
	port->number = leg;
	pcsim_port_init(port);

	return port;
}

/* No configuration access and no work of the card may happen any more. */
void pcsim_port_stop(struct pcsim_port *port)
{
	pcsim_link_stop(port);
	pcsim_slot_stop(port);
	pcsim_err_stop(port);
}

void pcsim_port_free(struct pcsim_port *port)
{
	kvfree(port);
}
