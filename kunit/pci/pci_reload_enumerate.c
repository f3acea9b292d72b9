// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding what a new image has, late or soon, and what of it cannot be used. One file, as
 * most cases stand on a hook in the reads of one scan.
 */

#include <linux/ktime.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* How often something that is late does not answer. */
#define ENUMERATE_LATE		20

static void image_with_other_functions_is_found(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	cycle_boot(fx, FIXTURE_WIDE);
	pr = window_alloc(fx, 0);
	cycle_reload(fx, pr, FIXTURE_USER);
	cycle_expect_functions(fx, 1);
	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_EQ(test, pdev->device, 0x0011);
	pci_dev_put(pdev);
	cycle_reload(fx, pr, FIXTURE_FACTORY);
	cycle_expect_functions(fx, 2);
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_EQ(test, pdev->device, 0x0002);
	pci_dev_put(pdev);
	pci_reload_free(pr);
}

static void card_without_functions_is_told(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .bad_header = true };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_FACTORY);
	pr = cycle_begin(fx, NULL);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_enumerate(pr));
	window_expect_reason(test, pr, "no function was found");
	faults.bad_header = false;
	fixture_set_faults(fx, &faults);
	cycle_load(fx, pr, NULL);
	cycle_expect_functions(fx, 2);
	window_end(test, pr);
}

static void port_that_is_gone_is_not_scanned(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_FACTORY);
	pr = cycle_begin(fx, NULL);
	pci_reload_port_gone(pr);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_enumerate(pr));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	pci_reload_close(pr);
	pci_reload_free(pr);
}

static unsigned int enumerate_late;
static u32 enumerate_no_answer;

/* What is behind the switch asks to be tried later, or is not seen at all. */
static void enumerate_read_late(struct pci_bus *bus, unsigned int devfn,
				int where, int size, u32 *val)
{
	if (where != PCI_VENDOR_ID || !enumerate_late ||
	    *val != (0x1234 | 0x0022 << 16))
		return;
	enumerate_late--;
	*val = enumerate_no_answer;
}

static const u32 enumerate_answers[] = { 0xffff0001, 0xffffffff };

static void enumerate_answer_desc(const u32 *answer, char *desc)
{
	strscpy(desc, *answer == 0xffffffff ? "does not answer" :
		"asks to be tried later", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_answer, enumerate_answers, enumerate_answer_desc);

/* The scan would wait for it with the rescan lock. */
static void function_that_is_late_is_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	pr = cycle_begin(fx, NULL);
	enumerate_no_answer = 0xffff0001;
	enumerate_late = 100;
	cycle_hooks.read = enumerate_read_late;
	cycle_hook_reads(fx, 0);
	KUNIT_EXPECT_EQ(test, 3, pci_reload_enumerate(pr));
	KUNIT_EXPECT_EQ(test, 0, enumerate_late);
	cycle_hooks.read = NULL;
	window_end(test, pr);
}

static void function_that_never_answers_holds_up_nobody(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	ktime_t start;

	fixture_slow(test);
	cycle_boot(fx, FIXTURE_WIDE);
	pr = cycle_begin(fx, NULL);
	enumerate_no_answer = 0xffff0001;
	enumerate_late = UINT_MAX;
	cycle_hooks.read = enumerate_read_late;
	cycle_hook_reads(fx, 0);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_enumerate(pr));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), 5000);
	window_expect_reason(test, pr, "function 1 of the card");
	enumerate_late = 0;
	cycle_hooks.read = NULL;
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	window_end(test, pr);
}

static struct pci_reload *enumerate_boot_late(struct fixture *fx, u32 answer,
					      unsigned int late)
{
	struct pci_reload *pr;

	fx->ports[0].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 2;
	cycle_boot(fx, FIXTURE_WIDE);
	pr = cycle_begin(fx, NULL);
	enumerate_late = late;
	enumerate_no_answer = answer;
	cycle_hooks.read = enumerate_read_late;
	cycle_hook_reads(fx, 0);
	return pr;
}

static void function_behind_a_switch_is_waited_for(struct kunit *test)
{
	const u32 *answer = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = enumerate_boot_late(fx, *answer, ENUMERATE_LATE);
	KUNIT_EXPECT_EQ(test, 7, pci_reload_enumerate(pr));
	KUNIT_EXPECT_EQ(test, enumerate_late, 0);
	cycle_expect_functions(fx, 7);
	window_end(test, pr);
}

