// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator by itself: speed and width of links, and how links go down.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>

#include "kunit/fixtures/fixture.h"
#include "kunit/suites.h"

/* Longer than a simulated card takes for anything that is waited for. */
#define SIM_LINK_WAIT_MS	2000

#define SIM_LINK_DISABLE_MS	100

#define SIM_LINK_CHANGES	(PCI_EXP_LNKSTA_LBMS | PCI_EXP_LNKSTA_LABS)
#define SIM_LINK_ENABLES	(PCI_EXP_LNKCTL_LBMIE | PCI_EXP_LNKCTL_LABIE)

/* No slot, and no driver, so that nobody else looks after the link. */
static int sim_link_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;

	if (ret)
		return ret;
	fixture_describe_undriven(fx);
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	fx->ports[0].dpc = false;
	fx->ports[0].max_width = 16;
	return 0;
}

static bool sim_link_within(struct fixture *fx, bool up)
{
	return fixture_wait_link(fx, 0, up, SIM_LINK_WAIT_MS);
}

static void sim_link_train(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);

	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_TRUE(fx->test, sim_link_within(fx, false));
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_TRUE(fx->test, sim_link_within(fx, true));
}

/*
 * Link Status of the port and of the function below, by way of what the kernel
 * makes of it; @code is the speed, in the encoding of the register.
 */
static void sim_link_expect(struct fixture *fx, unsigned int code,
			    unsigned int width)
{
	const u16 mask = PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW;
	u16 want = code | FIELD_PREP(PCI_EXP_LNKSTA_NLW, width);
	struct pci_dev *port = fixture_port(fx, 0);
	enum pcie_link_width found;
	enum pci_bus_speed speed;
	struct pci_dev *pdev;

	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	KUNIT_EXPECT_EQ(fx->test, fixture_exp(port, PCI_EXP_LNKSTA) & mask,
			want);
	KUNIT_EXPECT_EQ(fx->test, fixture_exp(pdev, PCI_EXP_LNKSTA) & mask,
			want);
	pcie_bandwidth_available(pdev, NULL, &speed, &found);
	KUNIT_EXPECT_EQ(fx->test, found, width);
	/* The speeds of PCIe are in their order there, from 2.5 GT/s. */
	KUNIT_EXPECT_EQ(fx->test, speed, PCIE_SPEED_2_5GT + code - 1);
	pci_dev_put(pdev);
}

/* What both ends can do */

/**
 * struct sim_link_rate - ends of a link, and what comes of them
 * @port_speed: of the port, in MT/s
 * @port_width: of the port
 * @speed: of the image
 * @width: of the image
 * @bad_speed: at which the link comes up at best
 * @bad_width: likewise
 * @code: speed that is found, in the encoding of Link Status
 * @found: width that is found
 */
struct sim_link_rate {
	unsigned int port_speed;
	unsigned int port_width;
	unsigned int speed;
	unsigned int width;
	unsigned int bad_speed;
	unsigned int bad_width;
	unsigned int code;
	unsigned int found;
};

static const struct sim_link_rate sim_link_rates[] = {
	{ 0, 0, 0, 0, 0, 0, PCI_EXP_LNKSTA_CLS_8_0GB, 8 },
	{ 16000, 16, 0, 0, 0, 0, PCI_EXP_LNKSTA_CLS_16_0GB, 8 },
	{ 16000, 16, 16000, 16, 0, 0, PCI_EXP_LNKSTA_CLS_16_0GB, 16 },
	{ 16000, 16, 5000, 4, 0, 0, PCI_EXP_LNKSTA_CLS_5_0GB, 4 },
	{ 8000, 4, 16000, 16, 0, 0, PCI_EXP_LNKSTA_CLS_8_0GB, 4 },
	{ 2500, 1, 16000, 16, 0, 0, PCI_EXP_LNKSTA_CLS_2_5GB, 1 },
	{ 16000, 16, 16000, 16, 5000, 0, PCI_EXP_LNKSTA_CLS_5_0GB, 16 },
	{ 16000, 16, 16000, 16, 0, 1, PCI_EXP_LNKSTA_CLS_16_0GB, 1 },
	{ 16000, 16, 16000, 16, 2500, 2, PCI_EXP_LNKSTA_CLS_2_5GB, 2 },
	{ 8000, 4, 8000, 4, 16000, 16, PCI_EXP_LNKSTA_CLS_8_0GB, 4 },
};

