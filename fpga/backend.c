// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends: they come with the control device and go with it, in the middle of each
 * load too.
 */

#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "request.h"

/* How often it is tried to get at the back end while something else is asked of it. */
#define FPGA_CARD_CHANGED_US	1000

/* What a card says of itself ends up in a terminal: one line, and nothing else. */
static void fpga_card_clean(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (; *text; text++) {
		/* isprint() knows Latin-1, too. */
		if (!isascii(*text) || !isprint(*text))
			*text = '?';
	}
}

static bool fpga_card_images_ok(struct fpga_card *card,
				struct fpga_card_image *images, int count,
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
		fpga_card_clean(images[i].version, sizeof(images[i].version));
		fpga_card_clean(images[i].description,
				sizeof(images[i].description));
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

/* Read the list of images; @card->back_end.lock is held. */
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

	card->back_end.reason[0] = '\0';
	count = info->ops->images(info->priv, images, FPGA_CARD_IMAGES_MAX);
	if (count < 0) {
		ret = count;
		if (card->back_end.reason[0])
			dev_err(&card->dev, "the images of this card are not known: %s\n",
				card->back_end.reason);
	} else if (count > FPGA_CARD_IMAGES_MAX ||
		 !fpga_card_images_ok(card, images, count, info->ops->stage)) {
		ret = -EINVAL;
	} else {
		ret = fpga_card_images_update(card, images, count);
	}
	kfree(images);
	return ret;
}

static bool fpga_card_info_ok(const struct fpga_card_info *info)
{
	return info->name && (info->port || info->control) && info->ops &&
	       info->ops->images && info->ops->trigger &&
	       (!info->stage_unverified || (info->ops->stage && info->ops->unstage)) &&
	       info->attach_ms <= FPGA_CARD_TIMEOUT_MAX_MS;
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

/* Tell the back end its card, or that it has none; @card->back_end.lock is held. */
static void fpga_card_tell_card(const struct fpga_card_info *info,
				struct fpga_card *card)
{
	if (info->card)
		*info->card = card;
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
	/* The other back end may be staging an image, with the lock held: do not wait for it. */
	if (fpga_card_is_attached(card)) {
		fpga_card_put(card);
		return ERR_PTR(-EBUSY);
	}

	mutex_lock(&card->back_end.lock);
	if (card->back_end.info.ops) {
		ret = -EBUSY;
		goto err_unlock;
	}
	fpga_card_tell_card(info, card);
	ret = fpga_card_read_images(card, info);
	if (ret)
		goto err_untell;
	card->back_end.reason[0] = '\0';
	tells = info->ops->running &&
		!info->ops->running(info->priv, running, sizeof(running));

	mutex_lock(&card->lock);
	card->back_end.info = *info;
	/* That may be on the caller's stack. */
	card->back_end.info.card = NULL;
	card->back_end.port_chosen = chosen;
	WRITE_ONCE(card->back_end.attach_ms, info->attach_ms);
	WRITE_ONCE(card->attached, true);
	/* Nobody saw what happened to the flash, or the card, while there was no back end. */
	if (!card->serving.request || !card->serving.request->touched)
		fpga_card_ready_forget_all_locked(card);
	card->images_stale = false;
	card->had_back_end = true;
	strscpy(card->back_end_name, info->name, sizeof(card->back_end_name));
	card->takes_files = info->ops->stage && info->stage_timeout_ms;
	card->lost = false;
	if (tells)
		fpga_card_set_running_locked(card, running);
	/* A load sends its uevent at its end. */
	if (card->registered && !card->serving.request)
		kobject_uevent(&card->region->dev.kobj, KOBJ_CHANGE);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->back_end.lock);
	wake_up_all(&card->wait);
	/* The image that an overlay describes may be back. */
	fpga_card_changed();
	return card;

err_untell:
	fpga_card_tell_card(info, NULL);
err_unlock:
	mutex_unlock(&card->back_end.lock);
	fpga_card_put(card);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(fpga_card_attach);

static void fpga_card_detach_locked(struct fpga_card *card, void *priv)
{
	WRITE_ONCE(card->back_end.detaching, false);
	if (WARN_ON(!card->back_end.info.ops || card->back_end.info.priv != priv))
		return;
	fpga_card_doubt_staged_locked(card);
	memset(&card->back_end.info, 0, sizeof(card->back_end.info));
	WRITE_ONCE(card->attached, false);
}

/**
 * fpga_card_detach - a back end goes
 * @card: what fpga_card_attach() returned
 * @priv: &struct fpga_card_info.priv that it was called with
 *
 * The card stays, and waits for the next to attach. To be called from the
 * remove() of the control device. If a load has begun that has not ended, the back end's
 * end() is called: nobody else is left to be told.
 *
 * Context: may sleep; waits for a running operation of the back end. stage() is
 * told to end, and fpga_card_reset_begin() returns. The caller may hold the rescan lock.
 */
void fpga_card_detach(struct fpga_card *card, void *priv)
{
	WRITE_ONCE(card->back_end.detaching, true);
	mutex_lock(&card->back_end.lock);
	if (card->back_end.info.priv == priv)
		fpga_card_call_end_locked(card);
	mutex_lock(&card->lock);
	fpga_card_detach_locked(card, priv);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->back_end.lock);
	/* The back end may be in fpga_card_reset_begin(), and wait for that next. */
	wake_up_all(&card->wait);
	fpga_card_put(card);
}
EXPORT_SYMBOL_GPL(fpga_card_detach);

