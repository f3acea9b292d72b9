// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that only look: list, show and images.
 */

#include <stdio.h>
#include <string.h>

#include "fc.h"

static bool fc_names_only;

static const struct argp_option fc_names_options[] = {
	{ "names", 'n', NULL, 0, "Only the names, one a line", 0 },
	{ 0 }
};

static error_t fc_parse_names(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != 'n')
		return ARGP_ERR_UNKNOWN;
	fc_names_only = true;
	return 0;
}

static const char *fc_text_of(struct json_object *object, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(object, key));

	return text ? text : "-";
}

/* What one line of the list has */
static struct json_object *fc_card_summary(const struct fc_card *card)
{
	struct json_object *object = fc_object(), *functions;
	char line[FC_NAME];

	fc_add_card(object, card);
	fc_read_line(card->path, "state", line, sizeof(line));
	fc_add_name(object, "state", line);
	fc_read_line(card->path, "firmware_name", line, sizeof(line));
	fc_add_name(object, "running", line);
	fc_read_line(card->path, "staged", line, sizeof(line));
	fc_add_name(object, "staged", line);
	fc_add_bool(object, "present", fc_read_number(card->path, "present"));
	functions = fc_functions(card);
	fc_add(object, "functions", functions);
	return object;
}

static void fc_print_list(struct json_object *list)
{
	struct json_object *one, *card;
	size_t i;

	printf("%-10s %-14s %-16s %-10s %s\n", "REGION", "PORT", "SERIAL", "STATE",
	       "IMAGE");
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		card = json_object_object_get(one, "card");
		printf("%-10s %-14s %-16s %-10s %s\n", fc_text_of(card, "region"),
		       fc_text_of(card, "port"), fc_text_of(card, "serial"),
		       fc_text_of(one, "state"), fc_text_of(one, "running"));
	}
}

int fc_list(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_names_options,
		.parser = fc_parse_names,
		.doc = "Lists the cards.",
		.children = fc_plain_children,
	};
	struct json_object *answer, *list;
	struct fc_cards cards;
	size_t i;
	int ret;

	ret = fc_parse(&argp, argc, argv, NULL);
	if (!ret)
		ret = fc_cards_find(&cards);
	if (ret)
		return fc_answer("list", NULL, ret);
	answer = fc_object();
	list = fc_array();
	fc_add(answer, "cards", list);
	for (i = 0; i < cards.count; i++)
		fc_append(list, fc_card_summary(&cards.list[i]));
	for (i = 0; fc_names_only && i < cards.count; i++)
		puts(cards.list[i].region);
	fc_cards_free(&cards);
	if (!fc_options.json && !fc_names_only)
		fc_print_list(list);
	return fc_answer("list", answer, FC_SUCCESS);
}

static int fc_add_image(const char *dir, const char *name, void *data)
{
	struct json_object *object = fc_object();
	char path[PATH_MAX], line[FC_NAME];
	int ret = fc_path(path, dir, name);

	if (ret) {
		json_object_put(object);
		return 0;
	}
	fc_add_string(object, "name", name);
	fc_add_bool(object, "running", fc_read_number(path, "running"));
	fc_add_bool(object, "valid", fc_read_number(path, "valid"));
	fc_add_int(object, "timeout_ms", fc_read_number(path, "timeout_ms"));
	fc_read_line(path, "version", line, sizeof(line));
	fc_add_name(object, "version", line);
	fc_read_line(path, "description", line, sizeof(line));
	fc_add_name(object, "description", line);
	fc_append(data, object);
	return 0;
}

/* sysfs has a file "uevent" and directories "power" beside them in some places. */
static struct json_object *fc_image_list(const struct fc_card *card)
{
	struct json_object *array = fc_array();

	fc_each_dir(card->path, "images", fc_add_image, array);
	return array;
}

static void fc_print_images(struct json_object *images)
{
	struct json_object *one;
	size_t i;

	printf("  %-20s %-12s %-12s %s\n", "IMAGE", "VERSION", "TIMEOUT", "DESCRIPTION");
	for (i = 0; i < json_object_array_length(images); i++) {
		one = json_object_array_get_idx(images, i);
		printf("%c %-20s %-12s %-9s ms %s%s\n",
		       json_object_get_boolean(json_object_object_get(one, "running")) ?
		       '*' : ' ', fc_text_of(one, "name"), fc_text_of(one, "version"),
		       fc_text_of(one, "timeout_ms"), fc_text_of(one, "description"),
		       json_object_get_boolean(json_object_object_get(one, "valid")) ?
		       "" : " (damaged)");
	}
}

