// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reload window by itself, on a card that no back end knows.
 */

#include <linux/delay.h>
#include <linux/ktime.h>

#include "kunit/suites.h"
#include "kunit/fixtures/window.h"

/* When a card begins to answer that is waited for */
#define WINDOW_ANSWER_MS	100

#define WINDOW_SLOT_EVENTS	(PCI_EXP_SLTCTL_DLLSCE | PCI_EXP_SLTCTL_PDCE)

KUNIT_ARRAY_PARAM(window_port, fixture_kinds, fixture_kind_desc);

static void port_is_bit_identical_after_a_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	unsigned int count;
	u32 *saved;

	fixture_slow_but(test, &fixture_kinds[FIXTURE_KINDS - 1]);
	fixture_describe_kind(fx, 0, test->param_value);
	fixture_start(fx);
	count = fixture_count(fx, 0);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);

	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

static void port_is_bit_identical_after_a_window_that_fails(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	u32 *saved;

	fixture_slow_but(test, &fixture_kinds[FIXTURE_KINDS - 1]);
	fixture_describe_kind(fx, 0, test->param_value);
	/* The second window opens before the link is up, also in slow guests. */
	fx->ports[0].card.train_ms = 200;
	fixture_start(fx);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);

	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	/* The link may train now; the port's status follows it. */
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	window_up(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* What is hardened while the window is open. */
static void open_window_reports_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	u16 aer, val16;
	u32 val;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	pr = window_alloc(fx, 0);
	pcie_capability_read_word(port, PCI_EXP_SLTCTL, &val16);
	KUNIT_EXPECT_NE_MSG(test, val16 & WINDOW_SLOT_EVENTS, 0,
			    "pciehp is not bound");
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));

	pcie_capability_read_word(port, PCI_EXP_SLTCTL, &val16);
	KUNIT_EXPECT_EQ(test, val16 & WINDOW_SLOT_EVENTS, 0);
	pcie_capability_read_word(port, PCI_EXP_DEVCTL, &val16);
	KUNIT_EXPECT_EQ(test, val16 & (PCI_EXP_DEVCTL_CERE |
			PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE |
			PCI_EXP_DEVCTL_URRE), 0);
	pci_read_config_word(port, PCI_COMMAND, &val16);
	KUNIT_EXPECT_EQ(test, val16 & PCI_COMMAND_SERR, 0);
	pci_read_config_word(port, PCI_BRIDGE_CONTROL, &val16);
	KUNIT_EXPECT_EQ(test, val16 & PCI_BRIDGE_CTL_SERR, 0);
	aer = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	KUNIT_ASSERT_NE(test, aer, 0);
	pci_read_config_dword(port, aer + PCI_ERR_UNCOR_MASK, &val);
	KUNIT_EXPECT_NE(test, val & PCI_ERR_UNC_SURPDN, 0);

	window_end(test, pr);
}

static void step_out_of_order_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	unsigned int count;

	fixture_start(fx);
	count = fixture_count(fx, 0);
	pr = window_alloc(fx, 0);
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_remove_functions(pr, NULL));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_link_disable(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_remove_rest(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_hold(pr, 1));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_wait_link(pr, 1));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_settle(pr, 1));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_enumerate(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_hot_reset(pr));

	KUNIT_EXPECT_EQ(test, 0, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, -EBUSY, pci_reload_open(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_link_disable(pr));
	KUNIT_EXPECT_EQ(test, -EPERM, pci_reload_enumerate(pr));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));

	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), count);
	pci_reload_free(pr);
}

static void port_has_one_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			PTR_ERR(pci_reload_alloc(fixture_port(fx, 0), NULL, NULL)));
	pci_reload_free(pr);
}

static void endpoint_has_no_window(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;

	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			PTR_ERR(pci_reload_alloc(pdev, NULL, NULL)));
	pci_dev_put(pdev);
}