static void function_that_does_not_come_is_given_up(struct kunit *test)
{
	ktime_t start = ktime_get();
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	pr = enumerate_boot_late(fx, 0xffffffff, UINT_MAX);
	KUNIT_EXPECT_EQ(test, 6, pci_reload_enumerate(pr));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 1000);
	enumerate_late = 0;
	window_end(test, pr);
}

static unsigned int enumerate_below;
static unsigned int enumerate_unknown;

/* The kernel has named each of its buses after its number. */
static void enumerate_read_below(struct pci_bus *bus, unsigned int devfn,
				 int where, int size, u32 *val)
{
	unsigned int domain, number;

	enumerate_below += bus->parent && bus->parent->parent;
	if (sscanf(dev_name(&bus->dev), "%x:%x", &domain, &number) != 2 ||
	    number != bus->number)
		enumerate_unknown++;
}

static void each_bus_that_is_looked_at_is_one_of_the_kernels(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = enumerate_boot_late(fx, 0xffffffff, 0);
	enumerate_below = 0;
	enumerate_unknown = 0;
	cycle_hooks.read = enumerate_read_below;
	KUNIT_EXPECT_EQ(test, 7, pci_reload_enumerate(pr));
	cycle_hooks.read = NULL;
	KUNIT_EXPECT_GT(test, enumerate_below, 0);
	KUNIT_EXPECT_EQ(test, enumerate_unknown, 0);
	cycle_expect_functions(fx, 7);
	window_end(test, pr);
}

/* echo 1 > /sys/bus/pci/rescan, while the window waits for the card */
static void rescan_by_others_does_no_harm(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	unsigned int count;

	fx->ports[0].card.has_switch = true;
	cycle_boot(fx, FIXTURE_WIDE);
	count = fixture_count(fx, 0);
	pr = cycle_begin(fx, NULL);
	pci_lock_rescan_remove();
	pci_rescan_bus(fixture_port(fx, 0)->bus);
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_EQ(test, count, fixture_count(fx, 0));
	KUNIT_EXPECT_EQ(test, count, pci_reload_enumerate(pr));
	cycle_expect_functions(fx, count);
	window_end(test, pr);
}

/**
 * struct enumerate_loss - a link that goes while functions are looked for
 * @gone: it has gone
 * @given: reads of a BAR since then, as after it was written
 */
struct enumerate_loss {
	bool gone;
	unsigned int given;
};

/* The last function's subsystem is read when its BARs have been. */
static void enumerate_read_loss(struct pci_bus *bus, unsigned int devfn, int where,
				int size, u32 *val)
{
	struct enumerate_loss *loss = cycle_hooks.data;

	if (loss->gone) {
		loss->given += where == PCI_BASE_ADDRESS_0;
		*val = ~0;
	}
	loss->gone |= devfn == PCI_DEVFN(0, 2) && where == PCI_SUBSYSTEM_ID;
}

/* Nor does the PCI core warn of VFs that it takes for enabled. */
static void functions_get_no_addresses_without_the_link(struct kunit *test)
{
	struct enumerate_loss loss = {};
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_set_reporting(&fx->ports[0], false);
	cycle_boot(fx, FIXTURE_WIDE);
	pr = cycle_begin(fx, NULL);
	cycle_hooks.data = &loss;
	cycle_hooks.read = enumerate_read_loss;
	cycle_hook_reads(fx, 0);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_enumerate(pr));
	window_expect_reason(test, pr, "went down while");
	KUNIT_EXPECT_TRUE(test, loss.gone);
	KUNIT_EXPECT_EQ(test, loss.given, 0);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	cycle_hooks.read = NULL;
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	window_end(test, pr);
}

static const u32 enumerate_classes[] = { PCIE_CARD_SIM_CLASS_ZERO, 0x060000 };

