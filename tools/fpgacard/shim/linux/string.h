/* SPDX-License-Identifier: GPL-2.0-only */
/* What fpga/image.c needs of the kernel's header of that name */
#ifndef _FC_SHIM_STRING_H
#define _FC_SHIM_STRING_H

#include <string.h>

#endif /* _FC_SHIM_STRING_H */
