// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long the rescan lock and the device lock of a port are held, and how long somebody
 * who is called "stranger" waits for the former: by kprobes, as the kernel itself measures
 * neither. They slow down what they are in: no run that is timed has them.
 */

#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "port.h"

/**
 * struct locks_held - a lock, as others hold it
 * @owner: who has it; NULL for nobody, or for the stranger
 * @since: from when on
 * @longest: ns of the longest time that somebody had it
 * @total: ns of all of them
 * @count: how many there were
 */
struct locks_held {
	struct task_struct *owner;
	ktime_t since;
	s64 longest, total;
	unsigned int count;
};

/* What the probes count, and a part of it: they run in any context. */
static DEFINE_RAW_SPINLOCK(locks_lock);
static struct locks_held locks_rescan, locks_port;
static s64 locks_wait, locks_removal, locks_scan;
/* When the scan began that the owner of the rescan lock is at; 0 if it is at none */
static ktime_t locks_scan_since;
static struct pci_dev *locks_dev;

static bool locks_is_stranger(void)
{
	return !strcmp(current->comm, "stranger");
}

static s64 locks_since(ktime_t since)
{
	return ktime_to_ns(ktime_sub(ktime_get(), since));
}

static void locks_taken(struct locks_held *held)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&locks_lock, flags);
	held->owner = locks_is_stranger() ? NULL : current;
	held->since = ktime_get();
	raw_spin_unlock_irqrestore(&locks_lock, flags);
}

static void locks_given(struct locks_held *held)
{
	unsigned long flags;
	s64 ns;

	raw_spin_lock_irqsave(&locks_lock, flags);
	if (held->owner == current) {
		ns = locks_since(held->since);
		held->longest = max(held->longest, ns);
		held->total += ns;
		held->count++;
	}
	held->owner = NULL;
	raw_spin_unlock_irqrestore(&locks_lock, flags);
}

/* ---- the rescan lock ---- */

static int locks_begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	*(ktime_t *)ri->data = ktime_get();
	return 0;
}

static int locks_rescan_taken(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	unsigned long flags;

	if (locks_is_stranger()) {
		raw_spin_lock_irqsave(&locks_lock, flags);
		locks_wait = max(locks_wait, locks_since(*(ktime_t *)ri->data));
		raw_spin_unlock_irqrestore(&locks_lock, flags);
	}
	locks_taken(&locks_rescan);
	return 0;
}

static int locks_rescan_given(struct kprobe *p, struct pt_regs *regs)
{
	locks_scan_since = 0;
	locks_given(&locks_rescan);
	return 0;
}

static int locks_removed(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (locks_rescan.owner == current)
		locks_removal = max(locks_removal, locks_since(*(ktime_t *)ri->data));
	return 0;
}

static int locks_scan_begin(struct kprobe *p, struct pt_regs *regs)
{
	if (locks_rescan.owner == current && !locks_scan_since)
		locks_scan_since = ktime_get();
	return 0;
}

/* It calls itself for the buses below; the last one to return is the first. */
static int locks_added(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (locks_rescan.owner == current && locks_scan_since)
		locks_scan = max(locks_scan, locks_since(locks_scan_since));
	return 0;
}

/* ---- the device lock of the port ---- */

static int locks_is_port(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return regs_get_kernel_argument(regs, 0) != (unsigned long)&locks_dev->dev.mutex;
}

static int locks_port_taken(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	locks_taken(&locks_port);
	return 0;
}

static int locks_port_tried(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (regs_return_value(regs))
		locks_taken(&locks_port);
	return 0;
}

static int locks_port_asked(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (!(int)regs_return_value(regs))
		locks_taken(&locks_port);
	return 0;
}

static int locks_port_given(struct kprobe *p, struct pt_regs *regs)
{
	if (regs_get_kernel_argument(regs, 0) == (unsigned long)&locks_dev->dev.mutex)
		locks_given(&locks_port);
	return 0;
}

/* As many as there are threads that may be in a function at once */
#define LOCKS_ACTIVE	128

