// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink as a front end: an instance for each card, on a bus of its own.
 *
 * An instance goes after its card: when a card goes, its port is being removed, with
 * locks held that a load may be waiting for, and an operation of devlink waits for a load
 * with the lock of its instance held. So nothing here runs where a card goes but the
 * queueing of a work. What is asked of a card meanwhile is -ENODEV.
 */

#include <linux/completion.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "compat/bus.h"
#include "compat/namespace.h"
#include "devlink.h"

static struct workqueue_struct *fpga_card_devlink_wq;

/* Of fpga_card_devlink_sync() only, which does not run twice at once. */
static LIST_HEAD(fpga_card_instances);

/* Instances that are not freed yet, and one for the module. */
static refcount_t fpga_card_instance_count = REFCOUNT_INIT(1);
static DECLARE_COMPLETION(fpga_card_instances_freed);

static COMPAT_BUS_TYPE fpga_card_bus = {
	.name = "fpga_card",
};

/* Whoever asks devlink for the driver gets its name; there is nothing to probe. */
static struct device_driver fpga_card_devlink_driver = {
	.name = FPGA_CARD_DEVLINK_DRIVER,
	.bus = &fpga_card_bus,
	.owner = THIS_MODULE,
	.suppress_bind_attrs = true,
};

static void fpga_card_instance_put_count(void)
{
	if (refcount_dec_and_test(&fpga_card_instance_count))
		complete(&fpga_card_instances_freed);
}

static void fpga_card_instance_release(struct device *dev)
{
	struct fpga_card_instance *inst = container_of(dev, struct fpga_card_instance, dev);

	fpga_card_put(inst->card);
	kfree(inst);
	fpga_card_instance_put_count();
}

static void fpga_card_instance_note_board(struct fpga_card_instance *inst)
{
	struct fpga_card_status *status;

	status = kmalloc(sizeof(*status), GFP_KERNEL);
	if (!status)
		return;
	fpga_card_front_status(inst->card, status);
	if (status->vendor)
		snprintf(inst->board, sizeof(inst->board), "%04x:%04x", status->vendor,
			 status->device);
	kfree(status);
}

/* The device of an instance, on its bus. Takes over the reference of @card. */
static struct fpga_card_instance *fpga_card_instance_alloc(struct fpga_card *card)
{
	struct fpga_card_instance *inst;
	char name[32];
	int ret;

	inst = kzalloc(sizeof(*inst), GFP_KERNEL);
	if (!inst) {
		fpga_card_put(card);
		return ERR_PTR(-ENOMEM);
	}
	inst->card = card;
	refcount_inc(&fpga_card_instance_count);
	device_initialize(&inst->dev);
	inst->dev.bus = &fpga_card_bus;
	inst->dev.release = fpga_card_instance_release;
	fpga_card_front_name(card, name, sizeof(name));
	ret = dev_set_name(&inst->dev, "%s", name);
	if (!ret)
		ret = device_add(&inst->dev);
	if (ret) {
		put_device(&inst->dev);
		return ERR_PTR(ret);
	}
	return inst;
}

static int fpga_card_instance_add_devlink(struct fpga_card_instance *inst)
{
	struct fpga_card_instance **priv;
	int ret;

	inst->devlink = devlink_alloc(&fpga_card_devlink_ops, sizeof(inst), &inst->dev);
	if (!inst->devlink)
		return -ENOMEM;
	priv = devlink_priv(inst->devlink);
	*priv = inst;
	ret = fpga_card_devlink_health_add(inst);
	if (ret) {
		devlink_free(inst->devlink);
		return ret;
	}
	compat_devlink_enable_reload(inst->devlink);
	devlink_register(inst->devlink);
	return 0;
}

