// SPDX-License-Identifier: GPL-2.0-only
/*
 * The digest of a file's payload: taken before the file is written to the card, or at the
 * same time, by another processor.
 */

#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "request.h"
#include "compat/sha256.h"

/*
 * How much is digested before another task may have the processor, and it is asked whether
 * anybody still wants to know. Code that uses vector registers keeps the processor for all
 * that it is given at once.
 */
#define FPGA_CARD_DIGEST_STEP	SZ_64K

/* With nobody to wait for the answer any more */
static bool fpga_card_digest_unwanted(struct fpga_card *card,
				      const struct fpga_card_request *req, const bool *stop)
{
	return (stop && READ_ONCE(*stop)) || fpga_card_is_given_up(card, req);
}

/* 0 if the payload is what the header promises; else -EBADMSG, -EINTR, or another errno. */
static int fpga_card_digest_take(struct fpga_card *card,
				 const struct fpga_card_request *req, const bool *stop)
{
	const struct fpga_card_image_view *view = &req->view;
	u8 digest[SHA256_DIGEST_SIZE];
	struct compat_sha256 sha;
	size_t done, step;
	int ret;

	ret = compat_sha256_begin(&sha);
	for (done = 0; !ret && done < view->payload_size; done += step) {
		if (fpga_card_digest_unwanted(card, req, stop)) {
			ret = -EINTR;
			break;
		}
		step = min_t(size_t, view->payload_size - done, FPGA_CARD_DIGEST_STEP);
		ret = compat_sha256_update(&sha, view->payload + done, step);
		cond_resched();
	}
	ret = compat_sha256_end(&sha, digest, ret);
	if (ret)
		return ret;
	return memcmp(digest, view->header->digest, sizeof(digest)) ? -EBADMSG : 0;
}

/* Why the digest is not what it should be, or not known. */
int fpga_card_digest_failed(struct fpga_card *card, const struct fpga_card_request *req,
			    int err)
{
	if (err == -EBADMSG)
		return fpga_card_fail(card, err,
				      "the file \"%s\" is damaged: its payload does not match its digest",
				      req->name);
	if (err == -EINTR)
		return fpga_card_fail_cancelled(card);
	return fpga_card_fail(card, err,
			      "the digest of the file \"%s\" cannot be taken: error %d",
			      req->name, err);
}

/* Before anything is done with the file. Leaves the reason in last_error if it fails. */
int fpga_card_digest_check(struct fpga_card *card, const struct fpga_card_request *req)
{
	int ret = fpga_card_digest_take(card, req, NULL);

	return ret ? fpga_card_digest_failed(card, req, ret) : 0;
}

static void fpga_card_digest_run(struct fpga_card_digest *digest)
{
	digest->err = fpga_card_digest_take(digest->card, digest->req, &digest->stop);
	/* stage() need not go on. */
	if (digest->err == -EBADMSG)
		WRITE_ONCE(digest->req->damaged, true);
}

static void fpga_card_digest_work(struct work_struct *work)
{
	fpga_card_digest_run(container_of(work, struct fpga_card_digest, work));
}

/* From here to fpga_card_digest_end() another processor takes the digest, if it can. */
void fpga_card_digest_begin(struct fpga_card_digest *digest, struct fpga_card *card,
			    struct fpga_card_request *req)
{
	digest->card = card;
	digest->req = req;
	digest->stop = false;
	digest->err = 0;
	INIT_WORK_ONSTACK(&digest->work, fpga_card_digest_work);
	queue_work(fpga_card_wq, &digest->work);
}

/* Whether there is nothing left to wait for. */
bool fpga_card_digest_is_over(struct fpga_card_digest *digest)
{
	return !work_busy(&digest->work);
}

/*
 * Returns what fpga_card_digest_take() does. @wanted: else the answer does not matter any
 * more, and is not waited for. A work for which no thread was free is done here: what is
 * waited for is the digest alone.
 */
int fpga_card_digest_end(struct fpga_card_digest *digest, bool wanted)
{
	if (!wanted)
		WRITE_ONCE(digest->stop, true);
	if (cancel_work_sync(&digest->work) && wanted)
		fpga_card_digest_run(digest);
	destroy_work_on_stack(&digest->work);
	return digest->err;
}
