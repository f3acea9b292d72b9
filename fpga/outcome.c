// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of a request: decided in one place, kept, and told to programs.
 */

#include <linux/kobject.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include "request.h"
#include "trace.h"

static const char * const fpga_card_outcome_names[] = {
	[FPGA_CARD_OUTCOME_NONE] = "none",
	[FPGA_CARD_SUCCESS] = "success",
	[FPGA_CARD_DEGRADED] = "degraded",
	[FPGA_CARD_REFUSED] = "refused",
	[FPGA_CARD_CANCELLED] = "cancelled",
	[FPGA_CARD_ROLLED_BACK] = "rolled-back",
	[FPGA_CARD_RECOVERED] = "recovered",
	[FPGA_CARD_LOST] = "lost",
};

static const char * const fpga_card_job_names[] = {
	[FPGA_CARD_LOAD] = "load",
	[FPGA_CARD_CHECK] = "check",
	[FPGA_CARD_RECOVER] = "recover",
	[FPGA_CARD_STAGE] = "stage",
	[FPGA_CARD_UNSTAGE] = "unstage",
	[FPGA_CARD_ACTIVATE] = "activate",
	[FPGA_CARD_ROLL_BACK] = "roll-back",
	[FPGA_CARD_ANNOUNCED] = "announced",
};

/**
 * fpga_card_outcome_name - what users call an outcome
 * @outcome: the outcome
 *
 * Context: any.
 *
 * Return: its name.
 */
const char *fpga_card_outcome_name(enum fpga_card_outcome outcome)
{
	return fpga_card_outcome_names[outcome];
}
EXPORT_SYMBOL_GPL(fpga_card_outcome_name);

/**
 * fpga_card_record_request - what users call a request
 * @record: what is told of it
 *
 * Context: any.
 *
 * Return: its name.
 */
const char *fpga_card_record_request(const struct fpga_card_record *record)
{
	return fpga_card_job_names[record->job];
}
EXPORT_SYMBOL_GPL(fpga_card_record_request);

/* Attributes whose values change at the end of a request; "state" is told of elsewhere. */
static const char * const fpga_card_outcome_attrs[] = {
	"outcome", "outcome_errno", "request", "image", "previous_image",
	"duration_ms", "outage_ms", "link_speed", "link_width",
	"previous_link_speed", "previous_link_width", "loads", "failures",
	"recoveries", "last_error",
};

/* The last request that was no check; NULL if there was none. */
const struct fpga_card_record *fpga_card_last_record_locked(struct fpga_card *card)
{
	struct fpga_card_history *history = &card->history;

	lockdep_assert_held(&card->lock);

	return history->count ?
	       &history->ring[(history->count - 1) % FPGA_CARD_HISTORY] : NULL;
}

static bool fpga_card_record_failed(const struct fpga_card_record *record)
{
	return record->outcome == FPGA_CARD_ROLLED_BACK ||
	       record->outcome == FPGA_CARD_LOST ||
	       (record->outcome == FPGA_CARD_RECOVERED && record->error);
}

/* Users see the record from here on. */
static void fpga_card_record_keep_locked(struct fpga_card *card,
					 const struct fpga_card_request *req)
{
	struct fpga_card_history *history = &card->history;
	struct fpga_card_record *record;
	unsigned int i;

	lockdep_assert_held(&card->lock);

	record = &history->ring[history->count++ % FPGA_CARD_HISTORY];
	*record = req->record;
	record->number = history->count;
	history->loads += req->touched && (req->job == FPGA_CARD_LOAD ||
					   req->job == FPGA_CARD_ACTIVATE);
	history->failures += fpga_card_record_failed(record);
	trace_fpga_card_outcome(card->id, card->port,
				fpga_card_record_request(record),
				fpga_card_outcome_names[record->outcome],
				record->error, record->duration_us,
				record->outage_us);
	for (i = 0; card->registered && i < ARRAY_SIZE(fpga_card_outcome_attrs); i++)
		sysfs_notify(&card->region->dev.kobj, NULL,
			     fpga_card_outcome_attrs[i]);
}

