# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# For the end-to-end cases: running one, expectations, and cards of the
# simulator's. A case is a function, run in a subshell where any command that
# fails ends it; what it prints is shown only then.

. /tests/lib/log.sh

# rounds REAL VIRTUAL: how often to try what the host's other work disturbs, which it cannot
# in virtual time; a guest has one processor there
rounds()
{
	if [ "$(nproc)" -gt 1 ]; then
		echo "$1"
	else
		echo "$2"
	fi
}

# first_line FILE: as it is read here, without a process for it. With lockdep each
# process that runs another program costs the guest some 10 ms.
first_line()
{
	{ IFS= read -r first_text || :; } <"$1" && echo "$first_text"
}

SIM=/sys/kernel/config/pcie-card-sim
SIM_DEBUG=/sys/kernel/debug/pcie-card-sim
export SIM SIM_DEBUG

# Takes away what a case left. A run with more than cards has its own.
case_reset()
{
	sim_reset
}

SIM_MISSES=$SIM_DEBUG/log_misses

# What a case did not find in a log of the simulator's that had run over may have
# been there.
sim_misses_forget()
{
	[ ! -f "$SIM_MISSES" ] || echo 0 >"$SIM_MISSES"
}

sim_misses_expect_none()
{
	[ ! -f "$SIM_MISSES" ] || [ "$(first_line "$SIM_MISSES")" = 0 ] ||
		fail "a log of the simulator's had run over when it was read"
}

# run_case NAME FUNCTION
run_case()
{
	log_mark "$1"
	sim_misses_forget
	( set -eu; "$2" ) >/tmp/case-out 2>&1
	case_rc=$?
	if [ -f /tmp/case-skip ]; then
		report_skip "$1" "$(cat /tmp/case-skip)"
		rm -f /tmp/case-skip
		case_reset
		return
	fi
	(sim_misses_expect_none) >>/tmp/case-out 2>&1 || case_rc=1
	case_reset >/tmp/case-reset 2>&1 || case_rc=1
	log_check >/tmp/case-log
	if [ "$case_rc" -eq 0 ] && [ ! -s /tmp/case-log ]; then
		report_pass "$1"
		return
	fi
	report_fail "$1"
	tail -n 40 /tmp/case-out | report_note
	tail -n 5 /tmp/case-reset | report_note
	head -n 40 /tmp/case-log | report_note
}

# A figure worth seeing, also when the case passes.
note()
{
	echo "# $*" >&3
}

skip()
{
	echo "$*" >/tmp/case-skip
	exit 0
}

fail()
{
	echo "$*"
	exit 1
}

# expect_eq GOT WANTED WHAT
expect_eq()
{
	[ "$1" = "$2" ] || fail "${3:-value}: got '$1', wanted '$2'"
}

# expect_below NUMBER LIMIT WHAT
expect_below()
{
	[ "$1" -lt "$2" ] || fail "${3:-value}: $1 is not below $2"
}

# expect_file FILE WANTED
expect_file()
{
	expect_text=
	{
		IFS= read -r expect_text || :
		while IFS= read -r expect_more; do
			expect_text="$expect_text
$expect_more"
		done
	} <"$1"
	expect_eq "$expect_text" "$2" "$1"
}

# expect_match TEXT REGEX
expect_match()
{
	echo "$1" | grep -Eq "$2" || fail "'$1' does not match '$2'"
}

# expect_errno NAME FILE VALUE: the write ends with that error (0: with none)
expect_errno()
{
	expect_result=$(timed-write "$2" "$3") || :
	expect_eq "${expect_result#* }" "$1" "writing '$3' to $2"
}

# await MILLISECONDS COMMAND...: polls until the command succeeds, each 20 ms at first,
# later each sixteenth of the time waited: a look costs two processes. The command runs
# in a subshell, where an expectation that fails ends no more than the attempt.
await()
{
	await_ms=$1 await_past=0
	shift
	while ! ("$@") >/tmp/await-out 2>&1; do
		[ "$await_past" -lt "$await_ms" ] ||
			fail "timed out waiting for: $*: $(cat /tmp/await-out)"
		await_step=$((20 + await_past / 16))
		await_past=$((await_past + await_step))
		usleep "${await_step}000"
	done
}

# ---- the simulator ----

# sim_set DIRECTORY NAME=VALUE...: creates the directory if need be
sim_set()
{
	sim_dir=$1
	shift
	[ -d "$sim_dir" ] || mkdir "$sim_dir"
	for sim_pair in "$@"; do
		echo "${sim_pair#*=}" >"$sim_dir/${sim_pair%%=*}" ||
			fail "$sim_dir: $sim_pair"
	done
}

