// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards without a control device in configfs: the administrator says that they
 * are there. See Documentation/ABI/testing/configfs-fpga-card.
 */

#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "configfs.h"

static const char * const fpga_card_cfs_methods[] = {
	[FPGA_CARD_HOT_RESET] = "hot_reset",
	[FPGA_CARD_SLOT_POWER] = "slot_power",
	[FPGA_CARD_EXTERNAL] = "external",
	[FPGA_CARD_REGISTERS] = "registers",
};

static struct fpga_card_cfs *to_cfs(struct config_item *item)
{
	return container_of(to_config_group(item), struct fpga_card_cfs, group);
}

/* Cards: NAME/ */

static ssize_t fpga_card_cfs_show_name(struct fpga_card_cfs *cfs,
				       const char *name, char *page)
{
	ssize_t len;

	mutex_lock(&cfs->lock);
	len = sprintf(page, "%s\n", name);
	mutex_unlock(&cfs->lock);
	return len;
}

/* @name: of FPGA_CARD_CFS_BDF bytes */
static ssize_t fpga_card_cfs_store_name(struct fpga_card_cfs *cfs, char *name,
					const char *page, size_t count)
{
	size_t len = count;
	int ret = 0;

	if (len && page[len - 1] == '\n')
		len--;
	if (len >= FPGA_CARD_CFS_BDF)
		return -EINVAL;

	mutex_lock(&cfs->lock);
	if (cfs->builtin) {
		ret = -EBUSY;
	} else {
		memcpy(name, page, len);
		name[len] = '\0';
	}
	mutex_unlock(&cfs->lock);
	return ret ?: count;
}

static ssize_t fpga_card_cfs_port_show(struct config_item *item, char *page)
{
	return fpga_card_cfs_show_name(to_cfs(item), to_cfs(item)->port, page);
}

static ssize_t fpga_card_cfs_port_store(struct config_item *item,
					const char *page, size_t count)
{
	return fpga_card_cfs_store_name(to_cfs(item), to_cfs(item)->port, page,
					count);
}
CONFIGFS_ATTR(fpga_card_cfs_, port);

static ssize_t fpga_card_cfs_function_show(struct config_item *item, char *page)
{
	return fpga_card_cfs_show_name(to_cfs(item), to_cfs(item)->function,
				       page);
}

static ssize_t fpga_card_cfs_function_store(struct config_item *item,
					    const char *page, size_t count)
{
	return fpga_card_cfs_store_name(to_cfs(item), to_cfs(item)->function,
					page, count);
}
CONFIGFS_ATTR(fpga_card_cfs_, function);

static ssize_t fpga_card_cfs_method_show(struct config_item *item, char *page)
{
	int method = READ_ONCE(to_cfs(item)->method);

	return sprintf(page, "%s\n",
		       method < 0 ? "" : fpga_card_cfs_methods[method]);
}

static ssize_t fpga_card_cfs_method_store(struct config_item *item,
					  const char *page, size_t count)
{
	int method = sysfs_match_string(fpga_card_cfs_methods, page);
	struct fpga_card_cfs *cfs = to_cfs(item);
	int ret = 0;

	if (method < 0)
		return method;
	mutex_lock(&cfs->lock);
	if (cfs->builtin)
		ret = -EBUSY;
	else
		WRITE_ONCE(cfs->method, method);
	mutex_unlock(&cfs->lock);
	return ret ?: count;
}
CONFIGFS_ATTR(fpga_card_cfs_, method);

static ssize_t fpga_card_cfs_sequence_show(struct config_item *item, char *page)
{
	return fpga_card_cfs_read_sequence(to_cfs(item), page);
}

static ssize_t fpga_card_cfs_sequence_store(struct config_item *item,
					    const char *page, size_t count)
{
	return fpga_card_cfs_write_sequence(to_cfs(item), page, count);
}
CONFIGFS_ATTR(fpga_card_cfs_, sequence);

/*
 * While a card is live, none of its directories can be removed. Fails for one
 * that is just being made or removed.
 */
static int fpga_card_cfs_pin(struct fpga_card_cfs *cfs)
{
	struct configfs_subsystem *subsys = cfs->group.cg_subsys;
	struct fpga_card_cfs_image *image;

	if (configfs_depend_item_unlocked(subsys, &cfs->group.cg_item))
		return -EBUSY;
	list_for_each_entry(image, &cfs->images, node) {
		if (configfs_depend_item_unlocked(subsys,
						  &image->group.cg_item))
			goto err_unpin;
	}
	return 0;

err_unpin:
	list_for_each_entry_continue_reverse(image, &cfs->images, node)
		configfs_undepend_item_unlocked(&image->group.cg_item);
	configfs_undepend_item_unlocked(&cfs->group.cg_item);
	return -EBUSY;
}

