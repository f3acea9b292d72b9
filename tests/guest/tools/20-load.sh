# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# fpgacard: checks, loads, staging, and what is seen of them.

checked()
{
	tool_card h0/p0
	fc 0 check user
	fc_is .loadable true
	fc_is .answer 'image "user" can be loaded'
	fc_is .deadline_ms 5300
	fc_is '.users | length' 0
	fc_is '.contained | length > 0' true
	fc 11 check nothing
	fc_is .loadable false
	fc_is .errno 2
	fc_hold h0/p0
	fc 11 check user
	fc_is '.users | length' 1
	fc_is '.users[0].driver' sim-bmc
	expect_match "$(fc_get '.users[0].use')" 'resource0 is open in'
	fc_raw check user
	expect_match "$(cat /tmp/fc-out)" '^user .*\(sim-bmc\):'
	exec 9<&-
	fc_raw check user
	expect_eq "$FC_CODE" 0 "check"
	expect_match "$(cat /tmp/fc-out)" '^yes '
}
run_case "check names who would lose what" checked

loaded()
{
	tool_card h0/p0
	fc 0 load user --yes
	fc_is .done true
	fc_is .outcome success
	fc_is .image user
	fc_is .previous_image factory
	fc_is .outcome_errno 0
	fc_is '.outage_ms > 0 and .duration_ms >= .outage_ms' true
	fc_is '[.steps[].step] | index("loading") != null' true
	expect_file "$SIM/h0/p0/card/running" user
	# What runs is not loaded again without need.
	expect_file "$REGION/loads" 1
	fc 0 load user
	fc_is .done false
	expect_file "$REGION/loads" 1
	fc 0 load user -y --reload
	fc_is .done true
	expect_file "$REGION/loads" 2
	fc_raw load user
	expect_file /tmp/fc-out '"user" runs already'
	fc_raw load factory -y
	expect_match "$(cat /tmp/fc-out)" '^"factory" runs, after an outage of [0-9]+ ms$'
	fc_raw load -q user -y
	expect_eq "$(cat /tmp/fc-err)" "" "progress"
}
run_case "an image is loaded, and not again without need" loaded

# The kernel takes an empty name to be none: to load nothing, or to drop what is staged.
empty_name()
{
	tool_card h0/p0
	fc 0 stage vendor/lab.img
	for empty_command in load stage check; do
		fc_raw "$empty_command" ""
		expect_eq "$FC_CODE" 2 "exit code of $empty_command"
		fc_says "the image's name is empty"
	done
	expect_file "$REGION/staged" vendor/lab.img
}
run_case "an empty name is no image" empty_name

# Checks are for anybody at any time; they show as a state of the card.
checked_meanwhile()
{
	tool_card h0/p0
	while :; do echo lab >"$REGION/check" || :; usleep 20000; done 2>/dev/null &
	meanwhile=$!
	trap 'kill "$meanwhile"' EXIT
	for meanwhile_image in user factory user factory user factory user factory; do
		fc 0 load "$meanwhile_image" -y --wait=20
		fc_is .outcome success
	done
}
run_case "somebody else's checks do not change how a load ends" checked_meanwhile

asked()
{
	tool_card h0/p0
	echo >"$SIM_DEBUG/h0/log"
	fc 11 load user
	fc_says 'no terminal to ask at'
	fc_is .done false
	fc 11 recover
	fc_terminal
	asked_code=0
	on-tty -i n fpgacard load user >/tmp/asked || asked_code=$?
	expect_eq "$asked_code" 12 "exit code after n"
	expect_match "$(cat /tmp/asked)" "To load \"user\" on the card below $PORT"
	expect_match "$(cat /tmp/asked)" ', of driver sim-bmc goes'
	expect_match "$(cat /tmp/asked)" 'nothing was done'
	! grep -Eq ' (trigger|link-down) ' "$SIM_DEBUG/h0/log" || fail "the card was touched"
	fc_hold h0/p0
	on-tty -i n fpgacard load user --force >/tmp/asked || :
	expect_match "$(cat /tmp/asked)" 'in use: .*resource0 is open'
	expect_file "$REGION/force" 0
	exec 9<&-
	on-tty -i y fpgacard load user >/tmp/asked || fail "$(cat /tmp/asked)"
	expect_match "$(cat /tmp/asked)" '"user" runs'
	# A line for each step, written anew; the second time it says what to expect.
	expect_match "$(cat /tmp/asked)" '^loading +[0-9.]+ s'
	on-tty fpgacard load user -y --reload >/tmp/asked || fail "$(cat /tmp/asked)"
	expect_match "$(cat /tmp/asked)" 'the last time this took [0-9.]+ s'
	expect_match "$(cat /tmp/asked)" '^loading +[0-9.]+ s of [0-9.]+ s'
}
run_case "who would lose what is asked about, at a terminal" asked

forced()
{
	tool_card h0/p0
	fc_hold h0/p0
	fc 11 load user -y
	fc_says 'is in use'
	fc_is '.users | length' 1
	fc 0 load user -y --force
	fc_is .outcome success
	expect_file "$REGION/force" 0
	expect_file "$SIM/h0/p0/card/running" user
	exec 9<&-
}
run_case "users are passed over by force alone, once" forced

