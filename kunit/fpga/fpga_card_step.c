// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each step of a load failing where it can really fail, on a port with and without each
 * capability: what is there afterwards, what the user is told, and whether the next load
 * works. One file, as it goes through the steps in their order and is to leave none out.
 */

#include <linux/firmware.h>
#include <linux/fpga/fpga-card.h>
#include <linux/pci-reload.h>

#include "kunit/fixtures/load.h"
#include "kunit/suites.h"

/* Room for the functions of all images but the one that has none. */
#define STEPS_WINDOW		SZ_16M

/*
 * Image files that the guest of make kunit has; their card is 1d0f:any. The
 * second describes a larger BAR than the image has.
 */
#define STEPS_FILE		"vendor/lab.img"
#define STEPS_LIAR		"liar.img"
#define STEPS_FILE_VENDOR	0x1d0f

/* Functions of this class have the driver below, and no other. */
#define STEPS_CLASS		0x118001

/* The least and the most of each kind, for what does not differ with these. */
static const struct fixture_kind steps_few_ports[] = {
	{ 0, 0, 0, 0 }, { 0, 1, 1, 1, .sw = true }, { 1, 0, 0, 1 },
	{ 1, 1, 1, 1, .sw = true },
};

/* Those with a slot that tells of the card's presence, and of its link. */
static const struct fixture_kind steps_slots[] = {
	{ 1, 0, 0, 1 }, { 1, 1, 1, 1 },
};

/* Those with nothing, and with all. */
static bool steps_is_extreme(const struct fixture_kind *port)
{
	return port->hotplug == port->aer && port->aer == port->dpc &&
	       port->dpc == port->link_active_reporting;
}

KUNIT_ARRAY_PARAM(steps_port, fixture_kinds, fixture_kind_desc);
KUNIT_ARRAY_PARAM(steps_few, steps_few_ports, fixture_kind_desc);
KUNIT_ARRAY_PARAM(steps_slot, steps_slots, fixture_kind_desc);

static int steps_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;

	if (ret)
		return ret;
	if (!steps_is_extreme(test->param_value))
		fixture_slow(test);
	fx->config.window = STEPS_WINDOW;
	load_describe(fx, 0, test->param_value);
	return 0;
}

static struct load *steps_boot(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load *load;

	fixture_start(fx);
	load = load_watch(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return load;
}

/* A user's signal would set this. */
static void steps_cancel(struct load_moment *moment)
{
	WRITE_ONCE(load_of(moment)->card->serving.request->cancel, true);
}

/* And nothing was written to the port. */
static void steps_expect_untouched(struct load *load)
{
	struct pcie_card_sim_event event;

	fixture_expect_untouched(load->fx);
	KUNIT_EXPECT_FALSE(load->fx->test,
			   fixture_find_write(load->fx, load->port, -1, 0, 0, 0,
					      &event));
}

/* The card goes on with the image that it had, and takes the next one. */
static void steps_expect_brought_back(struct load *load)
{
	load_expect_error(load->fx->test, load->card, "brought back by its link");
	load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
	load_works_again(load);
}

/* It had to load that once more. */
static void steps_expect_rolled_back(struct load *load)
{
	load_expect_error(load->fx->test, load->card, LOAD_ROLLED_BACK);
	load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
	load_works_again(load);
}

static void busy_card_is_refused_in_preflight(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .busy = true };
	struct load *load = steps_boot(test);

	load_set_faults(load, &faults);
	load_fail(load, FIXTURE_USER, -EBUSY, "preflight", "takes no request");
	steps_expect_untouched(load);
	load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
	load_works_again(load);
}

static void steps_describe_file(struct fixture *fx)
{
	struct pcie_card_sim_image *image = &fx->images[2];
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].vendor = STEPS_FILE_VENDOR;
	strscpy(image->name, "lab", sizeof(image->name));
	image->file_only = true;
	memset(&image->fn[2], 0, sizeof(image->fn[2]));
	image->fn[0].device = 0x3000;
	image->fn[0].subsystem_vendor = STEPS_FILE_VENDOR;
	image->fn[0].subsystem_device = 0x0003;
	image->fn[0].total_vfs = 2;
	image->fn[0].vf_device = 0x3002;
	image->fn[0].vf_bar0.size = SZ_4K;
	image->fn[0].bar[0].size = SZ_512K;
	image->fn[1].vendor = STEPS_FILE_VENDOR;
	image->fn[1].device = 0x3001;
	image->fn[1].class = 0x020000;
	image->fn[1].total_vfs = 0;
	image->fn[1].bar[0].size = SZ_32K;
}

