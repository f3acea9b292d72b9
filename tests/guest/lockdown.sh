# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/lockdown/.

. /tests/lib.sh
. /tests/lib/cases.sh

# A locked down kernel lets nobody have that file, and no case here looks at a log.
export SIM_MISSES=/tmp/no-misses

run_cases /tests/lockdown
