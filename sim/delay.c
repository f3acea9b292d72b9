// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work to be done later, and at that time: a timer is late by up to an eighth
 * of its time if that is longer than 63 jiffies, so long delays go in steps.
 */

#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "host.h"

#define PCSIM_STEP	32UL

static struct workqueue_struct *pcsim_wq;

static void pcsim_delay_step(struct pcsim_delay *delay)
{
	s64 left = ktime_to_us(ktime_sub(delay->end, ktime_get()));

	mod_delayed_work(pcsim_wq, &delay->work,
			 min(usecs_to_jiffies(max_t(s64, left, 0)),
			     PCSIM_STEP));
}

void pcsim_delay_init(struct pcsim_delay *delay, work_func_t func)
{
	INIT_DELAYED_WORK(&delay->work, func);
}

/* A delay that runs already is replaced. */
void pcsim_delay_start(struct pcsim_delay *delay, unsigned int ms)
{
	delay->end = ktime_add_ms(ktime_get(), ms);
	pcsim_delay_step(delay);
}

/**
 * pcsim_delay_over() - is it time?
 * @delay: the delay
 *
 * To be called by the work, which is queued at the end of each step.
 *
 * Return: true if so; else the next step has begun.
 */
bool pcsim_delay_over(struct pcsim_delay *delay)
{
	if (!ktime_before(ktime_get(), delay->end))
		return true;

	pcsim_delay_step(delay);

	return false;
}

/* Have the work run at once, for another reason. */
void pcsim_delay_kick(struct pcsim_delay *delay)
{
	mod_delayed_work(pcsim_wq, &delay->work, 0);
}

/* Nothing may start the delay any more. */
void pcsim_delay_stop(struct pcsim_delay *delay)
{
	cancel_delayed_work_sync(&delay->work);
}

int pcsim_delay_module_init(void)
{
	pcsim_wq = alloc_workqueue("pcie-card-sim", WQ_UNBOUND | WQ_HIGHPRI, 0);

	return pcsim_wq ? 0 : -ENOMEM;
}

void pcsim_delay_module_exit(void)
{
	destroy_workqueue(pcsim_wq);
}
