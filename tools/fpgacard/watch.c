// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells what cards do, by the uevents of their regions.
 */

#include <errno.h>
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

static const struct argp_option fc_watch_options[] = {
	{ "once", 'o', NULL, 0, "End with the next request, with its exit code", 0 },
	{ 0 }
};

static error_t fc_parse_watch(int key, char *arg, struct argp_state *state)
{
	bool *once = state->input;

	(void)arg;
	if (key != 'o')
		return ARGP_ERR_UNKNOWN;
	*once = true;
	return 0;
}

/* Of a uevent in JSON the name is in lower case, without the prefix. */
static const struct {
	const char *property;
	const char *key;
	bool number;
} fc_watched[] = {
	{ "FPGA_CARD_STATE", "state", false },
	{ "FPGA_CARD_REQUEST", "request", false },
	{ "FPGA_CARD_IMAGE", "image", false },
	{ "FPGA_CARD_PREVIOUS_IMAGE", "previous_image", false },
	{ "FPGA_CARD_SERIAL", "serial", false },
	{ "FPGA_CARD_OUTCOME", "outcome", false },
	{ "FPGA_CARD_ERRNO", "outcome_errno", true },
	{ "FPGA_CARD_OUTAGE_MS", "outage_ms", true },
};

static struct json_object *fc_event(struct udev_device *dev)
{
	struct json_object *object = fc_object();
	struct timespec now;
	const char *value;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	fc_add_int(object, "time", now.tv_sec);
	fc_add_string(object, "region", udev_device_get_sysname(dev));
	fc_add_name(object, "action", udev_device_get_action(dev));
	for (i = 0; i < ARRAY_SIZE(fc_watched); i++) {
		value = udev_device_get_property_value(dev, fc_watched[i].property);
		if (value && fc_watched[i].number)
			fc_add_int(object, fc_watched[i].key, strtoll(value, NULL, 10));
		else if (value)
			fc_add_name(object, fc_watched[i].key, value);
	}
	return object;
}

static const char *fc_of(struct json_object *event, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(event, key));

	return text ? text : "";
}

static void fc_print_event(struct json_object *event)
{
	char when[FC_WORD];
	struct tm tm;
	time_t now = (time_t)json_object_get_int64(json_object_object_get(event, "time"));

	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now, &tm));
	printf("%s %s: ", when, fc_of(event, "region"));
	if (!fc_of(event, "state")[0])
		printf("%s\n", fc_of(event, "action"));
	else if (fc_of(event, "outcome")[0])
		printf("%s \"%s\": %s, outage %s ms\n", fc_of(event, "request"),
		       fc_of(event, "image"), fc_of(event, "outcome"),
		       fc_of(event, "outage_ms"));
	else
		printf("%s, %s \"%s\"\n", fc_of(event, "state"), fc_of(event, "request"),
		       fc_of(event, "image"));
	fflush(stdout);
}

/* The exit code of the request that has ended, or -1 if none has */
static int fc_see(struct udev_device *dev, const struct fc_card *card)
{
	struct json_object *event;
	int code = -1;

	if (card && strcmp(udev_device_get_sysname(dev), card->region))
		return -1;
	event = fc_event(dev);
	if (fc_of(event, "outcome")[0])
		code = fc_exit_of_outcome(fc_of(event, "outcome"));
	if (code == FC_RECOVERED && !strcmp(fc_of(event, "request"), "recover"))
		code = FC_SUCCESS;
	if (fc_options.json) {
		fc_add_string(event, "command", "watch");
		fc_print_json(event, FC_SUCCESS);
	} else {
		fc_print_event(event);
	}
	json_object_put(event);
	return code;
}

static int fc_watch_loop(struct udev_monitor *monitor, int signals,
			 const struct fc_card *card, bool once)
{
	struct pollfd fds[] = {
		{ .fd = udev_monitor_get_fd(monitor), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	struct udev_device *dev;
	int code;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return fc_fail_errno(errno, "cannot wait for uevents");
		if (fds[1].revents)
			return once ? fc_fail(FC_PENDING, "no request has ended") : FC_SUCCESS;
		dev = fds[0].revents ? udev_monitor_receive_device(monitor) : NULL;
		if (!dev)
			continue;
		code = fc_see(dev, card);
		udev_device_unref(dev);
		if (ferror(stdout))
			return fc_fail(FC_ERROR, "nobody reads this any more");
		if (once && code >= 0)
			return code;
	}
}

/* Regions that come later count too, if no card is chosen. */
static int fc_watch_cards(const struct fc_card *card, bool once)
{
	struct udev *udev = udev_new();
	/* As the kernel sends them: there need not be a udevd. */
	struct udev_monitor *monitor = udev ? udev_monitor_new_from_netlink(udev, "kernel") :
					      NULL;
	sigset_t set;
	int signals, ret;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (!monitor || signals < 0 ||
	    udev_monitor_filter_add_match_subsystem_devtype(monitor, "fpga_region", NULL) < 0 ||
	    udev_monitor_enable_receiving(monitor) < 0)
		ret = fc_fail_errno(errno, "cannot listen for uevents");
	else
		ret = fc_watch_loop(monitor, signals, card, once);
	if (signals >= 0)
		close(signals);
	udev_monitor_unref(monitor);
	udev_unref(udev);
	return ret;
}

/* Who has none to watch may wait for long. */
static void fc_say_none(void)
{
	struct fc_cards cards;

	if (!fc_cards_find(&cards) && !cards.count)
		fprintf(stderr, "waiting: there is no card yet\n");
	fc_cards_free(&cards);
}

/* In JSON each event is an object of its own, on a line. */
int fc_watch(int argc, char **argv)
{
	static const struct argp argp = {
		.options = fc_watch_options,
		.parser = fc_parse_watch,
		.doc = "Tells what cards do, as it happens: all, or the one that is chosen.",
		.children = fc_common_children,
	};
	struct fc_card card;
	bool once = false;
	int ret;

	ret = fc_parse(&argp, argc, argv, &once);
	if (!ret && fc_options.card)
		ret = fc_choose(&card);
	if (ret)
		return fc_answer("watch", NULL, ret);
	if (!fc_options.card && !fc_options.quiet)
		fc_say_none();
	return fc_watch_cards(fc_options.card ? &card : NULL, once);
}
