// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding what a new image has, giving it room, and saying so if there is none. One file,
 * as a suite is one object, and its cases share what is set up at its top.
 */

#include <linux/ktime.h>
#include <linux/sizes.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* The window of a host that is short of memory, and more than it has. */
#define ENUMERATE_WINDOW	SZ_32M
#define ENUMERATE_TOO_MUCH	SZ_64M

/* How often something that is late does not answer. */
#define ENUMERATE_LATE		20

/* To an open window with @image, in which nothing was enumerated yet. */
static struct pci_reload *enumerate_ready(struct fixture *fx, const char *image)
{
	struct pci_reload *pr = window_open(fx);

	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_functions(pr, NULL));
	cycle_ready(fx, pr, image);
	return pr;
}

/* A whole reload, for images that fit. */
static void enumerate_reload(struct fixture *fx, struct pci_reload *pr,
			     const char *image)
{
	KUNIT_ASSERT_EQ(fx->test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_functions(pr, NULL));
	cycle_load(fx, pr, image);
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_close(pr));
}

static int enumerate_check_bars(struct pci_dev *pdev, void *data)
{
	struct fixture *fx = data;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS && !pci_is_bridge(pdev); i++) {
		if (!pci_resource_len(pdev, i))
			continue;
		KUNIT_EXPECT_NOT_NULL_MSG(fx->test, pdev->resource[i].parent,
					  "BAR %d of %s", i, pci_name(pdev));
	}
	if (!pci_is_bridge(pdev))
		KUNIT_EXPECT_NOT_NULL(fx->test, pdev->dev.driver);
	return 0;
}

/* Each function has its BARs and its driver. */
static void enumerate_expect(struct fixture *fx, unsigned int count)
{
	struct pci_bus *bus = fixture_port(fx, 0)->subordinate;

	KUNIT_EXPECT_EQ(fx->test, fixture_count(fx, 0), count);
	pci_walk_bus(bus, enumerate_check_bars, fx);
}

struct enumerate_place {
	const char *name;
	bool hotplug;
	bool has_switch;
};

static const struct enumerate_place enumerate_places[] = {
	{ "plain port" },
	{ "hot-plug port", .hotplug = true },
	{ "behind a switch", .has_switch = true },
	{ "behind a switch at a hot-plug port", .hotplug = true,
	  .has_switch = true },
};

