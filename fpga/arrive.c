// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of a load from the link's coming up to its end: bridge on. And the call into
 * the FPGA framework, which calls for all steps.
 */

#include <linux/fpga/fpga-bridge.h>
#include <linux/fpga/fpga-region.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "request.h"

static int fpga_card_port_lost(struct fpga_card *card)
{
	return fpga_card_fail(card, -ENODEV,
			      "the port %s was removed during the reload",
			      pci_name(card->port));
}

/* A condition to sleep on, so it takes no lock. */
static bool fpga_card_is_decided(struct fpga_card *card)
{
	return fpga_card_is_attached(card) || READ_ONCE(card->gone);
}

/* How long a back end has to attach: longer if the user's deadline is. */
unsigned int fpga_card_attach_ms(const struct fpga_card *card,
				 const struct fpga_card_request *req)
{
	unsigned int ms = READ_ONCE(card->back_end.attach_ms);

	return max_t(unsigned int, ms ?: FPGA_CARD_ATTACH_MS,
		     req->patient ? req->timeout_ms : 0);
}

/*
 * After an enumeration; false if none attached within @ms, the link went down, or the
 * port is gone.
 */
bool fpga_card_wait_back_end(struct fpga_card *card, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms);

	while (!wait_event_timeout(card->wait, fpga_card_is_decided(card),
				   msecs_to_jiffies(FPGA_CARD_LOOK_MS))) {
		if (time_after(jiffies, end) ||
		    !pci_reload_link_is_up(card->window))
			break;
	}
	return fpga_card_is_attached(card) && !READ_ONCE(card->gone);
}

/*
 * Something beside the FPGA was restarted: what the card runs is what it tells,
 * or else what it ran.
 */
static void fpga_card_verify_auxiliary(struct fpga_card *card,
				       struct fpga_card_request *req, int err,
				       const char *running)
{
	const char *runs = err ? req->previous : running;

	mutex_lock(&card->lock);
	strscpy(card->running, runs, sizeof(card->running));
	mutex_unlock(&card->lock);
}

/* Whether the card runs what was asked for, if anything, by what the card itself says. */
static int fpga_card_verify(struct fpga_card *card,
			    struct fpga_card_request *req)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	int ret;

	ret = fpga_card_call_verify(card, running, sizeof(running));
	if (ret && ret != -ENODATA)
		return ret;
	req->believed = ret;
	/* Nothing was asked for; what it runs is known by now, if the card tells. */
	if (req->job == FPGA_CARD_ANNOUNCED)
		return 0;
	if (req->auxiliary) {
		fpga_card_verify_auxiliary(card, req, ret, running);
		return 0;
	}
	if (!ret && strcmp(running, req->image))
		return fpga_card_fail(card, -EIO,
				      "the card below %s runs \"%s\" instead of \"%s\"",
				      pci_name(card->port), running, req->image);
	if (req->view.header) {
		ret = fpga_card_identity_check(card, &req->view);
		if (ret)
			return ret;
	}

	mutex_lock(&card->lock);
	strscpy(card->running, req->image, sizeof(card->running));
	strscpy(card->loaded, req->name, sizeof(card->loaded));
	mutex_unlock(&card->lock);
	fpga_card_pace_keep(card, req);
	return 0;
}

/* A card that is not there any more has to be recovered: the window stays open. */
static int fpga_card_close(struct fpga_card *card)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_CLOSING);
	ret = pci_reload_check_card(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	return pci_reload_close(card->window) ? fpga_card_port_lost(card) : 0;
}

/* How long the card has to answer once its link is up. */
static unsigned int fpga_card_answer_ms(const struct fpga_card_request *req)
{
	if (req->options.unfreeze_us)
		return DIV_ROUND_UP(req->options.unfreeze_us, USEC_PER_MSEC);
	return max_t(unsigned int, PCI_RELOAD_ANSWER_MS,
		     fpga_card_time_left(req));
}

/* Steps 8 and 9: the card answers, and its functions are there. */
static int fpga_card_find_functions(struct fpga_card *card,
				    struct fpga_card_request *req)
{
	struct pci_reload *window = card->window;
	unsigned int ms = fpga_card_attach_ms(card, req);
	int ret;

	fpga_card_set_state(card, FPGA_CARD_SETTLING);
	ret = pci_reload_settle(window, fpga_card_answer_ms(req));
	fpga_card_ready_settled(card, req);
	if (!ret) {
		fpga_card_set_state(card, FPGA_CARD_ENUMERATING);
		ret = pci_reload_enumerate(window);
	}
	if (ret < 0)
		return fpga_card_window_failed(card, ret);
	req->functions = ret;
	fpga_card_outage_end(req);

