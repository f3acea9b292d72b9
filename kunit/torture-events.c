// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens in a random walk.
 */

#include <linux/fpga/fpga-card.h>
#include <linux/fs.h>
#include <linux/pci.h>

#include "torture.h"

static const char * const torture_fault_names[] = {
	[TORTURE_NO_FAULT] = "no fault",
	[TORTURE_STUCK] = "stuck",
	[TORTURE_IGNORE_DISABLE] = "ignores Link Disable",
	[TORTURE_BAD_HEADER] = "bad headers",
	[TORTURE_REJECT] = "rejects the trigger",
	[TORTURE_BUSY] = "busy",
	[TORTURE_WRONG_IMAGE] = "wrong image",
	[TORTURE_RETRY] = "retry status",
	[TORTURE_TRANSIENT] = "transient IDs",
	[TORTURE_LATE] = "begins late",
	[TORTURE_FLAP] = "loses its link",
	[TORTURE_IGNORE_RESET] = "port ignores resets",
	[TORTURE_FORGET] = "port forgets registers",
	[TORTURE_SLOW_LINK] = "slow link",
};

const char *torture_fault_name(enum torture_fault fault)
{
	return torture_fault_names[fault];
}

void torture_set_fault(struct pcie_card_sim_faults *faults,
		       enum torture_fault fault, struct rnd_state *rnd,
		       const char *image)
{
	u32 r = prandom_u32_state(rnd);

	switch (fault) {
	case TORTURE_STUCK:
		faults->never_return = true;
		faults->cure = r % (PCIE_CARD_SIM_CURE_RETRAIN + 1);
		break;
	case TORTURE_IGNORE_DISABLE:
		faults->ignore_disable = true;
		break;
	case TORTURE_BAD_HEADER:
		faults->bad_header = true;
		break;
	case TORTURE_REJECT:
		faults->reject_trigger = true;
		break;
	case TORTURE_BUSY:
		faults->busy = true;
		break;
	case TORTURE_WRONG_IMAGE:
		strscpy(faults->wrong_image,
			r & 1 ? FIXTURE_FACTORY : FIXTURE_WIDE,
			sizeof(faults->wrong_image));
		break;
	case TORTURE_RETRY:
		faults->rrs_ms = r & 1 ? 100 : 700;
		break;
	case TORTURE_TRANSIENT:
		faults->transient_ms = 50 + r % 500;
		faults->transient_vendor = r & 0x1000 ? 0 : 0xffff;
		faults->transient_device = r & 0x2000 ? 0 : 0xffff;
		break;
	case TORTURE_LATE:
		faults->trigger_delay_ms = 20 + r % 400;
		break;
	case TORTURE_FLAP:
		faults->lose_link_ms = 10 + r % 400;
		break;
	case TORTURE_IGNORE_RESET:
		faults->ignore_reset = true;
		break;
	case TORTURE_FORGET:
		faults->forget_port = r & 1;
		faults->forget_card = !(r & 1) || r & 2;
		break;
	case TORTURE_SLOW_LINK:
		faults->train_slow = r & 2;
		faults->degraded_speed = faults->train_slow ? 0 : 2500;
		faults->degraded_width = r & 1 ? 1 : 4;
		break;
	default:
		break;
	}
}

/* Whether one of the means that there are would help. */
bool torture_can_be_saved(const struct pcie_card_sim_faults *faults,
			  const struct pcie_card_sim_port *port)
{
	if (faults->bad_header)
		return false;
	/* There is no telling that it tries. */
	if (faults->train_slow && !port->link_active_reporting)
		return false;
	if (!faults->never_return)
		return true;
	switch (faults->cure) {
	case PCIE_CARD_SIM_CURE_RETRAIN:
		return true;
	case PCIE_CARD_SIM_CURE_RESET:
		return port->power_control || !faults->ignore_reset;
	default:
		return port->power_control;
	}
}

/* Whether the card's link may go once more when the load is over. */
bool torture_link_may_go(const struct pcie_card_sim_faults *faults)
{
	return faults->lose_link_ms || faults->trigger_delay_ms;
}

