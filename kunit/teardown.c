// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who goes when: functions below the port, and devices below the function that
 * stays for the trigger.
 */

#include <linux/device.h>
#include <linux/pci-reload.h>
#include <linux/platform_device.h>

#include "fixture.h"
#include "suites.h"

#define TEARDOWN_TIMEOUT_MS	1000
#define TEARDOWN_DEPTH_MAX	6
#define TEARDOWN_NODES_MAX	(3 * TEARDOWN_DEPTH_MAX)
#define TEARDOWN_DRIVER		"fpga-card-kunit-node"

/**
 * struct teardown_node - a device in a tree below the control function
 * @pdev: the device
 * @depth: 1 for a child of the function
 * @reserved: the control device or an ancestor of it
 * @gone: it was the @gone-th to lose its driver; 0 if it has it
 */
struct teardown_node {
	struct platform_device *pdev;
	unsigned int depth;
	bool reserved;
	unsigned int gone;
};

/* Only one case runs at a time. */
static unsigned int teardown_unbound;

static void teardown_node_unbound(void *data)
{
	struct teardown_node *node = data;

	node->gone = ++teardown_unbound;
}

static int teardown_node_probe(struct platform_device *pdev)
{
	struct teardown_node **node = dev_get_platdata(&pdev->dev);

	return devm_add_action(&pdev->dev, teardown_node_unbound, *node);
}

static struct platform_driver teardown_driver = {
	.probe = teardown_node_probe,
	.driver.name = TEARDOWN_DRIVER,
};

static int teardown_suite_init(struct kunit_suite *suite)
{
	return platform_driver_register(&teardown_driver);
}

static void teardown_suite_exit(struct kunit_suite *suite)
{
	platform_driver_unregister(&teardown_driver);
}

static int teardown_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; !ret && i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].bmc = false;
	teardown_unbound = 0;
	return ret;
}

static void teardown_boot(struct fixture *fx, const char *image)
{
	strscpy(fx->ports[0].card.boot_image, image,
		sizeof(fx->ports[0].card.boot_image));
	fixture_start(fx);
}

static struct pci_reload *teardown_open(struct fixture *fx)
{
	struct pci_reload *pr;

	pr = pci_reload_alloc(fixture_port(fx, 0), NULL, NULL);
	KUNIT_ASSERT_FALSE(fx->test, IS_ERR(pr));
	KUNIT_ASSERT_EQ(fx->test, 0, pci_reload_open(pr));
	return pr;
}

/* What is left goes, and the card comes back. */
static void teardown_close(struct fixture *fx, struct pci_reload *pr)
{
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_EQ(fx->test, 0,
			pci_reload_wait_link(pr, TEARDOWN_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_settle(pr, TEARDOWN_TIMEOUT_MS));
	KUNIT_EXPECT_GT(fx->test, pci_reload_enumerate(pr), 0);
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_close(pr));
	pci_reload_free(pr);
}

/* Sequence number of a function's removal. */
static u64 teardown_removed(struct fixture *fx, const char *name)
{
	struct pcie_card_sim_event event = {};

	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, name, 0,
					   &event),
			      "%s was not removed", name);
	return event.seq;
}

static void functions_go_from_the_highest_number(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char name[3][PCIE_CARD_SIM_NAME_LEN];
	struct pci_reload *pr;
	struct pci_dev *pdev;
	unsigned int i;

	teardown_boot(fx, FIXTURE_WIDE);
	for (i = 0; i < 3; i++) {
		pdev = fixture_function(fx, 0, i);
		KUNIT_ASSERT_NOT_NULL(test, pdev);
		strscpy(name[i], pci_name(pdev), sizeof(name[i]));
		pci_dev_put(pdev);
	}
	pr = teardown_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_LT(test, teardown_removed(fx, name[2]),
			teardown_removed(fx, name[1]));
	KUNIT_EXPECT_LT(test, teardown_removed(fx, name[1]),
			teardown_removed(fx, name[0]));
	teardown_close(fx, pr);
}

