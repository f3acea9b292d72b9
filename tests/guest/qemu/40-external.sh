# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cards that somebody outside makes load: a process in the guest, who listens to
# what the region says and takes the card away, and the agent, who brings the
# next one. The slot has no power controller, so that an empty one and one whose
# link is down are the same, as for most cards. QEMU presses the attention button
# when it brings a card, which counts for pciehp, as any press in a load does that
# did not come while the load itself had the slot off: here nobody is to listen.
#
# See lib/qemu.sh for $slot, $port and $region.
# shellcheck disable=SC2154

SLTCTL=0x18
# Power off, power indicator off (PCIe r6.0, section 7.5.3.10): with that QEMU
# takes the card out, even where there is no power to be switched.
SLTCTL_OFF=$((0x0700))

unwatched()
{
	slot_plug rp2 one
	if pciehp_owns rp2; then
		unwatched_service=$(echo "$(slot_dir rp2)"/*:pcie?04)
		echo "${unwatched_service##*/}" >"$unwatched_service/driver/unbind"
	fi
}

# programmer_drops: as soon as the region is waiting for it
programmer_drops()
{
	wait-state "$region/state" 10000 loading >/dev/null
	programmer_was=$(port_word "$slot" $SLTCTL)
	port_word "$slot" $SLTCTL $((programmer_was | SLTCTL_OFF))
	port_word "$slot" $SLTCTL "$programmer_was"
}

# programmed IMAGE: as swap
programmed()
{
	programmed_count=$(slot_count "$slot")
	agent next "$slot" "$1" 300
	programmer_drops &
	load_ok "$region" "$1"
	wait $!
	expect_eq "$(slot_count "$slot")" $((programmed_count + 1)) \
		"cards taken out"
	expect_image "$slot" "$1"
}

somebody_loads()
{
	unwatched
	slot_card rp2 external
	programmed one
	save_config "$port" /tmp/config-before
	for external_image in four nic vfs one; do
		programmed $external_image
		note "rp2: $external_image took $((LOAD_NS / 1000000)) ms," \
			"of which the card was out for 300"
	done
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
}
run_case "somebody outside loads images" somebody_loads

DEADLINE_MS=3000

never_comes_back()
{
	expect_log 'was not loaded'
	unwatched
	slot_card rp2 external $DEADLINE_MS
	agent next rp2 none
	wait-state "$region/state" 30000 failed >/tmp/states &
	programmer_drops &
	load "$region" two
	wait
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	expect_file "$region/state" failed
	expect_file "$region/firmware_name" ""
	sed 's/^/state: /' /tmp/states
	# From the moment that the region said "load" until it gave up.
	waited=$(awk '$2 == "loading" { from = $1 } $2 == "recovering" && !to { to = $1 }
		END { printf "%d", to - from }' /tmp/states)
	note "nobody came: given up after $waited ms of $DEADLINE_MS," \
		"the write returned after $((LOAD_NS / 1000000)) ms:" \
		"$(first_line "$region/last_error")"
	[ "$waited" -ge $((DEADLINE_MS - 50)) ] || fail "gave up after $waited ms"
	expect_below "$waited" $((DEADLINE_MS + 500)) "time until it gave up"
	expect_match "$(first_line "$region/last_error")" \
		"\"two\" was triggered, but the card .* did not bring its link up within $DEADLINE_MS ms; the card could not be brought back"
	slot_is_empty rp2 || fail "there are functions: $(kernel_has rp2)"

	expect_errno ENODEV "$region/recover" 1
	expect_file "$region/state" failed

	agent plug rp2 two
	sleep 1
	slot_is_empty rp2 || fail "somebody else brings cards in"
	expect_errno 0 "$region/recover" 1
	expect_file "$region/state" idle
	note "recovered: $(first_line "$region/last_error")"
	expect_image rp2 two
	programmed one
}
run_case "nobody brings the card back: the deadline ends it, recover brings it in" \
	never_comes_back

too_late()
{
	expect_log 'was not loaded'
	unwatched
	slot_card rp2 external 1000
	save_config "$port" /tmp/config-before
	load "$region" two
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	expect_match "$(first_line "$region/last_error")" \
		'did not begin to load it within 1000 ms.*brought back by its link'
	expect_file "$region/state" failed
	save_config "$port" /tmp/config-after
	expect_same_config /tmp/config-before /tmp/config-after
	expect_image rp2 one
}
run_case "nobody begins: the card comes back as it was" too_late
