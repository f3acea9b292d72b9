// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a load ended, and something to happen in the middle of one.
 */

#include <linux/delay.h>
#include <linux/fpga/fpga-card.h>
#include <linux/jiffies.h>

#include "fpga/trace.h"
#include "outcome.h"

static void outcome_probe(void *data, int card, struct pci_dev *port,
			  const char *state)
{
	struct outcome_moment *moment = data;

	if (port != moment->port || strcmp(state, moment->state))
		return;
	moment->seen++;
	if (moment->seen == moment->skip + 1 ||
	    (moment->again && moment->seen > moment->skip))
		moment->act(moment);
}

/* On the caller's stack, so to be stopped before the caller returns. */
void outcome_moment_start(struct outcome_moment *moment)
{
	moment->port = fixture_port(moment->fx, 0);
	moment->seen = 0;
	KUNIT_ASSERT_EQ(moment->fx->test, 0,
			register_trace_fpga_card_state(outcome_probe, moment));
}

void outcome_moment_stop(struct outcome_moment *moment)
{
	unregister_trace_fpga_card_state(outcome_probe, moment);
	tracepoint_synchronize_unregister();
}

/* For @act: from now on the card does wrong what @data says. */
void outcome_set_faults(struct outcome_moment *moment)
{
	pcie_card_sim_set_faults(moment->fx->sim, 0, moment->data);
}

/*
 * What the card does wrong is @faults, in the next load or, with @again, in all that
 * follow. To be stopped like its moments.
 */
void outcome_hold_start(struct outcome_hold *hold, struct fixture *fx,
			const struct pcie_card_sim_faults *faults, bool again)
{
	hold->held = *faults;
	hold->held.trigger_delay_ms = OUTCOME_FOREVER_MS;
	hold->trigger = (struct outcome_moment) {
		.fx = fx,
		.state = "triggering",
		.again = again,
		.act = outcome_set_faults,
		.data = &hold->held,
	};
	hold->begin = hold->trigger;
	hold->begin.state = "loading";
	hold->begin.data = faults;
	outcome_moment_start(&hold->trigger);
	outcome_moment_start(&hold->begin);
}

void outcome_hold_stop(struct outcome_hold *hold)
{
	outcome_moment_stop(&hold->begin);
	outcome_moment_stop(&hold->trigger);
	KUNIT_EXPECT_GT(hold->begin.fx->test, hold->begin.seen, 0);
}

struct fpga_card *outcome_boot(struct fixture *fx, const char *image)
{
	struct fpga_card *card;

	strscpy(fx->ports[0].card.boot_image, image,
		sizeof(fx->ports[0].card.boot_image));
	fixture_start(fx);
	card = fixture_card(fx, 0);
	pcie_card_sim_log_clear(fx->sim);
	return card;
}

static char *outcome_error(struct kunit *test, struct fpga_card *card)
{
	char *sentence = kunit_kzalloc(test, FPGA_CARD_ERROR_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sentence);
	fpga_card_last_error(card, sentence, FPGA_CARD_ERROR_MAX);
	return sentence;
}

void outcome_expect_error(struct kunit *test, struct fpga_card *card,
			  const char *part)
{
	const char *sentence = outcome_error(test, card);

	KUNIT_EXPECT_TRUE_MSG(test, strstr(sentence, part),
			      "last_error is \"%s\", without \"%s\"", sentence,
			      part);
}

void outcome_expect_no_error(struct kunit *test, struct fpga_card *card,
			     const char *part)
{
	const char *sentence = outcome_error(test, card);

	KUNIT_EXPECT_FALSE_MSG(test, strstr(sentence, part),
			       "last_error is \"%s\", with \"%s\"", sentence,
			       part);
}

/* A load is, as @dev is in use, and nothing is touched. */
void outcome_expect_refused(struct fixture *fx, struct fpga_card *card,
			    struct device *dev, const char *how)
{
	struct pcie_card_sim_event event;
	struct kunit *test = fx->test;
	const char *sentence;

	pcie_card_sim_log_clear(fx->sim);
	KUNIT_EXPECT_EQ(test, -EBUSY, fpga_card_load(card, FIXTURE_USER));
	sentence = outcome_error(test, card);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(sentence, dev_name(dev)), "%s",
			      sentence);
	outcome_expect_error(test, card, dev_driver_string(dev));
	outcome_expect_error(test, card, how);
	KUNIT_EXPECT_FALSE(test, fixture_find(fx, PCIE_CARD_SIM_DEV_UNBIND, NULL,
					      0, &event));
}

void outcome_expect_state(struct kunit *test, struct fpga_card *card,
			  enum fpga_card_state state)
{
	enum fpga_card_state now;

	mutex_lock(&card->lock);
	now = card->state;
	mutex_unlock(&card->lock);
	KUNIT_EXPECT_EQ(test, now, state);
}

static const struct pcie_card_sim_image *outcome_image(struct fixture *fx,
						       const char *name)
{
	unsigned int i;

	for (i = 0; i < FIXTURE_IMAGES; i++) {
		if (!strcmp(fx->images[i].name, name))
			return &fx->images[i];
	}
	return NULL;
}

