// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends that need the control function for the trigger, or none, and that say that
 * the card drops its link by itself, or not.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define CONTROL_DELAY_MS	300

static bool control_link_was_disabled(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event event;

	return fixture_find_write(fx, port,
				  pci_pcie_cap(port) + PCI_EXP_LNKCTL,
				  PCI_EXP_LNKCTL_LD, PCI_EXP_LNKCTL_LD, 0,
				  &event);
}

/**
 * struct control_kind - a kind of back end
 * @what: for people
 * @control: it needs the control function for the trigger
 * @drops_link: it says that the card drops its link by itself
 */
struct control_kind {
	const char *what;
	bool control;
	bool drops_link;
};

static const struct control_kind control_kinds[] = {
	{ "control function", true, false },
	{ "control function, drops", true, true },
	{ "no control device", false, false },
	{ "no control device, drops", false, true },
};

static void control_kind_desc(const struct control_kind *kind, char *desc)
{
	strscpy(desc, kind->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(control_kind, control_kinds, control_kind_desc);

/**
 * struct control_back_end - a back end that has the simulator load by itself
 * @info: as it attaches
 * @ops: its operations
 * @fx: the host; its first port
 * @kind: what it is
 * @attached: what the card is to it, while it is attached
 * @card: the card
 * @functions: how many there were below the port at the last trigger
 */
struct control_back_end {
	struct fpga_card_info info;
	struct fpga_card_ops ops;
	struct fixture *fx;
	const struct control_kind *kind;
	struct fpga_card *attached;
	struct fpga_card *card;
	unsigned int functions;
};

static int control_images(void *priv, struct fpga_card_image *images,
			  unsigned int max)
{
	struct control_back_end *be = priv;
	const struct pcie_card_sim_image *image;
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		image = &be->fx->images[i];
		strscpy(images[i].name, image->name, sizeof(images[i].name));
		images[i].timeout_ms = image->timeout_ms;
		images[i].hold_ms = image->hold_ms;
	}
	return i;
}

static int control_running(void *priv, char *name, size_t len)
{
	struct control_back_end *be = priv;

	return pcie_card_sim_running(be->fx->sim, 0, name, len);
}

static int control_trigger(void *priv, const char *name, bool staged)
{
	struct control_back_end *be = priv;

	be->functions = fixture_count(be->fx, 0);
	return pcie_card_sim_load(be->fx->sim, 0, name);
}

/* Where be is attached by the driver of the control function. */
static struct control_back_end *control_bound;

static int control_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct control_back_end *be = control_bound;

	be->info.control = &pdev->dev;
	be->attached = fpga_card_attach(&be->info);
	return PTR_ERR_OR_ZERO(be->attached);
}

static void control_remove(struct pci_dev *pdev)
{
	fpga_card_detach(control_bound->attached, control_bound);
}

static const struct pci_device_id control_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{ PCI_DEVICE(0x1234, 0x0021) },
	{}
};

static struct pci_driver control_driver = {
	.name = "fpga-card-kunit-control",
	.id_table = control_ids,
	.probe = control_probe,
	.remove = control_remove,
};

/* A class that none of the simulator's own drivers takes. */
static void control_without_bmc(struct fixture *fx)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].bmc = false;
		fx->images[i].fn[0].class = 0x110000;
	}
}

static struct control_back_end *control_alloc(struct fixture *fx,
					      const struct control_kind *kind)
{
	struct control_back_end *be;

	be = kunit_kzalloc(fx->test, sizeof(*be), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, be);
	be->fx = fx;
	be->kind = kind;
	be->ops.images = control_images;
	be->ops.running = control_running;
	be->ops.trigger = control_trigger;
	be->info.name = "kunit";
	be->info.drops_link = kind->drops_link;
	be->info.ops = &be->ops;
	be->info.priv = be;
	return be;
}

static struct control_back_end *control_boot(struct fixture *fx,
					     const struct control_kind *kind)
{
	struct control_back_end *be = control_alloc(fx, kind);

	control_without_bmc(fx);
	fixture_start(fx);
	be->info.port = fixture_port(fx, 0);
	if (kind->control) {
		control_bound = be;
		fixture_add_driver(fx, &control_driver);
	} else {
		be->attached = fpga_card_attach(&be->info);
		KUNIT_ASSERT_FALSE(fx->test, IS_ERR(be->attached));
	}
	be->card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return be;
}

static void control_end(struct control_back_end *be)
{
	fpga_card_put(be->card);
	if (be->kind->control)
		fixture_remove_driver(be->fx, &control_driver);
	else
		fpga_card_detach(be->attached, be);
}