static void sim_link_rate_desc(const struct sim_link_rate *rate, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE,
		 "port %u x%u, image %u x%u, at best %u x%u", rate->port_speed,
		 rate->port_width, rate->speed, rate->width, rate->bad_speed,
		 rate->bad_width);
}

KUNIT_ARRAY_PARAM(sim_link_rate, sim_link_rates, sim_link_rate_desc);

static void link_is_as_fast_as_both_ends_can(struct kunit *test)
{
	const struct sim_link_rate *rate = test->param_value;
	struct pcie_card_sim_faults faults = {
		.degraded_speed = rate->bad_speed,
		.degraded_width = rate->bad_width,
	};
	struct fixture *fx = test->priv;
	struct pci_dev *pdev;
	u32 cap;

	fx->ports[0].max_speed = rate->port_speed;
	fx->ports[0].max_width = rate->port_width;
	fx->images[0].speed = rate->speed;
	fx->images[0].width = rate->width;
	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pcie_capability_read_dword(pdev, PCI_EXP_LNKCAP, &cap);
	KUNIT_EXPECT_EQ(test, FIELD_GET(PCI_EXP_LNKCAP_MLW, cap),
			rate->width ?: 8);
	KUNIT_EXPECT_EQ(test, pcie_get_speed_cap(pdev),
			PCIE_SPEED_2_5GT - 1 + (cap & PCI_EXP_LNKCAP_SLS));
	pci_dev_put(pdev);
	pcie_capability_read_dword(fixture_port(fx, 0), PCI_EXP_LNKCAP, &cap);
	KUNIT_EXPECT_EQ(test, FIELD_GET(PCI_EXP_LNKCAP_MLW, cap),
			rate->port_width ?: 8);

	if (rate->bad_speed || rate->bad_width) {
		fixture_set_faults(fx, &faults);
		sim_link_train(fx);
	}
	sim_link_expect(fx, rate->code, rate->found);
}

static void image_brings_its_speed_and_width(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	fx->images[0].fn[0].bmc = true;
	fx->images[1].fn[0].bmc = true;
	fx->images[1].speed = 5000;
	fx->images[1].width = 2;
	fixture_start(fx);
	sim_link_expect(fx, PCI_EXP_LNKSTA_CLS_8_0GB, 8);
	card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	sim_link_expect(fx, PCI_EXP_LNKSTA_CLS_5_0GB, 2);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_FACTORY));
	sim_link_expect(fx, PCI_EXP_LNKSTA_CLS_8_0GB, 8);
	fpga_card_put(card);
}

/* Behind a switch the image is at the far end of the legs. */
static void switch_of_the_card_keeps_its_speed_and_width(struct kunit *test)
{
	const u16 mask = PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW;
	struct pci_dev *port, *up, *leg, *fn;
	struct fixture *fx = test->priv;

	fx->ports[0].card.has_switch = true;
	fx->images[0].speed = 5000;
	fx->images[0].width = 1;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	up = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, up);
	leg = pci_get_slot(up->subordinate, 0);
	pci_dev_put(up);
	KUNIT_ASSERT_NOT_NULL(test, leg);
	fn = pci_get_slot(leg->subordinate, 0);
	KUNIT_EXPECT_EQ(test, fixture_exp(port, PCI_EXP_LNKSTA) & mask,
			PCI_EXP_LNKSTA_CLS_8_0GB |
			FIELD_PREP(PCI_EXP_LNKSTA_NLW, 8));
	KUNIT_EXPECT_EQ(test, fixture_exp(leg, PCI_EXP_LNKSTA) & mask,
			PCI_EXP_LNKSTA_CLS_5_0GB |
			FIELD_PREP(PCI_EXP_LNKSTA_NLW, 1));
	KUNIT_EXPECT_NOT_NULL(test, fn);
	if (fn)
		KUNIT_EXPECT_EQ(test, fixture_exp(fn, PCI_EXP_LNKSTA) & mask,
				PCI_EXP_LNKSTA_CLS_5_0GB |
				FIELD_PREP(PCI_EXP_LNKSTA_NLW, 1));
	pci_dev_put(fn);
	pci_dev_put(leg);
}