/* A card without an instance is tried again when something changes. */
static void fpga_card_instance_add(struct fpga_card *card)
{
	struct fpga_card_instance *inst = fpga_card_instance_alloc(card);
	int ret;

	if (IS_ERR(inst)) {
		pr_err("fpga-card-devlink: no instance for a card: error %ld\n",
		       PTR_ERR(inst));
		return;
	}
	fpga_card_instance_note_board(inst);
	ret = fpga_card_instance_add_devlink(inst);
	if (ret) {
		dev_err(&inst->dev, "no instance of devlink: error %d\n", ret);
		device_unregister(&inst->dev);
		return;
	}
	list_add_tail(&inst->node, &fpga_card_instances);
	queue_work(fpga_card_devlink_wq, &inst->health);
}

/* Waits for the operation that runs; a card that is gone ends it. */
static void fpga_card_instance_remove(struct fpga_card_instance *inst)
{
	list_del(&inst->node);
	cancel_work_sync(&inst->health);
	devlink_unregister(inst->devlink);
	fpga_card_devlink_health_del(inst);
	devlink_free(inst->devlink);
	device_unregister(&inst->dev);
}

static bool fpga_card_instance_exists(const struct fpga_card *card)
{
	struct fpga_card_instance *inst;

	list_for_each_entry(inst, &fpga_card_instances, node) {
		if (inst->card == card)
			return true;
	}
	return false;
}

/*
 * Those of cards that are gone go first: a port that comes again where another was has a
 * card with the same name.
 */
static void fpga_card_devlink_sync(struct work_struct *work)
{
	struct fpga_card_instance *inst, *next;
	struct fpga_card *card;
	int after = -1;

	list_for_each_entry_safe(inst, next, &fpga_card_instances, node) {
		if (fpga_card_front_is_gone(inst->card))
			fpga_card_instance_remove(inst);
		else
			queue_work(fpga_card_devlink_wq, &inst->health);
	}
	while ((card = fpga_card_front_next(&after))) {
		if (fpga_card_instance_exists(card))
			fpga_card_put(card);
		else
			fpga_card_instance_add(card);
	}
}

static DECLARE_WORK(fpga_card_devlink_work, fpga_card_devlink_sync);

static void fpga_card_devlink_changed(struct fpga_card_front *front)
{
	queue_work(fpga_card_devlink_wq, &fpga_card_devlink_work);
}

static struct fpga_card_front fpga_card_devlink_front = {
	.changed = fpga_card_devlink_changed,
};

static int __init fpga_card_devlink_init(void)
{
	int ret;

	fpga_card_devlink_wq = alloc_workqueue("fpga-card-devlink",
					       WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!fpga_card_devlink_wq)
		return -ENOMEM;
	ret = bus_register(&fpga_card_bus);
	if (ret)
		goto err_destroy;
	ret = driver_register(&fpga_card_devlink_driver);
	if (ret)
		goto err_bus;
	fpga_card_front_register(&fpga_card_devlink_front);
	fpga_card_devlink_changed(&fpga_card_devlink_front);
	/* So that who loads the module finds the instances. */
	flush_work(&fpga_card_devlink_work);
	return 0;

err_bus:
	bus_unregister(&fpga_card_bus);
err_destroy:
	destroy_workqueue(fpga_card_devlink_wq);
	return ret;
}

/* No request is under way that came from here: it would hold the module. */
static void __exit fpga_card_devlink_exit(void)
{
	struct fpga_card_instance *inst, *next;

	fpga_card_front_unregister(&fpga_card_devlink_front);
	cancel_work_sync(&fpga_card_devlink_work);
	list_for_each_entry_safe(inst, next, &fpga_card_instances, node)
		fpga_card_instance_remove(inst);
	/* devlink lets go of a device behind an RCU grace period. */
	fpga_card_instance_put_count();
	wait_for_completion(&fpga_card_instances_freed);
	fpga_card_devlink_await_said();
	driver_unregister(&fpga_card_devlink_driver);
	bus_unregister(&fpga_card_bus);
	destroy_workqueue(fpga_card_devlink_wq);
}

module_init(fpga_card_devlink_init);
module_exit(fpga_card_devlink_exit);

MODULE_DESCRIPTION("FPGA cards in devlink");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
COMPAT_IMPORT_NS(FPGA_CARD_1);
