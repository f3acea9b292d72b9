# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# How cards are reloaded where this project is not: by hand, through sysfs. Each
# recipe does its steps in the order in which they are published, with waits that
# fit the simulator's cards, and fails where the tool would. CARD is a card's
# directory in the simulator.

. /tests/lib/errors.sh

# recipe_jtag CARD IMAGE: the card is told from outside
recipe_jtag()
{
	echo "$2" >"$1/load"
}

# What tells a card to load an image, with CARD and IMAGE behind it. Cards with
# a management controller of their own have another one.
RECIPE_TRIGGER=recipe_jtag

# recipe_functions CARD: the directories of its functions at the port's bus, VFs
# too. Of a card that has a switch this is the switch.
recipe_functions()
{
	recipe_port=$(first_line "${1%/card}/bdf")
	for recipe_fn in "/sys/bus/pci/devices/$recipe_port"/????*:??:??.?; do
		[ ! -f "$recipe_fn/vendor" ] || readlink -f "$recipe_fn"
	done
}

# recipe_root CARD: the directory of the root port above it
recipe_root()
{
	recipe_at=$(readlink -f "/sys/bus/pci/devices/$(first_line "${1%/card}/bdf")")
	while [ -f "${recipe_at%/*}/vendor" ]; do
		recipe_at=${recipe_at%/*}
	done
	echo "$recipe_at"
}

# recipe_remove CARD WHICH: "first" removes function 0, "all" all PFs
recipe_remove()
{
	recipe_functions "$1" >/tmp/recipe-functions
	while read -r recipe_fn; do
		case $2,$recipe_fn in
		first,*.0 | all,*) ;;
		*) continue ;;
		esac
		# VFs go with their PF, if that has not happened yet.
		[ ! -d "$recipe_fn" ] || [ -e "$recipe_fn/physfn" ] ||
			echo 1 >"$recipe_fn/remove"
	done </tmp/recipe-functions
}

# recipe_rescan CARD IMAGE MILLISECONDS [first]: remove, load, sleep, rescan, as
# SLAC, LitePCIe, TaPaSCo and others say
recipe_rescan()
{
	recipe_remove "$1" "${4:-all}" &&
	$RECIPE_TRIGGER "$1" "$2" &&
	usleep $(($3 * 1000)) &&
	echo 1 >/sys/bus/pci/rescan
}

# recipe_ecap DIRECTORY ID: where that extended capability is; fails without one
# (PCIe r6.0, section 7.6.3)
recipe_ecap()
{
	recipe_pos=256
	while [ "$recipe_pos" -ne 0 ]; do
		recipe_cap=$(cfg_dword "$1" "$recipe_pos")
		if [ $((recipe_cap & 0xffff)) -eq $(($2)) ]; then
			echo "$recipe_pos"
			return 0
		fi
		recipe_pos=$((recipe_cap >> 20))
	done
	return 1
}

# rsu_routine CARD IMAGE MILLISECONDS ROOT-PORT: what rsu does between the masks
rsu_routine()
{
	recipe_functions "$1" >/tmp/recipe-functions
	while read -r recipe_fn; do
		case $recipe_fn in
		*.0) continue ;;
		esac
		[ ! -e "$recipe_fn/driver" ] ||
			echo "${recipe_fn##*/}" >"$recipe_fn/driver/unbind"
	done </tmp/recipe-functions
	$RECIPE_TRIGGER "$1" "$2" || return
	echo 1 >"$4/remove"
	usleep $(($3 * 1000))
	rsu_bus=${4##*/}
	echo 1 >"/sys/class/pci_bus/${rsu_bus%:*}/rescan"
}

# rsu_clear DIRECTORY: what rsu clears of a device: Device Status (with the PCI
# Express capability at 0x40, as all of the simulator's devices have it), and
# the status registers of AER
rsu_clear()
{
	cfg_put_dword "$1" 0x48 \
		$((($(cfg_dword "$1" 0x48) & ~0xff000) | 0xf5000))
	rsu_aer=$(recipe_ecap "$1" 1) || return 0
	cfg_put_dword "$1" $((rsu_aer + 0x04)) 0xffffffff
	cfg_put_dword "$1" $((rsu_aer + 0x10)) 0xffffffff
}

# recipe_rsu CARD IMAGE MILLISECONDS [force]: as "rsu" of OPAE does it (opae-sdk,
# python/opae.admin/opae/admin/fpga.py, safe_rsu_boot()), with 100 ms for the
# second that it waits before it clears status
recipe_rsu()
{
	rsu_root=$(recipe_root "$1")
	rsu_aer=$(recipe_ecap "$rsu_root" 0x01) || rsu_aer=
	rsu_dpc=$(recipe_ecap "$rsu_root" 0x1d) || rsu_dpc=
	rsu_mask=
	if [ -z "$rsu_aer$rsu_dpc${4:-}" ]; then
		echo "ECAP_AER and ECAP_DPC not supported"
		return 1
	fi
	if [ -n "$rsu_aer" ] && { [ -z "$rsu_dpc" ] || [ -n "${4:-}" ]; }; then
		rsu_mask="$rsu_aer $(cfg_dword "$rsu_root" $((rsu_aer + 0x08))) $(
			cfg_dword "$rsu_root" $((rsu_aer + 0x14)))"
		cfg_put_dword "$rsu_root" $((rsu_aer + 0x08)) 0xffffffff
		cfg_put_dword "$rsu_root" $((rsu_aer + 0x14)) 0xffffffff
	fi
	rsu_rc=0
	rsu_routine "$1" "$2" "$3" "$rsu_root" || rsu_rc=$?
	if [ -n "$rsu_mask" ]; then
		cfg_put_dword "$rsu_root" $((${rsu_mask%% *} + 0x08)) \
			"$(echo "$rsu_mask" | cut -d' ' -f2)"
		cfg_put_dword "$rsu_root" $((${rsu_mask%% *} + 0x14)) \
			"${rsu_mask##* }"
	fi
	[ "$rsu_rc" -eq 0 ] || return "$rsu_rc"
	usleep 100000
	rsu_clear "$rsu_root"
	for recipe_fn in $(recipe_functions "$1"); do
		rsu_clear "$recipe_fn"
	done
	echo "RSU operation complete"
}
