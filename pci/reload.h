/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of a reload window share. One header, as struct pci_reload is the state
 * of all of them; the lists of calls are by file, from the lowest floor up.
 */
#ifndef _PCI_RELOAD_INTERNAL_H
#define _PCI_RELOAD_INTERNAL_H

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci-reload.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "registers.h"
#include "times.h"

struct device;
struct device_driver;
struct pci_bus;
struct pci_dev;
struct pci_reload;
struct pci_reload_call;

#define PCI_RELOAD_REASON_MAX	256

/*
 * What a slot tells the hot-plug driver (PCIe r6.0, sec 7.5.3.10). The enable of
 * the interrupt itself is not in it: a command that pciehp gives while a window
 * is open would have it believe, for good, that it gets no interrupts.
 */
#define PCI_RELOAD_SLOT_ENABLES	(PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PFDE | \
				 PCI_EXP_SLTCTL_MRLSCE | \
				 PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_CCIE | \
				 PCI_EXP_SLTCTL_DLLSCE)

/*
 * Deadlines of what the specification bounds go by the clock: jiffies lag while
 * interrupts are off, which would make a wait shorter than it has to be.
 */
static inline ktime_t pci_reload_deadline(unsigned int ms)
{
	return ktime_add_ms(ktime_get(), ms);
}

static inline bool pci_reload_is_past(ktime_t end)
{
	return ktime_after(ktime_get(), end);
}

/*
 * Vendor ID of a function that answers with Request Retry Status, with Configuration RRS
 * Software Visibility (PCIe r6.0, sec 2.3.1).
 */
static inline bool pci_reload_id_is_retry(u32 id)
{
	return (id & 0xffff) == 0x0001;
}

/**
 * enum pci_reload_state - how far a window has come
 * @PCI_RELOAD_CLOSED: the port is as its drivers left it
 * @PCI_RELOAD_OPEN: errors are contained, slot events are off
 * @PCI_RELOAD_REMOVED: only the kept function and its ancestors are left
 * @PCI_RELOAD_DOWN: the link is disabled
 * @PCI_RELOAD_EMPTY: nothing is left below the port
 * @PCI_RELOAD_TRAINED: the link is up again
 * @PCI_RELOAD_READY: the card answers configuration requests
 * @PCI_RELOAD_ENUMERATED: what the card has now is there with drivers bound
 */
enum pci_reload_state {
	PCI_RELOAD_CLOSED,
	PCI_RELOAD_OPEN,
	PCI_RELOAD_REMOVED,
	PCI_RELOAD_DOWN,
	PCI_RELOAD_EMPTY,
	PCI_RELOAD_TRAINED,
	PCI_RELOAD_READY,
	PCI_RELOAD_ENUMERATED,
};

/**
 * struct pci_reload_rate - speed and width of a link
 * @speed: as in Link Status: 1 for 2.5 GT/s, and so on; 0 if not known
 * @width: number of lanes; 0 if not known
 * @best_speed: what both ends can have
 * @best_width: likewise
 */
struct pci_reload_rate {
	unsigned int speed;
	unsigned int width;
	unsigned int best_speed;
	unsigned int best_width;
};

/**
 * struct pci_reload_span - something that happened, or will, in between
 * @from: not before that
 * @to: not after that; 0 if nothing is known
 */
struct pci_reload_span {
	ktime_t from;
	ktime_t to;
};

/**
 * struct pci_reload_watch_ops - what others do when a wait lasts
 * @stuck: it has lasted for @patience_ms of &struct pci_reload_watch
 * @over: it is over, after @stuck
 *
 * Called with pci_reload_watch_lock held.
 */
struct pci_reload_watch_ops {
	void (*stuck)(struct pci_reload *pr);
	void (*over)(struct pci_reload *pr);
};

/**
 * struct pci_reload_watch - whom a window waits for
 *
 * All but @ops and @patience_ms is under pci_reload_watch_lock; the owner's thread reads @text
 * without it.
 *
 * @ops: fixed
 * @node: entry in the list of windows that are watched: open, about to be, or between
 *	pci_reload_wait_begin() and pci_reload_wait_end()
 * @users: how many of these reasons there are
 * @work: looks at it meanwhile
 * @calls: drivers that have not returned; &struct pci_reload_call
 * @spare: one that has ended, for the next call; NULL if there is none
 * @whom: whom the owner waits for if there are none, as a sentence; NULL for somebody
 *	with a lock of the PCI core's
 * @depth: how many steps, one in another, wait for others now
 * @begun: when they began to
 * @since: the same, or when the last driver returned
 * @warned: the log has named them
 * @stuck: the owner knows, and the bridges above report errors meanwhile
 * @patience_ms: how long that takes; fixed while the window is watched
 * @text: whom the window had to wait for so long, empty for nobody; written by @work
 *	only while the owner's thread waits
 */