/*
 * The same as fpga_card_detach(), but -EBUSY while the card serves a request, which
 * needs it, and -EINTR if the caller is killed.
 */
int fpga_card_detach_idle(struct fpga_card *card, void *priv)
{
	int ret = fpga_card_ops_lock_idle(card);

	if (ret)
		return ret;
	mutex_lock(&card->lock);
	/* From here on none can begin. */
	if (card->serving.request)
		ret = -EBUSY;
	else
		fpga_card_detach_locked(card, priv);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->back_end.lock);
	if (!ret)
		fpga_card_put(card);
	return ret;
}

/* With @card->lock held: whether the images are to be read again now. */
static bool fpga_card_is_stale_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	return card->images_stale && !card->serving.request;
}

static bool fpga_card_is_stale(struct fpga_card *card)
{
	bool stale;

	mutex_lock(&card->lock);
	stale = fpga_card_is_stale_locked(card);
	mutex_unlock(&card->lock);
	return stale;
}

/* With @card->back_end.lock held, so that no request gets at the back end meanwhile. */
static int fpga_card_read_stale_locked(struct fpga_card *card)
{
	bool stale;
	int ret;

	lockdep_assert_held(&card->back_end.lock);

	mutex_lock(&card->lock);
	stale = fpga_card_is_stale_locked(card) && card->back_end.info.ops;
	if (stale)
		card->images_stale = false;
	mutex_unlock(&card->lock);
	if (!stale)
		return 0;

	ret = fpga_card_read_images(card, &card->back_end.info);
	mutex_lock(&card->lock);
	if (!ret && card->registered)
		kobject_uevent(&card->region->dev.kobj, KOBJ_CHANGE);
	mutex_unlock(&card->lock);
	return ret;
}

/*
 * Read the images again if the back end wants it, and no request is served: then the
 * request's end does it. The lock is not waited for, as a request that begins now may have
 * it for as long as stage() takes. Returns 0, or why they could not be read.
 */
int fpga_card_read_stale(struct fpga_card *card)
{
	int ret;

	while (fpga_card_is_stale(card)) {
		if (!mutex_trylock(&card->back_end.lock)) {
			usleep_range(FPGA_CARD_CHANGED_US, 2 * FPGA_CARD_CHANGED_US);
			continue;
		}
		ret = fpga_card_read_stale_locked(card);
		mutex_unlock(&card->back_end.lock);
		return ret;
	}
	return 0;
}

/**
 * fpga_card_images_changed - the images of a card may have changed
 * @card: the card
 * @priv: &struct fpga_card_info.priv of the back end that is attached
 *
 * For a back end that learns of an update of its flash. The images are read again:
 * directories of images that there are no more go, new ones come, and in those that stay
 * the details change. The region sends KOBJ_CHANGE. While a request is served that is put
 * off to its end, so that a load has the images that it was checked with. A back end that
 * attaches has its images read in any case.
 *
 * Context: may sleep; waits for an operation that runs, but not for stage(). Not to be
 * called from an operation.
 *
 * Return: 0 if they were read, or will be; -ENODEV if @priv is not attached; -EINVAL if
 * they are described wrongly, -ENOMEM, and what @images returns: the directories may be
 * as before then, or some be missing.
 */
int fpga_card_images_changed(struct fpga_card *card, void *priv)
{
	mutex_lock(&card->lock);
	/* Both locks are held when that changes, so that one does here. */
	if (!card->back_end.info.ops || card->back_end.info.priv != priv) {
		mutex_unlock(&card->lock);
		return -ENODEV;
	}
	card->images_stale = true;
	fpga_card_ready_forget_all_locked(card);
	mutex_unlock(&card->lock);
	return fpga_card_read_stale(card);
}
EXPORT_SYMBOL_GPL(fpga_card_images_changed);
