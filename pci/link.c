// SPDX-License-Identifier: GPL-2.0-only
/*
 * The port's link: down, up again, and the card ready for requests.
 */

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/pci.h>

#include "reload.h"

/**
 * pci_reload_link_is_up - whether the link is still up
 * @pr: a window after pci_reload_wait_link()
 *
 * Context: may sleep.
 *
 * Return: false if the port reports that the link is down, or is gone; true also for
 * a port that does not report it.
 */
bool pci_reload_link_is_up(struct pci_reload *pr)
{
	if (READ_ONCE(pr->gone))
		return false;
	return !pci_reload_reports_active(pr->port) || pci_reload_link_active(pr);
}
EXPORT_SYMBOL_GPL(pci_reload_link_is_up);

/*
 * Set Link Disable, and wait for what it does; false if that does not come. Whether
 * the port is still there the next step finds out.
 */
static bool pci_reload_link_take_down(struct pci_reload *pr)
{
	ktime_t begin = ktime_get();
	ktime_t end = ktime_add_ms(begin, PCI_RELOAD_DISABLE_MS);
	bool last = false;

	pci_reload_keep_quiet(pr);
	if (!pci_reload_port_lock(pr))
		return true;
	pcie_capability_set_word(pr->port, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_LD);
	pr->link_disabled = true;
	pci_reload_port_unlock(pr);
	while (!READ_ONCE(pr->gone) && pci_reload_link_active(pr)) {
		if (last)
			return false;
		last = pci_reload_is_past(end);
		pci_reload_pause(begin);
	}
	pci_reload_drs_forget(pr);
	return true;
}

/**
 * pci_reload_link_disable - take the link down
 * @pr: a window in which the functions were removed
 *
 * Context: may sleep, 100 ms at most.
 *
 * Return: 0; -ETIMEDOUT if the link stays active, -ENODEV or -EINTR.
 */
int pci_reload_link_disable(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_REMOVED, PCI_RELOAD_REMOVED);
	if (ret)
		return ret;

	pci_reload_set_state(pr, PCI_RELOAD_DOWN);
	if (!pci_reload_link_take_down(pr))
		return pci_reload_fail(pr, -ETIMEDOUT,
				       "the link of %s stays up although it is disabled",
				       pci_name(pr->port));
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_link_disable);

/**
 * pci_reload_hold - leave the link down for a while
 * @pr: a window in which nothing is left below the port
 * @ms: how long, in milliseconds; 0 if the card needs no such time
 *
 * For a card whose old image could still train the link after the trigger.
 *
 * Context: may sleep for @ms.
 *
 * Return: 0; -ENODEV or -EINTR.
 */
int pci_reload_hold(struct pci_reload *pr, unsigned int ms)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_EMPTY, PCI_RELOAD_EMPTY);
	return ret ?: pci_reload_sleep(pr, ms);
}
EXPORT_SYMBOL_GPL(pci_reload_hold);

/*
 * Without Data Link Layer Link Active Reporting a look at the link is a configuration
 * request to the card, which must not have one for 100 ms after its reset (PCIe r6.0,
 * sec 6.6.1), unless the port hears from it.
 */
static int pci_reload_await_grace(struct pci_reload *pr)
{
	enum pci_reload_ready by;

	if (!pr->released || pci_reload_reports_active(pr->port))
		return 0;
	return pci_reload_await_ready(pr, ktime_add_ms(pr->released, PCI_RELOAD_SETTLE_MS),
				      0, &by);
}

/**
 * pci_reload_expect_up - tell a window when the link is likely to come up
 * @pr: an open window
 * @from: not before that, by ktime_get()
 * @to: nor after that; 0 if it is not known
 *
 * From the last time that the card did the same, by pci_reload_came_up(). Holds for the
 * next pci_reload_wait_link(), which does not end later for it, nor fail: it looks often
 * around that time and seldom before, so that a long wait takes no processor time to
 * speak of. An owner who cancels has to call pci_reload_wake() then.
 *
 * Context: any; the owner's thread.
 */
