// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of a request, by the region's attributes.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fc.h"

static const char * const fc_outcome_names[] = {
	"request", "outcome", "image", "previous_image", "link_speed",
	"previous_link_speed", NULL
};

static const char * const fc_outcome_numbers[] = {
	"outcome_errno", "duration_ms", "outage_ms", "link_width", "previous_link_width",
	"present", NULL
};

void fc_add_outcome(const struct fc_card *card, struct json_object *to)
{
	char line[FC_NAME];
	size_t i;

	for (i = 0; fc_outcome_names[i]; i++) {
		fc_read_line(card->path, fc_outcome_names[i], line, sizeof(line));
		fc_add_name(to, fc_outcome_names[i], line);
	}
	for (i = 0; fc_outcome_numbers[i]; i++)
		fc_add_int(to, fc_outcome_numbers[i],
			   fc_read_number(card->path, fc_outcome_numbers[i]));
}

/*
 * Whether what the attributes tell is about this request, which ended with @err: another one
 * may have ended since, and one that the card did not take is not told of at all.
 */
static bool fc_is_ours(const struct fc_request *request, int err)
{
	const struct fc_card *card = request->card;
	char line[FC_NAME];

	fc_read_line(card->path, "request", line, sizeof(line));
	if (strcmp(line, request->name))
		return false;
	fc_read_line(card->path, "image", line, sizeof(line));
	if (strcmp(line, request->image))
		return false;
	/* Who was killed has heard of none. */
	return err < 0 || fc_read_number(card->path, "outcome_errno") == err;
}

/*
 * Whether the request may be served still: whoever waited for it was let go. Otherwise
 * somebody else's request may be, or a check.
 */
static bool fc_may_be_served(int err)
{
	return err < 0 || err == EINTR || err == ETIMEDOUT || err == ENODEV;
}

static int fc_still_served(const struct fc_request *request, const char *why)
{
	return fc_fail(FC_PENDING, "the card below %s still serves the request%s%s",
		       request->card->port, why[0] ? ": " : "", why);
}

/* All but what was asked for, and that it is done, is null. */
static void fc_add_unknown(const struct fc_request *request, struct json_object *to)
{
	size_t i;

	for (i = 0; fc_outcome_names[i]; i++)
		fc_add(to, fc_outcome_names[i], NULL);
	for (i = 0; fc_outcome_numbers[i]; i++)
		fc_add(to, fc_outcome_numbers[i], NULL);
	fc_add_name(to, "request", request->name);
	fc_add_name(to, "image", request->image);
	fc_add_int(to, "outcome_errno", 0);
}

/* There is nothing to be told but what the write ended with. */
static int fc_not_told(const struct fc_request *request, int err, struct json_object *answer)
{
	const struct fc_card *card = request->card;

	switch (err) {
	case 0:
		fc_add_unknown(request, answer);
		return FC_SUCCESS;
	case -1:
	case EINTR:
		return fc_fail(FC_CANCELLED, "the request was cancelled");
	case EBUSY:
		return fc_fail(FC_BUSY, "another request is served for the card below %s",
			       card->port);
	case ENODEV:
	case ENOENT:
		return fc_fail(FC_NO_CARD, "the port %s of the card went away", card->port);
	default:
		return fc_fail_errno(err, "the card below %s took no request", card->port);
	}
}

/*
 * The exit code by what the attributes say, with last_error as the sentence. @err is what
 * the write ended with: an errno, 0, or -1 if the writer was killed.
 */
int fc_outcome(const struct fc_request *request, int err, struct json_object *answer)
{
	const struct fc_card *card = request->card;
	char outcome[FC_WORD], state[FC_WORD], why[FC_SENTENCE];
	bool serves;
	int code;

	if (fc_is_denied(card->path, request->attribute, err))
		return fc_fail(FC_DENIED, "only root may ask the card for that: %s",
			       strerror(err));
	if (fc_read_line(card->path, "outcome", outcome, sizeof(outcome)))
		return fc_not_told(request, ENODEV, answer);
	fc_read_line(card->path, "state", state, sizeof(state));
	fc_read_line(card->path, "last_error", why, sizeof(why));
	serves = strcmp(state, "idle") && strcmp(state, "failed");
	if (serves && fc_may_be_served(err))
		return fc_still_served(request, why);
	if ((serves && err == EBUSY) || !fc_is_ours(request, err))
		return fc_not_told(request, err, answer);
	fc_add_outcome(card, answer);
	fc_add_name(answer, "last_error", why);
	code = fc_exit_of_outcome(outcome);
	/* A recovery that succeeds is no failure of anything. */
	if (code == FC_RECOVERED && !strcmp(request->name, "recover") && err == 0)
		code = FC_SUCCESS;
	if (code == FC_SUCCESS)
		return code;
	return fc_fail(code, "%s", why[0] ? why : err > 0 ? strerror(err) : outcome);
}