# Which of a card's images, as far as the tests go: the first is the one it
# boots. IDs, BAR sizes and number of PFs differ.
sim_image_factory()
{
	sim_set "$1/images/factory" reload_ms="${2:-500}" \
		timeout_ms=$((${2:-500} + 5000))
	sim_set "$1/images/factory/pf0" vendor=0x1d0f device=0x1000 \
		subsystem_vendor=0x1d0f subsystem_device=0x0001 \
		class=0x120000 revision=1 "bar0=64K 64" "bar2=1M 64 pref" \
		total_vfs=4 vf_device=0x1004 "vf_bar0=16K 64" \
		flr=1 aer=1 bmc=1
	sim_set "$1/images/factory/pf1" vendor=0x1d0f device=0x1001 \
		class=0x120000 "bar0=64K 64" flr=1
}

sim_image_user()
{
	sim_set "$1/images/user" reload_ms="${2:-500}" \
		timeout_ms=$((${2:-500} + 5000))
	sim_set "$1/images/user/pf0" vendor=0x1d0f device=0x2000 \
		subsystem_vendor=0x1d0f subsystem_device=0x0002 \
		class=0x120000 revision=2 "bar0=256K 64" \
		flr=1 aer=1 bmc=1
	sim_set "$1/images/user/pf1" vendor=0x1d0f device=0x2001 \
		class=0x020000 "bar0=128K 64" flr=1
	sim_set "$1/images/user/pf2" vendor=0x1d0f device=0x2002 \
		class=0x010802 "bar0=16K 64" flr=1
}

# Not in flash: it comes as a file, which tests/firmware.sh has packed.
sim_image_lab()
{
	sim_set "$1/images/lab" in_flash=0 reload_ms="${2:-500}"
	sim_set "$1/images/lab/pf0" vendor=0x1d0f device=0x3000 \
		subsystem_vendor=0x1d0f subsystem_device=0x0003 \
		class=0x120000 "bar0=512K 64" total_vfs=2 vf_device=0x3004 \
		"vf_bar0=16K 64" flr=1 aer=1 bmc=1
	sim_set "$1/images/lab/pf1" vendor=0x1d0f device=0x3001 \
		class=0x020000 "bar0=32K 64" flr=1
}

# sim_port HOST/PORT [NAME=VALUE...]: a root port with hot-plug and what else
# a server's has
sim_port()
{
	sim_path=$SIM/$1
	shift
	[ -d "${sim_path%/*}" ] || mkdir "${sim_path%/*}"
	sim_set "$sim_path" slot=1 hotplug=1 aer=1 dpc=1 \
		link_active_reporting=1 "$@"
}

# standard_card [HOST/PORT [RELOAD_MS]]: two images, booted from "factory",
# live, its region ready
standard_card()
{
	std_at=${1:-h0/p0}
	sim_port "$std_at"
	sim_image_factory "$SIM/$std_at/card" "${2:-500}"
	sim_image_user "$SIM/$std_at/card" "${2:-500}"
	sim_image_lab "$SIM/$std_at/card" "${2:-500}"
	sim_set "$SIM/$std_at/card" boot_image=factory present=1
	sim_live "${std_at%/*}"
	await 5000 region_of "$std_at"
}

# driverless_card HOST/PORT [RELOAD_MS]: one for which there is no driver; its host is not
# live yet
driverless_card()
{
	sim_port "$1"
	for driverless_image in factory user; do
		"sim_image_$driverless_image" "$SIM/$1/card" "${2:-300}"
		echo 0 >"$SIM/$1/card/images/$driverless_image/pf0/bmc"
	done
	sim_set "$SIM/$1/card" boot_image=factory present=1
}

sim_live()
{
	echo 1 >"$SIM/$1/live"
}

# Removes every host, with what is in it.
sim_reset()
{
	[ -d "$SIM" ] || return 0
	for sim_h in "$SIM"/*/; do
		[ -d "$sim_h" ] || continue
		[ "$(first_line "$sim_h/live")" = 0 ] || echo 0 >"$sim_h/live"
		find "$sim_h" -depth -type d -exec rmdir {} + 2>/dev/null || true
		if [ -d "$sim_h" ]; then
			echo "$sim_h cannot be removed"
			return 1
		fi
	done
	return 0
}

# ---- what the kernel made of it ----

# port_bdf HOST/PORT
port_bdf()
{
	first_line "$SIM/$1/bdf"
}

# real_dir DIRECTORY: where it really is
real_dir()
{
	(cd -P "$1" 2>/dev/null && pwd)
}

# port_dir HOST/PORT: the port's directory in sysfs
port_dir()
{
	real_dir "/sys/bus/pci/devices/$(port_bdf "$1")"
}

# region_of HOST/PORT: the region of the card below that port. The functions may
# have regions of drivers of theirs.
region_of()
{
	region_port=$(port_bdf "$1")
	for region_dir in /sys/class/fpga_region/*; do
		case $(real_dir "$region_dir") in
		*/"$region_port"/fpga-card.*)
			echo "$region_dir"
			return 0
			;;
		esac
	done
	return 1
}

