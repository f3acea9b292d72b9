// SPDX-License-Identifier: GPL-2.0-only
/*
 * wait-state FILE TIMEOUT_MS STATE...: follows a pollable sysfs attribute by
 * poll(), prints each change with the milliseconds since the start, and exits
 * with 0 once it reads as one of the given words (1: time is up).
 */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	char last[256] = "", text[256];
	long start = now_us(), left;
	struct pollfd pfd;
	ssize_t n;
	int i;

	if (argc < 4) {
		fprintf(stderr, "usage: wait-state FILE TIMEOUT_MS STATE...\n");
		return 2;
	}
	pfd.fd = open(argv[1], O_RDONLY);
	pfd.events = POLLPRI | POLLERR;
	if (pfd.fd < 0) {
		perror(argv[1]);
		return 2;
	}

	for (;;) {
		n = pread(pfd.fd, text, sizeof(text) - 1, 0);
		if (n < 0) {
			perror(argv[1]);
			return 2;
		}
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(text, last)) {
			long t = now_us() - start;

			printf("%ld.%03ld %s\n", t / 1000, t % 1000, text);
			fflush(stdout);
			memcpy(last, text, sizeof(last));
		}
		for (i = 3; i < argc; i++)
			if (!strcmp(text, argv[i]))
				return 0;
		left = atol(argv[2]) - (now_us() - start) / 1000;
		if (left <= 0)
			return 1;
		poll(&pfd, 1, left);
	}
}
