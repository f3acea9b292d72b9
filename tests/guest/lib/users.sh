# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Functions in use: cards whose functions have device files, and processes that have them
# open.

NODES=/sys/module/sim_bmc/parameters/nodes
export NODES

# function_of DEVICE-ID: its name, below $port
function_of()
{
	functions_below "${port:?}" | sed -n "s/ 1d0f:$1\$//p" | head -n 1
}

# held COMMAND...: runs it until it says that it has its files open; in $holder.
# None outlives its case: the simulator would wait for those in VFIO.
held()
{
	: >/tmp/held
	"$@" >/tmp/held 2>&1 &
	holder=$!
	holders="${holders:-} $holder"
	# shellcheck disable=SC2064
	trap "kill $holders 2>/dev/null || true" EXIT
	await 5000 grep -q '^open$' /tmp/held
}
