// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets where there are virtual functions: whom they reach, and whom they
 * leave alone: registers bit by bit, and traffic, which goes on meanwhile.
 */

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "kunit/fixtures/reset.h"
#include "kunit/suites.h"

#define RESET_VFS		4
#define RESET_FUNCTIONS		(2 + RESET_VFS)

/* Longer than a clock's tick: what stops or starts anew is seen. */
#define RESET_TRAFFIC_MS	20

/**
 * struct reset_watch - a function as it was before a reset
 * @pdev: the function
 * @saved: its configuration space
 * @count: its traffic counter
 * @early: when that was about to be read
 * @late: when it had been read
 */
struct reset_watch {
	struct pci_dev *pdev;
	u32 *saved;
	u32 count;
	ktime_t early;
	ktime_t late;
};

/**
 * struct reset_vf - what a case works with
 * @fx: the simulated host
 * @pf: physical function with VFs
 * @watches: all functions of the card
 * @n_watches: number of elements of @watches
 */
static struct reset_vf {
	struct fixture *fx;
	struct pci_dev *pf;
	struct reset_watch watches[RESET_FUNCTIONS];
	unsigned int n_watches;
} reset_vf;

static int reset_vf_suite_init(struct kunit_suite *suite)
{
	return reset_tools_init();
}

static void reset_vf_suite_exit(struct kunit_suite *suite)
{
	reset_tools_exit();
}

/* A card with two functions, of which the second can have VFs; a plain port. */
static int reset_vf_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	struct pcie_card_sim_function *fn;

	memset(&reset_vf, 0, sizeof(reset_vf));
	if (ret)
		return ret;
	reset_vf.fx = fx;
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
		.flr = true,
	};
	fn[1] = fn[0];
	fn[1].device = RESET_DEVICE_PF;
	fn[1].total_vfs = RESET_VFS;
	fn[1].vf_device = RESET_DEVICE_VF;
	fn[1].vf_bar0.size = SZ_4K;
	return 0;
}

/* No PF may go with VFs that are not its driver's, so also after a failure. */
static void reset_vf_exit(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < reset_vf.n_watches; i++)
		pci_dev_put(reset_vf.watches[i].pdev);
	if (reset_vf.pf)
		fixture_disable_vfs(reset_vf.pf);
	pci_dev_put(reset_vf.pf);
	reset_exit(test);
}

static int reset_vf_add(struct pci_dev *pdev, void *data)
{
	unsigned int n = reset_vf.n_watches;

	if (n == RESET_FUNCTIONS)
		return -E2BIG;
	reset_vf.watches[n].pdev = pci_dev_get(pdev);
	reset_vf.n_watches++;
	return 0;
}

static void reset_vf_boot(struct fixture *fx)
{
	fixture_start(fx);
	reset_vf.pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(fx->test, reset_vf.pf);
	KUNIT_ASSERT_EQ(fx->test, 0, fixture_enable_vfs(reset_vf.pf, RESET_VFS));
	pci_walk_bus(fixture_port(fx, 0)->subordinate, reset_vf_add, NULL);
	KUNIT_ASSERT_EQ(fx->test, reset_vf.n_watches, RESET_FUNCTIONS);
}

static u32 reset_traffic(struct pci_dev *pdev)
{
	u32 count;

	pci_read_config_dword(pdev, reset_traffic_reg(pdev), &count);
	return count;
}

/* Every function has traffic from here on, and had some before this returns. */
static void reset_watch_all(struct fixture *fx)
{
	struct reset_watch *watch = reset_vf.watches;
	unsigned int i;

	for (i = 0; i < RESET_FUNCTIONS; i++)
		pci_set_master(watch[i].pdev);
	msleep(RESET_TRAFFIC_MS);
	for (i = 0; i < RESET_FUNCTIONS; i++) {
		watch[i].saved = reset_save(fx, watch[i].pdev);
		watch[i].early = ktime_get();
		watch[i].count = reset_traffic(watch[i].pdev);
		watch[i].late = ktime_get();
		/* Jiffies and the clock are not at one to the millisecond. */
		KUNIT_EXPECT_GE(fx->test, watch[i].count, RESET_TRAFFIC_MS / 2);
	}
}

/* Not one bit differs, and the traffic did not stop for a moment. */
static void reset_expect_untouched(struct fixture *fx,
				   const struct reset_watch *watch)
{
	struct pci_dev *pdev = watch->pdev;
	ktime_t early = ktime_get();
	u32 count = reset_traffic(pdev) - watch->count;
	ktime_t late = ktime_get();

	/* Each of the two readings was rounded down. */
	KUNIT_EXPECT_GE_MSG(fx->test, count + 1,
			    ktime_ms_delta(early, watch->late),
			    "%s stood still", pci_name(pdev));
	KUNIT_EXPECT_LE_MSG(fx->test, count,
			    ktime_ms_delta(late, watch->early) + 1,
			    "%s counted anew", pci_name(pdev));
	reset_expect_same(fx, pdev, watch->saved, reset_traffic_reg(pdev));
}

/* Restored but for the traffic, which began anew since @start. */
static void reset_expect_restored(struct fixture *fx,
				  const struct reset_watch *watch,
				  ktime_t start)
{
	u32 count = reset_traffic(watch->pdev);

	KUNIT_EXPECT_LE_MSG(fx->test, count,
			    ktime_ms_delta(ktime_get(), start),
			    "%s kept its count", pci_name(watch->pdev));
	reset_expect_same(fx, watch->pdev, watch->saved,
			  reset_traffic_reg(watch->pdev));
}

