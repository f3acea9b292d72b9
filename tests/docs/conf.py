# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx for Documentation/fpga-card/, with the kernel's own extensions.

tests/docs.sh sets FPGA_CARD_TREE, this tree, and FPGA_CARD_KERNEL, a kernel's source; for
FPGA_CARD_MEASURED see measured.py.
"""

import os
import sys

TREE = os.environ["FPGA_CARD_TREE"]
KERNEL = os.environ["FPGA_CARD_KERNEL"]

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(KERNEL, "Documentation", "sphinx"))
sys.path.insert(0, os.path.join(TREE, "tests", "docs"))

project = "FPGA cards"
extensions = ["kerneldoc", "measured"]
master_doc = "index"
html_theme = "classic"
highlight_language = "none"
smartquotes = False

# C declarations name types of the kernel, which have no page here.
nitpick_ignore_regex = [("c:.*", ".*")]

kerneldoc_bin = os.path.join(KERNEL, "scripts", "kernel-doc")
kerneldoc_srctree = TREE
kerneldoc_verbosity = 1
