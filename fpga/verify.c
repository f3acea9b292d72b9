// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overlays on their way into the device tree, whoever applies them. Nothing is
 * loaded here: of_mutex is held, which a PCI function with a node needs to come or
 * go. So the image has to run already: because the loader asked for it with
 * fpga_card_overlay_begin(), or because a user loaded it before.
 */

#define pr_fmt(fmt) "FPGA card: " fmt

#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "overlay.h"

/* What users read where an overlay has no name that is known here. */
#define FPGA_CARD_FOREIGN	"(of another loader)"

#define FPGA_CARD_WHY_MAX	512

static int fpga_card_verify_read(const struct device_node *np,
				 struct fpga_card_overlay_info *info,
				 char *why, size_t len)
{
	*info = (struct fpga_card_overlay_info) {
		.external = of_find_property(np, "external-fpga-config", NULL),
		.partial = of_find_property(np, "partial-fpga-config", NULL),
	};

	if (!of_find_property(np, "firmware-name", NULL) ||
	    !of_property_read_string(np, "firmware-name", &info->firmware_name))
		return 0;
	strscpy(why, "firmware-name is not a string", len);
	return -EINVAL;
}

/* Its image was loaded, and it is not in the tree yet. */
static bool fpga_card_verify_is_begun(const struct fpga_card_overlay *overlay)
{
	return overlay && overlay->ready && !overlay->fragment &&
	       !overlay->going;
}

static int fpga_card_verify_begun(const struct fpga_card_overlay *overlay,
				  const struct fpga_card_overlay_info *info,
				  char *why, size_t len)
{
	/* Another fragment of it, maybe. */
	if (!info->firmware_name && !info->external)
		return 0;
	if (info->external == !overlay->firmware_name[0] &&
	    !strcmp(info->firmware_name ?: "", overlay->firmware_name))
		return 0;
	scnprintf(why, len,
		  "the region is claimed for \"%s\" by the overlay \"%s\"",
		  overlay->firmware_name, overlay->name);
	return -EBUSY;
}

/* May this overlay, of which nobody told in advance, be applied? */
static int fpga_card_verify_foreign(struct fpga_card *card,
				    const struct device_node *np,
				    const struct fpga_card_overlay_info *info,
				    char *why, size_t len)
{
	int ret;

	ret = fpga_card_overlay_check(info, why, len);
	if (!ret)
		ret = fpga_card_overlay_check_free(card, np, why, len);
	if (ret)
		return ret;
	if (fpga_card_is_serving_locked(card)) {
		scnprintf(why, len, "the card below %s serves a request",
			  pci_name(card->port));
		return -EBUSY;
	}
	if (info->external || !strcmp(info->firmware_name, card->running) ||
	    !strcmp(info->firmware_name, card->loaded))
		return 0;
	scnprintf(why, len,
		  "the card below %s does not run \"%s\": apply the overlay with of-overlay-configfs, or write the name to firmware_name first",
		  pci_name(card->port), info->firmware_name);
	return -EPERM;
}

static int fpga_card_verify_region(struct of_overlay_notify_data *nd,
				   char *why, size_t len)
{
	struct fpga_card_overlay_info info;
	struct fpga_card *card;
	int ret;

	ret = fpga_card_verify_read(nd->overlay, &info, why, len);
	if (ret)
		return ret;
	card = fpga_card_of_find(nd->target);
	if (!card) {
		strscpy(why, "there is no card", len);
		return -ENODEV;
	}
	mutex_lock(&card->lock);
	if (fpga_card_verify_is_begun(card->of.overlay))
		ret = fpga_card_verify_begun(card->of.overlay, &info, why, len);
	else
		ret = fpga_card_verify_foreign(card, nd->target, &info, why,
					       len);
	mutex_unlock(&card->lock);
	fpga_card_put(card);
	return ret;
}

/*
 * A region that is to come with an image has no card yet that could load it, or is
 * inside another, which has the card. The rest of the overlay is gone through as
 * well; it does not matter.
 */
static int fpga_card_verify_nested(struct of_overlay_notify_data *nd,
				   char *why, size_t len)
{
	struct device_node *np = of_node_get(nd->overlay);
	bool bad = false;

	while (!bad && (np = of_find_compatible_node(np, NULL,
						     FPGA_CARD_COMPATIBLE)))
		bad = fpga_card_overlay_names_image(np);
	of_node_put(np);
	if (!bad)
		return 0;
	strscpy(why,
		"a new region node cannot name an image: that takes an overlay for it",
		len);
	return -EINVAL;
}

static int fpga_card_verify_pre_apply(struct of_overlay_notify_data *nd)
{
	char why[FPGA_CARD_WHY_MAX] = "";
	int ret;

	ret = fpga_card_verify_nested(nd, why, sizeof(why));
	if (!ret && fpga_card_overlay_is_region(nd->target))
		ret = fpga_card_verify_region(nd, why, sizeof(why));
	if (ret)
		pr_err("%pOF: overlay refused: %s\n", nd->target, why);
	return ret;
}

