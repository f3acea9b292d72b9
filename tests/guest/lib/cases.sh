# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A run of cases, with what is to be seen before the first and after the last.

boot_log()
{
	grep -E "$LOG_BAD" /tmp/log-boot || return 0
	return 1
}

# rmmod in reverse order: what is still held shows here
modules_go()
{
	awk '{ sub(/\.ko$/, "", $1); print $1 }' /lib/modules-test/order |
		sed '1!G;h;$!d' | while read -r module; do
		[ "$module" != configfs ] || umount /sys/kernel/config
		rmmod "$module"
	done
}

# cases_for FILE: is this run for these cases? Some runs take but some.
cases_for()
{
	[ -f "$1" ]
}

# run_cases DIRECTORY: those whose file's name contains what fpgacard.only= says
run_cases()
{
	cases_only=$(sed -n 's/.*fpgacard\.only=\([^ ]*\).*/\1/p' /proc/cmdline)
	# The log is looked at after each case; on the console it would only
	# cost time.
	dmesg -n 4
	dmesg >/tmp/log-boot
	run_case "the log is clean after the modules went in" boot_log
	leaks_forget
	for cases_file in "$1"/[0-9]*.sh; do
		case ${cases_file##*/} in
		*"$cases_only"*) ! cases_for "$cases_file" || . "$cases_file" ;;
		esac
	done
	run_case "no memory leaked" leaks_expect_none
	run_case "the modules can be removed" modules_go
}
