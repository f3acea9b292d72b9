// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a card is ready for configuration requests: what it has its port know, and what
 * comes of a request that does not wait for that.
 */

#include <linux/bitfield.h>
#include <linux/minmax.h>

#include "host.h"

/* What a card has that says nothing (PCIe r6.0, sec 6.6.1) */
#define PCSIM_READY_MS		100

/* Downstream Component Presence (PCIe r6.0, sec 7.5.3.20) */
#define PCSIM_DCP_UNKNOWN	0
#define PCSIM_DCP_ABSENT	1
#define PCSIM_DCP_PRESENT	2
#define PCSIM_DCP_UP		4
#define PCSIM_DCP_UP_DRS	5

static bool pcsim_ready_models(const struct pcsim_port *port)
{
	return port->cfg.drs && pcsim_port_has_card(port);
}

static u16 pcsim_ready_presence(const struct pcsim_port *port)
{
	unsigned int at = port->lay.pcie + PCI_EXP_SLTSTA;

	if (port->link == PCSIM_LINK_UP)
		return port->drs_got ? PCSIM_DCP_UP_DRS : PCSIM_DCP_UP;
	if (!port->cfg.slot)
		return PCSIM_DCP_UNKNOWN;

	return pcsim_get16(&port->fn, at) & PCI_EXP_SLTSTA_PDS ?
	       PCSIM_DCP_PRESENT : PCSIM_DCP_ABSENT;
}

/**
 * pcsim_ready_regs() - Link Status 2 of a port: what is below, and whether it is ready
 * @port: the port, whose link and presence are up to date
 */
void pcsim_ready_regs(struct pcsim_port *port)
{
	unsigned int at = port->lay.pcie + PCI_EXP_LNKSTA2;

	if (!pcsim_ready_models(port))
		return;

	if (port->card->faults.drs_stuck) {
		port->drs_got = true;
		pcsim_update16(&port->fn, at, 0, PCIE_CARD_SIM_LNKSTA2_DRS);
	}
	pcsim_update16(&port->fn, at, PCIE_CARD_SIM_LNKSTA2_DCP,
		       FIELD_PREP(PCIE_CARD_SIM_LNKSTA2_DCP,
				  pcsim_ready_presence(port)));
}

/* The message is there. It is for the port alone, and goes no further. */
static void pcsim_ready_got(struct pcsim_port *port)
{
	port->drs_got = true;
	port->drs_sent = true;
	pcsim_update16(&port->fn, port->lay.pcie + PCI_EXP_LNKSTA2, 0,
		       PCIE_CARD_SIM_LNKSTA2_DRS);
	pcsim_ready_regs(port);
	pcsim_log_port(port, PCIE_CARD_SIM_DRS, 0);
	pcsim_irq_update(port);
}

static void pcsim_ready_work(struct work_struct *work)
{
	struct pcsim_port *port = container_of(work, struct pcsim_port,
					       drs.work.work);

	guard(pcsim)(port->sim);

	if (!port->drs_due || port->sim->gone || !pcsim_delay_over(&port->drs))
		return;

	port->drs_due = false;
	pcsim_ready_got(port);
}

/**
 * pcsim_ready_down() - the link of a port is not up, or not any more
 * @port: the port
 *
 * DRS Message Received is clear in DL_Down (PCIe r6.0, sec 7.5.3.20).
 */
void pcsim_ready_down(struct pcsim_port *port)
{
	unsigned int at = port->lay.pcie + PCI_EXP_LNKSTA2;

	port->drs_due = false;
	port->drs_got = false;
	port->drs_sent = false;
	if (!pcsim_ready_models(port))
		return;
	if (!port->card->faults.drs_kept)
		pcsim_update16(&port->fn, at, PCIE_CARD_SIM_LNKSTA2_DRS, 0);
}

/* From then on no function is asked too early. */
static ktime_t pcsim_ready_last(const struct pcsim_card *card)
{
	const struct pcie_card_sim_image *image = &card->running->cfg;
	unsigned int i, ms = PCSIM_READY_MS;

	for (i = 0; i < PCIE_CARD_SIM_FUNCTIONS; i++)
		ms = max(ms, image->fn[i].rtr_dl_up_ms);

	return max(card->ready_end, ktime_add_ms(card->up, ms));
}

/* Each access asks. To read the clock takes long, so that ends with the first late one. */
static bool pcsim_ready_is_over(struct pcsim_card *card)
{
	if (!card->ready_all)
		card->ready_all = !ktime_before(ktime_get(), card->ready_last);

	return card->ready_all;
}

