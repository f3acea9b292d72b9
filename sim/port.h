/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports that face downstream, and the switches of a host: links, slots, errors,
 * interrupts. One header, as struct pcsim_port with its locks is read as one.
 */
#ifndef _PCSIM_PORT_H
#define _PCSIM_PORT_H

#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

#include "regs.h"

struct pcie_card_sim;
struct pcsim_card;
struct pcsim_host_switch;

/*
 * First device numbers on the root bus: of root ports above switches of the
 * host, and of the others
 */
#define PCSIM_TOP_SLOT		0x0c
#define PCSIM_ROOT_SLOT		0x10

/* Request of a root port got Unsupported Request, in RP PIO Status */
#define PCSIM_RP_PIO_CFG_UR	BIT(0)

/* Interrupt condition of Device Readiness Status, where Slot Status has no bit */
#define PCSIM_IRQ_DRS		BIT(9)

/* Most messages of a port */
#define PCSIM_MSI_MAX		4

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
 * struct pcsim_delay - work to be done later
 * @work: the work
 * @end: when the delay is over; under the host's lock
 */
struct pcsim_delay {
	struct delayed_work work;
	ktime_t end;
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
 * @train_begin: when the training began
 * @drs: brings the Device Readiness Status message
 * @drs_due: it is to do so
 * @drs_sent: the message came since the link is up
 * @drs_got: the port says so
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
 * @link, @rate, @disabling, @train_begin, the three after @drs, @commanded, @slot_control,
 * @pending, @asserted and @messages are under the host's lock; @absent and its range belong
 * to the work of @train.
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
	ktime_t train_begin;
	struct pcsim_delay drs;
	bool drs_due;
	bool drs_sent;
	bool drs_got;
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

/* delay.c: work to be done later */
void pcsim_delay_init(struct pcsim_delay *delay, work_func_t func);
void pcsim_delay_start(struct pcsim_delay *delay, unsigned int ms);
bool pcsim_delay_over(struct pcsim_delay *delay);
void pcsim_delay_kick(struct pcsim_delay *delay);
void pcsim_delay_stop(struct pcsim_delay *delay);
int pcsim_delay_module_init(void);
void pcsim_delay_module_exit(void);

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

/* ready.c: when a card may be asked */
void pcsim_ready_init(struct pcsim_port *port);
void pcsim_ready_stop(struct pcsim_port *port);
void pcsim_ready_regs(struct pcsim_port *port);
void pcsim_ready_down(struct pcsim_port *port);
void pcsim_ready_up(struct pcsim_port *port, bool booted);
bool pcsim_ready_retry(const struct pcsim_port *port, const struct pcsim_fn *fn);
void pcsim_ready_asked(struct pcsim_port *port, const struct pcsim_fn *fn);

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

/* host-switch.c: switches of a host */
int pcsim_host_switch_add(struct pcsim_port *port);
void pcsim_host_switch_boot(struct pcsim_host_switch *hsw);
void pcsim_host_switch_free(struct pcsim_host_switch *hsw);
void pcsim_host_switch_write(struct pcsim_host_switch *hsw, unsigned int reg,
			     unsigned int size, u32 val);
struct pcsim_fn *pcsim_host_switch_route(struct pcsim_host_switch *hsw,
					 unsigned int bus, unsigned int devfn,
					 struct pcsim_port **port);

#endif /* _PCSIM_PORT_H */
