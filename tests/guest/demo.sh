# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A card, another image, and what it costs. Talks to people on the verdict
# channel; the few lines that count are as in any other run.

. /tests/lib.sh

say()
{
	echo "$*" >&3
}

# demo_step NAME COMMAND...: one result
demo_step()
{
	demo_name=$1
	shift
	if ( set -eu; "$@" ) >/tmp/case-out 2>&1; then
		report_pass "$demo_name"
	else
		report_fail "$demo_name"
		report_note </tmp/case-out
	fi
}

tree()
{
	say
	say "$1"
	pci-tree "$DEMO_PORT" >&3
	say
}

# The card's steps as they happen, in ms since the first.
watch_steps()
{
	first=
	while read -r line; do
		case $line in
		*fpga_card_state:*) ;;
		*) continue ;;
		esac
		at=${line%%: fpga_card_state:*}
		at=${at##* }
		at=${at%.*}${at#*.}
		first=${first:-$at}
		at=$((at - first))
		printf '  %6d.%03d ms  %s\n' $((at / 1000)) $((at % 1000)) \
			"${line##*state=}" >&3
	done </sys/kernel/tracing/trace_pipe
}

# reload IMAGE
reload()
{
	load "$DEMO_REGION" "$1"
	if [ "$LOAD_ERR" != 0 ]; then
		echo "$LOAD_ERR: $(first_line "$DEMO_REGION/last_error")"
		return 1
	fi
	card=$(first_line "$SIM/h0/p0/card/images/$1/reload_ms")
	echo "$card $((LOAD_NS / 1000000)) $(overhead_ms "$card")" >>/tmp/overheads
	expect_file "$DEMO_REGION/firmware_name" "$1"
}

overhead_stays_low()
{
	while read -r card _ own; do
		expect_below "$own" 100 "the reload's own ms on a card of $card ms"
	done </tmp/overheads
	expect_eq "$(wc -l </tmp/overheads)" 3 "reloads"
}

# An image as "factory" is, on a card that takes longer to load it.
slow_image()
{
	sim_set "$SIM/h0/p0/card/images/$1" reload_ms="$2" \
		timeout_ms=$(($2 + 5000))
	sim_set "$SIM/h0/p0/card/images/$1/pf0" vendor=0x1d0f device="$3" \
		class=0x120000 "bar0=64K 64" bmc=1
}

demo_card()
{
	sim_port h0/p0
	sim_image_factory "$SIM/h0/p0/card" 500
	sim_image_user "$SIM/h0/p0/card" 500
	slow_image slow 2000 0x3000
	slow_image slower 10000 0x4000
	sim_set "$SIM/h0/p0/card" boot_image=factory present=1
	sim_live h0
	await 5000 region_of h0/p0
	region_of h0/p0 >/tmp/region
}

enable_vfs()
{
	echo 4 >"$(echo "$DEMO_PORT"/*:00.0)/sriov_numvfs"
}

log_mark demo
say "Linux $(uname -r), as Debian built it, in QEMU"
demo_step "a card with two images" demo_card
DEMO_REGION=$(cat /tmp/region)
DEMO_PORT=$(port_dir h0/p0)
demo_step "four VFs" enable_vfs
tree "The card runs \"$(first_line "$DEMO_REGION/firmware_name")\":"

say "Its images ($DEMO_REGION/images/):"
for image in "$DEMO_REGION"/images/*/; do
	image=${image%/}
	say "  ${image##*/}$([ "$(first_line "$image/running")" = 0 ] || echo ', running')"
done
say

echo mono >/sys/kernel/tracing/trace_clock
echo 1 >/sys/kernel/tracing/events/fpga_card/fpga_card_state/enable
watch_steps &
watcher=$!
say "echo user > $DEMO_REGION/firmware_name"
demo_step "another image" reload user
usleep 300000
kill $watcher
echo 0 >/sys/kernel/tracing/events/fpga_card/fpga_card_state/enable
read -r card all own </tmp/overheads
say "  write() took $all ms: $card ms the card, 100 ms PCIe's wait for its link,"
say "  1000 ms the kernel's wait after it disabled the VFs, $((own - 1000)) ms the rest"
tree "The card runs \"$(first_line "$DEMO_REGION/firmware_name")\":"

: >/tmp/overheads
demo_step "without VFs, on a card that takes 0.5 s" reload factory
demo_step "on a card that takes 2 s" reload slow
demo_step "on a card that takes 10 s" reload slower

say
say "  the card   write()   the reload's own (less the card's and PCIe's 100 ms)"
while read -r card all own; do
	printf '  %5d ms  %5d ms  %4d ms\n' "$card" "$all" "$own" >&3
done </tmp/overheads
say
demo_step "the reload's own time stays below 100 ms" overhead_stays_low

log_check >/tmp/log-bad
demo_step "the kernel's log is clean" expect_eq "$(cat /tmp/log-bad)" ""

if grep -q fpgacard.shell /proc/cmdline; then
	report_end
	say "The card is below $DEMO_PORT,"
	say "its region is $DEMO_REGION. \"exit\" ends QEMU."
	# shellcheck disable=SC2094
	setsid -c sh -c 'cd; . /tests/lib.sh; exec sh -i' <"$VERDICT_TTY" >"$VERDICT_TTY" 2>&1
	power_off
fi
