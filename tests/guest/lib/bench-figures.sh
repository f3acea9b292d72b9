# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What the benchmark looks at beside the time that a load takes. Each is a function for
# run_case; none of them is timed, as looking costs time.

# bench_ready: the cards of the case at hand, and each image was loaded once: a card is
# known by then
bench_ready()
{
	bench_set_up
	bench_by_ours b
	bench_by_ours a
}

# ---- locks ----

# The port's lock is seen to be taken, by a write that takes it and is refused, as the port
# has a driver (enable_store()): a load may have no use for that lock.
locks_prove()
{
	port_bdf h0/p0 >"$LOCKS/port"
	expect_errno EBUSY "$BENCH_PORT/enable" 1
	locks_off
	[ "$(locks_get port_count)" -gt 0 ] || fail "nobody was seen to take the port's lock"
}

# locks_on, locks_off: of the first card's port
locks_on()
{
	locks_prove
	port_bdf h0/p0 >"$LOCKS/port"
}

# locks_off: what was seen is in /tmp/locks then, "NAME=NS" on each line
locks_off()
{
	tr ' ' '\n' <"$LOCKS/port" >/tmp/locks
	echo off >"$LOCKS/port"
	[ "$(locks_get missed)" -eq 0 ] || fail "probes were missed: $(cat /tmp/locks)"
}

locks_get()
{
	sed -n "s/^$1=//p" /tmp/locks
}

# locks_figure FIGURE NAME TEXT
locks_figure()
{
	bench_figure "$1" "$(bench_ms "$(locks_get "$2")")" ms "$3"
}

bench_locks()
{
	bench_ready
	locks_on
	bench_by_ours b
	locks_off
	[ "$(locks_get rescan_count)" -gt 0 ] || fail "nobody has taken the rescan lock"
	locks_figure rescan_hold_longest_ms rescan_longest "longest hold of the rescan lock"
	locks_figure rescan_hold_total_ms rescan_total "all holds of the rescan lock in a load"
	locks_figure port_hold_longest_ms port_longest "longest hold of device_lock(port)"
	locks_figure port_hold_total_ms port_total "all holds of device_lock(port) in a load"
}

# Somebody else rescans all buses, again 1 ms after the last time.
bench_stranger()
{
	bench_ready
	locks_on
	bench_load_all b stranger 1
	locks_off
	bench_runs b
	[ "$(locks_get wait)" -gt 0 ] || fail "the stranger has not rescanned"
	locks_bound=$(locks_get removal)
	[ "$locks_bound" -gt "$(locks_get scan)" ] || locks_bound=$(locks_get scan)
	[ "$locks_bound" -gt 0 ] || fail "nothing was removed, or scanned"
	locks_figure stranger_wait_longest_ms wait \
		"longest wait for the rescan lock of somebody who rescans during the loads"
	bench_figure stranger_bound_ms "$(bench_ms "$locks_bound")" ms \
		"longest single removal or scan in the loads"
}

# ---- waiting ----

# bench_idle_ns: for how long the processor has been idle
bench_idle_ns()
{
	awk '/\.idle_sleeptime *:/ { sum += $(NF - 1); n++ }
		END { printf "%.0f\n", sum; exit !n }' /proc/timer_list
}

# bench_busy MS: for how long it is not, in as many milliseconds; sets BENCH_BUSY_NS
bench_busy()
{
	bench_idle=$(bench_idle_ns)
	bench_begin=$(stamp)
	usleep "${1}000"
	BENCH_BUSY_NS=$(($(stamp) - bench_begin + bench_idle - $(bench_idle_ns)))
}

# While the card loads, less what there is to do without.
bench_wait_cpu()
{
	bench_ready
	bench_ms=$((BENCH_CARD_MS - 1000))
	bench_busy $bench_ms
	bench_rest=$BENCH_BUSY_NS
	[ "$bench_rest" -gt 0 ] || fail "the processor has no time on its own"
	bench_load_all b >/tmp/load-said 2>&1 &
	bench_load=$!
	await 2000 grep -qx loading "$BENCH_REGION/state"
	bench_busy $bench_ms
	grep -qx loading "$BENCH_REGION/state" || fail "the card did not load all the time"
	wait $bench_load || fail "$(cat /tmp/load-said)"
	bench_runs b
	bench_figure wait_cpu_percent "$(awk -v ns=$((BENCH_BUSY_NS - bench_rest)) -v ms=$bench_ms \
		'BEGIN { printf "%.4f", ns / ms / 10000 }')" % \
		"processor time of a load while the card loads"
}

