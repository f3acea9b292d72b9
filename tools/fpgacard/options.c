// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options that each command takes.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "fc.h"

struct fc_options fc_options;

static const struct argp_option fc_plain_options[] = {
	{ "json", 'j', NULL, 0, "Answer in JSON", -2 },
	{ 0 }
};

static const struct argp_option fc_card_options[] = {
	{ "card", 'c', "CARD", 0,
	  "The card: address of one of its functions or of its port, name of its region, or serial number",
	  -2 },
	{ "quiet", 'q', NULL, 0, "No progress", -2 },
	{ 0 }
};

static error_t fc_parse_plain(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != 'j')
		return ARGP_ERR_UNKNOWN;
	fc_options.json = true;
	return 0;
}

static error_t fc_parse_card(int key, char *arg, struct argp_state *state)
{
	(void)state;
	switch (key) {
	case 'c':
		fc_options.card = arg;
		return 0;
	case 'q':
		fc_options.quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp fc_plain_argp = {
	.options = fc_plain_options,
	.parser = fc_parse_plain,
};

static const struct argp fc_card_argp = {
	.options = fc_card_options,
	.parser = fc_parse_card,
};

/* For commands that are about no card */
const struct argp_child fc_plain_children[] = {
	{ &fc_plain_argp, 0, NULL, 0 },
	{ 0 }
};

const struct argp_child fc_common_children[] = {
	{ &fc_plain_argp, 0, NULL, 0 },
	{ &fc_card_argp, 0, NULL, 0 },
	{ 0 }
};

static void fc_aborted(int sig)
{
	(void)sig;
	fc_no_memory();
}

static bool fc_is_parsing;

/* argp leaves out what it has no memory for, and does not tell; but realloc() does. */
static void fc_help_is_whole(void)
{
	if (fc_is_parsing && errno == ENOMEM)
		fc_no_memory();
}

/*
 * argp asserts that it has the memory that its help needs, which is abort(). After the help
 * it ends the program.
 */
error_t fc_argp(const struct argp *argp, int argc, char **argv, unsigned int flags,
		void *input)
{
	static bool is_watched;
	error_t err;

	if (!is_watched && atexit(fc_help_is_whole))
		fc_no_memory();
	is_watched = true;
	signal(SIGABRT, fc_aborted);
	fc_is_parsing = true;
	errno = 0;
	err = argp_parse(argp, argc, argv, flags, NULL, input);
	fc_is_parsing = false;
	signal(SIGABRT, SIG_DFL);
	return err;
}

/* The parser says what is wrong by argp_error(), which ends the program. */
int fc_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	error_t err = fc_argp(argp, argc, argv, 0, input);

	return err ? fc_fail_errno(err, "cannot read the command line") : FC_SUCCESS;
}

const struct fc_command *fc_find_command(const struct fc_command *commands,
					 const char *name)
{
	for (; commands->name; commands++) {
		if (!strcmp(commands->name, name))
			return commands;
	}
	return NULL;
}

/* For &struct argp.parser, with a &struct fc_words: options end at the first word. */
error_t fc_parse_words(int key, char *arg, struct argp_state *state)
{
	struct fc_words *words = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_ARG:
		/* The rest is for the command. */
		words->argv = state->argv + state->next - 1;
		words->argc = state->argc - state->next + 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "%s", words->missing);
		return ARGP_ERR_UNKNOWN;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
