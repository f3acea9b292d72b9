/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Block devices of the simulator and of tests.
 */
#ifndef _FPGA_CARD_COMPAT_BLOCK_H
#define _FPGA_CARD_COMPAT_BLOCK_H

#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/numa.h>

/*
 * A disk with the limits that all have, or an ERR_PTR(). The limits are passed
 * in since they can say what features a disk has, or slightly longer.
 */
static inline struct gendisk *compat_blk_alloc_disk(void)
{
#ifdef BLK_FEAT_WRITE_CACHE
	return blk_alloc_disk(NULL, NUMA_NO_NODE);
#else
	return blk_alloc_disk(NUMA_NO_NODE) ?: ERR_PTR(-ENOMEM);
#endif
}

#endif /* _FPGA_CARD_COMPAT_BLOCK_H */
