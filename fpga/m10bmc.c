// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back end for Intel's cards with a MAX 10 BMC: N3000, D5005, N6000. It stands
 * beside the kernel's drivers of these cards, and attaches whenever that of the
 * BMC's secure update is bound.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "compat/namespace.h"
#include "m10bmc.h"

static LIST_HEAD(fpga_card_m10_list);
/* Covers the list. Who changes what is in it holds the device's lock, too. */
static DEFINE_MUTEX(fpga_card_m10_lock);

/* NULL for a device that has nothing to do with this. */
static const struct fpga_card_m10_type *fpga_card_m10_type_of(struct device *dev)
{
	return fpga_card_m10_find_type(to_platform_device(dev)->name);
}

static struct fpga_card_m10 *fpga_card_m10_find(struct device *dev)
{
	struct fpga_card_m10 *m10, *found = NULL;

	mutex_lock(&fpga_card_m10_lock);
	list_for_each_entry(m10, &fpga_card_m10_list, node) {
		if (m10->dev == dev)
			found = m10;
	}
	mutex_unlock(&fpga_card_m10_lock);
	return found;
}

/* Where the secure update takes files: it has a device of that class. */
static int fpga_card_m10_name_upload(struct device *dev, void *data)
{
	struct fpga_card_m10 *m10 = data;

	if (!dev->class || strcmp(dev->class->name, "firmware"))
		return 0;
	scnprintf(m10->no_files, sizeof(m10->no_files),
		  "write it to the flash through /sys/class/firmware/%s, then load the image of that page",
		  dev_name(dev));
	return 1;
}

/* A card that has a back end already keeps it. */
static int fpga_card_m10_attach(struct device *dev)
{
	struct fpga_card_info info = {
		.name = "m10bmc",
		.control = dev,
		.ops = &fpga_card_m10_ops,
	};
	struct fpga_card_m10 *m10;

	m10 = kzalloc(sizeof(*m10), GFP_KERNEL);
	if (!m10)
		return -ENOMEM;
	m10->dev = dev;
	m10->m10bmc = dev_get_drvdata(dev->parent);
	m10->type = fpga_card_m10_type_of(dev);
	device_for_each_child(dev, m10, fpga_card_m10_name_upload);
	info.priv = m10;
	info.card = &m10->card;
	info.no_files = m10->no_files[0] ? m10->no_files : NULL;

	m10->card = fpga_card_attach(&info);
	if (IS_ERR(m10->card)) {
		int ret = PTR_ERR(m10->card);

		kfree(m10);
		return ret;
	}
	mutex_lock(&fpga_card_m10_lock);
	list_add(&m10->node, &fpga_card_m10_list);
	mutex_unlock(&fpga_card_m10_lock);
	return 0;
}

static void fpga_card_m10_detach(struct fpga_card_m10 *m10)
{
	mutex_lock(&fpga_card_m10_lock);
	list_del(&m10->node);
	mutex_unlock(&fpga_card_m10_lock);
	WRITE_ONCE(m10->leaving, true);
	fpga_card_detach(m10->card, m10);
	kfree(m10);
}

/* The device's lock is held, it is bound. */
static void fpga_card_m10_bound(struct device *dev)
{
	int ret;

	if (!fpga_card_m10_type_of(dev) || fpga_card_m10_find(dev) ||
	    !dev_get_drvdata(dev->parent))
		return;
	ret = fpga_card_m10_attach(dev);
	if (ret)
		dev_warn(dev, "FPGA card: the images of this card cannot be loaded: error %d\n",
			 ret);
}

/* The device's lock is held, its driver is about to let it go. */
static void fpga_card_m10_unbinding(struct device *dev)
{
	struct fpga_card_m10 *m10;

	if (!fpga_card_m10_type_of(dev))
		return;
	m10 = fpga_card_m10_find(dev);
	if (m10)
		fpga_card_m10_detach(m10);
}

static int fpga_card_m10_notify(struct notifier_block *nb, unsigned long action,
				void *data)
{
	if (action == BUS_NOTIFY_BOUND_DRIVER)
		fpga_card_m10_bound(data);
	else if (action == BUS_NOTIFY_UNBIND_DRIVER)
		fpga_card_m10_unbinding(data);
	return NOTIFY_DONE;
}

static struct notifier_block fpga_card_m10_nb = {
	.notifier_call = fpga_card_m10_notify,
};

static int fpga_card_m10_seen(struct device *dev, void *data)
{
	if (!fpga_card_m10_type_of(dev))
		return 0;
	device_lock(dev);
	if (device_is_bound(dev))
		fpga_card_m10_bound(dev);
	device_unlock(dev);
	return 0;
}

static int __init fpga_card_m10_init(void)
{
	int ret;

	ret = bus_register_notifier(&platform_bus_type, &fpga_card_m10_nb);
	if (ret)
		return ret;
	/* Those that were bound before */
	bus_for_each_dev(&platform_bus_type, NULL, NULL, fpga_card_m10_seen);
	return 0;
}
module_init(fpga_card_m10_init);

/* One of those that are attached, referenced; NULL if there is none. */
static struct device *fpga_card_m10_get_any(void)
{
	struct fpga_card_m10 *m10;
	struct device *dev;

	mutex_lock(&fpga_card_m10_lock);
	m10 = list_first_entry_or_null(&fpga_card_m10_list,
				       struct fpga_card_m10, node);
	dev = m10 ? get_device(m10->dev) : NULL;
	mutex_unlock(&fpga_card_m10_lock);
	return dev;
}

static int fpga_card_m10_ignore(struct notifier_block *nb, unsigned long action,
				void *data)
{
	if (action == BUS_NOTIFY_UNBIND_DRIVER)
		fpga_card_m10_unbinding(data);
	return NOTIFY_DONE;
}

/* Takes the place of the other: none attaches, those that are can still go. */
static struct notifier_block fpga_card_m10_last_nb = {
	.notifier_call = fpga_card_m10_ignore,
};

static void __exit fpga_card_m10_exit(void)
{
	struct device *dev;

	bus_register_notifier(&platform_bus_type, &fpga_card_m10_last_nb);
	bus_unregister_notifier(&platform_bus_type, &fpga_card_m10_nb);
	while ((dev = fpga_card_m10_get_any())) {
		device_lock(dev);
		fpga_card_m10_unbinding(dev);
		device_unlock(dev);
		put_device(dev);
	}
	bus_unregister_notifier(&platform_bus_type, &fpga_card_m10_last_nb);
}
module_exit(fpga_card_m10_exit);

/* udev loads all that a cell names: this with the driver of the cell. */
MODULE_ALIAS("platform:n3000bmc-sec-update");
MODULE_ALIAS("platform:d5005bmc-sec-update");
MODULE_ALIAS("platform:n6000bmc-sec-update");
MODULE_DESCRIPTION("Image reload for Intel FPGA cards with a MAX 10 BMC");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
COMPAT_IMPORT_NS(FPGA_CARD_1);
