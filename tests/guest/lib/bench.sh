# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A case of the benchmark: a card, or some, and those who have them load an image, each so
# many times. What was measured goes out as JSON, an object on each line.

# How often each of them does: fpgacard.runs= on the kernel's command line
BENCH_REPEATS=$(sed -n 's/.*fpgacard\.runs=\([0-9]*\).*/\1/p' /proc/cmdline)

# The modules of tests/modules/bench/
BARE=/sys/module/bench_bare/parameters COPY=/sys/module/bench_copy/parameters
FPGAHP=/sys/module/bench_fpgahp/parameters LOCKS=/sys/module/bench_locks/parameters
export BARE COPY FPGAHP LOCKS

# bench_out: stdin, for the host
bench_out()
{
	cat >>/tmp/bench-out
}

# bench_case NAME [KEY=VALUE...]: the case at hand. The keys are those that JSON
# has, in capitals.
bench_case()
{
	BENCH_CASE=$1
	export BENCH_FUNCTIONS=1 BENCH_VFS=0 BENCH_PFS=1 BENCH_CARDS=1 BENCH_IDLE_CARDS=0 \
		BENCH_CARD_MS=1000 BENCH_FILE_MIB=0 BENCH_DRS=0 BENCH_RUNS="$BENCH_REPEATS"
	shift
	for bench_pair in "$@"; do
		export "BENCH_$bench_pair"
	done
}

# bench_missing WHO WHY: an entry for what was not measured
bench_missing()
{
	printf '{"missing":{"case":"%s","who":"%s","why":"%s"}}\n' "$BENCH_CASE" "$1" "$2" |
		bench_out
	note "$BENCH_CASE: $1: not measured: $2"
}

# bench_figure NAME VALUE UNIT TEXT: of the case at hand
bench_figure()
{
	printf '{"figure":{"name":"%s","case":"%s","value":%s,"unit":"%s","text":"%s"}}\n' \
		"$1" "$BENCH_CASE" "$2" "$3" "$4" | bench_out
	note "$BENCH_CASE: $4: $2 $3"
}

# bench_ms NS: with three digits behind the point
bench_ms()
{
	printf '%d.%03d' $(($1 / 1000000)) $(($1 / 1000 % 1000))
}

# bench_stats: of numbers on stdin: "min q1 median q3 max", by nearest rank
bench_stats()
{
	sort -n | awk '
	function rank(part) { i = int(n * part); return v[i < n * part ? i + 1 : i] }
	{ v[++n] = $1 }
	END { print v[1], rank(0.25), rank(0.5), rank(0.75), v[n] }'
}

# bench_step NAME NS: a step of the run at hand
bench_step()
{
	echo "$1 $2" >>/tmp/bench-steps
}

# The medians of the steps, in the order in which they came
bench_steps_json()
{
	awk '!seen[$1]++ { print $1 }' /tmp/bench-steps | while read -r bench_name; do
		# shellcheck disable=SC2046
		set -- $(sed -n "s/^$bench_name //p" /tmp/bench-steps | bench_stats)
		printf '{"step":"%s","ms":%s}\n' "$bench_name" "$(bench_ms "$3")"
	done | paste -s -d , -
}

# bench_result WHO: of the times in /tmp/bench-ns
bench_result()
{
	bench_who=$1
	# shellcheck disable=SC2046
	set -- $(bench_stats </tmp/bench-ns)
	{
		printf '{"case":{"name":"%s","who":"%s","functions":%d,"vfs":%d,"pfs":%d,' \
			"$BENCH_CASE" "$bench_who" "$BENCH_FUNCTIONS" "$BENCH_VFS" "$BENCH_PFS"
		printf '"cards":%d,"idle_cards":%d,"card_ms":%d,"file_mib":%d,"runs":%d,' \
			"$BENCH_CARDS" "$BENCH_IDLE_CARDS" "$BENCH_CARD_MS" "$BENCH_FILE_MIB" \
			"$(wc -l </tmp/bench-ns)"
		printf '"min_ms":%s,"q1_ms":%s,"median_ms":%s,"q3_ms":%s,"max_ms":%s,' \
			"$(bench_ms "$1")" "$(bench_ms "$2")" "$(bench_ms "$3")" \
			"$(bench_ms "$4")" "$(bench_ms "$5")"
		printf '"steps":[%s]}}\n' "$(bench_steps_json)"
	} | bench_out
	note "$BENCH_CASE: $bench_who: $(bench_ms "$3") ms ($(bench_ms "$1") to $(bench_ms "$5"))"
}

# ---- cards ----

# bench_image CARD NAME DEVICE: an image of the case at hand
bench_image()
{
	bench_dir=$1/images/$2
	sim_set "$bench_dir" reload_ms="$BENCH_CARD_MS" timeout_ms=$((BENCH_CARD_MS + 5000)) \
		drs="$BENCH_DRS" drs_ms=5
	bench_n=0
	while [ "$bench_n" -lt "$BENCH_FUNCTIONS" ]; do
		sim_set "$bench_dir/pf$bench_n" vendor=0x1d0f \
			device=$(($3 + bench_n)) class=0x120000 "bar0=64K 64" aer=1 flr=1
		if [ "$BENCH_VFS" -gt 0 ] && [ "$bench_n" -lt "$BENCH_PFS" ]; then
			sim_set "$bench_dir/pf$bench_n" total_vfs="$BENCH_VFS" \
				vf_device=$(($3 + 16 + bench_n)) "vf_bar0=4K 64"
		fi
		bench_n=$((bench_n + 1))
	done
	echo 1 >"$bench_dir/pf0/bmc"
}

