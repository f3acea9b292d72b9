// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator's model of the MAX 10 BMC of Intel's cards, without any driver: what the
 * registers say, what makes the card load an image, what survives that. One file, as a
 * suite is one object, and its cases share what is set up at its top.
 */

#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "kunit/fixtures/fixture.h"
#include "sim/intel/m10bmc.h"
#include "kunit/suites.h"

/*
 * An update of the flash, and how long the card is there after a trigger and then
 * away: each step longer than a case may be kept from looking.
 */
#define M10_FLASH_MS	2000
#define M10_SHORTEST_MS	(M10_FLASH_MS / 4)
#define M10_STEP_MS	300

/* For what must happen, and for what must not */
#define M10_WAIT_MS	10000
#define M10_NEVER_MS	100

#define M10_DOORBELL_SPI	(M10_SPI_SYS + M10_SPI_DOORBELL)
#define M10_PKVL_SPI		(M10_SPI_SYS + M10_SPI_PKVL)

/* Links that go down are none of the kernel's business here. */
static int m10_init(struct kunit *test)
{
	int ret = fixture_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	if (ret)
		return ret;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].fn[0].bmc = false;
		fx->images[i].page = i;
	}
	fx->ports[0].hotplug = false;
	fx->ports[0].power_control = true;
	fx->ports[0].aer = false;
	fx->ports[0].dpc = false;
	fx->ports[0].surprise_down = false;
	fx->ports[0].card.flash_ms = M10_FLASH_MS;

	return 0;
}

static void m10_start(struct fixture *fx, enum pcie_card_sim_dfl type)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].dfl = type;
	fixture_start(fx);
}

static u32 m10_read(struct fixture *fx, unsigned int reg)
{
	u32 val = 0;

	KUNIT_EXPECT_EQ(fx->test, 0,
			pcie_card_sim_bmc_read(fx->sim, 0, reg, &val));

	return val;
}

static void m10_write(struct fixture *fx, unsigned int reg, u32 val)
{
	KUNIT_EXPECT_EQ(fx->test, 0,
			pcie_card_sim_bmc_write(fx->sim, 0, reg, val));
}

static void m10_fault(struct fixture *fx, enum pcie_card_sim_bmc_fault fault)
{
	struct pcie_card_sim_faults faults = { .bmc = fault };

	fixture_set_faults(fx, &faults);
}

/* Some bits of a register have a value, within a time. */
static bool m10_within(struct fixture *fx, unsigned int reg, u32 mask, u32 val,
		       unsigned int ms)
{
	return fixture_wait((m10_read(fx, reg) & mask) == val, ms);
}

static bool m10_progress_within(struct fixture *fx, unsigned int reg,
				u32 progress)
{
	return m10_within(fx, reg, M10_DRBL_PROGRESS,
			  FIELD_PREP(M10_DRBL_PROGRESS, progress),
			  M10_WAIT_MS);
}

static bool m10_runs(struct fixture *fx, const char *name)
{
	char running[PCIE_CARD_SIM_NAME_LEN];

	return !pcie_card_sim_running(fx->sim, 0, running, sizeof(running)) &&
	       !strcmp(running, name);
}

