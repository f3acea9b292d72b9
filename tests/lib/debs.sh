# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages that are looked into, not installed. Those of another suite
# come through apt with state directories of its own.

# suite_of PACKAGE: the suite which has it when the machine's own have not. One
# of another architecture, NAME:ARCH, is in this machine's suite for that.
suite_of()
{
	case $1 in
	linux-*-7.*)	echo trixie-backports ;;
	*:*)		echo "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release):${1#*:}" ;;
	esac
}

# The mirror this machine uses for Debian's main archive. Either format of
# sources file will do, apt reads them for us.
machine_mirror()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' \
		'Created-By: Packages' |
		awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

# suite_apt SUITE TOOL ARGUMENTS...: apt-get or apt-cache which knows only
# that suite.
suite_apt()
{
	local suite=$1 tool=$2 d=$CACHE/apt/$1 other=()

	shift 2
	if [ -z "$suite" ]; then
		"$tool" -o APT::Sandbox::User=root "$@"
		return
	fi
	[ "${suite%:*}" = "$suite" ] || other=(-o "APT::Architecture=${suite#*:}"
		-o "APT::Architectures=${suite#*:}")
	"$tool" -o APT::Sandbox::User=root "${other[@]}" -o Dir::State="$d/state" \
		-o Dir::State::status="$d/status" -o Dir::Cache="$d/cache" \
		-o Dir::Etc::sourcelist="$d/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null "$@"
}

suite_refresh()
{
	local suite=$1 d=$CACHE/apt/$1 mirror

	if [ -z "$suite" ]; then
		[ "$(id -u)" -eq 0 ] ||
			die "apt's lists are out of date: run apt-get update"
		apt_refresh
		return
	fi
	mirror=$(machine_mirror)
	[ -n "$mirror" ] || die "apt's configuration names no Debian mirror"
	mkdir -p "$d/state/lists/partial" "$d/cache/archives/partial" "$CACHE/logs"
	: >"$d/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
		"$mirror ${suite%:*} main" >"$d/sources.list"
	say "apt-get update for $suite"
	run_logged "$CACHE/logs/apt-update-$suite.log" \
		suite_apt "$suite" apt-get -qq update
}

# deb_version PACKAGE: the version apt would take, from apt's lists. apt takes
# half a second to say so: kept for as long as the lists are the same.
deb_version()
{
	local suite version known=$CACHE/apt/version-$1 lists=/var/lib/apt/lists

	suite=$(suite_of "$1")
	[ -z "$suite" ] || lists=$CACHE/apt/$suite/state/lists
	if [ -s "$known" ] && [ "$known" -nt "$lists" ]; then
		cat "$known"
		return
	fi
	[ -z "$suite" ] || [ -f "$CACHE/apt/$suite/sources.list" ] ||
		suite_refresh "$suite"
	version=$(deb_candidate "$suite" "$1")
	if [ -z "$version" ]; then
		suite_refresh "$suite"
		version=$(deb_candidate "$suite" "$1")
	fi
	[ -n "$version" ] || die "no package $1 in apt's sources"
	mkdir -p "$CACHE/apt"
	echo "$version" >"$known.$$"
	mv "$known.$$" "$known"
	echo "$version"
}

deb_candidate()
{
	suite_apt "$1" apt-cache policy "${2%:*}" |
		sed -n 's/^  Candidate: //p' | grep -v '^(none)$' || true
}

# deb_fetch PACKAGE VERSION: prints where the file is.
deb_fetch()
{
	local suite d=$CACHE/debs name=${1%:*} arch='*' file

	[ "$name" = "$1" ] || arch=${1#*:}
	suite=$(suite_of "$1")
	mkdir -p "$d" "$CACHE/logs"
	file=$(find "$d" -maxdepth 1 -name "${name}_${2//:/%3a}_$arch.deb" |
		head -n 1)
	if [ -z "$file" ]; then
		say "fetching $1 $2"
		(cd "$d" && rm -rf part-"$1" && mkdir part-"$1" && cd part-"$1" &&
			run_logged "$CACHE/logs/fetch-$1.log" \
			suite_apt "$suite" apt-get -q download "$name=$2") ||
			die "cannot fetch $1 $2 (apt-get update may help)"
		file=$(find "$d/part-$1" -name '*.deb')
		mv "$file" "$d/"
		rmdir "$d/part-$1"
		file=$d/${file##*/}
	fi
	echo "$file"
}

# deb_needs FILE: what the package depends on, by its own word: the compiler and
# the tools, of headers. Not the kernel's other packages, nothing of which is ever
# installed. Of alternatives, the first.
deb_needs()
{
	dpkg-deb -f "$1" Depends | tr ',' '\n' |
		sed -E 's/^ *([^ |(:]+).*/\1/; /^(linux-.*)?$/d'
}
