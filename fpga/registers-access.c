// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a sequence: where they are in a function, how they are reached while it
 * has no driver, and a step of the sequence.
 */

#include <linux/align.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "registers-access.h"

/* How often a register is read for which a step waits */
#define FPGA_CARD_POLL_US	100

/* How often a pause looks whether the card is still there: the port may be about to go. */
#define FPGA_CARD_PAUSE_US	(100 * USEC_PER_MSEC)

static int fpga_card_check_bar(struct pci_dev *pdev, const struct fpga_card_step *step,
			       struct fpga_card_fault *fault)
{
	unsigned int bar = step->place.bar;
	struct resource *res = &pdev->resource[bar];
	u64 len = pci_resource_len(pdev, bar);

	if (!len || !res->flags)
		return fpga_card_fault(fault, step->line, -ERANGE, "%s has no BAR %u",
				       pci_name(pdev), bar);
	if (!(res->flags & IORESOURCE_MEM))
		return fpga_card_fault(fault, step->line, -ERANGE,
				       "BAR %u of %s is not in memory space", bar,
				       pci_name(pdev));
	if (res->flags & IORESOURCE_UNSET || !res->parent)
		return fpga_card_fault(fault, step->line, -ERANGE,
				       "BAR %u of %s has no address", bar, pci_name(pdev));
	if (step->place.offset > len || len - step->place.offset < step->width)
		return fpga_card_fault(fault, step->line, -ERANGE,
				       "BAR %u of %s ends before the offset %#llx, at %#llx",
				       bar, pci_name(pdev), step->place.offset, len);
	return 0;
}

/* PCIe r6.0, sec 7.9.4: the length is in the third byte. */
static int fpga_card_find_vndr(struct pci_dev *pdev, unsigned int *size)
{
	int pos = pci_find_capability(pdev, PCI_CAP_ID_VNDR);
	u8 len = 0;

	if (pos)
		pci_read_config_byte(pdev, pos + 2, &len);
	*size = len;
	return pos;
}

/* PCIe r6.0, sec 7.9.5; its vendor is that of the function. */
static int fpga_card_find_vsec(struct pci_dev *pdev, const struct fpga_card_place *place,
			       unsigned int *size)
{
	int pos = pci_find_vsec_capability(pdev, place->vendor, place->id);
	u32 header = 0;

	if (pos)
		pci_read_config_dword(pdev, pos + PCI_VNDR_HEADER, &header);
	*size = PCI_VNDR_HEADER_LEN(header);
	if (!place->any_revision && PCI_VNDR_HEADER_REV(header) != place->revision)
		return 0;
	return pos;
}

/* PCIe r6.0, sec 7.9.6.2: revision in bits 19:16, length in bits 31:20 */
static int fpga_card_find_dvsec(struct pci_dev *pdev, const struct fpga_card_place *place,
				unsigned int *size)
{
	int pos = pci_find_dvsec_capability(pdev, place->vendor, place->id);
	u32 header = 0;

	if (pos)
		pci_read_config_dword(pdev, pos + PCI_DVSEC_HEADER1, &header);
	*size = header >> 20;
	if (!place->any_revision && (header >> 16 & 0xf) != place->revision)
		return 0;
	return pos;
}

/* Where a place begins in configuration space, and how long it is; -ENOENT for nowhere */
static int fpga_card_find_place(struct pci_dev *pdev, const struct fpga_card_place *place,
				unsigned int *size)
{
	int pos;

	switch (place->kind) {
	case FPGA_CARD_PLACE_VNDR:
		pos = fpga_card_find_vndr(pdev, size);
		break;
	case FPGA_CARD_PLACE_VSEC:
		pos = fpga_card_find_vsec(pdev, place, size);
		break;
	case FPGA_CARD_PLACE_DVSEC:
		pos = fpga_card_find_dvsec(pdev, place, size);
		break;
	default:
		*size = pdev->cfg_size;
		return 0;
	}
	return pos ?: -ENOENT;
}

