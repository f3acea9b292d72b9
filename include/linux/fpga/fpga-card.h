/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cards below a PCIe port whose FPGA image can be reloaded while the host
 * runs: what a back end has to provide.
 *
 * The functions are in the namespace of symbols FPGA_CARD_1, which a module that calls
 * them imports. Its number is the version of this interface. One header, as a back end
 * needs all of it.
 */
#ifndef _LINUX_FPGA_CARD_H
#define _LINUX_FPGA_CARD_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

struct device;
struct device_node;
struct fpga_card;
struct fpga_card_builtin;
struct fpga_card_overlay;
struct pci_dev;

/* Longest image name, without the terminating NUL. */
#define FPGA_CARD_NAME_MAX	63

/* Longest version and description of an image, without the terminating NUL. */
#define FPGA_CARD_VERSION_MAX	31
#define FPGA_CARD_DESCRIPTION_MAX	127

/* Longest clause that fpga_card_reason() keeps, without the terminating NUL. */
#define FPGA_CARD_REASON_MAX	159

/* Most images a card can list. */
#define FPGA_CARD_IMAGES_MAX	64

/**
 * struct fpga_card_image - one image in a card's flash, as its back end tells
 * @name: its name; letters, digits, '_', '-', '+' and '.', not starting with '.'
 * @timeout_ms: longest time from the trigger until the link is up again, in
 *	milliseconds; from the card's documentation
 * @hold_ms: time in milliseconds from the trigger during which the card's old
 *	image may still train the link; the link stays disabled so long. What
 *	runs afterwards is what the card has loaded. 0 if that is not known: an
 *	old image that still runs is waited for to the deadline then
 * @staged: the running card has to bring it into place first, which
 *	&struct fpga_card_ops.stage does, with no data
 * @auxiliary: it is not the FPGA's image, but firmware of something beside the FPGA
 *	for which the whole card has to go: &struct fpga_card_ops.running does
 *	not name it afterwards
 * @version: what the card says of its version; empty if it does not
 * @description: what it is, for people; empty for nothing
 * @invalid: it is known not to be whole, as after an update that was interrupted: it is
 *	not loaded
 */
struct fpga_card_image {
	char name[FPGA_CARD_NAME_MAX + 1];
	unsigned int timeout_ms;
	unsigned int hold_ms;
	bool staged;
	bool auxiliary;
	char version[FPGA_CARD_VERSION_MAX + 1];
	char description[FPGA_CARD_DESCRIPTION_MAX + 1];
	bool invalid;
};

/**
 * struct fpga_card_ops - how a card is told to load an image
 *
 * All of them may sleep and are called one at a time for a card. None is
 * called after fpga_card_detach() has returned, and fpga_card_detach() waits
 * for one that runs: none may wait for the removal of its own device.
 *
 * The first argument of each is &struct fpga_card_info.priv. What it works on comes
 * next, and what it fills in last.
 *
 * One that fails says why with fpga_card_reason(), if it knows.
 *
 * @images: fill at most @max entries of @images; returns how many there are or
 *	a negative errno. Called when the back end attaches, and for
 *	fpga_card_images_changed(). What of an entry is not filled in is 0
 * @ready: optional; 0 if a load could be triggered now, -EBUSY while the card
 *	is being flashed or has an earlier request pending
 * @begin: optional; the last thing before a load of @name begins, or a check of
 *	whether it could: -EBUSY or another errno if the card would refuse it.
 *	From here on the card shall take nothing else upon itself, such as to
 *	have its flash written
 * @end: optional; that is over. Follows each @begin that returned 0, once, whatever
 *	became of the load; in fpga_card_detach() at the latest, when the card may have no
 *	link
 * @running: optional; write the name of the image that runs into @name (@len
 *	bytes with the NUL); -ENODATA if the card cannot tell
 * @stage: optional; write the image of a file to the card, where @trigger with
 *	@name finds it; the running image must go on undisturbed. @data is NULL
 *	for an image with &struct fpga_card_image.staged. The only operation that may
 *	take longer than some seconds: it ends, with -EINTR, when
 *	fpga_card_stage_cancelled() says so
 * @unstage: optional; forget what @stage wrote, which is not to be loaded
 * @is_staged: optional; whether the card still has what @stage wrote as @name. Without
 *	it that is believed until the back end is detached
 * @keeps: optional, for a back end without a control device: the function that stays for
 *	@trigger, referenced; NULL if it is not there. It has lost its driver by then, and
 *	its bus mastering
 * @trigger: tell the card to load image @name (@staged: the one that @stage
 *	wrote). Returns once the card has accepted; a negative errno means that
 *	the card goes on with the image it has, or, with -ENODEV, that it does not answer
 * @describe: optional, for a check: what @trigger would do, as lines "word: text" in @buf
 *	(@len bytes with the NUL); returns their length
 * @boot_image: optional; write the name of the image that the card starts with when it
 *	gets power into @name (@len bytes with the NUL); -ENODATA if it is none of
 *	@images
 * @set_boot_image: optional; have the card start with image @name from now on. Not called
 *	while a request is served
 * @owns: optional; whether a function or bridge below the port belongs to the
 *	card. Not asked for the bus with the control function. Without it only
 *	that bus does. May be called with the PCI core's locks held
 */
