// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drivers that do not return for longer than a load waits for them, and others who
 * keep a lock of the PCI core's.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/pci-reload.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define HANG_DRIVER		"fpga-card-kunit-hang"
#define HANG_VENDOR		0x1234
#define HANG_DEVICE		0x0006
#define HANG_CLASS		0x118000
#define HANG_VFS		2

/* How long a driver may take in these cases, and how long the one here does. */
#define HANG_PATIENCE_MS	2000
#define HANG_MS			6000

/* Until the worker is done with all that comes after it. */
#define HANG_END_MS		20000

/**
 * struct hang - where the driver hangs, and what it sees when it begins to
 * @in_probe: in probe()
 * @in_remove: in remove()
 * @in_sriov: in sriov_configure()
 * @lock: not itself, but somebody who has the rescan lock from then on
 * @begun: it hangs
 * @root: a bridge above the card whose masks are read, or NULL
 * @mask: what they were when it began
 */
struct hang {
	bool in_probe;
	bool in_remove;
	bool in_sriov;
	bool lock;
	bool begun;
	struct pci_dev *root;
	u32 mask;
};

/* One case runs at a time. */
static struct hang hang;

static void hang_lock(struct work_struct *work)
{
	pci_lock_rescan_remove();
	WRITE_ONCE(hang.begun, true);
	msleep(HANG_MS);
	pci_unlock_rescan_remove();
}

static DECLARE_WORK(hang_lock_work, hang_lock);

static void hang_here(bool here)
{
	if (!here || READ_ONCE(hang.begun))
		return;
	if (hang.root)
		hang.mask = fixture_aer(hang.root, PCI_ERR_UNCOR_MASK);
	if (hang.lock) {
		queue_work(system_unbound_wq, &hang_lock_work);
		fixture_wait(READ_ONCE(hang.begun), HANG_END_MS);
		return;
	}
	WRITE_ONCE(hang.begun, true);
	msleep(HANG_MS);
}

static int hang_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	hang_here(hang.in_probe);
	return 0;
}

static void hang_remove(struct pci_dev *pdev)
{
	hang_here(hang.in_remove);
}

static int hang_sriov(struct pci_dev *pdev, int num_vfs)
{
	hang_here(hang.in_sriov);
	return pci_sriov_configure_simple(pdev, num_vfs);
}

static const struct pci_device_id hang_ids[] = {
	{ PCI_DEVICE(HANG_VENDOR, HANG_DEVICE) },
	{}
};

static struct pci_driver hang_driver = {
	.name = HANG_DRIVER,
	.id_table = hang_ids,
	.probe = hang_probe,
	.remove = hang_remove,
	.sriov_configure = hang_sriov,
};

/* A card whose second function has that driver in one image. */
static struct fpga_card *hang_boot(struct fixture *fx, unsigned int image)
{
	struct pcie_card_sim_function *fn = &fx->images[image].fn[1];
	struct fpga_card *card;

	memset(&hang, 0, sizeof(hang));
	fn->vendor = HANG_VENDOR;
	fn->device = HANG_DEVICE;
	fn->class = HANG_CLASS;
	fixture_add_driver(fx, &hang_driver);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	card->driver_ms = HANG_PATIENCE_MS;
	return card;
}

static void hang_stop(struct fixture *fx, struct fpga_card *card)
{
	fpga_card_put(card);
	fixture_stop(fx);
	flush_work(&hang_lock_work);
}

