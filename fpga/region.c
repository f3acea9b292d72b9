// SPDX-License-Identifier: GPL-2.0-only
/*
 * The FPGA region of a card, and what users see of it in sysfs.
 */

#include <linux/capability.h>
#include <linux/fpga/fpga-bridge.h>
#include <linux/fpga/fpga-region.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/user_namespace.h>

#include "request.h"

static struct fpga_card *fpga_card_of_region(struct device *dev)
{
	return to_fpga_region(dev)->priv;
}

/* As for the descriptors of a process in /proc */
static ssize_t fpga_card_show(char *buf, const char *text)
{
	return fpga_card_redact(buf, PAGE_SIZE, text,
				ns_capable_noaudit(&init_user_ns,
						   CAP_SYS_PTRACE));
}

static ssize_t firmware_name_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	ssize_t len;

	fpga_card_refresh_running(card);
	mutex_lock(&card->lock);
	len = sysfs_emit(buf, "%s\n", card->loaded[0] ? card->loaded :
							card->running);
	mutex_unlock(&card->lock);
	return len;
}

static ssize_t firmware_name_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t count)
{
	return fpga_card_ask_by_text(fpga_card_of_region(dev), FPGA_CARD_LOAD,
				     buf, count);
}
static DEVICE_ATTR_RW(firmware_name);

static ssize_t check_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	ssize_t len;

	mutex_lock(&card->lock);
	len = fpga_card_show(buf, card->serving.answer ?: "");
	mutex_unlock(&card->lock);
	return len;
}

static ssize_t check_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	return fpga_card_ask_by_text(fpga_card_of_region(dev), FPGA_CARD_CHECK,
				     buf, count);
}
static DEVICE_ATTR_RW(check);

static ssize_t recover_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	bool val;
	int ret;

	ret = kstrtobool(buf, &val);
	if (ret)
		return ret;
	if (!val)
		return -EINVAL;
	ret = fpga_card_bring_back(fpga_card_of_region(dev));
	return ret ?: count;
}
static DEVICE_ATTR_WO(recover);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	enum fpga_card_state state;

	mutex_lock(&card->lock);
	state = card->state;
	mutex_unlock(&card->lock);
	return sysfs_emit(buf, "%s\n", fpga_card_state_name(state));
}
static DEVICE_ATTR_RO(state);

static ssize_t last_error_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	ssize_t len;

	mutex_lock(&card->lock);
	len = fpga_card_show(buf, card->last_error);
	len += sysfs_emit_at(buf, len, "%s", fpga_card_stuck_end_locked(card));
	mutex_unlock(&card->lock);
	return len + sysfs_emit_at(buf, len, "\n");
}
static DEVICE_ATTR_RO(last_error);

/* Times: an unsigned int of the card, in milliseconds */
static ssize_t fpga_card_ms_store(struct fpga_card *card, unsigned int *field,
				  const char *buf, size_t count)
{
	unsigned int val;
	int ret;

	ret = kstrtouint(buf, 0, &val);
	if (ret)
		return ret;
	if (val > FPGA_CARD_TIMEOUT_MAX_MS)
		return -ERANGE;
	mutex_lock(&card->lock);
	WRITE_ONCE(*field, val);
	mutex_unlock(&card->lock);
	return count;
}

static ssize_t timeout_ms_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(card->settings.timeout_ms));
}

static ssize_t timeout_ms_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return fpga_card_ms_store(card, &card->settings.timeout_ms, buf, count);
}
static DEVICE_ATTR_RW(timeout_ms);

static ssize_t drain_ms_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%u\n", READ_ONCE(card->settings.drain_ms));
}

static ssize_t drain_ms_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return fpga_card_ms_store(card, &card->settings.drain_ms, buf, count);
}
static DEVICE_ATTR_RW(drain_ms);

/* Whoever was told of the outage has let go of the card. */
static ssize_t drained_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	bool val;
	int ret;

	ret = kstrtobool(buf, &val);
	if (ret)
		return ret;
	if (!val)
		return -EINVAL;
	mutex_lock(&card->lock);
	if (card->serving.request && card->serving.request->draining)
		WRITE_ONCE(card->serving.request->drained, true);
	else
		ret = -EBUSY;
	mutex_unlock(&card->lock);
	wake_up_all(&card->wait);
	return ret ?: count;
}
static DEVICE_ATTR_WO(drained);

/* Switches: a bool of the card, shown as 0 or 1 */
static ssize_t fpga_card_bool_store(struct fpga_card *card, bool *field,
				    const char *buf, size_t count)
{
	bool val;
	int ret;

	ret = kstrtobool(buf, &val);
	if (ret)
		return ret;
	mutex_lock(&card->lock);
	WRITE_ONCE(*field, val);
	mutex_unlock(&card->lock);
	return count;
}

