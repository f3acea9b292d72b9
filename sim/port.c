// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports that face downstream, root ports and the legs of an on-card switch:
 * link, slot, bus reset.
 */

#include <linux/bitfield.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "internal.h"

#define PCSIM_SLOT_EVENTS	(PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC)

static bool pcsim_port_is_root(const struct pcsim_port *port)
{
	return port->leg < 0;
}

unsigned int pcsim_port_devfn(const struct pcsim_port *port)
{
	if (pcsim_port_is_root(port))
		return PCI_DEVFN(PCSIM_ROOT_SLOT + port->index, 0);

	return PCI_DEVFN(port->leg, 0);
}

bool pcsim_port_ari(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_DEVCTL2) &
	       PCI_EXP_DEVCTL2_ARI;
}

/* Power Controller Control is 0 for power on (PCIe r6.0, sec 7.5.3.10). */
bool pcsim_port_power(const struct pcsim_port *port)
{
	return !(pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_SLTCTL) &
		 PCI_EXP_SLTCTL_PCC);
}

static unsigned int pcsim_train_ms(const struct pcsim_port *port)
{
	return port->card->port->cfg.card.train_ms ?: 5;
}

static u32 pcsim_lnkcap(const struct pcsim_port *port)
{
	return pcsim_get32(&port->fn, port->lay.pcie + PCI_EXP_LNKCAP);
}

/* Current speed and width, if the link is up. */
static void pcsim_link_regs(struct pcsim_port *port)
{
	unsigned int pos = port->lay.pcie;
	u32 cap = pcsim_lnkcap(port);
	u16 sta = PCI_EXP_LNKSTA_CLS_2_5GB;

	if (port->link == PCSIM_LINK_UP) {
		u16 target = pcsim_get16(&port->fn, pos + PCI_EXP_LNKCTL2) &
			     PCI_EXP_LNKCTL2_TLS;

		sta = min_t(u16, cap & PCI_EXP_LNKCAP_SLS, target ?: 1) |
		      FIELD_PREP(PCI_EXP_LNKSTA_NLW,
				 FIELD_GET(PCI_EXP_LNKCAP_MLW, cap));
		if (cap & PCI_EXP_LNKCAP_DLLLARC)
			sta |= PCI_EXP_LNKSTA_DLLLA;
	} else if (port->link == PCSIM_LINK_TRAINING) {
		sta |= PCI_EXP_LNKSTA_LT;
	}
	pcsim_set16(&port->fn, pos + PCI_EXP_LNKSTA, sta);
}

/* Slot events that the slot can not have stay clear. */
void pcsim_port_slot_event(struct pcsim_port *port, u16 bits)
{
	unsigned int pos = port->lay.pcie;

	if (!port->cfg.slot)
		return;
	if (!(pcsim_lnkcap(port) & PCI_EXP_LNKCAP_DLLLARC))
		bits &= ~PCI_EXP_SLTSTA_DLLSC;
	if (!bits)
		return;

	pcsim_update16(&port->fn, pos + PCI_EXP_SLTSTA, 0, bits);
	pcsim_log_port(port, PCIE_CARD_SIM_SLOT_EVENT, bits);
	pcsim_irq_update(port);
}

/* Without a slot, Presence Detect State is 1 (PCIe r6.0, sec 7.5.3.11). */
void pcsim_port_presence(struct pcsim_port *port, bool present)
{
	if (!port->cfg.slot)
		return;

	pcsim_update16(&port->fn, port->lay.pcie + PCI_EXP_SLTSTA,
		       PCI_EXP_SLTSTA_PDS, present ? PCI_EXP_SLTSTA_PDS : 0);
}

static bool pcsim_link_disabled(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKCTL) &
	       PCI_EXP_LNKCTL_LD;
}

static bool pcsim_link_in_reset(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, PCI_BRIDGE_CONTROL) &
	       PCI_BRIDGE_CTL_BUS_RESET;
}

