// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a region for staging an image without an outage, and for activating it. See
 * Documentation/ABI/testing/sysfs-class-fpga-region-card.
 */

#include <linux/string.h>
#include <linux/sysfs.h>

#include "request.h"

static bool fpga_card_is_blank(const char *buf, size_t count)
{
	return !count || (count == 1 && buf[0] == '\n');
}

static ssize_t stage_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;
	int ret;

	if (!fpga_card_is_blank(buf, count))
		return fpga_card_ask_by_text(card, FPGA_CARD_STAGE, buf, count);
	ret = fpga_card_unstage(card);
	return ret ?: count;
}
static DEVICE_ATTR_WO(stage);

static ssize_t staged_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;
	ssize_t len;

	fpga_card_refresh_staged(card);
	mutex_lock(&card->lock);
	len = sysfs_emit(buf, "%s\n", card->staged ? card->staged->name : "");
	mutex_unlock(&card->lock);
	return len;
}
static DEVICE_ATTR_RO(staged);

static ssize_t staged_percent_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;

	return sysfs_emit(buf, "%u\n", READ_ONCE(card->staged_percent));
}
static DEVICE_ATTR_RO(staged_percent);

static ssize_t activate_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;
	int ret;

	if (!sysfs_streq(buf, "1"))
		return fpga_card_ask_by_text(card, FPGA_CARD_LOAD, buf, count);
	ret = fpga_card_activate(card);
	return ret ?: count;
}
static DEVICE_ATTR_WO(activate);

static struct attribute *fpga_card_stage_attrs[] = {
	&dev_attr_activate.attr,
	&dev_attr_stage.attr,
	&dev_attr_staged.attr,
	&dev_attr_staged_percent.attr,
	NULL
};

const struct attribute_group fpga_card_stage_group = {
	.attrs = fpga_card_stage_attrs,
};
