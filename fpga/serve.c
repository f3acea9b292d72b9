// SPDX-License-Identifier: GPL-2.0-only
/*
 * Serving a request, from the worker's beginning to its end.
 */

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "request.h"

/*
 * Users let go of the card while the image is brought into place, and so do VFs. Who is
 * there all the same is looked for when the outage begins.
 */
static int fpga_card_prepare_overlapped(struct fpga_card *card,
					struct fpga_card_request *req)
{
	struct fpga_card_release release;
	int ret;

	fpga_card_drain_begin(card, req, false);
	fpga_card_release_begin(&release, card, req);
	ret = fpga_card_write_image(card, req);
	fpga_card_release_end(&release);
	if (ret)
		fpga_card_return_vfs(card, req);
	return ret;
}

/* Brings the image into place; the card may have another user by then. */
static int fpga_card_prepare(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	if (req->stages && req->overlap)
		return fpga_card_prepare_overlapped(card, req);
	ret = fpga_card_write_image(card, req);
	if (ret || !req->stages)
		return ret;
	ret = fpga_card_check_users(card, req);
	if (ret)
		fpga_card_drop_image(card, req);
	return ret;
}

/* What an overlay has made has drivers, which may take long. */
static void fpga_card_remove_children(struct fpga_card *card)
{
	pci_reload_wait_begin(card->window,
			      "the driver of a device of the overlay's did not return from its remove()");
	fpga_card_children_remove(card);
	pci_reload_wait_end(card->window);
}

static void fpga_card_restore_children(struct fpga_card *card)
{
	pci_reload_wait_begin(card->window,
			      "the driver of a device of the overlay's did not return from its probe()");
	fpga_card_children_restore(card, true);
	pci_reload_wait_end(card->window);
}

static int fpga_card_run_load(struct fpga_card *card,
			      struct fpga_card_request *req,
			      enum fpga_card_state *state)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	unsigned int ms;
	int ret;

	ret = fpga_card_revive(card, req);
	if (ret)
		return ret;
	fpga_card_set_state(card, FPGA_CARD_PREFLIGHT);
	ret = fpga_card_request_validate(card, req);
	if (ret)
		return ret;
	/* A rollback loads the image that runs now, also if somebody else loaded it. */
	fpga_card_call_running(card, running, sizeof(running));
	mutex_lock(&card->lock);
	strscpy(req->previous, card->running, sizeof(req->previous));
	mutex_unlock(&card->lock);
	ret = fpga_card_prepare(card, req);
	if (!ret) {
		ret = fpga_card_drain(card, req);
		if (ret)
			fpga_card_failed(card, req);
	}
	if (ret) {
		/* VFs went, and did not come back. */
		if (req->touched)
			*state = FPGA_CARD_FAILED;
		return ret;
	}
	fpga_card_remove_children(card);
	ret = fpga_card_program(card, req);
	if (ret) {
		fpga_card_failed(card, req);
		if (req->touched)
			*state = FPGA_CARD_FAILED;
		fpga_card_redact(req->error, sizeof(req->error),
				 card->last_error, true);
		pci_err(card->port, "FPGA card: \"%s\" was not loaded: %s\n",
			req->name, req->error);
		return ret;
	}

	ms = ktime_ms_delta(ktime_get(), req->begun);
	pci_info(card->port, "FPGA card: %s \"%s\" after %u ms, with %d functions%s\n",
		 req->auxiliary ? "is back from loading" : "runs", req->name, ms,
		 req->functions,
		 req->believed && !req->auxiliary ?
		 "; the card itself cannot tell" : "");
	*state = FPGA_CARD_IDLE;
	return 0;
}

/* No outage: the card goes on with the image it has. */
static int fpga_card_run_stage(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_PREFLIGHT);
	ret = fpga_card_request_validate(card, req);
	if (!ret)
		ret = fpga_card_write_image(card, req);
	return ret ?: fpga_card_keep_staged(card, req);
}

static int fpga_card_run_recover(struct fpga_card *card,
				 struct fpga_card_request *req,
				 enum fpga_card_state *state)
{
	int ret;

