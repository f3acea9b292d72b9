/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a card has to do with the device tree: nothing in kernels without
 * overlays, where the files that look at it are not built.
 */
#ifndef _FPGA_CARD_COMPAT_OF_H
#define _FPGA_CARD_COMPAT_OF_H

#include <linux/types.h>

struct fpga_card;
struct fpga_card_request;

#ifdef CONFIG_OF_OVERLAY

int fpga_card_of_init(void);
void fpga_card_of_stop(void);
void fpga_card_of_exit(void);
void fpga_card_of_update(void);
void fpga_card_of_card_gone(struct fpga_card *card);

int fpga_card_overlay_refuses(struct fpga_card *card,
			      struct fpga_card_request *req, const char *name);
void fpga_card_children_init(struct fpga_card *card);
void fpga_card_children_remove(struct fpga_card *card);
void fpga_card_children_drop(struct fpga_card *card);
void fpga_card_children_restore(struct fpga_card *card, bool over);

#else

static inline int fpga_card_of_init(void)
{
	return 0;
}

static inline void fpga_card_of_stop(void)
{
}

static inline void fpga_card_of_exit(void)
{
}

static inline void fpga_card_of_update(void)
{
}

static inline void fpga_card_of_card_gone(struct fpga_card *card)
{
}

static inline int fpga_card_overlay_refuses(struct fpga_card *card,
					    struct fpga_card_request *req,
					    const char *name)
{
	return 0;
}

static inline void fpga_card_children_init(struct fpga_card *card)
{
}

static inline void fpga_card_children_remove(struct fpga_card *card)
{
}

static inline void fpga_card_children_drop(struct fpga_card *card)
{
}

static inline void fpga_card_children_restore(struct fpga_card *card,
					      bool over)
{
}

#endif /* CONFIG_OF_OVERLAY */

#endif /* _FPGA_CARD_COMPAT_OF_H */
