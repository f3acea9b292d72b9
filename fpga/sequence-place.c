// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the registers of a sequence are: the words for it, and their bounds. Those that a
 * function sets are in registers.c.
 */

#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/pci_regs.h>
#include <linux/string.h>

#include "sequence.h"

/* As in C, without a sign. */
int fpga_card_number(const char *word, u64 *number)
{
	if (!word || !isdigit(word[0]))
		return -EINVAL;
	return kstrtou64(word, 0, number);
}

/* "VENDOR:ID[:REVISION]", which a place has behind its name */
static int fpga_card_capability(char *text, u64 revisions, struct fpga_card_place *place)
{
	u64 vendor, id, revision = 0;
	int ret;

	ret = fpga_card_number(strsep(&text, ":"), &vendor);
	if (!ret)
		ret = fpga_card_number(strsep(&text, ":"), &id);
	place->any_revision = !text;
	if (!ret && text)
		ret = fpga_card_number(text, &revision);
	if (ret)
		return ret;
	if (vendor > U16_MAX || id > U16_MAX || revision > revisions)
		return -ERANGE;
	place->vendor = vendor;
	place->id = id;
	place->revision = revision;
	return 0;
}

/* The revisions have four bits (PCIe r6.0, sec 7.9.5.2 and 7.9.6.2). */
int fpga_card_named_place(char *word, struct fpga_card_place *place)
{
	char *colon;

	if (!word)
		return -EINVAL;
	if (!strncmp(word, "bar", 3) && word[3] >= '0' && word[3] <= '5' && !word[4]) {
		place->kind = FPGA_CARD_PLACE_BAR;
		place->bar = word[3] - '0';
		return 0;
	}
	if (!strcmp(word, "config")) {
		place->kind = FPGA_CARD_PLACE_CONFIG;
		return 0;
	}
	if (!strcmp(word, "vndr")) {
		place->kind = FPGA_CARD_PLACE_VNDR;
		return 0;
	}
	colon = strchr(word, ':');
	if (!colon)
		return -EINVAL;
	*colon = '\0';
	if (!strcmp(word, "vsec"))
		place->kind = FPGA_CARD_PLACE_VSEC;
	else if (!strcmp(word, "dvsec"))
		place->kind = FPGA_CARD_PLACE_DVSEC;
	else
		return -EINVAL;
	return fpga_card_capability(colon + 1, 0xf, place);
}

/* What a place may have at most; what it has is seen when there is a function. */
u64 fpga_card_place_size(const struct fpga_card_place *place)
{
	switch (place->kind) {
	case FPGA_CARD_PLACE_BAR:
		return BIT_ULL(63);
	case FPGA_CARD_PLACE_VNDR:
		return PCI_CFG_SPACE_SIZE - PCI_STD_HEADER_SIZEOF;
	default:
		return PCI_CFG_SPACE_EXP_SIZE;
	}
}

/*
 * What of a place is not the card's own. The header of configuration space is the PCI
 * core's: BARs, Command and bus numbers have to be what it believes. The headers of the
 * capabilities are read only (PCIe r6.0, sec 7.9.4 to 7.9.6).
 */
u64 fpga_card_place_header(const struct fpga_card_place *place)
{
	switch (place->kind) {
	case FPGA_CARD_PLACE_CONFIG:
		return PCI_STD_HEADER_SIZEOF;
	case FPGA_CARD_PLACE_VNDR:
		return 3;
	case FPGA_CARD_PLACE_VSEC:
		return 8;
	case FPGA_CARD_PLACE_DVSEC:
		return 10;
	default:
		return 0;
	}
}

int fpga_card_place_print(const struct fpga_card_place *place, char *buf, size_t len)
{
	int n = 0;

	switch (place->kind) {
	case FPGA_CARD_PLACE_BAR:
		n = scnprintf(buf, len, "bar%u", place->bar);
		break;
	case FPGA_CARD_PLACE_CONFIG:
		n = scnprintf(buf, len, "config");
		break;
	case FPGA_CARD_PLACE_VNDR:
		n = scnprintf(buf, len, "vndr");
		break;
	case FPGA_CARD_PLACE_VSEC:
	case FPGA_CARD_PLACE_DVSEC:
		n = scnprintf(buf, len, "%s:0x%04x:0x%04x",
			      place->kind == FPGA_CARD_PLACE_VSEC ? "vsec" : "dvsec",
			      place->vendor, place->id);
		if (!place->any_revision)
			n += scnprintf(buf + n, len - n, ":%u", place->revision);
		break;
	}
	return n + scnprintf(buf + n, len - n, " %#llx", place->offset);
}