/* No register of anybody else was written at all. */
static void reset_expect_writes_to(struct fixture *fx, struct pci_dev *pdev)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_CFG_WRITE),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};
	struct pcie_card_sim_event event;
	unsigned int n = 0;

	while (pcie_card_sim_log_find(fx->sim, &match, &event)) {
		KUNIT_EXPECT_EQ(fx->test, event.bus, pdev->bus->number);
		KUNIT_EXPECT_EQ(fx->test, event.devfn, pdev->devfn);
		match.from_seq = event.seq + 1;
		n++;
	}
	KUNIT_EXPECT_GT(fx->test, n, 0);
}

static const unsigned int reset_vf_ids[] = { 0, 1, RESET_VFS - 1 };

static void reset_vf_id_desc(const unsigned int *id, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "VF %u", *id);
}

KUNIT_ARRAY_PARAM(reset_vf_id, reset_vf_ids, reset_vf_id_desc);

static void reset_of_a_vf_touches_no_other_function(struct kunit *test)
{
	unsigned int i, id = *(const unsigned int *)test->param_value;
	struct fixture *fx = test->priv;
	struct reset_watch *watch;
	struct pci_dev *vf;
	ktime_t start;
	u32 *port;

	fixture_slow_but(test, &reset_vf_ids[1]);
	reset_vf_boot(fx);
	vf = fixture_vf(reset_vf.pf, id);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	/* The watches have a reference, too. */
	pci_dev_put(vf);
	KUNIT_EXPECT_STREQ(test, reset_file_read(test, vf, "reset_method"),
			   "flr");
	port = fixture_save_port(fx, 0);
	reset_watch_all(fx);

	reset_trace_start(fx, vf);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(vf));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx),
			   "prepare flr reset-flr done");
	reset_expect_writes_to(fx, vf);

	for (i = 0; i < RESET_FUNCTIONS; i++) {
		watch = &reset_vf.watches[i];
		if (watch->pdev == vf)
			reset_expect_restored(fx, watch, start);
		else
			reset_expect_untouched(fx, watch);
	}
	fixture_expect_port(fx, 0, port);
}

static void reset_of_a_pf_takes_its_vfs_along(struct kunit *test)
{
	u32 *fresh[RESET_FUNCTIONS];
	struct fixture *fx = test->priv;
	struct reset_watch *watch;
	unsigned int i, vfs = 0;
	ktime_t start;

	reset_vf_boot(fx);
	for (i = 0; i < RESET_FUNCTIONS; i++)
		fresh[i] = reset_save(fx, reset_vf.watches[i].pdev);
	reset_watch_all(fx);

	reset_trace_start(fx, reset_vf.pf);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(reset_vf.pf));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx),
			   "prepare flr reset-flr done");
	reset_expect_writes_to(fx, reset_vf.pf);

	for (i = 0; i < RESET_FUNCTIONS; i++) {
		watch = &reset_vf.watches[i];
		if (watch->pdev == reset_vf.pf) {
			reset_expect_restored(fx, watch, start);
		} else if (watch->pdev->is_virtfn) {
			/* Nobody restores these, and their count is 0. */
			reset_expect_same(fx, watch->pdev, fresh[i], -1);
			vfs++;
		} else {
			reset_expect_untouched(fx, watch);
		}
	}
	KUNIT_EXPECT_EQ(test, vfs, RESET_VFS);
}

/* They are its siblings on the bus. */
static void bus_is_not_for_a_pf_while_it_has_vfs(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pf;

	fixture_slow(test);
	fx->images[0].fn[0] = fx->images[0].fn[1];
	memset(&fx->images[0].fn[1], 0, sizeof(fx->images[0].fn[1]));
	fixture_start(fx);
	pf = fixture_function(fx, 0, 0);
	reset_vf.pf = pf;
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_EXPECT_STREQ(test, reset_file_read(test, pf, "reset_method"),
			   "flr bus");
	KUNIT_EXPECT_EQ(test, 0, reset_file_write(pf, "reset_method", "bus"));

	KUNIT_ASSERT_EQ(test, 0, fixture_enable_vfs(pf, RESET_VFS));
	reset_trace_start(fx, pf);
	KUNIT_EXPECT_EQ(test, -ENOTTY, pci_reset_function(pf));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx), "prepare done");
	KUNIT_EXPECT_EQ(test, -EINVAL,
			reset_file_write(pf, "reset_method", "bus"));
	KUNIT_EXPECT_EQ(test, 0,
			reset_file_write(pf, "reset_method", "default"));
	KUNIT_EXPECT_STREQ(test, reset_file_read(test, pf, "reset_method"),
			   "flr");
}

static struct kunit_case reset_vf_cases[] = {
	KUNIT_CASE_PARAM(reset_of_a_vf_touches_no_other_function,
			 reset_vf_id_gen_params),
	KUNIT_CASE(reset_of_a_pf_takes_its_vfs_along),
	KUNIT_CASE(bus_is_not_for_a_pf_while_it_has_vfs),
	{}
};

struct kunit_suite pci_reset_vf_suite = {
	.name = "pci_reset_vf",
	.suite_init = reset_vf_suite_init,
	.suite_exit = reset_vf_suite_exit,
	.init = reset_vf_init,
	.exit = reset_vf_exit,
	.test_cases = reset_vf_cases,
};
