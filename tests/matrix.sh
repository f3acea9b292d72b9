#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# matrix.sh [K...]: each kernel that Debian ships, as it is, on a machine that was installed
# just now: the packages are installed, that machine boots in QEMU and loads a card by each
# way that there is, and the packages are purged. At the end there is the table of it. K is
# a kernel's version; ONLY=TEXT takes the machines whose name has that. INIT=FILE is the first
# process on them, see guest/root.sh.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/roots.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/dtbs.sh"
. "$TESTS/lib/overlay.sh"
. "$TESTS/lib/machine.sh"
. "$TESTS/lib/table.sh"

# The name of a machine, its release, its kernel as in linux-image-KERNEL-amd64, the suite
# which that comes from, if it is another, its architecture, likewise, and its first process,
# if that is not the harness's own. "-" is none of these.
MACHINES='
bookworm-6.1           bookworm  stock
bookworm-6.12          bookworm  6.12
bookworm-6.12-systemd  bookworm  6.12   -                 -      systemd
trixie-6.12            trixie    stock
trixie-7.3             trixie    stock  trixie-backports
arm64-7.3              trixie    stock  trixie-backports  arm64
'

# What a kernel or a machine may not have: no column of it is tried.
MAY_LACK=(devlink overlay N6000 services)

# For systemd: its timers would run, with apt's among them, since a day is short in virtual
# time. What it and its services say comes on the console.
SYSTEMD_CMDLINE="systemd.unit=multi-user.target systemd.mask=timers.target \
systemd.journald.forward_to_console=1"

# matrix_machine SUITE OUT LOG WORD...: in a new root, package/matrix-root.sh. apt has the
# downloads of all such machines, in a directory of its own: it locks that for as long as
# DKMS builds. A file gets its name there when it is whole.
# shellcheck disable=SC2153
matrix_machine()
{
	local suite=$1 out=$2 log=$3 share=$CACHE/fresh/archives-$1 work rc=0

	shift 3
	mkdir -p "$share/partial" "$out" "${log%/*}" || return 1
	work=$(mktemp -d "$CACHE/matrix/machine.XXXXXX") || return 1
	at_exit "rm -rf $work"
	mkdir -p "$work/root" "$work/archives/partial"
	find "$share" -maxdepth 1 -name '*.deb' -exec cp -l -t "$work/archives" {} +
	in_namespace "$TESTS/lib/enter-root.sh" "$ROOT" "$work/root" "$TREE" \
		"$work/archives:/var/cache/apt/archives" "$out:/out" -- "$@" \
		>"$log" 2>&1 || rc=1
	find "$work/archives" -maxdepth 1 -name '*.deb' -exec cp -l -n -t "$share" {} +
	rm -rf "$work"
	return $rc
}

# matrix_build SUITE DIR
matrix_build()
{
	say "building the packages in $1 (log: $LOGS/matrix-build-$1.log)"
	matrix_machine "$1" "$2" "$LOGS/matrix-build-$1.log" tests/package/matrix-root.sh build
	[ -n "$(find "$2/debs" -name 'fpgacard-tools_*.deb' 2>/dev/null)" ]
}

# matrix_build_locked SUITE DIR: what an interrupted run has left goes.
matrix_build_locked()
{
	rm -rf "$CACHE/matrix/$1"-*.part
	[ -d "$2/debs" ] || make_whole "$2" matrix_build "$1"
}

# matrix_packages SUITE: sets DEBS_DIR, the packages of what is committed here
matrix_packages()
{
	local tree

	tree=$(git -C "$TREE" rev-parse 'HEAD^{tree}') || return 1
	DEBS_DIR=$CACHE/matrix/$1-${tree:0:12}
	mkdir -p "$CACHE/matrix"
	[ -d "$DEBS_DIR/debs" ] ||
		with_lock "matrix-$1" matrix_build_locked "$1" "$DEBS_DIR" || return 1
	drop_older "$DEBS_DIR" "$1-*"
}

# matrix_cannot COLUMN: the reason, if this machine's kernel cannot
matrix_cannot()
{
	sed -n "s/^$1 //p" "$OUT/cannot" 2>/dev/null
}

# matrix_columns: the ways to try in the guest
matrix_columns()
{
	local column columns=command,sysfs

	# dpkg was never there, where packages were unpacked only.
	[ -d "$OUT/system" ] || columns+=,installed,purge
	for column in "${MAY_LACK[@]}"; do
		[ -n "$(matrix_cannot "$column")" ] || columns+=,$column
	done
	echo "$columns"
}

