// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the configfs subsystem "device-tree", as another loader of overlays would.
 */

#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/mutex.h>

static const struct config_item_type owner_type = {
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem owner_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "device-tree",
			.ci_type = &owner_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(owner_subsys.su_mutex),
};

static int __init owner_init(void)
{
	config_group_init(&owner_subsys.su_group);

	return configfs_register_subsystem(&owner_subsys);
}

static void __exit owner_exit(void)
{
	configfs_unregister_subsystem(&owner_subsys);
}

module_init(owner_init);
module_exit(owner_exit);
MODULE_DESCRIPTION("Owner of the configfs subsystem device-tree");
MODULE_LICENSE("GPL");
