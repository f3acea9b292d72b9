# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# As e2e/88-documents.sh, for what only overlays have.

. /tests/lib/documents.sh

files_of_overlays_are_as_documented()
{
	mkdir "$OVERLAYS/a"
	# shellcheck disable=SC2086
	documents_agree $DOCUMENTED_OVERLAY
	rmdir "$OVERLAYS/a"
}
run_case "the files of overlays are as documented" files_of_overlays_are_as_documented
