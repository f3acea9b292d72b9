// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions whose device files are open. Kernel threads share a descriptor
 * table, which serves as that of a process here.
 */

#include <linux/delay.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "compat/block.h"
#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define HOLDERS_DEVICE	0x0004
#define HOLDERS_PATH	64

/**
 * struct holders_nodes - what our driver has made of a function
 * @child: the device between the function and its files
 * @misc: character device
 * @name: its name
 * @disk: block device, if the kernel knows such
 */
struct holders_nodes {
	struct platform_device *child;
	struct miscdevice misc;
	char name[32];
	struct gendisk *disk;
};

/* What is made is below no device; is a path to a disk of several functions. */
static bool holders_orphan, holders_path;

static const struct file_operations holders_fops = {
	.owner = THIS_MODULE,
	.llseek = noop_llseek,
};

#if IS_ENABLED(CONFIG_BLOCK)

static void holders_submit_bio(struct bio *bio)
{
	zero_fill_bio(bio);
	bio_endio(bio);
}

static const struct block_device_operations holders_disk_fops = {
	.owner = THIS_MODULE,
	.submit_bio = holders_submit_bio,
};

static int holders_add_disk(struct holders_nodes *nodes, struct pci_dev *pdev)
{
	struct gendisk *disk = compat_blk_alloc_disk();
	int ret;

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	snprintf(disk->disk_name, sizeof(disk->disk_name), "kunit-disk-%s",
		 pci_name(pdev));
	disk->fops = &holders_disk_fops;
	disk->flags |= GENHD_FL_NO_PART;
	if (holders_path)
		disk->flags |= GENHD_FL_HIDDEN;
	set_capacity(disk, 8);
	ret = device_add_disk(&nodes->child->dev, disk, NULL);
	if (ret)
		put_disk(disk);
	else
		nodes->disk = disk;
	return ret;
}

static void holders_remove_disk(struct holders_nodes *nodes)
{
	del_gendisk(nodes->disk);
	put_disk(nodes->disk);
}

#else

static int holders_add_disk(struct holders_nodes *nodes, struct pci_dev *pdev)
{
	return 0;
}

static void holders_remove_disk(struct holders_nodes *nodes)
{
}

#endif /* CONFIG_BLOCK */

static int holders_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct platform_device_info info = {
		.parent = &pdev->dev,
		.name = "fpga-card-kunit",
		.id = PLATFORM_DEVID_AUTO,
	};
	struct holders_nodes *nodes = kzalloc(sizeof(*nodes), GFP_KERNEL);
	int ret;

	if (!nodes)
		return -ENOMEM;
	snprintf(nodes->name, sizeof(nodes->name), "kunit-%s", pci_name(pdev));
	nodes->child = platform_device_register_full(&info);
	ret = PTR_ERR_OR_ZERO(nodes->child);
	if (ret)
		goto err_free;
	nodes->misc.minor = MISC_DYNAMIC_MINOR;
	nodes->misc.name = nodes->name;
	nodes->misc.fops = &holders_fops;
	nodes->misc.parent = holders_orphan ? NULL : &nodes->child->dev;
	ret = misc_register(&nodes->misc);
	if (ret)
		goto err_unregister;
	ret = holders_add_disk(nodes, pdev);
	if (ret)
		goto err_deregister;
	pci_set_drvdata(pdev, nodes);
	return 0;

err_deregister:
	misc_deregister(&nodes->misc);
err_unregister:
	platform_device_unregister(nodes->child);
err_free:
	kfree(nodes);
	return ret;
}

static void holders_remove(struct pci_dev *pdev)
{
	struct holders_nodes *nodes = pci_get_drvdata(pdev);

	holders_remove_disk(nodes);
	misc_deregister(&nodes->misc);
	platform_device_unregister(nodes->child);
	kfree(nodes);
}

static const struct pci_device_id holders_ids[] = {
	{ PCI_DEVICE(0x1234, HOLDERS_DEVICE) },
	{}
};

static struct pci_driver holders_driver = {
	.name = "fpga-card-kunit-nodes",
	.id_table = holders_ids,
	.probe = holders_probe,
	.remove = holders_remove,
};

static int holders_suite_init(struct kunit_suite *suite)
{
	return pci_register_driver(&holders_driver);
}

static void holders_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&holders_driver);
}

/* Our function below a port, to be given back with pci_dev_put(). */
static struct pci_dev *holders_bind(struct fixture *fx, unsigned int port)
{
	return fixture_bind(fx, port, 1, &holders_driver);
}

/* Skips the case where nobody has mounted what it opens files of. */
static void holders_need(struct kunit *test, const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);

	if (IS_ERR(file))
		kunit_skip(test, "there is no %s", path);
	fput(file);
}

static struct fpga_card *holders_boot(struct fixture *fx)
{
	struct fpga_card *card;

