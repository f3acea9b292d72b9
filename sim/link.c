// SPDX-License-Identifier: GPL-2.0-only
/* Links: training, going down, and what the port's registers tell of that. */

#include <linux/bitfield.h>

#include "host.h"

/* What Link Status notes of changes while the link is up */
#define PCSIM_LNKSTA_CHANGES	(PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS)

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

/*
 * What the far end can do. A switch can do all that there is; so the image
 * counts behind the legs of the card's own, and where there is none.
 */
static struct pcsim_rate pcsim_far_rate(const struct pcsim_port *port)
{
	const struct pcie_card_sim_image *image;

	if (!port->card || (port->card->sw && port->role != PCSIM_LEG))
		return pcsim_rate(0, 0);

	image = &port->card->running->cfg;

	return pcsim_rate(image->speed, image->width);
}

/* The most that both ends can do, less what goes wrong */
static struct pcsim_rate pcsim_link_negotiate(const struct pcsim_port *port)
{
	u16 target = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKCTL2) &
		     PCI_EXP_LNKCTL2_TLS;
	struct pcsim_rate rate = pcsim_far_rate(port);
	const struct pcie_card_sim_faults *faults;
	u32 cap = pcsim_lnkcap(port);

	rate.speed = min_t(u8, rate.speed, cap & PCI_EXP_LNKCAP_SLS);
	rate.speed = min_t(u8, rate.speed, target ?: 1);
	rate.width = min_t(u8, rate.width, FIELD_GET(PCI_EXP_LNKCAP_MLW, cap));
	if (!pcsim_port_has_card(port))
		return rate;

	faults = &port->card->faults;
	if (faults->degraded_speed)
		rate.speed = min_t(u8, rate.speed,
				   pcsim_speed_code(faults->degraded_speed));
	if (faults->degraded_width)
		rate.width = min_t(u8, rate.width, faults->degraded_width);

	return rate;
}

/*
 * Link Status: current speed and width, if the link is up. What was noted of
 * changes stays until software clears it.
 */
void pcsim_link_regs(struct pcsim_port *port)
{
	unsigned int at = port->lay.pcie + PCI_EXP_LNKSTA;
	u16 sta = PCI_EXP_LNKSTA_CLS_2_5GB;

	if (port->link == PCSIM_LINK_UP) {
		sta = port->rate.speed |
		      FIELD_PREP(PCI_EXP_LNKSTA_NLW, port->rate.width);
		if (pcsim_lnkcap(port) & PCI_EXP_LNKCAP_DLLLARC)
			sta |= PCI_EXP_LNKSTA_DLLLA;
	} else if (port->link == PCSIM_LINK_TRAINING) {
		sta |= PCI_EXP_LNKSTA_LT;
	}
	sta |= pcsim_get16(&port->fn, at) & PCSIM_LNKSTA_CHANGES;
	pcsim_set16(&port->fn, at, sta);
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

	return pcsim_link_disabled(port) && !port->disabling;
}

/* A port may not send the hot reset that it is told to send. */
bool pcsim_link_in_reset(const struct pcsim_port *port)
{
	if (pcsim_port_has_card(port) && port->card->faults.ignore_reset)
		return false;

	return pcsim_in_reset(&port->fn);
}

/* Link Control was written: the link may go down only after some time. */
void pcsim_link_control(struct pcsim_port *port, bool was_disabled)
{
	bool disabled = pcsim_link_disabled(port);

	if (disabled == was_disabled)
		return;

	port->disabling = disabled && port->cfg.disable_ms &&
			  port->link == PCSIM_LINK_UP;
	if (port->disabling)
		pcsim_delay_start(&port->disable, port->cfg.disable_ms);
}

static void pcsim_disable_work(struct work_struct *work)
{
	struct pcsim_port *port = container_of(work, struct pcsim_port,
					       disable.work.work);

	guard(pcsim)(port->sim);

	if (!port->disabling || port->sim->gone ||
	    !pcsim_delay_over(&port->disable))
		return;

	port->disabling = false;
	pcsim_link_eval(port, PCIE_CARD_SIM_BY_DISABLE);
}

/* Is there something to train with, and may the port do it? */
static bool pcsim_link_able(const struct pcsim_port *port)
{
	const struct pcsim_card *card = port->card;

	if (port->sim->gone || pcsim_link_held(port) ||
	    pcsim_link_in_reset(port))
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
	if (is_up)
		port->rate = pcsim_link_negotiate(port);
	pcsim_link_regs(port);
	events = pcsim_slot_presence(port);
	if (!is_up)
		pcsim_ready_down(port);
	pcsim_ready_regs(port);
	if (was_up != is_up)
		events |= PCI_EXP_SLTSTA_DLLSC;
	pcsim_slot_event(port, events);
}

/* What is below lost the link: it is reset (PCIe r6.0, sec 6.6.1). */
static void pcsim_below_reset(struct pcsim_port *port,
			      enum pcie_card_sim_reason why)
{
	if (port->role == PCSIM_LEG)
		pcsim_leg_reset(port->card, port->number, false);
	else
		port->below->reset(port, why);
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

