// SPDX-License-Identifier: GPL-2.0-only
/*
 * nvme-vf CONTROLLER N: has the physical function behind the character device
 * CONTROLLER give its VF N (from 1) two queues and an interrupt vector, and
 * switches it online: before that its registers are not there (NVM Express Base
 * Specification 2.0, sections 5.22 and 8.26).
 */

#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define VIRT_MGMT	0x1c
#define ASSIGN		0x8
#define ONLINE		0x9
#define QUEUES		0
#define VECTORS		1

static int manage(int fd, unsigned int vf, unsigned int action,
		  unsigned int what, unsigned int count)
{
	struct nvme_admin_cmd cmd = {
		.opcode = VIRT_MGMT,
		.cdw10 = vf << 16 | what << 8 | action,
		.cdw11 = count,
	};
	int ret = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd);

	if (ret < 0)
		perror("NVME_IOCTL_ADMIN_CMD");
	else if (ret)
		fprintf(stderr, "action %u: NVMe status %#x\n", action, ret);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned int vf;
	int fd;

	if (argc != 3)
		return 2;
	vf = atoi(argv[2]);
	fd = open(argv[1], O_RDWR);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	return manage(fd, vf, ASSIGN, QUEUES, 2) ||
	       manage(fd, vf, ASSIGN, VECTORS, 1) ||
	       manage(fd, vf, ONLINE, 0, 0);
}
