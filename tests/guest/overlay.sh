# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/overlay/.

. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/overlay.sh

run_cases /tests/overlay
