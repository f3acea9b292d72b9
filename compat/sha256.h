/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels in SHA-256. features.mk looks for it.
 */
#ifndef _FPGA_CARD_COMPAT_SHA256_H
#define _FPGA_CARD_COMPAT_SHA256_H

#include <crypto/sha2.h>

/* The kernel's name of what sha256_init() takes */
#ifndef FPGA_CARD_SHA256_CTX
#define sha256_ctx	sha256_state
#endif

#endif /* _FPGA_CARD_COMPAT_SHA256_H */
