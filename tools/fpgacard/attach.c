// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that have no driver: their description in configfs. See
 * Documentation/ABI/testing/configfs-fpga-card.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fc.h"

#define FC_CONFIGFS	"/sys/kernel/config/fpga-card"

/* As many as the kernel takes */
#define FC_IMAGES_MAX	64

/**
 * struct fc_described - what the command line says of a card
 * @name: of its directory
 * @method: how it is made to load
 * @port: the port above it, or NULL
 * @function: instead of that one of its functions
 * @images: NAME=TIMEOUT_MS[,HOLD_MS]
 * @count: how many
 */
struct fc_described {
	const char *name;
	const char *method;
	const char *port;
	const char *function;
	const char *images[FC_IMAGES_MAX];
	unsigned int count;
};

static const struct argp_option fc_attach_options[] = {
	{ "method", 'm', "METHOD", 0,
	  "How the card is made to load: hot_reset, slot_power or external", 0 },
	{ "port", 'p', "ADDRESS", 0, "The PCIe port above the card", 0 },
	{ "function", 'F', "ADDRESS", 0, "Instead of that, a function of the card", 0 },
	{ "image", 'i', "NAME=TIMEOUT_MS[,HOLD_MS]", 0,
	  "An image that the card can load, the longest time until its link is up, and the time for which the link is not looked at",
	  0 },
	{ 0 }
};

static error_t fc_take_image(struct fc_described *card, char *arg, struct argp_state *state)
{
	if (card->count == FC_IMAGES_MAX)
		argp_error(state, "more than %d images", FC_IMAGES_MAX);
	else
		card->images[card->count++] = arg;
	return 0;
}

