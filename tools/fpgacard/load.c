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
 * @force: pass over users
 * @reload: load it also if it runs
 * @yes: do not ask
 */
struct fc_wish {
	bool wants;
	const char *image;
	bool force;
	bool reload;
	bool yes;
};

#define FC_FORCE { "force", 'f', NULL, 0, \
	"Take functions away although they are in use; not from VFIO or guests", 0 }
#define FC_YES { "yes", 'y', NULL, 0, "Do not ask", 0 }

static const struct argp_option fc_outage_options[] = { FC_FORCE, FC_YES, { 0 } };

static const struct argp_option fc_load_options[] = {
	FC_FORCE,
	FC_YES,
	{ "reload", 'r', NULL, 0, "Load the image also if it is the one that runs", 0 },
	{ 0 }
};

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
	case ARGP_KEY_ARG:
		if (!wish->wants || wish->image)
			return ARGP_ERR_UNKNOWN;
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

/* Where the kernel looks for files, but for directories of its release */
static bool fc_take_prefix(const char **name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (!len || strncmp(*name, prefix, len) || (*name)[len] != '/')
		return false;
	*name += len + strspn(*name + len, "/");
	return true;
}

/* Else it is a name, also if there is a file of that name here. */
static bool fc_is_path(const char *image)
{
	return image[0] == '/' || !strncmp(image, "./", 2) || !strncmp(image, "../", 3);
}

/*
 * The name of a file for the kernel is relative to the firmware path. @path has PATH_MAX
 * bytes. Returns an exit code.
 */
static int fc_kernel_name(const char **image, char *path)
{
	char firmware[PATH_MAX];

	if (!fc_is_path(*image))
		return FC_SUCCESS;
	if (!realpath(*image, path))
		return fc_fail_errno(errno, "%s", *image);
	fc_read_line("/sys/module/firmware_class/parameters", "path", firmware,
		     sizeof(firmware));
	*image = path;
	if (fc_take_prefix(image, firmware) || fc_take_prefix(image, "/lib/firmware/updates") ||
	    fc_take_prefix(image, "/lib/firmware") ||
	    fc_take_prefix(image, "/usr/lib/firmware/updates") ||
	    fc_take_prefix(image, "/usr/lib/firmware"))
		return FC_SUCCESS;
	return fc_fail(FC_REFUSED,
		       "the kernel does not read %s: copy it below /lib/firmware", path);
}

/* Reads the command line and finds the card. @name has PATH_MAX bytes. */
static int fc_begin(const struct argp *argp, int argc, char **argv, struct fc_wish *wish,
		    struct fc_card *card, char *name)
{
	int ret = fc_parse(argp, argc, argv, wish);

	if (!ret)
		ret = fc_choose(card);
	if (!ret && wish->image)
		ret = fc_kernel_name(&wish->image, name);
	return ret;
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
static int fc_confirm(const struct fc_card *card, const struct fc_wish *wish,
		      const char *what, struct json_object *check)
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
	else
		printf("\"%s\" runs, after an outage of %lld ms\n", request->image,
		       (long long)json_object_get_int64(outage));
}

/* What all requests have in common; @answer is gone afterwards. */
static int fc_request_served(const struct fc_request *request, const char *command,
			     struct json_object *answer)
{
	int ret;

	fc_add_card(answer, request->card);
	fc_add_bool(answer, "done", true);
	ret = fc_serve(request, answer);
	if (ret == FC_SUCCESS)
		fc_say_success(request, answer);
	return fc_answer(command, answer, ret);
}

