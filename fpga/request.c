// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to load an image: who may ask, and whether it can be done. All that
 * is checked here is checked before anything is touched.
 */

#include <crypto/sha2.h>
#include <linux/ctype.h>
#include <linux/firmware.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "card.h"
#include "compat/sha256.h"

/* For a card to be as it was after a request that was cancelled. */
#define FPGA_CARD_CANCEL_MS	10000

/* For a check to end. What takes time in one is reading a large file and its digest. */
#define FPGA_CARD_CHECK_MS	10000

/* How much is digested before another task may have the processor. */
#define FPGA_CARD_DIGEST_STEP	SZ_1M

static void fpga_card_request_free(struct kref *ref)
{
	struct fpga_card_request *req;

	req = container_of(ref, struct fpga_card_request, ref);
	pci_dev_put(req->target);
	release_firmware(req->fw);
	kfree(req);
}

void fpga_card_request_put(struct fpga_card_request *req)
{
	kref_put(&req->ref, fpga_card_request_free);
}

/* NULL if a name may be looked for, else what is wrong with it. */
static const char *fpga_card_name_problem(const char *name)
{
	const char *p;

	if (!name[0])
		return "the name of the image is empty";
	if (strlen(name) > FPGA_CARD_REQUEST_MAX)
		return "the name of the image is too long";
	if (name[0] == '/')
		return "the name of an image file is relative to the firmware path";
	for (p = name; *p; p++) {
		/* isprint() knows Latin-1, too. */
		if (!isascii(*p) || !isprint(*p))
			return "the name of the image has a character that can not be printed";
		if (p[0] == '.' && p[1] == '.' && (p == name || p[-1] == '/') &&
		    (!p[2] || p[2] == '/'))
			return "the name of an image file may not leave the firmware path";
	}
	return NULL;
}

struct fpga_card_request *fpga_card_request_alloc(enum fpga_card_job job)
{
	struct fpga_card_request *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (req) {
		kref_init(&req->ref);
		req->job = job;
	}
	return req;
}

/* Whether a request is served that may do something to the card. */
bool fpga_card_is_serving_locked(struct fpga_card *card)
{
	lockdep_assert_held(&card->lock);

	return card->request && card->request->job != FPGA_CARD_CHECK;
}

/* What speaks against @name before anything is looked at; @card->lock is held. */
static int fpga_card_refuses(struct fpga_card *card,
			     struct fpga_card_request *req, const char *name)
{
	const char *problem = name ? fpga_card_name_problem(name) : NULL;

	if (!problem)
		return fpga_card_overlay_refuses(card, req, name);
	strscpy(req->error, problem, sizeof(req->error));
	return -EINVAL;
}

/* Make @req the card's request, or say why not. */
static int fpga_card_claim(struct fpga_card *card, const char *name,
			   struct fpga_card_request *req)
{
	bool check = req->job == FPGA_CARD_CHECK;
	int ret = 0;

	mutex_lock(&card->lock);
	if (card->dead) {
		strscpy(req->error, "the card is gone", sizeof(req->error));
		ret = -ENODEV;
	} else if (card->asleep) {
		strscpy(req->error, "the machine is about to sleep",
			sizeof(req->error));
		ret = -EBUSY;
	} else if (card->request) {
		strscpy(req->error, card->request->stuck ?
			"the card still waits for what last_error names" :
			"the card serves another request",
			sizeof(req->error));
		ret = -EBUSY;
	} else {
		req->refused = fpga_card_refuses(card, req, name);
		/* To a check that is an answer. */
		if (!check)
			ret = req->refused;
		if (ret)
			strscpy(card->last_error, req->error,
				sizeof(card->last_error));
	}
	if (!ret) {
		if (name)
			strscpy(req->name, name, sizeof(req->name));
		req->force = card->force;
		req->timeout_ms = req->options.timeout_ms ?: card->timeout_ms;
		req->patient = req->timeout_ms;
		card->request = req;
		WRITE_ONCE(card->checking, check);
		/* The worker's; the caller has its own. */
		kref_get(&req->ref);
		get_device(&card->dev);
		if (!check) {
			/* The next one who asks has users of his own in mind. */
			card->force = false;
			card->last_error[0] = '\0';
		}
		queue_work(fpga_card_wq, &card->work);
	}
	mutex_unlock(&card->lock);
	return ret;
}

/*
 * Claims the card, but waits for a check that runs: an agent may ask for one at any time,
 * and a check ends by itself.
 */
static int fpga_card_claim_when_checked(struct fpga_card *card, const char *name,
					struct fpga_card_request *req)
{
	long left = msecs_to_jiffies(FPGA_CARD_CHECK_MS);
	int ret;

