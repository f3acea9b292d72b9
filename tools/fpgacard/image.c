// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command for image files.
 */

#include <errno.h>
#include <stdio.h>

#include "fc.h"
#include "image.h"

static const struct fc_command fc_image_commands[] = {
	{ "pack", fc_image_pack, "pack an image into a file" },
	{ "show", fc_image_show, "verify a file, and show what it says" },
	{ "verify", fc_image_verify, "tell whether the kernel would take a file" },
	{ 0 }
};

int fc_image(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = fc_parse_words,
		.args_doc = "pack|show|verify [ARGUMENT...]",
		.doc = "Packs, shows or verifies image files.",
		.children = fc_plain_children,
	};
	const struct fc_command *command;
	struct fc_words line = { .missing = "pack, show or verify is missing" };
	static char name[FC_WORD];
	error_t err;

	err = fc_argp(&argp, argc, argv, ARGP_IN_ORDER, &line);
	if (err || !line.argv)
		return fc_fail_errno(err ? err : EINVAL, "cannot read the command line");
	command = fc_find_command(fc_image_commands, line.argv[0]);
	if (!command)
		return fc_fail(FC_USAGE, "there is no command \"image %s\"", line.argv[0]);
	snprintf(name, sizeof(name), "fpgacard image %s", command->name);
	line.argv[0] = name;
	return command->run(line.argc, line.argv);
}
