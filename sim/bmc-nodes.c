// SPDX-License-Identifier: GPL-2.0-only
/*
 * What users of a simulated function open: a character device below each, and
 * a block device below those that are mass storage.
 */

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "compat/block.h"
#include "sim-bmc.h"

#define SIM_FN_DISK_SIZE	SZ_64K

static bool nodes;
module_param(nodes, bool, 0644);
MODULE_PARM_DESC(nodes,
		 "functions that are bound from now on have device files");

static const struct file_operations sim_fn_char_fops = {
	.owner = THIS_MODULE,
	.llseek = noop_llseek,
};

static void sim_fn_remove_char(void *misc)
{
	misc_deregister(misc);
}

/* "sim-fn-<function>" */
static int sim_fn_add_char(struct pci_dev *pdev)
{
	struct device *dev = &pdev->dev;
	struct miscdevice *misc;
	int ret;

	misc = devm_kzalloc(dev, sizeof(*misc), GFP_KERNEL);
	if (!misc)
		return -ENOMEM;

	misc->minor = MISC_DYNAMIC_MINOR;
	misc->name = devm_kasprintf(dev, GFP_KERNEL, "sim-fn-%s", pci_name(pdev));
	misc->fops = &sim_fn_char_fops;
	misc->parent = dev;
	if (!misc->name)
		return -ENOMEM;

	ret = misc_register(misc);
	if (ret)
		return ret;

	return devm_add_action_or_reset(dev, sim_fn_remove_char, misc);
}

#if IS_ENABLED(CONFIG_BLOCK)

static void sim_fn_submit_bio(struct bio *bio)
{
	u8 *at = bio->bi_bdev->bd_disk->private_data;
	struct bvec_iter iter;
	struct bio_vec bvec;

	at += bio->bi_iter.bi_sector << SECTOR_SHIFT;
	bio_for_each_segment(bvec, bio, iter) {
		if (bio_data_dir(bio) == WRITE)
			memcpy_from_bvec(at, &bvec);
		else
			memcpy_to_bvec(&bvec, at);
		at += bvec.bv_len;
	}
	bio_endio(bio);
}

static const struct block_device_operations sim_fn_disk_fops = {
	.owner = THIS_MODULE,
	.submit_bio = sim_fn_submit_bio,
};

/* No transfer is under way after this, and none comes: the data may go. */
static void sim_fn_remove_disk(void *disk)
{
	del_gendisk(disk);
	put_disk(disk);
}

/* "sim-blk-<function>" */
static int sim_fn_add_disk(struct pci_dev *pdev)
{
	struct gendisk *disk;
	void *data;
	int ret;

	data = devm_kzalloc(&pdev->dev, SIM_FN_DISK_SIZE, GFP_KERNEL);
	if (!data)
		return -ENOMEM;

	disk = compat_blk_alloc_disk();
	if (IS_ERR(disk))
		return PTR_ERR(disk);

	snprintf(disk->disk_name, sizeof(disk->disk_name), "sim-blk-%s",
		 pci_name(pdev));
	disk->fops = &sim_fn_disk_fops;
	disk->private_data = data;
	set_capacity(disk, SIM_FN_DISK_SIZE >> SECTOR_SHIFT);
	ret = device_add_disk(&pdev->dev, disk, NULL);
	if (ret) {
		put_disk(disk);
		return ret;
	}

	return devm_add_action_or_reset(&pdev->dev, sim_fn_remove_disk, disk);
}

#else

static int sim_fn_add_disk(struct pci_dev *pdev)
{
	return 0;
}

#endif /* CONFIG_BLOCK */

/* They go by themselves when the function's driver is unbound. */
int sim_fn_add_nodes(struct pci_dev *pdev)
{
	int ret;

	if (!nodes)
		return 0;

	ret = sim_fn_add_char(pdev);
	if (ret || pdev->class >> 16 != PCI_BASE_CLASS_STORAGE)
		return ret;

	return sim_fn_add_disk(pdev);
}