struct fpga_card_ops {
	int (*images)(void *priv, struct fpga_card_image *images,
		      unsigned int max);
	int (*ready)(void *priv);
	int (*begin)(void *priv, const char *name);
	void (*end)(void *priv);
	int (*running)(void *priv, char *name, size_t len);
	int (*stage)(void *priv, struct fpga_card *card, const char *name,
		     const u8 *data, size_t len);
	void (*unstage)(void *priv);
	bool (*is_staged)(void *priv, const char *name);
	struct pci_dev *(*keeps)(void *priv);
	int (*trigger)(void *priv, const char *name, bool staged);
	int (*describe)(void *priv, const char *name, char *buf, size_t len);
	int (*boot_image)(void *priv, char *name, size_t len);
	int (*set_boot_image)(void *priv, const char *name);
	bool (*owns)(void *priv, struct pci_dev *pdev);
};

/**
 * enum fpga_card_start - what makes a card load once it was told to
 * @FPGA_CARD_START_TRIGGER: the trigger itself
 * @FPGA_CARD_START_HOT_RESET: a hot reset
 * @FPGA_CARD_START_POWER_CYCLE: a power cycle of its slot
 */
enum fpga_card_start {
	FPGA_CARD_START_TRIGGER,
	FPGA_CARD_START_HOT_RESET,
	FPGA_CARD_START_POWER_CYCLE,
};

/**
 * struct fpga_card_info - what a back end says of itself when it attaches
 * @name: name of the back end, also matched against the target of image files
 * @port: the downstream port above the card; it survives the reload. NULL to
 *	have it derived: the nearest one above @control and all that @ops->owns
 * @control: the device through which a load is triggered, below @port. NULL if
 *	none below the port is needed for that: then all functions are removed
 *	before the trigger, and @port is not NULL
 * @start: what makes the card load. If not the trigger: all functions are removed
 *	behind it, then comes the reset or the power cycle, and the image's
 *	times count from the end of that
 * @drops_link: the card goes on with its old image for some time after the trigger,
 *	and drops its link then: the link stays enabled until it does
 * @ops: the operations
 * @priv: argument of the operations
 * @card: where fpga_card_attach() writes the card before it calls any operation but
 *	@ops->owns, for fpga_card_reason() in them; NULL if that is not needed. NULL
 *	is written there if attaching fails
 * @stage_timeout_ms: deadline for an image that comes as a file, as
 *	&struct fpga_card_image.timeout_ms
 * @stage_hold_ms: for such an image, as &struct fpga_card_image.hold_ms
 * @stage_unverified: @ops->stage may be called with a file whose digest is not known yet,
 *	and is taken at the same time: nothing uses what it writes before the trigger, and
 *	@ops->unstage takes it back
 * @attach_ms: how long the driver of @control, and the back end with it, may take to come
 *	back after the functions were enumerated, in milliseconds; 0 for 5 s. At most an
 *	hour
 * @encrypted: files whose payload is encrypted are taken; the card decrypts them
 * @tells_pending: @ops->ready returns -EBUSY from the trigger until the new image
 *	runs. Without it a card that comes back with the image it had is taken to
 *	have the load before it, until the image's deadline
 * @no_files: for users, why no files are taken and what there is instead, as the
 *	end of a sentence; NULL for nothing. Only without @ops->stage for files;
 *	lives as long as the back end is attached
 */
