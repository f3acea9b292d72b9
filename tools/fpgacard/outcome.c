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

/* Whether what the attributes tell may be about this request */
static bool fc_is_ours(const struct fc_request *request)
{
	const struct fc_card *card = request->card;
	char line[FC_NAME];

	fc_read_line(card->path, "state", line, sizeof(line));
	if (strcmp(line, "idle") && strcmp(line, "failed"))
		return false;
	fc_read_line(card->path, "request", line, sizeof(line));
	if (strcmp(line, request->name))
		return false;
	fc_read_line(card->path, "image", line, sizeof(line));
	return !strcmp(line, request->image) &&
	       fc_read_number(card->path, "outcome_errno") == EBUSY;
}

static int fc_not_begun(const struct fc_request *request, int err)
{
	const struct fc_card *card = request->card;

	switch (err) {
	case EBUSY:
		return fc_fail(FC_BUSY, "another request is served for the card below %s",
			       card->port);
	case EACCES:
	case EPERM:
		return fc_fail(FC_DENIED, "only root may ask the card for that: %s",
			       strerror(err));
	default:
		return fc_fail(FC_NO_CARD, "the port %s of the card went away", card->port);
	}
}

static int fc_still_served(const struct fc_request *request, const char *why)
{
	return fc_fail(FC_PENDING, "the card below %s still serves the request%s%s",
		       request->card->port, why[0] ? ": " : "", why);
}

/*
 * The exit code by what the attributes say, with last_error as the sentence. @err is what
 * the write ended with: an errno, 0, or -1 if the writer was killed.
 */
int fc_outcome(const struct fc_request *request, int err, struct json_object *answer)
{
	const struct fc_card *card = request->card;
	char outcome[FC_WORD], state[FC_WORD], why[FC_SENTENCE];
	int code;

	if (err == EACCES || err == EPERM || err == ENAMETOOLONG ||
	    (err == EBUSY && !fc_is_ours(request)) ||
	    fc_read_line(card->path, "outcome", outcome, sizeof(outcome)))
		return fc_not_begun(request, err);
	fc_read_line(card->path, "state", state, sizeof(state));
	fc_read_line(card->path, "last_error", why, sizeof(why));
	if (strcmp(state, "idle") && strcmp(state, "failed"))
		return fc_still_served(request, why);
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
