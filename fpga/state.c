// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a card is doing, what is told of it, and whether what it does is cancelled.
 */

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "overlay.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

EXPORT_TRACEPOINT_SYMBOL_GPL(fpga_card_state);
EXPORT_TRACEPOINT_SYMBOL_GPL(fpga_card_step);
EXPORT_TRACEPOINT_SYMBOL_GPL(fpga_card_outcome);
EXPORT_TRACEPOINT_SYMBOL_GPL(fpga_card_first_read);

static const char * const fpga_card_state_names[] = {
	[FPGA_CARD_IDLE] = "idle",
	[FPGA_CARD_PREFLIGHT] = "preflight",
	[FPGA_CARD_STAGING] = "staging",
	[FPGA_CARD_DRAINING] = "draining",
	[FPGA_CARD_OPENING] = "opening",
	[FPGA_CARD_REMOVING] = "removing",
	[FPGA_CARD_UNBINDING] = "unbinding",
	[FPGA_CARD_TRIGGERING] = "triggering",
	[FPGA_CARD_LINK_DOWN] = "link-down",
	[FPGA_CARD_REMOVING_RESERVED] = "removing-reserved",
	[FPGA_CARD_AWAITING_RESET] = "announced",
	[FPGA_CARD_LOADING] = "loading",
	[FPGA_CARD_SETTLING] = "settling",
	[FPGA_CARD_ENUMERATING] = "enumerating",
	[FPGA_CARD_VERIFYING] = "verifying",
	[FPGA_CARD_CLOSING] = "closing",
	[FPGA_CARD_RECOVERING] = "recovering",
	[FPGA_CARD_FAILED] = "failed",
};

/**
 * fpga_card_state_name - what users call a state
 * @state: the state, or a step of a request
 *
 * Context: any.
 *
 * Return: its name.
 */
const char *fpga_card_state_name(enum fpga_card_state state)
{
	return fpga_card_state_names[state];
}
EXPORT_SYMBOL_GPL(fpga_card_state_name);

/* The step that ends took that long; between requests there is none. */
static void fpga_card_end_step_locked(struct fpga_card *card)
{
	struct fpga_card_request *req = card->serving.request;
	ktime_t now = ktime_get();
	s64 us = ktime_us_delta(now, card->entered);

	lockdep_assert_held(&card->lock);

	card->entered = now;
	if (!req || card->state == FPGA_CARD_IDLE || card->state == FPGA_CARD_FAILED)
		return;
	if (req->whole)
		req = req->whole;
	req->record.steps_us[card->state] += us;
	trace_fpga_card_step(card->id, card->port,
			     fpga_card_state_names[card->state], us);
}

/* The only place that changes a card's state; @card->lock is held. */
void fpga_card_set_state_locked(struct fpga_card *card,
				enum fpga_card_state state)
{
	lockdep_assert_held(&card->lock);

	fpga_card_end_step_locked(card);
	card->state = state;
	if (card->registered)
		sysfs_notify(&card->region->dev.kobj, NULL, "state");
	trace_fpga_card_state(card->id, card->port,
			      fpga_card_state_names[state]);
}

void fpga_card_set_state(struct fpga_card *card, enum fpga_card_state state)
{
	mutex_lock(&card->lock);
	fpga_card_set_state_locked(card, state);
	mutex_unlock(&card->lock);
}

/*
 * Where the sentence on a failure goes: a check, and a load that is part of
 * another, have a place of their own for it.
 */
static char *fpga_card_error_buf(struct fpga_card *card)
{
	struct fpga_card_request *req = card->serving.request;

	return req && (req->job == FPGA_CARD_CHECK ||
		       req->job == FPGA_CARD_ROLL_BACK) ? req->error :
							  card->last_error;
}

/* Keep a sentence for last_error; returns @err for the caller to pass on. */
int fpga_card_fail(struct fpga_card *card, int err, const char *fmt, ...)
{
	va_list args;

	mutex_lock(&card->lock);
	va_start(args, fmt);
	vscnprintf(fpga_card_error_buf(card), FPGA_CARD_ERROR_MAX, fmt, args);
	va_end(args);
	mutex_unlock(&card->lock);
	return err;
}

/* Say more of the failure that fpga_card_fail() told. */
void fpga_card_add_error(struct fpga_card *card, const char *fmt, ...)
{
	va_list args;
	size_t len;
	char *buf;

	mutex_lock(&card->lock);
	buf = fpga_card_error_buf(card);
	if (buf[0])
		strlcat(buf, "; ", FPGA_CARD_ERROR_MAX);
	len = strlen(buf);
	va_start(args, fmt);
	vscnprintf(buf + len, FPGA_CARD_ERROR_MAX - len, fmt, args);
	va_end(args);
	mutex_unlock(&card->lock);
}

/* Also a condition to sleep on, so it takes no lock. */
bool fpga_card_is_attached(struct fpga_card *card)
{
	return READ_ONCE(card->attached);
}

/*
 * What the card runs is not known from here on, and if it was not before, there
 * is nothing to tell by that it is the same again. @card->lock is held.
 */
static void fpga_card_overlay_forget_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	if (card->of.overlay && card->of.overlay->ready && !card->of.overlay->image[0])
		card->of.overlay->stale = true;
}

/* The card may run something else from here on, until somebody tells. */
void fpga_card_forget_running(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	card->running[0] = '\0';
	card->loaded[0] = '\0';
	fpga_card_overlay_forget_locked(card);
	mutex_unlock(&card->lock);
}