static void enumerate_place_desc(const struct enumerate_place *place, char *desc)
{
	strscpy(desc, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_place, enumerate_places, enumerate_place_desc);

static void enumerate_set_place(struct fixture *fx,
				const struct enumerate_place *place)
{
	fx->ports[0].hotplug = place->hotplug;
	fx->ports[0].card.has_switch = place->has_switch;
}

static void windows_grow_with_the_bars(struct kunit *test)
{
	const struct enumerate_place *place = test->param_value;
	struct fixture *fx = test->priv;
	unsigned int bridges = place->has_switch ? 2 : 0;
	struct pcie_card_sim_function *fn;
	struct pci_reload *pr;

	enumerate_set_place(fx, place);
	fn = &fx->images[1].fn[0];
	fn->bar[0].size = SZ_8M;
	fn->bar[2] = (struct pcie_card_sim_bar) {
		.size = SZ_4M, .is_64 = true, .prefetch = true,
	};
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = window_alloc(fx, 0);
	enumerate_reload(fx, pr, FIXTURE_USER);
	enumerate_expect(fx, 1 + bridges);
	enumerate_reload(fx, pr, FIXTURE_WIDE);
	enumerate_expect(fx, 3 + bridges);
	enumerate_reload(fx, pr, FIXTURE_USER);
	enumerate_expect(fx, 1 + bridges);
	pci_reload_free(pr);
}

static void image_with_other_functions_is_found(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	cycle_boot(fx, FIXTURE_WIDE);
	pr = window_alloc(fx, 0);
	enumerate_reload(fx, pr, FIXTURE_USER);
	enumerate_expect(fx, 1);
	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_EQ(test, pdev->device, 0x0011);
	pci_dev_put(pdev);
	enumerate_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect(fx, 2);
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_EQ(test, pdev->device, 0x0002);
	pci_dev_put(pdev);
	pci_reload_free(pr);
}

/**
 * struct enumerate_sum - a BAR that is as large as the window, and aligned otherwise
 * @name: for the case
 * @window: memory of the host, in bytes, from an odd number of MiB on
 * @ret: what comes of it
 */
struct enumerate_sum {
	const char *name;
	u64 window;
	int ret;
};

static const struct enumerate_sum enumerate_sums[] = {
	{ "there is another place", .window = SZ_4M, .ret = 1 },
	{ "there is no other place", .window = SZ_2M, .ret = -ENOSPC },
};

static void enumerate_sum_desc(const struct enumerate_sum *sum, char *desc)
{
	strscpy(desc, sum->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_sum, enumerate_sums, enumerate_sum_desc);

static void bar_that_fits_in_size_only_is_seen_to(struct kunit *test)
{
	const struct enumerate_sum *sum = test->param_value;
	struct fixture *fx = test->priv;
	struct resource *window;
	struct pci_reload *pr;
	resource_size_t old;

	fx->config.window = sum->window;
	fx->images[0].fn[0].bar[0].size = SZ_1M;
	fx->images[0].fn[1].bar[0].size = SZ_1M;
	fx->images[1].fn[0].bar[0].size = SZ_2M;
	cycle_boot(fx, FIXTURE_FACTORY);
	window = &fixture_port(fx, 0)->resource[PCI_BRIDGE_MEM_WINDOW];
	KUNIT_ASSERT_EQ(test, SZ_2M, resource_size(window));
	/* Where it lies is for the kernel to choose. */
	if (!(window->start % SZ_2M))
		kunit_skip(test, "the window happens to be aligned to its size");
	old = window->start;
	pr = enumerate_ready(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, sum->ret, pci_reload_enumerate(pr));
	if (sum->ret < 0) {
		/* More of the same size would not help. */
		window_expect_reason(test, pr, "pci=realloc");
		KUNIT_EXPECT_EQ(test, window->start, old);
	} else {
		fixture_expect_decoded(fx, 0);
	}
	window_end(test, pr);
}

/**
 * struct enumerate_neighbour - what a card asks for beside one that has something
 * @name: for the case
 * @hotplug: the ports are hot-plug ports, for which more is set aside
 * @window: memory of the host, in bytes
 * @size: size of the new image's BAR, 0 to leave it
 * @io: the neighbour has all there is of I/O space, and the new image wants some
 * @ret: what comes of it
 */
struct enumerate_neighbour {
	const char *name;
	bool hotplug;
	u64 window;
	u64 size;
	bool io;
	int ret;
};

static const struct enumerate_neighbour enumerate_neighbours[] = {
	{ "more than before", .window = ENUMERATE_WINDOW, .size = SZ_8M, .ret = 1 },
	{ "more than there is", .window = ENUMERATE_WINDOW,
	  .size = ENUMERATE_TOO_MUCH, .ret = -ENOSPC },
	{ "nothing to set aside", .hotplug = true, .window = SZ_2M, .ret = 1 },
	{ "no I/O space left", .window = ENUMERATE_WINDOW, .io = true, .ret = 1 },
};

static void enumerate_neighbour_desc(const struct enumerate_neighbour *kind,
				     char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_neighbour, enumerate_neighbours,
		  enumerate_neighbour_desc);

static void enumerate_describe_neighbours(struct fixture *fx,
					  const struct enumerate_neighbour *kind)
{
	const struct pcie_card_sim_bar io = { .size = SZ_256, .io = true };
	unsigned int i;

	fx->config.n_ports = 2;
	fx->config.window = kind->window;
	for (i = 0; i < 2; i++) {
		fx->ports[i].hotplug = kind->hotplug;
		fx->ports[i].slot = kind->hotplug;
	}
	if (kind->size)
		fx->images[1].fn[0].bar[0].size = kind->size;
	fixture_describe_boot(fx, 1, FIXTURE_WIDE);
	if (!kind->io)
		return;
	fx->config.io_window = SZ_4K;
	fx->images[1].fn[0].bar[5] = io;
	fx->images[2].fn[0].bar[5] = io;
}

static void neighbours_are_left_alone(struct kunit *test)
{
	const struct enumerate_neighbour *kind = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *now;
	struct pci_reload *pr;
	u32 *saved;

	enumerate_describe_neighbours(fx, kind);
	cycle_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 1);
	pdev = fixture_function(fx, 1, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, kind->io, !!pdev->resource[5].parent);
	pr = enumerate_ready(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, kind->ret, pci_reload_enumerate(pr));

	now = fixture_function(fx, 1, 0);
	KUNIT_EXPECT_PTR_EQ(test, now, pdev);
	KUNIT_EXPECT_EQ(test, 0, memcmp(saved, fixture_save_port(fx, 1),
					4 * FIXTURE_CONFIG_DWORDS));
	pci_dev_put(now);
	pci_dev_put(pdev);
	fixture_expect_decoded(fx, 1);
	window_end(test, pr);
}

struct enumerate_shortage {
	const char *name;
	bool hotplug;
	bool has_switch;
	bool mem;
	bool pref;
	bool pref_32;
	const char *need;
	const char *have;
	const char *parameter;
};

/* A port whose window holds little has 1 MiB; a hot-plug port has 2 to spare. */
static const struct enumerate_shortage enumerate_shortages[] = {
	{ "memory, plain port", .mem = true,
	  .need = "needs 65 MiB and 0 MiB prefetchable",
	  .have = "had 1 MiB and 0 MiB",
	  .parameter = "boot with pci=realloc, with this image on the card" },
	{ "prefetchable memory, plain port", .pref = true,
	  .need = "needs 1 MiB and 64 MiB prefetchable",
	  .have = "had 1 MiB and 0 MiB",
	  .parameter = "boot with pci=realloc, with this image on the card" },
	{ "memory, hot-plug port", .hotplug = true, .mem = true,
	  .need = "needs 65 MiB and 0 MiB prefetchable",
	  .have = "had 2 MiB and 2 MiB",
	  .parameter = "boot with pci=hpmmiosize=65M" },
	{ "prefetchable memory, hot-plug port", .hotplug = true, .pref = true,
	  .need = "needs 1 MiB and 64 MiB prefetchable",
	  .have = "had 2 MiB and 2 MiB",
	  .parameter = "boot with pci=hpmmioprefsize=64M" },
	{ "both, hot-plug port", .hotplug = true, .mem = true, .pref = true,
	  .need = "needs 65 MiB and 64 MiB prefetchable",
	  .have = "had 2 MiB and 2 MiB",
	  .parameter = "boot with pci=hpmmiosize=65M,hpmmioprefsize=64M" },
	{ "32-bit prefetchable memory", .hotplug = true, .pref_32 = true,
	  .need = "needs 65 MiB and 0 MiB prefetchable",
	  .have = "had 2 MiB and 2 MiB",
	  .parameter = "boot with pci=hpmmiosize=65M" },
	{ "memory, behind a switch", .hotplug = true, .has_switch = true,
	  .mem = true,
	  .need = "needs 65 MiB and 0 MiB prefetchable",
	  .have = "had 2 MiB and 2 MiB",
	  .parameter = "boot with pci=hpmmiosize=65M" },
};

static void enumerate_shortage_desc(const struct enumerate_shortage *shortage,
				    char *desc)
{
	strscpy(desc, shortage->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_shortage, enumerate_shortages,
		  enumerate_shortage_desc);

/* Function 0 has what is too much, function 1 a little on top. */
static void bars_that_do_not_fit_are_told(struct kunit *test)
{
	const struct enumerate_shortage *shortage = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = fx->images[1].fn;
	struct pci_reload *pr;
	unsigned int count;

	fx->config.window = ENUMERATE_WINDOW;
	fx->ports[0].hotplug = shortage->hotplug;
	fx->ports[0].card.has_switch = shortage->has_switch;
	fn[1] = fx->images[0].fn[1];
	fn[1].leg = shortage->has_switch;
	fx->images[0].fn[1].leg = shortage->has_switch;
	if (shortage->mem)
		fn[0].bar[0].size = ENUMERATE_TOO_MUCH;
	if (shortage->pref)
		fn[0].bar[2] = (struct pcie_card_sim_bar) {
			.size = ENUMERATE_TOO_MUCH,
			.is_64 = true,
			.prefetch = true,
		};
	if (shortage->pref_32)
		fn[0].bar[1] = (struct pcie_card_sim_bar) {
			.size = ENUMERATE_TOO_MUCH,
			.prefetch = true,
		};
	cycle_boot(fx, FIXTURE_FACTORY);
	count = fixture_count(fx, 0);
	pr = enumerate_ready(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, -ENOSPC, pci_reload_enumerate(pr));
	window_expect_reason(test, pr, shortage->need);
	window_expect_reason(test, pr, shortage->have);
	window_expect_reason(test, pr, shortage->parameter);
	/* Whatever is there is there all the same. */
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	enumerate_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect(fx, count);
	pci_reload_free(pr);
}

static void card_without_functions_is_told(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .bad_header = true };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_FACTORY);
	pr = enumerate_ready(fx, NULL);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_enumerate(pr));
	window_expect_reason(test, pr, "no function was found");
	faults.bad_header = false;
	fixture_set_faults(fx, &faults);
	cycle_load(fx, pr, NULL);
	enumerate_expect(fx, 2);
	window_end(test, pr);
}

