# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Inserts the suites and passes their results on, one line per case and one
# per parameter of a parametrised case.

. /tests/lib/log.sh

# A result whose cases have been reported is none of its own, unless it failed
# and they did not.
kunit_leaves()
{
	awk '
	match($0, /^ *(not )?ok [0-9]+/) {
		depth = match($0, /[^ ]/) - 1
		state = $1 == "not" ? "fail" : "pass"
		name = $0
		sub(/^ *(not )?ok [0-9]+ (- )?/, "", name)
		if (name ~ /# SKIP/)
			state = "skip"
		children = failed = 0
		while (top > 0 && at[top] > depth) {
			children++
			failed += bad[top]
			top--
		}
		top++
		at[top] = depth
		bad[top] = state == "fail" || failed
		if (!children || (state == "fail" && !failed)) {
			sub(/ *# SKIP.*/, "", name)
			title = path(depth) name
			print state, title
			if (state == "fail")
				printf "%s", notes
		}
		notes = ""
		next
	}
	/# Subtest: / {
		depth = match($0, /[^ ]/) - 1
		sub(/.*# Subtest: /, "")
		for (d in sub_name)
			if (d + 0 >= depth)
				delete sub_name[d]
		sub_name[depth] = $0
		next
	}
	/KTAP version/ || /^ *1\.\.[0-9]+$/ || /# module: / { next }
	{ notes = notes "note " $0 "\n" }
	function path(depth,   d, s) {
		s = ""
		for (d = 0; d <= depth; d++)
			if (d in sub_name)
				s = s sub_name[d] ": "
		return s
	}' "$1"
}

kunit_report()
{
	local state rest

	while read -r state rest; do
		case $state in
		pass) report_pass "$rest" ;;
		fail) report_fail "$rest" ;;
		skip) report_skip "$rest" ;;
		note) echo "$rest" | report_note ;;
		esac
	done
}

kunit_suites()
{
	for d in /sys/kernel/debug/kunit/*/results; do
		[ -f "$d" ] && echo "$d"
	done
	return 0
}

log_mark kunit

: >/tmp/suites-new
for ko in /lib/modules-test/*_kunit.ko; do
	[ -f "$ko" ] || continue
	name=$(basename "$ko" .ko)
	kunit_suites >/tmp/suites-before
	if ! insmod "$ko" 2>/tmp/insmod; then
		report_fail "insmod $name"
		report_note </tmp/insmod
		continue
	fi
	kunit_suites | sort - /tmp/suites-before | uniq -u >/tmp/suites-new
	[ -s /tmp/suites-new ] || report_fail "$name has no suite"
	while read -r results; do
		kunit_leaves "$results" >/tmp/leaves
		[ -s /tmp/leaves ] || report_fail "$results has no result"
		kunit_report </tmp/leaves
	done </tmp/suites-new
	if rmmod "$name"; then
		report_pass "rmmod $name"
	else
		report_fail "rmmod $name"
	fi
done

[ -s /tmp/suites-new ] || report_fail "no suite ran"

# report_log FILE NAME
report_log()
{
	log_check "$1" >/tmp/log-bad
	if [ -s /tmp/log-bad ]; then
		report_fail "kunit: $2"
		head -n 40 /tmp/log-bad | report_note
	else
		report_pass "kunit: $2"
	fi
}

# The suite in which cards are really pulled comes last.
UNPLUG='# Subtest: fpga_card_unplug'
log_since_mark >/tmp/kunit-log
sed "/$UNPLUG/,\$d" /tmp/kunit-log >/tmp/kunit-log-1
sed -n "/$UNPLUG/,\$p" /tmp/kunit-log >/tmp/kunit-log-2
report_log /tmp/kunit-log-1 "the kernel's log is clean"
allow_unplug
report_log /tmp/kunit-log-2 "the kernel's log is clean but for cards that were pulled"
