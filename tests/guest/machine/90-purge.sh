# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The packages go from a machine that has used them. Loaded modules stay, and can be
# removed still; then all is as it was.

# ours_loaded: modules of the packages, by the list that was made when there were any
ours_loaded()
{
	while read -r ours_name _; do
		! grep -qx "$ours_name" /tmp/ours || echo "$ours_name"
	done </proc/modules
}

# ours_go: those which nothing uses, until none is left to go
ours_go()
{
	go_again=1
	while [ "$go_again" = 1 ]; do
		go_again=0
		for go_module in $(ours_loaded); do
			! rmmod "$go_module" 2>/tmp/rmmod || go_again=1
		done
	done
	expect_eq "$(ours_loaded)" "" "modules that stay loaded ($(cat /tmp/rmmod))"
}

# files_before: /run is memory here, and what is there comes from this boot; so do the files
# of systemd and of useradd.
files_before()
{
	{
		grep -v '^/run/' /tests/before
		find /etc/subuid- /etc/subgid- /var/lib/systemd/linger \
			/var/lib/systemd/random-seed /var/tmp/systemd-private-* 2>/dev/null || :
	} | LC_ALL=C sort -u
}

purged()
{
	find "/lib/modules/$(uname -r)/updates/dkms" -name '*.ko*' |
		sed 's|.*/||; s/\.ko.*//' | tr - _ >/tmp/ours
	grep -qx fpga_card /tmp/ours
	[ -n "$(ours_loaded)" ]
	files_before >/tmp/before
	export DEBIAN_FRONTEND=noninteractive
	# It takes some minutes, and who says nothing for as long is taken for dead.
	{
		apt-get -y --autoremove purge fpgacard-dkms fpgacard-sim-dkms fpgacard-tools ||
			echo "apt: $?"
	} 2>&1 | tee /tmp/purge >"$CONSOLE_TTY"
	! grep '^apt: ' /tmp/purge || fail "$(tail -n 20 /tmp/purge)"
	ours_go
	expect_eq "$(find /etc/fpgacard /run/fpgacard /dev/fpgacard 2>/dev/null)" "" "files"
	cd /root/fpga-card || fail "there is no clone"
	BEFORE=/tmp/before bash -c '. tests/package/lib.sh; nothing_is_left' >/tmp/left ||
		fail "$(head -n 10 /tmp/left) ($(wc -l </tmp/left) lines) after $(tail -n 20 /tmp/purge)"
}
run_case "purge: after loads, neither a file nor a module is left" purged
