// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of the device tree that stand for a card: whatever comes first, they find
 * each other.
 */

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"
#include "kunit/fixtures/tree.h"

#define OF_CYCLES	25

/* For a card that somebody outside is to load, and does not. */
#define OF_TIMEOUT_MS	300

/* No management controller, so no driver that brings the card. */
static void of_without_driver(struct fixture *fx)
{
	fixture_describe_undriven(fx);
}

static void of_start(struct tree *tree)
{
	struct fixture *fx = tree->fx;

	fixture_start(fx);
	strscpy(tree->port, pci_name(fixture_port(fx, 0)), sizeof(tree->port));
}

/* What the port of the host is going to be called. */
static void of_foresee(struct tree *tree)
{
	of_start(tree);
	fixture_stop(tree->fx);
}

static void of_expect_card(struct tree *tree, const char *path)
{
	struct fpga_card *card = fixture_card(tree->fx, 0);

	KUNIT_EXPECT_TRUE_MSG(tree->fx->test,
			      tree_has_card(tree, path, card), "%s", tree->why);
	fpga_card_put(card);
}

static void node_finds_the_card_that_is_there(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	of_start(tree);
	tree_base(tree, tree->port);
	of_expect_card(tree, TREE_PATH);
}

static void card_finds_the_node_that_is_there(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	of_foresee(tree);
	tree_base(tree, tree->port);
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_PATH, NULL));
	tree_expect_why(tree, "there is no card at " TREE_PATH);
	fixture_start(tree->fx);
	KUNIT_ASSERT_STREQ(test, tree->port, pci_name(fixture_port(tree->fx, 0)));
	of_expect_card(tree, TREE_PATH);
}

static void node_loses_its_card_with_the_port_and_finds_the_next(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	of_start(tree);
	tree_base(tree, tree->port);
	of_expect_card(tree, TREE_PATH);
	fixture_stop(tree->fx);
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_PATH, NULL));
	fixture_start(tree->fx);
	of_expect_card(tree, TREE_PATH);
}

#define OF_PORT_PATH	"/fpga-cards"

/* Without linux,pci-port it is the node above that has to be the port's. */
static void node_below_that_of_its_port_needs_no_name(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct pci_dev *port;
	struct device_node *np;

	of_start(tree);
	port = fixture_port(tree->fx, 0);
	tree_base(tree, NULL);
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_PATH, NULL));

	np = of_find_node_by_path(OF_PORT_PATH);
	KUNIT_ASSERT_NOT_NULL(test, np);
	port->dev.of_node = np;
	fpga_card_overlay_sync();
	of_expect_card(tree, TREE_PATH);
	port->dev.of_node = NULL;
	of_node_put(np);
}

static void second_node_of_a_port_is_ignored(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	int second, first;
	struct dtbo *fdt;

	of_start(tree);
	tree_base(tree, tree->port);
	first = tree->base;
	fdt = tree_region(tree, TREE_TOP, "region-1", tree->port);
	tree_region_apply(tree, fdt);
	second = tree->base;
	tree->base = first;
	of_expect_card(tree, TREE_PATH);
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_TOP "/region-1", NULL));

	KUNIT_EXPECT_EQ(test, 0, of_overlay_remove(&second));
	fpga_card_overlay_sync();
	of_expect_card(tree, TREE_PATH);
}

static void disabled_node_is_no_node(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct dtbo *fdt;

	of_start(tree);
	fdt = tree_region(tree, TREE_TOP, TREE_REGION, tree->port);
	dtbo_string(fdt, "status", "disabled");
	tree_region_apply(tree, fdt);
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_PATH, NULL));
}

static const char of_images[] = FIXTURE_FACTORY "\0" FIXTURE_USER;

static struct dtbo *of_method(struct tree *tree, const char *method)
{
	struct dtbo *fdt = tree_region(tree, TREE_TOP, TREE_REGION, tree->port);
	__be32 times[2] = {
		cpu_to_be32(OF_TIMEOUT_MS), cpu_to_be32(OF_TIMEOUT_MS + 1),
	};

	dtbo_string(fdt, "reload-method", method);
	dtbo_prop(fdt, "image-names", of_images, sizeof(of_images));
	dtbo_prop(fdt, "image-timeout-ms", times, sizeof(times));
	return fdt;
}

static const struct fpga_card_image *
of_image(struct fpga_card *card, const char *name)
{
	struct fpga_card_entry *entry;

	list_for_each_entry(entry, &card->back_end.images, node) {
		if (!strcmp(entry->desc.name, name))
			return &entry->desc;
	}
	return NULL;
}

struct of_way {
	const char *method;
	enum fpga_card_start start;
	bool drops_link;
};

static const struct of_way of_ways[] = {
	{ "hot-reset", FPGA_CARD_START_HOT_RESET },
	{ "slot-power", FPGA_CARD_START_POWER_CYCLE },
	{ "external", FPGA_CARD_START_TRIGGER, true },
};

