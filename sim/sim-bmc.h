/* SPDX-License-Identifier: GPL-2.0-only */
/* Drivers for the functions of simulated cards: what their files share. */
#ifndef _SIM_BMC_H
#define _SIM_BMC_H

#include <linux/types.h>

struct fpga_card;
struct pci_dev;
struct platform_device;

/* Names of the devices below the function with the mailbox */
#define SIM_BMC_CTRL	"sim-bmc-ctrl"
#define SIM_BMC_SENSOR	"sim-bmc-sensor"

/**
 * struct sim_bmc - function with the mailbox of a management controller
 * @vsec: offset of the mailbox in configuration space
 * @ctrl: device that controls the card
 * @sensor: another device of the management controller
 */
struct sim_bmc {
	u16 vsec;
	struct platform_device *ctrl;
	struct platform_device *sensor;
};

/**
 * struct sim_bmc_ctrl - control device of a card
 * @pdev: the function with the mailbox
 * @vsec: offset of the mailbox
 * @card: the card
 */
struct sim_bmc_ctrl {
	struct pci_dev *pdev;
	u16 vsec;
	struct fpga_card *card;
};

/* bmc-mailbox.c */
int sim_bmc_read(struct sim_bmc_ctrl *ctrl, unsigned int reg, u32 *val);
int sim_bmc_write(struct sim_bmc_ctrl *ctrl, unsigned int reg, u32 val);
int sim_bmc_command(struct sim_bmc_ctrl *ctrl, u32 op, u32 arg);

int sim_bmc_ctrl_init(void);
void sim_bmc_ctrl_exit(void);

int sim_fn_add_nodes(struct pci_dev *pdev);

#endif /* _SIM_BMC_H */
