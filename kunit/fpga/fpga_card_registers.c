// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cards that load by registers of a function: the registers are looked for before anything
 * is touched, written when nothing else is left of the card, and waited for. One file, as
 * all of it is about one back end on the same card.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/io.h>

#include "kunit/fixtures/load.h"
#include "kunit/fixtures/region-file.h"
#include "fpga/card.h"
#include "fpga/sequence.h"
#include "kunit/suites.h"

/* START_ADDR of the images, and of none of them */
#define REGISTERS_FACTORY	0x00000000
#define REGISTERS_USER		0x00400000
#define REGISTERS_WIDE		0x00800000

/* The deadline of a load that does not take place */
#define REGISTERS_SHORT_MS	200

#define REGISTERS_WAIT_MS	5000

/* AXI HWICAP: a word is handed on before the next one is written. */
#define REGISTERS_WORD(word)						\
	"write32 bar0 0x100 " word "\n"					\
	"write32 bar0 0x10c 0x1\n"					\
	"wait32 bar0 0x10c 0x1 0x0 2000ms\n"

#define REGISTERS_IPROG							\
	"wait32 bar0 0x110 0x4 0x4 2000ms\n"				\
	REGISTERS_WORD("0xffffffff")					\
	REGISTERS_WORD("0xaa995566")					\
	REGISTERS_WORD("0x20000000")					\
	REGISTERS_WORD("0x30020001")					\
	REGISTERS_WORD("address")					\
	REGISTERS_WORD("0x30008001")					\
	"write32 bar0 0x100 0xf\n"					\
	"may-leave\n"							\
	"write32 bar0 0x10c 0x1\n"					\
	"wait32 bar0 0x10c 0x1 0x0 2000ms\n"				\
	"write32 bar0 0x100 0x20000000\n"				\
	"write32 bar0 0x10c 0x1\n"

#define REGISTERS_LITEX							\
	"wait32 bar0 0xc 0x1 0x1 2000ms\n"				\
	"write32 bar0 0x0 0x10\n"					\
	"write32 bar0 0x4 address\n"					\
	"write32 bar0 0x8 0x1\n"					\
	"wait32 bar0 0x8 0x1 0x0 2000ms\n"				\
	"write32 bar0 0x0 0x4\n"					\
	"write32 bar0 0x4 0xf\n"					\
	"write32 bar0 0x8 0x1\n"

/* The mailbox of the simulator's own management controller: OP_LOAD of image 1 */
#define REGISTERS_MAILBOX	"write32 vsec:0x1234:0x5342:1 0x10 0x102\n"

/**
 * struct registers - a card that loads by registers
 * @fx: the host
 * @seq: the sequence
 * @builtin: the back end
 * @card: the card
 * @from: number of the first event since that is so
 */
struct registers {
	struct fixture *fx;
	struct fpga_card_sequence *seq;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;
	u64 from;
};

static const struct fpga_card_image registers_images[] = {
	{ .name = FIXTURE_FACTORY, .timeout_ms = FIXTURE_TIMEOUT_MS },
	{ .name = FIXTURE_USER, .timeout_ms = FIXTURE_TIMEOUT_MS },
	{ .name = FIXTURE_WIDE, .timeout_ms = FIXTURE_TIMEOUT_MS },
};

static const struct fpga_card_image registers_short_images[] = {
	{ .name = FIXTURE_FACTORY, .timeout_ms = REGISTERS_SHORT_MS },
	{ .name = FIXTURE_USER, .timeout_ms = REGISTERS_SHORT_MS },
	{ .name = FIXTURE_WIDE, .timeout_ms = REGISTERS_SHORT_MS },
};

static const u64 registers_addresses[] = {
	REGISTERS_FACTORY, REGISTERS_USER, REGISTERS_WIDE,
};

static int registers_init(struct kunit *test)
{
	int ret = region_file_init(test);
	struct fixture *fx = test->priv;
	unsigned int i;

	if (ret)
		return ret;
	fixture_describe_undriven(fx);
	for (i = 0; i < FIXTURE_IMAGES; i++) {
		fx->images[i].address = registers_addresses[i];
		fx->images[i].fn[0].icap = PCIE_CARD_SIM_ICAP_HWICAP;
	}
	return 0;
}