static int fpga_card_verify_claim(struct fpga_card *card,
				  struct of_overlay_notify_data *nd,
				  const struct fpga_card_overlay_info *info,
				  char *why, size_t len)
{
	struct fpga_card_overlay *overlay;
	int ret;

	/* The node is marked by itself now. */
	ret = fpga_card_verify_foreign(card, NULL, info, why, len);
	if (ret)
		return ret;
	overlay = fpga_card_overlay_alloc(FPGA_CARD_FOREIGN,
					  info->firmware_name);
	if (!overlay) {
		strscpy(why, "no memory", len);
		return -ENOMEM;
	}
	overlay->foreign = true;
	overlay->ready = true;
	overlay->applied = true;
	overlay->fragment = nd->overlay;
	strscpy(overlay->image, card->running, sizeof(overlay->image));
	card->of.overlay = overlay;
	return 0;
}

/*
 * Only now does a foreign overlay get hold of the region: a loader need not say if
 * it fails before. What could be applied a moment ago may have been overtaken by a
 * load, or by another overlay's fpga_card_overlay_begin().
 */
static int fpga_card_verify_post_apply(struct of_overlay_notify_data *nd)
{
	struct fpga_card_overlay_info info;
	char why[FPGA_CARD_WHY_MAX] = "";
	struct fpga_card *card;
	int ret;

	ret = fpga_card_verify_read(nd->overlay, &info, why, sizeof(why));
	if (ret || (!info.firmware_name && !info.external))
		return 0;
	card = fpga_card_of_find(nd->target);
	if (!card)
		return 0;
	mutex_lock(&card->lock);
	if (fpga_card_verify_is_begun(card->of.overlay))
		card->of.overlay->fragment = nd->overlay;
	else
		ret = fpga_card_verify_claim(card, nd, &info, why, sizeof(why));
	mutex_unlock(&card->lock);
	fpga_card_put(card);
	if (ret)
		pr_err("%pOF: overlay has to be removed again: %s\n",
		       nd->target, why);
	else
		fpga_card_changed();
	return ret;
}

/*
 * From here on no load brings devices back, for which the nodes would be missing.
 * The kernel has the devices go with their nodes. If the removal fails after all it
 * has to be tried again, or the loader calls fpga_card_overlay_applied().
 */
static int fpga_card_verify_pre_remove(struct of_overlay_notify_data *nd)
{
	struct fpga_card *card = fpga_card_of_find(nd->target);
	int ret = 0;

	if (!card)
		return 0;
	mutex_lock(&card->lock);
	if (card->of.overlay && card->of.overlay->fragment == nd->overlay) {
		if (fpga_card_is_serving_locked(card) && !card->dead)
			ret = -EBUSY;
		else
			card->of.overlay->going = true;
	}
	mutex_unlock(&card->lock);
	fpga_card_put(card);
	if (ret)
		pr_err("%pOF: overlay not removed: the card serves a request\n",
		       nd->target);
	return ret;
}

static void fpga_card_verify_post_remove(struct of_overlay_notify_data *nd)
{
	struct fpga_card *card = fpga_card_of_find(nd->target);
	struct fpga_card_overlay *overlay = NULL;

	if (!card)
		return;
	mutex_lock(&card->lock);
	if (card->of.overlay && card->of.overlay->fragment == nd->overlay) {
		card->of.overlay->fragment = NULL;
		if (card->of.overlay->foreign)
			swap(overlay, card->of.overlay);
	}
	mutex_unlock(&card->lock);
	fpga_card_put(card);
	fpga_card_overlay_free(overlay);
}

static int fpga_card_verify_notify(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	struct of_overlay_notify_data *nd = data;
	int ret = 0;

	switch (action) {
	case OF_OVERLAY_PRE_APPLY:
		ret = fpga_card_verify_pre_apply(nd);
		break;
	case OF_OVERLAY_POST_APPLY:
		ret = fpga_card_verify_post_apply(nd);
		break;
	case OF_OVERLAY_PRE_REMOVE:
		ret = fpga_card_verify_pre_remove(nd);
		break;
	case OF_OVERLAY_POST_REMOVE:
		fpga_card_verify_post_remove(nd);
		break;
	}
	return notifier_from_errno(ret);
}

static struct notifier_block fpga_card_verify_nb = {
	.notifier_call = fpga_card_verify_notify,
};

int fpga_card_verify_init(void)
{
	return of_overlay_notifier_register(&fpga_card_verify_nb);
}

void fpga_card_verify_exit(void)
{
	of_overlay_notifier_unregister(&fpga_card_verify_nb);
}
