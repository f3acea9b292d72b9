// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of the device tree that stand for the region of a card: which card a
 * node means, and cards that are there because a node says so.
 *
 * A node comes and goes with an overlay, its port with a hot-plug event, its
 * card with the driver of the control function, in any order. So whatever
 * happens, the same work looks at all nodes and does what is missing.
 *
 * Locks, in the order in which they are taken:
 *
 *	rescan lock (or a lock of a driver's)
 *	 -> &struct fpga_card.children_lock
 *	     -> of_mutex, which the kernel takes to add or remove a device that has
 *		a node, and holds when it asks verify.c
 *		 -> fpga_card_nodes_lock
 *		 -> &struct fpga_card.lock
 *
 * fpga_cards_lock and &struct fpga_card.attach_lock come before of_mutex too: a
 * card is registered with the one, and a back end is asked with the other. What
 * holds of_mutex takes none of those above it, and what holds fpga_card_nodes_lock
 * or a card's lock takes nothing more.
 */

#define pr_fmt(fmt) "FPGA card: " fmt

#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "card.h"

/*
 * How long fpga_card_overlay_sync() waits for a card whose node has gone while it
 * serves a request. Longer than any but an unusual image takes.
 */
#define FPGA_CARD_SYNC_MS	30000

/**
 * struct fpga_card_node - a node that stands for a card's region
 *
 * @np and @card are under fpga_card_nodes_lock, the rest is the work's.
 *
 * @entry: in the list of nodes; added and removed by the work, with the lock
 * @np: the node; referenced, and with it those above, NULL once it has gone from
 *	the tree
 * @card: its card; referenced, NULL if there is none
 * @path: of the node, for users
 * @bad: there is something wrong with it, for ever
 * @told: that, or what else keeps it from having a card, was told
 * @missed: that its port is not there was told
 * @port: the port that it means; referenced, NULL if that is not there
 * @makes: the card is there because of the node
 * @method: how it is made to load then
 * @images: and what
 * @count: number of @images
 * @builtin: the card that was made
 * @builtin_port: its port; only compared
 */
struct fpga_card_node {
	struct list_head entry;
	struct device_node *np;
	struct fpga_card *card;
	char *path;
	bool bad;
	bool told;
	bool missed;
	struct pci_dev *port;
	bool makes;
	enum fpga_card_method method;
	struct fpga_card_image *images;
	unsigned int count;
	struct fpga_card_builtin *builtin;
	struct pci_dev *builtin_port;
};

static const char * const fpga_card_method_names[] = {
	[FPGA_CARD_HOT_RESET] = "hot-reset",
	[FPGA_CARD_SLOT_POWER] = "slot-power",
	[FPGA_CARD_EXTERNAL] = "external",
};

static DEFINE_MUTEX(fpga_card_nodes_lock);
static LIST_HEAD(fpga_card_nodes);
static DECLARE_WAIT_QUEUE_HEAD(fpga_card_nodes_wait);
/* A card is still there although its node has gone: it serves a request. */
static bool fpga_card_nodes_pending;
static bool fpga_card_nodes_leaving;

static void fpga_card_nodes_work_fn(struct work_struct *work);
static DECLARE_WORK(fpga_card_nodes_work, fpga_card_nodes_work_fn);

/* Says what is wrong with a node, once. */
__printf(2, 3)
static void fpga_card_node_tell(struct fpga_card_node *node, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (node->told)
		return;
	node->told = true;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("%s: %pV\n", node->path, &vaf);
	va_end(args);
}

/* There is something wrong with the node itself. */
static void fpga_card_node_bad(struct fpga_card_node *node, const char *what)
{
	node->bad = true;
	fpga_card_node_tell(node, "%s", what);
}

static int fpga_card_node_read_images(struct fpga_card_node *node,
				      struct device_node *np)
{
	struct fpga_card_image *image;
	const char *name;
	unsigned int i;

	for (i = 0; i < node->count; i++) {
		image = &node->images[i];
		if (of_property_read_string_index(np, "image-names", i, &name) ||
		    !fpga_card_image_name_ok(name))
			return -EINVAL;
		strscpy(image->name, name, sizeof(image->name));
		if (of_property_read_u32_index(np, "image-timeout-ms", i,
					       &image->timeout_ms) ||
		    !image->timeout_ms ||
		    image->timeout_ms > FPGA_CARD_TIMEOUT_MAX_MS)
			return -EINVAL;
		if (of_find_property(np, "image-hold-ms", NULL) &&
		    (of_property_read_u32_index(np, "image-hold-ms", i,
						&image->hold_ms) ||
		     image->hold_ms > image->timeout_ms))
			return -EINVAL;
	}
	return 0;
}

/* What kind of card the node says there is. */
static void fpga_card_node_parse(struct fpga_card_node *node,
				 struct device_node *np)
{
	const char *method;
	int count, ret;

	if (!of_find_property(np, "reload-method", NULL))
		return;
	ret = of_property_read_string(np, "reload-method", &method);
	if (!ret)
		ret = match_string(fpga_card_method_names,
				   ARRAY_SIZE(fpga_card_method_names), method);
	if (ret < 0) {
		fpga_card_node_bad(node, "there is no such reload-method");
		return;
	}
	node->method = ret;

	count = of_property_count_strings(np, "image-names");
	if (count <= 0 || count > FPGA_CARD_IMAGES_MAX) {
		fpga_card_node_bad(node, "there are no image-names, or too many");
		return;
	}
	node->images = kcalloc(count, sizeof(*node->images), GFP_KERNEL);
	if (!node->images)
		return;
	node->count = count;
	if (fpga_card_node_read_images(node, np))
		fpga_card_node_bad(node,
				   "image-names, image-timeout-ms or image-hold-ms are wrong");
	else
		node->makes = true;
}

/*
 * Nodes that the kernel made for ports and host bridges go with these, although
 * an overlay may have put others below them. Whoever prints the path of one walks
 * up through all of them, as each uevent of a device with a node does.
 */
static void fpga_card_node_get(struct device_node *np)
{
	for (; np; np = np->parent)
		of_node_get(np);
}

static void fpga_card_node_put(struct device_node *np)
{
	struct device_node *parent;

	for (; np; np = parent) {
		parent = np->parent;
		of_node_put(np);
	}
}

static void fpga_card_node_free(struct fpga_card_node *node)
{
	fpga_card_node_put(node->np);
	pci_dev_put(node->port);
	kfree(node->images);
	kfree(node->path);
	kfree(node);
}

static struct fpga_card_node *fpga_card_node_find(const struct device_node *np)
{
	struct fpga_card_node *node;

	lockdep_assert_held(&fpga_card_nodes_lock);

	list_for_each_entry(node, &fpga_card_nodes, entry) {
		if (node->np == np)
			return node;
	}
	return NULL;
}

static void fpga_card_node_add(struct device_node *np)
{
	struct fpga_card_node *node;

	lockdep_assert_held(&fpga_card_nodes_lock);

	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return;
	node->path = kasprintf(GFP_KERNEL, "%pOF", np);
	if (!node->path) {
		kfree(node);
		return;
	}
	fpga_card_node_get(np);
	node->np = np;
	fpga_card_node_parse(node, np);
	if (fpga_card_overlay_names_image(np))
		pr_warn("%s: names an image, but was not asked to load it: only an overlay that comes later is\n",
			node->path);
	list_add_tail(&node->entry, &fpga_card_nodes);
}

/* The port that linux,pci-port names, as it is called in sysfs; referenced. */
static struct pci_dev *fpga_card_node_named_port(struct fpga_card_node *node)
{
	unsigned int domain, bus, slot, fn;
	struct pci_dev *port;
	const char *name;

	if (of_property_read_string(node->np, "linux,pci-port", &name) ||
	    sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) != 4 ||
	    bus > 0xff || slot > 0x1f || fn > 7) {
		fpga_card_node_bad(node, "linux,pci-port is not like \"0000:00:01.0\"");
		return NULL;
	}
	port = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, fn));
	if (!port && !node->missed)
		pr_info("%s: there is no port %s yet\n", node->path, name);
	node->missed |= !port;
	return port;
}

