# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The card does not do what it was told.

. /tests/lib/errors.sh

card_that_does_not_return()
{
	expect_log 'was not loaded'
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	echo 400 >"$region/timeout_ms"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
	load "$region" user
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	# Each rung of the recovery has a deadline of its own.
	expect_below $((LOAD_NS / 1000000)) 8000 "its time in ms"
	expect_file "$region/state" failed
	expect_match "$(first_line "$region/last_error")" \
		'did not bring its link up within 400 ms.*could not be brought back'
	[ -d "$region" ] || fail "the region is gone"
	# Link Disable is never left behind (PCIe r6.0, section 7.5.3.7).
	expect_eq $(($(cfg_dword "$port" "$(cfg_exp "$port" "$EXP_LNKCTL")") & 16)) 0 \
		"Link Disable"
	load "$region" factory
	expect_eq "$LOAD_ERR" ENODEV "a load without a card"
	expect_match "$(first_line "$region/last_error")" 'no card below'
}
run_case "a card that does not return is given up in time" \
	card_that_does_not_return

wrong_image()
{
	expect_log 'was not loaded'
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	save_config "$port" /tmp/config-before
	echo factory >"$SIM/h0/p0/card/faults/wrong_image"
	load "$region" user
	expect_eq "$LOAD_ERR" EIO "the write"
	expect_match "$(first_line "$region/last_error")" 'runs "factory" instead of "user"'
	expect_file "$region/firmware_name" factory
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
	echo >"$SIM/h0/p0/card/faults/wrong_image"
	load_ok "$region" user
}
run_case "an image other than the one asked for is told" wrong_image

refused_trigger()
{
	expect_log 'was not loaded'
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	echo 1 >"$SIM/h0/p0/card/faults/reject_trigger"
	load "$region" user
	[ "$LOAD_ERR" != 0 ] || fail "the write succeeded"
	expect_match "$(first_line "$region/last_error")" 'refused.*brought back'
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
	echo 0 >"$SIM/h0/p0/card/faults/reject_trigger"
	load_ok "$region" user
}
run_case "a card that refuses goes on with its image" refused_trigger

retry_status()
{
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	echo 500 >"$SIM/h0/p0/card/faults/rrs_ms"
	load_ok "$region" user
	expect_below 500 $((LOAD_NS / 1000000)) "time in ms"
}
run_case "a card that asks to be tried later is waited for" retry_status