static void port_that_is_gone_is_not_scanned(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_FACTORY);
	pr = enumerate_ready(fx, NULL);
	pci_reload_port_gone(pr);
	KUNIT_EXPECT_EQ(test, -ENODEV, pci_reload_enumerate(pr));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	pci_reload_close(pr);
	pci_reload_free(pr);
}

/*
 * The port has one bus number, since it was empty, and the next one is the
 * neighbour's, to whom the PCI core would go.
 */
static void switch_without_bus_numbers_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct resource *busn, before;
	struct pci_reload *pr;
	unsigned int count;
	u32 *saved;

	fx->config.n_ports = 2;
	fx->ports[0].card.present = false;
	fx->ports[0].card.has_switch = true;
	cycle_boot(fx, FIXTURE_FACTORY);
	busn = &fixture_port(fx, 1)->subordinate->busn_res;
	before = *busn;
	count = fixture_count(fx, 1);
	saved = fixture_save_port(fx, 1);

	/* The card comes without pciehp's doing, as with a reload of its own. */
	pcie_capability_clear_word(fixture_port(fx, 0), PCI_EXP_SLTCTL,
				   PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_PDCE |
				   PCI_EXP_SLTCTL_DLLSCE);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, true));
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, CYCLE_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, CYCLE_TIMEOUT_MS));
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, -ENOSPC, pci_reload_enumerate(pr));
	window_expect_reason(test, pr, "needs 2 bus numbers or more");
	window_expect_reason(test, pr, "has 1: ");
	/* The switch's upstream port. */
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);

	KUNIT_EXPECT_EQ(test, before.start, busn->start);
	KUNIT_EXPECT_EQ(test, before.end, busn->end);
	KUNIT_EXPECT_EQ(test, count, fixture_count(fx, 1));
	KUNIT_EXPECT_EQ(test, 0, memcmp(saved, fixture_save_port(fx, 1),
					4 * FIXTURE_CONFIG_DWORDS));
	window_end(test, pr);
}

