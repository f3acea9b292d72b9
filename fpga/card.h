/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A card: what is known of it, and the objects that it has. For all of fpga/ but back
 * ends that are modules of their own, which have <linux/fpga/fpga-card.h>. One header, as
 * struct fpga_card with its locks is read as one; what is asked of a card is in request.h,
 * overlays are in overlay.h.
 */
#ifndef _FPGA_CARD_INTERNAL_H
#define _FPGA_CARD_INTERNAL_H

#include <linux/device.h>
#include <linux/fpga/fpga-bridge.h>
#include <linux/fpga/fpga-card.h>
#include <linux/fpga/fpga-card-image.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/fpga/fpga-region.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci-reload.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "compat/fpga.h"
#include "compat/of.h"
#include "record.h"
#include "times.h"

struct dentry;
struct device_node;
struct fpga_card_overlay;
struct fpga_card_request;
struct fpga_card_sequence;

#define FPGA_CARD_ERROR_MAX	768

/* Of how many images it is remembered how long a card took to load them. */
#define FPGA_CARD_PACES		16

/* Of how many images it is kept how soon they may be asked. */
#define FPGA_CARD_READY_IMAGES	16

/* As every card: for pci_reload_set_ready_ms() */
#define FPGA_CARD_READY_UNKNOWN	(-1)

/* Longest name of a back end that is told; one in an image file has 32 bytes. */
#define FPGA_CARD_BACK_END_MAX	31

/*
 * Around what a sentence says of a process. No name of a device or of a process gets
 * these through.
 */
#define FPGA_CARD_PRIVATE_BEGIN	"\001"
#define FPGA_CARD_PRIVATE_END	"\002"

/**
 * struct fpga_card_entry - directory of an image in sysfs
 * @kobj: the directory, below the card's images directory
 * @card: the card
 * @node: entry in &struct fpga_card_back_end.images; under &struct fpga_card_back_end.lock
 * @desc: what the back end says of the image. Its name is fixed; the rest is written with
 *	both &struct fpga_card_back_end.lock and &struct fpga_card.lock held
 */
struct fpga_card_entry {
	struct kobject kobj;
	struct fpga_card *card;
	struct list_head node;
	struct fpga_card_image desc;
};

/**
 * struct fpga_card_back_end - what is attached to a card
 *
 * It comes and goes with the card's functions.
 *
 * @lock: serialises attaching and detaching with each other and with operations of
 *	the back end. Taken before &struct fpga_card.lock. Covers all but @detaching
 * @info: what the back end came with, @info.ops is NULL while there is none. Written with
 *	&struct fpga_card.lock held as well
 * @begun: it was told that a load begins, and not yet that it ended
 * @reason: why the operation that was called last has failed, as it said itself
 * @images: images in flash, &struct fpga_card_entry
 * @port_chosen: the administrator said that the port leads to this card alone; what
 *	this back end, or the last one, came with
 * @attach_ms: how long it may take to attach again; likewise, and also read without a
 *	lock, as it is gone when that is needed
 * @detaching: it waits for @lock to go; read without a lock
 */
struct fpga_card_back_end {
	struct mutex lock; /* attaching, detaching, operations */
	struct fpga_card_info info;
	bool begun;
	char reason[FPGA_CARD_REASON_MAX + 1];
	struct list_head images;
	bool port_chosen;
	unsigned int attach_ms;
	bool detaching;
};

/**
 * struct fpga_card_settings - what the user has set for loads
 *
 * Under &struct fpga_card.lock.
 *
 * @timeout_ms: overrides the images' deadlines unless 0
 * @force: for the next request but a check, which takes it
 * @quiesce: what is done to functions before they are removed
 * @restore: VF counts and the like are restored after a load
 * @drain_ms: how long user space may take to let go of the card before an outage
 * @overlap: it may do so while the image is brought into place
 * @remember_readiness: what an image's functions said of how soon they may be asked counts
 *	for its next load
 */
struct fpga_card_settings {
	unsigned int timeout_ms;
	bool force;
	enum pci_reload_quiesce quiesce;
	bool restore;
	unsigned int drain_ms;
	bool overlap;
	bool remember_readiness;
};

/**
 * struct fpga_card_ready - how soon an image may be asked
 * @image: name that the card gives it when it runs; empty for none
 * @is_file: it came as a file, and not from flash
 * @digest: of the file's payload
 * @ms: time from the link's coming up, or %FPGA_CARD_READY_UNKNOWN if it said less than
 *	it took
 */
struct fpga_card_ready {
	char image[FPGA_CARD_NAME_MAX + 1];
	bool is_file;
	u8 digest[sizeof_field(struct fpga_card_image_header, digest)];
	int ms;
};

