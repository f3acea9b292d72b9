// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: what is made of the files below, and what the rest of the machine tells.
 */

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "front.h"
#include "request.h"

static void fpga_card_init_works(struct fpga_card *card)
{
	INIT_WORK(&card->serving.work, fpga_card_serve_work);
	fpga_card_children_init(card);
}

static int fpga_card_add_objects(struct fpga_card *card)
{
	int ret;

	ret = fpga_card_mgr_register(card);
	if (ret)
		return ret;
	ret = fpga_card_bridge_register(card);
	if (ret)
		goto err_unregister_mgr;
	ret = fpga_card_region_register(card);
	if (ret)
		goto err_unregister_bridge;
	fpga_card_history_add(card);
	return 0;

err_unregister_bridge:
	fpga_card_bridge_unregister(card);
err_unregister_mgr:
	fpga_card_mgr_unregister(card);
	return ret;
}

static void fpga_card_del_objects(struct fpga_card *card)
{
	fpga_card_history_del(card);
	fpga_card_of_card_gone(card);
	fpga_card_region_unregister(card);
	fpga_card_bridge_unregister(card);
	fpga_card_mgr_unregister(card);
}

static void fpga_card_tell_changed(void)
{
	fpga_card_of_update();
	fpga_card_front_changed();
}

static const struct fpga_card_upper_ops fpga_card_upper_ops = {
	.init = fpga_card_init_works,
	.add = fpga_card_add_objects,
	.del = fpga_card_del_objects,
	.changed = fpga_card_tell_changed,
};

/*
 * The first function of a card is going, and not for a load: the card may have
 * been pulled. A back end that comes with the next one will know what runs then,
 * but not all of them come and go. Whatever a device tree says of the image's
 * insides is as far away.
 */
static void fpga_card_function_gone(struct pci_dev *pdev)
{
	struct pci_dev *port = pci_upstream_bridge(pdev);
	struct fpga_card *card;

	if (!port || pdev->devfn || pdev->is_virtfn)
		return;
	card = fpga_card_find(port);
	if (!card)
		return;
	if (!pci_reload_is_open(card->window)) {
		fpga_card_forget_running(card);
		fpga_card_children_drop(card);
	}
	fpga_card_put(card);
}

static int fpga_card_pci_notify(struct notifier_block *nb, unsigned long action,
				void *data)
{
	if (action == BUS_NOTIFY_DEL_DEVICE) {
		fpga_card_function_gone(to_pci_dev(data));
		fpga_card_port_gone(to_pci_dev(data));
	} else if (action == BUS_NOTIFY_ADD_DEVICE &&
		   pci_is_bridge(to_pci_dev(data))) {
		/* A node may have been waiting for this port. */
		fpga_card_of_update();
	}
	return NOTIFY_DONE;
}

static struct notifier_block fpga_card_pci_nb = {
	.notifier_call = fpga_card_pci_notify,
};

/*
 * The machine goes down, or boots another kernel, which would not know of a link that
 * is disabled. Drivers are still bound, and no load begins any more.
 */
static int fpga_card_reboot_notify(struct notifier_block *nb,
				   unsigned long action, void *data)
{
	fpga_cards_give_up();
	return NOTIFY_DONE;
}

static struct notifier_block fpga_card_reboot_nb = {
	.notifier_call = fpga_card_reboot_notify,
};

/*
 * User space freezes first, and what has to load a driver for the back end is part of
 * it; the port's own hot-plug driver would look at the slot when the machine wakes up.
 */
static int fpga_card_sleep_notify(struct notifier_block *nb, unsigned long action,
				  void *data)
{
	bool asleep = action == PM_SUSPEND_PREPARE ||
		      action == PM_HIBERNATION_PREPARE;

	return notifier_from_errno(fpga_cards_set_asleep(asleep));
}

static struct notifier_block fpga_card_sleep_nb = {
	.notifier_call = fpga_card_sleep_notify,
};

static int __init fpga_card_init(void)
{
	int ret;

	fpga_card_set_upper(&fpga_card_upper_ops);
	fpga_card_history_init();
	ret = fpga_cards_init();
	if (ret)
		goto err_history;
	ret = bus_register_notifier(&pci_bus_type, &fpga_card_pci_nb);
	if (ret)
		goto err_destroy;
	ret = fpga_card_configfs_init();
	if (ret)
		goto err_unregister;
	ret = register_reboot_notifier(&fpga_card_reboot_nb);
	if (ret)
		goto err_configfs;
	ret = register_pm_notifier(&fpga_card_sleep_nb);
	if (ret)
		goto err_reboot;
	ret = fpga_card_of_init();
	if (ret)
		goto err_sleep;
	return 0;

err_sleep:
	unregister_pm_notifier(&fpga_card_sleep_nb);
err_reboot:
	unregister_reboot_notifier(&fpga_card_reboot_nb);
err_configfs:
	fpga_card_configfs_exit();
err_unregister:
	bus_unregister_notifier(&pci_bus_type, &fpga_card_pci_nb);
	/* What the bus told may have queued the work. */
	fpga_card_of_exit();
err_destroy:
	fpga_cards_exit();
err_history:
	fpga_card_history_exit();
	return ret;
}

static void __exit fpga_card_exit(void)
{
	unregister_pm_notifier(&fpga_card_sleep_nb);
	unregister_reboot_notifier(&fpga_card_reboot_nb);
	fpga_card_configfs_exit();
	fpga_card_of_stop();
	fpga_cards_remove();
	bus_unregister_notifier(&pci_bus_type, &fpga_card_pci_nb);
	fpga_card_of_exit();
	fpga_cards_exit();
	fpga_card_history_exit();
}

module_init(fpga_card_init);
module_exit(fpga_card_exit);

MODULE_DESCRIPTION("Live image reload for PCIe FPGA cards");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
