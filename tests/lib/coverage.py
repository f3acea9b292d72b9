#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""coverage.py COUNTS TREE PERCENT

Reads what gcov makes of the counts below directory COUNTS, prints a table of the
files of pci/ and fpga/ in TREE, and "pass SENTENCE" or "fail SENTENCE" for each
sum, by whether it has PERCENT of the lines. With VERBOSE set in the environment
also what never ran; FILES narrows that down.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

PARTS = ("pci", "fpga")


class File:
    """Counts of a source file: by line, and by branch of a line."""

    def __init__(self):
        self.lines = collections.Counter()
        self.branches = collections.Counter()

    def add(self, line, entry):
        """One line of one object: a header's come with several of them."""
        number = line["line_number"]
        self.lines[number] += line["count"]
        for i, branch in enumerate(line["branches"]):
            key = (number, line.get("function_name", ""), i)
            self.branches[key] += branch["count"]

    def missed_lines(self):
        return sorted(n for n, count in self.lines.items() if not count)

    def missed_branches(self):
        """Of lines that ran, as {line: (never taken, all)}."""
        result = {}
        for (number, _, _), count in self.branches.items():
            if self.lines[number]:
                never, total = result.get(number, (0, 0))
                result[number] = (never + (not count), total + 1)
        return {n: pair for n, pair in result.items() if pair[0]}


class Sum:
    """Lines and branches of some files."""

    def __init__(self, files):
        files = list(files)
        self.lines = sum(len(f.lines) for f in files)
        self.lines_hit = sum(1 for f in files for c in f.lines.values() if c)
        self.branches = sum(len(f.branches) for f in files)
        self.branches_hit = sum(
            1 for f in files for c in f.branches.values() if c)

    @staticmethod
    def percent(hit, total):
        return 100.0 * hit / total if total else 0.0

    def row(self, name):
        lines = self.percent(self.lines_hit, self.lines)
        branches = self.percent(self.branches_hit, self.branches)
        return (f"# {name:24} {self.lines_hit:5}/{self.lines:<5}{lines:6.1f} %"
                f" {self.branches_hit:5}/{self.branches:<5}{branches:6.1f} %")


def gcov(counts, notes):
    """What gcov says of one object."""
    done = subprocess.run(
        ["gcov", "--json-format", "--branch-probabilities",
         "--branch-counts", "--stdout", str(notes)],
        cwd=counts, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def read_counts(counts, tree):
    files = {}
    for notes in sorted(counts.rglob("*.gcno")):
        for entry in gcov(counts, notes)["files"]:
            path = pathlib.Path(entry["file"])
            if not path.is_absolute():
                path = tree / path
            try:
                name = path.resolve().relative_to(tree.resolve())
            except ValueError:
                continue
            if name.parts[0] not in PARTS:
                continue
            for line in entry["lines"]:
                files.setdefault(str(name), File()).add(line, entry)
    return files


def print_missed(tree, name, counts):
    """Like a compiler would, so that editors find the place."""
    source = (tree / name).read_text(encoding="utf-8").splitlines()
    branches = counts.missed_branches()
    for number in sorted(set(counts.missed_lines()) | set(branches)):
        text = source[number - 1].strip()
        what = "never ran"
        if number in branches:
            never, total = branches[number]
            what = f"{never} of {total} branches never taken"
        print(f"# {name}:{number}: {what}: {text}")


def main():
    counts, tree = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    wanted = float(sys.argv[3])
    files = read_counts(counts, tree)

    print(f"# {'':24} {'lines':>18} {'branches':>20}")
    for name in sorted(files):
        print(Sum([files[name]]).row(name))
    sums = {part + "/": Sum(counts for name, counts in files.items()
                            if name.startswith(part + "/"))
            for part in PARTS}
    sums["pci/ and fpga/"] = Sum(files.values())
    for name, total in sums.items():
        print(total.row("sum of " + name))

    if os.environ.get("VERBOSE"):
        for name in sorted(files):
            if os.environ.get("FILES", "") in name:
                print_missed(tree, name, files[name])

    for name, total in sums.items():
        percent = Sum.percent(total.lines_hit, total.lines)
        verdict = "pass" if percent >= wanted else "fail"
        print(f"{verdict} {percent:.1f} % of the lines of {name} ran,"
              f" of {wanted:g} % at least")


if __name__ == "__main__":
    main()
