#!/usr/bin/env python3
"""Checks the source tree against the ground plan, the ban list and the length ratchet.

usage: lint.py ROOT [layers|cycles|bans|headers|text|lengths]…   (all of them by default)
Prints one line per offence, with its place; exit code 1 when there is one.
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bans import check_bans, check_headers, check_text
from layers import check_cycles, check_layers
from lengths import check_lengths, load_allowances
from source_tree import read_tree


def check_listed_lengths(sources):
    return check_lengths(sources, load_allowances(os.path.dirname(os.path.abspath(__file__))))


CHECKS = {
    "bans": check_bans,
    "cycles": check_cycles,
    "headers": check_headers,
    "layers": check_layers,
    "lengths": check_listed_lengths,
    "text": check_text,
}


def main(arguments):
    if not arguments:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    root, names = arguments[0], arguments[1:] or sorted(CHECKS)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"no such check: {', '.join(unknown)}", file=sys.stderr)
        return 2
    sources = read_tree(root)
    if not any(source.room == "core" for source in sources):
        print(f"{root}: no sources found there", file=sys.stderr)
        return 2
    problems = [problem for name in names for problem in CHECKS[name](sources)]
    for problem in problems:
        print(problem)
    print(f"{len(sources)} files, {len(problems)} offences ({', '.join(names)})")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