static struct fpga_card_sequence *registers_parse(struct kunit *test, const char *text)
{
	struct fpga_card_sequence *seq;
	struct fpga_card_fault fault;

	seq = fpga_card_sequence_parse(text, strlen(text), &fault);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR_OR_NULL(seq), "line %u: %s", fault.line,
			       fault.why);
	return seq;
}

static struct fpga_card_builtin *registers_add(struct fixture *fx, unsigned int fn,
					       const struct fpga_card_sequence *seq,
					       const struct fpga_card_image *images,
					       const u64 *addresses)
{
	struct fpga_card_builtin *builtin;
	struct pci_dev *pdev;

	pdev = fixture_function(fx, 0, fn);
	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	builtin = fpga_card_builtin_add_registers(fixture_port(fx, 0), pdev, seq, images,
						  addresses, FIXTURE_IMAGES);
	pci_dev_put(pdev);
	return builtin;
}

/* The host is started, and its card has the sequence @text for its function 0. */
static void registers_start_with(struct fixture *fx, struct registers *regs,
				 const char *text, const struct fpga_card_image *images)
{
	fixture_start(fx);
	regs->fx = fx;
	regs->seq = registers_parse(fx->test, text);
	regs->builtin = registers_add(fx, 0, regs->seq, images, registers_addresses);
	KUNIT_ASSERT_FALSE_MSG(fx->test, IS_ERR(regs->builtin), "error %ld",
			       PTR_ERR(regs->builtin));
	regs->card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	regs->from = pcie_card_sim_log_seq(fx->sim);
}

static void registers_start(struct fixture *fx, struct registers *regs, const char *text)
{
	registers_start_with(fx, regs, text, registers_images);
}

static void registers_stop(struct registers *regs)
{
	KUNIT_EXPECT_EQ(regs->fx->test, 0, fpga_card_builtin_remove(regs->builtin));
	fpga_card_sequence_free(regs->seq);
	fpga_card_put(regs->card);
}

/* BARs are memory only where the simulator was given some. */
static void registers_need_memory(struct fixture *fx)
{
	struct pci_dev *pdev = fixture_function(fx, 0, 0);
	void __iomem *base;
	u32 val;

	KUNIT_ASSERT_NOT_NULL(fx->test, pdev);
	base = pci_iomap_range(pdev, 0, 0, 4);
	KUNIT_ASSERT_TRUE(fx->test, base);
	writel(1, base);
	val = readl(base);
	writel(0, base);
	pci_iounmap(pdev, base);
	pci_dev_put(pdev);
	if (val != 1)
		kunit_skip(fx->test, "there is no memory behind the BARs: mem_base= gives it");
}

/* Of functions other than @fn nothing is left, and of @fn the driver, before the trigger. */
static void registers_expect_order(struct registers *regs, const char *kept,
				   const char *other)
{
	struct pcie_card_sim_event trigger, unbound, gone, removed;
	struct fixture *fx = regs->fx;
	struct kunit *test = fx->test;

	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_TRIGGER, NULL,
					     regs->from, &trigger));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, other,
					     regs->from, &gone));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND, kept,
					     regs->from, &unbound));
	KUNIT_ASSERT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, kept,
					     regs->from, &removed));
	KUNIT_EXPECT_LT(test, gone.seq, unbound.seq);
	KUNIT_EXPECT_LT(test, unbound.seq, trigger.seq);
	KUNIT_EXPECT_LT(test, trigger.seq, removed.seq);
}

static void address_chooses_the_image(struct kunit *test)
{
	char kept[PCIE_CARD_SIM_NAME_LEN], other[PCIE_CARD_SIM_NAME_LEN];
	struct fixture *fx = test->priv;
	struct registers regs;
	u32 *saved;

	registers_start(fx, &regs, REGISTERS_IPROG);
	registers_need_memory(fx);
	fixture_name(fx, 0, kept);
	fixture_name(fx, 1, other);
	saved = fixture_save_port(fx, 0);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_STREQ(test, regs.card->running, FIXTURE_USER);
	registers_expect_order(&regs, kept, other);
	fixture_expect_port(fx, 0, saved);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_WIDE));
	fixture_expect_image(fx, 0, FIXTURE_WIDE);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_FACTORY));
	fixture_expect_image(fx, 0, FIXTURE_FACTORY);
	registers_stop(&regs);
}

