# SPDX-License-Identifier: GPL-2.0-only
"""The results of one run of the benchmark, as tests/bench.sh writes them: one JSON object.

Nothing is guessed: results that are not as they are described here are refused.
"""

import json
import math
import re
from dataclasses import dataclass

FORMAT = 1

# Who loads. The first is what the others are held against, the last what nobody beats.
WHO = ("ours", "recipe", "rsu", "fpgahp", "nfb-boot", "floor")
OTHERS = WHO[1:-1]

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
STEP = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]*")
FIGURE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
KERNEL = re.compile(r"[A-Za-z0-9._+~-]+")
TEXT = re.compile(r"[^\x00-\x1f\x7f]+")


class Damaged(Exception):
    """The results are not what they should be."""


@dataclass(frozen=True)
class Case:
    """One case, loaded by one of WHO. All times are in milliseconds."""

    name: str
    who: str
    functions: int
    vfs: int
    pfs: int
    cards: int
    idle_cards: int
    card_ms: float
    file_mib: float
    runs: int
    median_ms: float
    min_ms: float
    max_ms: float
    q1_ms: float
    q3_ms: float
    steps: tuple

    @property
    def spread_ms(self):
        """Half of the runs are not further apart."""
        return self.q3_ms - self.q1_ms


@dataclass(frozen=True)
class Figure:
    """Anything else that was measured: less is better."""

    name: str
    case: str
    value: float
    unit: str
    text: str


@dataclass(frozen=True)
class Missing:
    """What was not measured. Without who it is all of the case, and name may be a figure's."""

    name: str
    who: str
    why: str


class Results:
    """One run of the benchmark."""

    def __init__(self, top):
        self.kernel = top.text("kernel", KERNEL)
        self.stock = top.flag("stock")
        self.processor = top.text("processor", TEXT)
        self.quick = top.flag("quick")
        self.runs = top.whole("runs", 1)
        self.cases = [read_case(record) for record in top.records("cases")]
        self.figures = [read_figure(record) for record in top.records("figures")]
        self.missing = [read_missing(record) for record in top.records("missing")]
        if not self.cases:
            raise Damaged("cases: there are none")
        self.check_once("cases", ((c.name, c.who) for c in self.cases))
        self.check_once("figures", ((f.name, f.case) for f in self.figures))
        for lost in self.missing:
            if self.case(lost.name, lost.who):
                raise Damaged(f"missing: {lost.who} was measured in {lost.name}")

    @staticmethod
    def check_once(what, keys):
        """Raises Damaged if a key is there twice."""
        seen = set()
        for key in keys:
            if key in seen:
                raise Damaged(f"{what}: {' '.join(key)} is there twice")
            seen.add(key)

    def case(self, name, who="ours"):
        """The case of that name, or None."""
        for case in self.cases:
            if case.name == name and case.who == who:
                return case
        return None

    def names(self):
        """Of the cases, each once, in their order."""
        return list(dict.fromkeys(case.name for case in self.cases))

    def figures_of(self, name):
        """The figures of that name, by case."""
        return {figure.case: figure for figure in self.figures if figure.name == name}

    def why(self, name, who=""):
        """Why that was not measured."""
        for lost in self.missing:
            if lost.name == name and lost.who in ("", who):
                return lost.why
        return "it is not among the results"


class Record:
    """One object of the JSON, and where it is."""

    def __init__(self, value, where):
        if not isinstance(value, dict):
            raise Damaged(f"{where or 'the whole'}: it is no object")
        self.value = value
        self.where = f"{where}." if where else ""

    def get(self, key):
        """The value of a key that has to be there."""
        if key not in self.value:
            raise Damaged(f"{self.where}{key}: it is missing")
        return self.value[key]

    def text(self, key, pattern):
        """A string of that pattern."""
        value = self.get(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Damaged(f"{self.where}{key}: not {value!r}")
        return value

    def optional(self, key, pattern):
        """The same, or nothing."""
        return self.text(key, pattern) if self.value.get(key) else ""

    def flag(self, key):
        """true or false"""
        value = self.get(key)
        if not isinstance(value, bool):
            raise Damaged(f"{self.where}{key}: {value!r} is neither true nor false")
        return value

    def number(self, key, least=0):
        """A number, at least that."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Damaged(f"{self.where}{key}: {value!r} is no number")
        if not math.isfinite(value) or value < least:
            raise Damaged(f"{self.where}{key}: not {value!r}")
        return value

    def whole(self, key, least=0):
        """A whole number, at least that."""
        value = self.number(key, least)
        if value != int(value):
            raise Damaged(f"{self.where}{key}: {value!r} is not whole")
        return int(value)

    def records(self, key):
        """A list of objects."""
        value = self.get(key)
        if not isinstance(value, list):
            raise Damaged(f"{self.where}{key}: it is no list")
        return [Record(v, f"{self.where}{key}[{n}]") for n, v in enumerate(value)]


def read_case(record):
    """One of "cases"."""
    who = record.text("who", NAME)
    if who not in WHO:
        raise Damaged(f"{record.where}who: nobody is called {who!r}")
    case = Case(
        name=record.text("name", NAME),
        who=who,
        functions=record.whole("functions", 1),
        vfs=record.whole("vfs"),
        pfs=record.whole("pfs", 1),
        cards=record.whole("cards", 1),
        idle_cards=record.whole("idle_cards"),
        card_ms=record.number("card_ms"),
        file_mib=record.number("file_mib"),
        runs=record.whole("runs", 1),
        median_ms=record.number("median_ms"),
        min_ms=record.number("min_ms"),
        max_ms=record.number("max_ms"),
        q1_ms=record.number("q1_ms"),
        q3_ms=record.number("q3_ms"),
        steps=tuple((step.text("step", STEP), step.number("ms"))
                    for step in record.records("steps")))
    if not 0 < case.min_ms <= case.q1_ms <= case.median_ms <= case.q3_ms <= case.max_ms:
        raise Damaged(f"{record.where}median_ms: {case.name} of {who}: the times are not in order")
    return case


def read_figure(record):
    """One of "figures"."""
    return Figure(
        name=record.text("name", FIGURE),
        case=record.optional("case", NAME),
        value=record.number("value"),
        unit=record.optional("unit", TEXT),
        text=record.text("text", TEXT))


def read_missing(record):
    """One of "missing": a case or a figure."""
    key, pattern = ("figure", FIGURE) if "figure" in record.value else ("case", NAME)
    return Missing(
        name=record.text(key, pattern),
        who=record.optional("who", NAME),
        why=record.text("why", TEXT))


def parse(text):
    """Results of the text of such a file; raises Damaged."""

    def no_number(text):
        raise Damaged(f"{text} is no number")

    def once(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise Damaged(f"a key is there twice: {', '.join(keys)}")
        return dict(pairs)

    try:
        value = json.loads(text, parse_constant=no_number, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"it is no JSON: {error}") from None
    top = Record(value, "")
    if top.whole("format") != FORMAT:
        raise Damaged(f"format: {value['format']}, and only {FORMAT} is known")
    return Results(top)


def load(path):
    """Results of such a file; raises Damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(str(error)) from None
