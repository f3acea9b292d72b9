// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs of several PFs at once. The kernel waits 1 s after it has disabled those of a PF, and
 * 100 ms after it has enabled them (PCIe r6.0, sec 9.3.3.3.1), with the PF's device lock
 * and the rescan lock held. So PFs that are dealt with one after the other by sriov_numvfs
 * wait one after the other.
 *
 * Here each PF has a thread, which has its device lock and does what a write to
 * sriov_numvfs does. The rescan lock is held for all of them by the owner's thread, which
 * lets them begin one after the other: the next one when the one before waits, or has
 * returned. sriov_disable() changes lists of the PCI core before it waits, so these
 * changes are as much apart as by sriov_numvfs. sriov_enable() changes them after it has
 * waited. What two PFs can spoil for each other then is the bus of their VFs, which the
 * PCI core makes with the first one that is on it: PFs with VFs on a bus other than their
 * own are left to be dealt with alone.
 *
 * On kernels that take the rescan lock inside, the threads begin all at once.
 *
 * A kernel may leave the second out for a PF that is about to be reset (see upstream/). Then
 * the window sees to it that a card which is not reset has it all the same.
 */

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "compat/sriov.h"
#include "reload.h"

/*
 * Most PFs that can be below one port with a device each on 256 buses. A bound
 * on disabling VFs that others may enable at the same time, at 1 s a PF.
 */
#define PCI_RELOAD_PFS_MAX		256

/* What a write to sriov_numvfs does, with the device lock held. */
static int pci_reload_configure_vfs(struct pci_reload_vf_job *job)
{
	struct pci_dev *pf = job->pf;
	int ret = -ENOENT;

	if (job->num && pci_num_vf(pf))
		return -EBUSY;
	if (pf->driver && pf->driver->sriov_configure) {
		pci_reload_watch_call(job->pr, &pf->dev, "sriov_configure()");
		ret = pf->driver->sriov_configure(pf, job->num);
		pci_reload_watch_return(job->pr, &pf->dev);
	}
	/* Without a driver that has a say. */
	if (ret == -ENOENT && !job->num) {
		pci_disable_sriov(pf);
		ret = 0;
	}
	return min(ret, 0);
}

/*
 * Whether all VFs are on the PF's own bus. Where they are may change with their number
 * (PCIe r6.0, sec 9.3.3.9 and 9.3.3.10), which is writable while there are none.
 */
static bool pci_reload_vfs_are_near(struct pci_reload_vf_job *job)
{
	struct pci_dev *pf = job->pf;
	u16 offset, stride;
	int pos;

	pos = pci_find_ext_capability(pf, PCI_EXT_CAP_ID_SRIOV);
	if (!pos || pci_num_vf(pf))
		return false;
	pci_write_config_word(pf, pos + PCI_SRIOV_NUM_VF, job->num);
	pci_read_config_word(pf, pos + PCI_SRIOV_VF_OFFSET, &offset);
	pci_read_config_word(pf, pos + PCI_SRIOV_VF_STRIDE, &stride);
	pci_write_config_word(pf, pos + PCI_SRIOV_NUM_VF, 0);
	return pf->devfn + offset + stride * (job->num - 1) < 256;
}

static bool pci_reload_vf_job_lock(struct pci_reload_vf_job *job)
{
	if (!device_trylock(&job->pf->dev))
		return false;
	if (!job->num || job->at_once || pci_reload_vfs_are_near(job))
		return true;
	device_unlock(&job->pf->dev);
	return false;
}

static int pci_reload_vf_thread(void *data)
{
	struct pci_reload_vf_job *job = data;

	job->runs = pci_reload_vf_job_lock(job);
	complete(&job->tried);
	wait_for_completion(&job->go);
	if (job->runs) {
		if (!job->at_once)
			pci_compat_lent_lock();
		pci_compat_expect_reset(job->pf, job->reset);
		job->ret = pci_reload_configure_vfs(job);
		pci_compat_expect_reset(job->pf, false);
		if (!job->at_once)
			pci_compat_lent_unlock();
		device_unlock(&job->pf->dev);
	}
	complete(&job->done);
	return 0;
}