static ssize_t force_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(card->settings.force));
}

static ssize_t force_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return fpga_card_bool_store(card, &card->settings.force, buf, count);
}
static DEVICE_ATTR_RW(force);

static ssize_t restore_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(card->settings.restore));
}

static ssize_t restore_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return fpga_card_bool_store(card, &card->settings.restore, buf, count);
}
static DEVICE_ATTR_RW(restore);

static ssize_t overlap_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(card->settings.overlap));
}

static ssize_t overlap_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return fpga_card_bool_store(card, &card->settings.overlap, buf, count);
}
static DEVICE_ATTR_RW(overlap);

static ssize_t remember_readiness_show(struct device *dev,
				       struct device_attribute *attr, char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(card->settings.remember_readiness));
}

/* Each write forgets what is known so far. */
static ssize_t remember_readiness_store(struct device *dev,
					struct device_attribute *attr, const char *buf,
					size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	ssize_t ret;

	ret = fpga_card_bool_store(card, &card->settings.remember_readiness, buf, count);
	if (ret < 0)
		return ret;
	mutex_lock(&card->lock);
	fpga_card_ready_forget_all_locked(card);
	mutex_unlock(&card->lock);
	return ret;
}
static DEVICE_ATTR_RW(remember_readiness);

static const char * const fpga_card_quiesce_names[] = {
	[PCI_RELOAD_QUIESCE_NONE] = "none",
	[PCI_RELOAD_QUIESCE_RESET] = "reset",
};

static ssize_t quiesce_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct fpga_card *card = fpga_card_of_region(dev);

	return sysfs_emit(buf, "%s\n",
			  fpga_card_quiesce_names[READ_ONCE(card->settings.quiesce)]);
}

static ssize_t quiesce_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct fpga_card *card = fpga_card_of_region(dev);
	int ret = sysfs_match_string(fpga_card_quiesce_names, buf);

	if (ret < 0)
		return ret;
	mutex_lock(&card->lock);
	WRITE_ONCE(card->settings.quiesce, ret);
	mutex_unlock(&card->lock);
	return count;
}
static DEVICE_ATTR_RW(quiesce);

static struct attribute *fpga_card_region_attrs[] = {
	&dev_attr_check.attr,
	&dev_attr_drain_ms.attr,
	&dev_attr_drained.attr,
	&dev_attr_firmware_name.attr,
	&dev_attr_force.attr,
	&dev_attr_last_error.attr,
	&dev_attr_overlap.attr,
	&dev_attr_quiesce.attr,
	&dev_attr_recover.attr,
	&dev_attr_remember_readiness.attr,
	&dev_attr_restore.attr,
	&dev_attr_state.attr,
	&dev_attr_timeout_ms.attr,
	NULL
};

static const struct attribute_group fpga_card_region_group = {
	.attrs = fpga_card_region_attrs,
};

static const struct attribute_group *fpga_card_region_groups[] = {
	&fpga_card_region_group,
	&fpga_card_outcome_group,
	&fpga_card_stage_group,
	&fpga_card_boot_image_group,
	NULL
};

static int fpga_card_region_get_bridges(struct fpga_region *region)
{
	struct fpga_card *card = region->priv;

	return fpga_bridge_get_to_list(&card->dev, region->info,
				       &region->bridge_list);
}

int fpga_card_region_register(struct fpga_card *card)
{
	struct fpga_region_info info = {
		.mgr = card->mgr,
		.priv = card,
		.get_bridges = fpga_card_region_get_bridges,
	};
	struct fpga_region *region;
	int ret;

	region = fpga_region_register_full(&card->dev, &info);
	if (IS_ERR(region))
		return PTR_ERR(region);

	/* The framework takes no attributes of ours when it registers. */
	ret = sysfs_create_groups(&region->dev.kobj, fpga_card_region_groups);
	if (ret)
		goto err_unregister;
	card->images_dir = kobject_create_and_add("images", &region->dev.kobj);
	if (!card->images_dir) {
		ret = -ENOMEM;
		goto err_remove_groups;
	}
	get_device(&region->dev);
	card->region = region;
	/* Those who saw the region appear did not see the attributes. */
	kobject_uevent(&region->dev.kobj, KOBJ_CHANGE);
	return 0;

err_remove_groups:
	sysfs_remove_groups(&region->dev.kobj, fpga_card_region_groups);
err_unregister:
	fpga_region_unregister(region);
	return ret;
}

void fpga_card_region_unregister(struct fpga_card *card)
{
	fpga_card_images_remove(card);
	sysfs_remove_groups(&card->region->dev.kobj, fpga_card_region_groups);
	fpga_region_unregister(card->region);
}
