// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device tree overlays through configfs. What an overlay asks an FPGA region for
 * is loaded before the overlay is applied, and errors reach whoever wrote it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/module.h>

#include "compat/namespace.h"
#include "overlay.h"

static int __init of_ovl_init(void)
{
	int ret;

	ret = of_ovl_apply_init();
	if (ret)
		return ret;
	ret = of_ovl_configfs_init();
	if (ret == -EEXIST)
		pr_err("configfs has a directory \"device-tree\" already: another loader of overlays is there\n");
	if (ret)
		of_ovl_apply_exit();
	return ret;
}
module_init(of_ovl_init);

static void __exit of_ovl_exit(void)
{
	of_ovl_configfs_exit();
	of_ovl_apply_exit();
}
module_exit(of_ovl_exit);

MODULE_DESCRIPTION("Device tree overlays through configfs, for FPGA cards");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
COMPAT_IMPORT_NS(FPGA_CARD_1);