/* Is there something to train with, and may the port do it? */
static bool pcsim_link_able(const struct pcsim_port *port)
{
	const struct pcsim_card *card = port->card;

	if (port->sim->gone || pcsim_link_disabled(port) ||
	    pcsim_link_in_reset(port))
		return false;
	if (!pcsim_port_is_root(port))
		return card->port->link == PCSIM_LINK_UP;

	return card->present && card->ready && !pcsim_err_contained(port);
}

static void pcsim_link_set(struct pcsim_port *port, enum pcsim_link link)
{
	bool was_up = port->link == PCSIM_LINK_UP;
	bool is_up = link == PCSIM_LINK_UP;

	port->link = link;
	pcsim_link_regs(port);
	if (was_up != is_up)
		pcsim_port_slot_event(port, PCI_EXP_SLTSTA_DLLSC);
}

/* What is below lost the link: it is reset (PCIe r6.0, sec 6.6.1). */
static void pcsim_below_reset(struct pcsim_port *port)
{
	if (pcsim_port_is_root(port))
		pcsim_card_reset(port->card);
	else
		pcsim_leg_reset(port->card, port->leg);
}

/*
 * A link that goes down without the software's doing is a Surprise Down error
 * where the port reports these, but not below a slot that is made for surprise
 * removal (PCIe r6.0, sec 3.2.1).
 */
static void pcsim_surprise_down(struct pcsim_port *port,
				enum pcie_card_sim_reason why)
{
	if (why != PCIE_CARD_SIM_BY_CARD && why != PCIE_CARD_SIM_BY_REMOVAL)
		return;
	if (!(pcsim_lnkcap(port) & PCI_EXP_LNKCAP_SDERC))
		return;
	if (port->cfg.slot && port->cfg.hotplug)
		return;

	pcsim_err_report(port, PCI_ERR_UNC_SURPDN);
}

static void pcsim_link_drop(struct pcsim_port *port,
			    enum pcie_card_sim_reason why)
{
	bool was_up = port->link == PCSIM_LINK_UP;

	pcsim_link_set(port, PCSIM_LINK_DOWN);
	if (was_up) {
		pcsim_log_port(port, PCIE_CARD_SIM_LINK_DOWN, why);
		pcsim_below_reset(port);
		pcsim_surprise_down(port, why);
	}
	pcsim_delay_kick(&port->train);
}

/* Tell what is below that it has a link. */
static void pcsim_below_up(struct pcsim_port *port)
{
	if (pcsim_port_is_root(port))
		pcsim_card_up(port->card);
	else
		pcsim_leg_up(port->card, port->leg,
			     pcsim_get16(&port->fn,
					 port->lay.pcie + PCI_EXP_LNKSTA));
}

/* The link is up at once, as after a boot. Before the host is scanned. */
void pcsim_link_up_now(struct pcsim_port *port)
{
	port->link = PCSIM_LINK_UP;
	pcsim_link_regs(port);
	pcsim_below_up(port);
}

/**
 * pcsim_link_eval() - something that a link depends on has changed
 * @port: the port
 * @why: what it was, should the link go down
 */
void pcsim_link_eval(struct pcsim_port *port, enum pcie_card_sim_reason why)
{
	bool able = pcsim_link_able(port);

	lockdep_assert_held(&port->sim->lock);

	if (!able) {
		if (port->link != PCSIM_LINK_DOWN)
			pcsim_link_drop(port, why);
		return;
	}
	if (port->link != PCSIM_LINK_DOWN)
		return;

	pcsim_link_set(port, PCSIM_LINK_TRAINING);
	pcsim_delay_start(&port->train, pcsim_train_ms(port));
}

/* The training is over. */
static void pcsim_link_trained(struct pcsim_port *port)
{
	pcsim_link_set(port, PCSIM_LINK_UP);
	pcsim_log_port(port, PCIE_CARD_SIM_LINK_UP, 0);
	pcsim_below_up(port);
}

static bool pcsim_link_due(struct pcsim_port *port)
{
	guard(pcsim)(port->sim);

	return port->link == PCSIM_LINK_TRAINING && !port->sim->gone &&
	       pcsim_delay_over(&port->train);
}

