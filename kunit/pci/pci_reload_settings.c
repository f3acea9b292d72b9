// SPDX-License-Identifier: GPL-2.0-only
/*
 * What functions get back after a reload, and what is said of those that are missing. One
 * file, as a suite is one object, and its cases share what is set up at its top.
 */

#include <linux/device/driver.h>

#include "compat/pci.h"
#include "kunit/fixtures/cycle.h"
#include "kunit/suites.h"

#define SETTINGS_OVERRIDE	"fpga-card-kunit-override"
#define SETTINGS_TEXT_LEN	128

/* Not the default, which is 512. */
#define SETTINGS_MRRS		1024

/* The driver that functions are bound to by its name only. */
static int settings_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static struct pci_driver settings_driver = {
	.name = SETTINGS_OVERRIDE,
	.probe = settings_probe,
};

static int settings_suite_init(struct kunit_suite *suite)
{
	int ret = pci_register_driver(&settings_driver);

	if (ret)
		return ret;
	ret = cycle_suite_init(suite);
	if (ret)
		pci_unregister_driver(&settings_driver);
	return ret;
}

static void settings_suite_exit(struct kunit_suite *suite)
{
	cycle_suite_exit(suite);
	pci_unregister_driver(&settings_driver);
}

/*
 * After an enumeration the driver core may still be about to try once more to bind what had
 * to wait for its driver: see pci/bind.c.
 */
static void settings_unbind(struct pci_dev *pdev)
{
	wait_for_device_probe();
	device_release_driver(&pdev->dev);
}

static void settings_override(struct kunit *test, struct pci_dev *pdev)
{
	settings_unbind(pdev);
	KUNIT_ASSERT_EQ(test, 0, pci_compat_set_override(pdev,
							 SETTINGS_OVERRIDE));
	KUNIT_ASSERT_EQ(test, 1, device_attach(&pdev->dev));
}

static void settings_expect_driver(struct kunit *test, struct pci_dev *pdev,
				   const char *name)
{
	KUNIT_EXPECT_STREQ_MSG(test, dev_driver_string(&pdev->dev), name, "%s",
			       pci_name(pdev));
}

static void settings_expect_override(struct kunit *test, struct pci_dev *pdev,
				     bool is)
{
	char *name = NULL;

	KUNIT_EXPECT_EQ(test, 0, pci_compat_get_override(pdev, &name));
	KUNIT_EXPECT_EQ_MSG(test, !!name, is, "%s", pci_name(pdev));
	if (name)
		KUNIT_EXPECT_STREQ(test, name, SETTINGS_OVERRIDE);
	kfree(name);
}

/* Of what the functions have, all is unusual. */
static void settings_boot(struct fixture *fx)
{
	struct kunit *test = fx->test;
	struct pci_dev *pdev, *vf;

	cycle_boot(fx, FIXTURE_WIDE);
	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, pcie_set_readrq(pdev, SETTINGS_MRRS));
	pci_dev_put(pdev);
	pdev = cycle_function(fx, 2);
	settings_override(test, pdev);
	pci_dev_put(pdev);
	pdev = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pdev, 3);
	vf = fixture_vf(pdev, 1);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	settings_override(test, vf);
	pci_dev_put(vf);
	pci_dev_put(pdev);
}

/* A whole reload of @image. */
static struct pci_reload *settings_reload(struct fixture *fx, const char *image,
					  bool restore)
{
	struct pci_reload *pr = window_open(fx);

	pci_reload_set_restore(pr, restore);
	KUNIT_EXPECT_EQ(fx->test, 0, pci_reload_remove_functions(pr, NULL));
	cycle_load(fx, pr, image);
	return pr;
}

static void settings_come_back_where_asked_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *vf;
	struct pci_reload *pr;
	char lost[SETTINGS_TEXT_LEN];
	unsigned int i;

	settings_boot(fx);
	pr = settings_reload(fx, FIXTURE_WIDE, true);
	KUNIT_EXPECT_EQ_MSG(test, 0, pci_reload_restore_settings(pr), "%s",
			    pci_reload_reason(pr));

	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_EQ(test, SETTINGS_MRRS, pcie_get_readrq(pdev));
	settings_expect_driver(test, pdev, CYCLE_DRIVER);
	settings_expect_override(test, pdev, false);
	pci_dev_put(pdev);
	pdev = cycle_function(fx, 2);
	settings_expect_driver(test, pdev, SETTINGS_OVERRIDE);
	settings_expect_override(test, pdev, true);
	pci_dev_put(pdev);
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_EQ(test, 3, pci_num_vf(pdev));
	for (i = 0; i < 3; i++) {
		vf = fixture_vf(pdev, i);
		KUNIT_ASSERT_NOT_NULL(test, vf);
		settings_expect_driver(test, vf, i == 1 ? SETTINGS_OVERRIDE :
							  CYCLE_DRIVER);
		settings_expect_override(test, vf, i == 1);
		pci_dev_put(vf);
	}
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_lost(pr, lost, sizeof(lost)));
	KUNIT_EXPECT_STREQ(test, lost, "");
	window_end(test, pr);
}

