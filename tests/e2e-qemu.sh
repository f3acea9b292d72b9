#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# e2e-qemu.sh: the cases of tests/guest/qemu/, on ports and cards that QEMU
# brings; then those of tests/guest/qemu-iommu/, with an IOMMU. Nothing of sim/ is
# there. ONLY=TEXT takes those whose file's name contains TEXT.

. "$(dirname "$0")/lib/all.sh"
. "$TESTS/lib/run.sh"

V=$KERNEL_QEMU
# The guest waits for an agent outside.
export TIME=real
export OUR_MODULES=(pci/pci-reload fpga/fpga-card)
WORK=$(mktemp -d)
AGENT=
at_exit '[ -z "$AGENT" ] || kill "$AGENT" 2>/dev/null; rm -rf "$WORK"'


# Slots: two below root ports, of which the second has no power controller, and
# one below a switch. The ports' places are those of guest/lib/qemu.sh. ACPI would
# take the slots for itself. An NVMe controller with VFs needs a subsystem, which
# cannot be plugged. One processor: with two, QEMU 7.2 was seen to crash while the
# guest sized BARs.
# shellcheck disable=SC2054
MACHINE=(-smp 1 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
	-device pcie-root-port,id=rp1,bus=pcie.0,addr=10.0,chassis=1,slot=1
	-device pcie-root-port,id=rp2,bus=pcie.0,addr=11.0,chassis=1,slot=2,power_controller_present=off
	-device pcie-root-port,id=rp3,bus=pcie.0,addr=12.0,chassis=1,slot=3
	-device x3130-upstream,id=up1,bus=rp3
	-device xio3130-downstream,id=dp1,bus=up1,addr=1.0,chassis=2,slot=4)
for slot in rp1 rp2 dp1; do
	MACHINE+=(-device "nvme-subsys,id=$slot-subsys")
done

# What is in them to begin with. The pciehp of 6.12 has a lock order of its own
# when it brings a card in (see guest/lib/log.sh), after which lockdep would be off.
CARDS=(rp1=one rp2=one dp1=one)

# run_machine RUN [QEMU ARGUMENTS]
run_machine()
{
	local run=$1 dir=$WORK/$1 in_slots

	shift
	mkdir "$dir"
	mapfile -t in_slots < <(python3 "$TESTS/qemu-agent.py" --arguments "$dir" \
		"${CARDS[@]}")
	python3 "$TESTS/qemu-agent.py" "$dir" "${CARDS[@]}" \
		2>"$LOGS/agent-$run.log" &
	AGENT=$!
	guest_run "$V" "$run" "${SECONDS_MAX:-$GUEST_SECONDS}" \
		"${ONLY:+fpgacard.only=$ONLY}" "$@" "${MACHINE[@]}" "${in_slots[@]}" \
		-chardev "socket,id=agent,path=$dir/agent,server=on,wait=off" \
		-serial chardev:agent -qmp "unix:$dir/qmp,server=on,wait=off"
	kill "$AGENT" 2>/dev/null || true
	wait "$AGENT" 2>/dev/null || true
	AGENT=
	try "$V $run: the agent outside had no errors" \
		test ! -s "$LOGS/agent-$run.log"
}

mkdir -p "$LOGS"
need_packages python3
if modules_for "$V"; then
	pass "$V e2e-qemu: modules build"
	run_machine e2e-qemu
	[ -n "${NO_IOMMU:-}" ] || run_machine e2e-qemu-iommu \
		-device intel-iommu,intremap=on,caching-mode=on
else
	fail "$V e2e-qemu: modules build"
fi
finish
