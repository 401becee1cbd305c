#!/usr/bin/env python3
"""Checks that the C++ sources are laid out as .clang-format says, by clang-format 16 (other versions
lay out some things differently).

usage: format.py ROOT [--fix]
Exit code 77 (skipped, and says so loudly) when clang-format-16 is not installed.
"""
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from source_tree import read_tree

PROGRAM = "clang-format-16"
SKIPPED = 77
BATCH = 50


def main(arguments):
    root = arguments[0]
    fix = "--fix" in arguments
    program = shutil.which(PROGRAM)
    if program is None:
        print(f"SKIPPED: {PROGRAM} is not installed, the layout of the sources was NOT checked",
              file=sys.stderr)
        return SKIPPED
    paths = [source.path for source in read_tree(root) if source.path.endswith((".h", ".cc"))]
    paths = [path for path in paths if os.path.exists(os.path.join(root, path))]  # not x.h.in
    if not paths:
        print(f"{root}: no sources found there", file=sys.stderr)
        return 2
    bad = []
    for start in range(0, len(paths), BATCH):
        batch = paths[start:start + BATCH]
        if fix:
            subprocess.run([program, "-i", *batch], cwd=root, check=True)
            continue
        done = subprocess.run([program, "--dry-run", "-Werror", *batch], cwd=root,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            print(done.stderr, end="")
            bad += [path for path in batch if f"\n{path}:" in "\n" + done.stderr]
    for path in bad:
        print(f"not formatted: {path}")
    print(f"{len(paths)} files, {len(bad)} not formatted" +
          (" (repair: cmake --build build/dev --target format)" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
