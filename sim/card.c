// SPDX-License-Identifier: GPL-2.0-only
/* Cards: power, images, loading another image, presence. */

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"

struct pcsim_image *pcsim_card_image(struct pcsim_card *card, const char *name)
{
	unsigned int i;

	for (i = 0; i < card->n_images; i++) {
		if (!strcmp(card->images[i].cfg.name, name))
			return &card->images[i];
	}

	return NULL;
}

static void pcsim_card_lose(struct pcsim_card *card, unsigned int ms)
{
	card->losing = true;
	pcsim_delay_start(&card->lose, ms);
}

/* The link of the card came up. */
static void pcsim_card_up(struct pcsim_port *port)
{
	u16 sta = pcsim_get16(&port->fn, port->lay.pcie + PCI_EXP_LNKSTA);
	struct pcsim_card *card = port->card;

	if (card->sw) {
		pcsim_fn_link(&card->sw->up, sta);
		pcsim_switch_up(card->sw);
	} else {
		pcsim_leg_up(card, 0, sta);
	}

	card->rrs_end = ktime_add_ms(ktime_get(), card->faults.rrs_ms);
	card->transient_end = ktime_add_ms(ktime_get(),
					   card->faults.transient_ms);
	if (card->lose_link && card->faults.lose_link_ms) {
		card->lose_link = false;
		pcsim_card_lose(card, card->faults.lose_link_ms);
	}
}

static void pcsim_card_run(struct pcsim_card *card, struct pcsim_image *image,
			   bool staged)
{
	card->running = image;
	card->running_staged = staged;
	pcsim_leg_reset(card, -1, true);
	pcsim_log_name(card->port, PCIE_CARD_SIM_IMAGE, image->cfg.name);
}

static void pcsim_card_power_on(struct pcsim_card *card)
{
	card->port->sim->upper->power_on(card);
	if (!card->boot)
		return;

	pcsim_card_run(card, card->boot, false);
	card->ready = true;
}

/* A load that was under way is forgotten. */
static void pcsim_card_power_off(struct pcsim_card *card)
{
	card->ready = false;
	card->stuck = false;
	card->losing = false;
	card->next = NULL;
	card->dropped = false;
	card->reset_end = 0;
}

/*
 * Something begins, or ends, that may help a card. Only what begins after the card got
 * stuck helps, and when it ends. The caller sees to the link.
 */
static void pcsim_card_cure(struct pcsim_port *port,
			    enum pcie_card_sim_cure cure, bool begin)
{
	struct pcsim_card *card = port->card;

	if (!card->stuck || card->faults.cure < cure)
		return;

	if (begin) {
		card->cures |= BIT(cure);
	} else if (card->cures & BIT(cure)) {
		card->stuck = false;
		card->ready = true;
	}
}

/* Before the host is scanned, so there is nobody to see an event. */
void pcsim_card_boot(struct pcsim_card *card)
{
	struct pcsim_port *port = card->port;

	if (!port->cfg.card.present)
		return;

	card->present = true;
	pcsim_slot_presence(port);
	pcsim_card_power_on(card);
	if (card->ready)
		pcsim_link_up_now(port);
}

/*
 * Pull the card, or plug one in, which then starts with the image that is
 * meant for power-on.
 */
void pcsim_card_present(struct pcsim_card *card, bool present)
{
	lockdep_assert_held(&card->port->sim->lock);

	if (card->present == present)
		return;

	card->present = present;
	pcsim_card_power_off(card);
	if (present && pcsim_slot_power(card->port))
		pcsim_card_power_on(card);
	pcsim_slot_pin(card->port);
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_REMOVAL);
}

/* Another card is in the slot before anybody sees that the old one is not. */
void pcsim_card_replace(struct pcsim_card *card, struct pcsim_image *image,
			u64 serial)
{
	struct pcsim_port *port = card->port;
	unsigned int i;

	lockdep_assert_held(&port->sim->lock);

	pcsim_card_power_off(card);
	pcsim_link_eval(port, PCIE_CARD_SIM_BY_REMOVAL);

	card->boot = image;
	for (i = 0; i < card->n_images; i++)
		pcsim_image_serial(&card->images[i], serial);
	card->present = true;
	if (pcsim_slot_power(port))
		pcsim_card_power_on(card);
	pcsim_slot_pin(port);
	pcsim_link_eval(port, PCIE_CARD_SIM_BY_REMOVAL);
}

/* The slot switched the power of the card. */
static void pcsim_card_power(struct pcsim_port *port, bool on)
{
	struct pcsim_card *card = port->card;

	if (!card->present)
		return;

	pcsim_card_power_off(card);
	if (on)
		pcsim_card_power_on(card);
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_POWER);
}

static void pcsim_card_accept(struct pcsim_card *card,
			      struct pcsim_image *image, bool staged)
{
	struct pcsim_image *wrong = NULL;

