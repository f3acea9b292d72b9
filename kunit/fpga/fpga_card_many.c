// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many cards that load at once, on one host and on several, and cards that have
 * bridges above in common.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/ktime.h>

#include "kunit/fixtures/load.h"
#include "fpga/request.h"
#include "kunit/suites.h"

#define MANY_HOSTS	3
#define MANY_CARDS	32

/* Three of them fit into the memory that a guest has for this. */
#define MANY_WINDOW	SZ_16M

/* Room for all that is written while ten cards are enumerated. */
#define MANY_LOG_SIZE	32768

/* Long, next to what the kernel has to do for a card with the rescan lock held. */
#define MANY_RELOAD_MS	1000

/* Longer than all that others do at the same time. */
#define MANY_TIMEOUT_MS	60000

/**
 * struct many_card - one of many cards
 * @fx: its host
 * @port: number of its port there
 * @image: what it loads
 * @card: the card
 * @path: registers of its port, and of the bridges above, before
 * @run: its load
 */
struct many_card {
	struct fixture *fx;
	unsigned int port;
	const char *image;
	struct fpga_card *card;
	struct fixture_path path;
	struct load_run run;
};

/**
 * struct many - many cards
 * @test: the test
 * @hosts: the hosts, NULL behind the last
 * @cards: the cards
 * @count: number of cards
 */
struct many {
	struct kunit *test;
	struct fixture *hosts[MANY_HOSTS];
	struct many_card cards[MANY_CARDS];
	unsigned int count;
};

static int many_init(struct kunit *test)
{
	struct many *many = kunit_kzalloc(test, sizeof(*many), GFP_KERNEL);

	if (!many)
		return -ENOMEM;
	many->test = test;
	test->priv = many;
	return 0;
}

static void many_exit(struct kunit *test)
{
	struct many *many = test->priv;
	unsigned int i;

	for (i = 0; many && i < many->count; i++) {
		if (many->cards[i].card)
			fpga_card_put(many->cards[i].card);
	}
	for (i = 0; many && i < MANY_HOSTS; i++) {
		if (many->hosts[i])
			fixture_stop(many->hosts[i]);
	}
}

/* A host more, with @n ports; each fourth is below a switch of the host. */
static struct fixture *many_describe(struct many *many, unsigned int n)
{
	struct fixture *fx = fixture_alloc(many->test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(many->test, fx);
	for (i = 0; i < MANY_HOSTS && many->hosts[i]; i++)
		;
	KUNIT_ASSERT_LT(many->test, i, MANY_HOSTS);
	many->hosts[i] = fx;
	fx->config.n_ports = n;
	fx->config.window = MANY_WINDOW;
	fx->config.log_size = MANY_LOG_SIZE;
	for (i = 0; i < n; i++) {
		fx->ports[i].hotplug = i % 2;
		fx->ports[i].slot = i % 2;
		fx->ports[i].sw = i % 4 == 3;
	}
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].reload_ms = MANY_RELOAD_MS;
		fx->images[i].timeout_ms = MANY_TIMEOUT_MS;
	}
	return fx;
}

static void many_save(struct many_card *one)
{
	fixture_save_path(one->fx, one->port, &one->path);
}

/* The cards of a described host. */
static void many_boot(struct many *many, struct fixture *fx)
{
	struct many_card *one;
	unsigned int i;

	fixture_start(fx);
	for (i = 0; i < fx->config.n_ports; i++) {
		one = &many->cards[many->count++];
		one->fx = fx;
		one->port = i;
		one->image = i % 3 ? FIXTURE_USER : FIXTURE_WIDE;
		one->card = fixture_card(fx, i);
	}
	pcie_card_sim_log_clear(fx->sim);
}

static void many_start(struct many_card *one)
{
	load_run_start(&one->run, one->card, one->image);
}

static s64 many_time_one(struct many *many)
{
	struct many_card *one = &many->cards[0];
	ktime_t start = ktime_get();

	KUNIT_EXPECT_EQ(many->test, 0,
			fpga_card_load(one->card, FIXTURE_FACTORY));
	pcie_card_sim_log_clear(one->fx->sim);
	return ktime_ms_delta(ktime_get(), start);
}

