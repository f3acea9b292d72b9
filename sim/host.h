/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hosts: what their ports and cards have in common, and what the kernel sees of them.
 */
#ifndef _PCSIM_HOST_H
#define _PCSIM_HOST_H

#include <linux/cleanup.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>

#include "compat/msi.h"
#include "compat/pci-host.h"
#include "card.h"
#include "intel/m10bmc.h"

/* Granularity of the memory windows of bridges (PCIe r6.0, sec 7.5.1.3.8) */
#define PCSIM_WINDOW_ALIGN	SZ_1M

/* That of their I/O windows (PCIe r6.0, sec 7.5.1.3.6) */
#define PCSIM_IO_ALIGN		SZ_4K

/**
 * struct pcsim_upper_ops - what the floors above do for ports, functions and cards
 * @contained: DPC of a port keeps its link down from here on
 * @power_on: a card gets power, and its management controllers do
 * @dropped: the old image of a card is gone
 * @bmc_read: read from a function's mailbox, or what is behind it
 * @bmc_write: write there; false if it was not for the mailbox
 * @command: the Command register of a function with memory of its own behind BAR 0 was
 *	written; it was @old
 *
 * Called with the host's lock.
 */
struct pcsim_upper_ops {
	void (*contained)(struct pcsim_port *port);
	void (*power_on)(struct pcsim_card *card);
	void (*dropped)(struct pcsim_card *card);
	u32 (*bmc_read)(struct pcsim_fn *fn, unsigned int reg,
			unsigned int size);
	bool (*bmc_write)(struct pcsim_fn *fn, unsigned int reg,
			  unsigned int size, u32 val);
	void (*command)(struct pcsim_pf *pf, u16 old);
};

/**
 * struct pcie_card_sim - a simulated host
 * @sysdata: the host as the architecture's PCI code sees it
 * @bridge: the host bridge
 * @parent: device that the bridge is below
 * @of_node: node of the device tree that describes the host; NULL for none
 * @msi: domains of message-signalled interrupts, if a port wants these
 * @upper: what is above ports, functions and cards
 * @name: name in debugfs
 * @lock: all that configuration accesses touch; taken in interrupts
 * @quiet: no more interrupts, the host is about to be removed
 * @gone: the host is removed, nothing answers any more
 * @busn: bus numbers
 * @mem: memory window
 * @mem_virt: where @mem is mapped; NULL if there is no memory behind it
 * @mem_offset: CPU address less bus address
 * @has_io: the host and its bridges have I/O space
 * @io: I/O window; without a size if there is none
 * @io_offset: port number less bus address
 * @ports: the ports above cards
 * @n_ports: number of elements of @ports
 * @all: these, and the root ports above switches
 * @n_all: number of elements of @all
 * @switches: switches of the host by number less one; NULL for none
 * @poll_node: in the list of hosts whose memory is looked at
 * @log: ring of events
 * @log_size: number of elements of @log
 * @log_seq: number of the next event
 * @log_first: number of the oldest event that is there and was not cleared
 * @log_cleared: number of the first event that was not cleared
 * @log_missed: somebody looked for events from before @log_first
 * @start: when the host was created
 * @debugfs: directory of the host
 */
struct pcie_card_sim {
	struct pci_compat_host sysdata;
	struct pci_host_bridge *bridge;
	struct device *parent;
	struct device_node *of_node;
	struct msi_compat msi;
	const struct pcsim_upper_ops *upper;
	char *name;

	raw_spinlock_t lock;
	bool quiet;
	bool gone;

	struct resource busn;
	struct resource mem;
	void __iomem *mem_virt;
	u64 mem_offset;
	bool has_io;
	struct resource io;
	u64 io_offset;

	struct pcsim_port *ports[PCIE_CARD_SIM_PORTS];
	unsigned int n_ports;
	struct pcsim_port *all[PCIE_CARD_SIM_PORTS + PCIE_CARD_SIM_SWITCHES];
	unsigned int n_all;
	struct pcsim_host_switch *switches[PCIE_CARD_SIM_SWITCHES];
	struct list_head poll_node;

	struct pcie_card_sim_event *log;
	unsigned int log_size;
	u64 log_seq;
	u64 log_first;
	u64 log_cleared;
	bool log_missed;
	ktime_t start;
	struct dentry *debugfs;
};

/*
 * The context stays balanced for sparse, which does not know of cleanups at
 * the end of a scope.
 */
static inline unsigned long pcsim_lock(struct pcie_card_sim *sim)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sim->lock, flags);
	__release(&sim->lock);

	return flags;
}

static inline void pcsim_unlock(struct pcie_card_sim *sim, unsigned long flags)
{
	__acquire(&sim->lock);
	raw_spin_unlock_irqrestore(&sim->lock, flags);
}

/* guard(pcsim)(sim) takes the lock of a host. */
DEFINE_LOCK_GUARD_1(pcsim, struct pcie_card_sim,
		    _T->flags = pcsim_lock(_T->lock),
		    pcsim_unlock(_T->lock, _T->flags),
		    unsigned long flags)

extern struct pci_ops pcsim_pci_ops;

/* log.c: record of what happened */
void pcsim_log_module_init(void);
void pcsim_log_module_exit(void);
int pcsim_log_init(struct pcie_card_sim *sim, unsigned int size);
void pcsim_log_exit(struct pcie_card_sim *sim);
void pcsim_log_debugfs(struct pcie_card_sim *sim);
void pcsim_log(struct pcie_card_sim *sim,
	       const struct pcie_card_sim_event *event);
void pcsim_log_port(struct pcsim_port *port, enum pcie_card_sim_what what,
		    u32 value);
void pcsim_log_name(struct pcsim_port *port, enum pcie_card_sim_what what,
		    const char *name);
void pcsim_log_fn(struct pcsim_fn *fn, enum pcie_card_sim_what what);

/* mem.c: memory behind the BARs */
int pcsim_mem_module_init(void);
void pcsim_mem_module_exit(void);
int pcsim_mem_init(struct pcie_card_sim *sim, u64 size);
void pcsim_mem_exit(struct pcie_card_sim *sim);
void pcsim_mem_follow(struct pcsim_port *port, bool up);
void __iomem *pcsim_pf_bar0(struct pcsim_pf *pf);
void __iomem *pcsim_pf_memory(struct pcsim_pf *pf);

/* io.c: I/O space of hosts */
int pcsim_io_init(struct pcie_card_sim *sim, u32 size);
void pcsim_io_exit(struct pcie_card_sim *sim);

/* notify.c: what the kernel does with the devices */
int pcsim_notify_init(void);
void pcsim_notify_exit(void);

/* poll.c: looking at the memory behind BARs */
void pcsim_poll_add(struct pcie_card_sim *sim);
void pcsim_poll_del(struct pcie_card_sim *sim);
void pcsim_poll_init(void);

/* configfs.c */
int pcsim_configfs_init(void);
void pcsim_configfs_exit(void);

#endif /* _PCSIM_HOST_H */
