// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directories of the overlays. See
 * Documentation/ABI/testing/configfs-of-overlay.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/configfs.h>
#include <linux/firmware.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "overlay.h"

/**
 * struct of_ovl_item - directory of an overlay
 * @item: the directory
 * @lock: held by whoever applies or removes
 * @state_lock: covers @why, @path and changes of @ov; never held for long
 * @why: what the last attempt failed with
 * @path: the file it came from, or NULL
 * @data: what was written, or NULL; covered by @lock
 * @len: its length
 * @at_once: apply it as soon as it is written; covered by @lock
 * @ov: the overlay while it is applied, else NULL
 */
struct of_ovl_item {
	struct config_item item;
	struct mutex lock; /* one operation at a time */
	struct mutex state_lock; /* what is shown */
	struct of_ovl_why why;
	char *path;
	void *data;
	size_t len;
	bool at_once;
	struct of_ovl_overlay *ov;
};

static struct of_ovl_item *to_of_ovl(struct config_item *item)
{
	return container_of(item, struct of_ovl_item, item);
}

static struct configfs_subsystem of_ovl_subsys;

/* @ret: what came of an attempt to apply. */
static void of_ovl_item_result(struct of_ovl_item *oi, struct of_ovl_overlay *ov,
			       const struct of_ovl_why *why)
{
	mutex_lock(&oi->state_lock);
	WRITE_ONCE(oi->ov, ov);
	if (why)
		oi->why = *why;
	else
		oi->why.text[0] = '\0';
	mutex_unlock(&oi->state_lock);
}

/*
 * rmdir waits for whoever is in an attribute, and keeps the directory above from
 * being used as long as it does: have it refused.
 */
static int of_ovl_item_enter(struct of_ovl_item *oi)
{
	int ret;

	ret = configfs_depend_item_unlocked(&of_ovl_subsys, &oi->item);
	if (ret)
		return -ENODEV;
	ret = mutex_lock_killable(&oi->lock);
	if (ret)
		configfs_undepend_item_unlocked(&oi->item);
	return ret;
}

static void of_ovl_item_leave(struct of_ovl_item *oi)
{
	mutex_unlock(&oi->lock);
	configfs_undepend_item_unlocked(&oi->item);
}

static int of_ovl_item_apply(struct of_ovl_item *oi)
{
	struct of_ovl_overlay *ov = NULL;
	struct of_ovl_why why;
	int ret;

	if (!oi->data)
		return -ENODATA;
	of_ovl_item_result(oi, NULL, NULL);
	ret = of_ovl_apply(&oi->item, oi->data, oi->len, &ov, &why);
	of_ovl_item_result(oi, ov, ret ? &why : NULL);
	return ret;
}

static void of_ovl_item_drop(struct of_ovl_item *oi)
{
	kvfree(oi->data);
	oi->data = NULL;
	oi->len = 0;
}

static int of_ovl_item_hold(struct of_ovl_item *oi, const void *data,
			    size_t len, struct of_ovl_why *why)
{
	struct of_ovl_blob blob;
	int ret;

	of_ovl_item_drop(oi);
	oi->data = kvmemdup(data, len, GFP_KERNEL);
	if (!oi->data) {
		of_ovl_refuse(why, "no memory");
		return -ENOMEM;
	}
	oi->len = len;
	ret = of_ovl_blob_parse(&blob, oi->data, len, why);
	of_ovl_blob_free(&blob);
	if (ret)
		of_ovl_item_drop(oi);
	return ret;
}

/* What came through "path" or "dtbo". */
static int of_ovl_item_take(struct of_ovl_item *oi, const void *data, size_t len)
{
	struct of_ovl_why why;
	int ret;

	ret = of_ovl_item_hold(oi, data, len, &why);
	if (!ret && oi->at_once)
		return of_ovl_item_apply(oi);
	of_ovl_item_result(oi, NULL, ret ? &why : NULL);
	return ret;
}

static void of_ovl_item_set_path(struct of_ovl_item *oi, char *path)
{
	mutex_lock(&oi->state_lock);
	swap(oi->path, path);
	mutex_unlock(&oi->state_lock);
	kfree(path);
}

