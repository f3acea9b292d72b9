// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking a card for something: who may, and how long the asker waits.
 */

#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "front.h"
#include "request.h"

/* NULL if a name may be looked for, else what is wrong with it. */
static const char *fpga_card_name_problem(const char *name)
{
	const char *p;

	if (!name[0])
		return "the name of the image is empty";
	if (strlen(name) > FPGA_CARD_REQUEST_MAX)
		return "the name of the image is too long";
	if (name[0] == '/')
		return "the name of an image file is relative to the firmware path";
	for (p = name; *p; p++) {
		/* isprint() knows Latin-1, too. */
		if (!isascii(*p) || !isprint(*p))
			return "the name of the image has a character that cannot be printed";
		if (p[0] == '.' && p[1] == '.' && (p == name || p[-1] == '/') &&
		    (!p[2] || p[2] == '/'))
			return "the name of an image file may not leave the firmware path";
	}
	return NULL;
}

/* What was staged is asked for by its name, and may be staged anew while this is served. */
static int fpga_card_claim_staged_locked(struct fpga_card *card,
					 struct fpga_card_request *req)
{
	const struct fpga_card_staged *staged = card->staged;

	lockdep_assert_held(&card->lock);

	if (!staged) {
		strscpy(req->error,
			"nothing is staged: write the name of an image to the region's stage first",
			sizeof(req->error));
		return -ENODATA;
	}
	req->waiting = fpga_card_staged_alloc(staged->name, staged->image,
					      staged->header, staged->header_size);
	if (!req->waiting) {
		strscpy(req->error, "no memory", sizeof(req->error));
		return -ENOMEM;
	}
	req->waiting->written = staged->written;
	strscpy(req->name, staged->name, sizeof(req->name));
	return 0;
}

/* Refuse the request for what can be seen without the card; @card->lock is held. */
static int fpga_card_refuses(struct fpga_card *card,
			     struct fpga_card_request *req, const char *name)
{
	const char *problem = name ? fpga_card_name_problem(name) : NULL;
	int ret = 0;

	if (problem) {
		strscpy(req->error, problem, sizeof(req->error));
		return -EINVAL;
	}
	if (name)
		strscpy(req->name, name, sizeof(req->name));
	if (req->job == FPGA_CARD_ACTIVATE)
		ret = fpga_card_claim_staged_locked(card, req);
	/* Without an outage there is nothing that an overlay could mind. */
	if (ret || req->job == FPGA_CARD_STAGE || req->job == FPGA_CARD_UNSTAGE)
		return ret;
	return fpga_card_overlay_refuses(card, req, req->name[0] ? req->name : NULL);
}

/* 0 if the card could serve a request now. */
static int fpga_card_is_busy_locked(struct fpga_card *card,
				    struct fpga_card_request *req)
{
	const char *why;
	int ret = -EBUSY;

	lockdep_assert_held(&card->lock);

	if (card->dead) {
		why = "the card is gone";
		ret = -ENODEV;
	} else if (card->asleep) {
		why = "the machine is about to sleep";
	} else if (card->serving.request) {
		why = card->serving.request->stuck ?
		      "the card still waits for what last_error names" :
		      "the card serves another request";
	} else {
		return 0;
	}
	strscpy(req->error, why, sizeof(req->error));
	return ret;
}

/* @req is the card's from here on. */
static void fpga_card_queue_locked(struct fpga_card *card,
				   struct fpga_card_request *req)
{
	bool check = req->job == FPGA_CARD_CHECK;

	lockdep_assert_held(&card->lock);

	req->force = card->settings.force;
	req->overlap = fpga_card_job_has_outage(req->job) && card->settings.overlap;
	req->timeout_ms = req->options.timeout_ms ?: card->settings.timeout_ms;
	req->patient = req->timeout_ms;
	card->serving.request = req;
	WRITE_ONCE(card->serving.checking, check);
	/* The worker's reference; the caller has its own. */
	kref_get(&req->ref);
	get_device(&card->dev);
	/* "force" is for one request that has something to be forced. */
	if (fpga_card_job_has_outage(req->job))
		card->settings.force = false;
	if (!check)
		card->last_error[0] = '\0';
	queue_work(fpga_card_wq, &card->serving.work);
}