static void core_of_litex_loads(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++)
		fx->images[i].fn[0].icap = PCIE_CARD_SIM_ICAP_LITEX;
	registers_start(fx, &regs, REGISTERS_LITEX);
	registers_need_memory(fx);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_WIDE));
	fixture_expect_image(fx, 0, FIXTURE_WIDE);
	registers_stop(&regs);
}

/*
 * The image that the card starts with has a mailbox, and no driver that knows it, as its
 * class is another one.
 */
static void registers_describe_mailbox(struct fixture *fx)
{
	fx->images[0].fn[0].bmc = true;
	fx->images[0].fn[0].class = 0x020000;
}

static void registers_expect_write(struct registers *regs, struct pci_dev *pdev, int reg,
				   u32 value, unsigned int size, u64 *from)
{
	struct pcie_card_sim_event event = {};
	struct fixture *fx = regs->fx;

	KUNIT_ASSERT_TRUE_MSG(fx->test, fixture_find_write(fx, pdev, reg, ~0, value, *from,
							   &event),
			      "no write of %#x at %#x", value, reg);
	KUNIT_EXPECT_EQ(fx->test, event.size, size);
	*from = event.seq + 1;
}

/* All places of configuration space, in their order, and the card loads at the last write. */
static void configuration_space_is_written_in_order(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;
	int vndr, dvsec, vsec;
	struct pci_dev *pdev;
	char text[512];
	u64 from;

	registers_describe_mailbox(fx);
	fixture_start(fx);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	vndr = pci_find_capability(pdev, PCI_CAP_ID_VNDR);
	dvsec = pci_find_dvsec_capability(pdev, 0x1234, PCIE_CARD_SIM_DVSEC);
	vsec = pci_find_vsec_capability(pdev, 0x1234, 0x5342);
	KUNIT_ASSERT_TRUE(test, vndr && dvsec && vsec);
	fixture_stop(fx);

	snprintf(text, sizeof(text),
		 "write8 vndr 4 0x12\n"
		 "wait32 vndr 4 0xff 0x12 100ms\n"
		 "write16 config %#x 0x3456\n"
		 "wait16 vndr 6 0xffff 0x3456 100ms\n"
		 "pause 20ms\n"
		 "write32 dvsec:0x1234:0x44:1 12 address>>16|0x80000000\n"
		 "wait8 dvsec:0x1234:0x44 14 0xff 0x00 100ms\n"
		 REGISTERS_MAILBOX, vndr + 6);
	registers_start(fx, &regs, text);
	from = regs.from;
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	registers_expect_write(&regs, pdev, vndr + 4, 0x12, 1, &from);
	registers_expect_write(&regs, pdev, vndr + 6, 0x3456, 2, &from);
	registers_expect_write(&regs, pdev, dvsec + 12,
			       REGISTERS_USER >> 16 | 0x80000000, 4, &from);
	registers_expect_write(&regs, pdev, vsec + 0x10, 0x102, 4, &from);
	registers_stop(&regs);
	pci_dev_put(pdev);
}

/* The function comes back with what it had, and the next load works. */
static void wait_without_end_fails_the_load(struct kunit *test)
{
	struct pcie_card_sim_event on, off, event;
	struct fixture *fx = test->priv;
	struct registers regs;
	struct pci_dev *pdev;
	u32 *saved;

	/* No driver switches on what has this class. */
	fx->images[0].fn[0].class = 0x0b4000;
	registers_start(fx, &regs, "wait32 bar0 0x108 0x3 0x2 50ms\n"
				   "write32 bar0 0x10c 0x1\n");
	registers_need_memory(fx);
	saved = fixture_save_port(fx, 0);
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(regs.card, FIXTURE_USER));
	load_expect_error(test, regs.card, "refused to load \"user\": line 1 of the sequence: ");
	load_expect_error(test, regs.card,
			  "after 50000 us the register is 0x0, and not 0x2 in the bits 0x3");
	load_expect_error(test, regs.card, "brought back by its link");
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL, regs.from,
					      &event));
	fixture_expect_image(fx, 0, FIXTURE_FACTORY);
	fixture_expect_port(fx, 0, saved);

	/* Its memory space was on for as long as it was needed. */
	KUNIT_EXPECT_TRUE(test, fixture_find_write(fx, pdev, PCI_COMMAND,
						   PCI_COMMAND_MEMORY, PCI_COMMAND_MEMORY,
						   regs.from, &on));
	KUNIT_EXPECT_TRUE(test, fixture_find_write(fx, pdev, PCI_COMMAND,
						   PCI_COMMAND_MEMORY, 0, on.seq, &off));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, pci_name(pdev),
					     regs.from, &event));
	KUNIT_EXPECT_LT(test, off.seq, event.seq);
	pci_dev_put(pdev);
	registers_stop(&regs);
}

