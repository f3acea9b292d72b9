// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that go on with their old image for a while after the trigger, and back ends of
 * other kinds than the simulator's own. One file, as a suite is one object, and its cases
 * share what is set up at its top.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define BEGIN_TIMEOUT_MS	2000
#define BEGIN_DELAY_MS		300

static int begin_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	for (i = 0; !ret && i < FIXTURE_IMAGES; i++)
		fx->images[i].timeout_ms = BEGIN_TIMEOUT_MS;
	return ret;
}

/* Devices that the kernel made from the trigger until the new image ran. */
static unsigned int begin_added_meanwhile(struct fixture *fx)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_DEV_ADD),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};
	struct pcie_card_sim_event trigger, image, event;
	unsigned int n = 0;

	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_TRIGGER,
						 FIXTURE_USER, 0, &trigger));
	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_IMAGE,
						 FIXTURE_USER, trigger.seq,
						 &image));
	match.from_seq = trigger.seq;
	while (pcie_card_sim_log_find(fx->sim, &match, &event) &&
	       event.seq < image.seq) {
		n++;
		match.from_seq = event.seq + 1;
	}
	return n;
}

static bool begin_link_was_disabled(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event event;

	return fixture_find_write(fx, port,
				  pci_pcie_cap(port) + PCI_EXP_LNKCTL,
				  PCI_EXP_LNKCTL_LD, PCI_EXP_LNKCTL_LD, 0,
				  &event);
}

static void old_image_is_not_taken_for_the_new_one(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = BEGIN_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	u32 *saved;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	/* It did come up once more, or this shows nothing. */
	KUNIT_EXPECT_GT(test, begin_added_meanwhile(fx), 0);
	fixture_expect_port(fx, 0, saved);
	fpga_card_put(card);
}

/**
 * struct begin_drop - when the old image goes, after it came up once more
 * @what: for people
 * @state: what the load is at
 * @plain: the port has no slot
 */
struct begin_drop {
	const char *what;
	const char *state;
	bool plain;
};

static const struct begin_drop begin_drops[] = {
	{ "settling", "settling", false },
	{ "enumerating", "enumerating", false },
	{ "verifying", "verifying", false },
	{ "settling, plain port", "settling", true },
	{ "enumerating, plain port", "enumerating", true },
	{ "verifying, plain port", "verifying", true },
};

static void begin_drop_desc(const struct begin_drop *drop, char *desc)
{
	strscpy(desc, drop->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(begin_drop, begin_drops, begin_drop_desc);

/* It begins to load when the delay is over, which is now. */
static void old_image_may_go_while_it_is_looked_at(struct kunit *test)
{
	const struct begin_drop *drop = test->param_value;
	static const struct pcie_card_sim_faults now;
	struct pcie_card_sim_faults later = {
		.trigger_delay_ms = 60 * 1000,
	};
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = drop->state,
		.act = load_moment_faults,
		.data = &now,
	};
	struct fpga_card *card;

	fixture_slow_but(test, &begin_drops[1]);
	/* So long that nobody sees it come in time by chance. */
	fx->images[1].reload_ms = BEGIN_DELAY_MS;
	fx->ports[0].slot = !drop->plain;
	fx->ports[0].hotplug = !drop->plain;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &later);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	KUNIT_EXPECT_GT(test, moment.seen, 1);
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

static void begin_drop_link(struct load_moment *moment)
{
	pcie_card_sim_drop_link(moment->fx->sim, 0);
}

/* It works in the end, but nobody would like to have it so in a server. */
static void link_that_goes_down_again_is_told(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "verifying",
		.act = begin_drop_link,
	};
	ktime_t start = ktime_get();
	struct fpga_card *card;

	fx->images[1].hold_ms = 10;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_moment_stop(&moment);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start),
			BEGIN_TIMEOUT_MS);
	KUNIT_EXPECT_EQ(test, moment.seen, 2);
	load_expect_error(test, card, "went down again");
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

static void old_image_is_not_seen_while_the_link_is_held(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = BEGIN_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[1].hold_ms = 2 * BEGIN_DELAY_MS;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_runs(fx, card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, begin_added_meanwhile(fx));
	fpga_card_put(card);
}