static error_t fc_parse_attach(int key, char *arg, struct argp_state *state)
{
	struct fc_described *card = state->input;

	switch (key) {
	case 'm':
		card->method = arg;
		return 0;
	case 'p':
		card->port = arg;
		return 0;
	case 'F':
		card->function = arg;
		return 0;
	case 'i':
		return fc_take_image(card, arg, state);
	case ARGP_KEY_ARG:
		if (card->name)
			return ARGP_ERR_UNKNOWN;
		card->name = arg;
		return 0;
	case ARGP_KEY_END:
		if (!card->name)
			argp_error(state, "a name for the card is missing");
		else if (!card->method || !card->count)
			argp_error(state, "--method and --image are needed");
		else if (!card->port == !card->function)
			argp_error(state, "either --port or --function is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool fc_is_file_name(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

static int fc_set(const char *dir, const char *name, const char *value)
{
	int ret = fc_write(dir, name, value);

	return ret ? fc_fail_errno(-ret, "%s \"%s\"", name, value) : FC_SUCCESS;
}

static int fc_make_dir(const char *dir, const char *name, char *path)
{
	int ret = fc_path(path, dir, name);

	if (!ret && mkdir(path, 0755))
		ret = -errno;
	if (ret == -EEXIST)
		return fc_fail(FC_BUSY, "there is a \"%s\" already: fpgacard detach takes it away",
			       name);
	return ret ? fc_fail_errno(-ret, "%s", path) : FC_SUCCESS;
}

static int fc_describe_image(const char *images, const char *spec)
{
	char text[FC_NAME], path[PATH_MAX], *timeout, *hold;
	int ret;

	if (strlen(spec) >= sizeof(text) || !strchr(spec, '='))
		return fc_fail(FC_USAGE, "--image: \"%s\" is not NAME=TIMEOUT_MS", spec);
	fc_copy(text, sizeof(text), spec);
	timeout = strchr(text, '=');
	*timeout++ = '\0';
	hold = strchr(timeout, ',');
	if (hold)
		*hold++ = '\0';
	if (!fc_is_file_name(text))
		return fc_fail(FC_USAGE, "--image: \"%s\" is no name", text);
	ret = fc_make_dir(images, text, path);
	if (!ret)
		ret = fc_set(path, "timeout_ms", timeout);
	if (!ret && hold)
		ret = fc_set(path, "hold_ms", hold);
	return ret;
}

static int fc_describe(const char *dir, const struct fc_described *card)
{
	char images[PATH_MAX], bdf[FC_WORD];
	unsigned int i;
	int ret;

	fc_full_bdf(card->port ? card->port : card->function, bdf, sizeof(bdf));
	ret = fc_set(dir, card->port ? "port" : "function", bdf);
	if (!ret)
		ret = fc_set(dir, "method", card->method);
	if (!ret && fc_path(images, dir, "images"))
		ret = fc_fail_errno(ENAMETOOLONG, "%s", dir);
	for (i = 0; !ret && i < card->count; i++)
		ret = fc_describe_image(images, card->images[i]);
	return ret ? ret : fc_set(dir, "live", "1");
}

static int fc_remove_image(const char *dir, const char *name, void *data)
{
	char path[PATH_MAX];

	(void)data;
	if (fc_path(path, dir, name))
		return -ENAMETOOLONG;
	return rmdir(path) ? -errno : 0;
}

/* Returns 0 or a negative errno. */
static int fc_remove(const char *dir)
{
	int ret = fc_each_dir(dir, "images", fc_remove_image, NULL);

	return ret ? ret : rmdir(dir) ? -errno : 0;
}

static int fc_attach_card(const struct fc_described *card)
{
	char dir[PATH_MAX];
	int ret;

	if (!fc_is_file_name(card->name))
		return fc_fail(FC_USAGE, "\"%s\" is no name", card->name);
	if (access(FC_CONFIGFS, F_OK))
		return fc_fail_errno(errno, FC_CONFIGFS
				     ": is fpga-card loaded, and configfs mounted?");
	ret = fc_make_dir(FC_CONFIGFS, card->name, dir);
	if (ret)
		return ret;
	ret = fc_describe(dir, card);
	/* What was made goes again; the sentence stays. */
	if (ret)
		fc_remove(dir);
	return ret;
}

int fc_attach(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_attach_options,
		.parser = fc_parse_attach,
		.args_doc = "NAME",
		.doc = "Tells the kernel of a card that has no driver, under NAME.",
		.children = fc_plain_children,
	};
	struct fc_described described = { 0 };
	struct json_object *answer;
	struct fc_card card;
	int ret;

	ret = fc_parse(&argp, argc, argv, &described);
	if (!ret)
		ret = fc_attach_card(&described);
	if (ret)
		return fc_answer("attach", NULL, ret);
	answer = fc_object();
	fc_add_string(answer, "name", described.name);
	fc_options.card = described.port ? described.port : described.function;
	ret = fc_choose(&card);
	if (!ret) {
		fc_add_card(answer, &card);
		if (!fc_options.json)
			printf("%s\n", card.region);
	}
	return fc_answer("attach", answer, ret);
}

static int fc_detach_card(const char *name)
{
	char dir[PATH_MAX];
	int ret;

	if (!fc_is_file_name(name) || fc_path(dir, FC_CONFIGFS, name))
		return fc_fail(FC_USAGE, "\"%s\" is no name", name);
	if (access(dir, F_OK))
		return fc_fail(FC_NO_CARD, "no card \"%s\" was attached", name);
	ret = fc_write(dir, "live", "0");
	if (ret == -EBUSY)
		return fc_fail(FC_BUSY, "the card is being loaded, recovered or checked");
	if (!ret)
		ret = fc_remove(dir);
	return ret ? fc_fail_errno(-ret, "%s", dir) : FC_SUCCESS;
}

static error_t fc_parse_detach(int key, char *arg, struct argp_state *state)
{
	const char **name = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		return 0;
	case ARGP_KEY_ARG:
		if (*name)
			return ARGP_ERR_UNKNOWN;
		*name = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "the name of a card is missing");
		return ARGP_ERR_UNKNOWN;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int fc_detach(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = fc_parse_detach,
		.args_doc = "NAME",
		.doc = "Takes the description of a card away again.",
		.children = fc_plain_children,
	};
	struct json_object *answer = NULL;
	const char *name = NULL;
	int ret;

	ret = fc_parse(&argp, argc, argv, &name);
	if (!ret)
		ret = fc_detach_card(name);
	if (fc_options.json) {
		answer = fc_object();
		fc_add_string(answer, "name", name ? name : "");
	}
	return fc_answer("detach", answer, ret);
}
