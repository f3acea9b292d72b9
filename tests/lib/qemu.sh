# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Boots a guest. Serial 0 is its console and goes to a file; serial 1 carries
# the verdict and comes out on stdout as the guest writes it.

# The kernel's own recovery from an error waits up to 60 s for a function that was reset
# (PCIE_RESET_READY_POLL_MS), which is no hang.
GUEST_CMDLINE="panic=-1 oops=panic hung_task_panic=1 sysctl.kernel.hung_task_timeout_secs=90 \
softlockup_panic=1 log_buf_len=4M random.trust_cpu=1 kunit.enable=1 kunit.autorun=1"
# GUEST_APPEND: more of it. A run for which the kernel's own checkers are too slow turns them
# off so.
GUEST_CMDLINE+=${GUEST_APPEND:+ $GUEST_APPEND}
# The kernel gives up on its timer when the machine leaves the guest no time at the
# wrong moment.
GUEST_CMDLINE_X86="console=ttyS0 memmap=64M\$0x10000000 pci=no_e820 \
clocksource=tsc tsc=reliable no_timer_check $GUEST_CMDLINE"
GUEST_CMDLINE_ARM64="console=ttyAMA0 $GUEST_CMDLINE"

# The time limit of a guest with all there is to run: some minutes, but many when
# the machine has other things to do.
export GUEST_SECONDS=3600

# For those in which a task is to hang
export GUEST_HANGS="hung_task_panic=0 softlockup_panic=0"

# QEMU's own port and what is in it, for what the simulator cannot prove. The
# port's place is in machine/arm64.dts.
ARM64_MACHINE=(-cpu cortex-a57 -m 1024)
# shellcheck disable=SC2054
ARM64_CARD=(-device pcie-root-port,id=port1,bus=pcie.0,addr=1.0,chassis=1,slot=1
	-blockdev null-co,node-name=nothing,size=67108864,read-zeroes=on
	-device nvme,serial=fpga-card,drive=nothing,bus=port1)

# qemu_dtb OUT: QEMU's own device tree, with what we add to it
qemu_dtb()
{
	qemu-system-aarch64 -machine "virt,dumpdtb=$1.plain" "${ARM64_MACHINE[@]}" \
		"${CLOCK[@]:0:2}" \
		-nodefaults -no-user-config -display none 2>/dev/null &&
		dtc -q -I dtb -O dts -o "$1.dts" "$1.plain" &&
		cat "$TESTS/machine/arm64.dts" >>"$1.dts" &&
		dtc -q -@ -I dts -O dtb -o "$1" "$1.dts"
}

QEMU_PACKAGES=(qemu-system-x86)

qemu_needs()
{
	case $1 in
	arm64)	need_packages qemu-system-arm device-tree-compiler ;;
	*)	need_packages "${QEMU_PACKAGES[@]}" ;;
	esac
}

