# SPDX-License-Identifier: GPL-2.0-only
"""What a load may take: the one table of the limits, and what comes of a run.

A limit is about one or more ratios, each of which holds, falls short or was not measured.
What was not measured does not hold. Only a quick run may do without it.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import hypot
from typing import Callable

from . import cases
from .results import WHO


@dataclass(frozen=True)
class Value:
    """One ratio. Its spread is that of what it was made of. bound is where the limit has none
    that is the same for all."""

    name: str
    value: float = None
    spread: float = 0
    unit: str = ""
    bound: float = None
    why: str = ""


@dataclass(frozen=True)
class Limit:
    """values yields each Value that the limit is about."""

    text: str
    values: Callable
    most: float = None
    below: float = None
    least: float = None

    def bound(self, value):
        """The word for the kind of limit, and the limit."""
        if value.bound is not None:
            return "at most", value.bound
        if self.most is not None:
            return "at most", self.most
        if self.below is not None:
            return "below", self.below
        return "at least", self.least

    def holds(self, value):
        """Whether a value that was measured is within the limit."""
        word, bound = self.bound(value)
        if word == "at most":
            return value.value <= bound
        return value.value < bound if word == "below" else value.value >= bound


@dataclass(frozen=True)
class Verdict:
    """One ratio, and what it is worth."""

    limit: Limit
    value: Value

    @property
    def state(self):
        """ "ok", "short" or "missing" """
        if self.value.value is None:
            return "missing"
        return "ok" if self.limit.holds(self.value) else "short"

    def bound(self):
        """The limit, for people."""
        word, bound = self.limit.bound(self.value)
        return f"{word} {number(bound, self.value.unit)}" if bound is not None else ""

    def __str__(self):
        if self.state == "missing":
            return f"{self.value.name}: not measured: {self.value.why}"
        return f"{self.value.name}: {number(self.value.value, self.value.unit)}, {self.bound()}"


def number(value, unit=""):
    """With as many digits as tell a value from its limit."""
    digits = f"{value:.0f}" if value == int(value) else f"{value:.6g}"
    return f"{digits} {unit}".rstrip()


def ratio(name, case, other):
    """Value of the ratio of two cases."""
    value = case.median_ms / other.median_ms
    spread = value * hypot(case.spread_ms / case.median_ms, other.spread_ms / other.median_ms)
    return Value(name, value, spread)


# Each of these makes a function that yields the values of some results.

def each_of(results, patterns):
    """The names of the cases that were measured, or should have been."""
    known = [*results.names(), *(lost.name for lost in results.missing), *cases.EXPECTED]
    names = {name for name in known for pattern in patterns if fnmatchcase(name, pattern)}
    return sorted(names, key=cases.by_number)


def both(results, name, first, second):
    """The case of two of WHO, or why one of them is missing."""
    found = [results.case(name, who) for who in (first, second)]
    for who, case in zip((first, second), found):
        if not case:
            return None, f"{who}: {results.why(name, who)}"
    return found, ""


def over_floor(patterns, ms, part):
    """What a load takes longer than the floor."""

    def values(results):
        for name in each_of(results, patterns):
            found, why = both(results, name, "ours", "floor")
            if not found:
                yield Value(f"{name} ours - floor", why=why)
                continue
            ours, floor = found
            yield Value(f"{name} ours - floor", ours.median_ms - floor.median_ms,
                        hypot(ours.spread_ms, floor.spread_ms), "ms",
                        bound=ms + part * floor.median_ms)

    return values


def against(patterns, first, second, card_ms=None):
    """What first takes for what second takes."""

    def values(results):
        for name in each_of(results, patterns):
            label = f"{name} {first}/{second}"
            found, why = both(results, name, first, second)
            if found and card_ms is not None and found[0].card_ms != card_ms:
                found, why = None, f"the card takes {found[0].card_ms} ms, and not {card_ms}"
            yield ratio(label, *found) if found else Value(label, why=why)

    return values


def against_case(name, others, *free):
    """What a load takes for what it takes with one of each of these, in one of others."""

    def values(results):
        label = f"{name}/{others[0]}"
        case = results.case(name)
        less = cases.sibling(results, name, others, free)
        if case and less:
            yield ratio(label, case, less)
        else:
            lost = others[0] if case else name
            yield Value(label, why=f"{lost}: {results.why(lost, WHO[0])}")

    return values


def figure(name, bound_by=None, case=None):
    """A figure of each case that has it, and of this case. bound_by: the figure of the same case
    that is its limit."""

    def values(results):
        found = results.figures_of(name)
        if case not in found and (case or not found):
            yield Value(f"{case or ''} {name}".lstrip(), why=results.why(name))
        for of, measured in found.items():
            label = f"{of} {name}".lstrip()
            bound = results.figures_of(bound_by).get(of) if bound_by else None
            if bound_by and not bound:
                yield Value(label, why=f"{bound_by}: {results.why(bound_by)}")
            else:
                yield Value(label, measured.value, 0, measured.unit,
                            bound=bound.value if bound else None)

    return values


def staging(part, ms):
    """stage_ratio of each case that has it: part, and ms for the request itself where it is
    known how long the copy takes."""

    def values(results):
        found = results.figures_of("stage_ratio")
        if not found:
            yield Value("stage_ratio", why=results.why("stage_ratio"))
        for of, measured in found.items():
            copy = results.case(of, "floor")
            yield Value(f"{of} stage_ratio", measured.value, 0, measured.unit,
                        bound=part + (ms / copy.median_ms if copy else 0))

    return values


LIMITS = (
    Limit("Over the floor, one function: at most 10 ms and 1 % of the floor",
          over_floor(("base", "card-time-*"), ms=10, part=0.01)),
    Limit("Many VFs: at most 1.03 times the floor",
          against(("vfs-64", "vfs-256"), "ours", "floor"), most=1.03),
    Limit("8 PFs with VFs: at most 1.1 times one PF",
          against_case("pfs-8", ("pfs-1", "vfs-*"), "pfs", "functions"), most=1.1),
    Limit("32 cards at once: at most 1.1 times one card",
          against_case("cards-32", ("cards-1", "base"), "cards"), most=1.1),
    Limit("Somebody else's rescan during loads: never longer than one removal or scan",
          figure("stranger_wait_longest_ms", bound_by="stranger_bound_ms", case="cards-32")),
    Limit("rsu's order on a card that takes 1 s: at least 8.5 times ours",
          against(("base",), "rsu", "ours", card_ms=1000), least=8.5),
    Limit("A wait for a card: below 0.1 % of a processor",
          figure("wait_cpu_percent"), below=0.1),
    Limit("The end of a load: noticed within 2 ms",
          figure("noticed_ms_longest"), most=2),
    Limit("Staging: at most 1.1 times a bare copy of the same bytes, and 0.1 ms",
          staging(part=1.1, ms=0.1)),
    Limit("With Device Readiness Status: below 20 ms from link to first configuration read",
          figure("drs_first_read_ms"), below=20),
)


# What makes a whole run one.

def least_runs(results):
    """The case with the fewest runs."""
    fewest = min(results.cases, key=lambda case: case.runs)
    yield Value(f"runs of {fewest.name} {fewest.who}", fewest.runs)


def stock_kernel(results):
    """1 for a kernel as its distribution ships it."""
    yield Value("stock kernel", int(results.stock))


def left_out(results):
    """Each case that should have been measured and was not."""
    lost = [(name, who) for name in cases.EXPECTED
            for who in cases.EXPECTED_WHO.get(name, WHO[:1]) if not results.case(name, who)]
    for name, who in lost:
        yield Value(f"{name} {who}", why=results.why(name, who))
    if not lost:
        yield Value("cases left out", 0)


WHOLE = (
    Limit("Medians of at least 9 runs", least_runs, least=9),
    Limit("On the kernel as its distribution ships it", stock_kernel, least=1),
    Limit("All cases", left_out, most=0),
)


def verdicts(results):
    """Each ratio of each limit."""
    limits = LIMITS if results.quick else LIMITS + WHOLE
    return [Verdict(limit, value) for limit in limits for value in limit.values(results)]


def failures(results, judged):
    """Those that are a failure, in words."""
    wanted = ("short",) if results.quick else ("short", "missing")
    failed = [str(verdict) for verdict in judged if verdict.state in wanted]
    if all(verdict.state == "missing" for verdict in judged):
        failed.append("nothing was held against a limit")
    return failed