/**
 * struct fpga_card_readiness - how soon images may be asked
 *
 * Under &struct fpga_card.lock.
 *
 * @images: the last of which that is known
 * @next: where the next one comes, modulo their number
 */
struct fpga_card_readiness {
	struct fpga_card_ready images[FPGA_CARD_READY_IMAGES];
	unsigned int next;
};

/**
 * struct fpga_card_serving - what a card is asked for, one request at a time
 *
 * Under &struct fpga_card.lock.
 *
 * @work: runs @request; needs no lock
 * @request: the request that is run, NULL if none
 * @checking: that is a check; also read without a lock
 * @answer: what the last check said, for users; NULL if there was none
 */
struct fpga_card_serving {
	struct work_struct work;
	struct fpga_card_request *request;
	bool checking;
	char *answer;
};

/**
 * struct fpga_card_of - the card's part of the device tree
 * @overlay: the image overlay that the region is claimed for, or NULL; under
 *	&struct fpga_card.lock
 * @children_lock: serialises making and removing the devices of the region's
 *	children. Taken before &struct fpga_card.lock
 * @children_work: removes them
 * @children: there are some; under &struct fpga_card.lock, also read without a lock
 */
struct fpga_card_of {
	struct fpga_card_overlay *overlay;
	struct mutex children_lock; /* the region's children */
	struct work_struct children_work;
	bool children;
};

/**
 * struct fpga_card_staged - an image that waits for its activation
 * @name: the image as asked for
 * @image: name the card will give it when it runs
 * @written: the back end wrote it to the card, which can lose it
 * @can_be_asked: the back end can tell whether that has happened
 * @header_size: bytes of @header; 0 for an image in flash
 * @header: header of its file, with the functions that it promises
 */
struct fpga_card_staged {
	char name[FPGA_CARD_REQUEST_MAX + 1];
	char image[FPGA_CARD_NAME_MAX + 1];
	bool written;
	bool can_be_asked;
	size_t header_size;
	u8 header[];
};

/**
 * struct fpga_card_pace - how long a card took to load an image the last time
 *
 * From the trigger until its link came up, as exactly as that was seen.
 *
 * @image: name of the image; empty for none
 * @from: not less
 * @to: not more
 * @number: the higher, the later that was
 */
struct fpga_card_pace {
	char image[FPGA_CARD_NAME_MAX + 1];
	ktime_t from;
	ktime_t to;
	u64 number;
};

/**
 * struct fpga_card - a card below a port
 *
 * Keyed by its port. It outlives the card's functions, and its back end, which
 * goes and comes with them.
 *
 * @dev: device "fpga-card.N" below the port; its references keep the structure
 * @id: N
 * @node: entry in the list of cards; under fpga_cards_lock
 * @port: the port; referenced
 * @bus: number of the bus below @port when the card was made
 * @window: reload windows on @port
 * @mgr: manager; referenced
 * @bridge: bridge; referenced
 * @region: region; referenced
 * @images_dir: directory "images" of @region
 * @debugfs: directory of the card in debugfs
 * @driver_ms: how long a driver may take, unless the user's deadline is
 *	longer: %PCI_RELOAD_PATIENCE_MS, which tests shorten
 * @processors: how many may work for a request at the same time, which tests set; 0 for those
 *	that are online
 * @wait: woken when a back end attaches or detaches, a request ends or is stuck, staging
 *	comes on, user space has let go of the card, an announced reset is accepted, and
 *	@gone or @dead is set
 *
 * @back_end: what is attached, with its own lock
 * @of: overlay and children in the device tree, with its own lock
 *
 * @lock: taken inside those of @back_end and @of; covers what follows: users' view of
 *	the card
 * @serving: the request that is run
 * @settings: what the user has set for the next ones
 * @readiness: how soon its images may be asked
 * @registered: the objects in sysfs exist
 * @dead: no more requests: the port is gone, or the module is about to; also read
 *	without a lock
 * @asleep: no more requests for now: the machine is about to sleep
 * @gone: the port is gone: whoever waits is let go; also read without a lock
 * @attached: copy of "there is a back end", for those who cannot sleep on
 *	&struct fpga_card_back_end.lock; also read without a lock
 * @images_stale: the back end said that its images may have changed, and they were not
 *	read again yet
 * @had_back_end: a back end attached once, so one is to be expected
 * @back_end_name: name of the back end, or of the last one
 * @takes_files: it takes images that come as files
 * @state: written by fpga_card_set_state_locked() only
 * @last_error: a sentence on the last request, empty if it succeeded
 * @running: name of the image that runs, empty if unknown
 * @loaded: what was asked for when @running was loaded; a file's name, say
 * @lost: a load left nothing below the port; the next request begins with having
 *	the card back
 * @staged: the image that waits for its activation, or NULL
 * @staged_percent: how much of it is in place; also read without a lock, and written without
 *	one while the back end stages
 * @staged_told: when users were last told of that, in jiffies; likewise
 * @entered: when the card came into @state
 * @history: what was asked of the card, and what became of it
 *
 * @paces: what is known of how long images take; the worker's alone
 */
