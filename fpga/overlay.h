/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Overlays of the device tree, and the nodes of regions: for the files that are built with
 * overlays only, and for state.c.
 */
#ifndef _FPGA_CARD_OVERLAY_H
#define _FPGA_CARD_OVERLAY_H

#include "request.h"

/**
 * struct fpga_card_overlay - an image overlay that a region is claimed for
 *
 * All but @card, @name, @firmware_name and @foreign, which are fixed, is under
 * &struct fpga_card.lock.
 *
 * @card: the card; referenced, unless @foreign
 * @name: name of the overlay, for users
 * @firmware_name: the image as the overlay names it; empty if that is there
 *	already
 * @foreign: another loader applied it, and does not know of this structure
 * @ready: the image runs, or did when the overlay came
 * @image: name that the card gave the image when the overlay came, empty if it
 *	could not tell
 * @stale: as @image, but the card may run something else by now
 * @fragment: the overlay's node for this region, to be compared only; NULL if the
 *	overlay is not in the tree
 * @applied: the devices of the region's children are wanted
 * @going: the overlay is being removed
 * @populated: the devices exist
 */
struct fpga_card_overlay {
	struct fpga_card *card;
	const char *name;
	char firmware_name[FPGA_CARD_REQUEST_MAX + 1];
	bool foreign;
	bool ready;
	char image[FPGA_CARD_NAME_MAX + 1];
	bool stale;
	const void *fragment;
	bool applied;
	bool going;
	bool populated;
};

#define FPGA_CARD_COMPATIBLE	"pcie-fpga-region"

/* nodes.c, with overlays only */
struct fpga_card *fpga_card_of_find(const struct device_node *np);
struct device_node *fpga_card_of_get_node(struct fpga_card *card);

/* claim.c, with overlays only */
__printf(4, 5)
int fpga_card_overlay_say(char *why, size_t len, int err, const char *fmt, ...);
bool fpga_card_overlay_names_image(const struct device_node *np);
int fpga_card_overlay_check(const struct fpga_card_overlay_info *info,
			    char *why, size_t len);
int fpga_card_overlay_check_free(struct fpga_card *card,
				 const struct device_node *np,
				 char *why, size_t len);
struct fpga_card_overlay *fpga_card_overlay_alloc(const char *name,
						  const char *firmware_name);
void fpga_card_overlay_free(struct fpga_card_overlay *overlay);

/* children.c, with overlays only */
int fpga_card_children_make(struct fpga_card *card, bool over, char *why,
			    size_t len);
void fpga_card_children_leave(struct fpga_card *card);
int fpga_card_children_start(void);
void fpga_card_children_stop(void);
void fpga_card_child_remove(struct fpga_card *card,
			    const struct device_node *np);

/* verify.c, with overlays only */
int fpga_card_verify_init(void);
void fpga_card_verify_exit(void);

#endif /* _FPGA_CARD_OVERLAY_H */