/* The asker hears of it in time, and long before it is over. */
static void hang_load(struct fixture *fx, struct fpga_card *card)
{
	ktime_t begin = ktime_get();
	s64 ms;

	KUNIT_EXPECT_EQ(fx->test, -ETIMEDOUT,
			fpga_card_load(card, FIXTURE_USER));
	ms = ktime_ms_delta(ktime_get(), begin);
	KUNIT_EXPECT_TRUE(fx->test, hang.begun);
	KUNIT_EXPECT_GE(fx->test, ms, HANG_PATIENCE_MS);
	KUNIT_EXPECT_LT(fx->test, ms, HANG_MS);
	/* What is still being served is no reason to wait. */
	KUNIT_EXPECT_EQ(fx->test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
}

static bool hang_is_served(struct fpga_card *card)
{
	bool served;

	mutex_lock(&card->lock);
	served = card->serving.request;
	mutex_unlock(&card->lock);
	return served;
}

static void hang_wait(struct fixture *fx, struct fpga_card *card)
{
	KUNIT_EXPECT_TRUE(fx->test,
			  fixture_wait(!hang_is_served(card), HANG_END_MS));
}

static void hang_expect_named(struct fixture *fx, struct fpga_card *card,
			      const char *operation)
{
	load_expect_error(fx->test, card, "the driver " HANG_DRIVER " of ");
	load_expect_error(fx->test, card, operation);
}

static void hang_expect_works(struct fixture *fx, struct fpga_card *card)
{
	KUNIT_EXPECT_EQ(fx->test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
}

/* As it was: nothing had been told to the card yet. */
static void hang_expect_before(struct fixture *fx, struct fpga_card *card)
{
	hang_wait(fx, card);
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	hang_expect_works(fx, card);
}

static void driver_that_does_not_let_go_is_named(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	fixture_slow(test);
	card = hang_boot(fx, 0);
	saved = fixture_save_port(fx, 0);
	hang.in_remove = true;
	hang_load(fx, card);
	hang_expect_named(fx, card, "did not return from its remove() within 2 s");
	load_expect_error(test, card, "is given up");
	hang_wait(fx, card);
	fixture_expect_controls(fx, 0, saved);
	hang_expect_before(fx, card);
	hang_stop(fx, card);
}

/* The image is in the card by then, so that goes on. */
static void driver_that_does_not_bind_is_named(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = hang_boot(fx, 1);
	hang.in_probe = true;
	hang_load(fx, card);
	hang_expect_named(fx, card, "did not return from its probe() within 2 s");
	load_expect_error(test, card, "goes on");
	hang_wait(fx, card);
	load_expect_runs(fx, card, FIXTURE_USER);
	load_expect_state(test, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	hang_stop(fx, card);
}

/* Nobody else waits for that driver. */
static void driver_that_does_not_bind_holds_up_no_other_card(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card, *other;

	fixture_slow(test);
	fx->config.n_ports = 2;
	card = hang_boot(fx, 1);
	other = fixture_card(fx, 1);
	hang.in_probe = true;
	hang_load(fx, card);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(other, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, hang_is_served(card));
	hang_wait(fx, card);
	fpga_card_put(other);
	hang_stop(fx, card);
}

static void driver_that_keeps_its_vfs_is_named(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pf;

	fixture_slow(test);
	fx->images[0].fn[1].total_vfs = HANG_VFS;
	card = hang_boot(fx, 0);
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_EXPECT_EQ(test, 0, fixture_enable_vfs(pf, HANG_VFS));
	pci_dev_put(pf);
	hang.in_sriov = true;
	hang_load(fx, card);
	hang_expect_named(fx, card, "its sriov_configure() within 2 s");
	hang_wait(fx, card);
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_FACTORY);
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_FACTORY));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2 + HANG_VFS);
	hang_expect_works(fx, card);
	hang_stop(fx, card);
}

static void lock_that_others_keep_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = hang_boot(fx, 0);
	hang.in_remove = true;
	hang.lock = true;
	hang_load(fx, card);
	load_expect_error(test, card, "somebody else did not give a lock");
	hang_expect_before(fx, card);
	hang_stop(fx, card);
}

/* Before the window is opened, too. */
static void lock_that_others_keep_in_the_validation_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_run run;
	struct fpga_card *card;

	fixture_slow(test);
	card = hang_boot(fx, 0);
	pci_lock_rescan_remove();
	load_run_start(&run, card, FIXTURE_USER);
	msleep(HANG_MS);
	pci_unlock_rescan_remove();
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, load_run_end(&run));
	hang_wait(fx, card);
	load_expect_error(test, card, "somebody else did not give a lock");
	load_expect_no_error(test, card, "when that is over");
	hang_expect_before(fx, card);
	hang_stop(fx, card);
}

/* A load that finds no card has it back first, and clears last_error then. */
static void driver_that_hangs_as_a_lost_card_comes_back_is_named(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = hang_boot(fx, 1);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_NE(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, card->lost);
	faults.never_return = false;
	faults.cure = PCIE_CARD_SIM_CURE_RESET;
	fixture_set_faults(fx, &faults);
	hang.in_probe = true;
	hang_load(fx, card);
	hang_wait(fx, card);
	hang_expect_named(fx, card, "did not return from its probe() within 2 s");
	load_expect_no_error(test, card, "when that is over");
	hang_stop(fx, card);
}

