// SPDX-License-Identifier: GPL-2.0-only
/*
 * What devlink does with a card: information, flash update, reload. All of it runs with
 * the lock of the instance, which the removal of the card does not take.
 */

#include <linux/firmware.h>
#include <linux/slab.h>

#include "devlink.h"

static int fpga_card_devlink_fixed(struct fpga_card_instance *inst,
				   const struct fpga_card_status *status,
				   struct devlink_info_req *req)
{
	int ret = 0;

	if (inst->board[0])
		ret = devlink_info_version_fixed_put(req,
						     DEVLINK_INFO_VERSION_GENERIC_BOARD_ID,
						     inst->board);
	if (!ret && status->back_end[0])
		ret = devlink_info_version_fixed_put(req, "board.back_end",
						     status->back_end);
	return ret;
}

/*
 * What is stored differs from what runs once something is staged, and a flash update is
 * what stages; so cards that take no files have none stored.
 */
static int fpga_card_devlink_image(const struct fpga_card_status *status,
				   struct devlink_info_req *req)
{
	const enum devlink_info_version_type type = DEVLINK_INFO_VERSION_TYPE_COMPONENT;
	const char *stored = status->staged[0] ? status->staged : status->running;
	int ret = 0;

	if (status->running[0])
		ret = devlink_info_version_running_put_ext(req, FPGA_CARD_DEVLINK_IMAGE,
							   status->running, type);
	if (!ret && status->takes_files && stored[0])
		ret = devlink_info_version_stored_put_ext(req, FPGA_CARD_DEVLINK_IMAGE,
							  stored, type);
	return ret;
}

static int fpga_card_devlink_serial(const struct fpga_card_status *status,
				    struct devlink_info_req *req)
{
	char serial[17];

	if (!status->serial)
		return 0;
	snprintf(serial, sizeof(serial), "%016llx", status->serial);
	return devlink_info_serial_number_put(req, serial);
}

static int fpga_card_devlink_info_get(struct devlink *devlink,
				      struct devlink_info_req *req,
				      struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = fpga_card_instance_of(devlink);
	struct fpga_card_status *status;
	int ret;

	status = kmalloc(sizeof(*status), GFP_KERNEL);
	if (!status)
		return -ENOMEM;
	fpga_card_front_status(inst->card, status);
	ret = compat_devlink_info_driver(req, FPGA_CARD_DEVLINK_DRIVER);
	if (!ret)
		ret = fpga_card_devlink_serial(status, req);
	if (!ret)
		ret = fpga_card_devlink_fixed(inst, status, req);
	if (!ret)
		ret = fpga_card_devlink_image(status, req);
	kfree(status);
	return ret;
}

/* In the thread of the operation, as devlink wants it. */
static void fpga_card_devlink_staging(void *priv, unsigned int percent)
{
	devlink_flash_update_status_notify(priv, "Staging", FPGA_CARD_DEVLINK_IMAGE,
					   percent, 100);
}

/* There is one component, so devlink has refused all others. */
static int fpga_card_devlink_flash_update(struct devlink *devlink,
					  struct devlink_flash_update_params *params,
					  struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = fpga_card_instance_of(devlink);
	struct fpga_card_asker *asker = fpga_card_devlink_ask_begin();
	int ret;

	if (IS_ERR(asker))
		return PTR_ERR(asker);
	asker->progress = fpga_card_devlink_staging;
	asker->priv = devlink;
	fpga_card_devlink_staging(devlink, 0);
	/* The file is this one's from here on: devlink would release it. */
	ret = fpga_card_front_stage(inst->card, &params->fw, asker);
	if (!ret)
		fpga_card_devlink_staging(devlink, 100);
	return fpga_card_devlink_ask_end(asker, ret, extack);
}

/*
 * All happens in the first half, where an error says that nothing has changed. One that
 * comes when the card was touched is for the second half: then devlink shows that the
 * reload failed.
 */
static int fpga_card_devlink_reload_down(struct devlink *devlink, bool netns_change,
					 enum devlink_reload_action action,
					 enum devlink_reload_limit limit,
					 struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = fpga_card_instance_of(devlink);
	struct fpga_card_asker *asker;
	bool touched;
	int ret;

	if (netns_change) {
		fpga_card_devlink_say(extack,
				      "a card belongs to the initial network namespace, and stays there");
		return -EOPNOTSUPP;
	}
	asker = fpga_card_devlink_ask_begin();
	if (IS_ERR(asker))
		return PTR_ERR(asker);
	ret = fpga_card_front_activate(inst->card, asker);
	touched = asker->touched;
	ret = fpga_card_devlink_ask_end(asker, ret, extack);
	inst->reload_err = touched ? ret : 0;
	return touched ? 0 : ret;
}

static int fpga_card_devlink_reload_up(struct devlink *devlink,
				       enum devlink_reload_action action,
				       enum devlink_reload_limit limit,
				       u32 *actions_performed,
				       struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = fpga_card_instance_of(devlink);

	if (!inst->reload_err)
		*actions_performed = BIT(DEVLINK_RELOAD_ACTION_FW_ACTIVATE);
	return inst->reload_err;
}

/* No limit: a card that loads another image is reset, and its link goes down. */
const struct devlink_ops fpga_card_devlink_ops = {
	.reload_actions = BIT(DEVLINK_RELOAD_ACTION_FW_ACTIVATE),
	.reload_down = fpga_card_devlink_reload_down,
	.reload_up = fpga_card_devlink_reload_up,
	.info_get = fpga_card_devlink_info_get,
	.flash_update = fpga_card_devlink_flash_update,
};
