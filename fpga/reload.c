// SPDX-License-Identifier: GPL-2.0-only
/*
 * The steps of a load, in the order in which the FPGA framework calls for them:
 * bridge off, write, bridge on. And what is done when one of them fails.
 */

#include <linux/fpga/fpga-bridge.h>
#include <linux/fpga/fpga-region.h>
#include <linux/jiffies.h>
#include <linux/pci.h>

#include "card.h"

/*
 * How long a card has, from its link's coming up, until it has to answer
 * configuration requests (PCIe r6.0, sec 6.6.1: software must allow 1.0 s).
 */
#define FPGA_CARD_ANSWER_MS	1000

/*
 * The same for the link to come up when no image is being loaded: from the end
 * of the reset a card has 1.0 s to answer, which takes a link.
 */
#define FPGA_CARD_RECOVER_MS	1000

/*
 * For the control function's driver to bind and its back end to attach after
 * the enumeration. Nearly always it has by then; a driver that probes
 * asynchronously, or that is loaded by udev for the new IDs, takes longer.
 */
#define FPGA_CARD_ATTACH_MS	5000

/*
 * Asked in each wait of the window. After the trigger there is no way back but
 * through the end; only the loss of the port, which the window knows by itself,
 * ends a wait then.
 */
bool fpga_card_cancelled(void *priv)
{
	struct fpga_card *card = priv;
	struct fpga_card_request *req;
	bool cancelled;

	mutex_lock(&card->lock);
	req = card->request;
	cancelled = req && !req->triggered && !req->recovering &&
		    (READ_ONCE(req->cancel) || card->dead);
	mutex_unlock(&card->lock);
	return cancelled;
}

static int fpga_card_window_failed(struct fpga_card *card, int err)
{
	return fpga_card_fail(card, err, "%s", pci_reload_reason(card->window));
}

