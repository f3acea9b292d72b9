// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands for cards that have no driver: attach and detach.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"

/**
 * struct fc_attaching - what the command line says
 * @card: the card, as far as it is described there
 * @file: the file that describes it, or NULL
 * @all: all files in %FC_CARDS_DIR
 * @said: whether it describes one by options
 * @code: the exit code of the first thing that makes no sense
 */
struct fc_attaching {
	struct fc_described card;
	const char *file;
	bool all;
	bool said;
	int code;
};

static const struct argp_option fc_attach_options[] = {
	{ "method", 'm', "METHOD", 0,
	  "How the card is made to load: hot_reset, slot_power, external or registers", 0 },
	{ "port", 'p', "ADDRESS", 0, "The PCIe port above the card", 0 },
	{ "function", 'F', "ADDRESS", 0, "Instead of that, a function of the card", 0 },
	{ "sequence", 'S', "FILE", 0,
	  "The writes that make it load: a path, or the name of a list that came with this command",
	  0 },
	{ "image", 'i', "IMAGE", 0,
	  "An image that the card can load, as NAME=TIMEOUT_MS[,HOLD_MS[,ADDRESS]]: the longest time until its link is up, the time for which the link is not looked at, and where the card finds it",
	  0 },
	{ "file", 'f', "FILE", 0, "Take all that from a file", 0 },
	{ "all", 'a', NULL, 0,
	  "All cards of " FC_CARDS_DIR ", but for those that are attached already", 0 },
	{ 0 }
};

/* Returns an exit code. */
static int fc_take_image(struct fc_described *card, const char *spec)
{
	static const char * const keys[] = { "timeout_ms", "hold_ms", "address" };
	char text[FC_NAME], *value, *next;
	struct fc_image_spec *image;
	size_t i, count = card->count;
	int ret;

	if (strlen(spec) >= sizeof(text) || !strchr(spec, '='))
		return fc_fail(FC_USAGE, "\"%s\" is not NAME=TIMEOUT_MS", spec);
	fc_copy(text, sizeof(text), spec);
	value = strchr(text, '=');
	*value++ = '\0';
	ret = fc_described_image(card, text, &image);
	if (!ret && card->count == count)
		ret = fc_fail(FC_USAGE, "the image \"%s\" is there twice", text);
	for (i = 0; !ret && value; i++, value = next) {
		next = strchr(value, ',');
		if (next)
			*next++ = '\0';
		if (i == ARRAY_SIZE(keys))
			return fc_fail(FC_USAGE, "\"%s\" has too many numbers", spec);
		ret = fc_image_key(image, keys[i], value);
	}
	return ret;
}

/* The exit code and the sentence of the first one stay. */
static error_t fc_take(struct fc_attaching *what, const char *key, const char *arg)
{
	what->said = true;
	if (what->code)
		return 0;
	if (strcmp(key, "image"))
		what->code = fc_described_key(&what->card, key, arg);
	else
		what->code = fc_take_image(&what->card, arg);
	if (what->code)
		fc_fail_in(what->code, "--%s", key);
	return 0;
}

static void fc_check_attach(const struct fc_attaching *what, struct argp_state *state)
{
	bool named = what->card.name[0];

	if (what->all && (what->file || what->said || named))
		argp_error(state, "--all takes no card");
	else if (what->file && what->said)
		argp_error(state, "with --file all is in the file");
	else if (!what->all && !what->file && !named && !what->code)
		argp_error(state, "a name for the card is missing");
}

