# SPDX-License-Identifier: GPL-2.0-only
"""The cases that a whole run has, and the groups in which they are shown."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .results import WHO

# What a whole run cannot be without. Others are shown too.
EXPECTED = (
    "base",
    "functions-2", "functions-8",
    "vfs-1", "vfs-8", "vfs-64", "vfs-256", "pfs-8",
    "cards-2", "cards-8", "cards-32", "idle-31",
    "card-time-100", "card-time-20000",
    "file-1", "file-64", "file-512",
    "drs",
)

# Which of WHO have to be measured, where it is not ours alone.
EXPECTED_WHO = {"base": WHO}


@dataclass(frozen=True)
class Group:
    """Cases that belong together."""

    name: str
    title: str
    patterns: tuple

    def place(self, name):
        """The first of the patterns that the name of a case matches, or None."""
        return next((n for n, pattern in enumerate(self.patterns)
                     if fnmatchcase(name, pattern)), None)


GROUPS = (
    Group("base", "One card, one function", ("base",)),
    Group("functions", "Functions", ("functions-*",)),
    Group("vfs", "VFs", ("vfs-*", "pfs-*")),
    Group("cards", "Cards", ("cards-*", "idle-*")),
    Group("card-time", "What the card takes", ("card-time-*",)),
    Group("file", "Images as files", ("file-*",)),
    Group("readiness", "Readiness Notifications", ("drs*", "rtr*", "immediate*")),
)
REST = Group("rest", "Others", ("*",))


def by_number(name):
    """A key that sorts vfs-8 before vfs-64."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def expected(pattern):
    """Those of EXPECTED that match."""
    return [name for name in EXPECTED if fnmatchcase(name, pattern)]


def grouped(results):
    """Yields each group with the names of its cases, measured or not."""
    left = list(dict.fromkeys([*results.names(), *EXPECTED]))
    for group in (*GROUPS, REST):
        names = [name for name in left if group.place(name) is not None]
        left = [name for name in left if name not in names]
        if names:
            yield group, sorted(names, key=lambda name: (group.place(name), by_number(name)))


def sibling(results, name, patterns, free):
    """Our case that is as the one of that name but has 1 of each of the free fields: the first
    whose name matches the first of the patterns, else the next one. None if there is none."""
    case = results.case(name)
    same = {"functions", "vfs", "pfs", "cards", "idle_cards", "card_ms", "file_mib"} - {*free}
    fit = [other for other in results.cases if case and other.who == "ours" and
           all(getattr(other, key) == getattr(case, key) for key in same) and
           all(getattr(other, key) == 1 for key in free)]
    return next((other for pattern in patterns for other in fit
                 if fnmatchcase(other.name, pattern)), None)
