// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who uses the card's functions, and what an overlay has made of them. A load takes
 * them away, so those who would notice are asked about first.
 */

#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "request.h"
#include "users.h"

/* Lines that the answer of "check" has room for, among others. */
#define FPGA_CARD_USERS_LISTED	8

/**
 * struct fpga_card_search - a search for users
 * @users: list of &struct fpga_card_user
 * @passed: likewise, those whom a forced request passes over
 * @modules: likewise, FPGA_CARD_USE_MODULE alone, one for each module
 * @elsewhere: a driver that has devices beside the card's; to be compared only
 * @card: the card
 * @dev: the function, or the child of the region, that is looked at
 */
struct fpga_card_search {
	struct list_head users;
	struct list_head passed;
	struct list_head modules;
	const struct device_driver *elsewhere;
	struct fpga_card *card;
	struct device *dev;
};

/* What helps, and whether the removal of the function is out of question. */
static const struct {
	bool blocks;
	const char *advice;
} fpga_card_uses[] = {
	[FPGA_CARD_USE_VFIO] = {
		true, "end its user, force does not help: the removal would wait for that",
	},
	[FPGA_CARD_USE_VFIO_NODE] = {
		true, "end its user, force does not help: the removal would wait for that",
	},
	[FPGA_CARD_USE_GUEST] = {
		true, "take it from the guest, force does not help",
	},
	[FPGA_CARD_USE_NET] = {
		false, "take it down, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_BLOCK] = {
		false, "unmount or close it, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_PATH] = {
		false, "unmount and disconnect that disk, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_MTD] = {
		true, "unmount or detach it, force does not help: its driver would free it",
	},
	[FPGA_CARD_USE_MTD_MODULE] = {
		false, "unmount or detach it, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_DMA] = {
		false, "end that use, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_DMA_FREED] = {
		true, "end that use, force does not help: its driver would free it",
	},
	[FPGA_CARD_USE_UNKNOWN] = {
		true, "try again",
	},
	[FPGA_CARD_USE_CONSOLE] = {
		false, "take it from the kernel, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_CHAR] = {
		false, "close it, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_MODULE] = {
		false, "close it, or write 1 to the region's force",
	},
	[FPGA_CARD_USE_BAR] = {
		false, "close it, or write 1 to the region's force",
	},
};

static struct fpga_card_user *fpga_card_add_user(struct fpga_card_search *search,
						 enum fpga_card_use use)
{
	struct fpga_card_user *user = kzalloc(sizeof(*user), GFP_KERNEL);

	if (!user)
		return NULL;
	user->dev = get_device(search->dev);
	user->use = use;
	list_add_tail(&user->node, &search->users);
	return user;
}

static void fpga_card_drop_user(struct fpga_card_user *user)
{
	list_del(&user->node);
	put_device(user->dev);
	kfree(user);
}

static void fpga_card_drop_users(struct fpga_card_search *search)
{
	struct fpga_card_user *user, *next;

	list_for_each_entry_safe(user, next, &search->users, node)
		fpga_card_drop_user(user);
	list_for_each_entry_safe(user, next, &search->passed, node)
		fpga_card_drop_user(user);
}

static bool fpga_card_has_device(struct fpga_card *card, struct device *dev)
{
	while (dev && dev != &card->port->dev)
		dev = dev->parent;
	return dev;
}

static int fpga_card_find_elsewhere(struct device *dev, void *card)
{
	return !fpga_card_has_device(card, dev);
}

/*
 * A driver may make character devices that are below no device, so that nothing but
 * its module tells whose they are: if it has no other devices, this card's. Its
 * device's lock keeps the driver; who has that now is not waited for, as a removal
 * takes it inside the rescan lock, which is held here, and others outside of it.
 */
static int fpga_card_add_module(struct fpga_card_search *search,
				struct device *dev)
{
	struct fpga_card_user *user;
	struct module *owner;
	int ret = 0;

	if (!device_trylock(dev))
		return 0;
	owner = dev->driver ? dev->driver->owner : NULL;
	if (!owner || dev->driver == search->elsewhere)
		goto out_unlock;
	list_for_each_entry(user, &search->modules, node) {
		if (user->module == owner)
			goto out_unlock;
	}
	/* Once, though hundreds of VFs may have the same one. */
	if (driver_for_each_device(dev->driver, NULL, search->card,
				   fpga_card_find_elsewhere)) {
		search->elsewhere = dev->driver;
		goto out_unlock;
	}
	ret = -ENOMEM;
	user = fpga_card_add_user(search, FPGA_CARD_USE_MODULE);
	if (!user)
		goto out_unlock;
	list_move_tail(&user->node, &search->modules);
	user->module = owner;
	strscpy(user->name, module_name(owner), sizeof(user->name));
	ret = 0;

out_unlock:
	device_unlock(dev);
	return ret;
}

