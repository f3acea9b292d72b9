// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci-decoded PORT-DIRECTORY: whether requests for each BAR of each function below
 * a port, VFs included, get there, by the registers of the function and of all
 * bridges above it. Says which do not, and exits with 1 then.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* include/linux/ioport.h, as the file "resource" has them */
#define RES_IO		0x100
#define RES_MEM		0x200
#define RES_PREFETCH	0x2000
#define RES_MEM_64	0x100000

/* Registers (PCIe r6.0, sec 7.5.1); the last two are of SR-IOV (sec 9.3.3) */
#define COMMAND		0x04
#define HEADER_TYPE	0x0e
#define BAR0		0x10
#define IO_BASE		0x1c
#define MEM_BASE	0x20
#define PREF_BASE	0x24
#define PREF_BASE_HIGH	0x28
#define PREF_LIMIT_HIGH	0x2c
#define IO_BASE_HIGH	0x30
#define IO_LIMIT_HIGH	0x32
#define SRIOV_ID	0x0010
#define SRIOV_BAR0	0x24

#define CONFIG_SIZE	4096
#define BARS		6

struct bar {
	const char *name;	/* of the function */
	int number;
	unsigned long long flags, start, end;
	int enabled;		/* the function answers */
};

static int bad;

/* Zeroes behind what there is of it. */
static void read_config(const char *dir, unsigned char *config)
{
	char path[PATH_MAX];
	FILE *f;

	memset(config, 0, CONFIG_SIZE);
	snprintf(path, sizeof(path), "%s/config", dir);
	f = fopen(path, "r");
	if (!f || fread(config, 1, CONFIG_SIZE, f) < 64) {
		printf("%s cannot be read\n", path);
		bad = 1;
	}
	if (f)
		fclose(f);
}

static unsigned int get16(const unsigned char *config, unsigned int at)
{
	return config[at] | config[at + 1] << 8;
}

static unsigned int get32(const unsigned char *config, unsigned int at)
{
	return get16(config, at) | (unsigned int)get16(config, at + 2) << 16;
}

static int is_address(const char *name)
{
	const char *colon = strchr(name, ':');

	/* dddd:bb:dd.f, and no port service (dddd:bb:dd.f:pcie001) */
	return colon && colon - name >= 4 && strlen(colon) == 8 &&
	       colon[6] == '.' && isxdigit((unsigned char)colon[1]);
}

static int in_io(const unsigned char *c, const struct bar *bar)
{
	unsigned long long from, to;

	from = (c[IO_BASE] & 0xf0) << 8 |
	       (unsigned long long)get16(c, IO_BASE_HIGH) << 16;
	to = (c[IO_BASE + 1] & 0xf0) << 8 | 0xfff |
	     (unsigned long long)get16(c, IO_LIMIT_HIGH) << 16;
	return bar->start >= from && bar->end <= to;
}

static int in_memory(const unsigned char *c, const struct bar *bar)
{
	return bar->start >= (unsigned long long)(get16(c, MEM_BASE) & 0xfff0) << 16 &&
	       bar->end <= ((unsigned long long)(get16(c, MEM_BASE + 2) & 0xfff0) << 16 |
			    0xfffff);
}

static int in_prefetchable(const unsigned char *c, const struct bar *bar)
{
	unsigned long long from, to;

	from = (unsigned long long)(get16(c, PREF_BASE) & 0xfff0) << 16 |
	       (unsigned long long)get32(c, PREF_BASE_HIGH) << 32;
	to = (unsigned long long)(get16(c, PREF_BASE + 2) & 0xfff0) << 16 | 0xfffff |
	     (unsigned long long)get32(c, PREF_LIMIT_HIGH) << 32;
	return bar->start >= from && bar->end <= to;
}

static int passes(const unsigned char *c, const struct bar *bar)
{
	if (bar->flags & RES_IO)
		return in_io(c, bar);
	return in_memory(c, bar) ||
	       (bar->flags & RES_PREFETCH && in_prefetchable(c, bar));
}

static unsigned int enable_bit(const struct bar *bar)
{
	return bar->flags & RES_IO ? 1 : 2;
}