/* @name runs, by what the card said. */
void fpga_card_set_running_locked(struct fpga_card *card, const char *name)
{
	lockdep_assert_held(&card->lock);

	if (!strcmp(card->running, name))
		return;
	strscpy(card->running, name, sizeof(card->running));
	card->loaded[0] = '\0';
}

/*
 * A sentence as somebody may see it: which process has a file open is no business of
 * those who may not look at its descriptors. Returns the length.
 */
int fpga_card_redact(char *buf, size_t len, const char *text, bool all)
{
	bool hidden = false;
	size_t n = 0;

	for (; len && *text; text++) {
		if (*text == FPGA_CARD_PRIVATE_BEGIN[0]) {
			hidden = !all;
			if (hidden)
				n += scnprintf(buf + n, len - n, "a process");
		} else if (*text == FPGA_CARD_PRIVATE_END[0]) {
			hidden = false;
		} else if (!hidden && n < len - 1) {
			buf[n++] = *text;
		}
	}
	if (len)
		buf[n] = '\0';
	return n;
}

/* What becomes of a request that is stuck: the end of last_error while it is served. */
const char *fpga_card_stuck_end_locked(struct fpga_card *card)
{
	const struct fpga_card_request *req = card->serving.request;

	lockdep_assert_held(&card->lock);

	if (req && req->whole)
		req = req->whole;
	if (!req || !req->stuck || req->job == FPGA_CARD_CHECK)
		return "";
	return req->triggered || req->recovering ?
	       ": the request goes on when that is over" :
	       ": the request is given up when that is over";
}

/**
 * fpga_card_last_error - why the last load failed
 * @card: the card
 * @buf: for the sentence
 * @len: size of @buf in bytes
 *
 * Context: may sleep.
 *
 * Return: length of the sentence, 0 if there is none.
 */
int fpga_card_last_error(struct fpga_card *card, char *buf, size_t len)
{
	int ret;

	mutex_lock(&card->lock);
	ret = fpga_card_redact(buf, len, card->last_error, true);
	ret += scnprintf(buf + ret, len - ret, "%s",
			 fpga_card_stuck_end_locked(card));
	mutex_unlock(&card->lock);
	return ret;
}
EXPORT_SYMBOL_GPL(fpga_card_last_error);

/* Whether a request is served that may do something to the card. */
bool fpga_card_is_serving_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	return card->serving.request && card->serving.request->job != FPGA_CARD_CHECK;
}

/* Whether the functions should all have been removed by now. */
bool fpga_card_freeze_expired(const struct fpga_card_request *req)
{
	return req->freeze_end && ktime_after(ktime_get(), req->freeze_end);
}

/* Whoever announced the reset says that it need not be waited for any more. */
static bool fpga_card_reset_ended(const struct fpga_card_request *req)
{
	return req->announced.waiting && req->announced.ended;
}

/*
 * Whether nobody wants @req any more, or it cannot go on. Takes no lock: for those who know
 * that it stays the one that is served, as whatever the worker calls does.
 */
bool fpga_card_is_given_up(const struct fpga_card *card,
			   const struct fpga_card_request *req)
{
	return !req->triggered && !req->recovering &&
	       (READ_ONCE(req->cancel) || READ_ONCE(card->dead) ||
		READ_ONCE(req->stuck) || fpga_card_freeze_expired(req));
}

/*
 * Asked in each wait of the window. After the trigger there is no way back but
 * through the end; only the loss of the port, which the window knows by itself,
 * and the end of an announcement end a wait then.
 */
bool fpga_card_cancelled(void *priv)
{
	struct fpga_card *card = priv;
	struct fpga_card_request *req;
	bool cancelled;

	mutex_lock(&card->lock);
	req = card->serving.request;
	cancelled = req && (fpga_card_is_given_up(card, req) || fpga_card_reset_ended(req));
	mutex_unlock(&card->lock);
	return cancelled;
}

/* Why fpga_card_cancelled() says so; the worker's thread. */
int fpga_card_fail_cancelled(struct fpga_card *card)
{
	const struct fpga_card_request *req = card->serving.request;

	/* The asker may have been told that already, and has to be told the same. */
	if (READ_ONCE(card->gone))
		return fpga_card_fail(card, -ENODEV,
				      "the port %s was removed, or the machine goes down",
				      pci_name(card->port));
	if (req && READ_ONCE(req->stuck))
		return fpga_card_fail(card, -ETIMEDOUT, "%s", req->stuck_why);
	return fpga_card_fail(card, -EINTR, "the request was cancelled");
}

/*
 * The window waits for somebody who may never return, and the worker with it: who asked
 * is let go. A request that did not come to the trigger ends when the worker can; after
 * it there is no way back but through the end.
 */
void fpga_card_window_stuck(void *priv, const char *why)
{
	struct fpga_card *card = priv;
	struct fpga_card_request *req;
	size_t len;

	mutex_lock(&card->lock);
	req = card->serving.request;
	if (req && req->whole)
		req = req->whole;
	if (req && req->job != FPGA_CARD_CHECK) {
		len = strlen(card->last_error);
		scnprintf(card->last_error + len, sizeof(card->last_error) - len,
			  "%s%s", len ? "; " : "", why);
	}
	if (req) {
		strscpy(req->stuck_why, why, sizeof(req->stuck_why));
		WRITE_ONCE(req->stuck, true);
	}
	mutex_unlock(&card->lock);
	wake_up_all(&card->wait);
}

int fpga_card_window_failed(struct fpga_card *card, int err)
{
	/* The window does not know of a wait that was over before it was opened. */
	if (err == -EINTR)
		return fpga_card_fail_cancelled(card);
	return fpga_card_fail(card, err, "%s", pci_reload_reason(card->window));
}