	fpga_card_set_state(card, FPGA_CARD_VERIFYING);
	if (fpga_card_wait_back_end(card, ms))
		return 0;
	if (READ_ONCE(card->gone))
		return fpga_card_port_lost(card);
	return fpga_card_fail(card, -ENODEV,
			      "the card below %s came back, but no back end attached within %u ms, so what it runs is unknown",
			      pci_name(card->port), ms);
}

/*
 * Whether the card has lost its link while it was looked at, and has time left
 * to bring it up again: an old image goes when it goes.
 */
static bool fpga_card_lost_link(struct fpga_card *card,
				struct fpga_card_request *req)
{
	return !READ_ONCE(card->gone) && fpga_card_time_left(req) &&
	       pci_reload_check_card(card->window);
}

/*
 * Ask after the mark was set: a card that begins after its answer loses the mark, so it
 * is seen.
 */
static bool fpga_card_is_pending(struct fpga_card *card,
				 struct fpga_card_request *req)
{
	bool pending;

	/* Nothing was asked for that could be pending. */
	if (req->job == FPGA_CARD_ANNOUNCED)
		return false;
	pci_reload_mark_card(card->window);
	pending = fpga_card_call_pending(card, req);
	if (!pending)
		pci_reload_unmark_card(card->window);
	return pending;
}

/*
 * The same, until it is the new image's functions: a card that has trained its
 * link with the old image once more is not taken for loaded.
 */
static int fpga_card_find_new_functions(struct fpga_card *card,
					struct fpga_card_request *req)
{
	int ret;

	for (;;) {
		ret = fpga_card_find_functions(card, req);
		if (fpga_card_lost_link(card, req)) {
			req->link_losses++;
			pci_info(card->port, "FPGA card: has lost its link once more\n");
			ret = pci_reload_remove_rest(card->window);
			if (ret)
				return fpga_card_window_failed(card, ret);
			fpga_card_set_state(card, FPGA_CARD_LOADING);
		} else if (!ret && fpga_card_is_pending(card, req)) {
			pci_info(card->port, "FPGA card: still runs its old image, waiting for \"%s\"\n",
				 req->name);
			ret = fpga_card_await_drop(card, req);
			if (ret)
				return ret;
		} else {
			return ret;
		}
		ret = fpga_card_await_link(card, req);
		if (ret)
			return ret;
	}
}

/* A setting that could not be restored is told; the load has succeeded. */
static void fpga_card_restore_settings(struct fpga_card *card,
				       struct fpga_card_request *req)
{
	struct pci_reload *window = card->window;
	int ret = pci_reload_restore_settings(window);

	fpga_card_outage_end(req);
	/* Without hold_ms the first loss may be that of the old image. */
	req->degraded = ret || req->link_losses > !req->hold_ms ||
			pci_reload_degraded(window)[0];
	if (req->link_losses > !req->hold_ms)
		fpga_card_add_error(card,
				    "the image runs, but its link went down again before it stayed up (%u times)",
				    req->link_losses);
	if (pci_reload_degraded(window)[0])
		fpga_card_add_error(card, "the image runs, but %s",
				    pci_reload_degraded(window));
	if (ret)
		fpga_card_add_error(card, "the image runs, but %s",
				    pci_reload_reason(window));
	if (card->last_error[0])
		pci_warn(card->port, "FPGA card: %s\n", card->last_error);
}

/*
 * Steps 8 to 11. Once there are functions the window is closed, come what may;
 * before that whoever called for the load has the card brought back.
 */
int fpga_card_gate_on(struct fpga_card *card)
{
	struct fpga_card_request *req = card->serving.request;
	struct pci_reload *window = card->window;
	int ret;

	if (!req || !pci_reload_is_open(window))
		return -EPERM;

	ret = fpga_card_find_new_functions(card, req);
	if (ret && pci_reload_is_empty(window))
		return ret;

	if (!ret)
		ret = fpga_card_verify(card, req);
	if (!ret)
		fpga_card_ready_learn(card, req);
	if (!ret)
		fpga_card_restore_settings(card, req);
	return fpga_card_close(card) ?: ret;
}

/*
 * Steps 1 to 11, by the framework: it calls the bridge and the manager, and they call
 * this file.
 */
int fpga_card_program(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_region *region = card->region;
	int ret;

	if (req->fw) {
		req->info.buf = req->fw->data;
		req->info.count = req->fw->size;
	} else {
		req->info.buf = req->image;
		req->info.count = strlen(req->image);
	}
	req->info.dev = &card->dev;
	if (req->options.encrypted)
		req->info.flags |= FPGA_MGR_ENCRYPTED_BITSTREAM;

	region->info = &req->info;
	ret = fpga_region_program_fpga(region);
	/* fpga_region_program_fpga() keeps the bridges when it succeeds. */
	if (!ret)
		fpga_bridges_put(&region->bridge_list);
	region->info = NULL;
	return ret;
}