/* How many loads the card has accepted */
static unsigned int m10_triggers(struct fixture *fx)
{
	struct pcie_card_sim_match match = {
		.what = BIT(PCIE_CARD_SIM_TRIGGER),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(fx->sim, &match);
}

/* The card comes back from a load that was triggered, with this image. */
static void m10_expect_loaded(struct fixture *fx, const char *name)
{
	fixture_wait(fixture_find(fx, PCIE_CARD_SIM_LINK_UP, NULL, 0, NULL),
		     M10_WAIT_MS);
	KUNIT_EXPECT_TRUE(fx->test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_TRUE(fx->test, m10_runs(fx, name));
	KUNIT_EXPECT_EQ(fx->test, m10_triggers(fx), 1);
	pcie_card_sim_log_clear(fx->sim);
}

static void m10_expect_no_load(struct fixture *fx)
{
	msleep(M10_NEVER_MS);
	KUNIT_EXPECT_EQ(fx->test, m10_triggers(fx), 0);
	KUNIT_EXPECT_TRUE(fx->test, pcie_card_sim_link_up(fx->sim, 0));
}

static void m10_host_says(struct fixture *fx, unsigned int reg, u32 host)
{
	m10_write(fx, reg, FIELD_PREP(M10_DRBL_HOST, host));
}

/* Updates of the flash */

/*
 * Since @last it goes through these steps up to the last one, which it stays in. None
 * goes unseen, unless the case was kept from looking for as long as the shortest of
 * them takes.
 */
static void m10_expect_steps(struct fixture *fx, unsigned int reg,
			     ktime_t last, const u8 *steps, unsigned int n)
{
	unsigned long end = jiffies + msecs_to_jiffies(M10_WAIT_MS);
	unsigned int next, now = 0;
	ktime_t begin;
	u8 progress;
	s64 ms;

	while (now < n - 1) {
		KUNIT_ASSERT_TRUE_MSG(fx->test, time_before_eq(jiffies, end),
				      "it stays in step %u", steps[now]);
		usleep_range(500, 1000);
		begin = ktime_get();
		progress = FIELD_GET(M10_DRBL_PROGRESS, m10_read(fx, reg));
		ms = ktime_ms_delta(ktime_get(), last);
		last = begin;
		for (next = now; next < n && steps[next] != progress; next++)
			;
		KUNIT_ASSERT_LT_MSG(fx->test, next, n,
				    "step %u after step %u", progress,
				    steps[now]);
		if (ms < M10_SHORTEST_MS)
			KUNIT_EXPECT_LE_MSG(fx->test, next, now + 1,
					    "step %u right after step %u",
					    progress, steps[now]);
		now = next;
	}
}

static void update_goes_through_all_states(struct kunit *test)
{
	static const u8 before[] = {
		M10_PROG_IDLE, M10_PROG_PREPARE, M10_PROG_READY,
	};
	static const u8 after[] = {
		M10_PROG_READY, M10_PROG_AUTH, M10_PROG_COPY, M10_PROG_DONE,
	};
	const unsigned int reg = M10_N6000_DOORBELL;
	struct fixture *fx = test->priv;
	ktime_t start;
	u32 val;

	fixture_slow(test);
	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	start = ktime_get();
	m10_write(fx, reg, M10_DRBL_REQUEST);
	/* Until the firmware has seen it, which is soon. */
	val = m10_read(fx, reg);
	KUNIT_EXPECT_EQ(test, !!(val & M10_DRBL_REQUEST),
			FIELD_GET(M10_DRBL_PROGRESS, val) == M10_PROG_IDLE);
	m10_expect_steps(fx, reg, start, before, ARRAY_SIZE(before));
	KUNIT_EXPECT_FALSE(test, m10_read(fx, reg) & M10_DRBL_REQUEST);

	/* It waits for the host. */
	msleep(M10_FLASH_MS / 2);
	KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_READY));
	KUNIT_EXPECT_TRUE(test, m10_read(fx, reg) & M10_N6000_DRBL_NO_REBOOT);

	start = ktime_get();
	m10_host_says(fx, reg, M10_HOST_WRITE_DONE);
	m10_expect_steps(fx, reg, start, after, ARRAY_SIZE(after));
	KUNIT_EXPECT_FALSE(test, m10_read(fx, reg) & M10_N6000_DRBL_NO_REBOOT);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_AUTH_RESULT), 0);
}

