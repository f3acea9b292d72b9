#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debs.sh: what lib/packages.sh and lib/debs.sh do when a download breaks off, a
# package is damaged, somebody else has apt's locks, or no mirror answers. The apt is
# the machine's, the mirror one of our own.

FPGA_CARD_CACHE=$(mktemp -d)
export FPGA_CARD_CACHE
unset REFRESH FPGA_CARD_DEBS

. "$(dirname "$0")/../lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/debs.sh"
. "$TESTS/lib/results.sh"

MIRROR=$CACHE/mirror PIDS=()
# shellcheck disable=SC2016
at_exit 'rm -rf "$CACHE"'
# shellcheck disable=SC2016
at_exit 'kill "${PIDS[@]}" 2>/dev/null'

# What the suite with our mirror is, for lib/debs.sh. The package's name is that of a
# kernel's source, for which a cache knows what was made of it.
NAME=linux-source-0.0
suite_of()
{
	echo harness
}

suite_sources()
{
	echo "deb [trusted=yes] http://127.0.0.1:$(cat "$CACHE/port") ./"
}

# mirror_has VERSION: the package of that version is what the mirror has
mirror_has()
{
	local d=$CACHE/package

	rm -rf "$d" "$MIRROR"/*.deb
	mkdir -p "$d/DEBIAN" "$d/usr" "$MIRROR"
	printf '%s\n' "Package: $NAME" "Version: $1" "Architecture: all" \
		"Maintainer: none" "Depends: tool (>= 2) | other, linux-base" \
		"Recommends: more:any" "Description: $1" >"$d/DEBIAN/control"
	head -c 100000 /dev/urandom >"$d/usr/data"
	dpkg-deb -b "$d" "$MIRROR/${NAME}_$1_all.deb" >/dev/null
	{
		cat "$d/DEBIAN/control"
		echo "Filename: ./${NAME}_$1_all.deb"
		echo "Size: $(stat -c %s "$MIRROR/${NAME}_$1_all.deb")"
		echo "SHA256: $(sha256sum "$MIRROR/${NAME}_$1_all.deb" | cut -d' ' -f1)"
	} >"$MIRROR/Packages"
}

mirror_starts()
{
	rm -f "$CACHE/port"
	python3 "$TESTS/harness/mirror.py" "$MIRROR" "$CACHE/port" &
	PIDS+=($!)
	MIRROR_PID=$!
	for ((i = 0; i < 100; i++)); do
		[ ! -s "$CACHE/port" ] || return 0
		sleep 0.1
	done
	die "the mirror does not start"
}

# said COMMAND...: what it says goes to a file; it may die
said()
{
	("$@") >"$CACHE/out" 2>"$CACHE/said"
}

# says TEXT
says()
{
	grep -qF -- "$1" "$CACHE/said" && return
	echo "# wanted: $1"
	sed 's/^/#   /' "$CACHE/said"
	return 1
}

is_whole()
{
	[ "$(sha256sum <"$1")" = "$(sha256sum <"$MIRROR/${1##*/}")" ]
}

version_is_found()
{
	said deb_version "$NAME" && [ "$(cat "$CACHE/out")" = 1 ]
}

needs_are_found()
{
	said deb_needs "$NAME" 1 && [ "$(tr '\n' ' ' <"$CACHE/out")" = "tool more " ]
}

# nothing_left VERSION
nothing_left()
{
	[ -z "$(find "$DEBS" -mindepth 1 2>/dev/null)" ] && return
	find "$DEBS" | sed 's/^/# left: /'
	return 1
}

cut_download_fails()
{
	touch "$MIRROR/cut"
	if said deb_fetch "$NAME" 1; then
		echo "# deb_fetch took it"
		return 1
	fi
	rm "$MIRROR/cut"
	nothing_left && says "(log: $LOGS/fetch-$NAME.log)" &&
		says "there is no package $NAME 1 to be had"
}

next_download_is_whole()
{
	said deb_fetch "$NAME" 1 && is_whole "$(cat "$CACHE/out")"
}

damaged_package_is_fetched_again()
{
	local file

	file=$(deb_fetch "$NAME" 1 2>/dev/null) || return 1
	truncate -s 50000 "$file"
	said deb_fetch "$NAME" 1 && is_whole "$file" &&
		says "${file##*/} is damaged: fetching it again"
}

