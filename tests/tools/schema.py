#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""schema.py SCHEMA FILE: look whether each line of FILE is JSON as SCHEMA says.

FILE has at least one line. Says which commands and exit codes were seen.
"""

import json
import sys

import jsonschema


def main():
    """Do it."""
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    bad = 0
    seen = set()
    with open(sys.argv[2], encoding="utf-8") as lines:
        for line in lines:
            try:
                answer = json.loads(line)
            except ValueError as e:
                print(f"# {e}: {line.strip()}")
                bad += 1
                continue
            for error in validator.iter_errors(answer):
                print(f"# {error.message}: {line.strip()}")
                bad += 1
            seen.add(f"{answer.get('command')}/{answer.get('result', 'event')}")
    print("# answers:", ", ".join(sorted(seen)))
    return bad or not seen


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