struct pci_reload_watch {
	const struct pci_reload_watch_ops *ops;
	struct list_head node;
	unsigned int users;
	struct delayed_work work;
	struct list_head calls;
	struct pci_reload_call *spare;
	const char *whom;
	unsigned int depth;
	ktime_t begun;
	ktime_t since;
	bool warned;
	bool stuck;
	unsigned int patience_ms;
	char text[PCI_RELOAD_REASON_MAX];
};

/**
 * struct pci_reload - a reload window
 *
 * Its owner calls into a window from one thread at a time. Whoever takes the port
 * away at the same time, which is with the rescan lock held, leaves it as it was:
 * @port_lock is between the two. What it covers, the owner's thread reads without it.
 *
 * @port: the downstream port; referenced, so the structure stays when the
 *	device goes
 * @bus: the bus below @port; referenced, for the same reason
 * @ops: the owner's answers
 * @priv: argument of @ops
 * @node: entry in the list of windows; under pci_reload_windows_lock
 * @listed_open: the window is open, as others see it; under
 *	pci_reload_windows_lock
 * @state: how far the window has come; written by pci_reload_set_state() only
 * @port_lock: taken to change registers of @port, inside the rescan lock and
 *	outside of the lock of the bridges above. Held for 1 s at most, as long as a
 *	command to the slot may take
 * @gone: the port is as it was, or not there any more: nothing may touch it. Set
 *	once
 * @link_disabled: this window set the Link Disable bit of @port; under @port_lock
 * @keep_memory: do not look at what is below the port when opening
 * @contained: errors and events are kept quiet; under @port_lock
 * @above: those of the bridges above are, too; under the lock of these
 * @port_driver: the port's driver when that began; NULL if it had none. To be
 *	compared only
 * @saved: the port's registers at opening; under @port_lock
 * @port_state: all registers of the port, when it last was as the PCI core knows it;
 *	NULL if there was no memory; under @port_lock
 * @port_contained: its registers in an open window, with errors and events contained;
 *	NULL if there was no memory; under @port_lock
 * @slot_busy: the slot may still be carrying out a command of this window's; under
 *	@port_lock
 * @slot_commanded: when that was given, in jiffies; under @port_lock
 * @slot_off: this window has switched the slot off; under @port_lock
 * @slot_indicator: what its power indicator showed before; under @port_lock
 * @slot_pressed: whether the button was pressed before; under @port_lock
 * @slot_events: what the slot had seen already when the window opened
 * @marked: the card has the mark of pci_reload_mark_card()
 * @unmarked: what was in its place
 * @reset_asked: a card with the mark was to be reset through its link
 * @card_lost: what is below the port is not the card's any more
 * @presence_changed: the slot saw a card come or go while the link was down
 * @serial: serial number of the card at opening, 0 if it has none
 * @no_bus_reset: a function of the card must not be reset through its link, by
 *	the kernel's quirks; PCI_DEV_FLAGS_NO_BUS_RESET
 * @released: when the port last let the card out of a reset that this window had it
 *	in; 0 if it did not
 * @vfs_disabled: when VFs were disabled without the wait after it; 0 if none were
 * @vfs_released: the VFs of @functions were disabled ahead of the window that opens next
 * @reset_end: a time at which the card had left its reset: the link was training,
 *	or up
 * @trained: when the link was seen to be up
 * @up: between which looks it came up last
 * @expected: when it is expected to come up, in the next wait for it
 * @waiter: where the owner's thread sleeps in a wait
 * @woken: that is to end, for somebody has changed his mind
 * @drs_armed: what @port says of Device Readiness Status is of the link that comes up
 *	next, or is up
 * @ready_ms: what the image that comes up has said of itself; negative for nothing
 * @asked: the card was asked since the link came up
 * @first: when, for the first time
 * @quiesce: what is done to functions before their removal
 * @restore: whether the functions get their settings back
 * @functions: what was below the port when it was last opened with something
 *	there; &struct pci_reload_function
 * @rate: the link's, when the window was last opened with something there
 * @came_up: the link came up in this window
 * @unreliable: when the ends of the link were first seen to try in vain, in this wait
 *	for it; 0 if they were not
 * @speed_limited: this window has limited @port to 2.5 GT/s
 * @target: Target Link Speed of @port before one has
 * @watch: whom the window waits for
 * @mps: Max Payload Size of @port, in bytes, before an image with a smaller one
 *	lowered it; 0 before the first enumeration
 * @mps_left: what it was after the last enumeration
 * @reason: a sentence on the last failure, empty if there was none
 * @degraded: what is less after the last enumeration than it was, or than the card
 *	promises; empty if nothing is
 */
