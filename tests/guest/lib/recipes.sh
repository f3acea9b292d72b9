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

# rsu_clear DIRECTORY: what rsu clears of a device: Device Status, in the upper half of
# the dword of Device Control, and the status registers of AER
rsu_clear()
{
	rsu_devctl=$(cfg_exp "$1" "$EXP_DEVCTL")
	cfg_put_dword "$1" "$rsu_devctl" \
		$((($(cfg_dword "$1" "$rsu_devctl") & ~0xff000) | 0xf5000))
	cfg_ecap "$1" "$ECAP_ERR" >/dev/null || return 0
	cfg_put_dword "$1" "$(cfg_aer "$1" "$ERR_UNCOR_STATUS")" 0xffffffff
	cfg_put_dword "$1" "$(cfg_aer "$1" "$ERR_COR_STATUS")" 0xffffffff
}

# The second that rsu waits before it clears status, in milliseconds
RSU_STATUS_MS=100

# recipe_rsu CARD IMAGE MILLISECONDS [force]: as "rsu" of OPAE does it (opae-sdk,
# python/opae.admin/opae/admin/fpga.py, safe_rsu_boot())
recipe_rsu()
{
	rsu_root=$(recipe_root "$1")
	rsu_aer=$(cfg_ecap "$rsu_root" "$ECAP_ERR") || rsu_aer=
	rsu_dpc=$(cfg_ecap "$rsu_root" "$ECAP_DPC") || rsu_dpc=
	rsu_mask=
	if [ -z "$rsu_aer$rsu_dpc${4:-}" ]; then
		echo "ECAP_AER and ECAP_DPC not supported"
		return 1
	fi
	if [ -n "$rsu_aer" ] && { [ -z "$rsu_dpc" ] || [ -n "${4:-}" ]; }; then
		rsu_mask="$rsu_aer $(cfg_dword "$rsu_root" $((rsu_aer + ERR_UNCOR_MASK))) $(
			cfg_dword "$rsu_root" $((rsu_aer + ERR_COR_MASK)))"
		cfg_put_dword "$rsu_root" $((rsu_aer + ERR_UNCOR_MASK)) 0xffffffff
		cfg_put_dword "$rsu_root" $((rsu_aer + ERR_COR_MASK)) 0xffffffff
	fi
	rsu_rc=0
	rsu_routine "$1" "$2" "$3" "$rsu_root" || rsu_rc=$?
	if [ -n "$rsu_mask" ]; then
		cfg_put_dword "$rsu_root" $((${rsu_mask%% *} + ERR_UNCOR_MASK)) \
			"$(echo "$rsu_mask" | cut -d' ' -f2)"
		cfg_put_dword "$rsu_root" $((${rsu_mask%% *} + ERR_COR_MASK)) \
			"${rsu_mask##* }"
	fi
	[ "$rsu_rc" -eq 0 ] || return "$rsu_rc"
	usleep $((RSU_STATUS_MS * 1000))
	rsu_clear "$rsu_root"
	for recipe_fn in $(recipe_functions "$1"); do
		rsu_clear "$recipe_fn"
	done
	echo "RSU operation complete"
}

# recipe_nfb_boot CARD IMAGE MILLISECONDS LINK-MILLISECONDS: as "nfb-boot" of CESNET has
# its driver do it (ndk-sw, drivers/kernel/drivers/nfb/boot/reload.c), which sleeps twice:
# until the card has loaded, and until its link is up. Meanwhile the port reports no errors:
# neither SERR (Command, bit 8) nor non-fatal and fatal ones (Device Control, bits 1 and 2),
# nor Surprise Down (AER, bit 5). The upper half of those two is status, where 0 does nothing.
recipe_nfb_boot()
{
	nfb_port=$(readlink -f "/sys/bus/pci/devices/$(first_line "${1%/card}/bdf")")
	nfb_devctl=$(cfg_exp "$nfb_port" "$EXP_DEVCTL")
	nfb_mask=$(cfg_aer "$nfb_port" "$ERR_UNCOR_MASK")
	nfb_was_cmd=$(($(cfg_dword "$nfb_port" 0x04) & 0xffff))
	nfb_was_devctl=$(($(cfg_dword "$nfb_port" "$nfb_devctl") & 0xffff))
	nfb_was_mask=$(cfg_dword "$nfb_port" "$nfb_mask")
	nfb_put $((nfb_was_cmd & ~0x100)) $((nfb_was_devctl & ~0x6)) \
		$((nfb_was_mask | 0x20))
	$RECIPE_TRIGGER "$1" "$2" &&
		recipe_remove "$1" all &&
		usleep $(($3 * 1000)) &&
		usleep $(($4 * 1000)) &&
		echo 1 >"$nfb_port/rescan"
	nfb_rc=$?
	nfb_put "$nfb_was_cmd" "$nfb_was_devctl" "$nfb_was_mask"
	return $nfb_rc
}

# nfb_put COMMAND DEVICE-CONTROL MASK
nfb_put()
{
	cfg_put_dword "$nfb_port" 0x04 "$1"
	cfg_put_dword "$nfb_port" "$nfb_devctl" "$2"
	cfg_put_dword "$nfb_port" "$nfb_mask" "$3"
}
