# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Requests that meet: with another one, with a signal, with rmmod.

in_state()
{
	[ "$(first_line "$1/state")" = "$2" ]
}

# What cannot be for the first two times; a failed expectation ends an attempt.
third_time()
{
	echo >>/tmp/attempts
	expect_eq "$(wc -l </tmp/attempts)" 3 "attempts"
}

waiting_tries_again()
{
	: >/tmp/attempts
	await 5000 third_time
	expect_eq "$(wc -l </tmp/attempts)" 3 "attempts"
	# and gives up, saying why
	if (await 100 third_time) >/tmp/given-up; then
		fail "waiting for what cannot be succeeded"
	fi
	grep -q 'timed out waiting for: third_time: attempts: got' /tmp/given-up
}
run_case "waiting for what may fail tries again" waiting_tries_again

second_write_is_busy()
{
	standard_card h0/p0 1500
	region=$(region_of h0/p0)
	timed-write "$region/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$region" loading
	second=$(timed-write "$region/firmware_name" factory) || true
	expect_eq "${second#* }" EBUSY "the second write"
	expect_below "$((${second% *} / 1000000))" 100 "its time in ms"
	wait $first || fail "the first write: $(cat /tmp/first)"
	expect_file "$region/firmware_name" user
	expect_file "$region/last_error" ""
}
run_case "a second write while one runs is busy at once" second_write_is_busy

# User space would freeze, and the drivers of the new image with it.
no_sleep_in_a_load()
{
	standard_card h0/p0 1500
	region=$(region_of h0/p0)
	expect_log 'FPGA card: no system sleep while it serves a request'
	timed-write "$region/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$region" loading
	expect_errno EBUSY /sys/power/state freeze
	wait $first || fail "the write: $(cat /tmp/first)"
	load_ok "$region" factory
}
run_case "there is no system sleep in the middle of a load" no_sleep_in_a_load

state_can_be_polled()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	wait-state "$region/state" 10000 loading >/tmp/seen &
	poller=$!
	usleep 200000
	load_ok "$region" user
	wait $poller || fail "poll() did not see it: $(cat /tmp/seen)"
	grep -q loading /tmp/seen
}
run_case "state can be polled" state_can_be_polled

signal_before_the_trigger_cancels()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	pf=$(find "$port"/ -maxdepth 2 -name sriov_numvfs | head -n 1)
	# The kernel takes 1 s to disable them: time to change one's mind.
	echo 4 >"$pf"
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	echo >"$SIM_DEBUG/h0/log"
	timed-write "$region/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$region" removing
	usleep 100000
	kill -TERM $first
	wait $first && fail "the write was not cancelled"
	await 10000 in_state "$region" failed
	! grep -q ' trigger ' "$SIM_DEBUG/h0/log" || fail "the card was triggered"
	expect_file "$region/firmware_name" factory
	expect_match "$(first_line "$region/last_error")" 'cancelled.*brought back'
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
	load_ok "$region" user
}
run_case "a signal before the trigger cancels cleanly" \
	signal_before_the_trigger_cancels

# The shell that a write comes from hears of its children's ends, for one.
signal_that_ends_nobody_cancels_nothing()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	echo 4 >"$(find "$(port_dir h0/p0)"/ -maxdepth 2 -name sriov_numvfs | head -n 1)"
	LOAD_ERR=$(timed-write -c 300 "$region/firmware_name" user) || true
	expect_match "$LOAD_ERR" ' 0$'
	expect_file "$region/firmware_name" user
}
run_case "a signal that ends nobody cancels nothing" \
	signal_that_ends_nobody_cancels_nothing

signal_after_the_trigger_does_not()
{
	standard_card h0/p0 1000
	region=$(region_of h0/p0)
	timed-write "$region/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$region" loading
	kill -TERM $first
	usleep 100000
	in_state "$region" loading || fail "the signal ended the load"
	await 5000 in_state "$region" idle
	wait $first || true
	expect_file "$region/firmware_name" user
}
run_case "a signal after the trigger does not" signal_after_the_trigger_does_not

rmmod_during_a_reload()
{
	standard_card h0/p0 1000
	region=$(region_of h0/p0)
	timed-write "$region/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$region" loading
	for module in pcie_card_sim fpga_card pci_reload; do
		rmmod $module 2>/dev/null && fail "$module was unloaded"
	done
	# The back end may go while its device is away.
	rmmod sim_bmc
	wait $first && fail "a load whose back end is gone succeeded"
	expect_eq "$(cut -d' ' -f2 /tmp/first)" ENODEV "the write"
	expect_match "$(first_line "$region/last_error")" 'no back end attached'
	expect_errno ENODEV "$region/firmware_name" factory
	insmod /lib/modules-test/sim-bmc.ko
	await 5000 load_ok "$region" factory
}
run_case "rmmod during a reload is refused or waits" rmmod_during_a_reload

host_goes_during_a_reload()
{
	standard_card h0/p0 1000
	region=$(region_of h0/p0)
	timed-write "$region/firmware_name" user >/tmp/first &
	first=$!
	await 5000 in_state "$region" loading
	echo 0 >"$SIM/h0/live"
	wait $first && fail "the load of a card that is gone succeeded"
	expect_eq "$(cut -d' ' -f2 /tmp/first)" ENODEV "the write"
	[ ! -d "$region" ] || fail "the region is still there"
}
run_case "the port may go during a reload" host_goes_during_a_reload

two_cards_at_once()
{
	sim_port h0/p1
	sim_image_factory "$SIM/h0/p1/card" 1000
	sim_image_user "$SIM/h0/p1/card" 1000
	sim_set "$SIM/h0/p1/card" boot_image=factory present=1
	standard_card h0/p0 1000
	await 5000 region_of h0/p1
	a=$(region_of h0/p0)
	b=$(region_of h0/p1)
	start=$(date +%s)
	timed-write "$a/firmware_name" user >/tmp/a &
	one=$!
	timed-write "$b/firmware_name" user >/tmp/b &
	two=$!
	await 5000 in_state "$a" loading
	await 900 in_state "$b" loading
	in_state "$a" loading || fail "they did not load at the same time"
	wait $one
	wait $two
	expect_file "$a/firmware_name" user
	expect_file "$b/firmware_name" user
	expect_below $(($(date +%s) - start)) 4 "seconds for both"
}
run_case "two cards reload at the same time" two_cards_at_once
