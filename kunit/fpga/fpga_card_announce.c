// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that reset themselves, and say so before; and what a host sees of those that do
 * not.
 *
 * Of the latter pciehp removes the card, so this suite comes behind fpga_card_unplug.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/pci.h>

#include "kunit/fixtures/announce.h"
#include "kunit/suites.h"

#define ANNOUNCE_VFS		4

/**
 * struct announce_port - a port, and what it tells of a card that resets itself
 * @what: who hears that
 * @hotplug: it has a slot with surprise removal
 * @dpc: it has DPC
 */
struct announce_port {
	const char *what;
	bool hotplug;
	bool dpc;
};

static const struct announce_port announce_ports[] = {
	{ "AER", false, false },
	{ "DPC", false, true },
	{ "pciehp", true, false },
};

static void announce_port_desc(const struct announce_port *port, char *desc)
{
	strscpy(desc, port->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(announce_port, announce_ports, announce_port_desc);

static struct fpga_card *announce_boot(struct fixture *fx)
{
	const struct announce_port *port = fx->test->param_value;

	if (port) {
		fx->ports[0].hotplug = port->hotplug;
		fx->ports[0].dpc = port->dpc;
	}
	return fixture_boot(fx, FIXTURE_FACTORY);
}

static void reset_that_is_announced_is_lived_through(struct kunit *test)
{
	struct pcie_card_sim_event first, last;
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);
	u32 *saved = fixture_save_port(fx, 0);

	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	/* Nobody but the control function could be there, and that not for long. */
	KUNIT_EXPECT_LE(test, fixture_count(fx, 0), 1);
	announce_expect_functions(fx, 0);
	announce_self_reset(fx, NULL);
	announce_wait(fx, card, FPGA_CARD_IDLE);

	load_expect_runs(fx, card, FIXTURE_FACTORY);
	KUNIT_EXPECT_STREQ(test, card->last_error, "");
	announce_expect_quiet(fx);
	fixture_expect_port(fx, 0, saved);
	/* In order: the other function, and then that of the back end. */
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, NULL, 0,
					     &first));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, NULL,
					     first.seq + 1, &last));
	KUNIT_EXPECT_EQ(test, first.devfn, PCI_DEVFN(0, 1));
	KUNIT_EXPECT_EQ(test, last.devfn, PCI_DEVFN(0, 0));
	fpga_card_put(card);
}

/*
 * Surprise down is made non-fatal where it is AER's: for a fatal error the kernel resets
 * the link, with locks that a removal takes in another order.
 */
static void announce_soften(struct fixture *fx, const struct announce_port *port)
{
	struct pci_dev *pdev = fixture_port(fx, 0);
	int aer = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ERR);
	u32 sever;

	if (port->dpc || !aer)
		return;
	pci_read_config_dword(pdev, aer + PCI_ERR_UNCOR_SEVER, &sever);
	pci_write_config_dword(pdev, aer + PCI_ERR_UNCOR_SEVER,
			       sever & ~PCI_ERR_UNC_SURPDN);
}

static int announce_dpc_status(struct pci_dev *pdev)
{
	return pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_DPC) + PCI_EXP_DPC_STATUS;
}

static unsigned int announce_removed(struct fixture *fx)
{
	return fixture_count_events(fx, BIT(PCIE_CARD_SIM_DEV_DEL), 0);
}

static void reset_that_is_not_announced_is_heard_of(struct kunit *test)
{
	const struct announce_port *port = test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);
	struct pci_dev *pdev = fixture_port(fx, 0);
	struct pcie_card_sim_event event;

	announce_soften(fx, port);
	announce_self_reset(fx, NULL);
	KUNIT_EXPECT_TRUE(test, fixture_wait(fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0),
					     ANNOUNCE_WAIT_MS));
	if (port->hotplug)
		/* pciehp takes the functions away. */
		KUNIT_EXPECT_TRUE(test,
				  fixture_wait(announce_removed(fx) >= 2,
					       ANNOUNCE_WAIT_MS));
	else
		KUNIT_EXPECT_TRUE(test,
				  fixture_find_bits(fx, PCIE_CARD_SIM_ERROR,
						    PCI_ERR_UNC_SURPDN, 0,
						    &event));
	KUNIT_EXPECT_TRUE(test, fixture_wait_link(fx, 0, true, ANNOUNCE_WAIT_MS));
	/* The link may train again only when the kernel has dealt with DPC. */
	KUNIT_EXPECT_EQ(test, port->dpc,
			fixture_find_write(fx, pdev, announce_dpc_status(pdev),
					   PCI_EXP_DPC_STATUS_TRIGGER,
					   PCI_EXP_DPC_STATUS_TRIGGER, 0, &event));
	fpga_card_put(card);
}

