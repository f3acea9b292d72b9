// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends: they come with the control device and go with it, in the middle of
 * each reload too. Each call into one is made here, under a lock that detaching
 * takes as well.
 */

#include <linux/ctype.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "card.h"

/*
 * What is in a flash image's name becomes a directory; see the description of
 * struct fpga_card_image.
 */
bool fpga_card_image_name_ok(const char *name)
{
	const char *p;

	if (!name[0] || name[0] == '.' ||
	    strnlen(name, FPGA_CARD_NAME_MAX + 1) > FPGA_CARD_NAME_MAX)
		return false;
	for (p = name; *p; p++) {
		/* isalnum() knows Latin-1, too. */
		if (!isascii(*p) ||
		    (!isalnum(*p) && !strchr("_-+.", *p)))
			return false;
	}
	return true;
}

static bool fpga_card_images_ok(struct fpga_card *card,
				const struct fpga_card_image *images, int count,
				bool stages)
{
	int i, j;

	for (i = 0; i < count; i++) {
		if (!fpga_card_image_name_ok(images[i].name) ||
		    !images[i].timeout_ms || (images[i].staged && !stages)) {
			dev_err(&card->dev,
				"the back end describes image %d wrongly\n", i);
			return false;
		}
		for (j = 0; j < i; j++) {
			if (!strcmp(images[i].name, images[j].name)) {
				dev_err(&card->dev,
					"the back end has two images named %s\n",
					images[i].name);
				return false;
			}
		}
	}
	return true;
}

/* Read the list of images; @card->attach_lock is held, @info not yet set. */
static int fpga_card_read_images(struct fpga_card *card,
				 const struct fpga_card_info *info)
{
	struct fpga_card_image *images;
	int count, ret;

	if (!card->images_dir)
		return -ENODEV;
	images = kcalloc(FPGA_CARD_IMAGES_MAX, sizeof(*images), GFP_KERNEL);
	if (!images)
		return -ENOMEM;

	count = info->ops->images(info->priv, images, FPGA_CARD_IMAGES_MAX);
	if (count < 0)
		ret = count;
	else if (count > FPGA_CARD_IMAGES_MAX ||
		 !fpga_card_images_ok(card, images, count, info->ops->stage))
		ret = -EINVAL;
	else
		ret = fpga_card_images_update(card, images, count);
	kfree(images);
	return ret;
}

static bool fpga_card_info_ok(const struct fpga_card_info *info)
{
	return info->name && (info->port || info->control) && info->ops &&
	       info->ops->images && info->ops->trigger;
}

/* The function that a device sits on; NULL if there is none. */
static struct pci_dev *fpga_card_function_of(struct device *dev)
{
	for (; dev; dev = dev->parent) {
		if (dev_is_pci(dev))
			return to_pci_dev(dev);
	}
	return NULL;
}

/* Called with the rescan lock, which comes before @card->attach_lock. */
static bool fpga_card_call_owns(struct pci_dev *pdev, void *data)
{
	const struct fpga_card_ops *ops;
	struct fpga_card *card = data;
	bool owned;

	mutex_lock(&card->attach_lock);
	ops = card->info.ops;
	owned = ops && ops->owns && ops->owns(pdev, card->info.priv);
	mutex_unlock(&card->attach_lock);
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

	mutex_lock(&card->attach_lock);
	chosen = card->port_chosen;
	mutex_unlock(&card->attach_lock);
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

	mutex_lock(&card->attach_lock);
	start = card->info.start;
	mutex_unlock(&card->attach_lock);

	if (start == FPGA_CARD_START_HOT_RESET)
		ret = pci_reload_may_hot_reset(card->window);
	else if (start == FPGA_CARD_START_POWER_CYCLE)
		ret = pci_reload_may_power_cycle(card->window);
	return ret ? fpga_card_window_failed(card, ret) : 0;
}

/* The card of a back end, made if there is none yet. */
static struct fpga_card *fpga_card_get(const struct fpga_card_info *info,
				       bool *chosen)
{
	struct pci_dev *port;
	struct fpga_card *card;

	port = fpga_card_choose_port(info, fpga_card_function_of(info->control),
				     chosen);
	if (IS_ERR(port))
		return ERR_CAST(port);
	card = fpga_card_get_by_port(port, true);
	pci_dev_put(port);
	return card;
}

/**
 * fpga_card_attach - a back end is ready
 * @info: what it says of itself; copied
 *
 * Makes the card below the port if there is none yet. To be called from the
 * probe() of the control device.
 *
 * Context: may sleep. Calls @info->ops.
 *
 * Return: the card, until fpga_card_detach(); -EINVAL if @info is not complete,
 * -EBUSY if the card has a back end already, -ENODEV if there is no such port or it
 * goes, -ENOMEM, and what @info->ops->images returns.
 */
