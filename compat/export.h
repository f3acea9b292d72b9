/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The namespace of what fpga-card exports, which is the version of its interface; see
 * Documentation/fpga-card/driver-api/back-end.rst. Included before all else, by
 * fpga/Kbuild: <linux/export.h> looks at it. It may be a string, see features.mk.
 */
#ifndef _FPGA_CARD_COMPAT_EXPORT_H
#define _FPGA_CARD_COMPAT_EXPORT_H

#ifdef FPGA_CARD_DEFAULT_NAMESPACE_STRING
#define DEFAULT_SYMBOL_NAMESPACE	"FPGA_CARD_1"
#else
#define DEFAULT_SYMBOL_NAMESPACE	FPGA_CARD_1
#endif

#endif /* _FPGA_CARD_COMPAT_EXPORT_H */
