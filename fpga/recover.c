// SPDX-License-Identifier: GPL-2.0-only
/*
 * Having a card back after something failed: its link as it is, a new training,
 * a hot reset, a power cycle; and then the image that it ran before.
 */

#include <linux/pci.h>

#include "request.h"

/* Longest part of last_error that tells of one thing. */
#define FPGA_CARD_PART_MAX	200

/**
 * struct fpga_card_means - a way to have a card back
 * @name: for users
 * @possible: 0, or -EOPNOTSUPP where it cannot be done; NULL if it always can
 * @apply: does it; NULL for nothing
 * @loads: the card loads an image then
 */
struct fpga_card_means {
	const char *name;
	int (*possible)(struct pci_reload *window);
	int (*apply)(struct pci_reload *window);
	bool loads;
};

static const struct fpga_card_means fpga_card_means[] = {
	{ .name = "its link" },
	{ .name = "a new link training", .apply = pci_reload_link_retry },
	{ .name = "a hot reset", .possible = pci_reload_may_hot_reset,
	  .apply = pci_reload_hot_reset, .loads = true },
	{ .name = "a power cycle", .possible = pci_reload_may_power_cycle,
	  .apply = pci_reload_power_cycle, .loads = true },
};

/* The card is about to load an image of its own choice. */
static void fpga_card_forget_contents(struct fpga_card *card)
{
	fpga_card_forget_running(card);
	mutex_lock(&card->lock);
	fpga_card_doubt_staged_locked(card);
	mutex_unlock(&card->lock);
}

/*
 * One attempt: the card is back if there are functions. To answer it needs a link, for
 * which it has as long as for that; a card that loads an image first has as long as its
 * images in addition, as there is no other bound.
 */
static int fpga_card_bring_in(struct fpga_card *card, struct fpga_card_request *req,
			      const struct fpga_card_means *means,
			      unsigned int load_ms)
{
	unsigned int link_ms = PCI_RELOAD_ANSWER_MS +
			       (means->loads ? load_ms : 0);
	struct pci_reload *window = card->window;
	int ret = 0;

	/* A means that cannot be used here must not remove functions that work. */
	if (means->possible)
		ret = means->possible(window);
	if (!ret)
		ret = pci_reload_remove_rest(window);
	if (!ret && means->loads)
		fpga_card_forget_contents(card);
	if (!ret && means->apply)
		ret = means->apply(window);
	/* Whatever image that is, it was not the one that spoke. */
	pci_reload_set_ready_ms(window, FPGA_CARD_READY_UNKNOWN);
	if (!ret)
		ret = pci_reload_wait_link(window, link_ms);
	if (!ret) {
		ret = pci_reload_settle(window, PCI_RELOAD_ANSWER_MS);
		fpga_card_ready_settled(card, req);
	}
	if (!ret)
		ret = pci_reload_enumerate(window);
	/* Functions without an address count too. */
	if (ret > 0 || ret == -ENOSPC || ret == -ENOMEM)
		return 0;
	return ret;
}

/* For the kernel's log; what is not possible is kept for the user, too. */
static void fpga_card_tell_means(struct fpga_card *card,
				 const struct fpga_card_means *means, int ret,
				 char *not_possible, size_t len)
{
	size_t at = strlen(not_possible);

	if (ret != -EOPNOTSUPP) {
		pci_info(card->port, "FPGA card: recovery by %s failed: %s\n",
			 means->name, pci_reload_reason(card->window));
		return;
	}
	pci_info(card->port, "FPGA card: recovery by %s is not possible: %s\n",
		 means->name, pci_reload_reason(card->window));
	scnprintf(not_possible + at, len - at, "; %s is not possible: %s",
		  means->name, pci_reload_reason(card->window));
}

/*
 * One means after the other, with whatever is left below the port removed
 * before each, so that drivers find their devices new. Returns the one that
 * helped, or NULL.
 */
static const struct fpga_card_means *
fpga_card_try_means(struct fpga_card *card, struct fpga_card_request *req,
		    char *not_possible, size_t len)
{
	unsigned int load_ms = fpga_card_images_longest(card);
	const struct fpga_card_means *means;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(fpga_card_means); i++) {
		means = &fpga_card_means[i];
		ret = fpga_card_bring_in(card, req, means,
					 req->timeout_ms ?: load_ms);
		if (!ret)
			return means;
		if (READ_ONCE(card->gone))
			break;
		fpga_card_tell_means(card, means, ret, not_possible, len);
		if (pci_reload_is_vacant(card->window))
			break;
	}
	return NULL;
}

/*
 * A driver that does not bind, or a back end that somebody took away, is no reason to
 * reset a card, or to switch it off: its functions are there.
 */