/* The bridges above a function are the directories that its own is in. */
static void check_bar(const char *dir, const struct bar *bar)
{
	unsigned char config[CONFIG_SIZE];
	char above[PATH_MAX];

	snprintf(above, sizeof(above), "%s", dir);
	for (;;) {
		*strrchr(above, '/') = '\0';
		if (!is_address(strrchr(above, '/') + 1))
			return;
		read_config(above, config);
		if (passes(config, bar) &&
		    (!bar->enabled || get16(config, COMMAND) & enable_bit(bar)))
			continue;
		printf("%s does not pass on BAR %d of %s, %#llx to %#llx\n",
		       strrchr(above, '/') + 1, bar->number, bar->name,
		       bar->start, bar->end);
		bad = 1;
	}
}

/* Where the SR-IOV capability is; 0 for none (PCIe r6.0, sec 7.6.3) */
static unsigned int find_sriov(const unsigned char *config)
{
	unsigned int at = 0x100, left = CONFIG_SIZE / 8;

	while (at >= 0x100 && left--) {
		if ((get32(config, at) & 0xffff) == SRIOV_ID)
			return at;
		at = get32(config, at) >> 20 & 0xffc;
	}
	return 0;
}

/* The number of a VF, by the links that its PF has; -1 for a PF. */
static int vf_number(const char *dir, char *pf)
{
	char path[PATH_MAX + 32], target[PATH_MAX];
	int i;

	snprintf(path, sizeof(path), "%s/physfn", dir);
	if (!realpath(path, pf))
		return -1;
	for (i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), "%s/virtfn%d", pf, i);
		if (realpath(path, target) && !strcmp(target, dir))
			return i;
	}
	printf("%s is no VF of %s\n", dir, pf);
	bad = 1;
	return -1;
}

static void check_bars(const char *dir, FILE *resources)
{
	struct bar bar = { .name = strrchr(dir, '/') + 1 };
	unsigned long long first, last;
	unsigned char config[CONFIG_SIZE];
	char pf[PATH_MAX], line[128];
	unsigned int at = BAR0;
	int vf = vf_number(dir, pf);

	read_config(vf < 0 ? dir : pf, config);
	if (vf >= 0)
		at = find_sriov(config) + SRIOV_BAR0;
	for (; bar.number < BARS && fgets(line, sizeof(line), resources);
	     bar.number++) {
		if (sscanf(line, "%llx %llx %llx", &first, &last, &bar.flags) != 3 ||
		    !(bar.flags & (RES_IO | RES_MEM)))
			continue;
		if (!first) {
			/* Ports of QEMU's have no I/O for all that ask for it. */
			if (bar.flags & RES_IO)
				continue;
			printf("BAR %d of %s has no address\n", bar.number, bar.name);
			bad = 1;
			continue;
		}
		bar.start = get32(config, at + 4 * bar.number) &
			    (bar.flags & RES_IO ? ~3U : ~15U);
		if (bar.flags & RES_MEM_64)
			bar.start |= (unsigned long long)
				     get32(config, at + 4 * bar.number + 4) << 32;
		if (vf > 0)
			bar.start += vf * (last - first + 1);
		bar.end = bar.start + (last - first);
		bar.enabled = get16(config, COMMAND) & enable_bit(&bar);
		check_bar(dir, &bar);
	}
}

static void check_function(const char *dir)
{
	unsigned char config[CONFIG_SIZE];
	char path[PATH_MAX + 16];
	FILE *f;

	read_config(dir, config);
	if (config[HEADER_TYPE] & 0x7f)
		return;
	snprintf(path, sizeof(path), "%s/resource", dir);
	f = fopen(path, "r");
	if (!f)
		return;
	check_bars(dir, f);
	fclose(f);
}

/* All that is below, in the directories of buses one in another. */
static void check_below(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *d;
	DIR *list = opendir(dir);

	if (!list)
		return;
	while ((d = readdir(list))) {
		if (!is_address(d->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		check_function(path);
		check_below(path);
	}
	closedir(list);
}

int main(int argc, char **argv)
{
	char dir[PATH_MAX];

	if (argc != 2 || !realpath(argv[1], dir)) {
		fprintf(stderr, "usage: pci-decoded PORT-DIRECTORY\n");
		return 2;
	}
	check_below(dir);
	return bad;
}
