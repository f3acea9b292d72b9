/* SPDX-License-Identifier: GPL-2.0-only */
/* What fpga/image.c needs of the kernel's header of that name */
#ifndef _FC_SHIM_BYTEORDER_H
#define _FC_SHIM_BYTEORDER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>

#define le16_to_cpu	le16toh
#define le32_to_cpu	le32toh
#define le64_to_cpu	le64toh

#endif /* _FC_SHIM_BYTEORDER_H */