struct pci_reload {
	struct pci_dev *port;
	struct pci_bus *bus;
	const struct pci_reload_ops *ops;
	void *priv;
	struct list_head node;
	bool listed_open;
	enum pci_reload_state state;
	struct mutex port_lock; /* registers of the port */
	bool gone;
	bool link_disabled;
	bool keep_memory;
	bool contained;
	bool above;
	const struct device_driver *port_driver;
	struct pci_reload_saved saved;
	struct pci_saved_state *port_state;
	struct pci_saved_state *port_contained;
	bool slot_busy;
	unsigned long slot_commanded;
	bool slot_off;
	u16 slot_indicator;
	u16 slot_pressed;
	u16 slot_events;
	bool marked;
	u8 unmarked;
	bool reset_asked;
	bool card_lost;
	bool presence_changed;
	u64 serial;
	bool no_bus_reset;
	ktime_t released;
	ktime_t vfs_disabled;
	bool vfs_released;
	ktime_t reset_end;
	ktime_t trained;
	struct pci_reload_span up;
	struct pci_reload_span expected;
	wait_queue_head_t waiter;
	atomic_t woken;
	bool drs_armed;
	int ready_ms;
	bool asked;
	struct pci_reload_first_read first;
	enum pci_reload_quiesce quiesce;
	bool restore;
	struct list_head functions;
	struct pci_reload_rate rate;
	bool came_up;
	ktime_t unreliable;
	bool speed_limited;
	u16 target;
	struct pci_reload_watch watch;
	int mps;
	int mps_left;
	char reason[PCI_RELOAD_REASON_MAX];
	char degraded[PCI_RELOAD_REASON_MAX];
};

/**
 * enum pci_reload_window - a window of the port
 * @PCI_RELOAD_IO: the one for I/O space
 * @PCI_RELOAD_MEM: that for memory which is not prefetchable
 * @PCI_RELOAD_PREF: the prefetchable one
 * @PCI_RELOAD_WINDOWS: number of windows
 */
enum pci_reload_window {
	PCI_RELOAD_IO,
	PCI_RELOAD_MEM,
	PCI_RELOAD_PREF,
	PCI_RELOAD_WINDOWS
};

/**
 * struct pci_reload_room - what the card needs of the port, and what there was
 * @bars: its BARs, and those of its VFs
 * @need: size of each window that they need, in bytes; VFs are not in it
 * @all: the same with VFs
 * @align: size of the largest BAR in each window, in bytes
 * @have: size of each window before addresses were assigned, in bytes
 */
struct pci_reload_room {
	struct list_head bars;
	u64 need[PCI_RELOAD_WINDOWS];
	u64 all[PCI_RELOAD_WINDOWS];
	u64 align[PCI_RELOAD_WINDOWS];
	u64 have[PCI_RELOAD_WINDOWS];
};

struct pci_reload_binding;
struct task_struct;

/**
 * struct pci_reload_vf_job - what is to be done about the VFs of a PF
 *
 * The caller of pci_reload_run_vf_jobs() sets the first four.
 *
 * @pr: an open window
 * @pf: the PF
 * @num: how many VFs it is to have, 0 for none
 * @reset: it is reset before anybody uses its SR-IOV capability again
 * @runs: it is done, or was
 * @ret: with what result: 0, or an error
 * @at_once: without waiting for others
 * @thread: does it; NULL if nothing does
 * @tried: @runs is known
 * @go: it is to begin
 * @done: the thread has done what it does
 */
struct pci_reload_vf_job {
	struct pci_reload *pr;
	struct pci_dev *pf;
	unsigned int num;
	bool reset;
	bool runs;
	int ret;
	bool at_once;
	struct task_struct *thread;
	struct completion tried;
	struct completion go;
	struct completion done;
};

/**
 * struct pci_reload_port_ids - by which a port is known to have kept its registers
 * @command: Command
 * @buses: bus numbers
 */
