// SPDX-License-Identifier: GPL-2.0-only
/*
 * What staging a file is held against: the payload of the file, read as the firmware
 * loader does it, and copied to the memory behind BAR 0 of a function by memcpy_toio(),
 * again from its beginning when that is full. Nothing else.
 *
 *	echo "DEVICE FILE" >/sys/kernel/debug/bare-copy
 *	cat /sys/kernel/debug/bare-copy
 *	bytes=67108874 read_us=20481 copy_us=33562
 *
 * DEVICE is as in 0000:3b:00.0, FILE is below the firmware path.
 */

#include <asm/byteorder.h>
#include <linux/debugfs.h>
#include <linux/firmware.h>
#include <linux/fpga/fpga-card-image.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

/* How much is copied before somebody else may have the processor */
#define BARE_STEP	SZ_1M

static DEFINE_MUTEX(bare_lock);	/* what follows */
static size_t bare_bytes;
static s64 bare_read_us;
static s64 bare_copy_us;
static struct dentry *bare_file;

static void bare_copy(void __iomem *bar, size_t len, const u8 *data, size_t size)
{
	size_t at, done, step;

	for (done = 0; done < size; done += step) {
		at = done % len;
		step = min3(size - done, len - at, (size_t)BARE_STEP);
		memcpy_toio(bar + at, data + done, step);
		cond_resched();
	}
}

static int bare_write_payload(struct pci_dev *pdev, const struct firmware *fw)
{
	const struct fpga_card_image_header *header = (const void *)fw->data;
	size_t len = pci_resource_len(pdev, 0), skip;
	void __iomem *bar;
	ktime_t begin;

	if (fw->size < sizeof(*header))
		return -EINVAL;
	skip = le32_to_cpu(header->header_size);
	if (skip > fw->size || !len)
		return -EINVAL;
	bar = pci_iomap(pdev, 0, 0);
	if (!bar)
		return -ENOMEM;
	bare_bytes = fw->size - skip;
	begin = ktime_get();
	bare_copy(bar, len, fw->data + skip, bare_bytes);
	bare_copy_us = ktime_us_delta(ktime_get(), begin);
	pci_iounmap(pdev, bar);
	return 0;
}

static int bare_run(struct pci_dev *pdev, const char *name)
{
	const struct firmware *fw;
	ktime_t begin = ktime_get();
	int ret;

	ret = request_firmware_direct(&fw, name, NULL);
	if (ret)
		return ret;
	bare_read_us = ktime_us_delta(ktime_get(), begin);
	ret = bare_write_payload(pdev, fw);
	release_firmware(fw);
	return ret;
}

static int bare_parse(char *line)
{
	unsigned int domain, bus, dev, fn;
	struct pci_dev *pdev;
	char name[128];
	int ret;

	if (sscanf(line, "%x:%x:%x.%x %127s", &domain, &bus, &dev, &fn, name) != 5)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(dev, fn));
	if (!pdev)
		return -ENODEV;
	mutex_lock(&bare_lock);
	ret = bare_run(pdev, name);
	mutex_unlock(&bare_lock);
	pci_dev_put(pdev);
	return ret;
}

static ssize_t bare_store(struct file *file, const char __user *from, size_t count,
			  loff_t *pos)
{
	char *line;
	int ret;

	line = memdup_user_nul(from, min_t(size_t, count, PAGE_SIZE));
	if (IS_ERR(line))
		return PTR_ERR(line);
	ret = bare_parse(line);
	kfree(line);
	return ret ?: count;
}

static int bare_show(struct seq_file *seq, void *unused)
{
	mutex_lock(&bare_lock);
	seq_printf(seq, "bytes=%zu read_us=%lld copy_us=%lld\n", bare_bytes, bare_read_us,
		   bare_copy_us);
	mutex_unlock(&bare_lock);
	return 0;
}

static int bare_open(struct inode *inode, struct file *file)
{
	return single_open(file, bare_show, NULL);
}

static const struct file_operations bare_fops = {
	.owner = THIS_MODULE,
	.open = bare_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
	.write = bare_store,
};

static int __init bare_init(void)
{
	bare_file = debugfs_create_file("bare-copy", 0600, NULL, NULL, &bare_fops);
	return PTR_ERR_OR_ZERO(bare_file);
}
module_init(bare_init);

static void __exit bare_exit(void)
{
	debugfs_remove(bare_file);
}
module_exit(bare_exit);

MODULE_DESCRIPTION("What staging a file is held against");
MODULE_LICENSE("GPL");
