# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Systems as the installer leaves them, each in a directory, from the mirror that this
# machine uses. They are kept and not changed: see enter-root.sh.

# Days after which a newer one is made.
ROOT_DAYS=30

NAMESPACE_PID=
# shellcheck disable=SC2016
at_exit '[ -z "$NAMESPACE_PID" ] || kill -KILL "$NAMESPACE_PID" 2>/dev/null'

# in_namespace COMMAND...: with mounts and processes of its own. Both are gone when it
# ends, or when this script does.
in_namespace()
{
	local rc=0

	unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
		"$@" </dev/null &
	NAMESPACE_PID=$!
	wait "$NAMESPACE_PID" || rc=$?
	NAMESPACE_PID=
	return "$rc"
}

# What apt is told here about proxies, and about how new its lists have to be.
root_apt_options()
{
	apt-config dump --format '%F "%v";%n' |
		grep -E '^Acquire::(https?|Check-|Max-|Min-|Retries|ForceIP)' |
		grep -v ' "";$' || true
}

# root_make SUITE SOURCES DIR: a file with its lines for apt
root_make()
{
	local options=()

	mapfile -t options < <(root_apt_options | sed 's/^/--aptopt=/')
	say "installing $1 in $3"
	run_logged "$LOGS/root-$1.log" in_namespace mmdebstrap --mode=root \
		--format=directory --variant=minbase --include=make,git "${options[@]}" \
		"$1" "$3" "$2"
}

# root_sum DIR: of what is there, for seeing that nothing changed
root_sum()
{
	(cd "$1" && find . -type d -printf '%p d %m %T@\n' -o \
		-printf '%p %y %m %s %T@ %l\n' | sort | sha256sum)
}

root_for_locked()
{
	local suite=$1 root=$CACHE/roots/$1 sources
	local log=$LOGS/root-$1.log

	if [ -d "$root" ] && [ -z "${REFRESH:-}" ] &&
	   [ -n "$(find "$root.sum" -mtime "-$ROOT_DAYS" 2>/dev/null)" ]; then
		return
	fi
	need_packages mmdebstrap debian-archive-keyring git
	mkdir -p "$CACHE/roots" "${log%/*}" || return 1
	sources=$(suite_sources "$suite") &&
		install_text "$root.list" "$sources" || return 1
	if ! make_whole "$root.new" root_make "$suite" "$root.list"; then
		[ -d "$root" ] || return 1
		say "going on with the old one"
		return
	fi
	# A run that uses the old one keeps it until it ends.
	rm -rf "$root.old"
	[ ! -d "$root" ] || mv "$root" "$root.old"
	mv "$root.new" "$root" && install_text "$root.sum" "$(root_sum "$root")" || return 1
	rm -rf "$root.old"
}

# root_for SUITE: makes it, if the cache has it not; sets ROOT
root_for()
{
	export ROOT=$CACHE/roots/$1
	with_lock "root-$1" root_for_locked "$1"
}
