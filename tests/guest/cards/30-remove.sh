# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n6000 n3000 d5005
#
# What the kernel's drivers say when an idle card is removed through sysfs, the
# link being up: the measure for what they may say when it is reloaded.

# Below a switch the FPGA is not what is next to the port.
card_top()
{
	find "$(port_dir h0/p0)"/ -mindepth 1 -maxdepth 1 -name '*:??:??.?'
}

remove_and_rescan()
{
	card_any h0/p0 500
	port=$(port_dir h0/p0)
	functions_below "$port" >/tmp/before
	for top in $(card_top); do
		echo 1 >"$top/remove"
	done
	expect_eq "$(functions_below "$port")" "" "functions left"
	[ ! -d /sys/class/hwmon/hwmon0 ] || fail "the sensors are still there"
	expect_eq "$(find /sys/class/firmware/ -name 'secure-update*')" "" \
		"ways to update the flash"

	echo 1 >"$port/rescan"
	await 5000 card_bound h0/p0
	functions_below "$port" >/tmp/after
	expect_eq "$(cat /tmp/after)" "$(cat /tmp/before)" "functions"
	cat "$(card_m10 h0/p0)/bmc_version"
	log_since_mark | grep -E 'dfl|m10|secure-update' |
		sed "s/^/$CARD, removed and found: /" >/tmp/card-said
	expect_quiet
	while read -r line; do
		note "$line"
	done </tmp/card-said
}
run_case "$CARD: removed and found again" remove_and_rescan

# Another image by JTAG, as today: remove, load, scan.
load_by_jtag()
{
	card_any h0/p0 300
	port=$(port_dir h0/p0)
	before=$(cat "$(card_fn h0/p0)"/fpga_region/region*/dfl-fme.*/bitstream_id)
	for top in $(card_top); do
		echo 1 >"$top/remove"
	done
	allow_unplug
	case $CARD in
	n6000)	echo fpga_factory >"$SIM/h0/p0/card/load" ;;
	*)	echo factory >"$SIM/h0/p0/card/load" ;;
	esac
	await 5000 grep -qx up "$SIM/h0/p0/card/link"
	echo 1 >"$port/rescan"
	await 8000 card_bound h0/p0
	after=$(cat "$(card_fn h0/p0)"/fpga_region/region*/dfl-fme.*/bitstream_id)
	[ "$before" != "$after" ] || fail "it is the same image: $after"
	# The controller did not restart.
	expect_eq "$(bmc_page h0/p0)" "$(card_words 1 <<-END
	n6000 1
	n3000 0
	d5005 1
	END
	)" "page of the BMC"
}
run_case "$CARD: another image by JTAG" load_by_jtag