	for (;;) {
		ret = fpga_card_claim(card, name, req);
		if (ret != -EBUSY || req->job == FPGA_CARD_CHECK || left <= 0 ||
		    !READ_ONCE(card->checking))
			return ret;
		left = wait_event_killable_timeout(card->wait,
						   !READ_ONCE(card->checking) ||
						   READ_ONCE(card->gone), left);
	}
}

/* A condition to sleep on, so it takes no lock. */
static bool fpga_card_request_over(struct fpga_card *card,
				   struct fpga_card_request *req)
{
	/* Pairs with the worker's release: @result is valid behind it. */
	return smp_load_acquire(&req->done) || READ_ONCE(card->gone) ||
	       READ_ONCE(req->stuck);
}

/*
 * The asker is about to die. The worker sees that within its next wait, and needs some
 * seconds to have the card back. A driver's remove() or a back end's stage() may last
 * longer, for which nobody is to wait who cannot be killed.
 */
static void fpga_card_await_cancelled(struct fpga_card *card,
				      struct fpga_card_request *req)
{
	WRITE_ONCE(req->cancel, true);
	wait_event_idle_timeout(card->wait, fpga_card_request_over(card, req),
				msecs_to_jiffies(FPGA_CARD_CANCEL_MS));
}

/*
 * Only a signal that ends the asker ends a load: others, as those about children of a
 * shell, are for the asker's own purposes. Nor is a system sleep a change of mind.
 */
static int fpga_card_await(struct fpga_card *card,
			   struct fpga_card_request *req)
{
	if (wait_event_state(card->wait, fpga_card_request_over(card, req),
			     (TASK_KILLABLE | TASK_FREEZABLE)))
		fpga_card_await_cancelled(card, req);
	/* Pairs with the worker's release, too. */
	if (smp_load_acquire(&req->done))
		return req->result;
	if (READ_ONCE(card->gone))
		return -ENODEV;
	return READ_ONCE(req->stuck) ? -ETIMEDOUT : -EINTR;
}

/* Why a request was not waited for to its end */
static const char *fpga_card_why_left(int err)
{
	switch (err) {
	case -EINTR:
		return "the request was cancelled";
	case -ETIMEDOUT:
		return "a driver does not return: last_error names it";
	default:
		return "the port went away";
	}
}

/*
 * Have a job done by the card's worker; for FPGA_CARD_RECOVER @name is NULL.
 * @why: for a sentence on what went wrong; may be NULL.
 */
int fpga_card_ask_for(struct fpga_card *card, enum fpga_card_job job,
		      const char *name,
		      const struct fpga_card_options *options,
		      char *why, size_t len)
{
	struct fpga_card_request *req = fpga_card_request_alloc(job);
	const char *error;
	int ret;

	if (!req)
		return -ENOMEM;
	if (options)
		req->options = *options;

	ret = fpga_card_claim_when_checked(card, name, req);
	error = req->error;
	if (!ret) {
		ret = fpga_card_await(card, req);
		/* What is not waited for has its error yet to come. */
		if (!smp_load_acquire(&req->done))
			error = fpga_card_why_left(ret);
	}
	if (why)
		strscpy(why, ret ? error : "", len);
	fpga_card_request_put(req);
	return ret;
}

int fpga_card_ask(struct fpga_card *card, enum fpga_card_job job,
		  const char *name)
{
	return fpga_card_ask_for(card, job, name, NULL, NULL, 0);
}

/**
 * fpga_card_load - load an image
 * @card: the card
 * @name: an image in its flash, or a file below the firmware path
 *
 * Removes the functions of the card, has it load the image, and enumerates
 * what is there then. A fatal signal cancels the request as long as the card was
 * not told to load; the card is as it was then, with its VFs and settings. If
 * something fails after that, the card is brought back, and the image that ran
 * before is loaded again.
 *
 * Context: may sleep, until the image's deadline. The caller holds no lock that
 * a driver's probe() or remove(), or the removal of the port, may take.
 *
 * Return: 0 when the image runs and its functions are enumerated; -EBUSY if a
 * request is being served, a function is in use or an overlay needs another
 * image; -EINVAL for a name or a file
 * that is no good; -ENOENT if there is no such image; -ENODEV if the card has
 * no back end or its port is gone; -EINTR; -ETIMEDOUT if the card did not come
 * back in time; -EIO if it runs something else; -ENOSPC if its functions do not
 * fit; or another errno from the card's back end. But for a request that is
 * being served, fpga_card_last_error() tells more.
 */
