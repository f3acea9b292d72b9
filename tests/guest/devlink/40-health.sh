# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The health reporter: what became of the card, and bringing it back.

reporter_is()
{
	expect_eq "$(dl_health .state)" "$1" "the reporter's state"
}

healthy_card()
{
	devlink_card h0/p0 300
	reporter_is healthy
	load_ok "$REGION" user
	reporter_is healthy
	devlink -j health diagnose "$DL" reporter card >/tmp/diagnose
	expect_eq "$(jq -r .state /tmp/diagnose)" idle "state"
	expect_eq "$(jq -r .outcome /tmp/diagnose)" success "outcome"
	expect_eq "$(jq -r .image /tmp/diagnose)" user "image"
	expect_eq "$(jq -r .loads /tmp/diagnose)" 1 "loads"
}
run_case "a card that is well" healthy_card

# No means helps until the fault is taken away.
lost_card_is_recovered()
{
	expect_log 'was not loaded'
	sim_port h0/p0 power_control=0
	devlink_card h0/p0 300
	functions_below "$PORT" >/tmp/before
	echo power >"$SIM/h0/p0/card/faults/cure"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	echo 600 >"$REGION/timeout_ms"
	echo user >"$REGION/stage"
	dl_fails 'timed out' 'did not' dev reload "$DL" action fw_activate
	expect_file "$REGION/outcome" lost
	await 5000 reporter_is error
	expect_eq "$(dl_health .error)" 1 "errors"
	expect_eq "$(dl_health .recover)" 0 "recoveries"
	expect_eq "$(dl_info .serial_number)" null "serial number"

	devlink -j health dump show "$DL" reporter card >/tmp/dump
	expect_eq "$(jq -r '.requests[-1].outcome' /tmp/dump)" lost "outcome in the dump"
	expect_eq "$(jq -r '.requests[-1].request' /tmp/dump)" activate "request"
	expect_eq "$(jq -r '.requests[-1].image' /tmp/dump)" user "image"
	expect_eq "$(jq -r '.requests[-2].request' /tmp/dump)" stage "the one before"
	[ "$(jq -r '.requests[-1].steps_us.loading' /tmp/dump)" -gt 0 ] ||
		fail "no time in a step: $(cat /tmp/dump)"

	dl_fails 'No such device' 'nothing answers' health recover "$DL" reporter card
	reporter_is error
	echo 0 >"$SIM/h0/p0/card/faults/never_return"
	echo reset >"$SIM/h0/p0/card/faults/cure"
	dl_ok health recover "$DL" reporter card
	reporter_is healthy
	expect_eq "$(dl_health .recover)" 1 "recoveries"
	[ -n "$(functions_below "$PORT")" ] || fail "no function came back"
	expect_file "$REGION/outcome" recovered
	load_ok "$REGION" factory
	expect_eq "$(functions_below "$PORT")" "$(cat /tmp/before)" "functions"
}
run_case "health recover brings a lost card back" lost_card_is_recovered

# By whatever front end: devlink hears of it.
others_fail_and_recover()
{
	expect_log 'was not loaded'
	sim_port h0/p0 power_control=0
	devlink_card h0/p0 300
	echo power >"$SIM/h0/p0/card/faults/cure"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	echo 600 >"$REGION/timeout_ms"
	expect_errno ETIMEDOUT "$REGION/firmware_name" user
	await 5000 reporter_is error
	echo 0 >"$SIM/h0/p0/card/faults/never_return"
	echo reset >"$SIM/h0/p0/card/faults/cure"
	expect_errno 0 "$REGION/recover" 1
	await 5000 reporter_is healthy
	expect_eq "$(dl_health .error)" 1 "errors"
}
run_case "the reporter hears of loads by others" others_fail_and_recover
