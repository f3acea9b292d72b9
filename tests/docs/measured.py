# SPDX-License-Identifier: GPL-2.0-only
"""The directive "measured", whose argument is a table of tests/bench/report --rst.

What was measured is in a file that FPGA_CARD_MEASURED names, with pictures beside it. If it
names none the table "run" says how to measure; that of the limits is there anyway.

  .. measured:: vfs
     :pictures: vfs steps-vfs-256
"""

import os
import sys

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TESTS, "bench"))

# pylint: disable=wrong-import-position
from reporting import results, tables

NOTHING = [".. note::", "", "   There are no figures in this build of the pages: ``make bench``",
           "   measures them, and ``make docs`` puts them here."]


class Measured(Directive):
    """A table, and pictures below it."""

    required_arguments = 1
    option_spec = {"pictures": directives.unchanged_required}

    def lines(self, path):
        """What stands in the page instead of the directive."""
        name = self.arguments[0]
        if name not in tables.RST:
            raise self.error(f"no table is called {name}")
        if not path:
            return {"limits": tables.rst_limits(), "run": NOTHING}.get(name, ["Not measured."])
        lines = [*tables.RST[name](results.load(path)), ""]
        page = os.path.dirname(os.path.abspath(self.state.document.current_source))
        for picture in self.options.get("pictures", "").split():
            file = os.path.join(os.path.dirname(path), f"{picture}.svg")
            if os.path.exists(file):
                lines += [f".. image:: {os.path.relpath(file, page)}",
                          f"   :alt: the table above as bars: {picture}", ""]
        return lines

    def run(self):
        """Returns the nodes."""
        path = os.environ.get("FPGA_CARD_MEASURED", "")
        try:
            lines = self.lines(path)
        except results.Damaged as error:
            raise self.error(f"{path}: {error}") from None
        if path:
            self.state.document.settings.record_dependencies.add(path)
        node = nodes.container(classes=["measured"])
        self.state.nested_parse(StringList(lines, source=path or "measured"),
                                self.content_offset, node)
        return [node]


def setup(app):
    """Called by Sphinx."""
    app.add_directive("measured", Measured)
    return {"parallel_read_safe": True}
