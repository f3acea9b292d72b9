/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories of cards and their images: for configfs.c and configfs-image.c. */
#ifndef _FPGA_CARD_CONFIGFS_H
#define _FPGA_CARD_CONFIGFS_H

#include <linux/configfs.h>

#include "card.h"
#include "sequence.h"

/* Longest name of a PCI device, with the terminating NUL: DDDDDDDD:BB:DD.F */
#define FPGA_CARD_CFS_BDF	17

/**
 * struct fpga_card_cfs - directory of a card
 * @group: the directory
 * @images_group: its directory "images"
 * @lock: covers what follows, and what is in the images' directories
 * @port: name of the port, or empty
 * @function: name of a function of the card, or empty
 * @method: &enum fpga_card_method, or a negative number
 * @sequence: what is done to the registers of @function to have the card load, or NULL
 * @images: the images, in the order in which they were made
 * @count: number of elements of @images
 * @builtin: the back end while it is live, else NULL
 */
struct fpga_card_cfs {
	struct config_group group;
	struct config_group images_group;
	struct mutex lock; /* what follows */
	char port[FPGA_CARD_CFS_BDF];
	char function[FPGA_CARD_CFS_BDF];
	int method;
	struct fpga_card_sequence *sequence;
	struct list_head images;
	unsigned int count;
	struct fpga_card_builtin *builtin;
};

/**
 * struct fpga_card_cfs_image - directory of an image
 * @group: the directory
 * @node: in the list of the card
 * @cfs: the card
 * @desc: the image
 * @address: what @sequence of the card may need of it
 */
struct fpga_card_cfs_image {
	struct config_group group;
	struct list_head node;
	struct fpga_card_cfs *cfs;
	struct fpga_card_image desc;
	u64 address;
};

/* configfs-sequence.c */
ssize_t fpga_card_cfs_read_sequence(struct fpga_card_cfs *cfs, char *page);
ssize_t fpga_card_cfs_write_sequence(struct fpga_card_cfs *cfs, const char *page,
				     size_t count);
struct fpga_card_builtin *fpga_card_cfs_add_registers(struct fpga_card_cfs *cfs,
						      struct pci_dev *port,
						      struct pci_dev *function,
						      const struct fpga_card_image *images);

extern const struct config_item_type fpga_card_cfs_images_type;

#endif /* _FPGA_CARD_CONFIGFS_H */
