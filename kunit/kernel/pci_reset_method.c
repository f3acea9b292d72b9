// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's reset methods, by the kernel's own code, its own order and its
 * own files. What a reset was is read from the configuration writes.
 */

#include <linux/pci.h>

#include "kunit/fixtures/reset.h"
#include "kunit/suites.h"

/* Every combination of them, filled in below. */
static unsigned int reset_sets[RESET_ALL + 1];

static int reset_suite_init(struct kunit_suite *suite)
{
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(reset_sets); i++)
		reset_sets[i] = i;
	ret = reset_tools_init();
	if (ret)
		return ret;
	reset_acpi_init();
	return 0;
}

static void reset_suite_exit(struct kunit_suite *suite)
{
	reset_acpi_exit();
	reset_tools_exit();
}

static void reset_expect_list(struct kunit *test, struct pci_dev *pdev,
			      unsigned int set)
{
	char wanted[64];

	reset_set_text(set, wanted, sizeof(wanted));
	KUNIT_EXPECT_STREQ(test, reset_file_read(test, pdev, "reset_method"),
			   wanted);
}

/* Reset the function, which has a driver; the reset has to be by this method. */
static void reset_expect(struct fixture *fx, struct pci_dev *pdev,
			 enum reset_method by, int result)
{
	const char *trace = reset_set_trace(fx, by);
	char wanted[128];

	snprintf(wanted, sizeof(wanted), "prepare %s%sdone", trace,
		 trace[0] ? " " : "");

	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(fx->test, result, pci_reset_function(pdev));
	KUNIT_EXPECT_STREQ(fx->test, reset_trace_end(fx), wanted);
}

/* Without a method the kernel does not even begin. */
static void reset_expect_none(struct fixture *fx, struct pci_dev *pdev)
{
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(fx->test, -ENOTTY, pci_reset_function(pdev));
	KUNIT_EXPECT_STREQ(fx->test, reset_trace_end(fx), "");
}

KUNIT_ARRAY_PARAM(reset_set, reset_sets, reset_set_desc);

static void first_method_resets_and_no_other_does(struct kunit *test)
{
	unsigned int set = *(unsigned int *)test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	int but = -1;
	u32 *saved;

	pdev = reset_boot(fx, set);
	reset_expect_list(test, pdev, set);
	saved = reset_save(fx, pdev);
	if (set)
		reset_expect(fx, pdev, reset_first(set), 0);
	else
		reset_expect_none(fx, pdev);
	/*
	 * The kernel's own reset of this device saves the registers once more,
	 * in mid-reset: bus mastering is on when they are restored from that.
	 */
	if (set & BIT(RESET_BY_DEVICE)) {
		pci_write_config_word(pdev, PCI_COMMAND,
				      saved[PCI_COMMAND / 4]);
		but = reset_traffic_reg(pdev);
	}
	reset_expect_same(fx, pdev, saved, but);
	pci_dev_put(pdev);
}

/*
 * Have a method say that it is not for this function, as it would if the kernel
 * had come to know something about the function after it made the list.
 */
static void reset_refuse(struct pci_dev *pdev, enum reset_method by)
{
	switch (by) {
	case RESET_BY_DEVICE:
		pdev->device = RESET_DEVICE;
		break;
	case RESET_BY_ACPI:
		reset_acpi_detach();
		break;
	case RESET_BY_FLR:
		pdev->devcap &= ~PCI_EXP_DEVCAP_FLR;
		break;
	case RESET_BY_AF:
		pdev->dev_flags |= PCI_DEV_FLAGS_NO_FLR_RESET;
		break;
	case RESET_BY_PM:
		pdev->dev_flags |= PCI_DEV_FLAGS_NO_PM_RESET;
		break;
	case RESET_BY_BUS:
		pdev->dev_flags |= PCI_DEV_FLAGS_NO_BUS_RESET;
		break;
	case RESET_BYS:
		break;
	}
}

static const unsigned int reset_refusals[] = { 0, 1, 2, 3, 4, 5, 6 };

static void reset_refusal_desc(const unsigned int *refusals, char *desc)
{
	unsigned int refused = BIT(*refusals) - 1;

	if (refused)
		reset_set_text(refused, desc, KUNIT_PARAM_DESC_SIZE);
	else
		strscpy(desc, "none", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reset_refusal, reset_refusals, reset_refusal_desc);

static void methods_that_refuse_fall_through_to_the_next(struct kunit *test)
{
	unsigned int i, refused = *(const unsigned int *)test->param_value;
	struct fixture *fx = test->priv;
	unsigned int set = RESET_ALL;
	struct pci_dev *pdev;

	if (reset_acpi_missing())
		set &= ~BIT(RESET_BY_ACPI);
	pdev = reset_boot(fx, set);
	for (i = 0; i < refused; i++)
		reset_refuse(pdev, i);
	/* They are still in the list. */
	reset_expect_list(test, pdev, set);
	set &= ~(BIT(refused) - 1);
	reset_expect(fx, pdev, reset_first(set), set ? 0 : -ENOTTY);
	pci_dev_put(pdev);
}

/* What the platform says is -ENOTTY to the kernel, whatever it is. */
static void platform_that_fails_falls_through(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, BIT(RESET_BY_ACPI) | BIT(RESET_BY_AF));
	reset_acpi_fail(true);
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(pdev));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx),
			   "prepare acpi af_flr reset-af done");
	pci_dev_put(pdev);
}