/* Make @req the card's request, or say why not. */
static int fpga_card_claim(struct fpga_card *card, const char *name,
			   struct fpga_card_request *req)
{
	bool check = req->job == FPGA_CARD_CHECK;
	int ret;

	mutex_lock(&card->lock);
	ret = fpga_card_is_busy_locked(card, req);
	if (ret)
		goto out_unlock;
	req->refused = fpga_card_refuses(card, req, name);
	/* A check does not fail by that: the refusal is its answer. */
	if (!req->refused || check) {
		fpga_card_queue_locked(card, req);
		goto out_unlock;
	}
	ret = req->refused;
	strscpy(card->last_error, req->error, sizeof(card->last_error));
	fpga_card_record_refused_locked(card, req, ret);

out_unlock:
	mutex_unlock(&card->lock);
	return ret;
}

/*
 * Claims the card, but waits for a check that runs: an agent may ask for one at any time,
 * and a check ends by itself.
 */
int fpga_card_claim_when_checked(struct fpga_card *card, const char *name,
				 struct fpga_card_request *req)
{
	long left = msecs_to_jiffies(FPGA_CARD_CHECK_MS);
	int ret;

	for (;;) {
		ret = fpga_card_claim(card, name, req);
		if (ret != -EBUSY || req->job == FPGA_CARD_CHECK || left <= 0 ||
		    !READ_ONCE(card->serving.checking))
			return ret;
		left = wait_event_killable_timeout(card->wait,
						   !READ_ONCE(card->serving.checking) ||
						   READ_ONCE(card->gone), left);
	}
}

/* A condition to sleep on, so it takes no lock. */
static bool fpga_card_request_over(struct fpga_card *card,
				   struct fpga_card_request *req)
{
	/* Pairs with the worker's release: @result is valid behind it. */
	return smp_load_acquire(&req->done) || READ_ONCE(card->gone) ||
	       READ_ONCE(req->stuck);
}

/*
 * The asker is about to die. The worker sees that within its next wait, and needs some
 * seconds to have the card back. A driver's remove() or a back end's stage() may last
 * longer, for which nobody is to wait who cannot be killed.
 */
static void fpga_card_await_cancelled(struct fpga_card *card,
				      struct fpga_card_request *req)
{
	WRITE_ONCE(req->cancel, true);
	wake_up_all(&card->wait);
	pci_reload_wake(card->window);
	wait_event_idle_timeout(card->wait, fpga_card_request_over(card, req),
				msecs_to_jiffies(FPGA_CARD_CANCEL_MS));
}

/* A condition to sleep on: whether there is something to tell of the staging. */
static bool fpga_card_has_come_on(struct fpga_card *card,
				  const struct fpga_card_asker *asker, unsigned int told)
{
	return asker && asker->progress &&
	       READ_ONCE(card->state) == FPGA_CARD_STAGING &&
	       READ_ONCE(card->staged_percent) != told;
}

/*
 * Only a signal that ends the asker ends a load: others, as those about children of a
 * shell, are for the asker's own purposes. Nor is a system sleep a change of mind.
 */
static int fpga_card_await(struct fpga_card *card, struct fpga_card_request *req,
			   const struct fpga_card_asker *asker)
{
	unsigned int told = 0;
	int ret;

	do {
		ret = wait_event_state(card->wait,
				       fpga_card_request_over(card, req) ||
				       fpga_card_has_come_on(card, asker, told),
				       (TASK_KILLABLE | TASK_FREEZABLE));
		if (!ret && fpga_card_has_come_on(card, asker, told)) {
			told = READ_ONCE(card->staged_percent);
			asker->progress(asker->priv, told);
		}
	} while (!ret && !fpga_card_request_over(card, req));
	if (ret)
		fpga_card_await_cancelled(card, req);
	/* Pairs with the worker's release, too. */
	if (smp_load_acquire(&req->done))
		return req->result;
	if (READ_ONCE(card->gone))
		return -ENODEV;
	return READ_ONCE(req->stuck) ? -ETIMEDOUT : -EINTR;
}