/* device_is_bound() is not exported by all kernels. */
static bool outcome_is_bound(struct device *dev)
{
	bool bound;

	device_lock(dev);
	bound = dev->driver;
	device_unlock(dev);
	return bound;
}

static bool outcome_has_function(struct fixture *fx, unsigned int fn,
				 const struct pcie_card_sim_function *desc)
{
	struct pci_dev *pdev = fixture_function(fx, 0, fn);
	bool same;

	if (!pdev)
		return !desc || !desc->vendor;
	same = desc && pdev->vendor == desc->vendor &&
	       pdev->device == desc->device && !pci_dev_is_disconnected(pdev) &&
	       pci_device_is_present(pdev) &&
	       (!desc->bmc || outcome_is_bound(&pdev->dev));
	pci_dev_put(pdev);
	return same;
}

/* Whether those of an image are there, bound, and no other; NULL for none. */
bool outcome_has_functions(struct fixture *fx, const char *name)
{
	const struct pcie_card_sim_image *image;
	unsigned int i;

	image = name ? outcome_image(fx, name) : NULL;
	for (i = 0; i < PCIE_CARD_SIM_FUNCTIONS; i++) {
		if (!outcome_has_function(fx, i, image ? &image->fn[i] : NULL))
			return false;
	}
	return true;
}

/* The same, as soon as whoever brings them or takes them has done it. */
bool outcome_wait_functions(struct fixture *fx, const char *name)
{
	unsigned long end = jiffies + msecs_to_jiffies(OUTCOME_WAIT_MS);

	while (!outcome_has_functions(fx, name)) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(2000, 4000);
	}
	return true;
}

/* The card, the kernel and the region say the same. */
void outcome_expect_runs(struct fixture *fx, struct fpga_card *card,
			 const char *image)
{
	char running[PCIE_CARD_SIM_NAME_LEN] = "";

	pcie_card_sim_running(fx->sim, 0, running, sizeof(running));
	KUNIT_EXPECT_STREQ(fx->test, running, image);
	KUNIT_EXPECT_TRUE_MSG(fx->test, outcome_has_functions(fx, image),
			      "the functions are not those of %s", image);
	mutex_lock(&card->lock);
	KUNIT_EXPECT_STREQ(fx->test, card->running, image);
	mutex_unlock(&card->lock);
	fixture_expect_decoded(fx, 0);
}

static void outcome_expect_control(struct fixture *fx, const u32 *saved,
				   unsigned int pos, u32 bits, const char *what)
{
	u32 was = saved[pos / 4] >> 8 * (pos & 3);
	u32 now;

	pci_read_config_dword(fixture_port(fx, 0), pos & ~3, &now);
	now >>= 8 * (pos & 3);
	KUNIT_EXPECT_EQ_MSG(fx->test, now & bits, was & bits, "%s", what);
}

/*
 * What a port of a slot without a working card has in common with what it was:
 * errors and slot events are reported, and the link may train. Its indicators
 * and its power are pciehp's.
 */
void outcome_expect_controls(struct fixture *fx, const u32 *saved)
{
	struct pci_dev *port = fixture_port(fx, 0);
	unsigned int exp = pci_pcie_cap(port);
	unsigned int aer = pci_find_ext_capability(port, PCI_EXT_CAP_ID_ERR);
	unsigned int dpc = pci_find_ext_capability(port, PCI_EXT_CAP_ID_DPC);

	outcome_expect_control(fx, saved, PCI_COMMAND, 0xffff, "Command");
	outcome_expect_control(fx, saved, PCI_BRIDGE_CONTROL, 0xffff,
			       "Bridge Control");
	outcome_expect_control(fx, saved, exp + PCI_EXP_DEVCTL, 0xffff,
			       "Device Control");
	outcome_expect_control(fx, saved, exp + PCI_EXP_LNKCTL, 0xffff,
			       "Link Control");
	outcome_expect_control(fx, saved, exp + PCI_EXP_SLTCTL,
			       0xffff & ~(PCI_EXP_SLTCTL_AIC |
					  PCI_EXP_SLTCTL_PIC |
					  PCI_EXP_SLTCTL_PCC), "Slot Control");
	outcome_expect_control(fx, saved, exp + PCI_EXP_RTCTL, 0xffff,
			       "Root Control");
	if (aer) {
		outcome_expect_control(fx, saved, aer + PCI_ERR_UNCOR_MASK, ~0,
				       "Uncorrectable Error Mask");
		outcome_expect_control(fx, saved, aer + PCI_ERR_COR_MASK, ~0,
				       "Correctable Error Mask");
		outcome_expect_control(fx, saved, aer + PCI_ERR_ROOT_COMMAND,
				       ~0, "Root Error Command");
	}
	if (dpc)
		outcome_expect_control(fx, saved, dpc + PCI_EXP_DPC_CTL, 0xffff,
				       "DPC Control");
}

unsigned int outcome_count(struct fixture *fx, enum pcie_card_sim_what what,
			   u64 from)
{
	struct pcie_card_sim_match match = {
		.from_seq = from,
		.what = BIT(what),
		.port = -1,
		.reg = -1,
		.devfn = -1,
	};

	return pcie_card_sim_log_count(fx->sim, &match);
}