static void pcsim_link_work(struct work_struct *work)
{
	struct pcsim_port *port = container_of(work, struct pcsim_port,
					       train.work.work);
	bool due = pcsim_link_due(port);

	/* The memory is there before the link is, and goes after it. */
	pcsim_mem_follow(port, due || READ_ONCE(port->link) == PCSIM_LINK_UP);

	guard(pcsim)(port->sim);

	/* Meanwhile the link may have gone down, or begun to train again. */
	if (due && port->link == PCSIM_LINK_TRAINING && !port->sim->gone &&
	    pcsim_delay_over(&port->train))
		pcsim_link_trained(port);
}

/* A link above came up: this one did at the same time. */
void pcsim_link_settle(struct pcsim_port *port)
{
	if (pcsim_link_able(port))
		pcsim_link_up_now(port);
}

/* Let software that wrote to the port see what comes of it. */
void pcsim_port_write(struct pcsim_port *port, unsigned int reg,
		      unsigned int size, u32 val)
{
	unsigned int pos = port->lay.pcie;
	bool reset = pcsim_link_in_reset(port);
	bool power = pcsim_port_power(port);

	pcsim_cfg_write(&port->fn, reg, size, val);
	pcsim_err_write(port, reg, size, val);

	if (power != pcsim_port_power(port))
		pcsim_card_power(port->card, !power);

	if (!reset && pcsim_link_in_reset(port))
		pcsim_log_port(port, PCIE_CARD_SIM_RESET_BUS, 0);
	if (pcsim_link_disabled(port))
		pcsim_link_eval(port, PCIE_CARD_SIM_BY_DISABLE);
	else if (pcsim_link_in_reset(port))
		pcsim_link_eval(port, PCIE_CARD_SIM_BY_RESET);
	else
		pcsim_link_eval(port, PCIE_CARD_SIM_BY_DPC);

	/* Retrain Link: always reads 0; takes no time here */
	if (pcsim_written(reg, size, val, pos + PCI_EXP_LNKCTL) &
	    PCI_EXP_LNKCTL_RL && port->link == PCSIM_LINK_UP)
		pcsim_link_regs(port);

	pcsim_irq_update(port);
}

static void pcsim_port_pcie(struct pcsim_layout *lay, bool slot, bool reporting,
			    unsigned int number)
{
	unsigned int pos = lay->pcie;
	u32 cap = 0;

	if (slot)
		lay->reset[pos + PCI_EXP_FLAGS + 1] |= PCI_EXP_FLAGS_SLOT >> 8;
	if (reporting)
		cap |= PCI_EXP_LNKCAP_DLLLARC;
	lay->reset[pos + PCI_EXP_LNKCAP + 2] |= cap >> 16;
	lay->reset[pos + PCI_EXP_LNKCAP + 3] = number;
	lay->rw[pos + PCI_EXP_LNKCTL] |= PCI_EXP_LNKCTL_LD;
	lay->reset[pos + PCI_EXP_DEVCAP2] |= PCI_EXP_DEVCAP2_ARI;
	lay->rw[pos + PCI_EXP_DEVCTL2] |= PCI_EXP_DEVCTL2_ARI;
}

/* PCIe r6.0, sec 7.5.3.9 to 7.5.3.11 */
static void pcsim_port_slot(struct pcsim_port *port)
{
	struct pcsim_layout *lay = &port->lay;
	unsigned int pos = lay->pcie;
	u32 cap = FIELD_PREP(PCI_EXP_SLTCAP_PSN, port->index + 1) |
		  PCI_EXP_SLTCAP_NCCS;
	u16 rw = 0;

	if (!port->cfg.slot)
		return;

	if (port->cfg.hotplug) {
		cap |= PCI_EXP_SLTCAP_HPC | PCI_EXP_SLTCAP_HPS;
		rw = PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_HPIE;
		if (port->cfg.link_active_reporting)
			rw |= PCI_EXP_SLTCTL_DLLSCE;
	}
	if (port->cfg.power_control) {
		cap |= PCI_EXP_SLTCAP_PCP;
		rw |= PCI_EXP_SLTCTL_PCC;
	}
	pcsim_lay32(lay, pos + PCI_EXP_SLTCAP, cap, 0);
	pcsim_lay16(lay, pos + PCI_EXP_SLTCTL, 0, rw);
	pcsim_lay_rw1c(lay, pos + PCI_EXP_SLTSTA, PCSIM_SLOT_EVENTS);
}

