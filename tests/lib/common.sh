# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced first by every script in tests/: paths, messages, the cache.

set -Eeuo pipefail
export LC_ALL=C

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TREE=$(dirname "$TESTS")
CACHE=${FPGA_CARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fpga-card}
JOBS=${JOBS:-$(nproc)}
# A checkout has logs of its own, or another would overwrite them.
TREE_ID=$(echo "$TREE" | sha256sum | cut -c1-8)
LOGS=$CACHE/logs/$TREE_ID
export TESTS TREE CACHE JOBS TREE_ID LOGS

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	STOP_SAID=1
	exit 1
}

# What is going on, for people; results go to stdout.
say()
{
	printf '  %s\n' "$*" >&2
}

# A script that stops without its count says at which command. STOP_SAID: the reason
# is on stderr already, or the failed cases are.
STOP_SAID=

stopped_at()
{
	[ -n "$STOP_SAID" ] || [ "$BASHPID" != $$ ] ||
		printf '%s: stopped at line %s of %s: %s: exit status %s\n' \
		"${0##*/}" "$2" "${3#"$TREE/"}" "$4" "$1" >&2
}

trap 'stopped_at $? $LINENO "${BASH_SOURCE[0]}" "$BASH_COMMAND"' ERR

# at_exit COMMAND: run when this script ends, in whichever way; the latest first
AT_EXIT=()

at_exit()
{
	AT_EXIT=("$1" "${AT_EXIT[@]}")
}

run_at_exit()
{
	local rc=$? command

	trap - EXIT ERR
	set +e
	for command in "${AT_EXIT[@]}"; do
		eval "$command"
	done
	exit "$rc"
}

trap run_at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Neither make nor kbuild can have these in a path.
case $TREE$CACHE in
*[[:space:]:]*)
	die "a space or a colon is in the path of the checkout or of the cache: $TREE, $CACHE"
	;;
esac

# install_text FILE TEXT: the file has that text, or is as it was
install_text()
{
	mkdir -p "${1%/*}" && echo "$2" >"$1.part.$$" && mv -f "$1.part.$$" "$1"
}

# make_whole TARGET COMMAND...: COMMAND, with the name of a new directory behind its
# arguments, makes what is then called TARGET. Nothing half-made ever has that name.
# Two must not do so at once: see with_lock.
make_whole()
{
	local target=$1 part=$1.part

	shift
	rm -rf "$part"
	if mkdir -p "$part" && "$@" "$part"; then
		rm -rf "$target" && mv -T "$part" "$target"
		return
	fi
	rm -rf "$part"
	return 1
}

# run_logged LOG COMMAND...: silent when it works; when not, the errors in the
# log and its end.
run_logged()
{
	local log=$1

	shift
	mkdir -p "${log%/*}"
	if ! "$@" >"$log" 2>&1; then
		{
			grep -E -A 4 '(error|warning): |ERROR: |WARNING: ' "$log" |
				head -n 40 || true
			tail -n 10 "$log"
		} >&2
		say "failed: $* (log: $log)"
		return 1
	fi
}

# How long another run may keep a lock. The longest build a kernel, which takes 10 min.
LOCK_SECONDS=${LOCK_SECONDS:-3600}

# with_lock NAME COMMAND...: two runs may share the cache.
with_lock()
{
	local name=$1 fd rc=0

	shift
	mkdir -p "$CACHE/locks"
	exec {fd}>"$CACHE/locks/${name//\//_}"
	if ! flock -n "$fd"; then
		say "waiting for another run, which has the lock $name"
		if ! flock -w "$LOCK_SECONDS" "$fd"; then
			say "it still has that after $LOCK_SECONDS s: is it stopped?"
			exec {fd}>&-
			return 1
		fi
	fi
	"$@" || rc=$?
	exec {fd}>&-
	return "$rc"
}

# Which of several versions of a thing in the cache which checkout uses: DIR.users
# has a file for each.
# in_use DIR: by this checkout
in_use()
{
	mkdir -p "$1.users" && echo "$TREE" >"$1.users/$TREE_ID"
}

# Days after which a checkout does not count that is still there.
USERS_DAYS=30

has_users()
{
	local file tree

	for file in "$1".users/*; do
		[ -n "$(find "$file" -mtime "-$USERS_DAYS" 2>/dev/null)" ] &&
			read -r tree <"$file" && [ -d "$tree" ] && return
	done
	return 1
}

# drop_older DIR PATTERN: this checkout uses DIR, and none of the others beside it
# that match. Those which nobody else uses go.
drop_older()
{
	local keep=$1 other

	in_use "$keep" || return 1
	for other in "${keep%/*}"/$2; do
		case $other in
		"$keep"|*.users|*.part)	continue ;;
		esac
		[ -d "$other" ] || continue
		rm -f "$other.users/$TREE_ID"
		has_users "$other" || rm -rf "$other" "$other.users"
	done
	return 0
}
