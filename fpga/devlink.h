/* SPDX-License-Identifier: GPL-2.0-only */
/* A card as devlink has it: for the files of fpga-card-devlink. */
#ifndef _FPGA_CARD_DEVLINK_H
#define _FPGA_CARD_DEVLINK_H

#include <linux/device.h>
#include <linux/list.h>
#include <linux/workqueue.h>

#include "compat/devlink.h"
#include "front.h"

/* Name of the driver, for users of devlink. */
#define FPGA_CARD_DEVLINK_DRIVER	"fpga-card"

/* Component of a flash update, and name of the version: an image of the FPGA. */
#define FPGA_CARD_DEVLINK_IMAGE		DEVLINK_INFO_VERSION_GENERIC_FW_APP

/**
 * struct fpga_card_instance - a card's instance of devlink
 * @dev: device "DDDD:BB:00.0" on the bus fpga_card. It has no parent: the card's own
 *	device goes with the port, which is not to wait for devlink
 * @node: entry in the list of instances, which the module's work has for itself
 * @card: the card, referenced
 * @devlink: the instance
 * @reporter: its health reporter
 * @health: tells @reporter what became of the card
 * @ill: what it was told last; of @health
 * @failures: likewise
 * @board: vendor and device ID of the first function when the instance was made, as
 *	text; empty if there was none
 * @reload_err: what became of a reload whose second half is to fail; devlink has its lock
 *	between the halves
 */
struct fpga_card_instance {
	struct device dev;
	struct list_head node;
	struct fpga_card *card;
	struct devlink *devlink;
	struct devlink_health_reporter *reporter;
	struct work_struct health;
	bool ill;
	unsigned int failures;
	char board[16];
	int reload_err;
};

static inline struct fpga_card_instance *fpga_card_instance_of(struct devlink *devlink)
{
	struct fpga_card_instance **priv = devlink_priv(devlink);

	return *priv;
}

/* devlink-say.c */
void fpga_card_devlink_say(struct netlink_ext_ack *extack, const char *sentence);
void fpga_card_devlink_await_said(void);

/* devlink-ask.c */
struct fpga_card_asker *fpga_card_devlink_ask_begin(void);
int fpga_card_devlink_ask_end(struct fpga_card_asker *asker, int err,
			      struct netlink_ext_ack *extack);

/* devlink-health.c */
int fpga_card_devlink_health_add(struct fpga_card_instance *inst);
void fpga_card_devlink_health_del(struct fpga_card_instance *inst);

/* devlink-ops.c */
extern const struct devlink_ops fpga_card_devlink_ops;

#endif /* _FPGA_CARD_DEVLINK_H */