static int fpga_card_check_config(struct pci_dev *pdev, const struct fpga_card_step *step,
				  struct fpga_card_fault *fault)
{
	unsigned int size;
	int pos;

	pos = fpga_card_find_place(pdev, &step->place, &size);
	if (pos < 0)
		return fpga_card_fault(fault, step->line, -ERANGE,
				       "%s has no such capability", pci_name(pdev));
	size = min_t(unsigned int, size, pdev->cfg_size - pos);
	if (step->place.offset + step->width > size)
		return fpga_card_fault(fault, step->line, -ERANGE,
				       "the place in configuration space of %s ends before the offset %#llx, at %#x",
				       pci_name(pdev), step->place.offset, size);
	if (!IS_ALIGNED(pos + step->place.offset, step->width))
		return fpga_card_fault(fault, step->line, -ERANGE,
				       "the offset is no multiple of the width");
	return 0;
}

/* Whether the function has the registers: nothing of it is changed. */
int fpga_card_access_check(struct pci_dev *pdev, const struct fpga_card_sequence *seq,
			   struct fpga_card_fault *fault)
{
	const struct fpga_card_step *step;
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < seq->count; i++) {
		step = &seq->steps[i];
		if (step->kind == FPGA_CARD_STEP_PAUSE)
			continue;
		if (step->place.kind == FPGA_CARD_PLACE_BAR)
			ret = fpga_card_check_bar(pdev, step, fault);
		else
			ret = fpga_card_check_config(pdev, step, fault);
	}
	return ret;
}

/* Where the places begin: they are all there, or the function is not any more. */
static int fpga_card_find_positions(struct fpga_card_access *access)
{
	const struct fpga_card_sequence *seq = access->seq;
	const struct fpga_card_step *step;
	unsigned int i, size;

	access->pos = kcalloc(seq->count, sizeof(*access->pos), GFP_KERNEL);
	if (!access->pos)
		return -ENOMEM;
	for (i = 0; i < seq->count; i++) {
		step = &seq->steps[i];
		if (step->kind == FPGA_CARD_STEP_PAUSE ||
		    step->place.kind == FPGA_CARD_PLACE_BAR)
			continue;
		access->pos[i] = fpga_card_find_place(access->pdev, &step->place, &size);
		if (access->pos[i] < 0)
			return -ENODEV;
	}
	return 0;
}

/* Which parts of which BARs the sequence uses */
static void fpga_card_find_spans(struct fpga_card_access *access)
{
	const struct fpga_card_sequence *seq = access->seq;
	const struct fpga_card_step *step;
	struct fpga_card_span *span;
	unsigned int i;

	memset(access->spans, 0, sizeof(access->spans));
	access->bars = 0;
	for (i = 0; i < seq->count; i++) {
		step = &seq->steps[i];
		if (step->kind == FPGA_CARD_STEP_PAUSE ||
		    step->place.kind != FPGA_CARD_PLACE_BAR)
			continue;
		span = &access->spans[step->place.bar];
		if (!span->to || step->place.offset < span->from)
			span->from = step->place.offset;
		span->to = max(span->to, step->place.offset + step->width);
		access->bars |= BIT(step->place.bar);
	}
}

static void fpga_card_unmap(struct fpga_card_access *access)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (access->spans[i].base)
			pci_iounmap(access->pdev, access->spans[i].base);
	}
}

static int fpga_card_map(struct fpga_card_access *access)
{
	struct fpga_card_span *span;
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		span = &access->spans[i];
		if (!span->to)
			continue;
		span->base = pci_iomap_range(access->pdev, i, span->from,
					     span->to - span->from);
		if (!span->base) {
			fpga_card_unmap(access);
			return -ENOMEM;
		}
	}
	return 0;
}