int fc_images(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_names_options,
		.parser = fc_parse_names,
		.doc = "Lists the images in a card's flash.",
		.children = fc_common_children,
	};
	struct json_object *answer, *images;
	struct fc_card card;
	size_t i;
	int ret;

	ret = fc_parse(&argp, argc, argv, NULL);
	if (!ret)
		ret = fc_choose(&card);
	if (ret)
		return fc_answer("images", NULL, ret);
	answer = fc_object();
	fc_add_card(answer, &card);
	images = fc_image_list(&card);
	fc_add(answer, "images", images);
	if (fc_names_only) {
		for (i = 0; i < json_object_array_length(images); i++)
			puts(fc_text_of(json_object_array_get_idx(images, i), "name"));
	} else if (!fc_options.json) {
		fc_print_images(images);
	}
	return fc_answer("images", answer, FC_SUCCESS);
}

/* Attributes of the kernel's that are shown as they are */
static const char * const fc_shown_names[] = { "boot_image", "quiesce", "last_error", NULL };
static const char * const fc_shown_numbers[] = {
	"staged_percent", "timeout_ms", "drain_ms", "overlap", "force", "restore",
	"remember_readiness", "loads", "failures", "recoveries", NULL
};

static void fc_add_shown(struct json_object *to, const struct fc_card *card)
{
	char line[FC_SENTENCE];
	size_t i;

	for (i = 0; fc_shown_names[i]; i++) {
		fc_read_line(card->path, fc_shown_names[i], line, sizeof(line));
		fc_add_name(to, fc_shown_names[i], line);
	}
	for (i = 0; fc_shown_numbers[i]; i++)
		fc_add_int(to, fc_shown_numbers[i],
			   fc_read_number(card->path, fc_shown_numbers[i]));
}

static void fc_print_functions(struct json_object *functions)
{
	struct json_object *one;
	size_t i;

	for (i = 0; i < json_object_array_length(functions); i++) {
		one = json_object_array_get_idx(functions, i);
		printf("function        %s %s:%s class %s driver %s\n",
		       fc_text_of(one, "address"), fc_text_of(one, "vendor"),
		       fc_text_of(one, "device"), fc_text_of(one, "class"),
		       fc_text_of(one, "driver"));
	}
}

static void fc_print_show(struct json_object *answer)
{
	struct json_object *card = json_object_object_get(answer, "card");
	struct json_object *last = json_object_object_get(answer, "last");
	size_t i;

	printf("region          %s\n", fc_text_of(card, "region"));
	printf("port            %s\n", fc_text_of(card, "port"));
	printf("serial          %s\n", fc_text_of(card, "serial"));
	printf("state           %s\n", fc_text_of(answer, "state"));
	printf("running         %s\n", fc_text_of(answer, "running"));
	printf("staged          %s\n", fc_text_of(answer, "staged"));
	fc_print_functions(json_object_object_get(answer, "functions"));
	printf("last request    %s \"%s\": %s, %s ms, outage %s ms\n",
	       fc_text_of(last, "request"), fc_text_of(last, "image"),
	       fc_text_of(last, "outcome"), fc_text_of(last, "duration_ms"),
	       fc_text_of(last, "outage_ms"));
	printf("link            %s x%s\n", fc_text_of(last, "link_speed"),
	       fc_text_of(last, "link_width"));
	for (i = 0; fc_shown_names[i]; i++)
		printf("%-15s %s\n", fc_shown_names[i], fc_text_of(answer, fc_shown_names[i]));
	for (i = 0; fc_shown_numbers[i]; i++)
		printf("%-15s %s\n", fc_shown_numbers[i],
		       fc_text_of(answer, fc_shown_numbers[i]));
	fc_print_images(json_object_object_get(answer, "images"));
}

int fc_show(int argc, char **argv)
{
	static const struct argp argp = {
		.doc = "Shows all that is known of a card.",
		.children = fc_common_children,
	};
	struct json_object *answer, *last;
	struct fc_card card;
	int ret;

	ret = fc_parse(&argp, argc, argv, NULL);
	if (!ret)
		ret = fc_choose(&card);
	if (ret)
		return fc_answer("show", NULL, ret);
	answer = fc_card_summary(&card);
	fc_add_shown(answer, &card);
	fc_add(answer, "images", fc_image_list(&card));
	last = fc_object();
	fc_add_outcome(&card, last);
	fc_add(answer, "last", last);
	if (!fc_options.json)
		fc_print_show(answer);
	return fc_answer("show", answer, FC_SUCCESS);
}
