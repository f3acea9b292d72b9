# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n6000 n3000 d5005
#
# Loading the images of Intel's cards, through the back end that stands beside the
# kernel's own drivers.

# What can be loaded, and what runs then as the card has it ("=": what ran before)
load_images()
{
	case $CARD in
	n6000)
		echo "fpga_user2 fpga_user2
			fpga_factory fpga_factory
			bmc_factory =
			bmc_user =
			sdm_sr =
			sdm_sr_cancel =
			sdm_pr =
			sdm_pr_cancel =
			fpga_user1 fpga_user1"
		;;
	n3000)
		echo "bmc_factory factory
			retimer_fw =
			bmc_user user"
		;;
	d5005)
		echo "bmc_factory factory
			bmc_user user"
		;;
	esac
}

# load_one IMAGE RUNS: with all drivers bound before and after
load_one()
{
	was_running=$(first_line "$SIM/h0/p0/card/running")
	was_named=$(first_line "$region/firmware_name")
	load "$region" "$1"
	[ "$LOAD_ERR" = 0 ] ||
		fail "loading $1: $LOAD_ERR: $(first_line "$region/last_error")"
	expect_file "$region/last_error" ""
	expect_file "$region/state" idle
	if [ "$2" = = ]; then
		expect_file "$SIM/h0/p0/card/running" "$was_running"
		expect_file "$region/firmware_name" "$was_named"
	else
		expect_file "$SIM/h0/p0/card/running" "$2"
		expect_file "$region/firmware_name" "$1"
	fi
	await 5000 card_bound h0/p0
	expect_eq "$(card_sensors)" "$sensors" "sensors after $1"
	note "$CARD: $1: $((LOAD_NS / 1000000)) ms"
}

# Names and values of all sensors
card_sensors()
{
	grep -rs . "$(card_cell h0/p0 hwmon)"/hwmon/hwmon*/*_input \
		"$(card_cell h0/p0 hwmon)"/hwmon/hwmon*/*_label |
		sed 's|.*/hwmon[0-9]*/||' | sort
}

each_image()
{
	card_any h0/p0 300
	region=$(region_of h0/p0)
	expect_eq "$(find "$region/images" -mindepth 1 -maxdepth 1 -type d |
		sed 's|.*/||' | sort | tr '\n' ' ')" \
		"$(load_images | awk '{ print $1 }' | sort | tr '\n' ' ')" images
	sensors=$(card_sensors)
	[ "$(echo "$sensors" | wc -l)" -gt 4 ] || fail "sensors: $sensors"
	before=$(functions_below "$(port_dir h0/p0)")
	save_config "$(port_dir h0/p0)" /tmp/config-before
	load_images >/tmp/images
	while read -r image runs; do
		load_one "$image" "$runs"
	done </tmp/images
	# What ran in the beginning runs in the end.
	expect_eq "$(functions_below "$(port_dir h0/p0)")" "$before" functions
	save_config "$(port_dir h0/p0)" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "$CARD: each image loads, and the card's drivers are back" each_image

# probes DRIVER...: how often the kernel's log has that each of them was bound: by
# the driver core, since only dfl-pci says something itself
probes()
{
	log_since_mark >/tmp/probes
	for driver in "$@"; do
		echo "$driver $(grep -c "driver: '$driver': driver_bound: " /tmp/probes)"
	done
	echo "enabling $(grep -c 'dfl-pci 10000:..:00\.0: enabling device' /tmp/probes)"
}

probes_in_the_log()
{
	trap 'echo "func driver_bound -p" >/sys/kernel/debug/dynamic_debug/control' EXIT
	echo "func driver_bound +p" >/sys/kernel/debug/dynamic_debug/control
	set -- dfl-pci dfl-fme intel-m10-bmc-hwmon intel-m10bmc-sec-update
	[ "$CARD" != n6000 ] || set -- "$@" intel-m10-bmc
	card_any h0/p0 100
	probes "$@" >/tmp/probes-1
	load_ok "$(region_of h0/p0)" "$(some_image)"
	await 5000 card_bound h0/p0
	probes "$@" >/tmp/probes-2
	cat /tmp/probes-1 /tmp/probes-2
	while read -r driver count; do
		expect_eq "$count" 1 "$driver before the load"
	done </tmp/probes-1
	while read -r driver count; do
		expect_eq "$count" 2 "$driver after the load"
	done </tmp/probes-2
}

# boot_page HOST/PORT: FPGA_CONF_STS, read by the BMC's own driver
boot_page()
{
	sed -n 's/^0*a0: //p' \
		"/sys/kernel/debug/regmap/$(basename "$(card_m10 "$1")")/registers"
}

page_register()
{
	[ "$CARD" = n6000 ] || skip "only an N6000 has a register for that"
	card_n6000 h0/p0 300
	region=$(region_of h0/p0)
	expect_eq "$(boot_page h0/p0)" 00000009 "page 1, configured"
	load_ok "$region" fpga_user2
	await 5000 card_bound h0/p0
	expect_eq "$(boot_page h0/p0)" 0000000a "page 2, configured"
	expect_file "$region/images/fpga_user2/running" 1
	expect_file "$region/images/fpga_user1/running" 0
}
run_case "$CARD: the register of the page that was booted" page_register

