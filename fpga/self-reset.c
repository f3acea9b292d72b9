// SPDX-License-Identifier: GPL-2.0-only
/*
 * A card that resets itself, as those do that have a processor of their own: out of its way
 * before, and all that it has afterwards. Nothing is programmed, so the FPGA framework is
 * not called.
 */

#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "request.h"

/* The back end that announced it may be gone, and another one have come. */
static int fpga_card_check_announcer(struct fpga_card *card,
				     struct fpga_card_request *req)
{
	bool attached;

	mutex_lock(&card->back_end.lock);
	attached = card->back_end.info.ops &&
		   card->back_end.info.priv == req->announced.priv;
	mutex_unlock(&card->back_end.lock);
	if (attached)
		return 0;
	return fpga_card_fail(card, -ENODEV,
			      "the back end that announced a reset of the card below %s is gone",
			      pci_name(card->port));
}

/* Whether the card may reset itself. Leaves the reason in last_error if not. */
int fpga_card_validate_reset(struct fpga_card *card,
			     struct fpga_card_request *req)
{
	struct pci_dev *pdev;
	int ret;

	ret = fpga_card_check_announcer(card, req);
	if (ret)
		return ret;
	ret = pci_reload_preflight(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	ret = fpga_card_get_target(card, &req->target, &pdev);
	if (ret)
		return ret;

	if (!req->target)
		ret = fpga_card_fail(card, -ENODEV, "there is no card below %s",
				     pci_name(card->port));
	if (!ret)
		ret = fpga_card_check_port(card, pdev);
	if (!ret)
		ret = fpga_card_check_users(card, req);
	pci_dev_put(pdev);
	return ret;
}

/*
 * From here on nothing is refused any more. The asker gives up under the same lock, so he
 * and the worker agree on it. A longer deadline of the user's counts.
 */
static int fpga_card_accept_reset(struct fpga_card *card,
				  struct fpga_card_request *req)
{
	bool accepted;

	mutex_lock(&card->lock);
	accepted = !READ_ONCE(req->cancel) && !req->stuck && !card->dead;
	if (accepted) {
		req->triggered = true;
		req->timeout_ms = max(req->timeout_ms,
				      req->announced.deadline_ms);
		req->deadline = jiffies + msecs_to_jiffies(req->timeout_ms);
		strscpy(req->previous, card->running, sizeof(req->previous));
		strscpy(req->name, card->loaded, sizeof(req->name));
		WRITE_ONCE(req->announced.accepted, true);
	}
	mutex_unlock(&card->lock);
	if (!accepted) {
		pci_reload_unmark_card(card->window);
		return fpga_card_fail_cancelled(card);
	}
	wake_up_all(&card->wait);
	return 0;
}

/* A wait that the back end's word ended has no other result of its own. */
static int fpga_card_end_wait(struct fpga_card *card,
			      struct fpga_card_request *req, int ret)
{
	bool ended;
	int err;

	mutex_lock(&card->lock);
	req->announced.waiting = false;
	ended = req->announced.ended;
	err = req->announced.err;
	/* A card that does not go away need not be waited for. */
	if (ended && err)
		req->deadline = jiffies;
	mutex_unlock(&card->lock);
	if (ended && (ret == -EINTR || ret == -ETIMEDOUT))
		return err ? -ECANCELED : 0;
	return ret;
}

/*
 * Returns 0 when the reset has begun, or is over; -ETIMEDOUT or -ECANCELED if there is none,
 * with nothing said of it yet; or what went wrong. @begun: it did not wait to be accepted.
 */
static int fpga_card_await_reset(struct fpga_card *card,
				 struct fpga_card_request *req, bool begun)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_REMOVING_RESERVED);
	ret = pci_reload_remove_rest(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	if (begun)
		return 0;

	mutex_lock(&card->lock);
	req->announced.waiting = true;
	fpga_card_set_state_locked(card, FPGA_CARD_AWAITING_RESET);
	mutex_unlock(&card->lock);
	ret = pci_reload_wait_drop(card->window, fpga_card_time_left(req));
	ret = fpga_card_end_wait(card, req, ret);
	if (ret && ret != -ETIMEDOUT && ret != -ECANCELED)
		return fpga_card_window_failed(card, ret);
	return ret;
}

/* What the card runs is what it ran, unless it says something else. */
static void fpga_card_keep_loaded(struct fpga_card *card,
				  const struct fpga_card_request *req)
{
	mutex_lock(&card->lock);
	if (card->running[0] && !strcmp(card->running, req->previous))
		strscpy(card->loaded, req->name, sizeof(card->loaded));
	mutex_unlock(&card->lock);
}

/* The card is in its reset: find what it has when that is over. */
static int fpga_card_find_reset(struct fpga_card *card,
				struct fpga_card_request *req)
{
	int ret;

	fpga_card_forget_running(card);
	fpga_card_set_state(card, FPGA_CARD_LOADING);
	ret = fpga_card_await_link(card, req) ?: fpga_card_gate_on(card);
	if (!ret)
		fpga_card_keep_loaded(card, req);
	return ret;
}

/* There was no reset, for the reason @err: all is to be as it was. */
static int fpga_card_find_same(struct fpga_card *card,
			       struct fpga_card_request *req, int err)
{
	int ret;

	pci_reload_set_restore(card->window, true);
	ret = fpga_card_await_link(card, req) ?: fpga_card_gate_on(card);
	if (ret)
		return ret;
	mutex_lock(&card->lock);
	req->triggered = false;
	mutex_unlock(&card->lock);
	if (err == -ETIMEDOUT)
		fpga_card_add_error(card,
				    "the card below %s did not begin the reset that was announced within %u ms, and goes on as it is",
				    pci_name(card->port), req->timeout_ms);
	else
		fpga_card_add_error(card,
				    "the reset of the card below %s was called off: error %d; it goes on as it is",
				    pci_name(card->port), req->announced.err);
	return err;
}

/*
 * Steps 1 to 11 of a load, with the card's own reset in place of the trigger. The result
 * after the acceptance is for the log and for last_error: the back end was told then that
 * the card may go ahead.
 */
static int fpga_card_live_through(struct fpga_card *card,
				  struct fpga_card_request *req)
{
	bool begun;
	int ret;

	ret = fpga_card_gate_off(card);
	if (ret)
		return ret;
	/* Who is left hears that the card has gone already. */
	begun = pci_reload_check_card(card->window);
	if (!begun)
		pci_reload_mark_card(card->window);
	ret = fpga_card_accept_reset(card, req);
	if (ret)
		return ret;
	ret = fpga_card_await_reset(card, req, begun);
	if (!ret)
		return fpga_card_find_reset(card, req);
	if (ret == -ETIMEDOUT || ret == -ECANCELED)
		return fpga_card_find_same(card, req, ret);
	return ret;
}

/*
 * The same, with the card brought back if that left the window open. In a load it is the
 * framework that keeps this module; its exit waits for the worker.
 */
int fpga_card_be_reset(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	__module_get(THIS_MODULE);
	ret = fpga_card_live_through(card, req);
	if (ret && pci_reload_is_open(card->window))
		fpga_card_failed(card, req);
	module_put(THIS_MODULE);
	return ret;
}