static int fpga_card_add_use(struct fpga_card_search *search,
			     struct device *dev, enum fpga_card_use use)
{
	struct fpga_card_user *user;

	if (use == FPGA_CARD_USE_NONE)
		return 0;
	user = fpga_card_add_user(search, use);
	if (!user)
		return -ENOMEM;
	strscpy(user->name, dev_name(dev), sizeof(user->name));
	user->devt = dev->devt;
	if (use == FPGA_CARD_USE_BLOCK)
		user->unwritten = fpga_card_unwritten(dev);
	return 0;
}

/* Adds what may have users below a function, and returns 0 or -ENOMEM. */
static int fpga_card_add_device(struct device *dev, void *data)
{
	struct fpga_card_search *search = data;
	int ret;

	/* Each function behind a bridge has its own turn. */
	if (dev_is_pci(dev))
		return 0;
	ret = fpga_card_add_use(search, dev, fpga_card_find_use(dev)) ?:
	      fpga_card_add_use(search, dev, fpga_card_find_file_use(dev));
	if (!ret)
		ret = device_for_each_child(dev, search, fpga_card_add_device);
	return ret ?: fpga_card_add_module(search, dev);
}

/*
 * Removing a function from a VFIO driver waits, without a limit, until its last
 * user has closed it: vfio_unregister_group_dev() in drivers/vfio/vfio_main.c.
 * Whether there is one VFIO keeps to itself, but a driver built on its core has
 * the function enabled from the first open to the last close and at no other
 * time: pci_enable_device() is called by vfio_pci_core_enable() alone,
 * pci_disable_device() by vfio_pci_core_disable(), in
 * drivers/vfio/pci/vfio_pci_core.c from 6.1 to 7.3. An administrator who enabled
 * the function in sysfs before it was bound makes it look open.
 *
 * Variants have "vfio" somewhere in their name, as in "mlx5_vfio_pci".
 */
static bool fpga_card_is_open_by_vfio(struct pci_dev *pdev)
{
	struct device_driver *drv = READ_ONCE(pdev->dev.driver);

	return drv && strstr(drv->name, "vfio") && pci_is_enabled(pdev);
}

static int fpga_card_add_function(struct fpga_card_search *search,
				  struct pci_dev *pdev)
{
	int ret;

	search->dev = &pdev->dev;
	if (fpga_card_is_open_by_vfio(pdev) &&
	    !fpga_card_add_user(search, FPGA_CARD_USE_VFIO))
		return -ENOMEM;
	if (pci_is_dev_assigned(pdev) &&
	    !fpga_card_add_user(search, FPGA_CARD_USE_GUEST))
		return -ENOMEM;
	if (!fpga_card_add_user(search, FPGA_CARD_USE_BAR))
		return -ENOMEM;
	ret = device_for_each_child(&pdev->dev, search, fpga_card_add_device);
	return ret ?: fpga_card_add_module(search, &pdev->dev);
}

/* A walk from bridge to bridge would miss VFs that are on a bus of their own. */
static bool fpga_card_is_below(struct fpga_card *card, struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	while (bus && bus != card->port->subordinate)
		bus = bus->parent;
	return bus;
}

static int fpga_card_add_functions(struct fpga_card *card,
				   struct fpga_card_search *search)
{
	struct pci_dev *pdev = NULL;
	int ret = 0;

	pci_reload_lock_rescan(card->window);
	if (READ_ONCE(card->gone))
		goto out_unlock;
	for_each_pci_dev(pdev) {
		if (!fpga_card_is_below(card, pdev))
			continue;
		ret = fpga_card_add_function(search, pdev);
		if (ret) {
			pci_dev_put(pdev);
			break;
		}
	}

out_unlock:
	pci_reload_unlock_rescan(card->window);
	return ret;
}

/* What an overlay has made of the image's insides goes first in a load. */
static int fpga_card_add_child(struct device *dev, void *data)
{
	struct fpga_card_search *search = data;

	search->dev = dev;
	return fpga_card_add_device(dev, search);
}

/* What was added since it may have users, and turns out to have none. */
static bool fpga_card_user_is_none(const struct fpga_card_user *user)
{
	if (user->use == FPGA_CARD_USE_CONSOLE)
		return !fpga_card_is_console(user->devt);
	return fpga_card_user_is_file(user) && !user->holders;
}

/*
 * Whatever the result, @search is to be given to fpga_card_drop_users(). With
 * @force those who can be passed over have a list of their own.
 */
static int fpga_card_find_users(struct fpga_card *card, bool force,
				struct fpga_card_search *search)
{
	struct fpga_card_user *user, *next;
	int ret;

