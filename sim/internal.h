/* SPDX-License-Identifier: GPL-2.0-only */
/* Simulated PCIe hosts: what the files of the simulator share. */
#ifndef _PCSIM_H
#define _PCSIM_H

#include <linux/cleanup.h>
#include <linux/ioport.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "compat/msi.h"
#include "compat/pci-host.h"
#include "intel/m10bmc.h"
#include "pcie-card-sim.h"

#define PCSIM_CFG_SIZE		PCI_CFG_SPACE_EXP_SIZE

/*
 * First device numbers on the root bus: of root ports above switches of the
 * host, and of the others
 */
#define PCSIM_TOP_SLOT		0x0c
#define PCSIM_ROOT_SLOT		0x10

/* Request of a root port got Unsupported Request, in RP PIO Status */
#define PCSIM_RP_PIO_CFG_UR	BIT(0)

/* Start of every file that is staged: names an image of the card. */
#define PCSIM_STAGE_PREFIX	"image="

/* Granularity of the memory windows of bridges (PCIe r6.0, sec 7.5.1.3.8) */
#define PCSIM_WINDOW_ALIGN	SZ_1M

/* That of their I/O windows (PCIe r6.0, sec 7.5.1.3.6) */
#define PCSIM_IO_ALIGN		SZ_4K

struct pcie_card_sim;
struct pcsim_card;
struct pcsim_fn;
struct pcsim_host_switch;
struct pcsim_pf;
struct pcsim_port;

/**
 * struct pcsim_below_ops - what is at the far end of a port's link
 * @up: the link came up
 * @reset: it went down, for this reason, which resets what is there
 * @power: the slot has switched the power; cards only
 * @cure: something begins, or ends, that may help a card; cards only
 *
 * Called with the host's lock.
 */
struct pcsim_below_ops {
	void (*up)(struct pcsim_port *port);
	void (*reset)(struct pcsim_port *port, enum pcie_card_sim_reason why);
	void (*power)(struct pcsim_port *port, bool on);
	void (*cure)(struct pcsim_port *port, enum pcie_card_sim_cure cure,
		     bool begin);
};

/**
 * struct pcsim_upper_ops - what the floors above do for ports, functions and cards
 * @contained: DPC of a port keeps its link down from here on
 * @power_on: a card gets power, and its management controllers do
 * @dropped: the old image of a card is gone
 * @bmc_read: read from a function's mailbox, or what is behind it
 * @bmc_write: write there; false if it was not for the mailbox
 * @dfl_command: the Command register of a function with a feature list was written;
 *	it was @old
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
	void (*dfl_command)(struct pcsim_pf *pf, u16 old);
};

/**
 * struct pcsim_delay - work to be done later
 * @work: the work
 * @end: when the delay is over; under the host's lock
 */
struct pcsim_delay {
	struct delayed_work work;
	ktime_t end;
};

/* Most messages of a port */
#define PCSIM_MSI_MAX		4

/* Lanes of a port or card that does not say how many it has */
#define PCSIM_WIDTH		8

/**
 * struct pcsim_rate - how fast a link is, or can be
 * @speed: in the encoding of Link Capabilities and Link Status
 * @width: number of lanes
 */
struct pcsim_rate {
	u8 speed;
	u8 width;
};

/**
 * struct pcsim_layout - what the registers of a function are like
 * @reset: values after a reset
 * @rw: bits that software can write
 * @rw1c: bits that software clears by writing a one
 * @sticky: bits that keep their value over a reset other than a power cycle
 * @legacy_end: end of the capabilities below 0x100
 * @legacy_last: offset of the "next" pointer to fill in
 * @ext_end: end of the extended capabilities
 * @ext_last: offset of the last extended capability; 0 if there is none
 * @pm: offset of the Power Management capability, 0 if absent
 * @pcie: offset of the PCI Express capability
 * @msi: offset of the MSI capability, 0 if absent
 * @af: offset of the Advanced Features capability, 0 if absent
 * @aer: offset of the AER capability, 0 if absent
 * @dpc: offset of the DPC capability, 0 if absent
 * @rp_pio: @dpc has the extensions for root ports
 * @sriov: offset of the SR-IOV capability, 0 if absent
 * @marker: offset of the capability that all functions of cards have
 * @serial: offset of the Device Serial Number capability, 0 if absent
 * @before_serial: offset of the extended capability before that
 * @bmc: offset of the mailbox, 0 if absent
 */
