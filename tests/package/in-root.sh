#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# in-root.sh KERNEL...: what a package does on a machine that was installed just now, in a
# clone there. A KERNEL is as in linux-headers-KERNEL-amd64; "stock" is what has no version.
# Results go to /out/results, a guest's files to /out/KERNEL.

set -u
. tests/package/lib.sh

PACKAGES=(fpgacard-dkms fpgacard-sim-dkms fpgacard-kunit-dkms)
HAVE_TOOLS=
if [ -f tools/Makefile ]; then
	HAVE_TOOLS=1
	PACKAGES+=(fpgacard-tools)
fi

# Each release knows another version of the policy. Debian 12's wants a script for sysvinit,
# without which whoever has such cards calls "fpgacard attach --all" where it suits; Debian
# 13's takes an override of that for an error.
lintian_is_silent()
{
	! lintian --allow-root -I --pedantic \
		--suppress-tags out-of-date-standards-version,newer-standards-version \
		/out/debs/*.changes 2>&1 | grep '^[EWIP]: ' |
		grep -v ': package-supports-alternative-init-but-no-init.d-script '
}

rpms_build()
{
	local release name

	release=$(sed -n 's/^FPGA_CARD_RELEASE := //p' version.mk)
	# Debian's rpm only recommends what its debuginfo is made with.
	apt install rpm elfutils && make rpm OUT=/out/rpms || return 1
	for name in dkms sim-dkms kunit-dkms; do
		[ -s "/out/rpms/fpgacard-$name-$release-1.noarch.rpm" ] || return 1
	done
	[ -z "$HAVE_TOOLS" ] || rpm -qpl /out/rpms/fpgacard-tools-*.rpm |
		grep -qx /usr/lib/systemd/system/fpgacard-attach.service || return 1
	# The configuration of DKMS has its version, and is where DKMS looks for it.
	rpm -qpl "/out/rpms/fpgacard-dkms-$release-1.noarch.rpm" |
		grep -qx "/usr/src/fpgacard-$release/dkms.conf"
}

kernels_install()
{
	local kernel names=()

	for kernel; do
		names+=("linux-image-$(dash "$kernel")amd64" "linux-headers-$(dash "$kernel")amd64")
	done
	# Before it is looked at what there is: the tools want systemd, and bring it otherwise.
	apt install dkms systemd udev "${names[@]}"
}

# What the tree says by itself, two lines before make's own
make_says_it()
{
	local dir

	dir=/lib/modules/$(release "$1")/build
	make KDIR="$dir" >/tmp/said 2>&1 && return 1
	cat /tmp/said
	grep -q 'has no CONFIG_FPGA,' /tmp/said && grep -q 'fpgacard-dkms' /tmp/said &&
		[ "$(grep -vc '^make' /tmp/said)" = 2 ]
}

# said KERNEL TEXT: in the log of the installation
said()
{
	grep -F "$(release "$1")" /out/said | grep -qF "$2" && return
	cat /out/said
	return 1
}

sources_install()
{
	local kernel names=()

	for kernel; do
		names+=("$(source_of "$kernel")")
	done
	apt install "${names[@]}" >/out/said 2>&1
	cat /out/said
	# Its trigger has no exit status of its own.
	apt install -f && dpkg --audit
}

# guest_files KERNEL NAME...: modules in the order in which modprobe takes them
guest_files()
{
	local kernel=$1 release name file out=/out/$1

	release=$(release "$kernel")
	shift
	mkdir -p "$out"
	for name; do
		modprobe -S "$release" --show-depends "$name" || return 1
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$out/paths" || return 1
	while read -r file; do
		name=$(basename "$file")
		name=${name%.xz}
		case $file in
		*.xz)	xz -dc "$file" >"$out/$name" ;;
		*)	cp "$file" "$out/$name" ;;
		esac || return 1
		echo "${name%.ko}"
	done <"$out/paths" >"$out/order"
	echo "$release" >"$out/release"
	cp "/boot/vmlinuz-$release" "$out/vmlinuz"
}

comes_before()
{
	sed -n "/^$2\$/,\$p" "/out/$1/order" | grep -qx "$3"
}

# A machine whose linux-source is another version's than its headers.
other_version_is_refused()
{
	mkdir -p /tmp/bin
	printf '#!/bin/sh\nfor name; do :; done\ncase $name in\n%s\n%s\nesac\n' \
		'linux-headers-*) echo "installed 6.0.1-1" ;;' \
		'*) echo "installed 6.0.2-1" ;;' >/tmp/bin/dpkg-query
	chmod +x /tmp/bin/dpkg-query
	PATH=/tmp/bin:$PATH scripts/kernel-fpga why "/lib/modules/$(release "$1")/build" \
		>/tmp/said && return 1
	cat /tmp/said
	grep -q 'is of version 6.0.1-1, and linux-source-.* of 6.0.2-1' /tmp/said
}

command_is_there()
{
	fpgacard --version | tee /tmp/said &&
		grep -q "$(sed -n 's/^FPGA_CARD_RELEASE := //p' version.mk)" /tmp/said
}

# What systemd and udev of this release say of what is for them
units_are_valid()
{
	local said

	said=$(systemd-analyze verify --man=no fpgacard-attach.service fpgacard-load@x.service 2>&1)
	[ -z "$said" ] || { echo "$said"; return 1; }
	! udevadm verify --help >/dev/null 2>&1 ||
		udevadm verify "$(dpkg -L fpgacard-tools | grep '60-fpgacard.rules$')" || return 1
	[ -L /etc/systemd/system/multi-user.target.wants/fpgacard-attach.service ]
}

group_is_there()
{
	getent group fpgacard
}

group_is_gone()
{
	! getent group fpgacard
}

# As a load that was listed, and links, would have left it
files_are_used()
{
	mkdir -p /run/fpgacard/by-port &&
		ln -s /nowhere /run/fpgacard/by-port/0000:00:00.0
}

packages_purge()
{
	local kernel names=("${PACKAGES[@]}")

	for kernel; do
		names+=("$(source_of "$kernel")")
	done
	apt purge "${names[@]}" && no_module_yet
}

# for_rpms ARGUMENT...: rpm itself. They need nothing of its own here: dkms is Debian's.
# Debian 12's has to be told that it is meant, and Debian 13's does not know that option.
for_rpms()
{
	local meant=(--force-debian)

	rpm "${meant[@]}" --version >/dev/null 2>&1 || meant=()
	rpm "${meant[@]}" --nodeps "$@"
}

# The directory for licences is there on systems that have rpms.
rpms_prepare()
{
	apt install rpm "$(source_of "$1")" && rpm --initdb && mkdir -p /usr/share/licenses
}

# DKMS builds for the kernel that runs, which is not of this machine.
rpms_install()
{
	local version

	version=$(sed -n 's/^FPGA_CARD_RELEASE := //p' version.mk)
	for_rpms -i "/out/rpms/fpgacard-dkms-$version"-*.rpm \
		/out/rpms/fpgacard-tools-*.rpm && dkms install "fpgacard/$version" -k "$(release "$1")"
}

rpms_are_removed()
{
	for_rpms -e fpgacard-dkms fpgacard-tools && no_module_yet &&
		! command -v fpgacard
}

rpms_leave_nothing()
{
	BEFORE=/out/before-rpms nothing_is_left
}

CARDS=(fpga-mgr fpga-bridge fpga-region pci-reload fpga-card fpga-card-devlink)
INTEL=(dfl dfl-pci dfl-fme dfl-fme-mgr dfl-fme-br dfl-fme-region dfl-afu dfl-n3000-nios
	spi-altera-core spi-altera-platform spi-altera-dfl regmap-spi-avmm intel-m10-bmc-core
	intel-m10-bmc-spi intel-m10-bmc-pmci intel-m10-bmc-hwmon intel-m10-bmc-sec-update
	fpga-card-m10bmc)
SIM=(pcie-card-sim sim-bmc)

rm -f /out/results
apt update >/dev/null || exit
step "tools to build and check packages" apt install lintian xz-utils
step "the packages build" packages_build
step "lintian is silent" lintian_is_silent
step "the rpms build" rpms_build
step "the kernels, their headers and DKMS" kernels_install "$@"
for kernel; do
	step "$kernel: make says what the kernel lacks" make_says_it "$kernel"
done
everything >/out/before
step "the packages install where no source of the kernel is" packages_install
for kernel; do
	step "$kernel: they name the package that is missing" said "$kernel" \
		"its source is not installed: apt install $(source_of "$kernel")"
done
step "and build nothing" no_module_yet
step "the source of the kernels" sources_install "$@"
for kernel; do
	step "$kernel: the modules, with the FPGA core" modules_are_there "$kernel" "${CARDS[@]}" \
		"${SIM[@]}"
	case $(release "$kernel") in
	6.1.*)
		step "$kernel: it says what Intel's cards cannot" said "$kernel" \
			"Intel's cards cannot be reloaded"
		step "$kernel: and has none of their drivers" modules_absent "$kernel" "${INTEL[@]}"
		step "$kernel: files for a guest" guest_files "$kernel" fpga-card-devlink "${SIM[@]}"
		;;
	*)
		step "$kernel: the drivers of Intel's cards" modules_are_there "$kernel" \
			"${INTEL[@]}" sim-m10bmc
		step "$kernel: files for a guest" guest_files "$kernel" fpga-card-devlink \
			"${SIM[@]}" "${INTEL[@]}" sim-m10bmc
		step "$kernel: the drivers of Intel's cards come before the simulator" \
			comes_before "$kernel" dfl-pci pcie-card-sim
		;;
	esac
	step "$kernel: source of another version is refused" other_version_is_refused "$kernel"
done
if [ -n "$HAVE_TOOLS" ]; then
	step "the command has the version of the packages" command_is_there
	step "systemd and udev find no fault" units_are_valid
	step "there is a group for who may load" group_is_there
	step "there are links" files_are_used
fi
step "apt purge" packages_purge "$@"
step "leaves nothing" nothing_is_left
[ -z "$HAVE_TOOLS" ] || step "nor the group" group_is_gone
kernel=$1
if [ -n "$HAVE_TOOLS" ]; then
	step "$kernel: the rpms' place" rpms_prepare "$kernel"
	everything >/out/before-rpms
	step "$kernel: the rpms install" rpms_install "$kernel"
	step "$kernel: their modules, with the FPGA core" modules_are_there "$kernel" "${CARDS[@]}"
	step "the command has the version of the rpms" command_is_there
	step "there is a group for who may load, by the rpms" group_is_there
	step "the rpms go" rpms_are_removed
	step "and leave nothing" rpms_leave_nothing
fi