struct fpga_card *fpga_card_attach(const struct fpga_card_info *info)
{
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	struct fpga_card *card;
	bool tells, chosen;
	int ret;

	if (!fpga_card_info_ok(info))
		return ERR_PTR(-EINVAL);
	card = fpga_card_get(info, &chosen);
	if (IS_ERR(card))
		return card;
	/* The other one may be about to stage an image: not to be waited for. */
	if (fpga_card_is_attached(card)) {
		fpga_card_put(card);
		return ERR_PTR(-EBUSY);
	}

	mutex_lock(&card->attach_lock);
	if (card->info.ops) {
		ret = -EBUSY;
		goto err_unlock;
	}
	ret = fpga_card_read_images(card, info);
	if (ret)
		goto err_unlock;
	tells = info->ops->running &&
		!info->ops->running(info->priv, running, sizeof(running));

	card->info = *info;
	card->port_chosen = chosen;
	mutex_lock(&card->lock);
	WRITE_ONCE(card->attached, true);
	card->had_back_end = true;
	card->lost = false;
	if (tells)
		fpga_card_set_running_locked(card, running);
	/* In a reload the one at its end says it all. */
	if (card->registered && !card->request)
		kobject_uevent(&card->region->dev.kobj, KOBJ_CHANGE);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->attach_lock);
	wake_up_all(&card->wait);
	/* The image that an overlay describes may be back. */
	fpga_card_of_update();
	return card;

err_unlock:
	mutex_unlock(&card->attach_lock);
	fpga_card_put(card);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(fpga_card_attach);

static void fpga_card_detach_locked(struct fpga_card *card, void *priv)
{
	WRITE_ONCE(card->detaching, false);
	if (WARN_ON(!card->info.ops || card->info.priv != priv))
		return;
	memset(&card->info, 0, sizeof(card->info));
	card->begun = false;
	WRITE_ONCE(card->attached, false);
}

/**
 * fpga_card_detach - a back end goes
 * @card: what fpga_card_attach() returned
 * @priv: &struct fpga_card_info.priv that it was called with
 *
 * The card stays, and waits for the next to attach. To be called from the
 * remove() of the control device.
 *
 * Context: may sleep; waits for a running operation of the back end. stage() is
 * told to end. The caller may hold the rescan lock.
 */
void fpga_card_detach(struct fpga_card *card, void *priv)
{
	WRITE_ONCE(card->detaching, true);
	mutex_lock(&card->attach_lock);
	mutex_lock(&card->lock);
	fpga_card_detach_locked(card, priv);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->attach_lock);
	fpga_card_put(card);
}
EXPORT_SYMBOL_GPL(fpga_card_detach);

/**
 * fpga_card_stage_cancelled - whether stage() is to end
 * @card: the card that stage() was called with
 *
 * To be asked by stage() at least once a second.
 *
 * Context: may sleep; to be called from stage() only.
 *
 * Return: true if whoever asked for the load was killed, the back end is about to
 * be detached, or the port or the machine goes.
 */
bool fpga_card_stage_cancelled(struct fpga_card *card)
{
	return READ_ONCE(card->detaching) || fpga_card_cancelled(card);
}
EXPORT_SYMBOL_GPL(fpga_card_stage_cancelled);

/*
 * The same as fpga_card_detach(), but -EBUSY while the card serves a request, which
 * needs it.
 */
int fpga_card_detach_idle(struct fpga_card *card, void *priv)
{
	bool idle;

	mutex_lock(&card->attach_lock);
	mutex_lock(&card->lock);
	idle = !card->request;
	if (idle)
		fpga_card_detach_locked(card, priv);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->attach_lock);
	if (!idle)
		return -EBUSY;
	fpga_card_put(card);
	return 0;
}

/* With the lock held: the operations, or NULL if the back end is gone. */
static const struct fpga_card_ops *fpga_card_ops_lock(struct fpga_card *card)
{
	mutex_lock(&card->attach_lock);
	if (!card->info.ops)
		fpga_card_fail(card, -ENODEV,
			       "the card below %s has no back end: bind the driver of its control function; if it does not bind, write 1 to recover",
			       pci_name(card->port));
	return card->info.ops;
}

static void fpga_card_ops_unlock(struct fpga_card *card)
{
	mutex_unlock(&card->attach_lock);
}