static void staged_data_is_counted(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct pcie_card_sim_bmc_state state;

	m10_start(fx, PCIE_CARD_SIM_DFL_D5005);
	/* Nothing was requested. */
	m10_write(fx, M10_SPI_STAGING, 1);
	m10_write(fx, M10_DOORBELL_SPI, M10_DRBL_REQUEST);
	KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, M10_DOORBELL_SPI,
						    M10_PROG_READY));
	m10_write(fx, M10_SPI_STAGING, 0x11);
	m10_write(fx, M10_SPI_STAGING_END - 4, 0x2200);
	m10_write(fx, M10_SPI_STAGING_END, 0x330000);
	/* It is no longer waited for. */
	m10_host_says(fx, M10_DOORBELL_SPI, M10_HOST_WRITE_DONE);
	m10_write(fx, M10_SPI_STAGING, 0x44000000);
	KUNIT_ASSERT_EQ(test, 0, pcie_card_sim_bmc_state(fx->sim, 0, &state));
	KUNIT_EXPECT_EQ(test, state.staged, 8);
	KUNIT_EXPECT_EQ(test, state.sum, 0x2211);
	KUNIT_EXPECT_EQ(test, state.page, 0);
}

static void update_is_ended_early(struct kunit *test)
{
	struct fixture *fx = test->priv;
	const unsigned int reg = M10_N6000_DOORBELL;

	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_write(fx, reg, M10_DRBL_REQUEST);
	KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_READY));
	m10_host_says(fx, reg, M10_HOST_ABORT);
	KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_IDLE));

	/* What the host says means nothing now. */
	m10_host_says(fx, reg, M10_HOST_WRITE_DONE);
	msleep(M10_NEVER_MS);
	KUNIT_EXPECT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_IDLE));
}

struct m10_failure {
	const char *desc;
	enum pcie_card_sim_bmc_fault fault;
	u32 status;
	bool late;
};

static const struct m10_failure m10_failures[] = {
	{ "erase", PCIE_CARD_SIM_BMC_ERASE, M10_STAT_ERASE_FAIL, false },
	{ "wearout", PCIE_CARD_SIM_BMC_WEAROUT, M10_STAT_WEAROUT, false },
	{ "authentication", PCIE_CARD_SIM_BMC_AUTH, M10_STAT_AUTH_FAIL, true },
	{ "copy", PCIE_CARD_SIM_BMC_COPY, M10_STAT_COPY_FAIL, true },
};

static void m10_failure_desc(const struct m10_failure *failure, char *desc)
{
	strscpy(desc, failure->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(m10_failure, m10_failures, m10_failure_desc);

static void update_fails(struct kunit *test)
{
	const struct m10_failure *failure = test->param_value;
	const unsigned int reg = M10_DOORBELL_SPI;
	struct fixture *fx = test->priv;
	u32 status = FIELD_PREP(M10_RSU_STATUS, failure->status);

	fixture_slow_but(test, &m10_failures[0]);
	m10_start(fx, PCIE_CARD_SIM_DFL_N3000);
	m10_fault(fx, failure->fault);
	m10_write(fx, reg, M10_DRBL_REQUEST);
	if (failure->late) {
		KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, reg,
							    M10_PROG_READY));
		m10_host_says(fx, reg, M10_HOST_WRITE_DONE);
	}
	KUNIT_ASSERT_TRUE(test, m10_within(fx, reg, M10_RSU_STATUS, status,
					   M10_WAIT_MS));
	KUNIT_EXPECT_EQ(test, m10_read(fx, reg) &
			(M10_DRBL_PROGRESS | M10_DRBL_REQUEST), 0);

	/* The next one can be requested, and forgets that. */
	m10_fault(fx, PCIE_CARD_SIM_BMC_OK);
	m10_write(fx, reg, M10_DRBL_REQUEST);
	KUNIT_EXPECT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_READY));
	KUNIT_EXPECT_EQ(test, m10_read(fx, reg) & M10_RSU_STATUS, 0);
}

/* Loads */

static void m10_rp_load(struct fixture *fx, unsigned int page)
{
	u32 val = FIELD_PREP(M10_N6000_FPGA_PAGE, page);

	m10_write(fx, M10_N6000_FPGA_RECONF, val);
	m10_write(fx, M10_N6000_FPGA_RECONF, val | M10_N6000_FPGA_RP_LOAD);
}

/* The card takes its time after a trigger. */
static void m10_slow(struct fixture *fx)
{
	struct pcie_card_sim_faults faults = { .trigger_delay_ms = M10_STEP_MS };

	fixture_set_faults(fx, &faults);
}

