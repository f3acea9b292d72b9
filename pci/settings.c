// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was below the port when the window opened: to give those functions that the new
 * image has too their settings back, and to tell what is missing. One file, as each
 * setting is noted, given back and told of in the same way.
 */

#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "compat/pci.h"
#include "reload.h"

/* "00010000:01:00.1" */
#define PCI_RELOAD_NAME_LEN	20

/* The largest there is (PCIe r6.0, sec 7.5.3.4); more is no answer at all. */
#define PCI_RELOAD_MRRS_MAX	4096

/* ", and 65535 more" */
#define PCI_RELOAD_MORE_LEN	20

/**
 * struct pci_reload_vf - a VF with settings of its own, or one that may have some
 * @node: entry in the list of its PF
 * @pdev: the VF; referenced, only while it is being remembered
 * @id: its number
 * @override: its driver_override
 */
struct pci_reload_vf {
	struct list_head node;
	struct pci_dev *pdev;
	int id;
	char *override;
};

/**
 * struct pci_reload_function - a function that was below the port
 *
 * The owner's thread alone reads and writes it, but for @again, which whoever adds a VF
 * reads, and @next, which is the matter of the one that adds VFs of @again.
 *
 * @node: entry in the window's list
 * @pdev: the function; referenced, only while it is being remembered
 * @vendor: its vendor ID
 * @device: its device ID
 * @num_vfs: number of VFs that were enabled
 * @mrrs: its Max Read Request Size in bytes, 0 if not known
 * @override: its driver_override, or NULL
 * @vfs: those of its VFs that have a driver_override
 * @next: where in @vfs to look first
 * @again: what it is now, while it is given VFs; to be compared only
 * @job: by which its VFs are enabled; NULL if that is not done together with others
 * @name: what it was called
 * @depth: number of elements of @path
 * @path: device and function numbers, from the one on the port's own bus to its
 *	own: bus numbers change from image to image
 */
struct pci_reload_function {
	struct list_head node;
	struct pci_dev *pdev;
	u16 vendor;
	u16 device;
	u16 num_vfs;
	u16 mrrs;
	char *override;
	struct list_head vfs;
	struct list_head *next;
	struct pci_dev *again;
	struct pci_reload_vf_job *job;
	char name[PCI_RELOAD_NAME_LEN];
	unsigned int depth;
	u8 path[];
};

/**
 * struct pci_reload_snapshot - a list that is being made
 * @pr: the window
 * @functions: the list
 */
struct pci_reload_snapshot {
	struct pci_reload *pr;
	struct list_head functions;
};

static void pci_reload_forget_function(struct pci_reload_function *fn)
{
	struct pci_reload_vf *vf, *next;

	list_for_each_entry_safe(vf, next, &fn->vfs, node) {
		pci_dev_put(vf->pdev);
		kfree(vf->override);
		kfree(vf);
	}
	pci_dev_put(fn->pdev);
	kfree(fn->override);
	kfree(fn);
}

static void pci_reload_forget_functions(struct list_head *functions)
{
	struct pci_reload_function *fn, *next;

	list_for_each_entry_safe(fn, next, functions, node)
		pci_reload_forget_function(fn);
	INIT_LIST_HEAD(functions);
}

/**
 * pci_reload_forget - forget what was below the port
 * @pr: the window
 *
 * Context: may sleep.
 */
void pci_reload_forget(struct pci_reload *pr)
{
	pci_reload_forget_functions(&pr->functions);
}

static int pci_reload_snapshot_pf(struct pci_reload_snapshot *snapshot,
				  struct pci_dev *pdev)
{
	struct pci_bus *top = snapshot->pr->bus;
	struct pci_reload_function *fn;
	unsigned int depth = 1;
	struct pci_dev *at;
	int mrrs;

	for (at = pdev; at->bus != top; at = at->bus->self)
		depth++;
	fn = kzalloc(struct_size(fn, path, depth), GFP_KERNEL);
	if (!fn)
		return -ENOMEM;

	fn->depth = depth;
	for (at = pdev; depth--; at = at->bus->self)
		fn->path[depth] = at->devfn;
	INIT_LIST_HEAD(&fn->vfs);
	fn->next = &fn->vfs;
	fn->pdev = pci_dev_get(pdev);
	fn->vendor = pdev->vendor;
	fn->device = pdev->device;
	fn->num_vfs = pci_num_vf(pdev);
	mrrs = pci_is_pcie(pdev) ? pcie_get_readrq(pdev) : 0;
	fn->mrrs = mrrs <= PCI_RELOAD_MRRS_MAX ? mrrs : 0;
	strscpy(fn->name, pci_name(pdev), sizeof(fn->name));
	list_add_tail(&fn->node, &snapshot->functions);
	return 0;
}

