# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# Cards: n6000 n3000 d5005
#
# The kernel's own drivers bind to the card, and what they show is what is in the
# simulator.

# driver_of DEVICE
driver_of()
{
	basename "$(readlink "$1/driver")"
}

card_is_bound()
{
	expect_log 'dfl-pci 10000:..:00\.0: enabling device'
	card_any h0/p0 500
	fn=$(card_fn h0/p0)
	m10=$(card_m10 h0/p0)

	expect_eq "$(driver_of "$fn")" dfl-pci
	expect_eq "$(driver_of "$(dirname "$m10")")" dfl-fme
	case $CARD in
	n6000)	expect_eq "$(driver_of "$m10")" intel-m10-bmc ;;
	*)	expect_eq "$(driver_of "$m10")" sim-m10bmc ;;
	esac
	expect_eq "$(driver_of "$(card_cell h0/p0 hwmon)")" intel-m10-bmc-hwmon
	expect_eq "$(driver_of "$(card_cell h0/p0 sec-update)")" \
		intel-m10bmc-sec-update
	expect_match "$(cat "$fn"/fpga_region/region*/dfl-fme.*/bitstream_id)" \
		"^0x50435349$(card_words 1 <<-END
		n6000 00000101
		n3000 00000200
		d5005 00000301
		END
		)\$"
	expect_quiet
}
run_case "the kernel's drivers bind to the $CARD" card_is_bound

card_functions()
{
	card_any h0/p0 500
	functions_below "$(port_dir h0/p0)" | cut -d' ' -f2 | sort | uniq -c |
		sed 's/^ *//' | tr '\n' ',' >/tmp/functions
	expect_match "$(cat /tmp/functions)" "^$(card_words 1- <<-END
	n6000 1 1af4:1000,2 8086:bcce,
	n3000 4 10b5:8747,1 8086:0b30,4 8086:0d58,
	d5005 1 8086:0b2b,
	END
	)\$"
	[ "$CARD" = n6000 ] || return 0

	# Nobody may be asked to release a port to have these.
	echo 3 >"$(port_dir h0/p0)/10000:01:00.1/sriov_numvfs"
	expect_eq "$(functions_below "$(port_dir h0/p0)" | grep -c 8086:bccf)" 3 VFs
	expect_quiet
}
run_case "the functions of the $CARD" card_functions

card_versions()
{
	card_any h0/p0 500
	m10=$(card_m10 h0/p0)
	expect_file "$m10/bmc_version" "$(card_words 1 <<-END
	n6000 0x10a05
	n3000 0x43010a10
	d5005 0x44020a20
	END
	)"
	expect_file "$m10/bmcfw_version" "$(card_words 1 <<-END
	n6000 0x20b07
	n3000 0x20a12
	d5005 0x30a24
	END
	)"
	expect_file "$m10/mac_address" "$(card_words 1 <<-END
	n6000 02:53:43:01:00:00
	n3000 02:53:43:02:00:00
	d5005 02:53:43:03:00:00
	END
	)"
	expect_file "$m10/mac_count" 4
}
run_case "versions and addresses of the $CARD" card_versions

# expect_sensor LABEL SUFFIX VALUE
expect_sensor()
{
	sensor=$(card_sensor h0/p0 "$1")
	[ -n "$sensor" ] || fail "there is no sensor $1"
	expect_file "${sensor}_$2" "$3"
}

card_sensors()
{
	card_any h0/p0 500
	case $CARD in
	n6000)
		expect_sensor "FPGA E-TILE Temperature #4" input 46500
		expect_sensor "FPGA P-TILE Temperature" crit 110000
		expect_sensor "CVL Die Temperature" max_hyst 73000
		expect_sensor "FPGA Core Voltage Rail Voltage" input 850
		expect_sensor "VCCA_1V8 Voltage" input 1806
		expect_sensor "QSFP 3V3 Rail Current" max 3000
		expect_sensor "Board Power" input 61000000
		;;
	n3000)
		expect_sensor "Board Temperature" crit_hyst 93000
		expect_sensor "Retimer B SerDes Temperature" input 41500
		expect_sensor "QSFP1 Supply Voltage" input 3311
		expect_sensor "12V AUX Current" input 1700
		expect_sensor "Board Power" input 52000000
		;;
	d5005)
		expect_sensor "RDIMM3 Temperature" input 38500
		expect_sensor "RDIMM2 Temperature" max_hyst 73000
		expect_sensor "VCCR Voltage" crit 1230
		expect_sensor "12v AUX Voltage" min 11400
		expect_sensor "12v Backplane Current" max 5500
		;;
	esac

	# All others too, none of them 0, and the mailbox keeps up.
	for sensor in "$(card_cell h0/p0 hwmon)"/hwmon/hwmon*/*_*; do
		case $sensor in
		*_label)	;;
		*)		first_line "$sensor" ;;
		esac
	done >/tmp/sensors
	[ "$(wc -l </tmp/sensors)" -ge 30 ] || fail "there are too few sensors"
	! grep -qx 0 /tmp/sensors || fail "sensors read 0"
	note "$CARD: $(wc -l </tmp/sensors) readings"
	expect_quiet
}
run_case "the sensors of the $CARD" card_sensors
