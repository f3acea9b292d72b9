// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls into the back end, one at a time, under a lock that attaching and detaching
 * take as well.
 */

#include <linux/module.h>
#include <linux/pci.h>

#include "request.h"

/* The function that a device sits on; NULL if there is none. */
struct pci_dev *fpga_card_function_of(struct device *dev)
{
	for (; dev; dev = dev->parent) {
		if (dev_is_pci(dev))
			return to_pci_dev(dev);
	}
	return NULL;
}

/**
 * fpga_card_reason - say why an operation fails
 * @card: the card
 * @fmt: format of a clause for people, which ends a sentence: "its flash is being
 *	updated"
 *
 * To be called in an operation of the back end that is about to return an errno. What
 * was said last counts; the next operation begins with nothing said. Users read the
 * clause in last_error, where without it there is the number of the error.
 *
 * Context: operations of the back end only, all but owns(), with the lock that they are
 * called with. Takes no lock.
 */
void fpga_card_reason(struct fpga_card *card, const char *fmt, ...)
{
	va_list args;

	lockdep_assert_held(&card->back_end.lock);

	va_start(args, fmt);
	vscnprintf(card->back_end.reason, sizeof(card->back_end.reason), fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(fpga_card_reason);

/* With the lock held, after an operation: what it said, or else the number. */
static const char *fpga_card_why(struct fpga_card *card, int err)
{
	char *reason = card->back_end.reason;

	if (!reason[0])
		scnprintf(reason, sizeof(card->back_end.reason), "error %d", err);
	return reason;
}

/* The same, where a number needs to be told whose it is. */
static const char *fpga_card_who_and_why(struct fpga_card *card, int err)
{
	char *reason = card->back_end.reason;

	if (!reason[0])
		scnprintf(reason, sizeof(card->back_end.reason),
			  "%s reports error %d", card->back_end.info.name, err);
	return reason;
}

/* Called with the rescan lock, which comes before @card->back_end.lock. */
static bool fpga_card_call_owns(struct pci_dev *pdev, void *data)
{
	const struct fpga_card_ops *ops;
	struct fpga_card *card = data;
	bool owned;

	mutex_lock(&card->back_end.lock);
	ops = card->back_end.info.ops;
	owned = ops && ops->owns && ops->owns(card->back_end.info.priv, pdev);
	mutex_unlock(&card->back_end.lock);
	return owned;
}

/*
 * Does the port lead to the card with this control function, and to nothing
 * else? Where the administrator chose it, that is so by his word.
 */
int fpga_card_check_port(struct fpga_card *card, struct pci_dev *control)
{
	bool chosen;
	int ret = 0;

	mutex_lock(&card->back_end.lock);
	chosen = card->back_end.port_chosen;
	mutex_unlock(&card->back_end.lock);
	if (control && !chosen)
		ret = pci_reload_check_port(card->window, control,
					    fpga_card_call_owns, card);
	return ret ? fpga_card_fail(card, ret, "%s",
				    pci_reload_reason(card->window)) : 0;
}

/*
 * Can what makes the card load be done at this port? If not, that is better
 * known before the functions are removed.
 */
int fpga_card_check_start(struct fpga_card *card)
{
	enum fpga_card_start start;
	int ret = 0;

	mutex_lock(&card->back_end.lock);
	start = card->back_end.info.start;
	mutex_unlock(&card->back_end.lock);

	if (start == FPGA_CARD_START_HOT_RESET)
		ret = pci_reload_may_hot_reset(card->window);
	else if (start == FPGA_CARD_START_POWER_CYCLE)
		ret = pci_reload_may_power_cycle(card->window);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

/* With the lock held: the operations, or NULL if the back end is gone. */
static const struct fpga_card_ops *fpga_card_ops_lock(struct fpga_card *card)
{
	mutex_lock(&card->back_end.lock);
	card->back_end.reason[0] = '\0';
	return card->back_end.info.ops;
}

static int fpga_card_no_back_end(struct fpga_card *card)
{
	return fpga_card_fail(card, -ENODEV,
			      "the card below %s has no back end: bind the driver of its control function; if it does not bind, write 1 to the region's recover",
			      pci_name(card->port));
}

/* The same for a request, which fails without it. */
static const struct fpga_card_ops *fpga_card_ops_need(struct fpga_card *card)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);

	if (!ops)
		fpga_card_no_back_end(card);
	return ops;
}

void fpga_card_ops_unlock(struct fpga_card *card)
{
	mutex_unlock(&card->back_end.lock);
}

int fpga_card_call_ready(struct fpga_card *card)
{
	const struct fpga_card_ops *ops = fpga_card_ops_need(card);
	int ret = -ENODEV;

	if (ops) {
		ret = ops->ready ? ops->ready(card->back_end.info.priv) : 0;
		if (ret)
			fpga_card_fail(card, ret,
				       "the card below %s takes no request now: %s",
				       pci_name(card->port),
				       fpga_card_who_and_why(card, ret));
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/* From here to fpga_card_call_end() the card does nothing but this. */
int fpga_card_call_begin(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_need(card);
	int ret = -ENODEV;

	if (ops) {
		ret = ops->begin ? ops->begin(card->back_end.info.priv, req->image) : 0;
		card->back_end.begun = !ret;
		if (ret)
			fpga_card_fail(card, ret,
				       "the card below %s does not load \"%s\" now: %s",
				       pci_name(card->port), req->image,
				       fpga_card_who_and_why(card, ret));
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/*
 * With the lock held. Each begin() that returned 0 gets one: at the end of the load, or
 * when its back end goes in the middle. Does nothing if there is none to be ended.
 */
void fpga_card_call_end_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->back_end.lock);

	if (card->back_end.begun && card->back_end.info.ops->end)
		card->back_end.info.ops->end(card->back_end.info.priv);
	card->back_end.begun = false;
}

void fpga_card_call_end(struct fpga_card *card)
{
	mutex_lock(&card->back_end.lock);
	fpga_card_call_end_locked(card);
	mutex_unlock(&card->back_end.lock);
}

int fpga_card_call_trigger(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_need(card);
	int ret = -ENODEV;

	if (ops) {
		req->drops_link = card->back_end.info.drops_link;
		req->start = card->back_end.info.start;
		ret = ops->trigger(card->back_end.info.priv, req->image, req->staged);
	}
	if (ops && ret == -ENODEV) {
		fpga_card_forget_running(card);
		fpga_card_fail(card, ret,
			       "the card below %s does not answer any more when it is told to load \"%s\": %s",
			       pci_name(card->port), req->image,
			       fpga_card_why(card, ret));
	} else if (ops && ret) {
		fpga_card_fail(card, ret,
			       "the card below %s refused to load \"%s\": %s; it goes on with the image it has",
			       pci_name(card->port), req->image,
			       fpga_card_why(card, ret));
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/**
 * fpga_card_stage_cancelled - whether stage() is to end
 * @card: the card that stage() was called with
 *
 * To be asked by stage() at least once a second. It takes no lock, and may be asked for each
 * piece that is written.
 *
 * Context: may sleep; to be called from stage() only.
 *
 * Return: true if whoever asked for the load was killed, the back end is about to
 * be detached, the port or the machine goes, or the file turns out to be damaged.
 */
bool fpga_card_stage_cancelled(struct fpga_card *card)
{
	/* It stays the one that is served while stage() runs. */
	const struct fpga_card_request *req = card->serving.request;

	return READ_ONCE(card->back_end.detaching) || READ_ONCE(req->damaged) ||
	       fpga_card_is_given_up(card, req);
}
EXPORT_SYMBOL_GPL(fpga_card_stage_cancelled);

/* Why stage() has ended with @err; the card goes on with the image it has. */
static int fpga_card_not_staged(struct fpga_card *card,
				struct fpga_card_request *req, int err)
{
	if (READ_ONCE(req->damaged))
		return fpga_card_digest_failed(card, req, -EBADMSG);
	if (READ_ONCE(card->back_end.detaching))
		return fpga_card_fail(card, -ENODEV,
				      "the driver of the control function of the card below %s was removed while \"%s\" was written to the card",
				      pci_name(card->port), req->name);
	if (fpga_card_cancelled(card))
		return fpga_card_fail_cancelled(card);
	return fpga_card_fail(card, err,
			      "the card below %s did not take %s\"%s\": %s; it goes on with the image it has",
			      pci_name(card->port), req->fw ? "the file " : "",
			      req->name, fpga_card_why(card, err));
}

int fpga_card_call_stage(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_need(card);
	int ret = -ENODEV;

	if (ops) {
		ret = ops->stage(card->back_end.info.priv, card, req->image,
				 req->view.payload, req->view.payload_size);
		if (ret)
			ret = fpga_card_not_staged(card, req, ret);
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/* Says nothing when the back end is gone: what was staged went with it. */
void fpga_card_call_unstage(struct fpga_card *card)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);

	if (ops && ops->unstage)
		ops->unstage(card->back_end.info.priv);
	fpga_card_ops_unlock(card);
}

/* With the lock held. What the card tells, users are told as well. */
static int fpga_card_ask_running(struct fpga_card *card,
				 const struct fpga_card_ops *ops, char *name,
				 size_t len)
{
	int ret = -ENODATA;

	if (ops->running)
		ret = ops->running(card->back_end.info.priv, name, len);
	if (!ret) {
		mutex_lock(&card->lock);
		fpga_card_set_running_locked(card, name);
		mutex_unlock(&card->lock);
	}
	return ret;
}

int fpga_card_call_running(struct fpga_card *card, char *name, size_t len)
{
	const struct fpga_card_ops *ops = fpga_card_ops_need(card);
	int ret = -ENODEV;

	if (ops)
		ret = fpga_card_ask_running(card, ops, name, len);
	fpga_card_ops_unlock(card);
	return ret;
}

/* The same after a load, which fails if the card cannot be asked; -ENODATA is an answer. */
int fpga_card_call_verify(struct fpga_card *card, char *name, size_t len)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	int ret = -ENODEV;

	if (ops)
		ret = fpga_card_ask_running(card, ops, name, len);
	if (ret && ret != -ENODATA)
		fpga_card_fail(card, ret,
			       "the card below %s came back, but does not say what it runs: %s",
			       pci_name(card->port), fpga_card_why(card, ret));
	fpga_card_ops_unlock(card);
	return ret;
}

/* 0, or -EBUSY while a request is served. */
static int fpga_card_check_idle(struct fpga_card *card)
{
	bool serving;

	mutex_lock(&card->lock);
	serving = card->serving.request;
	mutex_unlock(&card->lock);
	return serving ? -EBUSY : 0;
}

/*
 * Lock @card->back_end.lock for what is asked between requests only: 0, or -EBUSY. A
 * request that has begun meanwhile may have the lock for long, so whoever waits can be
 * killed.
 */
int fpga_card_ops_lock_idle(struct fpga_card *card)
{
	int ret;

	ret = fpga_card_check_idle(card);
	if (ret)
		return ret;
	if (mutex_lock_killable(&card->back_end.lock))
		return -EINTR;
	card->back_end.reason[0] = '\0';
	ret = fpga_card_check_idle(card);
	if (ret)
		mutex_unlock(&card->back_end.lock);
	return ret;
}

/* Leaves no sentence: whoever reads everything asks for nothing. */
int fpga_card_call_boot_image(struct fpga_card *card, char *name, size_t len)
{
	const struct fpga_card_ops *ops;
	int ret;

	ret = fpga_card_ops_lock_idle(card);
	if (ret)
		return ret;
	ops = card->back_end.info.ops;
	if (!ops)
		ret = -ENODEV;
	else if (!ops->boot_image)
		ret = -EOPNOTSUPP;
	else
		ret = ops->boot_image(card->back_end.info.priv, name, len);
	fpga_card_ops_unlock(card);
	return ret;
}

/* Between fpga_card_ops_lock_idle() and fpga_card_ops_unlock() */
int fpga_card_call_set_boot_image(struct fpga_card *card, const char *name)
{
	const struct fpga_card_ops *ops = card->back_end.info.ops;
	int ret;

	lockdep_assert_held(&card->back_end.lock);

	if (!ops)
		return fpga_card_no_back_end(card);
	if (!ops->set_boot_image)
		return fpga_card_fail(card, -EOPNOTSUPP,
				      "the card below %s cannot be told which image it starts with",
				      pci_name(card->port));
	ret = ops->set_boot_image(card->back_end.info.priv, name);
	if (ret)
		fpga_card_fail(card, ret,
			       "the card below %s does not take \"%s\" to start with: %s",
			       pci_name(card->port), name,
			       fpga_card_why(card, ret));
	return ret;
}

/*
 * Somebody else may have reset the card since, which can load another image. Asked
 * whenever a user asks; a request, or a back end that is busy, is not disturbed.
 */
void fpga_card_refresh_running(struct fpga_card *card)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	const struct fpga_card_ops *ops;

	if (!mutex_trylock(&card->back_end.lock))
		return;
	card->back_end.reason[0] = '\0';
	ops = card->back_end.info.ops;
	mutex_lock(&card->lock);
	if (card->serving.request)
		ops = NULL;
	mutex_unlock(&card->lock);
	if (ops)
		fpga_card_ask_running(card, ops, running, sizeof(running));
	mutex_unlock(&card->back_end.lock);
}

/*
 * Whether the card has yet to do what it was told, and goes on with the image
 * it had. One that can say so is believed; of another it is told by its image, unless
 * the link was held down for as long as the old image may last: then the card has
 * fallen back to it.
 */
bool fpga_card_call_pending(struct fpga_card *card,
			    const struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	bool pending = false;

	if (ops && ops->ready && card->back_end.info.tells_pending)
		pending = ops->ready(card->back_end.info.priv) == -EBUSY;
	else if (ops && ops->running && !req->auxiliary && !req->hold_ms &&
		 strcmp(req->image, req->previous))
		pending = !ops->running(card->back_end.info.priv, running,
					sizeof(running)) &&
			  running[0] && !strcmp(running, req->previous);
	fpga_card_ops_unlock(card);
	return pending;
}

/*
 * The control device and the function it sits on, both referenced; both NULL
 * for a back end that needs none. Fails if the back end is gone.
 */
int fpga_card_get_control(struct fpga_card *card, struct pci_dev **pdev,
			  struct device **control)
{
	int ret = 0;

	mutex_lock(&card->back_end.lock);
	*control = get_device(card->back_end.info.control);
	*pdev = pci_dev_get(fpga_card_function_of(card->back_end.info.control));
	if (!card->back_end.info.ops || (*control && !*pdev))
		ret = -ENODEV;
	mutex_unlock(&card->back_end.lock);
	if (!ret)
		return 0;

	put_device(*control);
	pci_dev_put(*pdev);
	return fpga_card_fail(card, ret,
			      "the control device of the card below %s is gone",
			      pci_name(card->port));
}
