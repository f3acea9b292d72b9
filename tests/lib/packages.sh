# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The host's own packages: installed when root, else named. What needs them names
# them, where it uses them.

# "debian bookworm" of this machine, or what else it is
# shellcheck source=/dev/null
HOST=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_CODENAME:-}") || HOST=

# need_debian: the kernels come from Debian's packages, and which suite has which of
# them depends on the machine's own.
need_debian()
{
	local name

	case $HOST in
	"debian bookworm"|"debian trixie")
		[ "$(uname -m)" = x86_64 ] ||
			die "this needs an x86-64 machine, and this is $(uname -m)"
		return
		;;
	esac
	# shellcheck source=/dev/null
	name=$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME") || name=
	die "this needs Debian 12 or 13, and this is ${name:-an unknown system}"
}

# suite_of PACKAGE: the suite which has it when the machine's own have not. One
# of another architecture, NAME:ARCH, is in this machine's suite for that.
suite_of()
{
	local release=${HOST#* }

	case $release:$1 in
	*:linux-*-7.*)		echo trixie-backports ;;
	trixie:linux-*-6.1)	echo bookworm ;;
	trixie:dt-schema)	echo trixie-backports ;;
	*:*:*)			echo "$release:${1##*:}" ;;
	esac
}

# How long somebody else may have apt's locks.
APT_LOCK_SECONDS=${APT_LOCK_SECONDS:-900}
APT_WAIT=0

apt_quiet()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o APT::Sandbox::User=root \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout="$APT_WAIT" "$@"
}

# apt_try LOG COMMAND...: a command of apt's, again as long as another has one of its
# locks. apt can wait itself, but only for dpkg's, and says nothing.
apt_try()
{
	local log=$1 said='' end=$((SECONDS + APT_LOCK_SECONDS)) APT_WAIT=0 why

	shift
	mkdir -p "${log%/*}"
	until "$@" >"$log" 2>&1; do
		why=$(sed -n 's/^\(E\|Error\): Could not get lock //p' "$log")
		[ -n "$why" ] && [ $SECONDS -lt $end ] || return 1
		[ -n "$said" ] || say "waiting for a lock of apt's: ${why%%$'\n'*}"
		said=1
		sleep 1
		APT_WAIT=$((end > SECONDS ? end - SECONDS : 1))
	done
}

# apt_logged LOG COMMAND...: and a failure says so
apt_logged()
{
	local log=$1

	if ! apt_try "$@"; then
		tail -n 10 "$log" >&2
		say "failed: ${*:2} (log: $log)"
		return 1
	fi
}

apt_refresh()
{
	say "apt-get update"
	apt_logged "$LOGS/apt-update.log" apt_quiet update
}

# packages_missing NAME...: which are not installed
packages_missing()
{
	local have

	have=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		sed -n 's/^installed //p' | tr '\n' ' ')" || true
	while [ $# -gt 0 ]; do
		[ "${have/ $1 /}" != "$have" ] || echo "$1"
		shift
	done
}

# packages_install NAME...: those that are missing still
packages_install()
{
	local log=$LOGS/apt-install.log missing names=() p version

	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	for p in "${missing[@]}"; do
		if [ -n "$(suite_of "$p")" ]; then
			version=$(deb_version "$p") && p=$(deb_fetch "$p" "$version") ||
				return 1
		fi
		names+=("$p")
	done
	apt_try "$log" apt_quiet install -y --no-install-recommends "${names[@]}" &&
		return
	# An interrupt while dpkg was at work
	if grep -q 'dpkg --configure -a' "$log"; then
		say "dpkg --configure -a, which was interrupted"
		apt_logged "$log" dpkg --configure -a || return 1
	fi
	# Or the lists are those of last month.
	apt_refresh &&
		apt_logged "$log" apt_quiet install -y --no-install-recommends "${names[@]}"
}

# need_packages NAME...
need_packages()
{
	local missing

	command -v dpkg-query >/dev/null || need_debian
	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" -eq 0 ] ||
		die "missing packages: ${missing[*]} (apt-get install them, or run as root)"
	with_lock packages packages_install "${missing[@]}" ||
		die "cannot install ${missing[*]}"
}