static void of_way_desc(const struct of_way *way, char *desc)
{
	strscpy(desc, way->method, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(of_way, of_ways, of_way_desc);

static void node_with_a_method_makes_a_card(struct kunit *test)
{
	const struct of_way *way = test->param_value;
	const struct fpga_card_image *desc;
	struct tree *tree = tree_of(test);
	struct fpga_card *card;

	of_without_driver(tree->fx);
	tree->fx->ports[0].power_control = true;
	of_start(tree);
	KUNIT_EXPECT_FALSE(test, tree_is_attached(tree));
	tree_region_apply(tree, of_method(tree, way->method));

	of_expect_card(tree, TREE_PATH);
	card = fixture_card(tree->fx, 0);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(card->attached));
	KUNIT_EXPECT_EQ(test, card->back_end.info.start, way->start);
	KUNIT_EXPECT_EQ(test, card->back_end.info.drops_link, way->drops_link);
	desc = of_image(card, FIXTURE_USER);
	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_EXPECT_EQ(test, desc->timeout_ms, OF_TIMEOUT_MS + 1);
	KUNIT_EXPECT_EQ(test, desc->hold_ms, 0);
	tree_base_remove(tree);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(card->attached));
	fpga_card_put(card);
}

static void node_makes_its_card_when_the_port_comes(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	of_without_driver(tree->fx);
	of_foresee(tree);
	tree_region_apply(tree, of_method(tree, "external"));
	fixture_start(tree->fx);
	fpga_card_overlay_sync();
	KUNIT_EXPECT_TRUE(test, tree_is_attached(tree));
	of_expect_card(tree, TREE_PATH);
	/* And once more for the next. */
	fixture_stop(tree->fx);
	fixture_start(tree->fx);
	fpga_card_overlay_sync();
	KUNIT_EXPECT_TRUE(test, tree_is_attached(tree));
}

static void hold_times_are_read(struct kunit *test)
{
	__be32 holds[2] = { cpu_to_be32(10), cpu_to_be32(20) };
	const struct fpga_card_image *desc;
	struct tree *tree = tree_of(test);
	struct fpga_card *card;
	struct dtbo *fdt;

	of_without_driver(tree->fx);
	of_start(tree);
	fdt = of_method(tree, "external");
	dtbo_prop(fdt, "image-hold-ms", holds, sizeof(holds));
	tree_region_apply(tree, fdt);
	card = fixture_card(tree->fx, 0);
	desc = of_image(card, FIXTURE_USER);
	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_EXPECT_EQ(test, desc->hold_ms, 20);
	fpga_card_put(card);
}

/* Its node is there already, and so is another back end: the first one stays. */
static void node_makes_no_second_card(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct fpga_card *card;

	of_start(tree);
	card = fixture_card(tree->fx, 0);
	KUNIT_EXPECT_STREQ(test, card->back_end.info.name, "sim-bmc");
	tree_region_apply(tree, of_method(tree, "external"));
	KUNIT_EXPECT_STREQ(test, card->back_end.info.name, "sim-bmc");
	tree_base_remove(tree);
	KUNIT_EXPECT_STREQ(test, card->back_end.info.name, "sim-bmc");
	fpga_card_put(card);
}

/* Nobody loads it, so the load lasts as long as its deadline. */
static void card_whose_node_goes_serves_its_request_first(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct load_run run;
	struct fpga_card *card;

	of_without_driver(tree->fx);
	of_start(tree);
	tree_region_apply(tree, of_method(tree, "external"));
	card = fixture_card(tree->fx, 0);
	load_run_start(&run, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, TREE_WAIT_MS);

	KUNIT_EXPECT_EQ(test, 0, of_overlay_remove(&tree->base));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(card->attached));
	fpga_card_overlay_sync();
	KUNIT_EXPECT_FALSE(test, READ_ONCE(card->attached));
	KUNIT_EXPECT_NULL(test, card->serving.request);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, load_run_end(&run));
	fpga_card_put(card);
}

/**
 * struct of_bad - a node that is wrong
 * @name: what about it
 * @port: linux,pci-port, NULL for the right one
 * @method: reload-method
 * @images: image-names
 * @images_len: size of @images
 * @timeouts: image-timeout-ms
 * @n_timeouts: number of @timeouts
 * @hold: image-hold-ms, 0 for none
 */
struct of_bad {
	const char *name;
	const char *port;
	const char *method;
	const char *images;
	size_t images_len;
	u32 timeouts[2];
	unsigned int n_timeouts;
	u32 hold;
};