static void width_that_there_is_not_is_refused(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .degraded_width = 12 };
	struct fixture *fx = test->priv;

	fx->ports[0].max_width = 3;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    pcie_card_sim_create(&fx->config));
	fx->ports[0].max_width = 32;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    pcie_card_sim_create(&fx->config));
	fx->ports[0].max_width = 16;
	fx->images[2].width = 5;
	KUNIT_EXPECT_PTR_EQ(test, ERR_PTR(-EINVAL),
			    pcie_card_sim_create(&fx->config));
	fx->images[2].width = 0;
	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pcie_card_sim_set_faults(fx->sim, 0, &faults));
}

/* Changes while the link is up */

/* The kernel's own driver would clear what is noted (6.13 and later). */
static struct pci_dev *sim_link_boot(struct fixture *fx)
{
	struct pci_dev *port;

	fixture_start(fx);
	port = fixture_port(fx, 0);
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, SIM_LINK_ENABLES);
	pcie_capability_write_word(port, PCI_EXP_LNKSTA, SIM_LINK_CHANGES);
	pcie_card_sim_log_clear(fx->sim);
	return port;
}

/* And it is cleared by a one. */
static void sim_link_expect_noted(struct fixture *fx, u16 noted)
{
	struct pci_dev *port = fixture_port(fx, 0);
	u16 sta = fixture_exp(port, PCI_EXP_LNKSTA);

	KUNIT_EXPECT_EQ(fx->test, sta & SIM_LINK_CHANGES, noted);
	KUNIT_EXPECT_NE(fx->test, sta & PCI_EXP_LNKSTA_DLLLA, 0);
	pcie_capability_write_word(port, PCI_EXP_LNKSTA, SIM_LINK_CHANGES);
	KUNIT_EXPECT_EQ(fx->test, fixture_exp(port, PCI_EXP_LNKSTA),
			sta & ~SIM_LINK_CHANGES);
}

static void sim_link_retrain(struct pci_dev *port, u16 target)
{
	u16 ctl2 = fixture_exp(port, PCI_EXP_LNKCTL2);

	pcie_capability_write_word(port, PCI_EXP_LNKCTL2,
				   (ctl2 & ~PCI_EXP_LNKCTL2_TLS) | target);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_RL);
}

static void retraining_is_noted(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;

	port = sim_link_boot(fx);
	sim_link_retrain(port, PCI_EXP_LNKCTL2_TLS_2_5GT);
	KUNIT_EXPECT_EQ(test, fixture_exp(port, PCI_EXP_LNKCTL) &
			PCI_EXP_LNKCTL_RL, 0);
	sim_link_expect(fx, PCI_EXP_LNKSTA_CLS_2_5GB, 8);
	sim_link_expect_noted(fx, PCI_EXP_LNKSTA_LBMS);
	/* Also if it changes nothing */
	sim_link_retrain(port, PCI_EXP_LNKCTL2_TLS_2_5GT);
	sim_link_expect_noted(fx, PCI_EXP_LNKSTA_LBMS);
	sim_link_retrain(port, PCI_EXP_LNKCTL2_TLS_8_0GT);
	sim_link_expect(fx, PCI_EXP_LNKSTA_CLS_8_0GB, 8);
	sim_link_expect_noted(fx, PCI_EXP_LNKSTA_LBMS);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					      0, &event));
}

/* What trains from the start has gone through DL_Down. */
static void training_is_not_noted(struct kunit *test)
{
	struct fixture *fx = test->priv;

	sim_link_boot(fx);
	sim_link_train(fx);
	sim_link_expect_noted(fx, 0);
}

