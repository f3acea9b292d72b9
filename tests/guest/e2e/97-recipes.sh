# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What comes of the recipes by which cards are reloaded today, and of the same
# load through the region. After 95-unplug.sh, for the same reason as that.

. /tests/lib/matrix.sh
. /tests/lib/recipes.sh

MATRIX_RELOAD_MS=100

# Long enough for these cards, also on a busy machine; and a card for which a
# sleep is too short
RECIPE_ENOUGH_MS=800
RECIPE_SHORT_MS=50
RECIPE_SLOW_MS=600

# What a port and its drivers say when something happens to them
PORT_SPOKE='AER: .*([Ee]rror|recovery)|DPC: containment|Link Down|Link Up|Card (not )?present'

# recipe_boot KIND HOTPLUG AER DPC [SWITCH]: a card that runs image a
recipe_boot()
{
	matrix_set "$1" "$2" "$3" "$4" 1 "${5:-0}"
	matrix_boot
	card=$SIM/h0/p0/card
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
	echo >"$SIM_DEBUG/h0/log"
}

# slow_images: of the card that comes next
slow_images()
{
	MATRIX_RELOAD_MS=$RECIPE_SLOW_MS
}

# by_region IMAGE: through the region, it is loaded and nobody hears of it
by_region()
{
	matrix_load "$1"
	log_since_mark >/tmp/region-log
	! grep -E "$PORT_SPOKE" /tmp/region-log || fail "the load was noticed"
}

# runs IMAGE'S-FIRST-DEVICE: a driver is bound to it
runs()
{
	functions_below "$port" | grep -q " 1d0f:$1\$" &&
		[ -e "$(echo "$port"/*:*.0)/driver" ]
}

recipes_start=$(date +%s)

# ---- remove, load, sleep, rescan ----

surprise_down_by_hand()
{
	expect_log 'AER: .*Fatal.*[Ee]rror.*received'
	recipe_boot single 0 1 0
	recipe_rescan "$card" b $RECIPE_ENOUGH_MS
	sim_logged ' error port=0 .* value=0x20$' || fail "there was no surprise"
	sim_logged ' irq port=0 ' || fail "the port raised no interrupt"
	sim_logged ' reset-bus port=0 ' || fail "the link was not reset"
}
run_case "by hand, AER sees a surprise down and resets the link" \
	surprise_down_by_hand

surprise_down_by_region()
{
	recipe_boot single 0 1 0
	by_region b
	! sim_logged ' reset-bus ' || fail "the link was reset"
}
run_case "through the region it sees nothing" surprise_down_by_region

firmware_by_hand()
{
	recipe_boot single 0 1 0
	firmware_first
	recipe_rescan "$card" b $RECIPE_ENOUGH_MS
	sim_logged ' system-error ' || fail "the machine is still up"
}
run_case "by hand, firmware would stop the machine" firmware_by_hand

firmware_by_region()
{
	recipe_boot single 0 1 0
	firmware_first
	by_region b
}
run_case "through the region it has no reason to" firmware_by_region

