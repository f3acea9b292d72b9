// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking a card for something on behalf of a user of devlink.
 */

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "devlink.h"

/*
 * The module stays until the request is over: rmmod is refused, and need not wait for a
 * load. An instance that serves an operation is registered, and the module there.
 */
struct fpga_card_asker *fpga_card_devlink_ask_begin(void)
{
	struct fpga_card_asker *asker;

	if (!try_module_get(THIS_MODULE))
		return ERR_PTR(-ENODEV);
	asker = kzalloc(sizeof(*asker), GFP_KERNEL);
	if (!asker) {
		module_put(THIS_MODULE);
		return ERR_PTR(-ENOMEM);
	}
	/* As for the descriptors of a process in /proc */
	asker->sees_processes = ns_capable_noaudit(&init_user_ns, CAP_SYS_PTRACE);
	return asker;
}

/*
 * Returns @err. Who removes the module after this waits for the lock of the instance,
 * which devlink has until its operation has returned.
 */
int fpga_card_devlink_ask_end(struct fpga_card_asker *asker, int err,
			      struct netlink_ext_ack *extack)
{
	if (err)
		fpga_card_devlink_say(extack, asker->why);
	kfree(asker);
	module_put(THIS_MODULE);
	return err;
}
