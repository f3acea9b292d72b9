# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/e2e/.

. /tests/lib.sh
. /tests/lib/cases.sh

run_cases /tests/e2e
