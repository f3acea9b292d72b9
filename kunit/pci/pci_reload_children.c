// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices below the function that stays for the trigger: who keeps its driver, and what
 * happens if they do not hold still. One file, as a suite is one object, and its cases
 * share what is set up at its top.
 */

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

/* For how long a driver is waited for in silence, in a case about that */
#define CHILDREN_PATIENCE_MS	2000

#define CHILDREN_DEPTH_MAX	6
#define CHILDREN_NODES_MAX	(3 * CHILDREN_DEPTH_MAX)
#define CHILDREN_DRIVER		"fpga-card-kunit-node"

/* More than any card has, and more than the window puts up with. */
#define CHILDREN_HEIRS		1100

/**
 * struct children_node - a device in a tree below the control function
 * @pdev: the device; NULL if it was unregistered
 * @depth: 1 for a child of the function
 * @reserved: the control device or an ancestor of it
 * @gone: it was the @gone-th to lose its driver; 0 if it has it
 * @unbound: called when it loses its driver
 */
struct children_node {
	struct platform_device *pdev;
	unsigned int depth;
	bool reserved;
	unsigned int gone;
	void (*unbound)(struct children_node *node);
};

/**
 * struct children_tree - the devices of a case
 * @test: the test
 * @node: the devices
 * @count: number of elements of @node
 * @top: the function that they are below
 * @control: the control device
 * @pr: a window in which the other functions were removed
 * @heir: devices that came while others were unbound
 * @n_heirs: how many there are
 * @max_heirs: how many there may be
 */
struct children_tree {
	struct kunit *test;
	struct children_node node[CHILDREN_NODES_MAX];
	unsigned int count;
	struct pci_dev *top;
	struct device *control;
	struct pci_reload *pr;
	struct platform_device **heir;
	unsigned int n_heirs;
	unsigned int max_heirs;
};

/* Only one case runs at a time. */
static unsigned int children_unbound;
static unsigned int children_comebacks;
static struct children_tree *children_tree;

static void children_node_unbound(void *data)
{
	struct children_node *node = data;

	node->gone = ++children_unbound;
	if (node->unbound)
		node->unbound(node);
}

static int children_node_probe(struct platform_device *pdev)
{
	struct children_node **node = dev_get_platdata(&pdev->dev);

	return devm_add_action(&pdev->dev, children_node_unbound, *node);
}

static struct platform_driver children_driver = {
	.probe = children_node_probe,
	.driver.name = CHILDREN_DRIVER,
};

/* A bus that nobody has heard of, whose driver takes everything. */
static unsigned int children_bus_gone;

static void children_bus_remove(struct device *dev)
{
	children_bus_gone = ++children_unbound;
}

/* const, save for older kernels, which write to it */
static typeof(platform_bus_type) children_bus = {
	.name = "fpga-card-kunit",
	.remove = children_bus_remove,
};

static struct device_driver children_bus_driver = {
	.name = CHILDREN_DRIVER,
	.bus = &children_bus,
};

static int children_bus_register(void)
{
	int ret = bus_register(&children_bus);

	if (ret)
		return ret;
	ret = driver_register(&children_bus_driver);
	if (ret)
		bus_unregister(&children_bus);
	return ret;
}

static void children_bus_unregister(void)
{
	driver_unregister(&children_bus_driver);
	bus_unregister(&children_bus);
}

static int children_suite_init(struct kunit_suite *suite)
{
	int ret;

	ret = platform_driver_register(&children_driver);
	if (ret)
		return ret;
	ret = children_bus_register();
	if (ret)
		goto err_platform;
	ret = cycle_suite_init(suite);
	if (ret)
		goto err_bus;
	return 0;

err_bus:
	children_bus_unregister();
err_platform:
	platform_driver_unregister(&children_driver);
	return ret;
}

static void children_suite_exit(struct kunit_suite *suite)
{
	cycle_suite_exit(suite);
	children_bus_unregister();
	platform_driver_unregister(&children_driver);
}

static int children_init(struct kunit *test)
{
	children_unbound = 0;
	children_tree = NULL;
	return cycle_init(test);
}