static int pci_reload_snapshot_vf(struct pci_reload_snapshot *snapshot,
				  struct pci_dev *pdev)
{
	struct pci_reload_function *fn;
	struct pci_reload_vf *vf;

	if (!pci_compat_has_override(pdev))
		return 0;
	list_for_each_entry(fn, &snapshot->functions, node) {
		if (fn->pdev != pci_physfn(pdev))
			continue;
		vf = kzalloc(sizeof(*vf), GFP_KERNEL);
		if (!vf)
			return -ENOMEM;
		vf->pdev = pci_dev_get(pdev);
		vf->id = pci_iov_vf_id(pdev);
		list_add_tail(&vf->node, &fn->vfs);
	}
	return 0;
}

/* A PF comes before its VFs. Bridges have no settings. */
static int pci_reload_snapshot_one(struct pci_dev *pdev, void *data)
{
	if (pci_is_bridge(pdev))
		return 0;
	return pdev->is_virtfn ? pci_reload_snapshot_vf(data, pdev) :
				 pci_reload_snapshot_pf(data, pdev);
}

/*
 * What needs a device lock. That is not taken inside the rescan lock, since a
 * write to sriov_numvfs takes them the other way round.
 */
static int pci_reload_snapshot_overrides(struct pci_reload_function *fn)
{
	struct pci_reload_vf *vf, *next;
	int ret;

	ret = pci_compat_get_override(fn->pdev, &fn->override);
	list_for_each_entry_safe(vf, next, &fn->vfs, node) {
		if (!ret)
			ret = pci_compat_get_override(vf->pdev, &vf->override);
		pci_dev_put(vf->pdev);
		vf->pdev = NULL;
		if (vf->override)
			continue;
		list_del(&vf->node);
		kfree(vf);
	}
	pci_dev_put(fn->pdev);
	fn->pdev = NULL;
	return ret;
}

/* Whether both were the same function, in the same place. */
static bool pci_reload_is_same(const struct pci_reload_function *a,
			       const struct pci_reload_function *b)
{
	return a->vendor == b->vendor && a->device == b->device &&
	       a->depth == b->depth && !memcmp(a->path, b->path, a->depth);
}

/* VFs that were given up ahead of this window are what was there when it opened. */
static void pci_reload_take_over_released(struct pci_reload *pr,
					  struct list_head *functions)
{
	struct pci_reload_function *fn, *old;

	if (!pr->vfs_released)
		return;
	pr->vfs_released = false;
	list_for_each_entry(fn, functions, node) {
		if (fn->num_vfs)
			continue;
		list_for_each_entry(old, &pr->functions, node) {
			if (!pci_reload_is_same(fn, old))
				continue;
			fn->num_vfs = old->num_vfs;
			list_splice_init(&old->vfs, &fn->vfs);
			break;
		}
	}
}

/**
 * pci_reload_remember - remember what is below the port
 * @pr: the window, which is being opened
 *
 * If there is nothing, as after a reload that failed, what was remembered
 * before is kept.
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: 0; -ENOMEM, with nothing changed.
 */
int pci_reload_remember(struct pci_reload *pr)
{
	struct pci_reload_snapshot snapshot = {
		.pr = pr,
		.functions = LIST_HEAD_INIT(snapshot.functions),
	};
	struct pci_reload_function *fn;
	int ret;

	pci_reload_take_turn();
	ret = pci_reload_walk(pr->bus, pci_reload_snapshot_one, &snapshot);
	pci_reload_end_turn();
	list_for_each_entry(fn, &snapshot.functions, node)
		ret = ret ?: pci_reload_snapshot_overrides(fn);
	if (ret) {
		pci_reload_forget_functions(&snapshot.functions);
		return pci_reload_fail(pr, ret,
				       "no memory to remember what is below %s",
				       pci_name(pr->port));
	}

	if (list_empty(&snapshot.functions))
		return 0;
	pci_reload_take_over_released(pr, &snapshot.functions);
	pci_reload_forget(pr);
	list_splice(&snapshot.functions, &pr->functions);
	return 0;
}