static ssize_t of_ovl_item_path_show(struct config_item *item, char *page)
{
	struct of_ovl_item *oi = to_of_ovl(item);
	ssize_t len;

	mutex_lock(&oi->state_lock);
	len = sprintf(page, "%s\n", oi->path ?: "");
	mutex_unlock(&oi->state_lock);
	return len;
}

/* Below the firmware path, and it stays there. */
static bool of_ovl_is_firmware(const char *path)
{
	const char *part;

	if (!path[0] || path[0] == '/' || strlen(path) >= NAME_MAX)
		return false;
	for (part = path; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!strncmp(part, "..", 2) && (!part[2] || part[2] == '/'))
			return false;
	}
	return true;
}

static int of_ovl_item_load_path(struct of_ovl_item *oi, const char *path)
{
	const struct firmware *fw;
	struct of_ovl_why why;
	int ret;

	of_ovl_item_drop(oi);
	ret = of_ovl_is_firmware(path) ?
	      request_firmware_direct(&fw, path, NULL) : -EINVAL;
	if (ret) {
		of_ovl_refuse(&why,
			      "there is no file \"%s\" below the firmware path that can be read (error %d)",
			      path, ret);
		of_ovl_item_result(oi, NULL, &why);
		return ret;
	}
	ret = of_ovl_item_take(oi, fw->data, fw->size);
	release_firmware(fw);
	return ret;
}

