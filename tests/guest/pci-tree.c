// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci-tree DEVICE-DIRECTORY: what is below a port, one line per function, by
 * sysfs: address, IDs, class, BAR sizes and driver. Virtual functions come
 * below their physical function.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void attribute(const char *dir, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	FILE *f;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return;
	if (!fgets(buf, size, f))
		buf[0] = '\0';
	fclose(f);
	buf[strcspn(buf, "\n")] = '\0';
}

static unsigned long number(const char *dir, const char *name)
{
	char buf[64];

	attribute(dir, name, buf, sizeof(buf));
	return strtoul(buf, NULL, 0);
}

/* The last component of what a link points to, or an empty string. */
static void link_name(const char *dir, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	snprintf(buf, size, "%s", strrchr(target, '/') + 1);
}

static const char *class_name(unsigned long class)
{
	switch (class >> 8) {
	case 0x0108:
		return "NVM controller";
	case 0x0200:
		return "Ethernet controller";
	case 0x0604:
		return (class & 0xff) ? "subtractive bridge" : "PCI bridge";
	case 0x0880:
		return "system peripheral";
	case 0x1180:
		return "signal processing";
	case 0x1200:
		return "processing accelerator";
	}
	return "";
}

static void print_bars(const char *dir)
{
	unsigned long long start, end, flags, size;
	char path[PATH_MAX], line[128];
	FILE *f;
	int bar;

	snprintf(path, sizeof(path), "%s/resource", dir);
	f = fopen(path, "r");
	if (!f)
		return;
	for (bar = 0; bar < 6 && fgets(line, sizeof(line), f); bar++) {
		if (sscanf(line, "%llx %llx %llx", &start, &end, &flags) != 3 ||
		    !flags)
			continue;
		size = end - start + 1;
		if (size >= 1 << 20)
			printf(" BAR%d=%lluM", bar, size >> 20);
		else if (size >= 1 << 10)
			printf(" BAR%d=%lluK", bar, size >> 10);
		else
			printf(" BAR%d=%llu", bar, size);
	}
	fclose(f);
}

static int is_address(const struct dirent *d)
{
	const char *colon = strchr(d->d_name, ':');

	/* dddd:bb:dd.f, and no port service (dddd:bb:dd.f:pcie001) */
	return colon && colon - d->d_name >= 4 && strlen(colon) == 8 &&
	       colon[6] == '.' && isxdigit((unsigned char)colon[1]);
}

static void print_function(const char *dir, const char *prefix)
{
	unsigned long class = number(dir, "class"), vfs;
	char driver[64];

	printf("%s%s  %04lx:%04lx  %06lx %s", prefix, strrchr(dir, '/') + 1,
	       number(dir, "vendor"), number(dir, "device"), class,
	       class_name(class));
	if (class >> 8 != 0x0604)
		print_bars(dir);
	link_name(dir, "driver", driver, sizeof(driver));
	if (driver[0])
		printf("  [%s]", driver);
	vfs = number(dir, "sriov_totalvfs");
	if (vfs)
		printf("  %lu of %lu VFs", number(dir, "sriov_numvfs"), vfs);
	putchar('\n');
}

static void print_below(const char *dir, const char *prefix);

/* Functions of one bus: a PF's VFs follow it. */
static void print_entries(const char *dir, struct dirent **list, int n,
			  const char *prefix, const char *pf)
{
	char path[PATH_MAX], physfn[64], deeper[256];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		link_name(path, "physfn", physfn, sizeof(physfn));
		if (strcmp(physfn, pf))
			continue;
		print_function(path, prefix);
		snprintf(deeper, sizeof(deeper), "   %s", prefix);
		if (!pf[0])
			print_entries(dir, list, n, deeper, list[i]->d_name);
		print_below(path, deeper);
	}
}

static void print_below(const char *dir, const char *prefix)
{
	struct dirent **list;
	int i, n;

	n = scandir(dir, &list, is_address, alphasort);
	if (n < 0)
		return;
	print_entries(dir, list, n, prefix, "");
	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

int main(int argc, char **argv)
{
	char dir[PATH_MAX];

	if (argc != 2 || !realpath(argv[1], dir)) {
		fprintf(stderr, "usage: pci-tree DEVICE-DIRECTORY\n");
		return 2;
	}
	print_function(dir, "  ");
	print_below(dir, "  +- ");
	return 0;
}