void pci_reload_expect_up(struct pci_reload *pr, ktime_t from, ktime_t to)
{
	/* Looks are never farther apart, but the one who looked may have been late. */
	pr->expected.from = max_t(ktime_t, from,
				  ktime_sub_us(to, 2 * PCI_RELOAD_COARSE_US));
	pr->expected.to = to;
}
EXPORT_SYMBOL_GPL(pci_reload_expect_up);

/**
 * pci_reload_came_up - when the link came up
 * @pr: a window after pci_reload_wait_link()
 * @from: the last look that found it down, or the beginning of the wait
 * @to: the look that found it up
 *
 * Context: any; the owner's thread.
 */
void pci_reload_came_up(const struct pci_reload *pr, ktime_t *from, ktime_t *to)
{
	*from = pr->up.from;
	*to = pr->up.to;
}
EXPORT_SYMBOL_GPL(pci_reload_came_up);

/**
 * struct pci_reload_link_wait - a wait for the link
 * @begin: when it began
 * @end: its deadline
 * @down: the last look that found it down
 * @reports: the port reports an active link
 * @training: the last look found it training
 * @last: the deadline has passed
 * @timeout_ms: the deadline
 */
struct pci_reload_link_wait {
	ktime_t begin;
	ktime_t end;
	ktime_t down;
	bool reports;
	bool training;
	bool last;
	unsigned int timeout_ms;
};

/* A look found the link down, with @status; returns 0 to look again, or why not. */
static int pci_reload_link_is_down(struct pci_reload *pr,
				   struct pci_reload_link_wait *wait, u16 status)
{
	bool was_training = wait->training;
	int ret;

	wait->down = ktime_get();
	ret = pci_reload_interrupted(pr) ?: pci_reload_slot_vacant(pr);
	if (ret)
		return ret;
	pci_reload_drs_link_down(pr);
	wait->training = status & PCI_EXP_LNKSTA_LT;
	/* After the first look that finds it training, so not too early. */
	if (!was_training)
		pr->reset_end = ktime_get();
	if (pci_reload_limit_speed(pr, wait->reports ? status : 0, wait->last)) {
		wait->end = ktime_add_ms(ktime_get(), PCI_RELOAD_TRAIN_MS);
		wait->last = false;
	}
	/* One more look after the deadline: this thread may be late. */
	if (wait->last) {
		/* A limit that did not help is not left in the port. */
		pci_reload_lift_speed_limit(pr);
		return pci_reload_fail(pr, -ETIMEDOUT,
				       "the link of %s did not come up within %u ms",
				       pci_name(pr->port), wait->timeout_ms);
	}
	wait->last = pci_reload_is_past(wait->end);
	return 0;
}

/* The looks at it, until it is up. */
static int pci_reload_look_for_link(struct pci_reload *pr,
				    struct pci_reload_link_wait *wait)
{
	u16 status;
	int ret;

	while (!pci_reload_look_at_link(pr, wait->reports, &status)) {
		ret = pci_reload_link_is_down(pr, wait, status);
		if (ret)
			return ret;
		pci_reload_pause_wait(pr, wait->begin, &pr->expected);
	}
	pr->trained = ktime_get();
	pr->asked = false;
	pr->came_up = true;
	pr->up.from = wait->down;
	pr->up.to = pr->trained;
	if (!wait->training)
		pr->reset_end = pr->trained;
	return 0;
}

/**
 * pci_reload_wait_link - enable the link and wait for the card to train it
 * @pr: an open window
 * @timeout_ms: deadline in milliseconds
 *
 * Ends as soon as the link is active, which for a card that loads an image is
 * when the image is there.
 *
 * Context: may sleep for @timeout_ms; no lock is held.
 *
 * Return: 0; -ETIMEDOUT, -ENODEV or -EINTR.
 */
