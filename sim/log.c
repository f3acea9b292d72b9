// SPDX-License-Identifier: GPL-2.0-only
/* Record of what happened on a host: a ring in memory, read through debugfs. */

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"

static const char * const pcsim_whats[] = {
	[PCIE_CARD_SIM_CFG_WRITE]	= "cfg-write",
	[PCIE_CARD_SIM_LINK_UP]		= "link-up",
	[PCIE_CARD_SIM_LINK_DOWN]	= "link-down",
	[PCIE_CARD_SIM_LINK_RATE]	= "link-rate",
	[PCIE_CARD_SIM_SLOT_EVENT]	= "slot-event",
	[PCIE_CARD_SIM_IRQ]		= "irq",
	[PCIE_CARD_SIM_DRS]		= "drs",
	[PCIE_CARD_SIM_FIRST_REQUEST]	= "first-request",
	[PCIE_CARD_SIM_EARLY_REQUEST]	= "early-request",
	[PCIE_CARD_SIM_TRIGGER]		= "trigger",
	[PCIE_CARD_SIM_IMAGE]		= "image",
	[PCIE_CARD_SIM_RESET_FLR]	= "reset-flr",
	[PCIE_CARD_SIM_RESET_AF]	= "reset-af",
	[PCIE_CARD_SIM_RESET_PM]	= "reset-pm",
	[PCIE_CARD_SIM_RESET_BUS]	= "reset-bus",
	[PCIE_CARD_SIM_ERROR]		= "error",
	[PCIE_CARD_SIM_SYSTEM_ERROR]	= "system-error",
	[PCIE_CARD_SIM_CORRECTABLE]	= "correctable",
	[PCIE_CARD_SIM_RP_PIO]		= "rp-pio",
	[PCIE_CARD_SIM_SLOT_BUSY]	= "slot-busy",
	[PCIE_CARD_SIM_DPC_BUSY]	= "dpc-busy",
	[PCIE_CARD_SIM_DEV_ADD]		= "dev-add",
	[PCIE_CARD_SIM_DEV_BIND]	= "dev-bind",
	[PCIE_CARD_SIM_DEV_UNBIND]	= "dev-unbind",
	[PCIE_CARD_SIM_DEV_DEL]		= "dev-del",
};

static_assert(ARRAY_SIZE(pcsim_whats) == PCIE_CARD_SIM_WHATS);

/**
 * pcie_card_sim_what_str() - name of a kind of event, as debugfs shows it
 * @what: the kind
 *
 * Return: the name.
 */
const char *pcie_card_sim_what_str(enum pcie_card_sim_what what)
{
	return what < PCIE_CARD_SIM_WHATS ? pcsim_whats[what] : "?";
}
EXPORT_SYMBOL_GPL(pcie_card_sim_what_str);

static struct dentry *pcsim_debugfs;

/* How often, on all hosts so far, a look at a log missed events. */
static atomic_t pcsim_log_misses = ATOMIC_INIT(0);

/* Events are logged in any context, also with a lock of the caller's held. */
void pcsim_log(struct pcie_card_sim *sim,
	       const struct pcie_card_sim_event *event)
{
	struct pcie_card_sim_event *slot;

	lockdep_assert_held(&sim->lock);

	slot = &sim->log[sim->log_seq % sim->log_size];
	*slot = *event;
	slot->seq = sim->log_seq++;
	slot->usec = ktime_us_delta(ktime_get(), sim->start);
	if (sim->log_seq - sim->log_first > sim->log_size)
		sim->log_first = sim->log_seq - sim->log_size;
}

static void pcsim_log_at(struct pcsim_port *port, enum pcie_card_sim_what what,
			 u32 value, const char *name)
{
	struct pcie_card_sim_event event = {
		.what = what,
		.port = port->index,
		.bus = pcsim_port_bus(port),
		.devfn = pcsim_port_devfn(port),
		.value = value,
	};

	if (name)
		strscpy(event.name, name, sizeof(event.name));
	pcsim_log(port->sim, &event);
}