static void card_may_come_back_with_another_image(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);

	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_FACTORY);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	announce_self_reset(fx, FIXTURE_WIDE);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	load_expect_runs(fx, card, FIXTURE_WIDE);
	KUNIT_EXPECT_STREQ(test, card->last_error, "");
	/* And that is what the next one is rolled back to. */
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	fpga_card_put(card);
}

/* What the image was asked for by, which is longer than its name, stays as well. */
static void same_image_keeps_the_name_it_was_asked_for_by(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);

	mutex_lock(&card->lock);
	strscpy(card->loaded, "lab/factory.img", sizeof(card->loaded));
	mutex_unlock(&card->lock);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	announce_self_reset(fx, NULL);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_STREQ(test, card->loaded, "lab/factory.img");

	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	announce_self_reset(fx, FIXTURE_USER);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_STREQ(test, card->loaded, "");
	fpga_card_put(card);
}

/* Only the functions are reset, and do not answer for a while. */
static void card_may_keep_its_link_up(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .keep_link = true };
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);

	fixture_set_faults(fx, &faults);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	load_wait_state(test, card, FPGA_CARD_AWAITING_RESET,
			ANNOUNCE_WAIT_MS);
	announce_self_reset(fx, FIXTURE_USER);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	load_expect_runs(fx, card, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	fpga_card_put(card);
}

static const struct pci_device_id announce_function_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0002) },
	{}
};

static void announce_reset_now(struct load_moment *moment)
{
	pcie_card_sim_self_reset(moment->fx->sim, 0, 0, FIXTURE_USER);
}

/*
 * It is not contained any worse for that. @plain: at a port without a slot, where its
 * addresses tell that it was away. The other function's driver takes so long that it is back
 * by then.
 */
static void announce_too_early(struct kunit *test, bool plain)
{
	struct load_moment moment = {
		.fx = test->priv,
		.state = plain ? "removing" : "unbinding",
		.act = announce_reset_now,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	int ret;

	fx->ports[0].hotplug = !plain;
	fx->ports[0].slot = !plain;
	fixture_add_driver(fx, &announce_slow_driver);
	reinit_completion(&announce_slow_go);
	announce_slow_ms = plain ? ANNOUNCE_SLOW_MS : 0;
	card = announce_boot(fx);
	pci_dev_put(fixture_bind(fx, 0, 1, &announce_slow_driver));
	pcie_card_sim_log_clear(fx->sim);
	load_moment_start(&moment);
	ret = announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	load_moment_stop(&moment);
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, moment.seen, 1);
	load_expect_runs(fx, card, FIXTURE_USER);
	announce_expect_quiet(fx);
	fpga_card_put(card);
}

static void card_may_not_wait_for_the_answer(struct kunit *test)
{
	announce_too_early(test, false);
}

static void card_may_be_back_before_the_answer(struct kunit *test)
{
	fixture_slow(test);
	announce_too_early(test, true);
}

static void card_that_does_not_reset_itself_goes_on(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);
	u32 *saved = fixture_save_port(fx, 0);

	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_SHORT_MS));
	announce_expect_functions(fx, 0);
	announce_wait(fx, card, FPGA_CARD_FAILED);
	load_expect_error(test, card, "did not begin the reset that was announced within");
	load_expect_runs(fx, card, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_RESET_BUS), 0));
	fixture_expect_port(fx, 0, saved);
	/* The next one is no worse for that. */
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	load_expect_state(test, card, FPGA_CARD_IDLE);
	fpga_card_put(card);
}

static int announce_pf_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static void announce_pf_remove(struct pci_dev *pdev)
{
	pci_disable_sriov(pdev);
}

static const struct pci_device_id announce_pf_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0022) },
	{}
};

static struct pci_driver announce_pf_driver = {
	.name = "fpga-card-kunit-pf",
	.id_table = announce_pf_ids,
	.probe = announce_pf_probe,
	.remove = announce_pf_remove,
	.sriov_configure = pci_sriov_configure_simple,
};

/* Whatever the user wants to have restored after a load. */
static void card_that_does_not_reset_itself_keeps_vfs(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pf;

	fixture_slow(test);
	fixture_add_driver(fx, &announce_pf_driver);
	card = fixture_boot(fx, FIXTURE_WIDE);
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_ASSERT_EQ(test, 0, fixture_enable_vfs(pf, ANNOUNCE_VFS));
	pci_dev_put(pf);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_SHORT_MS));
	announce_wait(fx, card, FPGA_CARD_FAILED);
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_EXPECT_EQ(test, pci_num_vf(pf), ANNOUNCE_VFS);
	fixture_disable_vfs(pf);
	pci_dev_put(pf);
	fpga_card_put(card);
}

