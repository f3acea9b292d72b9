// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards without a control device: which descriptions of them are taken.
 */

#include <linux/fpga/fpga-card.h>

#include "fpga/card.h"
#include "kunit/fixtures/window.h"
#include "kunit/suites.h"

static const struct fpga_card_image add_images[] = {
	{ .name = FIXTURE_FACTORY, .timeout_ms = 1 },
	{ .name = FIXTURE_USER, .timeout_ms = 1 },
};

static void add_expect_refused(struct fixture *fx, int err,
			       enum fpga_card_method method,
			       const struct fpga_card_image *images,
			       unsigned int count)
{
	struct fpga_card_builtin *builtin;

	builtin = fpga_card_builtin_add(fixture_port(fx, 0), method, images,
					count);
	KUNIT_EXPECT_EQ(fx->test, err, PTR_ERR_OR_ZERO(builtin));
	if (!IS_ERR(builtin))
		fpga_card_builtin_remove(builtin);
}

static void slot_without_power_control_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fixture_start(fx);
	add_expect_refused(fx, -EOPNOTSUPP, FPGA_CARD_SLOT_POWER,
			   add_images, ARRAY_SIZE(add_images));
	/* Nothing of it is left. */
	KUNIT_EXPECT_NULL(test, fpga_card_find(fixture_port(fx, 0)));
}

static void card_that_has_a_back_end_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[0].fn[0].bmc = true;
	fx->images[1].fn[0].bmc = true;
	fixture_start(fx);
	add_expect_refused(fx, -EBUSY, FPGA_CARD_EXTERNAL, add_images,
			   ARRAY_SIZE(add_images));
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

static void port_that_takes_no_card_is_refused(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	builtin = fpga_card_builtin_add(pdev, FPGA_CARD_EXTERNAL,
					add_images, 1);
	KUNIT_EXPECT_EQ(test, -ENODEV, PTR_ERR_OR_ZERO(builtin));
	pci_dev_put(pdev);
}

struct add_bad {
	const char *what;
	unsigned int method;
	unsigned int count;
	struct fpga_card_image images[2];
};

static const struct add_bad add_bads[] = {
	{ "registers", FPGA_CARD_REGISTERS, 1, { { "a", 1 } } },
	{ "method", FPGA_CARD_REGISTERS + 1, 1, { { "a", 1 } } },
	{ "no image", FPGA_CARD_EXTERNAL, 0, { { "a", 1 } } },
	{ "no deadline", FPGA_CARD_EXTERNAL, 2, { { "a", 1 }, { "b", 0 } } },
	{ "no name", FPGA_CARD_EXTERNAL, 1, { { "", 1 } } },
	{ "path as a name", FPGA_CARD_EXTERNAL, 1, { { "a/b", 1 } } },
	{ "name twice", FPGA_CARD_EXTERNAL, 2, { { "a", 1 }, { "a", 2 } } },
};

static void add_bad_desc(const struct add_bad *bad, char *desc)
{
	strscpy(desc, bad->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(add_bad, add_bads, add_bad_desc);

static void description_without_sense_is_refused(struct kunit *test)
{
	const struct add_bad *bad = test->param_value;
	struct fixture *fx = test->priv;

	fixture_start(fx);
	add_expect_refused(fx, -EINVAL, bad->method, bad->images,
			   bad->count);
}

static struct kunit_case add_cases[] = {
	KUNIT_CASE(slot_without_power_control_is_refused),
	KUNIT_CASE(card_that_has_a_back_end_is_refused),
	KUNIT_CASE(port_that_takes_no_card_is_refused),
	KUNIT_CASE_PARAM(description_without_sense_is_refused,
			 add_bad_gen_params),
	{}
};

struct kunit_suite fpga_card_builtin_add_suite = {
	.name = "fpga_card_builtin_add",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = add_cases,
};
