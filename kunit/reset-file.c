// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sysfs files of a PCI device, read and written as user space would. The
 * suites may run before anybody has mounted sysfs, so it is mounted here.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "reset.h"

static struct vfsmount *reset_file_mnt;

int reset_file_init(void)
{
	struct file_system_type *type = get_fs_type("sysfs");
	struct vfsmount *mnt;

	if (!type)
		return -ENODEV;
	mnt = kern_mount(type);
	module_put(type->owner);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	reset_file_mnt = mnt;
	return 0;
}

void reset_file_exit(void)
{
	kern_unmount(reset_file_mnt);
}

static struct file *reset_file_open(struct pci_dev *pdev, const char *name,
				    int flags)
{
	char *dir = kobject_get_path(&pdev->dev.kobj, GFP_KERNEL);
	struct file *file = ERR_PTR(-ENOMEM);
	char *path;

	if (!dir)
		return file;
	path = kasprintf(GFP_KERNEL, "%s/%s", dir, name);
	if (path)
		file = file_open_root_mnt(reset_file_mnt, path, flags, 0);
	kfree(path);
	kfree(dir);
	return file;
}

/* 0, or the error that user space would see. */
int reset_file_write(struct pci_dev *pdev, const char *name, const char *text)
{
	struct file *file = reset_file_open(pdev, name, O_WRONLY);
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_write(file, text, strlen(text), &pos);
	fput(file);
	if (ret < 0)
		return ret;
	return ret == strlen(text) ? 0 : -EIO;
}

/* What the file says, without the newline; lives as long as the case. */
const char *reset_file_read(struct kunit *test, struct pci_dev *pdev,
			    const char *name)
{
	struct file *file = reset_file_open(pdev, name, O_RDONLY);
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	loff_t pos = 0;
	ssize_t ret;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s: error %ld", name,
			       PTR_ERR(file));
	KUNIT_ASSERT_NOT_NULL(test, text);
	ret = kernel_read(file, text, PAGE_SIZE - 1, &pos);
	fput(file);
	KUNIT_ASSERT_GE(test, ret, 0);
	return strim(text);
}
