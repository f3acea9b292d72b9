// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is seen of a request while it is served: on a terminal a line for each step, with
 * the time since its beginning and that which it is expected to take; else a line when a
 * step begins.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fc.h"

/**
 * struct fc_progress - what was seen
 * @request: of which request
 * @history: the card's last requests, or NULL
 * @steps: what has been, for the answer
 * @state: the step that runs, empty if none does
 * @begin: when the request began
 * @entered: when the step did
 * @shown: whether there is somebody to tell
 * @terminal: whether lines can be written anew
 */
struct fc_progress {
	const struct fc_request *request;
	struct json_object *history;
	struct json_object *steps;
	char state[FC_WORD];
	struct timespec begin;
	struct timespec entered;
	bool shown;
	bool terminal;
};

static double fc_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) +
	       (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

struct fc_progress *fc_progress_begin(const struct fc_request *request)
{
	struct fc_progress *progress = calloc(1, sizeof(*progress));
	int64_t us;

	if (!progress)
		fc_no_memory();
	progress->request = request;
	progress->steps = fc_array();
	progress->history = fc_history(request->card);
	progress->shown = !fc_options.json && !fc_options.quiet;
	progress->terminal = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &progress->begin);
	us = fc_expected_us(progress->history, request->name, request->image, NULL);
	if (progress->shown && us)
		fprintf(stderr, "the last time this took %.1f s\n", (double)us / 1e6);
	return progress;
}

static bool fc_is_step(const char *state)
{
	return state[0] && strcmp(state, "idle") && strcmp(state, "failed");
}

/* The line of the step that runs; on a terminal only */
void fc_progress_tick(struct fc_progress *progress)
{
	int64_t us;

	if (!progress->shown || !progress->terminal || !fc_is_step(progress->state))
		return;
	fprintf(stderr, "\r%-18s %7.1f s", progress->state, fc_since(&progress->entered));
	us = fc_expected_us(progress->history, progress->request->name,
			    progress->request->image, progress->state);
	if (us)
		fprintf(stderr, " of %.1f s", (double)us / 1e6);
	if (!strcmp(progress->state, "staging"))
		fprintf(stderr, ", %3lld%%",
			(long long)fc_read_number(progress->request->card->path,
						  "staged_percent"));
	fputs("\033[K", stderr);
	fflush(stderr);
}

static void fc_progress_leave(struct fc_progress *progress)
{
	struct json_object *step;

	if (!fc_is_step(progress->state))
		return;
	fc_progress_tick(progress);
	if (progress->shown && progress->terminal)
		fputc('\n', stderr);
	step = fc_object();
	fc_add_string(step, "step", progress->state);
	fc_add_int(step, "ms", (int64_t)(fc_since(&progress->entered) * 1000));
	fc_append(progress->steps, step);
}

/* The card is in @state. */
void fc_progress_state(struct fc_progress *progress, const char *state)
{
	if (!strcmp(progress->state, state))
		return;
	fc_progress_leave(progress);
	fc_copy(progress->state, sizeof(progress->state), state);
	clock_gettime(CLOCK_MONOTONIC, &progress->entered);
	if (progress->shown && !progress->terminal && fc_is_step(state))
		fprintf(stderr, "%8.3f s  %s\n", fc_since(&progress->begin), state);
	fc_progress_tick(progress);
}

/* Something that the user has to know now */
void fc_progress_say(struct fc_progress *progress, const char *text)
{
	if (progress->shown && progress->terminal && fc_is_step(progress->state))
		fputc('\n', stderr);
	fprintf(stderr, "fpgacard: %s\n", text);
}

void fc_progress_end(struct fc_progress *progress, struct json_object *answer)
{
	fc_progress_leave(progress);
	fc_add(answer, "steps", progress->steps);
	json_object_put(progress->history);
	free(progress);
}
