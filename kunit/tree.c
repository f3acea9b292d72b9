// SPDX-License-Identifier: GPL-2.0-only
/*
 * A simulated card with a node in the device tree, overlays for that, and a driver
 * for what those say is in the image.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>

#include "tree.h"

#define TREE_CHILD	"fpga-card-kunit,child"

struct tree_hooks tree_hooks;

static int tree_probe(struct platform_device *pdev)
{
	atomic_inc(&tree_hooks.probes);
	if (tree_hooks.probe)
		tree_hooks.probe(pdev);
	return 0;
}

static void tree_remove_child(struct platform_device *pdev)
{
	atomic_inc(&tree_hooks.removes);
	if (tree_hooks.remove)
		tree_hooks.remove(pdev);
}

static const struct of_device_id tree_ids[] = {
	{ .compatible = TREE_CHILD },
	{}
};

static struct platform_driver tree_driver = {
	.driver = {
		.name = "fpga-card-kunit-child",
		.of_match_table = tree_ids,
	},
	.probe = tree_probe,
	.remove = tree_remove_child,
};

int tree_suite_init(struct kunit_suite *suite)
{
	return platform_driver_register(&tree_driver);
}

void tree_suite_exit(struct kunit_suite *suite)
{
	platform_driver_unregister(&tree_driver);
}

/* The fixture is as in the other suites, and the tree is beside it. */
static struct tree tree_now;

struct tree *tree_of(struct kunit *test)
{
	return &tree_now;
}

int tree_init(struct kunit *test)
{
	int ret = fixture_init(test);

	if (ret)
		return ret;
	memset(&tree_now, 0, sizeof(tree_now));
	memset(&tree_hooks, 0, sizeof(tree_hooks));
	tree_now.fx = test->priv;
	return 0;
}

/* Also of a case that failed, so in the order that always works. */
void tree_exit(struct kunit *test)
{
	struct tree *tree = tree_of(test);

	memset(&tree_hooks, 0, sizeof(tree_hooks));
	if (tree->ov)
		fpga_card_overlay_removing(tree->ov);
	if (tree->image)
		of_overlay_remove(&tree->image);
	if (tree->ov)
		fpga_card_overlay_end(tree->ov);
	of_node_put(tree->np);
	tree->np = NULL;
	if (tree->base)
		of_overlay_remove(&tree->base);
	fpga_card_overlay_sync();
	if (tree->card)
		fpga_card_put(tree->card);
	memset(tree, 0, sizeof(*tree));
	fixture_exit(test);
}

/*
 * Begins a base overlay with a region node, which the caller adds to, at @top/@name;
 * @port: for linux,pci-port, NULL for none.
 */
struct dtbo *tree_region(struct tree *tree, const char *top, const char *name,
			 const char *port)
{
	struct dtbo *fdt = dtbo_start(tree->fx->test);
	bool made = !strcmp(top, TREE_TOP);

	dtbo_fragment(fdt, made ? "/" : top);
	if (made)
		dtbo_node(fdt, TREE_TOP + 1);
	dtbo_node(fdt, name);
	dtbo_string(fdt, "compatible", "pcie-fpga-region");
	dtbo_u32(fdt, "#address-cells", 1);
	dtbo_u32(fdt, "#size-cells", 0);
	if (port)
		dtbo_string(fdt, "linux,pci-port", port);
	return fdt;
}

/* Ends that, and applies it; @fdt is for TREE_PATH. */
void tree_region_apply(struct tree *tree, struct dtbo *fdt)
{
	dtbo_node_end(fdt);
	dtbo_node_end(fdt);
	dtbo_fragment_end(fdt);
	KUNIT_ASSERT_EQ(tree->fx->test, 0, dtbo_apply(fdt, &tree->base));
	fpga_card_overlay_sync();
}

void tree_base(struct tree *tree, const char *port)
{
	tree_region_apply(tree, tree_region(tree, TREE_TOP, TREE_REGION, port));
}

void tree_base_remove(struct tree *tree)
{
	KUNIT_EXPECT_EQ(tree->fx->test, 0, of_overlay_remove(&tree->base));
	fpga_card_overlay_sync();
}

