# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Cells of the matrix: a kind of port with a kind of card.

MATRIX_RELOAD_MS=20

# matrix_set KIND HOTPLUG AER DPC ACTIVE [SWITCH]: the cell to come, since run_case
# takes a function without arguments. KIND is single, vfs or switch, the other
# four are 0 or 1. SWITCH is the number of the host's switch that the port
# belongs to; 0 if it is a root port. A hot-plug port has ACTIVE, and one without
# it is no faster than 5 GT/s (PCIe r6.0, section 7.5.3.6).
matrix_set()
{
	matrix_kind=$1 matrix_hotplug=$2 matrix_aer=$3 matrix_dpc=$4
	matrix_active=$5 matrix_sw=${6:-0}
}

# matrix_pf DIRECTORY DEVICE [NAME=VALUE...]
matrix_pf()
{
	matrix_dir=$1
	matrix_device=$2
	shift 2
	sim_set "$matrix_dir" vendor=0x1d0f device="$matrix_device" flr=1 "$@"
}

# matrix_image CARD KIND NAME DEVICE: the first of its functions has the BMC;
# DEVICE is the ID of that one, and those of the others follow.
matrix_image()
{
	matrix_at=$1/images/$3
	sim_set "$matrix_at" reload_ms=$MATRIX_RELOAD_MS timeout_ms=5000
	matrix_pf "$matrix_at/pf0" "$4" class=0x120000 "bar0=64K 64" aer=1 bmc=1
	case $2 in
	single)
		;;
	vfs)
		matrix_pf "$matrix_at/pf1" $(($4 + 1)) class=0x020000 \
			"bar0=16K 64" total_vfs=8 vf_device=$(($4 + 8)) \
			"vf_bar0=4K 64"
		matrix_pf "$matrix_at/pf2" $(($4 + 2)) class=0x020000 \
			"bar0=16K 64"
		;;
	switch)
		matrix_pf "$matrix_at/pf1" $(($4 + 1)) class=0x020000 \
			"bar0=16K 64" leg=1
		matrix_pf "$matrix_at/pf2" $(($4 + 2)) class=0x020000 \
			"bar0=16K 64" leg=2
		;;
	esac
}

# How many functions and bridges a card of that kind has, without its VFs. A
# switch with three legs has four bridges.
matrix_count()
{
	case $1 in
	single)	echo 1 ;;
	vfs)	echo 3 ;;
	switch)	echo 7 ;;
	esac
}

# matrix_load IMAGE: and nothing may come through to the port's interrupt, or to
# what stops a machine whose firmware is in charge of errors.
matrix_load()
{
	echo >"$SIM_DEBUG/h0/log"
	load_ok "$region" "$1"
	! grep -E ' (irq|system-error) ' "$SIM_DEBUG/h0/log" ||
		fail "loading $1 did not go unnoticed"
	grep -q ' link-down ' "$SIM_DEBUG/h0/log" || fail "the link stayed up"
}

# matrix_save NAME: the configuration spaces of the port and all bridges above
matrix_save()
{
	save_config "$port" "/tmp/config-$1"
	bridge=${port%/*}
	while [ -f "$bridge/config" ]; do
		save_config "$bridge" "/tmp/config-$1-${bridge##*/}"
		bridge=${bridge%/*}
	done
}

# matrix_same NAME NAME [but-image]
matrix_same()
{
	expect_same_config "/tmp/config-$1" "/tmp/config-$2" "${3:-}"
	bridge=${port%/*}
	while [ -f "$bridge/config" ]; do
		expect_same_config "/tmp/config-$1-${bridge##*/}" \
			"/tmp/config-$2-${bridge##*/}"
		bridge=${bridge%/*}
	done
}

# matrix_boot: a live host with the card; sets region and port
matrix_boot()
{
	matrix_speed=8000
	[ "$matrix_active" = 1 ] || matrix_speed=5000
	sim_port h0/p0 sw="$matrix_sw" \
		slot="$matrix_hotplug" hotplug="$matrix_hotplug" \
		aer="$matrix_aer" dpc="$matrix_dpc" \
		link_active_reporting="$matrix_active" max_speed=$matrix_speed
	card=$SIM/h0/p0/card
	matrix_image "$card" "$matrix_kind" a 0x1000
	matrix_image "$card" "$matrix_kind" b 0x2000
	switch=0
	[ "$matrix_kind" != switch ] || switch=1
	sim_set "$card" switch=$switch boot_image=a present=1
	sim_live h0
	await 5000 region_of h0/p0
	region=$(region_of h0/p0)
	port=$(port_dir h0/p0)
}

# There, and back.
matrix_cell()
{
	matrix_boot
	[ "$matrix_hotplug" = 0 ] ||
		[ "$(readlink "$port"/*:pcie?04/driver | sed 's|.*/||')" = pciehp ] ||
		fail "pciehp does not own the slot"
	# Of ports that are no root ports Linux has no AER, and so no DPC.
	[ "$matrix_aer$matrix_dpc$matrix_sw" != 110 ] ||
		[ "$(readlink "$port"/*:pcie?08/driver | sed 's|.*/||')" = dpc ] ||
		fail "the port's DPC has no driver"

	functions_below "$port" >/tmp/before
	matrix_save before
	expect_eq "$(wc -l </tmp/before)" "$(matrix_count "$matrix_kind")" \
		"functions of image a"
	if [ "$matrix_kind" = vfs ]; then
		echo 8 >"$(echo "$port"/*.1/sriov_numvfs)"
		expect_eq "$(functions_below "$port" | grep -c 1d0f:1008)" 8 "VFs"
	fi

	matrix_load b
	functions_below "$port" >/tmp/there
	matrix_save there
	expect_eq "$(grep -vc 1d0f:2008 /tmp/there)" "$(matrix_count "$matrix_kind")" \
		"functions of image b"
	grep -q 1d0f:2000 /tmp/there || fail "there is no control function"
	matrix_same before there but-image

	# From the other side that is the same again, so without VFs.
	[ "$matrix_kind" != vfs ] || vfs_off
	matrix_load a
	functions_below "$port" >/tmp/after
	matrix_save after
	expect_eq "$(cat /tmp/after)" "$(cat /tmp/before)" "functions"
	matrix_same before after
}

vfs_off()
{
	for file in "$port"/*/sriov_numvfs; do
		if [ -f "$file" ] && ! grep -qx 0 "$file"; then
			echo 0 >"$file"
		fi
	done
}