int pci_reload_wait_link(struct pci_reload *pr, unsigned int timeout_ms)
{
	struct pci_reload_link_wait wait = {
		.begin = ktime_get(),
		.timeout_ms = timeout_ms,
	};
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_ENUMERATED);
	if (ret)
		goto out_expected;

	wait.end = ktime_add_ms(wait.begin, timeout_ms);
	wait.down = wait.begin;
	wait.reports = pci_reload_reports_active(pr->port);
	pci_reload_expect_link(pr);
	pci_reload_drs_expect(pr);
	pci_reload_link_release(pr);
	ret = pci_reload_await_grace(pr);
	if (!ret)
		ret = pci_reload_look_for_link(pr, &wait);
	if (!ret)
		pci_reload_set_state(pr, PCI_RELOAD_TRAINED);

out_expected:
	pr->expected.to = 0;
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_wait_link);

/**
 * pci_reload_wait_drop - wait for the card to drop its link
 * @pr: an open window in which nothing is left below the port
 * @timeout_ms: deadline in milliseconds
 *
 * For a card that came up with its old image once more: it has yet to begin
 * with what it was told. Whether it has begun already, and is back, is seen by the
 * mark that pci_reload_mark_card() left. Call pci_reload_wait_link() next.
 *
 * Context: may sleep for @timeout_ms; no lock is held.
 *
 * Return: 0 when the link is down, or was; -ETIMEDOUT, -ENODEV or -EINTR.
 */
int pci_reload_wait_drop(struct pci_reload *pr, unsigned int timeout_ms)
{
	ktime_t begin = ktime_get();
	ktime_t end = ktime_add_ms(begin, timeout_ms);
	int ret;

	ret = pci_reload_step_empty(pr);
	if (!ret)
		pci_reload_drs_forget(pr);
	while (!ret && pci_reload_link_active(pr) && !pci_reload_mark_is_lost(pr)) {
		if (pci_reload_is_past(end)) {
			ret = pci_reload_fail(pr, -ETIMEDOUT,
					      "the link of %s stays up, with the image that the card had",
					      pci_name(pr->port));
			break;
		}
		pci_reload_pause_wait(pr, begin, NULL);
		ret = pci_reload_interrupted(pr);
	}
	/* A card that was reset has lost its mark. */
	if (ret)
		pci_reload_unmark_card(pr);
	pr->marked = false;
	return ret;
}
EXPORT_SYMBOL_GPL(pci_reload_wait_drop);

/*
 * What reads as no function: all ones, by which a root complex answers for a card that
 * does not, and what some cards have until their configuration is complete. The PCI
 * core takes the same for no function (pci_bus_generic_read_dev_vendor_id()).
 */
static bool pci_reload_id_is_valid(u32 id)
{
	u16 vendor = id, device = id >> 16;

	return !(vendor == 0xffff || pci_reload_id_is_retry(id) ||
		 (vendor == 0 && (device == 0 || device == 0xffff)));
}

/* A card that still has the mark was not reset. */
static int pci_reload_check_reset(struct pci_reload *pr)
{
	bool asked = pr->reset_asked;

	pr->reset_asked = false;
	if (!asked || !pr->marked)
		return 0;
	if (pci_reload_mark_is_lost(pr)) {
		pr->marked = false;
		return 0;
	}
	pci_reload_unmark_card(pr);
	return pci_reload_fail(pr, -EIO,
			       "the port %s was told to reset the card below it, but the card was not reset",
			       pci_name(pr->port));
}

/* When the card may be asked for the first time, whoever says nothing. */
static ktime_t pci_reload_settle_end(struct pci_reload *pr)
{
	ktime_t from = pr->reset_end;

	if (pcie_get_speed_cap(pr->port) > PCIE_SPEED_5_0GT)
		from = pr->trained;
	return ktime_add_ms(from, PCI_RELOAD_SETTLE_MS);
}

static u32 pci_reload_ask(struct pci_reload *pr)
{
	bool first = !pr->asked;
	u32 id;

	pr->asked = true;
	if (first)
		pr->first.us = ktime_us_delta(ktime_get(), pr->trained);
	id = pci_reload_read_id(pr);
	if (first)
		pr->first.answered = pci_reload_id_is_valid(id);
	return id;
}

/*
 * Wait until the card may be asked. Who is asked sooner than anybody has to answer is asked
 * once: if there is no answer, the image is not the one that was expected, or there is
 * more to it than one device, then all have their usual time.
 */