/* That of the link lasts until the card has loaded, that of the card is for RRS. */
static void cancelled_wait_ends(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .rrs_ms = WINDOW_WHOLE_MS };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	fixture_slow(test);
	fx->images[1].reload_ms = 2 * WINDOW_WHOLE_MS;
	pr = window_boot(fx);
	window_down(test, pr);
	fixture_set_faults(fx, &faults);
	window_expect_cancelled(test, pr, WINDOW_WHOLE_MS,
				pci_reload_hold);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	window_expect_cancelled(test, pr, WINDOW_WHOLE_MS,
				pci_reload_wait_link);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	window_expect_cancelled(test, pr, WINDOW_WHOLE_MS,
				pci_reload_settle);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	window_end(test, pr);
}

/**
 * struct window_answer - a card that answers after a while
 * @work: makes it do so
 * @fx: whose card it is
 * @answers: it does
 */
struct window_answer {
	struct delayed_work work;
	struct fixture *fx;
	bool answers;
};

static void window_answer_work(struct work_struct *work)
{
	static const struct pcie_card_sim_faults none;
	struct window_answer *answer;

	answer = container_of(work, struct window_answer, work.work);
	WRITE_ONCE(answer->answers, true);
	pcie_card_sim_set_faults(answer->fx->sim, 0, &none);
}

/* RRS completions are waited out, to the deadline and no further. */
static void retry_status_is_waited_for(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .rrs_ms = 600000 };
	struct window_answer answer = { .fx = test->priv };
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	window_down(test, pr);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, pci_reload_settle(pr, 20));
	KUNIT_EXPECT_NOT_NULL(test, strstr(pci_reload_reason(pr), "tried later"));

	INIT_DELAYED_WORK_ONSTACK(&answer.work, window_answer_work);
	queue_delayed_work(system_unbound_wq, &answer.work,
			   msecs_to_jiffies(WINDOW_ANSWER_MS));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(answer.answers));
	cancel_delayed_work_sync(&answer.work);
	destroy_delayed_work_on_stack(&answer.work);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	window_end(test, pr);
}

static void hot_reset_resets_the_card(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_hot_reset(pr));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL,
					     0, &event));
	window_up(test, pr);
	window_end(test, pr);
}

/* It is seen in the status register, but nobody is told. */
static void error_in_an_open_window_goes_unreported(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;
	struct pci_dev *port;
	u32 *saved, status;
	u16 aer;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	saved = fixture_save_port(fx, 0);
	pr = window_alloc(fx, 0);
	KUNIT_ASSERT_EQ(test, 0, pci_reload_open(pr));
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_port_error(fx->sim, 0,
							  PCI_ERR_UNC_SURPDN));

	aer = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	pci_read_config_dword(port, aer + PCI_ERR_UNCOR_STATUS, &status);
	KUNIT_EXPECT_EQ(test, status, PCI_ERR_UNC_SURPDN);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					      &event));
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_SYSTEM_ERROR,
					      NULL, 0, &event));
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
	fixture_expect_port(fx, 0, saved);
	pci_reload_free(pr);
}

/* So that the case above can fail. */
static void error_outside_a_window_is_reported(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;

	fx->ports[0].dpc = false;
	fixture_start(fx);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0,
			pcie_card_sim_port_error(fx->sim, 0,
						 PCI_ERR_UNC_COMP_ABORT));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0,
					     &event));
}

static void link_that_is_lost_once_more_is_waited_for(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct pci_reload *pr;

	pr = window_boot(fx);
	window_down(test, pr);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WINDOW_TIMEOUT_MS));
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_drop_link(fx->sim, 0));
	KUNIT_EXPECT_EQ(test, 0, pci_reload_settle(pr, WINDOW_TIMEOUT_MS));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &event));
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	window_end(test, pr);
}

/**
 * struct window_host - a port, and who is in charge of its host
 * @name: for people
 * @port: the port
 * @firmware_errors: the firmware handles errors
 * @firmware_hotplug: the firmware handles hot-plug
 * @said: what the description has to say
 * @not_said: what it may not say
 */
