/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Image files: what the files for them share. The format, and the parser of it, are the
 * kernel's own: include/linux/fpga/fpga-card-image.h and fpga/image.c.
 */
#ifndef _FC_IMAGE_H
#define _FC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/fpga/fpga-card-image.h>

#define FC_DIGEST	32

/* Longest text of a function: each key, with the largest value */
#define FC_SPEC		256

/* The kernel reads no larger file as firmware. */
#define FC_FILE_MAX	0x7fffffff

/* function.c */
int fc_parse_function(const char *spec, struct fpga_card_image_function *fn);
int fc_parse_ids(const char *text, const char *what, bool wild, uint16_t *ids);
void fc_format_function(const struct fpga_card_image_function *fn, char *buf, size_t size);
void fc_format_ids(uint16_t vendor, uint16_t device, char *buf, size_t size);
void fc_format_place(const struct fpga_card_image_function *fn, char *buf, size_t size);

/* container.c */
int fc_image_show(int argc, char **argv);
int fc_image_verify(int argc, char **argv);
int fc_digest(int fd, int to, uint64_t *size, uint8_t *digest);

/* pack.c */
int fc_image_pack(int argc, char **argv);

#endif /* _FC_IMAGE_H */