int fpga_card_call_ready(struct fpga_card *card)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	int ret = -ENODEV;

	if (ops) {
		ret = ops->ready ? ops->ready(card->info.priv) : 0;
		if (ret)
			fpga_card_fail(card, ret,
				       "the card below %s takes no request now: %s reports error %d",
				       pci_name(card->port), card->info.name,
				       ret);
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/* From here to fpga_card_call_end() the card does nothing but this. */
int fpga_card_call_begin(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	int ret = -ENODEV;

	if (ops) {
		ret = ops->begin ? ops->begin(card->info.priv, req->image) : 0;
		card->begun = !ret;
		if (ret)
			fpga_card_fail(card, ret,
				       "the card below %s does not load \"%s\" now: %s reports error %d",
				       pci_name(card->port), req->image,
				       card->info.name, ret);
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/* Nothing to do where no load began, or the one who was told is gone. */
void fpga_card_call_end(struct fpga_card *card)
{
	mutex_lock(&card->attach_lock);
	if (card->begun && card->info.ops->end)
		card->info.ops->end(card->info.priv);
	card->begun = false;
	mutex_unlock(&card->attach_lock);
}

int fpga_card_call_trigger(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	int ret = -ENODEV;

	if (ops) {
		req->drops = card->info.drops;
		req->start = card->info.start;
		ret = ops->trigger(card->info.priv, req->image, req->staged);
		if (ret)
			fpga_card_fail(card, ret,
				       "the card below %s refused to load \"%s\": error %d; it goes on with the image it has",
				       pci_name(card->port), req->image, ret);
	}
	fpga_card_ops_unlock(card);
	return ret;
}

/* Why stage() has ended with @err; the card goes on with the image it has. */
static int fpga_card_not_staged(struct fpga_card *card,
				struct fpga_card_request *req, int err)
{
	if (READ_ONCE(card->detaching))
		return fpga_card_fail(card, -ENODEV,
				      "the driver of the control function of the card below %s was removed while \"%s\" was written to the card",
				      pci_name(card->port), req->name);
	if (fpga_card_cancelled(card))
		return fpga_card_fail_cancelled(card);
	return fpga_card_fail(card, err,
			      "the card below %s did not take %s\"%s\": error %d; it goes on with the image it has",
			      pci_name(card->port), req->fw ? "the file " : "",
			      req->name, err);
}

int fpga_card_call_stage(struct fpga_card *card, struct fpga_card_request *req)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	int ret = -ENODEV;

	if (ops) {
		ret = ops->stage(card->info.priv, card, req->image,
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
	mutex_lock(&card->attach_lock);
	if (card->info.ops && card->info.ops->unstage)
		card->info.ops->unstage(card->info.priv);
	mutex_unlock(&card->attach_lock);
}

/* What the card tells, users are told as well. */
int fpga_card_call_running(struct fpga_card *card, char *name, size_t len)
{
	const struct fpga_card_ops *ops = fpga_card_ops_lock(card);
	int ret = -ENODEV;

	if (ops)
		ret = ops->running ? ops->running(card->info.priv, name, len) :
				     -ENODATA;
	if (!ret) {
		mutex_lock(&card->lock);
		fpga_card_set_running_locked(card, name);
		mutex_unlock(&card->lock);
	}
	fpga_card_ops_unlock(card);
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

	if (!mutex_trylock(&card->attach_lock))
		return;
	ops = card->info.ops;
	mutex_lock(&card->lock);
	if (card->request)
		ops = NULL;
	mutex_unlock(&card->lock);
	if (ops && ops->running &&
	    !ops->running(card->info.priv, running, sizeof(running))) {
		mutex_lock(&card->lock);
		fpga_card_set_running_locked(card, running);
		mutex_unlock(&card->lock);
	}
	mutex_unlock(&card->attach_lock);
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
	char running[FPGA_CARD_NAME_MAX + 1] = "";
	const struct fpga_card_ops *ops;
	bool pending = false;

	mutex_lock(&card->attach_lock);
	ops = card->info.ops;
	if (ops && ops->ready && card->info.tells_pending)
		pending = ops->ready(card->info.priv) == -EBUSY;
	else if (ops && ops->running && !req->beside && !req->hold_ms &&
		 strcmp(req->image, req->previous))
		pending = !ops->running(card->info.priv, running,
					sizeof(running)) &&
			  running[0] && !strcmp(running, req->previous);
	mutex_unlock(&card->attach_lock);
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

	mutex_lock(&card->attach_lock);
	*control = get_device(card->info.control);
	*pdev = pci_dev_get(fpga_card_function_of(card->info.control));
	if (!card->info.ops || (*control && !*pdev))
		ret = -ENODEV;
	mutex_unlock(&card->attach_lock);
	if (!ret)
		return 0;

	put_device(*control);
	pci_dev_put(*pdev);
	return fpga_card_fail(card, ret,
			      "the control device of the card below %s is gone",
			      pci_name(card->port));
}
