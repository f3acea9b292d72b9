// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends: they come with the control device and go with it, in the middle of each
 * load too.
 */

#include <linux/pci.h>
#include <linux/slab.h>

#include "request.h"

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

/* Read the list of images; @card->back_end.lock is held, @info not yet set. */
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

	card->back_end.info = *info;
	/* That may be on the caller's stack. */
	card->back_end.info.card = NULL;
	card->back_end.port_chosen = chosen;
	WRITE_ONCE(card->back_end.attach_ms, info->attach_ms);
	mutex_lock(&card->lock);
	WRITE_ONCE(card->attached, true);
	card->had_back_end = true;
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
 * told to end. The caller may hold the rescan lock.
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
	fpga_card_put(card);
}
EXPORT_SYMBOL_GPL(fpga_card_detach);

/*
 * The same as fpga_card_detach(), but -EBUSY while the card serves a request, which
 * needs it.
 */
int fpga_card_detach_idle(struct fpga_card *card, void *priv)
{
	bool idle;

	mutex_lock(&card->back_end.lock);
	mutex_lock(&card->lock);
	idle = !card->serving.request;
	if (idle)
		fpga_card_detach_locked(card, priv);
	mutex_unlock(&card->lock);
	mutex_unlock(&card->back_end.lock);
	if (!idle)
		return -EBUSY;
	fpga_card_put(card);
	return 0;
}

