#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# cache.sh: nothing half-made is ever taken for made, whatever comes in between, and
# two checkouts can share a cache. The kernel that is built here is a Makefile.

# Functions of the libraries are replaced here, and called by others there.
# shellcheck disable=SC2034,SC2317
. "$(dirname "$0")/../lib/all.sh"

WORK=$(mktemp -d)
export WORK
at_exit 'umount "$WORK/small" 2>/dev/null; rm -rf "$WORK"'

# ---- a kernel's source of a few lines, and checkouts that build it ----

# source_package VERSION: linux-source-9.9 as Debian packs it
source_package()
{
	local d=$WORK/package src=$WORK/package/tree/linux-source-9.9

	rm -rf "$d"
	mkdir -p "$src" "$d/root/DEBIAN" "$d/root/usr/src"
	head -c 3000000 /dev/urandom >"$src/large"
	cat >"$src/Makefile" <<-'END'
	.RECIPEPREFIX = >
	allnoconfig:
	> cp $(KCONFIG_ALLCONFIG) $(O)/.config
	olddefconfig modules:
	bzImage:
	> echo begun >>$(WORK)/builds
	> echo 'export KBUILD_OUTPUT = $(O)' >$(O)/Makefile
	> mkdir -p $(O)/arch/x86/boot
	> echo half >$(O)/arch/x86/boot/bzImage
	> sleep $(SLOW)
	> $(FAIL)
	> echo whole >$(O)/arch/x86/boot/bzImage
	END
	tar -C "$d/tree" -cJf "$d/root/usr/src/linux-source-9.9.tar.xz" linux-source-9.9
	printf '%s\n' "Package: linux-source-9.9" "Version: $1" "Architecture: all" \
		"Maintainer: none" "Description: none" >"$d/root/DEBIAN/control"
	dpkg-deb -b "$d/root" "$WORK/whole.deb" >/dev/null
	cp "$WORK/whole.deb" "$WORK/source.deb"
	echo "$1" >"$WORK/version"
}

# checkout NAME [SYMBOL]: with a kernel 9.9, whose key SYMBOL decides
checkout()
{
	mkdir -p "$WORK/$1"
	cp -r "$TESTS" "$WORK/$1/tests"
	echo "9.9 tiny" >>"$WORK/$1/tests/kernel/flavours"
	echo "CONFIG_${2:-TINY}=y" >"$WORK/$1/tests/kernel/tiny.config"
	cat >"$WORK/$1/tests/tiny.sh" <<-'END'
	. "$(dirname "$0")/lib/all.sh"
	need_packages() { :; }
	deb_needs() { echo tools; }
	deb_version() { cat "$WORK/version"; }
	deb_fetch() { cp "$WORK/source.deb" "$WORK/$$.deb" && echo "$WORK/$$.deb"; }
	kernel_build 9.9
	kernel_dir 9.9
	END
}

# build NAME [VARIABLE=VALUE]...: the kernel of that checkout; where it is, and what
# was said, are in files
build()
{
	local name=$1

	shift
	env SLOW=0 FAIL=: FPGA_CARD_CACHE="$WORK/cache" "$@" \
		bash "$WORK/$name/tests/tiny.sh" >"$WORK/$name.dir" 2>"$WORK/$name.said"
}

builds_whole()
{
	build "$@" && [ "$(cat "$(cat "$WORK/$1.dir")/arch/x86/boot/bzImage")" = whole ] &&
		return
	sed 's/^/#   /' "$WORK/$1.said"
	return 1
}

# says NAME TEXT
says()
{
	grep -qF -- "$2" "$WORK/$1.said" && return
	echo "# wanted: $2"
	sed 's/^/#   /' "$WORK/$1.said"
	return 1
}

# nothing_made DIRECTORY...: nothing in them but who uses what
nothing_made()
{
	local left

	left=$(find "$@" -mindepth 1 -maxdepth 1 -not -name '*.users' 2>/dev/null) || true
	[ -z "$left" ] && return
	echo "# left: $left"
	return 1
}

# fails NAME TEXT [VARIABLE=VALUE]...: says that, and leaves nothing
fails()
{
	local name=$1 text=$2

	shift 2
	if build "$name" "$@"; then
		echo "# it did not fail"
		return 1
	fi
	says "$name" "$text" && says "$name" "(log: "
}

# ---- cases ----

cut_source()
{
	truncate -s 1000000 "$WORK/source.deb"
	fails a "failed: kernel_untar" && nothing_made "$WORK"/cache/{src,kernels} &&
		cp "$WORK/whole.deb" "$WORK/source.deb" && builds_whole a
}

