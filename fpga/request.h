/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is asked of a card, and who serves it: for the files that make, check, serve or
 * look at requests. One header, as the steps of serving one request are in many files,
 * which hand it to each other.
 */
#ifndef _FPGA_CARD_REQUEST_H
#define _FPGA_CARD_REQUEST_H

#include <linux/firmware.h>
#include <linux/fpga/fpga-card-image.h>
#include <linux/kref.h>
#include <linux/ktime.h>

#include "card.h"

struct fpga_card_asker;

/* Longest answer of the attribute "check", with the terminating NUL. */
#define FPGA_CARD_ANSWER_MAX	4000

/* Longest sentence of a window on what it waits for, with the terminating NUL. */
#define FPGA_CARD_STUCK_MAX	256

/**
 * struct fpga_card_options - what an overlay or a front end asks for beyond the image
 * @overlay: the overlay; NULL for every other request
 * @timeout_ms: deadline from the trigger to the link, in milliseconds; 0 for the
 *	card's or the image's
 * @freeze_us: longest time from the opening of the window until the functions
 *	are removed, in microseconds; 0 for no bound
 * @unfreeze_us: longest time from the link's coming up until the card answers, on
 *	top of what the specification gives it; 0 for the usual
 * @encrypted: the image is a file with an encrypted payload
 * @fw: the file, where no name of one says it; the request takes it over, and NULL is left
 *	there
 * @sees_processes: the sentence on a failure may name processes
 */
struct fpga_card_options {
	struct fpga_card_overlay *overlay;
	unsigned int timeout_ms;
	unsigned int freeze_us;
	unsigned int unfreeze_us;
	bool encrypted;
	const struct firmware **fw;
	bool sees_processes;
};

/**
 * struct fpga_card_announcement - a reset that the card does by itself
 *
 * All but the first two under &struct fpga_card.lock.
 *
 * @priv: the back end that announced it, as in &struct fpga_card_info.priv
 * @deadline_ms: longest time from when it was accepted until the link is up again
 * @accepted: the card may reset itself; also read without the lock
 * @waiting: the worker waits for it to begin
 * @ended: the back end says that it is over, or called off
 * @err: which of these: 0 or a negative errno
 */
struct fpga_card_announcement {
	void *priv;
	unsigned int deadline_ms;
	bool accepted;
	bool waiting;
	bool ended;
	int err;
};

/**
 * struct fpga_card_request - something that is asked of a card
 *
 * Made by whoever asks, run by the card's worker; the last of the two frees it.
 *
 * @ref: references
 * @job: what is asked
 * @done: @result is valid; released by the worker, acquired by the asker
 * @result: 0 or a negative errno
 * @cancel: the asker was interrupted; honoured until @triggered
 * @stuck: the worker waits for a driver that does not return, so nobody waits for the
 *	worker any more; written under &struct fpga_card.lock, also read without it
 * @stuck_why: a sentence on what that waits for; under &struct fpga_card.lock
 * @whole: the request that this one is a part of, or NULL
 * @touched: the window was opened for it, so the card is not as it was
 * @triggered: the card was told to load, or that it may reset itself: there is no way
 *	back
 * @recovering: the request failed, and the card is brought back
 * @name: the image as asked for; in front of a reset that the card does by itself, as
 *	it was asked for when @previous was loaded
 * @image: name the card will give it when it runs
 * @previous: image that ran before, empty if unknown
 * @options: what the one who asks wants of it
 * @announced: for FPGA_CARD_ANNOUNCED
 * @freeze_end: end of @options.freeze_us; 0 while that does not run
 * @refused: what a check found before the worker began, 0 or a negative errno
 * @error: why a check says no, or the image that ran before was not loaded again;
 *	for others a copy of last_error, once @done
 * @timeout_ms: deadline from the trigger to the link, in milliseconds
 * @patient: that is the user's, who may know of drivers that take long
 * @hold_ms: least time from the trigger to the link, in milliseconds
 * @start: what makes the card load
 * @drops_link: the card drops its link by itself, which is waited for
 * @overlap: user space lets go of the card while the image is brought into place
 * @force: a function in use does not stop the load
 * @fw: the file, NULL for an image in flash
 * @view: its parts
 * @unverified: its digest is not known yet, and taken while it is written to the card
 * @damaged: that is not what its header promises; also read without a lock
 * @target: the function that stands for the card; referenced, until the window
 *	is open
 * @stages: the image is brought into place on the running card
 * @staged: that was done
 * @auxiliary: the image is not the FPGA's
 * @believed: the card came back, and cannot tell what it runs
 * @info: what is handed to the FPGA framework
 * @begun: when the worker began
 * @deadline: end of @timeout_ms, in jiffies; set by the trigger
 * @started: when that began to count
 * @functions: how many functions came back
 * @link_losses: how often the link went down once more after it had come up
 * @waiting: what was staged, for an activation; else NULL
 * @degraded: the image runs, but something is less than it was or could be
 * @incomplete: the card was brought back without something that it had
 * @draining: user space was told of the outage, and may say that it has let go of the card;
 *	under &struct fpga_card.lock
 * @drained: it has; also read without a lock
 * @drain_end: when it has had the time for that, in jiffies; valid with @told
 * @told: it was told of the outage
 * @released: VFs were given up while the image was brought into place
 * @outage_begin: when the first function was removed; 0 if none was
 * @outage_end: when the last one was bound, so far
 * @record: what is told of it when it is over
 */