static s64 many_time_all(struct many *many)
{
	ktime_t start = ktime_get();
	unsigned int i;

	for (i = 0; i < many->count; i++)
		many_start(&many->cards[i]);
	for (i = 0; i < many->count; i++)
		KUNIT_EXPECT_EQ_MSG(many->test, 0,
				    load_run_end(&many->cards[i].run),
				    "card %u: %s", i,
				    many->cards[i].card->last_error);
	return ktime_ms_delta(ktime_get(), start);
}

static unsigned int many_count(struct many_card *one,
			       enum pcie_card_sim_what what, const char *name)
{
	struct pcie_card_sim_match match = {
		.what = BIT(what),
		.port = one->port,
		.name = name,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(one->fx->sim, &match);
}

/* What happened to a card is what was asked of this one, and once. */
static void many_expect_own_log(struct many_card *one)
{
	struct kunit *test = one->fx->test;

	KUNIT_EXPECT_EQ(test, 1, many_count(one, PCIE_CARD_SIM_TRIGGER, NULL));
	KUNIT_EXPECT_EQ(test, 1, many_count(one, PCIE_CARD_SIM_TRIGGER,
					    one->image));
	KUNIT_EXPECT_EQ(test, 1, many_count(one, PCIE_CARD_SIM_IMAGE, NULL));
	KUNIT_EXPECT_EQ(test, 1, many_count(one, PCIE_CARD_SIM_LINK_DOWN, NULL));
	KUNIT_EXPECT_EQ(test, 1, many_count(one, PCIE_CARD_SIM_LINK_UP, NULL));
	KUNIT_EXPECT_EQ(test, 0, many_count(one, PCIE_CARD_SIM_IRQ, NULL));
	/* Two functions, and the two devices below the first of these. */
	KUNIT_EXPECT_EQ(test, 4, many_count(one, PCIE_CARD_SIM_DEV_DEL, NULL));
}

static const unsigned int many_counts[] = { 2, 8, 32 };

static void many_count_desc(const unsigned int *count, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u cards", *count);
}

KUNIT_ARRAY_PARAM(many_count, many_counts, many_count_desc);

/* They wait together, and not one after the other. */
static void cards_load_at_once(struct kunit *test)
{
	unsigned int i, n, left = *(const unsigned int *)test->param_value;
	struct many *many = test->priv;
	s64 one_ms, all_ms;

	fixture_slow_but(test, &many_counts[1]);
	for (i = MANY_HOSTS; i > 0; i--) {
		n = DIV_ROUND_UP(left, i);
		if (n)
			many_boot(many, many_describe(many, n));
		left -= n;
	}
	one_ms = many_time_one(many);
	for (i = 0; i < many->count; i++)
		many_save(&many->cards[i]);
	all_ms = many_time_all(many);

	/* Half of what it takes one by one, for two of them three quarters. */
	kunit_info(test, "one: %lld ms, %u at once: %lld ms\n", one_ms,
		   many->count, all_ms);
	if (many->count > 2)
		KUNIT_EXPECT_LT(test, 2 * all_ms, many->count * one_ms);
	else
		KUNIT_EXPECT_LT(test, 4 * all_ms, 3 * many->count * one_ms);
	for (i = 0; i < many->count; i++) {
		fixture_expect_image(many->cards[i].fx, many->cards[i].port,
				     many->cards[i].image);
		many_expect_own_log(&many->cards[i]);
		fixture_expect_path(many->cards[i].fx, &many->cards[i].path);
	}
}

/* Other images of the same names: those of one card, with another time. */
static void many_set_reload(struct fixture *fx, unsigned int port,
			    unsigned int reload_ms)
{
	struct pcie_card_sim_image *images;
	unsigned int i;

	images = kunit_kzalloc(fx->test, sizeof(fx->images), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, images);
	memcpy(images, fx->images, sizeof(fx->images));
	for (i = 0; i < FIXTURE_IMAGES; i++)
		images[i].reload_ms = reload_ms;
	fx->ports[port].card.images = images;
}

/* Two ports of one switch of the host; @late takes the longer. */
static void many_boot_pair(struct many *many, unsigned int late)
{
	struct fixture *fx = many_describe(many, 2);

	fx->ports[0].sw = 1;
	fx->ports[1].sw = 1;
	many_set_reload(fx, !late, MANY_RELOAD_MS);
	many_set_reload(fx, late, 3 * MANY_RELOAD_MS);
	many_boot(many, fx);
	many_save(&many->cards[0]);
	many_save(&many->cards[1]);
}

/* Errors of the bridges above are reported, as at first, or are not. */
static void many_expect_quiet(struct many_card *one, bool quiet)
{
	struct pci_dev *bridge = fixture_port(one->fx, one->port);
	struct kunit *test = one->fx->test;
	u16 devctl, errors;

	errors = PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
		 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE;
	while ((bridge = pci_upstream_bridge(bridge))) {
		pcie_capability_read_word(bridge, PCI_EXP_DEVCTL, &devctl);
		KUNIT_EXPECT_EQ_MSG(test, !(devctl & errors), quiet,
				    "Device Control of %s is %#x",
				    pci_name(bridge), devctl);
	}
}

static const unsigned int many_lates[] = { 0, 1 };

static void many_late_desc(const unsigned int *late, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "the %s one ends last",
		 *late ? "second" : "first");
}