full_file_system()
{
	mkdir -p "$WORK/small"
	mount -t tmpfs -o size=2m none "$WORK/small" || return 1
	fails a "failed: kernel_untar" FPGA_CARD_CACHE="$WORK/small" &&
		nothing_made "$WORK"/small/{src,kernels} &&
		mount -o remount,size=16m "$WORK/small" &&
		builds_whole a FPGA_CARD_CACHE="$WORK/small"
}

failing_build()
{
	fails a "kernel-9.9.log" FAIL=false && nothing_made "$WORK/cache/kernels" &&
		builds_whole a
}

# A terminal's interrupt, and the kill of a job
interrupted_build()
{
	local n pid

	: >"$WORK/builds"
	SLOW=30 FAIL=: FPGA_CARD_CACHE=$WORK/cache \
		env --default-signal=INT setsid bash "$WORK/a/tests/tiny.sh" >"$WORK/a.dir" 2>"$WORK/a.said" &
	pid=$!
	for ((n = 0; n < 100; n++)); do
		[ ! -s "$WORK/builds" ] || break
		sleep 0.1
	done
	kill "-$1" -- "-$pid"
	wait "$pid" 2>/dev/null || true
	[ -s "$WORK/builds" ] && builds_whole a && [ "$(wc -l <"$WORK/builds")" -eq 2 ]
}

forget_kernels()
{
	rm -rf "$WORK/cache/kernels" "$WORK/builds"
}

two_checkouts_at_once()
{
	local pid

	build b SLOW=1 &
	pid=$!
	builds_whole a SLOW=1 && wait "$pid" && builds_whole b &&
		[ "$(wc -l <"$WORK/builds")" -eq 1 ]
}

both_kernels_stay()
{
	builds_whole a && builds_whole other && [ -d "$(cat "$WORK/a.dir")" ] &&
		builds_whole a && [ -d "$(cat "$WORK/other.dir")" ]
}

# Of a point release which all have, and of a checkout that is no more
unused_kernels_go()
{
	local old

	old="$(cat "$WORK/a.dir") $(cat "$WORK/other.dir")"
	source_package 9.9.2
	rm -rf "$WORK/other"
	builds_whole b && [ -d "${old% *}" ] && builds_whole a || return 1
	for old in $old; do
		if [ -d "$old" ]; then
			echo "# still there: $old"
			return 1
		fi
	done
}

build_knows_its_name()
{
	grep -qxF "export KBUILD_OUTPUT = $(cat "$WORK/a.dir")" \
		"$(cat "$WORK/a.dir")/Makefile"
}

# A compiler that writes half a program and fails
failing_compiler()
{
	mkdir -p "$WORK/bin"
	printf '%s\n' '#!/bin/sh' 'for last; do :; done' \
		'while [ "$1" != -o ]; do shift; done' 'echo half >"$2"' \
		'echo "the compiler is broken" >&2' 'exit 1' >"$WORK/bin/gcc"
	chmod +x "$WORK/bin/gcc"
	if (PATH=$WORK/bin:$PATH CACHE=$WORK/guest-cache
	    guest_programs x86_64) >"$WORK/gcc.dir" 2>"$WORK/gcc.said"; then
		echo "# it did not fail"
		return 1
	fi
	says gcc "the compiler is broken" && says gcc "(log: " || return 1
	(CACHE=$WORK/guest-cache && guest_programs x86_64) >"$WORK/gcc.dir" &&
		"$(cat "$WORK/gcc.dir")/timed-write" >/dev/null 2>&1
	# Its usage
	[ $? -ne 126 ] && [ "$(head -c 4 "$(cat "$WORK/gcc.dir")/timed-write")" != half ]
}

# stops_with TEXT COMMAND...: a script that runs it ends, and says that
stops_with()
{
	local text=$1

	shift
	printf '%s\n' ". '$TESTS/lib/all.sh'" "$*" "echo went on" >"$WORK/script.sh"
	if (cd "$WORK" && FPGA_CARD_CACHE=$WORK/cache bash script.sh) \
			>"$WORK/script.said" 2>&1; then
		echo "# it did not stop"
		return 1
	fi
	says script "$text"
}

# Not a line of the log looks like an error.
plain_log_is_shown()
{
	stops_with "(log: $WORK/plain.log)" \
		"run_logged '$WORK/plain.log' sh -c 'echo plain; exit 3'"
}

stop_is_told()
{
	stops_with "script.sh: stopped at line 2 of" "false"
}