/* What cards do with an image that does not work. */
static void card_that_falls_back_to_its_old_image_is_told_at_once(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_FACTORY };
	static const struct control_kind kind = { "control function", true, false };
	struct fixture *fx = test->priv;
	struct control_back_end *be;
	ktime_t start;

	fx->images[1].hold_ms = 100;
	be = control_boot(fx, &kind);
	fixture_set_faults(fx, &faults);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(be->card, FIXTURE_USER));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start),
			FIXTURE_TIMEOUT_MS);
	load_expect_error(test, be->card, "runs \"factory\" instead of \"user\"");
	load_expect_error(test, be->card, "runs \"factory\" again");
	load_expect_runs(fx, be->card, FIXTURE_FACTORY);
	control_end(be);
}

/* All functions go before the trigger but the one that is needed for it. */
static void functions_go_before_the_trigger(struct kunit *test)
{
	const struct control_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = kind->drops_link ? CONTROL_DELAY_MS : 0,
	};
	struct fixture *fx = test->priv;
	struct control_back_end *be;

	be = control_boot(fx, kind);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, be->functions, kind->control ? 1 : 0);
	KUNIT_EXPECT_EQ(test, control_link_was_disabled(fx), !kind->drops_link);
	KUNIT_EXPECT_EQ(test, 0, load_added_meanwhile(fx));
	load_expect_runs(fx, be->card, FIXTURE_USER);
	control_end(be);
}

/* Of a card that does not say whether it is busy its image tells. */
static void old_image_tells_that_the_card_did_not_begin(struct kunit *test)
{
	const struct control_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = CONTROL_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct control_back_end *be;

	fixture_slow_but(test, &control_kinds[0]);
	be = control_boot(fx, kind);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, load_added_meanwhile(fx) > 0, !kind->drops_link);
	load_expect_runs(fx, be->card, FIXTURE_USER);
	control_end(be);
}

/* Kinds of which functions are removed between the trigger and the drop. */
static const struct control_kind control_busy_kinds[] = {
	{ "control function", true, false },
	{ "control function, drops", true, true },
	{ "no control device", false, false },
};

KUNIT_ARRAY_PARAM(control_busy_kind, control_busy_kinds, control_kind_desc);

/**
 * struct control_busy - a removal that lasts longer than the card needs to load
 * @nb: on the PCI bus
 * @fx: the host; its first port
 * @left: it is the removal after as many of the first function
 */
struct control_busy {
	struct notifier_block nb;
	struct fixture *fx;
	unsigned int left;
};

static int control_busy_notify(struct notifier_block *nb, unsigned long action,
			       void *data)
{
	struct control_busy *busy = container_of(nb, struct control_busy, nb);
	struct pci_dev *pdev = to_pci_dev(data);

	if (action != BUS_NOTIFY_DEL_DEVICE || pdev->devfn ||
	    pci_upstream_bridge(pdev) != fixture_port(busy->fx, 0))
		return 0;
	if (!busy->left--)
		msleep(3 * CONTROL_DELAY_MS);
	return 0;
}

/* The link went down, and came up with the new image, while nobody looked. */
static void card_that_loads_during_a_removal_is_seen_to(struct kunit *test)
{
	const struct control_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = CONTROL_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct control_busy busy = {
		.nb.notifier_call = control_busy_notify,
		.fx = fx,
		.left = kind->drops_link ? 0 : 1,
	};
	struct control_back_end *be;

	fixture_slow(test);
	be = control_boot(fx, kind);
	fixture_set_faults(fx, &faults);
	KUNIT_ASSERT_EQ(test, 0, bus_register_notifier(&pci_bus_type, &busy.nb));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, FIXTURE_USER));
	bus_unregister_notifier(&pci_bus_type, &busy.nb);
	KUNIT_EXPECT_EQ(test, busy.left, ~0U);
	load_expect_runs(fx, be->card, FIXTURE_USER);
	control_end(be);
}

static void back_end_is_told_that_the_card_did_not_begin(struct kunit *test)
{
	const struct control_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = 60 * 1000,
	};
	struct fixture *fx = test->priv;
	struct control_back_end *be;

	fixture_slow_but(test, &control_kinds[0]);
	fx->images[1].timeout_ms = 500;
	be = control_boot(fx, kind);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(be->card, FIXTURE_USER));
	load_expect_error(test, be->card, "did not begin to load it within 500 ms");
	load_expect_runs(fx, be->card, FIXTURE_FACTORY);
	control_end(be);
}

