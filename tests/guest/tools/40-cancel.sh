# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: ^C before and after the trigger.

before_trigger()
{
	tool_card h0/p0
	functions_below "$(port_dir h0/p0)" >/tmp/before
	echo 60000 >"$REGION/drain_ms"
	echo >"$SIM_DEBUG/h0/log"
	for cancel_signal in INT TERM; do
		fc_start load user -y
		await 5000 fc_in_state draining
		kill -"$cancel_signal" "$FC_PID"
		fc_end 12
		fc_is .outcome cancelled
		fc_is .outcome_errno 4
		expect_match "$(cat /tmp/fc-err)" cancelling
		fc_in_state idle
	done
	! grep -q ' trigger ' "$SIM_DEBUG/h0/log" || fail "the card was told to load"
	expect_eq "$(functions_below "$(port_dir h0/p0)")" "$(cat /tmp/before)" "functions"
	# Who is killed cancels as well.
	fc_start load user -y
	await 5000 fc_in_state draining
	kill -KILL "$FC_PID"
	wait "$FC_PID" || :
	await 10000 fc_in_state idle
	expect_file "$REGION/outcome" cancelled
	echo 0 >"$REGION/drain_ms"
	fc 0 load user -y
}
run_case "^C before the trigger cancels a load" before_trigger

# The card takes its time to load.
after_trigger()
{
	tool_card h0/p0 3000
	fc_start load user -y
	await 10000 fc_in_state loading
	kill -INT "$FC_PID"
	fc_end 0
	expect_match "$(cat /tmp/fc-err)" 'cannot be cancelled any more'
	fc_is .outcome success
	expect_file "$SIM/h0/p0/card/running" user
	fc_start load factory -y
	await 10000 fc_in_state loading
	kill -INT "$FC_PID"
	await 5000 grep -q 'cannot be cancelled' /tmp/fc-err
	kill -INT "$FC_PID"
	fc_end 17
	fc_is .result pending
	await 20000 fc_in_state idle
	expect_file "$SIM/h0/p0/card/running" factory
}
run_case "^C after the trigger does not, and says so" after_trigger

while_staging()
{
	tool_card h0/p0
	fc_start stage vendor/large.img
	await 5000 fc_in_state staging
	kill -INT "$FC_PID"
	fc_end 12
	expect_file "$REGION/staged" ""
	await 5000 fc_in_state idle
	fc 0 stage vendor/lab.img
}
run_case "^C cancels staging" while_staging
