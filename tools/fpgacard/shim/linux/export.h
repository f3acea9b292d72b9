/* SPDX-License-Identifier: GPL-2.0-only */
/* fpga/image.c includes it; the Makefile defines the one macro that it uses. */
#ifndef _FC_SHIM_EXPORT_H
#define _FC_SHIM_EXPORT_H

#endif /* _FC_SHIM_EXPORT_H */