/* The port whose node is the parent; referenced. */
static struct pci_dev *fpga_card_node_parent_port(struct fpga_card_node *node)
{
	struct device_node *parent = of_get_parent(node->np);
	struct device *dev = NULL;

	if (parent)
		dev = bus_find_device_by_of_node(&pci_bus_type, parent);
	of_node_put(parent);
	if (!dev && !node->missed)
		pr_info("%s: is not below the node of a PCIe port, and has no linux,pci-port\n",
			node->path);
	node->missed |= !dev;
	return dev ? to_pci_dev(dev) : NULL;
}

/* Where another node means the same port the first one has it. */
static bool fpga_card_node_is_second(const struct fpga_card_node *node,
				     const struct pci_dev *port)
{
	struct fpga_card_node *other;

	list_for_each_entry(other, &fpga_card_nodes, entry) {
		if (other == node)
			return false;
		if (other->np && other->port == port)
			return true;
	}
	return false;
}

static void fpga_card_node_find_port(struct fpga_card_node *node)
{
	struct pci_dev *port = NULL;

	pci_dev_put(node->port);
	node->port = NULL;
	if (!node->np || node->bad)
		return;
	if (of_find_property(node->np, "linux,pci-port", NULL))
		port = fpga_card_node_named_port(node);
	else
		port = fpga_card_node_parent_port(node);
	if (!port)
		return;
	if (!pci_is_bridge(port)) {
		fpga_card_node_tell(node, "%s is not a PCIe port",
				    pci_name(port));
	} else if (fpga_card_node_is_second(node, port)) {
		fpga_card_node_tell(node, "the port %s has a region node already",
				    pci_name(port));
	} else {
		node->port = port;
		return;
	}
	pci_dev_put(port);
}