static void enumerate_class_desc(const u32 *class, char *desc)
{
	strscpy(desc, *class == PCIE_CARD_SIM_CLASS_ZERO ? "no class" :
		"host bridge", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_class, enumerate_classes, enumerate_class_desc);

/* That is how the kernel is, and no reason to advise larger windows. */
static void function_without_a_class_is_told(struct kunit *test)
{
	const u32 *class = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fx->images[2].fn[2].class = *class;
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = cycle_begin(fx, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, 3, pci_reload_enumerate(pr));
	pdev = cycle_function(fx, 2);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(pci_reload_degraded(pr),
					       pci_name(pdev)),
				  "%s", pci_reload_degraded(pr));
	KUNIT_EXPECT_NULL(test, pdev->resource[0].parent);
	pci_dev_put(pdev);
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_NOT_NULL(test, pdev->resource[0].parent);
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* A function whose Max Payload Size is 128 bytes at most. */
static void enumerate_read_small(struct pci_bus *bus, unsigned int devfn,
				 int where, int size, u32 *val)
{
	unsigned long pcie_cap = (unsigned long)cycle_hooks.data;

	if (where == pcie_cap + PCI_EXP_DEVCAP)
		*val &= ~PCI_EXP_DEVCAP_PAYLOAD;
}

static void enumerate_boot_mps(struct fixture *fx)
{
	struct pci_dev *pdev;

	cycle_boot(fx, FIXTURE_FACTORY);
	pdev = cycle_function(fx, 0);
	cycle_hooks.data = (void *)(unsigned long)pci_pcie_cap(pdev);
	pci_dev_put(pdev);
	KUNIT_ASSERT_EQ(fx->test, 0, pcie_set_mps(fixture_port(fx, 0), 512));
	cycle_hook_reads(fx, 0);
}

static void enumerate_expect_mps(struct fixture *fx, int mps)
{
	struct pci_dev *pdev = cycle_function(fx, 0);

	KUNIT_EXPECT_EQ(fx->test, mps, pcie_get_mps(fixture_port(fx, 0)));
	KUNIT_EXPECT_EQ(fx->test, mps, pcie_get_mps(pdev));
	pci_dev_put(pdev);
}

static void image_with_small_payloads_does_not_shrink_the_next(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	enumerate_boot_mps(fx);
	pr = window_alloc(fx, 0);
	cycle_hooks.read = enumerate_read_small;
	cycle_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 128);
	cycle_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 128);
	cycle_hooks.read = NULL;
	cycle_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 512);
	pci_reload_free(pr);
}

static void payload_size_that_others_set_stays(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	enumerate_boot_mps(fx);
	pr = window_alloc(fx, 0);
	cycle_hooks.read = enumerate_read_small;
	cycle_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 128);
	KUNIT_EXPECT_EQ(test, 0, pcie_set_mps(fixture_port(fx, 0), 256));
	cycle_hooks.read = NULL;
	cycle_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 256);
	pci_reload_free(pr);
}

/**
 * struct enumerate_size - a card of some size
 * @functions: number of functions, the first included
 * @vfs: VFs that the second can have
 * @has_switch: they are behind a switch
 */
struct enumerate_size {
	unsigned int functions;
	unsigned int vfs;
	bool has_switch;
};

static const struct enumerate_size enumerate_sizes[] = {
	{ 1 }, { 8 }, { 8, .vfs = 64 }, { 3, .vfs = 64, .has_switch = true },
};

static void enumerate_size_desc(const struct enumerate_size *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u functions, %u VFs%s",
		 size->functions, size->vfs,
		 size->has_switch ? ", behind a switch" : "");
}

KUNIT_ARRAY_PARAM(enumerate_size, enumerate_sizes, enumerate_size_desc);

static void enumerate_boot_size(struct fixture *fx,
				const struct enumerate_size *size)
{
	struct pcie_card_sim_function *fn = fx->images[2].fn;
	unsigned int i;

	for (i = 3; i < size->functions; i++) {
		fn[i] = fn[1];
		fn[i].device += i;
	}
	for (i = 1; i < PCIE_CARD_SIM_FUNCTIONS; i++) {
		if (i >= size->functions)
			fn[i].vendor = 0;
		fn[i].total_vfs = 0;
		fn[i].leg = size->has_switch;
	}
	fn[1].total_vfs = size->vfs;
	fx->ports[0].card.has_switch = size->has_switch;
	cycle_boot(fx, FIXTURE_WIDE);
	cycle_hook_reads(fx, 0);
}

/**
 * struct enumerate_cost - what it takes to enumerate
 * @reads: reads of the card's configuration space
 * @writes: writes to it
 * @windows: writes to memory windows of its bridges
 * @us: how long it took
 */