struct pcsim_layout {
	u8 reset[PCSIM_CFG_SIZE];
	u8 rw[PCSIM_CFG_SIZE];
	u8 rw1c[PCSIM_CFG_SIZE];
	u8 sticky[PCSIM_CFG_SIZE];
	u16 legacy_end;
	u16 legacy_last;
	u16 ext_end;
	u16 ext_last;
	u16 pm;
	u16 pcie;
	u16 msi;
	u16 af;
	u16 aer;
	u16 dpc;
	bool rp_pio;
	u16 sriov;
	u16 marker;
	u16 serial;
	u16 before_serial;
	u16 bmc;
};

enum pcsim_kind {
	PCSIM_PORT,
	PCSIM_UPSTREAM,
	PCSIM_HOST_UPSTREAM,
	PCSIM_PF,
	PCSIM_VF,
};

/**
 * struct pcsim_fn - a function: its configuration space
 * @kind: what it is part of
 * @lay: its registers
 * @port: the port that it is (PCSIM_PORT), or the one that it is below, which
 *	is never a leg
 * @pf: the physical function that it is (PCSIM_PF) or belongs to (PCSIM_VF)
 * @val: values of the registers
 * @mastering: is a bus master, since @mastering_since
 * @mastering_since: see @mastering
 * @mastered: time for which it was a bus master before, since its reset
 *
 * All after @pf are under the host's lock.
 */
struct pcsim_fn {
	enum pcsim_kind kind;
	const struct pcsim_layout *lay;
	struct pcsim_port *port;
	struct pcsim_pf *pf;
	u8 val[PCSIM_CFG_SIZE];
	bool mastering;
	ktime_t mastering_since;
	ktime_t mastered;
};

/**
 * struct pcsim_pf - a physical function of an image
 * @fn: its configuration space
 * @lay: its registers
 * @cfg: its description
 * @leg: number of the switch leg
 * @number: function number
 * @vf_ari: first function number of the VFs if the hierarchy is ARI capable
 * @vf_plain: first function number, on the next bus, if it is not
 * @vf_lay: registers of the VFs
 * @vfs: the VFs
 */
struct pcsim_pf {
	struct pcsim_fn fn;
	struct pcsim_layout lay;
	struct pcie_card_sim_function cfg;
	u8 leg;
	u8 number;
	u8 vf_ari;
	u8 vf_plain;
	struct pcsim_layout *vf_lay;
	struct pcsim_fn *vfs;
};

/**
 * struct pcsim_image - an image of a card
 * @cfg: its description (without functions)
 * @pfs: its functions, ordered by leg and function number
 * @n_pfs: number of elements of @pfs
 */
struct pcsim_image {
	struct pcie_card_sim_image cfg;
	struct pcsim_pf *pfs[PCIE_CARD_SIM_FUNCTIONS];
	unsigned int n_pfs;
};

/**
 * enum pcsim_link - state of a link
 * @PCSIM_LINK_DOWN: nothing to train with, or not allowed to
 * @PCSIM_LINK_TRAINING: training
 * @PCSIM_LINK_UP: active
 */
enum pcsim_link {
	PCSIM_LINK_DOWN,
	PCSIM_LINK_TRAINING,
	PCSIM_LINK_UP,
};

