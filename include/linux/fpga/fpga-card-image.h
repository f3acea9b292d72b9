/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Container of an FPGA card image in a file. All numbers are little endian.
 *
 * Layout: struct fpga_card_image_header, @functions times struct
 * fpga_card_image_function, the payload. Documentation/fpga-card/image-format.rst
 */
#ifndef _LINUX_FPGA_CARD_IMAGE_H
#define _LINUX_FPGA_CARD_IMAGE_H

#include <linux/types.h>

#define FPGA_CARD_IMAGE_MAGIC		"FPGACARD"
#define FPGA_CARD_IMAGE_VERSION		1
#define FPGA_CARD_IMAGE_FUNCTIONS_MAX	64
#define FPGA_CARD_IMAGE_BARS		6
#define FPGA_CARD_IMAGE_ANY		0xffff
#define FPGA_CARD_IMAGE_CLASS_MAX	0xffffff
#define FPGA_CARD_IMAGE_CLASS_ANY	0xffffffff
#define FPGA_CARD_IMAGE_LEG_MAX		0x1f
#define FPGA_CARD_IMAGE_LEG_NONE	0xff

/**
 * struct fpga_card_image_function - a function that the image brings up
 * @leg: on a card with a switch: device number of the switch's downstream port
 *	above the function; 0xff if the function is right below the card's port
 * @devfn: device and function number, as in PCI_DEVFN()
 * @total_vfs: VFs it can have
 * @vendor: Vendor ID
 * @device: Device ID
 * @subsystem_vendor: Subsystem Vendor ID, or 0xffff for any
 * @subsystem_device: Subsystem ID, or 0xffff for any
 * @class: class code, 24 bits, or 0xffffffff for any
 * @bar: sizes of its BARs in bytes, 0 for none; a 64-bit BAR takes the place
 *	of its lower half
 */
struct fpga_card_image_function {
	__u8 leg;
	__u8 devfn;
	__le16 total_vfs;
	__le16 vendor;
	__le16 device;
	__le16 subsystem_vendor;
	__le16 subsystem_device;
	__le32 class;
	__le64 bar[FPGA_CARD_IMAGE_BARS];
} __packed;

/**
 * struct fpga_card_image_header - what stands at the start of the file
 * @magic: FPGA_CARD_IMAGE_MAGIC, without a NUL
 * @version: FPGA_CARD_IMAGE_VERSION
 * @header_size: bytes of this structure and the functions; the payload follows
 * @payload_size: bytes of the payload
 * @back_end: name of the back end that the image is for, NUL padded
 * @name: name of the image, NUL padded
 * @card_vendor: Vendor ID of the function that takes the trigger before the
 *	load, or 0xffff for any
 * @card_device: its Device ID, or 0xffff for any
 * @functions: how many functions are described; 0 if the image does not tell
 * @flags: 0
 * @digest: SHA-256 of the payload
 */
struct fpga_card_image_header {
	__u8 magic[8];
	__le32 version;
	__le32 header_size;
	__le64 payload_size;
	__u8 back_end[32];
	__u8 name[64];
	__le16 card_vendor;
	__le16 card_device;
	__le16 functions;
	__le16 flags;
	__u8 digest[32];
} __packed;

/**
 * struct fpga_card_image_view - a parsed container
 * @header: start of the file
 * @functions: the descriptions
 * @nfunctions: how many
 * @payload: the payload
 * @payload_size: its size in bytes
 * @header_size: bytes in front of @payload
 */
struct fpga_card_image_view {
	const struct fpga_card_image_header *header;
	const struct fpga_card_image_function *functions;
	unsigned int nfunctions;
	const __u8 *payload;
	__u64 payload_size;
	__u32 header_size;
};

int fpga_card_image_parse(const void *data, size_t size,
			  struct fpga_card_image_view *view, const char **why);

#endif /* _LINUX_FPGA_CARD_IMAGE_H */
