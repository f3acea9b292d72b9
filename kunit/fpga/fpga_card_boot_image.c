// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image that a card starts with when it gets power: of the simulator's own cards, of
 * back ends that cannot tell, and the model of Intel's N6000.
 */

#include <linux/bitfield.h>
#include <linux/fpga/fpga-card.h>
#include <linux/string.h>

#include "kunit/fixtures/load.h"
#include "kunit/fixtures/region-file.h"
#include "kunit/suites.h"
#include "sim/intel/m10bmc.h"

#define BOOT_FILE	"boot_image"
#define BOOT_TIMEOUT_MS	2000
#define BOOT_WAIT_MS	8000

/* A port that has no slot, and says nothing of a link that goes. */
static void boot_quiet(struct fixture *fx)
{
	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	fx->ports[0].aer = false;
	fx->ports[0].dpc = false;
	fx->ports[0].surprise_down = false;
}

/* Nobody sees it, so the functions are looked for afterwards. */
static void boot_power_cycle(struct fixture *fx, struct fpga_card *card)
{
	KUNIT_ASSERT_EQ(fx->test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	KUNIT_ASSERT_EQ(fx->test, 0, pcie_card_sim_set_present(fx->sim, 0, true));
	KUNIT_ASSERT_TRUE(fx->test, fixture_wait_link(fx, 0, true, BOOT_WAIT_MS));
	KUNIT_EXPECT_EQ(fx->test, 0, region_file_write(card, "recover", "1"));
}

static void a_power_cycle_boots_what_was_written(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	boot_quiet(fx);
	card = fixture_boot(fx, FIXTURE_FACTORY);
	region_file_expect(test, card, BOOT_FILE, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, region_file_write(card, BOOT_FILE, "user\n"));
	region_file_expect(test, card, BOOT_FILE, FIXTURE_USER);
	/* What runs is not touched. */
	region_file_expect(test, card, "firmware_name", FIXTURE_FACTORY);

	boot_power_cycle(fx, card);
	load_expect_runs(fx, card, FIXTURE_USER);
	region_file_expect(test, card, BOOT_FILE, FIXTURE_USER);
	fpga_card_put(card);
}

static void a_load_does_not_change_what_is_booted(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, 0, region_file_write(card, BOOT_FILE, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(card, FIXTURE_USER));
	region_file_expect(test, card, BOOT_FILE, FIXTURE_WIDE);
	region_file_expect(test, card, "firmware_name", FIXTURE_USER);
	fpga_card_put(card);
}

static const char * const boot_names[] = {
	"", "\n", "nonsense", "fact", "factory2", "../factory", "user\nuser",
	"0123456789012345678901234567890123456789012345678901234567890123456789",
};

static void boot_name_desc(const char * const *name, char *desc)
{
	/* Whoever reads the results drops a blank at the end. */
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu characters%s%.8s",
		  strlen(*name), **name ? ", " : "",
		  **name == '\n' ? "newline" : *name);
}

KUNIT_ARRAY_PARAM(boot_name, boot_names, boot_name_desc);

static void a_name_that_is_no_image_is_refused(struct kunit *test)
{
	const char *name = *(const char * const *)test->param_value;
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	/* Nothing at all does not get as far as the driver. */
	KUNIT_EXPECT_EQ(test, name[0] ? -ENOENT : 0,
			region_file_write(card, BOOT_FILE, name));
	if (name[0])
		load_expect_error(test, card, "no image");
	region_file_expect(test, card, BOOT_FILE, FIXTURE_FACTORY);
	fpga_card_put(card);
}

static void a_name_with_a_nul_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card *card;

	card = fixture_boot(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			region_file_write_len(card, BOOT_FILE, "user\0x", 6));
	region_file_expect(test, card, BOOT_FILE, FIXTURE_FACTORY);
	fpga_card_put(card);
}

/**
 * struct boot - a back end that does with the boot image as it is told to
 * @card: the card
 * @fx: the host
 * @ops: its operations
 * @boots: the image that the card starts with; NULL if it cannot tell
 * @err: what set_boot_image() returns
 * @invalid: "user" is damaged
 * @staging: stage() runs
 * @stay: and goes on doing so
 */
struct boot {
	struct fpga_card *card;
	struct fixture *fx;
	struct fpga_card_ops ops;
	const char *boots;
	int err;
	bool invalid;
	bool staging;
	bool stay;
};

