# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Parts of a run, several at a time, and the sum of what they counted.

POOL_NAMES=() POOL_COMMANDS=()
# By number: those which have not begun, and those in real time, which are for one
# after the other.
POOL_WAITING=() POOL_REAL=()
# The number of the one in real time that runs
POOL_REAL_RUNS=
POOL_DIED=0
POOL_DIR=$(mktemp -d)
declare -A POOL_PIDS=() POOL_STARTED=()

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

# pool_add NAME COMMAND...: with PART=TEXT only those whose name has that
pool_add()
{
	case $1 in
	*"${PART:-}"*) ;;
	*) return 0 ;;
	esac
	POOL_WAITING[${#POOL_NAMES[@]}]=1
	POOL_NAMES+=("$1")
	shift
	POOL_COMMANDS+=("${*@Q}")
}

# pool_add_real NAME COMMAND...: a part that measures with the machine's clock
pool_add_real()
{
	local n=${#POOL_NAMES[@]}

	pool_add "$@"
	[ "$n" -eq ${#POOL_NAMES[@]} ] || POOL_REAL[n]=1
}

# What runs beside a part in real time gets the processor time that this one leaves. A part
# tells its own: its seconds depend on what runs beside it.
pool_start()
{
	local n=$1 aside=()

	unset "POOL_WAITING[$n]"
	if [ -n "${POOL_REAL[n]:-}" ]; then
		POOL_REAL_RUNS=$n
	elif [ ${#POOL_REAL[@]} -gt 0 ]; then
		aside=(nice -n 19)
		! chrt --idle 0 true 2>/dev/null || aside=(chrt --idle 0)
	fi
	say "${POOL_NAMES[n]}: begins"
	FPGA_CARD_TOTALS=$POOL_DIR/$n.total setsid "${aside[@]}" \
		bash -c "TIMEFORMAT='# %U s of processor time, and %S s in the kernel'
			time ${POOL_COMMANDS[n]}" \
		>"$POOL_DIR/$n.out" 2>&1 </dev/null &
	POOL_PIDS[$!]=$n
	POOL_STARTED[$n]=$SECONDS
}

# pool_show PID: what a part that is over has said
pool_show()
{
	local n=${POOL_PIDS[$1]} rc=0

	wait "$1" || rc=$?
	unset "POOL_PIDS[$1]"
	[ "$POOL_REAL_RUNS" != "$n" ] || POOL_REAL_RUNS=
	echo "# ${POOL_NAMES[n]}: $((SECONDS - ${POOL_STARTED[$n]})) s"
	cat "$POOL_DIR/$n.out"
	# A part that gave no count failed before it could.
	if [ ! -s "$POOL_DIR/$n.total" ]; then
		POOL_DIED=$((POOL_DIED + 1))
		echo "not ok - ${POOL_NAMES[n]} ended without a count, with exit status $rc"
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