/* Why a request was not waited for to its end */
static const char *fpga_card_why_left(int err)
{
	switch (err) {
	case -EINTR:
		return "the request was cancelled";
	case -ETIMEDOUT:
		return "a driver does not return: last_error names it";
	default:
		return "the port went away";
	}
}

/*
 * Have a request served, and wait for its end. @error: a sentence on what went wrong,
 * as long as @req lives.
 */
static int fpga_card_have_served(struct fpga_card *card, const char *name,
				 struct fpga_card_request *req,
				 const struct fpga_card_asker *asker,
				 const char **error)
{
	int ret;

	ret = fpga_card_claim_when_checked(card, name, req);
	*error = req->error;
	if (!ret) {
		ret = fpga_card_await(card, req, asker);
		/* @req has no error yet if its end was not waited for. */
		if (!smp_load_acquire(&req->done))
			*error = fpga_card_why_left(ret);
	}
	return ret;
}

/*
 * Have a job done by the card's worker; @name is NULL where the job
 * has none.
 * @why: for a sentence on what went wrong; may be NULL.
 */
int fpga_card_ask_for(struct fpga_card *card, enum fpga_card_job job,
		      const char *name,
		      const struct fpga_card_options *options,
		      char *why, size_t len)
{
	struct fpga_card_request *req = fpga_card_request_alloc(job);
	const char *error;
	int ret;

	if (!req)
		return -ENOMEM;
	if (options)
		req->options = *options;

	ret = fpga_card_have_served(card, name, req, NULL, &error);
	if (why)
		strscpy(why, ret ? error : "", len);
	fpga_card_request_put(req);
	return ret;
}

int fpga_card_ask(struct fpga_card *card, enum fpga_card_job job,
		  const char *name)
{
	return fpga_card_ask_for(card, job, name, NULL, NULL, 0);
}

