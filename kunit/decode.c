// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether requests for the BARs below a port get there: by what the registers of
 * the functions and of all bridges above say, and not by what the kernel thinks
 * that they do.
 */

#include <linux/bits.h>
#include <linux/pci.h>

#include "fixture.h"

/**
 * struct decode_bar - a base address register
 * @pdev: the function, for people; a VF, for those of VFs
 * @bar: its number
 * @flags: as of its resource
 * @start: first bus address, by its register
 * @end: last one
 */
struct decode_bar {
	struct pci_dev *pdev;
	unsigned int bar;
	unsigned long flags;
	u64 start;
	u64 end;
};

/* PCIe r6.0, sec 7.5.1.3.8 and 7.5.1.3.9: units of 1 MiB */
static bool decode_memory(struct pci_dev *bridge, const struct decode_bar *bar)
{
	u16 base, limit;

	pci_read_config_word(bridge, PCI_MEMORY_BASE, &base);
	pci_read_config_word(bridge, PCI_MEMORY_LIMIT, &limit);
	return bar->start >= (u64)(base & PCI_MEMORY_RANGE_MASK) << 16 &&
	       bar->end <= ((u64)(limit & PCI_MEMORY_RANGE_MASK) << 16 | 0xfffff);
}

static bool decode_prefetchable(struct pci_dev *bridge,
				const struct decode_bar *bar)
{
	u32 base_upper = 0, limit_upper = 0;
	u16 base, limit;
	u64 from, to;

	pci_read_config_word(bridge, PCI_PREF_MEMORY_BASE, &base);
	pci_read_config_word(bridge, PCI_PREF_MEMORY_LIMIT, &limit);
	if ((base & PCI_PREF_RANGE_TYPE_MASK) == PCI_PREF_RANGE_TYPE_64) {
		pci_read_config_dword(bridge, PCI_PREF_BASE_UPPER32,
				      &base_upper);
		pci_read_config_dword(bridge, PCI_PREF_LIMIT_UPPER32,
				      &limit_upper);
	}
	from = (u64)base_upper << 32 | (u32)(base & PCI_PREF_RANGE_MASK) << 16;
	to = (u64)limit_upper << 32 | (u32)(limit & PCI_PREF_RANGE_MASK) << 16 |
	     0xfffff;
	return bar->start >= from && bar->end <= to;
}

/* PCIe r6.0, sec 7.5.1.3.6: units of 4 KiB */
static bool decode_io(struct pci_dev *bridge, const struct decode_bar *bar)
{
	u16 base_upper = 0, limit_upper = 0;
	u8 base, limit;

	pci_read_config_byte(bridge, PCI_IO_BASE, &base);
	pci_read_config_byte(bridge, PCI_IO_LIMIT, &limit);
	if ((base & PCI_IO_RANGE_TYPE_MASK) == PCI_IO_RANGE_TYPE_32) {
		pci_read_config_word(bridge, PCI_IO_BASE_UPPER16, &base_upper);
		pci_read_config_word(bridge, PCI_IO_LIMIT_UPPER16, &limit_upper);
	}
	return bar->start >= ((u32)base_upper << 16 | (base & 0xf0) << 8) &&
	       bar->end <= ((u32)limit_upper << 16 | (limit & 0xf0) << 8 | 0xfff);
}

static bool decode_passes(struct pci_dev *bridge, const struct decode_bar *bar)
{
	if (bar->flags & IORESOURCE_IO)
		return decode_io(bridge, bar);
	/* What may be prefetched may as well be in the other window. */
	return decode_memory(bridge, bar) ||
	       (bar->flags & IORESOURCE_PREFETCH &&
		decode_prefetchable(bridge, bar));
}

/* Whether @pdev, or a bridge, answers or forwards such requests at all. */
static bool decode_enabled(struct pci_dev *pdev, const struct decode_bar *bar)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	return command & (bar->flags & IORESOURCE_IO ? PCI_COMMAND_IO :
						       PCI_COMMAND_MEMORY);
}