static void card_that_does_not_begin_is_given_up(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = 60 * 1000,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;
	u32 *saved;
	u8 line;

	fx->images[1].timeout_ms = 500;
	card = fixture_boot(fx, FIXTURE_FACTORY);
	saved = fixture_save_port(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "did not begin to load it within 500 ms");
	load_expect_error(test, card, "brought back by its link");
	load_expect_error(test, card, "runs \"factory\" again");
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	load_expect_state(test, card, FPGA_CARD_FAILED);
	fixture_expect_port(fx, 0, saved);
	/* The mark by which it would have been seen to begin is gone. */
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_read_config_byte(pdev, PCI_CACHE_LINE_SIZE, &line);
	KUNIT_EXPECT_EQ(test, line, 0);
	pci_dev_put(pdev);

	/* It has yet to do what it was told. */
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_WIDE));
	fpga_card_put(card);
}

/**
 * struct begin_back_end - a back end that has the simulator load by itself
 * @info: as it attaches
 * @ops: its operations
 * @fx: the host; its first port
 * @card: the card, while attached
 * @functions: how many there were below the port at the last trigger
 */
struct begin_back_end {
	struct fpga_card_info info;
	struct fpga_card_ops ops;
	struct fixture *fx;
	struct fpga_card *card;
	unsigned int functions;
};

static int begin_images(void *priv, struct fpga_card_image *images,
			unsigned int max)
{
	struct begin_back_end *be = priv;
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

static int begin_running(void *priv, char *name, size_t len)
{
	struct begin_back_end *be = priv;

	return pcie_card_sim_running(be->fx->sim, 0, name, len);
}

static int begin_trigger(void *priv, const char *name, bool staged)
{
	struct begin_back_end *be = priv;

	be->functions = fixture_count(be->fx, 0);
	return pcie_card_sim_load(be->fx->sim, 0, name);
}

/* Where be is attached by the driver of the control function. */
static struct begin_back_end *begin_bound;

static int begin_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct begin_back_end *be = begin_bound;

	be->info.control = &pdev->dev;
	be->card = fpga_card_attach(&be->info);
	return PTR_ERR_OR_ZERO(be->card);
}

static void begin_remove(struct pci_dev *pdev)
{
	fpga_card_detach(begin_bound->card, begin_bound);
}

static const struct pci_device_id begin_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{ PCI_DEVICE(0x1234, 0x0021) },
	{}
};

static struct pci_driver begin_driver = {
	.name = "fpga-card-kunit-begin",
	.id_table = begin_ids,
	.probe = begin_probe,
	.remove = begin_remove,
};

/* A class that none of the simulator's own drivers takes. */
static void begin_without_bmc(struct fixture *fx)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].bmc = false;
		fx->images[i].fn[0].class = 0x110000;
	}
}

static struct begin_back_end *begin_alloc(struct fixture *fx, bool drops)
{
	struct begin_back_end *be;

	be = kunit_kzalloc(fx->test, sizeof(*be), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, be);
	be->fx = fx;
	be->ops.images = begin_images;
	be->ops.running = begin_running;
	be->ops.trigger = begin_trigger;
	be->info.name = "kunit";
	be->info.drops_link = drops;
	be->info.ops = &be->ops;
	be->info.priv = be;
	begin_without_bmc(fx);
	return be;
}

/**
 * struct begin_kind - a kind of back end
 * @what: for people
 * @control: it needs the control function for the trigger
 * @drops_link: it says that the card drops its link by itself
 */
struct begin_kind {
	const char *what;
	bool control;
	bool drops_link;
};

static const struct begin_kind begin_kinds[] = {
	{ "control function", true, false },
	{ "control function, drops", true, true },
	{ "no control device", false, false },
	{ "no control device, drops", false, true },
};

