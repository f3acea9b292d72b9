# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the cases of /tests/qemu/, or of /tests/qemu-iommu/, by what init says.
# shellcheck disable=SC2154

. /tests/lib.sh
. /tests/lib/cases.sh
. /tests/lib/qemu.sh

run_cases "/tests/${run#e2e-}"