	ret = fpga_card_check_users(card, req);
	if (!ret)
		ret = fpga_card_drain(card, req);
	if (ret)
		return ret;
	fpga_card_remove_children(card);
	ret = fpga_card_open(card, req);
	if (ret)
		return ret;
	fpga_card_outage_begin(req);
	/* The recovery removes what a failure leaves. */
	pci_reload_remove_functions(card->window, NULL);
	ret = fpga_card_recover(card, req);
	if (ret)
		ret = fpga_card_fail(card, -ENODEV,
				     "there is no card below %s: nothing answers, whatever is tried",
				     pci_name(card->port));
	fpga_card_tell_lost(card);
	*state = ret ? FPGA_CARD_FAILED : FPGA_CARD_IDLE;
	return ret;
}

static int fpga_card_run_announced(struct fpga_card *card,
				   struct fpga_card_request *req,
				   enum fpga_card_state *state)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_PREFLIGHT);
	ret = fpga_card_validate_reset(card, req);
	if (!ret)
		ret = fpga_card_drain(card, req);
	if (!ret) {
		fpga_card_remove_children(card);
		ret = fpga_card_be_reset(card, req);
	}
	if (ret) {
		fpga_card_redact(req->error, sizeof(req->error),
				 card->last_error, true);
		pci_err(card->port, "FPGA card: a reset that was announced %s: %s\n",
			req->announced.accepted ? "failed" : "was refused",
			req->error);
	} else {
		pci_info(card->port, "FPGA card: is back from a reset of its own after %lld ms, with %d functions\n",
			 ktime_ms_delta(ktime_get(), req->begun), req->functions);
	}
	if (req->touched)
		*state = ret ? FPGA_CARD_FAILED : FPGA_CARD_IDLE;
	return ret;
}

/*
 * @state is that before the request; it becomes that after it. A request that
 * fails before anything was touched leaves it as it was.
 */
static int fpga_card_run(struct fpga_card *card, struct fpga_card_request *req,
			 enum fpga_card_state *state)
{
	switch (req->job) {
	case FPGA_CARD_CHECK:
		fpga_card_set_state(card, FPGA_CARD_PREFLIGHT);
		return fpga_card_check(card, req);
	case FPGA_CARD_RECOVER:
		return fpga_card_run_recover(card, req, state);
	case FPGA_CARD_STAGE:
		return fpga_card_run_stage(card, req);
	case FPGA_CARD_UNSTAGE:
		fpga_card_drop_staged(card);
		return 0;
	case FPGA_CARD_ANNOUNCED:
		return fpga_card_run_announced(card, req, state);
	default:
		return fpga_card_run_load(card, req, state);
	}
}

static void fpga_card_end_check(struct fpga_card *card, enum fpga_card_state state)
{
	mutex_lock(&card->lock);
	fpga_card_set_state_locked(card, state);
	card->serving.request = NULL;
	WRITE_ONCE(card->serving.checking, false);
	mutex_unlock(&card->lock);
}

void fpga_card_serve_work(struct work_struct *work)
{
	struct fpga_card *card = container_of(work, struct fpga_card, serving.work);
	struct fpga_card_request *req;
	enum fpga_card_state state;
	int ret;

	mutex_lock(&card->lock);
	req = card->serving.request;
	state = card->state;
	mutex_unlock(&card->lock);

	fpga_card_record_begin(card, req);
	pci_reload_set_patience(card->window,
				max(card->driver_ms,
				    req->patient ? req->timeout_ms : 0));
	ret = fpga_card_run(card, req, &state);
	fpga_card_call_end(card);
	if (req->job == FPGA_CARD_CHECK) {
		fpga_card_end_check(card, state);
	} else {
		if (fpga_card_job_has_outage(req->job))
			fpga_card_restore_children(card);
		fpga_card_record_end(card, req, ret);
		fpga_card_tell_over(card, req, state);
	}
	fpga_card_read_stale(card);

	req->result = ret;
	/* Pairs with fpga_card_request_over(). */
	smp_store_release(&req->done, true);
	wake_up_all(&card->wait);
	fpga_card_request_put(req);
	put_device(&card->dev);
	/* A back end that a node brought may have had to wait for this. */
	fpga_card_changed();
}