/**
 * enum pcsim_role - where a port that faces downstream is
 * @PCSIM_ROOT: root port above a card
 * @PCSIM_TOP: root port above a switch of the host
 * @PCSIM_DOWN: downstream port of a switch of the host, above a card
 * @PCSIM_LEG: downstream port of a switch on a card
 */
enum pcsim_role {
	PCSIM_ROOT,
	PCSIM_TOP,
	PCSIM_DOWN,
	PCSIM_LEG,
};

/**
 * struct pcsim_port - a port that faces downstream
 * @sim: the host
 * @role: where it is
 * @card: the card below it, or that has this leg; NULL for PCSIM_TOP
 * @hsw: switch of the host that is below it (PCSIM_TOP), or that it is a port
 *	of (PCSIM_DOWN)
 * @below: the card or the switch of the host that is below it; NULL for a leg
 * @cfg: description of a port above a card
 * @index: number of the port; of a leg, that of the port above the card; of a
 *	port above a switch, that of the first port of the switch
 * @number: device number of a port of a switch, or of PCSIM_TOP
 * @fn: configuration space
 * @lay: its registers
 * @link: state of the link
 * @rate: what the ends agreed on when it was trained last
 * @disable: ends the time for which the link outlives that Link Disable was set
 * @disabling: that time has not ended
 * @train: ends the training; its work also sees to the memory
 * @command: ends the command of the slot that is under way
 * @commanded: a command is under way
 * @slot_control: what was in Slot Control after the last one
 * @rp_busy: ends DPC RP Busy
 * @pending: interrupt conditions that hold, see pcsim_irq_update()
 * @irq: legacy interrupt; negative for a leg
 * @asserted: @irq_work is to raise @irq
 * @messages: messages that @irq_work is to deliver, by number
 * @msi_data: data of the port's first message, as the host wants it
 * @irq_work: raises interrupts
 * @absent: memory of the window is filled with ones: [absent_start, absent_end]
 * @absent_start: see @absent
 * @absent_end: see @absent
 *
 * @link, @rate, @disabling, @commanded, @slot_control, @pending, @asserted and
 * @messages are under the host's lock; @absent and its range belong to the work of @train.
 */
struct pcsim_port {
	struct pcie_card_sim *sim;
	enum pcsim_role role;
	struct pcsim_card *card;
	struct pcsim_host_switch *hsw;
	const struct pcsim_below_ops *below;
	struct pcie_card_sim_port cfg;
	unsigned int index;
	unsigned int number;
	struct pcsim_fn fn;
	struct pcsim_layout lay;

	enum pcsim_link link;
	struct pcsim_rate rate;
	struct pcsim_delay disable;
	bool disabling;
	struct pcsim_delay train;
	struct pcsim_delay command;
	bool commanded;
	u16 slot_control;
	struct pcsim_delay rp_busy;

	u32 pending;
	int irq;
	bool asserted;
	unsigned long messages;
	unsigned int msi_data;
	struct irq_work irq_work;

	bool absent[2];
	u64 absent_start[2];
	u64 absent_end[2];
};

/**
 * struct pcsim_host_switch - switch of the host
 * @top: the root port above it, freed as a port of the host
 * @up: its upstream port
 * @up_lay: registers of @up
 * @downs: its downstream ports, by device number, freed likewise
 * @n_downs: number of elements of @downs
 */
struct pcsim_host_switch {
	struct pcsim_port *top;
	struct pcsim_fn up;
	struct pcsim_layout up_lay;
	struct pcsim_port *downs[PCIE_CARD_SIM_PORTS];
	unsigned int n_downs;
};

/**
 * struct pcsim_switch - switch on a card
 * @up: its upstream port
 * @up_lay: registers of @up
 * @legs: its downstream ports, by device number
 * @n_legs: number of elements of @legs
 */
struct pcsim_switch {
	struct pcsim_fn up;
	struct pcsim_layout up_lay;
	struct pcsim_port *legs[PCIE_CARD_SIM_LEGS];
	unsigned int n_legs;
};

