/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walking through the kernel's consoles: see features.mk. Newer kernels have the list
 * under SRCU. Older ones have it under console_lock(), which whoever prints may keep for
 * long, so that it is only tried.
 */
#ifndef _FPGA_CARD_COMPAT_CONSOLE_H
#define _FPGA_CARD_COMPAT_CONSOLE_H

#include <linux/console.h>

/* Whether the list may be walked through, with @cookie for the other function */
static inline bool compat_consoles_begin(int *cookie)
{
#ifdef FPGA_CARD_CONSOLE_SRCU
	*cookie = console_srcu_read_lock();
	return true;
#else
	return console_trylock();
#endif
}

static inline void compat_consoles_end(int cookie)
{
#ifdef FPGA_CARD_CONSOLE_SRCU
	console_srcu_read_unlock(cookie);
#else
	console_unlock();
#endif
}

#ifdef FPGA_CARD_CONSOLE_SRCU
#define compat_for_each_console	for_each_console_srcu
#else
#define compat_for_each_console	for_each_console
#endif

#endif /* _FPGA_CARD_COMPAT_CONSOLE_H */
