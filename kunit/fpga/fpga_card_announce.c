// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that reset themselves, and say so before; and what a host sees of those that do
 * not. One file, as a suite is one object, and its cases share what is set up at its top.
 *
 * Of the latter pciehp removes the card, so this suite comes behind fpga_card_unplug.
 */

#include <linux/completion.h>
#include <linux/fpga/fpga-card.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

#define ANNOUNCE_DEADLINE_MS	3000

/* For a deadline that is to pass. */
#define ANNOUNCE_SHORT_MS	150

/* For all that a reset takes, with the means to have the card back. */
#define ANNOUNCE_WAIT_MS	20000

/* Longer than a card needs to come back. */
#define ANNOUNCE_SLOW_MS	500

#define ANNOUNCE_VFS		4

static const struct fpga_card_image announce_images[] = {
	{ .name = FIXTURE_USER, .timeout_ms = ANNOUNCE_DEADLINE_MS },
};

/* The back end of @card, which is attached. */
static void *announce_priv(struct fpga_card *card)
{
	void *priv;

	mutex_lock(&card->back_end.lock);
	priv = card->back_end.info.priv;
	mutex_unlock(&card->back_end.lock);
	return priv;
}

static int announce_begin(struct fpga_card *card, unsigned int ms)
{
	return fpga_card_reset_begin(card, announce_priv(card), ms);
}

/* What is left of the deadline of an announcement, in ms; 0 if there is none. */
static unsigned int announce_left(struct fpga_card *card)
{
	const struct fpga_card_request *req;
	unsigned int ms = 0;

	mutex_lock(&card->lock);
	req = card->serving.request;
	if (req && req->announced.accepted && time_before(jiffies, req->deadline))
		ms = jiffies_to_msecs(req->deadline - jiffies);
	mutex_unlock(&card->lock);
	return ms;
}

/* The request is over, and has left the card in @state. */
static void announce_wait(struct fixture *fx, struct fpga_card *card,
			  enum fpga_card_state state)
{
	KUNIT_EXPECT_TRUE(fx->test,
			  fixture_wait(!READ_ONCE(card->serving.request),
				       ANNOUNCE_WAIT_MS));
	load_expect_state(fx->test, card, state);
}

static void announce_self_reset(struct fixture *fx, const char *image)
{
	KUNIT_EXPECT_EQ(fx->test, 0,
			pcie_card_sim_self_reset(fx->sim, 0, 20, image));
}

static void announce_expect_untouched(struct fixture *fx)
{
	KUNIT_EXPECT_EQ(fx->test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_DEV_DEL), 0));
	KUNIT_EXPECT_EQ(fx->test, 0,
			fixture_count_events(fx, BIT(PCIE_CARD_SIM_DEV_UNBIND), 0));
}

static void announce_expect_functions(struct fixture *fx, unsigned int count)
{
	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      fixture_wait(fixture_count(fx, 0) == count,
					   ANNOUNCE_WAIT_MS),
			      "%u functions", fixture_count(fx, 0));
}

/* Nobody was told of anything. */
static void announce_expect_quiet(struct fixture *fx)
{
	struct pcie_card_sim_event event;

	KUNIT_EXPECT_EQ(fx->test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_IRQ), 0));
	KUNIT_EXPECT_EQ(fx->test, 0,
			fixture_count_events(fx, BIT(PCIE_CARD_SIM_SYSTEM_ERROR), 0));
	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN,
						 NULL, 0, &event));
	KUNIT_EXPECT_EQ(fx->test, event.value, PCIE_CARD_SIM_BY_CARD);
	KUNIT_EXPECT_FALSE(fx->test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN,
						  NULL, event.seq + 1, NULL));
}

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

static DECLARE_COMPLETION(announce_slow_go);
static unsigned int announce_slow_ms;

static int announce_slow_probe(struct pci_dev *pdev,
			       const struct pci_device_id *id)
{
	return 0;
}

static void announce_slow_remove(struct pci_dev *pdev)
{
	wait_for_completion_timeout(&announce_slow_go,
				    msecs_to_jiffies(announce_slow_ms));
}

