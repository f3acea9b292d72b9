# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Boots a guest. Serial 0 is its console and goes to a file; serial 1 carries
# the verdict and comes out on stdout as the guest writes it.

GUEST_CMDLINE="console=ttyS0 panic=-1 oops=panic memmap=64M\$0x10000000 \
pci=no_e820 log_buf_len=16M random.trust_cpu=1 clocksource=tsc tsc=reliable kunit.enable=1"
export GUEST_CMDLINE

# The time limit of a guest with all there is to run: some minutes, but many when
# the machine has other things to do.
export GUEST_SECONDS=1800

qemu_command()
{
	local accel=$1 image=$2 initrd=$3 append=$4

	QEMU=(qemu-system-x86_64 -machine q35 -accel "$accel" -cpu max -smp 2
		-m 1024 -nodefaults -no-user-config -display none -no-reboot
		-kernel "$image" -initrd "$initrd"
		-append "$GUEST_CMDLINE $append")
}

# KVM can be there and yet not run a guest: believe a boot only.
qemu_accel()
{
	local known image=$1 initrd=$2

	known=$CACHE/accel-$(uname -r)
	if [ ! -f "$known" ]; then
		mkdir -p "$CACHE"
		echo tcg,thread=multi >"$known"
		if [ -w /dev/kvm ]; then
			qemu_command kvm "$image" "$initrd" "quiet fpgacard.run=probe"
			if timeout 15 "${QEMU[@]}" -serial null -serial stdio \
					</dev/null 2>/dev/null | grep -q 'guest is up'; then
				echo kvm >"$known"
			fi
		fi
	fi
	cat "$known"
}

# qemu_run SECONDS CONSOLE-LOG IMAGE INITRD APPEND [QEMU ARGUMENTS]
qemu_run()
{
	local seconds=$1 console=$2 image=$3 initrd=$4 append=$5

	shift 5
	qemu_command "$(qemu_accel "$image" "$initrd")" "$image" "$initrd" "$append"
	timeout --foreground -k 5 "$seconds" "${QEMU[@]}" \
		-chardev file,id=console,path="$console" -serial chardev:console \
		-chardev stdio,id=verdict,signal=off -serial chardev:verdict \
		"$@" </dev/null
}
