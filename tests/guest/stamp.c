// SPDX-License-Identifier: GPL-2.0-only
/*
 * stamp: the time by the clock that the kernel's own measurements have, in nanoseconds.
 */

#include <stdio.h>
#include <time.h>

int main(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
	return 0;
}
