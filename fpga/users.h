/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a card's users.
 */
#ifndef _FPGA_CARD_USERS_H
#define _FPGA_CARD_USERS_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/types.h>

struct device;
struct module;

/* Names of devices are longer only when drivers are careless. */
#define FPGA_CARD_USER_NAME_MAX	64

/**
 * enum fpga_card_use - in which way a function is used
 * @FPGA_CARD_USE_NONE: in none
 * @FPGA_CARD_USE_VFIO: it is open through VFIO
 * @FPGA_CARD_USE_VFIO_NODE: the same by its own character device, which may be
 *	open long before the function itself is
 * @FPGA_CARD_USE_GUEST: it is given to a guest, and not through VFIO
 * @FPGA_CARD_USE_NET: a network interface is up
 * @FPGA_CARD_USE_BLOCK: a block device is open: mounted, swap, or part of
 *	another one
 * @FPGA_CARD_USE_PATH: a block device is one of the paths to a disk that belongs to
 *	several functions, and so tells of nobody who uses that
 * @FPGA_CARD_USE_MTD: a flash device is mounted, attached or open
 * @FPGA_CARD_USE_MTD_MODULE: the same may be, as the module of its driver is in use
 * @FPGA_CARD_USE_DMA: another driver has taken a DMA channel
 * @FPGA_CARD_USE_DMA_FREED: the same, and the channel is freed with it
 * @FPGA_CARD_USE_UNKNOWN: a flash device or a DMA channel may be in use: the device of
 *	its driver is locked
 * @FPGA_CARD_USE_CONSOLE: a tty is a console of the kernel
 * @FPGA_CARD_USE_CHAR: a character device is open
 * @FPGA_CARD_USE_MODULE: a character device is open that is below no function, and
 *	is of the module of a driver that serves this card alone
 * @FPGA_CARD_USE_BAR: the file of a BAR in sysfs is open
 */
enum fpga_card_use {
	FPGA_CARD_USE_NONE,
	FPGA_CARD_USE_VFIO,
	FPGA_CARD_USE_VFIO_NODE,
	FPGA_CARD_USE_GUEST,
	FPGA_CARD_USE_NET,
	FPGA_CARD_USE_BLOCK,
	FPGA_CARD_USE_PATH,
	FPGA_CARD_USE_MTD,
	FPGA_CARD_USE_MTD_MODULE,
	FPGA_CARD_USE_DMA,
	FPGA_CARD_USE_DMA_FREED,
	FPGA_CARD_USE_UNKNOWN,
	FPGA_CARD_USE_CONSOLE,
	FPGA_CARD_USE_CHAR,
	FPGA_CARD_USE_MODULE,
	FPGA_CARD_USE_BAR,
};

/**
 * struct fpga_card_user - a user of a function or of a child, or what may have one
 *
 * Belongs to whoever looks for users, so there is no lock.
 *
 * @node: entry in the list of those found
 * @dev: the function, or a device of the region's children; referenced
 * @use: how it is used
 * @name: of the interface, the device, the file or the module
 * @devt: number of the character device
 * @unwritten: how much of the block device's data is in memory alone, in bytes
 * @module: the module, to be compared only
 * @holders: how many processes have it open; 0 also if that is no matter of
 *	processes
 * @pid: the first of them
 * @comm: its name
 * @last: the last of them
 */
struct fpga_card_user {
	struct list_head node;
	struct device *dev;
	enum fpga_card_use use;
	char name[FPGA_CARD_USER_NAME_MAX];
	dev_t devt;
	u64 unwritten;
	const struct module *module;
	unsigned int holders;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	pid_t last;
};

/* Those that only count when a process has them open. */
static inline bool fpga_card_user_is_file(const struct fpga_card_user *user)
{
	return user->use == FPGA_CARD_USE_VFIO_NODE ||
	       user->use == FPGA_CARD_USE_CHAR ||
	       user->use == FPGA_CARD_USE_MODULE ||
	       user->use == FPGA_CARD_USE_BAR;
}

/* uses.c */
enum fpga_card_use fpga_card_find_use(struct device *dev);
enum fpga_card_use fpga_card_find_file_use(struct device *dev);
u64 fpga_card_unwritten(struct device *dev);
bool fpga_card_is_console(dev_t devt);

/* holders.c */
void fpga_card_find_holders(struct list_head *users);

/* users-text.c */
int fpga_card_describe_user(const struct fpga_card_user *user,
			    const char *between, char *buf, size_t len);

#endif /* _FPGA_CARD_USERS_H */