/* Host, card and node, in this order. */
void tree_start(struct tree *tree)
{
	struct fixture *fx = tree->fx;

	fixture_start(fx);
	strscpy(tree->port, pci_name(fixture_port(fx, 0)), sizeof(tree->port));
	tree_base(tree, tree->port);
	tree->np = of_find_node_by_path(TREE_PATH);
	KUNIT_ASSERT_NOT_NULL(fx->test, tree->np);
	tree->card = fpga_card_find(fixture_port(fx, 0));
	pcie_card_sim_log_clear(fx->sim);
}

/* Whether the node at @path stands for @card, or for any if that is NULL. */
bool tree_has_card(struct tree *tree, const char *path, struct fpga_card *card)
{
	struct fpga_card_overlay_info info = { .external = true };
	struct device_node *np = of_find_node_by_path(path);
	struct fpga_card_overlay *ov;
	bool found = false;

	KUNIT_ASSERT_NOT_NULL(tree->fx->test, np);
	if (!fpga_card_overlay_begin(np, "probe", &info, &ov, tree->why,
				     sizeof(tree->why))) {
		found = !card || ov->card == card;
		fpga_card_overlay_end(ov);
	}
	of_node_put(np);
	return found;
}

/* Whether there is a card below the port, with a back end. */
bool tree_is_attached(struct tree *tree)
{
	struct fpga_card *card = fpga_card_find(fixture_port(tree->fx, 0));
	bool attached = card && READ_ONCE(card->attached);

	if (card)
		fpga_card_put(card);
	return attached;
}

int tree_begin(struct tree *tree, const char *image)
{
	struct fpga_card_overlay_info info = { .firmware_name = image };

	return fpga_card_overlay_begin(tree->np, "case", &info, &tree->ov,
				       tree->why, sizeof(tree->why));
}

static void tree_child(struct dtbo *fdt, unsigned int number)
{
	char name[16];

	snprintf(name, sizeof(name), "child@%u", number);
	dtbo_node(fdt, name);
	dtbo_string(fdt, "compatible", TREE_CHILD);
	dtbo_u32(fdt, "reg", number);
	dtbo_node_end(fdt);
}

/* Applies an overlay for @image, as any loader would. */
int tree_apply(struct tree *tree, const char *image)
{
	struct dtbo *fdt = dtbo_start(tree->fx->test);
	unsigned int i;

	dtbo_fragment(fdt, TREE_PATH);
	if (image)
		dtbo_string(fdt, "firmware-name", image);
	for (i = 0; i < TREE_CHILDREN; i++)
		tree_child(fdt, i);
	/* No device comes of these. */
	dtbo_node(fdt, "plain");
	dtbo_node_end(fdt);
	dtbo_node(fdt, "disabled");
	dtbo_string(fdt, "compatible", TREE_CHILD);
	dtbo_string(fdt, "status", "disabled");
	dtbo_node_end(fdt);
	dtbo_fragment_end(fdt);
	return dtbo_apply(fdt, &tree->image);
}

int tree_remove(struct tree *tree)
{
	return of_overlay_remove(&tree->image);
}

/* As the loader of this project, from mkdir to the end of the write. */
void tree_enter(struct tree *tree, const char *image)
{
	struct kunit *test = tree->fx->test;

	KUNIT_ASSERT_EQ_MSG(test, 0, tree_begin(tree, image), "%s", tree->why);
	tree_expect_children(tree, 0);
	KUNIT_ASSERT_EQ(test, 0, tree_apply(tree, image));
	tree_expect_children(tree, 0);
	KUNIT_ASSERT_EQ_MSG(test, 0,
			    fpga_card_overlay_applied(tree->ov, tree->why,
						      sizeof(tree->why)),
			    "%s", tree->why);
	tree_expect_children(tree, TREE_CHILDREN);
}

/* And rmdir. */
void tree_leave(struct tree *tree)
{
	struct kunit *test = tree->fx->test;

	KUNIT_ASSERT_EQ(test, 0, fpga_card_overlay_removing(tree->ov));
	tree_expect_children(tree, 0);
	KUNIT_ASSERT_EQ(test, 0, tree_remove(tree));
	fpga_card_overlay_end(tree->ov);
	tree->ov = NULL;
}

static int tree_count_child(struct device *dev, void *data)
{
	unsigned int *count = data;

	*count += dev->driver == &tree_driver.driver;
	return 0;
}

