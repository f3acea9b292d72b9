// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated PCIe hosts: root ports and cards made of software, for tests of
 * what cards do that load another image while the host runs.
 */

#include <linux/module.h>

#include "host.h"

static int __init pcsim_init(void)
{
	int ret;

	ret = pcsim_delay_module_init();
	if (ret)
		return ret;

	pcsim_poll_init();
	ret = pcsim_mem_module_init();
	if (ret)
		goto err_destroy_wq;

	ret = pcsim_notify_init();
	if (ret)
		goto err_mem_exit;

	pcsim_log_module_init();
	ret = pcsim_configfs_init();
	if (ret)
		goto err_remove_debugfs;

	return 0;

err_remove_debugfs:
	pcsim_log_module_exit();
	pcsim_notify_exit();
err_mem_exit:
	pcsim_mem_module_exit();
err_destroy_wq:
	pcsim_delay_module_exit();
	return ret;
}
module_init(pcsim_init);

static void __exit pcsim_exit(void)
{
	pcsim_configfs_exit();
	pcsim_log_module_exit();
	pcsim_notify_exit();
	pcsim_mem_module_exit();
	pcsim_delay_module_exit();
}
module_exit(pcsim_exit);

MODULE_DESCRIPTION("Simulated PCIe root complex with reloadable cards");
/* Its own driver takes each function that has none: the first to come gets it. */
MODULE_SOFTDEP("pre: dfl-pci");
MODULE_LICENSE("GPL");
MODULE_VERSION(FPGA_CARD_RELEASE);