/* The card runs another image by now, whose function has other registers. */
static void registers_work_again(struct registers *regs)
{
	struct fixture *fx = regs->fx;

	registers_need_memory(fx);
	registers_stop(regs);
	regs->seq = registers_parse(fx->test, REGISTERS_IPROG);
	regs->builtin = registers_add(fx, 0, regs->seq, registers_images,
				      registers_addresses);
	KUNIT_ASSERT_FALSE(fx->test, IS_ERR(regs->builtin));
	regs->card = fixture_card(fx, 0);
	KUNIT_EXPECT_EQ(fx->test, 0, fpga_card_load(regs->card, FIXTURE_WIDE));
	fixture_expect_image(fx, 0, FIXTURE_WIDE);
}

/* Nobody can say what a card does that is told half of a sequence. */
static void card_that_leaves_too_early_has_failed(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;

	registers_describe_mailbox(fx);
	registers_start(fx, &regs, REGISTERS_MAILBOX "write8 vndr 4 1\n");
	strscpy(regs.card->running, FIXTURE_FACTORY, sizeof(regs.card->running));
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(regs.card, FIXTURE_USER));
	load_expect_error(test, regs.card,
			  "does not answer any more when it is told to load \"user\": ");
	load_expect_error(test, regs.card, "line 1 of the sequence: the function left the bus");
	load_expect_no_error(test, regs.card, "goes on with the image it has");
	KUNIT_EXPECT_STREQ(test, regs.card->running, "");
	registers_work_again(&regs);
	registers_stop(&regs);
}

static void card_that_may_leave_has_begun(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;

	registers_describe_mailbox(fx);
	registers_start(fx, &regs, "may-leave\n" REGISTERS_MAILBOX "write8 vndr 4 1\n");
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	registers_stop(&regs);
}

/* A function that is back from a reset is not the one that the sequence was for. */
static void card_that_leaves_for_a_moment_has_left(struct kunit *test)
{
	struct pcie_card_sim_faults faults = { .trigger_delay_ms = 50 };
	struct fixture *fx = test->priv;
	struct registers regs;

	registers_describe_mailbox(fx);
	registers_start(fx, &regs, "wait32 bar0 0x110 0x4 0x4 1000ms\n"
				   REGISTERS_MAILBOX
				   "pause 400ms\n"
				   "write8 vndr 4 1\n");
	registers_need_memory(fx);
	fixture_set_faults(fx, &faults);
	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(regs.card, FIXTURE_USER));
	load_expect_error(test, regs.card, "line 3 of the sequence: the function left the bus");
	registers_stop(&regs);
}

static void sequence_that_does_nothing_is_noticed(struct kunit *test)
{
	struct pcie_card_sim_event event;
	struct fixture *fx = test->priv;
	struct registers regs;

	registers_start_with(fx, &regs, "write8 vndr 4 1\n", registers_short_images);
	strscpy(regs.card->running, FIXTURE_FACTORY, sizeof(regs.card->running));
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(regs.card, FIXTURE_USER));
	load_expect_error(test, regs.card, "did not begin to load it within 200 ms");
	load_expect_error(test, regs.card, "brought back by its link");
	KUNIT_EXPECT_STREQ(test, regs.card->running, FIXTURE_FACTORY);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_LINK_DOWN, NULL, regs.from,
					      &event));
	fixture_expect_image(fx, 0, FIXTURE_FACTORY);
	registers_stop(&regs);
}

