// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a wait for the link costs, and how late its end is noticed: with an expected end
 * and without one.
 */

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "kunit/fixtures/window.h"
#include "kunit/suites.h"

/* Longer than any card here takes */
#define WAIT_TIMEOUT_MS		60000

/*
 * Looks for 20 s: with 66 us of processor time each they are 0.1 % of it. Without an
 * expected end they are more: the first 128 ms have one each millisecond.
 */
#define WAIT_LOOKS		300
#define WAIT_LOOKS_UNKNOWN	1500

/* In which an end is noticed: as last time, and at most if nothing is known. */
#define WAIT_LATE_US		2000
#define WAIT_LATE_UNKNOWN_US	27000

/* Loads that a case may have more of. One that lasts for 90 s is taken for a hang. */
#define WAIT_SPARE		4
#define WAIT_SPARE_SLOW		1

/* The longest pause near the expected end, a look, and what that waits for. */
#define WAIT_SPAN_US		4000

/* The longest pause with its slack, and what the simulator's host needs. */
#define WAIT_LATE_COARSE_US	128000

/**
 * struct wait_reads - how often registers of the port were read
 * @port: the port; NULL for no counting
 * @status: Link Status
 * @cap: Link Capabilities
 * @all: of all of its registers
 */
struct wait_reads {
	struct pci_dev *port;
	unsigned int status;
	unsigned int cap;
	unsigned int all;
};

static struct wait_reads wait_reads;
static struct pci_ops *wait_sim_ops;

static int wait_read(struct pci_bus *bus, unsigned int devfn, int where, int size,
		     u32 *val)
{
	struct pci_dev *port = wait_reads.port;
	int reg;

	if (port && bus == port->bus && devfn == port->devfn) {
		reg = where - pci_pcie_cap(port);
		wait_reads.all++;
		wait_reads.status += reg == PCI_EXP_LNKSTA;
		wait_reads.cap += reg == PCI_EXP_LNKCAP;
	}
	return wait_sim_ops->read(bus, devfn, where, size, val);
}

static int wait_write(struct pci_bus *bus, unsigned int devfn, int where, int size,
		      u32 val)
{
	return wait_sim_ops->write(bus, devfn, where, size, val);
}

static struct pci_ops wait_ops = {
	.read = wait_read,
	.write = wait_write,
};

static int wait_init(struct kunit *test)
{
	memset(&wait_reads, 0, sizeof(wait_reads));
	return window_init(test);
}

/* Boot with a card that takes @ms to load. */
static struct pci_reload *wait_boot(struct fixture *fx, unsigned int ms)
{
	struct pci_reload *pr;
	struct pci_dev *port;

	fx->images[1].reload_ms = ms;
	pr = window_boot(fx);
	port = fixture_port(fx, 0);
	wait_sim_ops = pci_bus_set_ops(port->bus, &wait_ops);
	return pr;
}

/**
 * struct wait_seen - a wait that is over
 * @from: when the link came up at the earliest, since the card began
 * @to: and at the latest
 * @late_us: how much later than that it was noticed
 * @run_us: processor time that it took
 * @reads: what was read of the port for it
 */
struct wait_seen {
	ktime_t from;
	ktime_t to;
	s64 late_us;
	u64 run_us;
	struct wait_reads reads;
};

/* Since the link came up, by the simulator's clock. */
static s64 wait_since_up(struct fixture *fx)
{
	struct pci_dev *port = fixture_port(fx, 0);
	struct pcie_card_sim_event up, now;
	u64 seq;

	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_LINK_UP, NULL,
						 0, &up));
	seq = pcie_card_sim_log_seq(fx->sim);
	pci_write_config_byte(port, PCI_CACHE_LINE_SIZE, 0);
	KUNIT_ASSERT_TRUE(fx->test, fixture_find(fx, PCIE_CARD_SIM_CFG_WRITE, NULL,
						 seq, &now));
	return now.usec - up.usec;
}