# bench_slot N: where the card of that number is, from 0: a host has 15 ports
bench_slot()
{
	echo "h$(($1 / 15))/p$(($1 % 15))"
}

# bench_each_slot COMMAND...: with the place of each card behind it
bench_each_slot()
{
	bench_at=0
	while [ "$bench_at" -lt $((BENCH_CARDS + BENCH_IDLE_CARDS)) ]; do
		"$@" "$(bench_slot "$bench_at")"
		bench_at=$((bench_at + 1))
	done
}

# bench_id IMAGE: the Device ID of its first function. VFs are given back to a function that
# is what it was.
bench_id()
{
	if [ "$1" = b ] && [ "$BENCH_VFS" -eq 0 ]; then
		echo 0x2000
	else
		echo 0x1000
	fi
}

# bench_card HOST/PORT: below a port on which the recipes work at all, and with nothing
# that holds them up: no pciehp, and no error to recover from
bench_card()
{
	sim_port "$1" hotplug=0 dpc=0 surprise_down=0 drs="$BENCH_DRS"
	bench_image "$SIM/$1/card" a "$(bench_id a)"
	bench_image "$SIM/$1/card" b "$(bench_id b)"
	sim_set "$SIM/$1/card" boot_image=a present=1
}

bench_set_up()
{
	bench_each_slot bench_card
	bench_begin
}

# Their hosts are live, and the first card of all, which is the only one of most cases, is
# at hand.
bench_begin()
{
	for bench_host in "$SIM"/h*; do
		sim_live "${bench_host##*/}"
	done
	bench_each_slot await 10000 region_of
	BENCH_CARD=$SIM/h0/p0/card
	BENCH_PORT=$(port_dir h0/p0)
	BENCH_REGION=$(region_of h0/p0)
	export BENCH_CARD BENCH_PORT BENCH_REGION
	: >/tmp/bench-ns
	: >/tmp/bench-steps
	# A recipe that takes the port away takes the regions of the cards with it.
	bench_each_slot region_of | head -n "$BENCH_CARDS" >/tmp/bench-regions
	[ "$BENCH_VFS" -eq 0 ] || bench_set_vfs "$BENCH_VFS"
}

# bench_functions REGEX: the directories of the card's functions that are no VFs, whose names
# end with that
bench_functions()
{
	for bench_fn in "$BENCH_PORT"/????*:??:??.?; do
		[ -e "$bench_fn/physfn" ] || echo "$bench_fn"
	done | grep ":00\.$1\$"
}

# bench_pfs: the directories of the PFs that are to have VFs
bench_pfs()
{
	bench_functions '[0-7]' | head -n "$BENCH_PFS"
}

# bench_set_vfs N: of each PF that has some; sets BENCH_SRIOV_TOOK to what that took
bench_set_vfs()
{
	BENCH_SRIOV_TOOK=0
	for bench_pf in $(bench_pfs); do
		bench_write=$(timed-write "$bench_pf/sriov_numvfs" "$1") ||
			fail "$bench_pf: $1 VFs: $bench_write"
		BENCH_SRIOV_TOOK=$((BENCH_SRIOV_TOOK + ${bench_write% *}))
	done
}

# bench_other IMAGE: of the two
bench_other()
{
	case $1 in
	a)	echo b ;;
	*)	echo a ;;
	esac
}

# bench_runs IMAGE: all cards do that are to, the first with all its functions
bench_runs()
{
	bench_at=0
	while [ "$bench_at" -lt "$BENCH_CARDS" ]; do
		expect_file "$SIM/$(bench_slot "$bench_at")/card/running" "$1"
		bench_at=$((bench_at + 1))
	done
	bench_first=$(bench_id "$1")
	bench_n=0
	while [ "$bench_n" -lt "$BENCH_FUNCTIONS" ]; do
		expect_file "$(bench_functions "$bench_n")/device" \
			"0x$(printf %x $((bench_first + bench_n)))"
		bench_n=$((bench_n + 1))
	done
}

bench_has_vfs()
{
	for bench_pf in $(bench_pfs); do
		expect_file "$bench_pf/sriov_numvfs" "$BENCH_VFS"
	done
}

# ---- the runs ----

bench_repeat()
{
	bench_set_up
	[ "$BENCH_WHO" != floor ] || bench_card_takes
	bench_i=0 bench_to=a
	while [ "$bench_i" -lt "$BENCH_RUNS" ]; do
		bench_to=$(bench_other "$bench_to")
		"bench_by_$(echo "$BENCH_WHO" | tr - _)" "$bench_to"
		echo "$BENCH_TOOK" >>/tmp/bench-ns
		bench_i=$((bench_i + 1))
	done
	bench_result "$BENCH_WHO"
}

# bench WHO...: the case at hand, by each of them
bench()
{
	for BENCH_WHO in "$@"; do
		run_case "$BENCH_CASE: $BENCH_WHO" bench_repeat
	done
}
