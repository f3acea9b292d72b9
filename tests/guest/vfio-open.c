// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-open [-t] GROUP FUNCTION: opens a function through VFIO, prints "open"
 * and keeps it open until it is killed. GROUP is the file of its group. Without
 * -t there is no IOMMU; with it, it has the type-1 container.
 *
 * Commands come on stdin, one in a line; each is answered by a line:
 *
 *   reset                       resets the function; "reset ERRNO"
 *   read REGION OFFSET          four bytes of a region of VFIO's; "read VALUE"
 *   write REGION OFFSET VALUE   likewise; "write ERRNO"
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static off_t place(int device, unsigned int region, unsigned int offset)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = region,
	};

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -1;
	return info.offset + offset;
}

static void command(int device, const char *line)
{
	unsigned int region, offset, value;
	__u32 word = 0;
	ssize_t n;

	if (!strcmp(line, "reset\n")) {
		printf("reset %d\n",
		       ioctl(device, VFIO_DEVICE_RESET) ? errno : 0);
	} else if (sscanf(line, "write %i %i %i", &region, &offset, &value) == 3) {
		word = value;
		n = pwrite(device, &word, sizeof(word),
			   place(device, region, offset));
		printf("write %d\n", n == sizeof(word) ? 0 : errno);
	} else if (sscanf(line, "read %i %i", &region, &offset) == 2) {
		n = pread(device, &word, sizeof(word),
			  place(device, region, offset));
		if (n == sizeof(word))
			printf("read %#x\n", word);
		else
			printf("read failed: %d\n", errno);
	} else {
		puts("what?");
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int type = VFIO_NOIOMMU_IOMMU, container, group, device;
	char line[80];

	if (argc == 4 && !strcmp(argv[1], "-t")) {
		type = VFIO_TYPE1v2_IOMMU;
		argv++;
		argc--;
	}
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
	if (ioctl(container, VFIO_SET_IOMMU, type))
		return fail("VFIO_SET_IOMMU");
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]);
	if (device < 0)
		return fail("VFIO_GROUP_GET_DEVICE_FD");
	puts("open");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		command(device, line);
	for (;;)
		pause();
}