/* Steps 1 to 3: nothing is lost yet that an enumeration does not bring back. */
int fpga_card_gate_off(struct fpga_card *card)
{
	struct pci_reload *window = card->window;
	struct device *control;
	struct pci_dev *pdev;
	int ret;

	if (!card->request)
		return -EPERM;
	pdev = fpga_card_get_control(card, &control);
	if (!pdev)
		return fpga_card_fail(card, -ENODEV,
				      "the control device of the card below %s went away",
				      pci_name(card->port));

	fpga_card_set_state(card, FPGA_CARD_OPENING);
	ret = pci_reload_open(window);
	if (ret)
		goto out_put;
	fpga_card_set_state(card, FPGA_CARD_REMOVING);
	ret = pci_reload_remove_functions(window, pdev);
	if (ret)
		goto out_put;
	fpga_card_set_state(card, FPGA_CARD_UNBINDING);
	ret = pci_reload_unbind_children(window, &pdev->dev, control);

out_put:
	put_device(control);
	pci_dev_put(pdev);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

static int fpga_card_trigger(struct fpga_card *card,
			     struct fpga_card_request *req)
{
	int ret;

	fpga_card_set_state(card, FPGA_CARD_TRIGGERING);
	if (fpga_card_cancelled(card))
		return fpga_card_fail(card, -EINTR, "the request was cancelled");

	ret = fpga_card_call_trigger(card, req);
	if (ret)
		return ret;

	mutex_lock(&card->lock);
	req->triggered = true;
	card->running[0] = '\0';
	card->loaded[0] = '\0';
	mutex_unlock(&card->lock);
	req->deadline = jiffies + msecs_to_jiffies(req->timeout_ms);
	return 0;
}

static unsigned int fpga_card_time_left(const struct fpga_card_request *req)
{
	unsigned long now = jiffies;

	if (time_after(now, req->deadline))
		return 0;
	return jiffies_to_msecs(req->deadline - now);
}

/* Steps 4 to 7: when this returns 0 the new image has trained the link. */
int fpga_card_load_image(struct fpga_card *card)
{
	struct fpga_card_request *req = card->request;
	struct pci_reload *window = card->window;
	int ret;

	ret = fpga_card_trigger(card, req);
	if (ret)
		return ret;

	fpga_card_set_state(card, FPGA_CARD_LINK_DOWN);
	ret = pci_reload_link_disable(window);
	if (ret)
		return fpga_card_window_failed(card, ret);

	fpga_card_set_state(card, FPGA_CARD_REMOVING_RESERVED);
	ret = pci_reload_remove_rest(window);
	if (ret)
		return fpga_card_window_failed(card, ret);

	fpga_card_set_state(card, FPGA_CARD_LOADING);
	ret = pci_reload_hold(window, req->hold_ms);
	if (!ret)
		ret = pci_reload_wait_link(window, fpga_card_time_left(req));
	if (ret == -ETIMEDOUT)
		return fpga_card_fail(card, ret,
				      "\"%s\" was triggered, but the card below %s did not bring its link up within %u ms",
				      req->name, pci_name(card->port),
				      req->timeout_ms);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

static int fpga_card_port_lost(struct fpga_card *card)
{
	return fpga_card_fail(card, -ENODEV,
			      "the port %s was removed during the reload",
			      pci_name(card->port));
}

/* Does the card run what was asked for? The card itself has the say. */
static int fpga_card_verify(struct fpga_card *card,
			    struct fpga_card_request *req)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	int ret;

	wait_event_timeout(card->wait,
			   fpga_card_is_attached(card) || READ_ONCE(card->gone),
			   msecs_to_jiffies(FPGA_CARD_ATTACH_MS));
	if (READ_ONCE(card->gone))
		return fpga_card_port_lost(card);
	if (!fpga_card_is_attached(card))
		return fpga_card_fail(card, -ENODEV,
				      "the card below %s came back, but no back end attached within %u ms, so what it runs is unknown",
				      pci_name(card->port), FPGA_CARD_ATTACH_MS);

	ret = fpga_card_call_running(card, running, sizeof(running));
	if (ret && ret != -ENODATA)
		return fpga_card_fail(card, ret,
				      "the card below %s came back, but does not say what it runs: error %d",
				      pci_name(card->port), ret);
	if (!ret && strcmp(running, req->image))
		return fpga_card_fail(card, -EIO,
				      "the card below %s runs \"%s\" instead of \"%s\"",
				      pci_name(card->port), running, req->image);
	if (req->fw) {
		ret = fpga_card_identity_check(card, &req->view);
		if (ret)
			return ret;
	}

	mutex_lock(&card->lock);
	strscpy(card->running, req->image, sizeof(card->running));
	strscpy(card->loaded, req->name, sizeof(card->loaded));
	mutex_unlock(&card->lock);
	return 0;
}

static int fpga_card_close(struct fpga_card *card)
{
	fpga_card_set_state(card, FPGA_CARD_CLOSING);
	return pci_reload_close(card->window) ? fpga_card_port_lost(card) : 0;
}

/* Steps 8 to 11. */
int fpga_card_gate_on(struct fpga_card *card)
{
	struct fpga_card_request *req = card->request;
	struct pci_reload *window = card->window;
	int ret;

	if (!req || !pci_reload_is_open(window))
		return -EPERM;

	fpga_card_set_state(card, FPGA_CARD_SETTLING);
	ret = pci_reload_settle(window, max_t(unsigned int, FPGA_CARD_ANSWER_MS,
					      fpga_card_time_left(req)));
	if (ret)
		return fpga_card_window_failed(card, ret);

	fpga_card_set_state(card, FPGA_CARD_ENUMERATING);
	ret = pci_reload_enumerate(window);
	if (ret < 0 && ret != -ENOSPC && ret != -ENOMEM)
		return fpga_card_window_failed(card, ret);
	req->functions = ret;

	/* From here on the functions are there, come what may: close. */
	if (ret < 0) {
		fpga_card_window_failed(card, ret);
	} else {
		fpga_card_set_state(card, FPGA_CARD_VERIFYING);
		ret = fpga_card_verify(card, req);
	}
	return fpga_card_close(card) ?: ret;
}

/* One attempt at having the card back, with the link as it is. */
static int fpga_card_bring_in(struct fpga_card *card)
{
	struct pci_reload *window = card->window;
	int ret;

	ret = pci_reload_wait_link(window, FPGA_CARD_RECOVER_MS);
	if (!ret)
		ret = pci_reload_settle(window, FPGA_CARD_ANSWER_MS);
	if (!ret)
		ret = pci_reload_enumerate(window);
	return ret;
}

/*
 * A step failed with the window open. Whatever is left below the port goes, so
 * that all drivers find their devices new, and the card is asked back: over its
 * link as it is, then with a hot reset. The window is closed in any case.
 */
static int fpga_card_recover(struct fpga_card *card)
{
	struct pci_reload *window = card->window;
	int ret;

	fpga_card_set_state(card, FPGA_CARD_RECOVERING);
	/* A cancelled request ends here, not its recovery. */
	mutex_lock(&card->lock);
	card->request->recovering = true;
	mutex_unlock(&card->lock);

	ret = pci_reload_remove_rest(window);
	if (!ret)
		ret = fpga_card_bring_in(card);
	if (ret < 0 && ret != -ENOSPC && !READ_ONCE(card->gone)) {
		ret = pci_reload_hot_reset(window);
		if (!ret)
			ret = fpga_card_bring_in(card);
	}
	/* Functions without an address are functions all the same. */
	if (ret == -ENOSPC)
		ret = 0;
	pci_reload_close(window);
	mutex_lock(&card->lock);
	card->request->recovering = false;
	mutex_unlock(&card->lock);
	return ret < 0 ? ret : 0;
}

/*
 * After a load whose recovery failed too there is nothing below the port. The
 * next request tries to have the card back before it does anything else.
 */
static int fpga_card_revive(struct fpga_card *card)
{
	int ret;

	if (fpga_card_is_attached(card) || !pci_reload_is_empty(card->window))
		return 0;

	ret = pci_reload_open(card->window);
	if (ret)
		return fpga_card_window_failed(card, ret);
	ret = fpga_card_recover(card);
	if (ret)
		return fpga_card_fail(card, -ENODEV,
				      "there is no card below %s: nothing answers, not after a hot reset either",
				      pci_name(card->port));
	wait_event_timeout(card->wait,
			   fpga_card_is_attached(card) || READ_ONCE(card->gone),
			   msecs_to_jiffies(FPGA_CARD_ATTACH_MS));
	return 0;
}

static int fpga_card_program(struct fpga_card *card,
			     struct fpga_card_request *req)
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

	region->info = &req->info;
	ret = fpga_region_program_fpga(region);
	/* The framework keeps the bridges until it is told. */
	if (!ret)
		fpga_bridges_put(&region->bridge_list);
	region->info = NULL;
	return ret;
}

