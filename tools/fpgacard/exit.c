// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exit codes, and the one sentence that goes with a failure.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fc.h"

static char fc_text[FC_SENTENCE];

static const struct {
	int code;
	const char *name;
} fc_exits[] = {
	{ FC_SUCCESS, "success" },
	{ FC_ERROR, "error" },
	{ FC_USAGE, "usage" },
	{ FC_NO_CARD, "no-card" },
	{ FC_WHICH_CARD, "which-card" },
	{ FC_DENIED, "denied" },
	{ FC_BAD_FILE, "bad-file" },
	{ FC_DEGRADED, "degraded" },
	{ FC_REFUSED, "refused" },
	{ FC_CANCELLED, "cancelled" },
	{ FC_ROLLED_BACK, "rolled-back" },
	{ FC_RECOVERED, "recovered" },
	{ FC_LOST, "lost" },
	{ FC_BUSY, "busy" },
	{ FC_PENDING, "pending" },
};

const char *fc_exit_name(int code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fc_exits); i++) {
		if (fc_exits[i].code == code)
			return fc_exits[i].name;
	}
	return "error";
}

/* The kernel's words for outcomes are names of exit codes. */
int fc_exit_of_outcome(const char *outcome)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fc_exits); i++) {
		if (!strcmp(fc_exits[i].name, outcome))
			return fc_exits[i].code;
	}
	return FC_ERROR;
}

/* Keeps the sentence; returns @code for the caller to pass on. */
int fc_fail(int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(fc_text, sizeof(fc_text), fmt, args);
	va_end(args);
	return code;
}

/* The same, with what the errno means behind it. */
int fc_fail_errno(int err, const char *fmt, ...)
{
	va_list args;
	size_t len;

	if (err == ENOMEM)
		fc_no_memory();
	va_start(args, fmt);
	vsnprintf(fc_text, sizeof(fc_text), fmt, args);
	va_end(args);
	len = strlen(fc_text);
	snprintf(fc_text + len, sizeof(fc_text) - len, ": %s", strerror(err));
	return err == EACCES || err == EPERM ? FC_DENIED : FC_ERROR;
}

/* Puts where or when it was before the sentence that there is. Returns @code. */
int fc_fail_in(int code, const char *fmt, ...)
{
	char sentence[FC_SENTENCE];
	va_list args;
	size_t len;

	fc_copy(sentence, sizeof(sentence), fc_text);
	va_start(args, fmt);
	vsnprintf(fc_text, sizeof(fc_text), fmt, args);
	va_end(args);
	len = strlen(fc_text);
	fc_copy(fc_text + len, sizeof(fc_text) - len, ": ");
	len = strlen(fc_text);
	fc_copy(fc_text + len, sizeof(fc_text) - len, sentence);
	return code;
}

/* Empty if nothing failed */
const char *fc_sentence(void)
{
	return fc_text;
}

/* There is nothing to do but to say so, without any memory. */
void fc_no_memory(void)
{
	static const char text[] = "fpgacard: there is no memory\n";
	ssize_t done = write(STDERR_FILENO, text, sizeof(text) - 1);

	_exit(done < 0 ? FC_ERROR : FC_ERROR);
}
