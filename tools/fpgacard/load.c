// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that ask a card for something: check, stage, activate, load and recover.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fc.h"

/**
 * struct fc_wish - what the command line asks for
 * @wants: whether the command takes an image
 * @image: the image, or NULL
 * @is_file: it was given as a path
 * @force: pass over users
 * @reload: load it also if it runs
 * @yes: do not ask
 * @patience: with which a card is waited for, or NULL
 * @seconds: how long that is
 * @errno_now: why the card was not ready, 0 for none
 */
struct fc_wish {
	bool wants;
	const char *image;
	bool is_file;
	bool force;
	bool reload;
	bool yes;
	struct fc_patience *patience;
	unsigned int seconds;
	int errno_now;
};

/* Goes with the variable: each command has several ends. */
#define FC_WISH __attribute__((cleanup(fc_wish_end))) struct fc_wish

static void fc_wish_end(struct fc_wish *wish)
{
	fc_patience_end(wish->patience);
}

/* How long --wait waits; the manual page and units say so too. */
#define FC_WAIT_SECONDS		300
#define FC_WAIT_SECONDS_MAX	86400

#define FC_FORCE { "force", 'f', NULL, 0, \
	"Take functions away although they are in use; not from VFIO or guests", 0 }
#define FC_YES { "yes", 'y', NULL, 0, "Do not ask", 0 }
#define FC_WAIT { "wait", 'w', "SECONDS", OPTION_ARG_OPTIONAL, \
	"If there is no such card yet, or it is busy, wait for it, 300 seconds or this long", 0 }

static const struct argp_option fc_stage_options[] = { FC_WAIT, { 0 } };

static const struct argp_option fc_outage_options[] = { FC_FORCE, FC_YES, FC_WAIT, { 0 } };

static const struct argp_option fc_load_options[] = {
	FC_FORCE,
	FC_YES,
	FC_WAIT,
	{ "reload", 'r', NULL, 0, "Load the image also if it is the one that runs", 0 },
	{ 0 }
};

static void fc_parse_wait(struct fc_wish *wish, const char *arg, struct argp_state *state)
{
	unsigned long seconds = FC_WAIT_SECONDS;
	char *end;

	if (arg) {
		seconds = strtoul(arg, &end, 10);
		if (!isdigit((unsigned char)arg[0]) || *end || seconds > FC_WAIT_SECONDS_MAX)
			argp_error(state, "--wait: \"%s\" is no number of seconds up to %d",
				   arg, FC_WAIT_SECONDS_MAX);
	}
	wish->seconds = (unsigned int)seconds;
}

