// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers in JSON. Each is an object with "command", "result", "exit" and, after a
 * failure, "error"; what else is in it depends on the command. See schema.json.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fc.h"

static struct json_object *fc_must(struct json_object *value)
{
	if (!value)
		fc_no_memory();
	return value;
}

struct json_object *fc_object(void)
{
	return fc_must(json_object_new_object());
}

struct json_object *fc_array(void)
{
	return fc_must(json_object_new_array());
}

/* @value, which may be null, belongs to @to from here on. */
void fc_add(struct json_object *to, const char *key, struct json_object *value)
{
	if (json_object_object_add(to, key, value))
		fc_no_memory();
}

void fc_add_string(struct json_object *to, const char *key, const char *text)
{
	fc_add(to, key, fc_must(json_object_new_string(text)));
}

/* null for what is not known */
void fc_add_name(struct json_object *to, const char *key, const char *text)
{
	if (text && text[0])
		fc_add_string(to, key, text);
	else
		fc_add(to, key, NULL);
}

void fc_add_int(struct json_object *to, const char *key, int64_t value)
{
	fc_add(to, key, fc_must(json_object_new_int64(value)));
}

void fc_add_bool(struct json_object *to, const char *key, bool value)
{
	fc_add(to, key, fc_must(json_object_new_boolean(value)));
}

void fc_append(struct json_object *to, struct json_object *value)
{
	if (json_object_array_add(to, value))
		fc_no_memory();
}

/*
 * json-c leaves out what it has no memory for, and does not tell; but realloc() does.
 * Returns @code, or that it could not be printed.
 */
int fc_print_json(struct json_object *answer, int code)
{
	const char *text;

	errno = 0;
	text = json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN |
						      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text || errno == ENOMEM)
		fc_no_memory();
	if (puts(text) == EOF || fflush(stdout))
		return fc_fail_errno(errno, "cannot write the answer");
	return code;
}

/*
 * The end of a command: prints what there is to say in JSON, if that is wanted.
 * @answer is gone then. Returns the exit code.
 */
int fc_answer(const char *command, struct json_object *answer, int code)
{
	if (fc_options.json) {
		if (!answer)
			answer = fc_object();
		fc_add_string(answer, "command", command);
		fc_add_string(answer, "result", fc_exit_name(code));
		fc_add_int(answer, "exit", code);
		if (code != FC_SUCCESS && fc_sentence()[0])
			fc_add_string(answer, "error", fc_sentence());
		code = fc_print_json(answer, code);
	}
	json_object_put(answer);
	return code;
}