struct fpga_card_info {
	const char *name;
	struct pci_dev *port;
	struct device *control;
	enum fpga_card_start start;
	bool drops_link;
	const struct fpga_card_ops *ops;
	void *priv;
	struct fpga_card **card;
	unsigned int stage_timeout_ms;
	unsigned int stage_hold_ms;
	bool stage_unverified;
	unsigned int attach_ms;
	bool encrypted;
	bool tells_pending;
	const char *no_files;
};

struct fpga_card *fpga_card_attach(const struct fpga_card_info *info);
void fpga_card_detach(struct fpga_card *card, void *priv);
int fpga_card_images_changed(struct fpga_card *card, void *priv);
bool fpga_card_stage_cancelled(struct fpga_card *card);
void fpga_card_stage_progress(struct fpga_card *card, u64 done, u64 total);
__printf(2, 3)
void fpga_card_reason(struct fpga_card *card, const char *fmt, ...);

struct fpga_card *fpga_card_find(struct pci_dev *port);
void fpga_card_put(struct fpga_card *card);
int fpga_card_load(struct fpga_card *card, const char *name);
int fpga_card_stage(struct fpga_card *card, const char *name);
int fpga_card_unstage(struct fpga_card *card);
int fpga_card_activate(struct fpga_card *card);
int fpga_card_bring_back(struct fpga_card *card);
int fpga_card_reset_begin(struct fpga_card *card, void *priv,
			  unsigned int deadline_ms);
void fpga_card_reset_end(struct fpga_card *card, void *priv, int err);
int fpga_card_last_error(struct fpga_card *card, char *buf, size_t len);

/**
 * enum fpga_card_method - how a card without a control device is made to load
 * @FPGA_CARD_HOT_RESET: by a hot reset
 * @FPGA_CARD_SLOT_POWER: by a power cycle of its slot
 * @FPGA_CARD_EXTERNAL: by somebody outside, who is told in a uevent
 * @FPGA_CARD_REGISTERS: by registers of a function; not by fpga_card_builtin_add()
 */
enum fpga_card_method {
	FPGA_CARD_HOT_RESET,
	FPGA_CARD_SLOT_POWER,
	FPGA_CARD_EXTERNAL,
	FPGA_CARD_REGISTERS,
};

struct fpga_card_builtin *
fpga_card_builtin_add(struct pci_dev *port, enum fpga_card_method method,
		      const struct fpga_card_image *images, unsigned int count);
int fpga_card_builtin_remove(struct fpga_card_builtin *builtin);

/**
 * struct fpga_card_overlay_info - what a device-tree overlay asks of a region
 *
 * As in the kernel's binding fpga-region. The times are in microseconds, 0 where
 * the overlay gives none.
 *
 * @firmware_name: the image to load, NULL for none
 * @external: the image is there already, nothing is to be loaded
 * @partial: only a part of the FPGA is to be loaded
 * @encrypted: the image is encrypted
 * @freeze_us: longest time until the functions are removed
 * @unfreeze_us: longest time from the link's coming up until the card answers
 * @complete_us: longest time from the trigger until the link is up again
 */
struct fpga_card_overlay_info {
	const char *firmware_name;
	bool external;
	bool partial;
	bool encrypted;
	u32 freeze_us;
	u32 unfreeze_us;
	u32 complete_us;
};

bool fpga_card_overlay_is_region(const struct device_node *np);
int fpga_card_overlay_begin(struct device_node *np, const char *name,
			    const struct fpga_card_overlay_info *info,
			    struct fpga_card_overlay **overlay,
			    char *why, size_t len);
int fpga_card_overlay_applied(struct fpga_card_overlay *overlay,
			      char *why, size_t len);
int fpga_card_overlay_removing(struct fpga_card_overlay *overlay);
void fpga_card_overlay_end(struct fpga_card_overlay *overlay);
void fpga_card_overlay_sync(void);

#endif /* _LINUX_FPGA_CARD_H */