static void steps_need_file(struct kunit *test)
{
	struct device *dev = &fixture_port(test->priv, 0)->dev;
	const struct firmware *fw;

	if (firmware_request_nowarn(&fw, STEPS_FILE, dev))
		kunit_skip(test, "there is no file " STEPS_FILE);
	release_firmware(fw);
}

static void card_refuses_the_file_in_staging(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .reject_stage = true };
	struct load *load;

	steps_describe_file(test->priv);
	load = steps_boot(test);
	steps_need_file(test);
	load_set_faults(load, &faults);
	load_fail(load, STEPS_FILE, -EIO, "staging", "did not take the file");
	steps_expect_untouched(load);
	load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);

	faults.reject_stage = false;
	load_set_faults(load, &faults);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(load->card, STEPS_FILE));
	KUNIT_EXPECT_EQ(test, load->card->state, FPGA_CARD_IDLE);
	load_expect_runs(load->fx, load->card, "lab");
	load_works_again(load);
}

/* A window on a port of the card's own switch is in the way. */
static void window_below_is_refused_in_opening(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *below;
	struct pci_dev *leg;
	unsigned int count;
	struct load *load;
	u32 *before;

	fx->ports[0].card.has_switch = true;
	load = steps_boot(test);
	before = load->path.saved[0];
	leg = pci_get_slot(load->port->subordinate, 0);
	KUNIT_ASSERT_NOT_NULL(test, leg);
	pci_dev_put(leg);
	leg = pci_get_slot(leg->subordinate, 0);
	KUNIT_ASSERT_NOT_NULL(test, leg);
	below = pci_reload_alloc(leg, NULL, NULL);
	pci_dev_put(leg);
	KUNIT_ASSERT_FALSE(test, IS_ERR(below));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(below));
	/* That one keeps the port quiet, too. */
	load_save(load);
	count = fixture_count(fx, 0);
	load_fail(load, FIXTURE_USER, -EBUSY, "opening", "same path");
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(below));
	pci_reload_free(below);

	load->path.saved[0] = before;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(load->card, FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, load->card->state, FPGA_CARD_IDLE);
	load_expect_registers(load);
}

/* As pciehp has it which polls: events on, their interrupt off. */
static void steps_poll(struct load_moment *moment)
{
	pcie_capability_clear_word(moment->port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_HPIE);
}

static void slot_that_is_polled_is_refused_in_opening(struct kunit *test)
{
	struct load *load = steps_boot(test);
	u32 *before = load->path.saved[0];

	pcie_capability_clear_word(load->port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_HPIE);
	load_save(load);
	pcie_capability_set_word(load->port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_HPIE);
	load_act_at(load, "opening", steps_poll);
	load_fail(load, FIXTURE_USER, -EOPNOTSUPP, "opening", "polls the slot");
	load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);

	pcie_capability_set_word(load->port, PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_HPIE);
	load->path.saved[0] = before;
	load_works_again(load);
}

static void steps_cancel_in(struct kunit *test, const char *step)
{
	struct load *load = steps_boot(test);

	load_act_at(load, step, steps_cancel);
	load_fail(load, FIXTURE_USER, -EINTR, step, "cancelled");
	steps_expect_brought_back(load);
}

static void request_is_cancelled_in_removing(struct kunit *test)
{
	steps_cancel_in(test, "removing");
}

/* The driver leaves its VFs as they are. */
static bool steps_stubborn;

static int steps_sriov_configure(struct pci_dev *pdev, int num_vfs)
{
	if (READ_ONCE(steps_stubborn))
		return -EBUSY;
	if (num_vfs)
		return pci_enable_sriov(pdev, num_vfs) ?: num_vfs;
	pci_disable_sriov(pdev);
	return 0;
}

static int steps_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static const struct pci_device_id steps_ids[] = {
	{ PCI_DEVICE_CLASS(STEPS_CLASS, ~0) },
	{}
};

static struct pci_driver steps_driver = {
	.name = "fpga-card-kunit-vfs",
	.id_table = steps_ids,
	.probe = steps_probe,
	.sriov_configure = steps_sriov_configure,
};

