/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels in SHA-256. features.mk looks for it.
 *
 * Where the kernel's library has code for the processor, that is used. Before, the library
 * is plain C, and what is fast is behind the interface of struct crypto_shash: that is used
 * if the kernel has it. It takes the algorithm of the highest priority that is loaded.
 */
#ifndef _FPGA_CARD_COMPAT_SHA256_H
#define _FPGA_CARD_COMPAT_SHA256_H

#include <crypto/hash.h>
#include <crypto/sha2.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/types.h>

/* The kernel's name of what sha256_init() takes; the library that has it is fast. */
#ifdef FPGA_CARD_SHA256_CTX
#define FPGA_CARD_SHA256_SHASH	0
#else
#define sha256_ctx	sha256_state
#define FPGA_CARD_SHA256_SHASH	IS_REACHABLE(CONFIG_CRYPTO_HASH2)
#endif

/**
 * struct compat_sha256 - a digest that is being taken
 * @ctx: by the library
 * @tfm: what takes it instead; NULL for the library
 * @desc: its state
 */
struct compat_sha256 {
	struct sha256_ctx ctx;
#if FPGA_CARD_SHA256_SHASH
	struct crypto_shash *tfm;
	struct shash_desc *desc;
#endif
};

#if FPGA_CARD_SHA256_SHASH
static inline int compat_sha256_begin(struct compat_sha256 *sha)
{
	sha256_init(&sha->ctx);
	sha->desc = NULL;
	sha->tfm = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(sha->tfm)) {
		sha->tfm = NULL;
		return 0;
	}
	sha->desc = kmalloc(sizeof(*sha->desc) + crypto_shash_descsize(sha->tfm),
			    GFP_KERNEL);
	if (!sha->desc) {
		crypto_free_shash(sha->tfm);
		sha->tfm = NULL;
		return 0;
	}
	sha->desc->tfm = sha->tfm;
	return crypto_shash_init(sha->desc);
}

static inline int compat_sha256_update(struct compat_sha256 *sha, const u8 *data, size_t len)
{
	if (sha->tfm)
		return crypto_shash_update(sha->desc, data, len);
	sha256_update(&sha->ctx, data, len);
	return 0;
}

/* Frees what the first one took, also if there is an error @err, which is returned. */
static inline int compat_sha256_end(struct compat_sha256 *sha, u8 *digest, int err)
{
	if (!sha->tfm) {
		sha256_final(&sha->ctx, digest);
		return err;
	}
	err = err ?: crypto_shash_final(sha->desc, digest);
	kfree_sensitive(sha->desc);
	crypto_free_shash(sha->tfm);
	return err;
}
#else
static inline int compat_sha256_begin(struct compat_sha256 *sha)
{
	sha256_init(&sha->ctx);
	return 0;
}

static inline int compat_sha256_update(struct compat_sha256 *sha, const u8 *data, size_t len)
{
	sha256_update(&sha->ctx, data, len);
	return 0;
}

static inline int compat_sha256_end(struct compat_sha256 *sha, u8 *digest, int err)
{
	sha256_final(&sha->ctx, digest);
	return err;
}
#endif

#endif /* _FPGA_CARD_COMPAT_SHA256_H */
