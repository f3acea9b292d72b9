# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs of this machine's own packages in a guest, with the libraries that they need.

# guest_add_program DIR NAME...: into DIR, which is for the guest's root
guest_add_program()
{
	local dir=$1 name file

	shift
	mkdir -p "$dir/bin" || return 1
	for name in "$@"; do
		file=$(PATH=$PATH:/usr/sbin:/sbin type -P "$name") || {
			say "no program $name"
			return 1
		}
		cp -L "$file" "$dir/bin/$name" || return 1
		ldd "$file" | grep -o '/[^ ]*' | while read -r file; do
			mkdir -p "$dir${file%/*}" && cp -L "$file" "$dir$file" || return 1
		done || return 1
	done
}
