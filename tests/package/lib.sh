# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a machine that was installed just now does with the packages: for in-root.sh and
# matrix-root.sh. Results go to /out/results, and the packages are in /out/debs.

export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# apt ARGUMENT...: again as long as a machine that shares its downloads has their lock
apt()
{
	local errors end=$((SECONDS + 900)) rc

	errors=$(mktemp)
	while :; do
		rc=0
		apt-get -qq -y -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 \
			--no-install-recommends "$@" 2>"$errors" || rc=$?
		if [ $rc -eq 0 ] || [ $SECONDS -ge $end ] ||
		   ! grep -q 'Could not get lock' "$errors"; then
			break
		fi
		sleep 2
	done
	cat "$errors" >&2
	rm -f "$errors"
	return $rc
}

# step NAME COMMAND...
step()
{
	local name=$1 log=/out/step.log

	shift
	echo "== $name: $*"
	if "$@" >"$log" 2>&1; then
		echo "pass $name" >>/out/results
	else
		echo "fail $name" >>/out/results
		tail -n 15 "$log" | sed 's/^/note /' >>/out/results
	fi
	cat "$log"
}

dash()
{
	[ "$1" = stock ] || echo "$1-"
}

# APT_TARGET: the suite that the kernel comes from, if not from the release's own. KARCH: its
# architecture, if that is not the machine's.
APT_TARGET=${APT_TARGET:-}
KARCH=${KARCH:-}

# kernel_package WORD KERNEL: the name of linux-WORD for it
kernel_package()
{
	echo "linux-$1-$(dash "$2")${KARCH:-amd64}${KARCH:+:$KARCH}"
}

# release KERNEL: what uname -r says there
release()
{
	apt-cache ${APT_TARGET:+-o "APT::Default-Release=$APT_TARGET"} \
		depends "$(kernel_package headers "$1")" |
		sed -n 's/^ *Depends: linux-headers-\([0-9][^:]*\).*$/\1/p' | head -n 1
}

source_of()
{
	release "$1" | sed -E 's/^([0-9]+\.[0-9]+).*/linux-source-\1/'
}

packages_build()
{
	local options=()

	[ -n "$HAVE_TOOLS" ] || options=(-P pkg.fpgacard.notools)
	mkdir -p /tmp/deb /out/debs && cp -r packaging/debian /tmp/deb/ &&
		apt build-dep "${options[@]}" /tmp/deb && make deb OUT=/out/debs
}

# DKMS makes itself a key for its signatures, and keeps it; systemd's helpers keep a note in
# /run that units have changed.
everything()
{
	find / -xdev \( -path /tmp -o -path /tests -o -path /out -o -path /root \
		-o -path /run/mount -o -path /run/systemd/systemd-units-load \
		-o -path '/var/lib/dkms/mok.*' -o -path /lost+found -o -path /var/log \
		-o -path /var/cache -o -path '/var/lib/apt/*' \) -prune -o -print | sort
}

# update-initramfs and depmod write what is there already.
nothing_is_left()
{
	everything | diff "${BEFORE:-/out/before}" - | grep '^[<>]' && return 1
	grep -lE 'updates/|pci.reload|fpga.(card|mgr|bridge|region)|m10.bmc' \
		/lib/modules/*/modules.{dep,alias,symbols} && return 1
	return 0
}

packages_install()
{
	local name files=() rc=0

	for name in "${PACKAGES[@]}"; do
		files+=("/out/debs/${name}_"*.deb)
	done
	apt install "${files[@]}" >/out/said 2>&1 || rc=1
	cat /out/said
	[ $rc -eq 0 ] || tail -n 40 /var/lib/dkms/*/*/build/make.log
	return $rc
}

no_module_yet()
{
	! find /lib/modules -path '*/updates/*' -name '*.ko*' | grep .
}

# modules_are_there KERNEL NAME...: all of them, each of this version or the kernel's own,
# and signed
modules_are_there()
{
	local release dir name file version

	release=$(release "$1")
	dir=/lib/modules/$release/updates/dkms
	version=$(sed -n 's/^FPGA_CARD_RELEASE := //p' version.mk)
	shift
	for name; do
		file=$(find "$dir" -name "$name.ko*")
		[ -n "$file" ] || { echo "no $name for $release"; return 1; }
		[ -n "$(modinfo -F signer "$file")" ] || { echo "$name is not signed"; return 1; }
		case $name in
		pci-reload|fpga-card*|pcie-card-sim|sim-*)
			[ "$(modinfo -F version "$file")" = "$version" ] ||
				{ echo "$name has no version $version"; return 1; }
			;;
		esac
	done
}

modules_absent()
{
	local name dir

	dir=/lib/modules/$(release "$1")/updates/dkms
	shift
	for name; do
		[ -z "$(find "$dir" -name "$name.ko*")" ] || return 1
	done
}