fallback()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	case $CARD in
	n6000)
		echo fpga_factory >"$SIM/h0/p0/card/faults/wrong_image"
		load "$region" fpga_user2
		expect_eq "$LOAD_ERR" EIO
		expect_match "$(first_line "$region/last_error")" \
			'runs "fpga_factory" instead of "fpga_user2"'
		expect_file "$region/firmware_name" fpga_factory
		;;
	*)
		# The card has no way to tell.
		echo user >"$SIM/h0/p0/card/faults/wrong_image"
		expect_log 'runs "bmc_factory" after .* the card itself cannot tell'
		load_ok "$region" bmc_factory
		expect_file "$SIM/h0/p0/card/running" user
		;;
	esac
	echo >"$SIM/h0/p0/card/faults/wrong_image"
	load_ok "$region" "$(some_image)"
}
run_case "$CARD: the log has the probing of the drivers, before and after" \
	probes_in_the_log

run_case "$CARD: a card that falls back to another image, as far as it tells" \
	fallback

no_files()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	expect_errno ENOENT "$region/firmware_name" new.bin
	upload=$(basename "$(card_upload h0/p0)")
	expect_match "$(first_line "$region/last_error")" \
		"takes no files: write it to the flash through /sys/class/firmware/$upload,"
	[ -d "/sys/class/firmware/$upload" ]
	expect_file "$region/state" idle
}
run_case "$CARD: a file is refused, and where it belongs" no_files

bmc_keeps_on()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	before=$(card_fn h0/p0)
	dev=$(stat -c %i "$before")
	echo no-reboot >"$SIM/h0/p0/card/faults/bmc"
	load "$region" bmc_factory
	expect_eq "$LOAD_ERR" EBUSY
	expect_errno EBUSY "$region/check" bmc_factory
	expect_match "$(first_line "$region/last_error")" 'does not load "bmc_factory" now'
	expect_eq "$(stat -c %i "$before")" "$dev" "the function's directory"
	echo none >"$SIM/h0/p0/card/faults/bmc"
	load "$region" bmc_factory
	expect_eq "$LOAD_ERR" 0
}
run_case "$CARD: a BMC that must not restart is not restarted" bmc_keeps_on

sec_driver=/sys/bus/platform/drivers/intel-m10bmc-sec-update

lets_go()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	cell=$(basename "$(card_cell h0/p0 sec-update)")
	echo "$cell" >$sec_driver/unbind
	load "$region" "$(some_image)"
	expect_eq "$LOAD_ERR" ENODEV
	expect_match "$(first_line "$region/last_error")" 'has no back end'
	echo "$cell" >$sec_driver/bind
	load_ok "$region" "$(some_image)"
	# Others of the BMC's devices do not matter.
	basename "$(card_cell h0/p0 hwmon)" \
		>/sys/bus/platform/drivers/intel-m10-bmc-hwmon/unbind
	load_ok "$region" "$(other_image)"
}
run_case "$CARD: the back end comes and goes with the driver of the secure update" \
	lets_go

module_comes_late()
{
	card_any h0/p0 100
	region=$(region_of h0/p0)
	rmmod fpga_card_m10bmc
	load "$region" "$(some_image)"
	expect_eq "$LOAD_ERR" ENODEV
	insmod /lib/modules-test/fpga-card-m10bmc.ko
	load_ok "$region" "$(some_image)"
}
run_case "$CARD: the back end finds the cards that are there already" \
	module_comes_late

two_cards()
{
	card_any h0/p0 300
	card_any h1/p0 300
	first=$(region_of h0/p0)
	second=$(region_of h1/p0)
	timed-write "$first/firmware_name" "$(some_image)" >/tmp/first &
	load_ok "$second" "$(some_image)"
	wait
	expect_match "$(cat /tmp/first)" ' 0$'
	expect_file "$first/firmware_name" "$(some_image)"
}
run_case "$CARD: two cards at the same time" two_cards

# complaints TEXT: the lines behind the one with that text at which somebody
# should look, from warnings up, without what differs from card to card
complaints()
{
	dmesg -r | sed -n 's/^<\([0-9]*\)>\[[^]]*\] /\1 /p' |
		awk -v from="fpgacard: $1" '
			on && $1 % 8 <= 4 { $1 = ""; print }
			index($0, from) { on = 1 }
			END { if (!on) print "", "the log has no mark", from }' |
		sed -E 's/[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/BDF/g; s/\.[0-9]+( |:)/.N\1/g' |
		sort -u
}

removal()
{
	card_any h0/p0 300
	region=$(region_of h0/p0)
	echo "fpgacard: plain removal" >/dev/kmsg
	echo 1 >"$(card_fn h0/p0)/remove"
	complaints "plain removal" >/tmp/complaints-plain
	echo 1 >/sys/bus/pci/rescan
	await 5000 card_bound h0/p0
	echo "fpgacard: removal in a load" >/dev/kmsg
	load_ok "$region" "$(some_image)"
	complaints "removal in a load" >/tmp/complaints-load
	expect_eq "$(grep -vxF -f /tmp/complaints-plain /tmp/complaints-load)" "" \
		"complaints of drivers in a load alone"
}
run_case "$CARD: no driver complains that does not when an idle card is removed" \
	removal