void pcsim_log_port(struct pcsim_port *port, enum pcie_card_sim_what what,
		    u32 value)
{
	pcsim_log_at(port, what, value, NULL);
}

void pcsim_log_name(struct pcsim_port *port, enum pcie_card_sim_what what,
		    const char *name)
{
	pcsim_log_at(port, what, 0, name);
}

static u8 pcsim_fn_bus(const struct pcsim_fn *fn)
{
	const struct pcsim_card *card = fn->port->card;

	if (card->sw)
		return card->sw->legs[fn->pf->leg]->fn.val[PCI_SECONDARY_BUS];

	return fn->port->fn.val[PCI_SECONDARY_BUS];
}

void pcsim_log_fn(struct pcsim_fn *fn, enum pcie_card_sim_what what)
{
	const struct pcsim_pf *pf = fn->pf;
	u16 id = PCI_DEVID(pcsim_fn_bus(fn), pf->number);
	struct pcie_card_sim_event event = {
		.what = what,
		.port = fn->port->index,
	};

	if (fn->kind == PCSIM_VF)
		id += pcsim_get16(&pf->fn,
				  pf->lay.sriov + PCI_SRIOV_VF_OFFSET) +
		      (fn - pf->vfs);
	event.bus = id >> 8;
	event.devfn = id & 0xff;
	pcsim_log(fn->port->sim, &event);
}

/*
 * From where on a look at the log goes that is to begin at @seq. What was cleared
 * nobody wants; what was overwritten is missed, and "no such event" is no answer
 * then.
 */
static u64 pcsim_log_from(struct pcie_card_sim *sim, u64 seq)
{
	seq = max(seq, sim->log_cleared);
	if (seq >= sim->log_first)
		return seq;
	sim->log_missed = true;
	atomic_inc(&pcsim_log_misses);
	return sim->log_first;
}

/* The next event that matches, from @seq on; advances @seq beyond it. */
static bool pcsim_log_next(struct pcie_card_sim *sim,
			   const struct pcie_card_sim_match *match, u64 *seq,
			   struct pcie_card_sim_event *event)
{
	const struct pcie_card_sim_event *slot;

	guard(pcsim)(sim);

	*seq = pcsim_log_from(sim, *seq);
	while (*seq < sim->log_seq) {
		slot = &sim->log[(*seq)++ % sim->log_size];
		if (match->what && !(match->what & BIT(slot->what)))
			continue;
		if (match->port >= 0 && match->port != slot->port)
			continue;
		if (match->name && strcmp(match->name, slot->name))
			continue;
		if (match->reg >= 0 &&
		    (slot->what != PCIE_CARD_SIM_CFG_WRITE ||
		     match->reg < slot->reg ||
		     match->reg >= slot->reg + slot->size))
			continue;
		if (match->devfn >= 0 && match->devfn != slot->devfn)
			continue;

		*event = *slot;
		return true;
	}

	return false;
}

/**
 * pcie_card_sim_log_find() - find the first event that matches
 * @sim: the host
 * @match: what to look for
 * @event: where to put it
 *
 * Return: true if there is one.
 */
bool pcie_card_sim_log_find(struct pcie_card_sim *sim,
			    const struct pcie_card_sim_match *match,
			    struct pcie_card_sim_event *event)
{
	u64 seq = match->from_seq;

	return pcsim_log_next(sim, match, &seq, event);
}
EXPORT_SYMBOL_GPL(pcie_card_sim_log_find);

/**
 * pcie_card_sim_log_count() - count the events that match
 * @sim: the host
 * @match: what to look for
 *
 * Return: how many there are.
 */
unsigned int pcie_card_sim_log_count(struct pcie_card_sim *sim,
				     const struct pcie_card_sim_match *match)
{
	struct pcie_card_sim_event event;
	u64 seq = match->from_seq;
	unsigned int n = 0;

	while (pcsim_log_next(sim, match, &seq, &event))
		n++;

	return n;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_log_count);

static const struct pcie_card_sim_match pcsim_match_all = {
	.port = -1,
	.reg = -1,
	.devfn = -1,
};

