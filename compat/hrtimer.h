/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers that get their function when they are initialized: see features.mk. */
#ifndef _FPGA_CARD_COMPAT_HRTIMER_H
#define _FPGA_CARD_COMPAT_HRTIMER_H

#include <linux/hrtimer.h>

#ifdef FPGA_CARD_HRTIMER_SETUP
#define hrtimer_compat_setup	hrtimer_setup
#else
static inline void
hrtimer_compat_setup(struct hrtimer *timer,
		     enum hrtimer_restart (*function)(struct hrtimer *),
		     clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif /* _FPGA_CARD_COMPAT_HRTIMER_H */
