# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The parts of make check and of make check-full; see pool.sh.

# The kernels come first, alone: most parts need one, and each is built with all
# processors.
parts_kernels()
{
	pool_add "build $*" "$TESTS/build.sh" "$@"
	pool_run
}

# The same cases as parts_long() has by coverage, and parts_real() in real time. What takes
# longest comes first.
parts_main()
{
	local v card

	for v in "$KERNEL_MAIN" "$KERNEL_OLD"; do
		pool_add "kunit $v" "$TESTS/kunit.sh" "$v"
		pool_add "e2e $v" "$TESTS/e2e.sh" "$v"
	done
	for card in n6000 n3000 d5005; do
		pool_add "card $card" env CARD=$card "$TESTS/e2e.sh" "$KERNEL_MAIN"
	done
}

# What every change has to pass, with parts_main() and parts_quick()
parts_check()
{
	pool_add "overlay $KERNEL_MAIN" env FUZZ="${FUZZ:-300}" CUT="${CUT:-50}" \
		"$TESTS/e2e-overlay.sh" "$KERNEL_MAIN"
	pool_add "style" "$TESTS/style.sh"
	pool_add "harness" "$TESTS/harness-test.sh"
	pool_add "pack" "$TESTS/pack-test.sh"
	pool_add "dtbs" "$TESTS/dtbs.sh"
	pool_add "docs" "$TESTS/docs.sh"
}

# The quick forms of what make check-full has whole
parts_quick()
{
	pool_add "fresh" env QUICK=1 "$TESTS/fresh.sh"
	pool_add "torture quick" env QUICK=1 "$TESTS/torture.sh"
	pool_add "bench quick" env QUICK=1 "$TESTS/bench.sh"
	pool_add "tools" env GUEST=0 "$TESTS/tools-test.sh"
}

# What takes longest, which comes first. That on the newest kernel is not far behind: its list
# of cases is what graft-kunit looks into. It has KASAN and lockdep; with kmemleak as well, as
# the overlays have it there, it takes three times as long as another.
parts_long()
{
	local next=(env GUEST_APPEND=kmemleak=off)

	pool_add "mutants" "$TESTS/mutants.sh"
	pool_add "coverage" "$TESTS/coverage.sh"
	pool_add "kunit $KERNEL_NEXT" "${next[@]}" "$TESTS/kunit.sh" "$KERNEL_NEXT"
	pool_add "e2e $KERNEL_NEXT" "${next[@]}" "$TESTS/e2e.sh" "$KERNEL_NEXT"
	pool_add "fuzz-overlay $KERNEL_KASAN" "$TESTS/fuzz-overlay.sh" "$KERNEL_KASAN"
	pool_add "torture" "$TESTS/torture.sh"
	pool_add "bench" "$TESTS/bench.sh"
	pool_add "kunit $KERNEL_KASAN" "$TESTS/kunit.sh" "$KERNEL_KASAN"
	pool_add "e2e $KERNEL_KASAN" "$TESTS/e2e.sh" "$KERNEL_KASAN"
}

# On systems that are installed for it
parts_systems()
{
	local suite

	pool_add "matrix" "$TESTS/matrix.sh"
	for suite in bookworm trixie; do
		pool_add "fresh $suite" "$TESTS/fresh.sh" "$suite"
		pool_add "packages $suite" "$TESTS/packages.sh" "$suite"
	done
}

# The rest of other kernels and architectures, of the kernel's other checkers, and of what
# an image or a host may have
parts_more()
{
	local v card

	for v in "$KERNEL_NEXT" "$KERNEL_ARM"; do
		pool_add "overlay $v" env FUZZ=800 CUT=200 "$TESTS/e2e-overlay.sh" "$v"
	done
	pool_add "kunit $KERNEL_QEMU" "$TESTS/kunit.sh" "$KERNEL_QEMU"
	pool_add "upstream" "$TESTS/upstream.sh"
	pool_add "soak $KERNEL_MAIN" env ONLY=90-soak SOAK=2000 "$TESTS/e2e.sh" "$KERNEL_MAIN"
	for card in n6000 n3000 d5005; do
		pool_add "card $card $KERNEL_KASAN" env CARD=$card "$TESTS/e2e.sh" "$KERNEL_KASAN"
	done
	pool_add "devlink" "$TESTS/devlink.sh"
	pool_add "lockdown" "$TESTS/lockdown.sh"
	pool_add "tools $KERNEL_MAIN" "$TESTS/tools-test.sh" "$KERNEL_MAIN"
	pool_add "fleet" "$TESTS/fleet-test.sh"
	pool_add "overlay-notifier" "$TESTS/overlay-notifier.sh"
	pool_add "rsu-hang" "$TESTS/rsu-hang.sh"
}

# In real time, with two processors that really run at once: one guest at a time.
parts_real()
{
	local v

	for v in "$@"; do
		pool_add_real "kunit $v in real time" env TIME=real "$TESTS/kunit.sh" "$v"
		pool_add_real "e2e $v in real time" env TIME=real "$TESTS/e2e.sh" "$v"
	done
}
