# SPDX-License-Identifier: GPL-2.0-only
"""What was measured before: one run a line, as JSON."""

import json
import math
import sys
from datetime import datetime, timezone

from .limits import LIMITS, number, ratio
from .results import OTHERS

# Runs that differ in one of these are not compared.
SAME = ("kernel", "stock", "processor", "quick")

# Smaller changes of a value are those of its last digit: results are rounded to 0.1 ms.
RESOLUTION = 0.001
RESOLUTION_MS = 0.1
# A figure is measured once, and so has no spread. This part of it is taken for one.
FIGURE_SPREAD = 0.1


def values(results, judged):
    """{name: value, spread, unit, better} of all that is compared."""
    found = {}

    def add(value, better):
        found[value.name] = {"value": value.value, "spread": value.spread,
                             "unit": value.unit, "better": better}

    for name in results.names():
        ours, floor = results.case(name), results.case(name, "floor")
        if ours and floor:
            add(ratio(f"{name} ours/floor", ours, floor), "less")
        for who in OTHERS:
            other = results.case(name, who)
            if ours and other:
                add(ratio(f"{name} {who}/ours", other, ours), "more")
    for verdict in judged:
        if verdict.limit in LIMITS and verdict.value.value is not None and \
                verdict.value.name not in found:
            add(verdict.value, "more" if verdict.limit.least is not None else "less")
    for figure in results.figures:
        found[f"{figure.case} {figure.name}".lstrip()] = {
            "value": figure.value, "spread": FIGURE_SPREAD * figure.value,
            "unit": figure.unit, "better": "less"}
    return found


def record(results, judged, failed, revision):
    """This run as it will be compared."""
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "revision": revision,
        "kernel": results.kernel,
        "stock": results.stock,
        "processor": results.processor,
        "quick": results.quick,
        "runs": results.runs,
        "ratios": values(results, judged),
        "failed": failed,
    }


def is_number(value):
    """A number that can be compared."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_run(run):
    """Whether all is there that is compared."""
    return isinstance(run, dict) and isinstance(run.get("date"), str) and \
        isinstance(run.get("revision"), str) and isinstance(run.get("ratios"), dict) and \
        all(isinstance(entry, dict) and is_number(entry.get("value")) and
            is_number(entry.get("spread")) for entry in run["ratios"].values())


def load(path):
    """All runs. A line that is none, as of a disk that was full, is told and left out."""
    runs = []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line_number, line in enumerate(file, 1):
                try:
                    run = json.loads(line)
                except ValueError:
                    run = None
                if is_run(run):
                    runs.append(run)
                else:
                    print(f"{path}: line {line_number} is no run, and is left out",
                          file=sys.stderr)
    except FileNotFoundError:
        pass
    return runs


def last_like(runs, this):
    """The last of the runs that is comparable, or None."""
    for run in reversed(runs):
        if all(run.get(key) == this[key] for key in SAME):
            return run
    return None


def append(path, this):
    """Adds a line. One write, so that two runs do not mix; an unfinished line before it ends."""
    line = json.dumps(this, sort_keys=True) + "\n"
    with open(path, "ab+") as file:
        if file.tell() > 0:
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                line = "\n" + line
        file.write(line.encode())


def change(before, now):
    """How a value changed beyond its spread: "worse", "better", or "" """
    least = RESOLUTION_MS if now["unit"] == "ms" else RESOLUTION * abs(now["value"])
    spread = max(before["spread"], now["spread"], least)
    delta = now["value"] - before["value"]
    if abs(delta) <= spread:
        return ""
    return "worse" if (delta > 0) == (now["better"] == "less") else "better"


def changes(before, this):
    """Lines: what changed beyond its spread, and that the rest did not."""
    if not before:
        yield "No earlier run can be compared with this one."
        return
    yield f"Against {before['revision']} of {before['date']}:"
    same = 0
    for name, now in this["ratios"].items():
        then = before["ratios"].get(name)
        if not then:
            yield f"  new     {name}: {number(now['value'], now['unit'])}"
            continue
        word = change(then, now)
        if word:
            spread = max(then["spread"], now["spread"])
            yield f"  {'WORSE ' if word == 'worse' else 'better'}  {name}: " \
                f"{number(then['value'])} to {number(now['value'], now['unit'])}, " \
                f"spread {number(spread)}"
        else:
            same += 1
    for name in before["ratios"]:
        if name not in this["ratios"]:
            yield f"  gone    {name}"
    yield f"  {same} as they were, within their spread"
