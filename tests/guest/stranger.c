// SPDX-License-Identifier: GPL-2.0-only
/*
 * stranger MS COMMAND...: has the PCI core rescan all buses, again and again with as many
 * milliseconds in between, while the command runs; exits with its status. It is before all
 * others when the processor is given out, so that what it waits for are locks. By its name
 * tests/modules/bench/bench-locks.c knows it.
 */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void rescan_for_ever(unsigned int ms)
{
	struct sched_param first = { .sched_priority = 1 };
	int fd = open("/sys/bus/pci/rescan", O_WRONLY);

	prctl(PR_SET_NAME, "stranger");
	if (fd < 0 || sched_setscheduler(0, SCHED_FIFO, &first))
		_exit(1);
	for (;;) {
		if (write(fd, "1", 1) != 1)
			_exit(1);
		usleep(ms * 1000);
	}
}

int main(int argc, char **argv)
{
	pid_t stranger, command;
	int status, ended;

	if (argc < 3) {
		fprintf(stderr, "usage: stranger MS COMMAND...\n");
		return 2;
	}
	stranger = fork();
	if (!stranger)
		rescan_for_ever(atoi(argv[1]));
	command = fork();
	if (!command) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	waitpid(command, &status, 0);
	/* One that ended by itself has not rescanned. */
	ended = waitpid(stranger, NULL, WNOHANG);
	kill(stranger, SIGKILL);
	if (!ended)
		waitpid(stranger, NULL, 0);
	return !ended && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
