# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Who has a card load an image, in the benchmark. Each is a function with the image behind
# it; what it took is in BENCH_TOOK then, and the image runs.

# From the link's coming up until a function may be asked for anything (PCIe r6.0, section
# 6.6.1)
BENCH_SPEC_MS=100

# bench_card_dir: of the first card, in the kernel
bench_card_dir()
{
	bench_dir=$(real_dir "$BENCH_REGION")
	echo "${bench_dir%/fpga_region/*}"
}

# The steps of the last load by the region, as debugfs has them
bench_history_steps()
{
	bench_dir=$(bench_card_dir)
	tail -n 1 "/sys/kernel/debug/fpga-card/${bench_dir##*/}/history" | tr ' ' '\n' |
		sed -n 's/^\(.*\)_us=\(.*\)$/\1 \2/p' |
		while read -r bench_name bench_us; do
			case $bench_name in
			duration | outage) ;;
			*)	bench_step "$bench_name" $((bench_us * 1000)) ;;
			esac
		done
}

# bench_load_all IMAGE [COMMAND...]: by all regions at once, with that before the command
bench_load_all()
{
	bench_image=$1
	shift
	# shellcheck disable=SC2046
	"$@" at-once $(sed "s|\$|/firmware_name $bench_image|" /tmp/bench-regions) >/tmp/at-once ||
		fail "$(cat /tmp/at-once) $(first_line "$BENCH_REGION/last_error")"
	BENCH_TOOK=$(cat /tmp/at-once)
}

bench_by_ours()
{
	[ "$BENCH_VFS" -eq 0 ] || echo 1 >"$BENCH_REGION/restore"
	bench_load_all "$1"
	bench_runs "$1"
	[ "$BENCH_VFS" -eq 0 ] || bench_has_vfs
	bench_history_steps
}

# bench_timed WAIT-MS COMMAND...: a recipe with that wait in it
bench_timed()
{
	bench_wait=$(($1 * 1000000))
	shift
	bench_begin=$(stamp)
	"$@" >/tmp/bench-said || fail "$(cat /tmp/bench-said)"
	BENCH_TOOK=$(($(stamp) - bench_begin))
	bench_step waiting $bench_wait
	bench_step rest $((BENCH_TOOK - bench_wait))
}

bench_by_recipe()
{
	bench_timed 10000 recipe_rescan "$BENCH_CARD" "$1" 10000
	bench_runs "$1"
}

# The card is there when rsu rescans; the second that follows is not counted. The region
# goes with the port, and comes back.
bench_by_rsu()
{
	export RSU_STATUS_MS=0
	bench_timed 10000 recipe_rsu "$BENCH_CARD" "$1" 10000
	await 5000 region_of h0/p0
	BENCH_PORT=$(port_dir h0/p0)
	export BENCH_PORT
	bench_runs "$1"
}

bench_by_nfb_boot()
{
	bench_timed 2600 recipe_nfb_boot "$BENCH_CARD" "$1" 2000 600
	bench_runs "$1"
}

bench_by_fpgahp()
{
	case $1 in
	a)	bench_number=0 ;;
	*)	bench_number=1 ;;
	esac
	bench_write=$(timed-write "$FPGAHP/load" "$(port_bdf h0/p0) $bench_number") ||
		fail "fpgahp: $bench_write"
	bench_wait=$(($(first_line "$FPGAHP/wait_ms") * 1000000))
	BENCH_TOOK=${bench_write% *}
	bench_step waiting $bench_wait
	bench_step rest $((BENCH_TOOK - bench_wait))
	bench_runs "$1"
}

# What the kernel itself takes to remove the functions and to find them again, while the
# card loads nothing
bench_bare()
{
	BENCH_SRIOV_TOOK=0 bench_sriov_took=0
	if [ "$BENCH_VFS" -gt 0 ]; then
		bench_set_vfs 0
		bench_sriov_took=$BENCH_SRIOV_TOOK
	fi
	port_bdf h0/p0 >"$BARE/port"
	read -r bare_removal bare_scan bare_longest <"$BARE/port"
	export bare_longest
	[ "$BENCH_VFS" -eq 0 ] || bench_set_vfs "$BENCH_VFS"
	bench_sriov_took=$((bench_sriov_took + BENCH_SRIOV_TOOK))
}

# bench_sim_us EVENT: when that happened last, by the simulator's log, in microseconds
bench_sim_us()
{
	sed -n "s/^\([0-9]*\) $1 port=0 .*/\1/p" "$SIM_DEBUG/h0/log" | tail -n 1
}

# From the trigger until the link is up, once
bench_card_takes_once()
{
	bench_by_ours b
	echo >"$SIM_DEBUG/h0/log"
	bench_by_ours a
	bench_from=$(bench_sim_us trigger)
	bench_until=$(bench_sim_us link-up)
	{ [ -n "$bench_from" ] && [ -n "$bench_until" ]; } ||
		fail "not in the simulator's log: $(cat "$SIM_DEBUG/h0/log")"
	echo $(((bench_until - bench_from) * 1000)) >>/tmp/bench-own
}

# Sets BENCH_OWN_NS to the median of three. That is what the image is set to, and the training
# of its link, by the simulator's timers, which are some ms apart.
bench_card_takes()
{
	: >/tmp/bench-own
	for _ in 1 2 3; do
		bench_card_takes_once
	done
	BENCH_OWN_NS=$(sort -n /tmp/bench-own | sed -n 2p)
	: >/tmp/bench-steps
}

# The card's own time, the specification's, and the kernel's. Of cards that load at the same
# time the kernel removes, and scans, one after the other: it has one lock for that.
bench_by_floor()
{
	bench_bare
	bench_longer=$bare_scan
	[ "$bare_removal" -le "$bare_scan" ] || bench_longer=$bare_removal
	bench_others=$(((BENCH_CARDS - 1) * bench_longer))
	BENCH_TOOK=$((BENCH_OWN_NS + BENCH_SPEC_MS * 1000000 + bare_removal + bare_scan +
		bench_sriov_took + bench_others))
	bench_runs a
	bench_step removing "$bare_removal"
	bench_step loading "$BENCH_OWN_NS"
	bench_step settling $((BENCH_SPEC_MS * 1000000))
	bench_step enumerating "$bare_scan"
	[ "$BENCH_VFS" -eq 0 ] || bench_step vfs "$bench_sriov_took"
	[ "$BENCH_CARDS" -eq 1 ] || bench_step other-cards "$bench_others"
}
