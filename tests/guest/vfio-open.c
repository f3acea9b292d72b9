// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-open GROUP FUNCTION: opens a function through VFIO without an IOMMU,
 * prints "open" and keeps it open until it is killed. GROUP is the file of its
 * group.
 */

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	int container, group;

	if (argc != 3)
		return 2;
	container = open("/dev/vfio/vfio", O_RDWR);
	if (container < 0)
		return fail("/dev/vfio/vfio");
	group = open(argv[1], O_RDWR);
	if (group < 0)
		return fail(argv[1]);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		return fail("VFIO_GROUP_SET_CONTAINER");
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_NOIOMMU_IOMMU))
		return fail("VFIO_SET_IOMMU");
	if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]) < 0)
		return fail("VFIO_GROUP_GET_DEVICE_FD");
	puts("open");
	fflush(stdout);
	for (;;)
		pause();
}