static void settings_do_not_come_back_unasked(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	struct pci_reload *pr;
	unsigned int i;

	fixture_slow(test);
	settings_boot(fx);
	pr = settings_reload(fx, FIXTURE_WIDE, false);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_restore_settings(pr));
	for (i = 0; i < 3; i++) {
		pdev = cycle_function(fx, i);
		KUNIT_EXPECT_EQ(test, 512, pcie_get_readrq(pdev));
		KUNIT_EXPECT_EQ(test, 0, pci_num_vf(pdev));
		settings_expect_driver(test, pdev, CYCLE_DRIVER);
		settings_expect_override(test, pdev, false);
		pci_dev_put(pdev);
	}
	window_end(test, pr);
}

/* The second image has the same functions but for the one in question. */
static void settings_copy(struct fixture *fx)
{
	memcpy(fx->images[1].fn, fx->images[2].fn, sizeof(fx->images[1].fn));
}

static void other_function_in_the_same_place_gets_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	struct pci_reload *pr;
	unsigned int i;

	fixture_slow(test);
	settings_copy(fx);
	for (i = 0; i < 3; i++)
		fx->images[1].fn[i].device += 0x100;
	settings_boot(fx);
	pr = settings_reload(fx, FIXTURE_USER, true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_restore_settings(pr));
	for (i = 0; i < 3; i++) {
		pdev = cycle_function(fx, i);
		KUNIT_EXPECT_EQ(test, 512, pcie_get_readrq(pdev));
		KUNIT_EXPECT_EQ(test, 0, pci_num_vf(pdev));
		settings_expect_override(test, pdev, false);
		pci_dev_put(pdev);
	}
	window_end(test, pr);
}

static void image_with_fewer_vfs_gets_none(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char lost[SETTINGS_TEXT_LEN];
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fixture_slow(test);
	settings_copy(fx);
	fx->images[1].fn[1].total_vfs = 2;
	settings_boot(fx);
	pr = settings_reload(fx, FIXTURE_USER, true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_restore_settings(pr));
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_EQ(test, 0, pci_num_vf(pdev));
	KUNIT_EXPECT_EQ(test, 3, pci_reload_lost(pr, lost, sizeof(lost)));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(lost, "3 VFs of"), "\"%s\"", lost);
	KUNIT_EXPECT_NOT_NULL(test, strstr(lost, pci_name(pdev)));
	pci_dev_put(pdev);
	window_end(test, pr);
}

static int settings_fail(struct pci_dev *pdev, int num_vfs)
{
	return num_vfs ? -EIO : pci_sriov_configure_simple(pdev, 0);
}

static int settings_do_less(struct pci_dev *pdev, int num_vfs)
{
	return pci_sriov_configure_simple(pdev, min(num_vfs, 1));
}

struct settings_failure {
	const char *name;
	int (*sriov)(struct pci_dev *pdev, int num_vfs);
	bool unbound;
	bool override;
	int err;
	const char *reason;
};

static const struct settings_failure settings_failures[] = {
	{ "PF without a driver", .unbound = true, .err = -ENOENT,
	  .reason = "3 VFs of %s were not enabled again: it has no driver" },
	{ "driver without VFs", .override = true, .err = -ENOENT,
	  .reason = "3 VFs of %s were not enabled again: its driver does not" },
	{ "driver that fails", .sriov = settings_fail, .err = -EIO,
	  .reason = "3 VFs of %s were not enabled again: its driver failed" },
	{ "driver that does less", .sriov = settings_do_less, .err = -EIO,
	  .reason = "its driver has enabled 1 VFs of %s, not 3 as before" },
};

