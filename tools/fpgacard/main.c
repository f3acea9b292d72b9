// SPDX-License-Identifier: GPL-2.0-only
/*
 * fpgacard: loads images into FPGA cards, by the regions that the kernel has for them.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fc.h"

const char *argp_program_version = "fpgacard " FC_VERSION;

static const struct fc_command fc_commands[] = {
	{ "list", fc_list, "the cards" },
	{ "show", fc_show, "all that is known of a card" },
	{ "images", fc_images, "the images in a card's flash" },
	{ "check", fc_check, "whether an image could be loaded now, and who would lose what" },
	{ "stage", fc_stage, "bring an image into place while the card works" },
	{ "activate", fc_activate, "load what is staged" },
	{ "load", fc_load, "load an image" },
	{ "recover", fc_recover, "bring a card back" },
	{ "watch", fc_watch, "tell what cards do, as it happens" },
	{ "history", fc_history_command, "the last requests, with the time of each step" },
	{ "attach", fc_attach, "describe a card that has no driver" },
	{ "detach", fc_detach, "forget such a card" },
	{ "link", fc_link, "make links to the cards, by serial number and by port" },
	{ "image", fc_image, "pack, show or verify an image file" },
	{ 0 }
};

static const char fc_doc[] =
	"Loads images into FPGA cards while the host runs.\vCommands:\n"
	"  list, show, images         look at cards\n"
	"  check IMAGE                could it be loaded, and who would lose what\n"
	"  stage IMAGE, activate      bring an image into place; load it later\n"
	"  load IMAGE                 load an image\n"
	"  recover                    bring a card back\n"
	"  watch, history             what cards do, and did\n"
	"  attach NAME, detach NAME   a card that has no driver\n"
	"  link                       links to cards, for udev\n"
	"  image pack|show|verify     image files\n"
	"\n"
	"fpgacard COMMAND --help has the options of a command, fpgacard(8) the rest.";

static const struct argp fc_main_argp = {
	.parser = fc_parse_words,
	.args_doc = "COMMAND [ARGUMENT...]",
	.doc = fc_doc,
	.children = fc_common_children,
};

static int fc_run(struct fc_words *line)
{
	const struct fc_command *command = fc_find_command(fc_commands, line->argv[0]);
	static char name[FC_WORD];

	if (!command)
		return fc_fail(FC_USAGE, "there is no command \"%s\": see fpgacard --help",
			       line->argv[0]);
	/* What argp calls the program in its messages */
	snprintf(name, sizeof(name), "fpgacard %s", command->name);
	line->argv[0] = name;
	program_invocation_name = name;
	return command->run(line->argc, line->argv);
}

int main(int argc, char **argv)
{
	struct fc_words line = { .missing = "a command is missing" };
	error_t err;
	int code;

	argp_err_exit_status = FC_USAGE;
	/* A reader that goes away is told of by EPIPE. */
	signal(SIGPIPE, SIG_IGN);
	err = fc_argp(&fc_main_argp, argc, argv, ARGP_IN_ORDER, &line);
	if (err || !line.argv)
		code = fc_fail_errno(err ? err : EINVAL, "cannot read the command line");
	else
		code = fc_run(&line);
	if ((fflush(stdout) || ferror(stdout)) && code == FC_SUCCESS)
		code = fc_fail_errno(errno, "cannot write the answer");
	if (fc_sentence()[0])
		fprintf(stderr, "fpgacard: %s\n", fc_sentence());
	return code;
}
