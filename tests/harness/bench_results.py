#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""bench_results.py [STATEMENT...]: results as of a whole run of make bench, within all limits.

The times are made up. Each STATEMENT of Python, with the methods of Made as functions and
"run" for the object, changes them first.
"""

import json
import sys


class Made:
    """Such results."""

    def __init__(self):
        self.run = {
            "format": 1, "kernel": "6.12.117+deb12-amd64", "stock": True,
            "processor": "one instruction per ns", "quick": False, "runs": 9,
            "cases": [], "figures": [], "missing": []}
        self.add_cases()
        for key, at, value, unit, text in (
                ("stranger_wait_longest_ms", "cards-32", 21.5, "ms", "longest wait of a stranger"),
                ("stranger_bound_ms", "cards-32", 22.3, "ms", "longest removal or scan"),
                ("wait_cpu_percent", "base", 0.04, "%", "processor time of a wait of 20 s"),
                ("noticed_ms_longest", "base", 1.4, "ms", "longest until the end was noticed"),
                ("stage_ratio", "file-64", 1.04, "", "staging, to a bare copy"),
                ("drs_first_read_ms", "drs", 12, "ms", "from link to first read"),
                ("rescan_hold_longest_ms", "base", 20.9, "ms", "longest hold of rescan lock")):
            self.run["figures"].append(
                {"name": key, "case": at, "value": value, "unit": unit, "text": text})

    def add_cases(self):
        """All that a whole run has."""
        self.pair("base", 1127, 1135.6)
        for other, ms in (("recipe", 10150), ("rsu", 10148), ("fpgahp", 10160),
                          ("nfb-boot", 5210)):
            self.add("base", other, ms, steps={"waiting": ms - 48, "the-rest": 48})
        for n in (2, 8):
            self.pair(f"functions-{n}", 1127 + 9 * n, 1136 + 9 * n, functions=n)
        for n in (1, 8, 64, 256):
            self.pair(f"vfs-{n}", 1140 + 15 * n, 1150 + 15 * n, vfs=n)
        self.add("pfs-8", "ours", 1320, functions=8, pfs=8, vfs=8)
        for n in (2, 8, 32):
            self.add(f"cards-{n}", "ours", 1136 + 3 * n, cards=n)
        self.pair("idle-31", 1128, 1138, idle_cards=31)
        for n in (100, 500, 5000, 20000):
            self.pair(f"card-time-{n}", n + 127, n + 136, card_ms=n)
        for n in (1, 64, 512):
            self.add(f"file-{n}", "ours", 1136 + n, file_mib=n)
        self.add("drs", "ours", 1050)

    @staticmethod
    def times(record, median_ms):
        """Gives a case that median, with as much spread as each has."""
        record.update(median_ms=median_ms, min_ms=median_ms - 0.6, q1_ms=median_ms - 0.2,
                      q3_ms=median_ms + 0.3, max_ms=median_ms + 1.5)

    def add(self, name, who, median_ms, *, steps=None, **fields):
        """A new case."""
        record = {"name": name, "who": who, "functions": 1, "vfs": 0, "pfs": 1, "cards": 1,
                  "idle_cards": 0, "card_ms": 1000, "file_mib": 0, "runs": 9, **fields,
                  "steps": [{"step": s, "ms": ms} for s, ms in (steps or {}).items()]}
        self.times(record, median_ms)
        self.run["cases"].append(record)

    def pair(self, name, floor_ms, ours_ms, **fields):
        """Ours and the floor of a new case."""
        card_ms = fields.get("card_ms", 1000)
        self.add(name, "ours", ours_ms, **fields, steps={
            "opening": 0.8, "removing": 6.1, "loading": card_ms + 1.2, "settling": 100.9,
            "enumerating": 21.2})
        self.add(name, "floor", floor_ms, **fields, steps={
            "removing": 6, "loading": card_ms, "settling": 100, "enumerating": 20.9})

    def case(self, name, who="ours"):
        """That case."""
        return next(c for c in self.run["cases"] if (c["name"], c["who"]) == (name, who))

    def take(self, name, who, median_ms):
        """Another median for that case."""
        self.times(self.case(name, who), median_ms)

    def drop(self, name, who="ours", why="it did not load"):
        """That case was not measured. Without why nothing is known of it."""
        self.run["cases"].remove(self.case(name, who))
        if why:
            self.run["missing"].append({"case": name, "who": who, "why": why})

    def figure(self, name):
        """That figure."""
        return next(f for f in self.run["figures"] if f["name"] == name)

    def drop_figure(self, name):
        """That figure was not measured."""
        self.run["figures"].remove(self.figure(name))

    def change(self, statement):
        """Executes a statement, and returns itself."""
        names = {name: getattr(self, name) for name in dir(self) if name[0] != "_"}
        # pylint: disable=exec-used
        exec(statement, names)
        return self


if __name__ == "__main__":
    made = Made()
    for given in sys.argv[1:]:
        made.change(given)
    json.dump(made.run, sys.stdout, indent=1)