/* For whoever does something: a function of the card, or NULL. */
static struct pci_dev *torture_function(struct torture_stranger *stranger)
{
	struct pci_dev *port = pcie_card_sim_port_dev(stranger->fx->sim, 0);
	struct pci_dev *pdev = NULL;

	if (port)
		pdev = pci_get_slot(port->subordinate,
				    PCI_DEVFN(0, stranger->pick % 3));
	pci_dev_put(port);
	return pdev;
}

/* As a write to the "rescan" of the PCI bus does. */
static void torture_rescan(struct fixture *fx)
{
	struct pci_bus *bus = fixture_port(fx, 0)->bus;

	while (!pci_is_root_bus(bus))
		bus = bus->parent;
	pci_lock_rescan_remove();
	pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
}

/* What is missing comes back, and has its driver. */
void torture_help(struct fixture *fx)
{
	struct pci_dev *pdev;

	torture_rescan(fx);
	pdev = fixture_function(fx, 0, 0);
	if (pdev && !pdev->dev.driver && device_attach(&pdev->dev) < 0)
		pci_dbg(pdev, "no driver binds\n");
	pci_dev_put(pdev);
}

static void torture_do_rescan(struct torture_stranger *stranger)
{
	torture_rescan(stranger->fx);
}

static void torture_do_remove(struct torture_stranger *stranger)
{
	struct pci_dev *pdev = torture_function(stranger);

	if (pdev)
		pci_stop_and_remove_bus_device_locked(pdev);
	pci_dev_put(pdev);
}

/* By the file in sysfs, where there is one: not built in, before that is mounted. */
static void torture_do_vfs(struct torture_stranger *stranger)
{
	struct pci_dev *pdev = torture_function(stranger);
	struct file *file = ERR_PTR(-ENODEV);
	char text[64];
	loff_t pos = 0;

	if (pdev) {
		snprintf(text, sizeof(text), "/sys/bus/pci/devices/%s/sriov_numvfs",
			 pci_name(pdev));
		file = filp_open(text, O_WRONLY, 0);
	}
	if (!IS_ERR(file)) {
		snprintf(text, sizeof(text), "%u",
			 pci_num_vf(pdev) ? 0 : 1 + stranger->pick % 4);
		if (kernel_write(file, text, strlen(text), &pos) < 0)
			pci_dbg(pdev, "its VFs were not set\n");
		filp_close(file, NULL);
	}
	pci_dev_put(pdev);
}

static void torture_do_reset(struct torture_stranger *stranger)
{
	struct pci_dev *pdev = torture_function(stranger);

	if (pdev && device_is_registered(&pdev->dev))
		pci_reset_function(pdev);
	pci_dev_put(pdev);
}

static void torture_do_unbind(struct torture_stranger *stranger)
{
	struct pci_dev *pdev = torture_function(stranger);

	if (pdev)
		device_release_driver(&pdev->dev);
	pci_dev_put(pdev);
}

static void torture_do_bind(struct torture_stranger *stranger)
{
	struct pci_dev *pdev = torture_function(stranger);

	if (pdev && device_is_registered(&pdev->dev) &&
	    device_attach(&pdev->dev) < 0)
		pci_dbg(pdev, "no driver binds\n");
	pci_dev_put(pdev);
}

static void torture_do_settings(struct torture_stranger *stranger)
{
	struct fpga_card *card = stranger->card;

	mutex_lock(&card->lock);
	card->quiesce = stranger->pick & 1 ? PCI_RELOAD_QUIESCE_RESET :
					     PCI_RELOAD_QUIESCE_NONE;
	card->restore = stranger->pick & 2;
	card->force = stranger->pick & 4;
	mutex_unlock(&card->lock);
}

static void torture_do_load(struct torture_stranger *stranger)
{
	stranger->loaded = !fpga_card_load(stranger->card, FIXTURE_FACTORY);
}

static void torture_do_cancel(struct torture_stranger *stranger)
{
	struct fpga_card *card = stranger->card;

	mutex_lock(&card->lock);
	if (card->request)
		WRITE_ONCE(card->request->cancel, true);
	mutex_unlock(&card->lock);
}