/* The function that is where @fn was, if it is the same. The rescan lock is held. */
static struct pci_dev *
pci_reload_find_again(struct pci_reload *pr,
		      const struct pci_reload_function *fn)
{
	struct pci_bus *bus = pr->bus;
	struct pci_dev *pdev = NULL;
	unsigned int i;

	for (i = 0; i < fn->depth; i++) {
		bus = pdev ? pdev->subordinate : bus;
		pdev = NULL;
		if (bus)
			pdev = pci_get_slot(bus, fn->path[i]);
		if (!pdev)
			return NULL;
		/* The rescan lock keeps it. */
		pci_dev_put(pdev);
	}
	if (pdev->vendor != fn->vendor || pdev->device != fn->device)
		return NULL;
	return pdev;
}

/**
 * pci_reload_set_restore - whether functions get their settings back
 * @pr: the window
 * @restore: a new window does not restore
 *
 * Settings are driver_override, Max Read Request Size, the number of VFs and
 * the VFs' driver_override, as they were when the window was opened, of each
 * function that is in the same place with the same vendor and device ID.
 *
 * Context: any; not while a step of @pr is running.
 */
void pci_reload_set_restore(struct pci_reload *pr, bool restore)
{
	pr->restore = restore;
}
EXPORT_SYMBOL_GPL(pci_reload_set_restore);

/**
 * pci_reload_restore_early - restore what is restored before drivers bind
 * @pr: the window; its functions were found and have no drivers yet
 *
 * A function whose setting does not come back works without it, so that is no
 * error.
 *
 * Context: may sleep. The rescan lock is held.
 */
void pci_reload_restore_early(struct pci_reload *pr)
{
	struct pci_reload_function *fn;
	struct pci_dev *pdev;
	int ret;

	if (!pr->restore)
		return;
	list_for_each_entry(fn, &pr->functions, node) {
		pdev = pci_reload_find_again(pr, fn);
		if (!pdev)
			continue;
		ret = 0;
		if (fn->override)
			ret = pci_compat_set_override(pdev, fn->override);
		if (!ret && fn->mrrs && pcie_get_readrq(pdev) != fn->mrrs)
			ret = pcie_set_readrq(pdev, fn->mrrs);
		if (ret)
			pci_warn(pdev, "settings were not restored: error %d\n",
				 ret);
	}
}

/**
 * struct pci_reload_enable - VFs that are being enabled
 * @nb: sees each VF before it is bound to a driver
 * @pr: the window
 * @fn: what is known of the PF whose VFs they are, if it is one
 * @jobs: those that are dealt with together
 * @num: number of elements of @jobs
 */
struct pci_reload_enable {
	struct notifier_block nb;
	struct pci_reload *pr;
	struct pci_reload_function *fn;
	struct pci_reload_vf_job *jobs;
	unsigned int num;
};

/* VFs come in the order in which they were, so what is looked for is the next one. */
static struct pci_reload_vf *
pci_reload_find_vf(struct pci_reload_function *fn, int id)
{
	struct list_head *node = fn->next;
	struct pci_reload_vf *vf;

	do {
		vf = list_entry(node, struct pci_reload_vf, node);
		node = node->next;
		if (&vf->node != &fn->vfs && vf->id == id) {
			fn->next = node;
			return vf;
		}
	} while (node != fn->next);
	return NULL;
}

/* The VFs of a PF are added by one thread, those of several PFs by several. */
static int pci_reload_vf_added(struct notifier_block *nb, unsigned long action,
			       void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct pci_reload_function *fn;
	struct pci_reload_enable *enable;
	struct pci_reload_vf *vf;

	enable = container_of(nb, struct pci_reload_enable, nb);
	if (action != BUS_NOTIFY_ADD_DEVICE || !pdev->is_virtfn)
		return NOTIFY_DONE;

	list_for_each_entry(fn, &enable->pr->functions, node) {
		if (READ_ONCE(fn->again) != pci_physfn(pdev))
			continue;
		vf = pci_reload_find_vf(fn, pci_iov_vf_id(pdev));
		if (vf && pci_compat_set_override(pdev, vf->override))
			pci_warn(pdev, "driver_override was not restored\n");
	}
	return NOTIFY_OK;
}

static struct pci_dev *pci_reload_next_enable(struct pci_reload *pr, void *data)
{
	struct pci_reload_enable *enable = data;
	struct pci_dev *pf = pci_reload_find_again(pr, enable->fn);

