# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The files that are there, and those that Documentation/ABI describes: /tests/documented
# has a line for each of these, see documents.awk.

# Each directory below which all files are ours. Those of an overlay are only on a kernel
# that takes them.
DOCUMENTED_CARD="/sys/class/fpga_region /sys/kernel/config/fpga-card
	/sys/kernel/config/pcie-card-sim /sys/kernel/debug/fpga-card
	/sys/kernel/debug/pcie-card-sim /sys/module/fpga_card/parameters
	/sys/module/pci_reload/parameters /sys/module/pcie_card_sim/parameters
	/sys/module/sim_bmc/parameters"
DOCUMENTED_OVERLAY="/sys/kernel/config/device-tree/overlays
	/sys/module/of_overlay_configfs/parameters"

# documented_mode FILE: RO, WO or RW, for its owner
documented_mode()
{
	case $(stat -c %a "$1") in
	4??)	echo RO ;;
	2??)	echo WO ;;
	6??)	echo RW ;;
	*)	echo none ;;
	esac
}

# documented_below ROOT: the lines that are about it
documented_below()
{
	while read -r doc_pattern doc_mode; do
		case $doc_pattern in
		"$1"/*)	echo "$doc_pattern $doc_mode" ;;
		esac
	done </tests/documented
}

# there_below ROOT: what the kernel itself has in the directory of every device, and of
# every region, is no business of ours.
there_below()
{
	for there_dir in "$1"/*; do
		if [ -d "$there_dir" ]; then
			find "$there_dir/" -type f | sed 's|//|/|'
		else
			echo "$there_dir"
		fi
	done | grep -vE '/(power/[a-z_]*|uevent|compat_id)$'
}

# documents_agree ROOT...: each file there is documented, with its mode, and each that is
# documented is there.
documents_agree()
{
	: >/tmp/documents-wrong
	for doc_root in "$@"; do
		documented_below "$doc_root" >/tmp/documents-below
		[ -s /tmp/documents-below ] || echo "$doc_root: nothing is documented"
		there_below "$doc_root" >/tmp/documents-there
		while read -r doc_pattern doc_mode; do
			doc_any=
			for doc_file in $doc_pattern; do
				[ -f "$doc_file" ] || continue
				doc_any=1
				echo "$doc_file" >&9
				doc_is=$(documented_mode "$doc_file")
				[ "$doc_is" = "$doc_mode" ] ||
					echo "$doc_file: is $doc_is, documented as $doc_mode"
			done
			[ -n "$doc_any" ] || echo "$doc_pattern: documented, and not there"
		done </tmp/documents-below 9>/tmp/documents-found
		grep -vxFf /tmp/documents-found /tmp/documents-there |
			sed 's/$/: not documented/'
	done >>/tmp/documents-wrong
	[ ! -s /tmp/documents-wrong ] || fail "$(head -n 20 /tmp/documents-wrong)"
}

# documents_are_looked_at: each one, by some run
documents_are_looked_at()
{
	while read -r doc_pattern doc_mode; do
		doc_any=
		for doc_root in $DOCUMENTED_CARD $DOCUMENTED_OVERLAY; do
			case $doc_pattern in
			"$doc_root"/*)	doc_any=1 ;;
			esac
		done
		[ -n "$doc_any" ] || fail "$doc_pattern"
	done </tests/documented
}