static void torture_do_error(struct torture_stranger *stranger)
{
	/* Receiver Error */
	pcie_card_sim_port_correctable(stranger->fx->sim, 0, 1);
}

static void torture_do_drop(struct torture_stranger *stranger)
{
	pcie_card_sim_drop_link(stranger->fx->sim, 0);
}

static void torture_do_nothing(struct torture_stranger *stranger)
{
}

/**
 * struct torture_deed - what a stranger can do
 * @name: for people
 * @act: does it; may sleep
 * @takes: see &struct torture_stranger
 * @disturbs: likewise
 */
struct torture_deed {
	const char *name;
	void (*act)(struct torture_stranger *stranger);
	bool takes;
	bool disturbs;
};

static const struct torture_deed torture_deeds[] = {
	{ "nobody", torture_do_nothing },
	{ "rescan", torture_do_rescan, .disturbs = true },
	{ "remove", torture_do_remove, .takes = true },
	{ "sriov_numvfs", torture_do_vfs, .disturbs = true },
	/* A function that is reset before it has its addresses gets none. */
	{ "reset", torture_do_reset, .takes = true, .disturbs = true },
	{ "unbind", torture_do_unbind, .takes = true },
	{ "bind", torture_do_bind },
	{ "settings", torture_do_settings },
	{ "another load", torture_do_load, .takes = true },
	{ "cancel", torture_do_cancel },
	{ "correctable error", torture_do_error, .disturbs = true },
	{ "link drop", torture_do_drop, .takes = true, .disturbs = true },
};

/* From TORTURE_DOWN on the link is down, or comes up. */
static const char * const torture_states[] = {
	"preflight", "opening", "removing", "triggering", "link-down",
	"removing-reserved", "loading", "settling", "enumerating", "verifying",
	"closing", "recovering",
};

#define TORTURE_DOWN	6

const char *torture_stranger_name(const struct torture_stranger *stranger)
{
	return torture_deeds[stranger->what].name;
}

static void torture_stranger_work(struct work_struct *work)
{
	struct torture_stranger *stranger =
		container_of(work, struct torture_stranger, work);

	torture_deeds[stranger->what].act(stranger);
}

static void torture_stranger_comes(struct outcome_moment *moment)
{
	struct torture_stranger *stranger =
		container_of(moment, struct torture_stranger, moment);

	queue_work(system_unbound_wq, &stranger->work);
}

/*
 * A rescan that meets a link that goes reads all ones, and takes that for VFs: the PCI
 * core warns of it (pci_iov_update_resource()), which would be a failure here.
 */
void torture_stranger_start(struct torture_stranger *stranger, struct fixture *fx,
			    struct fpga_card *card,
			    const struct pcie_card_sim_faults *faults,
			    struct rnd_state *rnd)
{
	u32 r = prandom_u32_state(rnd);
	unsigned int state;

	stranger->fx = fx;
	stranger->card = card;
	stranger->pick = r >> 8;
	/* In every other load there is none. */
	stranger->what = r & 1 ? prandom_u32_state(rnd) % ARRAY_SIZE(torture_deeds) :
				 0;
	state = prandom_u32_state(rnd) % ARRAY_SIZE(torture_states);
	if (torture_deeds[stranger->what].act == torture_do_rescan &&
	    (state < TORTURE_DOWN || torture_link_may_go(faults)))
		stranger->what = 0;
	stranger->takes = torture_deeds[stranger->what].takes;
	stranger->disturbs = torture_deeds[stranger->what].disturbs;
	stranger->loaded = false;
	stranger->state = torture_states[state];
	INIT_WORK(&stranger->work, torture_stranger_work);
	stranger->moment = (struct outcome_moment) {
		.fx = fx,
		.state = stranger->state,
		.act = torture_stranger_comes,
	};
	outcome_moment_start(&stranger->moment);
}

/* What has begun is over when this returns. */
void torture_stranger_stop(struct torture_stranger *stranger)
{
	outcome_moment_stop(&stranger->moment);
	flush_work(&stranger->work);
}