/* Users are in the way only if they are not passed over. Returns an exit code. */
static int fc_ready(const struct fc_card *card, const struct fc_wish *wish,
		    const char *image, const char *what, struct json_object *answer)
{
	struct json_object *check = NULL;
	int ret;

	ret = fc_ask_check(card, image, &check);
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

static int fc_already_runs(const struct fc_card *card, const char *image)
{
	struct json_object *answer = fc_object();

	fc_add_card(answer, card);
	fc_add_bool(answer, "done", false);
	fc_add_string(answer, "image", image);
	if (!fc_options.json)
		printf("\"%s\" runs already\n", image);
	return fc_answer("load", answer, FC_SUCCESS);
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
	struct fc_wish wish = { .wants = true };
	char name[PATH_MAX], running[FC_NAME], what[FC_NAME + FC_WORD];
	struct json_object *answer;
	struct fc_card card;
	int ret;

	ret = fc_begin(&argp, argc, argv, &wish, &card, name);
	if (ret)
		return fc_answer("load", NULL, ret);
	fc_read_line(card.path, "firmware_name", running, sizeof(running));
	if (!wish.reload && !strcmp(running, wish.image))
		return fc_already_runs(&card, wish.image);
	answer = fc_object();
	snprintf(what, sizeof(what), "load \"%s\"", wish.image);
	ret = fc_ready(&card, &wish, wish.image, what, answer);
	if (ret) {
		fc_add_card(answer, &card);
		fc_add_bool(answer, "done", false);
		return fc_answer("load", answer, ret);
	}
	return fc_request_served(&(struct fc_request){
		.card = &card, .attribute = "firmware_name", .value = wish.image,
		.image = wish.image, .name = "load", .force = wish.force, .outage = true,
	}, "load", answer);
}

int fc_stage(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = fc_parse_wish,
		.args_doc = "IMAGE",
		.doc = "Brings an image into place while the card works, for activate.",
		.children = fc_common_children,
	};
	struct fc_wish wish = { .wants = true };
	char name[PATH_MAX];
	struct fc_card card;
	int ret;

	ret = fc_begin(&argp, argc, argv, &wish, &card, name);
	if (ret)
		return fc_answer("stage", NULL, ret);
	return fc_request_served(&(struct fc_request){
		.card = &card, .attribute = "stage", .value = wish.image,
		.image = wish.image, .name = "stage",
	}, "stage", fc_object());
}

int fc_activate(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_outage_options,
		.parser = fc_parse_wish,
		.doc = "Loads what is staged.",
		.children = fc_common_children,
	};
	char name[PATH_MAX], staged[FC_NAME], what[FC_NAME + FC_WORD];
	struct fc_wish wish = { 0 };
	struct json_object *answer;
	struct fc_card card;
	int ret;

	ret = fc_begin(&argp, argc, argv, &wish, &card, name);
	if (ret)
		return fc_answer("activate", NULL, ret);
	answer = fc_object();
	fc_read_line(card.path, "staged", staged, sizeof(staged));
	snprintf(what, sizeof(what), "activate \"%s\"", staged);
	if (staged[0])
		ret = fc_ready(&card, &wish, staged, what, answer);
	else
		ret = fc_fail(FC_REFUSED, "nothing is staged: use fpgacard stage first");
	if (ret) {
		fc_add_card(answer, &card);
		fc_add_bool(answer, "done", false);
		return fc_answer("activate", answer, ret);
	}
	return fc_request_served(&(struct fc_request){
		.card = &card, .attribute = "activate", .value = "1", .image = staged,
		.name = "activate", .force = wish.force, .outage = true,
	}, "activate", answer);
}

int fc_recover(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_outage_options,
		.parser = fc_parse_wish,
		.doc = "Brings a card back that does not work any more.",
		.children = fc_common_children,
	};
	struct json_object *answer, *check = NULL;
	char name[PATH_MAX], running[FC_NAME];
	struct fc_wish wish = { 0 };
	struct fc_card card;
	int ret;

	ret = fc_begin(&argp, argc, argv, &wish, &card, name);
	if (ret)
		return fc_answer("recover", NULL, ret);
	answer = fc_object();
	fc_read_line(card.path, "firmware_name", running, sizeof(running));
	/* For its users alone: whether an image can be loaded does not matter. */
	if (running[0] && fc_ask_check(&card, running, &check) != FC_SUCCESS)
		fc_fail(FC_SUCCESS, "%s", "");
	if (check)
		fc_add(answer, "users", json_object_get(json_object_object_get(check, "users")));
	ret = fc_confirm(&card, &wish, "bring back what is there", check);
	json_object_put(check);
	if (ret) {
		fc_add_card(answer, &card);
		fc_add_bool(answer, "done", false);
		return fc_answer("recover", answer, ret);
	}
	return fc_request_served(&(struct fc_request){
		.card = &card, .attribute = "recover", .value = "1", .image = "",
		.name = "recover", .force = wish.force, .outage = true,
	}, "recover", answer);
}
