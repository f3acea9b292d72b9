# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: an exit code for each outcome.

# ends_as CODE OUTCOME FAULT=VALUE IMAGE [AFTERWARDS]: a load with that fault
ends_as()
{
	sim_set "$SIM/h0/p0/card/faults" "$3"
	fc "$1" load "$4" -y
	fc_is .result "$2"
	fc_is .outcome "$2"
	sim_set "$SIM/h0/p0/card/faults" "${3%=*}=${5-0}"
}

each_outcome()
{
	expect_log 'was not loaded'
	tool_card h0/p0
	ends_as 0 success never_return=0 user
	ends_as 10 degraded degraded_speed=2500 factory
	fc_says 'where .* is possible'
	ends_as 13 rolled-back reject_trigger=1 user
	expect_file "$SIM/h0/p0/card/running" factory
	ends_as 14 recovered wrong_image=lab user ""
	fc_says 'instead of'
	fc 0 load factory -y
	fc 0 recover -y
	fc_is .outcome recovered
	fc_is .result success
	echo 400 >"$REGION/timeout_ms"
	ends_as 15 lost never_return=1 user
	fc_says 'could not be brought back'
	fc 0 list
	fc_is '.cards[0].present' false
	fc 15 recover -y
	# The port alone names it now.
	fc 0 show --card "$PORT"
	fc_is .last.outcome lost
}
run_case "each outcome has its exit code" each_outcome

# A check sees a card that is busy before anything is asked for, but not for staging.
refused()
{
	tool_card h0/p0
	sim_set "$SIM/h0/p0/card/faults" busy=1
	fc 11 load user -y
	fc_is .done false
	fc 11 stage user
	fc_is .outcome refused
	fc_is .outcome_errno 16
}
run_case "a card that is not ready is refused" refused

busy()
{
	tool_card h0/p0
	echo 60000 >"$REGION/drain_ms"
	echo user >"$REGION/firmware_name" &
	await 5000 fc_in_state draining
	fc 16 load user -y
	fc_is .result busy
	fc 16 check factory
	fc 16 stage factory
	fc 16 recover -y --force
	expect_file "$REGION/force" 0
	fc 0 list
	fc_is '.cards[0].state' draining
	echo 1 >"$REGION/drained"
	wait
	expect_file "$SIM/h0/p0/card/running" user
}
run_case "another request is no business of this one" busy

gone()
{
	tool_card h0/p0
	echo 60000 >"$REGION/drain_ms"
	fc_start load user -y
	await 5000 fc_in_state draining
	echo 0 >"$SIM/h0/live"
	fc_end 3
	expect_match "$(cat /tmp/fc-err)" 'went away'
}
run_case "the port of a card goes while it is loaded" gone

# replace_load: $FC_PID is stopped where its load ends, and looks when another one has ended.
replace_load()
{
	await 10000 fc_in_state loading
	kill -STOP "$FC_PID"
	await 10000 fc_in_state idle
	load_ok "$REGION" factory
	kill -CONT "$FC_PID"
}

replaced()
{
	tool_card h0/p0 1000
	fpgacard load user -y >/tmp/fc-text 2>&1 </dev/null &
	FC_PID=$!
	replace_load
	wait "$FC_PID"
	expect_match "$(cat /tmp/fc-text)" '^"user" was loaded, and another request was served since$'
	fc_start load user -y
	replace_load
	fc_end 0
	fc_is .request load
	fc_is .image user
	fc_is .outcome_errno 0
	fc_is .outcome null
	fc_is .outage_ms null
	fc_is .previous_image null
	fc_is .result success
}
run_case "of a load whose record another one has replaced nothing is invented" replaced