stale_function_by_hand()
{
	recipe_boot vfs 0 0 0
	fn=$(readlink -f "$port"/*:*.1)
	recipe_rescan "$card" b $RECIPE_ENOUGH_MS first &
	await 2000 reads_ones "$fn"
	[ -e "$fn/driver" ] || fail "its driver is gone"
	wait $!
	runs 2000 || fail "function 0 is not back"
	expect_file "$fn/device" 0x1001
	expect_eq "$(cfg_dword "$fn" 0)" $((0x20011d0f)) "the function"
	expect_eq $(($(cfg_dword "$fn" 0x10) & ~0xf)) 0 "address of its BAR 0"
	[ -e "$fn/driver" ] || fail "its driver is gone"
}

reads_ones()
{
	[ "$(cfg_dword "$1" 0)" -eq $((0xffffffff)) ]
}
run_case "by hand, function 1 is left to a driver that reads ones, then another function" \
	stale_function_by_hand

no_stale_function_by_region()
{
	recipe_boot vfs 0 0 0
	by_region b
	fn=$(readlink -f "$port"/*:*.1)
	expect_file "$fn/device" 0x2001
	expect_eq "$(cfg_dword "$fn" 0)" $((0x20011d0f)) "the function"
	[ $(($(cfg_dword "$fn" 0x10) & ~0xf)) -ne 0 ] || fail "BAR 0 is not there"
	[ -e "$fn/driver" ] || fail "it has no driver"
}
run_case "through the region all functions are the new ones" \
	no_stale_function_by_region

too_short_by_hand()
{
	slow_images
	recipe_boot single 0 0 0
	recipe_rescan "$card" b $RECIPE_SHORT_MS
	expect_eq "$(functions_below "$port")" "" "functions"
	await 5000 grep -qx up "$card/link"
	expect_file "$card/running" b
	usleep 300000
	expect_eq "$(functions_below "$port")" "" "functions"
}
run_case "by hand, a sleep that is too short finds nothing, without an error" \
	too_short_by_hand

no_sleep_by_region()
{
	slow_images
	recipe_boot single 0 0 0
	by_region b
	runs 2000 || fail "it is not there"
}
run_case "through the region there is no sleep to choose" no_sleep_by_region

# Images that need more than image a, and so more than the window that the port
# has got.
larger_images()
{
	sim_port h0/p0
	larger=$SIM/h0/p0/card/images
	sim_set "$larger/large" reload_ms=$MATRIX_RELOAD_MS
	matrix_pf "$larger/large/pf0" 0x3000 class=0x120000 "bar0=4M 64" aer=1 bmc=1
	sim_set "$larger/many" reload_ms=$MATRIX_RELOAD_MS
	matrix_pf "$larger/many/pf0" 0x4000 class=0x120000 "bar0=64K 64" aer=1 bmc=1
	for pf in 1 2 3; do
		matrix_pf "$larger/many/pf$pf" $((0x4000 + pf)) class=0x020000 \
			"bar0=512K 64"
	done
	recipe_boot single 0 0 0
}

# no_room BAR-SIZE: the kernel says so
no_room()
{
	allow_log "BAR 0.*$1.*(failed to|can.t) assign"
	allow_log "BAR 0.*failed to assign.*$1"
	expect_log "BAR 0.*no space"
}

# without_room: how many functions have a BAR 0 that has no address
without_room()
{
	for fn in "$port"/????*:??:??.?; do
		[ $(($(cfg_dword "$fn" 0x10) & ~0xf)) -ne 0 ] || echo "$fn"
	done | wc -l
}

large_bar_by_hand()
{
	no_room 0x00400000
	larger_images
	recipe_rescan "$card" large $RECIPE_ENOUGH_MS
	expect_match "$(functions_below "$port")" ' 1d0f:3000$'
	expect_eq "$(without_room)" 1 "functions without room"
}
run_case "by hand, a larger BAR has no room" large_bar_by_hand

large_bar_by_region()
{
	larger_images
	by_region large
	expect_eq "$(without_room)" 0 "functions without room"
	runs 3000 || fail "it has no driver"
}
run_case "through the region room is made" large_bar_by_region

more_functions_by_hand()
{
	no_room 0x00080000
	larger_images
	recipe_rescan "$card" many $RECIPE_ENOUGH_MS
	expect_eq "$(functions_below "$port" | wc -l)" 4 "functions"
	[ "$(without_room)" -gt 0 ] || fail "they have room"
}
run_case "by hand, more functions have no room" more_functions_by_hand

more_functions_by_region()
{
	larger_images
	by_region many
	expect_eq "$(functions_below "$port" | wc -l)" 4 "functions"
	expect_eq "$(without_room)" 0 "functions without room"
}
run_case "through the region room is made for them too" more_functions_by_region

# card_with_vfs N
card_with_vfs()
{
	recipe_boot vfs 0 "$1" 0
	echo 2 >"$(echo "$port"/*:*.1/sriov_numvfs)"
	expect_eq "$(functions_below "$port" | grep -c 1d0f:1008)" 2 "VFs"
}

vfs_by_hand()
{
	card_with_vfs 0
	recipe_rescan "$card" a $RECIPE_ENOUGH_MS
	expect_file "$(echo "$port"/*:*.1/sriov_numvfs)" 0
}
run_case "by hand, the VFs do not come back" vfs_by_hand

vfs_by_region()
{
	card_with_vfs 0
	echo 1 >"$region/restore"
	by_region a
	expect_file "$(echo "$port"/*:*.1/sriov_numvfs)" 2
	vfs_off
}
run_case "through the region they do, if asked for" vfs_by_region

# The recipe's own rescan comes while there is nothing to be found.
pciehp_by_hand()
{
	slow_images
	allow_unplug
	expect_log 'pciehp: Slot.*Link Down'
	expect_log 'pciehp: Slot.*(Card present|Link Up)'
	recipe_boot single 1 1 0
	recipe_rescan "$card" b $RECIPE_SHORT_MS
	await 10000 runs 2000
}
run_case "by hand, pciehp acts on its own" pciehp_by_hand

pciehp_by_region()
{
	recipe_boot single 1 1 0
	by_region b
}
run_case "through the region pciehp looks away" pciehp_by_region

# ---- OPAE's rsu ----

# rsu_read_masks: those of AER in the port
rsu_read_masks()
{
	echo "$(cfg_dword "$port" "$(cfg_aer "$port" "$ERR_UNCOR_MASK")") $(
		cfg_dword "$port" "$(cfg_aer "$port" "$ERR_COR_MASK")")"
}

# rsu_masked IMAGE DEVICE
rsu_masked()
{
	echo >"$SIM_DEBUG/h0/log"
	recipe_rsu "$card" "$1" $RECIPE_ENOUGH_MS
	sim_logged ' error port=0 .* value=0x20$' || fail "there was no surprise"
	! sim_logged ' (irq|system-error) ' || fail "it was noticed"
	runs "$2" || fail "the card is not back"
	expect_eq "$(rsu_read_masks)" "$masks" "masks"
}

rsu_masks()
{
	recipe_boot single 0 1 0
	masks=$(rsu_read_masks)
	rsu_masked b 2000
	firmware_first
	rsu_masked a 1000
}
run_case "rsu: the masks keep a root port with AER quiet" rsu_masks

rsu_without_aer()
{
	recipe_boot single 0 0 0
	! recipe_rsu "$card" b $RECIPE_ENOUGH_MS || fail "it was not refused"
	expect_file "$card/running" a
	firmware_first
	recipe_rsu "$card" b $RECIPE_ENOUGH_MS force
	sim_logged ' system-error ' || fail "the machine is still up"
}
run_case "rsu: without AER it is refused, or firmware would stop the machine" \
	rsu_without_aer

rsu_by_region_without_aer()
{
	recipe_boot single 0 0 0
	firmware_first
	by_region b
}
run_case "the region needs no AER for that" rsu_by_region_without_aer

rsu_below_a_switch()
{
	expect_log 'AER: .*[Ee]rror.*received'
	recipe_boot single 0 1 0 1
	surprise_down_is_not_fatal
	recipe_rsu "$card" b $RECIPE_ENOUGH_MS
	sim_logged ' error port=0 .* value=0x20$' || fail "there was no surprise"
	sim_logged ' irq ' || fail "the root port raised no interrupt"
}
run_case "rsu: below a switch AER sees a surprise down" rsu_below_a_switch

rsu_by_region_below_a_switch()
{
	recipe_boot single 0 1 0 1
	by_region b
}
run_case "the region keeps all bridges quiet" rsu_by_region_below_a_switch

rsu_with_dpc()
{
	expect_log 'DPC: containment event'
	recipe_boot single 0 1 1
	recipe_rsu "$card" b $RECIPE_ENOUGH_MS
}
run_case "rsu: DPC is left to disable the link" rsu_with_dpc

rsu_by_region_with_dpc()
{
	recipe_boot single 0 1 1
	by_region b
}
run_case "the region does not let it" rsu_by_region_with_dpc

# pciehp gets the time that it wants before rsu goes on: if rsu removes the root
# port while pciehp is at work, it holds the rescan lock and waits for pciehp, which
# waits for the lock, and both do for ever: see tests/rsu-hang.sh.
trigger_and_wait()
{
	recipe_jtag "$1" "$2"
	await 10000 runs 2000
}

rsu_with_pciehp()
{
	allow_unplug
	expect_log 'pciehp: Slot.*Link Down'
	expect_log 'pciehp: Slot.*(Card present|Link Up)'
	recipe_boot single 1 1 0
	export RECIPE_TRIGGER=trigger_and_wait
	recipe_rsu "$card" b $RECIPE_ENOUGH_MS
}
run_case "rsu: pciehp acts on its own" rsu_with_pciehp

rsu_vfs()
{
	card_with_vfs 1
	recipe_rsu "$card" a $RECIPE_ENOUGH_MS
	expect_file "$(echo "$port"/*:*.1/sriov_numvfs)" 0
}
run_case "rsu: the VFs do not come back" rsu_vfs

rsu_lost()
{
	recipe_boot single 0 1 0
	echo 1 >"$card/faults/never_return"
	recipe_rsu "$card" b $RECIPE_ENOUGH_MS >/tmp/rsu
	expect_file /tmp/rsu "RSU operation complete"
	expect_eq "$(functions_below "$port")" "" "functions"
}
run_case "rsu: a card that does not come back is a success" rsu_lost

rsu_lost_by_region()
{
	expect_log 'was not loaded'
	recipe_boot single 0 1 0
	echo 400 >"$region/timeout_ms"
	echo 1 >"$card/faults/never_return"
	load "$region" b
	expect_eq "$LOAD_ERR" ETIMEDOUT "the write"
	expect_match "$(first_line "$region/last_error")" 'could not be brought back'
}
run_case "the region says that it did not" rsu_lost_by_region

rsu_takes_the_region()
{
	recipe_boot single 0 1 0
	echo 4000 >"$region/timeout_ms"
	exec 4<"$region/timeout_ms"
	recipe_rsu "$card" b $RECIPE_ENOUGH_MS
	! cat <&4 || fail "the region is still there"
	exec 4<&-
	await 5000 region_of h0/p0
	expect_file "$(region_of h0/p0)/timeout_ms" 0
}
run_case "rsu: the region goes with the port, and its settings with it" \
	rsu_takes_the_region

region_stays()
{
	recipe_boot single 0 1 0
	echo 4000 >"$region/timeout_ms"
	exec 4<"$region/timeout_ms"
	by_region b
	expect_eq "$(cat <&4)" 4000 "timeout_ms, opened before"
	exec 4<&-
}
run_case "a load through the region leaves both" region_stays

note "the recipes took $(($(date +%s) - recipes_start)) s"
