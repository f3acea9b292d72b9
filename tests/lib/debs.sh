# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages that are looked into, not installed. Those of another suite
# come through apt with state directories of its own.
#
# Which version of a package this cache has is written down, and stays: as long as
# there is what was made of it, nothing asks apt. REFRESH=1 does, and takes the
# newest.

# machine_mirror LABEL: the mirror this machine uses for what Debian calls that:
# "Debian" or "Debian-Security". Either format of sources file will do, apt reads
# them for us; but only its lists tell who a mirror is.
machine_mirror()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' \
		'Created-By: Packages' |
		awk -v label="$1" '$1 == "Debian" && $2 == label && !n++ { print $3 }'
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

# suite_sources SUITE: its lines for apt; with the suite's security updates, where it
# is not another suite's addition
suite_sources()
{
	local name=${1%:*} mirror line

	line="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
	mirror=$(machine_mirror Debian) || return 1
	if [ -z "$mirror" ] && [ "$(id -u)" -eq 0 ]; then
		apt_refresh && mirror=$(machine_mirror Debian) || return 1
	fi
	if [ -z "$mirror" ]; then
		say "apt's configuration names no Debian mirror, or its lists are empty"
		return 1
	fi
	echo "$line $mirror $name main"
	[ "${name%-backports}" = "$name" ] || return 0
	mirror=$(machine_mirror Debian-Security) || return 1
	[ -z "$mirror" ] || echo "$line $mirror $name-security main"
}

suite_refresh()
{
	local suite=$1 d=$CACHE/apt/$1 sources

	if [ -z "$suite" ]; then
		if [ "$(id -u)" -ne 0 ]; then
			say "apt's lists are out of date: run apt-get update"
			return 1
		fi
		apt_refresh
		return
	fi
	sources=$(suite_sources "$suite") || return 1
	mkdir -p "$d/state/lists/partial" "$d/cache/archives/partial" || return 1
	: >"$d/status"
	install_text "$d/sources.list" "$sources" || return 1
	say "apt-get update for $suite"
	apt_logged "$LOGS/apt-update-$suite.log" \
		suite_apt "$suite" apt-get -qq update
}

# Until when apt's lists are as good as new, in minutes.
LISTS_MINUTES=1440
# With REFRESH=1 each suite is asked once in a run, and in all its parts.
[ -z "${REFRESH:-}" ] || export REFRESH_SINCE=${REFRESH_SINCE:-@$(date +%s.%N)}

# lists_are_old SUITE: and nobody tried to get newer ones
lists_are_old()
{
	local tried=$CACHE/apt/tried-$1 lists=/var/lib/apt/lists

	if [ -n "${REFRESH:-}" ]; then
		[ -z "$(find "$tried" -newermt "$REFRESH_SINCE" 2>/dev/null)" ]
		return
	fi
	[ -z "$1" ] || lists=$CACHE/apt/$1/state/lists
	[ -z "$(find "$lists" "$tried" -maxdepth 0 -mmin "-$LISTS_MINUTES" 2>/dev/null)" ]
}

# deb_kept PACKAGE VERSION: the cache has what is made of it
deb_kept()
{
	local v=${2//[^a-zA-Z0-9.+-]/_} base=${1##*-} name

	case $1 in
	linux-source-*)	set -- "$CACHE/src/linux-$base-$v/Makefile" \
				"$CACHE/kernels/$base-"*"$v"-*/.done ;;
	linux-image-*)	set -- "$CACHE/stock/$v/.done" ;;
	*:*)		set -- "$CACHE/busybox/${1##*:}-$v/busybox" ;;
	*)		return 1 ;;
	esac
	for name in "$@"; do
		[ ! -e "$name" ] || return 0
	done
	return 1
}

deb_candidate()
{
	suite_apt "$1" apt-cache policy "${2%:*}" 2>/dev/null |
		sed -n 's/^  Candidate: //p' | grep -v '^(none)$' || true
}

# deb_resolve SUITE PACKAGE: what apt would take, from lists that are not older than
# need be
deb_resolve()
{
	local version=

	if ! lists_are_old "$1"; then
		version=$(deb_candidate "$1" "$2")
	elif [ -n "$1" ] || [ "$(id -u)" -eq 0 ]; then
		with_lock "apt-$1" suite_refresh "$1" || say "going on with apt's old lists"
		touch "$CACHE/apt/tried-$1"
	fi
	[ -n "$version" ] || version=$(deb_candidate "$1" "$2")
	if [ -z "$version" ] && with_lock "apt-$1" suite_refresh "$1"; then
		version=$(deb_candidate "$1" "$2")
	fi
	echo "$version"
}