/* Whoever takes the card's description away hears at once that it is needed. */
static void sequence_is_not_waited_for(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;
	struct load_run load;
	ktime_t start;

	fixture_slow(test);
	registers_start_with(fx, &regs, "pause 800ms\nwrite8 vndr 4 1\n",
			     registers_short_images);
	load_run_start(&load, regs.card, FIXTURE_USER);
	load_wait_state(test, regs.card, FPGA_CARD_TRIGGERING, REGISTERS_WAIT_MS);
	start = ktime_get();
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_builtin_remove(regs.builtin));
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), start), 400);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, load_run_end(&load));
	registers_stop(&regs);
}

static void card_loads_at_the_reset_behind_the_steps(struct kunit *test)
{
	struct pcie_card_sim_event reset, write, removed;
	struct fixture *fx = test->priv;
	struct registers regs;
	struct pci_dev *pdev;

	fixture_describe_reset(fx, FIXTURE_USER);
	registers_start(fx, &regs, "write8 vndr 4 0x77\nhot-reset\n");
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_load(regs.card, FIXTURE_USER));
	fixture_expect_image(fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_RESET_BUS, NULL, regs.from,
					     &reset));
	KUNIT_EXPECT_TRUE(test, fixture_find_write(fx, pdev,
						   pci_find_capability(pdev, PCI_CAP_ID_VNDR) + 4,
						   ~0, 0x77, regs.from, &write));
	KUNIT_EXPECT_TRUE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_DEL, pci_name(pdev),
					     regs.from, &removed));
	KUNIT_EXPECT_LT(test, write.seq, removed.seq);
	KUNIT_EXPECT_LT(test, removed.seq, reset.seq);
	pci_dev_put(pdev);
	registers_stop(&regs);
}

static void load_without_the_function_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct fpga_card_sequence *seq;
	struct fpga_card_builtin *builtin;
	struct fpga_card *card;
	struct pci_dev *pdev;

	fx->images[0].fn[1].icap = PCIE_CARD_SIM_ICAP_HWICAP;
	fixture_start(fx);
	seq = registers_parse(test, "write8 vndr 4 1\n");
	builtin = registers_add(fx, 1, seq, registers_images, registers_addresses);
	KUNIT_ASSERT_FALSE(test, IS_ERR(builtin));
	card = fixture_card(fx, 0);
	pdev = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_stop_and_remove_bus_device_locked(pdev);
	pcie_card_sim_log_clear(fx->sim);

	KUNIT_EXPECT_EQ(test, -ENODEV, fpga_card_load(card, FIXTURE_USER));
	load_expect_error(test, card, "does not load \"user\" now: its function ");
	load_expect_error(test, card, pci_name(pdev));
	fixture_expect_untouched(fx);
	pci_dev_put(pdev);

	KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_sequence_free(seq);
	fpga_card_put(card);
}

