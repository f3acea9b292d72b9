# SPDX-License-Identifier: GPL-2.0-only
"""The results as tables: for a terminal, and as reStructuredText."""

from . import cases
from .limits import LIMITS, Verdict, number
from .results import OTHERS, WHO

NOT_MEASURED = "not measured"


def aligned(rows):
    """Lines of a table: the first two columns to the left, the others to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.rjust(width) if n > 1 else cell.ljust(width)
                        for n, (cell, width) in enumerate(zip(row, widths))).rstrip()


def simple_table(rows):
    """Lines of a simple table, the first row of which is its head."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    rule = "  ".join("=" * width for width in widths)

    def line(row):
        # An empty first column would continue the row above.
        return "  ".join((cell or ("\\" if not n else "")).ljust(width)
                         for n, (cell, width) in enumerate(zip(row, widths))).rstrip()

    return [rule, line(rows[0]), rule, *map(line, rows[1:]), rule]


def shown_who(results, name):
    """Who has a row of that case."""
    wanted = cases.EXPECTED_WHO.get(name, ("ours",))
    return [who for who in WHO if who in wanted or results.case(name, who) or
            any(lost.name == name and lost.who == who for lost in results.missing)]


def row_of(results, name, who):
    """Who, median, spread, to the floor, to ours; None if not measured."""
    case = results.case(name, who)
    if not case:
        return None
    ours, floor = results.case(name), results.case(name, "floor")
    to_floor = to_ours = ""
    if floor and who != "floor":
        to_floor = f"{case.median_ms / floor.median_ms:.3f}"
    if ours and who in OTHERS:
        to_ours = f"{case.median_ms / ours.median_ms:.2f}"
    return [who, f"{case.median_ms:.1f}", f"{case.q1_ms:.1f} to {case.q3_ms:.1f}",
            f"{case.min_ms:.1f} to {case.max_ms:.1f}", to_floor, to_ours]


def text(results):
    """Lines with all cases and figures."""
    kind = "quick" if results.quick else "whole"
    stock = "as its distribution ships it" if results.stock else "rebuilt"
    yield f"A {kind} run on {results.kernel}, {stock}; {results.processor}; times in ms"
    yield ""
    rows = [["case", "who", "median", "half of them", "all of them", "to floor", "to ours"]]
    for _, names in cases.grouped(results):
        for name in names:
            for who in shown_who(results, name):
                rows.append([name if who == "ours" else "",
                             *(row_of(results, name, who) or
                               [who, NOT_MEASURED, "", "", "", ""])])
    yield from aligned(rows)
    if results.figures:
        yield ""
        yield from aligned([["figure", "case", "value"], *(
            [figure.text, figure.case, number(figure.value, figure.unit)]
            for figure in results.figures)])
    lost = [f"{lost.name} {lost.who}".rstrip() + f": {lost.why}" for lost in results.missing]
    if lost:
        yield ""
        yield "Not measured:"
        yield from (f"  {line}" for line in lost)


# Each of these makes lines of reStructuredText.

def rst_group(results, group):
    """The cases of one group."""
    rows = [["Case", "Who", "Median", "Half of the runs", "To the floor", "To ours"]]
    for found, names in cases.grouped(results):
        if found.name != group:
            continue
        for name in names:
            for who in shown_who(results, name):
                label = f"``{name}``" if who == "ours" else ""
                row = row_of(results, name, who)
                rows.append([label, who, f"{row[1]} ms", f"{row[2]} ms", *row[4:]] if row else
                            [label, who, NOT_MEASURED, "", "", ""])
    return simple_table(rows) if len(rows) > 1 else [f"This is {NOT_MEASURED}."]


def plain(words):
    """Words of a file that mean nothing in reStructuredText."""
    return "".join(f"\\{char}" if char in "\\*`|_" else char for char in words)


def rst_figures(results):
    """All figures."""
    rows = [["Figure", "Case", "Value"]]
    for figure in results.figures:
        rows.append([plain(figure.text), f"``{figure.case}``" if figure.case else "",
                     number(figure.value, plain(figure.unit))])
    return simple_table(rows) if len(rows) > 1 else [f"There is no figure: {NOT_MEASURED}."]


def rst_run(results):
    """On what all that was measured."""
    stock = "as its distribution ships it" if results.stock else "rebuilt"
    return [f"Measured on {plain(results.kernel)}, {stock}; {plain(results.processor)}; "
            f"medians of {min(case.runs for case in results.cases)} runs or more."]


def rst_limits(results=None):
    """The limits, and how far the results are from them."""
    rows = [["Limit", "Ratio", "Measured", "Allowed"]]
    for limit in LIMITS:
        values = limit.values(results) if results else [None]
        for n, value in enumerate(values):
            label = plain(limit.text) if not n else ""
            if value is None:
                rows.append([label, "", NOT_MEASURED, ""])
                continue
            verdict = Verdict(limit, value)
            state = {"ok": verdict.bound(), "short": f"**{verdict.bound()}**",
                     "missing": ""}[verdict.state]
            rows.append([label, f"``{value.name}``", NOT_MEASURED if value.value is None else
                         number(value.value, plain(value.unit)), state])
    return simple_table(rows)


RST = {group.name: lambda results, name=group.name: rst_group(results, name)
       for group in (*cases.GROUPS, cases.REST)}
RST.update(figures=rst_figures, run=rst_run, limits=rst_limits)
