// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's own functions take to remove all that is below a port, and to find
 * it again. The card does not load anything meanwhile.
 */

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>

#include "port.h"

static s64 removal_ns, scan_ns, longest_ns;

/* The rescan lock is held. VFs are gone already, and the functions are on one bus. */
static void bare_remove(struct pci_bus *bus)
{
	struct pci_dev *pdev, *prev;
	ktime_t begin;

	list_for_each_entry_safe_reverse(pdev, prev, &bus->devices, bus_list) {
		begin = ktime_get();
		pci_stop_and_remove_bus_device(pdev);
		longest_ns = max(longest_ns, ktime_to_ns(ktime_sub(ktime_get(), begin)));
	}
}

static int bare_run(struct pci_bus *bus)
{
	ktime_t begin, removed, end;
	bool empty;

	longest_ns = 0;
	pci_lock_rescan_remove();
	begin = ktime_get();
	bare_remove(bus);
	removed = ktime_get();
	empty = list_empty(&bus->devices);
	pci_rescan_bus(bus);
	end = ktime_get();
	pci_unlock_rescan_remove();

	removal_ns = ktime_to_ns(ktime_sub(removed, begin));
	scan_ns = ktime_to_ns(ktime_sub(end, removed));
	longest_ns = max(longest_ns, scan_ns);
	return empty && !list_empty(&bus->devices) ? 0 : -ENODEV;
}

static int bare_set(const char *val, const struct kernel_param *kp)
{
	struct pci_dev *port = bench_port_get(val);
	int ret;

	if (!port)
		return -ENODEV;
	ret = bare_run(port->subordinate);
	pci_dev_put(port);
	return ret;
}

static int bare_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%lld %lld %lld\n", removal_ns, scan_ns, longest_ns);
}

static const struct kernel_param_ops bare_ops = { .set = bare_set, .get = bare_get };
module_param_cb(port, &bare_ops, NULL, 0600);
MODULE_PARM_DESC(port, "the port; then the ns of the removal, of the scan, and of the longest single one of them");

MODULE_DESCRIPTION("Bare removal and scan below a port, for the benchmark");
MODULE_LICENSE("GPL");
