// SPDX-License-Identifier: GPL-2.0-only
/*
 * An image that was brought into place on the running card, and waits for its activation:
 * what is known of it, and whether the card still has it.
 */

#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "request.h"

static void fpga_card_tell_percent_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	card->staged_told = jiffies;
	if (card->registered)
		sysfs_notify(&card->region->dev.kobj, NULL, "staged_percent");
	/* Whoever waits for the end of the request may want to see how far it has come. */
	wake_up_all(&card->wait);
}

static void fpga_card_set_percent_locked(struct fpga_card *card, unsigned int percent)
{
	lockdep_assert_held(&card->lock);

	if (card->staged_percent == percent)
		return;
	WRITE_ONCE(card->staged_percent, percent);
	fpga_card_tell_percent_locked(card);
}

static void fpga_card_set_percent(struct fpga_card *card, unsigned int percent)
{
	mutex_lock(&card->lock);
	fpga_card_set_percent_locked(card, percent);
	mutex_unlock(&card->lock);
}

/**
 * fpga_card_stage_progress - say how far stage() has come
 * @card: the card that stage() was called with
 * @done: how much is in place
 * @total: how much there is, in the same unit, which is the back end's choice
 *
 * Users see it in per cent, and are woken now and then. It may be called as often as there is
 * something to tell.
 *
 * Context: may sleep; to be called from stage() only, by one thread at a time.
 */
void fpga_card_stage_progress(struct fpga_card *card, u64 done, u64 total)
{
	unsigned int percent;

	if (!total)
		return;
	/* 100 is for what was found in place. */
	percent = min_t(u64, 99, div64_u64(min(done, total) * 100, total));
	if (card->staged_percent == percent)
		return;
	/* Nobody else writes it while stage() runs. */
	WRITE_ONCE(card->staged_percent, percent);
	if (time_before(jiffies, card->staged_told + msecs_to_jiffies(FPGA_CARD_PROGRESS_MS)))
		return;
	mutex_lock(&card->lock);
	fpga_card_tell_percent_locked(card);
	mutex_unlock(&card->lock);
}
EXPORT_SYMBOL_GPL(fpga_card_stage_progress);

static void fpga_card_set_staged_locked(struct fpga_card *card,
					struct fpga_card_staged *staged)
{
	struct fpga_card_staged *old = card->staged;

	lockdep_assert_held(&card->lock);

	card->staged = staged;
	fpga_card_set_percent_locked(card, staged ? 100 : 0);
	if (old != staged && card->registered)
		sysfs_notify(&card->region->dev.kobj, NULL, "staged");
	fpga_card_staged_free(old);
}

void fpga_card_forget_staged(struct fpga_card *card)
{
	mutex_lock(&card->lock);
	fpga_card_set_staged_locked(card, NULL);
	mutex_unlock(&card->lock);
}

/*
 * Something happened to the card by which it may have lost what was written to it. A back
 * end that can tell is asked before the activation.
 */
void fpga_card_doubt_staged_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	if (card->staged && card->staged->written && !card->staged->can_be_asked)
		fpga_card_set_staged_locked(card, NULL);
}

/* @card->back_end.lock is held, and there is a back end. */
static bool fpga_card_ops_lost_staged(struct fpga_card *card, const char *image)
{
	const struct fpga_card_ops *ops = card->back_end.info.ops;

	lockdep_assert_held(&card->back_end.lock);

	return ops->is_staged && !ops->is_staged(card->back_end.info.priv, image);
}

/* Whether the card does not have any more what stage() wrote as @image. */
bool fpga_card_call_lost_staged(struct fpga_card *card, const char *image)
{
	bool lost;

	mutex_lock(&card->back_end.lock);
	lost = !card->back_end.info.ops || fpga_card_ops_lost_staged(card, image);
	mutex_unlock(&card->back_end.lock);
	return lost;
}

/* Whether the card says that it has what stage() wrote as @image. */
static bool fpga_card_call_has_staged(struct fpga_card *card, const char *image)
{
	const struct fpga_card_ops *ops;
	bool has;

	mutex_lock(&card->back_end.lock);
	ops = card->back_end.info.ops;
	has = ops && ops->is_staged && ops->is_staged(card->back_end.info.priv, image);
	mutex_unlock(&card->back_end.lock);
	return has;
}

/**
 * fpga_card_refresh_staged - ask the card whether it still has what was staged
 * @card: the card
 *
 * A card that lost its power may have lost that, too. To be called before users are told
 * what is staged. A request, or a back end that is busy, is not disturbed.
 *
 * Context: may sleep.
 */
