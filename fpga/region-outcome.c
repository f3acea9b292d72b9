// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a region for programs: what became of the last request. See
 * Documentation/ABI/testing/sysfs-class-fpga-region-card.
 */

#include <linux/math64.h>
#include <linux/sysfs.h>
#include <linux/time64.h>

#include "request.h"

/**
 * struct fpga_card_outcome_attr - an attribute with a value of the last request
 * @attr: the attribute
 * @emit: writes the value, and a newline; @record is NULL if there was no request
 */
struct fpga_card_outcome_attr {
	struct device_attribute attr;
	int (*emit)(const struct fpga_card_record *record, char *buf);
};

static ssize_t fpga_card_outcome_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct fpga_card_outcome_attr *outcome =
		container_of(attr, struct fpga_card_outcome_attr, attr);
	struct fpga_card *card = to_fpga_region(dev)->priv;
	int len;

	mutex_lock(&card->lock);
	len = outcome->emit(fpga_card_last_record_locked(card), buf);
	mutex_unlock(&card->lock);
	return len;
}

static int fpga_card_emit_outcome(const struct fpga_card_record *record, char *buf)
{
	enum fpga_card_outcome outcome = record ? record->outcome :
						  FPGA_CARD_OUTCOME_NONE;

	return sysfs_emit(buf, "%s\n", fpga_card_outcome_name(outcome));
}

static int fpga_card_emit_errno(const struct fpga_card_record *record, char *buf)
{
	return sysfs_emit(buf, "%d\n", record ? -record->error : 0);
}

static int fpga_card_emit_request(const struct fpga_card_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  record ? fpga_card_record_request(record) : "");
}

static int fpga_card_emit_image(const struct fpga_card_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n", record ? record->name : "");
}

static int fpga_card_emit_previous(const struct fpga_card_record *record, char *buf)
{
	return sysfs_emit(buf, "%s\n", record ? record->previous : "");
}

static int fpga_card_emit_duration(const struct fpga_card_record *record, char *buf)
{
	return sysfs_emit(buf, "%lld\n",
			  record ? div_s64(record->duration_us, USEC_PER_MSEC) : 0);
}

static int fpga_card_emit_outage(const struct fpga_card_record *record, char *buf)
{
	return sysfs_emit(buf, "%lld\n",
			  record ? div_s64(record->outage_us, USEC_PER_MSEC) : 0);
}

static int fpga_card_emit_speed(const struct pci_reload_link *link, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  link && link->speed ? pci_reload_speed_name(link->speed) : "");
}

static int fpga_card_emit_width(const struct pci_reload_link *link, char *buf)
{
	return sysfs_emit(buf, "%u\n", link ? link->width : 0);
}

static int fpga_card_emit_link_speed(const struct fpga_card_record *record, char *buf)
{
	return fpga_card_emit_speed(record ? &record->after : NULL, buf);
}

static int fpga_card_emit_link_width(const struct fpga_card_record *record, char *buf)
{
	return fpga_card_emit_width(record ? &record->after : NULL, buf);
}

static int fpga_card_emit_previous_speed(const struct fpga_card_record *record,
					 char *buf)
{
	return fpga_card_emit_speed(record ? &record->before : NULL, buf);
}

static int fpga_card_emit_previous_width(const struct fpga_card_record *record,
					 char *buf)
{
	return fpga_card_emit_width(record ? &record->before : NULL, buf);
}

#define FPGA_CARD_OUTCOME_ATTR(_name, _emit)				\
static struct fpga_card_outcome_attr fpga_card_attr_##_name = {	\
	.attr = __ATTR(_name, 0444, fpga_card_outcome_show, NULL),	\
	.emit = _emit,							\
}

FPGA_CARD_OUTCOME_ATTR(outcome, fpga_card_emit_outcome);
FPGA_CARD_OUTCOME_ATTR(outcome_errno, fpga_card_emit_errno);
FPGA_CARD_OUTCOME_ATTR(request, fpga_card_emit_request);
FPGA_CARD_OUTCOME_ATTR(image, fpga_card_emit_image);
FPGA_CARD_OUTCOME_ATTR(previous_image, fpga_card_emit_previous);
FPGA_CARD_OUTCOME_ATTR(duration_ms, fpga_card_emit_duration);
FPGA_CARD_OUTCOME_ATTR(outage_ms, fpga_card_emit_outage);
FPGA_CARD_OUTCOME_ATTR(link_speed, fpga_card_emit_link_speed);
FPGA_CARD_OUTCOME_ATTR(link_width, fpga_card_emit_link_width);
FPGA_CARD_OUTCOME_ATTR(previous_link_speed, fpga_card_emit_previous_speed);
FPGA_CARD_OUTCOME_ATTR(previous_link_width, fpga_card_emit_previous_width);

static ssize_t present_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;

	return sysfs_emit(buf, "%d\n", fpga_card_is_present(card));
}
static DEVICE_ATTR_RO(present);

static ssize_t loads_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;

	return sysfs_emit(buf, "%u\n", READ_ONCE(card->history.loads));
}
static DEVICE_ATTR_RO(loads);

static ssize_t failures_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;

	return sysfs_emit(buf, "%u\n", READ_ONCE(card->history.failures));
}
static DEVICE_ATTR_RO(failures);

static ssize_t recoveries_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	struct fpga_card *card = to_fpga_region(dev)->priv;

	return sysfs_emit(buf, "%u\n", READ_ONCE(card->history.recoveries));
}
static DEVICE_ATTR_RO(recoveries);

static struct attribute *fpga_card_outcome_attrs[] = {
	&dev_attr_failures.attr,
	&dev_attr_loads.attr,
	&dev_attr_present.attr,
	&dev_attr_recoveries.attr,
	&fpga_card_attr_duration_ms.attr.attr,
	&fpga_card_attr_image.attr.attr,
	&fpga_card_attr_link_speed.attr.attr,
	&fpga_card_attr_link_width.attr.attr,
	&fpga_card_attr_outage_ms.attr.attr,
	&fpga_card_attr_outcome.attr.attr,
	&fpga_card_attr_outcome_errno.attr.attr,
	&fpga_card_attr_previous_image.attr.attr,
	&fpga_card_attr_previous_link_speed.attr.attr,
	&fpga_card_attr_previous_link_width.attr.attr,
	&fpga_card_attr_request.attr.attr,
	NULL
};

const struct attribute_group fpga_card_outcome_group = {
	.attrs = fpga_card_outcome_attrs,
};