static void decode_expect_bar(struct fixture *fx, const struct decode_bar *bar)
{
	struct pci_dev *pf = pci_physfn(bar->pdev);
	bool enabled = decode_enabled(pf, bar);
	struct pci_dev *bridge;

	KUNIT_EXPECT_EQ_MSG(fx->test, bar->start,
			    pci_bus_address(bar->pdev, bar->bar),
			    "BAR %u of %s is not where the kernel put it",
			    bar->bar, pci_name(bar->pdev));
	for (bridge = pci_upstream_bridge(pf); bridge;
	     bridge = pci_upstream_bridge(bridge)) {
		KUNIT_EXPECT_TRUE_MSG(fx->test, decode_passes(bridge, bar),
				      "%s does not decode %#llx to %#llx, BAR %u of %s",
				      pci_name(bridge), bar->start, bar->end,
				      bar->bar, pci_name(bar->pdev));
		if (enabled)
			KUNIT_EXPECT_TRUE_MSG(fx->test,
					      decode_enabled(bridge, bar),
					      "%s forwards nothing to %s",
					      pci_name(bridge),
					      pci_name(bar->pdev));
	}
}

/* The value of a BAR at @reg, without its flags; of one of a VF, that of VF 0. */
static u64 decode_read(struct pci_dev *pdev, unsigned int reg,
		       unsigned long flags)
{
	u32 low, high = 0;

	pci_read_config_dword(pdev, reg, &low);
	if (flags & IORESOURCE_IO)
		return low & (u32)PCI_BASE_ADDRESS_IO_MASK;
	if (flags & IORESOURCE_MEM_64)
		pci_read_config_dword(pdev, reg + 4, &high);
	return (u64)high << 32 | (low & (u32)PCI_BASE_ADDRESS_MEM_MASK);
}

/* VFs have their BARs in their PF (PCIe r6.0, sec 9.3.3.14). */
static u64 decode_start(const struct decode_bar *bar, u64 size)
{
	struct pci_dev *pf = pci_physfn(bar->pdev);
	unsigned int reg = PCI_BASE_ADDRESS_0;
	u64 offset = 0;

	if (bar->pdev->is_virtfn) {
		reg = pci_find_ext_capability(pf, PCI_EXT_CAP_ID_SRIOV) +
		      PCI_SRIOV_BAR;
		offset = pci_iov_vf_id(bar->pdev) * size;
	}
	return decode_read(pf, reg + 4 * bar->bar, bar->flags) + offset;
}

static void decode_expect_function(struct fixture *fx, struct pci_dev *pdev)
{
	struct decode_bar bar = { .pdev = pdev };
	struct resource *res;

	for (; bar.bar < PCI_STD_NUM_BARS; bar.bar++) {
		res = &pdev->resource[bar.bar];
		if (!res->flags || !resource_size(res))
			continue;
		KUNIT_EXPECT_NOT_NULL_MSG(fx->test, res->parent,
					  "BAR %u of %s has no address", bar.bar,
					  pci_name(pdev));
		bar.flags = res->flags;
		bar.start = decode_start(&bar, resource_size(res));
		bar.end = bar.start + resource_size(res) - 1;
		decode_expect_bar(fx, &bar);
	}
}

static bool decode_is_below(struct pci_dev *pdev, struct pci_dev *port)
{
	struct pci_dev *bridge = pci_upstream_bridge(pci_physfn(pdev));

	while (bridge && bridge != port)
		bridge = pci_upstream_bridge(bridge);
	return bridge;
}

/*
 * Each BAR of each function below a port, VFs included, has an address; the port,
 * the bridges below and those above it pass requests for that on.
 */
void fixture_expect_decoded(struct fixture *fx, unsigned int port)
{
	struct pci_dev *bridge = fixture_port(fx, port), *pdev = NULL;

	for_each_pci_dev(pdev) {
		if (!pci_is_bridge(pdev) && decode_is_below(pdev, bridge))
			decode_expect_function(fx, pdev);
	}
}
