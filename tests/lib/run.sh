# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One run of a guest on a kernel of ours, and what came of it.

# What a run has beside our modules: others, before and behind them, and a
# directory with files for the guest's root. And where to put what it said.
GUEST_FIRST=() GUEST_LAST=() GUEST_FILES='' GUEST_VERDICT=''

# guest_run V RUN SECONDS [CMDLINE [QEMU ARGUMENTS]]
guest_run()
{
	local v=$1 run=$2 seconds=$3 append=${4:-} arch work console dir m
	local modules=() suites=() some

	shift $(($# < 4 ? $# : 4))
	arch=$(kernel_arch "$v")
	dir=$(modules_dir "$(kernel_key "$v")")
	mapfile -t some < <(modules_of_kernel "$dir")
	modules=("${GUEST_FIRST[@]}" "${OUR_MODULES[@]}" "${some[@]}" "${GUEST_LAST[@]}")
	if [ "$run" = kunit ]; then
		mapfile -t suites < <(kunit_modules "$dir")
		if [ ${#suites[@]} -eq 0 ]; then
			fail "$v $run: there is no suite"
			return
		fi
	fi
	for m in "${modules[@]}" "${suites[@]}"; do
		m=${m%% *}
		[ "${m:0:1}" = / ] || m=$dir/$m
		if [ ! -f "$m.ko" ]; then
			fail "$v $run: there is no ${m#"$dir/"}.ko"
			return
		fi
	done
	work=$(mktemp -d)
	at_exit "rm -rf $work"
	mkdir -p "$LOGS"
	console=$LOGS/console-$v-$run-$$.log
	if ! initramfs_make "$arch" "$work/initrd" "$dir" "${modules[@]}"; then
		fail "$v $run: the guest's files can be put together"
		return
	fi
	if [ ${#suites[@]} -gt 0 ]; then
		mkdir -p "$work/lib/modules-test"
		printf '%s\n' "${suites[@]}" |
			xargs -I{} cp "$dir/{}.ko" "$work/lib/modules-test/"
		(cd "$work" && find lib | cpio -o -H newc --quiet | gzip -1) \
			>>"$work/initrd"
	fi
	[ -z "$GUEST_FILES" ] || (cd "$GUEST_FILES" &&
		find . | cpio -o -H newc --quiet -R 0:0 | gzip -1) >>"$work/initrd"
	say "booting $v for $run (console: $console)"
	guest_boot "$v $run" "$arch" "$seconds" "$console" "$(kernel_image "$v")" \
		"$work/initrd" "fpgacard.run=$run $append" "$@"
	[ -z "$GUEST_VERDICT" ] || mv "$work/initrd.verdict" "$GUEST_VERDICT"
	rm -rf "$work"
	# Enough consoles to look back at.
	find "$LOGS" -name 'console-*' -printf '%T@ %p\n' | sort -rn |
		sed -n '40,$s/^[^ ]* //p' | xargs -r rm -f
}
