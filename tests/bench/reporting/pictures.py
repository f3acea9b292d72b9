# SPDX-License-Identifier: GPL-2.0-only
"""The results as bars, by gnuplot, each picture as SVG and as PNG.

GROUP has a bar for each way to load each case of the group, made of its steps.
steps-CASE has two bars for each step of a case: ours and the floor's. Its scale is
logarithmic, as some steps take a thousand times as long as others.
"""

import os
import subprocess

from . import cases
from .results import WHO

COLOURS = ("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1",
           "#9c755f", "#1f3b57", "#a0521d", "#2c5a28", "#8c1f21", "#d7b5a6", "#ff9da7")
OURS_COLOUR, FLOOR_COLOUR = COLOURS[0], "#bab0ac"
# Steps of less than this part of a bar cannot be seen there, and are drawn as one.
VISIBLE = 0.005
SMALL, SMALL_COLOUR = "other", "#bab0ac"
ALL = "all"

# It takes some seconds, unless the machine is busy.
GNUPLOT_SECONDS = 600

HEIGHT = 540
LEAST_WIDTH = 900
TERMINALS = {"svg": "svg size {},{} noenhanced font 'sans,12' background rgb 'white'",
             "png": "pngcairo size {},{} noenhanced font 'sans,11' background rgb 'white'"}

STYLE = ("set style fill solid 1.0 noborder",
         "set grid ytics linecolor rgb '#dddddd'",
         "set border 3",
         "set tics nomirror out",
         "set key outside right top vertical reverse Left noenhanced invert")


class NoPicture(Exception):
    """gnuplot did not make it."""


def steps_of(case):
    """{step: ms}. Steps of one name are one."""
    steps = {}
    for step, ms in case.steps:
        steps[step] = steps.get(step, 0) + ms
    return steps


def xtics(labels):
    """The command for [(label, place)]."""
    return "set xtics rotate by -40 left (" + ", ".join(
        f"'{label}' {place:g}" for label, place in labels) + ")"


def spread(name, points, per=1):
    """Lines with the median and the quartiles of [(case, place)]."""
    yield f"${name} << END"
    for case, place in points:
        yield f"{place:g} {case.median_ms / per:.6f} {case.q1_ms / per:.6f} " \
            f"{case.q3_ms / per:.6f}"
    yield "END"


def spread_curve(name):
    """Its curve."""
    return f"${name} using 1:2:3:4 with yerrorbars linecolor rgb 'black' pointtype 7 " \
        "pointsize 0.3 title 'median, half of the runs'"


def stacked_parts(case):
    """Yields (step, from, to) of a bar of one case, the small ones last and as one."""
    at = 0
    for step, ms in steps_of(case).items():
        if ms >= VISIBLE * case.median_ms:
            yield step, at, at + ms
            at += ms
    if at < case.median_ms:
        yield SMALL, at, case.median_ms


def stacked_places(results, names):
    """[(case, place of its bar)], with a gap between two cases."""
    places, place = [], 0
    for name in names:
        found = [results.case(name, who) for who in WHO if results.case(name, who)]
        places += [(case, place + n) for n, case in enumerate(found)]
        place += len(found) + 0.8 if found else 0
    return places


def stacked(title, places):
    """gnuplot's commands for a bar of steps for each case."""
    top = max(case.max_ms for case, _ in places)
    unit, per = ("s", 1000) if top >= 3000 else ("ms", 1)
    steps = {}
    for case, place in places:
        for step, begin, end in stacked_parts(case):
            steps.setdefault(step, []).append((place, begin / per, end / per))
    if SMALL in steps:
        steps[SMALL] = steps.pop(SMALL)
    yield from STYLE
    yield f"set title '{title}'"
    yield f"set ylabel '{unit}'"
    yield f"set yrange [0:{top / per * 1.06:g}]"
    yield f"set xrange [-0.7:{places[-1][1] + 0.7:g}]"
    yield xtics([(f"{case.name} {case.who}", place) for case, place in places])
    for n, points in enumerate(steps.values()):
        yield f"$step{n} << END"
        for place, begin, end in points:
            yield f"{place:g} {(begin + end) / 2:.6f} {place - 0.4:g} {place + 0.4:g} " \
                f"{begin:.6f} {end:.6f}"
        yield "END"
    yield from spread("spread", places, per)
    yield "plot " + ", \\\n".join([*(
        f"$step{n} using 1:2:3:4:5:6 with boxxyerror title '{step}' linecolor rgb "
        f"'{SMALL_COLOUR if step == SMALL else COLOURS[n % len(COLOURS)]}'"
        for n, step in enumerate(steps)), spread_curve("spread")])