	search->card = card;
	search->elsewhere = NULL;
	INIT_LIST_HEAD(&search->users);
	INIT_LIST_HEAD(&search->passed);
	INIT_LIST_HEAD(&search->modules);
	ret = fpga_card_add_functions(card, search);
	if (!ret)
		ret = device_for_each_child(&card->region->dev, search,
					    fpga_card_add_child);
	/* After users of device nodes, which say more. */
	list_splice_tail(&search->modules, &search->users);
	if (ret)
		return ret;

	fpga_card_find_holders(&search->users);
	list_for_each_entry_safe(user, next, &search->users, node) {
		if (fpga_card_user_is_none(user))
			fpga_card_drop_user(user);
		else if (force && !fpga_card_uses[user->use].blocks)
			list_move_tail(&user->node, &search->passed);
	}
	return 0;
}

/* First those that cannot be passed over. */
static int fpga_card_tell_users(struct fpga_card *card,
				const struct fpga_card_search *search)
{
	const struct fpga_card_user *user, *first = NULL;
	char text[FPGA_CARD_ERROR_MAX / 2];
	char more[sizeof(", and 4294967295 more")] = "";
	unsigned int count = 0;

	list_for_each_entry(user, &search->users, node) {
		count++;
		if (!first || (fpga_card_uses[user->use].blocks &&
			       !fpga_card_uses[first->use].blocks))
			first = user;
	}
	if (count > 1)
		scnprintf(more, sizeof(more), ", and %u more", count - 1);
	fpga_card_describe_user(first, " is in use: ", text, sizeof(text));
	return fpga_card_fail(card, -EBUSY, "%s%s; %s", text, more,
			      fpga_card_uses[first->use].advice);
}

/* The log keeps who lost a function in a forced load. */
static void fpga_card_log_passed(struct fpga_card *card,
				 const struct fpga_card_search *search)
{
	char text[FPGA_CARD_ERROR_MAX / 2];
	const struct fpga_card_user *user;

	list_for_each_entry(user, &search->passed, node) {
		fpga_card_describe_user(user, ": ", text, sizeof(text));
		fpga_card_redact(text, sizeof(text), text, true);
		pci_warn(card->port, "FPGA card: forced, although %s\n", text);
	}
}

/*
 * Returns 0, or -EBUSY with a sentence that names the function in use. A forced
 * request passes over all users but those who would block it for good.
 *
 * To be asked before anything is done, and once more right before the window
 * opens, as a file may have been staged for minutes meanwhile. What is left is
 * the time from there to the removal of the function. Who opens it in VFIO then
 * makes the removal wait: nothing outside VFIO can keep him from it. The wait
 * ends with his close, for which VFIO asks him every 10 s.
 */
int fpga_card_check_users(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_search search;
	int ret;

	ret = fpga_card_find_users(card, req->force, &search);
	if (ret)
		fpga_card_fail(card, ret,
			       "no memory to find out who uses the card below %s",
			       pci_name(card->port));
	else if (!list_empty(&search.users))
		ret = fpga_card_tell_users(card, &search);
	else if (req->job != FPGA_CARD_CHECK)
		fpga_card_log_passed(card, &search);
	fpga_card_drop_users(&search);
	return ret;
}

/* As fpga_card_check_users(), but it leaves last_error alone. */
bool fpga_card_is_used(struct fpga_card *card, const struct fpga_card_request *req)
{
	struct fpga_card_search search;
	bool used;

	used = fpga_card_find_users(card, req->force, &search) ||
	       !list_empty(&search.users);
	fpga_card_drop_users(&search);
	return used;
}

/*
 * A line "user: ..." for each user, but not for more than a reader wants to
 * know of. Returns how many characters that are.
 */
int fpga_card_list_users(struct fpga_card *card, char *buf, size_t len)
{
	struct fpga_card_search search;
	struct fpga_card_user *user;
	unsigned int count = 0;
	int n = 0;

	if (fpga_card_find_users(card, false, &search)) {
		n += scnprintf(buf, len, "user: no memory to find out\n");
		goto out_drop;
	}
	list_for_each_entry(user, &search.users, node) {
		if (count++ >= FPGA_CARD_USERS_LISTED)
			continue;
		n += scnprintf(buf + n, len - n, "user: ");
		n += fpga_card_describe_user(user, ": ", buf + n, len - n);
		n += scnprintf(buf + n, len - n, "\n");
	}
	if (count > FPGA_CARD_USERS_LISTED)
		n += scnprintf(buf + n, len - n, "user: and %u more\n",
			       count - FPGA_CARD_USERS_LISTED);

out_drop:
	fpga_card_drop_users(&search);
	return n;
}
