// SPDX-License-Identifier: GPL-2.0-only
/*
 * Image overlays: an overlay of the device tree that names an image and says what
 * that contains. Its loader has the image loaded here first, then applies it, and
 * has its devices made; with of_mutex held, as in an overlay notifier, no PCI
 * function can be removed or enumerated.
 *
 * From its beginning to its end the overlay claims the region: no other image is
 * loaded meanwhile.
 */

#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "overlay.h"

/* The card of a region node, referenced; one that is still being made counts. */
static struct fpga_card *fpga_card_overlay_find(const struct device_node *np)
{
	struct fpga_card *card = fpga_card_of_find(np);

	if (!card) {
		fpga_card_overlay_sync();
		card = fpga_card_of_find(np);
	}
	return card;
}

static int fpga_card_overlay_claim(struct fpga_card_overlay *overlay,
				   const struct device_node *np,
				   char *why, size_t len)
{
	struct fpga_card *card = overlay->card;
	int ret;

	mutex_lock(&card->lock);
	ret = fpga_card_overlay_check_free(card, np, why, len);
	if (!ret && fpga_card_is_serving_locked(card))
		ret = fpga_card_overlay_say(why, len, -EBUSY,
					    "the card serves another request");
	if (!ret)
		card->of.overlay = overlay;
	mutex_unlock(&card->lock);
	return ret;
}

static void fpga_card_overlay_unclaim(struct fpga_card_overlay *overlay)
{
	struct fpga_card *card = overlay->card;

	mutex_lock(&card->lock);
	if (card->of.overlay == overlay)
		card->of.overlay = NULL;
	mutex_unlock(&card->lock);
}

static int fpga_card_overlay_load(struct fpga_card_overlay *overlay,
				  const struct fpga_card_overlay_info *info,
				  char *why, size_t len)
{
	struct fpga_card_options options = {
		.overlay = overlay,
		.timeout_ms = DIV_ROUND_UP(info->complete_us, USEC_PER_MSEC),
		.freeze_us = info->freeze_us,
		.unfreeze_us = info->unfreeze_us,
		.encrypted = info->encrypted,
	};
	struct fpga_card *card = overlay->card;
	int ret = 0;

	if (!info->external)
		ret = fpga_card_ask_for(card, FPGA_CARD_LOAD,
					info->firmware_name, &options, why, len);
	if (ret)
		return ret;
	mutex_lock(&card->lock);
	strscpy(overlay->image, card->running, sizeof(overlay->image));
	overlay->ready = true;
	mutex_unlock(&card->lock);
	return 0;
}

/**
 * fpga_card_overlay_begin - have the image of an overlay loaded
 * @np: the region's node, which the overlay is for
 * @name: name of the overlay, for users
 * @info: what it says
 * @overlay: where the claim on the region is put: nobody loads another image there
 *	until fpga_card_overlay_end()
 * @why: for a sentence on what is wrong
 * @len: size of @why in bytes
 *
 * To be called before the overlay is applied.
 *
 * Context: may sleep, until the image's deadline, and be interrupted as
 * fpga_card_load(). The caller holds no lock that a driver's probe() or remove(),
 * or the removal of the port, may take, and none of the device tree's.
 *
 * Return: 0 when the image runs; -EINVAL if @info names no image or makes no sense;
 * -EOPNOTSUPP for a partial image, or one that is encrypted and cannot be;
 * -ENODEV if there is no card; -EBUSY if another overlay is there; and what
 * fpga_card_load() returns. Nothing is claimed after an error.
 */
