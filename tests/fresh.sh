#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fresh.sh [SUITE...]: what the README promises, on machines on which nothing was
# installed by hand but make and git: bookworm and trixie, from a clone of HEAD.
# QUICK=1: the demo alone, in bookworm. ONLY=TEXT: those whose name has that, of demo,
# style, pack-test, dtbs, tools-test, bench and other-system. FULL=1: nothing is given to
# them, not even packages that were downloaded already, and each builds a kernel.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/debs.sh"
. "$TESTS/lib/kernel.sh"
. "$TESTS/lib/results.sh"
. "$TESTS/lib/roots.sh"

# In the root: one after the other until one fails. For each its log, and its exit
# status and its seconds.
# shellcheck disable=SC2016
RUN_ALL='while [ $# -gt 0 ]; do
	begin=$SECONDS rc=0
	bash -c "$2" >"/logs/$1.log" 2>&1 </dev/null || rc=$?
	echo "$rc $((SECONDS - begin))" >"/logs/$1.result"
	[ "$rc" -eq 0 ] || exit
	shift 2
done'

# In virtual time: what else this machine does is not the matter here, and the demo's
# last cases are about milliseconds.
#
# fresh_machine SUITE [SOURCE:TARGET...] -- NAME COMMAND [NAME COMMAND]...: on a new
# machine with that suite
fresh_machine()
{
	# shellcheck disable=SC2153
	local suite=$1 logs=$LOGS/fresh-$1 share=$CACHE/fresh binds=() given=()
	local args work n

	shift
	while [ "$1" != -- ]; do
		binds+=("$1")
		shift
	done
	shift
	args=("$@")
	mkdir -p "$logs" "$share/debs" "$share/archives-$suite/partial" || return 1
	for ((n = 0; n < ${#args[@]}; n += 2)); do
		rm -f "$logs/${args[n]}".{log,result}
	done
	binds+=("$logs:/logs")
	if [ -z "${FULL:-}" ]; then
		binds+=("$share/archives-$suite:/var/cache/apt/archives" "$share/debs:/debs")
		given=(FPGA_CARD_DEBS=/debs)
	fi
	work=$(mktemp -d) || return 1
	at_exit "rmdir $work 2>/dev/null"
	in_namespace "$TESTS/lib/enter-root.sh" "$ROOT" "$work" "$TREE" "${binds[@]}" -- \
		env TIME=virtual "${given[@]}" bash -c "$RUN_ALL" bash "$@" \
		>"$logs/machine.log" 2>&1 || true
	rmdir "$work"
}

# fresh_result SUITE NAME TEXT: it ran, and counted something and no failure
fresh_result()
{
	local log=$LOGS/fresh-$1/$2.log rc=none seconds=0 last

	[ ! -s "${log%.log}.result" ] || read -r rc seconds <"${log%.log}.result"
	last=$(tail -n 1 "$log" 2>/dev/null) || last=
	if [ "$rc" = 0 ] && [[ $last =~ ^[1-9][0-9]*\ passed,\ 0\ failed$ ]]; then
		pass "fresh: $1: $3"
		echo "# $last in $seconds s"
		return
	fi
	fail "fresh: $1: $3"
	[ -f "$log" ] || log=${log%/*}/machine.log
	echo "# exit status $rc, $log ends with:"
	tail -n 25 "$log" | sed 's/^/#   /'
}

demo_alone()
{
	fresh_machine "$1" -- demo "make demo"
	fresh_result "$1" demo "make demo"
}

# Once more where no network is
demo_twice()
{
	fresh_machine "$1" -- demo "make demo" demo-again "unshare --net make demo"
	fresh_result "$1" demo "make demo"
	fresh_result "$1" demo-again "make demo once more, without a network"
}

# What sparse and checkpatch need is a kernel of the harness, which is built on that
# machine. Of the release that this machine has, it may be the one which this machine
# built, at its own place; of another, the first run leaves it to the ones that follow.
static_part()
{
	if [ -n "${FULL:-}" ]; then
		fresh_machine "$1" -- style "make style"
	elif [ "$HOST" = "debian $1" ] && kernel_is_here; then
		fresh_machine "$1" "$CACHE:$CACHE:keep" -- \
			style "FPGA_CARD_CACHE=$CACHE make style"
	else
		mkdir -p "$CACHE/fresh/$1"
		with_lock "fresh-$1" fresh_machine "$1" \
			"$CACHE/fresh/$1:/root/.cache/fpga-card" -- style "make style"
	fi
	fresh_result "$1" style "make style"
}

kernel_is_here()
{
	[ -n "$(find "$CACHE/kernels" -path "*/$KERNEL_MAIN-[0-9]*/.done" 2>/dev/null)" ]
}

# one_target SUITE NAME COMMAND
one_target()
{
	fresh_machine "$1" -- "$2" "$3"
	fresh_result "$1" "$2" "$3"
}

# The first line says it, and only make's own follows.
other_system()
{
	local log=$LOGS/fresh-$1/other-system.log release=$CACHE/fresh/os-release

	install_text "$release" 'ID=ubuntu
VERSION_CODENAME=noble
PRETTY_NAME="Ubuntu 24.04 LTS"'
	fresh_machine "$1" "$release:/etc/os-release" -- other-system "make demo"
	[ "$(grep -v '^make: ' "$log")" = \
		"demo.sh: this needs Debian 12 or 13, and this is Ubuntu 24.04 LTS" ] &&
		return
	sed 's/^/#   /' "$log"
	return 1
}

root_is_unchanged()
{
	[ "$(root_sum "$ROOT")" = "$(cat "$ROOT.sum")" ]
}

wanted()
{
	[[ $1 = *"${ONLY:-}"* ]]
}

fresh_suite()
{
	local suite=$1

	if ! root_for "$suite"; then
		fail "fresh: $suite: there is a system"
		return
	fi
	pass "fresh: $suite: there is a system"
	if [ -n "${QUICK:-}" ]; then
		demo_alone "$suite"
		return
	fi
	! wanted demo || demo_twice "$suite"
	! wanted style || static_part "$suite"
	! wanted pack-test || one_target "$suite" pack-test "make pack-test"
	! wanted dtbs || one_target "$suite" dtbs "make dtbs"
	! wanted tools-test || one_target "$suite" tools-test "GUEST=0 make tools-test"
	! wanted bench || one_target "$suite" bench "QUICK=1 make bench"
	! wanted other-system ||
		try "fresh: $suite: another system is told what is missing" \
			other_system "$suite"
	try "fresh: $suite: the system is as it was" root_is_unchanged
}

skip()
{
	SKIPPED=$((SKIPPED + 1))
	echo "# skipped: fresh: $1"
	finish || true
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip "it has to be root, to mount and to install systems"
need_debian
unshare --mount --pid --fork true 2>/dev/null ||
	skip "this machine lets even root have no mounts of its own"
git -C "$TREE" rev-parse -q --verify HEAD >/dev/null || die "$TREE is no clone"
[ -z "$(git -C "$TREE" status --porcelain -uno)" ] ||
	echo "# what is not committed is not in a clone"
[ $# -gt 0 ] || set -- bookworm trixie
[ -z "${QUICK:-}" ] || set -- bookworm
for suite in "$@"; do
	fresh_suite "$suite"
done
finish