static void children_fell(struct children_tree *tree)
{
	struct platform_device *pdev;
	unsigned int i;

	for (i = 0; i < tree->count; i++)
		tree->node[i].unbound = NULL;
	while (tree->n_heirs)
		platform_device_unregister(tree->heir[--tree->n_heirs]);
	while (tree->count) {
		pdev = tree->node[--tree->count].pdev;
		if (pdev)
			platform_device_unregister(pdev);
	}
}

/* A case may end at any point: the devices go before the host. */
static void children_exit(struct kunit *test)
{
	struct children_tree *tree = children_tree;

	if (tree) {
		children_fell(tree);
		if (tree->pr) {
			pci_reload_close(tree->pr);
			pci_reload_free(tree->pr);
		}
		pci_dev_put(tree->top);
	}
	children_tree = NULL;
	cycle_exit(test);
}

/* An open window with nothing but the control function below the port. */
static struct children_tree *children_plant(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct children_tree *tree;

	tree = kunit_kzalloc(test, sizeof(*tree), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tree);
	tree->test = test;
	cycle_boot(fx, FIXTURE_USER);
	children_tree = tree;
	tree->top = cycle_function(fx, 0);
	tree->pr = window_open(fx);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_remove_functions(tree->pr,
							     tree->top));
	return tree;
}

static struct platform_device *children_register(struct children_node *node,
						 struct device *parent)
{
	struct platform_device_info info = {
		.parent = parent,
		.name = CHILDREN_DRIVER,
		.id = PLATFORM_DEVID_AUTO,
		.data = &node,
		.size_data = sizeof(node),
	};

	return platform_device_register_full(&info);
}

static struct children_node *children_add(struct children_tree *tree,
					  struct device *parent,
					  unsigned int depth)
{
	struct children_node *node = &tree->node[tree->count++];

	node->depth = depth;
	node->pdev = children_register(node, parent);
	KUNIT_ASSERT_FALSE(tree->test, IS_ERR(node->pdev));
	KUNIT_ASSERT_NOT_NULL(tree->test, node->pdev->dev.driver);
	return node;
}

/*
 * A chain of @depth devices that ends in the control device; each link of it
 * has a sibling, and that has a child.
 */
static void children_grow(struct children_tree *tree, unsigned int depth)
{
	struct device *parent = &tree->top->dev;
	struct children_node *node;
	unsigned int i;

	for (i = 1; i <= depth; i++) {
		node = children_add(tree, parent, i);
		children_add(tree, &node->pdev->dev, i + 1);
		node = children_add(tree, parent, i);
		node->reserved = true;
		parent = &node->pdev->dev;
	}
	tree->control = parent;
}

static int children_unbind(struct children_tree *tree)
{
	return pci_reload_unbind_children(tree->pr, &tree->top->dev,
					  tree->control);
}

static void children_expect_reserved(struct children_tree *tree)
{
	struct children_node *node;
	unsigned int i;

	for (i = 0; i < tree->count; i++) {
		node = &tree->node[i];
		/* Unbound, not unregistered: it belongs to its maker. */
		KUNIT_EXPECT_TRUE(tree->test,
				  device_is_registered(&node->pdev->dev));
		KUNIT_EXPECT_EQ_MSG(tree->test, !node->gone, node->reserved,
				    "node %u at depth %u", i, node->depth);
	}
}

static const unsigned int children_depths[] = { 1, 2, 3, 4, 5, 6 };

static void children_depth_desc(const unsigned int *depth, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "control device at depth %u",
		 *depth);
}

KUNIT_ARRAY_PARAM(children_depth, children_depths, children_depth_desc);

static void only_reserved_devices_keep_their_drivers(struct kunit *test)
{
	const unsigned int *depth = test->param_value;
	struct children_tree *tree = children_plant(test);
	unsigned int i;

	children_grow(tree, *depth);
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	children_expect_reserved(tree);
	/* Nodes come in threes: a sibling, its child, the reserved one. */
	for (i = 0; i < tree->count; i += 3)
		KUNIT_EXPECT_LT_MSG(test, tree->node[i + 1].gone,
				    tree->node[i].gone, "siblings at depth %u",
				    tree->node[i].depth);
}

/* Devices of one kind, of which each in turn is the control device. */
static const unsigned int children_candidates[] = { 0, 1, 2, 3 };