static void fpga_card_ask_back_end(struct fpga_card *card,
				   const struct fpga_card_request *req)
{
	unsigned int ms = fpga_card_attach_ms(card, req);
	char running[FPGA_CARD_NAME_MAX + 1];

	if (!card->had_back_end)
		return;
	if (fpga_card_wait_back_end(card, ms))
		fpga_card_call_running(card, running, sizeof(running));
	else if (!READ_ONCE(card->gone))
		fpga_card_add_error(card,
				    "no back end attached within %u ms, so what it runs is unknown",
				    ms);
}

/*
 * The window is open, the card in whatever state. Closes the window; returns 0
 * if the card is back, else -ENODEV.
 */
int fpga_card_recover(struct fpga_card *card, struct fpga_card_request *req)
{
	char not_possible[FPGA_CARD_PART_MAX] = "";
	const struct fpga_card_means *means;
	bool empty;

	fpga_card_set_state(card, FPGA_CARD_RECOVERING);
	/* Cancelling ends the request, but not its recovery. */
	mutex_lock(&card->lock);
	req->recovering = true;
	mutex_unlock(&card->lock);

	means = fpga_card_try_means(card, req, not_possible,
				    sizeof(not_possible));
	if (means) {
		pci_info(card->port, "FPGA card: recovery by %s brought the card back\n",
			 means->name);
		fpga_card_add_error(card, "the card was brought back by %s",
				    means->name);
		fpga_card_outage_end(req);
		if (pci_reload_restore_settings(card->window))
			req->incomplete = true;
		fpga_card_outage_end(req);
		fpga_card_ask_back_end(card, req);
	} else if (!READ_ONCE(card->gone)) {
		fpga_card_add_error(card, "the card could not be brought back%s",
				    not_possible);
	}
	if (!means)
		fpga_card_forget_running(card);
	pci_reload_close(card->window);
	/* Takes the rescan lock, which comes before the card's. */
	empty = pci_reload_is_empty(card->window);
	mutex_lock(&card->lock);
	req->recovering = false;
	card->lost = !means && empty;
	card->history.recoveries += !!means;
	mutex_unlock(&card->lock);
	return means ? 0 : -ENODEV;
}

/*
 * After a load whose recovery failed too there is nothing below the port. The
 * next request tries to have the card back before it does anything else. If
 * somebody else removed the card's functions, it is for him to bring them back.
 */
int fpga_card_revive(struct fpga_card *card, struct fpga_card_request *req)
{
	bool lost;
	int ret;

	mutex_lock(&card->lock);
	lost = card->lost;
	mutex_unlock(&card->lock);
	if (!lost || !pci_reload_is_empty(card->window))
		return 0;

	ret = pci_reload_open(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	/* The slot's hot-plug driver was about to bring it in. */
	if (!pci_reload_is_empty(card->window)) {
		pci_reload_close(card->window);
		return 0;
	}
	fpga_card_outage_begin(req);
	ret = fpga_card_recover(card, req);
	/* What a request changes in the card makes it more than refused. */
	req->touched = ret;
	if (ret)
		return fpga_card_fail(card, -ENODEV,
				      "there is no card below %s: nothing answers, whatever is tried",
				      pci_name(card->port));
	mutex_lock(&card->lock);
	card->last_error[0] = '\0';
	mutex_unlock(&card->lock);
	return 0;
}

static bool fpga_card_runs(struct fpga_card *card, const char *name)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";

	return !fpga_card_call_running(card, running, sizeof(running)) &&
	       !strcmp(running, name);
}

/* What runs now is not what ran before, and that is in flash: load it again. */
static bool fpga_card_wants_rollback(struct fpga_card *card,
				     struct fpga_card_request *req,
				     struct fpga_card_image *desc)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	int ret;

	if (req->job == FPGA_CARD_ANNOUNCED)
		return false;
	if (!req->triggered || !req->previous[0] || READ_ONCE(card->gone) ||
	    !fpga_card_is_attached(card) ||
	    pci_reload_replaced(card->window))
		return false;
	ret = fpga_card_call_running(card, running, sizeof(running));
	/* The card cannot tell what it runs: no need for a rollback, and no success, is seen. */
	if (ret) {
		fpga_card_add_error(card, "what it runs cannot be told");
		return false;
	}
	if (!strcmp(running, req->previous)) {
		fpga_card_add_error(card, "the card runs \"%s\" again",
				    running);
		return false;
	}
	ret = fpga_card_images_find(card, req->previous, desc);
	if (!ret && !desc->invalid)
		return true;
	fpga_card_add_error(card,
			    "\"%s\", which ran before, is not %s its flash: the card runs \"%s\"",
			    req->previous, ret ? "in" : "whole in", running);
	return false;
}