/**
 * pcie_card_sim_log_clear() - forget all events so far
 * @sim: the host
 */
void pcie_card_sim_log_clear(struct pcie_card_sim *sim)
{
	guard(pcsim)(sim);

	sim->log_first = sim->log_seq;
	sim->log_cleared = sim->log_seq;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_log_clear);

/**
 * pcie_card_sim_log_seq() - number that the next event will have
 * @sim: the host
 *
 * Return: the number.
 */
u64 pcie_card_sim_log_seq(struct pcie_card_sim *sim)
{
	guard(pcsim)(sim);

	return sim->log_seq;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_log_seq);

/**
 * pcie_card_sim_log_missed() - did a look at the log miss events?
 * @sim: the host
 *
 * The log is a ring, and whoever looked for events from before the oldest one that
 * is left, of which none were cleared, was not told the truth.
 *
 * Return: true if that has happened since the host was created.
 */
bool pcie_card_sim_log_missed(struct pcie_card_sim *sim)
{
	guard(pcsim)(sim);

	return sim->log_missed;
}
EXPORT_SYMBOL_GPL(pcie_card_sim_log_missed);

static void pcsim_log_print(struct seq_file *m,
			    const struct pcie_card_sim_event *event)
{
	seq_printf(m, "%llu %s port=%u %02x:%02x.%u", event->usec,
		   pcie_card_sim_what_str(event->what), event->port, event->bus,
		   PCI_SLOT(event->devfn), PCI_FUNC(event->devfn));
	if (event->what == PCIE_CARD_SIM_CFG_WRITE)
		seq_printf(m, " reg=0x%03x size=%u", event->reg, event->size);
	if (event->name[0])
		seq_printf(m, " %s\n", event->name);
	else
		seq_printf(m, " value=0x%x\n", event->value);
}

static int pcsim_log_show(struct seq_file *m, void *unused)
{
	struct pcie_card_sim *sim = m->private;
	struct pcie_card_sim_event event;
	u64 seq = 0;

	while (pcsim_log_next(sim, &pcsim_match_all, &seq, &event))
		pcsim_log_print(m, &event);

	return 0;
}

static int pcsim_log_open(struct inode *inode, struct file *file)
{
	struct pcie_card_sim *sim = inode->i_private;

	/* Room for all of it, so that it is written only once. */
	return single_open_size(file, pcsim_log_show, sim,
				PAGE_ALIGN((size_t)sim->log_size * 80));
}

static ssize_t pcsim_log_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	struct seq_file *m = file->private_data;

	pcie_card_sim_log_clear(m->private);

	return count;
}

static const struct file_operations pcsim_log_fops = {
	.owner = THIS_MODULE,
	.open = pcsim_log_open,
	.read = seq_read,
	.write = pcsim_log_write,
	.llseek = seq_lseek,
	.release = single_release,
};

int pcsim_log_init(struct pcie_card_sim *sim, unsigned int size)
{
	sim->log_size = size ?: PCIE_CARD_SIM_LOG_SIZE;
	sim->log = kvcalloc(sim->log_size, sizeof(*sim->log), GFP_KERNEL);

	return sim->log ? 0 : -ENOMEM;
}

void pcsim_log_exit(struct pcie_card_sim *sim)
{
	kvfree(sim->log);
}

/* For all hosts: it outlives them. */
void pcsim_log_module_init(void)
{
	pcsim_debugfs = debugfs_create_dir("pcie-card-sim", NULL);
	debugfs_create_atomic_t("log_misses", 0600, pcsim_debugfs,
				&pcsim_log_misses);
}

void pcsim_log_module_exit(void)
{
	debugfs_remove_recursive(pcsim_debugfs);
}

void pcsim_log_debugfs(struct pcie_card_sim *sim)
{
	sim->debugfs = debugfs_create_dir(sim->name, pcsim_debugfs);
	debugfs_create_file("log", 0600, sim->debugfs, sim, &pcsim_log_fops);
}