struct enumerate_cost {
	unsigned int reads;
	unsigned int writes;
	unsigned int windows;
	s64 us;
};

static unsigned int enumerate_reads;

static void enumerate_count_reads(struct pci_bus *bus, unsigned int devfn,
				  int where, int size, u32 *val)
{
	enumerate_reads++;
}

/* What the PCI core does by itself, for a port with a window that is large enough. */
static int enumerate_bare(struct pci_reload *pr)
{
	struct pci_bus *bus = cycle_hooks.data;

	pci_lock_rescan_remove();
	pci_scan_child_bus(bus);
	pci_bus_size_bridges(bus);
	pci_bus_assign_resources(bus);
	pcie_bus_configure_settings(bus);
	pci_bus_add_devices(bus);
	pci_unlock_rescan_remove();
	return 1;
}

static void enumerate_measure(struct fixture *fx, int (*enumerate)(struct pci_reload *pr),
			      struct enumerate_cost *cost)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};
	struct pci_reload *pr = cycle_begin(fx, NULL);
	ktime_t start;

	pcie_card_sim_log_clear(fx->sim);
	enumerate_reads = 0;
	cycle_hooks.read = enumerate_count_reads;
	start = ktime_get();
	KUNIT_EXPECT_GT(fx->test, enumerate(pr), 0);
	cost->us = ktime_us_delta(ktime_get(), start);
	cycle_hooks.read = NULL;
	cost->reads = enumerate_reads;
	cost->writes = pcie_card_sim_log_count(fx->sim, &match);
	match.reg = PCI_MEMORY_BASE;
	cost->windows = pcie_card_sim_log_count(fx->sim, &match);
	fixture_expect_decoded(fx, 0);
	window_end(fx->test, pr);
	kunit_info(fx->test, "%lld us, %u reads, %u writes, %u of windows or BAR 4\n",
		   cost->us, cost->reads, cost->writes, cost->windows);
}

/*
 * There is a look at each of the eight functions that may be there, and for each bus
 * behind; then a register or two for each function.
 */
static void scan_costs_little_over_the_kernels_own(struct kunit *test)
{
	const struct enumerate_size *size = test->param_value;
	struct enumerate_cost bare, ours;
	struct fixture *fx = test->priv;
	unsigned int count;

	enumerate_boot_size(fx, size);
	count = fixture_count(fx, 0);
	cycle_hooks.data = fixture_port(fx, 0)->subordinate;
	enumerate_measure(fx, enumerate_bare, &bare);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	enumerate_measure(fx, pci_reload_enumerate, &ours);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	KUNIT_EXPECT_LE(test, ours.reads, bare.reads + 20 + 20 * count);
	KUNIT_EXPECT_LE(test, ours.writes, bare.writes + 20 + count);
	KUNIT_EXPECT_LE(test, ours.windows, bare.windows);
}

static struct kunit_case enumerate_cases[] = {
	KUNIT_CASE(image_with_other_functions_is_found),
	KUNIT_CASE(card_without_functions_is_told),
	KUNIT_CASE(port_that_is_gone_is_not_scanned),
	KUNIT_CASE(function_that_is_late_is_waited_for),
	KUNIT_CASE(function_that_never_answers_holds_up_nobody),
	KUNIT_CASE(each_bus_that_is_looked_at_is_one_of_the_kernels),
	KUNIT_CASE_PARAM(function_behind_a_switch_is_waited_for,
			 enumerate_answer_gen_params),
	KUNIT_CASE(function_that_does_not_come_is_given_up),
	KUNIT_CASE(rescan_by_others_does_no_harm),
	KUNIT_CASE(functions_get_no_addresses_without_the_link),
	KUNIT_CASE_PARAM(function_without_a_class_is_told,
			 enumerate_class_gen_params),
	KUNIT_CASE(image_with_small_payloads_does_not_shrink_the_next),
	KUNIT_CASE(payload_size_that_others_set_stays),
	KUNIT_CASE_PARAM(scan_costs_little_over_the_kernels_own,
			 enumerate_size_gen_params),
	{}
};

struct kunit_suite pci_reload_enumerate_suite = {
	.name = "pci_reload_enumerate",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = enumerate_cases,
};