space_in_path()
{
	local out

	cp -r "$WORK/a" "$WORK/a b"
	out=$(FPGA_CARD_CACHE=$WORK/cache bash "$WORK/a b/tests/tiny.sh" 2>&1) && return 1
	[[ $out == *"a space or a colon is in the path"* ]] &&
		out=$(FPGA_CARD_CACHE="$WORK/my cache" bash "$WORK/a/tests/tiny.sh" 2>&1) &&
		return 1
	[[ $out == *"a space or a colon is in the path"* ]]
}

# A probe that comes to no end leaves no answer; the next one does.
interrupted_probe()
(
	CACHE=$WORK/probe-cache n=0
	printf '%s\n' '#!/bin/sh' "echo \$\$ >$WORK/probing" 'exec sleep 30' \
		>"$WORK/bin/machine"
	chmod +x "$WORK/bin/machine"
	qemu_command()
	{
		QEMU=("$WORK/bin/machine")
	}
	# Somewhere one can write to
	export KVM_DEVICE=/dev/null
	(qemu_accel x86_64 image initrd) >/dev/null &
	for ((n = 0; n < 100; n++)); do
		[ ! -s "$WORK/probing" ] || break
		sleep 0.1
	done
	kill "$!" "$(cat "$WORK/probing")"
	wait "$!" 2>/dev/null || true
	[ -z "$(find "$CACHE" -name 'kvm-*' -print -quit)" ] || return 1
	printf '%s\n' '#!/bin/sh' 'echo guest is up' >"$WORK/bin/machine"
	[ "$(qemu_accel x86_64 image initrd)" = kvm ]
)

# ---- guests, and parts of a run ----

# A machine without a processor runs for ever.
silent_guest_is_ended()
(
	qemu_command()
	{
		QEMU=(qemu-system-x86_64 -machine none -display none -nodefaults)
	}
	qemu_accel()
	{
		echo none
	}
	qemu_serials()
	{
		SERIALS=()
	}
	SILENCE_MAX=4
	guest_boot silent x86_64 60 "$WORK/console" image "$WORK/initrd" "" \
		>"$WORK/guest.out" 2>"$WORK/guest.said"
	says guest "the guest has said nothing for 4 s" &&
		grep -q '^not ok .* guest died after 0 results' "$WORK/guest.out"
)

# pool_of COMMAND...: its last line
pool_of()
{
	printf '%s\n' ". '$TESTS/lib/all.sh'" ". '$TESTS/lib/pool.sh'" "CACHE='$WORK/kept'" \
		"$@" "pool_run" "pool_finish" >"$WORK/pool.sh"
	env -u FPGA_CARD_TOTALS bash "$WORK/pool.sh" 2>/dev/null
}

parts_are_summed_up()
{
	printf '%s\n' ". '$TESTS/lib/all.sh'" 'pass one' 'pass two' 'finish' >"$WORK/part.sh"
	[ "$(pool_of "pool_add good bash '$WORK/part.sh'" \
		"pool_add good bash '$WORK/part.sh'" | tail -n 1)" = "4 passed, 0 failed" ]
}

part_that_dies_has_failed()
{
	local out

	out=$(pool_of "pool_add good bash '$WORK/part.sh'" "pool_add bad false") && return 1
	grep -q 'not ok - bad ended without a count' <<<"$out" &&
		[ "$(tail -n 1 <<<"$out")" = "2 passed, 1 failed" ]
}

# What passed is not run again, what failed is, and another tree has passed nothing.
run_goes_on()
{
	local tree runs

	printf '%s\n' "echo x >>'$WORK/runs'" ". '$WORK/part.sh'" >"$WORK/once.sh"
	rm -f "$WORK/runs"
	for tree in one one two; do
		# shellcheck disable=SC2030
		[ "$(export CONTINUE=1
			pool_of "pool_tree() { echo $tree; }" \
				"pool_add good bash '$WORK/once.sh'" \
				"pool_add bad sh -c 'echo x >>$WORK/runs; false'" |
			tail -n 1)" = "2 passed, 1 failed" ] || return 1
	done
	runs=$(wc -l <"$WORK/runs")
	[ "$runs" -eq 5 ] && return
	echo "# $runs runs"
	return 1
}

# What passed while the tree became another one has passed in neither.
other_tree_has_passed_nothing()
{
	local tree

	printf '%s\n' "echo x >>'$WORK/runs'" "echo new >'$WORK/tree'" ". '$WORK/part.sh'" \
		>"$WORK/once.sh"
	rm -f "$WORK/runs"
	for tree in old old new; do
		echo $tree >"$WORK/tree"
		# shellcheck disable=SC2030,SC2031
		(export CONTINUE=1
			pool_of "pool_tree() { cat '$WORK/tree'; }" \
				"pool_add changes bash '$WORK/once.sh' and the tree") >/dev/null
	done
	[ "$(wc -l <"$WORK/runs")" -eq 3 ]
}