# qemu_command ARCH ACCEL IMAGE INITRD APPEND: sets QEMU
qemu_command()
{
	local arch=$1 accel=$2 image=$3 initrd=$4 append=$5 cpu

	qemu_needs "$arch"
	qemu_clock "$accel"
	QEMU=(-accel "$accel" "${CLOCK[@]}" -nodefaults -no-user-config -display none
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
		cpu=max,la57=off
		# TCG carries out "rep stosb" byte by byte. A kernel that sees
		# ERMS or FSRM clears memory with it: two thirds of the time of
		# the suites on 6.1.
		[ "$accel" = kvm ] || cpu+=,erms=off,fsrm=off
		# With KASAN and kmemleak a kernel has half of its memory for
		# itself, and the suites as one module do not fit in 512 MiB.
		# shellcheck disable=SC2054
		QEMU=(qemu-system-x86_64 -machine q35 -cpu "$cpu" -m 768
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

# qemu_clock ACCEL: sets CLOCK, how the guest's time passes, and for how many
# processors. In virtual time it goes with the instructions that the guest runs, and at
# once while the guest is idle: what it measures does not depend on what else the
# machine does, and a wait costs nothing. Before QEMU 8.1 a processor that does not
# pause leaves the other no instructions, for ever if it waits for it, as 6.1 does when
# it starts the other: so there is one. TIME=real is for what needs two that really run
# at the same time, and for guests that wait for somebody outside.
qemu_clock()
{
	CLOCK=(-smp 2)
	[ "${TIME:-virtual}" = virtual ] && [ "$1" != kvm ] || return 0
	# shellcheck disable=SC2054
	CLOCK=(-smp 1 -icount "shift=${ICOUNT_SHIFT:-1},sleep=off,align=off" -rtc clock=vm)
}

# qemu_tcg: TCG, with a thread for each processor where those can be
qemu_tcg()
{
	if [ "${TIME:-virtual}" = virtual ]; then
		echo tcg,thread=single
	else
		echo tcg,thread=multi
	fi
}

# KVM can be there and yet not run a guest: believe a boot only. With NO_KVM=1 a guest is
# to have virtual time wherever it runs.
qemu_accel()
{
	local known arch=$1 image=$2 initrd=$3

	if [ "$arch" != "$(uname -m)" ] || [ -n "${NO_KVM:-}" ]; then
		qemu_tcg
		return
	fi
	known=$CACHE/kvm-$(uname -r)
	[ -s "$known" ] || with_lock kvm qemu_probe_kvm "$arch" "$image" "$initrd" "$known"
	if [ "$(cat "$known")" = yes ]; then
		echo kvm
	else
		qemu_tcg
	fi
}

# qemu_probe_kvm ARCH IMAGE INITRD FILE: the answer, to FILE
qemu_probe_kvm()
{
	local answer=no

	[ ! -s "$4" ] || return 0
	if [ -w "${KVM_DEVICE:-/dev/kvm}" ]; then
		TIME=real qemu_command "$1" kvm "$2" "$3" "quiet fpgacard.run=probe"
		if timeout 15 "${QEMU[@]}" -serial null -serial stdio \
				</dev/null 2>/dev/null | grep -q 'guest is up'; then
			answer=yes
		fi
	fi
	install_text "$4" "$answer"
}

# How long a guest may say nothing, neither on its console nor of its cases.
SILENCE_MAX=${SILENCE_MAX:-240}

# qemu_watch PID FILE...: ends the guest when none of its files has grown for that
# long. A process that hangs in the kernel is the kernel's to find.
qemu_watch()
{
	local pid=$1 size last='' silent=0 step=$((SILENCE_MAX < 20 ? 1 : 5))

	shift
	while sleep "$step" && kill -0 "$pid" 2>/dev/null; do
		size=$(cat "$@" 2>/dev/null | wc -c)
		silent=$((silent + step))
		[ "$size" = "$last" ] || silent=0
		last=$size
		[ "$silent" -lt "$SILENCE_MAX" ] || break
	done
	kill -0 "$pid" 2>/dev/null || return 0
	say "the guest has said nothing for $SILENCE_MAX s: ended"
	kill "$pid" 2>/dev/null || true
}

# qemu_run ARCH SECONDS CONSOLE VERDICT IMAGE INITRD APPEND [QEMU ARGUMENTS]: the
# guest's two channels go to files. In virtual time it would run on while a pipe
# is full, and its own waits would end early.
qemu_run()
{
	local arch=$1 seconds=$2 console=$3 verdict=$4 image=$5 initrd=$6 append=$7

	shift 7
	qemu_command "$arch" "$(qemu_accel "$arch" "$image" "$initrd")" "$image" \
		"$initrd" "$append"
	qemu_serials "$arch" console verdict
	: >"$console"
	: >"$verdict"
	timeout -k 5 "$seconds" "${QEMU[@]}" \
		-chardev file,id=console,path="$console" \
		-chardev file,id=verdict,path="$verdict" "${SERIALS[@]}" \
		"$@" </dev/null >"$verdict.qemu" 2>&1 &
	GUEST_PID=$!
	qemu_watch "$GUEST_PID" "$console" "$verdict" >/dev/null &
	GUEST_WATCH=$!
}

# A guest ends with the script that booted it.
GUEST_PID=
at_exit '[ -z "$GUEST_PID" ] || kill "$GUEST_PID" 2>/dev/null'

# qemu_follow VERDICT: what the guest says, as it says it, until it is gone
qemu_follow()
{
	tail -n +1 -s 0.2 -f --pid="$GUEST_PID" "$1"
}

# qemu_end VERDICT: waits for the guest; what QEMU itself had to say is on stderr
qemu_end()
{
	wait "$GUEST_PID" || true
	GUEST_PID=
	# Its number may be another process's from now on.
	kill "$GUEST_WATCH" 2>/dev/null || true
	sed 's/^/  qemu: /' "$1.qemu" >&2
	rm -f "$1.qemu"
}
