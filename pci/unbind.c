// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unbinding the drivers of functions that are about to go, all at once: a remove() may take
 * its time, and need not wait for that of another function.
 *
 * A driver that needs another function while it is removed has a device link to that. The
 * driver core then unbinds the consumer before its supplier, and waits for it, whoever
 * began. Without a link either may be unbound at any time, by a write to "unbind", too.
 */

#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "reload.h"

/**
 * struct pci_reload_leaver - a function whose driver is about to go
 * @work: unbinds it
 * @pdev: the function; referenced
 */
struct pci_reload_leaver {
	struct work_struct work;
	struct pci_dev *pdev;
};

/**
 * struct pci_reload_leavers - all of them
 * @keep: the function whose driver stays, or NULL
 * @vfs: only VFs are meant, else PFs that have none, too
 * @num: how many there are
 * @size: how many there is room for
 * @wq: where they go; NULL for one alone, or without memory: one after the other
 * @list: a PF before its VFs, and a bridge before what is below it
 */
struct pci_reload_leavers {
	struct pci_dev *keep;
	bool vfs;
	unsigned int num;
	unsigned int size;
	struct workqueue_struct *wq;
	struct pci_reload_leaver *list;
};

/*
 * VFs need their PF until they are gone, and what is below a bridge needs that: both are
 * unbound alone, when it is their turn.
 */
static bool pci_reload_leaves(const struct pci_reload_leavers *leavers,
			      struct pci_dev *pdev)
{
	if (!READ_ONCE(pdev->dev.driver) || pci_is_bridge(pdev))
		return false;
	if (pdev->is_virtfn)
		return true;
	return !leavers->vfs && pdev != leavers->keep && !pci_num_vf(pdev);
}

static int pci_reload_note_leaver(struct pci_dev *pdev, void *data)
{
	struct pci_reload_leavers *leavers = data;

	if (!pci_reload_leaves(leavers, pdev))
		return 0;
	if (leavers->num < leavers->size)
		leavers->list[leavers->num].pdev = pci_dev_get(pdev);
	leavers->num++;
	return 0;
}

/* Without memory nothing is noted, and each is unbound when it is removed. */
static void pci_reload_note_leavers(struct pci_reload *pr,
				    struct pci_reload_leavers *leavers)
{
	pci_reload_take_turn();
	pci_reload_walk(pr->bus, pci_reload_note_leaver, leavers);
	if (leavers->num)
		leavers->list = kvcalloc(leavers->num, sizeof(*leavers->list),
					 GFP_KERNEL);
	leavers->size = leavers->list ? leavers->num : 0;
	leavers->num = 0;
	if (leavers->size)
		pci_reload_walk(pr->bus, pci_reload_note_leaver, leavers);
	pci_reload_end_turn();
	/* Others may have bound some more between the walks. */
	leavers->num = min(leavers->num, leavers->size);
}

static void pci_reload_leave(struct work_struct *work)
{
	pci_reload_take_driver(container_of(work, struct pci_reload_leaver,
					    work)->pdev);
}

static void pci_reload_send_off(const struct pci_reload_leavers *leavers,
				struct pci_reload_leaver *leaver)
{
	if (leavers->wq)
		queue_work(leavers->wq, &leaver->work);
	else
		pci_reload_leave(&leaver->work);
}

/*
 * Those that are VFs, or those that are not; the first of the list in this thread. One that
 * is no VF and alone is left to its turn.
 */
static void pci_reload_let_go(const struct pci_reload_leavers *leavers, bool vfs)
{
	struct pci_reload_leaver *leaver, *own = NULL;
	bool alone = true;
	unsigned int i;

	for (i = leavers->num; i--;) {
		leaver = &leavers->list[i];
		if (leaver->pdev->is_virtfn != vfs)
			continue;
		if (own) {
			alone = false;
			pci_reload_send_off(leavers, own);
		}
		own = leaver;
	}
	if (own && (vfs || !alone))
		pci_reload_leave(&own->work);
	for (i = leavers->num; i--;) {
		if (leavers->list[i].pdev->is_virtfn == vfs)
			flush_work(&leavers->list[i].work);
	}
}

static void pci_reload_unbind(struct pci_reload *pr, struct pci_reload_leavers *leavers)
{
	unsigned int i;

	pci_reload_note_leavers(pr, leavers);
	if (leavers->num > 1)
		leavers->wq = alloc_workqueue("pci-reload-%s", WQ_UNBOUND, 0,
					      pci_name(pr->port));
	for (i = 0; i < leavers->num; i++)
		INIT_WORK(&leavers->list[i].work, pci_reload_leave);
	pci_reload_let_go(leavers, true);
	pci_reload_let_go(leavers, false);
	if (leavers->wq)
		destroy_workqueue(leavers->wq);
}

static void pci_reload_bind_again(const struct pci_reload_leavers *leavers)
{
	unsigned int i;

	for (i = 0; i < leavers->num; i++)
		pci_reload_attach(leavers->list[i].pdev);
}

static void pci_reload_put_leavers(struct pci_reload_leavers *leavers)
{
	unsigned int i;

	for (i = 0; i < leavers->num; i++)
		pci_dev_put(leavers->list[i].pdev);
	kvfree(leavers->list);
}

/**
 * pci_reload_unbind_all - take the drivers from what is about to go
 * @pr: an open window
 * @keep: the function that stays, or NULL
 *
 * VFs come first. All that is unbound has no bus mastering either, and each driver that does
 * not return is named; who is bound again meanwhile is the caller's business, and so are
 * bridges, and PFs with VFs.
 *
 * Context: may sleep, for as long as the slowest driver; no lock is held.
 */
void pci_reload_unbind_all(struct pci_reload *pr, struct pci_dev *keep)
{
	struct pci_reload_leavers leavers = { .keep = keep };

	pci_reload_unbind(pr, &leavers);
	pci_reload_put_leavers(&leavers);
}

/**
 * pci_reload_unbind_vfs - take the drivers from all VFs, and have these go
 * @pr: a window, open or about to be
 * @disable: has them go
 *
 * As pci_reload_unbind_all(). If @disable fails while the window is closed, no scan follows
 * that would bind the drivers of the VFs that are left. So they are bound here.
 *
 * Context: may sleep, for as long as the slowest driver; no lock is held.
 *
 * Return: what @disable returns.
 */
int pci_reload_unbind_vfs(struct pci_reload *pr, int (*disable)(struct pci_reload *pr))
{
	struct pci_reload_leavers leavers = { .vfs = true };
	int ret;

	pci_reload_watch_enter(pr);
	pci_reload_unbind(pr, &leavers);
	pci_reload_watch_leave(pr);
	ret = disable(pr);
	if (ret && !pci_reload_is_open(pr)) {
		pci_reload_watch_enter(pr);
		pci_reload_bind_again(&leavers);
		pci_reload_watch_leave(pr);
	}
	pci_reload_put_leavers(&leavers);
	return ret;
}