# deb_version PACKAGE: the version that this cache has, or else that apt would take.
# apt takes half a second to say so: kept for as long as the lists are the same.
deb_version()
{
	local suite version found known=$CACHE/apt/version-$1 lists=/var/lib/apt/lists

	suite=$(suite_of "$1")
	[ -z "$suite" ] || lists=$CACHE/apt/$suite/state/lists
	version=$(cat "$known" 2>/dev/null) || version=
	mkdir -p "$CACHE/apt"
	if [ -n "$version" ] && { [ -z "${REFRESH:-}" ] || ! lists_are_old "$suite"; } &&
	   { [ "$known" -nt "$lists" ] || [ -z "${REFRESH:-}" ] && deb_kept "$1" "$version"; }; then
		echo "$version"
		return
	fi
	found=$(deb_resolve "$suite" "$1")
	if [ -z "$found" ]; then
		[ -n "$version" ] || die "no package $1 in apt's sources"
		say "apt knows no $1: going on with $version"
		found=$version
	fi
	install_text "$known" "$found"
	echo "$found"
}

# deb_needs PACKAGE VERSION: what it depends on and what it recommends: the compiler
# and the tools of headers, and what a source is built with. Not other packages of
# the kernel, which are looked into at most. Of alternatives, the first. If that
# version is one of the past, what the newest needs.
deb_needs()
{
	local known=$CACHE/apt/needs-$1-$2 suite needs='' p

	if [ ! -s "$known" ]; then
		suite=$(suite_of "$1")
		for p in "$1=$2" "$1"; do
			needs=$(suite_apt "$suite" apt-cache show --no-all-versions "$p" \
				2>/dev/null | sed -nE 's/^(Depends|Recommends): //p' |
				tr ',' '\n' | sed -E 's/^ *([^ |(:]+).*/\1/; /^linux-/d') ||
				needs=
			[ -z "$needs" ] || break
		done
		if [ -z "$needs" ]; then
			say "apt does not know what $1 $2 depends on"
			return 1
		fi
		install_text "$known" "$needs" || return 1
	fi
	cat "$known"
}

# deb_is_whole SUITE NAME VERSION FILE: by apt's word, or if it knows that version no
# longer, by the file's own
deb_is_whole()
{
	local want

	want=$(suite_apt "$1" apt-cache show "$2=$3" 2>/dev/null |
		sed -n 's/^SHA256: //p') || want=
	if [ -n "$want" ]; then
		[ "$(sha256sum <"$4")" = "${want%%$'\n'*}  -" ]
	else
		dpkg-deb --fsys-tarfile "$4" >/dev/null 2>&1
	fi
}

# Downloads go when they are unpacked, save from a directory that is given.
DEBS=${FPGA_CARD_DEBS:-$CACHE/debs}

# deb_fetch PACKAGE VERSION: prints where the file is.
deb_fetch()
{
	with_lock "deb-$1" deb_fetch_locked "$1" "$2" ||
		die "there is no package $1 $2 to be had"
}

deb_fetch_locked()
{
	local name=${1%:*} arch='*' suite file part

	[ "$name" = "$1" ] || arch=${1#*:}
	suite=$(suite_of "$1")
	mkdir -p "$DEBS" || return 1
	file=$(find "$DEBS" -maxdepth 1 -name "${name}_${2//:/%3a}_$arch.deb" -print -quit)
	if [ -n "$file" ]; then
		deb_is_whole "$suite" "$name" "$2" "$file" && echo "$file" && return
		say "${file##*/} is damaged: fetching it again"
		rm -f "$file"
	fi
	# Another cache may have that directory too.
	find "$DEBS" -maxdepth 1 -name '*.part' -mmin +60 -exec rm -rf {} +
	part=$(mktemp -d "$DEBS/$1.XXXXXX.part") || return 1
	[ -n "$file" ] || say "fetching $1 $2"
	if ! (cd "$part" && apt_logged "$LOGS/fetch-$1.log" \
			suite_apt "$suite" apt-get -q download "$name=$2"); then
		rm -rf "$part"
		return 1
	fi
	file=$(find "$part" -name '*.deb' -print -quit)
	if [ -z "$file" ] || ! dpkg-deb --info "$file" >/dev/null 2>&1; then
		say "apt-get download $name=$2 brought no package"
		rm -rf "$part"
		return 1
	fi
	mv "$file" "$DEBS/" && rm -rf "$part" && echo "$DEBS/${file##*/}"
}

# deb_done FILE: its content is where it belongs.
deb_done()
{
	[ -n "${FPGA_CARD_DEBS:-}" ] || rm -f "$1"
}