# matrix_root_results LABEL FILE
matrix_root_results()
{
	local word rest

	while read -r word rest; do
		case $word in
		pass|fail)
			"$word" "$1: $rest"
			table_result "$NAME" "$word" "$rest"
			;;
		*)	echo "#   $rest" ;;
		esac
	done <"$2"
}

# matrix_guest ARCH: what the machine in OUT does when it boots
matrix_guest()
{
	local console=$LOGS/console-matrix-$NAME.log append INIT=${INIT:-} twice=(packages)

	if ! machine_initrd "$OUT" "$1"; then
		fail "$LABEL: the guest's files can be put together"
		return
	fi
	say "booting $(cat "$OUT/boot/release") of $NAME (console: $console)"
	append=fpgacard.columns=$(matrix_columns)
	if [ "$FIRST" = systemd ]; then
		append+=" $SYSTEMD_CMDLINE"
		INIT=/sbin/init
	fi
	machine_boot "$LABEL" "$OUT" "$1" "$console" "$append"
	[ -d "$OUT/system" ] || twice+=(purge)
	table_guest "$NAME" "$OUT/initrd.verdict" "${twice[@]}"
}

# matrix_table_row
matrix_table_row()
{
	local column reason

	for column in "${MAY_LACK[@]}"; do
		reason=$(matrix_cannot "$column")
		[ -z "$reason" ] || table_cannot "$NAME" "$column" "$reason"
	done
}

# matrix_prepare SUITE TARGET KARCH: what the root gets in OUT
matrix_prepare()
{
	local DEBS_DIR sources

	root_for "$1" && matrix_packages "$1" && cp -r "$DEBS_DIR/debs" "$OUT/debs" || return 1
	if [ -n "$2" ]; then
		sources=$(suite_sources "$2") && echo "$sources" >"$OUT/sources" || return 1
	fi
	[ -z "$3" ] || userland_copy "$1" "$3" "$OUT/system"
}

# matrix_one NAME SUITE KERNEL [TARGET [KARCH [FIRST]]]
matrix_one()
{
	local suite=$2 kernel=$3 target=${4:-} karch=${5:-} begin=$SECONDS

	NAME=$1
	FIRST=${6:-}
	LABEL="matrix: ${NAME/-/ }"
	OUT=$(mktemp -d)
	at_exit "rm -rf $OUT"
	table_begin "$NAME"
	if ! matrix_prepare "$suite" "$target" "$karch"; then
		fail "$LABEL: there are a system and the packages"
		return
	fi
	say "a machine with $NAME (log: $LOGS/matrix-$NAME.log)"
	matrix_machine "$suite" "$OUT" "$LOGS/matrix-$NAME.log" env "APT_TARGET=$target" \
		"KARCH=$karch" "FIRST=$FIRST" \
		"TOOLS_LIBRARIES=$(tools_libraries | paste -s -d ' ')" \
		tests/package/matrix-root.sh "$kernel" || true
	if [ ! -s "$OUT/results" ]; then
		fail "$LABEL: the machine can be installed"
		tail -n 10 "$LOGS/matrix-$NAME.log" | sed 's/^/#   /'
		return
	fi
	matrix_root_results "$LABEL" "$OUT/results"
	echo "# $NAME: installed, copied and purged in $((SECONDS - begin)) s"
	matrix_table_row
	begin=$SECONDS
	[ ! -s "$OUT/boot/release" ] || matrix_guest "${karch:-x86_64}"
	echo "# $NAME: ran in $((SECONDS - begin)) s"
	rm -rf "$OUT"
}

# matrix_takes NAME: whether this run is for it
matrix_takes()
{
	local k version=${1#*-}

	[[ $1 = *"${ONLY:-}"* ]] || return 1
	[ ${#KERNELS[@]} -gt 0 ] || return 0
	for k in "${KERNELS[@]}"; do
		[ "${version%%-*}" != "$k" ] || return 0
	done
	return 1
}

KERNELS=("$@")
[ "$(id -u)" -eq 0 ] || die "it has to be root, to mount and to install systems"
need_packages "${INITRAMFS_PACKAGES[@]}" "${QEMU_PACKAGES[@]}"
[ -z "$(git -C "$TREE" status --porcelain -uno)" ] ||
	echo "# what is not committed is not in a clone"
while read -r name suite kernel target karch first; do
	if [ -z "$name" ] || ! matrix_takes "$name"; then
		continue
	fi
	matrix_one "$name" "$suite" "$kernel" "${target#-}" "${karch#-}" "$first" </dev/null
done <<<"$MACHINES"
table_print
finish
