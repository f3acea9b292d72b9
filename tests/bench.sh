#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh: how long loads take, ours and others', beside what cannot be had sooner, on the
# kernel as Debian ships it. QUICK=1: a part of it, with 3 runs of each instead of RUNS=9.
# ONLY=TEXT takes the files of tests/guest/bench/ whose name has that. RESULT=FILE has what
# was measured, as JSON.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/stock.sh"
. "$TESTS/lib/bench-report.sh"

RUNS=${RUNS:-${QUICK:+3}}
RUNS=${RUNS:-9}
RESULT=${RESULT:-$LOGS/bench.json}
WORK=$(mktemp -d)
at_exit 'rm -rf "$WORK"'

# In virtual time an instruction takes a nanosecond, which is the least that QEMU has, and
# not far from a processor of a server.
if [ "${TIME:-virtual}" = virtual ]; then
	export NO_KVM=1 ICOUNT_SHIFT=0
	PROCESSOR="one processor, 1 ns per instruction"
else
	PROCESSOR="two processors of this machine, in real time"
fi

# Images that come as files, in MiB; and the guest's memory, which one of them has to fit in
FILES=(1 64 512)
[ -z "${QUICK:-}" ] || FILES=(1)
MEMORY=$((768 + FILES[-1]))

# bench_pack DIR: the files, for the guest's root. Behind the first line there are zeros,
# which the guest adds: it is told the size.
bench_pack()
{
	local out=$1/lib/firmware/bench tool mib file size

	mkdir -p "$out" && tool=$(fpgacard_dir) || return 1
	for mib in "${FILES[@]}"; do
		file=$out/file-$mib.img
		echo image=lab >"$WORK/payload" && truncate -s "${mib}M" "$WORK/payload" &&
			"$tool/fpgacard" image pack --back-end sim-bmc --name lab \
			--card 1d0f:any --function 00.0,1d0f:3000,class=120000,bar0=64K \
			"$WORK/payload" "$WORK/image" || return 1
		size=$(stat -c %s "$WORK/image")
		echo "$size" >"$file.size"
		head -c $((size - (mib << 20) + 10)) "$WORK/image" >"$file" || return 1
	done
	rm -f "$WORK/payload" "$WORK/image"
}

# bench_modules DIR: the modules that measure, in tests/modules/bench/
bench_modules()
{
	mkdir -p "$1" && rsync -rclE "$TESTS/modules/bench/" "$1/" &&
		with_modules "$STOCK_DIR" run_logged "$LOGS/module-bench.log" \
			make -C "$STOCK_KDIR" M="$1" W=1e KCPPFLAGS="-I$TREE" \
			KBUILD_EXTRA_SYMBOLS="$STOCK_DIR/Module.symvers" modules
}

# bench_json LINES: what the guest has said, as one document
bench_json()
{
	tr -d '\r' <"$1" | jq -s --arg processor "$PROCESSOR" \
		--argjson quick "$([ -n "${QUICK:-}" ] && echo true || echo false)" '
	{ format: 1, kernel: (map(.kernel // empty) | first), stock: true,
	  processor: $processor, quick: $quick,
	  runs: (map(.runs // empty) | first),
	  cases: map(.case // empty), figures: map(.figure // empty),
	  missing: map(.missing // empty) }'
}

need_packages jq "${BENCH_REPORT_PACKAGES[@]}" "${MODULES_PACKAGES[@]}" \
	"${INITRAMFS_PACKAGES[@]}" "${QEMU_PACKAGES[@]}"
with_lock stock stock_prepare || die "cannot get the stock kernel"
stock_build || die "the modules do not build"
modules=$(modules_dir "bench-$(basename "$STOCK")")
with_modules "$modules" bench_modules "$modules" || die "the modules that measure do not build"
# The kernel's own digests of files, which udev would load the code for
if ! digest=$(with_lock stock stock_module sha256-ssse3) ||
   ! stock_initrd "$WORK" "$digest" "${OUR_MODULES[@]}" \
		"$modules"/bench-{bare,copy,fpgahp,locks} ||
   ! bench_pack "$WORK/guest" || ! guest_add_files "$WORK/guest" . "$WORK/initrd"; then
	die "the guest's files cannot be put together"
fi

console=$LOGS/console-bench.log
say "booting $STOCK_ABI (console: $console)"
guest_boot bench x86_64 "${SECONDS_MAX:-$GUEST_SECONDS}" "$console" "$STOCK_IMAGE" \
	"$WORK/initrd" "fpgacard.run=bench quiet mitigations=off nokaslr \
fpgacard.runs=$RUNS ${QUICK:+fpgacard.quick} ${ONLY:+fpgacard.only=$ONLY}" \
	-m "$MEMORY" -chardev "file,id=bench,path=$WORK/lines" -serial chardev:bench

# bench_document: RESULT has what was measured
bench_document()
{
	bench_json "$WORK/lines" >"$RESULT.part" && mv "$RESULT.part" "$RESULT"
}

try "what was measured is in $RESULT" bench_document
bench_report "$RESULT"
finish
