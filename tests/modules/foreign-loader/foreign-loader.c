// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loader of overlays that knows nothing of FPGA cards, as there are some:
 * what it is told to apply it applies, and removes the last one first.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/of.h>
#include <linux/string.h>

static struct device *loader;
static int ids[8];
static unsigned int count;

static int apply_set(const char *val, const struct kernel_param *kp)
{
	const struct firmware *fw;
	char name[128];
	int ret;

	if (!loader)
		return -EAGAIN;
	if (count == ARRAY_SIZE(ids))
		return -ENOSPC;
	if (strscpy(name, val, sizeof(name)) < 0)
		return -EINVAL;
	ret = request_firmware(&fw, strim(name), loader);
	if (ret)
		return ret;
	ids[count] = 0;
	ret = of_overlay_fdt_apply(fw->data, fw->size, &ids[count], NULL);
	release_firmware(fw);
	if (!ret)
		count++;
	else if (ids[count])
		of_overlay_remove(&ids[count]);
	return ret;
}

static const struct kernel_param_ops apply_ops = { .set = apply_set };
module_param_cb(apply, &apply_ops, NULL, 0200);
MODULE_PARM_DESC(apply, "the overlay to apply, below the firmware path");

static int remove_set(const char *val, const struct kernel_param *kp)
{
	int ret;

	if (!count)
		return -ENOENT;
	ret = of_overlay_remove(&ids[count - 1]);
	if (!ret)
		count--;
	return ret;
}

static const struct kernel_param_ops remove_ops = { .set = remove_set };
module_param_cb(remove, &remove_ops, NULL, 0200);
MODULE_PARM_DESC(remove, "anything: removes the last one");

static int __init foreign_loader_init(void)
{
	loader = root_device_register("foreign-loader");

	return PTR_ERR_OR_ZERO(loader);
}

static void __exit foreign_loader_exit(void)
{
	while (count && !of_overlay_remove(&ids[count - 1]))
		count--;
	root_device_unregister(loader);
}

module_init(foreign_loader_init);
module_exit(foreign_loader_exit);
MODULE_DESCRIPTION("Loader of overlays that loads no images, for tests");
MODULE_LICENSE("GPL");
