// SPDX-License-Identifier: GPL-2.0-only
/* as-nobody PROGRAM [ARGUMENT...]: runs it as a user without any privilege */

#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

#define NOBODY	65534

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("as-nobody: what?\n", stderr);
		return 2;
	}
	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)) {
		perror("as-nobody");
		return 1;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