struct fpga_card_request {
	struct kref ref;
	enum fpga_card_job job;
	bool done;
	int result;
	bool cancel;
	bool stuck;
	char stuck_why[FPGA_CARD_STUCK_MAX];
	struct fpga_card_request *whole;
	bool touched;
	bool triggered;
	bool recovering;
	char name[FPGA_CARD_REQUEST_MAX + 1];
	char image[FPGA_CARD_NAME_MAX + 1];
	char previous[FPGA_CARD_NAME_MAX + 1];
	struct fpga_card_options options;
	struct fpga_card_announcement announced;
	ktime_t freeze_end;
	int refused;
	char error[FPGA_CARD_ERROR_MAX];
	unsigned int timeout_ms;
	bool patient;
	unsigned int hold_ms;
	enum fpga_card_start start;
	bool drops_link;
	bool overlap;
	bool force;
	const struct firmware *fw;
	struct fpga_card_image_view view;
	bool unverified;
	bool damaged;
	struct pci_dev *target;
	bool stages;
	bool staged;
	bool auxiliary;
	bool believed;
	struct fpga_image_info info;
	ktime_t begun;
	unsigned long deadline;
	ktime_t started;
	int functions;
	unsigned int link_losses;
	struct fpga_card_staged *waiting;
	bool degraded;
	bool incomplete;
	bool draining;
	bool drained;
	unsigned long drain_end;
	bool told;
	bool released;
	ktime_t outage_begin;
	ktime_t outage_end;
	struct fpga_card_record record;
};

/**
 * struct fpga_card_digest - the digest of a file, taken while the file is written
 * @work: takes it
 * @card: the card
 * @req: the request with the file
 * @stop: nobody wants to know any more; also read without a lock
 * @err: 0 if it is what the file promises, or a negative errno; valid when @work is over
 */
struct fpga_card_digest {
	struct work_struct work;
	struct fpga_card *card;
	struct fpga_card_request *req;
	bool stop;
	int err;
};

/**
 * struct fpga_card_release - VFs that are given up while the image is brought into place
 * @work: gives them up
 * @card: the card
 * @req: the request
 * @stop: it need not begin any more; also read without a lock
 */
struct fpga_card_release {
	struct work_struct work;
	struct fpga_card *card;
	struct fpga_card_request *req;
	bool stop;
};

/* digest.c */
int fpga_card_digest_failed(struct fpga_card *card, const struct fpga_card_request *req,
			    int err);
int fpga_card_digest_check(struct fpga_card *card, const struct fpga_card_request *req);
void fpga_card_digest_begin(struct fpga_card_digest *digest, struct fpga_card *card,
			    struct fpga_card_request *req);
bool fpga_card_digest_is_over(struct fpga_card_digest *digest);
int fpga_card_digest_end(struct fpga_card_digest *digest, bool wanted);

/* users.c */
int fpga_card_check_users(struct fpga_card *card, struct fpga_card_request *req);
bool fpga_card_is_used(struct fpga_card *card, const struct fpga_card_request *req);
int fpga_card_list_users(struct fpga_card *card, char *buf, size_t len);

