# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# On a machine that was installed (see root.sh), with that machine's own programs: its udev,
# then the cases of /tests/machine/. fpgacard.columns=A,B says which: a file's name is its
# number and that. It is the first process, or the one that another starts last.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/tests/bin
HOME=/root
export PATH HOME

power_off()
{
	exec 3>&-
	/tests/bin/busybox poweroff -f
	/tests/bin/busybox sleep 60
}

if [ $$ -eq 1 ]; then
	mount -t tmpfs -o mode=755,nosuid run /run
	mount -t tmpfs -o mode=1777 tmp /tmp
fi
. /tests/ttys
export CONSOLE_TTY VERDICT_TTY
exec 3>"$VERDICT_TTY"
. /tests/lib/report.sh
. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/cards.sh
. /tests/lib/devlink.sh
. /tests/lib/tools.sh
. /tests/lib/machine.sh

COLUMNS=$(sed -n 's/.*fpgacard\.columns=\([^ ]*\).*/\1/p' /proc/cmdline)

# column FILE: the name of what it is about
column()
{
	column_file=${1##*/[0-9][0-9]-}
	echo "${column_file%.sh}"
}

dmesg -n 4
log_mark machine
# The first case is about what there is then.
# shellcheck disable=SC2317
case_reset()
{
	:
}
run_case "packages: the machine comes up" machine_up
case_reset()
{
	sim_reset
}
for machine_file in /tests/machine/[0-9]*.sh; do
	case ,$COLUMNS, in
	*,"$(column "$machine_file")",*)	. "$machine_file" ;;
	esac
done
report_end
power_off
