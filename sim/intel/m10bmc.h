/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MAX 10 board management controller of Intel's cards: its registers, and
 * what is behind them. Names of bits as in the kernel's intel-m10-bmc.h, which
 * old kernels do not have.
 */
#ifndef _PCSIM_M10BMC_H
#define _PCSIM_M10BMC_H

#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/types.h>

#include "sim/pcie-card-sim.h"

struct pcsim_card;
struct pcsim_image;
struct pcsim_pf;

/* Registers of an N6000, behind its mailbox */
#define M10_N6000_BUILD		0x000
#define M10_N6000_FW		0x004
#define M10_N6000_MAC_LOW	0x020
#define M10_N6000_MAC_HIGH	0x024
#define M10_N6000_CONF_STS	0x0a0
#define M10_N6000_CONF_PAGE	GENMASK(2, 0)
#define M10_N6000_CONF_DONE	BIT(3)
#define M10_N6000_POC		0x0b0
#define M10_N6000_POC_REQ	BIT(0)
#define M10_N6000_POC_STATUS	GENMASK(5, 4)
#define M10_N6000_POC_GOOD	1
#define M10_N6000_POC_BAD	2
#define M10_N6000_POC_USER	GENMASK(10, 8)
#define M10_N6000_POC_FACTORY	BIT(31)
#define M10_N6000_POC_STS	0x0b4
#define M10_N6000_FPGA_RECONF	0x0b8
#define M10_N6000_FPGA_PAGE	GENMASK(22, 20)
#define M10_N6000_FPGA_RP_LOAD	BIT(23)
#define M10_N6000_MAX10_RECONF	0x0fc
#define M10_N6000_REBOOT_REQ	BIT(0)
#define M10_N6000_REBOOT_PAGE	BIT(1)
#define M10_N6000_DOORBELL	0x1c0
#define M10_N6000_DRBL_NO_REBOOT	BIT(1)
#define M10_N6000_AUTH_RESULT	0x1c4
#define M10_N6000_FLASH_MUX	0x1d0
#define M10_N6000_MUX_NIOS	1
#define M10_N6000_MUX_HOST	2
#define M10_N6000_MUX_HOST_REQ	BIT(5)
#define M10_N6000_SDM_SR	0x230
#define M10_N6000_SDM_PR	0x238
#define M10_N6000_SDM_SR_CANCEL	0x23c
#define M10_N6000_SDM_PR_CANCEL	0x240
#define M10_N6000_SDM_START	BIT(0)
#define M10_N6000_END		0x1000

/* Registers of an N3000 and a D5005, behind SPI */
#define M10_SPI_LEGACY_BUILD	0x300468
#define M10_SPI_SYS		0x300800
#define M10_SPI_SYS_END		0x301000
#define M10_SPI_FW		0x000
#define M10_SPI_MAC_LOW		0x010
#define M10_SPI_MAC_HIGH	0x014
#define M10_SPI_BUILD		0x068
#define M10_SPI_PKVL		0x080
#define M10_SPI_DOORBELL	0x400
#define M10_SPI_DRBL_LOAD_SEC	BIT(24)
#define M10_SPI_DRBL_CONFIG_SEL	BIT(28)
#define M10_SPI_DRBL_REBOOT_REQ	BIT(29)
#define M10_SPI_DRBL_NO_REBOOT	BIT(30)
#define M10_SPI_AUTH_RESULT	0x404
#define M10_SPI_FLASH_COUNT	0x17ffb000
#define M10_SPI_KEYS		0x17ffc000
#define M10_SPI_KEYS_END	0x17fff000
#define M10_SPI_STAGING		0x18000000
#define M10_SPI_STAGING_END	0x1b800000

/* PKVL_POLL_CTRL: both retimers are done, and what it is when all is well */
#define M10_PKVL_DONE		(BIT(16) | BIT(24))
#define M10_PKVL_GOOD		(BIT(16) | BIT(20) | BIT(24) | BIT(28))

/* The doorbell and its states, on all cards */
#define M10_DRBL_REQUEST	BIT(0)
#define M10_DRBL_PROGRESS	GENMASK(7, 4)
#define M10_DRBL_HOST		GENMASK(11, 8)
#define M10_RSU_STATUS		GENMASK(23, 16)

#define M10_HOST_WRITE_DONE	1
#define M10_HOST_ABORT		2

#define M10_PROG_IDLE		0x0
#define M10_PROG_PREPARE	0x1
#define M10_PROG_READY		0x3
#define M10_PROG_AUTH		0x4
#define M10_PROG_COPY		0x5
#define M10_PROG_CANCEL		0x6
#define M10_PROG_DONE		0x8
#define M10_PROG_PKVL_DONE	0x9

#define M10_STAT_NORMAL		0x00
#define M10_STAT_AUTH_FAIL	0x02
#define M10_STAT_COPY_FAIL	0x03
#define M10_STAT_PKVL_REJECT	0x05
#define M10_STAT_ERASE_FAIL	0x07
#define M10_STAT_WEAROUT	0x08
#define M10_STAT_USER_OK	0x81
#define M10_STAT_FACTORY_OK	0x82

