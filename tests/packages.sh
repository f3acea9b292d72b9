#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packages.sh [SUITE...]: the packages, on machines that were installed just now: they
# build, install, have their modules made for that release's kernels, and go without a
# trace. Those kernels then boot in QEMU, and load a card with the modules of the packages.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/roots.sh"

# suite_kernels SUITE: see package/in-root.sh
suite_kernels()
{
	case $1 in
	bookworm)	echo 6.12 stock ;;
	*)		echo stock ;;
	esac
}

# packages_machine SUITE OUT KERNEL...
packages_machine()
{
	local suite=$1 out=$2 share=$CACHE/fresh work rc=0

	shift 2
	mkdir -p "$share/archives-$suite/partial" "$out" || return 1
	work=$(mktemp -d) || return 1
	at_exit "rmdir $work 2>/dev/null"
	in_namespace "$TESTS/lib/enter-root.sh" "$ROOT" "$work" "$TREE" \
		"$share/archives-$suite:/var/cache/apt/archives" "$out:/out" -- \
		tests/package/in-root.sh "$@" >"$LOGS/packages-$suite.log" 2>&1 || rc=1
	rmdir "$work"
	return $rc
}

# packages_results SUITE FILE: as ours
packages_results()
{
	local word rest

	while read -r word rest; do
		case $word in
		pass|fail)	"$word" "packages: $1: $rest" ;;
		*)		echo "#   $rest" ;;
		esac
	done <"$2"
}

# packages_guest LABEL FILES RUN [APPEND]: on that kernel, with the modules of the packages
packages_guest()
{
	local label=$1 files=$2 run=$3 append=${4:-} work console modules=() name

	while read -r name; do
		[ "$name" != pcie-card-sim ] || name+=" @memory@"
		modules+=("$name")
	done <"$files/order"
	work=$(mktemp -d)
	at_exit "rm -rf $work"
	console=$LOGS/console-$label-$run.log
	if ! initramfs_make x86_64 "$work/initrd" "$files" "${modules[@]}"; then
		fail "$label: the guest's files can be put together"
		return
	fi
	say "booting $(cat "$files/release") for $run (console: $console)"
	guest_boot "$label" x86_64 "$GUEST_SECONDS" "$console" "$files/vmlinuz" "$work/initrd" \
		"fpgacard.run=$run quiet mitigations=off nokaslr $append"
	rm -rf "$work"
}

packages_suite()
{
	local suite=$1 out kernels=() kernel

	if ! root_for "$suite"; then
		fail "packages: $suite: there is a system"
		return
	fi
	read -r -a kernels < <(suite_kernels "$suite")
	out=$(mktemp -d)
	at_exit "rm -rf $out"
	say "a machine with $suite (log: $LOGS/packages-$suite.log)"
	packages_machine "$suite" "$out" "${kernels[@]}" || true
	if [ ! -s "$out/results" ]; then
		fail "packages: $suite: the machine comes up"
		tail -n 10 "$LOGS/packages-$suite.log" | sed 's/^/#   /'
		return
	fi
	packages_results "$suite" "$out/results"
	for kernel in "${kernels[@]}"; do
		[ -s "$out/$kernel/order" ] || continue
		packages_guest "packages-$suite-$kernel" "$out/$kernel" demo
		! grep -qx sim-m10bmc "$out/$kernel/order" ||
			packages_guest "packages-$suite-$kernel-n6000" "$out/$kernel" card \
				"fpgacard.card=n6000"
	done
	rm -rf "$out"
}

[ "$(id -u)" -eq 0 ] || die "it has to be root, to mount and to install systems"
need_packages "${INITRAMFS_PACKAGES[@]}" "${QEMU_PACKAGES[@]}"
[ -z "$(git -C "$TREE" status --porcelain -uno)" ] ||
	echo "# what is not committed is not in a clone"
[ $# -gt 0 ] || set -- bookworm
for suite; do
	packages_suite "$suite"
done
finish