struct pci_reload_port_ids {
	u16 command;
	u32 buses;
};

/* state.c */
__printf(3, 4)
int pci_reload_fail(struct pci_reload *pr, int err, const char *fmt, ...);
__printf(2, 3)
void pci_reload_degrade(struct pci_reload *pr, const char *fmt, ...);
int pci_reload_interrupted(struct pci_reload *pr);
bool pci_reload_port_lock(struct pci_reload *pr);
void pci_reload_port_unlock(struct pci_reload *pr);
int pci_reload_step(struct pci_reload *pr, enum pci_reload_state from,
		    enum pci_reload_state to);
int pci_reload_step_empty(struct pci_reload *pr);
int pci_reload_sleep(struct pci_reload *pr, unsigned int ms);
void pci_reload_pause_part(ktime_t since, int part);
void pci_reload_pause(ktime_t since);
void pci_reload_pause_wait(struct pci_reload *pr, ktime_t since,
			   const struct pci_reload_span *expected);
void pci_reload_set_state(struct pci_reload *pr, enum pci_reload_state state);
void pci_reload_take_turn(void);
void pci_reload_end_turn(void);

/* tree.c */
int pci_reload_walk(struct pci_bus *bus,
		    int (*fn)(struct pci_dev *pdev, void *data), void *data);
bool pci_reload_is_above(struct pci_dev *pdev, struct pci_dev *below);
bool pci_reload_is_below(struct pci_reload *pr, struct pci_dev *pdev);

/* port.c */
bool pci_reload_reports_active(struct pci_dev *port);
bool pci_reload_has_drs(struct pci_dev *port);
u32 pci_reload_read_id(struct pci_reload *pr);
bool pci_reload_look_at_link(struct pci_reload *pr, bool reports, u16 *status);
bool pci_reload_link_active(struct pci_reload *pr);
u16 pci_reload_dpc_pos(struct pci_dev *bridge, bool rp_pio);
void pci_reload_link_enable(struct pci_reload *pr);
void pci_reload_link_release(struct pci_reload *pr);

/* above.c */
int pci_reload_above_contain(struct pci_reload *pr);
void pci_reload_above_release(struct pci_reload *pr);

/* contain.c */
int pci_reload_contain(struct pci_reload *pr);
void pci_reload_keep_quiet(struct pci_reload *pr);
void pci_reload_restore(struct pci_reload *pr);
void pci_reload_release_above(struct pci_reload *pr);
void pci_reload_unmask_above(struct pci_reload *pr);
void pci_reload_mask_above(struct pci_reload *pr);

/* watch.c */
void pci_reload_watch_init(struct pci_reload *pr,
			   const struct pci_reload_watch_ops *ops);
void pci_reload_watch_start(struct pci_reload *pr);
void pci_reload_watch_stop(struct pci_reload *pr);
void pci_reload_watch_enter(struct pci_reload *pr);
void pci_reload_watch_leave(struct pci_reload *pr);
void pci_reload_watch_call(struct pci_reload *pr, struct device *dev,
			   const char *operation);
void pci_reload_watch_return(struct pci_reload *pr, const struct device *dev);

/* sync.c */
void pci_reload_sync(struct pci_reload *pr);

/* slot-regs.c */
u32 pci_reload_slot_cap(struct pci_dev *port);
u16 pci_reload_slot_status(struct pci_dev *port);
u16 pci_reload_slot_control(struct pci_dev *port);
bool pci_reload_has_status(struct pci_dev *port);
bool pci_reload_has_slot(struct pci_dev *port);
u16 pci_reload_slot_enabled(struct pci_dev *port);
void pci_reload_slot_commanded(struct pci_reload *pr, u16 changed);
void pci_reload_slot_command(struct pci_reload *pr, u16 clear, u16 set);
void pci_reload_slot_complete(struct pci_reload *pr);

/* slot.c */
void pci_reload_slot_power_on(struct pci_reload *pr);
int pci_reload_slot_preflight(struct pci_reload *pr);
int pci_reload_slot_take(struct pci_reload *pr, u16 enabled);
int pci_reload_slot_vacant(struct pci_reload *pr);
bool pci_reload_slot_sees_link(struct pci_reload *pr);
bool pci_reload_slot_disturbed(struct pci_reload *pr);
void pci_reload_find_quirks(struct pci_reload *pr);
void pci_reload_slot_remember(struct pci_reload *pr);
void pci_reload_slot_forget_events(struct pci_reload *pr);
void pci_reload_slot_settle_events(struct pci_reload *pr);

