// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every step of a window needs: how far the window has come, why a step failed,
 * the lock of the port's registers, and waits that end when the owner cancels.
 */

#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/wait.h>

#include "reload.h"

static const char * const pci_reload_state_names[] = {
	[PCI_RELOAD_CLOSED] = "closed",
	[PCI_RELOAD_OPEN] = "open",
	[PCI_RELOAD_REMOVED] = "functions removed",
	[PCI_RELOAD_DOWN] = "link disabled",
	[PCI_RELOAD_EMPTY] = "empty",
	[PCI_RELOAD_TRAINED] = "link up",
	[PCI_RELOAD_READY] = "ready",
	[PCI_RELOAD_ENUMERATED] = "enumerated",
};

void pci_reload_set_state(struct pci_reload *pr, enum pci_reload_state state)
{
	pci_dbg(pr->port, "reload window: %s -> %s\n",
		pci_reload_state_names[pr->state],
		pci_reload_state_names[state]);
	pr->state = state;
}

/*
 * One window at a time takes the rescan lock, or waits for it. Outside of that lock: whoever
 * else wants it stands behind one removal or scan, and not behind those of all the cards that
 * are loaded at the same time.
 */
static DEFINE_MUTEX(pci_reload_turn);

/* pci_lock_rescan_remove(), for windows; undone by pci_reload_end_turn(). */
void pci_reload_take_turn(void)
{
	mutex_lock(&pci_reload_turn);
	pci_lock_rescan_remove();
}

void pci_reload_end_turn(void)
{
	pci_unlock_rescan_remove();
	mutex_unlock(&pci_reload_turn);
}

/* Remember why a step failed, for the owner to tell its user. */
int pci_reload_fail(struct pci_reload *pr, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(pr->reason, sizeof(pr->reason), fmt, args);
	va_end(args);
	return err;
}

/* Add to what the owner's user is told of a card that works, but less well. */
void pci_reload_degrade(struct pci_reload *pr, const char *fmt, ...)
{
	size_t len = strlen(pr->degraded);
	va_list args;

	if (len)
		len += scnprintf(pr->degraded + len, sizeof(pr->degraded) - len,
				 "; ");
	va_start(args, fmt);
	vscnprintf(pr->degraded + len, sizeof(pr->degraded) - len, fmt, args);
	va_end(args);
}

/* Asked before each touch of the port and in each wait. */
int pci_reload_interrupted(struct pci_reload *pr)
{
	if (READ_ONCE(pr->gone))
		return pci_reload_fail(pr, -ENODEV,
				       "the port %s was removed during the reload, or the machine goes down",
				       pci_name(pr->port));
	if (!pr->ops || !pr->ops->cancelled || !pr->ops->cancelled(pr->priv))
		return 0;
	if (pr->watch.text[0])
		return pci_reload_fail(pr, -ETIMEDOUT, "%s", pr->watch.text);
	return pci_reload_fail(pr, -EINTR, "the request was cancelled");
}

/* A step may run in the states from @from to @to. */
static int pci_reload_expect(struct pci_reload *pr, enum pci_reload_state from,
			     enum pci_reload_state to)
{
	if (pr->state >= from && pr->state <= to)
		return 0;
	return pci_reload_fail(pr, -EPERM,
			       "the reload window of %s is %s, which does not allow this step",
			       pci_name(pr->port),
			       pci_reload_state_names[pr->state]);
}

/**
 * pci_reload_port_lock - begin to change registers of the port
 * @pr: the window
 *
 * Context: may sleep. The rescan lock is not taken by anything inside.
 *
 * Return: true; false if nothing may touch the port any more, and there is nothing to
 * unlock.
 */
bool pci_reload_port_lock(struct pci_reload *pr)
{
	mutex_lock(&pr->port_lock);
	if (!READ_ONCE(pr->gone))
		return true;
	mutex_unlock(&pr->port_lock);
	return false;
}

void pci_reload_port_unlock(struct pci_reload *pr)
{
	mutex_unlock(&pr->port_lock);
}

/**
 * pci_reload_reason - why the last step failed
 * @pr: the window
 *
 * Return: one sentence without a full stop, empty if no step failed since the
 * window was opened.
 */
const char *pci_reload_reason(const struct pci_reload *pr)
{
	return pr->reason;
}
EXPORT_SYMBOL_GPL(pci_reload_reason);

/**
 * pci_reload_degraded - what is less than it was
 * @pr: a window after pci_reload_enumerate()
 *
 * Return: what of the card is less than before the window, or than the card
 * promises, in words that follow "but"; empty if nothing is.
 */
const char *pci_reload_degraded(const struct pci_reload *pr)
{
	return pr->degraded;
}
EXPORT_SYMBOL_GPL(pci_reload_degraded);

/**
 * pci_reload_is_open - whether a window has to be closed
 * @pr: the window
 *
 * Return: true from pci_reload_open() to pci_reload_close().
 */
bool pci_reload_is_open(const struct pci_reload *pr)
{
	return pr->state != PCI_RELOAD_CLOSED;
}
EXPORT_SYMBOL_GPL(pci_reload_is_open);

