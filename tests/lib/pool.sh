# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Parts of a run, several at a time, and the sum of what they counted. CONTINUE=1 goes on
# with a run that was ended: what passed in the same tree before is counted, and not run again.

POOL_NAMES=() POOL_COMMANDS=()
# By number: those which have not begun, and those in real time, which are for one
# after the other.
POOL_WAITING=() POOL_REAL=()
# The number of the one in real time that runs
POOL_REAL_RUNS=
POOL_DIED=0
POOL_DIR=$(mktemp -d)
declare -A POOL_PIDS=() POOL_STARTED=()
# By number: the file that pool_kept() named when the part began
POOL_KEPT=()

# Each part is a process group of its own, or its guest would outlive it.
pool_kill()
{
	local pid

	for pid in "${!POOL_PIDS[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null
	done
	rm -rf "$POOL_DIR"
}
at_exit pool_kill

# pool_tree: what is committed here, if nothing else is in the tree
pool_tree()
{
	# shellcheck disable=SC2153
	[ -z "$(git -C "$TREE" status --porcelain)" ] && git -C "$TREE" rev-parse 'HEAD^{tree}'
}

# pool_kept N: the file that has what part N counted when it passed
pool_kept()
{
	local tree command=${POOL_COMMANDS[$1]//"$TREE"/}

	tree=$(pool_tree 2>/dev/null) || return 1
	echo "$CACHE/passed/$tree/$(sha256sum <<<"${TIME:-} $command" | cut -c1-16)"
}

# pool_keep N SECONDS: nothing, if a case of it failed, or the tree is not the one that the
# part began with. The seconds are a line of their own, which adds nothing to the sums.
pool_keep()
{
	local kept

	awk '$2 { exit 1 }' "$POOL_DIR/$1.total" && kept=$(pool_kept "$1") || return 0
	[ "$kept" = "${POOL_KEPT[$1]}" ] || return 0
	mkdir -p "${kept%/*}"
	(cat "$POOL_DIR/$1.total" && echo "0 0 0 $2") >"$kept.part" && mv "$kept.part" "$kept"
	find "$CACHE/passed" -type f -mtime +7 -delete
}

# pool_before N: it has passed in this tree, and this run goes on with that one.
pool_before()
{
	local kept

	[ -n "${CONTINUE:-}" ] && kept=$(pool_kept "$1") && [ -f "$kept" ] || return 1
	cp "$kept" "$POOL_DIR/$1.total"
	echo "# ${POOL_NAMES[$1]}: passed before, in $(sed -n 's/^0 0 0 //p' "$kept") s"
}

# pool_add NAME COMMAND...: with PART=TEXT only those whose name has that
pool_add()
{
	local n=${#POOL_NAMES[@]}

	case $1 in
	*"${PART:-}"*) ;;
	*) return 0 ;;
	esac
	POOL_NAMES+=("$1")
	shift
	POOL_COMMANDS+=("${*@Q}")
	pool_before "$n" || POOL_WAITING[n]=1
}

# pool_add_real NAME COMMAND...: a part that measures with the machine's clock
pool_add_real()
{
	local n=${#POOL_NAMES[@]}

	pool_add "$@"
	[ -z "${POOL_WAITING[n]:-}" ] || POOL_REAL[n]=1
}

# What a part that runs aside does first. Where the kernel has autogroups, each session gets
# its share of the processors, whatever is said of the processes in it (sched(7)).
POOL_ASIDE='[ ! -w /proc/self/autogroup ] || echo 19 >/proc/self/autogroup || :'

# pool_real_is_left: a part in real time runs, or will
pool_real_is_left()
{
	local n

	[ -z "$POOL_REAL_RUNS" ] || return 0
	for n in "${!POOL_REAL[@]}"; do
		[ -z "${POOL_WAITING[n]:-}" ] || return 0
	done
	return 1
}

# What runs beside a part in real time gets the processor time that this one leaves. A part
# tells its own: its seconds depend on what runs beside it.
pool_start()
{
	local n=$1 aside=() first=

	unset "POOL_WAITING[$n]"
	if [ -n "${POOL_REAL[n]:-}" ]; then
		POOL_REAL_RUNS=$n
	elif pool_real_is_left; then
		aside=(nice -n 19)
		! chrt --idle 0 true 2>/dev/null || aside=(chrt --idle 0)
		first=$POOL_ASIDE
	fi
	POOL_KEPT[n]=$(pool_kept "$n") || true
	say "${POOL_NAMES[n]}: begins"
	FPGA_CARD_TOTALS=$POOL_DIR/$n.total setsid "${aside[@]}" \
		bash -c "$first
			TIMEFORMAT='# %U s of processor time, and %S s in the kernel'
			time ${POOL_COMMANDS[n]}" \
		>"$POOL_DIR/$n.out" 2>&1 </dev/null &
	POOL_PIDS[$!]=$n
	POOL_STARTED[$n]=$SECONDS
}

# pool_show PID: what a part that is over has said
pool_show()
{
	local n=${POOL_PIDS[$1]} rc=0 seconds

	wait "$1" || rc=$?
	unset "POOL_PIDS[$1]"
	[ "$POOL_REAL_RUNS" != "$n" ] || POOL_REAL_RUNS=
	seconds=$((SECONDS - ${POOL_STARTED[$n]}))
	echo "# ${POOL_NAMES[n]}: $seconds s"
	cat "$POOL_DIR/$n.out"
	# A part that gave no count failed before it could.
	if [ ! -s "$POOL_DIR/$n.total" ]; then
		POOL_DIED=$((POOL_DIED + 1))
		echo "not ok - ${POOL_NAMES[n]} ended without a count, with exit status $rc"
	elif [ "$rc" -eq 0 ]; then
		pool_keep "$n" "$seconds"
	fi
}

# pool_next: sets POOL_NEXT, the part that can begin now
pool_next()
{
	local n beside=$((${#POOL_PIDS[@]} - (${#POOL_REAL_RUNS} > 0)))

	for n in "${!POOL_WAITING[@]}"; do
		if [ -n "${POOL_REAL[n]:-}" ]; then
			[ -z "$POOL_REAL_RUNS" ] || continue
		elif [ "$beside" -ge "$JOBS" ]; then
			continue
		fi
		POOL_NEXT=$n
		return 0
	done
	return 1
}

# pool_run: what was added since the last time, as many at a time as there are
# processors, in that order. One in real time mostly waits, and is not counted.
pool_run()
{
	local pid

	while [ ${#POOL_WAITING[@]} -gt 0 ] || [ ${#POOL_PIDS[@]} -gt 0 ]; do
		while pool_next; do
			pool_start "$POOL_NEXT"
		done
		wait -n -p pid "${!POOL_PIDS[@]}" || true
		pool_show "$pid"
	done
}

# pool_finish: the sum as the last line. The failed cases once more before it, as
# they are far up by then.
pool_finish()
{
	find "$POOL_DIR" -name '*.out' -exec grep -h '^not ok' {} + | sed 's/^/# /' || true
	# shellcheck disable=SC2034
	read -r PASSED FAILED SKIPPED < <(find "$POOL_DIR" -name '*.total' -exec cat {} + |
		awk -v died="$POOL_DIED" '{ p += $1; f += $2; s += $3 }
			END { print p + 0, f + died, s + 0 }')
	finish
}
