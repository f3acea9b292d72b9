// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of a load until the link is up again, in the order in which the FPGA framework
 * calls for them: bridge off, write. arrive.c has those behind.
 */

#include <linux/jiffies.h>
#include <linux/pci.h>

#include "request.h"

/*
 * Opens the window. By then the slot's hot-plug driver has dealt with all that
 * happened before, so the card may be another than the one that was asked about.
 */
int fpga_card_open(struct fpga_card *card, struct fpga_card_request *req)
{
	enum pci_reload_quiesce quiesce;
	bool restore;
	int ret;

	fpga_card_set_state(card, FPGA_CARD_OPENING);
	mutex_lock(&card->lock);
	quiesce = card->settings.quiesce;
	restore = card->settings.restore;
	mutex_unlock(&card->lock);
	pci_reload_set_quiesce(card->window, quiesce);
	pci_reload_set_restore(card->window, restore);
	ret = pci_reload_open(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	if (fpga_card_request_target_stays(card, req)) {
		req->touched = true;
		return 0;
	}
	pci_reload_close(card->window);
	return fpga_card_fail(card, -ENODEV,
			      "the card below %s was pulled or exchanged before it was touched",
			      pci_name(card->port));
}

/*
 * The function that stays, and the control device on it. A card that resets itself has no
 * trigger, so nothing has to stay for its registers.
 */
static int fpga_card_get_staying(struct fpga_card *card, struct pci_dev **pdev,
				 struct device **control)
{
	int ret;

	ret = fpga_card_get_control(card, pdev, control);
	if (ret || *pdev || card->serving.request->job == FPGA_CARD_ANNOUNCED)
		return ret;
	return fpga_card_get_kept(card, pdev);
}

static int fpga_card_remove_functions(struct fpga_card *card)
{
	struct pci_reload *window = card->window;
	struct device *control;
	struct pci_dev *pdev;
	int ret;

	ret = fpga_card_get_staying(card, &pdev, &control);
	if (ret)
		return ret;

	fpga_card_set_state(card, FPGA_CARD_REMOVING);
	fpga_card_outage_begin(card->serving.request);
	ret = pci_reload_remove_functions(window, pdev);
	if (ret || !pdev)
		goto out_put;
	fpga_card_set_state(card, FPGA_CARD_UNBINDING);
	if (control)
		ret = pci_reload_unbind_children(window, &pdev->dev, control);
	else
		ret = pci_reload_release_function(window, pdev);

out_put:
	put_device(control);
	pci_dev_put(pdev);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

/*
 * fpga_card_cancelled() also ends a wait when a removal takes too long. The user did not
 * cancel then, so the error is another one.
 */
static int fpga_card_end_freeze(struct fpga_card *card,
				struct fpga_card_request *req, int ret)
{
	bool late = fpga_card_freeze_expired(req) && !READ_ONCE(req->cancel);

	req->freeze_end = 0;
	if (!late || (ret && ret != -EINTR))
		return ret;
	return fpga_card_fail(card, -ETIMEDOUT,
			      "the functions below %s were not removed within the %u us that the overlay gives them",
			      pci_name(card->port), req->options.freeze_us);
}

/* Steps 1 to 3. Enumerating brings back all that these remove. */
int fpga_card_gate_off(struct fpga_card *card)
{
	struct fpga_card_request *req = card->serving.request;
	int ret;

	if (!req)
		return -EPERM;
	if (req->options.freeze_us)
		req->freeze_end = ktime_add_us(ktime_get(),
					       req->options.freeze_us);
	ret = fpga_card_open(card, req);
	if (!ret)
		ret = fpga_card_remove_functions(card);
	return fpga_card_end_freeze(card, req, ret);
}

static int fpga_card_trigger(struct fpga_card *card,
			     struct fpga_card_request *req)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_TRIGGERING);
	if (fpga_card_cancelled(card))
		return fpga_card_fail_cancelled(card);
	ret = pci_reload_check_card(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);

	pci_reload_mark_card(card->window);
	ret = fpga_card_call_trigger(card, req);
	if (ret) {
		pci_reload_unmark_card(card->window);
		return ret;
	}

	mutex_lock(&card->lock);
	req->triggered = true;
	mutex_unlock(&card->lock);
	fpga_card_forget_running(card);
	/* A load may use up what was staged, or write over it. */
	fpga_card_forget_staged(card);
	req->deadline = jiffies + msecs_to_jiffies(req->timeout_ms);
	fpga_card_pace_begin(req);
	return 0;
}

unsigned int fpga_card_time_left(const struct fpga_card_request *req)
{
	unsigned long now = jiffies;

	if (time_after(now, req->deadline))
		return 0;
	return jiffies_to_msecs(req->deadline - now);
}