/* A card whose second function has that driver, and VFs. */
static struct load *steps_boot_vfs(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	struct load *load;

	fx->images[2].fn[1].class = STEPS_CLASS;
	fixture_describe_boot(fx, 0, FIXTURE_WIDE);
	load = steps_boot(test);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	device_lock(&pdev->dev);
	KUNIT_EXPECT_EQ(test, 2, steps_sriov_configure(pdev, 2));
	device_unlock(&pdev->dev);
	pci_dev_put(pdev);
	load_save(load);
	return load;
}

static void vfs_that_stay_stop_removing(struct kunit *test)
{
	struct load *load;

	fixture_slow_but(test, &steps_few_ports[0]);
	load = steps_boot_vfs(test);
	load->card->settings.restore = false;
	WRITE_ONCE(steps_stubborn, true);
	load_fail(load, FIXTURE_USER, -EBUSY, "removing",
		  "does not let go of its VFs");
	WRITE_ONCE(steps_stubborn, false);
	load_expect_error(test, load->card, "brought back by its link");
	load_expect_runs(load->fx, load->card, FIXTURE_WIDE);
	load_works_again(load);
}

static void request_is_cancelled_in_unbinding(struct kunit *test)
{
	steps_cancel_in(test, "unbinding");
}

static void request_is_cancelled_in_triggering(struct kunit *test)
{
	steps_cancel_in(test, "triggering");
}

static void card_refuses_in_triggering(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .reject_trigger = true };
	struct load *load = steps_boot(test);

	load_set_faults(load, &faults);
	load_fail(load, FIXTURE_USER, -EIO, "triggering", "refused to load");
	steps_expect_brought_back(load);
}

/* And the card goes on with its old image until the load has failed. */
static void link_stays_up_in_link_down(struct kunit *test)
{
	struct pcie_card_sim_faults faults = {
		.ignore_disable = true,
		.trigger_delay_ms = LOAD_FOREVER_MS,
	};
	struct load *load = steps_boot(test);

	load_set_faults(load, &faults);
	load_mend_at(load, "recovering");
	load_fail(load, FIXTURE_USER, -ETIMEDOUT, "link-down",
		  "stays up although it is disabled");
	steps_expect_rolled_back(load);
}

/* Once it is too late the card loads the image as it should. */
static void steps_mend_and_load(struct load_moment *moment)
{
	load_moment_faults(moment);
	pcie_card_sim_load(moment->fx->sim, moment->number, FIXTURE_USER);
}

static void card_is_late_in_loading(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	struct load *load;

	fx->images[1].timeout_ms = LOAD_TIMEOUT_MS;
	load = steps_boot(test);
	load_set_faults(load, &faults);
	load_act_at(load, "recovering", steps_mend_and_load);
	load_fail(load, FIXTURE_USER, -ETIMEDOUT, "loading",
		  "did not bring its link up");
	load_expect_error(test, load->card, "brought back by its link");
	steps_expect_rolled_back(load);
}

static void nothing_is_found_in_enumerating(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .bad_header = true };
	struct load *load = steps_boot(test);

	load_set_faults(load, &faults);
	load_mend_at(load, "recovering");
	load_fail(load, FIXTURE_USER, -ENODEV, "enumerating",
		  "no function was found");
	steps_expect_rolled_back(load);
}

static void steps_expect_addresses(struct fixture *fx, unsigned int port)
{
	struct resource *res;
	struct pci_dev *pdev;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		pdev = fixture_function(fx, port, i);
		KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
		res = &pdev->resource[0];
		KUNIT_EXPECT_NOT_NULL_MSG(fx->test, res->parent, "%s",
					  pci_name(pdev));
		pci_dev_put(pdev);
	}
}

/* The neighbour keeps what it has: the functions of its FIXTURE_FACTORY. */
static void functions_do_not_fit_in_enumerating(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *neighbour;
	struct load *load;
	u32 *saved;

	fx->config.n_ports = 2;
	fx->ports[1].sw = fx->ports[0].sw;
	fx->images[2].fn[2].bar[0].size = 2 * STEPS_WINDOW;
	load = steps_boot(test);
	neighbour = fixture_port(fx, 1);
	saved = fixture_save_config(fx, neighbour);
	load_fail(load, FIXTURE_WIDE, -ENOSPC, "enumerating", "no room for BAR");
	load_expect_error(test, load->card, LOAD_ROLLED_BACK);
	load_expect_runs(load->fx, load->card, FIXTURE_FACTORY);
	steps_expect_addresses(fx, 0);
	fixture_expect_config(fx, neighbour, saved);
	steps_expect_addresses(fx, 1);
	load_works_again(load);
	fixture_expect_config(fx, neighbour, saved);
}