/* A request that the worker never saw; no uevent tells of it. */
void fpga_card_record_refused_locked(struct fpga_card *card,
				     struct fpga_card_request *req, int err)
{
	req->record.job = req->job;
	req->record.outcome = FPGA_CARD_REFUSED;
	req->record.error = err;
	req->record.when = ktime_get_real_seconds();
	strscpy(req->record.name, req->name, sizeof(req->record.name));
	fpga_card_record_keep_locked(card, req);
}

/* The worker has begun. */
void fpga_card_record_begin(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_record *record = &req->record;

	record->job = req->job;
	record->when = ktime_get_real_seconds();
	strscpy(record->name, req->name, sizeof(record->name));
	pci_reload_read_link(card->window, &record->before);
	req->begun = ktime_get();
	mutex_lock(&card->lock);
	card->entered = req->begun;
	strscpy(record->previous, card->running, sizeof(record->previous));
	mutex_unlock(&card->lock);
}

static struct fpga_card_request *fpga_card_whole(struct fpga_card_request *req)
{
	return req->whole ?: req;
}

/* The first function was removed, @when. */
void fpga_card_outage_began(struct fpga_card_request *req, ktime_t when)
{
	req = fpga_card_whole(req);
	if (!req->outage_begin)
		req->outage_begin = when;
}

/* The first function is about to be removed. */
void fpga_card_outage_begin(struct fpga_card_request *req)
{
	fpga_card_outage_began(req, ktime_get());
}

/* Functions are bound; more of them may be later. */
void fpga_card_outage_end(struct fpga_card_request *req)
{
	fpga_card_whole(req)->outage_end = ktime_get();
}

/* It left the card with all that it had. */
static bool fpga_card_is_as_before(struct fpga_card *card,
				   const struct fpga_card_request *req)
{
	char lost[64];

	return !req->incomplete && !pci_reload_replaced(card->window) &&
	       pci_reload_lost(card->window, lost, sizeof(lost)) <= 0;
}

static bool fpga_card_runs_previous(struct fpga_card *card,
				    const struct fpga_card_request *req)
{
	bool same;

	mutex_lock(&card->lock);
	same = req->record.previous[0] &&
	       !strcmp(card->running, req->record.previous);
	mutex_unlock(&card->lock);
	return same && !pci_reload_replaced(card->window);
}

static enum fpga_card_outcome
fpga_card_failure_outcome(struct fpga_card *card,
			  const struct fpga_card_request *req, int err)
{
	if (!req->touched && err == -EINTR)
		return FPGA_CARD_CANCELLED;
	if (!req->touched)
		return FPGA_CARD_REFUSED;
	if (READ_ONCE(card->gone) || !fpga_card_is_present(card))
		return FPGA_CARD_LOST;
	if ((err == -EINTR || req->job == FPGA_CARD_ANNOUNCED) && !req->triggered &&
	    fpga_card_is_as_before(card, req))
		return FPGA_CARD_CANCELLED;
	return fpga_card_runs_previous(card, req) ? FPGA_CARD_ROLLED_BACK :
						    FPGA_CARD_RECOVERED;
}

static enum fpga_card_outcome
fpga_card_decide_outcome(struct fpga_card *card,
			 const struct fpga_card_request *req, int ret)
{
	if (ret)
		return fpga_card_failure_outcome(card, req, ret);
	if (req->job == FPGA_CARD_RECOVER)
		return FPGA_CARD_RECOVERED;
	return req->degraded ? FPGA_CARD_DEGRADED : FPGA_CARD_SUCCESS;
}

/* The worker has done all that it does; @ret is what the asker gets. */
void fpga_card_record_end(struct fpga_card *card, struct fpga_card_request *req,
			  int ret)
{
	struct fpga_card_record *record = &req->record;
	ktime_t end = ktime_get();

	record->error = ret;
	record->outcome = fpga_card_decide_outcome(card, req, ret);
	if (req->previous[0])
		strscpy(record->previous, req->previous, sizeof(record->previous));
	if (record->outcome == FPGA_CARD_LOST)
		req->outage_end = end;
	if (req->outage_begin)
		record->outage_us = ktime_us_delta(req->outage_end, req->outage_begin);
	record->duration_us = ktime_us_delta(end, req->begun);
	pci_reload_read_link(card->window, &record->after);
}