static error_t fc_parse_wish(int key, char *arg, struct argp_state *state)
{
	struct fc_wish *wish = state->input;

	switch (key) {
	case 'f':
		wish->force = true;
		return 0;
	case 'y':
		wish->yes = true;
		return 0;
	case 'r':
		wish->reload = true;
		return 0;
	case 'w':
		fc_parse_wait(wish, arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (!wish->wants || wish->image)
			return ARGP_ERR_UNKNOWN;
		/* A variable that is not set, most likely; the kernel takes it to unstage. */
		if (!arg[0])
			argp_error(state, "the image's name is empty");
		wish->image = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (wish->wants)
			argp_error(state, "an image is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The kernel looks for a name in the card's flash first. */
static int fc_check_file(const struct fc_card *card, const struct fc_wish *wish)
{
	if (!wish->is_file || !fc_is_in_flash(card, wish->image))
		return FC_SUCCESS;
	return fc_fail(FC_REFUSED,
		       "the card has an image \"%s\" in its flash, which would be taken for the file: give the file another name",
		       wish->image);
}

/* Reads the command line and finds the card. @name has PATH_MAX bytes. */
static int fc_begin(const struct argp *argp, int argc, char **argv, struct fc_wish *wish,
		    struct fc_card *card, char *name)
{
	int ret = fc_parse(argp, argc, argv, wish);

	/* What does not exist need not be waited for. */
	if (!ret && wish->image)
		ret = fc_kernel_name(&wish->image, &wish->is_file, name);
	if (ret)
		return ret;
	if (wish->seconds) {
		ret = fc_patience_begin(wish->seconds, &wish->patience);
		if (!ret)
			ret = fc_patience_card(wish->patience, card);
	} else {
		ret = fc_choose(card);
	}
	return ret ? ret : fc_check_file(card, wish);
}

int fc_check(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = fc_parse_wish,
		.args_doc = "IMAGE",
		.doc = "Tells whether an image could be loaded now, and who would lose what.",
		.children = fc_common_children,
	};
	struct fc_wish wish = { .wants = true };
	struct json_object *answer = NULL;
	char name[PATH_MAX];
	struct fc_card card;
	int ret;

	ret = fc_begin(&argp, argc, argv, &wish, &card, name);
	if (ret)
		return fc_answer("check", NULL, ret);
	ret = fc_ask_check(&card, wish.image, &answer);
	if (answer)
		fc_add_card(answer, &card);
	if (answer && !fc_options.json)
		fc_print_check(answer);
	return fc_answer("check", answer, ret);
}

static void fc_print_loss(const struct fc_card *card, struct json_object *check)
{
	struct json_object *functions = fc_functions(card), *users, *one;
	const char *driver;
	size_t i;

	for (i = 0; i < json_object_array_length(functions); i++) {
		one = json_object_array_get_idx(functions, i);
		driver = json_object_get_string(json_object_object_get(one, "driver"));
		fprintf(stderr, "  %s%s%s goes\n",
			json_object_get_string(json_object_object_get(one, "address")),
			driver ? ", of driver " : "", driver ? driver : "");
	}
	json_object_put(functions);
	users = check ? json_object_object_get(check, "users") : NULL;
	for (i = 0; users && i < json_object_array_length(users); i++) {
		one = json_object_array_get_idx(users, i);
		driver = json_object_get_string(json_object_object_get(one, "function"));
		fprintf(stderr, "  in use: %s%s%s\n", driver ? driver : "", driver ? ": " : "",
			json_object_get_string(json_object_object_get(one, "use")));
	}
}

/* Names who would lose what. Returns an exit code. */
static int fc_confirm(const struct fc_card *card, struct fc_wish *wish, const char *what,
		      struct json_object *check)
{
	char line[FC_WORD];

	if (wish->yes)
		return FC_SUCCESS;
	if (!isatty(STDIN_FILENO))
		return fc_fail(FC_REFUSED,
			       "there is no terminal to ask at: give --yes to %s", what);
	fprintf(stderr, "To %s on the card below %s (%s):\n", what, card->port, card->region);
	fc_print_loss(card, check);
	fputs("Go on? [y/N] ", stderr);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin) || tolower((unsigned char)line[0]) != 'y')
		return fc_fail(FC_CANCELLED, "nothing was done");
	/* Once, also if another request comes first and is waited for. */
	wish->yes = true;
	return FC_SUCCESS;
}

static void fc_say_success(const struct fc_request *request, struct json_object *answer)
{
	const char *why = json_object_get_string(json_object_object_get(answer, "last_error"));
	struct json_object *outage = json_object_object_get(answer, "outage_ms");

	if (fc_options.json)
		return;
	if (!request->outage)
		printf("\"%s\" is staged\n", request->image);
	else if (!strcmp(request->name, "recover"))
		printf("%s\n", why ? why : "the card is back");
	else if (!outage)
		printf("\"%s\" was loaded, and another request was served since\n",
		       request->image);
	else
		printf("\"%s\" runs, after an outage of %lld ms\n", request->image,
		       (long long)json_object_get_int64(outage));
}

/* What all requests have in common */
static int fc_request_served(const struct fc_request *request, struct json_object *answer)
{
	int ret;

	fc_add_bool(answer, "done", true);
	ret = fc_serve(request, answer);
	if (ret == FC_SUCCESS)
		fc_say_success(request, answer);
	return ret;
}

/* Asks the kernel, and keeps what else there is to know. Returns an exit code. */
static int fc_look_before(const struct fc_card *card, struct fc_wish *wish, const char *image,
			  struct json_object **check)
{
	int ret = fc_ask_check(card, image, check);

	wish->errno_now = 0;
	if (*check)
		wish->errno_now = json_object_get_int(json_object_object_get(*check, "errno"));
	return ret;
}

/* Users are in the way only if they are not passed over. Returns an exit code. */
static int fc_ready(const struct fc_card *card, struct fc_wish *wish, const char *image,
		    const char *what, struct json_object *answer)
{
	struct json_object *check = NULL;
	int ret;

	ret = fc_look_before(card, wish, image, &check);
	if (check)
		fc_add(answer, "users", json_object_get(json_object_object_get(check, "users")));
	/* The kernel has the last word. */
	if (ret == FC_REFUSED && wish->force && fc_has_users(check)) {
		fc_fail(FC_SUCCESS, "%s", "");
		ret = FC_SUCCESS;
	}
	if (!ret)
		ret = fc_confirm(card, wish, what, check);
	json_object_put(check);
	return ret;
}

/*
 * Whether it is to be asked for again, as what was in the way has passed. @ret is the exit
 * code, of the waiting if that came to nothing.
 */
static bool fc_again(struct fc_wish *wish, struct fc_card *card, int *ret)
{
	int waited;

	if (!wish->patience)
		return false;
	/* The card went while it was waited for, or its back end is not there yet. */
	if (*ret != FC_BUSY && !(*ret == FC_REFUSED && wish->errno_now == ENODEV))
		return false;
	waited = fc_patience_again(wish->patience, card, *ret);
	if (waited)
		*ret = waited;
	return !waited;
}

/* A command that asks a card for something: @once does it, as often as it takes. */
static int fc_ask(const char *command, const struct argp *argp, int argc, char **argv,
		  struct fc_wish *wish,
		  int (*once)(const struct fc_card *card, struct fc_wish *wish,
			      struct json_object *answer))
{
	struct json_object *answer = NULL;
	char name[PATH_MAX];
	struct fc_card card;
	int ret;

	ret = fc_begin(argp, argc, argv, wish, &card, name);
	if (ret)
		return fc_answer(command, NULL, ret);
	do {
		json_object_put(answer);
		answer = fc_object();
		fc_add_card(answer, &card);
		fc_add_bool(answer, "done", false);
		ret = once(&card, wish, answer);
	} while (fc_again(wish, &card, &ret));
	return fc_answer(command, answer, ret);
}

static int fc_load_once(const struct fc_card *card, struct fc_wish *wish,
			struct json_object *answer)
{
	char running[FC_NAME], what[FC_NAME + FC_WORD];
	int ret;

	fc_read_line(card->path, "firmware_name", running, sizeof(running));
	if (!wish->reload && !strcmp(running, wish->image)) {
		fc_add_string(answer, "image", wish->image);
		if (!fc_options.json)
			printf("\"%s\" runs already\n", wish->image);
		return FC_SUCCESS;
	}
	snprintf(what, sizeof(what), "load \"%s\"", wish->image);
	ret = fc_ready(card, wish, wish->image, what, answer);
	if (ret)
		return ret;
	return fc_request_served(&(struct fc_request){
		.card = card, .attribute = "firmware_name", .value = wish->image,
		.image = wish->image, .name = "load", .force = wish->force, .outage = true,
	}, answer);
}

int fc_load(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_load_options,
		.parser = fc_parse_wish,
		.args_doc = "IMAGE",
		.doc = "Loads an image: one in the card's flash, or a file.",
		.children = fc_common_children,
	};
	FC_WISH wish = { .wants = true };

	return fc_ask("load", &argp, argc, argv, &wish, fc_load_once);
}