	pcsim_log_name(card->port, PCIE_CARD_SIM_TRIGGER, image->cfg.name);
	if (card->faults.wrong_image[0])
		wrong = pcsim_card_image(card, card->faults.wrong_image);
	card->next = wrong ?: image;
	card->next_staged = staged && !wrong;
	card->dropped = false;
	card->self_reset = false;
	card->lose_link = true;
}

/* The old image is gone. */
static void pcsim_card_begin(struct pcsim_card *card)
{
	card->dropped = true;
	card->ready = false;
	card->stuck = false;
	card->port->sim->upper->dropped(card);
	pcsim_delay_start(&card->load, card->next->cfg.reload_ms);
}

/* The card resets itself, and what keeps the link up goes on. */
static void pcsim_card_reset_inside(struct pcsim_card *card)
{
	unsigned int ms = card->next->cfg.reload_ms;

	card->port->sim->upper->dropped(card);
	pcsim_card_run(card, card->next, card->next_staged);
	card->next = NULL;
	pcsim_card_up(card->port);
	card->reset_end = ktime_add_ms(ktime_get(), ms);
}

/* The old image is gone, and the link with it. */
static void pcsim_card_drop(struct pcsim_card *card)
{
	if (card->self_reset && card->faults.keep_link && card->ready) {
		pcsim_card_reset_inside(card);
		return;
	}
	pcsim_card_begin(card);
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_CARD);
}

/* With its delay taken back a trigger that was accepted takes effect at once. */
void pcsim_card_faults(struct pcsim_card *card,
		       const struct pcie_card_sim_faults *faults)
{
	card->faults = *faults;
	if (card->next && !card->dropped && !card->self_reset &&
	    !faults->trigger_delay_ms)
		pcsim_card_drop(card);
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_DISABLE);
}

/* The link of the card went down. */
static void pcsim_card_reset(struct pcsim_port *port,
			     enum pcie_card_sim_reason why)
{
	struct pcsim_card *card = port->card;
	bool forgets = why == PCIE_CARD_SIM_BY_RESET &&
		       card->faults.forget_card;

	if (card->sw)
		pcsim_switch_reset(card->sw);
	pcsim_leg_reset(card, -1, forgets);

	if (why != PCIE_CARD_SIM_BY_RESET || !card->on_reset || card->next)
		return;

	pcsim_card_accept(card, card->on_reset, false);
	pcsim_card_begin(card);
}

/**
 * pcsim_card_load_after() - have a card load an image, after some time
 * @card: the card
 * @image: the image
 * @staged: the image is the one that was staged
 * @ms: for how long the old image still runs, if not longer by a fault
 *
 * Return: 0 if the card has accepted, -EIO if it refuses, -EBUSY while another
 * load is under way or the card is busy, -ENODEV if there is no card.
 */
int pcsim_card_load_after(struct pcsim_card *card, struct pcsim_image *image,
			  bool staged, unsigned int ms)
{
	lockdep_assert_held(&card->port->sim->lock);

	if (!card->present || !pcsim_slot_power(card->port) ||
	    card->port->sim->gone)
		return -ENODEV;
	if (card->next || card->faults.busy)
		return -EBUSY;
	if (card->faults.reject_trigger)
		return -EIO;

	pcsim_card_accept(card, image, staged);
	ms = max(ms, card->faults.trigger_delay_ms);
	if (ms)
		pcsim_delay_start(&card->load, ms);
	else
		pcsim_card_drop(card);

	return 0;
}

/* Have a card load an image, as its mailbox does: at once, but for a fault. */
int pcsim_card_load(struct pcsim_card *card, struct pcsim_image *image,
		    bool staged)
{
	return pcsim_card_load_after(card, image, staged, 0);
}

/**
 * pcsim_card_self_reset() - have a card reset itself, after some time
 * @card: the card
 * @image: the image that runs then; NULL for the one that runs now
 * @ms: when that begins
 *
 * It is the card's own doing, so nobody refuses.
 *
 * Return: 0, -EBUSY while a load is under way, -ENODEV if there is no card.
 */
int pcsim_card_self_reset(struct pcsim_card *card, struct pcsim_image *image,
			  unsigned int ms)
{
	lockdep_assert_held(&card->port->sim->lock);

	if (!card->present || !pcsim_slot_power(card->port) ||
	    card->port->sim->gone || !card->running)
		return -ENODEV;
	if (card->next)
		return -EBUSY;

	card->next = image ?: card->running;
	card->next_staged = !image && card->running_staged;
	card->dropped = false;
	card->self_reset = true;
	card->lose_link = true;
	if (ms)
		pcsim_delay_start(&card->load, ms);
	else
		pcsim_card_drop(card);

	return 0;
}