/* card.c */
bool pci_reload_mark_is_lost(struct pci_reload *pr);

/* port-state.c */
void pci_reload_read_port_ids(struct pci_dev *port,
			      struct pci_reload_port_ids *ids);
void pci_reload_remind_port(struct pci_reload *pr,
			    const struct pci_reload_port_ids *before);
void pci_reload_restore_forwarding(struct pci_reload *pr);
void pci_reload_keep_port(struct pci_reload *pr);
void pci_reload_keep_contained(struct pci_reload *pr);
void pci_reload_revive_port(struct pci_reload *pr);

/* ready.c */
void pci_reload_drs_forget(struct pci_reload *pr);
void pci_reload_drs_expect(struct pci_reload *pr);
void pci_reload_drs_link_down(struct pci_reload *pr);
bool pci_reload_drs_received(struct pci_reload *pr);
int pci_reload_await_ready(struct pci_reload *pr, ktime_t end, ktime_t said,
			   enum pci_reload_ready *by);
bool pci_reload_is_endpoint(struct pci_reload *pr);

/* bind.c */
struct pci_reload_binding *pci_reload_bind_later(struct pci_reload *pr,
						 unsigned int functions);
void pci_reload_attach(struct pci_dev *pdev);
void pci_reload_bind(struct pci_reload_binding *binding);

/* rate.c */
void pci_reload_remember_rate(struct pci_reload *pr);
void pci_reload_check_rate(struct pci_reload *pr);
void pci_reload_expect_link(struct pci_reload *pr);
bool pci_reload_limit_speed(struct pci_reload *pr, u16 status, bool last);
void pci_reload_lift_speed_limit(struct pci_reload *pr);

/* reset.c */
void pci_reload_take_driver(struct pci_dev *pdev);
void pci_reload_quiesce(struct pci_dev *pdev, bool reset);

/* settings.c */
int pci_reload_remember(struct pci_reload *pr);
int pci_reload_enable_vfs(struct pci_reload *pr);
void pci_reload_forget(struct pci_reload *pr);
void pci_reload_restore_early(struct pci_reload *pr);

/* unbind.c */
void pci_reload_unbind_all(struct pci_reload *pr, struct pci_dev *keep);
int pci_reload_unbind_vfs(struct pci_reload *pr, int (*disable)(struct pci_reload *pr));

/* teardown.c */
int pci_reload_give_up_vfs(struct pci_reload *pr);
int pci_reload_lock_empty(struct pci_reload *pr);

/* sriov.c */
int pci_reload_set_vfs(struct pci_reload *pr, struct pci_dev *pf,
		       unsigned int num);
void pci_reload_close_vfs(struct pci_dev *pf);
int pci_reload_call(struct pci_reload *pr,
		    struct pci_dev *(*next)(struct pci_reload *pr, void *data),
		    int (*fn)(struct pci_reload *pr, struct pci_dev *pdev,
			      void *data),
		    void *data);
void pci_reload_end_vfs(struct pci_reload *pr, struct pci_dev *pf);
int pci_reload_vfs_are_gone(struct pci_reload *pr, struct pci_dev *pf, int ret);
int pci_reload_disable_next(struct pci_reload *pr);

/* vfs.c */
unsigned int pci_reload_run_vf_jobs(struct pci_reload_vf_job *jobs,
				    unsigned int num);
bool pci_reload_can_return_vfs(struct pci_reload *pr);
int pci_reload_disable_vfs(struct pci_reload *pr);
void pci_reload_await_pfs(struct pci_reload *pr);
void pci_reload_force_vfs(struct pci_reload *pr, struct pci_dev *pf);

/* buses.c */
int pci_reload_count_buses(struct pci_reload *pr, unsigned int *needed);
int pci_reload_check_buses(struct pci_reload *pr, unsigned int needed);

/* bridge-window.c */
void pci_reload_write_window(struct pci_dev *bridge, int resno);

/* bars.c */
int pci_reload_remember_bars(struct pci_reload *pr,
			     struct pci_reload_room *room);
void pci_reload_forget_bars(struct pci_reload_room *room);
int pci_reload_check_bars(struct pci_reload *pr,
			  const struct pci_reload_room *room);

/* room.c */
void pci_reload_assign(struct pci_reload *pr, const struct pci_reload_room *room);

#endif /* _PCI_RELOAD_INTERNAL_H */