static void children_candidate_desc(const unsigned int *candidate, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "candidate %u of %zu",
		 1 + *candidate, ARRAY_SIZE(children_candidates));
}

KUNIT_ARRAY_PARAM(children_candidate, children_candidates,
		  children_candidate_desc);

static void other_candidates_lose_their_drivers(struct kunit *test)
{
	const unsigned int *candidate = test->param_value;
	struct children_tree *tree = children_plant(test);
	struct children_node *node;
	unsigned int i;

	/* Two below the function, two more below the first of these. */
	for (i = 0; i < ARRAY_SIZE(children_candidates); i++)
		children_add(tree, i < 2 ? &tree->top->dev :
					   &tree->node[0].pdev->dev, 1 + i / 2);
	node = &tree->node[*candidate];
	node->reserved = true;
	if (*candidate >= 2)
		tree->node[0].reserved = true;
	tree->control = &node->pdev->dev;

	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	children_expect_reserved(tree);
}

static void function_that_is_the_control_device_loses_all_below(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);
	unsigned int i;

	children_grow(tree, 3);
	for (i = 0; i < tree->count; i++)
		tree->node[i].reserved = false;
	tree->control = &tree->top->dev;
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	children_expect_reserved(tree);
	KUNIT_EXPECT_NOT_NULL(test, tree->top->dev.driver);
}

static void children_release(struct device *dev)
{
	kfree(dev);
}

/* Registered below @parent, and not on any bus unless on that of this file. */
static struct device *children_raw(struct children_tree *tree,
				   struct device *parent, bool on_bus,
				   const char *name)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(tree->test, dev);
	dev->parent = parent;
	dev->release = children_release;
	if (on_bus)
		dev->bus = &children_bus;
	device_initialize(dev);
	KUNIT_ASSERT_EQ(tree->test, 0, dev_set_name(dev, "%s", name));
	KUNIT_ASSERT_EQ(tree->test, 0, device_add(dev));
	return dev;
}

/* function - (no bus) - (a bus of its own) - platform, and one beside it */
static void bus_of_a_device_does_not_matter(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);
	struct device *plain, *other;

	plain = children_raw(tree, &tree->top->dev, false, "kunit-plain");
	other = children_raw(tree, plain, true, "kunit-other");
	KUNIT_EXPECT_NOT_NULL(test, other->driver);
	children_add(tree, other, 3);
	children_add(tree, &tree->top->dev, 1);
	tree->node[1].reserved = true;
	tree->control = &tree->node[1].pdev->dev;

	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	children_expect_reserved(tree);
	KUNIT_EXPECT_NULL(test, other->driver);
	KUNIT_EXPECT_EQ(test, tree->node[0].gone, 1);
	KUNIT_EXPECT_EQ(test, children_bus_gone, 2);

	children_fell(tree);
	device_unregister(other);
	device_unregister(plain);
}

/* Control devices can be on any bus as well. */
static void control_device_on_another_bus_keeps_its_driver(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);
	struct device *plain;

	plain = children_raw(tree, &tree->top->dev, false, "kunit-plain");
	tree->control = children_raw(tree, plain, true, "kunit-other");
	children_add(tree, plain, 2);
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	children_expect_reserved(tree);
	KUNIT_EXPECT_NOT_NULL(test, tree->control->driver);

	children_fell(tree);
	device_unregister(tree->control);
	device_unregister(plain);
}

static void control_device_elsewhere_is_refused(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);
	struct fixture *fx = test->priv;

	children_grow(tree, 2);
	tree->control = &fixture_port(fx, 0)->dev;
	KUNIT_EXPECT_EQ(test, -ENODEV, children_unbind(tree));
	window_expect_reason(test, tree->pr, "went away");
	KUNIT_EXPECT_EQ(test, children_unbound, 0);
}

/* As if the card's management controller had crashed. */
static void children_take_control_along(struct children_node *node)
{
	struct children_tree *tree = children_tree;
	struct children_node *other;

	/* The chain, from its end. */
	for (other = &tree->node[tree->count - 1]; other > node; other--) {
		if (!other->reserved)
			continue;
		platform_device_unregister(other->pdev);
		other->pdev = NULL;
	}
}