	/* VFs that the image does not have cannot be restored. */
	if (pf && pci_sriov_get_totalvfs(pf) < enable->fn->num_vfs)
		return NULL;
	return pf;
}

/* @ret is what came of enabling them. */
static int pci_reload_vfs_are_back(struct pci_reload *pr, struct pci_dev *pf,
				   unsigned int num, int ret)
{
	if (ret == -ENOENT)
		return pci_reload_fail(pr, ret,
				       "%u VFs of %s were not enabled again: %s",
				       num, pci_name(pf),
				       READ_ONCE(pf->dev.driver) ?
				       "its driver does not do that" :
				       "it has no driver");
	if (ret)
		return pci_reload_fail(pr, ret,
				       "%u VFs of %s were not enabled again: its driver failed with error %d",
				       num, pci_name(pf), ret);
	if (pci_num_vf(pf) < num)
		return pci_reload_fail(pr, -EIO,
				       "its driver has enabled %d VFs of %s, not %u as before",
				       pci_num_vf(pf), pci_name(pf), num);
	return 0;
}

static int pci_reload_enable_vfs_of(struct pci_reload *pr, struct pci_dev *pf,
				    void *data)
{
	struct pci_reload_enable *enable = data;
	unsigned int num = enable->fn->num_vfs;
	int ret;

	/* Some drivers enable VFs in probe(). */
	if (pci_num_vf(pf) == num)
		return 0;
	if (pci_num_vf(pf))
		return pci_reload_fail(pr, -EBUSY,
				       "%s has %d VFs already, so not %u as before",
				       pci_name(pf), pci_num_vf(pf), num);

	WRITE_ONCE(enable->fn->again, pf);
	ret = pci_reload_set_vfs(pr, pf, num);
	WRITE_ONCE(enable->fn->again, NULL);
	return pci_reload_vfs_are_back(pr, pf, num, ret);
}

/* The rescan lock is held. */
static void pci_reload_add_enable(struct pci_reload_enable *enable)
{
	struct pci_reload_vf_job *job = &enable->jobs[enable->num];
	struct pci_dev *pf = pci_reload_next_enable(enable->pr, enable);

	if (!pf || pci_num_vf(pf))
		return;
	job->pr = enable->pr;
	job->pf = pci_dev_get(pf);
	job->num = enable->fn->num_vfs;
	enable->fn->job = job;
	WRITE_ONCE(enable->fn->again, pf);
	enable->num++;
}

/* Those PFs for which that is possible: who cannot be dealt with so has no @job. */
static void pci_reload_enable_together(struct pci_reload_enable *enable)
{
	struct pci_reload *pr = enable->pr;
	struct pci_reload_function *fn;
	unsigned int num = 0;

	list_for_each_entry(fn, &pr->functions, node)
		num += !!fn->num_vfs;
	if (num < 2 && pci_reload_is_open(pr))
		return;
	enable->jobs = kcalloc(num, sizeof(*enable->jobs), GFP_KERNEL);
	if (!enable->jobs)
		return;

	pci_reload_watch_enter(pr);
	pci_reload_take_turn();
	list_for_each_entry(fn, &pr->functions, node) {
		enable->fn = fn;
		if (fn->num_vfs)
			pci_reload_add_enable(enable);
	}
	pci_reload_end_turn();
	pci_reload_run_vf_jobs(enable->jobs, enable->num);
	pci_reload_watch_leave(pr);
	list_for_each_entry(fn, &pr->functions, node) {
		WRITE_ONCE(fn->again, NULL);
		if (fn->job && !fn->job->runs)
			fn->job = NULL;
	}
}

static void pci_reload_forget_jobs(struct pci_reload_enable *enable)
{
	struct pci_reload_function *fn;
	unsigned int i;

	list_for_each_entry(fn, &enable->pr->functions, node)
		fn->job = NULL;
	for (i = 0; i < enable->num; i++)
		pci_dev_put(enable->jobs[i].pf);
	kfree(enable->jobs);
}

/**
 * pci_reload_enable_vfs - enable the VFs that were remembered
 * @pr: the window
 *
 * Through the PF's driver, as by a write to sriov_numvfs. After a failure the other
 * functions are gone through all the same.
 *
 * Context: may sleep. Takes the locks that a write to sriov_numvfs takes.
 *
 * Return: 0; the first error.
 */
