// SPDX-License-Identifier: GPL-2.0-only
/*
 * For LD_PRELOAD: the allocation with the number in FAIL_ALLOC, from 1 on, fails; how many
 * there were goes to the file that FAIL_ALLOC_COUNT names.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* glibc's own */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static unsigned long allocations;

/* The environment may not be there yet, and to ask for it allocates nothing. */
static int fails(void)
{
	const char *which = environ ? getenv("FAIL_ALLOC") : NULL;

	allocations++;
	if (!which || strtoul(which, NULL, 10) != allocations)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

static __attribute__((destructor)) void tell(void)
{
	const char *path = getenv("FAIL_ALLOC_COUNT");
	char text[32];
	int fd, len;

	fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
	if (fd < 0)
		return;
	len = snprintf(text, sizeof(text), "%lu\n", allocations);
	if (write(fd, text, len) != len)
		_exit(99);
	close(fd);
}