/* A request for @desc that is a part of @req, or NULL. */
static struct fpga_card_request *
fpga_card_request_previous(struct fpga_card *card, struct fpga_card_request *req,
			   const struct fpga_card_image *desc)
{
	struct fpga_card_request *back;

	back = fpga_card_request_alloc(FPGA_CARD_ROLL_BACK);
	if (!back)
		return NULL;
	strscpy(back->name, desc->name, sizeof(back->name));
	strscpy(back->image, desc->name, sizeof(back->image));
	mutex_lock(&card->lock);
	back->timeout_ms = card->settings.timeout_ms;
	mutex_unlock(&card->lock);
	back->patient = back->timeout_ms;
	if (!back->timeout_ms)
		back->timeout_ms = desc->timeout_ms;
	back->hold_ms = desc->hold_ms;
	back->stages = desc->staged;
	back->force = true;
	back->recovering = true;
	back->whole = req;
	return back;
}

/* The load of @req stays the one that is reported; this is a part of it. */
static void fpga_card_load_previous(struct fpga_card *card,
				    struct fpga_card_request *req,
				    const struct fpga_card_image *desc)
{
	struct fpga_card_request *back;
	int ret;

	back = fpga_card_request_previous(card, req, desc);
	if (!back) {
		fpga_card_add_error(card, "no memory to load \"%s\" again, which ran before",
				    desc->name);
		return;
	}

	mutex_lock(&card->lock);
	card->serving.request = back;
	mutex_unlock(&card->lock);

	/* Functions are missed by what was there before the first load, not the second. */
	pci_reload_set_remember(card->window, false);
	ret = fpga_card_request_set_target(card, back);
	/* Users are passed over, but not those that would block the removal. */
	if (!ret)
		ret = fpga_card_check_users(card, back);
	/* A back end that stayed attached was not told yet that the load has ended. */
	fpga_card_call_end(card);
	if (!ret)
		ret = fpga_card_call_begin(card, back);
	if (!ret)
		ret = fpga_card_write_image(card, back);
	if (!ret)
		ret = fpga_card_program(card, back);
	if (ret && pci_reload_is_open(card->window) &&
	    !fpga_card_recover(card, back) &&
	    fpga_card_runs(card, back->name))
		ret = 0;
	pci_reload_set_remember(card->window, true);

	mutex_lock(&card->lock);
	card->serving.request = req;
	mutex_unlock(&card->lock);
	if (ret)
		fpga_card_add_error(card,
				    "\"%s\", which ran before, could not be loaded again: %.*s",
				    desc->name, FPGA_CARD_PART_MAX,
				    back->error);
	else
		fpga_card_add_error(card, "\"%s\", which ran before, was loaded again",
				    desc->name);
	fpga_card_request_put(back);
}

static void fpga_card_roll_back(struct fpga_card *card,
				struct fpga_card_request *req)
{
	struct fpga_card_image desc;

	if (!fpga_card_wants_rollback(card, req, &desc))
		return;
	pci_info(card->port, "FPGA card: loading \"%s\" again, which ran before\n",
		 desc.name);
	fpga_card_load_previous(card, req, &desc);
}

void fpga_card_tell_lost(struct fpga_card *card)
{
	char lost[FPGA_CARD_PART_MAX];

	if (!READ_ONCE(card->gone) &&
	    pci_reload_lost(card->window, lost, sizeof(lost)) > 0)
		fpga_card_add_error(card, "lost: %s", lost);
}

/*
 * A load failed: undo what it did, as far as that goes, and tell what became of
 * the card.
 */
void fpga_card_failed(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret = 0;

	/* What was staged before the request stays. */
	if (!req->waiting && !req->triggered)
		fpga_card_drop_image(card, req);
	/* What else there is to say is of the window before. */
	if (!req->touched) {
		fpga_card_return_vfs(card, req);
		return;
	}
	/* A load that did not reach the trigger left the card as it was. */
	if (!req->triggered)
		pci_reload_set_restore(card->window, true);
	if (pci_reload_is_open(card->window))
		ret = fpga_card_recover(card, req);
	if (READ_ONCE(card->gone)) {
		fpga_card_add_error(card, "the card went with its port");
		return;
	}
	if (ret && pci_reload_is_vacant(card->window))
		fpga_card_add_error(card, "the slot is empty, or switched off");
	else if (ret)
		fpga_card_add_error(card, "%s, or power the card off and on",
				    req->job == FPGA_CARD_ANNOUNCED ?
				    "write 1 to the region's recover" :
				    "write the name again to retry");
	else
		fpga_card_roll_back(card, req);
	if (pci_reload_replaced(card->window)) {
		mutex_lock(&card->lock);
		fpga_card_ready_forget_all_locked(card);
		mutex_unlock(&card->lock);
		fpga_card_add_error(card, "another card is in the slot now");
	}
	fpga_card_tell_lost(card);
}
