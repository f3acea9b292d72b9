# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Inserts the suites and passes their results on as they come, one line per case
# and one per parameter of a parametrised case, and then the list of the suites.
# They are read from the kernel's log: what debugfs has of them is cut off at 512
# bytes per case in 6.1.

. /tests/lib/log.sh

kunit_report()
{
	local state rest

	while read -r state rest; do
		case $state in
		pass) report_pass "$rest" ;;
		fail) report_fail "$rest" ;;
		skip) report_skip "${rest%% # SKIP *}" "${rest#* # SKIP }" ;;
		note) echo "$rest" | report_note ;;
		suite) echo "suite $rest" >>/tmp/suites ;;
		total) echo "$rest" | tee /tmp/total >>/tmp/suites ;;
		esac
	done
}

# kunit_insert KO: with the parameters that fpgacard.params= has for our own suites
kunit_insert()
{
	params=
	case $1 in
	*/fpga_card_kunit.ko)
		params=$(sed -n 's/.*fpgacard\.params=\([^ ]*\).*/\1/p' /proc/cmdline |
			tr , ' ')
		;;
	esac
	echo "$suites_from" >/dev/kmsg
	# shellcheck disable=SC2086
	insmod "$1" $params 2>/tmp/insmod
	echo $? >/tmp/insmod-rc
	echo "$suites_to" >/dev/kmsg
}

# On the console the log would only cost time: it is there in the end if
# something failed, or all along with VERBOSE=1.
case $(cat /proc/cmdline) in
*fpgacard.verbose*) ;;
*) dmesg -n 4 ;;
esac
log_mark kunit
# There are cases in which BARs do not fit.
allow_log 'BAR [0-9].*: can.t assign; no space'

mkfifo /tmp/results
: >/tmp/suites
for ko in /lib/modules-test/*_kunit.ko; do
	[ -f "$ko" ] || continue
	name=$(basename "$ko" .ko)
	suites_from="fpgacard: suites of $name from here"
	suites_to="fpgacard: suites of $name to here"
	rm -f /tmp/total
	kunit_insert "$ko" &
	kmsg-between "$suites_from" "$suites_to" |
		awk -v to="$suites_to" -f /tests/lib/ktap.awk >/tmp/results &
	kunit_report </tmp/results
	wait
	[ -f /tmp/total ] || report_fail "the results of $name broke off"
	if [ "$(cat /tmp/insmod-rc)" != 0 ]; then
		report_fail "insmod $name"
		report_note </tmp/insmod
		continue
	fi
	if rmmod "$name"; then
		report_pass "rmmod $name"
	else
		report_fail "rmmod $name"
	fi
done

dmesg | sed -n 's/.*\(torture: .*\)/# \1/p' >&3
if grep -q '^suite ' /tmp/suites; then
	sed 's/^/# /' /tmp/suites >&3
else
	report_fail "no suite ran"
fi

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

# without_big_bars: what the PCI core says of BARs that do not fit, in a case that
# has them
without_big_bars()
{
	sed '/# Subtest: .*do_not_fit/,/ok [0-9]* .*do_not_fit/{/BAR [0-9]/d}'
}

# The suites in which cards are really pulled come last.
UNPLUG='# Subtest: fpga_card_\(unplug\|announce$\|torture\)'
log_since_mark | without_big_bars >/tmp/kunit-log
sed "/$UNPLUG/,\$d" /tmp/kunit-log >/tmp/kunit-log-1
sed -n "/$UNPLUG/,\$p" /tmp/kunit-log >/tmp/kunit-log-2
report_log /tmp/kunit-log-1 "the kernel's log is clean"
allow_unplug
report_log /tmp/kunit-log-2 "the kernel's log is clean but for cards that were pulled"

[ "$REPORT_FAILED" -eq 0 ] || dmesg >"$CONSOLE_TTY"