/* Disable the link until the old image is gone. */
static int fpga_card_take_link_down(struct fpga_card *card,
				    struct fpga_card_request *req)
{
	struct pci_reload *window = card->window;
	int ret;

	fpga_card_set_state(card, FPGA_CARD_LINK_DOWN);
	ret = pci_reload_link_disable(window);
	if (ret)
		return ret;
	fpga_card_set_state(card, FPGA_CARD_REMOVING_RESERVED);
	ret = pci_reload_remove_rest(window);
	if (ret)
		return ret;
	fpga_card_set_state(card, FPGA_CARD_LOADING);
	return pci_reload_hold(window, req->hold_ms);
}

/* The card takes the link down when it begins, which may be a while from now. */
int fpga_card_await_drop(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_REMOVING_RESERVED);
	ret = pci_reload_remove_rest(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	fpga_card_set_state(card, FPGA_CARD_LOADING);
	ret = pci_reload_wait_drop(card->window, fpga_card_time_left(req));
	if (ret == -ETIMEDOUT)
		return fpga_card_fail(card, ret,
				      "\"%s\" was triggered, but the card below %s did not begin to load it within %u ms, or has fallen back to the image it had",
				      req->name, pci_name(card->port),
				      req->timeout_ms);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

/* As before, for the first time: a card that did not begin runs what it ran. */
static int fpga_card_await_begin(struct fpga_card *card,
				 struct fpga_card_request *req)
{
	int ret = fpga_card_await_drop(card, req);

	if (ret != -ETIMEDOUT)
		return ret;
	mutex_lock(&card->lock);
	req->triggered = false;
	strscpy(card->running, req->previous, sizeof(card->running));
	mutex_unlock(&card->lock);
	return ret;
}

/* The card was told what to load, and does it when it is reset or powered up. */
static int fpga_card_start(struct fpga_card *card,
			   struct fpga_card_request *req)
{
	struct pci_reload *window = card->window;
	int ret;

	fpga_card_set_state(card, FPGA_CARD_REMOVING_RESERVED);
	ret = pci_reload_remove_rest(window);
	if (ret)
		return ret;
	fpga_card_set_state(card, FPGA_CARD_LOADING);
	if (req->start == FPGA_CARD_START_HOT_RESET)
		ret = pci_reload_hot_reset(window);
	else
		ret = pci_reload_power_cycle(window);
	if (ret)
		return ret;
	req->deadline = jiffies + msecs_to_jiffies(req->timeout_ms);
	fpga_card_pace_begin(req);
	return pci_reload_hold(window, req->hold_ms);
}

/*
 * The image's deadline counts from the trigger, but while this side holds the link
 * down the card cannot train it, and that may last: for a removal, others may have
 * the rescan lock. So from the moment when the link is enabled a card has as long as
 * after any reset, or as long as its image has in all if that is less.
 */
static unsigned int fpga_card_link_ms(const struct fpga_card_request *req)
{
	return max(fpga_card_time_left(req),
		   min_t(unsigned int, req->timeout_ms, PCI_RELOAD_ANSWER_MS));
}

int fpga_card_await_link(struct fpga_card *card, struct fpga_card_request *req)
{
	int ret;

	fpga_card_pace_expect(card, req);
	fpga_card_ready_expect(card, req);
	ret = pci_reload_wait_link(card->window, fpga_card_link_ms(req));
	if (ret == -ETIMEDOUT && req->job == FPGA_CARD_ANNOUNCED)
		return fpga_card_fail(card, ret,
				      "the card below %s reset itself, but did not bring its link up within %u ms",
				      pci_name(card->port), req->timeout_ms);
	if (ret == -ETIMEDOUT)
		return fpga_card_fail(card, ret,
				      "\"%s\" was triggered, but the card below %s did not bring its link up within %u ms",
				      req->name, pci_name(card->port),
				      req->timeout_ms);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

/* Steps 4 to 7: when this returns 0 the new image has trained the link. */
int fpga_card_load_image(struct fpga_card *card)
{
	struct fpga_card_request *req = card->serving.request;
	int ret;

	ret = fpga_card_trigger(card, req);
	if (ret)
		return ret;

	if (req->drops_link) {
		ret = fpga_card_await_begin(card, req);
		return ret ?: fpga_card_await_link(card, req);
	}
	if (req->start == FPGA_CARD_START_TRIGGER)
		ret = fpga_card_take_link_down(card, req);
	else
		ret = fpga_card_start(card, req);
	return ret ? fpga_card_window_failed(card, ret) :
		     fpga_card_await_link(card, req);
}
