/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated card with a node in the device tree, overlays for that, and a driver
 * for what those say is in the image.
 */
#ifndef _FPGA_CARD_KUNIT_TREE_H
#define _FPGA_CARD_KUNIT_TREE_H

#include <linux/fpga/fpga-card.h>
#include <linux/of.h>
#include <linux/platform_device.h>

#include "dtbo.h"
#include "fixture.h"
#include "fpga/overlay.h"

#define TREE_TOP	"/fpga-cards"
#define TREE_REGION	"region-0"
#define TREE_PATH	TREE_TOP "/" TREE_REGION
#define TREE_CHILDREN	2
#define TREE_WAIT_MS	5000

/**
 * struct tree_hooks - what the driver of the children has seen, and does
 * @probes: calls of probe()
 * @removes: calls of remove()
 * @probe: called by probe()
 * @remove: called by remove()
 * @data: for the case
 */
struct tree_hooks {
	atomic_t probes;
	atomic_t removes;
	void (*probe)(struct platform_device *pdev);
	void (*remove)(struct platform_device *pdev);
	void *data;
};

/* One case runs at a time. */
extern struct tree_hooks tree_hooks;

/**
 * struct tree - the overlays of a case
 * @fx: the host
 * @port: name of its first port
 * @card: the card there, NULL until tree_start()
 * @np: its node
 * @base: the overlay with the node, 0 for none
 * @image: that for the image, 0 for none
 * @ov: the claim, NULL for none
 * @why: sentence of the last call
 */
struct tree {
	struct fixture *fx;
	char port[32];
	struct fpga_card *card;
	struct device_node *np;
	int base;
	int image;
	struct fpga_card_overlay *ov;
	char why[FPGA_CARD_ERROR_MAX];
};

int tree_suite_init(struct kunit_suite *suite);
void tree_suite_exit(struct kunit_suite *suite);
int tree_init(struct kunit *test);
void tree_exit(struct kunit *test);
struct tree *tree_of(struct kunit *test);

struct dtbo *tree_region(struct tree *tree, const char *top, const char *name,
			 const char *port);
void tree_region_apply(struct tree *tree, struct dtbo *fdt);
void tree_base(struct tree *tree, const char *port);
void tree_base_remove(struct tree *tree);
void tree_start(struct tree *tree);
bool tree_has_card(struct tree *tree, const char *path, struct fpga_card *card);
bool tree_is_attached(struct tree *tree);

int tree_begin(struct tree *tree, const char *image);
int tree_apply(struct tree *tree, const char *image);
int tree_remove(struct tree *tree);
void tree_enter(struct tree *tree, const char *image);
void tree_leave(struct tree *tree);
void tree_expect_children(struct tree *tree, unsigned int count);
void tree_wait_children(struct tree *tree, unsigned int count);
void tree_expect_why(struct tree *tree, const char *part);
void tree_expect_untouched(struct tree *tree);
void tree_watch(struct tree *tree);
void tree_unwatch(struct tree *tree);
unsigned int tree_refs(struct tree *tree);

#endif /* _FPGA_CARD_KUNIT_TREE_H */