/**
 * struct sim_link_change - a change of the link that nobody asked for
 * @desc: for people
 * @autonomous: not as the link is not reliable
 * @ctl: set in Link Control
 * @ctl2: set in Link Control 2
 * @noted: in Link Status
 * @code: speed that is found, in the encoding of Link Status
 * @width: width that is found
 */
struct sim_link_change {
	const char *desc;
	bool autonomous;
	u16 ctl;
	u16 ctl2;
	u16 noted;
	u16 code;
	unsigned int width;
};

static const struct sim_link_change sim_link_changes[] = {
	{ "unreliable", false, 0, 0, PCI_EXP_LNKSTA_LBMS,
	  PCI_EXP_LNKSTA_CLS_2_5GB, 4 },
	{ "unreliable, autonomous changes disabled", false,
	  PCI_EXP_LNKCTL_HAWD, PCI_EXP_LNKCTL2_HASD, PCI_EXP_LNKSTA_LBMS,
	  PCI_EXP_LNKSTA_CLS_2_5GB, 4 },
	{ "autonomous", true, 0, 0, PCI_EXP_LNKSTA_LABS,
	  PCI_EXP_LNKSTA_CLS_2_5GB, 4 },
	{ "autonomous, width disabled", true, PCI_EXP_LNKCTL_HAWD, 0,
	  PCI_EXP_LNKSTA_LABS, PCI_EXP_LNKSTA_CLS_2_5GB, 8 },
	{ "autonomous, speed disabled", true, 0, PCI_EXP_LNKCTL2_HASD,
	  PCI_EXP_LNKSTA_LABS, PCI_EXP_LNKSTA_CLS_8_0GB, 4 },
	{ "autonomous, both disabled", true, PCI_EXP_LNKCTL_HAWD,
	  PCI_EXP_LNKCTL2_HASD, 0, PCI_EXP_LNKSTA_CLS_8_0GB, 8 },
};

static void sim_link_change_desc(const struct sim_link_change *change,
				 char *desc)
{
	strscpy(desc, change->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim_link_change, sim_link_changes, sim_link_change_desc);

static void change_of_a_link_that_is_up_is_noted(struct kunit *test)
{
	const struct sim_link_change *change = test->param_value;
	struct pcie_card_sim_faults faults = {
		.degraded_speed = 2500,
		.degraded_width = 4,
	};
	struct fixture *fx = test->priv;
	struct pci_dev *port;

	port = sim_link_boot(fx);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, change->ctl);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL2, change->ctl2);
	fixture_set_faults(fx, &faults);
	sim_link_expect(fx, PCI_EXP_LNKSTA_CLS_8_0GB, 8);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_renegotiate(fx->sim, 0,
							   change->autonomous));
	sim_link_expect(fx, change->code, change->width);
	sim_link_expect_noted(fx, change->noted);
	/* Nothing has changed since. */
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_renegotiate(fx->sim, 0,
							   change->autonomous));
	sim_link_expect_noted(fx, 0);

	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_EQ(test, -ENOTCONN,
			pcie_card_sim_renegotiate(fx->sim, 0, false));
}

static const u16 sim_link_enables[] = {
	0, PCI_EXP_LNKCTL_LBMIE, PCI_EXP_LNKCTL_LABIE,
};

static void sim_link_enable_desc(const u16 *enable, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "Link Control %#x", *enable);
}

KUNIT_ARRAY_PARAM(sim_link_enable, sim_link_enables, sim_link_enable_desc);