void fpga_card_refresh_staged(struct fpga_card *card)
{
	char image[FPGA_CARD_NAME_MAX + 1] = "";

	if (!mutex_trylock(&card->back_end.lock))
		return;
	mutex_lock(&card->lock);
	if (card->staged && card->staged->written && !card->serving.request)
		strscpy(image, card->staged->image, sizeof(image));
	mutex_unlock(&card->lock);
	if (image[0] && card->back_end.info.ops &&
	    fpga_card_ops_lost_staged(card, image)) {
		pci_info(card->port, "FPGA card: has lost \"%s\", which was staged\n",
			 image);
		mutex_lock(&card->lock);
		if (card->staged && !card->serving.request)
			fpga_card_set_staged_locked(card, NULL);
		mutex_unlock(&card->lock);
	}
	mutex_unlock(&card->back_end.lock);
}
EXPORT_SYMBOL_GPL(fpga_card_refresh_staged);

/*
 * The card has taken the file of @req, but the file is no good, or it is not known whether it
 * is. Returns @err.
 */
static int fpga_card_take_back(struct fpga_card *card, struct fpga_card_request *req,
			       int err)
{
	fpga_card_call_unstage(card);
	err = fpga_card_digest_failed(card, req, err);
	if (fpga_card_call_has_staged(card, req->image))
		fpga_card_add_error(card, "the card below %s did not forget it",
				    pci_name(card->port));
	return err;
}

/* stage(), with the digest of the file taken at the same time */
static int fpga_card_write_unverified(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_digest digest;
	int err, ret;

	fpga_card_digest_begin(&digest, card, req);
	ret = fpga_card_call_stage(card, req);
	/* The rest is what is checked before anything else is done. */
	if (!ret && !fpga_card_digest_is_over(&digest))
		fpga_card_set_state(card, FPGA_CARD_PREFLIGHT);
	err = fpga_card_digest_end(&digest, !ret);
	if (ret || !err)
		return ret;
	return fpga_card_take_back(card, req, err);
}

/*
 * Writes the image of @req to the card, if it has to be. What was staged before is gone
 * then. On failure nothing is staged.
 */
int fpga_card_write_image(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	if (!req->stages)
		return 0;
	fpga_card_set_state(card, FPGA_CARD_STAGING);
	fpga_card_forget_staged(card);
	card->staged_told = jiffies;
	ret = req->unverified ? fpga_card_write_unverified(card, req) :
				fpga_card_call_stage(card, req);
	if (!ret && fpga_card_call_lost_staged(card, req->image))
		ret = fpga_card_fail(card, -EIO,
				     "the card below %s took \"%s\", but does not have it",
				     pci_name(card->port), req->name);
	/* That may have taken long. */
	if (!ret && fpga_card_cancelled(card)) {
		fpga_card_call_unstage(card);
		ret = fpga_card_fail_cancelled(card);
	}
	req->staged = !ret;
	fpga_card_set_percent(card, ret ? 0 : 100);
	return ret;
}

/* What was written for a load that is given up. */
void fpga_card_drop_image(struct fpga_card *card, struct fpga_card_request *req)
{
	if (!req->staged)
		return;
	fpga_card_call_unstage(card);
	req->staged = false;
	fpga_card_set_percent(card, 0);
}

/* What @req brought into place waits for its activation; -ENOMEM with nothing staged. */
int fpga_card_keep_staged(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_staged *staged;

	staged = fpga_card_staged_alloc(req->name, req->image,
					req->fw ? req->fw->data : NULL,
					req->fw ? req->view.header_size : 0);
	if (!staged) {
		fpga_card_drop_image(card, req);
		return fpga_card_fail(card, -ENOMEM, "no memory to stage \"%s\"",
				      req->name);
	}
	staged->written = req->staged;
	mutex_lock(&card->back_end.lock);
	staged->can_be_asked = card->back_end.info.ops &&
			       card->back_end.info.ops->is_staged;
	mutex_lock(&card->lock);
	fpga_card_set_staged_locked(card, staged);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->back_end.lock);
	return 0;
}

/* Nothing is staged from here on. */
void fpga_card_drop_staged(struct fpga_card *card)
{
	bool written;

	mutex_lock(&card->lock);
	written = card->staged && card->staged->written;
	mutex_unlock(&card->lock);
	if (written)
		fpga_card_call_unstage(card);
	fpga_card_forget_staged(card);
}
