// SPDX-License-Identifier: GPL-2.0-only
/* Links: training, going down, and what the port's registers tell of that. */

#include <linux/bitfield.h>

#include "internal.h"

static unsigned int pcsim_train_ms(const struct pcsim_port *port)
{
	if (!port->card)
		return 5;

	return port->card->port->cfg.card.train_ms ?: 5;
}

static u32 pcsim_lnkcap(const struct pcsim_port *port)
{
	return pcsim_get32(&port->fn, port->lay.pcie + PCI_EXP_LNKCAP);
}

/* Current speed and width, if the link is up. */
void pcsim_link_regs(struct pcsim_port *port)
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

bool pcsim_link_disabled(const struct pcsim_port *port)
{
	return pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKCTL) &
	       PCI_EXP_LNKCTL_LD;
}

/* A card that ignores Link Disable goes on, and the port with it. */
bool pcsim_link_held(const struct pcsim_port *port)
{
	if (pcsim_port_has_card(port) && port->card->faults.ignore_disable)
		return false;

	return pcsim_link_disabled(port);
}

/* Is there something to train with, and may the port do it? */
static bool pcsim_link_able(const struct pcsim_port *port)
{
	const struct pcsim_card *card = port->card;

	if (port->sim->gone || pcsim_link_held(port) ||
	    pcsim_in_reset(&port->fn))
		return false;
	if (port->role == PCSIM_LEG)
		return card->port->link == PCSIM_LINK_UP;
	if (port->role == PCSIM_TOP)
		return true;
	if (port->role == PCSIM_DOWN && !pcsim_host_switch_active(port->hsw))
		return false;

	return card->present && card->ready && !pcsim_err_contained(port);
}

static void pcsim_link_set(struct pcsim_port *port, enum pcsim_link link)
{
	bool was_up = port->link == PCSIM_LINK_UP;
	bool is_up = link == PCSIM_LINK_UP;
	u16 events;

	port->link = link;
	pcsim_link_regs(port);
	events = pcsim_slot_presence(port);
	if (was_up != is_up)
		events |= PCI_EXP_SLTSTA_DLLSC;
	pcsim_slot_event(port, events);
}

/* What is below lost the link: it is reset (PCIe r6.0, sec 6.6.1). */
static void pcsim_below_reset(struct pcsim_port *port,
			      enum pcie_card_sim_reason why)
{
	if (port->role == PCSIM_LEG)
		pcsim_leg_reset(port->card, port->number);
	else if (port->role == PCSIM_TOP)
		pcsim_host_switch_reset(port->hsw);
	else
		pcsim_card_reset(port->card, why);
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

void pcsim_link_drop(struct pcsim_port *port, enum pcie_card_sim_reason why)
{
	bool was_up = port->link == PCSIM_LINK_UP;

	pcsim_link_set(port, PCSIM_LINK_DOWN);
	if (was_up) {
		pcsim_log_port(port, PCIE_CARD_SIM_LINK_DOWN, why);
		pcsim_below_reset(port, why);
		pcsim_surprise_down(port, why);
	}
	pcsim_delay_kick(&port->train);
}

/* Tell what is below that it has a link. */
static void pcsim_below_up(struct pcsim_port *port)
{
	u16 sta = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKSTA);

	if (port->role == PCSIM_LEG)
		pcsim_leg_up(port->card, port->number, sta);
	else if (port->role == PCSIM_TOP)
		pcsim_host_switch_up(port->hsw);
	else
		pcsim_card_up(port->card);
}

/* The link is up at once, as after a boot. Before the host is scanned. */
void pcsim_link_up_now(struct pcsim_port *port)
{
	port->link = PCSIM_LINK_UP;
	pcsim_link_regs(port);
	pcsim_slot_presence(port);
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

void pcsim_link_init(struct pcsim_port *port)
{
	pcsim_delay_init(&port->train, pcsim_link_work);
}

/* No configuration access and no work of the card may happen any more. */
void pcsim_link_stop(struct pcsim_port *port)
{
	pcsim_delay_stop(&port->train);
}
