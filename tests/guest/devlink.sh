# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/devlink/.

. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/devlink.sh

run_cases /tests/devlink