def beside(title, ours, floor):
    """gnuplot's commands for two bars for each step."""
    steps = list(dict.fromkeys([*steps_of(ours), *steps_of(floor)]))
    labels = [*steps, ALL]
    shown = [ms for case in (ours, floor) for ms in steps_of(case).values() if ms > 0]
    lowest = min([*shown, ours.min_ms, floor.min_ms]) / 2
    yield from STYLE
    yield f"set title '{title}'"
    yield "set ylabel 'ms'"
    yield "set logscale y"
    yield f"set yrange [{lowest:.6g}:{max(ours.max_ms, floor.max_ms) * 2:.6g}]"
    yield f"set xrange [-0.6:{len(labels) - 0.4:g}]"
    yield "set boxwidth 0.36"
    yield xtics([(label, n) for n, label in enumerate(labels)])
    for case, to_left in ((ours, -0.19), (floor, 0.19)):
        taken = {**steps_of(case), ALL: case.median_ms}
        yield f"${case.who} << END"
        for n, label in enumerate(labels):
            if taken.get(label, 0) > 0:
                yield f"{n + to_left:g} {taken[label]:.6f}"
        yield "END"
    yield from spread("spread", [(ours, len(steps) - 0.19), (floor, len(steps) + 0.19)])
    yield f"plot $ours using 1:2 with boxes linecolor rgb '{OURS_COLOUR}' title 'ours', \\\n" \
        f"$floor using 1:2 with boxes linecolor rgb '{FLOOR_COLOUR}' title 'floor', \\\n" + \
        spread_curve("spread")


def files(name, commands, width=LEAST_WIDTH):
    """gnuplot's commands for the files of one picture, and what these are called."""
    names = [f"{name}.{kind}" for kind in TERMINALS]
    *lines, plot = ["reset", *commands]
    for terminal, file in zip(TERMINALS.values(), names):
        lines += [f"set terminal {terminal.format(width, HEIGHT)}", f"set output '{file}.part'",
                  plot, "unset output"]
    return lines, names


def draw(directory, lines, names):
    """Has gnuplot make all files, whose old ones stay until then."""
    try:
        done = subprocess.run(["gnuplot"], input="\n".join(lines) + "\n", text=True, check=False,
                              capture_output=True, timeout=GNUPLOT_SECONDS, cwd=directory)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPicture(f"gnuplot: {error}") from None
    parts = [os.path.join(directory, f"{name}.part") for name in names]
    for part in parts:
        if done.returncode or not os.path.exists(part) or not os.path.getsize(part):
            raise NoPicture(f"gnuplot: {part}: {done.stderr.strip() or done.returncode}")
    for part in parts:
        os.replace(part, part.removesuffix(".part"))


def make(results, directory):
    """All pictures. One gnuplot makes them, as most of its time is for its start."""
    os.makedirs(directory, exist_ok=True)
    lines, made = [], []

    def add(*picture):
        more, names = files(*picture)
        lines.extend(more)
        made.extend(names)

    for group, names in cases.grouped(results):
        places = stacked_places(results, names)
        if places:
            add(group.name, stacked(f"{group.title}, on {results.kernel}", places),
                max(LEAST_WIDTH, 360 + 30 * len(places)))
        for name in names:
            ours, floor = results.case(name), results.case(name, "floor")
            if ours and floor:
                add(f"steps-{name}",
                    beside(f"{name}, step by step, on {results.kernel}", ours, floor))
    draw(directory, lines, made)
