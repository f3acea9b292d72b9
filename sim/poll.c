// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory behind BARs that stands for registers is looked at again and again, as nobody
 * tells of an access to it.
 *
 * The driver of a PMCI gives up after 10 ms. On a machine with other things to do no task
 * gets there in time, and no other processor may run at all: a timer interrupt on each one
 * does, as it comes before the task that it would be too late for.
 */

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat/hrtimer.h"
#include "host.h"

/* Less than the driver waits; and while it is at it, for so long after that */
#define PCSIM_POLL_SLOW_NS	(3 * NSEC_PER_MSEC)
#define PCSIM_POLL_FAST_NS	(200 * NSEC_PER_USEC)
#define PCSIM_POLL_AWAKE_MS	30

static DEFINE_PER_CPU(struct hrtimer, pcsim_poll_timer);
static DEFINE_MUTEX(pcsim_poll_mutex);		/* whether the timers run */
static DEFINE_RAW_SPINLOCK(pcsim_poll_lock);	/* the list; before a host's */
static LIST_HEAD(pcsim_poll_hosts);
static ktime_t pcsim_poll_last;

static bool pcsim_poll_card(struct pcsim_card *card)
{
	return pcsim_pmci_poll(card) || pcsim_icap_poll(card);
}

static bool pcsim_poll_host(struct pcie_card_sim *sim)
{
	bool any = false;
	unsigned int i;

	guard(pcsim)(sim);

	if (sim->gone)
		return false;
	for (i = 0; i < sim->n_ports; i++)
		any |= pcsim_poll_card(sim->ports[i]->card);

	return any;
}

static enum hrtimer_restart pcsim_poll_tick(struct hrtimer *timer)
{
	ktime_t now = ktime_get();
	struct pcie_card_sim *sim;
	bool any = false, fast;

	raw_spin_lock(&pcsim_poll_lock);
	list_for_each_entry(sim, &pcsim_poll_hosts, poll_node)
		any |= pcsim_poll_host(sim);
	if (any)
		pcsim_poll_last = now;
	fast = ktime_before(now, ktime_add_ms(pcsim_poll_last,
					      PCSIM_POLL_AWAKE_MS));
	raw_spin_unlock(&pcsim_poll_lock);

	hrtimer_forward_now(timer, fast ? PCSIM_POLL_FAST_NS :
					  PCSIM_POLL_SLOW_NS);

	return HRTIMER_RESTART;
}

static void pcsim_poll_start(void *unused)
{
	hrtimer_start(this_cpu_ptr(&pcsim_poll_timer), PCSIM_POLL_SLOW_NS,
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static bool pcsim_poll_needed(const struct pcie_card_sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->n_ports; i++) {
		const struct pcsim_card *card = sim->ports[i]->card;

		if (card->m10 && card->m10->type == PCIE_CARD_SIM_DFL_N6000)
			return true;
		if (pcsim_icap_needed(card))
			return true;
	}

	return false;
}

/* Before the kernel looks at the host. */
void pcsim_poll_add(struct pcie_card_sim *sim)
{
	bool first;

	if (!sim->mem_virt || !pcsim_poll_needed(sim))
		return;

	guard(mutex)(&pcsim_poll_mutex);

	scoped_guard(raw_spinlock_irqsave, &pcsim_poll_lock) {
		first = list_empty(&pcsim_poll_hosts);
		list_add(&sim->poll_node, &pcsim_poll_hosts);
	}
	if (first)
		on_each_cpu(pcsim_poll_start, NULL, 1);
}

void pcsim_poll_del(struct pcie_card_sim *sim)
{
	unsigned int cpu;
	bool last;

	guard(mutex)(&pcsim_poll_mutex);

	if (list_empty(&sim->poll_node))
		return;

	scoped_guard(raw_spinlock_irqsave, &pcsim_poll_lock) {
		list_del_init(&sim->poll_node);
		last = list_empty(&pcsim_poll_hosts);
	}
	if (!last)
		return;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&pcsim_poll_timer, cpu));
}

void pcsim_poll_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_compat_setup(per_cpu_ptr(&pcsim_poll_timer, cpu),
				     pcsim_poll_tick, CLOCK_MONOTONIC,
				     HRTIMER_MODE_REL_PINNED_HARD);
}
