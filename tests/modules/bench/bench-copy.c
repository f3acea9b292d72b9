// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it takes to copy so many bytes into the memory behind BAR 0 of a function, by
 * memcpy_toio() and nothing else, from memory as large as the file would be.
 */

#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/vmalloc.h>

#include "port.h"

static s64 copy_ns;

static int copy_to(struct pci_dev *pdev, const u8 *data, size_t size)
{
	size_t room = pci_resource_len(pdev, 0), at;
	void __iomem *bar;
	ktime_t begin;

	bar = pci_iomap(pdev, 0, 0);
	if (!bar)
		return -ENOMEM;
	begin = ktime_get();
	for (at = 0; at < size; at += room)
		memcpy_toio(bar, data + at, min(room, size - at));
	copy_ns = ktime_to_ns(ktime_sub(ktime_get(), begin));
	pci_iounmap(pdev, bar);
	return 0;
}

static int copy_set(const char *val, const struct kernel_param *kp)
{
	unsigned long mib;
	struct pci_dev *pdev;
	char name[32];
	void *data;
	int ret = -ENOMEM;

	if (sscanf(val, "%31s %lu", name, &mib) != 2)
		return -EINVAL;
	pdev = bench_function_get(name);
	if (!pdev)
		return -ENODEV;
	data = vmalloc(mib << 20);
	if (data)
		ret = copy_to(pdev, data, mib << 20);
	vfree(data);
	pci_dev_put(pdev);
	return ret;
}

static int copy_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%lld\n", copy_ns);
}

static const struct kernel_param_ops copy_ops = { .set = copy_set, .get = copy_get };
module_param_cb(copy, &copy_ops, NULL, 0600);
MODULE_PARM_DESC(copy, "\"FUNCTION MIB\": copies as many MiB; then the ns that took");

MODULE_DESCRIPTION("Bare copies into a BAR, for the benchmark");
MODULE_LICENSE("GPL");