/* First the old image goes, and the link with it; then the new one comes. */
static void pcsim_load_work(struct work_struct *work)
{
	struct pcsim_card *card = container_of(work, struct pcsim_card,
					       load.work.work);

	guard(pcsim)(card->port->sim);

	if (!card->next || card->port->sim->gone ||
	    !pcsim_delay_over(&card->load))
		return;

	if (!card->dropped) {
		pcsim_card_drop(card);
		return;
	}

	pcsim_card_run(card, card->next, card->next_staged);
	card->next = NULL;
	card->dropped = false;
	card->stuck = card->faults.never_return;
	card->cures = 0;
	card->ready = !card->stuck;
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_CARD);
}

/* The card loses its link without a reason, and trains again. */
void pcsim_card_lose_link(struct pcsim_card *card)
{
	if (!card->ready)
		return;

	card->ready = false;
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_CARD);
	card->ready = true;
	pcsim_link_eval(card->port, PCIE_CARD_SIM_BY_CARD);
}

static void pcsim_lose_work(struct work_struct *work)
{
	struct pcsim_card *card = container_of(work, struct pcsim_card,
					       lose.work.work);

	guard(pcsim)(card->port->sim);

	if (card->port->sim->gone || !card->losing ||
	    !pcsim_delay_over(&card->lose))
		return;

	card->losing = false;
	pcsim_card_lose_link(card);
}

static const struct pcsim_below_ops pcsim_card_below_ops = {
	.up = pcsim_card_up,
	.reset = pcsim_card_reset,
	.power = pcsim_card_power,
	.cure = pcsim_card_cure,
};

static unsigned int pcsim_card_legs(const struct pcie_card_sim_card *cfg)
{
	unsigned int i, j, legs = 1;

	for (i = 0; i < cfg->n_images; i++) {
		for (j = 0; j < PCIE_CARD_SIM_FUNCTIONS; j++)
			legs = max(legs, cfg->images[i].fn[j].leg + 1U);
	}

	return min_t(unsigned int, legs, PCIE_CARD_SIM_LEGS);
}

static int pcsim_card_images(struct pcsim_card *card,
			     const struct pcie_card_sim_card *cfg)
{
	unsigned int i;
	int ret;

	if (cfg->n_images > PCIE_CARD_SIM_IMAGES)
		return -EINVAL;
	if (!cfg->n_images)
		return cfg->present ? -EINVAL : 0;

	card->images = kcalloc(cfg->n_images, sizeof(*card->images),
			       GFP_KERNEL);
	if (!card->images)
		return -ENOMEM;

	for (i = 0; i < cfg->n_images; i++) {
		if (pcsim_card_image(card, cfg->images[i].name))
			return -EEXIST;
		card->n_images++;
		ret = pcsim_image_init(card, &card->images[i], &cfg->images[i]);
		if (ret)
			return ret;
	}

	if (cfg->reset_image[0]) {
		card->on_reset = pcsim_card_image(card, cfg->reset_image);
		if (!card->on_reset)
			return -EINVAL;
	}
	if (!cfg->boot_image[0]) {
		card->boot = &card->images[0];
		return 0;
	}
	card->boot = pcsim_card_image(card, cfg->boot_image);

	return card->boot ? 0 : -EINVAL;
}

/**
 * pcsim_card_init() - make the card of a root port
 * @port: the root port
 *
 * Return: 0, or a negative errno; then pcsim_card_free() has to be called too.
 */
int pcsim_card_init(struct pcsim_port *port)
{
	const struct pcie_card_sim_card *cfg = &port->cfg.card;
	struct pcsim_card *card;
	int ret;

	card = kzalloc(sizeof(*card), GFP_KERNEL);
	if (!card)
		return -ENOMEM;

	card->port = port;
	port->card = card;
	port->below = &pcsim_card_below_ops;
	pcsim_delay_init(&card->load, pcsim_load_work);
	pcsim_delay_init(&card->lose, pcsim_lose_work);
	if (cfg->has_switch) {
		ret = pcsim_switch_init(card, pcsim_card_legs(cfg), cfg);
		if (ret)
			return ret;
	}

	return pcsim_card_images(card, cfg);
}

/* Its host is marked as gone, so no work starts another one. */
void pcsim_card_stop(struct pcsim_card *card)
{
	if (!card)
		return;

	pcsim_delay_stop(&card->load);
	pcsim_delay_stop(&card->lose);
	pcsim_switch_stop(card->sw);
}

void pcsim_card_free(struct pcsim_card *card)
{
	unsigned int i;

	if (!card)
		return;

	for (i = 0; i < card->n_images; i++)
		pcsim_image_free(&card->images[i]);
	kfree(card->images);
	kfree(card->m10);
	pcsim_switch_free(card->sw);
	kfree(card);
}
