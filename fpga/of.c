// SPDX-License-Identifier: GPL-2.0-only
/*
 * What follows from nodes that come and go: cards that are there because a node says
 * so, and devices of the image that a node describes.
 *
 * A node comes and goes with an overlay, its port with a hot-plug event, its
 * card with the driver of the control function, in any order. So whatever
 * happens, the same work looks at all nodes and does what is missing.
 */

#define pr_fmt(fmt) "FPGA card: " fmt

#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "nodes.h"

static DECLARE_WAIT_QUEUE_HEAD(fpga_card_nodes_wait);
/* A card is still there although its node has gone: it serves a request. */
static bool fpga_card_nodes_pending;
static bool fpga_card_nodes_leaving;

static void fpga_card_nodes_work_fn(struct work_struct *work);
static DECLARE_WORK(fpga_card_nodes_work, fpga_card_nodes_work_fn);

static void fpga_card_node_make_card(struct fpga_card_node *node)
{
	struct fpga_card_builtin *builtin;

	builtin = fpga_card_builtin_add(node->port, node->method, node->images,
					node->count);
	if (!IS_ERR(builtin)) {
		node->builtin = builtin;
		node->builtin_port = node->port;
	} else {
		fpga_card_node_tell(node, "there can be no such card below %s: error %ld",
				    pci_name(node->port), PTR_ERR(builtin));
	}
}

/* Do for a node what is missing; false if it has to be looked at again. */
static bool fpga_card_node_update(struct fpga_card_node *node)
{
	struct fpga_card *card;

	if (node->builtin && node->builtin_port != node->port) {
		if (fpga_card_builtin_remove(node->builtin))
			return false;
		node->builtin = NULL;
	}
	if (node->port && node->makes && !node->builtin)
		fpga_card_node_make_card(node);

	card = node->port ? fpga_card_find(node->port) : NULL;
	fpga_card_node_set_card(node, card);
	if (!card)
		return true;
	fpga_card_children_restore(card, false);
	fpga_card_put(card);
	return true;
}

static void fpga_card_nodes_work_fn(struct work_struct *work)
{
	struct fpga_card_node *node, *next;
	bool pending = false;

	if (READ_ONCE(fpga_card_nodes_leaving))
		return;
	fpga_card_nodes_scan();
	/* Nobody else adds nodes to the list, or removes them from it. */
	list_for_each_entry_safe(node, next, &fpga_card_nodes, entry) {
		if (!fpga_card_node_update(node))
			pending = true;
		else if (!node->port && fpga_card_node_forget(node))
			fpga_card_node_free(node);
	}
	WRITE_ONCE(fpga_card_nodes_pending, pending);
	wake_up_all(&fpga_card_nodes_wait);
}

/*
 * Something happened that nodes, or their cards, may have been waiting for. From
 * any context that may not sleep, too.
 */
void fpga_card_of_update(void)
{
	if (!READ_ONCE(fpga_card_nodes_leaving))
		queue_work(fpga_card_wq, &fpga_card_nodes_work);
}

/**
 * fpga_card_overlay_sync - wait until what happened to region nodes is dealt with
 *
 * When this returns, the cards of nodes that came are there, if their ports are,
 * and those of nodes that went are gone. A card that is serving a request then is
 * waited for, but not for ever.
 *
 * Context: may sleep. The caller holds no lock that a driver's probe() or remove()
 * may take, and not the rescan lock.
 */
void fpga_card_overlay_sync(void)
{
	fpga_card_of_update();
	flush_work(&fpga_card_nodes_work);
	wait_event_timeout(fpga_card_nodes_wait,
			   !READ_ONCE(fpga_card_nodes_pending),
			   msecs_to_jiffies(FPGA_CARD_SYNC_MS));
}
EXPORT_SYMBOL_GPL(fpga_card_overlay_sync);

/* A card goes with its port: no devices of its region are left behind. */
void fpga_card_of_card_gone(struct fpga_card *card)
{
	struct fpga_card_node *node;
	unsigned int refs = 0;

	fpga_card_children_leave(card);
	mutex_lock(&fpga_card_nodes_lock);
	list_for_each_entry(node, &fpga_card_nodes, entry) {
		if (node->card != card)
			continue;
		node->card = NULL;
		refs++;
	}
	mutex_unlock(&fpga_card_nodes_lock);
	while (refs--)
		fpga_card_put(card);
}

/*
 * A node leaves the tree. Whoever has it leave frees it next, and looks whether
 * he is the last to refer to it.
 */
static void fpga_card_node_gone(struct device_node *np)
{
	struct fpga_card_node *node;
	struct fpga_card *card = NULL;

	mutex_lock(&fpga_card_nodes_lock);
	node = fpga_card_node_find(np);
	if (node) {
		node->np = NULL;
		card = node->card;
		node->card = NULL;
		fpga_card_node_put(np);
	}
	mutex_unlock(&fpga_card_nodes_lock);
	if (card)
		fpga_card_put(card);
	if (node)
		fpga_card_of_update();
}

/*
 * The kernel has platform devices go with their nodes, but knows nothing of
 * children_lock. This comes first, so that it finds none.
 */
static void fpga_card_node_child_gone(struct device_node *np)
{
	struct fpga_card *card = fpga_card_of_find(np->parent);

	if (!card)
		return;
	fpga_card_child_remove(card, np);
	fpga_card_put(card);
}

/*
 * Nodes that change, rather than come or go, are not looked at again: what a
 * region node says of its card has to be in the overlay that brings it.
 */
static int fpga_card_of_notify(struct notifier_block *nb, unsigned long action,
			       void *data)
{
	struct of_reconfig_data *rd = data;

	switch (action) {
	case OF_RECONFIG_ATTACH_NODE:
		if (fpga_card_overlay_is_region(rd->dn))
			fpga_card_of_update();
		break;
	case OF_RECONFIG_DETACH_NODE:
		fpga_card_node_child_gone(rd->dn);
		fpga_card_node_gone(rd->dn);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block fpga_card_of_nb = {
	.notifier_call = fpga_card_of_notify,
	/* Before the kernel's own for platform devices, which has 0. */
	.priority = 1,
};

int fpga_card_of_init(void)
{
	int ret;

	ret = fpga_card_children_start();
	if (ret)
		return ret;
	ret = of_reconfig_notifier_register(&fpga_card_of_nb);
	if (ret)
		goto err_stop;
	ret = fpga_card_verify_init();
	if (ret)
		goto err_unregister;
	fpga_card_of_update();
	return 0;

err_unregister:
	of_reconfig_notifier_unregister(&fpga_card_of_nb);
err_stop:
	fpga_card_children_stop();
	return ret;
}

/* From here on no node brings a card. */
void fpga_card_of_stop(void)
{
	WRITE_ONCE(fpga_card_nodes_leaving, true);
	fpga_card_verify_exit();
	cancel_work_sync(&fpga_card_nodes_work);
}

/* All cards are gone, and with them all devices of nodes. */
void fpga_card_of_exit(void)
{
	struct fpga_card_node *node, *next;

	of_reconfig_notifier_unregister(&fpga_card_of_nb);
	WRITE_ONCE(fpga_card_nodes_leaving, true);
	cancel_work_sync(&fpga_card_nodes_work);
	list_for_each_entry_safe(node, next, &fpga_card_nodes, entry) {
		list_del(&node->entry);
		if (node->builtin)
			WARN_ON(fpga_card_builtin_remove(node->builtin));
		fpga_card_node_free(node);
	}
	fpga_card_children_stop();
}
