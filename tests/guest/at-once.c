// SPDX-License-Identifier: GPL-2.0-only
/*
 * at-once FILE VALUE [FILE VALUE]...: writes each value to its file, all at the same time,
 * each by a process of its own, and prints how long it took until the last write was over
 * in nanoseconds. With errors it prints those, one a line, and exits with 1.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The open file and the signal that all wait for are there before the clock runs. */
static void write_one(const char *file, const char *value, int ready, int go)
{
	int fd = open(file, O_WRONLY);
	char byte = 0;

	if (fd < 0) {
		printf("%s: %s\n", file, strerrorname_np(errno));
		exit(1);
	}
	if (write(ready, &byte, 1) != 1 || read(go, &byte, 1))
		exit(1);
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value)) {
		printf("%s: %s\n", file, strerrorname_np(errno));
		exit(1);
	}
	exit(0);
}

static long long elapsed(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000000000LL + now.tv_nsec - since->tv_nsec;
}

int main(int argc, char **argv)
{
	int ready[2], go[2], i, status, bad = 0;
	struct timespec begin;
	char byte;

	if (argc < 3 || argc % 2 == 0 || pipe(ready) || pipe(go)) {
		fprintf(stderr, "usage: at-once FILE VALUE [FILE VALUE]...\n");
		return 2;
	}
	for (i = 1; i < argc; i += 2) {
		if (fork())
			continue;
		close(ready[0]);
		close(go[1]);
		write_one(argv[i], argv[i + 1], ready[1], go[0]);
	}
	close(ready[1]);
	for (i = 1; i < argc; i += 2)
		if (read(ready[0], &byte, 1) != 1)
			bad = 1;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	close(go[1]);
	while (wait(&status) > 0)
		if (status)
			bad = 1;
	if (!bad)
		printf("%lld\n", elapsed(&begin));
	return bad;
}