KUNIT_ARRAY_PARAM(many_late, many_lates, many_late_desc);

static void bridges_above_stay_quiet_until_the_last_has_ended(struct kunit *test)
{
	const unsigned int *late = test->param_value;
	struct many *many = test->priv;
	struct many_card *first, *last;

	fixture_slow(test);
	many_boot_pair(many, *late);
	first = &many->cards[!*late];
	last = &many->cards[*late];
	many_expect_quiet(first, false);

	many_start(&many->cards[0]);
	many_start(&many->cards[1]);
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&first->run));
	KUNIT_EXPECT_NOT_NULL(test, READ_ONCE(last->card->serving.request));
	fixture_expect_port(first->fx, first->port, first->path.saved[0]);
	many_expect_quiet(first, true);

	KUNIT_EXPECT_EQ(test, 0, load_run_end(&last->run));
	many_expect_quiet(first, false);
	fixture_expect_path(first->fx, &first->path);
	fixture_expect_path(last->fx, &last->path);
	many_expect_own_log(first);
	many_expect_own_log(last);
}

static void stuck_card_holds_up_no_other(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct many *many = test->priv;
	struct many_card *stuck, *other;

	fixture_slow(test);
	many_boot_pair(many, 0);
	stuck = &many->cards[0];
	other = &many->cards[1];
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_set_faults(stuck->fx->sim, stuck->port,
						 &faults));
	stuck->card->settings.timeout_ms = MANY_TIMEOUT_MS;
	many_start(stuck);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(other->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(other->card, FIXTURE_FACTORY));
	KUNIT_EXPECT_NOT_NULL(test, READ_ONCE(stuck->card->serving.request));
	fixture_expect_port(other->fx, other->port, other->path.saved[0]);

	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_set_present(stuck->fx->sim, stuck->port,
						  false));
	faults.never_return = false;
	pcie_card_sim_set_faults(stuck->fx->sim, stuck->port, &faults);
	pcie_card_sim_set_present(stuck->fx->sim, stuck->port, true);
	/* The image that it starts with is not the one that was asked for. */
	KUNIT_EXPECT_EQ(test, -EIO, load_run_end(&stuck->run));
	fixture_expect_image(stuck->fx, stuck->port, FIXTURE_FACTORY);
	fixture_expect_path(stuck->fx, &stuck->path);
	fixture_expect_path(other->fx, &other->path);
}

static struct kunit_case many_cases[] = {
	KUNIT_CASE_PARAM(cards_load_at_once, many_count_gen_params),
	KUNIT_CASE_PARAM(bridges_above_stay_quiet_until_the_last_has_ended,
			 many_late_gen_params),
	KUNIT_CASE(stuck_card_holds_up_no_other),
	{}
};

struct kunit_suite fpga_card_many_suite = {
	.name = "fpga_card_many",
	.init = many_init,
	.exit = many_exit,
	.test_cases = many_cases,
};