static void fpga_card_cfs_unpin(struct fpga_card_cfs *cfs)
{
	struct fpga_card_cfs_image *image;

	list_for_each_entry(image, &cfs->images, node)
		configfs_undepend_item_unlocked(&image->group.cg_item);
	configfs_undepend_item_unlocked(&cfs->group.cg_item);
}

/*
 * The port: as written, or the one right above the function, which is NULL for a port that
 * was written. Both referenced.
 */
static struct pci_dev *fpga_card_cfs_find_port(struct fpga_card_cfs *cfs,
					       struct pci_dev **function)
{
	const char *name = cfs->port[0] ? cfs->port : cfs->function;
	struct pci_dev *port;
	struct device *dev;

	*function = NULL;
	if (!name[0] || (cfs->port[0] && cfs->function[0]))
		return ERR_PTR(-EINVAL);
	dev = bus_find_device_by_name(&pci_bus_type, NULL, name);
	if (!dev)
		return ERR_PTR(-ENODEV);
	if (cfs->port[0])
		return to_pci_dev(dev);
	/* So that the bridges above the function stay. */
	pci_lock_rescan_remove();
	port = ERR_PTR(-ENODEV);
	if (device_is_registered(dev))
		port = pci_reload_find_port(to_pci_dev(dev), NULL, NULL);
	pci_unlock_rescan_remove();
	if (IS_ERR(port))
		put_device(dev);
	else
		*function = to_pci_dev(dev);
	return port;
}

static struct fpga_card_builtin *
fpga_card_cfs_attach_at(struct fpga_card_cfs *cfs, struct pci_dev *port,
			struct pci_dev *function)
{
	struct fpga_card_builtin *builtin;
	struct fpga_card_cfs_image *image;
	struct fpga_card_image *images;
	unsigned int i = 0;

	images = kcalloc(cfs->count, sizeof(*images), GFP_KERNEL);
	if (!images)
		return ERR_PTR(-ENOMEM);
	list_for_each_entry(image, &cfs->images, node)
		images[i++] = image->desc;
	if (cfs->method == FPGA_CARD_REGISTERS)
		builtin = fpga_card_cfs_add_registers(cfs, port, function, images);
	else
		builtin = fpga_card_builtin_add(port, cfs->method, images, cfs->count);
	kfree(images);
	return builtin;
}

static bool fpga_card_cfs_complete(struct fpga_card_cfs *cfs)
{
	struct fpga_card_cfs_image *image;

	list_for_each_entry(image, &cfs->images, node) {
		if (!image->desc.timeout_ms)
			return false;
	}
	if (cfs->method == FPGA_CARD_REGISTERS && (!cfs->sequence || !cfs->function[0]))
		return false;
	return cfs->count && cfs->method >= 0;
}

static int fpga_card_cfs_attach(struct fpga_card_cfs *cfs)
{
	struct pci_dev *port, *function;
	struct fpga_card_builtin *builtin;

	if (!fpga_card_cfs_complete(cfs))
		return -EINVAL;
	port = fpga_card_cfs_find_port(cfs, &function);
	if (IS_ERR(port))
		return PTR_ERR(port);
	builtin = fpga_card_cfs_attach_at(cfs, port, function);
	pci_dev_put(function);
	pci_dev_put(port);
	if (IS_ERR(builtin))
		return PTR_ERR(builtin);
	WRITE_ONCE(cfs->builtin, builtin);
	return 0;
}

/*
 * A directory is linked to its parent under the mutex of the subsystem, after it
 * was put into the list: with that mutex, what is in the list can be pinned.
 */
static int fpga_card_cfs_go_live(struct fpga_card_cfs *cfs)
{
	struct mutex *su_mutex = &cfs->group.cg_subsys->su_mutex;
	int ret;

	mutex_lock(su_mutex);
	mutex_lock(&cfs->lock);
	ret = cfs->builtin ? 0 : fpga_card_cfs_pin(cfs);
	mutex_unlock(su_mutex);
	if (ret || cfs->builtin)
		goto out_unlock;
	ret = fpga_card_cfs_attach(cfs);
	if (ret)
		fpga_card_cfs_unpin(cfs);

out_unlock:
	mutex_unlock(&cfs->lock);
	return ret;
}

static int fpga_card_cfs_retire(struct fpga_card_cfs *cfs)
{
	int ret = 0;

	mutex_lock(&cfs->lock);
	if (cfs->builtin) {
		ret = fpga_card_builtin_remove(cfs->builtin);
		if (!ret) {
			WRITE_ONCE(cfs->builtin, NULL);
			fpga_card_cfs_unpin(cfs);
		}
	}
	mutex_unlock(&cfs->lock);
	return ret;
}