struct window_host {
	const char *name;
	struct fixture_kind port;
	bool firmware_errors;
	bool firmware_hotplug;
	const char *said;
	const char *not_said;
};

static const struct window_host window_hosts[] = {
	{ "AER", { .aer = true }, .said = "all else in AER",
	  .not_said = "not contained" },
	{ "no AER", { .dpc = true }, .said = "errors of a port without AER",
	  .not_said = "all else in AER" },
	{ "DPC", { .aer = true, .dpc = true }, .said = ", DPC",
	  .not_said = "slot events" },
	{ "slot", { .hotplug = true, .aer = true, .link_active_reporting = true },
	  .said = "slot events", .not_said = "firmware" },
	{ "below a switch", { .aer = true, .sw = true },
	  .said = "bridges above", .not_said = "DPC" },
	{ "firmware first", { .aer = true }, .firmware_errors = true,
	  .said = "firmware handles errors", .not_said = "handles hot-plug" },
	{ "hot-plug by firmware",
	  { .hotplug = true, .aer = true, .link_active_reporting = true },
	  .firmware_hotplug = true, .said = "firmware handles hot-plug",
	  .not_said = "handles errors" },
	{ "no slot, hot-plug by firmware", { .aer = true },
	  .firmware_hotplug = true, .said = "contained: error messages",
	  .not_said = "hot-plug" },
};

static void window_host_desc(const struct window_host *host, char *desc)
{
	strscpy(desc, host->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(window_host, window_hosts, window_host_desc);

static void description_tells_what_is_contained(struct kunit *test)
{
	const struct window_host *param = test->param_value;
	struct fixture *fx = test->priv;
	struct pci_host_bridge *host;
	struct pci_reload *pr;
	char *buf;
	int len;

	fixture_describe_kind(fx, 0, &param->port);
	fixture_start(fx);
	host = pci_find_host_bridge(fixture_port(fx, 0)->bus);
	if (param->firmware_errors)
		host->native_aer = 0;
	if (param->firmware_hotplug)
		host->native_pcie_hotplug = 0;
	buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);

	pr = window_alloc(fx, 0);
	len = pci_reload_describe(pr, buf, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, len, strlen(buf));
	KUNIT_EXPECT_TRUE_MSG(test, strstr(buf, param->said), "%s", buf);
	KUNIT_EXPECT_FALSE_MSG(test, strstr(buf, param->not_said), "%s", buf);
	KUNIT_EXPECT_NOT_NULL(test, strstr(buf, pci_name(fixture_port(fx, 0))));
	/* Cut off, but no further. */
	KUNIT_EXPECT_EQ(test, 15, pci_reload_describe(pr, buf, 16));
	pci_reload_free(pr);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(port_is_bit_identical_after_a_window,
			 window_port_gen_params),
	KUNIT_CASE_PARAM(port_is_bit_identical_after_a_window_that_fails,
			 window_port_gen_params),
	KUNIT_CASE(open_window_reports_nothing),
	KUNIT_CASE(step_out_of_order_is_refused),
	KUNIT_CASE(port_has_one_window),
	KUNIT_CASE(endpoint_has_no_window),
	KUNIT_CASE(cancelled_wait_ends),
	KUNIT_CASE(retry_status_is_waited_for),
	KUNIT_CASE(hot_reset_resets_the_card),
	KUNIT_CASE(error_in_an_open_window_goes_unreported),
	KUNIT_CASE(error_outside_a_window_is_reported),
	KUNIT_CASE(link_that_is_lost_once_more_is_waited_for),
	KUNIT_CASE_PARAM(description_tells_what_is_contained,
			 window_host_gen_params),
	{}
};

struct kunit_suite pci_reload_window_suite = {
	.name = "pci_reload_window",
	.init = window_init,
	.exit = fixture_exit,
	.test_cases = window_cases,
};
