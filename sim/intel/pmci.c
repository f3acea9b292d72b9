// SPDX-License-Identifier: GPL-2.0-only
/*
 * PMCI of an N6000: the mailbox through which the host reaches the registers of
 * the BMC, and the flash controller. Both are RAM that is looked at again and
 * again.
 *
 * The driver gives up after 10 ms. On a machine with other things to do no task
 * gets there in time, and no other processor may run at all: a timer interrupt
 * on each one does, as it comes before the task that it would be too late for.
 */

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "compat/hrtimer.h"
#include "../host.h"

/* The mailbox */
#define PMCI_MBOX		0x400
#define PMCI_CMD		(PMCI_MBOX + 0x0)
#define PMCI_CMD_RD		BIT(0)
#define PMCI_CMD_WR		BIT(1)
#define PMCI_CMD_ACK		BIT(2)
#define PMCI_ADDR		(PMCI_MBOX + 0x4)
#define PMCI_RD			(PMCI_MBOX + 0x8)
#define PMCI_WR			(PMCI_MBOX + 0xc)

/* The flash controller: 512 words of the FIFO are free */
#define PMCI_FLASH_CTRL		0x40
#define PMCI_FLASH_FREE		(512 << 4)
#define PMCI_FLASH_FIFO		0x800
#define PMCI_FLASH_ERASED	0xffffffff

/* Less than the driver waits; and while it is at it, for so long after that */
#define PCSIM_PMCI_SLOW_NS	(3 * NSEC_PER_MSEC)
#define PCSIM_PMCI_FAST_NS	(200 * NSEC_PER_USEC)
#define PCSIM_PMCI_AWAKE_MS	30

static DEFINE_PER_CPU(struct hrtimer, pcsim_pmci_timer);
static DEFINE_MUTEX(pcsim_pmci_mutex);		/* whether the timers run */
static DEFINE_RAW_SPINLOCK(pcsim_pmci_lock);	/* the list; before a host's */
static LIST_HEAD(pcsim_pmci_hosts);
static ktime_t pcsim_pmci_last;

/* After a reset nothing is asked for, and the flash reads as if erased. */
void pcsim_pmci_reset(void __iomem *base)
{
	writel(0, base + PMCI_CMD);
	writel(PMCI_FLASH_FREE, base + PMCI_FLASH_CTRL);
	writel(PMCI_FLASH_ERASED, base + PMCI_FLASH_FIFO);
}

/* Returns whether there was a command. */
static bool pcsim_pmci_serve(struct pcsim_card *card, void __iomem *base)
{
	u32 cmd = readl(base + PMCI_CMD);
	unsigned int reg;

	/* The driver leaves 0 there when it has read. */
	if (!readl(base + PMCI_FLASH_CTRL))
		writel(PMCI_FLASH_FREE, base + PMCI_FLASH_CTRL);

	if (cmd & PMCI_CMD_ACK || !(cmd & (PMCI_CMD_RD | PMCI_CMD_WR)))
		return false;

	reg = readl(base + PMCI_ADDR);
	if (cmd & PMCI_CMD_RD)
		writel(pcsim_m10_read(card, reg), base + PMCI_RD);
	writel(cmd | PMCI_CMD_ACK, base + PMCI_CMD);

	/* As this may take the mailbox away. */
	if (cmd & PMCI_CMD_WR)
		pcsim_m10_write(card, reg, readl(base + PMCI_WR));

	return true;
}

static bool pcsim_pmci_card(struct pcsim_card *card)
{
	struct pcsim_pf *pf = pcsim_dfl_pf(card);
	void __iomem *base;

	if (!pf || pf->cfg.dfl != PCIE_CARD_SIM_DFL_N6000)
		return false;

	base = pcsim_dfl_base(pf);

	return base && pcsim_pmci_serve(card, base + PCSIM_DFL_BMC);
}

static bool pcsim_pmci_host(struct pcie_card_sim *sim)
{
	bool any = false;
	unsigned int i;

	guard(pcsim)(sim);

	if (sim->gone)
		return false;
	for (i = 0; i < sim->n_ports; i++)
		any |= pcsim_pmci_card(sim->ports[i]->card);

	return any;
}

static enum hrtimer_restart pcsim_pmci_tick(struct hrtimer *timer)
{
	ktime_t now = ktime_get();
	struct pcie_card_sim *sim;
	bool any = false, fast;

	raw_spin_lock(&pcsim_pmci_lock);
	list_for_each_entry(sim, &pcsim_pmci_hosts, pmci_node)
		any |= pcsim_pmci_host(sim);
	if (any)
		pcsim_pmci_last = now;
	fast = ktime_before(now, ktime_add_ms(pcsim_pmci_last,
					      PCSIM_PMCI_AWAKE_MS));
	raw_spin_unlock(&pcsim_pmci_lock);

	hrtimer_forward_now(timer, fast ? PCSIM_PMCI_FAST_NS :
					  PCSIM_PMCI_SLOW_NS);

	return HRTIMER_RESTART;
}

static void pcsim_pmci_start(void *unused)
{
	hrtimer_start(this_cpu_ptr(&pcsim_pmci_timer), PCSIM_PMCI_SLOW_NS,
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static bool pcsim_pmci_needed(const struct pcie_card_sim *sim)
{
	unsigned int i;

	for (i = 0; i < sim->n_ports; i++) {
		const struct pcsim_card *card = sim->ports[i]->card;

		if (card->m10 && card->m10->type == PCIE_CARD_SIM_DFL_N6000)
			return true;
	}

	return false;
}

/* Before the kernel looks at the host. */
void pcsim_pmci_add(struct pcie_card_sim *sim)
{
	bool first;

	if (!sim->mem_virt || !pcsim_pmci_needed(sim))
		return;

	guard(mutex)(&pcsim_pmci_mutex);

	scoped_guard(raw_spinlock_irqsave, &pcsim_pmci_lock) {
		first = list_empty(&pcsim_pmci_hosts);
		list_add(&sim->pmci_node, &pcsim_pmci_hosts);
	}
	if (first)
		on_each_cpu(pcsim_pmci_start, NULL, 1);
}

void pcsim_pmci_del(struct pcie_card_sim *sim)
{
	unsigned int cpu;
	bool last;

	guard(mutex)(&pcsim_pmci_mutex);

	if (list_empty(&sim->pmci_node))
		return;

	scoped_guard(raw_spinlock_irqsave, &pcsim_pmci_lock) {
		list_del_init(&sim->pmci_node);
		last = list_empty(&pcsim_pmci_hosts);
	}
	if (!last)
		return;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&pcsim_pmci_timer, cpu));
}

void pcsim_pmci_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_compat_setup(per_cpu_ptr(&pcsim_pmci_timer, cpu),
				     pcsim_pmci_tick, CLOCK_MONOTONIC,
				     HRTIMER_MODE_REL_PINNED_HARD);
}