static void begin_kind_desc(const struct begin_kind *kind, char *desc)
{
	strscpy(desc, kind->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(begin_kind, begin_kinds, begin_kind_desc);

static struct begin_back_end *begin_boot(struct fixture *fx,
					 const struct begin_kind *kind)
{
	struct begin_back_end *be = begin_alloc(fx, kind->drops_link);
	struct fpga_card *card;

	fixture_start(fx);
	be->info.port = fixture_port(fx, 0);
	if (kind->control) {
		begin_bound = be;
		fixture_add_driver(fx, &begin_driver);
	} else {
		card = fpga_card_attach(&be->info);
		KUNIT_ASSERT_FALSE(fx->test, IS_ERR(card));
		be->card = card;
	}
	pcie_card_sim_log_clear(fx->sim);
	return be;
}

static void begin_end(struct fixture *fx, struct begin_back_end *be,
		      const struct begin_kind *kind)
{
	if (kind->control)
		fixture_remove_driver(fx, &begin_driver);
	else
		fpga_card_detach(be->card, be);
}

/* What cards do with an image that does not work. */
static void card_that_falls_back_to_its_old_image_is_told_at_once(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_FACTORY };
	static const struct begin_kind kind = { "control function", true, false };
	struct fixture *fx = test->priv;
	struct begin_back_end *be;
	struct fpga_card *card;
	ktime_t start;

	fx->images[1].hold_ms = 100;
	be = begin_boot(fx, &kind);
	card = fixture_card(fx, 0);
	fixture_set_faults(fx, &faults);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -EIO, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start),
			BEGIN_TIMEOUT_MS);
	load_expect_error(test, card, "runs \"factory\" instead of \"user\"");
	load_expect_error(test, card, "runs \"factory\" again");
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
	begin_end(fx, be, &kind);
}

/* All functions go before the trigger but the one that is needed for it. */
static void functions_go_before_the_trigger(struct kunit *test)
{
	const struct begin_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = kind->drops_link ? BEGIN_DELAY_MS : 0,
	};
	struct fixture *fx = test->priv;
	struct begin_back_end *be;
	struct fpga_card *card;

	be = begin_boot(fx, kind);
	card = fixture_card(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, be->functions, kind->control ? 1 : 0);
	KUNIT_EXPECT_EQ(test, begin_link_was_disabled(fx), !kind->drops_link);
	KUNIT_EXPECT_EQ(test, 0, begin_added_meanwhile(fx));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
	begin_end(fx, be, kind);
}

/* Of a card that does not say whether it is busy its image tells. */
static void old_image_tells_that_the_card_did_not_begin(struct kunit *test)
{
	const struct begin_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = BEGIN_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct begin_back_end *be;
	struct fpga_card *card;

	fixture_slow_but(test, &begin_kinds[0]);
	be = begin_boot(fx, kind);
	card = fixture_card(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, begin_added_meanwhile(fx) > 0, !kind->drops_link);
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
	begin_end(fx, be, kind);
}

/* Kinds of which functions are removed between the trigger and the drop. */
static const struct begin_kind begin_busy_kinds[] = {
	{ "control function", true, false },
	{ "control function, drops", true, true },
	{ "no control device", false, false },
};

KUNIT_ARRAY_PARAM(begin_busy_kind, begin_busy_kinds, begin_kind_desc);

/**
 * struct begin_busy - a removal that lasts longer than the card needs to load
 * @nb: on the PCI bus
 * @fx: the host; its first port
 * @left: it is the removal after as many of the first function
 */
struct begin_busy {
	struct notifier_block nb;
	struct fixture *fx;
	unsigned int left;
};

static int begin_busy_notify(struct notifier_block *nb, unsigned long action,
			     void *data)
{
	struct begin_busy *busy = container_of(nb, struct begin_busy, nb);
	struct pci_dev *pdev = to_pci_dev(data);

	if (action != BUS_NOTIFY_DEL_DEVICE || pdev->devfn ||
	    pci_upstream_bridge(pdev) != fixture_port(busy->fx, 0))
		return 0;
	if (!busy->left--)
		msleep(3 * BEGIN_DELAY_MS);
	return 0;
}