static void settings_failure_desc(const struct settings_failure *failure,
				  char *desc)
{
	strscpy(desc, failure->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(settings_failure, settings_failures, settings_failure_desc);

/* Two PFs with VFs: the other one, which comes later, gets its VFs. */
static void vfs_that_cannot_be_enabled_are_told(struct kunit *test)
{
	const struct settings_failure *failure = test->param_value;
	char reason[SETTINGS_TEXT_LEN];
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *other;
	struct pci_reload *pr;

	fixture_slow_but(test, &settings_failures[3]);
	fx->images[2].fn[2].total_vfs = 2;
	fx->images[2].fn[2].vf_device = 0x25;
	fx->images[2].fn[2].vf_bar0.size = SZ_4K;
	cycle_boot(fx, FIXTURE_WIDE);
	pdev = cycle_function(fx, 1);
	cycle_enable_vfs(fx, pdev, 3);
	pci_dev_put(pdev);
	other = cycle_function(fx, 2);
	cycle_enable_vfs(fx, other, 2);
	pci_dev_put(other);

	pr = settings_reload(fx, FIXTURE_WIDE, true);
	pdev = cycle_function(fx, 1);
	other = cycle_function(fx, 2);
	if (failure->unbound)
		settings_unbind(pdev);
	if (failure->override)
		settings_override(test, pdev);
	cycle_hooks.sriov = failure->sriov;
	KUNIT_EXPECT_EQ(test, failure->err, pci_reload_restore_settings(pr));
	snprintf(reason, sizeof(reason), failure->reason, pci_name(pdev));
	window_expect_reason(test, pr, reason);
	if (!failure->sriov)
		KUNIT_EXPECT_EQ(test, 2, pci_num_vf(other));
	pci_dev_put(other);
	pci_dev_put(pdev);
	window_end(test, pr);
}

static int settings_auto_vfs;

static void settings_enable_at_probe(struct pci_dev *pdev)
{
	if (pci_sriov_get_totalvfs(pdev) &&
	    pci_enable_sriov(pdev, settings_auto_vfs))
		pci_warn(pdev, "no VFs\n");
}

static const int settings_autos[] = { 3, 1 };

static void settings_auto_desc(const int *vfs, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d VFs instead of 3", *vfs);
}

KUNIT_ARRAY_PARAM(settings_auto, settings_autos, settings_auto_desc);

static void driver_that_enables_vfs_by_itself_is_left_alone(struct kunit *test)
{
	const int *vfs = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fixture_slow_but(test, &settings_autos[1]);
	settings_boot(fx);
	settings_auto_vfs = *vfs;
	cycle_hooks.probe = settings_enable_at_probe;
	pr = settings_reload(fx, FIXTURE_WIDE, true);
	KUNIT_EXPECT_EQ(test, *vfs == 3 ? 0 : -EBUSY,
			pci_reload_restore_settings(pr));
	if (*vfs != 3)
		window_expect_reason(test, pr, "has 1 VFs already");
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_EQ(test, *vfs, pci_num_vf(pdev));
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* By their place below the port, not by bus number. */
static void functions_behind_a_switch_are_found_again(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char lost[SETTINGS_TEXT_LEN];
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fx->ports[0].card.has_switch = true;
	fx->images[2].fn[1].leg = 1;
	fx->images[2].fn[2].leg = 1;
	settings_copy(fx);
	memset(&fx->images[1].fn[2], 0, sizeof(fx->images[1].fn[2]));
	cycle_boot(fx, FIXTURE_WIDE);
	pdev = pci_get_device(0x1234, 0x0022, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, 0, pcie_set_readrq(pdev, SETTINGS_MRRS));
	pci_dev_put(pdev);
	pr = settings_reload(fx, FIXTURE_USER, true);
	pdev = pci_get_device(0x1234, 0x0022, NULL);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, SETTINGS_MRRS, pcie_get_readrq(pdev));
	KUNIT_EXPECT_EQ(test, 1, pci_reload_lost(pr, lost, sizeof(lost)));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(lost, ".1 (1234:0024)"),
				  "\"%s\"", lost);
	pci_dev_put(pdev);
	window_end(test, pr);
}

static void settings_expect_lost(struct fixture *fx, struct pci_reload *pr,
				 int count, size_t len, const char *fmt, ...)
	__printf(5, 6);

static void settings_expect_lost(struct fixture *fx, struct pci_reload *pr,
				 int count, size_t len, const char *fmt, ...)
{
	char *lost = kunit_kzalloc(fx->test, 2 * SETTINGS_TEXT_LEN, GFP_KERNEL);
	char *want = lost + SETTINGS_TEXT_LEN;
	va_list args;

	KUNIT_ASSERT_NOT_NULL(fx->test, lost);
	va_start(args, fmt);
	vsnprintf(want, SETTINGS_TEXT_LEN, fmt, args);
	va_end(args);
	KUNIT_EXPECT_EQ(fx->test, count, pci_reload_lost(pr, lost, len));
	KUNIT_EXPECT_STREQ(fx->test, lost, want);
}

static void all_that_is_lost_is_listed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char dev[PCIE_CARD_SIM_NAME_LEN];
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fixture_slow(test);
	cycle_boot(fx, FIXTURE_WIDE);
	pdev = cycle_function(fx, 1);
	snprintf(dev, sizeof(dev), "%04x:%02x:00", pci_domain_nr(pdev->bus),
		 pdev->bus->number);
	cycle_enable_vfs(fx, pdev, 1);
	pci_dev_put(pdev);
	pr = window_open(fx);
	settings_expect_lost(fx, pr, 0, SETTINGS_TEXT_LEN, "%s", "");
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	settings_expect_lost(fx, pr, 4, SETTINGS_TEXT_LEN,
			     "%s.0 (1234:0021), %s.1 (1234:0022), 1 VF of %s.1, %s.2 (1234:0024)",
			     dev, dev, dev, dev);
	/* Room for one, and for the words on the others. */
	settings_expect_lost(fx, pr, 4, 50, "%s.0 (1234:0021), and 3 more", dev);
	settings_expect_lost(fx, pr, 4, 20, "4 more");
	KUNIT_EXPECT_EQ(test, 4, pci_reload_lost(pr, NULL, 0));
	cycle_load(fx, pr, NULL);
	settings_expect_lost(fx, pr, 1, SETTINGS_TEXT_LEN, "1 VF of %s.1", dev);
	window_end(test, pr);
}

