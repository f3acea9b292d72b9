# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/tools/: fpgacard on simulated cards.

. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/tools.sh

run_cases /tests/tools