/* The link went down, and came up with the new image, while nobody looked. */
static void card_that_loads_during_a_removal_is_seen_to(struct kunit *test)
{
	const struct begin_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = BEGIN_DELAY_MS,
	};
	struct fixture *fx = test->priv;
	struct begin_busy busy = {
		.nb.notifier_call = begin_busy_notify,
		.fx = fx,
		.left = kind->drops_link ? 0 : 1,
	};
	struct begin_back_end *be;
	struct fpga_card *card;

	fixture_slow(test);
	be = begin_boot(fx, kind);
	card = fixture_card(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_ASSERT_EQ(test, 0, bus_register_notifier(&pci_bus_type, &busy.nb));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	bus_unregister_notifier(&pci_bus_type, &busy.nb);
	KUNIT_EXPECT_EQ(test, busy.left, ~0U);
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
	begin_end(fx, be, kind);
}

static void back_end_is_told_that_the_card_did_not_begin(struct kunit *test)
{
	const struct begin_kind *kind = test->param_value;
	struct pcie_card_sim_faults faults = {
		.trigger_delay_ms = 60 * 1000,
	};
	struct fixture *fx = test->priv;
	struct begin_back_end *be;
	struct fpga_card *card;

	fixture_slow_but(test, &begin_kinds[0]);
	fx->images[1].timeout_ms = 500;
	be = begin_boot(fx, kind);
	card = fixture_card(fx, 0);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "did not begin to load it within 500 ms");
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
	begin_end(fx, be, kind);
}

/* The bus method is pciehp's reset of the slot, which enables events again. */
static void slot_that_is_reset_stays_quiet(struct kunit *test)
{
	static const struct begin_kind kind = {};
	struct fixture *fx = test->priv;
	struct begin_back_end *be;
	struct fpga_card *card;
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].flr = false;
		fx->images[i].fn[0].pm = false;
		fx->images[i].fn[1].vendor = 0;
		fx->images[i].fn[2].vendor = 0;
	}
	be = begin_boot(fx, &kind);
	card = fixture_card(fx, 0);
	mutex_lock(&card->lock);
	card->settings.quiesce = PCI_RELOAD_QUIESCE_RESET;
	mutex_unlock(&card->lock);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 1, fixture_count_events(fx, BIT(PCIE_CARD_SIM_RESET_BUS), 0));
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0));
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
	begin_end(fx, be, &kind);
}

static void card_without_a_control_device_is_rolled_back(struct kunit *test)
{
	static const struct begin_kind kind = {};
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fixture *fx = test->priv;
	struct begin_back_end *be;
	struct load_hold hold;
	struct fpga_card *card;

	fixture_slow(test);
	fx->images[0].timeout_ms = 500;
	fx->images[1].timeout_ms = 500;
	be = begin_boot(fx, &kind);
	card = fixture_card(fx, 0);
	load_hold_start(&hold, fx, &faults, true);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(card, FIXTURE_USER));
	load_hold_stop(&hold);
	load_expect_error(test, card, "by a new link training");
	load_expect_error(test, card, "\"factory\", which ran before, was loaded again");
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	fpga_card_put(card);
	begin_end(fx, be, &kind);
}

static struct kunit_case begin_cases[] = {
	KUNIT_CASE(old_image_is_not_taken_for_the_new_one),
	KUNIT_CASE_PARAM(old_image_may_go_while_it_is_looked_at,
			 begin_drop_gen_params),
	KUNIT_CASE(link_that_goes_down_again_is_told),
	KUNIT_CASE(old_image_is_not_seen_while_the_link_is_held),
	KUNIT_CASE(card_that_falls_back_to_its_old_image_is_told_at_once),
	KUNIT_CASE(card_that_does_not_begin_is_given_up),
	KUNIT_CASE_PARAM(functions_go_before_the_trigger, begin_kind_gen_params),
	KUNIT_CASE_PARAM(old_image_tells_that_the_card_did_not_begin,
			 begin_kind_gen_params),
	KUNIT_CASE_PARAM(card_that_loads_during_a_removal_is_seen_to,
			 begin_busy_kind_gen_params),
	KUNIT_CASE_PARAM(back_end_is_told_that_the_card_did_not_begin,
			 begin_kind_gen_params),
	KUNIT_CASE(slot_that_is_reset_stays_quiet),
	KUNIT_CASE(card_without_a_control_device_is_rolled_back),
	{}
};

struct kunit_suite fpga_card_begin_suite = {
	.name = "fpga_card_begin",
	.init = begin_init,
	.exit = fixture_exit,
	.test_cases = begin_cases,
};
