// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking whether an image could be loaded, and who would lose what.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fc.h"

/* What the kernel's answer has at most: a page */
#define FC_CHECK_TEXT	4097

/* How often the answer is asked for again if somebody else's check was in the way */
#define FC_CHECK_TRIES	20
#define FC_CHECK_WAIT_US	50000

/* "FUNCTION (driver NAME): USE", or a line that is about no function, whole */
static struct json_object *fc_user(const char *text)
{
	char function[FC_WORD], driver[FC_WORD];
	struct json_object *object = fc_object();
	const char *use = strstr(text, "): ");

	if (use && sscanf(text, "%63s (driver %63[^)])", function, driver) == 2) {
		fc_add_string(object, "function", function);
		fc_add_string(object, "driver", driver);
		fc_add_string(object, "use", use + strlen("): "));
	} else if (use && sscanf(text, "%63s (no driver)", function) == 1) {
		fc_add_string(object, "function", function);
		fc_add(object, "driver", NULL);
		fc_add_string(object, "use", use + strlen("): "));
	} else {
		fc_add(object, "function", NULL);
		fc_add(object, "driver", NULL);
		fc_add_string(object, "use", text);
	}
	return object;
}

static void fc_append_text(struct json_object *to, const char *key, const char *text)
{
	struct json_object *holder = fc_object();

	fc_add_string(holder, "text", text);
	fc_append(json_object_object_get(to, key),
		  json_object_get(json_object_object_get(holder, "text")));
	json_object_put(holder);
}

/* Words that are not known are of a later kernel. */
static void fc_take_line(struct json_object *answer, const char *word, const char *text)
{
	if (!strcmp(word, "yes") || !strcmp(word, "no"))
		fc_add_string(answer, "answer", text);
	else if (!strcmp(word, "deadline"))
		fc_add_int(answer, "deadline_ms", strtoll(text, NULL, 10));
	else if (!strcmp(word, "user"))
		fc_append(json_object_object_get(answer, "users"), fc_user(text));
	else if (!strcmp(word, "registers") || !strcmp(word, "step"))
		fc_append_text(answer, "trigger", text);
	else if (!strcmp(word, "contained"))
		fc_append_text(answer, "contained", text);
	else if (!strcmp(word, "not contained"))
		fc_append_text(answer, "not_contained", text);
}

static void fc_take_answer(struct json_object *answer, char *text)
{
	char *line, *rest, *colon;

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		colon = strstr(line, ": ");
		if (!colon)
			continue;
		*colon = '\0';
		fc_take_line(answer, line, colon + strlen(": "));
	}
}

/*
 * Somebody else's check is over soon; returns the errno, 0 for none. @others: they had no end,
 * so there is no answer.
 */
static int fc_write_check(const struct fc_card *card, const char *image, bool *others)
{
	char before[FC_WORD];
	int i, ret;

	for (i = 0; i < FC_CHECK_TRIES; i++) {
		fc_read_line(card->path, "state", before, sizeof(before));
		ret = fc_write(card->path, "check", image);
		/* Whatever the card does else takes longer, or is the answer. */
		*others = ret == -EBUSY && !strcmp(before, "preflight");
		if (!*others)
			break;
		usleep(FC_CHECK_WAIT_US);
	}
	return -ret;
}

static bool fc_is_serving(const struct fc_card *card)
{
	char state[FC_WORD];

	fc_read_line(card->path, "state", state, sizeof(state));
	return strcmp(state, "idle") && strcmp(state, "failed");
}

/* Returns an exit code; @answer is filled in unless nobody could be asked. */
int fc_ask_check(const struct fc_card *card, const char *image,
		 struct json_object **answer)
{
	char text[FC_CHECK_TEXT];
	bool others = false;
	int err = fc_write_check(card, image, &others);

	*answer = NULL;
	if (fc_is_denied(card->path, "check", err))
		return fc_fail(FC_DENIED, "only root may ask the card: %s", strerror(err));
	if (others || (err == EBUSY && fc_is_serving(card)))
		return fc_fail(FC_BUSY, "another request is served for the card below %s",
			       card->port);
	fc_read_text(card->path, "check", text, sizeof(text));
	*answer = fc_object();
	fc_add_string(*answer, "image", image);
	fc_add_bool(*answer, "loadable", !err);
	fc_add_int(*answer, "errno", err);
	fc_add(*answer, "answer", NULL);
	fc_add(*answer, "deadline_ms", NULL);
	fc_add(*answer, "users", fc_array());
	fc_add(*answer, "trigger", fc_array());
	fc_add(*answer, "contained", fc_array());
	fc_add(*answer, "not_contained", fc_array());
	fc_take_answer(*answer, text);
	fc_add_holders(json_object_object_get(*answer, "users"));
	if (!err)
		return FC_SUCCESS;
	text[0] = '\0';
	if (json_object_object_get(*answer, "answer"))
		fc_copy(text, sizeof(text),
			json_object_get_string(json_object_object_get(*answer, "answer")));
	return fc_fail(FC_REFUSED, "%s", text[0] ? text : strerror(err));
}

bool fc_has_users(struct json_object *answer)
{
	return json_object_array_length(json_object_object_get(answer, "users"));
}

static void fc_print_lines(struct json_object *answer, const char *key, const char *title)
{
	struct json_object *array = json_object_object_get(answer, key);
	size_t i;

	for (i = 0; i < json_object_array_length(array); i++)
		printf("%-14s %s\n", title,
		       json_object_get_string(json_object_array_get_idx(array, i)));
}

static void fc_print_users(struct json_object *users)
{
	struct json_object *user;
	const char *function, *driver;
	size_t i;

	for (i = 0; i < json_object_array_length(users); i++) {
		user = json_object_array_get_idx(users, i);
		function = json_object_get_string(json_object_object_get(user, "function"));
		driver = json_object_get_string(json_object_object_get(user, "driver"));
		printf("%-14s %s%s%s%s%s\n", "user", function ? function : "",
		       driver ? " (" : "", driver ? driver : "", driver ? ")" : "",
		       function ? ":" : "");
		printf("%-14s   %s\n", "",
		       json_object_get_string(json_object_object_get(user, "use")));
		fc_print_holders(user);
	}
}

void fc_print_check(struct json_object *answer)
{
	printf("%-14s %s\n",
	       json_object_get_boolean(json_object_object_get(answer, "loadable")) ?
	       "yes" : "no",
	       json_object_get_string(json_object_object_get(answer, "answer")));
	if (json_object_object_get(answer, "deadline_ms"))
		printf("%-14s %s ms\n", "deadline",
		       json_object_get_string(json_object_object_get(answer, "deadline_ms")));
	fc_print_users(json_object_object_get(answer, "users"));
	fc_print_lines(answer, "trigger", "trigger");
	fc_print_lines(answer, "contained", "contained");
	fc_print_lines(answer, "not_contained", "not contained");
}