/* pace.c */
void fpga_card_pace_begin(struct fpga_card_request *req);
void fpga_card_pace_expect(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_pace_keep(struct fpga_card *card, struct fpga_card_request *req);

/* identity.c */
int fpga_card_identity_check(struct fpga_card *card,
			     const struct fpga_card_image_view *view);

/* stage.c */
bool fpga_card_call_lost_staged(struct fpga_card *card, const char *image);
int fpga_card_write_image(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_drop_image(struct fpga_card *card, struct fpga_card_request *req);
int fpga_card_keep_staged(struct fpga_card *card, struct fpga_card_request *req);

/* drain.c */
void fpga_card_drain_begin(struct fpga_card *card, struct fpga_card_request *req,
			   bool waits);
int fpga_card_drain(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_release_begin(struct fpga_card_release *release, struct fpga_card *card,
			     struct fpga_card_request *req);
void fpga_card_release_end(struct fpga_card_release *release);
void fpga_card_return_vfs(struct fpga_card *card, struct fpga_card_request *req);

/* outcome.c */
const struct fpga_card_record *fpga_card_last_record_locked(struct fpga_card *card);
void fpga_card_record_refused_locked(struct fpga_card *card,
				     struct fpga_card_request *req, int err);
void fpga_card_record_begin(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_record_end(struct fpga_card *card, struct fpga_card_request *req,
			  int ret);
void fpga_card_outage_began(struct fpga_card_request *req, ktime_t when);
void fpga_card_outage_begin(struct fpga_card_request *req);
void fpga_card_outage_end(struct fpga_card_request *req);
void fpga_card_tell_unloading(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_tell_over(struct fpga_card *card, struct fpga_card_request *req,
			 enum fpga_card_state state);

/* serve.c */
void fpga_card_serve_work(struct work_struct *work);

/* reload.c: steps 1 to 7 */
int fpga_card_open(struct fpga_card *card, struct fpga_card_request *req);
int fpga_card_gate_off(struct fpga_card *card);
int fpga_card_load_image(struct fpga_card *card);
unsigned int fpga_card_time_left(const struct fpga_card_request *req);
int fpga_card_await_drop(struct fpga_card *card, struct fpga_card_request *req);
int fpga_card_await_link(struct fpga_card *card, struct fpga_card_request *req);

/* arrive.c: steps 8 to 11 */
bool fpga_card_wait_back_end(struct fpga_card *card, unsigned int ms);
unsigned int fpga_card_attach_ms(const struct fpga_card *card,
				 const struct fpga_card_request *req);
int fpga_card_gate_on(struct fpga_card *card);
int fpga_card_program(struct fpga_card *card, struct fpga_card_request *req);

/* recover.c */
int fpga_card_recover(struct fpga_card *card, struct fpga_card_request *req);
int fpga_card_revive(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_failed(struct fpga_card *card, struct fpga_card_request *req);
void fpga_card_tell_lost(struct fpga_card *card);

/* self-reset.c */
int fpga_card_validate_reset(struct fpga_card *card,
			     struct fpga_card_request *req);
int fpga_card_be_reset(struct fpga_card *card, struct fpga_card_request *req);

/* check.c */
int fpga_card_check(struct fpga_card *card, struct fpga_card_request *req);

/* ask.c */
int fpga_card_claim_when_checked(struct fpga_card *card, const char *name,
				 struct fpga_card_request *req);
int fpga_card_ask(struct fpga_card *card, enum fpga_card_job job,
		  const char *name);
int fpga_card_ask_by_text(struct fpga_card *card, enum fpga_card_job job,
			  const char *buf, size_t count);
int fpga_card_ask_for(struct fpga_card *card, enum fpga_card_job job,
		      const char *name,
		      const struct fpga_card_options *options,
		      char *why, size_t len);

int fpga_card_ask_as(struct fpga_card *card, enum fpga_card_job job,
		     const char *name, const struct fpga_card_options *options,
		     struct fpga_card_asker *asker);

/* validate.c */
int fpga_card_request_validate(struct fpga_card *card,
			       struct fpga_card_request *req);

/* request.c */
struct fpga_card_request *fpga_card_request_alloc(enum fpga_card_job job);
void fpga_card_request_take_file(struct fpga_card_request *req);
void fpga_card_request_put(struct fpga_card_request *req);
int fpga_card_get_target(struct fpga_card *card, struct pci_dev **target,
			 struct pci_dev **pdev);
int fpga_card_request_set_target(struct fpga_card *card,
				 struct fpga_card_request *req);
bool fpga_card_request_target_stays(struct fpga_card *card,
				    struct fpga_card_request *req);

#endif /* _FPGA_CARD_REQUEST_H */