static struct kretprobe locks_returns[] = {
	{ .kp.symbol_name = "pci_lock_rescan_remove", .entry_handler = locks_begin,
	  .handler = locks_rescan_taken, .data_size = sizeof(ktime_t) },
	{ .kp.symbol_name = "pci_stop_and_remove_bus_device", .entry_handler = locks_begin,
	  .handler = locks_removed, .data_size = sizeof(ktime_t) },
	{ .kp.symbol_name = "pci_bus_add_devices", .handler = locks_added },
	{ .kp.symbol_name = "mutex_lock", .entry_handler = locks_is_port,
	  .handler = locks_port_taken },
	{ .kp.symbol_name = "mutex_trylock", .entry_handler = locks_is_port,
	  .handler = locks_port_tried },
	{ .kp.symbol_name = "mutex_lock_interruptible", .entry_handler = locks_is_port,
	  .handler = locks_port_asked },
};

static struct kprobe locks_calls[] = {
	{ .symbol_name = "pci_unlock_rescan_remove", .pre_handler = locks_rescan_given },
	{ .symbol_name = "pci_scan_child_bus", .pre_handler = locks_scan_begin },
	{ .symbol_name = "pci_scan_slot", .pre_handler = locks_scan_begin },
	{ .symbol_name = "mutex_unlock", .pre_handler = locks_port_given },
};

static unsigned int locks_n_returns, locks_n_calls;

static void locks_stop(void)
{
	while (locks_n_calls)
		unregister_kprobe(&locks_calls[--locks_n_calls]);
	while (locks_n_returns)
		unregister_kretprobe(&locks_returns[--locks_n_returns]);
	pci_dev_put(locks_dev);
	locks_dev = NULL;
}

static int locks_start_returns(void)
{
	struct kretprobe *rp;
	int ret;

	for (; locks_n_returns < ARRAY_SIZE(locks_returns); locks_n_returns++) {
		rp = &locks_returns[locks_n_returns];
		rp->maxactive = LOCKS_ACTIVE;
		rp->nmissed = 0;
		/* What a probe was told of its place is left from the last time. */
		rp->kp.addr = NULL;
		rp->kp.flags = 0;
		ret = register_kretprobe(rp);
		if (ret)
			return ret;
	}
	return 0;
}

static int locks_start_calls(void)
{
	struct kprobe *kp;
	int ret;

	for (; locks_n_calls < ARRAY_SIZE(locks_calls); locks_n_calls++) {
		kp = &locks_calls[locks_n_calls];
		kp->addr = NULL;
		kp->flags = 0;
		ret = register_kprobe(kp);
		if (ret)
			return ret;
	}
	return 0;
}

static int locks_start(const char *name)
{
	int ret;

	locks_dev = bench_port_get(name);
	if (!locks_dev)
		return -ENODEV;
	memset(&locks_rescan, 0, sizeof(locks_rescan));
	memset(&locks_port, 0, sizeof(locks_port));
	locks_wait = 0;
	locks_removal = 0;
	locks_scan = 0;
	locks_scan_since = 0;
	ret = locks_start_returns() ?: locks_start_calls();
	if (ret)
		locks_stop();
	return ret;
}

static int locks_set(const char *val, const struct kernel_param *kp)
{
	bool on = locks_dev;

	if (sysfs_streq(val, "off")) {
		locks_stop();
		return 0;
	}
	return on ? -EBUSY : locks_start(val);
}

/* A probe that was missed is a hold that nobody has seen. */
static int locks_get(char *buf, const struct kernel_param *kp)
{
	unsigned int i, missed = 0;

	for (i = 0; i < locks_n_returns; i++)
		missed += locks_returns[i].nmissed + locks_returns[i].kp.nmissed;
	for (i = 0; i < locks_n_calls; i++)
		missed += locks_calls[i].nmissed;
	return sysfs_emit(buf,
			  "rescan_longest=%lld rescan_total=%lld rescan_count=%u port_longest=%lld port_total=%lld port_count=%u wait=%lld removal=%lld scan=%lld missed=%u\n",
			  locks_rescan.longest, locks_rescan.total, locks_rescan.count,
			  locks_port.longest, locks_port.total, locks_port.count,
			  locks_wait, locks_removal, locks_scan, missed);
}

static const struct kernel_param_ops locks_ops = { .set = locks_set, .get = locks_get };
module_param_cb(port, &locks_ops, NULL, 0600);
MODULE_PARM_DESC(port, "the port from which on locks are looked at, or \"off\"; then what was seen, in ns");

static void __exit locks_exit(void)
{
	locks_stop();
}

module_exit(locks_exit);
MODULE_DESCRIPTION("Times of locks, for the benchmark");
MODULE_LICENSE("GPL");