/* A BAR that it had when the card went live can have become too small, or have gone. */
static void load_without_the_register_is_refused(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;
	struct pci_dev *pdev;

	registers_start(fx, &regs, "write8 vndr 4 1\nwrite32 bar0 0xfffc 1\n");
	pdev = fixture_function(fx, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->resource[0].flags |= IORESOURCE_UNSET;
	KUNIT_EXPECT_EQ(test, -ERANGE, fpga_card_load(regs.card, FIXTURE_USER));
	load_expect_error(test, regs.card,
			  "does not load \"user\" now: line 2 of the sequence: BAR 0 of ");
	load_expect_error(test, regs.card, "has no address");
	fixture_expect_untouched(fx);
	pdev->resource[0].flags &= ~IORESOURCE_UNSET;
	pci_dev_put(pdev);
	registers_stop(&regs);
}

static void check_tells_what_is_written(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct registers regs;
	char *answer;

	answer = kunit_kzalloc(test, FPGA_CARD_ANSWER_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, answer);
	registers_start(fx, &regs, REGISTERS_IPROG "pause 1us\n");
	KUNIT_EXPECT_EQ(test, 0, region_file_write(regs.card, "check", FIXTURE_USER));
	KUNIT_EXPECT_EQ(test, 0, region_file_read(regs.card, "check", answer,
						  FPGA_CARD_ANSWER_MAX));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(answer, "registers: 25 steps at "), "%s",
				  answer);
	KUNIT_EXPECT_NOT_NULL(test, strstr(answer, "\nstep: write32 bar0 0x100 0x400000\n"));
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(answer, "\nstep: wait32 bar0 0x10c 0x1 0x0 2000000us\n"));
	KUNIT_EXPECT_NULL(test, strstr(answer, "pause"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(answer, "\nstep: and 1 more\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(answer, "\ncontained: "));
	fixture_expect_untouched(fx);
	registers_stop(&regs);
}

static void registers_nothing(struct load_moment *moment)
{
}

/*
 * A card that resets itself is told nothing, so nothing of it stays: no function is there
 * to lose its driver alone. A load has one.
 */
static void reset_of_its_own_keeps_no_function(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct load_moment moment = {
		.fx = fx,
		.state = "unbinding",
		.act = registers_nothing,
	};
	struct registers regs;

	registers_start_with(fx, &regs, "write8 vndr 4 1\n", registers_short_images);
	load_moment_start(&moment);
	KUNIT_EXPECT_EQ(test, 0, fpga_card_reset_begin(regs.card, regs.builtin,
						       FIXTURE_TIMEOUT_MS));
	fixture_wait(!fixture_count(fx, 0), REGISTERS_WAIT_MS);
	KUNIT_EXPECT_EQ(test, fixture_count(fx, 0), 0);
	KUNIT_EXPECT_EQ(test, 0, pcie_card_sim_self_reset(fx->sim, 0, 0, FIXTURE_USER));
	fixture_wait_functions(fx, 0, FIXTURE_USER);
	load_wait_state(test, regs.card, FPGA_CARD_IDLE, REGISTERS_WAIT_MS);
	fixture_expect_image(fx, 0, FIXTURE_USER);
	KUNIT_EXPECT_EQ(test, moment.seen, 0);

	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fpga_card_load(regs.card, FIXTURE_WIDE));
	KUNIT_EXPECT_EQ(test, moment.seen, 1);
	load_moment_stop(&moment);
	registers_stop(&regs);
}

/**
 * struct registers_bad - a sequence that the function cannot have
 * @text: the sequence
 * @fn: the function
 * @err: the error when the card goes live
 */
struct registers_bad {
	const char *text;
	unsigned int fn;
	int err;
};

static const struct registers_bad registers_bads[] = {
	{ "write32 bar0 0xfffc 1", 0, 0 },
	{ "write32 bar0 0x10000 1", 0, -ERANGE },
	{ "write8 bar0 0xffff 1", 0, 0 },
	{ "write32 bar0 0x7ffffffffffffffc 1", 0, -ERANGE },
	{ "write32 bar1 0 1", 0, -ERANGE },
	{ "write32 bar2 0 1", 0, -ERANGE },
	{ "write32 bar5 0 1", 0, -ERANGE },
	{ "write32 config 0xffc 1", 0, 0 },
	{ "write32 vndr 12 1", 0, 0 },
	{ "write32 vndr 16 1", 0, -ERANGE },
	{ "write32 dvsec:0x1234:0x44 12 1", 0, 0 },
	{ "write32 dvsec:0x1234:0x44:1 12 1", 0, 0 },
	{ "write32 dvsec:0x1234:0x44:2 12 1", 0, -ERANGE },
	{ "write32 dvsec:0x1234:0x45 12 1", 0, -ERANGE },
	{ "write32 dvsec:0x1235:0x44 12 1", 0, -ERANGE },
	{ "write32 dvsec:0x1234:0x44 16 1", 0, -ERANGE },
	{ "write32 vsec:0x1234:0x5343:1 8 1", 0, 0 },
	{ "write32 vsec:0x1234:0x5343:1 12 1", 0, -ERANGE },
	{ "write32 vsec:0x1234:0x5343:0 8 1", 0, -ERANGE },
	{ "write32 vsec:0x1234:0x5344 8 1", 0, -ERANGE },
	{ "write32 vsec:0x1235:0x5343 8 1", 0, -ERANGE },
	/* This one has neither. */
	{ "write32 vndr 12 1", 1, -ERANGE },
	{ "write32 dvsec:0x1234:0x44 12 1", 1, -ERANGE },
	/* The address of the last image has 24 bits. */
	{ "write16 bar0 0 address>>8", 0, 0 },
	{ "write16 bar0 0 address", 0, -ERANGE },
	{ "write8 bar0 0 1\nwait32 bar0 0 0xffff address 1ms", 0, -ERANGE },
};

static void registers_bad_desc(const struct registers_bad *bad, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s at %u", bad->text, bad->fn);
	strreplace(desc, '\n', ';');
}

KUNIT_ARRAY_PARAM(registers_bad, registers_bads, registers_bad_desc);

static void card_without_the_register_does_not_go_live(struct kunit *test)
{
	const struct registers_bad *bad = test->param_value;
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card_sequence *seq;

	fx->config.io_window = SZ_4K;
	fx->images[0].fn[0].bar[2] = (struct pcie_card_sim_bar){ .size = 64, .io = true };
	fixture_start(fx);
	seq = registers_parse(test, bad->text);
	builtin = registers_add(fx, bad->fn, seq, registers_images, registers_addresses);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(builtin), bad->err);
	if (!IS_ERR(builtin))
		KUNIT_EXPECT_EQ(test, 0, fpga_card_builtin_remove(builtin));
	fpga_card_sequence_free(seq);
}