static const struct of_bad of_bads[] = {
	{ "unknown method", NULL, "magic", "a", 2, { 10 }, 1 },
	{ "no images", NULL, "external", NULL, 0, { 10 }, 1 },
	{ "no timeouts", NULL, "external", "a", 2, {}, 0 },
	{ "too few timeouts", NULL, "external", "a\0b", 4, { 10 }, 1 },
	{ "timeout of 0", NULL, "external", "a", 2, { 0 }, 1 },
	{ "timeout too long", NULL, "external", "a", 2, { 3600001 }, 1 },
	{ "hold beyond timeout", NULL, "external", "a", 2, { 10 }, 1, 11 },
	{ "image name with a slash", NULL, "external", "a/b", 4, { 10 }, 1 },
	{ "image twice", NULL, "external", "a\0a", 4, { 10, 10 }, 2 },
	{ "image name without an end", NULL, "external", "ab", 2, { 10 }, 1 },
	{ "port without a domain", "00:01.0", "external", "a", 2, { 10 }, 1 },
	{ "port that is none", "port0", "external", "a", 2, { 10 }, 1 },
	{ "port with slot 32", "0000:00:20.0", "external", "a", 2, { 10 }, 1 },
};

static void of_bad_desc(const struct of_bad *bad, char *desc)
{
	strscpy(desc, bad->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(of_bad, of_bads, of_bad_desc);

static void malformed_node_makes_no_card(struct kunit *test)
{
	const struct of_bad *bad = test->param_value;
	struct tree *tree = tree_of(test);
	__be32 timeouts[2];
	struct dtbo *fdt;
	unsigned int i;

	of_without_driver(tree->fx);
	of_start(tree);
	fdt = tree_region(tree, TREE_TOP, TREE_REGION, bad->port ?: tree->port);
	dtbo_string(fdt, "reload-method", bad->method);
	if (bad->images)
		dtbo_prop(fdt, "image-names", bad->images, bad->images_len);
	for (i = 0; i < bad->n_timeouts; i++)
		timeouts[i] = cpu_to_be32(bad->timeouts[i]);
	if (i)
		dtbo_prop(fdt, "image-timeout-ms", timeouts, i * sizeof(*timeouts));
	if (bad->hold)
		dtbo_u32(fdt, "image-hold-ms", bad->hold);
	tree_region_apply(tree, fdt);

	KUNIT_EXPECT_FALSE(test, tree_is_attached(tree));
	tree_base_remove(tree);
}

/* The function behind the port, by its name. */
static void node_for_what_is_no_port_has_no_card(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct pci_dev *pdev;

	of_start(tree);
	pdev = fixture_function(tree->fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	tree_base(tree, pci_name(pdev));
	pci_dev_put(pdev);
	KUNIT_EXPECT_FALSE(test, tree_has_card(tree, TREE_PATH, NULL));
}

/* The kernel says so in its log if somebody still refers to a node. */
static void node_can_come_and_go_often(struct kunit *test)
{
	struct tree *tree = tree_of(test);
	struct fpga_card *card;
	unsigned int i, refs;

	of_without_driver(tree->fx);
	of_start(tree);
	tree_region_apply(tree, of_method(tree, "external"));
	card = fixture_card(tree->fx, 0);
	tree_base_remove(tree);
	refs = kref_read(&card->dev.kobj.kref);
	for (i = 0; i < OF_CYCLES; i++) {
		tree_region_apply(tree, of_method(tree, "external"));
		KUNIT_ASSERT_TRUE(test, READ_ONCE(card->attached));
		tree_base_remove(tree);
		KUNIT_ASSERT_FALSE(test, READ_ONCE(card->attached));
	}
	KUNIT_EXPECT_EQ(test, refs, kref_read(&card->dev.kobj.kref));
	fpga_card_put(card);
}

static struct kunit_case of_cases[] = {
	KUNIT_CASE(node_finds_the_card_that_is_there),
	KUNIT_CASE(card_finds_the_node_that_is_there),
	KUNIT_CASE(node_loses_its_card_with_the_port_and_finds_the_next),
	KUNIT_CASE(node_below_that_of_its_port_needs_no_name),
	KUNIT_CASE(second_node_of_a_port_is_ignored),
	KUNIT_CASE(disabled_node_is_no_node),
	KUNIT_CASE_PARAM(node_with_a_method_makes_a_card, of_way_gen_params),
	KUNIT_CASE(node_makes_its_card_when_the_port_comes),
	KUNIT_CASE(hold_times_are_read),
	KUNIT_CASE(node_makes_no_second_card),
	KUNIT_CASE(card_whose_node_goes_serves_its_request_first),
	KUNIT_CASE_PARAM(malformed_node_makes_no_card, of_bad_gen_params),
	KUNIT_CASE(node_for_what_is_no_port_has_no_card),
	KUNIT_CASE(node_can_come_and_go_often),
	{}
};

struct kunit_suite fpga_card_overlay_node_suite = {
	.name = "fpga_card_overlay_node",
	.suite_init = tree_suite_init,
	.suite_exit = tree_suite_exit,
	.init = tree_init,
	.exit = tree_exit,
	.test_cases = of_cases,
};