static void pci_reload_start_vf_job(struct pci_reload_vf_job *job, bool at_once)
{
	struct task_struct *thread;

	/* Somebody has removed it. */
	if (!device_is_registered(&job->pf->dev))
		return;
	job->at_once = at_once;
	init_completion(&job->tried);
	init_completion(&job->go);
	init_completion(&job->done);
	thread = kthread_create(pci_reload_vf_thread, job, "pci-vfs-%s",
				pci_name(job->pf));
	if (IS_ERR(thread))
		return;
	job->thread = get_task_struct(thread);
	wake_up_process(thread);
}

/*
 * sriov_disable() and sriov_enable() keep user space from the PF's registers from right
 * before they write VF Enable until they have waited. The register itself is not to be read
 * by then: it is one of those for which the second is (PCIe r6.0, sec 9.3.3.3.1).
 */
static bool pci_reload_vf_job_waits(struct pci_reload_vf_job *job)
{
	if (!pci_cfg_access_trylock(job->pf))
		return true;
	pci_cfg_access_unlock(job->pf);
	return false;
}

static void pci_reload_let_vf_job_go(struct pci_reload_vf_job *job)
{
	ktime_t begin = ktime_get();

	complete(&job->go);
	if (!job->runs || job->at_once)
		return;
	while (!completion_done(&job->done) && !pci_reload_vf_job_waits(job))
		pci_reload_pause(begin);
}

static void pci_reload_end_vf_job(struct pci_reload_vf_job *job)
{
	wait_for_completion(&job->done);
	kthread_stop(job->thread);
	put_task_struct(job->thread);
	job->thread = NULL;
}

/* A lock that somebody has for a moment, to read an attribute, is waited for. */
static void pci_reload_await_vf_locks(struct pci_reload_vf_job *jobs,
				      unsigned int num)
{
	ktime_t begin = ktime_get();
	ktime_t end = ktime_add_ms(begin, PCI_RELOAD_TOGETHER_MS);
	unsigned int i;

	for (i = 0; i < num; i++) {
		while (!device_trylock(&jobs[i].pf->dev)) {
			if (pci_reload_is_past(end))
				return;
			pci_reload_pause(begin);
		}
		device_unlock(&jobs[i].pf->dev);
	}
}

/**
 * pci_reload_run_vf_jobs - set the VFs of several PFs, at once
 * @jobs: what is to be done; @pf is referenced by the caller
 * @num: how many there are
 *
 * Those are left whose lock somebody else keeps, those that have to be dealt with alone,
 * and all if the kernel is not known well enough: @runs says which are not. One PF alone
 * is left as well in an open window, unless it has a reset before it. While the window is
 * closed, whoever drives the slot may remove the PF at any time, with the rescan lock held:
 * a write to sriov_numvfs, which takes that inside the device lock, could wait for him, and
 * he for it.
 *
 * A removal takes device locks inside the rescan lock. So these are only tried for here,
 * inside it.
 *
 * Context: may sleep, as long as drivers do; no lock is held. Takes the rescan lock.
 *
 * Return: how many were done; @ret of each says with what result.
 */
unsigned int pci_reload_run_vf_jobs(struct pci_reload_vf_job *jobs,
				    unsigned int num)
{
	enum pci_compat_sriov_lock lock = pci_compat_sriov_lock();
	unsigned int i, done = 0;

	if (lock == PCI_COMPAT_SRIOV_UNKNOWN || !num ||
	    (num == 1 && !jobs[0].reset && pci_reload_is_open(jobs[0].pr)))
		return 0;
	pci_reload_await_vf_locks(jobs, num);
	pci_reload_take_turn();
	for (i = 0; i < num; i++)
		pci_reload_start_vf_job(&jobs[i],
					lock == PCI_COMPAT_SRIOV_INSIDE);
	for (i = 0; i < num; i++) {
		if (jobs[i].thread)
			wait_for_completion(&jobs[i].tried);
	}
	if (lock == PCI_COMPAT_SRIOV_INSIDE)
		pci_reload_end_turn();
	for (i = 0; i < num; i++) {
		if (jobs[i].thread)
			pci_reload_let_vf_job_go(&jobs[i]);
	}
	for (i = 0; i < num; i++) {
		if (jobs[i].thread)
			pci_reload_end_vf_job(&jobs[i]);
		done += jobs[i].runs;
	}
	if (lock == PCI_COMPAT_SRIOV_AROUND)
		pci_reload_end_turn();
	return done;
}