/**
 * struct pcsim_bmc - management controller of a card
 * @status: STATUS without what is computed when it is read
 * @select: image that the windows show; NULL for none
 * @staging: an image is being staged
 * @stage_size: size that was announced
 * @stage_got: number of bytes written
 * @stage_head: what the file starts with
 * @staged: image that was staged; NULL for none
 */
struct pcsim_bmc {
	u32 status;
	struct pcsim_image *select;
	bool staging;
	u32 stage_size;
	u32 stage_got;
	u8 stage_head[sizeof(PCSIM_STAGE_PREFIX) + PCIE_CARD_SIM_NAME_LEN];
	struct pcsim_image *staged;
};

/**
 * struct pcsim_card - a card, or the place for one
 * @port: the port
 * @images: its images
 * @n_images: number of elements of @images
 * @sw: the switch on the card; NULL for none
 * @bmc: the management controller
 * @m10: the one of Intel's cards; NULL for none
 * @faults: what the card does wrong
 * @present: the slot is populated
 * @ready: an image runs and is willing to train
 * @stuck: an image runs that is not willing to, until the cure
 * @cures: cures that have begun since then, bits 1 << &enum pcie_card_sim_cure
 * @running: the image that runs, or ran last
 * @running_staged: @running came through the mailbox
 * @boot: the image that runs after power-on
 * @on_reset: the image that the card loads at a reset of its link; NULL for none
 * @next: the image that is to run; set from the trigger to the end of the load
 * @next_staged: @next came through the mailbox
 * @dropped: the old image is gone, @next is being loaded
 * @lose_link: the link shall be lost once after it came up
 * @losing: @lose is to lose the link of this card
 * @rrs_end: when the functions stop to answer with Request Retry Status
 * @transient_end: when they get the IDs of the image
 * @load: drops the old image, and loads the new one
 * @lose: loses the link
 *
 * All under the host's lock.
 */
struct pcsim_card {
	struct pcsim_port *port;
	struct pcsim_image *images;
	unsigned int n_images;
	struct pcsim_switch *sw;
	struct pcsim_bmc bmc;
	struct pcsim_m10bmc *m10;
	struct pcie_card_sim_faults faults;

	bool present;
	bool ready;
	bool stuck;
	unsigned int cures;
	struct pcsim_image *running;
	bool running_staged;
	struct pcsim_image *boot;
	struct pcsim_image *on_reset;

	struct pcsim_image *next;
	bool next_staged;
	bool dropped;
	bool lose_link;
	bool losing;
	ktime_t rrs_end;
	ktime_t transient_end;
	struct pcsim_delay load;
	struct pcsim_delay lose;
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
 * @pmci_node: in the list of hosts whose mailboxes are served
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
	struct list_head pmci_node;

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

/* delay.c: work to be done later */
void pcsim_delay_init(struct pcsim_delay *delay, work_func_t func);
void pcsim_delay_start(struct pcsim_delay *delay, unsigned int ms);
bool pcsim_delay_over(struct pcsim_delay *delay);
void pcsim_delay_kick(struct pcsim_delay *delay);
void pcsim_delay_stop(struct pcsim_delay *delay);
int pcsim_delay_module_init(void);
void pcsim_delay_module_exit(void);

/* cfg.c: registers of a function */
u16 pcsim_get16(const struct pcsim_fn *fn, unsigned int reg);
u32 pcsim_get32(const struct pcsim_fn *fn, unsigned int reg);
void pcsim_set16(struct pcsim_fn *fn, unsigned int reg, u16 val);
void pcsim_set32(struct pcsim_fn *fn, unsigned int reg, u32 val);
void pcsim_update16(struct pcsim_fn *fn, unsigned int reg, u16 clear, u16 set);
u32 pcsim_cfg_read(const struct pcsim_fn *fn, unsigned int reg,
		   unsigned int size);
void pcsim_cfg_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		     u32 val);
u32 pcsim_written(unsigned int reg, unsigned int size, u32 val,
		  unsigned int at);
