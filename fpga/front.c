// SPDX-License-Identifier: GPL-2.0-only
/*
 * For front ends that are modules of their own: which cards there are, what they do, and
 * asking them for something.
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#include "front.h"
#include "request.h"

static_assert(FPGA_CARD_FRONT_TEXT_MAX == FPGA_CARD_ERROR_MAX);
static_assert(sizeof_field(struct fpga_card_status, back_end) ==
	      sizeof_field(struct fpga_card, back_end_name));

static DEFINE_SPINLOCK(fpga_card_fronts_lock);
static LIST_HEAD(fpga_card_fronts);

/**
 * fpga_card_front_register - have a front end told of changes
 * @front: the front end
 *
 * The cards that are there it has to look for itself, by fpga_card_front_next().
 *
 * Context: any.
 */
void fpga_card_front_register(struct fpga_card_front *front)
{
	unsigned long flags;

	spin_lock_irqsave(&fpga_card_fronts_lock, flags);
	list_add_tail(&front->node, &fpga_card_fronts);
	spin_unlock_irqrestore(&fpga_card_fronts_lock, flags);
}
EXPORT_SYMBOL_GPL(fpga_card_front_register);

/**
 * fpga_card_front_unregister - have a front end told nothing any more
 * @front: the front end
 *
 * Context: any. &struct fpga_card_front.changed is not called any more, and not being
 * called, when this returns.
 */
void fpga_card_front_unregister(struct fpga_card_front *front)
{
	unsigned long flags;

	spin_lock_irqsave(&fpga_card_fronts_lock, flags);
	list_del(&front->node);
	spin_unlock_irqrestore(&fpga_card_fronts_lock, flags);
}
EXPORT_SYMBOL_GPL(fpga_card_front_unregister);

/* Any context. */
void fpga_card_front_changed(void)
{
	struct fpga_card_front *front;
	unsigned long flags;

	spin_lock_irqsave(&fpga_card_fronts_lock, flags);
	list_for_each_entry(front, &fpga_card_fronts, node)
		front->changed(front);
	spin_unlock_irqrestore(&fpga_card_fronts_lock, flags);
}

/**
 * fpga_card_front_next - go through the cards
 * @after: -1 to begin; to be handed in again for the next one
 *
 * Context: may sleep. The caller holds no lock that the removal of a card takes.
 *
 * Return: a card, to be given back with fpga_card_put(), or NULL behind the last. A card
 * whose port is gone is none.
 */
struct fpga_card *fpga_card_front_next(int *after)
{
	struct fpga_card *card = fpga_card_get_next(*after);

	if (card)
		*after = card->id;
	return card;
}
EXPORT_SYMBOL_GPL(fpga_card_front_next);

/**
 * fpga_card_front_is_gone - whether a card's port is gone
 * @card: the card
 *
 * Context: any.
 *
 * Return: true if nothing can be asked of the card any more.
 */
bool fpga_card_front_is_gone(struct fpga_card *card)
{
	return READ_ONCE(card->gone);
}
EXPORT_SYMBOL_GPL(fpga_card_front_is_gone);

/**
 * fpga_card_front_name - what a card is called where functions are
 * @card: the card
 * @buf: for the name
 * @len: size of @buf in bytes
 *
 * That is where its first function was when the card was made. It does not change when
 * functions go and come, or get other bus numbers.
 *
 * Context: any.
 *
 * Return: length of the name.
 */
int fpga_card_front_name(struct fpga_card *card, char *buf, size_t len)
{
	return scnprintf(buf, len, "%04x:%02x:00.0",
			 pci_domain_nr(card->port->bus), card->bus);
}
EXPORT_SYMBOL_GPL(fpga_card_front_name);

static void fpga_card_front_status_first(struct fpga_card *card,
					 struct fpga_card_status *status)
{
	struct pci_dev *pdev = fpga_card_get_first(card);

	if (!pdev)
		return;
	status->vendor = pdev->vendor;
	status->device = pdev->device;
	status->serial = pci_get_dsn(pdev);
	pci_dev_put(pdev);
}

