// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last requests of a card, as debugfs has them, and how long a step may be expected
 * to take.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fc.h"

/* 16 lines, each with two names and all steps */
#define FC_HISTORY_TEXT	65536

#define FC_HISTORY_DIR	"/sys/kernel/debug/fpga-card"

/* In place: '"' and '\' are in octal. */
static void fc_unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (char)strtol((char[]){ text[1], text[2], text[3], 0 }, NULL, 8);
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* Takes "KEY=VALUE" or "KEY="VALUE"" off @text; false at the end. */
static bool fc_take_pair(char **text, char **key, char **value)
{
	char *end;

	*key = *text + strspn(*text, " ");
	end = strchr(*key, '=');
	if (!end)
		return false;
	*end = '\0';
	*value = end + 1;
	if (**value == '"') {
		++*value;
		end = strchr(*value, '"');
	} else {
		end = *value + strcspn(*value, " ");
	}
	if (!end)
		return false;
	*text = *end ? end + 1 : end;
	*end = '\0';
	fc_unescape(*value);
	return true;
}

static bool fc_is_text(const char *key)
{
	return !strcmp(key, "request") || !strcmp(key, "outcome") || !strcmp(key, "image") ||
	       !strcmp(key, "previous_image");
}

static bool fc_is_number(const char *key)
{
	return !strcmp(key, "number") || !strcmp(key, "time") || !strcmp(key, "errno") ||
	       !strcmp(key, "duration_us") || !strcmp(key, "outage_us");
}

/* What else is in a line are steps, with "_us" behind their names. */
static struct json_object *fc_history_line(char *line)
{
	struct json_object *object = fc_object(), *steps = fc_object();
	char *key, *value;
	size_t len;

	fc_add(object, "steps", steps);
	while (fc_take_pair(&line, &key, &value)) {
		len = strlen(key);
		if (fc_is_text(key)) {
			fc_add_name(object, key, value);
		} else if (fc_is_number(key)) {
			fc_add_int(object, key, strtoll(value, NULL, 10));
		} else if (len > 3 && !strcmp(key + len - 3, "_us")) {
			key[len - 3] = '\0';
			fc_add_int(steps, key, strtoll(value, NULL, 10));
		}
	}
	return object;
}

/* The oldest first; NULL, with errno, if it may not or cannot be read */
struct json_object *fc_history(const struct fc_card *card)
{
	static char text[FC_HISTORY_TEXT];
	struct json_object *array;
	char dir[PATH_MAX], *line, *rest;
	int ret = fc_path(dir, FC_HISTORY_DIR, card->device);

	if (!ret)
		ret = fc_read_text(dir, "history", text, sizeof(text));
	if (ret) {
		errno = -ret;
		return NULL;
	}
	array = fc_array();
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		fc_append(array, fc_history_line(line));
	return array;
}

static bool fc_has_text(struct json_object *object, const char *key, const char *text)
{
	const char *value = json_object_get_string(json_object_object_get(object, key));

	return !strcmp(value ? value : "", text);
}

/* What the last such request that worked took for it, 0 if there was none */
int64_t fc_expected_us(struct json_object *history, const char *request,
		       const char *image, const char *step)
{
	struct json_object *one, *steps;
	size_t i;

	for (i = history ? json_object_array_length(history) : 0; i--;) {
		one = json_object_array_get_idx(history, i);
		if (!fc_has_text(one, "request", request) ||
		    !fc_has_text(one, "image", image) ||
		    !(fc_has_text(one, "outcome", "success") ||
		      fc_has_text(one, "outcome", "degraded") ||
		      !strcmp(request, "recover")))
			continue;
		if (!step)
			return json_object_get_int64(json_object_object_get(one, "duration_us"));
		steps = json_object_object_get(one, "steps");
		return json_object_get_int64(json_object_object_get(steps, step));
	}
	return 0;
}

static const char *fc_word(struct json_object *object, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(object, key));

	return text ? text : "-";
}

static double fc_seconds(struct json_object *object, const char *key)
{
	return (double)json_object_get_int64(json_object_object_get(object, key)) / 1e6;
}

static void fc_print_history(struct json_object *history)
{
	struct json_object *one;
	char when[FC_WORD];
	struct tm tm;
	time_t t;
	size_t i;

	printf("%-6s %-19s %-9s %-20s %-12s %10s %10s\n", "NUMBER", "TIME", "REQUEST",
	       "IMAGE", "OUTCOME", "DURATION", "OUTAGE");
	for (i = 0; i < json_object_array_length(history); i++) {
		one = json_object_array_get_idx(history, i);
		t = (time_t)json_object_get_int64(json_object_object_get(one, "time"));
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&t, &tm));
		printf("%-6s %-19s %-9s %-20s %-12s %8.3f s %8.3f s\n", fc_word(one, "number"),
		       when, fc_word(one, "request"), fc_word(one, "image"),
		       fc_word(one, "outcome"), fc_seconds(one, "duration_us"),
		       fc_seconds(one, "outage_us"));
		json_object_object_foreach(json_object_object_get(one, "steps"), step, us)
			printf("       %-18s %8.3f s\n", step,
			       (double)json_object_get_int64(us) / 1e6);
	}
}

static const struct argp_option fc_history_options[] = {
	{ "svg", 's', "FILE", 0,
	  "Draw the requests as bars, a piece for each step, into FILE; - is the standard output",
	  0 },
	{ 0 }
};

static error_t fc_parse_history(int key, char *arg, struct argp_state *state)
{
	const char **svg = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		return 0;
	case 's':
		*svg = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int fc_history_command(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_history_options,
		.parser = fc_parse_history,
		.doc = "Shows the last requests, with the time that each step took.",
		.children = fc_common_children,
	};
	struct json_object *answer, *history;
	const char *svg = NULL;
	struct fc_card card;
	int ret;

	ret = fc_parse(&argp, argc, argv, &svg);
	if (!ret)
		ret = fc_choose(&card);
	if (ret)
		return fc_answer("history", NULL, ret);
	history = fc_history(&card);
	if (!history) {
		ret = errno == ENOENT ?
		      fc_fail(FC_ERROR, "there is no history: is debugfs mounted?") :
		      fc_fail_errno(errno, "cannot read the history");
		return fc_answer("history", NULL, ret);
	}
	answer = fc_object();
	fc_add_card(answer, &card);
	fc_add(answer, "requests", history);
	if (svg)
		ret = fc_write_svg(history, svg);
	else if (!fc_options.json)
		fc_print_history(history);
	return fc_answer("history", answer, ret);
}
