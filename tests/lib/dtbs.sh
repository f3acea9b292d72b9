# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Compiling overlays: those of dt-overlays/ and those which only the tests have
# (tests/dtso/), for each way in which a machine can name a port.

# What differs: where the region is, and what its port is called. The ports are
# the simulator's but in "virt", where it is the root port that lib/qemu.sh gives
# QEMU's arm64 machine.
DTBS_WORLDS=(port dynamic dt virt)
export DTBS_WORLDS

# dtbs_world WORLD: sets DTBS_DEFINES
dtbs_world()
{
	local a b

	case $1 in
	port)		a='' b='' ;;
	dynamic)	a=/pci@10000,0/pci@10,0 b=/pci@10000,0/pci@11,0 ;;
	dt)		a=/pcie-card-sim@0/pcie@10,0 b=/pcie-card-sim@0/pcie@11,0 ;;
	virt)		a=/pcie@10000000/pcie@1,0 b=/pcie@10000000/pcie@2,0 ;;
	esac
	DTBS_DEFINES=(-DPORT_NAME='"10000:00:10.0"' -DPORT2_NAME='"10000:00:11.0"')
	[ "$1" != virt ] ||
		DTBS_DEFINES=(-DPORT_NAME='"0000:00:01.0"' -DPORT2_NAME='"0000:00:02.0"')
	if [ -n "$a" ]; then
		DTBS_DEFINES+=("-DPORT_NODE=$a" "-DPORT2_NODE=$b"
			"-DREGION=$a/fpga-region" "-DREGION2=$b/fpga-region")
	else
		DTBS_DEFINES+=(-DREGION=/fpga-cards/fpga-region
			-DREGION2=/fpga-cards/fpga-region-1)
	fi
}

# dtbs_sources WORLD: what can be compiled for it
dtbs_sources()
{
	local f

	for f in "$TREE"/dt-overlays/*.dtso "$TESTS"/dtso/*.dtso \
			"$TESTS"/dtso/negative/*.dtso; do
		case $1:$f in
		port:*/card-region-node.dtso)	continue ;;
		esac
		echo "$f"
	done
}

# dtbs_preprocess SOURCE DEFINES...: what dtc reads, on stdout
dtbs_preprocess()
{
	local src=$1

	shift
	cpp -nostdinc -undef -x assembler-with-cpp "$@" "$src"
}

# dtbs_compile WORLD SOURCE OUT: says why if it cannot; a warning is a failure
dtbs_compile()
{
	local log flags=()

	dtbs_world "$1"
	# Labels are kept on request only.
	[ "${2##*/}" != symbols.dtso ] || flags=(-@)
	mkdir -p "${3%/*}"
	log=$(dtbs_preprocess "$2" "${DTBS_DEFINES[@]}" 2>&1 |
		dtc "${flags[@]}" -I dts -O dtb -o "$3" - 2>&1) && [ -z "$log" ] &&
		[ -s "$3" ] && return
	echo "$1: ${2#"$TREE/"}: $log"
	return 1
}

# dtbs_world_compile WORLD DIRECTORY: all of them, into DIRECTORY and its
# negative/
dtbs_world_compile()
{
	local world=$1 dir=$2 src name rc=0

	while read -r src; do
		name=$(basename "$src" .dtso).dtbo
		[ "${src%/negative/*}" = "$src" ] || name=negative/$name
		dtbs_compile "$world" "$src" "$dir/$name" || rc=1
	done < <(dtbs_sources "$world")
	return $rc
}