static int pci_reload_settle_down(struct pci_reload *pr)
{
	ktime_t end = pci_reload_settle_end(pr), said = 0;
	enum pci_reload_ready unused;
	int ret;

	if (pr->ready_ms >= 0 && pci_reload_reports_active(pr->port))
		said = ktime_add_ms(pr->trained, pr->ready_ms);
	ret = pci_reload_await_ready(pr, end, said, &pr->first.by);
	if (!ret)
		ret = pci_reload_slot_vacant(pr);
	if (ret || pr->first.by == PCI_RELOAD_READY_TIME)
		return ret;

	pci_reload_ask(pr);
	if (pr->first.answered && pci_reload_is_endpoint(pr))
		return 0;
	pr->ready_ms = -1;
	pr->drs_armed = false;
	return pci_reload_await_ready(pr, end, 0, &unused);
}

/**
 * pci_reload_settle - wait until the card answers configuration requests
 * @pr: a window whose link is up
 * @timeout_ms: deadline in milliseconds, on top of the 100 ms that the
 *	specification gives every card
 *
 * The 100 ms end early for a card that sends a Device Readiness Status message to a port
 * that knows these, and by pci_reload_set_ready_ms().
 *
 * A card may answer with Request Retry Status for a while (PCIe r6.0, sec
 * 2.3.1); with Configuration RRS Software Visibility that reads as vendor
 * 0001h.
 *
 * Context: may sleep for 100 ms and @timeout_ms; no lock is held.
 *
 * Return: 0; -ETIMEDOUT; -ENODEV, also if the link goes down; -EIO after a hot reset
 * that the card has not seen; or -EINTR.
 */
int pci_reload_settle(struct pci_reload *pr, unsigned int timeout_ms)
{
	ktime_t begin, end;
	bool last = false;
	int ret;
	u32 id;

	ret = pci_reload_step(pr, PCI_RELOAD_TRAINED, PCI_RELOAD_TRAINED);
	if (ret)
		return ret;

	ret = pci_reload_settle_down(pr);
	/* What the port says is used up. */
	pr->drs_armed = false;
	if (ret)
		return ret;

	begin = ktime_get();
	end = ktime_add_ms(begin, timeout_ms);
	for (;;) {
		ret = pci_reload_interrupted(pr) ?: pci_reload_slot_vacant(pr);
		if (ret)
			return ret;
		id = pci_reload_ask(pr);
		if (pci_reload_id_is_valid(id))
			break;
		if (pci_reload_reports_active(pr->port) &&
		    !pci_reload_link_active(pr))
			return pci_reload_fail(pr, -ENODEV,
					       "the link of %s came up, but went down again",
					       pci_name(pr->port));
		if (last)
			return pci_reload_fail(pr, -ETIMEDOUT,
					       "the link of %s is up, but the card %s after %u ms",
					       pci_name(pr->port),
					       pci_reload_id_is_retry(id) ?
					       "still asks to be tried later" :
					       "does not answer",
					       timeout_ms + PCI_RELOAD_SETTLE_MS);
		last = pci_reload_is_past(end);
		pci_reload_pause(begin);
	}
	ret = pci_reload_check_reset(pr);
	if (ret)
		return ret;
	pci_reload_slot_forget_events(pr);
	pci_reload_set_state(pr, PCI_RELOAD_READY);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_settle);

/**
 * pci_reload_link_retry - disable the link and enable it again
 * @pr: an open window in which nothing is left below the port
 *
 * The LTSSM starts anew from Detect, which helps where a training got stuck.
 * Call pci_reload_wait_link() next.
 *
 * Context: may sleep, 100 ms at most.
 *
 * Return: 0; -ENODEV or -EINTR.
 */
int pci_reload_link_retry(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step_empty(pr);
	if (ret)
		return ret;

	pci_reload_link_take_down(pr);
	pci_reload_link_release(pr);
	return 0;
}
EXPORT_SYMBOL_GPL(pci_reload_link_retry);