static void kept_function_stays_alone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *left;
	struct pci_reload *pr;

	teardown_boot(fx, FIXTURE_WIDE);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pr = teardown_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, pdev));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	left = fixture_function(fx, 0, 0);
	KUNIT_EXPECT_PTR_EQ(test, left, pdev);
	pci_dev_put(left);
	pci_dev_put(pdev);
	teardown_close(fx, pr);
}

static void function_elsewhere_is_not_kept(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	unsigned int count;
	struct pci_dev *pdev;

	fx->config.n_ports = 2;
	teardown_boot(fx, FIXTURE_WIDE);
	count = fixture_count(fx, 0);
	pdev = fixture_function(fx, 1, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pr = teardown_open(fx);
	KUNIT_EXPECT_EQ(test, -EINVAL, pci_reload_remove_functions(pr, pdev));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	pci_reload_free(pr);
}

/* VFs that a driver has enabled, and VFs that nobody owns. */
static const bool teardown_vf_owners[] = { false, true };

static void teardown_vf_owner_desc(const bool *bound, char *desc)
{
	strscpy(desc, *bound ? "PF with a driver" : "PF without a driver",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(teardown_vf_owner, teardown_vf_owners, teardown_vf_owner_desc);

static void vfs_go_before_any_pf(struct kunit *test)
{
	const bool *bound = test->param_value;
	char vf_name[4][PCIE_CARD_SIM_NAME_LEN];
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct pci_dev *pf, *vf, *other;
	struct pci_reload *pr;
	u64 last_vf = 0;
	int i;

	teardown_boot(fx, FIXTURE_WIDE);
	pf = fixture_function(fx, 0, 1);
	other = fixture_function(fx, 0, 2);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_ASSERT_NOT_NULL(test, other);
	if (!*bound)
		device_release_driver(&pf->dev);
	pci_lock_rescan_remove();
	KUNIT_EXPECT_EQ(test, 0, pci_enable_sriov(pf, 4));
	pci_unlock_rescan_remove();
	KUNIT_ASSERT_EQ(test, fixture_count(fx, 0), 7);

	for (i = 0; i < 4; i++) {
		vf = fixture_vf(pf, i);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		strscpy(vf_name[i], pci_name(vf), sizeof(vf_name[i]));
		pci_dev_put(vf);
	}

	pr = teardown_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	for (i = 0; i < 4; i++)
		last_vf = max(last_vf, teardown_removed(fx, vf_name[i]));
	strscpy(name, pci_name(pf), sizeof(name));
	KUNIT_EXPECT_LT(test, last_vf, teardown_removed(fx, name));
	strscpy(name, pci_name(other), sizeof(name));
	KUNIT_EXPECT_LT(test, last_vf, teardown_removed(fx, name));
	pci_dev_put(other);
	pci_dev_put(pf);
	teardown_close(fx, pr);
}

static int teardown_count_bridges(struct pci_dev *pdev, void *data)
{
	unsigned int *bridges = data;

	if (pci_is_bridge(pdev))
		(*bridges)++;
	return 0;
}

static int teardown_find_endpoint(struct pci_dev *pdev, void *data)
{
	struct pci_dev **found = data;

	if (!pci_is_bridge(pdev) && !*found)
		*found = pci_dev_get(pdev);
	return 0;
}

static void bridges_above_the_kept_function_stay(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev = NULL;
	unsigned int bridges = 0;
	struct pci_reload *pr;
	struct pci_bus *bus;

	fx->ports[0].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 2;
	teardown_boot(fx, FIXTURE_WIDE);
	bus = fixture_port(fx, 0)->subordinate;
	pci_walk_bus(bus, teardown_find_endpoint, &pdev);
	KUNIT_ASSERT_NOT_NULL(test, pdev);

	pr = teardown_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, pdev));
	pci_walk_bus(bus, teardown_count_bridges, &bridges);
	/* The switch's upstream port, and the one leg that leads to it. */
	KUNIT_EXPECT_EQ(test, bridges, 2);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 3);
	pci_dev_put(pdev);
	teardown_close(fx, pr);
}

struct teardown_tree {
	struct teardown_node node[TEARDOWN_NODES_MAX];
	unsigned int count;
	struct device *control;
};

