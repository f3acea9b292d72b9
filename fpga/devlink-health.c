// SPDX-License-Identifier: GPL-2.0-only
/*
 * The health reporter of a card: what became of it, and bringing it back.
 */

#include <linux/slab.h>

#include "devlink.h"

/*
 * Asked for by a user, who has no context to give. Else it is devlink, right behind
 * devlink_health_report(): the card has had its recovery then, and is left to somebody
 * who knows why that did not help.
 */
static int fpga_card_devlink_recover(struct devlink_health_reporter *reporter,
				     void *priv_ctx, struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = devlink_health_reporter_priv(reporter);
	struct fpga_card_asker *asker;
	int ret;

	if (priv_ctx)
		return -ECANCELED;
	asker = fpga_card_devlink_ask_begin();
	if (IS_ERR(asker))
		return PTR_ERR(asker);
	ret = fpga_card_front_recover(inst->card, asker);
	return fpga_card_devlink_ask_end(asker, ret, extack);
}

static int fpga_card_devlink_text(struct devlink_fmsg *fmsg, const char *name,
				  const char *value)
{
	return compat_fmsg(devlink_fmsg_string_pair_put(fmsg, name, value));
}

static int fpga_card_devlink_number(struct devlink_fmsg *fmsg, const char *name, u64 value)
{
	return compat_fmsg(devlink_fmsg_u64_pair_put(fmsg, name, value));
}

static int fpga_card_devlink_tell_status(struct devlink_fmsg *fmsg,
					 const struct fpga_card_status *status)
{
	int ret;

	ret = fpga_card_devlink_text(fmsg, "state", status->state);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "outcome", status->outcome);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "image", status->running);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "staged", status->staged);
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "loads", status->loads);
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "failures", status->failures);
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "recoveries", status->recoveries);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "last_error", status->error);
	return ret;
}

static int fpga_card_devlink_diagnose(struct devlink_health_reporter *reporter,
				      struct devlink_fmsg *fmsg,
				      struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = devlink_health_reporter_priv(reporter);
	struct fpga_card_status *status;
	int ret;

	status = kmalloc(sizeof(*status), GFP_KERNEL);
	if (!status)
		return -ENOMEM;
	fpga_card_front_status(inst->card, status);
	ret = fpga_card_devlink_tell_status(fmsg, status);
	kfree(status);
	return ret;
}

/* The steps that there were, and how long they took */
static int fpga_card_devlink_dump_steps(struct devlink_fmsg *fmsg,
					const struct fpga_card_record *record)
{
	const char *name;
	unsigned int i;
	int ret;

	ret = compat_fmsg(devlink_fmsg_pair_nest_start(fmsg, "steps_us"));
	if (!ret)
		ret = compat_fmsg(devlink_fmsg_obj_nest_start(fmsg));
	for (i = 0; !ret && i < FPGA_CARD_STATES; i++) {
		name = fpga_card_state_name(i);
		if (record->steps_us[i])
			ret = fpga_card_devlink_number(fmsg, name, record->steps_us[i]);
	}
	if (!ret)
		ret = compat_fmsg(devlink_fmsg_obj_nest_end(fmsg));
	if (!ret)
		ret = compat_fmsg(devlink_fmsg_pair_nest_end(fmsg));
	return ret;
}

static int fpga_card_devlink_dump_record(struct devlink_fmsg *fmsg,
					 const struct fpga_card_record *record)
{
	int ret;

	ret = compat_fmsg(devlink_fmsg_obj_nest_start(fmsg));
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "number", record->number);
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "time", record->when);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "request",
					     fpga_card_record_request(record));
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "image", record->name);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "previous_image", record->previous);
	if (!ret)
		ret = fpga_card_devlink_text(fmsg, "outcome",
					     fpga_card_outcome_name(record->outcome));
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "errno", -record->error);
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "duration_us", record->duration_us);
	if (!ret)
		ret = fpga_card_devlink_number(fmsg, "outage_us", record->outage_us);
	if (!ret)
		ret = fpga_card_devlink_dump_steps(fmsg, record);
	if (!ret)
		ret = compat_fmsg(devlink_fmsg_obj_nest_end(fmsg));
	return ret;
}

/* The last requests, the oldest of them first. devlink keeps what this says. */
static int fpga_card_devlink_dump(struct devlink_health_reporter *reporter,
				  struct devlink_fmsg *fmsg, void *priv_ctx,
				  struct netlink_ext_ack *extack)
{
	struct fpga_card_instance *inst = devlink_health_reporter_priv(reporter);
	struct fpga_card_record *record;
	int ago, ret;

	record = kmalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	ret = compat_fmsg(devlink_fmsg_arr_pair_nest_start(fmsg, "requests"));
	for (ago = FPGA_CARD_HISTORY - 1; !ret && ago >= 0; ago--) {
		if (fpga_card_history_get(inst->card, ago, record))
			ret = fpga_card_devlink_dump_record(fmsg, record);
	}
	if (!ret)
		ret = compat_fmsg(devlink_fmsg_arr_pair_nest_end(fmsg));
	kfree(record);
	return ret;
}

static const struct devlink_health_reporter_ops fpga_card_devlink_reporter_ops = {
	.name = "card",
	.recover = fpga_card_devlink_recover,
	.diagnose = fpga_card_devlink_diagnose,
	.dump = fpga_card_devlink_dump,
};

/*
 * devlink recovers only what was reported. A report is sent for each request that failed
 * with the card touched, and the card is well again when another one succeeds, whoever
 * asked for it.
 */
static void fpga_card_devlink_health_work(struct work_struct *work)
{
	struct fpga_card_instance *inst = container_of(work, struct fpga_card_instance,
						       health);
	struct fpga_card_status *status;
	const char *why;

	status = kmalloc(sizeof(*status), GFP_KERNEL);
	if (!status)
		return;
	fpga_card_front_status(inst->card, status);
	why = status->error[0] ? status->error : "the card failed";
	if (status->failed && (!inst->ill || inst->failures != status->failures)) {
		devlink_health_report(inst->reporter, why, inst);
	} else if (!status->failed && inst->ill) {
		devl_lock(inst->devlink);
		devlink_health_reporter_state_update(inst->reporter,
						     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
		devl_unlock(inst->devlink);
	}
	inst->ill = status->failed;
	inst->failures = status->failures;
	kfree(status);
}

int fpga_card_devlink_health_add(struct fpga_card_instance *inst)
{
	struct devlink_health_reporter *reporter;

	INIT_WORK(&inst->health, fpga_card_devlink_health_work);
	reporter = compat_devlink_reporter_create(inst->devlink,
						  &fpga_card_devlink_reporter_ops, inst);
	if (IS_ERR(reporter))
		return PTR_ERR(reporter);
	inst->reporter = reporter;
	return 0;
}

/* The instance is not registered any more, and @inst->health not queued. */
void fpga_card_devlink_health_del(struct fpga_card_instance *inst)
{
	devlink_health_reporter_destroy(inst->reporter);
}
