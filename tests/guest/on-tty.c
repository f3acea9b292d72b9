// SPDX-License-Identifier: GPL-2.0-only
/*
 * on-tty [-i TEXT] PROGRAM [ARGUMENT...]: runs it with a terminal, as for somebody who watches, and
 * prints what it writes there, a line for each time that it goes back to the beginning of
 * one. TEXT is typed, with a return behind it. Needs /dev/pts.
 */

#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(char c)
{
	static char last = '\n';

	if (c == '\r' || c == '\b')
		c = '\n';
	if (c != '\n' || last != '\n')
		putchar(c);
	last = c;
}

int main(int argc, char **argv)
{
	const char *typed = NULL;
	int status, tty;
	ssize_t i, n;
	char buf[256];
	pid_t pid;

	if (argc > 2 && !strcmp(argv[1], "-i")) {
		typed = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 2) {
		fputs("on-tty: what?\n", stderr);
		return 2;
	}
	pid = forkpty(&tty, NULL, NULL, NULL);
	if (pid < 0) {
		perror("forkpty");
		return 1;
	}
	if (!pid) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (typed && dprintf(tty, "%s\n", typed) < 0)
		perror("on-tty");
	/* The last reader of a terminal gets EIO. */
	while ((n = read(tty, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			put(buf[i]);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}