# hold_lock FILE SECONDS: as apt does it
hold_lock()
{
	: >>"$1"
	python3 -c '
import fcntl, sys, time
with open(sys.argv[1], "r+") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    open(sys.argv[3], "w").close()
    time.sleep(float(sys.argv[2]))' "$1" "$2" "$CACHE/held" &
	PIDS+=($!)
	for ((i = 0; i < 100; i++)); do
		[ ! -e "$CACHE/held" ] || { rm "$CACHE/held"; return 0; }
		sleep 0.1
	done
	return 1
}

lock_of_lists_is_waited_for()
{
	hold_lock "$CACHE/apt/harness/state/lists/lock" 2 || return 1
	said suite_refresh harness && says "waiting for a lock of apt's: "
}

# dpkg's lock is beside its status file.
lock_of_dpkg_is_waited_for()
{
	hold_lock "$CACHE/apt/harness/lock-frontend" 2 || return 1
	said apt_logged "$LOGS/dpkg-lock.log" apt_clean_private &&
		says "waiting for a lock of apt's: "
}

apt_clean_private()
{
	suite_apt harness apt-get -o DPkg::Lock::Timeout="$APT_WAIT" -y \
		-o Dpkg::Use-Pty=0 -o Debug::NoLocking=0 -o Dir::Bin::dpkg=/bin/true \
		autoremove
}

lock_that_stays_is_an_error()
{
	hold_lock "$CACHE/apt/harness/state/lists/lock" 30 || return 1
	if APT_LOCK_SECONDS=1 said suite_refresh harness; then
		echo "# it did not fail"
		return 1
	fi
	kill "${PIDS[-1]}"
	says "apt-update-harness.log)"
}

lock_of_a_run_that_hangs_is_an_error()
{
	mkdir -p "$CACHE/locks"
	flock "$CACHE/locks/harness" sleep 30 &
	PIDS+=($!)
	while flock -n "$CACHE/locks/harness" true; do
		sleep 0.1
	done
	if LOCK_SECONDS=1 said with_lock harness true; then
		echo "# it did not fail"
		return 1
	fi
	kill "${PIDS[-1]}"
	says "waiting for another run, which has the lock harness" &&
		says "it still has that after 1 s"
}

# As if a kernel had been built of version 1.
old_version_stays()
{
	mkdir -p "$CACHE/src/linux-0.0-1"
	touch "$CACHE/src/linux-0.0-1/Makefile"
	mirror_has 2
	suite_refresh harness 2>/dev/null || return 1
	said deb_version "$NAME" && [ "$(cat "$CACHE/out")" = 1 ]
}

# Even one that apt does not know of. As in a run that begins with it.
refresh_takes_the_newest()
{
	mirror_has 3
	touch "$CACHE/apt/version-$NAME"
	REFRESH=1 REFRESH_SINCE=@$(date +%s.%N) said deb_version "$NAME" &&
		[ "$(cat "$CACHE/out")" = 3 ]
}

goes_on_without_a_mirror()
{
	kill "$MIRROR_PID"
	wait "$MIRROR_PID" 2>/dev/null
	rm -rf "$CACHE/apt/harness"
	said deb_version "$NAME" && [ "$(cat "$CACHE/out")" = 3 ] &&
		says "going on with 3"
}

need_packages python3
mirror_has 1
mirror_starts
try "debs: a version is found" version_is_found
try "debs: what it needs is found" needs_are_found
try "debs: a download that is cut off fails, and leaves nothing" cut_download_fails
try "debs: the next one is whole" next_download_is_whole
try "debs: a damaged package is fetched again" damaged_package_is_fetched_again
try "debs: the lock of apt's lists is waited for" lock_of_lists_is_waited_for
try "debs: dpkg's lock is waited for" lock_of_dpkg_is_waited_for
try "debs: a lock that stays is an error" lock_that_stays_is_an_error
try "debs: a run that keeps its lock for ever is an error for another" \
	lock_of_a_run_that_hangs_is_an_error
try "debs: a kernel stays when there is a newer one" old_version_stays
try "debs: REFRESH=1 takes the newer one" refresh_takes_the_newest
try "debs: what is known is enough when no mirror answers" goes_on_without_a_mirror
finish
