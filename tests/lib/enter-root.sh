#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# enter-root.sh ROOT WORK TREE [SOURCE:TARGET[:keep]]... -- COMMAND...: COMMAND on a
# machine whose system is ROOT and which has a clone of TREE, in which it is. ROOT stays
# as it is, and so does a SOURCE that it is to keep: what is written is in memory, at
# WORK, an empty directory. To be run in a mount and a PID namespace of its own, which
# take all of this with them.

set -euo pipefail

root=$1 work=$2 tree=$3
shift 3

mount -t tmpfs -o mode=755,size=80% tmpfs "$work"
mkdir "$work"/{upper,work,root}
to=$work/root
# Where the machine itself is in a container there may be no overlayfs.
mount -t overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" \
	overlay "$to" 2>/dev/null || cp -a "$root/." "$to/"

mount -t proc proc "$to/proc"
mount -t sysfs -o ro sysfs "$to/sys" 2>/dev/null || mount --rbind /sys "$to/sys"
mount -t tmpfs -o mode=755 tmpfs "$to/dev"
for node in null zero full random urandom tty kvm; do
	[ -c "/dev/$node" ] || continue
	: >"$to/dev/$node"
	mount --bind "/dev/$node" "$to/dev/$node"
done
mkdir "$to/dev/pts"
mkdir -m 1777 "$to/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$to/dev/pts"
ln -s pts/ptmx "$to/dev/ptmx"
ln -s /proc/self/fd "$to/dev/fd"
for fd in 0=stdin 1=stdout 2=stderr; do
	ln -s "/proc/self/fd/${fd%=*}" "$to/dev/${fd#*=}"
done
for file in resolv.conf hosts; do
	[ ! -e "/etc/$file" ] || cp -L --remove-destination "/etc/$file" "$to/etc/$file"
done

git clone -q "$tree" "$to/root/fpga-card"
while [ "$1" != -- ]; do
	IFS=: read -r from at how <<<"$1"
	shift
	mkdir -p "$to${at%/*}"
	if [ -f "$from" ]; then
		: >"$to$at"
	else
		mkdir -p "$to$at"
	fi
	if [ "$how" = keep ]; then
		mkdir "$work"/{kept-upper,kept-work}
		mount -t overlay -o "lowerdir=$from,upperdir=$work/kept-upper,workdir=$work/kept-work" \
			overlay "$to$at"
	else
		mount --bind "$from" "$to$at"
	fi
done
shift

chroot "$to" env -i HOME=/root LANG=C TERM=dumb \
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	bash -c 'cd /root/fpga-card && "$@"' bash "$@"
