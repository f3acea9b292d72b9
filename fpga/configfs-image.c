// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images of cards without a control device, in configfs: NAME/images/IMAGE/.
 */

#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "configfs.h"

static struct fpga_card_cfs_image *to_image(struct config_item *item)
{
	return container_of(to_config_group(item), struct fpga_card_cfs_image,
			    group);
}

/* Images: NAME/images/IMAGE/ */

static ssize_t fpga_card_cfs_store_ms(struct fpga_card_cfs *cfs,
				      unsigned int *field, const char *page,
				      size_t count)
{
	unsigned int val;
	int ret;

	ret = kstrtouint(page, 0, &val);
	if (ret)
		return ret;
	if (val > FPGA_CARD_TIMEOUT_MAX_MS)
		return -ERANGE;

	mutex_lock(&cfs->lock);
	if (cfs->builtin)
		ret = -EBUSY;
	else
		WRITE_ONCE(*field, val);
	mutex_unlock(&cfs->lock);
	return ret ?: count;
}

static ssize_t fpga_card_cfs_image_timeout_ms_show(struct config_item *item,
						   char *page)
{
	return sprintf(page, "%u\n", READ_ONCE(to_image(item)->desc.timeout_ms));
}

static ssize_t fpga_card_cfs_image_timeout_ms_store(struct config_item *item,
						    const char *page,
						    size_t count)
{
	struct fpga_card_cfs_image *image = to_image(item);

	return fpga_card_cfs_store_ms(image->cfs, &image->desc.timeout_ms, page,
				      count);
}
CONFIGFS_ATTR(fpga_card_cfs_image_, timeout_ms);

static ssize_t fpga_card_cfs_image_hold_ms_show(struct config_item *item,
						char *page)
{
	return sprintf(page, "%u\n", READ_ONCE(to_image(item)->desc.hold_ms));
}

static ssize_t fpga_card_cfs_image_hold_ms_store(struct config_item *item,
						 const char *page, size_t count)
{
	struct fpga_card_cfs_image *image = to_image(item);

	return fpga_card_cfs_store_ms(image->cfs, &image->desc.hold_ms, page,
				      count);
}
CONFIGFS_ATTR(fpga_card_cfs_image_, hold_ms);

static ssize_t fpga_card_cfs_image_address_show(struct config_item *item, char *page)
{
	struct fpga_card_cfs_image *image = to_image(item);
	ssize_t len;

	mutex_lock(&image->cfs->lock);
	len = sprintf(page, "%#llx\n", image->address);
	mutex_unlock(&image->cfs->lock);
	return len;
}

static ssize_t fpga_card_cfs_image_address_store(struct config_item *item,
						 const char *page, size_t count)
{
	struct fpga_card_cfs_image *image = to_image(item);
	u64 address;
	int ret;

	ret = kstrtou64(page, 0, &address);
	if (ret)
		return ret;
	mutex_lock(&image->cfs->lock);
	if (image->cfs->builtin)
		ret = -EBUSY;
	else
		image->address = address;
	mutex_unlock(&image->cfs->lock);
	return ret ?: count;
}
CONFIGFS_ATTR(fpga_card_cfs_image_, address);

static struct configfs_attribute *fpga_card_cfs_image_attrs[] = {
	&fpga_card_cfs_image_attr_timeout_ms,
	&fpga_card_cfs_image_attr_hold_ms,
	&fpga_card_cfs_image_attr_address,
	NULL
};

static void fpga_card_cfs_image_release(struct config_item *item)
{
	kfree(to_image(item));
}

static struct configfs_item_operations fpga_card_cfs_image_item_ops = {
	.release = fpga_card_cfs_image_release,
};

static const struct config_item_type fpga_card_cfs_image_type = {
	.ct_item_ops = &fpga_card_cfs_image_item_ops,
	.ct_attrs = fpga_card_cfs_image_attrs,
	.ct_owner = THIS_MODULE,
};

/* The list of images: NAME/images/ */

static struct fpga_card_cfs *images_to_cfs(struct config_group *group)
{
	return container_of(group, struct fpga_card_cfs, images_group);
}

static int fpga_card_cfs_add_image(struct fpga_card_cfs *cfs,
				   struct fpga_card_cfs_image *image)
{
	int ret = 0;

	mutex_lock(&cfs->lock);
	if (cfs->builtin) {
		ret = -EBUSY;
	} else if (cfs->count == FPGA_CARD_IMAGES_MAX) {
		ret = -ENOSPC;
	} else {
		list_add_tail(&image->node, &cfs->images);
		cfs->count++;
	}
	mutex_unlock(&cfs->lock);
	return ret;
}

static struct config_group *
fpga_card_cfs_make_image(struct config_group *group, const char *name)
{
	struct fpga_card_cfs *cfs = images_to_cfs(group);
	struct fpga_card_cfs_image *image;
	int ret;

	if (strlen(name) > FPGA_CARD_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (!fpga_card_image_name_ok(name))
		return ERR_PTR(-EINVAL);

	image = kzalloc(sizeof(*image), GFP_KERNEL);
	if (!image)
		return ERR_PTR(-ENOMEM);
	image->cfs = cfs;
	strscpy(image->desc.name, name, sizeof(image->desc.name));
	ret = fpga_card_cfs_add_image(cfs, image);
	if (ret) {
		kfree(image);
		return ERR_PTR(ret);
	}
	config_group_init_type_name(&image->group, name,
				    &fpga_card_cfs_image_type);
	return &image->group;
}

static void fpga_card_cfs_drop_image(struct config_group *group,
				     struct config_item *item)
{
	struct fpga_card_cfs *cfs = images_to_cfs(group);

	mutex_lock(&cfs->lock);
	list_del(&to_image(item)->node);
	cfs->count--;
	mutex_unlock(&cfs->lock);
	config_item_put(item);
}

static struct configfs_group_operations fpga_card_cfs_images_group_ops = {
	.make_group = fpga_card_cfs_make_image,
	.drop_item = fpga_card_cfs_drop_image,
};

const struct config_item_type fpga_card_cfs_images_type = {
	.ct_group_ops = &fpga_card_cfs_images_group_ops,
	.ct_owner = THIS_MODULE,
};