void pcsim_cfg_reset(struct pcsim_fn *fn, bool cold);

/* caps.c: building a layout */
void pcsim_lay16(struct pcsim_layout *lay, unsigned int reg, u16 reset, u16 rw);
void pcsim_lay32(struct pcsim_layout *lay, unsigned int reg, u32 reset, u32 rw);
void pcsim_lay_rw1c(struct pcsim_layout *lay, unsigned int reg, u32 bits);
void pcsim_lay_sticky(struct pcsim_layout *lay, unsigned int reg, u32 bits);
unsigned int pcsim_lay_cap(struct pcsim_layout *lay, u8 id, unsigned int size);
unsigned int pcsim_lay_ext(struct pcsim_layout *lay, u16 id, u8 version,
			   unsigned int size);
void pcsim_caps_init(struct pcsim_layout *lay);
void pcsim_caps_ids(struct pcsim_layout *lay, u16 vendor, u16 device,
		    u32 class, u8 revision);
void pcsim_caps_bridge(struct pcsim_layout *lay, bool io);
unsigned int pcsim_caps_bar(struct pcsim_layout *lay, unsigned int reg,
			    const struct pcie_card_sim_bar *bar);
void pcsim_caps_pm(struct pcsim_layout *lay, bool resets);
void pcsim_caps_pcie(struct pcsim_layout *lay, unsigned int type,
		     unsigned int speed);
void pcsim_caps_link(struct pcsim_layout *lay, struct pcsim_rate rate);
void pcsim_caps_msi(struct pcsim_layout *lay, unsigned int messages);
void pcsim_caps_af(struct pcsim_layout *lay);
void pcsim_caps_aer(struct pcsim_layout *lay, bool root);
void pcsim_caps_dpc(struct pcsim_layout *lay, bool rp_pio);
void pcsim_caps_serial(struct pcsim_layout *lay);
void pcsim_lay_serial(struct pcsim_layout *lay, u64 serial);
void pcsim_caps_marker(struct pcsim_layout *lay);
unsigned int pcsim_speed_code(unsigned int mts);
struct pcsim_rate pcsim_rate(unsigned int mts, unsigned int width);

/* where.c: where a port is */
bool pcsim_port_has_card(const struct pcsim_port *port);
bool pcsim_port_is_root(const struct pcsim_port *port);
unsigned int pcsim_port_devfn(const struct pcsim_port *port);
u8 pcsim_port_bus(const struct pcsim_port *port);
struct pcsim_port *pcsim_port_root(struct pcsim_port *port);
struct pcsim_port *pcsim_port_of(const struct pci_dev *pdev);
bool pcsim_port_ari(const struct pcsim_port *port);
bool pcsim_in_reset(const struct pcsim_fn *bridge);
bool pcsim_host_switch_active(const struct pcsim_host_switch *hsw);
bool pcsim_forwards(const struct pcsim_fn *bridge, unsigned int bus);

/* deliver.c: requests that have got to a card */
struct pcsim_fn *pcsim_route_card(struct pcsim_port *port, unsigned int bus,
				  unsigned int devfn);

/* check.c: what there can be */
int pcsim_check_ports(const struct pcie_card_sim_config *config);
bool pcsim_check_width(unsigned int lanes);
unsigned int pcsim_port_speed(const struct pcie_card_sim_port *cfg);

/* port.c: ports */
struct pcsim_port *pcsim_port_alloc(struct pcie_card_sim *sim,
				    const struct pcie_card_sim_port *cfg,
				    unsigned int index);
struct pcsim_port *pcsim_top_alloc(struct pcsim_port *first);
struct pcsim_port *pcsim_leg_alloc(struct pcsim_card *card, unsigned int leg);
void pcsim_port_stop(struct pcsim_port *port);
void pcsim_port_free(struct pcsim_port *port);
void pcsim_port_write(struct pcsim_port *port, unsigned int reg,
		      unsigned int size, u32 val);