/**
 * pci_reload_is_empty - whether there is no function below the port
 * @pr: the window
 *
 * Context: may sleep. Takes the rescan lock.
 *
 * Return: true if no function is known below the port.
 */
bool pci_reload_is_empty(struct pci_reload *pr)
{
	bool empty;

	pci_reload_take_turn();
	empty = list_empty(&pr->bus->devices);
	pci_reload_end_turn();
	return empty;
}
EXPORT_SYMBOL_GPL(pci_reload_is_empty);

/* Used by the steps in the other files. */
int pci_reload_step(struct pci_reload *pr, enum pci_reload_state from,
		    enum pci_reload_state to)
{
	int ret;

	ret = pci_reload_expect(pr, from, to);
	if (ret)
		return ret;
	return pci_reload_interrupted(pr);
}

/* A step that needs the bus below the port to be empty. */
int pci_reload_step_empty(struct pci_reload *pr)
{
	int ret;

	ret = pci_reload_step(pr, PCI_RELOAD_OPEN, PCI_RELOAD_ENUMERATED);
	if (ret)
		return ret;
	if (!pci_reload_is_empty(pr))
		return pci_reload_fail(pr, -EPERM,
				       "there are functions left below %s",
				       pci_name(pr->port));
	return 0;
}

/* Sleep for @ms, or until the port goes or the owner cancels. */
int pci_reload_sleep(struct pci_reload *pr, unsigned int ms)
{
	ktime_t end = pci_reload_deadline(ms);
	int ret = pci_reload_interrupted(pr);
	s64 left;

	while (!ret && ms && !pci_reload_is_past(end)) {
		left = ktime_us_delta(end, ktime_get()) + 1;
		left = clamp_t(s64, left, 1, PCI_RELOAD_NAP_US);
		usleep_range(left, left + PCI_RELOAD_POLL_MIN_US);
		ret = pci_reload_interrupted(pr);
	}
	return ret;
}

/*
 * Between two looks at something that is awaited since @since: a part of the time that
 * has passed, 1/@part.
 */
void pci_reload_pause_part(ktime_t since, int part)
{
	s64 us = div_s64(ktime_us_delta(ktime_get(), since), part);

	us = clamp_t(s64, us, PCI_RELOAD_POLL_MIN_US, PCI_RELOAD_NAP_US);
	usleep_range(us, us + us / 4);
}

void pci_reload_pause(ktime_t since)
{
	pci_reload_pause_part(since, PCI_RELOAD_POLL_PART);
}

/**
 * pci_reload_wake - have a wait of the window look at once
 * @pr: a window, open or closed
 *
 * For an owner whose answer to &struct pci_reload_ops.cancelled has changed. A wait
 * that is far from its expected end would ask him only after some 100 ms.
 *
 * Context: any.
 */
void pci_reload_wake(struct pci_reload *pr)
{
	atomic_set_release(&pr->woken, 1);
	wake_up(&pr->waiter);
}
EXPORT_SYMBOL_GPL(pci_reload_wake);

/*
 * Sleep for @us and up to a quarter more, or until pci_reload_wake(). Many cards may wait
 * for long: that is no load of the machine's.
 */
static void pci_reload_nap(struct pci_reload *pr, s64 us)
{
	ktime_t left = ns_to_ktime(us * NSEC_PER_USEC);
	DEFINE_WAIT(wait);

	prepare_to_wait(&pr->waiter, &wait, TASK_IDLE);
	if (!atomic_read(&pr->woken))
		schedule_hrtimeout_range(&left, us * NSEC_PER_USEC / 4,
					 HRTIMER_MODE_REL);
	finish_wait(&pr->waiter, &wait);
	/* Before the caller looks at why it was woken. */
	atomic_xchg(&pr->woken, 0);
}

/*
 * The next pause of a wait that began at @since, in microseconds: see
 * PCI_RELOAD_NEAR_PART. What is expected before that is no guide.
 */
static s64 pci_reload_pause_us(const struct pci_reload_span *expected,
			       ktime_t since)
{
	ktime_t now = ktime_get();
	s64 waited = ktime_us_delta(now, since);
	s64 most = PCI_RELOAD_NAP_US;
	s64 us;

	if (!expected || !ktime_after(expected->to, since)) {
		us = div_s64(waited, PCI_RELOAD_POLL_PART);
	} else if (ktime_before(now, expected->from)) {
		us = min(div_s64(ktime_us_delta(expected->from, now),
				 PCI_RELOAD_NEAR_PART),
			 div_s64(waited, PCI_RELOAD_BEGUN_PART));
		most = PCI_RELOAD_COARSE_US;
	} else {
		us = div_s64(ktime_us_delta(now, expected->to),
			     PCI_RELOAD_NEAR_PART);
	}
	return clamp_t(s64, us, PCI_RELOAD_POLL_MIN_US, most);
}

/*
 * Between two looks at what is awaited since @since, and is @expected in that span; NULL
 * if nothing is known.
 */
void pci_reload_pause_wait(struct pci_reload *pr, ktime_t since,
			   const struct pci_reload_span *expected)
{
	pci_reload_nap(pr, pci_reload_pause_us(expected, since));
}
