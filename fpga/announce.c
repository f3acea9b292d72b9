// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends that announce a reset which their card does by itself: what they call, and how
 * long they wait.
 */

#include <linux/module.h>
#include <linux/sched.h>

#include "request.h"

/* A condition to sleep on, so it takes no lock. */
static bool fpga_card_reset_decided(struct fpga_card *card,
				    struct fpga_card_request *req)
{
	/* Pairs with the worker's release: the result is valid behind it. */
	return smp_load_acquire(&req->done) ||
	       READ_ONCE(req->announced.accepted) || READ_ONCE(card->gone) ||
	       READ_ONCE(req->stuck) || !fpga_card_is_attached(card);
}

/*
 * What was decided; the worker accepts under the same lock. If nothing was, the request is
 * given up here.
 */
static int fpga_card_reset_decision(struct fpga_card *card,
				    struct fpga_card_request *req)
{
	int ret = 0;

	mutex_lock(&card->lock);
	if (req->announced.accepted)
		goto out_unlock;
	/* Pairs with the worker's release, too. */
	if (smp_load_acquire(&req->done)) {
		ret = req->result;
		goto out_unlock;
	}
	WRITE_ONCE(req->cancel, true);
	if (READ_ONCE(card->gone) || !fpga_card_is_attached(card))
		ret = -ENODEV;
	else
		ret = READ_ONCE(req->stuck) ? -ETIMEDOUT : -EINTR;

out_unlock:
	mutex_unlock(&card->lock);
	return ret;
}

/*
 * Who is killed waits until the card is as it was, as long as that may take. Nobody else
 * who gives up does: the removal of the card's own functions may wait for him.
 */
static int fpga_card_await_acceptance(struct fpga_card *card,
				      struct fpga_card_request *req)
{
	bool killed;
	int ret;

	killed = wait_event_state(card->wait, fpga_card_reset_decided(card, req),
				  (TASK_KILLABLE | TASK_FREEZABLE));
	ret = fpga_card_reset_decision(card, req);
	if (ret && killed)
		wait_event_idle_timeout(card->wait,
					fpga_card_reset_decided(card, req),
					msecs_to_jiffies(FPGA_CARD_CANCEL_MS));
	return ret;
}

/**
 * fpga_card_reset_begin - a card is about to reset itself
 * @card: the card
 * @priv: &struct fpga_card_info.priv of the back end that says so
 * @deadline_ms: longest time until the card's link is up again, from when this returns
 *	0, in milliseconds; at most an hour. A longer one that the user set for loads counts
 *
 * To be called before the card begins, and to be waited for: the return value is the answer
 * that the card gets. With 0 it may begin. Its functions are gone then but the control
 * function, which goes next, with the driver that called this. With another value nothing was
 * touched, or all is put back, and the card should not reset itself: if it does all the
 * same, that is like pulling it.
 *
 * After 0 the link is waited for to go down and to come up again. Of a card that keeps its
 * link up it is noticed that function 0 was reset; so the driver of the control function must
 * not reset that in its remove(). What is there then is enumerated, with whatever image, and
 * the back end attaches as after a load. A card that does not begin by the deadline is
 * enumerated as it is; one that does not come back is brought back.
 *
 * The remove() of the driver calls fpga_card_detach(), which has this return, before it waits
 * for a thread that may be in here.
 *
 * Context: may sleep, for as long as drivers take to let go of the card's functions. The
 * caller holds no lock that a driver's probe() or remove(), or the removal of the port, may
 * take, and is none of the back end's operations.
 *
 * Return: 0 if the card may reset itself; -EBUSY if a request is being served, the machine is
 * about to sleep, or a function is in use; -EINVAL for a deadline of 0 or of more than an
 * hour; -ENODEV if the back end is detached, there is no card, or the port goes;
 * -EOPNOTSUPP if the slot's hot-plug driver polls; -ETIMEDOUT if a driver does not return;
 * -EINTR; -ENOMEM. But for a request that is being served fpga_card_last_error() tells more.
 */
int fpga_card_reset_begin(struct fpga_card *card, void *priv,
			  unsigned int deadline_ms)
{
	struct fpga_card_request *req;
	int ret;

	if (!deadline_ms || deadline_ms > FPGA_CARD_TIMEOUT_MAX_MS)
		return -EINVAL;
	req = fpga_card_request_alloc(FPGA_CARD_ANNOUNCED);
	if (!req)
		return -ENOMEM;
	req->announced.priv = priv;
	req->announced.deadline_ms = deadline_ms;

	/* The back end's own reference may go meanwhile. */
	get_device(&card->dev);
	ret = fpga_card_claim_when_checked(card, NULL, req);
	if (!ret)
		ret = fpga_card_await_acceptance(card, req);
	put_device(&card->dev);
	fpga_card_request_put(req);
	return ret;
}
EXPORT_SYMBOL_GPL(fpga_card_reset_begin);

/* What was announced and is not over; @card->lock is held. */
static struct fpga_card_announcement *
fpga_card_announced_locked(struct fpga_card *card)
{
	struct fpga_card_request *req = card->serving.request;

	lockdep_assert_held(&card->lock);

	return req && req->job == FPGA_CARD_ANNOUNCED ? &req->announced : NULL;
}

/**
 * fpga_card_reset_end - a reset that was announced is over, or does not take place
 * @card: the card
 * @priv: as for fpga_card_reset_begin()
 * @err: 0 if it is over; a negative errno if the card called it off
 *
 * Optional, and for back ends that stay attached meanwhile: ends the wait for the card to
 * begin. Does nothing if the card was seen to begin, or if there is no reset that this back
 * end announced.
 *
 * Context: may sleep.
 */
void fpga_card_reset_end(struct fpga_card *card, void *priv, int err)
{
	struct fpga_card_announcement *announced;

	mutex_lock(&card->lock);
	announced = fpga_card_announced_locked(card);
	if (announced && announced->priv == priv && !announced->ended) {
		announced->err = err;
		announced->ended = true;
	}
	mutex_unlock(&card->lock);
	pci_reload_wake(card->window);
}
EXPORT_SYMBOL_GPL(fpga_card_reset_end);

/* How much is left of the deadline, in ms; 0 also if no reset is announced. */
unsigned int fpga_card_reset_left(struct fpga_card *card)
{
	struct fpga_card_announcement *announced;
	unsigned int ms = 0;

	mutex_lock(&card->lock);
	announced = fpga_card_announced_locked(card);
	if (announced)
		ms = announced->accepted ?
		     fpga_card_time_left(card->serving.request) :
		     announced->deadline_ms;
	mutex_unlock(&card->lock);
	return ms;
}