static int fpga_card_stage(struct fpga_card *card,
			   struct fpga_card_request *req)
{
	int ret;

	if (!req->fw)
		return 0;
	fpga_card_set_state(card, FPGA_CARD_STAGING);
	ret = fpga_card_call_stage(card, req);
	req->staged = !ret;
	return ret;
}

static void fpga_card_failed(struct fpga_card *card,
			     struct fpga_card_request *req)
{
	int ret;

	if (req->staged && !req->triggered)
		fpga_card_call_unstage(card);
	if (!pci_reload_is_open(card->window))
		return;
	ret = fpga_card_recover(card);
	if (!ret)
		fpga_card_add_error(card, "the card was brought back");
	else if (READ_ONCE(card->gone))
		fpga_card_add_error(card, "the card went with its port");
	else
		fpga_card_add_error(card,
				    "the card could not be brought back, not with a hot reset either: write the name again to retry, or power the card off and on");
}

/*
 * @state is that before the request; it becomes that after it. A request that
 * fails before anything was touched leaves it as it was.
 */
static int fpga_card_run(struct fpga_card *card, struct fpga_card_request *req,
			 enum fpga_card_state *state)
{
	unsigned int ms;
	int ret;

	ret = fpga_card_revive(card);
	if (ret)
		return ret;
	fpga_card_set_state(card, FPGA_CARD_PREFLIGHT);
	ret = fpga_card_request_validate(card, req);
	if (ret)
		return ret;
	req->started = jiffies;
	ret = fpga_card_stage(card, req);
	if (ret)
		return ret;

	ret = fpga_card_program(card, req);
	if (ret) {
		fpga_card_failed(card, req);
		*state = FPGA_CARD_FAILED;
		pci_err(card->port, "FPGA card: \"%s\" was not loaded: %s\n",
			req->name, card->last_error);
		return ret;
	}

	ms = jiffies_to_msecs(jiffies - req->started);
	pci_info(card->port, "FPGA card: runs \"%s\" after %u ms, with %d functions\n",
		 req->name, ms, req->functions);
	*state = FPGA_CARD_IDLE;
	return 0;
}

void fpga_card_reload_work(struct work_struct *work)
{
	struct fpga_card *card = container_of(work, struct fpga_card, work);
	struct fpga_card_request *req;
	enum fpga_card_state state;
	int ret;

	mutex_lock(&card->lock);
	req = card->request;
	state = card->state;
	mutex_unlock(&card->lock);

	ret = fpga_card_run(card, req, &state);

	/* Who sees the card idle may ask it for something at once. */
	mutex_lock(&card->lock);
	card->request = NULL;
	fpga_card_set_state_locked(card, state);
	if (card->registered)
		kobject_uevent(&card->region->dev.kobj, KOBJ_CHANGE);
	mutex_unlock(&card->lock);

	req->result = ret;
	/* Pairs with fpga_card_request_over(). */
	smp_store_release(&req->done, true);
	wake_up_all(&card->wait);
	fpga_card_request_put(req);
	put_device(&card->dev);
}
