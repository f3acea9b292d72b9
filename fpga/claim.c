// SPDX-License-Identifier: GPL-2.0-only
/*
 * The claim of an image overlay on a region: what it may ask for, and what it has
 * against the requests of others.
 */

#include <linux/module.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "overlay.h"

/**
 * fpga_card_overlay_is_region - whether a node stands for a card's region
 * @np: a node, of the tree or of an overlay
 *
 * Context: any.
 *
 * Return: true if it does, whether its card is there or not.
 */
bool fpga_card_overlay_is_region(const struct device_node *np)
{
	return of_device_is_compatible(np, FPGA_CARD_COMPATIBLE);
}
EXPORT_SYMBOL_GPL(fpga_card_overlay_is_region);

/* Whether an image overlay has been applied to the node, or looks like that. */
bool fpga_card_overlay_names_image(const struct device_node *np)
{
	return of_find_property(np, "firmware-name", NULL) ||
	       of_find_property(np, "external-fpga-config", NULL);
}

int fpga_card_overlay_say(char *why, size_t len, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(why, len, fmt, args);
	va_end(args);
	return err;
}

/* What is to be said of an overlay without a look at the card. */
int fpga_card_overlay_check(const struct fpga_card_overlay_info *info,
			    char *why, size_t len)
{
	const u32 most = FPGA_CARD_TIMEOUT_MAX_MS;

	if (info->firmware_name && info->external)
		return fpga_card_overlay_say(why, len, -EINVAL,
					     "firmware-name and external-fpga-config exclude each other");
	if (!info->firmware_name && !info->external)
		return fpga_card_overlay_say(why, len, -EINVAL,
					     "the overlay names no image: it has neither firmware-name nor external-fpga-config");
	if (info->partial)
		return fpga_card_overlay_say(why, len, -EOPNOTSUPP,
					     "a card is loaded as a whole: partial-fpga-config is not possible");
	if (info->encrypted && info->external)
		return fpga_card_overlay_say(why, len, -EOPNOTSUPP,
					     "encrypted-fpga-config is about a file, and external-fpga-config names none");
	if (info->firmware_name &&
	    strlen(info->firmware_name) > FPGA_CARD_REQUEST_MAX)
		return fpga_card_overlay_say(why, len, -EINVAL,
					     "the name of the image is too long");
	if (info->freeze_us / USEC_PER_MSEC > most ||
	    info->unfreeze_us / USEC_PER_MSEC > most ||
	    info->complete_us / USEC_PER_MSEC > most)
		return fpga_card_overlay_say(why, len, -EINVAL,
					     "a timeout is longer than an hour");
	return 0;
}

/*
 * Whether an overlay can claim the region; @card->lock is held. @np: the node, or
 * NULL. An overlay that was there before the card was, or outlived it, is not known
 * here, but it has left its mark in the node.
 */
int fpga_card_overlay_check_free(struct fpga_card *card,
				 const struct device_node *np,
				 char *why, size_t len)
{
	lockdep_assert_held(&card->lock);

	if (card->dead)
		return fpga_card_overlay_say(why, len, -ENODEV,
					     "the port of the card is gone");
	if (card->of.overlay)
		return fpga_card_overlay_say(why, len, -EBUSY,
					     "the region is occupied by the overlay \"%s\"",
					     card->of.overlay->name);
	if (np && fpga_card_overlay_names_image(np))
		return fpga_card_overlay_say(why, len, -EBUSY,
					     "the region's node names an image already: the overlay that does has to be removed first");
	return 0;
}

struct fpga_card_overlay *fpga_card_overlay_alloc(const char *name,
						  const char *firmware_name)
{
	struct fpga_card_overlay *overlay;

	overlay = kzalloc(sizeof(*overlay), GFP_KERNEL);
	if (!overlay)
		return NULL;
	overlay->name = kstrdup(name, GFP_KERNEL);
	if (!overlay->name) {
		kfree(overlay);
		return NULL;
	}
	if (firmware_name)
		strscpy(overlay->firmware_name, firmware_name,
			sizeof(overlay->firmware_name));
	return overlay;
}

void fpga_card_overlay_free(struct fpga_card_overlay *overlay)
{
	if (!overlay)
		return;
	kfree(overlay->name);
	kfree(overlay);
}

/* An overlay without a firmware-name goes by what the card says it runs. */
static bool fpga_card_overlay_is_for(const struct fpga_card_overlay *overlay,
				     const char *name)
{
	const char *own = overlay->firmware_name[0] ? overlay->firmware_name :
						      overlay->image;

	return own[0] && !strcmp(own, name);
}

/*
 * What an overlay has against a request, as a sentence in @req->error;
 * @card->lock is held.
 */
int fpga_card_overlay_refuses(struct fpga_card *card,
			      struct fpga_card_request *req, const char *name)
{
	struct fpga_card_overlay *overlay = card->of.overlay;

	lockdep_assert_held(&card->lock);

	if (!overlay || overlay == req->options.overlay)
		return 0;
	if (overlay->going)
		return fpga_card_overlay_say(req->error, sizeof(req->error),
					     -EBUSY,
					     "the overlay \"%s\" is being removed",
					     overlay->name);
	if (!name || fpga_card_overlay_is_for(overlay, name))
		return 0;
	return fpga_card_overlay_say(req->error, sizeof(req->error), -EBUSY,
				     "the region is occupied by the overlay \"%s\", which is for \"%s\": it has to be removed before another image is loaded",
				     overlay->name,
				     overlay->firmware_name[0] ?
				     overlay->firmware_name : overlay->image);
}