struct fpga_card {
	struct device dev;
	int id;
	struct list_head node;
	struct pci_dev *port;
	u8 bus;
	struct pci_reload *window;
	struct fpga_manager *mgr;
	struct fpga_bridge *bridge;
	struct fpga_region *region;
	struct kobject *images_dir;
	struct dentry *debugfs;
	unsigned int driver_ms;
	unsigned int processors;
	wait_queue_head_t wait;

	struct fpga_card_back_end back_end;
	struct fpga_card_of of;

	struct mutex lock; /* what follows */
	struct fpga_card_serving serving;
	struct fpga_card_settings settings;
	struct fpga_card_readiness readiness;
	bool registered;
	bool dead;
	bool asleep;
	bool gone;
	bool attached;
	bool images_stale;
	bool had_back_end;
	char back_end_name[FPGA_CARD_BACK_END_MAX + 1];
	bool takes_files;
	enum fpga_card_state state;
	char last_error[FPGA_CARD_ERROR_MAX];
	char running[FPGA_CARD_NAME_MAX + 1];
	char loaded[FPGA_CARD_REQUEST_MAX + 1];
	bool lost;
	struct fpga_card_staged *staged;
	unsigned int staged_percent;
	unsigned long staged_told;
	ktime_t entered;
	struct fpga_card_history history;

	struct fpga_card_pace paces[FPGA_CARD_PACES];
};

#define to_fpga_card(d)	container_of(d, struct fpga_card, dev)

/**
 * struct fpga_card_upper_ops - what the floors above card.c do for a card
 * @init: set up the works of a card that is being made
 * @add: register its manager, bridge and region; 0 or a negative errno, with nothing left
 * @del: undo @add; the card may be serving a request
 * @changed: a card, its back end or its request came or went. Any context
 */
struct fpga_card_upper_ops {
	void (*init)(struct fpga_card *card);
	int (*add)(struct fpga_card *card);
	void (*del)(struct fpga_card *card);
	void (*changed)(void);
};

/* state.c */
void fpga_card_set_state_locked(struct fpga_card *card,
				enum fpga_card_state state);
void fpga_card_set_state(struct fpga_card *card, enum fpga_card_state state);
__printf(3, 4)
int fpga_card_fail(struct fpga_card *card, int err, const char *fmt, ...);
__printf(2, 3)
void fpga_card_add_error(struct fpga_card *card, const char *fmt, ...);
int fpga_card_redact(char *buf, size_t len, const char *text, bool all);
const char *fpga_card_stuck_end_locked(struct fpga_card *card);
bool fpga_card_is_attached(struct fpga_card *card);
void fpga_card_set_running_locked(struct fpga_card *card, const char *name);
void fpga_card_forget_running(struct fpga_card *card);
bool fpga_card_is_serving_locked(struct fpga_card *card);
bool fpga_card_freeze_expired(const struct fpga_card_request *req);
bool fpga_card_is_given_up(const struct fpga_card *card,
			   const struct fpga_card_request *req);
bool fpga_card_cancelled(void *priv);
int fpga_card_fail_cancelled(struct fpga_card *card);
void fpga_card_window_stuck(void *priv, const char *why);
int fpga_card_window_failed(struct fpga_card *card, int err);

/* card.c */
extern struct workqueue_struct *fpga_card_wq;
void fpga_card_set_upper(const struct fpga_card_upper_ops *ops);
void fpga_card_changed(void);
struct fpga_card *fpga_card_get_by_port(struct pci_dev *port, bool create);
struct fpga_card *fpga_card_get_next(int after);
void fpga_card_port_gone(struct pci_dev *port);
void fpga_cards_give_up(void);
int fpga_cards_set_asleep(bool asleep);
void fpga_cards_remove(void);
int fpga_cards_init(void);
void fpga_cards_exit(void);

/* request.c */
struct fpga_card_staged *fpga_card_staged_alloc(const char *name, const char *image,
						const void *header, size_t size);
void fpga_card_staged_free(struct fpga_card_staged *staged);

/* stage.c */
void fpga_card_forget_staged(struct fpga_card *card);
void fpga_card_doubt_staged_locked(struct fpga_card *card);
void fpga_card_refresh_staged(struct fpga_card *card);
void fpga_card_drop_staged(struct fpga_card *card);

