// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image that a card starts with when it gets power: what users see of it, and set.
 */

#include <linux/fpga/fpga-region.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "card.h"

static ssize_t boot_image_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;
	char name[FPGA_CARD_NAME_MAX + 1] = "";
	int ret;

	ret = fpga_card_call_boot_image(card, name, sizeof(name));
	/* It is one that has no name. */
	if (ret && ret != -ENODATA)
		return ret;
	return sysfs_emit(buf, "%s\n", ret ? "" : name);
}

/* Whether it is an image that the card could start with; with a sentence if not. */
static int fpga_card_check_boot_image(struct fpga_card *card, const char *name)
{
	struct fpga_card_image desc;

	if (!fpga_card_image_name_ok(name))
		return fpga_card_fail(card, -ENOENT,
				      "no image in the flash of the card below %s has such a name",
				      pci_name(card->port));
	if (fpga_card_images_find_locked(card, name, &desc))
		return fpga_card_fail(card, -ENOENT,
				      "the card below %s has no image \"%s\" in flash to start with",
				      pci_name(card->port), name);
	if (desc.invalid)
		return fpga_card_fail(card, -EBADMSG,
				      "the card below %s cannot start with \"%s\", which is damaged, or was not written as a whole",
				      pci_name(card->port), name);
	if (desc.auxiliary || desc.staged)
		return fpga_card_fail(card, -EINVAL,
				      "the card below %s cannot start with \"%s\", which is no image of the FPGA in flash",
				      pci_name(card->port), name);
	return 0;
}

static ssize_t boot_image_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;
	/* One byte more than a name, so that one that is too long stays so. */
	char name[FPGA_CARD_NAME_MAX + 2] = "";
	size_t len = count;
	int ret;

	if (len && buf[len - 1] == '\n')
		len--;
	/* A NUL would hide what is behind it. */
	if (!memchr(buf, '\0', len))
		memcpy(name, buf, min(len, sizeof(name) - 1));

	ret = fpga_card_ops_lock_idle(card);
	if (ret)
		return ret;
	ret = fpga_card_check_boot_image(card, name);
	if (!ret)
		ret = fpga_card_call_set_boot_image(card, name);
	fpga_card_ops_unlock(card);
	if (ret)
		return ret;
	pci_info(card->port, "FPGA card: starts with \"%s\" when it gets power\n",
		 name);
	sysfs_notify(&dev->kobj, NULL, "boot_image");
	return count;
}
static DEVICE_ATTR_RW(boot_image);

static struct attribute *fpga_card_boot_image_attrs[] = {
	&dev_attr_boot_image.attr,
	NULL
};

const struct attribute_group fpga_card_boot_image_group = {
	.attrs = fpga_card_boot_image_attrs,
};