/* A load, whose end is expected between @from and @to after its beginning; 0 for no idea. */
static void wait_load(struct fixture *fx, struct pci_reload *pr, ktime_t from,
		      ktime_t to, struct wait_seen *seen)
{
	ktime_t begin, up_from, up_to;
	struct kunit *test = fx->test;
	u64 ran;

	window_down(test, pr);
	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	begin = ktime_get();
	if (to)
		pci_reload_expect_up(pr, ktime_add(begin, from), ktime_add(begin, to));
	memset(&wait_reads, 0, sizeof(wait_reads));
	wait_reads.port = fixture_port(fx, 0);
	ran = current->se.sum_exec_runtime;
	KUNIT_EXPECT_EQ(test, 0, pci_reload_wait_link(pr, WAIT_TIMEOUT_MS));
	seen->run_us = div_u64(current->se.sum_exec_runtime - ran, NSEC_PER_USEC);
	wait_reads.port = NULL;
	seen->late_us = wait_since_up(fx);
	seen->reads = wait_reads;
	pci_reload_came_up(pr, &up_from, &up_to);
	seen->from = ktime_sub(up_from, begin);
	seen->to = ktime_sub(up_to, begin);
	kunit_info(test, "%lld us, ran for %llu us: noticed after %lld us, %u looks, %u reads of the port\n",
		   ktime_to_us(seen->to), seen->run_us, seen->late_us,
		   seen->reads.status, seen->reads.all);
	KUNIT_EXPECT_GT(test, pci_reload_settle(pr, WINDOW_TIMEOUT_MS), -1);
	KUNIT_EXPECT_GT(test, pci_reload_enumerate(pr), 0);
	KUNIT_EXPECT_EQ(test, 0, pci_reload_close(pr));
}

/* It was noticed soon, and soon after the look before. */
static bool wait_is_exact(const struct wait_seen *seen)
{
	return seen->late_us < WAIT_LATE_US &&
	       ktime_us_delta(seen->to, seen->from) < WAIT_SPAN_US + FIXTURE_TIMER_US;
}

/*
 * A load whose link is expected as it came in @last: in real time the host may have other work
 * for a processor when the link comes, so there are @spare loads more in place of one that is
 * not exact.
 */
static void wait_load_known(struct fixture *fx, struct pci_reload *pr,
			    const struct wait_seen *last, struct wait_seen *seen,
			    unsigned int *spare)
{
	wait_load(fx, pr, last->from, last->to, seen);
	for (; !wait_is_exact(seen) && *spare; (*spare)--)
		wait_load(fx, pr, last->from, last->to, seen);
}

static const unsigned int wait_times[] = { 100, 1000, 20000 };

static void wait_time_desc(const unsigned int *ms, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u ms", *ms);
}

KUNIT_ARRAY_PARAM(wait_time, wait_times, wait_time_desc);

/* The second time, and the third, when that is known better. */
static void end_as_last_time_is_noticed_within_2_ms(struct kunit *test)
{
	const unsigned int *ms = test->param_value;
	struct fixture *fx = test->priv;
	unsigned int spare = *ms < 20000 ? WAIT_SPARE : WAIT_SPARE_SLOW;
	struct wait_seen last, seen;
	struct pci_reload *pr;
	unsigned int i;

	fixture_slow_but(test, &wait_times[1]);
	pr = wait_boot(fx, *ms);
	wait_load(fx, pr, 0, 0, &last);
	KUNIT_EXPECT_LT(test, last.late_us, WAIT_LATE_UNKNOWN_US);
	KUNIT_EXPECT_LT(test, last.reads.status, WAIT_LOOKS_UNKNOWN);
	for (i = 0; i < 2; i++, last = seen) {
		wait_load_known(fx, pr, &last, &seen, &spare);
		KUNIT_EXPECT_LT(test, seen.late_us, WAIT_LATE_US);
		KUNIT_EXPECT_LT(test, ktime_us_delta(seen.to, seen.from),
				WAIT_SPAN_US + FIXTURE_TIMER_US);
		KUNIT_EXPECT_LT(test, seen.reads.status, WAIT_LOOKS);
	}
	pci_reload_free(pr);
}

/**
 * struct wait_other - a card that does not take as long as last time
 * @name: for the case
 * @ms: how long it takes
 * @expected_ms: and is expected to
 * @late_us: how late that may be noticed
 */
struct wait_other {
	const char *name;
	unsigned int ms;
	unsigned int expected_ms;
	unsigned int late_us;
};

static const struct wait_other wait_others[] = {
	{ "a little sooner", 1900, 2000, 9000 },
	{ "a little later", 2100, 2000, 9000 },
	{ "much sooner", 2000, 20000, WAIT_LATE_COARSE_US },
	{ "at once", 50, 20000, 20000 },
	{ "much later", 4000, 200, WAIT_LATE_UNKNOWN_US },
};