/* Below the bridges above there are other cards. */
static void errors_of_others_are_heard_while_a_driver_hangs(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 mask;

	fixture_slow(test);
	fx->ports[0].sw = 1;
	card = hang_boot(fx, 0);
	hang.root = pcie_card_sim_above(fx->sim, 0, 2);
	KUNIT_ASSERT_NOT_NULL(test, hang.root);
	mask = fixture_aer(hang.root, PCI_ERR_UNCOR_MASK);
	hang.in_remove = true;
	hang_load(fx, card);
	KUNIT_EXPECT_NE(test, hang.mask, mask);
	KUNIT_EXPECT_EQ(test, fixture_aer(hang.root, PCI_ERR_UNCOR_MASK), mask);
	hang_wait(fx, card);
	KUNIT_EXPECT_EQ(test, fixture_aer(hang.root, PCI_ERR_UNCOR_MASK), mask);
	pci_dev_put(hang.root);
	hang.root = NULL;
	hang_expect_before(fx, card);
	hang_stop(fx, card);
}

/* Who knows of a driver that takes long says so with the deadline. */
static void user_who_knows_of_a_slow_driver_waits_for_it(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = hang_boot(fx, 0);
	mutex_lock(&card->lock);
	card->settings.timeout_ms = 2 * HANG_MS;
	mutex_unlock(&card->lock);
	hang.in_remove = true;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_TRUE(test, hang.begun);
	load_expect_runs(fx, card, FIXTURE_USER);
	hang_stop(fx, card);
}

/**
 * struct hang_open - a window that is opened elsewhere
 * @work: opens it
 * @pr: the window
 * @told: why it takes so long, as its owner is told
 * @result: what pci_reload_open() returned
 */
struct hang_open {
	struct work_struct work;
	struct pci_reload *pr;
	char told[128];
	int result;
};

static void hang_open_work(struct work_struct *work)
{
	struct hang_open *open = container_of(work, struct hang_open, work);

	open->result = pci_reload_open(open->pr);
}

static void hang_open_stuck(void *priv, const char *why)
{
	struct hang_open *open = priv;

	strscpy(open->told, why, sizeof(open->told));
}

static const struct pci_reload_ops hang_open_ops = {
	.stuck = hang_open_stuck,
};

/* With nothing changed yet in the port, or above it. */
static void window_that_cannot_open_is_told_of(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct hang_open open = {};

	fixture_slow(test);
	fx->images[0].fn[0].bmc = false;
	fixture_start(fx);
	open.pr = pci_reload_alloc(fixture_port(fx, 0), &hang_open_ops, &open);
	KUNIT_ASSERT_FALSE(test, IS_ERR(open.pr));
	pci_reload_set_patience(open.pr, HANG_PATIENCE_MS);
	INIT_WORK_ONSTACK(&open.work, hang_open_work);
	pci_lock_rescan_remove();
	queue_work(system_unbound_wq, &open.work);
	msleep(HANG_MS);
	pci_unlock_rescan_remove();
	flush_work(&open.work);
	destroy_work_on_stack(&open.work);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(open.told, "did not give a lock"),
			      "it was told \"%s\"", open.told);
	KUNIT_EXPECT_EQ(test, 0, open.result);
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_open(open.pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(open.pr));
	pci_reload_free(open.pr);
}

static struct kunit_case hang_cases[] = {
	KUNIT_CASE(driver_that_does_not_let_go_is_named),
	KUNIT_CASE(driver_that_does_not_bind_is_named),
	KUNIT_CASE(driver_that_does_not_bind_holds_up_no_other_card),
	KUNIT_CASE(driver_that_keeps_its_vfs_is_named),
	KUNIT_CASE(lock_that_others_keep_is_told),
	KUNIT_CASE(lock_that_others_keep_in_the_validation_is_told),
	KUNIT_CASE(driver_that_hangs_as_a_lost_card_comes_back_is_named),
	KUNIT_CASE(errors_of_others_are_heard_while_a_driver_hangs),
	KUNIT_CASE(user_who_knows_of_a_slow_driver_waits_for_it),
	KUNIT_CASE(window_that_cannot_open_is_told_of),
	{}
};

struct kunit_suite fpga_card_hang_suite = {
	.name = "fpga_card_hang",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hang_cases,
};
