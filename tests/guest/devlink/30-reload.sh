# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# "dev reload" with the action fw_activate: what is staged is loaded.

reloads_count()
{
	dl_show '.stats.reload.fw_activate.unspecified'
}

reload_activates()
{
	devlink_card h0/p0 300
	expect_eq "$(reloads_count)" 0 "reloads"
	dl_ok dev flash "$DL" file vendor/lab.img
	dl_ok -j dev reload "$DL" action fw_activate
	expect_eq "$(jq -r '.reload.reload_actions_performed[0]' /tmp/devlink-out)" fw_activate "what was done"
	expect_file "$SIM/h0/p0/card/running" lab
	expect_file "$REGION/firmware_name" lab
	expect_file "$REGION/outcome" success
	expect_decoded "$REGION"
	expect_eq "$(dl_info '.versions.running["fw.app"]')" lab "running"
	expect_eq "$(dl_info '.versions.stored["fw.app"]')" lab "stored"
	expect_eq "$(reloads_count)" 1 "reloads"
	# What sysfs stages, devlink activates.
	echo user >"$REGION/stage"
	expect_eq "$(dl_info '.versions.stored["fw.app"]')" user "stored"
	dl_reload
	expect_file "$REGION/firmware_name" user
	expect_eq "$(reloads_count)" 2 "reloads"
}
run_case "dev reload activates what is staged" reload_activates

nothing_staged()
{
	devlink_card h0/p0 300
	echo >"$SIM_DEBUG/h0/log"
	dl_fails 'No data available' 'nothing is staged' \
		dev reload "$DL" action fw_activate
	! grep -Eq ' (trigger|link-down|dev-del|dev-unbind) ' "$SIM_DEBUG/h0/log" ||
		fail "the card was touched"
	expect_eq "$(reloads_count)" 0 "reloads"
	expect_eq "$(dl_show .reload_failed)" null "a failed reload"
	expect_file "$REGION/outcome" refused
	expect_file "$REGION/outcome_errno" 61
}
run_case "a reload with nothing staged is refused" nothing_staged

other_reloads()
{
	devlink_card h0/p0 300
	dl_ok dev flash "$DL" file vendor/lab.img
	# iproute2 6.1 selects bits that the policy of 6.12 has not.
	dl_fails . 'limit is not supported|policy validation' \
		dev reload "$DL" action fw_activate limit no_reset
	dl_fails 'not supported' 'action is not supported' dev reload "$DL"
	dl_fails 'not supported' 'action is not supported' \
		dev reload "$DL" action driver_reinit
	expect_file "$REGION/firmware_name" factory
	expect_file "$REGION/staged" lab
}
run_case "other reloads are refused" other_reloads

other_namespaces()
{
	devlink_card h0/p0 300
	dl_ok dev flash "$DL" file vendor/lab.img
	if unshare -n devlink dev reload "$DL" action fw_activate >/tmp/other 2>&1; then
		fail "another network namespace may reload"
	fi
	expect_match "$(cat /tmp/other)" 'No such device'
	expect_eq "$(unshare -n devlink -j dev show)" '{"dev":{}}' "cards there"
	unshare -n sleep 100 &
	elsewhere=$!
	# shellcheck disable=SC2064
	trap "kill $elsewhere 2>/dev/null || true" EXIT
	await 5000 other_net $elsewhere
	dl_fails 'not supported' 'Changing namespace|belongs to the initial' \
		dev reload "$DL" netns $elsewhere action fw_activate
	dl_fails 'not supported' 'belongs to the initial network namespace' \
		dev reload "$DL" netns 1 action fw_activate
	kill $elsewhere
	expect_file "$REGION/firmware_name" factory
	dl_reload
}

other_net()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/1/ns/net)" ]
}
run_case "a card stays in the initial network namespace" other_namespaces

