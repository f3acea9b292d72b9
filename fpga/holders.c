// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes have a device open.
 *
 * A character device does not know how often it is open, so the processes'
 * descriptors are looked through. What cannot be found in this way:
 *
 * - a mapping whose descriptor was closed;
 * - a descriptor that is on its way through a socket, or was handed to io_uring;
 * - descriptors made from a device's, such as dma-bufs;
 * - character devices that are below no function, if their driver has other devices
 *   beside the card;
 * - who opens it a moment later.
 *
 * The other way round, a process that kept a device open when it was taken away
 * by force counts as a user of the next device that has its number.
 */

#include <linux/ctype.h>
#include <linux/dcache.h>
#include <linux/device.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "users.h"

/**
 * struct fpga_card_walk - the process that is looked through
 * @users: what is looked for
 * @pid: of the process
 * @comm: its name
 */
struct fpga_card_walk {
	struct list_head *users;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/* resource0 to resource5, perhaps with "_wc", of whichever function. */
static bool fpga_card_is_bar_file(struct file *file)
{
	static const char prefix[] = "resource";
	struct inode *inode = file_inode(file);
	const char *name;

	if (!S_ISREG(inode->i_mode) || inode->i_sb->s_magic != SYSFS_MAGIC)
		return false;
	/* Attributes are never renamed. */
	name = file->f_path.dentry->d_name.name;
	return strstarts(name, prefix) && isdigit(name[sizeof(prefix) - 1]);
}

/* The attribute's directory is that of its device. */
static bool fpga_card_is_bar_of(struct file *file, struct device *dev)
{
	struct dentry *dir = file->f_path.dentry->d_parent;
	bool same;

	spin_lock(&dir->d_lock);
	same = !strcmp(dir->d_name.name, dev_name(dev));
	spin_unlock(&dir->d_lock);
	return same;
}

static bool fpga_card_is_held_by(const struct fpga_card_user *user,
				 struct file *file)
{
	struct inode *inode = file_inode(file);

	switch (user->use) {
	case FPGA_CARD_USE_VFIO_NODE:
	case FPGA_CARD_USE_CHAR:
		return S_ISCHR(inode->i_mode) && inode->i_rdev == user->devt;
	case FPGA_CARD_USE_MODULE:
		return S_ISCHR(inode->i_mode) &&
		       file->f_op->owner == user->module;
	case FPGA_CARD_USE_BAR:
		return fpga_card_is_bar_of(file, user->dev);
	default:
		return false;
	}
}

static void fpga_card_add_holder(struct fpga_card_user *user,
				 const struct fpga_card_walk *walk,
				 struct file *file)
{
	/* The last one that was counted, in case it has it open twice. */
	if (user->holders && user->last == walk->pid)
		return;
	user->last = walk->pid;
	if (user->holders++)
		return;
	user->pid = walk->pid;
	strscpy(user->comm, walk->comm, sizeof(user->comm));
	if (user->use == FPGA_CARD_USE_BAR)
		strscpy(user->name, file->f_path.dentry->d_name.name,
			sizeof(user->name));
}

/* Called with the lock of the descriptor table held. */
static int fpga_card_check_file(const void *data, struct file *file,
				unsigned int fd)
{
	const struct fpga_card_walk *walk = data;
	struct fpga_card_user *user;
	bool held = false;
	bool bar, of_bar;

	/* O_PATH finds a file, and does not open it. */
	if (file->f_mode & FMODE_PATH)
		return 0;
	bar = fpga_card_is_bar_file(file);
	if (!bar && !S_ISCHR(file_inode(file)->i_mode))
		return 0;
	list_for_each_entry(user, walk->users, node) {
		/* There is one for each function, and there may be hundreds of VFs. */
		of_bar = user->use == FPGA_CARD_USE_BAR;
		if (bar != of_bar)
			continue;
		/* A file that is below a function is told as that alone. */
		if (user->use == FPGA_CARD_USE_MODULE && held)
			continue;
		if (fpga_card_is_held_by(user, file)) {
			fpga_card_add_holder(user, walk, file);
			held = true;
		}
	}
	return 0;
}

/**
 * fpga_card_find_holders - find out who has files open
 * @users: list of &struct fpga_card_user; those that stand for files learn how
 *	many processes have them open, and which one is the first
 *
 * All threads are asked, as one may have left the descriptor table of its
 * process, or outlive its first thread. Kernel threads share a table, which is
 * empty but for those that test this.
 *
 * Context: does not sleep, but looks at each descriptor there is.
 */
void fpga_card_find_holders(struct list_head *users)
{
	struct fpga_card_walk walk = { .users = users };
	struct files_struct *seen = NULL;
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process(p) {
		/* Some kernels lock the task for its name, so not below. */
		get_task_comm(walk.comm, p);
		walk.pid = task_tgid_nr(p);
		for_each_thread(p, t) {
			/* Keeps t->files, which is NULL in one that exits. */
			task_lock(t);
			if (t->files != seen) {
				seen = t->files;
				iterate_fd(seen, 0, fpga_card_check_file, &walk);
			}
			task_unlock(t);
		}
	}
	rcu_read_unlock();
}