int fpga_card_load(struct fpga_card *card, const char *name)
{
	return fpga_card_ask(card, FPGA_CARD_LOAD, name);
}
EXPORT_SYMBOL_GPL(fpga_card_load);

/**
 * fpga_card_bring_back - bring a card back that does not work any more
 * @card: the card
 *
 * Removes its functions, and asks the card back by one means after the other:
 * the link as it is, a new training, a hot reset, a power cycle.
 *
 * Context: may sleep for some seconds; as for fpga_card_load().
 *
 * Return: 0 when its functions, and its back end if it had one, are there;
 * -EBUSY if a request is being served or a function is in use; -ENODEV if
 * nothing helped or the port is gone; -EINTR. But for a request that is being
 * served, fpga_card_last_error() tells more.
 */
int fpga_card_bring_back(struct fpga_card *card)
{
	return fpga_card_ask(card, FPGA_CARD_RECOVER, NULL);
}
EXPORT_SYMBOL_GPL(fpga_card_bring_back);

static void fpga_card_digest(const u8 *data, size_t size, u8 *digest)
{
	struct sha256_ctx ctx;
	size_t step;

	sha256_init(&ctx);
	for (; size; data += step, size -= step) {
		step = min_t(size_t, size, FPGA_CARD_DIGEST_STEP);
		sha256_update(&ctx, data, step);
		cond_resched();
	}
	sha256_final(&ctx, digest);
}

static int fpga_card_check_digest(struct fpga_card *card,
				  struct fpga_card_request *req)
{
	u8 digest[SHA256_DIGEST_SIZE];

	fpga_card_digest(req->view.payload, req->view.payload_size, digest);
	if (memcmp(digest, req->view.header->digest, sizeof(digest)))
		return fpga_card_fail(card, -EBADMSG,
				      "the file \"%s\" is damaged: its payload does not match its digest",
				      req->name);
	return 0;
}

/* Whether the file is for this card. */
static int fpga_card_check_target(struct fpga_card *card,
				  struct fpga_card_request *req,
				  struct pci_dev *pdev)
{
	const struct fpga_card_image_header *header = req->view.header;
	u16 vendor = le16_to_cpu(header->card_vendor);
	u16 device = le16_to_cpu(header->card_device);
	bool match;

	mutex_lock(&card->attach_lock);
	match = card->info.name &&
		!strncmp(header->back_end, card->info.name,
			 sizeof(header->back_end));
	mutex_unlock(&card->attach_lock);
	if (!match)
		return fpga_card_fail(card, -EINVAL,
				      "the file \"%s\" is for cards with the back end %.32s",
				      req->name, header->back_end);
	if ((vendor != FPGA_CARD_IMAGE_ANY && vendor != pdev->vendor) ||
	    (device != FPGA_CARD_IMAGE_ANY && device != pdev->device))
		return fpga_card_fail(card, -EINVAL,
				      "the file \"%s\" is for card %04x:%04x, not for %04x:%04x",
				      req->name, vendor, device, pdev->vendor,
				      pdev->device);
	return 0;
}

/* The name is none of the images', and a file it can not be. */
static int fpga_card_refuse_file(struct fpga_card *card,
				 struct fpga_card_request *req)
{
	int ret;

	mutex_lock(&card->attach_lock);
	ret = fpga_card_fail(card, -ENOENT,
			     "the card below %s has no image \"%s\" in flash, and takes no files%s%s",
			     pci_name(card->port), req->name,
			     card->info.no_files ? ": " : "",
			     card->info.no_files ?: "");
	mutex_unlock(&card->attach_lock);
	return ret;
}

static int fpga_card_validate_file(struct fpga_card *card,
				   struct fpga_card_request *req,
				   struct pci_dev *pdev)
{
	unsigned int timeout_ms, hold_ms;
	const char *why;
	bool stages;
	bool decrypts;
	int ret;

	mutex_lock(&card->attach_lock);
	stages = card->info.ops && card->info.ops->stage;
	decrypts = card->info.encrypted;
	timeout_ms = card->info.stage_timeout_ms;
	hold_ms = card->info.stage_hold_ms;
	mutex_unlock(&card->attach_lock);
	if (req->options.encrypted && !decrypts)
		return fpga_card_fail(card, -EOPNOTSUPP,
				      "the card below %s takes no encrypted images",
				      pci_name(card->port));
	if (!stages || !timeout_ms)
		return fpga_card_refuse_file(card, req);