plain()
{
	tool_card h0/p0
	fc_raw load user -y
	expect_match "$(cat /tmp/fc-err)" '^ +[0-9.]+ s  removing$'
	expect_match "$(cat /tmp/fc-err)" '^ +[0-9.]+ s  loading$'
}
run_case "progress is plain lines where there is no terminal" plain

staged()
{
	tool_card h0/p0
	fc 11 activate -y
	fc_says 'nothing is staged'
	fc 0 stage vendor/lab.img
	fc_is .outcome success
	fc_is .outage_ms 0
	fc 0 show
	fc_is .staged vendor/lab.img
	fc_is .running factory
	fc 0 activate -y
	fc_is .request activate
	fc_is .image vendor/lab.img
	expect_file "$SIM/h0/p0/card/running" lab
	# By its path the file is the same one.
	fc 0 load factory -y
	fc 0 stage /lib/firmware/vendor/lab.img
	expect_file "$REGION/staged" vendor/lab.img
	(cd /lib/firmware/vendor && fpgacard -q load ./lab.img -y </dev/null) >/tmp/lab ||
		fail "$(cat /tmp/lab)"
	expect_file "$REGION/firmware_name" vendor/lab.img
	cp /lib/firmware/vendor/lab.img /tmp/elsewhere.img
	fc 11 stage /tmp/elsewhere.img
	fc_says 'copy it below /lib/firmware'
	fc 11 stage damaged.img
	fc_is .outcome_errno 74
	# The kernel follows links in its own directories.
	ln -s /tmp/elsewhere.img /lib/firmware/linked.img
	fc 0 stage /lib/firmware/linked.img
	expect_file "$REGION/staged" linked.img
	# A name that the flash has is that of the image there, and the file is no choice.
	cp /tmp/elsewhere.img /lib/firmware/user
	fc 11 stage /lib/firmware/user
	fc_says 'in its flash'
	rm /lib/firmware/linked.img /lib/firmware/user
	fc 1 load /tmp/not-there.img -y
	fc_terminal
	on-tty fpgacard stage vendor/large.img >/tmp/asked || fail "$(cat /tmp/asked)"
	expect_match "$(cat /tmp/asked)" '^staging .* [0-9]+%'
}
run_case "an image is staged and activated, by the name or the path of its file" staged

in_history()
{
	tool_card h0/p0
	fc 0 load user -y
	fc 0 load factory -y
	fc 0 history
	fc_is '.requests | length' 2
	fc_is '.requests[1].image' factory
	fc_is '.requests[1].previous_image' user
	fc_is '.requests[1].steps.loading > 0' true
	fc_is '[.requests[1].steps[]] | add <= 1.1 * 1000000 * 1000' true
	fc_raw history
	expect_match "$(cat /tmp/fc-out)" '^1 .* load +user +success'
	expect_match "$(cat /tmp/fc-out)" '^ +loading +0\.[0-9]+ s$'
	fc_raw history --svg /tmp/h.svg
	expect_eq "$FC_CODE" 0 "history --svg"
	expect_match "$(head -n 1 /tmp/h.svg)" '^<svg xmlns='
	expect_eq "$(tail -n 1 /tmp/h.svg)" '</svg>' "the end"
	expect_eq "$(grep -c 'load user: success' /tmp/h.svg)" 1 "rows"
	[ "$(grep -c '<title>loading ' /tmp/h.svg)" = 2 ] || fail "$(cat /tmp/h.svg)"
	fc 0 history --svg /tmp/h2.svg
	cmp /tmp/h.svg /tmp/h2.svg
	fc_raw history --svg /nowhere/h.svg
	expect_eq "$FC_CODE" 1 "history --svg /nowhere/h.svg"
}
run_case "the history has steps, and can be drawn" in_history

watched()
{
	expect_log 'was not loaded'
	tool_card h0/p0
	fpgacard watch --json >/tmp/watch &
	watched_all=$!
	fpgacard watch --once --card "$CARD" >/tmp/watch-once 2>&1 &
	watched_once=$!
	await 5000 watches $watched_all
	await 5000 watches $watched_once
	fc 0 load user -y
	watched_code=0
	wait $watched_once || watched_code=$?
	expect_eq "$watched_code" 0 "watch --once"
	expect_match "$(cat /tmp/watch-once)" "$CARD: unloading, load \"user\""
	expect_match "$(cat /tmp/watch-once)" "$CARD: load \"user\": success, outage [0-9]+ ms"
	fpgacard watch --once >/tmp/watch-once 2>&1 &
	watched_once=$!
	await 5000 watches $watched_once
	sim_set "$SIM/h0/p0/card/faults" reject_trigger=1
	fc 13 load factory -y
	watched_code=0
	wait $watched_once || watched_code=$?
	expect_eq "$watched_code" 13 "watch --once, of a load that fails"
	fpgacard watch --once >/tmp/watch-once 2>&1 &
	watched_once=$!
	await 5000 watches $watched_once
	kill -TERM $watched_all $watched_once
	wait $watched_all || fail "watch ended with $?"
	watched_code=0
	wait $watched_once || watched_code=$?
	expect_eq "$watched_code" 17 "watch --once, of nothing"
	fc_keep /tmp/watch
	expect_eq "$(jq -r 'select(.outcome == "success") | .request + " " + .image' /tmp/watch | head -n 1)" \
		"load user" "events"
}
run_case "watch tells of requests, and --once ends with one" watched