	holders_need(fx->test, "/dev/null");
	holders_need(fx->test, "/sys/bus/pci/devices");
	fx->images[0].fn[1].device = HOLDERS_DEVICE;
	fixture_start(fx);
	card = fixture_card(fx, 0);
	return card;
}

/* Opens a file as a process would; returns the descriptor. */
static int holders_open(struct kunit *test, const char *format,
			struct pci_dev *pdev)
{
	char path[HOLDERS_PATH];
	struct file *file;
	int fd;

	snprintf(path, sizeof(path), format, pci_name(pdev));
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s: error %ld", path,
			       PTR_ERR(file));
	fd = get_unused_fd_flags(0);
	KUNIT_ASSERT_GE(test, fd, 0);
	fd_install(fd, file);
	return fd;
}

/* The last of it is left to a worker. */
static void holders_close(int fd)
{
	close_fd(fd);
	flush_delayed_fput();
}

/* @format of the path of a file that goes with a function. */
static void holders_check(struct kunit *test, const char *format,
			  const char *how)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = holders_boot(fx);
	struct pci_dev *pdev = holders_bind(fx, 0);
	int fd = holders_open(test, format, pdev);

	load_expect_refused(fx, card, &pdev->dev, how);
	holders_close(fd);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	pci_dev_put(pdev);
	fpga_card_put(card);
}

static void open_character_device_stops_a_load(struct kunit *test)
{
	holders_check(test, "/dev/kunit-%s", " is open in kthreadd (pid 2)");
}

static void open_block_device_stops_a_load(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_BLOCK))
		kunit_skip(test, "the kernel has no block devices");
	holders_check(test, "/dev/kunit-disk-%s", " is mounted or open;");
}

static void open_bar_stops_a_load(struct kunit *test)
{
	holders_check(test, "/sys/bus/pci/devices/%s/resource0",
		      "its file resource0 is open in kthreadd (pid 2)");
}

static void forced_load_passes_over_open_files(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = holders_boot(fx);
	struct pci_dev *pdev = holders_bind(fx, 0);
	int node = holders_open(test, "/dev/kunit-%s", pdev);
	int bar = holders_open(test, "/sys/bus/pci/devices/%s/resource0", pdev);

	load_expect_refused(fx, card, &pdev->dev, ", and 1 more");
	card->settings.force = true;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	holders_close(bar);
	holders_close(node);
	pci_dev_put(pdev);
	fpga_card_put(card);
}

static void other_cards_files_stop_no_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;
	int node, bar;

	fx->config.n_ports = 2;
	card = holders_boot(fx);
	pdev = holders_bind(fx, 1);
	node = holders_open(test, "/dev/kunit-%s", pdev);
	bar = holders_open(test, "/sys/bus/pci/devices/%s/resource0", pdev);
	pci_dev_put(holders_bind(fx, 0));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	holders_close(bar);
	holders_close(node);
	pci_dev_put(pdev);
	fpga_card_put(card);
}

/* Nothing but its module tells whose it is. */
static void open_character_device_of_no_device_stops_a_load(struct kunit *test)
{
	if (!holders_fops.owner)
		kunit_skip(test, "built in, a driver has no module");
	holders_orphan = true;
	holders_check(test, "/dev/kunit-%s",
		      "a character device of module fpga_card_kunit is open in kthreadd (pid 2)");
}

static void orphan_of_a_driver_with_other_devices_stops_no_load(struct kunit *test)
{
	holders_orphan = true;
	other_cards_files_stop_no_load(test);
}

/* Who uses the disk it leads to is not to be seen from here. */
static void path_to_a_shared_disk_stops_a_load(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	if (!IS_ENABLED(CONFIG_BLOCK))
		kunit_skip(test, "the kernel has no block devices");
	holders_path = true;
	card = holders_boot(fx);
	pdev = holders_bind(fx, 0);
	load_expect_refused(fx, card, &pdev->dev,
			    " is a path to a disk of several functions");
	card->settings.force = true;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	pci_dev_put(pdev);
	fpga_card_put(card);
}

static int holders_init(struct kunit *test)
{
	holders_orphan = false;
	holders_path = false;
	return fixture_init(test);
}

static struct kunit_case holders_cases[] = {
	KUNIT_CASE(open_character_device_stops_a_load),
	KUNIT_CASE(open_block_device_stops_a_load),
	KUNIT_CASE(open_bar_stops_a_load),
	KUNIT_CASE(forced_load_passes_over_open_files),
	KUNIT_CASE(other_cards_files_stop_no_load),
	KUNIT_CASE(open_character_device_of_no_device_stops_a_load),
	KUNIT_CASE(orphan_of_a_driver_with_other_devices_stops_no_load),
	KUNIT_CASE(path_to_a_shared_disk_stops_a_load),
	{}
};

struct kunit_suite fpga_card_holders_suite = {
	.name = "fpga_card_holders",
	.suite_init = holders_suite_init,
	.suite_exit = holders_suite_exit,
	.init = holders_init,
	.exit = fixture_exit,
	.test_cases = holders_cases,
};
