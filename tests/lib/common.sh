# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced first by every script in tests/: paths, messages, the cache.

set -euo pipefail
export LC_ALL=C

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TREE=$(dirname "$TESTS")
CACHE=${FPGA_CARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fpga-card}
JOBS=${JOBS:-$(nproc)}
export TESTS TREE CACHE JOBS

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# What is going on, for people; results go to stdout.
say()
{
	printf '  %s\n' "$*" >&2
}

# run_logged LOG COMMAND...: silent when it works; when not, the errors in the
# log and its end.
run_logged()
{
	local log=$1

	shift
	if ! "$@" >"$log" 2>&1; then
		{
			grep -E -A 4 '(error|warning): |ERROR: |WARNING: ' "$log" |
				head -n 40
			tail -n 10 "$log"
		} >&2
		say "failed: $* (log: $log)"
		return 1
	fi
}

# with_lock NAME COMMAND...: two runs may share the cache.
with_lock()
{
	local name=$1 fd rc=0

	shift
	mkdir -p "$CACHE/locks"
	exec {fd}>"$CACHE/locks/${name//\//_}"
	flock "$fd"
	"$@" || rc=$?
	exec {fd}>&-
	return "$rc"
}

# The newest of several cached versions of one thing is worth keeping.
drop_older()
{
	local keep=$1 other

	for other in "${keep%/*}"/$2; do
		[ -d "$other" ] && [ "$other" != "$keep" ] && rm -rf "$other"
	done
	return 0
}
