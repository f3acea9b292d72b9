// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is let go of before an outage: the card, by user space; and while an image is
 * brought into place, its VFs, as disabling them takes 1 s (PCIe r6.0, sec 9.3.3.3.1).
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "request.h"

/* A condition to sleep on, so it takes no lock. */
static bool fpga_card_drain_is_over(struct fpga_card *card,
				    const struct fpga_card_request *req)
{
	return READ_ONCE(req->drained) || READ_ONCE(req->cancel) ||
	       READ_ONCE(card->dead);
}

/*
 * Tells user space that the outage comes. It may say that it has let go from here on. @waits:
 * that is what is done next.
 */
void fpga_card_drain_begin(struct fpga_card *card, struct fpga_card_request *req,
			   bool waits)
{
	unsigned int ms;

	mutex_lock(&card->lock);
	ms = card->settings.drain_ms;
	req->draining = ms;
	/* Who is told may look at once. */
	if (ms && waits)
		fpga_card_set_state_locked(card, FPGA_CARD_DRAINING);
	mutex_unlock(&card->lock);
	req->told = true;
	req->drain_end = jiffies + msecs_to_jiffies(ms);
	fpga_card_tell_unloading(card, req);
}

/* What is left of the time that user space may take */
static void fpga_card_drain_rest(struct fpga_card *card, struct fpga_card_request *req)
{
	unsigned long now = jiffies;

	if (fpga_card_drain_is_over(card, req) || !time_before(now, req->drain_end))
		return;
	if (card->state != FPGA_CARD_DRAINING)
		fpga_card_set_state(card, FPGA_CARD_DRAINING);
	wait_event_timeout(card->wait, fpga_card_drain_is_over(card, req),
			   req->drain_end - now);
}

/*
 * Tells user space that the outage begins, and gives it the time that it may take, if that
 * was not done while the image was staged. Whoever is there afterwards and was not passed
 * over before has come meanwhile.
 */
int fpga_card_drain(struct fpga_card *card, struct fpga_card_request *req)
{
	bool looked = !req->told;

	if (!req->told)
		fpga_card_drain_begin(card, req, true);
	if (req->draining) {
		fpga_card_drain_rest(card, req);
		mutex_lock(&card->lock);
		req->draining = false;
		mutex_unlock(&card->lock);
		looked = false;
	}
	if (looked)
		return 0;
	if (fpga_card_cancelled(card))
		return fpga_card_fail_cancelled(card);
	return fpga_card_check_users(card, req);
}

/* A condition to sleep on, so it takes no lock. */
static bool fpga_card_release_is_due(const struct fpga_card_release *release)
{
	return READ_ONCE(release->stop) ||
	       fpga_card_drain_is_over(release->card, release->req);
}

/* Whoever uses a VF has had his time, or is one whom the request passes over. */
static void fpga_card_release_work(struct work_struct *work)
{
	struct fpga_card_release *release =
		container_of(work, struct fpga_card_release, work);
	struct fpga_card_request *req = release->req;
	struct fpga_card *card = release->card;
	unsigned long now = jiffies;
	ktime_t begin;

	if (time_before(now, req->drain_end))
		wait_event_timeout(card->wait, fpga_card_release_is_due(release),
				   req->drain_end - now);
	/* To look who uses the card takes its time. */
	if (READ_ONCE(release->stop) || !pci_reload_has_vfs(card->window) ||
	    fpga_card_is_used(card, req) || READ_ONCE(release->stop))
		return;
	begin = ktime_get();
	/* VFs that do not go are in the way of the removal as well, which says so. */
	pci_reload_release_vfs(card->window, &req->released);
	if (req->released)
		fpga_card_outage_began(req, begin);
}

/*
 * From here to fpga_card_release_end() the card's VFs go, as soon as user space has let go
 * of the card. The window has no other user meanwhile.
 */
void fpga_card_release_begin(struct fpga_card_release *release, struct fpga_card *card,
			     struct fpga_card_request *req)
{
	release->card = card;
	release->req = req;
	release->stop = false;
	INIT_WORK_ONSTACK(&release->work, fpga_card_release_work);
	queue_work(fpga_card_wq, &release->work);
}

/* VFs that did not begin to go until now go with their functions. */
void fpga_card_release_end(struct fpga_card_release *release)
{
	WRITE_ONCE(release->stop, true);
	wake_up_all(&release->card->wait);
	cancel_work_sync(&release->work);
	destroy_work_on_stack(&release->work);
}

/*
 * The request failed before its window did anything, so the card is to be as it was. If VFs
 * do not come back it is not, and this was more than a refusal.
 */
void fpga_card_return_vfs(struct fpga_card *card, struct fpga_card_request *req)
{
	if (!req->released)
		return;
	/* Cancelling ends the request, but not this. */
	mutex_lock(&card->lock);
	req->recovering = true;
	mutex_unlock(&card->lock);
	if (pci_reload_return_vfs(card->window) && !READ_ONCE(card->gone)) {
		req->touched = true;
		req->incomplete = true;
		fpga_card_add_error(card, "%s", pci_reload_reason(card->window));
	}
	fpga_card_outage_end(req);
	mutex_lock(&card->lock);
	req->recovering = false;
	mutex_unlock(&card->lock);
}