/* Devices of children right below the region, with their driver. */
static unsigned int tree_count(struct tree *tree)
{
	unsigned int count = 0;

	if (tree->card)
		device_for_each_child(&tree->card->region->dev, &count,
				      tree_count_child);
	return count;
}

void tree_expect_children(struct tree *tree, unsigned int count)
{
	KUNIT_EXPECT_EQ(tree->fx->test, tree_count(tree), count);
	KUNIT_EXPECT_EQ(tree->fx->test, count,
			atomic_read(&tree_hooks.probes) -
			atomic_read(&tree_hooks.removes));
}

/* The same where they come behind the caller's back. */
void tree_wait_children(struct tree *tree, unsigned int count)
{
	unsigned long end = jiffies + msecs_to_jiffies(TREE_WAIT_MS);

	while (tree_count(tree) != count && time_before(jiffies, end))
		usleep_range(1000, 2000);
	tree_expect_children(tree, count);
}

void tree_expect_why(struct tree *tree, const char *part)
{
	KUNIT_EXPECT_TRUE_MSG(tree->fx->test, strstr(tree->why, part),
			      "the sentence is \"%s\"", tree->why);
}

/* Nobody did anything to the card or its port since the log was cleared. */
void tree_expect_untouched(struct tree *tree)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_DEV_DEL) |
			BIT(PCIE_CARD_SIM_DEV_UNBIND) |
			BIT(PCIE_CARD_SIM_LINK_DOWN) |
			BIT(PCIE_CARD_SIM_TRIGGER) |
			BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};

	KUNIT_EXPECT_EQ(tree->fx->test, 0,
			pcie_card_sim_log_count(tree->fx->sim, &match));
	KUNIT_EXPECT_EQ(tree->fx->test, FPGA_CARD_IDLE,
			READ_ONCE(tree->card->state));
	KUNIT_EXPECT_NULL(tree->fx->test, tree->card->overlay);
}

unsigned int tree_refs(struct tree *tree)
{
	return kref_read(&tree->np->kobj.kref) +
	       kref_read(&tree->card->dev.kobj.kref);
}

/* What the children's driver finds when it is called. */
static void tree_remove_expects_functions(struct platform_device *pdev)
{
	struct tree *tree = tree_hooks.data;
	struct pci_dev *port = fixture_port(tree->fx, 0);
	struct pcie_card_sim_event event;

	KUNIT_EXPECT_EQ(tree->fx->test, fixture_count(tree->fx, 0), 1);
	/* The card is asked what it runs; its port is not touched. */
	KUNIT_EXPECT_FALSE(tree->fx->test,
			   fixture_find_write(tree->fx, port,
					      pci_pcie_cap(port) + PCI_EXP_DEVCTL,
					      0, 0, 0, &event));
	KUNIT_EXPECT_FALSE(tree->fx->test,
			   pci_reload_is_open(tree->card->window));
}

static void tree_probe_expects_functions(struct platform_device *pdev)
{
	struct tree *tree = tree_hooks.data;
	struct pcie_card_sim_event event;

	fixture_expect_image(tree->fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(tree->fx->test,
			  fixture_find(tree->fx, PCIE_CARD_SIM_IMAGE,
				       FIXTURE_USER, 0, &event));
	KUNIT_EXPECT_FALSE(tree->fx->test,
			   pci_reload_is_open(tree->card->window));
}

void tree_watch(struct tree *tree)
{
	pcie_card_sim_log_clear(tree->fx->sim);
	atomic_set(&tree_hooks.probes, TREE_CHILDREN);
	atomic_set(&tree_hooks.removes, 0);
	tree_hooks.data = tree;
	tree_hooks.remove = tree_remove_expects_functions;
	tree_hooks.probe = tree_probe_expects_functions;
}

void tree_unwatch(struct tree *tree)
{
	KUNIT_EXPECT_EQ(tree->fx->test, atomic_read(&tree_hooks.probes),
			2 * TREE_CHILDREN);
	KUNIT_EXPECT_EQ(tree->fx->test, atomic_read(&tree_hooks.removes),
			TREE_CHILDREN);
	tree_hooks.remove = NULL;
	tree_hooks.probe = NULL;
}