# In the shell that is asked: its class and its nice value, and that of its session, where
# that has one
how_scheduled=$(cat <<'END'
$(ps -o cls=,ni= -p $$)$(sed -n 's/.* nice / session /p' /proc/self/autogroup 2>/dev/null)
END
)

# Each part says when it begins and ends, and how it is scheduled. The first waits for the
# one aside to begin, which it has to whatever else the machine does.
real_parts_take_turns()
{
	local log=$WORK/turns own session=

	own=$(ps -o cls=,ni= -p $$)
	[ ! -f /proc/self/autogroup ] || session=' session '
	rm -f "$log"
	printf '%s\n' "echo \"begin \$1 $how_scheduled\" >>'$log'" \
		'for ((n = 0; n < 100; n++)); do' \
		"grep -q 'begin aside' '$log' && break" 'sleep 0.1' 'done' \
		"echo \"end \$1\" >>'$log'" ". '$WORK/part.sh'" >"$WORK/turn.sh"
	[ "$(JOBS=3 pool_of "pool_add_real real-1 bash '$WORK/turn.sh' real-1" \
		"pool_add_real real-2 bash '$WORK/turn.sh' real-2" \
		"pool_add aside bash '$WORK/turn.sh' aside" | tail -n 1)" = \
		"6 passed, 0 failed" ] || return 1
	[ "$(grep -o '[a-z]* real-.' "$log" | paste -sd ' ')" = \
		"begin real-1 end real-1 begin real-2 end real-2" ] &&
		[ "$(grep -n 'begin aside' "$log" | cut -d : -f 1)" -le 2 ] &&
		grep -qxF "begin real-2 $own${session:+${session}0}" "$log" &&
		grep -Eq "^begin aside +(IDL +-|TS +19)${session:+${session}19}\$" "$log" && return
	sed 's/^/# /' "$log"
	return 1
}

# is_over PID: within a second
is_over()
{
	local n state

	for ((n = 0; n < 10; n++)); do
		state=$(ps -o state= -p "$1") || return 0
		[ "$state" != Z ] || return 0
		sleep 0.1
	done
	return 1
}

# What a part has begun goes with the run.
parts_go_with_the_run()
{
	local pid n

	printf '%s\n' ". '$TESTS/lib/all.sh'" ". '$TESTS/lib/pool.sh'" \
		"pool_add long sh -c 'sleep 4711 & echo \$! >$WORK/sleeper; wait'" \
		"pool_run" >"$WORK/pool.sh"
	bash "$WORK/pool.sh" >/dev/null 2>&1 &
	pid=$!
	for ((n = 0; n < 50; n++)); do
		[ ! -s "$WORK/sleeper" ] || break
		sleep 0.1
	done
	kill "$pid"
	wait "$pid" 2>/dev/null || true
	is_over "$(cat "$WORK/sleeper")"
}

need_packages gcc libc6-dev xz-utils make qemu-system-x86
source_package 9.9.1
checkout a
checkout b
checkout other OTHER

try "cache: a source that was cut off is not taken, the next one is" cut_source
if [ "$(id -u)" -eq 0 ]; then
	try "cache: a full file system leaves nothing half" full_file_system
else
	SKIPPED=$((SKIPPED + 1))
	echo "# skipped: cache: a full file system (only root can make one)"
fi
try "cache: a kernel's build has the name that it gets" build_knows_its_name
forget_kernels
try "cache: a build that fails leaves nothing half" failing_build
forget_kernels
try "cache: a build that is interrupted is done again" interrupted_build INT
forget_kernels
try "cache: a build that is ended is done again" interrupted_build TERM
forget_kernels
try "cache: two checkouts at once build a kernel once" two_checkouts_at_once
try "cache: a kernel stays that another checkout uses" both_kernels_stay
try "cache: a kernel goes that nobody uses any more" unused_kernels_go
try "cache: a program that did not compile is not taken for one" failing_compiler
try "cache: a failure whose log has no error in it is told" plain_log_is_shown
try "cache: a script that stops says where" stop_is_told
try "cache: a path with a space is refused" space_in_path
try "cache: a probe of KVM that is interrupted has no answer" interrupted_probe
try "cache: a guest that says nothing is ended" silent_guest_is_ended
try "cache: the parts of a run are summed up" parts_are_summed_up
try "cache: a part that dies has failed" part_that_dies_has_failed
try "cache: a run goes on with what has not passed" run_goes_on
try "cache: nothing is kept of a part during which the tree changed" \
	other_tree_has_passed_nothing
try "cache: parts in real time take turns, and go before the others" real_parts_take_turns
try "cache: the parts of a run end with it" parts_go_with_the_run
finish