/* PCIe r6.0, sec 7.5.3.12 to 7.5.3.14 */
static void pcsim_port_root(struct pcsim_layout *lay)
{
	unsigned int pos = lay->pcie;

	pcsim_lay16(lay, pos + PCI_EXP_RTCTL, 0,
		    PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE |
		    PCI_EXP_RTCTL_SEFEE | PCI_EXP_RTCTL_PMEIE |
		    PCI_EXP_RTCTL_CRSSVE);
	pcsim_lay16(lay, pos + PCI_EXP_RTCAP, PCI_EXP_RTCAP_CRSVIS, 0);
	pcsim_lay_rw1c(lay, pos + PCI_EXP_RTSTA, PCI_EXP_RTSTA_PME);
}

static void pcsim_port_layout(struct pcsim_port *port)
{
	struct pcsim_layout *lay = &port->lay;
	bool root = pcsim_port_is_root(port);

	pcsim_caps_init(lay);
	pcsim_caps_ids(lay, PCIE_CARD_SIM_VENDOR,
		       root ? PCIE_CARD_SIM_DEVICE_ROOT :
			      PCIE_CARD_SIM_DEVICE_DOWNSTREAM,
		       PCI_CLASS_BRIDGE_PCI << 8, 0);
	pcsim_caps_bridge(lay);
	if (port->cfg.pm)
		pcsim_caps_pm(lay, true);
	pcsim_caps_pcie(lay, root ? PCI_EXP_TYPE_ROOT_PORT :
				    PCI_EXP_TYPE_DOWNSTREAM,
			pcsim_speed_code(port->cfg.max_speed ?: 8000));
	pcsim_port_pcie(lay, port->cfg.slot, port->cfg.link_active_reporting,
			root ? port->index + 1 : port->leg);
	if (!root)
		return;

	if (port->cfg.surprise_down)
		lay->reset[lay->pcie + PCI_EXP_LNKCAP + 2] |=
			PCI_EXP_LNKCAP_SDERC >> 16;
	pcsim_port_slot(port);
	pcsim_port_root(lay);
	lay->reset[PCI_INTERRUPT_PIN] = 1;
	if (port->cfg.aer)
		pcsim_caps_aer(lay, true);
	if (port->cfg.dpc)
		pcsim_caps_dpc(lay);
}

void pcsim_port_init(struct pcsim_port *port)
{
	port->fn.kind = PCSIM_PORT;
	port->fn.lay = &port->lay;
	port->fn.port = port;
	pcsim_delay_init(&port->train, pcsim_link_work);
	pcsim_port_layout(port);
	pcsim_cfg_reset(&port->fn, true);
}

struct pcsim_port *pcsim_port_alloc(struct pcie_card_sim *sim,
				    const struct pcie_card_sim_port *cfg,
				    unsigned int index)
{
	struct pcsim_port *port;

	port = kvzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;

	port->sim = sim;
	port->cfg = *cfg;
	port->index = index;
	port->leg = -1;
	port->irq = -1;
	pcsim_port_init(port);

	return port;
}

struct pcsim_port *pcsim_leg_alloc(struct pcsim_card *card, unsigned int leg)
{
	struct pcsim_port *port;

	port = kvzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return NULL;

	port->sim = card->port->sim;
	port->card = card;
	port->cfg.link_active_reporting = true;
	port->cfg.max_speed = card->port->cfg.max_speed;
	port->index = card->port->index;
	port->leg = leg;
	port->irq = -1;
	pcsim_port_init(port);

	return port;
}

/* No configuration access and no work of the card may happen any more. */
void pcsim_port_stop(struct pcsim_port *port)
{
	pcsim_delay_stop(&port->train);
}

void pcsim_port_free(struct pcsim_port *port)
{
	kvfree(port);
}
