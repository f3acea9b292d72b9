# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card that gets stuck, by what helps it; and the image that it ran before.

# stuck_card CURE [NAME=VALUE...]: the next loads leave it without a link
stuck_card()
{
	stuck_cure=$1
	shift
	expect_log 'was not loaded'
	sim_port h0/p0 "$@"
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	echo 600 >"$region/timeout_ms"
	echo "$stuck_cure" >"$SIM/h0/p0/card/faults/cure"
	echo 1 >"$SIM/h0/p0/card/faults/never_return"
}

# expect_saved REGEX: the load fails, and the sentence says what helped
expect_saved()
{
	load "$region" user
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	expect_match "$(first_line "$region/last_error")" "$1"
	expect_log "FPGA card: recovery by .* brought the card back"
	[ -n "$(functions_below "$port")" ] || fail "no function came back"
	echo 0 >"$SIM/h0/p0/card/faults/never_return"
	load_ok "$region" user
	load_ok "$region" factory
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}

helped_by_training()
{
	stuck_card retrain
	expect_saved 'brought back by a new link training'
}
run_case "a stuck card comes back by a new link training" helped_by_training

helped_by_reset()
{
	stuck_card reset
	expect_saved 'brought back by a hot reset'
}
run_case "a stuck card comes back by a hot reset" helped_by_reset

helped_by_power()
{
	stuck_card power power_control=1
	expect_saved 'brought back by a power cycle.*runs "factory" again'
}
run_case "a stuck card comes back by a power cycle" helped_by_power

previous_image_is_loaded()
{
	expect_log 'was not loaded'
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	load_ok "$region" user
	# Neither the image asked for nor the one before, once.
	echo lab >"$SIM/h0/p0/card/faults/wrong_image"
	(
		wait-state "$region/state" 10000 settling >/tmp/seen
		echo >"$SIM/h0/p0/card/faults/wrong_image"
	) &
	load "$region" factory
	wait
	expect_eq "$LOAD_ERR" EIO "the write"
	expect_match "$(first_line "$region/last_error")" \
		'runs "lab" instead of "factory".*"user", which ran before, was loaded again'
	expect_file "$region/firmware_name" user
}
run_case "the image that ran before is loaded again" previous_image_is_loaded

recover_on_request()
{
	standard_card h0/p0 200
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	functions_below "$port" >/tmp/before
	save_config "$port" /tmp/config-before
	expect_errno EINVAL "$region/recover" 0
	expect_errno 0 "$region/recover" 1
	expect_file "$region/state" idle
	expect_match "$(first_line "$region/last_error")" 'brought back by its link'
	expect_eq "$(functions_below "$port")" "$(cat /tmp/before)" "functions"
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
	load_ok "$region" user
}
run_case "a card is brought back on request" recover_on_request