TRACING=/sys/kernel/tracing

# bench_trace IMAGE: its load, with when the link came up and when that was noticed, in us,
# in BENCH_LINK and BENCH_NOTICED. In the simulator's log LINK_UP is number 1.
bench_trace()
{
	echo >$TRACING/trace
	bench_by_ours "$1"
	BENCH_LINK=$(bench_trace_time 'link_up: .*what=1$')
	BENCH_NOTICED=$(bench_trace_time 'fpga_card_state: .*state=settling$')
	{ [ -n "$BENCH_LINK" ] && [ -n "$BENCH_NOTICED" ]; } ||
		fail "not in the trace: $(cat $TRACING/trace)"
}

# bench_trace_time REGEX: of the last such line
bench_trace_time()
{
	sed -n "s/^.* \([0-9]*\)\.\([0-9]*\): $1/\1\2/p" $TRACING/trace | tail -n 1
}

bench_noticed()
{
	bench_ready
	echo mono >$TRACING/trace_clock
	# shellcheck disable=SC2016
	echo 'p:bench/link_up pcie_card_sim:pcsim_log_port what=$arg2:u32' \
		>>$TRACING/kprobe_events
	echo 1 >$TRACING/events/bench/link_up/enable
	echo 1 >$TRACING/events/fpga_card/fpga_card_state/enable
	: >/tmp/bench-late
	bench_i=0 bench_to=a
	while [ "$bench_i" -lt "$BENCH_RUNS" ]; do
		bench_to=$(bench_other "$bench_to")
		bench_trace "$bench_to"
		echo $((BENCH_NOTICED - BENCH_LINK)) >>/tmp/bench-late
		bench_i=$((bench_i + 1))
	done
	echo 0 >$TRACING/events/fpga_card/fpga_card_state/enable
	echo 0 >$TRACING/events/bench/link_up/enable
	echo '-:bench/link_up' >>$TRACING/kprobe_events
	# shellcheck disable=SC2046
	set -- $(bench_stats </tmp/bench-late)
	[ "$1" -ge 0 ] || fail "noticed before it came: $(cat /tmp/bench-late)"
	bench_figure noticed_ms "$(bench_ms "${3}000")" ms \
		"from the link's coming up until the load goes on, median"
	bench_figure noticed_ms_longest "$(bench_ms "${5}000")" ms \
		"from the link's coming up until the load goes on, longest"
}

# ---- memory, and time to begin ----

# bench_used_kib: of the kernel, for what does not go by itself. Much of what was freed goes
# after a grace period of RCU, or with a timer: two seconds are enough for both. Modules are
# not in it.
bench_used_kib()
{
	usleep 2000000
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 ~ /^(Slab|Percpu|KernelStack):/ { sum += $2 }
		END { print sum }' /proc/meminfo
}

# All cards are there, but the modules are not, and then without the back end: nothing is
# a card of theirs. It makes them while its module goes in.
bench_memory()
{
	bench_set_up
	rmmod sim_bmc
	rmmod fpga_card
	insmod /lib/modules-test/fpga-card.ko
	bench_was=$(bench_used_kib)
	bench_begin=$(stamp)
	insmod /lib/modules-test/sim-bmc.ko
	bench_took=$(($(stamp) - bench_begin))
	bench_each_slot region_of >/dev/null || fail "not all cards have a region"
	bench_is=$(bench_used_kib)
	bench_figure memory_per_card_kib $(((bench_is - bench_was) / BENCH_CARDS)) KiB \
		"memory of a card, its region and its back end"
	bench_figure probe_ms "$(bench_ms $bench_took)" ms \
		"until $BENCH_CARDS cards have their regions, as the back end's module is loaded"
}

bench_module_sizes()
{
	for bench_name in pci_reload fpga_card; do
		bench_figure "module_${bench_name}_bytes" \
			"$(awk -v name=$bench_name '$1 == name { print $2 }' /proc/modules)" B \
			"size of $bench_name in memory"
	done
}
