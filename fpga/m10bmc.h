/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the back end for Intel MAX 10 BMC cards share.
 */
#ifndef _FPGA_CARD_M10BMC_H
#define _FPGA_CARD_M10BMC_H

#include <linux/bits.h>
#include <linux/fpga/fpga-card.h>
#include <linux/list.h>
#include <linux/mfd/intel-m10-bmc.h>

struct fpga_card_m10;
struct pci_dev;

/*
 * System registers that the kernel's drivers do not use. The names and the
 * meaning are those of OFS's linux-dfl-backport, branch intel/fpga-ofs-dev-6.6-lts,
 * include/linux/mfd/intel-m10-bmc.h and drivers/fpga/intel-m10-bmc-sec-update.c.
 */

/* N3000 and D5005: the doorbell has it all, see <linux/mfd/intel-m10-bmc.h> */
#define M10BMC_N3000_PKVL_POLL_CTRL	0x80
#define M10BMC_PKVL_A_PRELOAD		BIT(16)
#define M10BMC_PKVL_A_PRELOAD_TO	BIT(17)
#define M10BMC_PKVL_A_DATA_TOO_BIG	BIT(18)
#define M10BMC_PKVL_A_HDR_CKSUM		BIT(20)
#define M10BMC_PKVL_B_PRELOAD		BIT(24)
#define M10BMC_PKVL_B_PRELOAD_TO	BIT(25)
#define M10BMC_PKVL_B_DATA_TOO_BIG	BIT(26)
#define M10BMC_PKVL_B_HDR_CKSUM		BIT(28)

/* N6000 */
#define M10BMC_N6000_FPGA_CONF_STS	0xa0
#define M10BMC_N6000_FPGA_CONF_PAGE	GENMASK(2, 0)
#define M10BMC_N6000_FPGA_CONFIGED	BIT(3)
#define M10BMC_N6000_FPGA_POC		0xb0
#define M10BMC_N6000_POC_REQ		BIT(0)
#define M10BMC_N6000_POC_STATUS		GENMASK(5, 4)
#define M10BMC_N6000_POC_SUCCESS	1
#define M10BMC_N6000_POC_USER_PAGE	GENMASK(10, 8)
#define M10BMC_N6000_POC_FACTORY	BIT(31)
#define M10BMC_N6000_FPGA_POC_STS	0xb4
#define M10BMC_N6000_FPGA_RECONF	0xb8
#define M10BMC_N6000_FPGA_RECONF_PAGE	GENMASK(22, 20)
#define M10BMC_N6000_FPGA_RP_LOAD	BIT(23)
#define M10BMC_N6000_MAX10_RECONF	0xfc
#define M10BMC_N6000_MAX10_REBOOT_REQ	BIT(0)
#define M10BMC_N6000_MAX10_REBOOT_PAGE	BIT(1)
#define M10BMC_N6000_DRBL_REBOOT_DISABLED	BIT(1)
#define M10BMC_N6000_SDM_SR_CTRL_STS	0x230
#define M10BMC_N6000_SDM_PR_CTRL_STS	0x238
#define M10BMC_N6000_SDM_SR_CNCL_STS	0x23c
#define M10BMC_N6000_SDM_PR_CNCL_STS	0x240
#define M10BMC_N6000_SDM_REQ		BIT(0)

/**
 * struct fpga_card_m10_image - something that a BMC can have loaded
 * @image: what users see of it
 * @trigger: has it loaded
 * @arg: which, as @trigger has it
 * @reboots_bmc: the BMC restarts, and can be told not to
 * @is_page: @arg is the page of the FPGA's flash that it is in
 */
struct fpga_card_m10_image {
	struct fpga_card_image image;
	int (*trigger)(struct fpga_card_m10 *m10, u32 arg);
	u32 arg;
	bool reboots_bmc;
	bool is_page;
};

/**
 * struct fpga_card_m10_type - a kind of card
 * @cell: name of the platform device that the secure update is
 * @base: system register 0
 * @doorbell: the doorbell, as a system register
 * @reboot_disabled: bit there by which the BMC refuses to restart
 * @status: register with the status of the last update, 0 if the doorbell has it
 * @tells_page: FPGA_CONF_STS is there, and FPGA_POC
 * @images: what can be loaded
 * @n_images: number of elements of @images
 * @switched: the FPGA is below a switch on the card, with other endpoints
 */
struct fpga_card_m10_type {
	const char *cell;
	u32 base;
	u32 doorbell;
	u32 reboot_disabled;
	u32 status;
	bool tells_page;
	const struct fpga_card_m10_image *images;
	unsigned int n_images;
	bool switched;
};

/**
 * struct fpga_card_m10 - a card whose secure update is bound
 *
 * All but @node, @locked and @leaving is fixed while the back end is attached.
 *
 * @node: entry in the list of cards, under fpga_card_m10_lock
 * @dev: the secure update's device, of which the binding holds a reference
 * @m10bmc: what the BMC's driver has; goes after the binding
 * @type: kind of the card
 * @card: the card
 * @no_files: where files are to be written to
 * @locked: the flash's lock is held for a load; operations of a back end are
 *	called one at a time
 * @leaving: the driver of the secure update is about to let the device go; also read
 *	without a lock
 */
struct fpga_card_m10 {
	struct list_head node;
	struct device *dev;
	struct intel_m10bmc *m10bmc;
	const struct fpga_card_m10_type *type;
	struct fpga_card *card;
	char no_files[160];
	bool locked;
	bool leaving;
};

/* m10bmc-regs.c */
int fpga_card_m10_read(struct fpga_card_m10 *m10, u32 reg, u32 *val);
int fpga_card_m10_update(struct fpga_card_m10 *m10, u32 reg, u32 mask, u32 val);
int fpga_card_m10_check_idle(struct fpga_card_m10 *m10, u32 doorbell);
int fpga_card_m10_check_restart(struct fpga_card_m10 *m10, u32 doorbell);

/* m10bmc-images.c */
extern const struct fpga_card_ops fpga_card_m10_ops;
const struct fpga_card_m10_type *fpga_card_m10_find_type(const char *cell);

/* m10bmc-boot.c */
int fpga_card_m10_get_boot_page(struct fpga_card_m10 *m10, u32 *page);
int fpga_card_m10_set_boot_page(struct fpga_card_m10 *m10, u32 page);

/* m10bmc-retimer.c */
int fpga_card_m10_load_retimer(struct fpga_card_m10 *m10,
			       struct fpga_card *card);

#endif /* _FPGA_CARD_M10BMC_H */
