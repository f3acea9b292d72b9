# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard --wait: a card that is not there yet, or not free.

# wait_starts ARGUMENT...: in the background, until it waits
wait_starts()
{
	fc_start "$@"
	await 5000 watches "$FC_PID"
	# From there on it looks at what there is, and sleeps.
	await 5000 sleeps "$FC_PID"
}

sleeps()
{
	expect_match "$(cat "/proc/$1/stat")" '^[0-9]+ \(fpgacard\) S '
}

# switches PID: how often it has slept
switches()
{
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$1/status"
}

wait_no_card()
{
	fc 3 load user -y --wait=0
	wait_begun=$(date +%s)
	fc 3 recover -y --wait=2
	fc_says 'waited for 2 s: there is no card'
	[ $(($(date +%s) - wait_begun)) -ge 1 ] || fail "it did not wait"
	wait_starts load user -y --wait=60
	wait_before=$(switches "$FC_PID")
	sleep 2
	expect_below $(($(switches "$FC_PID") - wait_before)) 10 "looks while there is no card"
	tool_card h0/p0
	fc_end 0
	fc_is .outcome success
	fc_is .card.port "$PORT"
	expect_file "$SIM/h0/p0/card/running" user
}
run_case "load waits for a card that is not there yet" wait_no_card

# wait_drains IMAGE: somebody else's load, which goes on when "drained" is written
wait_drains()
{
	echo 60000 >"$REGION/drain_ms"
	echo "$1" >"$REGION/firmware_name" &
	WAIT_OTHER=$!
	await 5000 fc_in_state draining
}

wait_goes_on()
{
	echo 0 >"$REGION/drain_ms"
	echo 1 >"$REGION/drained"
	wait "$WAIT_OTHER"
}

wait_busy()
{
	tool_card h0/p0
	wait_drains user
	fc 16 load factory -y --wait=1
	fc_says 'waited for 1 s: another request is served'
	wait_starts load factory -y --wait
	wait_before=$(switches "$FC_PID")
	sleep 2
	expect_below $(($(switches "$FC_PID") - wait_before)) 10 "looks at a busy card"
	wait_goes_on
	fc_end 0
	fc_is .previous_image user
	expect_file "$SIM/h0/p0/card/running" factory
	expect_file "$REGION/loads" 2
	# What the other one has loaded is not loaded again.
	wait_drains user
	wait_starts load user -y --wait
	wait_goes_on
	fc_end 0
	fc_is .done false
	expect_file "$REGION/loads" 3
	wait_drains factory
	wait_starts recover -y --wait
	wait_goes_on
	fc_end 0
	fc_is .request recover
	wait_drains user
	wait_starts stage vendor/lab.img --wait
	wait_goes_on
	fc_end 0
	expect_file "$REGION/staged" vendor/lab.img
	wait_drains factory
	wait_starts activate -y --wait=20
	wait_goes_on
	# A load of something else ends what was staged.
	fc_end 11
	fc_says 'nothing is staged'
}
run_case "requests wait for a card that serves another one" wait_busy

wait_interrupted()
{
	for wait_signal in INT TERM HUP; do
		wait_starts load user -y --wait
		kill -"$wait_signal" "$FC_PID"
		fc_end 12
		fc_is .result cancelled
	done
	fpgacard load user -y --wait=1 >/tmp/fc-out 2>/tmp/fc-err || :
	expect_match "$(cat /tmp/fc-err)" '^waiting at most 1 s: there is no card'
	fpgacard load user -y --wait=1 --quiet >/tmp/fc-out 2>/tmp/fc-err || :
	expect_eq "$(grep -c . /tmp/fc-err)" 1 "lines"
}
run_case "^C ends the waiting" wait_interrupted

wait_back_end()
{
	tool_card h0/p0
	wait_bmc=$(echo "$(port_dir h0/p0)"/*:*:*.0)
	wait_bmc=${wait_bmc##*/}
	for wait_command in "load user -y --reload" "stage vendor/lab.img"; do
		echo "$wait_bmc" >/sys/bus/pci/drivers/sim-bmc/unbind
		# shellcheck disable=SC2086
		fc 11 $wait_command
		# shellcheck disable=SC2086
		fc 11 $wait_command --wait=1
		fc_says 'waited for 1 s: '
		# shellcheck disable=SC2086
		wait_starts $wait_command --wait
		echo "$wait_bmc" >/sys/bus/pci/drivers/sim-bmc/bind
		fc_end 0
		fc_is .outcome success
		wait_bmc=$(echo "$(port_dir h0/p0)"/*:*:*.0)
		wait_bmc=${wait_bmc##*/}
	done
}
run_case "requests wait for a driver to attach" wait_back_end

# Who uses the card may do so for ever.
wait_not_for_users()
{
	tool_card h0/p0
	fc_hold h0/p0
	fc 11 load user -y --wait
	fc_says 'is in use'
	exec 9<&-
}
run_case "users of a card are not waited for" wait_not_for_users
