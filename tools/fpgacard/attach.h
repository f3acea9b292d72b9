/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fpgacard: cards that have no driver, as they are described.
 */
#ifndef _ATTACH_H
#define _ATTACH_H

#include "fc.h"

#define FC_CONFIGFS	"/sys/kernel/config/fpga-card"

/* Descriptions that are there for good; ends in ".conf" */
#define FC_CARDS_DIR	"/etc/fpgacard/cards.d"

/* What comes with the command */
#define FC_SHARE	"/usr/share/fpgacard"

/* As many, and as long, as the kernel takes */
#define FC_IMAGES_MAX	64
#define FC_IMAGE_NAME	64

/**
 * struct fc_image_spec - an image that a card can load
 * @name: its name
 * @timeout_ms: the longest time until its link is up; empty if it is not said
 * @hold_ms: the time for which the link is not looked at, or empty
 * @address: where the card finds it, or empty
 */
struct fc_image_spec {
	char name[FC_IMAGE_NAME];
	char timeout_ms[FC_WORD];
	char hold_ms[FC_WORD];
	char address[FC_WORD];
};

/**
 * struct fc_described - what is said of a card; what is empty, or NULL, is not said
 * @name: of its directory
 * @method: how it is made to load
 * @port: the port above it
 * @function: instead of that one of its functions
 * @sequence: the writes that make it load
 * @images: what it can load
 * @count: how many images
 */
struct fc_described {
	char name[FC_NAME];
	char method[FC_WORD];
	char port[FC_WORD];
	char function[FC_WORD];
	char *sequence;
	struct fc_image_spec images[FC_IMAGES_MAX];
	size_t count;
};

/* described.c: what may be said; they return exit codes */
bool fc_is_file_name(const char *name);
int fc_described_name(struct fc_described *card, const char *name);
int fc_described_key(struct fc_described *card, const char *key, const char *value);
int fc_described_image(struct fc_described *card, const char *name,
		       struct fc_image_spec **image);
int fc_image_key(struct fc_image_spec *image, const char *key, const char *value);
int fc_described_whole(const struct fc_described *card);
void fc_described_free(struct fc_described *card);

/* conf.c */
int fc_read_file(const char *path, char **text);
int fc_read_conf(const char *path, struct fc_described *card);
int fc_each_conf(const char *dir, int (*each)(const char *path, void *data), void *data);

/* configfs.c: they return exit codes */
bool fc_is_attached(const char *name);
int fc_attach_card(const struct fc_described *card);
int fc_detach_card(const char *name);

#endif /* _ATTACH_H */
