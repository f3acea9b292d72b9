# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that reset themselves, with notice by configfs, and what comes of those that do so
# without. What pciehp makes of the latter is in 96-uncontained.sh.

. /tests/lib/errors.sh
. /tests/lib/announce.sh
. /tests/lib/users.sh

# By announce_card
port='' region='' dpu='' card=''

announced()
{
	save_config "$port" /tmp/config-before
	announce_log_from
	expect_errno 0 "$dpu/announce" 5000
	expect_eq "$(functions_below "$port")" "" "functions"
	expect_below 1000 "$(first_line "$dpu/announce")" "time left in ms"
	echo "50 user" >"$card/reset_itself"
	await 10000 announce_over idle
	expect_file "$region/last_error" ""
	expect_file "$region/request" announced
	expect_file "$region/outcome" success
	expect_below 100 "$(first_line "$region/outage_ms")" "outage"
	announce_expect_runs user 2000
	sim_logged ' link-down ' || fail "the link stayed up"
	! sim_logged ' (irq|system-error) ' || fail "that did not go unnoticed"
	announce_log && fail "and the log has it"
	expect_decoded "$region"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after but-image
}

announced_aer()
{
	announce_card 0 1 0
	announced
}
run_case "an announced reset says nothing to AER" announced_aer

announced_dpc()
{
	announce_card 0 1 1
	announced
}
run_case "an announced reset says nothing to DPC" announced_dpc

announced_pciehp()
{
	announce_card 1 1 1
	announced
}
run_case "an announced reset says nothing to pciehp" announced_pciehp

unannounced_aer()
{
	expect_log 'AER: .*[Ee]rror.*received'
	announce_card 0 1 0
	surprise_down_is_not_fatal
	announce_log_from
	echo 0 >"$card/reset_itself"
	await 5000 sim_logged ' irq port=0 '
	await 5000 announce_log
}
run_case "without notice AER reports a surprise down" unannounced_aer

unannounced_dpc()
{
	expect_log 'DPC: containment event'
	announce_card 0 1 1
	announce_log_from
	echo 0 >"$card/reset_itself"
	await 5000 sim_logged ' irq port=0 '
	await 5000 announce_log
}
run_case "without notice DPC disables the link" unannounced_dpc

refused()
{
	announce_card 1 1 1
	functions_below "$port" >/tmp/before
	fn=$(sed -n '2s/ .*//p' /tmp/before)
	held hold-open "/sys/bus/pci/devices/$fn/resource0"
	# shellcheck disable=SC2154 # held() sets it.
	trap 'kill $holder || true; announce_cleanup' EXIT
	expect_errno EBUSY "$dpu/announce" 5000
	expect_match "$(first_line "$region/last_error")" "^$fn .* is in use: "
	expect_file "$region/state" idle
	expect_file "$dpu/announce" 0
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	echo 1 >"$region/force"
	expect_errno 0 "$dpu/announce" 5000
	expect_file "$region/force" 0
	echo 0 >"$card/reset_itself"
	await 10000 announce_over idle
}
run_case "a user of a function refuses the reset" refused

never()
{
	announce_card 1 1 1
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	announce_log_from
	expect_errno 0 "$dpu/announce" 300
	expect_match "$(first_line "$region/state")" '^(removing-reserved|announced)$'
	await 5000 announce_over failed
	expect_match "$(first_line "$region/last_error")" \
		'did not begin the reset that was announced within 300 ms'
	expect_file "$region/outcome" cancelled
	announce_expect_runs factory 1000
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	announce_log && fail "the log has it"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "a card that does not reset itself is as it was" never

ended()
{
	announce_card 1 1 1
	expect_errno 0 "$dpu/announce" 3600000
	expect_errno EBUSY "$dpu/announce" 100
	expect_errno EBUSY "$region/firmware_name" user
	expect_errno EBUSY "$region/recover" 1
	expect_errno EBUSY "$dpu/live" 0
	expect_below 3500000 "$(first_line "$dpu/announce")" "time left in ms"
	expect_errno 0 "$dpu/announce" 0
	await 5000 announce_over idle
	expect_file "$region/outcome" success
	announce_expect_runs factory 1000
	# Nothing is announced now.
	expect_errno 0 "$dpu/announce" 0
	expect_file "$region/state" idle
}
run_case "the wait for a reset can be ended" ended

lost()
{
	announce_card 1 1 1
	sim_set "$card/faults" never_return=1 cure=retrain
	expect_errno 0 "$dpu/announce" 400
	echo "0 user" >"$card/reset_itself"
	await 20000 announce_over failed
	expect_match "$(first_line "$region/last_error")" \
		'did not bring its link up within 400 ms; the card was brought back by a new link training'
	announce_expect_runs user 2000
}
run_case "a card that does not come back is brought back" lost

port_goes()
{
	announce_card 1 1 1
	expect_errno 0 "$dpu/announce" 3600000
	echo 0 >"$SIM/h0/live"
	await 10000 expect_file "$dpu/announce" 0
	expect_errno ENODEV "$dpu/announce" 100
}
run_case "the port may go while a reset is announced" port_goes

bad_input()
{
	announce_card 1 1 1
	expect_errno ERANGE "$dpu/announce" 3600001
	expect_errno EINVAL "$dpu/announce" soon
	expect_errno EINVAL "$dpu/announce" -1
	expect_file "$region/state" idle
	expect_errno EINVAL "$card/reset_itself" user
	expect_errno ENOENT "$card/reset_itself" "0 nonsense"
	expect_errno ERANGE "$card/reset_itself" 3600001
	echo 0 >"$dpu/live"
	expect_errno ENODEV "$dpu/announce" 100
	expect_errno ENODEV "$dpu/announce" 0
	expect_file "$dpu/announce" 0
}
run_case "nonsense is not announced" bad_input