/* The driver is gone, and may have left the function switched off or asleep. */
static int fpga_card_enable(struct fpga_card_access *access, struct fpga_card_fault *fault)
{
	struct pci_dev *pdev = access->pdev;
	int ret;

	pm_runtime_get_sync(&pdev->dev);
	pci_read_config_word(pdev, PCI_COMMAND, &access->command);
	ret = pci_enable_device_mem(pdev);
	if (ret) {
		pm_runtime_put(&pdev->dev);
		return fpga_card_fault(fault, 0, ret, "%s cannot be switched on: error %d",
				       pci_name(pdev), ret);
	}
	access->enabled = access->command & PCI_COMMAND_MEMORY;
	if (access->bars) {
		/* The PCI core leaves it to whoever has switched the function on before. */
		access->enabled = PCI_COMMAND_MEMORY;
		pci_write_config_word(pdev, PCI_COMMAND,
				      access->command | PCI_COMMAND_MEMORY);
	}
	return 0;
}

/*
 * Whether the function has left the bus, if only for a while: it comes back from a reset
 * with its Command register cleared (PCIe r6.0, sec 7.5.1.1.3).
 */
static bool fpga_card_has_left(struct fpga_card_access *access)
{
	u16 command = 0;

	if (!pci_device_is_present(access->pdev))
		return true;
	pci_read_config_word(access->pdev, PCI_COMMAND, &command);
	return access->enabled & ~command;
}

static void fpga_card_disable(struct fpga_card_access *access)
{
	struct pci_dev *pdev = access->pdev;
	bool left = fpga_card_has_left(access);

	pci_disable_device(pdev);
	if (!left)
		pci_write_config_word(pdev, PCI_COMMAND, access->command);
	pm_runtime_put(&pdev->dev);
}

static int fpga_card_prepare_access(struct fpga_card_access *access,
				    struct fpga_card_fault *fault)
{
	struct pci_dev *pdev = access->pdev;
	int ret;

	ret = fpga_card_enable(access, fault);
	if (ret)
		return ret;
	ret = fpga_card_find_positions(access);
	if (!ret)
		ret = fpga_card_map(access);
	if (!ret)
		return 0;
	fpga_card_fault(fault, 0, ret, "the registers of %s cannot be reached: error %d",
			pci_name(pdev), ret);
	kfree(access->pos);
	fpga_card_disable(access);
	return ret;
}

/* From here to fpga_card_access_end() the registers can be reached. */
int fpga_card_access_begin(struct fpga_card_access *access,
			   const struct fpga_card_sequence *seq,
			   struct fpga_card_fault *fault)
{
	struct pci_dev *pdev = access->pdev;
	int ret;

	access->seq = seq;
	fpga_card_find_spans(access);
	/* Who has them has bound a driver to the function, just now. */
	ret = pci_request_selected_regions_exclusive(pdev, access->bars, "fpga-card");
	if (ret)
		return fpga_card_fault(fault, 0, ret, "the BARs of %s are in use",
				       pci_name(pdev));
	ret = fpga_card_prepare_access(access, fault);
	if (ret)
		pci_release_selected_regions(pdev, access->bars);
	return ret;
}

void fpga_card_access_end(struct fpga_card_access *access)
{
	fpga_card_unmap(access);
	kfree(access->pos);
	fpga_card_disable(access);
	pci_release_selected_regions(access->pdev, access->bars);
}

static void __iomem *fpga_card_register(struct fpga_card_access *access,
					const struct fpga_card_place *place)
{
	struct fpga_card_span *span = &access->spans[place->bar];

	return span->base + (place->offset - span->from);
}

static void fpga_card_write_bar(void __iomem *reg, unsigned int width, u64 value)
{
	switch (width) {
	case 1:
		writeb(value, reg);
		break;
	case 2:
		writew(value, reg);
		break;
	case 4:
		writel(value, reg);
		break;
	default:
		writeq(value, reg);
		break;
	}
}

static u64 fpga_card_read_bar(void __iomem *reg, unsigned int width)
{
	switch (width) {
	case 1:
		return readb(reg);
	case 2:
		return readw(reg);
	case 4:
		return readl(reg);
	default:
		return readq(reg);
	}
}

