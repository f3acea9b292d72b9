# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Ports, slots and links as configfs describes them, and what the kernel makes of
# that.

. /tests/lib/errors.sh

# slots_card [NAME=VALUE...]: a card at a port with that; sets region and port
slots_card()
{
	sim_port h0/p0 "$@"
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_image_user "$SIM/h0/p0/card" 100
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
}

defaults_are_those_of_before()
{
	mkdir "$SIM/h0" "$SIM/h0/p0" "$SIM/h0/p0/card/images/a"
	for name in inband msi disable_ms rp_busy_ms card/faults/ignore_reset \
		card/faults/forget_port card/faults/forget_card \
		card/faults/train_slow card/faults/degraded_speed \
		card/faults/degraded_width; do
		expect_file "$SIM/h0/p0/$name" 0
	done
	expect_file "$SIM/h0/p0/max_width" 8
	expect_file "$SIM/h0/p0/card/images/a/speed" 16000
	expect_file "$SIM/h0/p0/card/images/a/width" 8
	for name in uncorrectable correctable; do
		expect_errno ENODEV "$SIM/h0/p0/$name" 0x1
	done
	expect_errno ENODEV "$SIM/h0/p0/renegotiate" unreliable
}
run_case "ports are what they were unless it is said" defaults_are_those_of_before

# refused REASON NAME=VALUE...: there is no such port, and the log says why
refused()
{
	expect_log "pcie.card.sim: h0: port 0: $1"
	shift
	sim_port h0/p0 "$@"
	sim_image_user "$SIM/h0/p0/card"
	sim_set "$SIM/h0/p0/card" present=1
	expect_errno EINVAL "$SIM/h0/live" 1
}

hotplug_reports()
{
	refused 'a hot-plug port reports' link_active_reporting=0 max_speed=5000
}
run_case "a hot-plug port that reports no active link is refused" hotplug_reports

fast_reports()
{
	refused 'a port above 5 GT/s reports' hotplug=0 link_active_reporting=0
}
run_case "a port above 5 GT/s that reports no active link is refused" fast_reports

power_has_a_pin()
{
	refused 'a slot that switches power has a pin' power_control=1 inband=1
}
run_case "a slot that switches power without a pin is refused" power_has_a_pin

in_band()
{
	slots_card inband=1
	save_config "$port" /tmp/config-before
	echo >"$SIM_DEBUG/h0/log"
	load_ok "$region" user
	# Presence Detect Changed, with Data Link Layer State Changed
	sim_logged ' slot-event .*value=0x108$' || fail "presence did not follow"
	! sim_logged ' irq ' || fail "the port interrupted"
	load_ok "$region" factory
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "a card in a slot that detects it in-band" in_band

# link_is SPEED WIDTH: at both ends
link_is()
{
	for end in "$port" "$port"/*.0/; do
		[ -f "$end/current_link_speed" ] || continue
		expect_file "$end/current_link_speed" "$1 GT/s PCIe"
		expect_file "$end/current_link_width" "$2"
	done
}

link_rate()
{
	sim_port h0/p0 max_width=16
	sim_set "$SIM/h0/p0/card/images/user" speed=5000 width=4
	slots_card
	link_is 8.0 8
	load_ok "$region" user
	link_is 5.0 4
	echo 2500 >"$SIM/h0/p0/card/faults/degraded_speed"
	echo 1 >"$SIM/h0/p0/card/faults/degraded_width"
	link_is 5.0 4
	echo unreliable >"$SIM/h0/p0/renegotiate"
	link_is 2.5 1
	load_ok "$region" factory
	link_is 2.5 1
	echo 0 >"$SIM/h0/p0/card/faults/degraded_speed"
	echo 0 >"$SIM/h0/p0/card/faults/degraded_width"
	echo autonomous >"$SIM/h0/p0/renegotiate"
	link_is 8.0 8
	expect_errno EINVAL "$SIM/h0/p0/card/faults/degraded_width" 3
}
run_case "images, and bad days, have their link speed and width" link_rate

slow_to_disable()
{
	slots_card disable_ms=50
	load_ok "$region" user
	load_ok "$region" factory
}
run_case "a link that outlives Link Disable" slow_to_disable

# counted FILE NAME: the AER driver has seen such an error, once
counted()
{
	grep -qx "$2 1" "$port/$1"
}

injected()
{
	expect_errno EINVAL "$SIM/h0/p0/correctable" 0x3
	expect_errno EINVAL "$SIM/h0/p0/uncorrectable" 0
	echo 0x1 >"$SIM/h0/p0/correctable"
	await 5000 counted aer_dev_correctable RxErr
	# Unsupported Request, which is not fatal
	echo 0x100000 >"$SIM/h0/p0/uncorrectable"
	await 5000 counted aer_dev_nonfatal UnsupReq
}

errors_by_interrupt()
{
	slots_card dpc=0
	injected
}
run_case "errors of a port reach the AER driver" errors_by_interrupt

errors_by_message()
{
	slots_card dpc=0 msi=4
	expect_eq "$(find "$port/msi_irqs" -type f | wc -l)" 2 "messages"
	injected
	load_ok "$region" user
}
run_case "errors of a port reach the AER driver by its message" errors_by_message

# It may have been a neighbour's: nobody else hears of it.
contained_error_is_told()
{
	sim_port h0/p0 dpc=0
	sim_image_factory "$SIM/h0/p0/card" 100
	sim_image_user "$SIM/h0/p0/card" 1500
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	expect_log 'pcieport .*: errors that were kept quiet while .*: uncorrectable 0x[0-9a-f]*1000, correctable 0x[0-9a-f]*40'
	echo user >"$region/firmware_name" &
	wait-state "$region/state" 10000 loading >/dev/null
	# Poisoned TLP Received, Bad TLP
	echo 0x1000 >"$SIM/h0/p0/uncorrectable"
	echo 0x40 >"$SIM/h0/p0/correctable"
	wait $! || fail "the load: $(first_line "$region/last_error")"
	expect_file "$region/firmware_name" user
}
run_case "an error that a load kept quiet is in the log" contained_error_is_told