/**
 * enum pcsim_m10_step - what the firmware of the controller is at
 * @PCSIM_M10_IDLE: nothing
 * @PCSIM_M10_REQUESTED: an update was requested, but not yet seen
 * @PCSIM_M10_PREPARE: erases the staging area
 * @PCSIM_M10_READY: waits for the host to write to it
 * @PCSIM_M10_WRITTEN: the host said that it is done; not yet seen
 * @PCSIM_M10_AUTH: looks at the signature
 * @PCSIM_M10_COPY: copies from the staging area
 * @PCSIM_M10_DONE: the update is complete
 * @PCSIM_M10_CANCEL: clears up after an update that the host ended early
 * @PCSIM_M10_RETIMER_REQUESTED: a load of the retimers was requested
 * @PCSIM_M10_RETIMER_EEPROM: writes the retimers' EEPROM
 * @PCSIM_M10_RETIMER_LOAD: the retimers load from it
 * @PCSIM_M10_RETIMER_DONE: they have, which can be seen for a while
 */
enum pcsim_m10_step {
	PCSIM_M10_IDLE,
	PCSIM_M10_REQUESTED,
	PCSIM_M10_PREPARE,
	PCSIM_M10_READY,
	PCSIM_M10_WRITTEN,
	PCSIM_M10_AUTH,
	PCSIM_M10_COPY,
	PCSIM_M10_DONE,
	PCSIM_M10_CANCEL,
	PCSIM_M10_RETIMER_REQUESTED,
	PCSIM_M10_RETIMER_EEPROM,
	PCSIM_M10_RETIMER_LOAD,
	PCSIM_M10_RETIMER_DONE,
};

/**
 * struct pcsim_m10bmc - the controller of one card
 * @type: the card
 * @flash_ms: time that an update takes
 * @page: the page that the controller itself runs from
 * @next_page: that after a reboot
 * @rebooting: it restarts when the card drops its link
 * @step: what the firmware is at
 * @since: since when
 * @status: status of the last update, or how the card started
 * @host: host status, as the host wrote it
 * @doorbell: bits of the doorbell that the host writes, other than those
 * @poc: register of that name
 * @fpga_reconf: register of that name
 * @max10_reconf: register of that name
 * @sdm: bit for each of the registers that start the SDM: it works on it
 * @mux: request bits of the flash multiplexer
 * @pkvl: PKVL_POLL_CTRL
 * @staged: bytes that were written to the staging area since the last request
 * @sum: sum of the dwords
 *
 * All under the host's lock.
 */
struct pcsim_m10bmc {
	enum pcie_card_sim_dfl type;
	unsigned int flash_ms;
	u8 page;
	u8 next_page;
	bool rebooting;
	enum pcsim_m10_step step;
	ktime_t since;
	u8 status;
	u8 host;
	u32 doorbell;
	u32 poc;
	u32 fpga_reconf;
	u32 max10_reconf;
	u8 sdm;
	u32 mux;
	u32 pkvl;
	u64 staged;
	u32 sum;
};

/* m10bmc.c: the registers */
int pcsim_m10_init(struct pcsim_card *card, unsigned int flash_ms);
void pcsim_m10_power_on(struct pcsim_card *card);
void pcsim_m10_dropped(struct pcsim_card *card);
u32 pcsim_m10_read(struct pcsim_card *card, unsigned int reg);
void pcsim_m10_write(struct pcsim_card *card, unsigned int reg, u32 val);

/* m10bmc-flash.c: updates and retimers, that is the firmware's work */
void pcsim_m10_run(struct pcsim_card *card);
void pcsim_m10_set(struct pcsim_m10bmc *m10, enum pcsim_m10_step step);
u8 pcsim_m10_progress(const struct pcsim_m10bmc *m10);
bool pcsim_m10_busy(const struct pcsim_m10bmc *m10);
void pcsim_m10_request(struct pcsim_m10bmc *m10);
void pcsim_m10_host_status(struct pcsim_m10bmc *m10, u8 host);
void pcsim_m10_retimer(struct pcsim_m10bmc *m10, bool load);
void pcsim_m10_stage(struct pcsim_m10bmc *m10, u32 val);

/* m10bmc-telemetry.c: sensors */
u32 pcsim_m10_sensor(enum pcie_card_sim_dfl type, unsigned int reg);

/* dfl.c: device feature list in BAR 0 */
#define PCSIM_DFL_SIZE		0x2000
#define PCSIM_DFL_BMC		0x1000

void pcsim_dfl_command(struct pcsim_pf *pf, u16 old);
struct pcsim_pf *pcsim_dfl_pf(const struct pcsim_card *card);

/* pmci.c: mailbox of an N6000 */
bool pcsim_pmci_poll(struct pcsim_card *card);
void pcsim_pmci_reset(void __iomem *base);

#endif /* _PCSIM_M10BMC_H */