int pci_reload_enable_vfs(struct pci_reload *pr)
{
	struct pci_reload_enable enable = {
		.nb.notifier_call = pci_reload_vf_added,
		.pr = pr,
	};
	char reason[PCI_RELOAD_REASON_MAX];
	struct pci_reload_function *fn;
	int err = 0;
	int ret;

	pci_reload_await_pfs(pr);
	bus_register_notifier(&pci_bus_type, &enable.nb);
	pci_reload_enable_together(&enable);
	list_for_each_entry(fn, &pr->functions, node) {
		if (!fn->num_vfs)
			continue;
		enable.fn = fn;
		if (fn->job)
			ret = pci_reload_vfs_are_back(pr, fn->job->pf,
						      fn->num_vfs, fn->job->ret);
		else
			ret = pci_reload_call(pr, pci_reload_next_enable,
					      pci_reload_enable_vfs_of, &enable);
		if (ret >= 0 || err)
			continue;
		err = ret;
		strscpy(reason, pr->reason, sizeof(reason));
	}
	bus_unregister_notifier(&pci_bus_type, &enable.nb);
	pci_reload_forget_jobs(&enable);
	return err ? pci_reload_fail(pr, err, "%s", reason) : 0;
}

/**
 * pci_reload_restore_settings - restore what takes drivers
 * @pr: a window after pci_reload_enumerate()
 *
 * That is the number of VFs; see pci_reload_enable_vfs().
 *
 * Context: may sleep. Takes the locks that a write to sriov_numvfs takes.
 *
 * Return: 0; the first error.
 */
int pci_reload_restore_settings(struct pci_reload *pr)
{
	return pr->restore ? pci_reload_enable_vfs(pr) : 0;
}
EXPORT_SYMBOL_GPL(pci_reload_restore_settings);

/**
 * struct pci_reload_text - a list of what is lost
 * @buf: the text
 * @len: size of @buf
 * @used: length of the text
 * @left_out: functions for which there was no room
 */
struct pci_reload_text {
	char *buf;
	size_t len;
	size_t used;
	unsigned int left_out;
};

__printf(3, 4)
static void pci_reload_add_lost(struct pci_reload_text *text,
				unsigned int count, const char *fmt, ...)
{
	size_t room = text->len - text->used;
	va_list args;
	int need;

	va_start(args, fmt);
	need = vsnprintf(text->buf + text->used, room, fmt, args);
	va_end(args);
	/* Keep room for the count of what is left out; after the first gap only count. */
	if (text->left_out || need + PCI_RELOAD_MORE_LEN >= room) {
		if (room)
			text->buf[text->used] = '\0';
		text->left_out += count;
	} else {
		text->used += need;
	}
}

/**
 * pci_reload_lost - tell what was below the port and is not there now
 * @pr: the window
 * @buf: for the list: "0000:01:00.1 (1234:0002), 4 VFs of 0000:01:00.0"
 * @len: size of @buf
 *
 * Compares with what was there when the window was last opened with something
 * below the port. Bridges do not count. Functions have the names they had.
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: how many functions are lost, VFs included; @buf is empty if none is.
 */
int pci_reload_lost(struct pci_reload *pr, char *buf, size_t len)
{
	struct pci_reload_text text = { .buf = buf, .len = len };
	struct pci_reload_function *fn;
	struct pci_dev *pdev;
	int lost = 0;
	int vfs;

	if (len)
		buf[0] = '\0';
	pci_reload_lock_rescan(pr);
	list_for_each_entry(fn, &pr->functions, node) {
		pdev = pci_reload_find_again(pr, fn);
		vfs = fn->num_vfs - (pdev ? pci_num_vf(pdev) : 0);
		if (!pdev)
			pci_reload_add_lost(&text, 1, "%s%s (%04x:%04x)",
					    lost ? ", " : "", fn->name,
					    fn->vendor, fn->device);
		lost += !pdev;
		if (vfs <= 0)
			continue;
		pci_reload_add_lost(&text, vfs, "%s%d VF%s of %s",
				    lost ? ", " : "", vfs, vfs > 1 ? "s" : "",
				    fn->name);
		lost += vfs;
	}
	pci_reload_unlock_rescan(pr);
	if (text.left_out)
		scnprintf(buf + text.used, len - text.used, "%s%u more",
			  text.used ? ", and " : "", text.left_out);
	return lost;
}
EXPORT_SYMBOL_GPL(pci_reload_lost);
