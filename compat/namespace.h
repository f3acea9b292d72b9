/* SPDX-License-Identifier: GPL-2.0-only */
/* Namespaces of symbols: their names may be strings, see features.mk. */
#ifndef _FPGA_CARD_COMPAT_NAMESPACE_H
#define _FPGA_CARD_COMPAT_NAMESPACE_H

#include <linux/module.h>
#include <linux/stringify.h>

#ifdef FPGA_CARD_NAMESPACE_STRING
#define COMPAT_IMPORT_NS(_ns)	MODULE_IMPORT_NS(__stringify(_ns))
#else
#define COMPAT_IMPORT_NS(_ns)	MODULE_IMPORT_NS(_ns)
#endif

#endif /* _FPGA_CARD_COMPAT_NAMESPACE_H */
