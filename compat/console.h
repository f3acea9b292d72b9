/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The list of the kernel's consoles: see features.mk. Before it had a lock of its own
 * it was under the consoles' lock.
 */
#ifndef _FPGA_CARD_COMPAT_CONSOLE_H
#define _FPGA_CARD_COMPAT_CONSOLE_H

#include <linux/console.h>

/* Before console_lock() */
static inline void compat_console_list_lock(void)
{
#ifdef FPGA_CARD_CONSOLE_LIST_LOCK
	console_list_lock();
#endif
}

static inline void compat_console_list_unlock(void)
{
#ifdef FPGA_CARD_CONSOLE_LIST_LOCK
	console_list_unlock();
#endif
}

#endif /* _FPGA_CARD_COMPAT_CONSOLE_H */
