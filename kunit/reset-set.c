// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that have some of the kernel's reset methods, and what is to be seen
 * of a reset by each.
 */

#include <linux/bits.h>
#include <linux/pci.h>

#include "reset.h"

/* What the kernel calls a method, and what a reset by it is. */
static const struct {
	const char *name;
	const char *trace;
} reset_methods[] = {
	[RESET_BY_DEVICE] = { "device_specific", "flr-as-master reset-flr" },
	[RESET_BY_ACPI] = { "acpi", "acpi" },
	[RESET_BY_FLR] = { "flr", "flr reset-flr" },
	[RESET_BY_AF] = { "af_flr", "af_flr reset-af" },
	[RESET_BY_PM] = { "pm", "d3hot d0 reset-pm" },
	[RESET_BY_BUS] = { "bus", RESET_BUS_TRACE },
};

/*
 * A card with a function that has nothing by which to be reset. The port is a
 * plain one: nobody else, in answer to an error, resets something meanwhile.
 */
int reset_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn;

	if (ret)
		return ret;
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	fx->ports[0].aer = false;
	fx->ports[0].dpc = false;
	fn = fx->images[0].fn;
	fn[0] = (struct pcie_card_sim_function) {
		.vendor = RESET_VENDOR,
		.device = RESET_DEVICE,
		.class = RESET_CLASS,
		.bar[0].size = SZ_64K,
		.aer = true,
	};
	memset(&fn[1], 0, sizeof(fn[1]));
	return 0;
}

/*
 * Start the card with a function that has these methods and no other. The
 * kernel makes its list when it finds a function, the first one of a device
 * before the others, so have the list made again.
 */
struct pci_dev *reset_boot(struct fixture *fx, unsigned int set)
{
	struct pcie_card_sim_function *fn = fx->images[0].fn;
	struct pci_dev *pdev;

	if (set & BIT(RESET_BY_ACPI) && reset_acpi_missing())
		kunit_skip(fx->test, "%s", reset_acpi_missing());
	if (set & BIT(RESET_BY_DEVICE)) {
		fn[0].vendor = PCI_VENDOR_ID_CHELSIO;
		fn[0].device = RESET_DEVICE_CHELSIO;
	}
	fn[0].flr = set & BIT(RESET_BY_FLR);
	fn[0].af = set & BIT(RESET_BY_AF);
	fn[0].pm = set & BIT(RESET_BY_PM);
	if (!(set & BIT(RESET_BY_BUS))) {
		fn[1] = fn[0];
		fn[1].vendor = RESET_VENDOR;
		fn[1].device = RESET_DEVICE + 1;
	}
	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	/* Or the kernel sleeps for 100 ms after each Function Level Reset. */
	pdev->imm_ready = 1;
	if (set & BIT(RESET_BY_ACPI))
		reset_acpi_attach(pdev);
	KUNIT_EXPECT_EQ(fx->test, 0,
			reset_file_write(pdev, "reset_method", "default\n"));
	return pdev;
}

/* The methods of a set as the kernel's file has them. */
void reset_set_text(unsigned int set, char *text, size_t size)
{
	unsigned int i, len = 0;

	text[0] = '\0';
	for (i = 0; i < RESET_BYS; i++) {
		if (set & BIT(i))
			len += scnprintf(text + len, size - len, "%s%s",
					 len ? " " : "", reset_methods[i].name);
	}
}

/* For people, who are to see that there is none. */
void reset_set_desc(unsigned int *set, char *desc)
{
	if (*set)
		reset_set_text(*set, desc, KUNIT_PARAM_DESC_SIZE);
	else
		strscpy(desc, "none", KUNIT_PARAM_DESC_SIZE);
}

/* The first of a set; RESET_BYS if it is empty. */
enum reset_method reset_first(unsigned int set)
{
	return set ? __ffs(set) : RESET_BYS;
}

/* What a reset of the function by a method is; empty for RESET_BYS. */
const char *reset_set_trace(struct fixture *fx, enum reset_method by)
{
	/* The kernel asks for it, but this function does not know it. */
	if (by == RESET_BY_DEVICE && !fx->images[0].fn[0].flr)
		return "flr-as-master";
	return by < RESET_BYS ? reset_methods[by].trace : "";
}
