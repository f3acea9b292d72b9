# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/e2e/, or those whose file's name contains what
# fpgacard.only= says.

. /tests/lib.sh

only=$(sed -n 's/.*fpgacard\.only=\([^ ]*\).*/\1/p' /proc/cmdline)

# The log is looked at after each case; on the console it would only cost time.
dmesg -n 4

dmesg >/tmp/log-boot

boot_log()
{
	grep -E "$LOG_BAD" /tmp/log-boot || return 0
	return 1
}

run_case "the log is clean after the modules went in" boot_log
leaks_forget
for file in /tests/e2e/[0-9]*.sh; do
	case ${file##*/} in
	*"$only"*) . "$file" ;;
	esac
done
run_case "no memory leaked" leaks_expect_none

# rmmod in reverse order: what is still held shows here
modules_go()
{
	awk '{ sub(/\.ko$/, "", $1); print $1 }' /lib/modules-test/order |
		sed '1!G;h;$!d' | while read -r module; do
		rmmod "$module"
	done
}
run_case "the modules can be removed" modules_go
