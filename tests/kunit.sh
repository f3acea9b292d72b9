#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kunit.sh [V...]: the KUnit suites, as modules. ONLY=GLOB takes those suites (not
# on 6.1, whose KUnit has no filter for modules).

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"
. "$TESTS/lib/suites.sh"

# What suites.h declares and main.c forgets would never run.
every_suite_is_listed()
{
	local suite bad=0

	while read -r suite; do
		grep -q "&${suite}[,)]" "$TREE/kunit/main.c" && continue
		echo "# kunit/main.c does not list $suite"
		bad=1
	done < <(sed -n 's/^extern struct kunit_suite \([a-z0-9_]*\);/\1/p' \
		"$TREE/kunit/suites.h")
	return $bad
}

[ $# -gt 0 ] || set -- "$KERNEL_MAIN" "$KERNEL_OLD"
try "kunit: every suite is in the list" every_suite_is_listed
verdict=$(mktemp)
# shellcheck disable=SC2016
at_exit 'rm -f "$verdict"'
for v in "$@"; do
	if modules_for "$v"; then
		pass "$v kunit: modules build"
		suites_guest "$v"
		# shellcheck disable=SC2034
		GUEST_VERDICT=$verdict
		: >"$verdict"
		guest_run "$v" kunit "${SECONDS_MAX:-$GUEST_SECONDS}" \
			"$SUITES_CMDLINE ${ONLY:+kunit.filter_glob=$ONLY} ${VERBOSE:+fpgacard.verbose}"
		[ -n "${ONLY:-}" ] || suites_keep "$v" "$verdict"
	else
		fail "$v kunit: modules build"
	fi
done
finish
