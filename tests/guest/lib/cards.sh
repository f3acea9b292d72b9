# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Intel's cards, as the simulator has them, and what the kernel's own drivers make
# of them.

# card_image CARD NAME PAGE RELOAD_MS
card_image()
{
	sim_set "$1/images/$2" page="$3" reload_ms="$4" timeout_ms=$(($4 + 5000))
}

# card_fpga DIRECTORY NAME=VALUE...: the function with the device feature list
card_fpga()
{
	card_fpga_dir=$1
	shift
	sim_set "$card_fpga_dir" vendor=0x8086 class=0x120000 flr=1 aer=1 "$@"
}

# card_n6000 HOST/PORT RELOAD_MS: an Intel IPU platform N6001, live, with its BMC
# bound. The images differ as those of real cards may: the FPGA's own functions
# come and go, and the management function has another BAR.
card_n6000()
{
	sim_port "$1"
	card_at=$SIM/$1/card
	card_image "$card_at" fpga_factory 0 "$2"
	card_n6000_pf0 "$card_at/images/fpga_factory" 512K
	card_image "$card_at" fpga_user1 1 "$2"
	card_n6000_pf0 "$card_at/images/fpga_user1" 512K
	card_n6000_pf1 "$card_at/images/fpga_user1"
	sim_set "$card_at/images/fpga_user1/pf2" vendor=0x1af4 device=0x1000 \
		class=0x020000 "bar0=16K 64"
	card_image "$card_at" fpga_user2 2 "$2"
	card_n6000_pf0 "$card_at/images/fpga_user2" 1M
	card_n6000_pf1 "$card_at/images/fpga_user2"
	card_live "$1" fpga_user1
}

card_n6000_pf0()
{
	card_fpga "$1/pf0" device=0xbcce subsystem_vendor=0x8086 \
		subsystem_device=0x1771 dfl=n6000 "bar0=$2 64"
}

# Its virtual functions have no list, so that dfl-pci must not know the subsystem.
card_n6000_pf1()
{
	card_fpga "$1/pf1" device=0xbcce subsystem_vendor=0x8086 \
		subsystem_device=0x0001 "bar0=64K 64" \
		total_vfs=3 vf_device=0xbccf "vf_bar0=16K 64"
}

# card_n3000 HOST/PORT RELOAD_MS: an Intel FPGA PAC N3000, likewise: behind its
# switch are the FPGA and two Ethernet controllers.
card_n3000()
{
	sim_port "$1"
	card_at=$SIM/$1/card
	sim_set "$card_at" switch=1 switch_vendor=0x10b5 switch_device=0x8747
	for card_name in factory user; do
		card_dir=$card_at/images/$card_name
		case $card_name in
		factory)	card_image "$card_at" factory 1 "$2" ;;
		user)		card_image "$card_at" user 0 "$2" ;;
		esac
		card_fpga "$card_dir/pf0" device=0x0b30 dfl=n3000 "bar0=512K 64"
		for card_nic in 1 2 3 4; do
			sim_set "$card_dir/pf$card_nic" vendor=0x8086 \
				device=0x0d58 class=0x020000 "bar0=64K 64" \
				total_vfs=2 vf_device=0x154c "vf_bar0=16K 64" \
				leg=$(((card_nic + 1) / 2))
		done
	done
	card_live "$1" user
}

# card_d5005 HOST/PORT RELOAD_MS: an Intel FPGA PAC D5005, likewise
card_d5005()
{
	sim_port "$1"
	card_at=$SIM/$1/card
	card_image "$card_at" factory 0 "$2"
	card_fpga "$card_at/images/factory/pf0" device=0x0b2b dfl=d5005 "bar0=512K 64"
	card_image "$card_at" user 1 "$2"
	card_fpga "$card_at/images/user/pf0" device=0x0b2b dfl=d5005 "bar0=1M 64"
	card_live "$1" user
}

# card_live HOST/PORT IMAGE
card_live()
{
	sim_set "$SIM/$1/card" boot_image="$2" present=1
	sim_live "${1%/*}"
	await 5000 card_bound "$1"
}

# card_any HOST/PORT RELOAD_MS: the card that this run is for
card_any()
{
	"card_$CARD" "$@"
}