static const bool enumerate_hotplug[] = { false, true };

static void enumerate_hotplug_desc(const bool *hotplug, char *desc)
{
	strscpy(desc, *hotplug ? "hot-plug port" : "plain port",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_hotplug, enumerate_hotplug, enumerate_hotplug_desc);

/* Three legs, each with a bus, need two more than there are. */
static void number_of_buses_is_told_as_far_as_it_is_seen(struct kunit *test)
{
	const bool *hotplug = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_bus *bus;
	resource_size_t end;

	fx->ports[0].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 2;
	fx->ports[0].hotplug = *hotplug;
	cycle_boot(fx, FIXTURE_WIDE);
	bus = fixture_port(fx, 0)->subordinate;
	KUNIT_ASSERT_EQ(test, resource_size(&bus->busn_res), 5);
	pr = enumerate_ready(fx, NULL);
	end = bus->busn_res.end;
	bus->busn_res.end -= 2;
	KUNIT_EXPECT_EQ(test, -ENOSPC, pci_reload_enumerate(pr));
	bus->busn_res.end = end;
	window_expect_reason(test, pr, "needs 5 bus numbers or more");
	window_expect_reason(test, pr, "has 3: ");
	window_expect_reason(test, pr, *hotplug ?
			    "boot with pci=assign-busses,hpbussize=5" :
			    "boot with this image on the card");
	cycle_load(fx, pr, NULL);
	enumerate_expect(fx, 7);
	window_end(test, pr);
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
	pr = enumerate_ready(fx, NULL);
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

	cycle_boot(fx, FIXTURE_WIDE);
	pr = enumerate_ready(fx, NULL);
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
	pr = enumerate_ready(fx, NULL);
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
	enumerate_expect(fx, 7);
	window_end(test, pr);
}

static void function_that_does_not_come_is_given_up(struct kunit *test)
{
	ktime_t start = ktime_get();
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

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
	enumerate_expect(fx, 7);
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
	pr = enumerate_ready(fx, NULL);
	pci_lock_rescan_remove();
	pci_rescan_bus(fixture_port(fx, 0)->bus);
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_EQ(test, count, fixture_count(fx, 0));
	KUNIT_EXPECT_EQ(test, count, pci_reload_enumerate(pr));
	enumerate_expect(fx, count);
	window_end(test, pr);
}

/**
 * struct enumerate_found - an image that others find first
 * @name: for the case
 * @size: size of its BAR, larger than the window was
 * @ret: what comes of it
 */
struct enumerate_found {
	const char *name;
	u64 size;
	int ret;
};

static const struct enumerate_found enumerate_founds[] = {
	{ "larger BAR", SZ_8M, 1 },
	{ "BAR without room", ENUMERATE_TOO_MUCH, -ENOSPC },
};

static void enumerate_found_desc(const struct enumerate_found *found, char *desc)
{
	strscpy(desc, found->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(enumerate_found, enumerate_founds, enumerate_found_desc);

/* A rescan enlarges no window, and has the kernel forget a BAR without room. */
static void image_that_others_found_first_gets_its_addresses(struct kunit *test)
{
	const struct enumerate_found *found = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fx->config.window = ENUMERATE_WINDOW;
	fx->images[1].fn[0].bar[0].size = found->size;
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = enumerate_ready(fx, FIXTURE_USER);
	pci_lock_rescan_remove();
	pci_rescan_bus(fixture_port(fx, 0)->bus);
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_EQ(test, 1, fixture_count(fx, 0));
	KUNIT_EXPECT_EQ(test, found->ret, pci_reload_enumerate(pr));
	if (found->ret > 0) {
		enumerate_expect(fx, 1);
		pdev = cycle_function(fx, 0);
		KUNIT_EXPECT_EQ(test, found->size, pci_resource_len(pdev, 0));
		pci_dev_put(pdev);
		fixture_expect_decoded(fx, 0);
	}
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
	pr = enumerate_ready(fx, FIXTURE_WIDE);
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
	enumerate_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 128);
	enumerate_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 128);
	cycle_hooks.read = NULL;
	enumerate_reload(fx, pr, FIXTURE_FACTORY);
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
	enumerate_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 128);
	KUNIT_EXPECT_EQ(test, 0, pcie_set_mps(fixture_port(fx, 0), 256));
	cycle_hooks.read = NULL;
	enumerate_reload(fx, pr, FIXTURE_FACTORY);
	enumerate_expect_mps(fx, 256);
	pci_reload_free(pr);
}

