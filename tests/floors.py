#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Look whether calls go down only.

floors.py LIST TREE OBJECTS: LIST says which files are on which floor of which folder (see
there), TREE has their sources, OBJECTS the objects that were made of them. What a file
uses of others is what its object leaves undefined.
"""

import os
import re
import subprocess
import sys

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def read_floors(path):
    """{folder: {file: (number of its floor, name of its floor)}}"""
    folders = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if not words:
                continue
            floors = folders.setdefault(words[0], {})
            number = 1 + max((n for n, _ in floors.values()), default=0)
            for name in words[2:]:
                if name in floors:
                    sys.exit(f"{path}: {words[0]}/{name} is on two floors")
                floors[name] = (number, words[1])
    return folders


def symbols(obj):
    """What an object defines for others, and what it needs of them."""
    defined, needed = set(), set()
    out = subprocess.run(["nm", obj], check=True, capture_output=True, text=True)
    for line in out.stdout.splitlines():
        words = line.split()
        if words[-2] == "U":
            needed.add(words[-1])
        elif words[-2] in "TDBRVW":
            defined.add(words[-1])
    return defined, needed


def upward_calls(folder, floors, objects):
    """Yields a sentence for each call that does not go down."""
    defined, needed = {}, {}
    for name in floors:
        if name.endswith(".h"):
            continue
        obj = os.path.join(objects, folder, name + ".o")
        if not os.path.exists(obj):
            yield f"{folder}/{name}.c was not built, or is not there"
            continue
        have, needed[name] = symbols(obj)
        for symbol in have:
            defined[symbol] = name
    for name, used in sorted(needed.items()):
        for symbol in sorted(used):
            other = defined.get(symbol, name)
            if other != name and floors[other][0] >= floors[name][0]:
                yield (f"{folder}/{name}.c ({floors[name][1]}) calls {symbol}() of "
                       f"{other}.c ({floors[other][1]})")


def header_path(folder, source, header):
    """The name of a header in its folder, however it is included."""
    if header.startswith(folder + "/"):
        return header[len(folder) + 1:]
    return os.path.normpath(os.path.join(os.path.dirname(source), header))


def upward_includes(folder, folders, tree):
    """Likewise for headers, which may be of the same floor, but not of another folder."""
    floors = folders[folder]
    others = {"..", *folders} - {folder}
    for name in sorted(floors):
        source = name if name.endswith(".h") else name + ".c"
        with open(os.path.join(tree, folder, source), encoding="utf-8") as lines:
            for header in INCLUDE.findall(lines.read()):
                header = header_path(folder, source, header)
                if header.split("/")[0] in others:
                    yield f"{folder}/{source} includes {header} of another folder"
                if header in floors and floors[header][0] > floors[name][0]:
                    yield (f"{folder}/{source} ({floors[name][1]}) includes {header} "
                           f"({floors[header][1]})")


def not_listed(folder, floors, tree):
    """Yields a sentence for each source and each header that has no floor."""
    top = os.path.join(tree, folder)
    for path, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            name = os.path.relpath(os.path.join(path, name), top)
            if name.endswith((".c", ".h")) and name not in floors and \
                    name[:-2] not in floors:
                yield f"{folder}/{name} is on no floor"


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    path, tree, objects = sys.argv[1:]
    bad = 0
    folders = read_floors(path)
    for folder, floors in folders.items():
        for problem in (*not_listed(folder, floors, tree),
                        *upward_calls(folder, floors, objects),
                        *upward_includes(folder, folders, tree)):
            print(problem)
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
