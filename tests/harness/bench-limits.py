#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each limit of make bench is made to fall short and not to be measured, and results are
damaged in each way. Prints "ok - name" or "not ok - name" for each, and "end".
"""

import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))

# pylint: disable=wrong-import-position
from bench_results import Made
from reporting import limits, results

# Name, at the limit, beyond it, what is said then
BEYOND = [
    ("over the floor", "take('base', 'ours', 1127 + 10 + 11.27)",
     "take('base', 'ours', 1148.28)", "base ours - floor: 21.28 ms, at most 21.27 ms"),
    ("8 PFs", "take('pfs-8', 'ours', 1270 * 1.0999)", "take('pfs-8', 'ours', 1270 * 1.101)",
     "pfs-8/pfs-1: 1.101, at most 1.1"),
    ("32 cards", "take('cards-32', 'ours', 1135.6 * 1.0999)",
     "take('cards-32', 'ours', 1135.6 * 1.101)", "cards-32/cards-1: 1.101, at most 1.1"),
    ("a stranger", "figure('stranger_wait_longest_ms')['value'] = 22.3",
     "figure('stranger_wait_longest_ms')['value'] = 22.4",
     "cards-32 stranger_wait_longest_ms: 22.4 ms, at most 22.3 ms"),
    ("a stranger's limit", "figure('stranger_bound_ms')['value'] = 21.5",
     "figure('stranger_bound_ms')['value'] = 21.4",
     "cards-32 stranger_wait_longest_ms: 21.5 ms, at most 21.4 ms"),
    ("rsu", "take('base', 'rsu', 1135.6 * 8.501)", "take('base', 'rsu', 1135.6 * 8.49)",
     "base rsu/ours: 8.49, at least 8.5"),
    ("processor time", "figure('wait_cpu_percent')['value'] = 0.0999",
     "figure('wait_cpu_percent')['value'] = 0.1", "base wait_cpu_percent: 0.1 %, below 0.1 %"),
    ("noticing", "figure('noticed_ms_longest')['value'] = 2",
     "figure('noticed_ms_longest')['value'] = 2.001",
     "base noticed_ms_longest: 2.001 ms, at most 2 ms"),
    ("staging", "figure('stage_ratio')['value'] = 1.1",
     "figure('stage_ratio')['value'] = 1.101", "file-64 stage_ratio: 1.101, at most 1.1"),
    ("staging a small file", "add('file-64', 'floor', 1); figure('stage_ratio')['value'] = 1.2",
     "add('file-64', 'floor', 1); figure('stage_ratio')['value'] = 1.201",
     "file-64 stage_ratio: 1.201, at most 1.2"),
    ("readiness", "figure('drs_first_read_ms')['value'] = 19.9",
     "figure('drs_first_read_ms')['value'] = 20", "drs drs_first_read_ms: 20 ms, below 20 ms"),
    ("runs", "case('vfs-8')['runs'] = 9", "case('vfs-8')['runs'] = 8",
     "runs of vfs-8 ours: 8, at least 9"),
    ("the stock kernel", "", "run['stock'] = False", "stock kernel: 0, at least 1"),
]
for card_ms in (100, 500, 5000, 20000):
    most = (card_ms + 127) * 1.01 + 10
    BEYOND.append((f"a card's {card_ms} ms", f"take('card-time-{card_ms}', 'ours', {most - 0.01})",
                   f"take('card-time-{card_ms}', 'ours', {most + 0.01})",
                   f"card-time-{card_ms} ours - floor: "))
for vfs in (64, 256):
    floor = 1140 + 15 * vfs
    BEYOND.append((f"{vfs} VFs", f"take('vfs-{vfs}', 'ours', {floor * 1.0299})",
                   f"take('vfs-{vfs}', 'ours', {floor * 1.0301})",
                   f"vfs-{vfs} ours/floor: 1.0301, at most 1.03"))

# Statement, what is said then. All but what the last have is about LIMITS.
NOT_MEASURED = [
    ("drop('base')", "base ours - floor: not measured: ours: it did not load"),
    ("drop('card-time-20000', why=''); drop('card-time-20000', 'floor', why='')",
     "card-time-20000 ours - floor: not measured: ours: it is not among the results"),
    ("drop('card-time-500'); drop('card-time-500', 'floor')",
     "card-time-500 ours - floor: not measured: ours: it did not load"),
    ("drop('pfs-8')", "pfs-8/pfs-1: not measured: pfs-8: it did not load"),
    ("drop('vfs-8')", "pfs-8/pfs-1: not measured: pfs-1: it is not among the results"),
    ("case('pfs-8')['vfs'] = 9", "pfs-8/pfs-1: not measured: pfs-1: "),
    ("drop('cards-32')", "cards-32/cards-1: not measured: cards-32: "),
    ("case('cards-32')['card_ms'] = 999", "cards-32/cards-1: not measured: cards-1: "),
    ("drop('base', 'rsu')", "base rsu/ours: not measured: rsu: it did not load"),
    ("case('base', 'rsu')['card_ms'] = 1001",
     "base rsu/ours: not measured: the card takes 1001 ms, and not 1000"),
    ("figure('stranger_bound_ms')['case'] = 'cards-8'",
     "cards-32 stranger_wait_longest_ms: not measured: stranger_bound_ms: "),
    ("drop_figure('stranger_wait_longest_ms')",
     "cards-32 stranger_wait_longest_ms: not measured: it is not among the results"),
    ("figure('stranger_wait_longest_ms')['case'] = figure('stranger_bound_ms')['case'] = 'base'",
     "cards-32 stranger_wait_longest_ms: not measured: it is not among the results"),
    ("drop_figure('stranger_bound_ms')",
     "cards-32 stranger_wait_longest_ms: not measured: stranger_bound_ms: "),
]
for lost, ratio in (("base", "ours - floor"), ("card-time-100", "ours - floor"),
                    ("vfs-64", "ours/floor"), ("vfs-256", "ours/floor")):
    NOT_MEASURED.append((f"drop('{lost}', 'floor', 'no room')",
                         f"{lost} {ratio}: not measured: floor: no room"))
for lost in ("wait_cpu_percent", "noticed_ms_longest", "stage_ratio", "drs_first_read_ms"):
    NOT_MEASURED.append((f"drop_figure('{lost}')",
                         f"{lost}: not measured: it is not among the results"))

# Statement, why it is refused
DAMAGE = [
    ("run['format'] = 2", "format: 2, and only 1 is known"),
    ("del run['format']", "format: it is missing"),
    ("run['kernel'] = 'x\\'; system'", "kernel: not "),
    ("run['processor'] = 'two\\nlines'", "processor: not "),
    ("run['stock'] = 1", "stock: 1 is neither true nor false"),
    ("del run['quick']", "quick: it is missing"),
    ("run['runs'] = True", "runs: True is no number"),
    ("run['runs'] = 0", "runs: not 0"),
    ("run['cases'] = []", "cases: there are none"),
    ("run['cases'] = {}", "cases: it is no list"),
    ("run['cases'][0] = 1", "cases[0]: it is no object"),
    ("case('base')['who'] = 'me'", "cases[0].who: nobody is called 'me'"),
    ("case('base')['name'] = '../base'", "cases[0].name: not '../base'"),
    ("del case('base')['median_ms']", "cases[0].median_ms: it is missing"),
    ("case('base')['median_ms'] = '1135'", "cases[0].median_ms: '1135' is no number"),
    ("case('base')['median_ms'] = 1", "cases[0].median_ms: base of ours: the times are not"),
    ("case('base').update(median_ms=0, min_ms=0, max_ms=0, q1_ms=0, q3_ms=0)",
     "cases[0].median_ms: base of ours: the times are not"),
    ("case('base')['min_ms'] = -1", "cases[0].min_ms: not -1"),
    ("case('base')['runs'] = 1.5", "cases[0].runs: 1.5 is not whole"),
    ("case('base')['steps'][0]['ms'] = -1", "cases[0].steps[0].ms: not -1"),
    ("case('base')['steps'][0]['step'] = \"a'\"", "cases[0].steps[0].step: not "),
    ("case('base')['median_ms'] = float('nan')", "NaN is no number"),
    ("case('base')['max_ms'] = float('inf')", "Infinity is no number"),
    ("run['cases'].append(case('base'))", "cases: base ours is there twice"),
    ("run['figures'].append(figure('stage_ratio'))", "figures: stage_ratio file-64 is there twice"),
    ("figure('wait_cpu_percent')['value'] = None", "figures[2].value: None is no number"),
    ("run['missing'] = [{'case': 'vfs-256'}]", "missing[0].why: it is missing"),
    ("run['missing'] = [{'why': 'x'}]", "missing[0].case: it is missing"),
    ("run['missing'] = [{'case': 'base', 'who': 'ours', 'why': 'x'}]",
     "missing: ours was measured in base"),
]

DAMAGED_TEXTS = [
    ("", "it is no JSON"),
    ("[1]", "the whole: it is no object"),
    (json.dumps(Made().run)[:-40], "it is no JSON"),
    ('{"format": 1, "format": 1}', "a key is there twice: format, format"),
    ("[" * 100000, "it is no JSON"),
    ('{"format": 1e999}', "format: not inf"),
]


def judge(made):
    """Verdicts by what is said of them, and the failures."""
    run = results.parse(json.dumps(made.run))
    judged = limits.verdicts(run)
    return {str(verdict): verdict for verdict in judged}, limits.failures(run, judged)


def matching(sentences, said):
    """Those that begin with what is to be said, or have a case before it."""
    return [text for text in sentences if text.startswith(said)]


def all_hold():
    """Results as they should be have no failure, and no verdict but ok."""
    judged, failed = judge(Made())
    return not failed and {verdict.state for verdict in judged.values()} == {"ok"}


def every_limit_is_tried():
    """BEYOND and NOT_MEASURED have something for each limit of the table."""
    short, missing = set(), set()
    for found, changes in ((short, [change[2] for change in BEYOND]),
                           (missing, [change[0] for change in NOT_MEASURED])):
        for change in changes:
            for verdict in judge(Made().change(change))[0].values():
                if verdict.state == ("short" if found is short else "missing"):
                    found.add(verdict.limit.text)
    wanted = {limit.text for limit in limits.LIMITS}
    return wanted <= short and wanted <= missing


def holds(change):
    """Nothing has failed."""
    return not judge(Made().change(change))[1]


def is_short(change, said):
    """One ratio alone has failed, in a quick run too if that has the limit."""
    judged, failed = judge(Made().change(change))
    if len(matching(failed, said)) != 1 or len(failed) != 1:
        return False
    if judged[failed[0]].limit not in limits.LIMITS:
        return True
    return judge(Made().change(change).change("run['quick'] = True"))[1] == failed


def is_not_measured(change, said):
    """That is a failure in a whole run, and neither that nor ok in a quick one."""
    judged, failed = judge(Made().change(change))
    found = matching(judged, said)
    if len(found) != 1 or judged[found[0]].state != "missing" or found[0] not in failed:
        return False
    judged, failed = judge(Made().change(change).change("run['quick'] = True"))
    return judged[found[0]].state == "missing" and not failed


def is_refused(text, why):
    """results.Damaged, for that reason."""
    try:
        results.parse(text)
    except results.Damaged as error:
        return str(error).startswith(why)
    return False


def left_out():
    """A case that no limit is about has to be there."""
    said = "functions-2 ours: not measured: it did not load"
    return said in judge(Made().change("drop('functions-2')"))[1]


def nothing_measured():
    """A quick run in which no limit was held against anything."""
    made = Made().change(
        "run['quick'] = True; run['figures'] = []; run['cases'] = [case('functions-2')]")
    return judge(made)[1] == ["nothing was held against a limit"]


def check(name, good):
    """Prints a result."""
    print(f"{'ok' if good else 'not ok'} - {name}")


def main():
    """All of them."""
    check("limits: results within all limits", all_hold())
    check("limits: each has a case below", every_limit_is_tried())
    for name, at_limit, beyond, said in BEYOND:
        check(f"limits: {name}: holds where the limit is", holds(at_limit))
        check(f"limits: {name}: falls short beyond", is_short(beyond, said))
    for change, said in NOT_MEASURED:
        check(f"not measured: {change}", is_not_measured(change, said))
    check("not measured: a case that no limit is about", left_out())
    check("not measured: nothing at all", nothing_measured())
    for change, why in DAMAGE:
        check(f"refused: {change}", is_refused(json.dumps(Made().change(change).run), why))
    for text, why in DAMAGED_TEXTS:
        check(f"refused: {text[:20]}", is_refused(text, why))
    print("end")


main()
