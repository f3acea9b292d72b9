# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One run of a guest on a kernel of ours, and what came of it.

# What a run has beside our modules: others, before and behind them, and a
# directory with files for the guest's root. And where to put what it said.
GUEST_FIRST=() GUEST_LAST=() GUEST_FILES='' GUEST_VERDICT=''

# guest_add_files DIR NAME INITRD: of what is in DIR, that called NAME
guest_add_files()
{
	(cd "$1" && find "$2" | cpio -o -H newc --quiet -R 0:0) >>"$3"
}

# guest_initrd V RUN DIR WORK: WORK/initrd, with the modules in DIR
guest_initrd()
{
	local v=$1 run=$2 dir=$3 work=$4 modules=() suites=() some m

	mapfile -t some < <(modules_of_kernel "$dir")
	modules=("${GUEST_FIRST[@]}" "${OUR_MODULES[@]}" "${some[@]}" "${GUEST_LAST[@]}")
	if [ "$run" = kunit ]; then
		mapfile -t suites < <(kunit_modules "$dir")
		[ ${#suites[@]} -gt 0 ] || { say "there is no suite in $dir"; return 1; }
	fi
	initramfs_make "$(kernel_arch "$v")" "$work/initrd" "$dir" "${modules[@]}" || return 1
	if [ ${#suites[@]} -gt 0 ]; then
		mkdir -p "$work/lib/modules-test" || return 1
		for m in "${suites[@]}"; do
			cp "$dir/$m.ko" "$work/lib/modules-test/" || return 1
		done
		guest_add_files "$work" lib "$work/initrd" || return 1
	fi
	[ -z "$GUEST_FILES" ] || guest_add_files "$GUEST_FILES" . "$work/initrd"
}

# guest_run V RUN SECONDS [CMDLINE [QEMU ARGUMENTS]]
guest_run()
{
	local v=$1 run=$2 seconds=$3 append=${4:-} work console dir

	shift $(($# < 4 ? $# : 4))
	dir=$(modules_dir "$(kernel_key "$v")")
	work=$(mktemp -d)
	at_exit "rm -rf $work"
	mkdir -p "$LOGS"
	console=$LOGS/console-$v-$run-$$.log
	if ! with_modules "$dir" guest_initrd "$v" "$run" "$dir" "$work"; then
		fail "$v $run: the guest's files can be put together"
		return
	fi
	say "booting $v for $run (console: $console)"
	guest_boot "$v $run" "$(kernel_arch "$v")" "$seconds" "$console" "$(kernel_image "$v")" \
		"$work/initrd" "fpgacard.run=$run $append" "$@"
	[ -z "$GUEST_VERDICT" ] || mv "$work/initrd.verdict" "$GUEST_VERDICT"
	rm -rf "$work"
	# Enough consoles to look back at.
	find "$LOGS" -name 'console-*' -printf '%T@ %p\n' | sort -rn |
		sed -n '40,$s/^[^ ]* //p' | xargs -r rm -f
}