/**
 * struct pci_reload_pfs - PFs that have VFs
 * @pr: the window
 * @num: how many
 * @room: for how many there is room in @jobs
 * @jobs: for each of them; NULL while they are counted
 */
struct pci_reload_pfs {
	struct pci_reload *pr;
	unsigned int num;
	unsigned int room;
	struct pci_reload_vf_job *jobs;
};

/*
 * Whether the second can wait until the PF is reset. A reset of the function itself, before
 * its removal, restores its SR-IOV capability. Ahead of a window nobody knows whether there
 * will be one.
 */
static bool pci_reload_resets_pfs(struct pci_reload *pr)
{
	return PCI_COMPAT_EXPECTS_RESET && pci_reload_is_open(pr) &&
	       pr->quiesce != PCI_RELOAD_QUIESCE_RESET;
}

static int pci_reload_add_pf(struct pci_dev *pdev, void *data)
{
	struct pci_reload_pfs *pfs = data;

	if (!pdev->is_physfn || !pci_num_vf(pdev))
		return 0;
	if (pfs->jobs) {
		pfs->jobs[pfs->num].pr = pfs->pr;
		pfs->jobs[pfs->num].pf = pci_dev_get(pdev);
		pfs->jobs[pfs->num].reset = pci_reload_resets_pfs(pfs->pr);
	}
	return ++pfs->num == pfs->room;
}

/* From the highest number, as functions go. */
static int pci_reload_compare_jobs(const void *a, const void *b)
{
	const struct pci_reload_vf_job *job_a = a, *job_b = b;

	return pci_dev_id(job_b->pf) - pci_dev_id(job_a->pf);
}

/**
 * pci_reload_await_pfs - wait until the SR-IOV capabilities of the card can be read
 * @pr: an open window
 *
 * That is 1 s after VFs were disabled, unless the card was reset since then (PCIe r6.0, sec
 * 9.3.3.3.1). The kernel has waited for it if it was not told that there will be a
 * reset.
 *
 * Context: may sleep, for 1 s at most.
 */
void pci_reload_await_pfs(struct pci_reload *pr)
{
	s64 ms;

	if (!pr->vfs_disabled || ktime_after(pr->released, pr->vfs_disabled))
		return;
	ms = ktime_ms_delta(ktime_get(), pr->vfs_disabled);
	if (ms < PCI_RELOAD_VFS_MS)
		msleep(PCI_RELOAD_VFS_MS - ms);
	pr->vfs_disabled = 0;
}

static void pci_reload_find_pfs(struct pci_reload_pfs *pfs)
{
	pfs->room = PCI_RELOAD_PFS_MAX;
	pci_reload_take_turn();
	pci_reload_walk(pfs->pr->bus, pci_reload_add_pf, pfs);
	/* Others may enable VFs without the lock. */
	pfs->room = pfs->num;
	pfs->num = 0;
	if (pfs->room)
		pfs->jobs = kcalloc(pfs->room, sizeof(*pfs->jobs), GFP_KERNEL);
	if (pfs->jobs)
		pci_reload_walk(pfs->pr->bus, pci_reload_add_pf, pfs);
	pci_reload_end_turn();
	if (pfs->num)
		sort(pfs->jobs, pfs->num, sizeof(*pfs->jobs),
		     pci_reload_compare_jobs, NULL);
}