static error_t fc_parse_attach(int key, char *arg, struct argp_state *state)
{
	struct fc_attaching *what = state->input;

	switch (key) {
	case 'm':
		return fc_take(what, "method", arg);
	case 'p':
		return fc_take(what, "port", arg);
	case 'F':
		return fc_take(what, "function", arg);
	case 'S':
		return fc_take(what, "sequence", arg);
	case 'i':
		return fc_take(what, "image", arg);
	case 'f':
		what->file = arg;
		return 0;
	case 'a':
		what->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (what->card.name[0])
			return ARGP_ERR_UNKNOWN;
		if (!what->code)
			what->code = fc_described_name(&what->card, arg);
		return 0;
	case ARGP_KEY_END:
		fc_check_attach(what, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The name of a card is that of its file, without its end. */
static int fc_name_by_file(struct fc_described *card, const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[PATH_MAX], *end;

	fc_copy(name, sizeof(name), slash ? slash + 1 : path);
	end = strrchr(name, '.');
	if (end && end != name && !strcmp(end, ".conf"))
		*end = '\0';
	return fc_described_name(card, name);
}

/* Has it attached, and says which one it is. Returns an exit code. */
static int fc_attach_and_tell(const struct fc_described *described, struct json_object *answer)
{
	struct fc_card card;
	int ret = fc_attach_card(described);

	if (ret)
		return ret;
	fc_options.card = described->port[0] ? described->port : described->function;
	ret = fc_choose(&card);
	if (ret)
		return ret;
	fc_add_card(answer, &card);
	if (!fc_options.json)
		printf("%s\n", card.region);
	return FC_SUCCESS;
}

static int fc_attach_file(const char *path, struct fc_described *card,
			  struct json_object *answer)
{
	int ret = card->name[0] ? FC_SUCCESS : fc_name_by_file(card, path);

	if (!ret)
		ret = fc_read_conf(path, card);
	if (ret)
		return ret;
	ret = fc_attach_and_tell(card, answer);
	return ret ? fc_fail_in(ret, "%s", path) : FC_SUCCESS;
}

/**
 * struct fc_all - the cards of all files, one after the other
 * @cards: what became of each
 * @detach: whether they are detached
 * @failed: how many were not attached, or detached
 * @code: exit code of the first of them
 */
struct fc_all {
	struct json_object *cards;
	bool detach;
	size_t failed;
	int code;
};

static int fc_attach_one(const char *path, struct fc_described *card,
			 struct json_object *answer)
{
	int ret = fc_name_by_file(card, path);

	if (ret)
		return ret;
	fc_add_string(answer, "name", card->name);
	if (fc_is_attached(card->name)) {
		if (!fc_options.json)
			printf("%s: is attached already\n", card->name);
		return FC_SUCCESS;
	}
	if (!fc_options.json)
		printf("%s: ", card->name);
	ret = fc_attach_file(path, card, answer);
	if (ret && !fc_options.json)
		puts("not attached");
	return ret;
}

/* Of those that are not attached nothing is said. */
static int fc_detach_one(const char *path, struct fc_described *card,
			 struct json_object *answer)
{
	int ret = fc_name_by_file(card, path);

	if (ret)
		return ret;
	fc_add_string(answer, "name", card->name);
	if (!fc_is_attached(card->name))
		return FC_SUCCESS;
	ret = fc_detach_card(card->name);
	if (!ret && !fc_options.json)
		printf("%s: detached\n", card->name);
	return ret ? fc_fail_in(ret, "%s", card->name) : FC_SUCCESS;
}

/* One that fails does not keep the others from it. */
static int fc_each_of_all(const char *path, void *data)
{
	struct json_object *answer = fc_object();
	struct fc_described card = { 0 };
	struct fc_all *all = data;
	int ret;

	fc_add_string(answer, "file", path);
	ret = all->detach ? fc_detach_one(path, &card, answer) :
			    fc_attach_one(path, &card, answer);
	fc_described_free(&card);
	fc_add_string(answer, "result", fc_exit_name(ret));
	fc_add_int(answer, "exit", ret);
	if (ret) {
		fc_add_string(answer, "error", fc_sentence());
		fflush(stdout);
		fprintf(stderr, "fpgacard: %s\n", fc_sentence());
		all->failed++;
		all->code = all->code ? all->code : ret;
	}
	fc_append(all->cards, answer);
	fc_fail(FC_SUCCESS, "%s", "");
	return FC_SUCCESS;
}

/* Returns an exit code; that of the first card that failed. */
static int fc_all(bool detach, struct json_object *answer)
{
	struct fc_all all = { .detach = detach, .cards = fc_array() };
	int ret;

	fc_add(answer, "cards", all.cards);
	ret = fc_each_conf(FC_CARDS_DIR, fc_each_of_all, &all);
	if (ret || !all.failed)
		return ret;
	return fc_fail(all.code, "%zu of %zu cards could not be %s", all.failed,
		       json_object_array_length(all.cards), detach ? "detached" : "attached");
}

static int fc_attach_what(struct fc_attaching *what, struct json_object *answer)
{
	int ret;

	if (what->code)
		return what->code;
	if (what->all)
		return fc_all(false, answer);
	if (what->file) {
		ret = fc_attach_file(what->file, &what->card, answer);
	} else {
		ret = fc_described_whole(&what->card);
		if (!ret)
			ret = fc_attach_and_tell(&what->card, answer);
	}
	fc_add_name(answer, "name", what->card.name);
	return ret;
}

int fc_attach(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_attach_options,
		.parser = fc_parse_attach,
		.args_doc = "NAME\n--file FILE [NAME]\n--all",
		.doc = "Tells the kernel of a card that has no driver, under NAME.",
		.children = fc_plain_children,
	};
	struct fc_attaching what = { 0 };
	struct json_object *answer;
	int ret;

	ret = fc_parse(&argp, argc, argv, &what);
	answer = fc_object();
	if (!ret)
		ret = fc_attach_what(&what, answer);
	fc_described_free(&what.card);
	return fc_answer("attach", answer, ret);
}

/**
 * struct fc_detaching - what the command line says
 * @name: the name of a card, or NULL
 * @all: all cards of the files in %FC_CARDS_DIR
 */
struct fc_detaching {
	const char *name;
	bool all;
};

static const struct argp_option fc_detach_options[] = {
	{ "all", 'a', NULL, 0, "All cards of " FC_CARDS_DIR, 0 },
	{ 0 }
};

static error_t fc_parse_detach(int key, char *arg, struct argp_state *state)
{
	struct fc_detaching *what = state->input;

	switch (key) {
	case 'a':
		what->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (what->name)
			return ARGP_ERR_UNKNOWN;
		what->name = arg;
		return 0;
	case ARGP_KEY_END:
		if (what->all && what->name)
			argp_error(state, "--all takes no card");
		else if (!what->all && !what->name)
			argp_error(state, "the name of a card is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int fc_detach(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_detach_options,
		.parser = fc_parse_detach,
		.args_doc = "NAME\n--all",
		.doc = "Takes the description of a card away again.",
		.children = fc_plain_children,
	};
	struct fc_detaching what = { 0 };
	struct json_object *answer;
	int ret;

	ret = fc_parse(&argp, argc, argv, &what);
	answer = fc_object();
	if (what.name)
		fc_add_string(answer, "name", what.name);
	if (!ret)
		ret = what.all ? fc_all(true, answer) : fc_detach_card(what.name);
	return fc_answer("detach", answer, ret);
}
