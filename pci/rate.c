// SPDX-License-Identifier: GPL-2.0-only
/*
 * Speed and width of the port's link, before and after: a link that came back with
 * less works, but not as its user expects.
 */

#include <linux/bitfield.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "reload.h"

/* By Current Link Speed (PCIe r6.0, sec 7.5.3.8) */
static const char * const pci_reload_speeds[] = {
	"no speed", "2.5 GT/s", "5.0 GT/s", "8.0 GT/s", "16.0 GT/s", "32.0 GT/s",
	"64.0 GT/s",
};

/**
 * pci_reload_speed_name - what users call a speed
 * @speed: &struct pci_reload_link.speed
 *
 * Context: any.
 *
 * Return: its name.
 */
const char *pci_reload_speed_name(unsigned int speed)
{
	return speed < ARRAY_SIZE(pci_reload_speeds) ? pci_reload_speeds[speed] :
						       "more than 64.0 GT/s";
}
EXPORT_SYMBOL_GPL(pci_reload_speed_name);

/*
 * What both ends could have; a target speed that somebody set in the port counts
 * (PCIe r6.0, sec 7.5.3.6 and 7.5.3.19).
 */
static void pci_reload_read_best(struct pci_reload *pr,
				 struct pci_reload_rate *rate)
{
	struct pci_dev *card = pci_get_slot(pr->bus, PCI_DEVFN(0, 0));
	u32 cap = 0, card_cap;
	u16 ctl2 = 0;

	pcie_capability_read_dword(pr->port, PCI_EXP_LNKCAP, &cap);
	pcie_capability_read_word(pr->port, PCI_EXP_LNKCTL2, &ctl2);
	rate->best_speed = FIELD_GET(PCI_EXP_LNKCAP_SLS, cap);
	rate->best_width = FIELD_GET(PCI_EXP_LNKCAP_MLW, cap);
	if (FIELD_GET(PCI_EXP_LNKCTL2_TLS, ctl2))
		rate->best_speed = min_t(unsigned int, rate->best_speed,
					 FIELD_GET(PCI_EXP_LNKCTL2_TLS, ctl2));
	if (!card)
		return;
	if (!pcie_capability_read_dword(card, PCI_EXP_LNKCAP, &card_cap) &&
	    FIELD_GET(PCI_EXP_LNKCAP_MLW, card_cap)) {
		rate->best_speed = min_t(unsigned int, rate->best_speed,
					 FIELD_GET(PCI_EXP_LNKCAP_SLS, card_cap));
		rate->best_width = min_t(unsigned int, rate->best_width,
					 FIELD_GET(PCI_EXP_LNKCAP_MLW, card_cap));
	}
	pci_dev_put(card);
}

static void pci_reload_read_rate(struct pci_reload *pr,
				 struct pci_reload_rate *rate)
{
	u16 sta = 0;

	pcie_capability_read_word(pr->port, PCI_EXP_LNKSTA, &sta);
	rate->speed = FIELD_GET(PCI_EXP_LNKSTA_CLS, sta);
	rate->width = FIELD_GET(PCI_EXP_LNKSTA_NLW, sta);
	pci_reload_read_best(pr, rate);
}

/**
 * pci_reload_read_link - what the port's link has now
 * @pr: a window, open or not
 * @link: speed and width, both 0 if the link is down or the port does not answer
 *
 * Context: may sleep.
 */
void pci_reload_read_link(struct pci_reload *pr, struct pci_reload_link *link)
{
	u16 sta = 0;

	memset(link, 0, sizeof(*link));
	if (!pci_reload_link_active(pr) ||
	    pcie_capability_read_word(pr->port, PCI_EXP_LNKSTA, &sta) ||
	    PCI_POSSIBLE_ERROR(sta))
		return;
	link->speed = FIELD_GET(PCI_EXP_LNKSTA_CLS, sta);
	link->width = FIELD_GET(PCI_EXP_LNKSTA_NLW, sta);
}
EXPORT_SYMBOL_GPL(pci_reload_read_link);

/**
 * pci_reload_remember_rate - note speed and width of the link
 * @pr: a window that is being opened, with functions below the port
 *
 * Context: may sleep.
 */
void pci_reload_remember_rate(struct pci_reload *pr)
{
	memset(&pr->rate, 0, sizeof(pr->rate));
	if (pci_reload_link_active(pr))
		pci_reload_read_rate(pr, &pr->rate);
}

/* The old link had @was of @was_best at most; what to expect where @best is the most. */
static unsigned int pci_reload_expected(unsigned int best, unsigned int was,
					unsigned int was_best)
{
	return was && was < was_best ? min(best, was) : best;
}

/* Target Link Speed is there (PCIe r6.0, sec 7.5.3: capability version 2). */
static bool pci_reload_has_target(struct pci_dev *port)
{
	return (pcie_caps_reg(port) & PCI_EXP_FLAGS_VERS) > 1;
}

