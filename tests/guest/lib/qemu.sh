# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Ports and cards that QEMU brings: the agent outside (tests/qemu-agent.py), who
# puts cards into slots and takes them out, and what the kernel makes of it.

BUILTIN=/sys/kernel/config/fpga-card
ROOT_BUS=/sys/devices/pci0000:00

# How long pciehp may take to bring a card in, or to let it go: five seconds for
# somebody to change his mind, one for the power; twice as much again.
SLOT_MS=20000

# ---- the agent ----

stty -F "$COUNTS_TTY" raw -echo
exec 4<>"$COUNTS_TTY"

# agent REQUEST: prints the answer
agent()
{
	echo "$*" >&4
	# shellcheck disable=SC3045 # busybox has it
	read -r -t 30 agent_answer <&4 || fail "no answer from the agent: $*"
	case $agent_answer in
	ok*)	agent_answer=${agent_answer#ok}; echo "${agent_answer# }" ;;
	*)	fail "the agent: $agent_answer" ;;
	esac
}

# slot_has SLOT: "FUNCTION VENDOR:DEVICE,...", as QEMU says
slot_has()
{
	agent show "$1" | sed 's/+.*//'
}

# slot_count SLOT: how often a card was taken out
slot_count()
{
	agent show "$1" | sed 's/.*+//'
}

# ---- the kernel ----

# slot_dir SLOT: the port's directory in sysfs; see tests/e2e-qemu.sh
slot_dir()
{
	case $1 in
	rp1)	echo $ROOT_BUS/0000:00:10.0 ;;
	rp2)	echo $ROOT_BUS/0000:00:11.0 ;;
	dp1)	echo $ROOT_BUS/0000:00:12.0/*:00.0/*:01.0 ;;
	esac
}

# kernel_has SLOT: as slot_has, as the kernel sees it, without VFs
kernel_has()
{
	for has_dir in "$(slot_dir "$1")"/????:??:??.?; do
		[ -f "$has_dir/vendor" ] || continue
		[ ! -e "$has_dir/physfn" ] || continue
		read -r has_vendor <"$has_dir/vendor"
		read -r has_device <"$has_dir/device"
		echo "${has_dir##*.} ${has_vendor#0x}:${has_device#0x}"
	done | sort | tr '\n' ',' | sed 's/,$//'
}

slot_is_known()
{
	known_has=$(slot_has "$1")
	[ -n "$known_has" ] && [ "$(kernel_has "$1")" = "$known_has" ]
}

slot_is_empty()
{
	[ -z "$(kernel_has "$1")" ]
}

# function_bound DIRECTORY: has the driver that its device ID calls for
function_bound()
{
	case $(first_line "$1/device") in
	0x0010)	[ "$(basename "$(readlink "$1/driver")")" = nvme ] ;;
	0x10d3)	[ "$(basename "$(readlink "$1/driver")")" = e1000e ] ;;
	*)	[ ! -e "$1/driver" ] ;;
	esac
}

# function_disk DIRECTORY: the disk of an NVMe controller
function_disk()
{
	for disk_dir in "$1"/nvme/nvme*/nvme*n*; do
		[ -b "/dev/${disk_dir##*/}" ] && echo "/dev/${disk_dir##*/}"
		return
	done
	return 1
}

# expect_image SLOT IMAGE: the kernel has what is in the slot, each function has
# its driver, and each drive is the image's. A controller with VFs has none.
expect_image()
{
	expect_eq "$(kernel_has "$1")" "$(slot_has "$1")" "functions of $2"
	for image_fn in "$(slot_dir "$1")"/????:??:??.?; do
		[ ! -e "$image_fn/physfn" ] || continue
		await 10000 function_bound "$image_fn"
		[ "$(first_line "$image_fn/device")" = 0x0010 ] || continue
		[ ! -f "$image_fn/sriov_totalvfs" ] || continue
		await 10000 function_disk "$image_fn"
		expect_eq "$(head -n 1 "$(function_disk "$image_fn")")" \
			"image $2 function ${image_fn##*.}" "the drive's first line"
	done
}

# port_exp SLOT: where its PCI Express capability is
port_exp()
{
	exp_config=$(slot_dir "$1")/config
	exp_at=$(hexdump -s 52 -n 1 -e '/1 "%d"' "$exp_config")
	while [ "$(hexdump -s "$exp_at" -n 1 -e '/1 "%d"' "$exp_config")" != 16 ]; do
		exp_at=$(hexdump -s $((exp_at + 1)) -n 1 -e '/1 "%d"' "$exp_config")
		[ "$exp_at" != 0 ] || fail "$1 has no PCI Express capability"
	done
	echo "$exp_at"
}

# port_word SLOT OFFSET [VALUE]: a register of its PCI Express capability
port_word()
{
	word_at=$(($(port_exp "$1") + $2))
	if [ $# -eq 2 ]; then
		hexdump -s $word_at -n 2 -e '/2 "%d"' "$(slot_dir "$1")/config"
		return
	fi
	printf '%b' "$(printf '\\0%o\\0%o' $(($3 & 255)) $(($3 >> 8)))" |
		dd of="$(slot_dir "$1")/config" bs=2 seek=$((word_at / 2)) \
			conv=notrunc 2>/dev/null
}

# QEMU's link has the speed and the width that the device has: Link Status, at 12h
# of the capability, without its upper bits (PCIe r6.0, section 7.5.3.8).
is_link()
{
	[ "$1" -eq $((EXP_AT + 0x12)) ] ||
		{ [ "$1" -eq $((EXP_AT + 0x13)) ] &&
		  [ $(((0$2 ^ 0$3) & 0xfc)) -eq 0 ]; }
}

follows_image()
{
	is_window "$1" || is_ari "$@" || is_link "$@"
}

pciehp_owns()
{
	[ "$(basename "$(readlink "$(slot_dir "$1")"/*:pcie?04/driver)")" = pciehp ]
}

# ---- a card in a slot ----

# slot_card SLOT METHOD [TIMEOUT_MS]: has a region, in $region, and $slot and $port
slot_card()
{
	slot=$1
	port=$(slot_dir "$1")
	EXP_AT=$(port_exp "$1")
	mkdir "$BUILTIN/$1"
	echo "$2" >"$BUILTIN/$1/method"
	echo "${port##*/}" >"$BUILTIN/$1/port"
	for card_image in one vfs two nic other four; do
		mkdir "$BUILTIN/$1/images/$card_image"
		echo "${3:-5000}" >"$BUILTIN/$1/images/$card_image/timeout_ms"
	done
	echo 1 >"$BUILTIN/$1/live"
	region=$(echo "$port"/fpga-card.*/fpga_region/region*)
	[ -d "$region" ] || fail "there is no region below $port"
}

card_retire()
{
	echo 0 >"$1/live"
}

case_reset()
{
	for reset_dir in "$BUILTIN"/*/; do
		[ -d "$reset_dir" ] || continue
		await 10000 card_retire "$reset_dir"
		rmdir "$reset_dir"/images/* "$reset_dir"
	done
}

# slot_plug SLOT IMAGE: pciehp brings it in, if there is nothing yet
slot_plug()
{
	[ -z "$(slot_has "$1")" ] || return 0
	agent plug "$1" "$2"
	await "$SLOT_MS" slot_is_known "$1"
	expect_image "$1" "$2"
}

# swap IMAGE: a load during which the agent puts another card in
swap()
{
	swap_count=$(slot_count "$slot")
	agent next "$slot" "$1"
	load_ok "$region" "$1"
	expect_eq "$(slot_count "$slot")" $((swap_count + 1)) "cards taken out"
	expect_image "$slot" "$1"
}
