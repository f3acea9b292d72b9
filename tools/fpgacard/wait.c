// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a card, before it is asked for something: until there is one, and until it
 * serves nobody else. Uevents tell of regions that come, poll() of a state that changes.
 */

#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "fc.h"

/*
 * How long at most until the card is asked again after it has refused for a reason whose
 * end no event tells: a link that comes up, or the end of a machine's sleep.
 */
#define FC_ASK_AGAIN_MS	1000

/**
 * struct fc_patience - waiting that has an end
 * @udev: for the monitor
 * @monitor: the uevents of regions since the beginning
 * @seconds: how long
 * @end: until when, in milliseconds of CLOCK_MONOTONIC
 * @said: what the user was told last
 */
struct fc_patience {
	struct udev *udev;
	struct udev_monitor *monitor;
	unsigned int seconds;
	int64_t end;
	int said;
};

static int64_t fc_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int fc_left_ms(const struct fc_patience *patience)
{
	int64_t left = patience->end - fc_now_ms();

	return left > 0 ? (int)left : 0;
}

/* As the kernel sends them: there need not be a udevd. Returns an exit code. */
int fc_patience_begin(unsigned int seconds, struct fc_patience **patience)
{
	struct fc_patience *new = calloc(1, sizeof(*new));

	if (!new)
		fc_no_memory();
	new->seconds = seconds;
	new->end = fc_now_ms() + seconds * 1000LL;
	new->udev = udev_new();
	if (!new->udev)
		fc_no_memory();
	new->monitor = udev_monitor_new_from_netlink(new->udev, "kernel");
	*patience = new;
	if (!new->monitor ||
	    udev_monitor_filter_add_match_subsystem_devtype(new->monitor, "fpga_region",
							    NULL) < 0 ||
	    udev_monitor_enable_receiving(new->monitor) < 0)
		return fc_fail_errno(errno, "cannot listen for uevents");
	return FC_SUCCESS;
}

void fc_patience_end(struct fc_patience *patience)
{
	if (!patience)
		return;
	udev_monitor_unref(patience->monitor);
	udev_unref(patience->udev);
	free(patience);
}

static void fc_drop_uevents(struct udev_monitor *monitor)
{
	struct pollfd fd = { .fd = udev_monitor_get_fd(monitor), .events = POLLIN };

	while (poll(&fd, 1, 0) > 0)
		udev_device_unref(udev_monitor_receive_device(monitor));
}

/* Until something happens, or @ms are over. @state may be -1. False after a signal. */
static bool fc_doze(struct fc_patience *patience, int state, int ms)
{
	struct pollfd fds[] = {
		{ .fd = udev_monitor_get_fd(patience->monitor), .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
		{ .fd = state, .events = POLLPRI },
	};
	sigset_t signals, before;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &before);
	fds[1].fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	poll(fds, ARRAY_SIZE(fds), ms);
	if (fds[1].revents) {
		struct signalfd_siginfo info;

		/* Taken here, it does not end the program when it is let in again. */
		if (read(fds[1].fd, &info, sizeof(info)) < 0)
			fds[1].revents = 0;
	}
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (fds[0].revents)
		fc_drop_uevents(patience->monitor);
	return !fds[1].revents;
}

/* Once for each reason. @code is what it would end with now. */
static void fc_say_waiting(struct fc_patience *patience, int code)
{
	if (fc_options.json || fc_options.quiet || patience->said == code)
		return;
	patience->said = code;
	fprintf(stderr, "waiting at most %d s: %s\n",
		(fc_left_ms(patience) + 999) / 1000, fc_sentence());
}

static int fc_give_up(const struct fc_patience *patience, int code)
{
	return fc_fail_in(code, "waited for %u s", patience->seconds);
}

/* Ends with @code if there is no time left. Returns an exit code, 0 to look again. */
static int fc_wait_on(struct fc_patience *patience, int state, int code, int ms)
{
	int left = fc_left_ms(patience);

	if (!left)
		return fc_give_up(patience, code);
	fc_say_waiting(patience, code);
	if (!fc_doze(patience, state, ms < left ? ms : left))
		return fc_fail(FC_CANCELLED, "nothing was asked of a card");
	return FC_SUCCESS;
}

/* An exit code: busy if it serves somebody. @state is to be polled then, unless it is -1. */
static int fc_is_free(const struct fc_card *card, int *state)
{
	char path[PATH_MAX], line[FC_WORD];
	ssize_t n = -1;

	*state = fc_path(path, card->path, "state") ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (*state >= 0)
		n = read(*state, line, sizeof(line) - 1);
	if (n < 0)
		return fc_fail(FC_NO_CARD, "the port %s of the card went away", card->port);
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (!strcmp(line, "idle") || !strcmp(line, "failed"))
		return FC_SUCCESS;
	return fc_fail(FC_BUSY, "another request is served for the card below %s", card->port);
}

/*
 * Until there is the card that the command line is about, and it is at rest. Returns an
 * exit code: of "no card" and "busy" when the time is over.
 */
int fc_patience_card(struct fc_patience *patience, struct fc_card *card)
{
	int code, ret, state;

	for (;;) {
		state = -1;
		code = fc_choose(card);
		if (!code)
			code = fc_is_free(card, &state);
		if (code != FC_BUSY && code != FC_NO_CARD)
			ret = code;
		else
			ret = fc_wait_on(patience, state, code, INT_MAX);
		if (state >= 0)
			close(state);
		if (!code)
			fc_fail(FC_SUCCESS, "%s", "");
		if (!code || ret)
			return ret;
	}
}

/*
 * The card at rest has refused with @code, for a reason that may pass: until something
 * has happened, or it is time to ask again. Returns an exit code; that is @code when the
 * time is over.
 */
int fc_patience_again(struct fc_patience *patience, struct fc_card *card, int code)
{
	int ret = fc_wait_on(patience, -1, code, FC_ASK_AGAIN_MS);

	return ret ? ret : fc_patience_card(patience, card);
}
