/* SPDX-License-Identifier: GPL-2.0-only */
/* Drivers for the functions of simulated cards: what their files share. */
#ifndef _SIM_BMC_H
#define _SIM_BMC_H

#include <linux/types.h>

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

int sim_bmc_ctrl_init(void);
void sim_bmc_ctrl_exit(void);

int sim_fn_add_nodes(struct pci_dev *pdev);

#endif /* _SIM_BMC_H */