	/*
	 * Without a device, for which the kernel would read the file again before each
	 * system sleep and keep it in memory, and without a fall-back to a helper, for
	 * which it would wait a minute.
	 */
	ret = request_firmware_direct(&req->fw, req->name, NULL);
	if (ret) {
		req->fw = NULL;
		return fpga_card_fail(card, ret,
				      "\"%s\" is neither an image in the flash of the card below %s, nor a file below the firmware path that can be read",
				      req->name, pci_name(card->port));
	}
	ret = fpga_card_image_parse(req->fw->data, req->fw->size, &req->view,
				    &why);
	if (ret)
		return fpga_card_fail(card, ret, "\"%s\": %s", req->name, why);
	ret = fpga_card_check_digest(card, req);
	if (ret)
		return ret;
	ret = fpga_card_check_target(card, req, pdev);
	if (ret)
		return ret;

	strscpy(req->image, req->view.header->name, sizeof(req->image));
	if (!req->timeout_ms)
		req->timeout_ms = timeout_ms;
	req->hold_ms = hold_ms;
	req->stages = true;
	return 0;
}

static int fpga_card_validate_image(struct fpga_card *card,
				    struct fpga_card_request *req,
				    struct pci_dev *pdev)
{
	struct fpga_card_image desc;

	if (fpga_card_images_find(card, req->name, &desc))
		return fpga_card_validate_file(card, req, pdev);

	if (req->options.encrypted)
		return fpga_card_fail(card, -EOPNOTSUPP,
				      "\"%s\" is an image in the card's flash, not an encrypted file",
				      req->name);
	if (req->options.overlay && desc.beside)
		return fpga_card_fail(card, -EINVAL,
				      "\"%s\" is no image of the FPGA, so there is nothing that an overlay could describe",
				      req->name);
	strscpy(req->image, desc.name, sizeof(req->image));
	if (!req->timeout_ms)
		req->timeout_ms = desc.timeout_ms;
	req->hold_ms = desc.hold_ms;
	req->stages = desc.staged;
	req->beside = desc.beside;
	return 0;
}

/* The function that stands for the card when a file names one. */
static struct pci_dev *fpga_card_target(struct fpga_card *card,
					struct pci_dev *control)
{
	return control ? pci_dev_get(control) :
			 pci_get_slot(card->port->subordinate, PCI_DEVFN(0, 0));
}

/* What stands for the card now; fails if its back end is gone. */
static int fpga_card_get_target(struct fpga_card *card, struct pci_dev **target,
				struct pci_dev **pdev)
{
	struct device *control;
	int ret;

	ret = fpga_card_get_control(card, pdev, &control);
	if (ret)
		return ret;
	*target = fpga_card_target(card, *pdev);
	put_device(control);
	return 0;
}

/* Remember which card the request is for. */
int fpga_card_request_aim(struct fpga_card *card, struct fpga_card_request *req)
{
	struct pci_dev *pdev;
	int ret;

	ret = fpga_card_get_target(card, &req->target, &pdev);
	if (!ret)
		pci_dev_put(pdev);
	return ret;
}

/* Whether that one is still there; to be asked once. */
bool fpga_card_request_is_aimed(struct fpga_card *card,
				struct fpga_card_request *req)
{
	struct pci_dev *target = NULL, *pdev = NULL;
	bool same;

	if (!req->target)
		return true;
	same = !fpga_card_get_target(card, &target, &pdev) &&
	       target == req->target;
	pci_dev_put(pdev);
	pci_dev_put(target);
	pci_dev_put(req->target);
	req->target = NULL;
	return same;
}

/*
 * Whether the request can be served. Leaves the reason in last_error if not.
 */
int fpga_card_request_validate(struct fpga_card *card,
			       struct fpga_card_request *req)
{
	struct pci_dev *pdev;
	int ret;

	ret = pci_reload_preflight(card->window);
	if (ret)
		return fpga_card_fail(card, ret, "%s",
				      pci_reload_reason(card->window));
	ret = fpga_card_call_ready(card);
	if (ret)
		return ret;
	ret = fpga_card_check_start(card);
	if (ret)
		return ret;
	ret = fpga_card_get_target(card, &req->target, &pdev);
	if (ret)
		return ret;

	if (req->target)
		ret = fpga_card_validate_image(card, req, req->target);
	else
		ret = fpga_card_fail(card, -ENODEV, "there is no card below %s",
				     pci_name(card->port));
	if (!ret)
		ret = fpga_card_check_port(card, pdev);
	if (!ret)
		ret = fpga_card_check_users(card, req);
	if (!ret)
		ret = fpga_card_call_begin(card, req);
	pci_dev_put(pdev);
	return ret;
}