static void virtual_function_does_not_go_live(struct kunit *test)
{
	struct fpga_card_builtin *builtin;
	struct fixture *fx = test->priv;
	struct fpga_card_sequence *seq;
	struct pci_dev *pf, *vf;

	fixture_slow(test);
	fixture_describe_boot(fx, 0, FIXTURE_WIDE);
	fixture_start(fx);
	seq = registers_parse(test, "write8 config 0x40 1\n");
	pf = fixture_function(fx, 0, 1);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	KUNIT_ASSERT_EQ(test, 0, fixture_enable_vfs(pf, 1));
	vf = fixture_vf(pf, 0);
	KUNIT_ASSERT_NOT_NULL(test, vf);
	builtin = fpga_card_builtin_add_registers(fixture_port(fx, 0), vf, seq,
						  registers_images, registers_addresses,
						  FIXTURE_IMAGES);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(builtin), -EINVAL);
	builtin = fpga_card_builtin_add_registers(fixture_port(fx, 0), fixture_port(fx, 0),
						  seq, registers_images,
						  registers_addresses, FIXTURE_IMAGES);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(builtin), -ENODEV);
	pci_dev_put(vf);
	fixture_disable_vfs(pf);
	pci_dev_put(pf);
	fpga_card_sequence_free(seq);
}

static struct kunit_case registers_cases[] = {
	KUNIT_CASE(address_chooses_the_image),
	KUNIT_CASE(core_of_litex_loads),
	KUNIT_CASE(configuration_space_is_written_in_order),
	KUNIT_CASE(wait_without_end_fails_the_load),
	KUNIT_CASE(card_that_leaves_too_early_has_failed),
	KUNIT_CASE(card_that_may_leave_has_begun),
	KUNIT_CASE(card_that_leaves_for_a_moment_has_left),
	KUNIT_CASE(sequence_that_does_nothing_is_noticed),
	KUNIT_CASE(sequence_is_not_waited_for),
	KUNIT_CASE(card_loads_at_the_reset_behind_the_steps),
	KUNIT_CASE(load_without_the_function_is_refused),
	KUNIT_CASE(load_without_the_register_is_refused),
	KUNIT_CASE(check_tells_what_is_written),
	KUNIT_CASE(reset_of_its_own_keeps_no_function),
	KUNIT_CASE_PARAM(card_without_the_register_does_not_go_live,
			 registers_bad_gen_params),
	KUNIT_CASE(virtual_function_does_not_go_live),
	{}
};

struct kunit_suite fpga_card_registers_suite = {
	.name = "fpga_card_registers",
	.init = registers_init,
	.exit = region_file_exit,
	.test_cases = registers_cases,
};
