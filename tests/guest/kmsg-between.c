// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmsg-between FROM TO: follows the kernel's log, and prints what KUnit says between
 * the message that is FROM and the one that is TO, this one included: a line
 * each with the time in seconds in front. Exits with 1 if messages were
 * overwritten before they could be read.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The log is read at intervals: to be woken for each message would be a good part of
 * what the guest does.
 */
#define INTERVAL_US 20000

/* A read() gets one record, and none if it does not fit. */
static char record[16384];

/* The text is escaped in a record: newlines are "\x0a". */
static void print_lines(const char *text, unsigned long long us)
{
	char hex[3] = "", *end;
	long c;

	printf("%llu.%06llu ", us / 1000000, us % 1000000);
	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
			memcpy(hex, text + 2, 2);
			c = strtol(hex, &end, 16);
			text += 3;
			putchar(c);
			if (c == '\n')
				printf("%llu.%06llu ", us / 1000000,
				       us % 1000000);
		} else {
			putchar(*text);
		}
	}
	putchar('\n');
}

/* KTAP's lines begin with one of these, and hardly another one does. */
static int is_ktap(const char *text)
{
	return strspn(text, " #on1") > 0;
}

/* Returns -1 with errno as read() does. */
static ssize_t next_record(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n >= 0 || errno != EAGAIN)
			return n;
		fflush(stdout);
		poll(&poll_fd, 1, -1);
		usleep(INTERVAL_US);
	}
}

int main(int argc, char **argv)
{
	unsigned long long us;
	int fd, on = 0;
	char *text;
	ssize_t n;

	if (argc != 3) {
		fprintf(stderr, "usage: kmsg-between FROM TO\n");
		return 2;
	}
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (fd < 0) {
		perror("/dev/kmsg");
		return 2;
	}

	for (;;) {
		n = next_record(fd);
		if (n < 0 && errno == EPIPE && !on)
			continue;
		if (n < 0) {
			perror("/dev/kmsg");
			return 1;
		}
		record[n] = '\0';

		/* "priority,number,microseconds,flags;text\n KEY=value\n" */
		text = strchr(record, ';');
		if (!text || sscanf(record, "%*u,%*u,%llu", &us) != 1)
			continue;
		*text++ = '\0';
		text[strcspn(text, "\n")] = '\0';

		if (!strcmp(text, argv[1])) {
			on = 1;
			continue;
		}
		if (!on)
			continue;
		if (!strcmp(text, argv[2])) {
			print_lines(text, us);
			return 0;
		}
		if (is_ktap(text))
			print_lines(text, us);
	}
}