/**
 * fpga_card_front_status - what a card is and does
 * @card: the card
 * @status: filled in
 *
 * Context: may sleep, but does not wait for a request that is served.
 */
void fpga_card_front_status(struct fpga_card *card, struct fpga_card_status *status)
{
	const struct fpga_card_record *last;

	memset(status, 0, sizeof(*status));
	fpga_card_refresh_running(card);
	fpga_card_refresh_staged(card);
	fpga_card_front_status_first(card, status);

	mutex_lock(&card->lock);
	strscpy(status->back_end, card->back_end_name, sizeof(status->back_end));
	status->takes_files = card->takes_files;
	status->state = fpga_card_state_name(card->state);
	status->failed = card->state == FPGA_CARD_FAILED;
	status->lost = card->lost;
	last = fpga_card_last_record_locked(card);
	status->outcome = fpga_card_outcome_name(last ? last->outcome :
						 FPGA_CARD_OUTCOME_NONE);
	status->loads = card->history.loads;
	status->failures = card->history.failures;
	status->recoveries = card->history.recoveries;
	strscpy(status->running, card->running, sizeof(status->running));
	if (card->staged)
		strscpy(status->staged, card->staged->image, sizeof(status->staged));
	fpga_card_redact(status->error, sizeof(status->error), card->last_error, false);
	mutex_unlock(&card->lock);
}
EXPORT_SYMBOL_GPL(fpga_card_front_status);

/**
 * fpga_card_front_stage - have an image brought into place
 * @card: the card
 * @fw: an image file. It is taken over, so that there is no second copy of it, and NULL is
 *	left there; only if it is no image file it stays the caller's
 * @asker: who asks, and what it is told
 *
 * Context: may sleep until the card has taken the image, and no longer than the port is
 * there; a fatal signal cancels it. The caller holds no lock that a driver's probe() or
 * remove(), or the removal of the port, may take.
 *
 * Return: 0; -EBUSY if another request is served; -EINVAL for a file that is no good;
 * -ENOMEM; and as for fpga_card_load().
 */
int fpga_card_front_stage(struct fpga_card *card, const struct firmware **fw,
			  struct fpga_card_asker *asker)
{
	struct fpga_card_options options = { .fw = fw };
	char name[FPGA_CARD_NAME_MAX + 1];
	struct fpga_card_image_view view;
	const char *why;
	int ret;

	ret = fpga_card_image_parse((*fw)->data, (*fw)->size, &view, &why);
	if (ret) {
		strscpy(asker->why, why, sizeof(asker->why));
		return ret;
	}
	strscpy(name, view.header->name, sizeof(name));
	return fpga_card_ask_as(card, FPGA_CARD_STAGE, name, &options, asker);
}
EXPORT_SYMBOL_GPL(fpga_card_front_stage);

/**
 * fpga_card_front_activate - have the card load what is staged
 * @card: the card
 * @asker: who asks, and what it is told
 *
 * Context: as for fpga_card_load().
 *
 * Return: as for fpga_card_load(); -ENODATA if nothing is staged.
 */
int fpga_card_front_activate(struct fpga_card *card, struct fpga_card_asker *asker)
{
	const struct fpga_card_options options = {};

	return fpga_card_ask_as(card, FPGA_CARD_ACTIVATE, NULL, &options, asker);
}
EXPORT_SYMBOL_GPL(fpga_card_front_activate);

/**
 * fpga_card_front_recover - bring a card back that does not work any more
 * @card: the card
 * @asker: who asks, and what it is told
 *
 * Context: as for fpga_card_bring_back().
 *
 * Return: as for fpga_card_bring_back().
 */
int fpga_card_front_recover(struct fpga_card *card, struct fpga_card_asker *asker)
{
	const struct fpga_card_options options = {};

	return fpga_card_ask_as(card, FPGA_CARD_RECOVER, NULL, &options, asker);
}
EXPORT_SYMBOL_GPL(fpga_card_front_recover);
