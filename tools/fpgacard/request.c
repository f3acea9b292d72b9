// SPDX-License-Identifier: GPL-2.0-only
/*
 * Having a request served. The write that asks for it returns when it is over, so a
 * child does that: it can be killed, which cancels the request as long as the card was
 * not told to load.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fc.h"

/* How often a line with a time is written anew */
#define FC_TICK_MS	200

/* How long a card that was asked to give up may need for it, by the kernel's own limit */
#define FC_CANCEL_MS	15000

/**
 * struct fc_wait - a request that is waited for
 * @request: the request
 * @progress: what is shown
 * @child: who writes
 * @end: where the child says how it ended
 * @signals: signals that end this program
 * @state: the attribute
 * @begun: whether the card has left its rest
 * @cancelled: whether the child was killed
 * @warned: whether it was said that there is no cancelling
 * @left: whether the end is not waited for
 */
struct fc_wait {
	const struct fc_request *request;
	struct fc_progress *progress;
	pid_t child;
	int end;
	int signals;
	int state;
	bool begun;
	bool cancelled;
	bool warned;
	bool left;
};

/* In these the card was not told to load yet. */
static const char * const fc_before_trigger[] = {
	"idle", "failed", "preflight", "staging", "draining", "opening", "removing",
	"unbinding", NULL
};

static bool fc_can_cancel(const char *state)
{
	size_t i;

	for (i = 0; fc_before_trigger[i]; i++) {
		if (!strcmp(fc_before_trigger[i], state))
			return true;
	}
	return false;
}

static bool fc_is_at_rest(const char *state)
{
	return !state[0] || !strcmp(state, "idle") || !strcmp(state, "failed");
}

/* Shows the state, and makes the next poll() wait for another one. */
static void fc_look(struct fc_wait *wait, char *state, size_t size)
{
	ssize_t n = pread(wait->state, state, size - 1, 0);

	state[n > 0 ? n : 0] = '\0';
	state[strcspn(state, "\n")] = '\0';
	if (!fc_is_at_rest(state))
		wait->begun = true;
	fc_progress_state(wait->progress, state);
}

/* The child; what it tells is a negative errno, or 0. */
static __noreturn void fc_write_and_tell(const struct fc_request *request, int to,
					 pid_t parent)
{
	int ret;

	/* Who asked has gone: that cancels as well. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* A ^C of the terminal is for the parent, which knows what it means. */
	setpgid(0, 0);
	ret = fc_write(request->card->path, request->attribute, request->value);
	if (write(to, &ret, sizeof(ret)) != sizeof(ret))
		_exit(1);
	_exit(0);
}

/* Returns 0 or a negative errno. */
static int fc_start(struct fc_wait *wait)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	wait->child = fork();
	if (wait->child < 0) {
		close(ends[0]);
		close(ends[1]);
		return -EAGAIN;
	}
	if (!wait->child)
		fc_write_and_tell(wait->request, ends[1], parent);
	close(ends[1]);
	wait->end = ends[0];
	return 0;
}

static void fc_interrupted(struct fc_wait *wait)
{
	struct signalfd_siginfo info;
	char state[FC_WORD];

	if (read(wait->signals, &info, sizeof(info)) != sizeof(info))
		return;
	fc_look(wait, state, sizeof(state));
	if (wait->cancelled || wait->warned) {
		wait->left = true;
	} else if (fc_can_cancel(state)) {
		wait->cancelled = true;
		fc_progress_say(wait->progress, "cancelling");
		kill(wait->child, SIGKILL);
	} else {
		wait->warned = true;
		fc_progress_say(wait->progress,
				"the card was told to load: this cannot be cancelled any more, waiting for its end");
	}
}

/* One look at all that may happen; true if the child has told something or ended. */
static bool fc_wait_once(struct fc_wait *wait, int timeout)
{
	struct pollfd fds[] = {
		{ .fd = wait->signals, .events = POLLIN },
		{ .fd = wait->state, .events = POLLPRI },
		{ .fd = wait->end, .events = POLLIN },
	};
	char state[FC_WORD];

	if (poll(fds, ARRAY_SIZE(fds), timeout) < 0)
		return false;
	if (fds[0].revents)
		fc_interrupted(wait);
	if (fds[1].revents)
		fc_look(wait, state, sizeof(state));
	fc_progress_tick(wait->progress);
	return fds[2].revents;
}

/* A request that was cancelled ends some time after its writer. */
static void fc_await_rest(struct fc_wait *wait)
{
	char state[FC_WORD];
	int ms;

	for (ms = 0; ms < FC_CANCEL_MS && !wait->left; ms += FC_TICK_MS) {
		fc_look(wait, state, sizeof(state));
		if (fc_is_at_rest(state))
			return;
		wait->end = -1;
		fc_wait_once(wait, FC_TICK_MS);
	}
}

/* The child's errno, 0, or -1 if it was killed before it had one */
static int fc_end(struct fc_wait *wait)
{
	int ret = 1;

	if (read(wait->end, &ret, sizeof(ret)) != sizeof(ret))
		ret = 1;
	close(wait->end);
	waitpid(wait->child, NULL, 0);
	if (ret > 0)
		fc_await_rest(wait);
	return -ret;
}

static int fc_wait_for_end(struct fc_wait *wait, struct json_object *answer)
{
	const struct fc_request *request = wait->request;
	char state[FC_WORD];
	int err;

	fc_look(wait, state, sizeof(state));
	while (!wait->left && !fc_wait_once(wait, FC_TICK_MS))
		;
	if (wait->left)
		return fc_fail(FC_PENDING,
			       "the card below %s still serves the request, which is not waited for any more",
			       request->card->port);
	err = fc_end(wait);
	fc_look(wait, state, sizeof(state));
	if (err == -1 && !wait->begun)
		return fc_fail(FC_CANCELLED, "the request was cancelled before it began");
	return fc_outcome(request, err, answer);
}

static int fc_open_and_wait(struct fc_wait *wait, struct json_object *answer)
{
	const struct fc_card *card = wait->request->card;
	char path[PATH_MAX];
	int ret;

	ret = fc_path(path, card->path, "state");
	if (ret)
		return fc_fail_errno(-ret, "%s", card->path);
	wait->state = open(path, O_RDONLY | O_CLOEXEC);
	if (wait->state < 0)
		return fc_fail_errno(errno, "%s", path);
	wait->progress = fc_progress_begin(wait->request);
	ret = fc_start(wait);
	if (ret)
		ret = fc_fail_errno(-ret, "cannot start a process");
	else
		ret = fc_wait_for_end(wait, answer);
	fc_progress_end(wait->progress, answer);
	close(wait->state);
	return ret;
}

/* "force" is for one request; one that never came to be served leaves it. */
static void fc_unforce(const struct fc_request *request)
{
	if (request->force && fc_read_number(request->card->path, "force"))
		fc_write(request->card->path, "force", "0");
}

/* Has the request served, and fills in what came of it. Returns an exit code. */
int fc_serve(const struct fc_request *request, struct json_object *answer)
{
	struct fc_wait wait = { .request = request, .end = -1 };
	sigset_t signals, before;
	int ret = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &before);
	wait.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (wait.signals < 0)
		return fc_fail_errno(errno, "cannot wait for signals");
	if (request->force)
		ret = fc_write(request->card->path, "force", "1");
	if (ret)
		ret = fc_fail_errno(-ret, "cannot pass over the card's users");
	else
		ret = fc_open_and_wait(&wait, answer);
	fc_unforce(request);
	close(wait.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}