static void pci_reload_put_pfs(struct pci_reload_pfs *pfs)
{
	while (pfs->num)
		pci_dev_put(pfs->jobs[--pfs->num].pf);
	kfree(pfs->jobs);
}

/* Whether its driver can be asked for VFs; one that is being bound or unbound cannot. */
static bool pci_reload_pf_has_a_say(struct pci_dev *pf)
{
	bool has;

	if (!device_trylock(&pf->dev))
		return false;
	has = pf->driver && pf->driver->sriov_configure;
	device_unlock(&pf->dev);
	return has;
}

/**
 * pci_reload_can_return_vfs - whether all VFs could be enabled again as they are
 * @pr: the window
 *
 * Without a driver that has a say VFs can be disabled, and be had back by a new probe()
 * only, or not at all.
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: whether there are VFs, and the drivers of all their PFs have a say.
 */
bool pci_reload_can_return_vfs(struct pci_reload *pr)
{
	struct pci_reload_pfs pfs = { .pr = pr };
	unsigned int i;
	bool can;

	pci_reload_find_pfs(&pfs);
	can = pfs.num;
	for (i = 0; can && i < pfs.num; i++)
		can = pci_reload_pf_has_a_say(pfs.jobs[i].pf);
	pci_reload_put_pfs(&pfs);
	return can;
}

/* Returns how many PFs have given theirs up, or what the first of the others said. */
static int pci_reload_disable_together(struct pci_reload *pr)
{
	struct pci_reload_pfs pfs = { .pr = pr };
	struct pci_reload_vf_job *job;
	unsigned int i;
	int ret;

	pci_reload_watch_enter(pr);
	pci_reload_find_pfs(&pfs);
	ret = pci_reload_run_vf_jobs(pfs.jobs, pfs.num);
	pci_reload_watch_leave(pr);
	if (ret && pci_reload_resets_pfs(pr))
		pr->vfs_disabled = ktime_get();
	for (i = 0; i < pfs.num; i++) {
		job = &pfs.jobs[i];
		if (ret >= 0 && job->runs)
			ret = pci_reload_vfs_are_gone(pr, job->pf, job->ret) ?: ret;
	}
	pci_reload_put_pfs(&pfs);
	/* The card stays as it is. */
	if (ret < 0)
		pci_reload_await_pfs(pr);
	return ret;
}

/**
 * pci_reload_disable_vfs - disable all VFs below the port
 * @pr: a window, open or about to be
 *
 * Context: may sleep, for 1 s (sriov_disable()), or on kernels that are not known for 1 s a
 * PF; no lock is held.
 *
 * Return: 0; -EBUSY if a driver does not let go of its VFs, or what it failed with;
 * -ENODEV or -EINTR.
 */
int pci_reload_disable_vfs(struct pci_reload *pr)
{
	unsigned int i;
	int ret;

	for (i = 0; i < PCI_RELOAD_PFS_MAX; i++) {
		ret = pci_reload_interrupted(pr) ?:
		      pci_reload_disable_together(pr);
		if (!ret)
			ret = pci_reload_disable_next(pr);
		if (ret <= 0)
			return ret;
	}
	return pci_reload_fail(pr, -EBUSY,
			       "VFs below %s are enabled faster than they can be disabled",
			       pci_name(pr->port));
}

/**
 * pci_reload_force_vfs - disable the VFs of a PF, whatever its driver says
 * @pr: an open window
 * @pf: the PF, which is to be removed; referenced by the caller
 *
 * A PF that goes with VFs enabled is one that the PCI core does not survive. What its
 * driver does not let go of goes with the driver.
 *
 * Context: may sleep; no lock is held.
 */
void pci_reload_force_vfs(struct pci_reload *pr, struct pci_dev *pf)
{
	int ret;

	if (!pci_num_vf(pf))
		return;
	ret = pci_reload_disable_vfs(pr);
	if (!ret || ret == -ENODEV || ret == -EINTR)
		return;
	device_release_driver(&pf->dev);
	pci_reload_end_vfs(pr, pf);
}
