#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fleet-test.sh: what tools/fleet/ has for many hosts. Ansible is the real one, and so is
# libvirt, but that its test driver detaches no device; fpgacard and kubectl are replaced by
# scripts that note what they were asked. Their answers are as the schema says.

. "$(dirname "$0")/lib/common.sh"
. "$TESTS/lib/packages.sh"
. "$TESTS/lib/results.sh"

need_packages ansible-core jq libvirt-clients python3-jsonschema shellcheck yamllint

FLEET=$TREE/tools/fleet
work=$(mktemp -d)
at_exit 'rm -rf "$work"'
mkdir "$work/bin" "$work/run"
cd "$work" || exit
export LC_ALL=C.UTF-8 PATH=$work/bin:$PATH FPGACARD_STATE=$work/run FLEET_DIR=$work

. "$TESTS/fleet/ansible.sh"
. "$TESTS/fleet/libvirt.sh"
. "$TESTS/fleet/kubernetes.sh"

# shellcheck disable=SC2317
answers_are_real()
{
	"$TESTS/tools/schema.py" "$TREE/tools/fpgacard/schema.json" answers
}

# shellcheck disable=SC2317
files_are_clean()
{
	yamllint --strict -d '{extends: default, rules: {line-length: {max: 100}}}' "$FLEET"
}

try "fleet: yamllint is silent" files_are_clean
try "fleet: what stood for fpgacard answered as the schema says" answers_are_real
finish