/*
 * Nodes that are new, and where the ports of all are. With the lock held, so that
 * no reference to a node outlasts fpga_card_node_gone().
 */
static void fpga_card_nodes_scan(void)
{
	struct fpga_card_node *node;
	struct device_node *np;

	mutex_lock(&fpga_card_nodes_lock);
	for_each_compatible_node(np, NULL, FPGA_CARD_COMPATIBLE) {
		if (of_device_is_available(np) && !fpga_card_node_find(np))
			fpga_card_node_add(np);
	}
	list_for_each_entry(node, &fpga_card_nodes, entry)
		fpga_card_node_find_port(node);
	mutex_unlock(&fpga_card_nodes_lock);
}

static void fpga_card_node_set_card(struct fpga_card_node *node,
				    struct fpga_card *card)
{
	struct fpga_card *old;

	mutex_lock(&fpga_card_nodes_lock);
	old = node->card;
	node->card = NULL;
	/* Else fpga_card_of_card_gone() has been here, or waits to be. */
	if (card && node->np && !READ_ONCE(card->dead)) {
		get_device(&card->dev);
		node->card = card;
	}
	mutex_unlock(&fpga_card_nodes_lock);
	if (old)
		fpga_card_put(old);
}

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

static bool fpga_card_node_forget(struct fpga_card_node *node)
{
	bool gone;

	mutex_lock(&fpga_card_nodes_lock);
	gone = !node->np;
	if (gone)
		list_del(&node->entry);
	mutex_unlock(&fpga_card_nodes_lock);
	return gone;
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

/* The card that a node of the tree stands for, referenced, or NULL. */
struct fpga_card *fpga_card_of_find(const struct device_node *np)
{
	struct fpga_card *card = NULL;
	struct fpga_card_node *node;

	if (!np)
		return NULL;
	mutex_lock(&fpga_card_nodes_lock);
	node = fpga_card_node_find(np);
	if (node && node->card) {
		card = node->card;
		get_device(&card->dev);
	}
	mutex_unlock(&fpga_card_nodes_lock);
	return card;
}

/* The node of a card, referenced, or NULL. */
struct device_node *fpga_card_of_get_node(struct fpga_card *card)
{
	struct device_node *np = NULL;
	struct fpga_card_node *node;

	mutex_lock(&fpga_card_nodes_lock);
	list_for_each_entry(node, &fpga_card_nodes, entry) {
		if (node->card == card)
			np = of_node_get(node->np);
	}
	mutex_unlock(&fpga_card_nodes_lock);
	return np;
}

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