/* Its parents as well; only the references of the caller are left. */
static void control_device_that_goes_by_itself_ends_it(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);
	const unsigned int *depth = test->param_value;
	struct device *control;
	unsigned int i;

	/* A sibling, and a chain of reserved devices. */
	children_add(tree, &tree->top->dev, 1);
	tree->node[0].unbound = children_take_control_along;
	control = &tree->top->dev;
	for (i = 1; i <= *depth; i++) {
		children_add(tree, control, i);
		tree->node[i].reserved = true;
		control = &tree->node[i].pdev->dev;
	}
	tree->control = get_device(control);

	KUNIT_EXPECT_EQ(test, -ENODEV, children_unbind(tree));
	window_expect_reason(test, tree->pr, dev_name(control));
	window_expect_reason(test, tree->pr, "went away");
	KUNIT_EXPECT_FALSE(test, device_is_registered(control));
	put_device(control);
}

/* A driver whose remove() leaves another device behind, so many times. */
static void children_leave_heir(struct children_node *node)
{
	struct children_tree *tree = children_tree;

	if (tree->n_heirs == tree->max_heirs)
		return;
	tree->heir[tree->n_heirs++] = children_register(node,
							&tree->top->dev);
}

static void children_leave_heirs(struct children_tree *tree, unsigned int max)
{
	tree->heir = kunit_kcalloc(tree->test, max, sizeof(*tree->heir),
				   GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(tree->test, tree->heir);
	tree->max_heirs = max;
	children_add(tree, &tree->top->dev, 1);
	children_add(tree, &tree->top->dev, 1);
	tree->node[0].unbound = children_leave_heir;
	tree->node[1].reserved = true;
	tree->control = &tree->node[1].pdev->dev;
}

static void child_that_appears_meanwhile_is_unbound_too(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	children_leave_heirs(tree, 3);
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	KUNIT_EXPECT_EQ(test, tree->n_heirs, 3);
	KUNIT_EXPECT_EQ(test, children_unbound, 4);
	KUNIT_EXPECT_NULL(test, tree->heir[2]->dev.driver);
	children_expect_reserved(tree);
}

static void children_that_appear_without_end_are_told(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	children_leave_heirs(tree, CHILDREN_HEIRS);
	KUNIT_EXPECT_EQ(test, -EBUSY, children_unbind(tree));
	KUNIT_EXPECT_LT(test, tree->n_heirs, CHILDREN_HEIRS);
	window_expect_reason(test, tree->pr, "keep coming back");
	window_expect_reason(test, tree->pr, CHILDREN_DRIVER);
	children_expect_reserved(tree);
}

/* Two of a kind: who loses its driver sees to it that the other has one. */
static void children_bind_other(struct children_node *node)
{
	struct children_node *other = &children_tree->node[node ==
					&children_tree->node[0]];

	if (children_comebacks && children_comebacks--)
		KUNIT_EXPECT_EQ(children_tree->test, 1,
				device_attach(&other->pdev->dev));
}

static void children_bind_each_other(struct children_tree *tree,
				     unsigned int times)
{
	children_comebacks = times;
	children_add(tree, &tree->top->dev, 1);
	children_add(tree, &tree->top->dev, 1);
	children_add(tree, &tree->top->dev, 1);
	tree->node[0].unbound = children_bind_other;
	tree->node[1].unbound = children_bind_other;
	tree->node[2].reserved = true;
	tree->control = &tree->node[2].pdev->dev;
}

static void child_that_is_bound_again_is_unbound_again(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	/* In the third pass nothing is left to do. */
	children_bind_each_other(tree, 3);
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	KUNIT_EXPECT_EQ(test, children_comebacks, 0);
	KUNIT_EXPECT_NULL(test, tree->node[0].pdev->dev.driver);
	KUNIT_EXPECT_NULL(test, tree->node[1].pdev->dev.driver);
	children_expect_reserved(tree);
}

static void child_that_keeps_coming_back_is_named(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	children_bind_each_other(tree, UINT_MAX);
	KUNIT_EXPECT_EQ(test, -EBUSY, children_unbind(tree));
	children_comebacks = 0;
	window_expect_reason(test, tree->pr, "keep coming back");
	window_expect_reason(test, tree->pr, dev_name(&tree->node[1].pdev->dev));
	KUNIT_EXPECT_NOT_NULL(test, tree->control->driver);
}

static void children_cancel(struct children_node *node)
{
	window_owner.cancelled = true;
}

static void cancelled_request_unbinds_no_more(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	children_grow(tree, 2);
	/* The first to go is the child of the first sibling. */
	tree->node[1].unbound = children_cancel;
	KUNIT_EXPECT_EQ(test, -EINTR, children_unbind(tree));
	KUNIT_EXPECT_EQ(test, children_unbound, 1);
	KUNIT_EXPECT_NOT_NULL(test, tree->node[0].pdev->dev.driver);
	window_owner.cancelled = false;
}

static void children_hang(struct children_node *node)
{
	msleep(3 * CHILDREN_PATIENCE_MS);
}

static void child_whose_driver_hangs_is_named(struct kunit *test)
{
	struct children_tree *tree;

	fixture_slow(test);
	tree = children_plant(test);
	children_grow(tree, 2);
	pci_reload_set_patience(tree->pr, CHILDREN_PATIENCE_MS);
	tree->node[1].unbound = children_hang;
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	KUNIT_EXPECT_TRUE_MSG(test,
			      strstr(window_owner.stuck,
				     dev_name(&tree->node[1].pdev->dev)) &&
			      strstr(window_owner.stuck, "remove()"),
			      "it is told \"%s\"", window_owner.stuck);
	children_expect_reserved(tree);
}

static void children_lose_port(struct children_node *node)
{
	pci_reload_port_gone(children_tree->pr);
}

static void lost_port_ends_it(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	children_grow(tree, 2);
	tree->node[1].unbound = children_lose_port;
	KUNIT_EXPECT_EQ(test, -ENODEV, children_unbind(tree));
	KUNIT_EXPECT_EQ(test, children_unbound, 1);
}

static void children_take_rescan_lock(struct work_struct *work)
{
	pci_lock_rescan_remove();
	pci_unlock_rescan_remove();
}

static DECLARE_WORK(children_work, children_take_rescan_lock);

/* Would wait for ever if the lock were held. */
static void children_take_time(struct children_node *node)
{
	queue_work(system_unbound_wq, &children_work);
	flush_work(&children_work);
	msleep(50);
}

static void slow_child_is_waited_for(struct kunit *test)
{
	struct children_tree *tree = children_plant(test);

	children_grow(tree, 2);
	tree->node[1].unbound = children_take_time;
	KUNIT_EXPECT_EQ(test, 0, children_unbind(tree));
	children_expect_reserved(tree);
}

static struct kunit_case children_cases[] = {
	KUNIT_CASE_PARAM(only_reserved_devices_keep_their_drivers,
			 children_depth_gen_params),
	KUNIT_CASE_PARAM(other_candidates_lose_their_drivers,
			 children_candidate_gen_params),
	KUNIT_CASE(function_that_is_the_control_device_loses_all_below),
	KUNIT_CASE(bus_of_a_device_does_not_matter),
	KUNIT_CASE(control_device_on_another_bus_keeps_its_driver),
	KUNIT_CASE(control_device_elsewhere_is_refused),
	KUNIT_CASE_PARAM(control_device_that_goes_by_itself_ends_it,
			 children_depth_gen_params),
	KUNIT_CASE(child_that_appears_meanwhile_is_unbound_too),
	KUNIT_CASE(children_that_appear_without_end_are_told),
	KUNIT_CASE(child_that_is_bound_again_is_unbound_again),
	KUNIT_CASE(child_that_keeps_coming_back_is_named),
	KUNIT_CASE(cancelled_request_unbinds_no_more),
	KUNIT_CASE(child_whose_driver_hangs_is_named),
	KUNIT_CASE(lost_port_ends_it),
	KUNIT_CASE(slow_child_is_waited_for),
	{}
};

struct kunit_suite pci_reload_children_suite = {
	.name = "pci_reload_children",
	.suite_init = children_suite_init,
	.suite_exit = children_suite_exit,
	.init = children_init,
	.exit = children_exit,
	.test_cases = children_cases,
};