/* After a reload that failed there is nothing to remember. */
static void opening_without_functions_forgets_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	cycle_boot(fx, FIXTURE_WIDE);
	pr = window_open(fx);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 3, pci_reload_lost(pr, NULL, 0));
	cycle_load(fx, pr, FIXTURE_USER);
	/* Function 0 is another one, the others are not there. */
	KUNIT_EXPECT_EQ(test, 3, pci_reload_lost(pr, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_lost(pr, NULL, 0));
	window_end(test, pr);
}

/* Settings of a reload that failed serve the next one. */
static void settings_come_back_after_a_failure(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	fixture_slow(test);
	settings_boot(fx);
	pr = window_open(fx);
	pci_reload_set_restore(pr, true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	cycle_load(fx, pr, NULL);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_restore_settings(pr));
	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_EQ(test, SETTINGS_MRRS, pcie_get_readrq(pdev));
	pci_dev_put(pdev);
	pdev = cycle_function(fx, 1);
	KUNIT_EXPECT_EQ(test, 3, pci_num_vf(pdev));
	pci_dev_put(pdev);
	window_end(test, pr);
}

/* A function that cannot be read has no setting to come back. */
static void settings_read_nothing(struct pci_bus *bus, unsigned int devfn,
				  int where, int size, u32 *val)
{
	*val = ~0;
}

static void setting_that_was_not_readable_is_left(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *pdev;

	cycle_boot(fx, FIXTURE_WIDE);
	cycle_hook_reads(fx, 0);
	cycle_hooks.read = settings_read_nothing;
	pr = window_open(fx);
	cycle_hooks.read = NULL;
	pci_reload_set_restore(pr, true);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_remove_functions(pr, NULL));
	cycle_load(fx, pr, NULL);
	pdev = cycle_function(fx, 0);
	KUNIT_EXPECT_EQ(test, 512, pcie_get_readrq(pdev));
	pci_dev_put(pdev);
	window_end(test, pr);
}

static struct kunit_case settings_cases[] = {
	KUNIT_CASE(settings_come_back_where_asked_for),
	KUNIT_CASE(settings_do_not_come_back_unasked),
	KUNIT_CASE(other_function_in_the_same_place_gets_nothing),
	KUNIT_CASE(image_with_fewer_vfs_gets_none),
	KUNIT_CASE_PARAM(vfs_that_cannot_be_enabled_are_told,
			 settings_failure_gen_params),
	KUNIT_CASE_PARAM(driver_that_enables_vfs_by_itself_is_left_alone,
			 settings_auto_gen_params),
	KUNIT_CASE(functions_behind_a_switch_are_found_again),
	KUNIT_CASE(all_that_is_lost_is_listed),
	KUNIT_CASE(opening_without_functions_forgets_nothing),
	KUNIT_CASE(settings_come_back_after_a_failure),
	KUNIT_CASE(setting_that_was_not_readable_is_left),
	{}
};

struct kunit_suite pci_reload_settings_suite = {
	.name = "pci_reload_settings",
	.suite_init = settings_suite_init,
	.suite_exit = settings_suite_exit,
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = settings_cases,
};