static int boot_images(void *priv, struct fpga_card_image *images,
		       unsigned int max)
{
	static const struct fpga_card_image list[] = {
		{ .name = FIXTURE_USER, .timeout_ms = BOOT_TIMEOUT_MS },
		{ .name = "retimer", .timeout_ms = BOOT_TIMEOUT_MS,
		  .staged = true, .auxiliary = true },
	};

	memcpy(images, list, sizeof(list));
	images[0].invalid = ((struct boot *)priv)->invalid;
	return ARRAY_SIZE(list);
}

static int boot_stage(void *priv, struct fpga_card *card, const char *name,
		      const u8 *data, size_t len)
{
	struct boot *be = priv;

	WRITE_ONCE(be->staging, true);
	while (READ_ONCE(be->stay) && !fpga_card_stage_cancelled(card))
		msleep(20);
	return 0;
}

static int boot_trigger(void *priv, const char *name, bool staged)
{
	return 0;
}

static int boot_get(void *priv, char *name, size_t len)
{
	struct boot *be = priv;

	if (!be->boots)
		return -ENODATA;
	strscpy(name, be->boots, len);
	return 0;
}

static int boot_set(void *priv, const char *name)
{
	struct boot *be = priv;

	if (be->err) {
		fpga_card_reason(be->card, "its clock has stopped");
		return be->err;
	}
	be->boots = FIXTURE_USER;
	return 0;
}

static struct boot *boot_start(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct boot *be = kunit_kzalloc(test, sizeof(*be), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, be);
	fixture_describe_undriven(fx);
	fx->config.n_ports = 1;
	fixture_start(fx);
	be->fx = fx;
	be->ops = (struct fpga_card_ops) {
		.images = boot_images,
		.stage = boot_stage,
		.trigger = boot_trigger,
		.boot_image = boot_get,
		.set_boot_image = boot_set,
	};
	return be;
}

static void boot_attach(struct kunit *test, struct boot *be)
{
	struct fpga_card_info info = {
		.name = "kunit",
		.port = fixture_port(be->fx, 0),
		.start = FPGA_CARD_START_HOT_RESET,
		.ops = &be->ops,
		.priv = be,
		.card = &be->card,
	};

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fpga_card_attach(&info));
}

static void boot_expect_read(struct kunit *test, struct fpga_card *card, int err)
{
	char buf[64];

	KUNIT_EXPECT_EQ(test, err,
			region_file_read(card, BOOT_FILE, buf, sizeof(buf)));
}

/* Reading leaves no sentence; writing does. */
static void a_card_that_cannot_tell_says_so(struct kunit *test)
{
	struct boot *be = boot_start(test);

	be->ops.boot_image = NULL;
	be->ops.set_boot_image = NULL;
	boot_attach(test, be);
	boot_expect_read(test, be->card, -EOPNOTSUPP);
	region_file_expect(test, be->card, "last_error", "");
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			region_file_write(be->card, BOOT_FILE, FIXTURE_USER));
	load_expect_error(test, be->card, "cannot be told which image");
	fpga_card_detach(be->card, be);
}

static void what_the_card_says_is_told(struct kunit *test)
{
	struct boot *be = boot_start(test);
	struct fpga_card *card;

	boot_attach(test, be);
	card = fixture_card(be->fx, 0);
	region_file_expect(test, card, BOOT_FILE, "");
	be->err = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO,
			region_file_write(card, BOOT_FILE, FIXTURE_USER));
	load_expect_error(test, card,
			  "does not take \"user\" to start with: its clock has stopped");
	be->err = 0;
	KUNIT_EXPECT_EQ(test, 0, region_file_write(card, BOOT_FILE, FIXTURE_USER));
	region_file_expect(test, card, BOOT_FILE, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			region_file_write(card, BOOT_FILE, "retimer"));

	fpga_card_detach(card, be);
	boot_expect_read(test, card, -ENODEV);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			region_file_write(card, BOOT_FILE, FIXTURE_USER));
	load_expect_error(test, card, "has no back end");

	be->invalid = true;
	boot_attach(test, be);
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			region_file_write(card, BOOT_FILE, FIXTURE_USER));
	fpga_card_detach(card, be);
	fpga_card_put(card);
}