/* A driver that takes its time to let go of its function. */
static struct pci_driver announce_slow_driver = {
	.name = "fpga-card-kunit-slow",
	.id_table = announce_function_ids,
	.probe = announce_slow_probe,
	.remove = announce_slow_remove,
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
	struct fpga_card *card = announce_boot(fx);

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

/* A card without a control device, whose back end stays. */
static struct fpga_card_builtin *announce_builtin(struct fixture *fx,
						  struct fpga_card **card)
{
	struct fpga_card_builtin *builtin;

	fixture_describe_undriven(fx);
	fixture_start(fx);
	builtin = fpga_card_builtin_add(fixture_port(fx, 0), FPGA_CARD_EXTERNAL,
					announce_images, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fx->test, builtin);
	*card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return builtin;
}

static void one_request_at_a_time(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct load_run load;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	load_run_start(&load, card, FIXTURE_USER);
	load_wait_state(test, card, FPGA_CARD_LOADING, ANNOUNCE_WAIT_MS);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&load));

	KUNIT_EXPECT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_bring_back(card));
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_builtin_remove(builtin));
	announce_self_reset(fx, NULL);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

/* All functions are gone then, and what comes back nobody can tell. */
static void back_end_may_stay(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	strscpy(card->running, FIXTURE_USER, sizeof(card->running));
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, ANNOUNCE_DEADLINE_MS));
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_GT(test, announce_left(card), 0);
	load_wait_state(test, card, FPGA_CARD_AWAITING_RESET,
			ANNOUNCE_WAIT_MS);
	announce_self_reset(fx, FIXTURE_WIDE);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_WIDE));
	KUNIT_EXPECT_STREQ(test, card->running, "");
	announce_expect_quiet(fx);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

static void reset_that_is_called_off_leaves_all_as_it_was(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	strscpy(card->running, FIXTURE_FACTORY, sizeof(card->running));
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS));
	/* A stranger has no say. */
	fpga_card_reset_end(card, fx, -EIO);
	msleep(100);
	KUNIT_EXPECT_GT(test, announce_left(card), 0);
	fpga_card_reset_end(card, builtin, -EIO);
	announce_wait(fx, card, FPGA_CARD_FAILED);
	load_expect_error(test, card, "was called off: error -5");
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_FACTORY));
	KUNIT_EXPECT_STREQ(test, card->running, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	/* There is none any more. */
	fpga_card_reset_end(card, builtin, -EIO);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

static void back_end_may_say_that_it_is_over(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	strscpy(card->running, FIXTURE_FACTORY, sizeof(card->running));
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS));
	fpga_card_reset_end(card, builtin, 0);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	KUNIT_EXPECT_STREQ(test, card->last_error, "");
	KUNIT_EXPECT_TRUE(test, fixture_has_functions(fx, 0, FIXTURE_FACTORY));
	/* Who says so was not seen doing it. */
	KUNIT_EXPECT_STREQ(test, card->running, "");
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

static void port_that_goes_ends_the_wait(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;

	builtin = announce_builtin(fx, &card);
	KUNIT_ASSERT_EQ(test, 0, announce_begin(card, FPGA_CARD_TIMEOUT_MAX_MS));
	load_wait_state(test, card, FPGA_CARD_AWAITING_RESET,
			ANNOUNCE_WAIT_MS);
	fixture_stop(fx);
	KUNIT_EXPECT_TRUE(test, fixture_wait(!READ_ONCE(card->serving.request),
					     ANNOUNCE_WAIT_MS));
	KUNIT_EXPECT_EQ(test, -ENODEV, announce_begin(card, 1));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_put(card);
}

/**
 * struct announce_driver - a driver of the control function that announces a reset
 * @fx: the host
 * @card: the card; NULL while the driver is not bound
 * @work: announces it, and has the card begin if that is accepted
 * @result: what the answer was
 * @asks: @work has begun
 */
struct announce_driver {
	struct fixture *fx;
	struct fpga_card *card;
	struct work_struct work;
	int result;
	bool asks;
};

static struct announce_driver announce_driver;

static int announce_driver_images(void *priv, struct fpga_card_image *images,
				  unsigned int max)
{
	images[0] = announce_images[0];
	return 1;
}

static int announce_driver_running(void *priv, char *name, size_t len)
{
	struct announce_driver *drv = priv;

	/* While the host is made nobody can be asked. */
	if (!drv->fx->sim)
		return -ENODATA;
	return pcie_card_sim_running(drv->fx->sim, 0, name, len);
}

static int announce_driver_trigger(void *priv, const char *name, bool staged)
{
	return -EIO;
}