static void page_is_loaded(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 build;

	fx->images[2].reload_ms = M10_STEP_MS;
	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	build = m10_read(fx, M10_N6000_BUILD);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_CONF_STS),
			M10_N6000_CONF_DONE);
	m10_slow(fx);
	m10_rp_load(fx, 2);
	KUNIT_EXPECT_TRUE(test, pcie_card_sim_link_up(fx->sim, 0));
	KUNIT_EXPECT_TRUE(test, m10_within(fx, M10_N6000_CONF_STS, ~0, 0,
					   M10_WAIT_MS));
	m10_expect_loaded(fx, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_CONF_STS),
			M10_N6000_CONF_DONE | 2);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_BUILD), build);
}

static void page_is_loaded_by_the_edge(struct kunit *test)
{
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_rp_load(fx, 1);
	m10_expect_loaded(fx, FIXTURE_USER);

	/* It is set already. */
	m10_write(fx, M10_N6000_FPGA_RECONF,
		  FIELD_PREP(M10_N6000_FPGA_PAGE, 2) | M10_N6000_FPGA_RP_LOAD);
	m10_expect_no_load(fx);
	m10_rp_load(fx, 2);
	m10_expect_loaded(fx, FIXTURE_WIDE);
}

static void page_without_an_image_is_not_loaded(struct kunit *test)
{
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_rp_load(fx, 5);
	m10_expect_no_load(fx);
}

static void nothing_is_loaded_while_that_is_disabled(struct kunit *test)
{
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_fault(fx, PCIE_CARD_SIM_BMC_NO_REBOOT);
	KUNIT_EXPECT_TRUE(test, m10_read(fx, M10_N6000_DOORBELL) &
			  M10_N6000_DRBL_NO_REBOOT);
	m10_rp_load(fx, 1);
	m10_write(fx, M10_N6000_MAX10_RECONF, M10_N6000_REBOOT_REQ);
	m10_write(fx, M10_N6000_SDM_SR, M10_N6000_SDM_START);
	m10_expect_no_load(fx);
}

static void sdm_brings_the_same_image(struct kunit *test)
{
	static const u16 regs[] = {
		M10_N6000_SDM_SR, M10_N6000_SDM_PR,
		M10_N6000_SDM_SR_CANCEL, M10_N6000_SDM_PR_CANCEL,
	};
	struct fixture *fx = test->priv;
	unsigned int i;

	fixture_slow(test);
	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_slow(fx);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		m10_write(fx, regs[i], M10_N6000_SDM_START);
		KUNIT_EXPECT_EQ(test, m10_read(fx, regs[i]),
				M10_N6000_SDM_START);
		m10_expect_loaded(fx, FIXTURE_FACTORY);
		KUNIT_EXPECT_EQ(test, m10_read(fx, regs[i]), 0);
	}
}

/* Restarts of the controller */

static void reboot_changes_the_page_of_the_bmc(struct kunit *test)
{
	struct fixture *fx = test->priv;
	u32 user, factory;

	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_rp_load(fx, 1);
	m10_expect_loaded(fx, FIXTURE_USER);
	user = m10_read(fx, M10_N6000_BUILD);
	m10_host_says(fx, M10_N6000_DOORBELL, M10_HOST_ABORT);

	m10_write(fx, M10_N6000_MAX10_RECONF, M10_N6000_REBOOT_REQ);
	m10_expect_loaded(fx, FIXTURE_USER);
	factory = m10_read(fx, M10_N6000_BUILD);
	KUNIT_EXPECT_NE(test, factory, user);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_DOORBELL), 0);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_MAX10_RECONF), 0);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_AUTH_RESULT),
			FIELD_PREP(M10_RSU_STATUS, M10_STAT_FACTORY_OK));

	/* Of that an image of the FPGA knows nothing, but the power does. */
	m10_rp_load(fx, 2);
	m10_expect_loaded(fx, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_BUILD), factory);
	pcie_card_sim_set_present(fx->sim, 0, false);
	pcie_card_sim_set_present(fx->sim, 0, true);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_N6000_BUILD), user);
}

