// SPDX-License-Identifier: GPL-2.0-only
/*
 * In which way a device below a function, or below the region, is used: what the
 * kernel's classes of devices tell of that.
 */

#include <linux/backing-dev.h>
#include <linux/blkdev.h>
#include <linux/dmaengine.h>
#include <linux/mtd/mtd.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <linux/tty_driver.h>

#include "compat/console.h"
#include "compat/module.h"
#include "users.h"

static bool fpga_card_in_class(struct device *dev, const char *name)
{
	return dev->class && !strcmp(dev->class->name, name);
}

static enum fpga_card_use fpga_card_net_use(struct device *dev)
{
	if (IS_ENABLED(CONFIG_NET) &&
	    READ_ONCE(to_net_dev(dev)->flags) & IFF_UP)
		return FPGA_CARD_USE_NET;
	return FPGA_CARD_USE_NONE;
}

/*
 * A hidden disk is one of the paths to another, NVMe's multipath's, say, which is
 * below no function. A disk's openers include those of its partitions, and who
 * mounted them.
 */
static enum fpga_card_use fpga_card_block_use(struct device *dev)
{
	if (!IS_ENABLED(CONFIG_BLOCK))
		return FPGA_CARD_USE_NONE;
	if (dev_to_disk(dev)->flags & GENHD_FL_HIDDEN)
		return FPGA_CARD_USE_PATH;
	if (!bdev_is_partition(dev_to_bdev(dev)) &&
	    disk_openers(dev_to_disk(dev)))
		return FPGA_CARD_USE_BLOCK;
	return FPGA_CARD_USE_NONE;
}

/*
 * A partition has its users counted. A whole chip has not, unless the kernel was
 * built to give partitioned ones a device as well: __get_mtd_device() in
 * drivers/mtd/mtdcore.c, from 6.1 to 7.3. All of them count for the module of the
 * driver, which may serve other cards, too. The second device of each, for
 * readers, has no &struct mtd_info.
 */
static enum fpga_card_use fpga_card_mtd_use(struct device *dev)
{
	struct mtd_info *mtd = dev_get_drvdata(dev);

	if (!mtd || dev != &mtd->dev)
		return FPGA_CARD_USE_NONE;
	if (kref_read(&mtd->refcnt) > 1)
		return FPGA_CARD_USE_MTD;
	if (!mtd_is_partition(mtd) && compat_module_is_used(mtd->owner))
		return FPGA_CARD_USE_MTD_MODULE;
	return FPGA_CARD_USE_NONE;
}

/*
 * A driver that has no device_release() frees its channels with their users on
 * them: __dma_async_device_channel_unregister() in drivers/dma/dmaengine.c.
 */
static enum fpga_card_use fpga_card_dma_use(struct device *dev)
{
	struct dma_chan_dev *chan_dev =
		container_of(dev, struct dma_chan_dev, device);
	struct dma_chan *chan = READ_ONCE(chan_dev->chan);

	if (!chan || !READ_ONCE(chan->client_count))
		return FPGA_CARD_USE_NONE;
	return chan->device->device_release ? FPGA_CARD_USE_DMA :
					      FPGA_CARD_USE_DMA_FREED;
}

/*
 * The memory that the two above read is the driver's, which cannot be unbound while its
 * device is locked. The lock is not waited for: the rescan lock is held here, and there
 * are those who take that inside of a device's lock. Whoever has it binds or unbinds the
 * driver, or resets the function. A user must not be missed meanwhile, since a load would
 * have memory freed that is in use.
 */
static enum fpga_card_use
fpga_card_driver_use(struct device *dev,
		     enum fpga_card_use (*find)(struct device *dev))
{
	enum fpga_card_use use = FPGA_CARD_USE_NONE;
	struct device *driven = dev->parent;

	while (driven && !READ_ONCE(driven->driver))
		driven = driven->parent;
	if (!driven)
		return use;
	if (!device_trylock(driven))
		return FPGA_CARD_USE_UNKNOWN;
	if (driven->driver && device_is_registered(dev))
		use = find(dev);
	device_unlock(driven);
	return use;
}

/**
 * fpga_card_find_use - find out in which way the kernel has a device in use
 * @dev: the device, of which the caller has a reference
 *
 * Context: does not sleep.
 * Return: the use; %FPGA_CARD_USE_NONE if there is none, or if it is a matter of
 * processes that have files open; %FPGA_CARD_USE_CONSOLE for each tty, of which
 * fpga_card_is_console() has to be asked
 */
enum fpga_card_use fpga_card_find_use(struct device *dev)
{
	if (fpga_card_in_class(dev, "net"))
		return fpga_card_net_use(dev);
	if (fpga_card_in_class(dev, "block"))
		return fpga_card_block_use(dev);
	if (fpga_card_in_class(dev, "mtd"))
		return fpga_card_driver_use(dev, fpga_card_mtd_use);
	if (fpga_card_in_class(dev, "dma"))
		return fpga_card_driver_use(dev, fpga_card_dma_use);
	if (fpga_card_in_class(dev, "tty") && dev->devt)
		return FPGA_CARD_USE_CONSOLE;
	return FPGA_CARD_USE_NONE;
}

/**
 * fpga_card_find_file_use - find out in which way processes may use a device
 * @dev: the device
 *
 * Context: does not sleep.
 * Return: the use, if some process has the device's file open; %FPGA_CARD_USE_NONE if
 * it is no character device
 */
enum fpga_card_use fpga_card_find_file_use(struct device *dev)
{
	if (!dev->devt || fpga_card_in_class(dev, "block"))
		return FPGA_CARD_USE_NONE;
	return fpga_card_in_class(dev, "vfio-dev") ? FPGA_CARD_USE_VFIO_NODE :
						     FPGA_CARD_USE_CHAR;
}

/**
 * fpga_card_unwritten - what would be lost if a disk went now
 * @dev: the disk
 *
 * Return: the pages that wait to be written to it, in bytes, whichever file system
 * they are of. Those that the kernel counts for a memory cgroup alone are not in it.
 */
u64 fpga_card_unwritten(struct device *dev)
{
	struct backing_dev_info *bdi;

	if (!IS_ENABLED(CONFIG_BLOCK))
		return 0;
	bdi = dev_to_disk(dev)->bdi;
	return bdi ? (u64)wb_stat_sum(&bdi->wb, WB_RECLAIMABLE) << PAGE_SHIFT : 0;
}

/**
 * fpga_card_is_console - find out whether the kernel writes its log to a tty
 * @devt: number of the tty
 *
 * The drivers of cards' consoles answer device() from what they have registered. Only
 * that of virtual terminals needs console_lock() for it, which are below no card.
 *
 * Context: does not sleep.
 * Return: whether it is one of /proc/consoles; false as well if an older kernel's list
 * is not to be had now, as somebody prints
 */
bool fpga_card_is_console(dev_t devt)
{
	struct tty_driver *driver;
	struct console *con;
	bool found = false;
	int cookie, index;

	if (!compat_consoles_begin(&cookie))
		return false;
	compat_for_each_console(con) {
		driver = con->device ? con->device(con, &index) : NULL;
		if (driver && MKDEV(driver->major,
				    driver->minor_start + index) == devt)
			found = true;
	}
	compat_consoles_end(cookie);
	return found;
}
