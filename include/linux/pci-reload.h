/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reload window on a PCIe port: everything below the port is removed, the
 * link goes down while the card loads another image, and whatever comes back
 * is enumerated.
 */
#ifndef _LINUX_PCI_RELOAD_H
#define _LINUX_PCI_RELOAD_H

#include <linux/ktime.h>
#include <linux/types.h>

struct device;
struct pci_dev;
struct pci_reload;

/*
 * How long a card may take to answer configuration requests: software must allow it 1.0 s
 * from the end of its reset, or from its link's coming up (PCIe r6.0, sec 6.6.1).
 */
#define PCI_RELOAD_ANSWER_MS	1000

/*
 * How long a driver, or somebody who holds a lock of the PCI core, may let a window wait
 * before its owner is told: half of the time after which the kernel reports a task that
 * hangs (CONFIG_DEFAULT_HUNG_TASK_TIMEOUT, 120 s).
 */
#define PCI_RELOAD_PATIENCE_MS	60000

/**
 * enum pci_reload_quiesce - what is done to a function before its removal, on
 * top of unbinding its driver and switching its bus mastering off
 * @PCI_RELOAD_QUIESCE_NONE: nothing
 * @PCI_RELOAD_QUIESCE_RESET: it is reset, by the first of the kernel's methods
 *	that the function has and its reset_method allows
 */
enum pci_reload_quiesce {
	PCI_RELOAD_QUIESCE_NONE,
	PCI_RELOAD_QUIESCE_RESET,
};

/**
 * struct pci_reload_ops - what the owner of a window answers while one is open
 * @cancelled: true once the owner no longer wants to wait; asked by every wait
 *	of the window at its poll interval, may be called from any context that
 *	may sleep
 * @stuck: optional; a driver, or somebody who holds a lock of the PCI core's, has let
 *	the window wait for as long as pci_reload_set_patience() allows, and the wait
 *	goes on. @why is a sentence without a full stop. May sleep, and is called beside
 *	a step that waits
 */
struct pci_reload_ops {
	bool (*cancelled)(void *priv);
	void (*stuck)(void *priv, const char *why);
};

/**
 * struct pci_reload_link - what a link has
 * @speed: Current Link Speed, as in Link Status (PCIe r6.0, sec 7.5.3.8); 0 if unknown
 * @width: Negotiated Link Width, number of lanes; 0 if unknown
 */
struct pci_reload_link {
	u8 speed;
	u8 width;
};

/**
 * enum pci_reload_ready - what says that a card may be asked
 * @PCI_RELOAD_READY_TIME: the time that the specification gives every card
 * @PCI_RELOAD_READY_DRS: the port: it got a Device Readiness Status message of the card
 * @PCI_RELOAD_READY_SAID: the owner, by pci_reload_set_ready_ms()
 */
enum pci_reload_ready {
	PCI_RELOAD_READY_TIME,
	PCI_RELOAD_READY_DRS,
	PCI_RELOAD_READY_SAID,
};

/**
 * struct pci_reload_first_read - the first configuration read from a card
 * @by: why not later
 * @us: microseconds since the link was seen to be up
 * @answered: the card answered
 */
struct pci_reload_first_read {
	enum pci_reload_ready by;
	s64 us;
	bool answered;
};

struct pci_reload *pci_reload_alloc(struct pci_dev *port,
				    const struct pci_reload_ops *ops,
				    void *priv);
void pci_reload_free(struct pci_reload *pr);
void pci_reload_port_gone(struct pci_reload *pr);
void pci_reload_set_patience(struct pci_reload *pr, unsigned int ms);
void pci_reload_wait_begin(struct pci_reload *pr, const char *whom);
void pci_reload_wait_end(struct pci_reload *pr);
void pci_reload_lock_rescan(struct pci_reload *pr);
void pci_reload_unlock_rescan(struct pci_reload *pr);
void pci_reload_wake(struct pci_reload *pr);
const char *pci_reload_reason(const struct pci_reload *pr);
const char *pci_reload_degraded(const struct pci_reload *pr);
bool pci_reload_is_empty(struct pci_reload *pr);
bool pci_reload_is_open(const struct pci_reload *pr);
bool pci_reload_is_vacant(struct pci_reload *pr);
bool pci_reload_replaced(struct pci_reload *pr);
int pci_reload_describe(struct pci_reload *pr, char *buf, size_t len);
bool pci_reload_can_power_cycle(struct pci_dev *port);

/* Which port leads to a card, and to nothing else. */
struct pci_dev *pci_reload_find_port(struct pci_dev *control,
				     bool (*owns)(struct pci_dev *pdev,
						  void *priv),
				     void *priv);
int pci_reload_check_port(struct pci_reload *pr, struct pci_dev *control,
			  bool (*owns)(struct pci_dev *pdev, void *priv),
			  void *priv);

/* What was below the port when the window opened. */
void pci_reload_set_quiesce(struct pci_reload *pr,
			    enum pci_reload_quiesce quiesce);
void pci_reload_set_restore(struct pci_reload *pr, bool restore);
void pci_reload_set_remember(struct pci_reload *pr, bool remember);
int pci_reload_restore_settings(struct pci_reload *pr);
int pci_reload_lost(struct pci_reload *pr, char *buf, size_t len);

bool pci_reload_has_vfs(struct pci_reload *pr);
int pci_reload_release_vfs(struct pci_reload *pr, bool *begun);
int pci_reload_return_vfs(struct pci_reload *pr);
int pci_reload_preflight(struct pci_reload *pr);
int pci_reload_open(struct pci_reload *pr);
int pci_reload_remove_functions(struct pci_reload *pr, struct pci_dev *keep);
int pci_reload_unbind_children(struct pci_reload *pr, struct device *top,
			       struct device *control);
int pci_reload_release_function(struct pci_reload *pr, struct pci_dev *keep);
int pci_reload_link_disable(struct pci_reload *pr);
int pci_reload_remove_rest(struct pci_reload *pr);
int pci_reload_hold(struct pci_reload *pr, unsigned int ms);
void pci_reload_expect_up(struct pci_reload *pr, ktime_t from, ktime_t to);
int pci_reload_wait_link(struct pci_reload *pr, unsigned int timeout_ms);
void pci_reload_came_up(const struct pci_reload *pr, ktime_t *from, ktime_t *to);
bool pci_reload_link_is_up(struct pci_reload *pr);
void pci_reload_read_link(struct pci_reload *pr, struct pci_reload_link *link);
const char *pci_reload_speed_name(unsigned int speed);
int pci_reload_wait_drop(struct pci_reload *pr, unsigned int timeout_ms);
int pci_reload_link_retry(struct pci_reload *pr);
int pci_reload_may_hot_reset(struct pci_reload *pr);
int pci_reload_hot_reset(struct pci_reload *pr);
int pci_reload_may_power_cycle(struct pci_reload *pr);
int pci_reload_power_cycle(struct pci_reload *pr);
void pci_reload_set_ready_ms(struct pci_reload *pr, int ms);
int pci_reload_settle(struct pci_reload *pr, unsigned int timeout_ms);
bool pci_reload_get_first_read(const struct pci_reload *pr,
			       struct pci_reload_first_read *first);
int pci_reload_read_ready_ms(struct pci_reload *pr);
int pci_reload_enumerate(struct pci_reload *pr);
void pci_reload_mark_card(struct pci_reload *pr);
void pci_reload_unmark_card(struct pci_reload *pr);
int pci_reload_check_card(struct pci_reload *pr);
int pci_reload_close(struct pci_reload *pr);

#endif /* _LINUX_PCI_RELOAD_H */
