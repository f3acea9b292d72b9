# SPDX-License-Identifier: GPL-2.0-only
"""Sphinx for Documentation/fpga-card/, with the kernel's own extensions.

tests/docs.sh sets FPGA_CARD_TREE, this tree, and FPGA_CARD_KERNEL, a kernel's source.
"""

import os
import sys

TREE = os.environ["FPGA_CARD_TREE"]
KERNEL = os.environ["FPGA_CARD_KERNEL"]

sys.path.insert(0, os.path.join(KERNEL, "Documentation", "sphinx"))

project = "FPGA cards"
extensions = ["kerneldoc"]
master_doc = "index"
html_theme = "classic"
highlight_language = "none"
smartquotes = False

# C declarations name types of the kernel, which have no page here.
nitpick_ignore_regex = [("c:.*", ".*")]

kerneldoc_bin = os.path.join(KERNEL, "scripts", "kernel-doc")
kerneldoc_srctree = TREE
kerneldoc_verbosity = 1
