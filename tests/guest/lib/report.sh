# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What the host counts: one line per case on the verdict channel (fd 3), and
# the verdict as the very last.

REPORT_PASSED=0
REPORT_FAILED=0
REPORT_LINES=0

report_pass()
{
	REPORT_PASSED=$((REPORT_PASSED + 1))
	REPORT_LINES=$((REPORT_LINES + 1))
	echo "ok $REPORT_LINES - $*" >&3
}

report_fail()
{
	REPORT_FAILED=$((REPORT_FAILED + 1))
	REPORT_LINES=$((REPORT_LINES + 1))
	echo "not ok $REPORT_LINES - $*" >&3
}

# report_skip NAME REASON
report_skip()
{
	REPORT_LINES=$((REPORT_LINES + 1))
	echo "ok $REPORT_LINES - $1 # SKIP $2" >&3
}

# stdin as diagnostics
report_note()
{
	sed 's/^/#   /' >&3
}

report_end()
{
	echo "verdict: $REPORT_PASSED passed, $REPORT_FAILED failed" >&3
}
