/* SPDX-License-Identifier: GPL-2.0-only */
/* What an overlay asks of an FPGA region. */
#ifndef _OF_OVL_REGION_H
#define _OF_OVL_REGION_H

#include <linux/types.h>

struct fpga_card_overlay_info;
struct of_ovl_node;
struct of_ovl_prop;
struct of_ovl_why;

bool of_ovl_is_image_prop(const char *name);
bool of_ovl_is_region_compatible(const struct of_ovl_prop *prop);
int of_ovl_region_info(struct fpga_card_overlay_info *info,
		       const struct of_ovl_node *node, struct of_ovl_why *why);

#endif /* _OF_OVL_REGION_H */