# Images that such a card does not begin with, and that it does
some_image()
{
	case $CARD in
	n6000)	echo fpga_user2 ;;
	*)	echo bmc_factory ;;
	esac
}

other_image()
{
	case $CARD in
	n6000)	echo fpga_user1 ;;
	*)	echo bmc_user ;;
	esac
}

# card_any_slow MILLISECONDS [RELOAD_MS]: likewise, where an update of the flash takes
# so long
card_any_slow()
{
	sim_port h0/p0
	sim_set "$SIM/h0/p0/card" flash_ms="$1"
	card_any h0/p0 "${2:-500}"
}

# card_m10 HOST/PORT: the directory of the BMC's device, a DFL device. The bus knows
# its devices; to search the port's directory is to look at some thousand files.
card_m10()
{
	m10_port=$(port_bdf "$1")
	for m10_link in /sys/bus/dfl/devices/dfl_dev.*; do
		m10_dir=$(real_dir "$m10_link") || continue
		case $m10_dir in
		*/"$m10_port"/*)	echo "$m10_dir" ;;
		esac
	done
}

# card_fn HOST/PORT: the directory of the function with the device feature list
card_fn()
{
	fn_m10=$(card_m10 "$1")
	echo "${fn_m10%%/fpga_region/*}"
}

# first_dir PATTERN: what matches it, if anything does
first_dir()
{
	[ ! -d "$1" ] || echo "$1"
}

# card_cell HOST/PORT NAME: the directory of a device of the BMC
card_cell()
{
	first_dir "$(card_m10 "$1")"/*"bmc-$2".*
}

# card_upload HOST/PORT: the directory through which the flash is updated
card_upload()
{
	first_dir "$(card_cell "$1" sec-update)"/firmware/secure-update*
}

# card_bound HOST/PORT: the upstream drivers are there
card_bound()
{
	bound_m10=$(card_m10 "$1")
	[ -d "$bound_m10" ] || return 1
	for bound_dir in "$bound_m10"/*bmc-hwmon.*/driver \
			"$bound_m10"/*bmc-sec-update.*/firmware/secure-update*; do
		[ -d "$bound_dir" ] || return 1
	done
}

# card_sensor HOST/PORT LABEL: the file of a sensor, without _label
card_sensor()
{
	grep -lxF "$2" "$(card_cell "$1" hwmon)"/hwmon/hwmon*/*_label |
		sed 's/_label$//'
}

# bmc_page, bmc_progress, bmc_status, bmc_staged, bmc_sum HOST/PORT: what the
# simulator knows of the BMC
bmc_state_field()
{
	cut -d' ' -f"$2" "$SIM/$1/card/bmc_state"
}

bmc_page() { bmc_state_field "$1" 1; }
bmc_progress() { bmc_state_field "$1" 2; }
bmc_status() { bmc_state_field "$1" 3; }
bmc_staged() { bmc_state_field "$1" 4; }
bmc_sum() { bmc_state_field "$1" 5; }

# flash_start HOST/PORT FILE: an update of the flash begins; sets FLASH_DIR
flash_start()
{
	FLASH_DIR=$(card_upload "$1")
	echo 1 >"$FLASH_DIR/loading"
	cat "$2" >"$FLASH_DIR/data"
	echo 0 >"$FLASH_DIR/loading"
}

# flash_is STATUS: the update is at that
flash_is()
{
	grep -qx "$1" "$FLASH_DIR/status"
}

# flash_end: it is over; FLASH_ERROR is what came of it
flash_end()
{
	await 30000 flash_is idle
	FLASH_ERROR=$(first_line "$FLASH_DIR/error")
	export FLASH_ERROR
}

# card_words FIELD: what is to be expected of this card, from a line "NAME WORD..."
# on stdin for each
card_words()
{
	sed -n "s/^$CARD //p" | cut -d' ' -f"$1"
}

# expect_quiet: the drivers of the card had nothing to complain about so far. What
# they say when all is well are lines of the PCI core's, in their name.
expect_quiet()
{
	log_since_mark | grep -E 'dfl|m10|secure-update' >/tmp/card-log || true
	! grep -Evi 'enabling device|fpgacard:|BAR|bridge window' /tmp/card-log ||
		fail "the drivers complain"
}
