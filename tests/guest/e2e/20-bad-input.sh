# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What a user can get wrong, and that nothing happens then but an error.

long_name()
{
	printf 'x%.0s' $(seq 256)
}

# untouched REGION PORT: writes and devices are as they were
expect_untouched()
{
	expect_file "$1/firmware_name" factory
	expect_file "$1/state" idle
	[ -n "$(first_line "$1/last_error")" ] || fail "last_error says nothing"
	expect_eq "$(functions_below "$2")" "$(cat /tmp/before)" "functions"
	! grep -Eq ' (trigger|link-down|dev-del|dev-unbind) ' "$SIM_DEBUG/h0/log" ||
		fail "the card was touched: $(cat "$SIM_DEBUG/h0/log")"
}

bad_names()
{
	standard_card
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	functions_below "$port" >/tmp/before
	echo >"$SIM_DEBUG/h0/log"
	echo 'fpgacard: bad names from here' >/dev/kmsg

	# writing "": the shell's echo, since a write of 0 bytes reaches nobody
	expect_errno EINVAL "$region/firmware_name" "
"
	expect_untouched "$region" "$port"
	for name in ../factory vendor/../../x /lib/firmware/x .. "$(long_name)"; do
		expect_errno EINVAL "$region/firmware_name" "$name"
		expect_untouched "$region" "$port"
	done
	for name in nothing vendor/nothing.img factory2; do
		expect_errno ENOENT "$region/firmware_name" "$name"
		expect_untouched "$region" "$port"
	done
	expect_match "$(first_line "$region/last_error")" 'factory2.*neither'
	# Debian's 6.1 has a firmware loader that tells of each file it did not
	# find, whoever asks.
	dmesg -r | sed '1,/bad names from here/d' |
		grep -v 'firmware: failed to load\|about missing firmware' |
		grep -E '^<[0-5]>' && fail "logged above info"
	# and then it works
	load_ok "$region" user
	expect_file "$region/last_error" ""
}
run_case "bad names are refused, and nothing is touched" bad_names

bad_settings()
{
	standard_card
	region=$(region_of h0/p0)
	for value in x -1 4000000 99999999999; do
		timed-write "$region/timeout_ms" "$value" &&
			fail "timeout_ms took $value"
	done
	expect_file "$region/timeout_ms" 0
	expect_errno EINVAL "$region/force" maybe
	expect_file "$region/force" 0
	expect_errno 0 "$region/force" 1
	expect_file "$region/force" 1
	expect_errno 0 "$region/timeout_ms" 5000
	expect_file "$region/timeout_ms" 5000
	for file in state last_error images/user/running images/user/timeout_ms; do
		expect_errno EACCES "$region/$file" 1
	done
}
run_case "bad settings are refused" bad_settings

images_are_listed()
{
	standard_card
	region=$(region_of h0/p0)
	expect_eq "$(cd "$region/images" && echo *)" "factory user" "images"
	expect_file "$region/images/factory/running" 1
	expect_file "$region/images/user/running" 0
	load_ok "$region" user
	expect_eq "$(cd "$region/images" && echo *)" "factory user" "images"
	expect_file "$region/images/factory/running" 0
	expect_file "$region/images/user/running" 1
}
run_case "each image has a directory, also after a reload" images_are_listed