static void longer_deadline_of_the_user_counts(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);

	mutex_lock(&card->lock);
	card->settings.timeout_ms = ANNOUNCE_DEADLINE_MS;
	mutex_unlock(&card->lock);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, 1));
	KUNIT_EXPECT_GT(test, announce_left(card), ANNOUNCE_SHORT_MS);
	announce_self_reset(fx, FIXTURE_USER);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, announce_left(card));
	fpga_card_put(card);
}

static void card_that_does_not_come_back_is_brought_back(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_RETRAIN,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = announce_boot(fx);
	fixture_set_faults(fx, &faults);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_SHORT_MS));
	announce_self_reset(fx, FIXTURE_USER);
	announce_wait(fx, card, FPGA_CARD_FAILED);
	load_expect_error(test, card, "reset itself, but did not bring its link up within");
	load_expect_error(test, card, "brought back by a new link training");
	/* It is not loaded with what it ran: nobody had asked for that. */
	load_expect_runs(fx, card, FIXTURE_USER);
	fpga_card_put(card);
}

static void card_that_nothing_brings_back_is_lost(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.never_return = true,
		.cure = PCIE_CARD_SIM_CURE_POWER,
	};
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fixture_slow(test);
	card = announce_boot(fx);
	fixture_set_faults(fx, &faults);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_SHORT_MS));
	announce_self_reset(fx, NULL);
	announce_wait(fx, card, FPGA_CARD_FAILED);
	load_expect_error(test, card, "could not be brought back");
	load_expect_error(test, card, "write 1 to the region's recover, or power the card off");
	KUNIT_EXPECT_TRUE(test, card->lost);
	KUNIT_EXPECT_STREQ(test, card->running, "");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	fpga_card_put(card);
}

static void deadline_without_sense_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);

	KUNIT_EXPECT_EQ(test, -EINVAL, announce_begin(card, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS + 1));
	announce_expect_untouched(fx);
	fpga_card_put(card);
}

static void stranger_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot(fx);

	KUNIT_EXPECT_EQ(test, -ENODEV,
			fpga_card_reset_begin(card, fx, ANNOUNCE_DEADLINE_MS));
	load_expect_error(test, card, "the back end that announced a reset");
	announce_wait(fx, card, FPGA_CARD_IDLE);
	announce_expect_untouched(fx);
	fpga_card_put(card);
}

static int announce_user_probe(struct pci_dev *pdev,
			       const struct pci_device_id *id)
{
	return pci_enable_device(pdev);
}

static void announce_user_remove(struct pci_dev *pdev)
{
	pci_disable_device(pdev);
}

/* By its name one of VFIO's, and so open while it is enabled. */
static struct pci_driver announce_user_driver = {
	.name = "fpga_card_kunit_announce_vfio",
	.id_table = announce_function_ids,
	.probe = announce_user_probe,
	.remove = announce_user_remove,
};

static void user_refuses_and_nothing_is_touched(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;

	fixture_add_driver(fx, &announce_user_driver);
	card = announce_boot(fx);
	pdev = fixture_bind(fx, 0, 1, &announce_user_driver);
	pcie_card_sim_log_clear(fx->sim);

	KUNIT_EXPECT_EQ(test, -EBUSY,
			announce_begin(card, ANNOUNCE_DEADLINE_MS));
	load_expect_error(test, card, pci_name(pdev));
	announce_wait(fx, card, FPGA_CARD_IDLE);
	announce_expect_untouched(fx);
	KUNIT_EXPECT_EQ(test, 0, announce_left(card));

	device_release_driver(&pdev->dev);
	pci_dev_put(pdev);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	announce_self_reset(fx, NULL);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	fpga_card_put(card);
}

static struct kunit_case announce_cases[] = {
	KUNIT_CASE_PARAM(reset_that_is_announced_is_lived_through,
			 announce_port_gen_params),
	KUNIT_CASE(card_may_come_back_with_another_image),
	KUNIT_CASE(same_image_keeps_the_name_it_was_asked_for_by),
	KUNIT_CASE(card_may_keep_its_link_up),
	KUNIT_CASE(card_may_not_wait_for_the_answer),
	KUNIT_CASE(card_may_be_back_before_the_answer),
	KUNIT_CASE(card_that_does_not_reset_itself_goes_on),
	KUNIT_CASE(card_that_does_not_reset_itself_keeps_vfs),
	KUNIT_CASE(longer_deadline_of_the_user_counts),
	KUNIT_CASE(card_that_does_not_come_back_is_brought_back),
	KUNIT_CASE(card_that_nothing_brings_back_is_lost),
	KUNIT_CASE(deadline_without_sense_is_refused),
	KUNIT_CASE(stranger_is_refused),
	KUNIT_CASE(user_refuses_and_nothing_is_touched),
	KUNIT_CASE_PARAM(reset_that_is_not_announced_is_heard_of,
			 announce_port_gen_params),
	{}
};

struct kunit_suite fpga_card_announce_suite = {
	.name = "fpga_card_announce",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = announce_cases,
};
