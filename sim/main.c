// SPDX-License-Identifier: GPL-2.0-only
/*
 * Simulated PCIe hosts: root ports and cards made of software, for tests of
 * what cards do that load another image while the host runs.
 */

#include <linux/debugfs.h>
#include <linux/module.h>

#include "internal.h"

struct workqueue_struct *pcsim_wq;
struct dentry *pcsim_debugfs;

static int __init pcsim_init(void)
{
	int ret;

	pcsim_wq = alloc_workqueue("pcie-card-sim", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!pcsim_wq)
		return -ENOMEM;

	pcsim_pmci_init();
	ret = pcsim_mem_module_init();
	if (ret)
		goto err_destroy_wq;

	ret = pcsim_notify_init();
	if (ret)
		goto err_mem_exit;

	pcsim_debugfs = debugfs_create_dir("pcie-card-sim", NULL);
	pcsim_log_module_init();
	ret = pcsim_configfs_init();
	if (ret)
		goto err_remove_debugfs;

	return 0;

err_remove_debugfs:
	debugfs_remove_recursive(pcsim_debugfs);
	pcsim_notify_exit();
err_mem_exit:
	pcsim_mem_module_exit();
err_destroy_wq:
	destroy_workqueue(pcsim_wq);
	return ret;
}
module_init(pcsim_init);

static void __exit pcsim_exit(void)
{
	pcsim_configfs_exit();
	debugfs_remove_recursive(pcsim_debugfs);
	pcsim_notify_exit();
	pcsim_mem_module_exit();
	destroy_workqueue(pcsim_wq);
}
module_exit(pcsim_exit);

MODULE_DESCRIPTION("Simulated PCIe root complex with reloadable cards");
MODULE_LICENSE("GPL");