/* The kernel's method for this device needs the first BAR: -ENOMEM. */
static void device_specific_failure_ends_the_search(struct kunit *test)
{
	struct pcie_card_sim_function *fn;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fn = &fx->images[0].fn[0];
	fn->vendor = PCI_VENDOR_ID_INTEL;
	fn->device = RESET_DEVICE_IGD;
	fn->bar[0].size = 0;
	pdev = reset_boot(fx, BIT(RESET_BY_FLR) | BIT(RESET_BY_AF) |
			      BIT(RESET_BY_PM) | BIT(RESET_BY_BUS));
	reset_expect_list(test, pdev, RESET_ALL & ~BIT(RESET_BY_ACPI));
	reset_expect(fx, pdev, RESET_BYS, -ENOMEM);
	pci_dev_put(pdev);
}

/* A reset through the power state fails outside D0; bus is not tried then. */
static void pm_failure_ends_the_search(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, BIT(RESET_BY_PM) | BIT(RESET_BY_BUS));
	device_lock(&pdev->dev);
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function_locked(pdev));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx),
			   "prepare d3hot d0 reset-pm done");

	pci_set_power_state(pdev, PCI_D3hot);
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, -EINVAL, __pci_reset_function_locked(pdev));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx), "");
	pci_set_power_state(pdev, PCI_D0);
	device_unlock(&pdev->dev);
	pci_dev_put(pdev);
}

/*
 * There is nobody to train a link with after the reset. Some kernels go on to
 * restore the ones that they have read from a card that was not there.
 */
static void bus_reset_of_a_card_that_is_gone_fails(struct kunit *test)
{
	static const char wanted[] = "prepare port:sbr port:reset-bus port:sbr-end";
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	const char *trace;

	fixture_slow(test);
	pdev = reset_boot(fx, BIT(RESET_BY_BUS));
	KUNIT_ASSERT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, -ENOTTY, pci_reset_function(pdev));
	trace = reset_trace_end(fx);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(trace, wanted), "%s", trace);
	pci_dev_put(pdev);
}

/* pciehp resets the slot then, and does not take it for an unplug. */
static void bus_reset_of_a_slot_restores_the_function(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	u32 *saved;

	fx->ports[0].slot = true;
	fx->ports[0].hotplug = true;
	pdev = reset_boot(fx, BIT(RESET_BY_BUS));
	saved = reset_save(fx, pdev);
	reset_expect(fx, pdev, RESET_BY_BUS, 0);
	reset_expect_same(fx, pdev, saved, -1);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 1);
	KUNIT_EXPECT_PTR_EQ(test, fixture_function(fx, 0, 0), pdev);
	pci_dev_put(pdev);
	pci_dev_put(pdev);
}

/*
 * The first function of a device has the bus for itself when the kernel finds
 * it, and gets "bus"; the others come later.
 */
static void bus_in_the_list_is_not_used_with_siblings(struct kunit *test)
{
	struct pcie_card_sim_function *fn;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev, *sibling;

	fn = fx->images[0].fn;
	fn[1] = fn[0];
	fn[1].device++;
	fn[1].flr = true;
	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	sibling = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_ASSERT_NOT_NULL(test, sibling);
	reset_expect_list(test, pdev, BIT(RESET_BY_BUS));
	reset_expect_list(test, sibling, BIT(RESET_BY_FLR));
	reset_expect(fx, pdev, RESET_BYS, -ENOTTY);
	pci_dev_put(sibling);
	pci_dev_put(pdev);
}

struct reset_order {
	const char *text;
	enum reset_method first;
};

static const struct reset_order reset_orders[] = {
	{ "flr af_flr pm", RESET_BY_FLR },
	{ "flr pm af_flr", RESET_BY_FLR },
	{ "af_flr flr pm", RESET_BY_AF },
	{ "af_flr pm flr", RESET_BY_AF },
	{ "pm flr af_flr", RESET_BY_PM },
	{ "pm af_flr flr", RESET_BY_PM },
	{ "flr", RESET_BY_FLR },
	{ "af_flr", RESET_BY_AF },
	{ "pm", RESET_BY_PM },
};

static void reset_order_desc(const struct reset_order *order, char *desc)
{
	strscpy(desc, order->text, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reset_order, reset_orders, reset_order_desc);

#define RESET_ORDERED	(BIT(RESET_BY_FLR) | BIT(RESET_BY_AF) | BIT(RESET_BY_PM))

static void reset_method_sets_the_order(struct kunit *test)
{
	const struct reset_order *order = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, RESET_ORDERED);
	KUNIT_EXPECT_EQ(test, 0,
			reset_file_write(pdev, "reset_method", order->text));
	KUNIT_EXPECT_STREQ(test, reset_file_read(test, pdev, "reset_method"),
			   order->text);
	reset_expect(fx, pdev, order->first, 0);
	pci_dev_put(pdev);
}

