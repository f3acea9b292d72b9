# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What is documented is there, and what is there is documented.

. /tests/lib/documents.sh

DOCUMENTS_DIR=/sys/kernel/config/fpga-card/documents

documents_reset()
{
	[ -d "$DOCUMENTS_DIR" ] || return 0
	rmdir "$DOCUMENTS_DIR"/images/* 2>/dev/null || true
	rmdir "$DOCUMENTS_DIR"
}

files_are_as_documented()
{
	trap documents_reset EXIT
	standard_card h0/p0 100
	mkdir "$DOCUMENTS_DIR" "$DOCUMENTS_DIR/images/user"
	# shellcheck disable=SC2086
	documents_agree $DOCUMENTED_CARD
}
run_case "each file is documented, and each that is documented is there" files_are_as_documented
run_case "no document is passed over" documents_are_looked_at