static void pci_reload_set_target(struct pci_reload *pr, u16 target)
{
	pcie_capability_clear_and_set_word(pr->port, PCI_EXP_LNKCTL2,
					   PCI_EXP_LNKCTL2_TLS, target);
}

/**
 * pci_reload_expect_link - begin to watch how the link is trained
 * @pr: an open window, whose link is about to come up
 *
 * Context: may sleep.
 */
void pci_reload_expect_link(struct pci_reload *pr)
{
	pr->unreliable = 0;
	if (!pci_reload_reports_active(pr->port) || pci_reload_link_active(pr) ||
	    !pci_reload_port_lock(pr))
		return;
	/* Link Bandwidth Management Status is RW1C: clear what the old link left in it. */
	pcie_capability_write_word(pr->port, PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_LBMS);
	pci_reload_port_unlock(pr);
}

/* The ends try, and give up, again and again. */
static bool pci_reload_is_unreliable(u16 status)
{
	return !PCI_POSSIBLE_ERROR(status) && status & PCI_EXP_LNKSTA_LBMS &&
	       !(status & PCI_EXP_LNKSTA_DLLLA);
}

/**
 * pci_reload_limit_speed - limit a port whose link does not come up otherwise
 * @pr: a window, of which pci_reload_expect_link() was called
 * @status: Link Status of a port that reports an active link; 0 for another
 * @last: it is now or never
 *
 * There are ports and cards that come to terms at 2.5 GT/s only. The kernel limits such
 * a port where it meets one (pcie_failed_link_retrain()).
 *
 * Context: may sleep.
 *
 * Return: true if the link is being trained at 2.5 GT/s from now on, for which it has
 * another second; false if it was before, or that is not what is wrong.
 */
bool pci_reload_limit_speed(struct pci_reload *pr, u16 status, bool last)
{
	u16 ctl2 = 0;

	if (pr->speed_limited || !pci_reload_has_target(pr->port) ||
	    !pci_reload_is_unreliable(status))
		return false;
	if (!pr->unreliable)
		pr->unreliable = ktime_get();
	if (!last && ktime_ms_delta(ktime_get(), pr->unreliable) < PCI_RELOAD_TRAIN_MS)
		return false;
	if (!pci_reload_port_lock(pr))
		return false;
	pcie_capability_read_word(pr->port, PCI_EXP_LNKCTL2, &ctl2);
	pr->target = ctl2 & PCI_EXP_LNKCTL2_TLS;
	pr->speed_limited = pr->target > PCI_EXP_LNKCTL2_TLS_2_5GT;
	if (pr->speed_limited) {
		pci_warn(pr->port, "the link does not come up, trying 2.5 GT/s\n");
		pci_reload_set_target(pr, PCI_EXP_LNKCTL2_TLS_2_5GT);
		pcie_capability_set_word(pr->port, PCI_EXP_LNKCTL,
					 PCI_EXP_LNKCTL_RL);
	}
	pci_reload_port_unlock(pr);
	return pr->speed_limited;
}

/**
 * pci_reload_lift_speed_limit - undo pci_reload_limit_speed()
 * @pr: an open window
 *
 * For the next time that the link is trained: another image may do better.
 *
 * Context: may sleep.
 */
void pci_reload_lift_speed_limit(struct pci_reload *pr)
{
	if (!pr->speed_limited || !pci_reload_port_lock(pr))
		return;
	pci_reload_set_target(pr, pr->target);
	pr->speed_limited = false;
	pci_reload_port_unlock(pr);
}

/**
 * pci_reload_check_rate - whether the link has what is to be expected
 * @pr: the window, below which was scanned
 *
 * That is what both ends can have. A slot that is wired for less had less before as
 * well, and an image that can do with less gets less.
 *
 * Context: may sleep. The rescan lock is held.
 */
void pci_reload_check_rate(struct pci_reload *pr)
{
	const struct pci_reload_rate *was = &pr->rate;
	struct pci_reload_rate now = {};
	unsigned int speed, width;

	pci_reload_read_rate(pr, &now);
	if (!now.speed || !now.width)
		return;
	/* As pcie_update_link_speed() does, for those who ask the bus. */
	pr->bus->cur_bus_speed = PCIE_SPEED_2_5GT + now.speed - 1;

	speed = pci_reload_expected(now.best_speed, was->speed, was->best_speed);
	width = pci_reload_expected(now.best_width, was->width, was->best_width);
	if (pr->speed_limited)
		pci_reload_degrade(pr, "its link came up at 2.5 GT/s only, until the next load");
	else if (now.speed < speed || now.width < width)
		pci_reload_degrade(pr, "its link has %s x%u, where %s x%u is possible",
				   pci_reload_speed_name(now.speed), now.width,
				   pci_reload_speed_name(speed), width);
}