static struct teardown_node *
teardown_add(struct kunit *test, struct teardown_tree *tree,
	     struct device *parent, unsigned int depth, bool reserved)
{
	struct teardown_node *node = &tree->node[tree->count++];
	struct platform_device_info info = {
		.parent = parent,
		.name = TEARDOWN_DRIVER,
		.id = PLATFORM_DEVID_AUTO,
		.data = &node,
		.size_data = sizeof(node),
	};

	node->depth = depth;
	node->reserved = reserved;
	node->pdev = platform_device_register_full(&info);
	KUNIT_ASSERT_FALSE(test, IS_ERR(node->pdev));
	KUNIT_ASSERT_NOT_NULL(test, node->pdev->dev.driver);
	return node;
}

/*
 * A chain of @depth devices that ends in the control device; each link of it
 * has a sibling, and that has a child.
 */
static void teardown_grow(struct kunit *test, struct teardown_tree *tree,
			  struct device *top, unsigned int depth)
{
	struct teardown_node *sibling;
	struct device *parent = top;
	unsigned int i;

	for (i = 1; i <= depth; i++) {
		sibling = teardown_add(test, tree, parent, i, false);
		teardown_add(test, tree, &sibling->pdev->dev, i + 1, false);
		tree->control = &teardown_add(test, tree, parent, i,
					      true)->pdev->dev;
		parent = tree->control;
	}
}

static void teardown_fell(struct teardown_tree *tree)
{
	while (tree->count)
		platform_device_unregister(tree->node[--tree->count].pdev);
}

static const unsigned int teardown_depths[] = { 1, 2, 3, 4, 5, 6 };

static void teardown_depth_desc(const unsigned int *depth, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "control device at depth %u",
		 *depth);
}

KUNIT_ARRAY_PARAM(teardown_depth, teardown_depths, teardown_depth_desc);

static void only_reserved_devices_keep_their_drivers(struct kunit *test)
{
	const unsigned int *depth = test->param_value;
	struct fixture *fx = test->priv;
	struct teardown_tree *tree;
	struct teardown_node *node;
	struct pci_reload *pr;
	struct pci_dev *pdev;
	unsigned int i;

	tree = kunit_kzalloc(test, sizeof(*tree), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tree);
	teardown_boot(fx, FIXTURE_USER);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	teardown_grow(test, tree, &pdev->dev, *depth);

	pr = teardown_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, pdev));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_unbind_children(pr, &pdev->dev,
							    tree->control));

	for (i = 0; i < tree->count; i++) {
		node = &tree->node[i];
		/* Unbound, not unregistered: it belongs to its maker. */
		KUNIT_EXPECT_TRUE(test, device_is_registered(&node->pdev->dev));
		KUNIT_EXPECT_EQ_MSG(test, !node->gone, node->reserved,
				    "node %u at depth %u", i, node->depth);
	}
	/* Nodes come in threes: a sibling, its child, the reserved one. */
	for (i = 0; i < tree->count; i += 3)
		KUNIT_EXPECT_LT_MSG(test, tree->node[i + 1].gone,
				    tree->node[i].gone, "siblings at depth %u",
				    tree->node[i].depth);

	teardown_fell(tree);
	pci_dev_put(pdev);
	teardown_close(fx, pr);
}

static struct kunit_case teardown_cases[] = {
	KUNIT_CASE(functions_go_from_the_highest_number),
	KUNIT_CASE(kept_function_stays_alone),
	KUNIT_CASE(function_elsewhere_is_not_kept),
	KUNIT_CASE_PARAM(vfs_go_before_any_pf, teardown_vf_owner_gen_params),
	KUNIT_CASE(bridges_above_the_kept_function_stay),
	KUNIT_CASE_PARAM(only_reserved_devices_keep_their_drivers,
			 teardown_depth_gen_params),
	{}
};

struct kunit_suite pci_reload_teardown_suite = {
	.name = "pci_reload_teardown",
	.suite_init = teardown_suite_init,
	.suite_exit = teardown_suite_exit,
	.init = teardown_init,
	.exit = fixture_exit,
	.test_cases = teardown_cases,
};