/**
 * pcsim_ready_up() - the link of a port came up
 * @port: the port
 * @booted: long ago, so that the card is ready
 */
void pcsim_ready_up(struct pcsim_port *port, bool booted)
{
	const struct pcie_card_sim_image *image;
	struct pcsim_card *card = port->card;
	unsigned int ms;

	if (!pcsim_port_has_card(port))
		return;

	image = &card->running->cfg;
	ms = image->drs && !booted ? image->drs_ms : 0;
	card->up = booted ? 0 : ktime_get();
	card->ready_end = booted ? 0 : ktime_add_ms(card->up, ms);
	card->asked = booted;
	card->asked_early = booted;
	card->ready_all = booted;
	card->ready_last = pcsim_ready_last(card);
	/* Of a port that has kept it, before software has cleared it. */
	port->drs_got = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKSTA2) &
			PCIE_CARD_SIM_LNKSTA2_DRS;
	pcsim_ready_regs(port);
	if (!port->cfg.drs || !image->drs)
		return;
	port->drs_due = ms;
	if (ms)
		pcsim_delay_start(&port->drs, ms);
	else
		pcsim_ready_got(port);
}

/* What a function says of itself counts, as long as the link is up. */
static bool pcsim_ready_says(const struct pcsim_fn *fn, unsigned int *ms)
{
	const struct pcie_card_sim_function *cfg;

	if (fn->kind != PCSIM_PF && fn->kind != PCSIM_VF)
		return false;

	cfg = &fn->pf->cfg;
	*ms = cfg->immediate_readiness ? 0 : cfg->rtr_dl_up_ms;

	return cfg->immediate_readiness || cfg->rtr == PCIE_CARD_SIM_RTR_VALID;
}

/**
 * pcsim_ready_retry() - is it too early for an answer by what the card itself says?
 * @port: the port above the card
 * @fn: the function that is asked
 *
 * Return: true if the answer is Request Retry Status.
 */
bool pcsim_ready_retry(const struct pcsim_port *port, const struct pcsim_fn *fn)
{
	struct pcsim_card *card = port->card;
	unsigned int ms;
	ktime_t now;

	if (pcsim_ready_is_over(card))
		return false;

	now = ktime_get();
	if (ktime_before(now, card->ready_end))
		return true;

	return card->up && pcsim_ready_says(fn, &ms) &&
	       ktime_before(now, ktime_add_ms(card->up, ms));
}

/* From when on the card may be asked, by what software knows of it */
static ktime_t pcsim_ready_from(const struct pcsim_port *port,
				const struct pcsim_fn *fn)
{
	u32 cap = pcsim_get32(&port->fn, port->lay.pcie + PCI_EXP_LNKCAP);
	ktime_t up = port->card->up, from = up;
	unsigned int ms;

	/* The card has left its reset when it trains. */
	if ((cap & PCI_EXP_LNKCAP_SLS) <= PCI_EXP_LNKCAP_SLS_5_0GB)
		from = port->train_begin;
	from = ktime_add_ms(from, PCSIM_READY_MS);
	if (port->drs_sent)
		from = min(from, up);
	if (pcsim_ready_says(fn, &ms))
		from = min(from, ktime_add_ms(up, ms));

	return from;
}

/**
 * pcsim_ready_asked() - a configuration request has got to a card
 * @port: the port above the card, whose link is up
 * @fn: what is asked; NULL if there is no such function
 */
void pcsim_ready_asked(struct pcsim_port *port, const struct pcsim_fn *fn)
{
	struct pcsim_card *card = port->card;
	ktime_t now, from;

	if (card->asked && pcsim_ready_is_over(card))
		return;

	now = ktime_get();
	if (!card->asked)
		pcsim_log_port(port, PCIE_CARD_SIM_FIRST_REQUEST,
			       ktime_us_delta(now, card->up));
	card->asked = true;
	if (!fn || card->asked_early)
		return;

	from = pcsim_ready_from(port, fn);
	if (!ktime_before(now, from))
		return;
	card->asked_early = true;
	pcsim_log_port(port, PCIE_CARD_SIM_EARLY_REQUEST,
		       ktime_us_delta(from, now));
}

void pcsim_ready_init(struct pcsim_port *port)
{
	pcsim_delay_init(&port->drs, pcsim_ready_work);
}

void pcsim_ready_stop(struct pcsim_port *port)
{
	pcsim_delay_stop(&port->drs);
}