static void load_leaves_an_update_alone(struct kunit *test)
{
	const unsigned int reg = M10_N6000_DOORBELL;
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N6000);
	m10_write(fx, reg, M10_DRBL_REQUEST);
	KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_READY));
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	m10_expect_loaded(fx, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, m10_progress_within(fx, reg, M10_PROG_READY));

	pcie_card_sim_set_present(fx->sim, 0, false);
	pcie_card_sim_set_present(fx->sim, 0, true);
	KUNIT_EXPECT_EQ(test, m10_read(fx, reg), 0);
}

static const enum pcie_card_sim_dfl m10_spi_cards[] = {
	PCIE_CARD_SIM_DFL_N3000,
	PCIE_CARD_SIM_DFL_D5005,
};

static void m10_spi_desc(const enum pcie_card_sim_dfl *type, char *desc)
{
	strscpy(desc, *type == PCIE_CARD_SIM_DFL_N3000 ? "n3000" : "d5005",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(m10_spi, m10_spi_cards, m10_spi_desc);

static void reboot_starts_all_from_a_page(struct kunit *test)
{
	const enum pcie_card_sim_dfl *type = test->param_value;
	const unsigned int reg = M10_DOORBELL_SPI;
	struct fixture *fx = test->priv;
	u32 build, fw;

	m10_start(fx, *type);
	build = m10_read(fx, M10_SPI_SYS + M10_SPI_BUILD);
	fw = m10_read(fx, M10_SPI_SYS + M10_SPI_FW);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_SPI_LEGACY_BUILD), ~0U);

	m10_write(fx, reg, M10_SPI_DRBL_CONFIG_SEL);
	m10_expect_no_load(fx);
	m10_write(fx, reg, M10_SPI_DRBL_CONFIG_SEL | M10_SPI_DRBL_REBOOT_REQ);
	m10_expect_loaded(fx, FIXTURE_USER);
	KUNIT_EXPECT_NE(test, m10_read(fx, M10_SPI_SYS + M10_SPI_BUILD), build);
	KUNIT_EXPECT_NE(test, m10_read(fx, M10_SPI_SYS + M10_SPI_FW), fw);
	KUNIT_EXPECT_EQ(test, m10_read(fx, reg) & ~M10_RSU_STATUS, 0);
	KUNIT_EXPECT_EQ(test, FIELD_GET(M10_RSU_STATUS, m10_read(fx, reg)),
			*type == PCIE_CARD_SIM_DFL_N3000 ?
			M10_STAT_FACTORY_OK : M10_STAT_USER_OK);

	m10_write(fx, reg, M10_SPI_DRBL_REBOOT_REQ);
	m10_expect_loaded(fx, FIXTURE_FACTORY);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_SPI_SYS + M10_SPI_BUILD), build);
}

/* Retimers */

static void retimers_are_loaded(struct kunit *test)
{
	const unsigned int reg = M10_DOORBELL_SPI;
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N3000);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_PKVL_SPI), M10_PKVL_GOOD);
	m10_write(fx, reg, M10_SPI_DRBL_LOAD_SEC);
	KUNIT_EXPECT_TRUE(test, m10_read(fx, reg) & M10_SPI_DRBL_LOAD_SEC);
	KUNIT_ASSERT_TRUE(test, m10_within(fx, reg, M10_SPI_DRBL_LOAD_SEC, 0,
					   M10_WAIT_MS));
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_PKVL_SPI), 0);
	KUNIT_ASSERT_TRUE(test, m10_progress_within(fx, reg,
						    M10_PROG_PKVL_DONE));
	KUNIT_EXPECT_TRUE(test, m10_within(fx, M10_PKVL_SPI, ~0, M10_PKVL_GOOD,
					   M10_WAIT_MS));
	KUNIT_EXPECT_EQ(test, m10_triggers(fx), 0);
}