/* Neither waits for the load, nor changes what that says. */
static void a_card_that_loads_is_left_alone(struct kunit *test)
{
	struct boot *be = boot_start(test);
	struct load_run load;

	be->stay = true;
	boot_attach(test, be);
	load_run_start(&load, be->card, "retimer");
	KUNIT_EXPECT_TRUE(test, fixture_wait(READ_ONCE(be->staging),
					     BOOT_WAIT_MS));
	boot_expect_read(test, be->card, -EBUSY);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			region_file_write(be->card, BOOT_FILE, "nonsense"));
	region_file_expect(test, be->card, "last_error", "");
	WRITE_ONCE(be->stay, false);
	KUNIT_EXPECT_EQ(test, 0, load_run_end(&load));
	KUNIT_EXPECT_EQ(test, 0,
			region_file_write(be->card, BOOT_FILE, FIXTURE_USER));
	fpga_card_detach(be->card, be);
}

static u32 boot_m10_read(struct fixture *fx, unsigned int reg)
{
	u32 val = 0;

	KUNIT_EXPECT_EQ(fx->test, 0,
			pcie_card_sim_bmc_read(fx->sim, 0, reg, &val));
	return val;
}

/* Returns the status of the request. */
static u32 boot_m10_ask(struct fixture *fx, u32 val)
{
	KUNIT_EXPECT_EQ(fx->test, 0,
			pcie_card_sim_bmc_write(fx->sim, 0, M10_N6000_POC,
						val | M10_N6000_POC_REQ));
	val = boot_m10_read(fx, M10_N6000_POC);
	KUNIT_EXPECT_FALSE(fx->test, val & M10_N6000_POC_REQ);
	return FIELD_GET(M10_N6000_POC_STATUS, val);
}

/* The model alone: pages 0 to 2 are factory, user 1 and user 2. */
static void an_n6000_keeps_the_page(struct kunit *test)
{
	struct fixture *fx = test->priv;
	char running[PCIE_CARD_SIM_NAME_LEN];
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].bmc = false;
		fx->images[i].fn[0].dfl = PCIE_CARD_SIM_DFL_N6000;
		fx->images[i].page = i;
	}
	boot_quiet(fx);
	fixture_start(fx);
	KUNIT_EXPECT_EQ(test, M10_N6000_POC_BAD,
			boot_m10_ask(fx, FIELD_PREP(M10_N6000_POC_USER, 5)));
	KUNIT_EXPECT_EQ(test, M10_N6000_POC_GOOD,
			boot_m10_ask(fx, FIELD_PREP(M10_N6000_POC_USER, 2)));
	KUNIT_EXPECT_EQ(test, FIELD_PREP(M10_N6000_POC_USER, 2),
			boot_m10_read(fx, M10_N6000_POC_STS));
	KUNIT_EXPECT_EQ(test, M10_N6000_POC_GOOD,
			boot_m10_ask(fx, M10_N6000_POC_FACTORY |
				     FIELD_PREP(M10_N6000_POC_USER, 2)));
	KUNIT_EXPECT_EQ(test, M10_N6000_POC_FACTORY |
			FIELD_PREP(M10_N6000_POC_USER, 2),
			boot_m10_read(fx, M10_N6000_POC_STS));
	KUNIT_EXPECT_EQ(test, M10_N6000_POC_GOOD,
			boot_m10_ask(fx, FIELD_PREP(M10_N6000_POC_USER, 1)));

	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, false));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_set_present(fx->sim, 0, true));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_running(fx->sim, 0, running,
						       sizeof(running)));
	KUNIT_EXPECT_STREQ(test, running, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, FIELD_PREP(M10_N6000_POC_USER, 1),
			boot_m10_read(fx, M10_N6000_POC_STS));
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE(a_power_cycle_boots_what_was_written),
	KUNIT_CASE(a_load_does_not_change_what_is_booted),
	KUNIT_CASE_PARAM(a_name_that_is_no_image_is_refused,
			 boot_name_gen_params),
	KUNIT_CASE(a_name_with_a_nul_is_refused),
	KUNIT_CASE(a_card_that_cannot_tell_says_so),
	KUNIT_CASE(what_the_card_says_is_told),
	KUNIT_CASE(a_card_that_loads_is_left_alone),
	KUNIT_CASE(an_n6000_keeps_the_page),
	{}
};

struct kunit_suite fpga_card_boot_image_suite = {
	.name = "fpga_card_boot_image",
	.init = region_file_init,
	.exit = region_file_exit,
	.test_cases = boot_cases,
};
