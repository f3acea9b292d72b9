# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Requests of several front ends at once, and what goes while one is served.

# staged_card [RELOAD_MS]: "user" is staged
staged_card()
{
	devlink_card h0/p0 "${1:-1500}"
	echo user >"$REGION/stage"
}

one_of_two_is_busy()
{
	staged_card
	dl_start dev reload "$DL" action fw_activate
	await 5000 in_state "$REGION" loading
	expect_errno EBUSY "$REGION/firmware_name" factory
	expect_errno EBUSY "$REGION/recover" 1
	dl_end
	expect_file "$REGION/firmware_name" user

	echo factory >"$REGION/stage"
	timed-write "$REGION/activate" 1 >/tmp/first &
	first=$!
	await 5000 in_state "$REGION" loading
	dl_fails 'resource busy' 'serves another request' \
		dev reload "$DL" action fw_activate
	dl_fails . 'serves another request' \
		dev flash "$DL" file vendor/lab.img
	expect_eq "$(dl_info '.driver')" fpga-card "driver"
	wait $first || fail "the write: $(cat /tmp/first)"
	expect_file "$REGION/firmware_name" factory
	expect_eq "$(dl_show .reload_failed)" null "a failed reload"
}
run_case "of sysfs and devlink at once, one is busy" one_of_two_is_busy

rmmod_in_a_reload()
{
	staged_card
	dl_start dev reload "$DL" action fw_activate
	await 5000 in_state "$REGION" loading
	rmmod fpga_card_devlink 2>/dev/null && fail "the module was removed"
	dl_end
	expect_file "$REGION/firmware_name" user
	devlink_has "$DL" || fail "the instance is gone"
}
run_case "rmmod in a reload is refused" rmmod_in_a_reload

# The module is no user of a load that others asked for.
module_comes_and_goes()
{
	devlink_card h0/p0 1500
	timed-write "$REGION/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$REGION" loading
	rmmod fpga_card_devlink
	devlink_has "$DL" && fail "the instance is there still"
	insmod /lib/modules-test/fpga-card-devlink.ko
	devlink_has "$DL" || fail "there is no instance"
	wait $first || fail "the write: $(cat /tmp/first)"
	expect_file "$REGION/firmware_name" user
	expect_eq "$(dl_info '.versions.running["fw.app"]')" user "running"
}
run_case "the module comes and goes while others load" module_comes_and_goes

port_goes_in_a_reload()
{
	staged_card
	dl_start dev reload "$DL" action fw_activate
	await 5000 in_state "$REGION" loading
	start=$(date +%s)
	echo 0 >"$SIM/h0/live"
	wait "$DL_PID" && fail "the reload of a card that is gone succeeded"
	grep -q 'No such device' /tmp/devlink-bg || fail "$(cat /tmp/devlink-bg)"
	expect_below $(($(date +%s) - start)) 4 "seconds"
	await 5000 devlink_gone "$DL"
}
run_case "the port may go in a reload" port_goes_in_a_reload

# In a recovery of the reporter's, too: a card that is lost, and then its port.
port_goes_in_a_recovery()
{
	allow_log 'was not loaded'
	sim_port h0/p0 power_control=0
	staged_card 300
	echo power >"$SIM/h0/p0/card/faults/cure"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	echo 600 >"$REGION/timeout_ms"
	dl_fails 'timed out' . dev reload "$DL" action fw_activate
	await 5000 reporter_has_error
	dl_start health recover "$DL" reporter card
	await 5000 in_state "$REGION" recovering
	echo 0 >"$SIM/h0/live"
	wait "$DL_PID" && fail "the recovery of a card that is gone succeeded"
	await 5000 devlink_gone "$DL"
}

reporter_has_error()
{
	[ "$(dl_health .state)" = error ]
}
run_case "the port may go in a recovery" port_goes_in_a_recovery

# ---- cards by all front ends at once ----

CARDS="p0 p1 p2"
ROUNDS=4

# by_sysfs REGION, by_stage REGION, by_recover REGION
by_sysfs()
{
	timed-write "$1/firmware_name" factory || true
}

by_stage()
{
	timed-write "$1/stage" user || true
	timed-write "$1/activate" 1 || true
}

by_recover()
{
	timed-write "$1/recover" 1 || true
}

# by_devlink NAME
by_devlink()
{
	devlink dev flash "$1" file vendor/lab.img || true
	devlink dev reload "$1" action fw_activate || true
	devlink -j dev info "$1" || true
	devlink health diagnose "$1" reporter card || true
}

# in_rounds COMMAND...
in_rounds()
{
	round=0
	while [ "$round" -lt "$ROUNDS" ]; do
		"$@"
		round=$((round + 1))
	done >>/tmp/rounds 2>&1
}

all_at_once()
{
	for at in p1 p2; do
		sim_port "h0/$at"
		sim_image_factory "$SIM/h0/$at/card" 100
		sim_image_user "$SIM/h0/$at/card" 100
		sim_image_lab "$SIM/h0/$at/card" 100
		sim_set "$SIM/h0/$at/card" boot_image=factory present=1
	done
	standard_card h0/p0 100
	: >/tmp/rounds
	for at in $CARDS; do
		await 5000 region_of "h0/$at"
		REGION=$(region_of "h0/$at")
		DL=$(devlink_name "h0/$at")
		await 5000 devlink_has "$DL"
		in_rounds by_sysfs "$REGION" &
		in_rounds by_stage "$REGION" &
		in_rounds by_recover "$REGION" &
		in_rounds by_devlink "$DL" &
	done
	# A dump looks at all of them.
	ROUNDS=20 in_rounds devlink -j dev info
	wait
	grep -q ' 0$' /tmp/rounds || fail "no write succeeded"
	grep -Eq 'EBUSY|resource busy' /tmp/rounds || fail "nobody was busy"
	for at in $CARDS; do
		REGION=$(region_of "h0/$at")
		load_ok "$REGION" user
		load_ok "$REGION" factory
	done
}
run_case "cards load by all front ends at once" all_at_once
