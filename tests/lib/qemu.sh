# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Boots a guest. Serial 0 is its console and goes to a file; serial 1 carries
# the verdict and comes out on stdout as the guest writes it.

GUEST_CMDLINE="panic=-1 oops=panic log_buf_len=16M random.trust_cpu=1 kunit.enable=1 kunit.autorun=1"
# The kernel gives up on its timer when the machine leaves the guest no time at the
# wrong moment.
GUEST_CMDLINE_X86="console=ttyS0 memmap=64M\$0x10000000 pci=no_e820 \
clocksource=tsc tsc=reliable no_timer_check $GUEST_CMDLINE"
GUEST_CMDLINE_ARM64="console=ttyAMA0 $GUEST_CMDLINE"

# The time limit of a guest with all there is to run: some minutes, but many when
# the machine has other things to do.
export GUEST_SECONDS=1800

# QEMU's own port and what is in it, for what the simulator cannot prove. The
# port's place is in machine/arm64.dts.
ARM64_MACHINE=(-cpu cortex-a57 -smp 2 -m 1024)
# shellcheck disable=SC2054
ARM64_CARD=(-device pcie-root-port,id=port1,bus=pcie.0,addr=1.0,chassis=1,slot=1
	-blockdev null-co,node-name=nothing,size=67108864,read-zeroes=on
	-device nvme,serial=fpga-card,drive=nothing,bus=port1)

# qemu_dtb OUT: QEMU's own device tree, with what we add to it
qemu_dtb()
{
	qemu-system-aarch64 -machine "virt,dumpdtb=$1.plain" "${ARM64_MACHINE[@]}" \
		-nodefaults -no-user-config -display none 2>/dev/null &&
		dtc -q -I dtb -O dts -o "$1.dts" "$1.plain" &&
		cat "$TESTS/machine/arm64.dts" >>"$1.dts" &&
		dtc -q -@ -I dts -O dtb -o "$1" "$1.dts"
}

# qemu_command ARCH ACCEL IMAGE INITRD APPEND: sets QEMU
qemu_command()
{
	local arch=$1 accel=$2 image=$3 initrd=$4 append=$5

	QEMU=(-accel "$accel" -nodefaults -no-user-config -display none
		-no-reboot -kernel "$image" -initrd "$initrd")
	case $arch in
	arm64)
		qemu_dtb "$initrd.dtb" || die "cannot make a device tree"
		QEMU=(qemu-system-aarch64 -machine virt "${ARM64_MACHINE[@]}"
			"${ARM64_CARD[@]}" -dtb "$initrd.dtb" "${QEMU[@]}"
			-append "$GUEST_CMDLINE_ARM64 $append")
		;;
	*)
		# An interrupt while the kernel reads what the processor can do
		# finds five levels of page tables not enabled, and with KASAN
		# an address that cannot be.
		# shellcheck disable=SC2054
		QEMU=(qemu-system-x86_64 -machine q35 -cpu max,la57=off -smp 2 -m 1024
			"${QEMU[@]}" -append "$GUEST_CMDLINE_X86 $append")
		;;
	esac
}

# qemu_serials ARCH CHARDEV...: sets SERIALS, a serial port for each. The arm64
# machine has one of its own; others sit at the far end of its root bus.
qemu_serials()
{
	local arch=$1 first=1 slot=0x1f id

	shift
	SERIALS=()
	for id in "$@"; do
		if [ "$arch" != arm64 ] || [ -n "$first" ]; then
			SERIALS+=(-serial "chardev:$id")
		else
			SERIALS+=(-device "pci-serial,chardev=$id,bus=pcie.0,addr=$slot")
			slot=$(printf '0x%x' $((slot - 1)))
		fi
		first=
	done
}

# KVM can be there and yet not run a guest: believe a boot only.
qemu_accel()
{
	local known arch=$1 image=$2 initrd=$3

	if [ "$arch" != "$(uname -m)" ]; then
		echo tcg,thread=multi
		return
	fi
	known=$CACHE/accel-$(uname -r)
	if [ ! -f "$known" ]; then
		mkdir -p "$CACHE"
		echo tcg,thread=multi >"$known"
		if [ -w /dev/kvm ]; then
			qemu_command "$arch" kvm "$image" "$initrd" \
				"quiet fpgacard.run=probe"
			if timeout 15 "${QEMU[@]}" -serial null -serial stdio \
					</dev/null 2>/dev/null | grep -q 'guest is up'; then
				echo kvm >"$known"
			fi
		fi
	fi
	cat "$known"
}

# qemu_run ARCH SECONDS CONSOLE-LOG IMAGE INITRD APPEND [QEMU ARGUMENTS]
qemu_run()
{
	local arch=$1 seconds=$2 console=$3 image=$4 initrd=$5 append=$6

	shift 6
	qemu_command "$arch" "$(qemu_accel "$arch" "$image" "$initrd")" "$image" \
		"$initrd" "$append"
	qemu_serials "$arch" console verdict
	timeout --foreground -k 5 "$seconds" "${QEMU[@]}" \
		-chardev file,id=console,path="$console" \
		-chardev stdio,id=verdict,signal=off "${SERIALS[@]}" \
		"$@" </dev/null
}
