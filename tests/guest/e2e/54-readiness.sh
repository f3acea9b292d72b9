# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card that says that it is ready is asked before its 100 ms are over, and no card is
# asked before it may be.

READY_EVENT=/sys/kernel/tracing/events/fpga_card/fpga_card_first_read

# For the figure drs_first_read_ms: from the link's coming up to the first request
READY_MOST_US=20000

# ready_load REGION IMAGE: a load that is traced; sets READY_BY and READY_US by the
# tracepoint, and READY_REQUEST_US by the simulator's log
ready_load()
{
	echo >/sys/kernel/tracing/trace
	echo 1 >$READY_EVENT/enable
	echo >"$SIM_DEBUG/h0/log"
	load_ok "$1" "$2"
	echo 0 >$READY_EVENT/enable
	ready_line=$(grep -o 'by=.*' /sys/kernel/tracing/trace)
	expect_eq "$(echo "$ready_line" | wc -l)" 1 "first reads"
	expect_match "$ready_line" 'answered=1'
	READY_BY=$(echo "$ready_line" | sed 's/by=\([a-z]*\).*/\1/')
	READY_US=${ready_line##*us=}
	ready_hex=$(sed -n 's/.* first-request .*value=//p' "$SIM_DEBUG/h0/log" | tail -n 1)
	READY_REQUEST_US=$((ready_hex))
	! grep ' early-request ' "$SIM_DEBUG/h0/log" || fail "asked too early"
}

# ready_late_enough MICROSECONDS: the request came not sooner than that
ready_late_enough()
{
	[ "$READY_REQUEST_US" -ge "$1" ] ||
		fail "asked after $READY_REQUEST_US us, and not after $1 us or more"
}

ready_note()
{
	note "$1: first read after $READY_US us by the trace, $READY_REQUEST_US us by the card's log"
}

# ready_card NAME=VALUE...: the standard card, with these of its images, below a port that
# knows Device Readiness Status
ready_card()
{
	sim_port h0/p0 drs=1
	ready_at=$SIM/h0/p0/card
	sim_image_factory "$ready_at" 500
	sim_image_user "$ready_at" 500
	sim_set "$ready_at/images/user" "$@"
	sim_set "$ready_at" boot_image=factory present=1
}

ready_live()
{
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
}

card_that_sends_its_message()
{
	ready_card drs=1 drs_ms=5
	ready_live
	port=$(port_dir h0/p0)
	save_config "$port" /tmp/config-before
	ready_load "$region" user
	expect_eq "$READY_BY" drs
	expect_below "$READY_US" $READY_MOST_US "microseconds by the trace"
	expect_below "$READY_REQUEST_US" $READY_MOST_US "microseconds by the log"
	ready_note "with DRS"
	note "drs_first_read_ms=$(((READY_REQUEST_US + 999) / 1000))"
	# The image "factory" sends none.
	ready_load "$region" factory
	expect_eq "$READY_BY" time
	ready_late_enough 100000
	ready_note "without"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "a card that sends its message is asked then, and no sooner" \
	card_that_sends_its_message

card_that_has_said_it()
{
	ready_card
	for fn in 0 1 2; do
		sim_set "$ready_at/images/user/pf$fn" rtr=1 rtr_dl_up_ms=$((5 * fn))
	done
	ready_live
	ready_load "$region" user
	expect_eq "$READY_BY" time
	ready_load "$region" factory
	ready_load "$region" user
	expect_eq "$READY_BY" time "not wanted"

	echo 1 >"$region/remember_readiness"
	expect_file "$region/remember_readiness" 1
	ready_load "$region" factory
	ready_load "$region" user
	expect_eq "$READY_BY" time "nothing was remembered so far"
	ready_load "$region" factory
	expect_eq "$READY_BY" time "the other image says nothing"
	ready_load "$region" user
	expect_eq "$READY_BY" remembered
	ready_late_enough 10000
	expect_below "$READY_REQUEST_US" $((10000 + READY_MOST_US)) "microseconds by the log"
	ready_note "with Readiness Time Reporting"

	echo 0 >"$region/remember_readiness"
	ready_load "$region" factory
	ready_load "$region" user
	expect_eq "$READY_BY" time
	expect_errno EINVAL "$region/remember_readiness" maybe
}
run_case "a card is asked as soon as its functions said, if that is wanted" \
	card_that_has_said_it