/* In an order that is not the kernel's, too. */
static void refusal_falls_through_in_the_order_that_was_set(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, RESET_ORDERED);
	KUNIT_EXPECT_EQ(test, 0, reset_file_write(pdev, "reset_method",
						  "pm af_flr flr\n"));
	reset_refuse(pdev, RESET_BY_PM);
	reset_expect(fx, pdev, RESET_BY_AF, 0);
	pci_dev_put(pdev);
}

static void reset_method_disables_and_restores(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, RESET_ORDERED);
	KUNIT_EXPECT_EQ(test, 0, reset_file_write(pdev, "reset_method", "\n"));
	reset_expect_list(test, pdev, 0);
	reset_expect_none(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0,
			reset_file_write(pdev, "reset_method", "default\n"));
	reset_expect_list(test, pdev, RESET_ORDERED);
	reset_expect(fx, pdev, RESET_BY_FLR, 0);
	pci_dev_put(pdev);
}

/* Neither names that there are not, nor what this function has not. */
static const char * const reset_refused_texts[] = {
	"nonsense",
	"flr nonsense",
	"bus",
	"pm bus",
	"flr,pm",
	/* more than there are methods */
	"pm flr pm flr pm flr pm flr pm flr",
};

static void reset_refused_desc(const char * const *text, char *desc)
{
	strscpy(desc, *text, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reset_refused, reset_refused_texts, reset_refused_desc);

static void refused_list_leaves_the_old_one(struct kunit *test)
{
	const char *text = *(const char * const *)test->param_value;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, RESET_ORDERED);
	KUNIT_EXPECT_EQ(test, 0,
			reset_file_write(pdev, "reset_method", "pm flr\n"));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			reset_file_write(pdev, "reset_method", text));
	KUNIT_EXPECT_STREQ(test, reset_file_read(test, pdev, "reset_method"),
			   "pm flr");
	reset_expect(fx, pdev, RESET_BY_PM, 0);
	pci_dev_put(pdev);
}

/* The file through which user space resets goes by the same list. */
static void reset_file_uses_the_list(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, RESET_ORDERED);
	KUNIT_EXPECT_EQ(test, 0, reset_file_write(pdev, "reset_method", "pm"));
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, reset_file_write(pdev, "reset", "1"));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx),
			   "prepare d3hot d0 reset-pm done");
	pci_dev_put(pdev);
}

static void function_without_a_driver_is_reset_too(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, BIT(RESET_BY_AF));
	device_release_driver(&pdev->dev);
	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_reset_function(pdev));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx), "af_flr reset-af");
	pci_dev_put(pdev);
}

static void function_that_is_in_use_is_not_reset_by_a_try(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	pdev = reset_boot(fx, RESET_ORDERED);
	reset_trace_start(fx, pdev);
	device_lock(&pdev->dev);
	KUNIT_EXPECT_EQ(test, -EAGAIN, pci_try_reset_function(pdev));
	device_unlock(&pdev->dev);
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx), "");

	reset_trace_start(fx, pdev);
	KUNIT_EXPECT_EQ(test, 0, pci_try_reset_function(pdev));
	KUNIT_EXPECT_STREQ(test, reset_trace_end(fx),
			   "prepare flr reset-flr done");
	pci_dev_put(pdev);
}

static struct kunit_case reset_cases[] = {
	KUNIT_CASE_PARAM(first_method_resets_and_no_other_does,
			 reset_set_gen_params),
	KUNIT_CASE_PARAM(methods_that_refuse_fall_through_to_the_next,
			 reset_refusal_gen_params),
	KUNIT_CASE(platform_that_fails_falls_through),
	KUNIT_CASE(device_specific_failure_ends_the_search),
	KUNIT_CASE(pm_failure_ends_the_search),
	KUNIT_CASE(bus_reset_of_a_card_that_is_gone_fails),
	KUNIT_CASE(bus_reset_of_a_slot_restores_the_function),
	KUNIT_CASE(bus_in_the_list_is_not_used_with_siblings),
	KUNIT_CASE_PARAM(reset_method_sets_the_order, reset_order_gen_params),
	KUNIT_CASE(refusal_falls_through_in_the_order_that_was_set),
	KUNIT_CASE(reset_method_disables_and_restores),
	KUNIT_CASE_PARAM(refused_list_leaves_the_old_one,
			 reset_refused_gen_params),
	KUNIT_CASE(reset_file_uses_the_list),
	KUNIT_CASE(function_without_a_driver_is_reset_too),
	KUNIT_CASE(function_that_is_in_use_is_not_reset_by_a_try),
	{}
};

struct kunit_suite pci_reset_method_suite = {
	.name = "pci_reset_method",
	.suite_init = reset_suite_init,
	.suite_exit = reset_suite_exit,
	.init = reset_init,
	.exit = reset_exit,
	.test_cases = reset_cases,
};
