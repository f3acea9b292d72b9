# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The KUnit suites' cases, as two kinds of run have them: as modules in a guest of
# ours, and built in, by kunit.py.

# suites_list V: where the names of the cases are that the modules' last whole run
# with these sources had
suites_list()
{
	local hash

	hash=$(module_files | grep '^kunit/' | (cd "$TREE" && xargs -d '\n' cat) |
		sha256sum | cut -c1-10)
	echo "$CACHE/kunit/$(kernel_key "$1")-$hash"
}

# suites_names: of lines "pass NAME", "fail NAME" and "skip NAME # SKIP REASON"
suites_names()
{
	sed -n -E '/^(pass|fail|skip) [^ ]+: /{s/ *# SKIP.*//; s/^[a-z]* //; p}' | sort -u
}

# suites_keep V VERDICT: keeps that list of a guest's results, if it came to its end.
suites_keep()
{
	local list

	grep -q '^verdict: ' "$2" || return 0
	list=$(suites_list "$1") || return 1
	mkdir -p "${list%/*}"
	tr -d '\r' <"$2" | sed -n -E 's/^ok [0-9]+ - /pass /p; s/^not ok [0-9]+ - /fail /p' |
		suites_names | grep -v '^kunit: ' >"$list.$$" && mv "$list.$$" "$list"
	find "${list%/*}" -type f -printf '%T@ %p\n' | sort -rn |
		sed -n '20,$s/^[^ ]* //p' | xargs -r rm -f
}

# suites_log_is_clean CONSOLE: of a run by kunit.py, as tests/guest/kunit.sh has it.
# There are cases with BARs that do not fit, and in the last suite cards are pulled.
suites_log_is_clean()
(
	# shellcheck source=/dev/null
	. "$TESTS/guest/lib/log.sh"
	! tr -d '\r' <"$1" |
		sed -E -e '/# Subtest: .*do_not_fit/,/ok [0-9]+ .*do_not_fit/{/BAR [0-9]/d}' \
			-e '/# Subtest: fpga_card_unplug$/,${/Link Down|Card not present/d}' \
			-e "/BAR [0-9].*: can.t assign; no space/d" |
		grep -E "$LOG_BAD" | head -n 20 | sed 's/^/# /' | grep .
)

# The log of all suites has to reach back to the first, and the stacks that KASAN
# remembers have to have room: twice as many as kernels from 7.x on have by themselves.
# shellcheck disable=SC2034
SUITES_CMDLINE="log_buf_len=16M stack_depot_max_pools=16384"

# suites_guest V: what a guest with the suites has beside our modules. The suite of the
# overlay loader has to find that, which not each kernel can have.
suites_guest()
{
	local dir

	dir=$(modules_dir "$(kernel_key "$1")")
	# shellcheck disable=SC2034
	GUEST_LAST=()
	# shellcheck disable=SC2034
	[ ! -f "$dir/dt-overlays/of-overlay-configfs.ko" ] ||
		GUEST_LAST=(dt-overlays/of-overlay-configfs)
}