# load REGION IMAGE: sets LOAD_NS and LOAD_ERR
load()
{
	load_result=$(timed-write "$1/firmware_name" "$2") || true
	LOAD_NS=${load_result% *}
	LOAD_ERR=${load_result#* }
}

# expect_decoded REGION: requests for each BAR below the card's port get there, by
# what is in the registers of the bridges
expect_decoded()
{
	decoded_card=$(real_dir "$1")
	pci-decoded "${decoded_card%/fpga-card.*}" || fail "there are BARs out of reach"
}

# load_ok REGION IMAGE: must succeed, and the image must run
load_ok()
{
	load "$1" "$2"
	[ "$LOAD_ERR" = 0 ] ||
		fail "loading $2: $LOAD_ERR: $(first_line "$1/last_error")"
	expect_file "$1/firmware_name" "$2"
	expect_file "$1/state" idle
	expect_decoded "$1"
}

# overhead_ms RELOAD_MS: of the last load: less the card's own time and the
# 100 ms of PCIe r6.0, section 6.6.1
overhead_ms()
{
	echo $((LOAD_NS / 1000000 - $1 - 100))
}

# functions_below PORT-DIRECTORY: "bdf vendor:device" of each function
functions_below()
{
	for fn_dir in "$1"/????*:??:??.?; do
		[ -f "$fn_dir/vendor" ] || continue
		read -r fn_vendor <"$fn_dir/vendor"
		read -r fn_device <"$fn_dir/device"
		echo "${fn_dir##*/} ${fn_vendor#0x}:${fn_device#0x}"
		functions_below "$fn_dir"
	done
}

# save_config PORT-DIRECTORY FILE: the port's config space
save_config()
{
	cat "$1/config" >"$2"
}

# The bridge windows (type 1 header, 0x1c to 0x33, less the status word):
# they follow the image's BARs.
is_window()
{
	{ [ "$1" -ge 28 ] && [ "$1" -le 29 ]; } ||
		{ [ "$1" -ge 32 ] && [ "$1" -le 51 ]; }
}

# Where a port's PCI Express capability is: that of the simulator's ports.
EXP_AT=$((0x40))

# ARI Forwarding Enable in Device Control 2 (PCIe r6.0, section 7.5.3.16)
# follows the image too: $1 is the offset, $2 and $3 the octal bytes.
is_ari()
{
	[ "$1" -eq $((EXP_AT + 0x28)) ] && [ $((0$2 ^ 0$3)) -eq $((0x20)) ]
}

# Notes in Link Status on a link that is not there any more go with it: Link Bandwidth
# Management and Autonomous Bandwidth Status (PCIe r6.0, section 7.5.3.8).
is_old_note()
{
	[ "$1" -eq $((EXP_AT + 0x13)) ] && [ $(((0$2 ^ 0$3) & ~0xc0)) -eq 0 ] &&
		[ $((0$3 & 0xc0 & ~0$2)) -eq 0 ]
}

# All that does. A run with other ports than the simulator's has its own.
follows_image()
{
	is_window "$1" || is_ari "$@"
}

# expect_same_config BEFORE AFTER [but-image]: bit by bit
expect_same_config()
{
	cmp -l "$1" "$2" >/tmp/config-diff || true
	while read -r diff_at diff_a diff_b; do
		diff_at=$((diff_at - 1))
		! is_old_note $diff_at "$diff_a" "$diff_b" || continue
		if [ "${3:-}" = but-image ] &&
		   follows_image $diff_at "$diff_a" "$diff_b"; then
			continue
		fi
		fail "$(printf 'port config 0x%03x: 0x%02x before, 0x%02x after' \
			"$diff_at" "0$diff_a" "0$diff_b")"
	done </tmp/config-diff
	expect_eq "$(wc -c <"$1")" "$(wc -c <"$2")" "size of config space"
}

# ---- the kernel's memory ----

KMEMLEAK=/sys/kernel/debug/kmemleak

leaks_forget()
{
	[ ! -f $KMEMLEAK ] || echo clear >$KMEMLEAK
}

leaks_expect_none()
{
	[ -f $KMEMLEAK ] || skip "no kmemleak in this kernel"
	! grep -q 'kmemleak=off' /proc/cmdline || skip "kmemleak is off in this run"
	# Objects younger than five seconds are not reported, and only a
	# second scan believes the first.
	sleep 6
	echo scan >$KMEMLEAK
	echo scan >$KMEMLEAK
	cat $KMEMLEAK
	[ -z "$(head -c 1 $KMEMLEAK)" ] || fail "memory leaked"
}