/**
 * struct fpga_card_uevent - variables of a uevent
 * @env: pointers into @buf; NULL behind the last
 * @count: number of @env
 * @used: bytes of @buf
 * @buf: the variables
 */
struct fpga_card_uevent {
	char *env[10];
	unsigned int count;
	size_t used;
	char buf[1024];
};

/* A variable for which there is no room is left out. */
__printf(2, 3)
static void fpga_card_uevent_add(struct fpga_card_uevent *event,
				 const char *fmt, ...)
{
	size_t room = sizeof(event->buf) - event->used;
	va_list args;
	size_t len;

	va_start(args, fmt);
	len = vsnprintf(event->buf + event->used, room, fmt, args);
	va_end(args);
	if (len >= room || event->count == ARRAY_SIZE(event->env) - 1)
		return;
	event->env[event->count++] = event->buf + event->used;
	event->used += len + 1;
}

static struct fpga_card_uevent *
fpga_card_uevent_alloc(struct fpga_card *card, const struct fpga_card_request *req,
		       const char *state)
{
	struct fpga_card_uevent *event = kzalloc(sizeof(*event), GFP_KERNEL);
	u64 serial = fpga_card_serial(card);

	if (!event)
		return NULL;
	fpga_card_uevent_add(event, "FPGA_CARD_STATE=%s", state);
	fpga_card_uevent_add(event, "FPGA_CARD_REQUEST=%s",
			     fpga_card_record_request(&req->record));
	fpga_card_uevent_add(event, "FPGA_CARD_IMAGE=%s", req->record.name);
	fpga_card_uevent_add(event, "FPGA_CARD_PREVIOUS_IMAGE=%s",
			     req->record.previous);
	if (serial)
		fpga_card_uevent_add(event, "FPGA_CARD_SERIAL=%016llx", serial);
	return event;
}

/* @event may be NULL: who waits for it has the attributes, too. */
static void fpga_card_uevent_send_locked(struct fpga_card *card,
					 struct fpga_card_uevent *event)
{
	lockdep_assert_held(&card->lock);

	if (card->registered)
		kobject_uevent_env(&card->region->dev.kobj, KOBJ_CHANGE,
				   event ? event->env : NULL);
}

/* The functions are about to be removed. */
void fpga_card_tell_unloading(struct fpga_card *card, struct fpga_card_request *req)
{
	struct fpga_card_uevent *event;

	event = fpga_card_uevent_alloc(card, req, "unloading");
	if (!event)
		return;
	mutex_lock(&card->lock);
	fpga_card_uevent_send_locked(card, event);
	mutex_unlock(&card->lock);
	kfree(event);
}

/*
 * The request is over, and the card's in @state: users see what became of it, and may
 * ask for something else at once.
 */
void fpga_card_tell_over(struct fpga_card *card, struct fpga_card_request *req,
			 enum fpga_card_state state)
{
	const struct fpga_card_record *record = &req->record;
	struct fpga_card_uevent *event;

	event = fpga_card_uevent_alloc(card, req, fpga_card_state_name(state));
	if (event) {
		fpga_card_uevent_add(event, "FPGA_CARD_OUTCOME=%s",
				     fpga_card_outcome_names[record->outcome]);
		fpga_card_uevent_add(event, "FPGA_CARD_ERRNO=%d", -record->error);
		fpga_card_uevent_add(event, "FPGA_CARD_OUTAGE_MS=%lld",
				     div_s64(record->outage_us, USEC_PER_MSEC));
	}
	mutex_lock(&card->lock);
	fpga_card_redact(req->error, sizeof(req->error), card->last_error,
			 req->options.sees_processes);
	/* The last step ends with that, and is the request's. */
	fpga_card_set_state_locked(card, state);
	card->serving.request = NULL;
	WRITE_ONCE(card->serving.checking, false);
	fpga_card_record_keep_locked(card, req);
	fpga_card_uevent_send_locked(card, event);
	mutex_unlock(&card->lock);
	kfree(event);
}