static int fc_stage_once(const struct fc_card *card, struct fc_wish *wish,
			 struct json_object *answer)
{
	struct json_object *check = NULL;
	int ret = FC_SUCCESS;

	/* For what is waited for alone: the rest is no matter of staging. */
	if (wish->patience) {
		ret = fc_look_before(card, wish, wish->image, &check);
		json_object_put(check);
	}
	if (ret == FC_BUSY || (ret == FC_REFUSED && wish->errno_now == ENODEV))
		return ret;
	fc_fail(FC_SUCCESS, "%s", "");
	wish->errno_now = 0;
	return fc_request_served(&(struct fc_request){
		.card = card, .attribute = "stage", .value = wish->image,
		.image = wish->image, .name = "stage",
	}, answer);
}

int fc_stage(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_stage_options,
		.parser = fc_parse_wish,
		.args_doc = "IMAGE",
		.doc = "Brings an image into place while the card works, for activate.",
		.children = fc_common_children,
	};
	FC_WISH wish = { .wants = true };

	return fc_ask("stage", &argp, argc, argv, &wish, fc_stage_once);
}

static int fc_activate_once(const struct fc_card *card, struct fc_wish *wish,
			    struct json_object *answer)
{
	char staged[FC_NAME], what[FC_NAME + FC_WORD];
	int ret;

	fc_read_line(card->path, "staged", staged, sizeof(staged));
	if (!staged[0])
		return fc_fail(FC_REFUSED, "nothing is staged: use fpgacard stage first");
	snprintf(what, sizeof(what), "activate \"%s\"", staged);
	ret = fc_ready(card, wish, staged, what, answer);
	if (ret)
		return ret;
	return fc_request_served(&(struct fc_request){
		.card = card, .attribute = "activate", .value = "1", .image = staged,
		.name = "activate", .force = wish->force, .outage = true,
	}, answer);
}

int fc_activate(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_outage_options,
		.parser = fc_parse_wish,
		.doc = "Loads what is staged.",
		.children = fc_common_children,
	};
	FC_WISH wish = { 0 };

	return fc_ask("activate", &argp, argc, argv, &wish, fc_activate_once);
}

static int fc_recover_once(const struct fc_card *card, struct fc_wish *wish,
			   struct json_object *answer)
{
	struct json_object *check = NULL;
	char running[FC_NAME];
	int ret;

	fc_read_line(card->path, "firmware_name", running, sizeof(running));
	/* For its users alone: whether an image can be loaded does not matter. */
	if (running[0] && fc_ask_check(card, running, &check) != FC_SUCCESS)
		fc_fail(FC_SUCCESS, "%s", "");
	if (check)
		fc_add(answer, "users", json_object_get(json_object_object_get(check, "users")));
	ret = fc_confirm(card, wish, "bring back what is there", check);
	json_object_put(check);
	if (ret)
		return ret;
	return fc_request_served(&(struct fc_request){
		.card = card, .attribute = "recover", .value = "1", .image = "",
		.name = "recover", .force = wish->force, .outage = true,
	}, answer);
}

int fc_recover(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_outage_options,
		.parser = fc_parse_wish,
		.doc = "Brings a card back that does not work any more.",
		.children = fc_common_children,
	};
	FC_WISH wish = { 0 };

	return fc_ask("recover", &argp, argc, argv, &wish, fc_recover_once);
}
