// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses and bus numbers for a new image, and saying so if there is no room.
 */

#include <linux/sizes.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* The window of a host that is short of memory, and more than it has. */
#define ROOM_WINDOW	SZ_32M
#define ROOM_TOO_MUCH	SZ_64M

#define ROOM_VF_DEVICE	0x0012

struct room_place {
	const char *name;
	bool hotplug;
	bool has_switch;
};

static const struct room_place room_places[] = {
	{ "plain port" },
	{ "hot-plug port", .hotplug = true },
	{ "behind a switch", .has_switch = true },
	{ "behind a switch at a hot-plug port", .hotplug = true,
	  .has_switch = true },
};

static void room_place_desc(const struct room_place *place, char *desc)
{
	strscpy(desc, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room_place, room_places, room_place_desc);

static void room_set_place(struct fixture *fx, const struct room_place *place)
{
	fx->ports[0].hotplug = place->hotplug;
	fx->ports[0].card.has_switch = place->has_switch;
}

static void windows_grow_with_the_bars(struct kunit *test)
{
	const struct room_place *place = test->param_value;
	struct fixture *fx = test->priv;
	unsigned int bridges = place->has_switch ? 2 : 0;
	struct pcie_card_sim_function *fn;
	struct pci_reload *pr;

	fixture_slow_but(test, &room_places[0]);
	room_set_place(fx, place);
	fn = &fx->images[1].fn[0];
	fn->bar[0].size = SZ_8M;
	fn->bar[2] = (struct pcie_card_sim_bar) {
		.size = SZ_4M, .is_64 = true, .prefetch = true,
	};
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = window_alloc(fx, 0);
	cycle_reload(fx, pr, FIXTURE_USER);
	cycle_expect_functions(fx, 1 + bridges);
	cycle_reload(fx, pr, FIXTURE_WIDE);
	cycle_expect_functions(fx, 3 + bridges);
	cycle_reload(fx, pr, FIXTURE_USER);
	cycle_expect_functions(fx, 1 + bridges);
	pci_reload_free(pr);
}

/**
 * struct room_sum - a BAR that is as large as the window, and aligned otherwise
 * @name: for the case
 * @window: memory of the host, in bytes, from an odd number of MiB on
 * @vfs: there is one whose BAR fits nowhere, so BARs are not dealt with in one pass
 * @ret: what comes of it
 */
struct room_sum {
	const char *name;
	u64 window;
	bool vfs;
	int ret;
};

static const struct room_sum room_sums[] = {
	{ "there is another place", .window = SZ_4M, .ret = 1 },
	{ "there is another place, though not for VFs", .window = SZ_4M, .vfs = true, .ret = 1 },
	{ "there is no other place", .window = SZ_2M, .ret = -ENOSPC },
};

static void room_sum_desc(const struct room_sum *sum, char *desc)
{
	strscpy(desc, sum->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room_sum, room_sums, room_sum_desc);

static void bar_that_fits_in_size_only_is_seen_to(struct kunit *test)
{
	const struct room_sum *sum = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = &fx->images[1].fn[0];
	struct resource *window;
	struct pci_reload *pr;
	resource_size_t old;

	fx->config.window = sum->window;
	fx->images[0].fn[0].bar[0].size = SZ_1M;
	fx->images[0].fn[1].bar[0].size = SZ_1M;
	fn->bar[0].size = SZ_2M;
	if (sum->vfs) {
		fn->total_vfs = 1;
		fn->vf_device = ROOM_VF_DEVICE;
		fn->vf_bar0.size = SZ_4M;
	}
	cycle_boot(fx, FIXTURE_FACTORY);
	window = &fixture_port(fx, 0)->resource[PCI_BRIDGE_MEM_WINDOW];
	KUNIT_ASSERT_EQ(test, SZ_2M, resource_size(window));
	/* Where it lies is for the kernel to choose. */
	if (!(window->start % SZ_2M))
		kunit_skip(test, "the window happens to be aligned to its size");
	old = window->start;
	pr = cycle_begin(fx, FIXTURE_USER);
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
 * struct room_neighbour - what a card asks for beside one that has something
 * @name: for the case
 * @hotplug: the ports are hot-plug ports, for which more is set aside
 * @window: memory of the host, in bytes
 * @size: size of the new image's BAR, 0 to leave it
 * @io: the neighbour has all there is of I/O space, and the new image wants some
 * @ret: what comes of it
 */
struct room_neighbour {
	const char *name;
	bool hotplug;
	u64 window;
	u64 size;
	bool io;
	int ret;
};

static const struct room_neighbour room_neighbours[] = {
	{ "more than before", .window = ROOM_WINDOW, .size = SZ_8M, .ret = 1 },
	{ "more than there is", .window = ROOM_WINDOW,
	  .size = ROOM_TOO_MUCH, .ret = -ENOSPC },
	{ "nothing to set aside", .hotplug = true, .window = SZ_2M, .ret = 1 },
	{ "no I/O space left", .window = ROOM_WINDOW, .io = true, .ret = 1 },
};

static void room_neighbour_desc(const struct room_neighbour *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room_neighbour, room_neighbours, room_neighbour_desc);

static void room_describe_neighbours(struct fixture *fx,
				     const struct room_neighbour *kind)
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
	const struct room_neighbour *kind = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *now;
	struct pci_reload *pr;
	u32 *saved;

	room_describe_neighbours(fx, kind);
	cycle_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 1);
	pdev = fixture_function(fx, 1, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, kind->io, !!pdev->resource[5].parent);
	pr = cycle_begin(fx, FIXTURE_USER);
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

/*
 * The BAR of the VF is as large as the window, and aligned to more than that of the PF: the
 * PCI core would give it the window.
 */
static void vfs_get_what_the_others_leave(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = &fx->images[1].fn[0];
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fx->config.window = SZ_1M;
	fn->total_vfs = 1;
	fn->vf_device = ROOM_VF_DEVICE;
	fn->vf_bar0.size = SZ_1M;
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = cycle_begin(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 1, pci_reload_enumerate(pr));
	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_NOT_NULL(test, pdev->resource[0].parent);
	KUNIT_EXPECT_NULL(test, pdev->resource[PCI_IOV_RESOURCES].parent);
	/* Alone it would fit. */
	KUNIT_EXPECT_EQ(test, fn->vf_bar0.size,
			resource_size(&fixture_port(fx, 0)->resource[PCI_BRIDGE_MEM_WINDOW]));
	pci_dev_put(pdev);
	fixture_expect_decoded(fx, 0);
	window_end(test, pr);
}

struct room_shortage {
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
static const struct room_shortage room_shortages[] = {
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

static void room_shortage_desc(const struct room_shortage *shortage, char *desc)
{
	strscpy(desc, shortage->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room_shortage, room_shortages, room_shortage_desc);

/* Function 0 has what is too much, function 1 a little on top. */
static void bars_that_do_not_fit_are_told(struct kunit *test)
{
	const struct room_shortage *shortage = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn = fx->images[1].fn;
	struct pci_reload *pr;
	unsigned int count;

	fixture_slow_but(test, &room_shortages[0]);
	fx->config.window = ROOM_WINDOW;
	fx->ports[0].hotplug = shortage->hotplug;
	fx->ports[0].card.has_switch = shortage->has_switch;
	fn[1] = fx->images[0].fn[1];
	fn[1].leg = shortage->has_switch;
	fx->images[0].fn[1].leg = shortage->has_switch;
	if (shortage->mem)
		fn[0].bar[0].size = ROOM_TOO_MUCH;
	if (shortage->pref)
		fn[0].bar[2] = (struct pcie_card_sim_bar) {
			.size = ROOM_TOO_MUCH,
			.is_64 = true,
			.prefetch = true,
		};
	if (shortage->pref_32)
		fn[0].bar[1] = (struct pcie_card_sim_bar) {
			.size = ROOM_TOO_MUCH,
			.prefetch = true,
		};
	cycle_boot(fx, FIXTURE_FACTORY);
	count = fixture_count(fx, 0);
	pr = cycle_begin(fx, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, -ENOSPC, pci_reload_enumerate(pr));
	window_expect_reason(test, pr, shortage->need);
	window_expect_reason(test, pr, shortage->have);
	window_expect_reason(test, pr, shortage->parameter);
	/* Whatever is there is there all the same. */
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	cycle_reload(fx, pr, FIXTURE_FACTORY);
	cycle_expect_functions(fx, count);
	pci_reload_free(pr);
}

/**
 * struct room_found - an image that others find first
 * @name: for the case
 * @size: size of its BAR, larger than the window was
 * @ret: what comes of it
 */
struct room_found {
	const char *name;
	u64 size;
	int ret;
};

static const struct room_found room_founds[] = {
	{ "larger BAR", SZ_8M, 1 },
	{ "BAR without room", ROOM_TOO_MUCH, -ENOSPC },
};

static void room_found_desc(const struct room_found *found, char *desc)
{
	strscpy(desc, found->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room_found, room_founds, room_found_desc);

/* A rescan enlarges no window, and has the kernel forget a BAR without room. */
static void image_that_others_found_first_gets_its_addresses(struct kunit *test)
{
	const struct room_found *found = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fx->config.window = ROOM_WINDOW;
	fx->images[1].fn[0].bar[0].size = found->size;
	cycle_boot(fx, FIXTURE_FACTORY);
	pr = cycle_begin(fx, FIXTURE_USER);
	pci_lock_rescan_remove();
	pci_rescan_bus(fixture_port(fx, 0)->bus);
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_EQ(test, 1, fixture_count(fx, 0));
	KUNIT_EXPECT_EQ(test, found->ret, pci_reload_enumerate(pr));
	if (found->ret > 0) {
		cycle_expect_functions(fx, 1);
		pdev = cycle_function(fx, 0);
		KUNIT_EXPECT_EQ(test, found->size, pci_resource_len(pdev, 0));
		pci_dev_put(pdev);
		fixture_expect_decoded(fx, 0);
	}
	window_end(test, pr);
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

static const bool room_hotplug[] = { false, true };

static void room_hotplug_desc(const bool *hotplug, char *desc)
{
	strscpy(desc, *hotplug ? "hot-plug port" : "plain port",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(room_hotplug, room_hotplug, room_hotplug_desc);

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
	pr = cycle_begin(fx, NULL);
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
	cycle_expect_functions(fx, 7);
	window_end(test, pr);
}

static struct kunit_case room_cases[] = {
	KUNIT_CASE_PARAM(windows_grow_with_the_bars, room_place_gen_params),
	KUNIT_CASE_PARAM(neighbours_are_left_alone, room_neighbour_gen_params),
	KUNIT_CASE_PARAM(bar_that_fits_in_size_only_is_seen_to,
			 room_sum_gen_params),
	KUNIT_CASE(vfs_get_what_the_others_leave),
	KUNIT_CASE_PARAM(bars_that_do_not_fit_are_told, room_shortage_gen_params),
	KUNIT_CASE(switch_without_bus_numbers_is_told),
	KUNIT_CASE_PARAM(number_of_buses_is_told_as_far_as_it_is_seen,
			 room_hotplug_gen_params),
	KUNIT_CASE_PARAM(image_that_others_found_first_gets_its_addresses,
			 room_found_gen_params),
	{}
};

struct kunit_suite pci_reload_room_suite = {
	.name = "pci_reload_room",
	.suite_init = cycle_suite_init,
	.suite_exit = cycle_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = room_cases,
};