static void change_interrupts_if_that_is_enabled(struct kunit *test)
{
	const u16 *enable = test->param_value;
	struct fixture *fx = test->priv;
	struct pcie_card_sim_event event;
	struct pci_dev *port;
	bool found;

	port = sim_link_boot(fx);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, *enable);
	KUNIT_EXPECT_EQ(test, fixture_exp(port, PCI_EXP_LNKCTL) &
			SIM_LINK_ENABLES, *enable);
	pcie_card_sim_log_clear(fx->sim);
	sim_link_retrain(port, PCI_EXP_LNKCTL2_TLS_2_5GT);
	found = fixture_find(fx, PCIE_CARD_SIM_IRQ, NULL, 0, &event);
	KUNIT_EXPECT_EQ(test, found, *enable == PCI_EXP_LNKCTL_LBMIE);
	if (found)
		KUNIT_EXPECT_NE(test, event.value & PCI_EXP_LNKSTA_LBMS, 0);
}

/* x1 and 2.5 GT/s leave nothing to change. */
static void link_without_a_choice_notes_nothing(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	u32 cap;

	fx->ports[0].max_speed = 2500;
	fx->ports[0].max_width = 1;
	port = sim_link_boot(fx);
	pcie_capability_read_dword(port, PCI_EXP_LNKCAP, &cap);
	KUNIT_EXPECT_EQ(test, cap & PCI_EXP_LNKCAP_LBNC, 0);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, SIM_LINK_ENABLES);
	KUNIT_EXPECT_EQ(test, fixture_exp(port, PCI_EXP_LNKCTL) &
			SIM_LINK_ENABLES, 0);
	sim_link_retrain(port, PCI_EXP_LNKCTL2_TLS_2_5GT);
	sim_link_expect_noted(fx, 0);
}

/* Going down */

static void link_outlives_that_it_is_disabled(struct kunit *test)
{
	struct pcie_card_sim_event off, down;
	struct fixture *fx = test->priv;
	struct pci_dev *port;
	int lnkctl;

	fx->ports[0].disable_ms = SIM_LINK_DISABLE_MS;
	fixture_start(fx);
	port = fixture_port(fx, 0);
	lnkctl = pci_pcie_cap(port) + PCI_EXP_LNKCTL;
	pcie_card_sim_log_clear(fx->sim);
	sim_link_train(fx);
	KUNIT_ASSERT_TRUE(test, fixture_find_write(fx, port, lnkctl,
						   PCI_EXP_LNKCTL_LD,
						   PCI_EXP_LNKCTL_LD, 0, &off));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					     0, &down));
	KUNIT_EXPECT_EQ(test, down.value, PCIE_CARD_SIM_BY_DISABLE);
	KUNIT_EXPECT_GE(test, down.usec - off.usec, SIM_LINK_DISABLE_MS * 1000);

	/* It may never go. */
	pcie_card_sim_log_clear(fx->sim);
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	msleep(2 * SIM_LINK_DISABLE_MS);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL,
					      0, &down));

	/* What went meanwhile stays down. */
	pcie_capability_set_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	msleep(2 * SIM_LINK_DISABLE_MS);
	KUNIT_EXPECT_FALSE(test, pcie_card_sim_link_up(fx->sim, 0));
	pcie_capability_clear_word(port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	KUNIT_EXPECT_TRUE(test, sim_link_within(fx, true));
}

static struct kunit_case sim_link_cases[] = {
	KUNIT_CASE_PARAM(link_is_as_fast_as_both_ends_can,
			 sim_link_rate_gen_params),
	KUNIT_CASE(image_brings_its_speed_and_width),
	KUNIT_CASE(switch_of_the_card_keeps_its_speed_and_width),
	KUNIT_CASE(width_that_there_is_not_is_refused),
	KUNIT_CASE(retraining_is_noted),
	KUNIT_CASE(training_is_not_noted),
	KUNIT_CASE_PARAM(change_of_a_link_that_is_up_is_noted,
			 sim_link_change_gen_params),
	KUNIT_CASE_PARAM(change_interrupts_if_that_is_enabled,
			 sim_link_enable_gen_params),
	KUNIT_CASE(link_without_a_choice_notes_nothing),
	KUNIT_CASE(link_outlives_that_it_is_disabled),
	{}
};

struct kunit_suite pcie_card_sim_link_suite = {
	.name = "pcie_card_sim_link",
	.init = sim_link_init,
	.exit = fixture_exit,
	.test_cases = sim_link_cases,
};