static int fpga_card_config_pos(const struct fpga_card_access *access,
				const struct fpga_card_step *step)
{
	return access->pos[step - access->seq->steps] + step->place.offset;
}

static void fpga_card_write_config(struct fpga_card_access *access,
				   const struct fpga_card_step *step, u64 value)
{
	int pos = fpga_card_config_pos(access, step);

	if (step->width == 1)
		pci_write_config_byte(access->pdev, pos, value);
	else if (step->width == 2)
		pci_write_config_word(access->pdev, pos, value);
	else
		pci_write_config_dword(access->pdev, pos, value);
}

static u64 fpga_card_read_config(struct fpga_card_access *access,
				 const struct fpga_card_step *step)
{
	int pos = fpga_card_config_pos(access, step);
	u32 dword = 0;
	u16 word = 0;
	u8 byte = 0;

	if (step->width == 1)
		pci_read_config_byte(access->pdev, pos, &byte);
	else if (step->width == 2)
		pci_read_config_word(access->pdev, pos, &word);
	else
		pci_read_config_dword(access->pdev, pos, &dword);
	return byte | word | dword;
}

/* What a function that is not there reads as is no value. */
static int fpga_card_read(struct fpga_card_access *access,
			  const struct fpga_card_step *step, u64 *value)
{
	if (step->place.kind == FPGA_CARD_PLACE_BAR)
		*value = fpga_card_read_bar(fpga_card_register(access, &step->place),
					    step->width);
	else
		*value = fpga_card_read_config(access, step);
	if (*value == fpga_card_width_mask(step->width) && fpga_card_has_left(access))
		return -ENODEV;
	return 0;
}

static int fpga_card_wait(struct fpga_card_access *access,
			  const struct fpga_card_step *step, u64 wanted,
			  struct fpga_card_fault *fault)
{
	ktime_t end = ktime_add_us(ktime_get(), step->us);
	bool over;
	u64 value;
	int ret;

	for (;;) {
		over = ktime_after(ktime_get(), end);
		ret = fpga_card_read(access, step, &value);
		if (ret)
			return ret;
		if ((value & step->mask) == wanted)
			return 0;
		if (over)
			break;
		usleep_range(FPGA_CARD_POLL_US, 2 * FPGA_CARD_POLL_US);
	}
	if (fpga_card_has_left(access))
		return -ENODEV;
	return fpga_card_fault(fault, step->line, -ETIMEDOUT,
			       "after %llu us the register is %#llx, and not %#llx in the bits %#llx",
			       step->us, value, wanted, step->mask);
}

static int fpga_card_pause(struct fpga_card_access *access, u64 us)
{
	unsigned int part;

	for (; us; us -= part) {
		part = min_t(u64, us, FPGA_CARD_PAUSE_US);
		fsleep(part);
		if (fpga_card_has_left(access))
			return -ENODEV;
	}
	return 0;
}

/*
 * One step. -ENODEV if the function has left the bus, before the step or by it. The
 * configuration read that looks for it follows a posted write to the function, and does
 * not pass it (PCIe r6.0, sec 2.4.1): the write has arrived when the next step begins.
 */
int fpga_card_access_step(struct fpga_card_access *access,
			  const struct fpga_card_step *step, u64 address,
			  struct fpga_card_fault *fault)
{
	u64 value = fpga_card_value_of(&step->value, address);

	if (step->kind == FPGA_CARD_STEP_WAIT)
		return fpga_card_wait(access, step, value, fault);
	if (step->kind == FPGA_CARD_STEP_PAUSE)
		return fpga_card_pause(access, step->us);
	if (step->place.kind == FPGA_CARD_PLACE_BAR)
		fpga_card_write_bar(fpga_card_register(access, &step->place),
				    step->width, value);
	else
		fpga_card_write_config(access, step, value);
	return fpga_card_has_left(access) ? -ENODEV : 0;
}
