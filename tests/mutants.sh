#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mutants.sh: shows that cases can fail. Each patch in tests/mutants/ breaks the code
# that a case is about, in a copy of the tree; then that case has to fail, and nothing
# else is asked. ONLY=TEXT takes those whose name has that. A patch begins with lines
# that say
#
#   Run: kunit, e2e or devlink
#   Only: what ONLY= is for it
#   Fails: a regular expression for the end of the line "not ok", without what begins
#     each line of such a run

. "$(dirname "$0")/lib/all.sh"

COPY=$CACHE/mutants/$TREE_ID

# One case's line is looked for. Without the kernel's own checkers a guest with few cases
# needs a sixth less of processor time.
UNCHECKED="kmemleak=off no_debug_objects lockdep.prove_locking=0"

# mutant_field PATCH NAME
mutant_field()
{
	sed -n "s/^$2: //p; /^---/q" "$1"
}

# The copy is made anew, but for what has not changed, so that make builds no more
# than it must.
mutant_copy()
{
	local list=$LOGS/mutants-files

	mkdir -p "$COPY" "$LOGS"
	tree_files >"$list"
	rsync -rclE --files-from="$list" "$TREE/" "$COPY/"
	(cd "$COPY" && find . -type f -printf '%P\n' | sort |
		comm -23 - "$list" | xargs -r -d '\n' rm -f)
}

# mutant_fails PATCH LOG: the case fails, in a tree that could be built
mutant_fails()
{
	local patch=$1 log=$2 run only fails

	run=$(mutant_field "$patch" Run)
	only=$(mutant_field "$patch" Only)
	fails=$(mutant_field "$patch" Fails)
	case $run in
	kunit|e2e|devlink) ;;
	*)	say "${patch##*/} does not say what to run"; return 1 ;;
	esac
	[ -n "$only" ] && [ -n "$fails" ] || return 1
	mutant_copy
	if ! (cd "$COPY" && GIT_CEILING_DIRECTORIES=$CACHE git apply "$patch"); then
		say "${patch##*/} does not fit the tree any more"
		return 1
	fi
	FPGA_CARD_TOTALS='' GUEST_APPEND=$UNCHECKED ONLY=$only \
		"$COPY/tests/$run.sh" "$KERNEL_MAIN" >"$log" 2>&1 || :
	if ! grep -q "^ok .*$run: modules build" "$log"; then
		say "the mutant cannot be built (log: $log)"
		return 1
	fi
	grep -Eq "^not ok [0-9]+ - $KERNEL_MAIN ($run|power-off): $fails" "$log" && return
	say "no case noticed (log: $log)"
	return 1
}

for patch in "$TESTS"/mutants/*"${ONLY:-}"*.patch; do
	[ -f "$patch" ] || die "no mutant's name has \"$ONLY\""
	name=$(basename "$patch" .patch)
	try "mutant $name: $(mutant_field "$patch" Fails)" \
		mutant_fails "$patch" "$LOGS/mutant-$name.log"
done
finish