static struct kunit_case enumerate_cases[] = {
	KUNIT_CASE_PARAM(windows_grow_with_the_bars, enumerate_place_gen_params),
	KUNIT_CASE(image_with_other_functions_is_found),
	KUNIT_CASE_PARAM(neighbours_are_left_alone,
			 enumerate_neighbour_gen_params),
	KUNIT_CASE_PARAM(bar_that_fits_in_size_only_is_seen_to,
			 enumerate_sum_gen_params),
	KUNIT_CASE_PARAM(bars_that_do_not_fit_are_told,
			 enumerate_shortage_gen_params),
	KUNIT_CASE(card_without_functions_is_told),
	KUNIT_CASE(port_that_is_gone_is_not_scanned),
	KUNIT_CASE(switch_without_bus_numbers_is_told),
	KUNIT_CASE(function_that_is_late_is_waited_for),
	KUNIT_CASE(function_that_never_answers_holds_up_nobody),
	KUNIT_CASE_PARAM(number_of_buses_is_told_as_far_as_it_is_seen,
			 enumerate_hotplug_gen_params),
	KUNIT_CASE(each_bus_that_is_looked_at_is_one_of_the_kernels),
	KUNIT_CASE_PARAM(function_behind_a_switch_is_waited_for,
			 enumerate_answer_gen_params),
	KUNIT_CASE(function_that_does_not_come_is_given_up),
	KUNIT_CASE(rescan_by_others_does_no_harm),
	KUNIT_CASE_PARAM(image_that_others_found_first_gets_its_addresses,
			 enumerate_found_gen_params),
	KUNIT_CASE_PARAM(function_without_a_class_is_told,
			 enumerate_class_gen_params),
	KUNIT_CASE(image_with_small_payloads_does_not_shrink_the_next),
	KUNIT_CASE(payload_size_that_others_set_stays),
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
