# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What systemd, udev and polkit do with the packages' units and rules: loads by name, their
# hooks, and who may start them.

. /tests/lib/services.sh

links_by_udevd()
{
	unit_is systemd-udevd active
	sim_port h0/p0
	sim_set "$SIM/h0/p0/card" serial=0x1122334455667788
	tool_card
	await 5000 links_are "by-port/$PORT by-serial/1122334455667788"
	expect_file /run/fpgacard/by-serial/1122334455667788/firmware_name factory
	echo user >"/run/fpgacard/by-port/$PORT/firmware_name"
	fc_runs h0/p0:user
	sim_reset
	await 5000 links_are ""
}
run_case "services: udevd links a card by port and by serial number" links_by_udevd

load_by_name()
{
	services_card
	load_conf night user
	hook 10-vms
	hook 20-net
	systemctl start fpgacard-load@night || fail "$(load_said night)"
	fc_runs h0/p0:user
	ran "10-vms drain factory " "20-net drain factory " \
		"20-net resume user success" "10-vms resume user success"
	main_status_is night 0
	unit_is fpgacard-load@night inactive
	# Such a load is one of many: that it has been does not keep it from being again.
	load_conf night factory
	systemctl start fpgacard-load@night || fail "$(load_said night)"
	fc_runs h0/p0:factory
}
run_case "services: a load by name, with its hooks before and after" load_by_name

hook_refuses()
{
	services_card
	load_conf night user
	hook 10-first
	hook 20-refuses '[ "$1" != drain ] || exit 3'
	hook 30-third
	load_fails night
	ran "10-first drain factory " "20-refuses drain factory " \
		"30-third resume factory not-drained" "20-refuses resume factory not-drained" \
		"10-first resume factory not-drained"
	fc 0 history
	fc_is '.requests | length' 0
	load_said night | grep -q '20-refuses drain ended with 3' || fail "it is not in the journal"
	# It has no end of a load before it for its own.
	hook 20-refuses
	: >"$RAN"
	systemctl start fpgacard-load@night || fail "$(load_said night)"
	hook 20-refuses '[ "$1" != drain ] || exit 3'
	: >"$RAN"
	load_conf night factory
	load_fails night
	ran "10-first drain user " "20-refuses drain user " "30-third resume user not-drained" \
		"20-refuses resume user not-drained" "10-first resume user not-drained"
	fc_runs h0/p0:user
}
run_case "services: a hook that fails keeps the card from being touched" hook_refuses

hook_hangs()
{
	services_card
	load_conf night user HOOK_SECONDS=2
	hook 10-hangs '[ "$1" != drain ] || sleep 1000'
	load_fails night
	ran "10-hangs drain factory " "10-hangs resume factory not-drained"
	load_said night | grep -q 'did not end within 2 s' || fail "it is not in the journal"
	expect_eq "$(pidof sleep)" "" "what the hook has left"
}
run_case "services: a hook that hangs ends, and so does the load" hook_hangs

load_refused()
{
	services_card
	hook 10-one
	load_conf night nosuch
	load_fails night
	main_status_is night 11
	ran "10-one drain factory " "10-one resume factory refused"
	fc_runs h0/p0:factory
}
run_case "services: a load that is refused tells its hooks" load_refused

load_lost()
{
	expect_log 'was not loaded'
	services_card
	hook 10-one
	load_conf night user
	echo 400 >"$REGION/timeout_ms"
	sim_set "$SIM/h0/p0/card/faults" never_return=1
	load_fails night
	main_status_is night 15
	expect_eq "$(tail -n 1 "$RAN" | sed 's/.* //')" lost
}
run_case "services: a load that fails tells its hooks" load_lost

stop_cancels()
{
	services_card
	hook 10-one
	load_conf night user
	echo 60000 >"$REGION/drain_ms"
	systemctl start --no-block fpgacard-load@night
	await 10000 fc_in_state draining
	systemctl stop fpgacard-load@night
	main_status_is night 12
	ran "10-one drain factory " "10-one resume factory cancelled"
	fc_runs h0/p0:factory
	expect_file "$REGION/state" idle
}
run_case "services: systemctl stop cancels a load" stop_cancels

who_may()
{
	services_card
	useradd -G fpgacard member
	useradd outsider
	load_conf listed user
	denied as outsider start fpgacard-load@listed
	fc_runs h0/p0:factory
	as member start fpgacard-load@listed || fail "$(cat /tmp/as): $(load_said listed)"
	fc_runs h0/p0:user
	denied as outsider start fpgacard-load@listed
	# One that root has not listed is no load: the member may ask, and nothing is done.
	! as member start fpgacard-load@other || fail "a load that is not listed starts"
	expect_match "$(cat /tmp/as)" 'Assertion failed'
	denied as member start fpgacard-attach
	denied as member restart fpgacard-load@listed
	denied as member enable fpgacard-load@listed
	# While it runs, so that there is something to stop
	load_conf listed factory
	echo 60000 >"$REGION/drain_ms"
	as member start --no-block fpgacard-load@listed
	await 10000 fc_in_state draining
	denied as member stop fpgacard-load@listed
	denied as member kill fpgacard-load@listed
	fc_in_state draining
	echo 1 >"$REGION/drained"
	await 10000 unit_is fpgacard-load@listed inactive
	fc_runs h0/p0:factory
}
run_case "services: the group starts what root has listed, and no more" who_may

pod_leaves()
{
	services_card
	kubernetes_hook
	hook 60-after "pidof hold-open >>$ASKED || echo no pod >>$ASKED"
	pod_start
	fc 11 check user
	expect_match "$(fc_get '.users[].processes[].cgroup')" \
		"^/kubepods.slice/kubepods-pod$POD_SLICE.slice/cri-1.scope\$"
	load_conf night user
	systemctl start fpgacard-load@night || fail "$(load_said night)"
	fc_runs h0/p0:user
	expect_file "$ASKED" "taint nodes node7 fpgacard/reload=:NoExecute --overwrite
no pod
no pod
taint nodes node7 fpgacard/reload-"
}
run_case "services: the kubernetes hook waits for a pod that has the card open" pod_leaves

pod_stays()
{
	services_card
	kubernetes_hook FPGACARD_KUBERNETES_SECONDS=2
	: >"$POD_STAYS"
	pod_start
	load_conf night user
	load_fails night
	load_said night | grep -q 'these pods still use the card: lab/user-of-cards' ||
		fail "$(load_said night)"
	fc_runs h0/p0:factory
	expect_eq "$(tail -n 1 "$ASKED")" "taint nodes node7 fpgacard/reload-" "the last call"
	[ -n "$(pidof hold-open)" ] || fail "the pod is gone"
}
run_case "services: a pod that stays is named, and nothing is loaded" pod_stays
