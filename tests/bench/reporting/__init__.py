# SPDX-License-Identifier: GPL-2.0-only
"""What is made of the results of the benchmark; see ../report."""