static void retimers_do_not_start(struct kunit *test)
{
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N3000);
	m10_fault(fx, PCIE_CARD_SIM_BMC_RETIMER_BAD);
	m10_write(fx, M10_DOORBELL_SPI, M10_SPI_DRBL_LOAD_SEC);
	KUNIT_EXPECT_TRUE(test, m10_within(fx, M10_PKVL_SPI, ~0, 0,
					   M10_WAIT_MS));
	KUNIT_EXPECT_TRUE(test, m10_within(fx, M10_PKVL_SPI, ~0, M10_PKVL_DONE,
					   M10_WAIT_MS));
}

static void retimers_are_rejected(struct kunit *test)
{
	const unsigned int reg = M10_DOORBELL_SPI;
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N3000);
	m10_fault(fx, PCIE_CARD_SIM_BMC_RETIMER_REJECT);
	m10_write(fx, reg, M10_SPI_DRBL_LOAD_SEC);
	KUNIT_EXPECT_TRUE(test, m10_within(fx, reg, M10_RSU_STATUS,
					   FIELD_PREP(M10_RSU_STATUS,
						      M10_STAT_PKVL_REJECT),
					   M10_WAIT_MS));
}

static void request_for_retimers_is_not_seen(struct kunit *test)
{
	const unsigned int reg = M10_DOORBELL_SPI;
	struct fixture *fx = test->priv;

	m10_start(fx, PCIE_CARD_SIM_DFL_N3000);
	m10_fault(fx, PCIE_CARD_SIM_BMC_RETIMER_STUCK);
	m10_write(fx, reg, M10_SPI_DRBL_LOAD_SEC);
	msleep(M10_NEVER_MS);
	KUNIT_EXPECT_TRUE(test, m10_read(fx, reg) & M10_SPI_DRBL_LOAD_SEC);

	/* The host gives up. */
	m10_write(fx, reg, 0);
	KUNIT_EXPECT_FALSE(test, m10_read(fx, reg) & M10_SPI_DRBL_LOAD_SEC);
	KUNIT_EXPECT_EQ(test, m10_read(fx, M10_PKVL_SPI), M10_PKVL_GOOD);
}

static void cards_cannot_be_mixed(struct kunit *test)
{
	struct fixture *fx = test->priv;

	fx->images[0].fn[0].dfl = PCIE_CARD_SIM_DFL_N3000;
	fx->images[1].fn[0].dfl = PCIE_CARD_SIM_DFL_D5005;
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcie_card_sim_create(&fx->config)),
			-EINVAL);

	/* The list needs room. */
	fx->images[1].fn[0].dfl = PCIE_CARD_SIM_DFL_N3000;
	fx->images[1].fn[0].bar[0].size = SZ_4K;
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcie_card_sim_create(&fx->config)),
			-EINVAL);
}

static struct kunit_case m10_cases[] = {
	KUNIT_CASE(update_goes_through_all_states),
	KUNIT_CASE(staged_data_is_counted),
	KUNIT_CASE(update_is_ended_early),
	KUNIT_CASE_PARAM(update_fails, m10_failure_gen_params),
	KUNIT_CASE(page_is_loaded),
	KUNIT_CASE(page_is_loaded_by_the_edge),
	KUNIT_CASE(page_without_an_image_is_not_loaded),
	KUNIT_CASE(nothing_is_loaded_while_that_is_disabled),
	KUNIT_CASE(sdm_brings_the_same_image),
	KUNIT_CASE(reboot_changes_the_page_of_the_bmc),
	KUNIT_CASE(load_leaves_an_update_alone),
	KUNIT_CASE_PARAM(reboot_starts_all_from_a_page, m10_spi_gen_params),
	KUNIT_CASE(retimers_are_loaded),
	KUNIT_CASE(retimers_do_not_start),
	KUNIT_CASE(retimers_are_rejected),
	KUNIT_CASE(request_for_retimers_is_not_seen),
	KUNIT_CASE(cards_cannot_be_mixed),
	{}
};

struct kunit_suite pcie_card_sim_m10bmc_suite = {
	.name = "pcie_card_sim_m10bmc",
	.init = m10_init,
	.exit = fixture_exit,
	.test_cases = m10_cases,
};
