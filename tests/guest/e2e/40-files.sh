# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Images that come as files below the firmware path.

file_is_loaded()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	expect_eq "$(cd "$region/images" && echo *)" "factory user" "images"
	save_config "$port" /tmp/config-before
	load_ok "$region" vendor/lab.img
	functions_below "$port" >/tmp/there
	expect_eq "$(wc -l </tmp/there)" 2 "functions of the image lab"
	grep -q '1d0f:3000' /tmp/there || fail "$(cat /tmp/there)"
	expect_file "$SIM/h0/p0/card/running" lab
	expect_file "$region/images/factory/running" 0
	save_config "$port" /tmp/config-there
	expect_same_config /tmp/config-before /tmp/config-there but-image
	# from there to flash and back
	load_ok "$region" user
	load_ok "$region" no-identity.img
	expect_file "$SIM/h0/p0/card/running" lab
}
run_case "an image that comes as a file" file_is_loaded

# refused FILE ERRNO SENTENCE
refused()
{
	echo >"$SIM_DEBUG/h0/log"
	load "$region" "$1"
	expect_eq "$LOAD_ERR" "$2" "loading $1"
	expect_match "$(first_line "$region/last_error")" "$3"
	! grep -Eq ' (trigger|link-down|dev-del|dev-unbind) ' "$SIM_DEBUG/h0/log" ||
		fail "$1: the card was touched"
	expect_file "$region/firmware_name" factory
}

bad_files()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	refused truncated.img EINVAL 'payload size'
	refused stump.img EINVAL 'shorter than an image header'
	refused empty.img EINVAL 'empty.img'
	refused damaged.img EBADMSG 'damaged'
	refused other-back-end.img EINVAL 'back end other-bmc'
	refused other-card.img EINVAL 'for card 1d0f:9999'
	expect_file "$region/state" idle
}
run_case "bad files are refused, and nothing is touched" bad_files

# The payload is transferred while the old image runs, with everything in place.
file_the_card_refuses()
{
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	refused unknown.img EINVAL 'did not take the file'
	expect_file "$region/state" idle
	load_ok "$region" vendor/lab.img
}
run_case "a file that the card refuses is no downtime" file_the_card_refuses

image_that_is_not_what_it_promises()
{
	expect_log 'was not loaded'
	standard_card h0/p0 300
	region=$(region_of h0/p0)
	load "$region" liar.img
	expect_eq "$LOAD_ERR" EIO "the write"
	expect_match "$(first_line "$region/last_error")" \
		'BAR 0 size 0x80000, but the image file promises 0x100000'
	expect_file "$region/state" failed
	load_ok "$region" factory
}
run_case "an image that is not what its file promises" \
	image_that_is_not_what_it_promises