/* readiness.c */
void fpga_card_ready_expect(struct fpga_card *card, const struct fpga_card_request *req);
void fpga_card_ready_settled(struct fpga_card *card, const struct fpga_card_request *req);
void fpga_card_ready_learn(struct fpga_card *card, const struct fpga_card_request *req);
void fpga_card_ready_forget_locked(struct fpga_card *card, const char *image);
void fpga_card_ready_forget_all_locked(struct fpga_card *card);

/* below.c */
struct pci_dev *fpga_card_get_first(struct fpga_card *card);
bool fpga_card_is_present(struct fpga_card *card);
u64 fpga_card_serial(struct fpga_card *card);

/* calls.c */
struct pci_dev *fpga_card_function_of(struct device *dev);
int fpga_card_call_ready(struct fpga_card *card);
int fpga_card_call_begin(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_call_end_locked(struct fpga_card *card);
void fpga_card_call_end(struct fpga_card *card);
int fpga_card_call_trigger(struct fpga_card *card,
			   struct fpga_card_request *req);
int fpga_card_call_stage(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_call_unstage(struct fpga_card *card);
int fpga_card_call_running(struct fpga_card *card, char *name, size_t len);
int fpga_card_call_verify(struct fpga_card *card, char *name, size_t len);
int fpga_card_ops_lock_idle(struct fpga_card *card);
void fpga_card_ops_unlock(struct fpga_card *card);
int fpga_card_call_boot_image(struct fpga_card *card, char *name, size_t len);
int fpga_card_call_set_boot_image(struct fpga_card *card, const char *name);
void fpga_card_refresh_running(struct fpga_card *card);
bool fpga_card_call_pending(struct fpga_card *card,
			    const struct fpga_card_request *req);
int fpga_card_get_control(struct fpga_card *card, struct pci_dev **pdev,
			  struct device **control);
int fpga_card_check_port(struct fpga_card *card, struct pci_dev *control);
int fpga_card_check_start(struct fpga_card *card);

/* backend.c */
int fpga_card_detach_idle(struct fpga_card *card, void *priv);
int fpga_card_read_stale(struct fpga_card *card);

/* port.c */
struct pci_dev *fpga_card_choose_port(const struct fpga_card_info *info,
				      struct pci_dev *pdev, bool *chosen);

/* kept.c */
int fpga_card_get_kept(struct fpga_card *card, struct pci_dev **pdev);
int fpga_card_describe_trigger(struct fpga_card *card, const char *image, char *buf,
			       size_t len);

/* builtin.c */
struct fpga_card_builtin *
fpga_card_builtin_add_registers(struct pci_dev *port, struct pci_dev *function,
				const struct fpga_card_sequence *sequence,
				const struct fpga_card_image *images,
				const u64 *addresses, unsigned int count);
struct fpga_card *fpga_card_builtin_get(struct fpga_card_builtin *builtin);

/* announce.c */
unsigned int fpga_card_reset_left(struct fpga_card *card);

/* images.c */
bool fpga_card_image_name_ok(const char *name);
int fpga_card_images_update(struct fpga_card *card,
			    const struct fpga_card_image *descs,
			    unsigned int count);
void fpga_card_images_remove(struct fpga_card *card);
unsigned int fpga_card_images_longest(struct fpga_card *card);
int fpga_card_images_find_locked(struct fpga_card *card, const char *name,
				 struct fpga_card_image *desc);
int fpga_card_images_find(struct fpga_card *card, const char *name,
			  struct fpga_card_image *desc);

/* boot-image.c */
extern const struct attribute_group fpga_card_boot_image_group;

/* mgr.c, bridge.c, region.c */
int fpga_card_mgr_register(struct fpga_card *card);
void fpga_card_mgr_unregister(struct fpga_card *card);
int fpga_card_bridge_register(struct fpga_card *card);
void fpga_card_bridge_unregister(struct fpga_card *card);
int fpga_card_region_register(struct fpga_card *card);
void fpga_card_region_unregister(struct fpga_card *card);

/* region-outcome.c, region-stage.c, history.c */
extern const struct attribute_group fpga_card_outcome_group;
extern const struct attribute_group fpga_card_stage_group;
void fpga_card_history_init(void);
void fpga_card_history_exit(void);
void fpga_card_history_add(struct fpga_card *card);
void fpga_card_history_del(struct fpga_card *card);

/* configfs.c */
int fpga_card_configfs_init(void);
void fpga_card_configfs_exit(void);

#endif /* _FPGA_CARD_INTERNAL_H */