	port->disabling = false;
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
	else
		port->below->up(port);
}

/* The link is up at once, as after a boot. Before the host is scanned. */
void pcsim_link_up_now(struct pcsim_port *port)
{
	port->link = PCSIM_LINK_UP;
	port->rate = pcsim_link_negotiate(port);
	pcsim_link_regs(port);
	pcsim_slot_presence(port);
	pcsim_below_up(port);
	pcsim_ready_up(port, true);
}

/* Tell what is below of a new speed or width. */
static void pcsim_below_rate(struct pcsim_port *port)
{
	u16 sta = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKSTA);

	if (port->role == PCSIM_LEG)
		pcsim_leg_up(port->card, port->number, sta);
	else if (port->role == PCSIM_TOP)
		pcsim_fn_link(&port->hsw->up, sta);
	else if (port->card->sw)
		pcsim_fn_link(&port->card->sw->up, sta);
	else
		pcsim_leg_up(port->card, 0, sta);
}

/*
 * The link went through Recovery, and DL_Active all the while. The bits to note
 * are those of a port with the Link Bandwidth Notification Capability.
 */
static void pcsim_link_recovered(struct pcsim_port *port,
				 struct pcsim_rate rate, u16 note)
{
	unsigned int at = port->lay.pcie + PCI_EXP_LNKSTA;

	port->rate = rate;
	pcsim_link_regs(port);
	if (pcsim_lnkcap(port) & PCI_EXP_LNKCAP_LBNC)
		pcsim_update16(&port->fn, at, 0, note);
	pcsim_below_rate(port);
	pcsim_log_port(port, PCIE_CARD_SIM_LINK_RATE,
		       pcsim_get16(&port->fn, at));
	pcsim_irq_update(port);
}

/*
 * Retrain Link was written, which always reads 0, and takes no time here. Link
 * Bandwidth Management Status is set in any case (PCIe r6.0, sec 7.5.3.8).
 */
void pcsim_link_retrain(struct pcsim_port *port)
{
	if (port->link == PCSIM_LINK_UP)
		pcsim_link_recovered(port, pcsim_link_negotiate(port),
				     PCI_EXP_LNKSTA_LBMS);
}

/**
 * pcsim_link_renegotiate() - the ends of a link agree anew
 * @port: the port
 * @autonomous: not as the link is not reliable: then software may have forbidden
 *	the port to change the speed, or the width (PCIe r6.0, sec 7.5.3.7 and
 *	7.5.3.19)
 *
 * Return: 0, or -ENOTCONN if the link is not up.
 */
int pcsim_link_renegotiate(struct pcsim_port *port, bool autonomous)
{
	unsigned int pos = port->lay.pcie;
	struct pcsim_rate old = port->rate;
	struct pcsim_rate rate;

	if (port->link != PCSIM_LINK_UP)
		return -ENOTCONN;

	rate = pcsim_link_negotiate(port);
	if (autonomous && pcsim_get16(&port->fn, pos + PCI_EXP_LNKCTL2) &
			  PCI_EXP_LNKCTL2_HASD)
		rate.speed = old.speed;
	if (autonomous && pcsim_get16(&port->fn, pos + PCI_EXP_LNKCTL) &
			  PCI_EXP_LNKCTL_HAWD)
		rate.width = old.width;
	if (rate.speed != old.speed || rate.width != old.width)
		pcsim_link_recovered(port, rate,
				     autonomous ? PCI_EXP_LNKSTA_LABS :
						  PCI_EXP_LNKSTA_LBMS);

	return 0;
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

	port->train_begin = ktime_get();
	pcsim_link_set(port, PCSIM_LINK_TRAINING);
	pcsim_delay_start(&port->train, pcsim_train_ms(port));
}

/*
 * Whether the ends do not come to terms at this speed. They try again for ever, and
 * the port notes that its link was not reliable.
 */
static bool pcsim_link_fails(struct pcsim_port *port)
{
	if (!pcsim_port_has_card(port) || !port->card->faults.train_slow ||
	    pcsim_link_negotiate(port).speed <= 1)
		return false;

	if (pcsim_lnkcap(port) & PCI_EXP_LNKCAP_LBNC)
		pcsim_update16(&port->fn, port->lay.pcie + PCI_EXP_LNKSTA, 0,
			       PCI_EXP_LNKSTA_LBMS);
	pcsim_delay_start(&port->train, pcsim_train_ms(port));

	return true;
}

/* The training is over. */
static void pcsim_link_trained(struct pcsim_port *port)
{
	if (pcsim_link_fails(port))
		return;

	pcsim_link_set(port, PCSIM_LINK_UP);
	pcsim_log_port(port, PCIE_CARD_SIM_LINK_UP, 0);
	pcsim_below_up(port);
	pcsim_ready_up(port, false);
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
	pcsim_delay_init(&port->disable, pcsim_disable_work);
	pcsim_ready_init(port);
}

/* No configuration access and no work of the card may happen any more. */
void pcsim_link_stop(struct pcsim_port *port)
{
	pcsim_ready_stop(port);
	pcsim_delay_stop(&port->disable);
	pcsim_delay_stop(&port->train);
}
