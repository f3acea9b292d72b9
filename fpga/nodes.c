// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of the device tree that stand for the region of a card: which there are, and
 * which card each means.
 *
 * Locks, in the order in which they are taken:
 *
 *	rescan lock (or a lock of a driver's)
 *	 -> &struct fpga_card_of.children_lock
 *	     -> of_mutex, which the kernel takes to add or remove a device that has
 *		a node, and holds when it asks verify.c
 *		 -> fpga_card_nodes_lock
 *		 -> &struct fpga_card.lock
 *
 * fpga_cards_lock and &struct fpga_card_back_end.lock come before of_mutex too: a
 * card is registered with the one, and a back end is asked with the other. What
 * holds of_mutex takes none of those above it, and what holds fpga_card_nodes_lock
 * or a card's lock takes nothing more.
 */

#define pr_fmt(fmt) "FPGA card: " fmt

#include <linux/of.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "nodes.h"

/* See &struct fpga_card_node, and above. */
DEFINE_MUTEX(fpga_card_nodes_lock);
LIST_HEAD(fpga_card_nodes);

static const char * const fpga_card_method_names[] = {
	[FPGA_CARD_HOT_RESET] = "hot-reset",
	[FPGA_CARD_SLOT_POWER] = "slot-power",
	[FPGA_CARD_EXTERNAL] = "external",
};

/* Says what is wrong with a node, once. */
void fpga_card_node_tell(struct fpga_card_node *node, const char *fmt, ...)
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

void fpga_card_node_put(struct device_node *np)
{
	struct device_node *parent;

	for (; np; np = parent) {
		parent = np->parent;
		of_node_put(np);
	}
}

void fpga_card_node_free(struct fpga_card_node *node)
{
	fpga_card_node_put(node->np);
	pci_dev_put(node->port);
	kfree(node->images);
	kfree(node->path);
	kfree(node);
}

struct fpga_card_node *fpga_card_node_find(const struct device_node *np)
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
void fpga_card_nodes_scan(void)
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

void fpga_card_node_set_card(struct fpga_card_node *node,
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

bool fpga_card_node_forget(struct fpga_card_node *node)
{
	bool gone;

	mutex_lock(&fpga_card_nodes_lock);
	gone = !node->np;
	if (gone)
		list_del(&node->entry);
	mutex_unlock(&fpga_card_nodes_lock);
	return gone;
}

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