/* The bus method is pciehp's reset of the slot, which enables events again. */
static void slot_that_is_reset_stays_quiet(struct kunit *test)
{
	static const struct control_kind kind = {};
	struct fixture *fx = test->priv;
	struct control_back_end *be;
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].flr = false;
		fx->images[i].fn[0].pm = false;
		fx->images[i].fn[1].vendor = 0;
		fx->images[i].fn[2].vendor = 0;
	}
	be = control_boot(fx, &kind);
	mutex_lock(&be->card->lock);
	be->card->settings.quiesce = PCI_RELOAD_QUIESCE_RESET;
	mutex_unlock(&be->card->lock);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(be->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 1, fixture_count_events(fx, BIT(PCIE_CARD_SIM_RESET_BUS), 0));
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0));
	load_expect_runs(fx, be->card, FIXTURE_USER);
	control_end(be);
}

static void card_without_a_control_device_is_rolled_back(struct kunit *test)
{
	static const struct control_kind kind = {};
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fixture *fx = test->priv;
	struct control_back_end *be;
	struct load_hold hold;

	fixture_slow(test);
	fx->images[0].timeout_ms = 500;
	fx->images[1].timeout_ms = 500;
	be = control_boot(fx, &kind);
	load_hold_start(&hold, fx, &faults, true);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(be->card, FIXTURE_USER));
	load_hold_stop(&hold);
	load_expect_error(test, be->card, "by a new link training");
	load_expect_error(test, be->card, "\"factory\", which ran before, was loaded again");
	load_expect_runs(fx, be->card, FIXTURE_FACTORY);
	control_end(be);
}

/*
 * A driver that tells the card what to load, which the card then does when it
 * is reset.
 */
static struct fpga_card *control_reset_card;
static unsigned int control_reset_triggers;

static int control_reset_images(void *priv, struct fpga_card_image *images,
				unsigned int max)
{
	strscpy(images[0].name, FIXTURE_USER, sizeof(images[0].name));
	images[0].timeout_ms = FIXTURE_TIMEOUT_MS;
	return 1;
}

static int control_reset_trigger(void *priv, const char *name, bool staged)
{
	control_reset_triggers++;
	return 0;
}

static const struct fpga_card_ops control_reset_ops = {
	.images = control_reset_images,
	.trigger = control_reset_trigger,
};

static int control_reset_probe(struct pci_dev *pdev,
			       const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = pci_upstream_bridge(pdev),
		.control = &pdev->dev,
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &control_reset_ops,
	};

	control_reset_card = fpga_card_attach(&info);
	return PTR_ERR_OR_ZERO(control_reset_card);
}

static void control_reset_remove(struct pci_dev *pdev)
{
	fpga_card_detach(control_reset_card, NULL);
}

/* Before the load, and after it; no other class than the driver of its own. */
static const struct pci_device_id control_reset_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{}
};

static struct pci_driver control_reset = {
	.name = "fpga-card-kunit-reset",
	.id_table = control_reset_ids,
	.probe = control_reset_probe,
	.remove = control_reset_remove,
};

static void driver_can_leave_the_start_to_a_reset(struct kunit *test)
{
	struct pcie_card_sim_event event;
	char name[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	control_reset_triggers = 0;
	fx->images[0].fn[0].class = 0xff0000;
	fx->images[1].fn[0].class = 0xff0000;
	fixture_describe_reset(fx, FIXTURE_USER);
	fixture_add_driver(fx, &control_reset);
	fixture_start(fx);
	fixture_name(fx, 0, name);
	pcie_card_sim_log_clear(fx->sim);
	card = fixture_card(fx, 0);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, control_reset_triggers, 1);
	fixture_expect_image(fx, 0, FIXTURE_USER);
	fixture_expect_after_removal(fx, PCIE_CARD_SIM_RESET_BUS, name);
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &event));
	KUNIT_EXPECT_EQ(test, event.value, PCIE_CARD_SIM_BY_RESET);

	fpga_card_put(card);
}

static struct kunit_case control_cases[] = {
	KUNIT_CASE(card_that_falls_back_to_its_old_image_is_told_at_once),
	KUNIT_CASE_PARAM(functions_go_before_the_trigger, control_kind_gen_params),
	KUNIT_CASE_PARAM(old_image_tells_that_the_card_did_not_begin,
			 control_kind_gen_params),
	KUNIT_CASE_PARAM(card_that_loads_during_a_removal_is_seen_to,
			 control_busy_kind_gen_params),
	KUNIT_CASE_PARAM(back_end_is_told_that_the_card_did_not_begin,
			 control_kind_gen_params),
	KUNIT_CASE(slot_that_is_reset_stays_quiet),
	KUNIT_CASE(card_without_a_control_device_is_rolled_back),
	KUNIT_CASE(driver_can_leave_the_start_to_a_reset),
	{}
};

struct kunit_suite fpga_card_control_suite = {
	.name = "fpga_card_control",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = control_cases,
};