# Who is not root may not even ask, and is told no process's name.
only_root_changes()
{
	devlink_card h0/p0 300
	for what in "dev reload $DL action fw_activate" "dev flash $DL file vendor/lab.img" \
			"health recover $DL reporter card"; do
		# shellcheck disable=SC2086
		if as-nobody devlink $what >/tmp/nobody 2>&1; then
			fail "anybody may: $what"
		fi
	done
	expect_file "$REGION/firmware_name" factory
	expect_file "$REGION/staged" ""
	expect_file "$REGION/request" ""
	as-nobody devlink -j dev info "$DL" >/tmp/nobody
	grep -q '"fw.app":"factory"' /tmp/nobody || fail "$(cat /tmp/nobody)"
}
run_case "only root changes anything" only_root_changes

users_stop_a_reload()
{
	echo 1 >/sys/module/sim_bmc/parameters/nodes
	devlink_card h0/p0 300
	echo 0 >/sys/module/sim_bmc/parameters/nodes
	fn=$(functions_below "$PORT" | sed -n 's/ 1d0f:1001$//p')
	dl_ok dev flash "$DL" file vendor/lab.img
	hold-open "/dev/sim-fn-$fn" >/tmp/held &
	holder=$!
	# shellcheck disable=SC2064
	trap "kill $holder 2>/dev/null || true" EXIT
	await 5000 grep -q open /tmp/held
	dl_fails 'resource busy' "sim-fn-$fn is open in hold-open \(pid $holder\)" \
		dev reload "$DL" action fw_activate
	expect_eq "$(dl_show .reload_failed)" null "a failed reload"
	expect_file "$REGION/staged" lab
	kill $holder
	wait $holder 2>/dev/null || true
	dl_reload
	expect_file "$REGION/firmware_name" lab
}
run_case "users stop a reload, and are named" users_stop_a_reload

reload_fails()
{
	expect_log 'was not loaded'
	sim_port h0/p0 power_control=0
	devlink_card h0/p0 300
	echo reset >"$SIM/h0/p0/card/faults/cure"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	echo 600 >"$REGION/timeout_ms"
	echo user >"$REGION/stage"
	dl_fails 'timed out' 'brought back by a hot reset' \
		dev reload "$DL" action fw_activate
	expect_eq "$(dl_show .reload_failed)" true "a failed reload"
	expect_eq "$(reloads_count)" 0 "reloads"
	expect_eq "$(dl_health .error)" 1 "errors"
	echo 0 >"$SIM/h0/p0/card/faults/never_return"
	echo user >"$REGION/stage"
	dl_reload
	expect_eq "$(dl_show .reload_failed)" null "a failed reload"
	expect_eq "$(reloads_count)" 1 "reloads"
}
run_case "a reload that fails says why, and is shown" reload_fails

# outcome_of FAULT=VALUE OUTCOME [KERNEL EXTACK]: of a reload with that fault
outcome_of()
{
	sim_set "$SIM/h0/p0/card/faults" "$1"
	echo user >"$REGION/stage" || fail "$1: nothing is staged"
	if [ $# -eq 2 ]; then
		dl_reload
	else
		dl_fails "$3" "$4" dev reload "$DL" action fw_activate
	fi
	expect_file "$REGION/outcome" "$2"
	sim_set "$SIM/h0/p0/card/faults" "${1%=*}=${5-0}"
}

each_outcome()
{
	expect_log 'was not loaded'
	devlink_card h0/p0 300
	outcome_of busy=0 success
	outcome_of degraded_speed=2500 degraded
	outcome_of reject_trigger=1 rolled-back 'Input/output' 'refused to load'
	outcome_of wrong_image=lab recovered 'Input/output' 'runs "lab" instead of "user"' ''
	echo user >"$REGION/stage"
	sim_set "$SIM/h0/p0/card/faults" busy=1
	dl_fails 'resource busy' 'takes no request now' \
		dev reload "$DL" action fw_activate
	expect_file "$REGION/outcome" refused
	expect_file "$REGION/staged" user
	sim_set "$SIM/h0/p0/card/faults" busy=0
	echo 400 >"$REGION/timeout_ms"
	outcome_of never_return=1 lost 'timed out' 'could not be brought back'
}
run_case "each outcome of a reload, and its sentence" each_outcome