void pcsim_port_reset(struct pcsim_port *port);

/* link.c: links of ports */
void pcsim_link_init(struct pcsim_port *port);
void pcsim_link_stop(struct pcsim_port *port);
bool pcsim_link_disabled(const struct pcsim_port *port);
bool pcsim_link_held(const struct pcsim_port *port);
void pcsim_link_control(struct pcsim_port *port, bool was_disabled);
bool pcsim_link_in_reset(const struct pcsim_port *port);
void pcsim_link_regs(struct pcsim_port *port);
void pcsim_link_retrain(struct pcsim_port *port);
int pcsim_link_renegotiate(struct pcsim_port *port, bool autonomous);
void pcsim_link_drop(struct pcsim_port *port, enum pcie_card_sim_reason why);
void pcsim_link_eval(struct pcsim_port *port, enum pcie_card_sim_reason why);
void pcsim_link_up_now(struct pcsim_port *port);
void pcsim_link_settle(struct pcsim_port *port);

/* slot.c: slots of ports */
void pcsim_slot_init(struct pcsim_port *port);
void pcsim_slot_stop(struct pcsim_port *port);
void pcsim_slot_layout(struct pcsim_port *port);
void pcsim_slot_write(struct pcsim_port *port, unsigned int reg,
		      unsigned int size, u32 val);
bool pcsim_slot_power(const struct pcsim_port *port);
void pcsim_slot_event(struct pcsim_port *port, u16 bits);
u16 pcsim_slot_presence(struct pcsim_port *port);
void pcsim_slot_pin(struct pcsim_port *port);
int pcsim_slot_press(struct pcsim_port *port);

/* err.c: error reporting of ports */
void pcsim_err_init(struct pcsim_port *port);
void pcsim_err_stop(struct pcsim_port *port);
void pcsim_err_report(struct pcsim_port *port, u32 bit);
void pcsim_err_correctable(struct pcsim_port *port, u32 bit);
void pcsim_err_rp_pio(struct pcsim_port *port, u32 bit);
bool pcsim_err_contained(const struct pcsim_port *port);
void pcsim_err_write(struct pcsim_port *port, unsigned int reg,
		     unsigned int size, u32 val);
void pcsim_unsupported(struct pcsim_port *port);

/* irq.c: interrupts of ports */
int pcsim_irq_init(struct pcsim_port *port);
void pcsim_irq_exit(struct pcsim_port *port);
void pcsim_irq_sync(struct pcsim_port *port);
void pcsim_irq_update(struct pcsim_port *port);
int pcsim_irq_map(const struct pci_dev *pdev, u8 slot, u8 pin);

/* msi.c: message-signalled interrupts of ports */
int pcsim_msi_init(struct pcie_card_sim *sim, int id);
bool pcsim_msi_enabled(const struct pcsim_port *port);
void pcsim_msi_numbers(struct pcsim_port *port);
bool pcsim_msi_send(struct pcsim_port *port, u32 old, u32 now);
void pcsim_msi_deliver(struct pcsim_port *port);
void pcsim_msi_sync(struct pcsim_port *port);

/* card.c: cards, images, presence */
int pcsim_card_init(struct pcsim_port *port);
void pcsim_card_boot(struct pcsim_card *card);
void pcsim_card_stop(struct pcsim_card *card);
void pcsim_card_free(struct pcsim_card *card);
struct pcsim_image *pcsim_card_image(struct pcsim_card *card, const char *name);
int pcsim_card_load(struct pcsim_card *card, struct pcsim_image *image,
		    bool staged);
int pcsim_card_load_after(struct pcsim_card *card, struct pcsim_image *image,
			  bool staged, unsigned int ms);
void pcsim_card_faults(struct pcsim_card *card,
		       const struct pcie_card_sim_faults *faults);