static ssize_t fpga_card_cfs_live_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n", !!READ_ONCE(to_cfs(item)->builtin));
}

static ssize_t fpga_card_cfs_live_store(struct config_item *item,
					const char *page, size_t count)
{
	bool live;
	int ret;

	ret = kstrtobool(page, &live);
	if (!ret)
		ret = live ? fpga_card_cfs_go_live(to_cfs(item)) :
			     fpga_card_cfs_retire(to_cfs(item));
	return ret ?: count;
}
CONFIGFS_ATTR(fpga_card_cfs_, live);

/* The card of a directory that is live, with a reference, and the back end; else NULL. */
static struct fpga_card *fpga_card_cfs_get(struct fpga_card_cfs *cfs, void **priv)
{
	struct fpga_card *card = NULL;

	mutex_lock(&cfs->lock);
	*priv = cfs->builtin;
	if (cfs->builtin)
		card = fpga_card_builtin_get(cfs->builtin);
	mutex_unlock(&cfs->lock);
	return card;
}

static ssize_t fpga_card_cfs_announce_show(struct config_item *item, char *page)
{
	struct fpga_card *card;
	unsigned int ms = 0;
	void *priv;

	card = fpga_card_cfs_get(to_cfs(item), &priv);
	if (card) {
		ms = fpga_card_reset_left(card);
		fpga_card_put(card);
	}
	return sprintf(page, "%u\n", ms);
}

static ssize_t fpga_card_cfs_announce_store(struct config_item *item,
					    const char *page, size_t count)
{
	struct fpga_card *card;
	unsigned int ms;
	void *priv;
	int ret;

	ret = kstrtouint(page, 0, &ms);
	if (ret)
		return ret;
	if (ms > FPGA_CARD_TIMEOUT_MAX_MS)
		return -ERANGE;
	card = fpga_card_cfs_get(to_cfs(item), &priv);
	if (!card)
		return -ENODEV;
	if (ms)
		ret = fpga_card_reset_begin(card, priv, ms);
	else
		fpga_card_reset_end(card, priv, 0);
	fpga_card_put(card);
	return ret ?: count;
}
CONFIGFS_ATTR(fpga_card_cfs_, announce);

static struct configfs_attribute *fpga_card_cfs_attrs[] = {
	&fpga_card_cfs_attr_port,
	&fpga_card_cfs_attr_function,
	&fpga_card_cfs_attr_method,
	&fpga_card_cfs_attr_sequence,
	&fpga_card_cfs_attr_live,
	&fpga_card_cfs_attr_announce,
	NULL
};

static void fpga_card_cfs_release(struct config_item *item)
{
	struct fpga_card_cfs *cfs = to_cfs(item);

	mutex_destroy(&cfs->lock);
	fpga_card_sequence_free(cfs->sequence);
	kfree(cfs);
}

static struct configfs_item_operations fpga_card_cfs_item_ops = {
	.release = fpga_card_cfs_release,
};

static const struct config_item_type fpga_card_cfs_type = {
	.ct_item_ops = &fpga_card_cfs_item_ops,
	.ct_attrs = fpga_card_cfs_attrs,
	.ct_owner = THIS_MODULE,
};

/* All cards */

static struct config_group *fpga_card_cfs_make(struct config_group *group,
					       const char *name)
{
	struct fpga_card_cfs *cfs = kzalloc(sizeof(*cfs), GFP_KERNEL);

	if (!cfs)
		return ERR_PTR(-ENOMEM);
	mutex_init(&cfs->lock);
	INIT_LIST_HEAD(&cfs->images);
	cfs->method = -1;
	config_group_init_type_name(&cfs->group, name, &fpga_card_cfs_type);
	config_group_init_type_name(&cfs->images_group, "images",
				    &fpga_card_cfs_images_type);
	configfs_add_default_group(&cfs->images_group, &cfs->group);
	return &cfs->group;
}

static struct configfs_group_operations fpga_card_cfs_subsys_group_ops = {
	.make_group = fpga_card_cfs_make,
};

static const struct config_item_type fpga_card_cfs_subsys_type = {
	.ct_group_ops = &fpga_card_cfs_subsys_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem fpga_card_cfs_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "fpga-card",
			.ci_type = &fpga_card_cfs_subsys_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(fpga_card_cfs_subsys.su_mutex),
};

int fpga_card_configfs_init(void)
{
	config_group_init(&fpga_card_cfs_subsys.su_group);
	return configfs_register_subsystem(&fpga_card_cfs_subsys);
}

/* There are no directories: each of them keeps the module. */
void fpga_card_configfs_exit(void)
{
	configfs_unregister_subsystem(&fpga_card_cfs_subsys);
}