static void other_image_runs_in_verifying(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .wrong_image = FIXTURE_WIDE };
	struct load *load = steps_boot(test);

	load_set_faults(load, &faults);
	load_mend_at(load, "verifying");
	load_fail(load, FIXTURE_USER, -EIO, "verifying",
		  "runs \"wide\" instead of \"user\"");
	steps_expect_rolled_back(load);
}

static void file_told_of_other_functions_in_verifying(struct kunit *test)
{
	struct load *load;

	steps_describe_file(test->priv);
	load = steps_boot(test);
	steps_need_file(test);
	load_fail(load, STEPS_LIAR, -EIO, "verifying", "BAR");
	steps_expect_rolled_back(load);
}

/* The driver gets stubborn when its function has come back. */
static void steps_get_stubborn(struct load_moment *moment)
{
	WRITE_ONCE(steps_stubborn, true);
}

/* The image runs, which is what was asked for; but the user is told. */
static void vfs_that_do_not_come_back_are_told(struct kunit *test)
{
	struct load *load;

	fixture_slow_but(test, &steps_few_ports[0]);
	load = steps_boot_vfs(test);
	load->card->settings.restore = true;
	load_act_at(load, "verifying", steps_get_stubborn);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(load->card, FIXTURE_WIDE));
	WRITE_ONCE(steps_stubborn, false);
	KUNIT_EXPECT_EQ(test, load->card->state, FPGA_CARD_IDLE);
	load_expect_error(test, load->card, "the image runs, but");
	load_expect_runs(load->fx, load->card, FIXTURE_WIDE);
	load_expect_registers(load);
	load_works_again(load);
}

static int steps_suite_init(struct kunit_suite *suite)
{
	return pci_register_driver(&steps_driver);
}

static void steps_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&steps_driver);
}

static struct kunit_case steps_cases[] = {
	KUNIT_CASE_PARAM(busy_card_is_refused_in_preflight,
			 steps_port_gen_params),
	KUNIT_CASE_PARAM(card_refuses_the_file_in_staging,
			 steps_few_gen_params),
	KUNIT_CASE_PARAM(window_below_is_refused_in_opening,
			 steps_port_gen_params),
	KUNIT_CASE_PARAM(slot_that_is_polled_is_refused_in_opening,
			 steps_slot_gen_params),
	KUNIT_CASE_PARAM(request_is_cancelled_in_removing,
			 steps_port_gen_params),
	KUNIT_CASE_PARAM(vfs_that_stay_stop_removing, steps_few_gen_params),
	KUNIT_CASE_PARAM(request_is_cancelled_in_unbinding,
			 steps_port_gen_params),
	KUNIT_CASE_PARAM(request_is_cancelled_in_triggering,
			 steps_few_gen_params),
	KUNIT_CASE_PARAM(card_refuses_in_triggering, steps_port_gen_params),
	KUNIT_CASE_PARAM(link_stays_up_in_link_down, steps_port_gen_params),
	KUNIT_CASE_PARAM(card_is_late_in_loading, steps_port_gen_params),
	KUNIT_CASE_PARAM(nothing_is_found_in_enumerating,
			 steps_port_gen_params),
	KUNIT_CASE_PARAM(functions_do_not_fit_in_enumerating,
			 steps_few_gen_params),
	KUNIT_CASE_PARAM(other_image_runs_in_verifying, steps_port_gen_params),
	KUNIT_CASE_PARAM(file_told_of_other_functions_in_verifying,
			 steps_few_gen_params),
	KUNIT_CASE_PARAM(vfs_that_do_not_come_back_are_told,
			 steps_few_gen_params),
	{}
};

struct kunit_suite fpga_card_step_suite = {
	.name = "fpga_card_step",
	.suite_init = steps_suite_init,
	.suite_exit = steps_suite_exit,
	.init = steps_init,
	.exit = fixture_exit,
	.test_cases = steps_cases,
};