static const struct fpga_card_ops announce_driver_ops = {
	.images = announce_driver_images,
	.running = announce_driver_running,
	.trigger = announce_driver_trigger,
};

static void announce_driver_work(struct work_struct *work)
{
	struct announce_driver *drv;

	drv = container_of(work, struct announce_driver, work);
	WRITE_ONCE(drv->asks, true);
	drv->result = fpga_card_reset_begin(drv->card, drv, ANNOUNCE_DEADLINE_MS);
	if (!drv->result)
		pcie_card_sim_self_reset(drv->fx->sim, 0, 20, FIXTURE_USER);
}

static int announce_driver_probe(struct pci_dev *pdev,
				 const struct pci_device_id *id)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = pci_upstream_bridge(pdev),
		.control = &pdev->dev,
		.ops = &announce_driver_ops,
		.priv = &announce_driver,
	};
	struct fpga_card *card = fpga_card_attach(&info);

	announce_driver.card = card;
	return PTR_ERR_OR_ZERO(card);
}

/* The function cannot go before whoever announces has his answer. */
static void announce_driver_remove(struct pci_dev *pdev)
{
	fpga_card_detach(announce_driver.card, &announce_driver);
	flush_work(&announce_driver.work);
}

static const struct pci_device_id announce_driver_ids[] = {
	{ PCI_DEVICE(0x1234, 0x0001) },
	{ PCI_DEVICE(0x1234, 0x0011) },
	{}
};

static struct pci_driver announce_pci_driver = {
	.name = "fpga-card-kunit-announce",
	.id_table = announce_driver_ids,
	.probe = announce_driver_probe,
	.remove = announce_driver_remove,
};

static struct fpga_card *announce_boot_driver(struct fixture *fx)
{
	unsigned int i;

	announce_driver = (struct announce_driver) { .fx = fx, .result = 1 };
	INIT_WORK(&announce_driver.work, announce_driver_work);
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].bmc = false;
		fx->images[i].fn[0].class = 0xff0000;
	}
	fixture_add_driver(fx, &announce_pci_driver);
	return fixture_boot(fx, FIXTURE_FACTORY);
}

static void driver_has_its_answer_before_it_goes(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card = announce_boot_driver(fx);

	queue_work(system_unbound_wq, &announce_driver.work);
	flush_work(&announce_driver.work);
	KUNIT_EXPECT_EQ(test, 0, announce_driver.result);
	announce_wait(fx, card, FPGA_CARD_IDLE);
	load_expect_runs(fx, card, FIXTURE_USER);
	KUNIT_EXPECT_STREQ(test, card->last_error, "");
	announce_expect_quiet(fx);
	fpga_card_put(card);
}

static void driver_may_go_before_it_has_an_answer(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;
	struct pci_dev *pdev;
	ktime_t start;

	fixture_add_driver(fx, &announce_slow_driver);
	card = announce_boot_driver(fx);
	reinit_completion(&announce_slow_go);
	announce_slow_ms = ANNOUNCE_WAIT_MS;
	pci_dev_put(fixture_bind(fx, 0, 1, &announce_slow_driver));

	queue_work(system_unbound_wq, &announce_driver.work);
	load_wait_state(test, card, FPGA_CARD_REMOVING, ANNOUNCE_WAIT_MS);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	start = ktime_get();
	device_release_driver(&pdev->dev);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start),
			ANNOUNCE_WAIT_MS / 4);
	KUNIT_EXPECT_EQ(test, -ENODEV, announce_driver.result);
	pci_dev_put(pdev);
	complete_all(&announce_slow_go);

	/* The functions are back, and with them the driver. */
	announce_wait(fx, card, FPGA_CARD_FAILED);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 2);
	KUNIT_EXPECT_EQ(test, 0, fixture_count_events(fx, BIT(PCIE_CARD_SIM_LINK_DOWN), 0));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(card->attached));
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
	KUNIT_CASE(one_request_at_a_time),
	KUNIT_CASE(back_end_may_stay),
	KUNIT_CASE(reset_that_is_called_off_leaves_all_as_it_was),
	KUNIT_CASE(back_end_may_say_that_it_is_over),
	KUNIT_CASE(port_that_goes_ends_the_wait),
	KUNIT_CASE(driver_has_its_answer_before_it_goes),
	KUNIT_CASE(driver_may_go_before_it_has_an_answer),
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