static void wait_other_desc(const struct wait_other *other, char *desc)
{
	strscpy(desc, other->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wait_other, wait_others, wait_other_desc);

static void end_that_is_another_is_noticed_by_how_much_it_differs(struct kunit *test)
{
	const struct wait_other *other = test->param_value;
	ktime_t expected = ms_to_ktime(other->expected_ms);
	struct fixture *fx = test->priv;
	struct wait_seen seen;
	struct pci_reload *pr;

	fixture_slow_but(test, &wait_others[3]);
	pr = wait_boot(fx, other->ms);
	wait_load(fx, pr, expected, expected, &seen);
	KUNIT_EXPECT_LT(test, seen.late_us, other->late_us);
	KUNIT_EXPECT_LT(test, seen.reads.status, WAIT_LOOKS);
	pci_reload_free(pr);
}

static void expected_end_is_that_of_one_wait(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct wait_seen seen;
	struct pci_reload *pr;

	fixture_slow(test);
	pr = wait_boot(fx, 500);
	wait_load(fx, pr, ms_to_ktime(WAIT_TIMEOUT_MS), ms_to_ktime(WAIT_TIMEOUT_MS),
		  &seen);
	wait_load(fx, pr, 0, 0, &seen);
	/* Its 128th part, and what the timer and the simulator take. */
	KUNIT_EXPECT_LT(test, seen.late_us, 8000);
	pci_reload_free(pr);
}

/* They do not change; and a look is Link Status, and no more of the link. */
static void capabilities_are_read_once_in_a_wait(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct wait_seen seen;
	struct pci_reload *pr;

	fx->ports[0].slot = false;
	fx->ports[0].hotplug = false;
	pr = wait_boot(fx, 500);
	wait_load(fx, pr, 0, 0, &seen);
	KUNIT_EXPECT_GT(test, seen.reads.status, 50);
	/* Before the first look it is seen what the old link left. */
	KUNIT_EXPECT_LE(test, seen.reads.cap, 4);
	KUNIT_EXPECT_LE(test, seen.reads.all, seen.reads.status + 10);
	pci_reload_free(pr);
}

/**
 * struct wait_end - somebody ends a wait
 * @name: for the case
 * @end: does that
 * @err: what comes of it
 */
struct wait_end {
	const char *name;
	void (*end)(struct pci_reload *pr);
	int err;
};

static void wait_cancel(struct pci_reload *pr)
{
	WRITE_ONCE(window_owner.cancelled, true);
	pci_reload_wake(pr);
}

static const struct wait_end wait_ends[] = {
	{ "owner", wait_cancel, -EINTR },
	{ "loss of the port", pci_reload_port_gone, -ENODEV },
};

static void wait_end_desc(const struct wait_end *end, char *desc)
{
	strscpy(desc, end->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wait_end, wait_ends, wait_end_desc);

/**
 * struct wait_ender - whoever does it
 * @work: his work
 * @pr: the window
 * @how: what he does
 * @when: when he did it
 */
struct wait_ender {
	struct delayed_work work;
	struct pci_reload *pr;
	const struct wait_end *how;
	ktime_t when;
};

static void wait_end_work(struct work_struct *work)
{
	struct wait_ender *ender = container_of(work, struct wait_ender, work.work);

	ender->when = ktime_get();
	ender->how->end(ender->pr);
}

/* Far from the expected end, where pauses are 100 ms: not a multiple of one. */
static void wait_far_from_its_end_is_ended_at_once(struct kunit *test)
{
	struct wait_ender ender = { .how = test->param_value };
	struct pcie_card_sim_faults faults = { .never_return = true };
	struct fixture *fx = test->priv;
	ktime_t expected;

	fixture_slow(test);
	ender.pr = wait_boot(fx, 0);
	fixture_set_faults(fx, &faults);
	window_down(test, ender.pr);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_load(fx->sim, 0, FIXTURE_USER));
	expected = ktime_add_ms(ktime_get(), WAIT_TIMEOUT_MS);
	pci_reload_expect_up(ender.pr, expected, expected);
	INIT_DELAYED_WORK_ONSTACK(&ender.work, wait_end_work);
	queue_delayed_work(system_unbound_wq, &ender.work, msecs_to_jiffies(2530));
	KUNIT_EXPECT_EQ(test, ender.how->err,
			pci_reload_wait_link(ender.pr, WAIT_TIMEOUT_MS));
	/* What the port's registers take to be put back is part of its loss. */
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), ender.when), 10);
	cancel_delayed_work_sync(&ender.work);
	destroy_delayed_work_on_stack(&ender.work);
	pci_reload_close(ender.pr);
	pci_reload_free(ender.pr);
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE_PARAM(end_as_last_time_is_noticed_within_2_ms,
			 wait_time_gen_params),
	KUNIT_CASE_PARAM(end_that_is_another_is_noticed_by_how_much_it_differs,
			 wait_other_gen_params),
	KUNIT_CASE(expected_end_is_that_of_one_wait),
	KUNIT_CASE(capabilities_are_read_once_in_a_wait),
	KUNIT_CASE_PARAM(wait_far_from_its_end_is_ended_at_once,
			 wait_end_gen_params),
	{}
};

struct kunit_suite pci_reload_wait_suite = {
	.name = "pci_reload_wait",
	.init = wait_init,
	.exit = fixture_exit,
	.test_cases = wait_cases,
};
