// SPDX-License-Identifier: GPL-2.0-only
/*
 * timed-write [-c MS] FILE VALUE: writes VALUE to FILE in one write() and prints how
 * long that took in nanoseconds, and its error's name or 0. Shells do not
 * show which error a write had. With -c a child of it ends after as many
 * milliseconds, and the signal that tells of that is caught.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *error_name(int err)
{
	static char number[16];
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	snprintf(number, sizeof(number), "%d", err);
	return number;
}

static void caught(int sig)
{
	(void)sig;
}

static void start_child(unsigned int ms)
{
	struct sigaction action = { .sa_handler = caught };

	sigaction(SIGCHLD, &action, NULL);
	if (fork())
		return;
	usleep(ms * 1000);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct timespec before, after;
	size_t len;
	ssize_t ret;
	int fd, err = 0;

	if (argc == 5 && !strcmp(argv[1], "-c")) {
		start_child(atoi(argv[2]));
		argc -= 2;
		argv += 2;
	}
	if (argc != 3) {
		fprintf(stderr, "usage: timed-write [-c MS] FILE VALUE\n");
		return 2;
	}
	len = strlen(argv[2]);

	clock_gettime(CLOCK_MONOTONIC, &before);
	fd = open(argv[1], O_WRONLY);
	if (fd < 0) {
		printf("0 %s\n", error_name(errno));
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &before);
	ret = write(fd, argv[2], len);
	if (ret < 0)
		err = errno;
	else if ((size_t)ret != len)
		err = EIO;
	clock_gettime(CLOCK_MONOTONIC, &after);

	printf("%lld %s\n",
	       (after.tv_sec - before.tv_sec) * 1000000000LL +
	       (after.tv_nsec - before.tv_nsec),
	       err ? error_name(err) : "0");
	return err ? 1 : 0;
}
