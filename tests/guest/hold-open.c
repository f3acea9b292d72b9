// SPDX-License-Identifier: GPL-2.0-only
/*
 * hold-open [-p|-t] FILE...: opens the files, prints "open" and keeps them open
 * until it is killed. With -p they are opened with O_PATH. With -t a thread does
 * that which has left the descriptor table of its process, and the process's
 * first thread has exited.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int hold(char **files, int flags)
{
	for (; *files; files++) {
		if (open(*files, flags) < 0) {
			perror(*files);
			return 1;
		}
	}
	puts("open");
	fflush(stdout);
	for (;;)
		pause();
}

static void *hold_alone(void *files)
{
	if (unshare(CLONE_FILES)) {
		perror("unshare");
		_exit(1);
	}
	/* The leader's exit comes first, so that it can be relied on. */
	usleep(100000);
	_exit(hold(files, O_RDONLY));
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "-p"))
		return hold(argv + 2, O_PATH);
	if (strcmp(argv[1], "-t"))
		return hold(argv + 1, O_RDONLY);
	if (pthread_create(&thread, NULL, hold_alone, argv + 2)) {
		perror("pthread_create");
		return 1;
	}
	pthread_exit(NULL);
}