int fpga_card_overlay_begin(struct device_node *np, const char *name,
			    const struct fpga_card_overlay_info *info,
			    struct fpga_card_overlay **overlay,
			    char *why, size_t len)
{
	struct fpga_card_overlay *new;
	int ret;

	*overlay = NULL;
	ret = fpga_card_overlay_check(info, why, len);
	if (ret)
		return ret;
	new = fpga_card_overlay_alloc(name, info->firmware_name);
	if (!new)
		return fpga_card_overlay_say(why, len, -ENOMEM, "no memory");
	new->card = fpga_card_overlay_find(np);
	if (!new->card) {
		ret = fpga_card_overlay_say(why, len, -ENODEV,
					    "there is no card at %pOF", np);
		goto err_free;
	}
	ret = fpga_card_overlay_claim(new, np, why, len);
	if (ret)
		goto err_put;
	ret = fpga_card_overlay_load(new, info, why, len);
	if (ret)
		goto err_unclaim;
	*overlay = new;
	return 0;

err_unclaim:
	fpga_card_overlay_unclaim(new);
err_put:
	fpga_card_put(new->card);
err_free:
	fpga_card_overlay_free(new);
	return ret;
}
EXPORT_SYMBOL_GPL(fpga_card_overlay_begin);

/**
 * fpga_card_overlay_applied - the overlay is in the device tree
 * @overlay: what fpga_card_overlay_begin() gave
 * @why: for a sentence on what is wrong
 * @len: size of @why in bytes
 *
 * Makes the devices of the region's children. If another load of the same image is
 * under way, they come at its end. Also to be called if an overlay could not be
 * removed after fpga_card_overlay_removing().
 *
 * Context: may sleep. The caller holds no lock that the probe() of a child's driver
 * may take, and none of the device tree's.
 *
 * Return: 0; -ENODEV if the card is gone; -EIO if it runs something else by now;
 * -EINVAL if a device could not be made. There are none after an error.
 */
int fpga_card_overlay_applied(struct fpga_card_overlay *overlay,
			      char *why, size_t len)
{
	struct fpga_card *card = overlay->card;
	bool serving;
	int ret = 0;

	mutex_lock(&card->lock);
	serving = fpga_card_is_serving_locked(card);
	if (card->dead)
		ret = fpga_card_overlay_say(why, len, -ENODEV,
					    "the port of the card is gone");
	else if (!serving && (overlay->stale ||
			      strcmp(overlay->image, card->running)))
		ret = fpga_card_overlay_say(why, len, -EIO,
					    "the card does not run \"%s\" any more",
					    overlay->image);
	overlay->applied = !ret;
	overlay->going = false;
	mutex_unlock(&card->lock);
	if (ret || serving)
		return ret;

	ret = fpga_card_children_make(card, false, why, len);
	if (ret) {
		mutex_lock(&card->lock);
		overlay->applied = false;
		overlay->populated = false;
		mutex_unlock(&card->lock);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(fpga_card_overlay_applied);

/**
 * fpga_card_overlay_removing - the overlay is going to be removed
 * @overlay: what fpga_card_overlay_begin() gave
 *
 * Removes the devices of the region's children. The card goes on with its image.
 *
 * Context: as for fpga_card_overlay_applied(), with remove() for probe().
 *
 * Return: 0; -EBUSY while the image is being loaded once more, with everything in
 * place.
 */
int fpga_card_overlay_removing(struct fpga_card_overlay *overlay)
{
	struct fpga_card *card = overlay->card;
	bool serving;

	mutex_lock(&card->lock);
	serving = fpga_card_is_serving_locked(card) && !card->dead;
	if (!serving)
		overlay->going = true;
	mutex_unlock(&card->lock);
	if (serving)
		return -EBUSY;
	fpga_card_children_remove(card);
	return 0;
}
EXPORT_SYMBOL_GPL(fpga_card_overlay_removing);

/**
 * fpga_card_overlay_end - the overlay has been removed, or could not be applied
 * @overlay: what fpga_card_overlay_begin() gave; not to be used any more
 *
 * Context: as for fpga_card_overlay_removing().
 */
void fpga_card_overlay_end(struct fpga_card_overlay *overlay)
{
	struct fpga_card *card = overlay->card;

	mutex_lock(&card->lock);
	overlay->going = true;
	mutex_unlock(&card->lock);
	fpga_card_children_remove(card);
	fpga_card_overlay_unclaim(overlay);
	fpga_card_put(card);
	fpga_card_overlay_free(overlay);
}
EXPORT_SYMBOL_GPL(fpga_card_overlay_end);