/* Ask for an image by the name that a user wrote; returns @count or a negative errno. */
int fpga_card_ask_by_text(struct fpga_card *card, enum fpga_card_job job,
			  const char *buf, size_t count)
{
	size_t len = count;
	char *name, *nul;
	int ret;

	if (len && buf[len - 1] == '\n')
		len--;
	name = kmemdup_nul(buf, len, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	/* A NUL would hide what is behind it; this is refused as it stands. */
	while ((nul = memchr(name, '\0', len)))
		*nul = '\n';
	ret = fpga_card_ask(card, job, name);
	kfree(name);
	return ret ?: count;
}

/* The same for a front end of its own, with what it says of itself and is told. */
int fpga_card_ask_as(struct fpga_card *card, enum fpga_card_job job, const char *name,
		     const struct fpga_card_options *options,
		     struct fpga_card_asker *asker)
{
	struct fpga_card_request *req = fpga_card_request_alloc(job);
	const char *error;
	int ret;

	if (!req)
		return -ENOMEM;
	req->options = *options;
	req->options.sees_processes = asker->sees_processes;
	fpga_card_request_take_file(req);
	ret = fpga_card_have_served(card, name, req, asker, &error);
	strscpy(asker->why, ret ? error : "", sizeof(asker->why));
	asker->touched = READ_ONCE(req->touched);
	fpga_card_request_put(req);
	return ret;
}

/**
 * fpga_card_load - load an image
 * @card: the card
 * @name: an image in its flash, or a file below the firmware path
 *
 * Removes the functions of the card, has it load the image, and enumerates
 * what is there then. A fatal signal cancels the request as long as the card was
 * not told to load; the card is as it was then, with its VFs and settings. If
 * something fails after that, the card is brought back, and the image that ran
 * before is loaded again.
 *
 * Context: may sleep, until the image's deadline. The caller holds no lock that
 * a driver's probe() or remove(), or the removal of the port, may take.
 *
 * Return: 0 when the image runs and its functions are enumerated; -EBUSY if a
 * request is being served, a function is in use or an overlay needs another
 * image; -EINVAL for a name or a file
 * that is no good; -ENOENT if there is no such image; -ENODEV if the card has
 * no back end or its port is gone; -EINTR; -ETIMEDOUT if the card did not come
 * back in time; -EIO if it runs something else; -ENOSPC if its functions do not
 * fit; or another errno from the card's back end. But for a request that is
 * being served, fpga_card_last_error() tells more.
 */
int fpga_card_load(struct fpga_card *card, const char *name)
{
	return fpga_card_ask(card, FPGA_CARD_LOAD, name);
}
EXPORT_SYMBOL_GPL(fpga_card_load);

/**
 * fpga_card_bring_back - bring a card back that does not work any more
 * @card: the card
 *
 * Removes its functions, and asks the card back by one means after the other:
 * the link as it is, a new training, a hot reset, a power cycle.
 *
 * Context: may sleep for some seconds; as for fpga_card_load().
 *
 * Return: 0 when its functions, and its back end if it had one, are there;
 * -EBUSY if a request is being served or a function is in use; -ENODEV if
 * nothing helped or the port is gone; -EINTR. But for a request that is being
 * served, fpga_card_last_error() tells more.
 */
int fpga_card_bring_back(struct fpga_card *card)
{
	return fpga_card_ask(card, FPGA_CARD_RECOVER, NULL);
}
EXPORT_SYMBOL_GPL(fpga_card_bring_back);

/**
 * fpga_card_stage - bring an image into place, without an outage
 * @card: the card
 * @name: an image in its flash, or a file below the firmware path
 *
 * The image is validated, written to the card where it has to be, and waits for
 * fpga_card_activate(). What was staged before is gone. A fatal signal, or
 * fpga_card_unstage(), cancels it.
 *
 * Context: may sleep, for as long as the back end takes to write the image; as for
 * fpga_card_load().
 *
 * Return: 0; -EBUSY if a request is being served or the card is not ready; -EINVAL,
 * -ENOENT, -EBADMSG or -EFBIG for the image; -ENODEV if the card has no back end or goes;
 * -EINTR; -EIO if the card does not have what it took; or another errno from the back
 * end. But for a request that is being served, fpga_card_last_error() tells more.
 */
int fpga_card_stage(struct fpga_card *card, const char *name)
{
	return fpga_card_ask(card, FPGA_CARD_STAGE, name);
}
EXPORT_SYMBOL_GPL(fpga_card_stage);

/**
 * fpga_card_unstage - cancel staging, or forget what was staged
 * @card: the card
 *
 * Context: may sleep; does not wait for the end of what is cancelled.
 *
 * Return: 0, also if nothing is staged; -EBUSY if a request of another kind is being
 * served; -ENODEV if the card goes; -ENOMEM.
 */
int fpga_card_unstage(struct fpga_card *card)
{
	struct fpga_card_request *req;
	bool staging;

	mutex_lock(&card->lock);
	req = card->serving.request;
	staging = req && req->job == FPGA_CARD_STAGE;
	if (staging)
		WRITE_ONCE(req->cancel, true);
	mutex_unlock(&card->lock);
	if (staging)
		return 0;
	return fpga_card_ask(card, FPGA_CARD_UNSTAGE, NULL);
}
EXPORT_SYMBOL_GPL(fpga_card_unstage);

/**
 * fpga_card_activate - load what was staged
 * @card: the card
 *
 * As fpga_card_load(), but the image is in place already. It stays staged if the request
 * is refused or cancelled.
 *
 * Context: as for fpga_card_load().
 *
 * Return: as for fpga_card_load(); -ENODATA if nothing is staged, or the card has lost it.
 */
int fpga_card_activate(struct fpga_card *card)
{
	return fpga_card_ask(card, FPGA_CARD_ACTIVATE, NULL);
}
EXPORT_SYMBOL_GPL(fpga_card_activate);