void pcsim_card_present(struct pcsim_card *card, bool present);
void pcsim_card_replace(struct pcsim_card *card, struct pcsim_image *image,
			u64 serial);
void pcsim_card_flap(struct pcsim_card *card);

/* image.c: building the functions of an image */
int pcsim_image_init(struct pcsim_card *card, struct pcsim_image *image,
		     const struct pcie_card_sim_image *cfg);
void pcsim_image_serial(struct pcsim_image *image, u64 serial);
void pcsim_image_free(struct pcsim_image *image);

/* fn.c: behaviour of functions */
void pcsim_pf_reset(struct pcsim_pf *pf, bool cold);
void pcsim_fn_link(struct pcsim_fn *fn, u16 lnksta);
void pcsim_leg_up(struct pcsim_card *card, int leg, u16 lnksta);
void pcsim_leg_reset(struct pcsim_card *card, int leg, bool cold);
bool pcsim_card_retry(const struct pcsim_card *card);
bool pcsim_card_transient(const struct pcsim_card *card);
u32 pcsim_fn_read(struct pcsim_fn *fn, unsigned int reg, unsigned int size);
void pcsim_fn_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		    u32 val);
struct pcsim_fn *pcsim_image_find(struct pcsim_image *image, unsigned int leg,
				  unsigned int bus, unsigned int devfn,
				  unsigned int own_bus);

/* host-switch.c: switches of a host */
int pcsim_host_switch_add(struct pcsim_port *port);
void pcsim_host_switch_boot(struct pcsim_host_switch *hsw);
void pcsim_host_switch_free(struct pcsim_host_switch *hsw);
void pcsim_host_switch_write(struct pcsim_host_switch *hsw, unsigned int reg,
			     unsigned int size, u32 val);
struct pcsim_fn *pcsim_host_switch_route(struct pcsim_host_switch *hsw,
					 unsigned int bus, unsigned int devfn,
					 struct pcsim_port **port);

/* switch.c: switch on a card */
void pcsim_upstream_layout(struct pcsim_layout *lay, u16 device, bool io);
int pcsim_switch_init(struct pcsim_card *card, unsigned int n_legs,
		      const struct pcie_card_sim_card *cfg);
void pcsim_switch_stop(struct pcsim_switch *sw);
void pcsim_switch_free(struct pcsim_switch *sw);
void pcsim_switch_up(struct pcsim_switch *sw);
void pcsim_switch_reset(struct pcsim_switch *sw);
void pcsim_switch_write(struct pcsim_card *card, unsigned int reg,
			unsigned int size, u32 val);
struct pcsim_fn *pcsim_switch_route(struct pcsim_card *card, unsigned int bus,
				    unsigned int devfn,
				    struct pcsim_port **above);

/* bmc.c: mailbox */
u32 pcsim_bmc_read(struct pcsim_fn *fn, unsigned int reg, unsigned int size);
bool pcsim_bmc_write(struct pcsim_fn *fn, unsigned int reg, unsigned int size,
		     u32 val);
void pcsim_bmc_power_on(struct pcsim_card *card);

/* mem.c: memory behind the BARs */
int pcsim_mem_module_init(void);
void pcsim_mem_module_exit(void);
int pcsim_mem_init(struct pcie_card_sim *sim, u64 size);
void pcsim_mem_exit(struct pcie_card_sim *sim);
void pcsim_mem_follow(struct pcsim_port *port, bool up);

/* io.c: I/O space of hosts */
int pcsim_io_init(struct pcie_card_sim *sim, u32 size);
void pcsim_io_exit(struct pcie_card_sim *sim);

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

/* notify.c: what the kernel does with the devices */
int pcsim_notify_init(void);
void pcsim_notify_exit(void);

/* configfs.c */
int pcsim_configfs_init(void);
void pcsim_configfs_exit(void);

#endif /* _PCSIM_H */
