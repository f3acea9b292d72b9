# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Goes over to another system: to a machine that was installed, whose kernel this is, on
# /dev/pmem0, or to what is in /system. /tests there has what is here, with the programs
# that are not of that system, and the image files. fpgacard.init= says what is its first
# process: by default it is /tests/machine.sh, which starts no more than has to be there.
# systemd starts that last, by the units in /tests/machine/systemd; any other has to start it.

ROOT=/newroot
[ ! -d /system ] || ROOT=/system

# root_there: the disk comes when its driver has looked at it.
root_there()
{
	root_past=0
	while [ ! -b /dev/pmem0 ]; do
		[ $root_past -lt 50 ] || return 1
		root_past=$((root_past + 1))
		usleep 100000
	done
}

root_mount()
{
	[ $ROOT = /system ] ||
		{ mkdir -p $ROOT && root_there && mount -t ext4 -o noatime /dev/pmem0 $ROOT; }
}

# Applets that the scripts of the harness call and not every system has
root_programs()
{
	mkdir -p $ROOT/tests && mount -t tmpfs -o mode=755 tests $ROOT/tests &&
		cp -r /tests/. $ROOT/tests/ && cp -r /lib/firmware $ROOT/tests/firmware &&
		mkdir $ROOT/tests/bin && find /bin -type f -exec cp -t $ROOT/tests/bin {} + ||
		return 1
	echo "CONSOLE_TTY=$CONSOLE_TTY VERDICT_TTY=$VERDICT_TTY" >$ROOT/tests/ttys
	for root_name in usleep awk; do
		ln -s busybox $ROOT/tests/bin/$root_name || return 1
	done
}

# root_units: for systemd, which keeps a /run that is there. In the system itself nothing is
# changed.
root_units()
{
	mkdir -p $ROOT/run && mount -t tmpfs -o mode=755,nosuid run $ROOT/run &&
		mkdir -p $ROOT/run/systemd/system/multi-user.target.wants || return 1
	for root_unit in /tests/machine/systemd/*.service; do
		cp "$root_unit" $ROOT/run/systemd/system/ &&
			ln -s "../${root_unit##*/}" \
				$ROOT/run/systemd/system/multi-user.target.wants/ || return 1
	done
}

# What the first process's own memory is cannot be left.
root_go()
{
	for root_dir in proc sys dev; do
		mount --move /$root_dir $ROOT/$root_dir
	done
	umount /tmp
	if [ $ROOT = /system ]; then
		# shellcheck disable=SC2086,SC2093
		exec chroot $ROOT ${root_init:-/bin/sh /tests/machine.sh}
	fi
	# shellcheck disable=SC2086,SC2093
	exec switch_root $ROOT ${root_init:-/bin/sh /tests/machine.sh}
}

root_init=$(sed -n 's/.*fpgacard\.init=\([^ ]*\).*/\1/p' /proc/cmdline)
if root_mount && root_programs && { [ -z "$root_init" ] || root_units; }; then
	root_go
fi
report_fail "the root file system"
dmesg | tail -n 20 | report_note
