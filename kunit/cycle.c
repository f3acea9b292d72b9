// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows on the port of a simulated card that no back end knows, step by step,
 * and a driver for its functions that does what a case wants.
 */

#include "cycle.h"

struct cycle_hooks cycle_hooks;

/* A driver that does DMA, and leaves it to others to put an end to it. */
static int cycle_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret = pci_enable_device(pdev);

	if (ret)
		return ret;
	pci_set_master(pdev);
	if (cycle_hooks.probe)
		cycle_hooks.probe(pdev);
	return 0;
}

static void cycle_remove(struct pci_dev *pdev)
{
	if (cycle_hooks.remove)
		cycle_hooks.remove(pdev);
}

static int cycle_sriov(struct pci_dev *pdev, int num_vfs)
{
	if (cycle_hooks.sriov)
		return cycle_hooks.sriov(pdev, num_vfs);
	return pci_sriov_configure_simple(pdev, num_vfs);
}

static const struct pci_device_id cycle_ids[] = {
	{ PCI_DEVICE_CLASS(CYCLE_CLASS, ~0) },
	{}
};

static struct pci_driver cycle_driver = {
	.name = CYCLE_DRIVER,
	.id_table = cycle_ids,
	.probe = cycle_probe,
	.remove = cycle_remove,
	.sriov_configure = cycle_sriov,
};

int cycle_suite_init(struct kunit_suite *suite)
{
	return pci_register_driver(&cycle_driver);
}

/* For a case of a suite that has the driver nowhere else */
void cycle_add_driver(struct fixture *fx)
{
	fixture_add_driver(fx, &cycle_driver);
}

void cycle_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&cycle_driver);
}

/*
 * All functions have the driver of this file, and are seen by no back end; the
 * ports are not pciehp's.
 */
int cycle_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i, fn;

	memset(&cycle_hooks, 0, sizeof(cycle_hooks));
	if (ret)
		return ret;
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		for (fn = 0; fn < PCIE_CARD_SIM_FUNCTIONS; fn++) {
			fx->images[i].fn[fn].bmc = false;
			fx->images[i].fn[fn].class = CYCLE_CLASS;
		}
	}
	for (i = 0; i < FIXTURE_PORTS_MAX; i++)
		fx->ports[i].hotplug = false;
	return 0;
}

void cycle_exit(struct kunit *test)
{
	/* The hooks are those of the case, which is over. */
	memset(&cycle_hooks, 0, sizeof(cycle_hooks));
	fixture_exit(test);
}

void cycle_boot(struct fixture *fx, const char *image)
{
	strscpy(fx->ports[0].card.boot_image, image,
		sizeof(fx->ports[0].card.boot_image));
	fixture_start(fx);
}

static struct pci_ops *cycle_sim_ops;

static int cycle_read(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 *val)
{
	int ret = cycle_sim_ops->read(bus, devfn, where, size, val);

	if (cycle_hooks.read)
		cycle_hooks.read(bus, devfn, where, size, val);
	return ret;
}

static int cycle_write(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 val)
{
	return cycle_sim_ops->write(bus, devfn, where, size, val);
}

static struct pci_ops cycle_ops = {
	.read = cycle_read,
	.write = cycle_write,
};

/* Ask the hook for what is below a port, buses to come included. */
void cycle_hook_reads(struct fixture *fx, unsigned int port)
{
	struct pci_bus *bus = fixture_port(fx, port)->subordinate;

	cycle_sim_ops = pci_bus_set_ops(bus, &cycle_ops);
}

struct pci_dev *cycle_function(struct fixture *fx, unsigned int fn)
{
	struct pci_dev *pdev = fixture_function(fx, 0, fn);

	KUNIT_ASSERT_NOT_NULL_MSG(fx->test, pdev, "function %u", fn);
	return pdev;
}

static bool cycle_cancelled(void *unused)
{
	return READ_ONCE(cycle_hooks.cancelled);
}

static void cycle_stuck(void *unused, const char *why)
{
	strscpy(cycle_hooks.stuck, why, sizeof(cycle_hooks.stuck));
}

static const struct pci_reload_ops cycle_reload_ops = {
	.cancelled = cycle_cancelled,
	.stuck = cycle_stuck,
};

struct pci_reload *cycle_alloc(struct fixture *fx)
{
	struct pci_reload *pr;

	pr = pci_reload_alloc(fixture_port(fx, 0), &cycle_reload_ops, NULL);
	KUNIT_ASSERT_FALSE_MSG(fx->test, IS_ERR(pr), "error %ld", PTR_ERR(pr));
	return pr;
}

struct pci_reload *cycle_open(struct fixture *fx)
{
	struct pci_reload *pr = cycle_alloc(fx);

	KUNIT_ASSERT_EQ(fx->test, 0, pci_reload_open(pr));
	return pr;
}

/* From an open window to a card that answers, with another image. */
void cycle_ready(struct fixture *fx, struct pci_reload *pr, const char *image)
{
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_rest(pr));
	if (image)
		KUNIT_EXPECT_EQ(fx->test, 0,
				pcie_card_sim_load(fx->sim, 0, image));
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_wait_link(pr, CYCLE_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_settle(pr, CYCLE_TIMEOUT_MS));
}

/* From an open window to an enumerated one, with another image. */
void cycle_load(struct fixture *fx, struct pci_reload *pr, const char *image)
{
	cycle_ready(fx, pr, image);
	KUNIT_EXPECT_GT_MSG(fx->test, pci_reload_enumerate(pr), 0, "%s",
			    pci_reload_reason(pr));
	fixture_expect_decoded(fx, 0);
}

void cycle_close(struct fixture *fx, struct pci_reload *pr)
{
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_close(pr));
	pci_reload_free(pr);
}

void cycle_enable_vfs(struct fixture *fx, struct pci_dev *pf, int num)
{
	KUNIT_EXPECT_EQ(fx->test, 0, fixture_enable_vfs(pf, num));
	KUNIT_ASSERT_EQ(fx->test, pci_num_vf(pf), num);
}

void cycle_expect_reason(struct fixture *fx, struct pci_reload *pr,
			 const char *part)
{
	KUNIT_EXPECT_TRUE_MSG(fx->test, strstr(pci_reload_reason(pr), part),
			      "the reason is \"%s\", not \"%s\"",
			      pci_reload_reason(pr), part);
}

/* Sequence number of the first event of a device. */
u64 cycle_event(struct fixture *fx, enum pcie_card_sim_what what,
		const char *name)
{
	struct pcie_card_sim_event event = {};

	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_find(fx, what, name, 0, &event),
			      "%s: no %s", name, pcie_card_sim_what_str(what));
	return event.seq;
}

/* @devfn: negative for all functions. */
unsigned int cycle_count_events(struct fixture *fx, unsigned long what,
				int devfn)
{
	struct pcie_card_sim_match match = {
		.what = what,
		.port = -1,
		.reg = -1,
		.devfn = devfn,
	};

	return pcie_card_sim_log_count(fx->sim, &match);
}