static ssize_t of_ovl_item_path_store(struct config_item *item,
				      const char *page, size_t count)
{
	struct of_ovl_item *oi = to_of_ovl(item);
	char *path;
	int ret;

	path = kstrndup(page, count, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	strim(path);
	ret = of_ovl_item_enter(oi);
	if (ret)
		goto out_free;
	if (oi->ov) {
		ret = -EPERM;
	} else {
		ret = of_ovl_item_load_path(oi, path);
		of_ovl_item_set_path(oi, path);
		path = NULL;
	}
	of_ovl_item_leave(oi);

out_free:
	kfree(path);
	return ret ?: count;
}
CONFIGFS_ATTR(of_ovl_item_, path);

static ssize_t of_ovl_item_dtbo_write(struct config_item *item, const void *buf,
				      size_t count)
{
	struct of_ovl_item *oi = to_of_ovl(item);
	int ret;

	ret = of_ovl_item_enter(oi);
	if (ret) {
		pr_warn("what was written to dtbo of \"%s\" is lost (error %d)\n",
			config_item_name(item), ret);
		return ret;
	}
	if (oi->ov) {
		ret = -EPERM;
	} else {
		of_ovl_item_set_path(oi, NULL);
		ret = of_ovl_item_take(oi, buf, count);
	}
	of_ovl_item_leave(oi);
	return ret ?: count;
}
CONFIGFS_BIN_ATTR_WO(of_ovl_item_, dtbo, NULL, OF_OVL_SIZE_MAX);

static ssize_t of_ovl_item_status_show(struct config_item *item, char *page)
{
	struct of_ovl_item *oi = to_of_ovl(item);
	ssize_t len;

	mutex_lock(&oi->state_lock);
	if (oi->ov)
		len = sprintf(page, "applied\n");
	else if (oi->why.text[0])
		len = sprintf(page, "error: %s\n", oi->why.text);
	else
		len = sprintf(page, "unapplied\n");
	mutex_unlock(&oi->state_lock);
	return len;
}
CONFIGFS_ATTR_RO(of_ovl_item_, status);

static int of_ovl_item_unapply(struct of_ovl_item *oi)
{
	struct of_ovl_why why;
	int ret;

	if (!oi->ov)
		return 0;
	ret = of_ovl_remove(oi->ov, &why);
	if (ret)
		pr_warn("the overlay \"%s\" cannot be removed: %s\n",
			config_item_name(&oi->item), why.text);
	else
		of_ovl_item_result(oi, NULL, NULL);
	return ret;
}

static ssize_t of_ovl_item_apply_show(struct config_item *item, char *page)
{
	return sprintf(page, "%d\n", READ_ONCE(to_of_ovl(item)->at_once));
}

static ssize_t of_ovl_item_apply_store(struct config_item *item,
				       const char *page, size_t count)
{
	struct of_ovl_item *oi = to_of_ovl(item);
	bool apply;
	int ret;

	ret = kstrtobool(page, &apply);
	if (!ret)
		ret = of_ovl_item_enter(oi);
	if (ret)
		return ret;
	if (!apply)
		ret = of_ovl_item_unapply(oi);
	else if (!oi->ov)
		ret = of_ovl_item_apply(oi);
	if (apply || !ret)
		WRITE_ONCE(oi->at_once, apply);
	of_ovl_item_leave(oi);
	return ret ?: count;
}
CONFIGFS_ATTR(of_ovl_item_, apply);

static struct configfs_attribute *of_ovl_item_attrs[] = {
	&of_ovl_item_attr_path,
	&of_ovl_item_attr_status,
	&of_ovl_item_attr_apply,
	NULL
};

static struct configfs_bin_attribute *of_ovl_item_bin_attrs[] = {
	&of_ovl_item_attr_dtbo,
	NULL
};

/*
 * rmdir: nobody else has it any more. None is on top of it, or it was refused. No other
 * directory can be made or removed until this returns, so a load is not waited for.
 */
static void of_ovl_item_release_overlay(struct of_ovl_item *oi)
{
	struct of_ovl_why why;

	if (!of_ovl_remove(oi->ov, &why))
		return;
	pr_info("the overlay \"%s\" goes as soon as it can: %s\n",
		config_item_name(&oi->item), why.text);
	of_ovl_remove_later(oi->ov);
}

static void of_ovl_item_release(struct config_item *item)
{
	struct of_ovl_item *oi = to_of_ovl(item);

	if (oi->ov)
		of_ovl_item_release_overlay(oi);
	of_ovl_item_drop(oi);
	kfree(oi->path);
	mutex_destroy(&oi->state_lock);
	mutex_destroy(&oi->lock);
	kfree(oi);
}

static struct configfs_item_operations of_ovl_item_ops = {
	.release = of_ovl_item_release,
};

static const struct config_item_type of_ovl_item_type = {
	.ct_item_ops = &of_ovl_item_ops,
	.ct_attrs = of_ovl_item_attrs,
	.ct_bin_attrs = of_ovl_item_bin_attrs,
	.ct_owner = THIS_MODULE,
};

static struct config_item *of_ovl_make_item(struct config_group *group,
					    const char *name)
{
	struct of_ovl_item *oi = kzalloc(sizeof(*oi), GFP_KERNEL);

	if (!oi)
		return ERR_PTR(-ENOMEM);
	mutex_init(&oi->lock);
	mutex_init(&oi->state_lock);
	oi->at_once = true;
	config_item_init_type_name(&oi->item, name, &of_ovl_item_type);
	return &oi->item;
}

/* The last moment at which the directory can still be depended on. */
static void of_ovl_disconnect(struct config_group *group,
			      struct config_item *item)
{
	struct of_ovl_overlay *ov = to_of_ovl(item)->ov;

	if (ov)
		of_ovl_stack_going(ov);
}

static struct configfs_group_operations of_ovl_group_ops = {
	.make_item = of_ovl_make_item,
	.disconnect_notify = of_ovl_disconnect,
};

static const struct config_item_type of_ovl_group_type = {
	.ct_group_ops = &of_ovl_group_ops,
	.ct_owner = THIS_MODULE,
};

static const struct config_item_type of_ovl_subsys_type = {
	.ct_owner = THIS_MODULE,
};

static struct config_group of_ovl_group;

static struct configfs_subsystem of_ovl_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "device-tree",
			.ci_type = &of_ovl_subsys_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(of_ovl_subsys.su_mutex),
};

/**
 * of_ovl_configfs_init() - make the directory of the overlays
 *
 * Return: 0, or a negative errno
 */
int of_ovl_configfs_init(void)
{
	config_group_init(&of_ovl_subsys.su_group);
	config_group_init_type_name(&of_ovl_group, "overlays",
				    &of_ovl_group_type);
	configfs_add_default_group(&of_ovl_group, &of_ovl_subsys.su_group);
	return configfs_register_subsystem(&of_ovl_subsys);
}

/**
 * of_ovl_configfs_exit() - remove it; each directory in it keeps the module
 */
void of_ovl_configfs_exit(void)
{
	configfs_unregister_subsystem(&of_ovl_subsys);
}
