/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a module is in use. Kernels that cannot unload modules do not count that. */
#ifndef _FPGA_CARD_COMPAT_MODULE_H
#define _FPGA_CARD_COMPAT_MODULE_H

#include <linux/module.h>

/* @module: NULL for what is built in, whose users nobody counts */
static inline bool compat_module_is_used(struct module *module)
{
#ifdef CONFIG_MODULE_UNLOAD
	return module && module_refcount(module) > 0;
#else
	return false;
#endif
}

#endif /* _FPGA_CARD_COMPAT_MODULE_H */
