#!/usr/bin/env python3
"""Splits Starlark test files into one small file per chunk, as seeds for the starlark fuzz targets.

usage: starlark_seeds.py FOLDER OUT    (every *.star below FOLDER; chunks end at a line ---)
"""
import hashlib
import os
import sys

LARGEST = 4096


def main():
    folder, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    written = 0
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".star"):
                continue
            with open(os.path.join(root, name), "rb") as file:
                chunks = file.read().split(b"\n---\n")
            for chunk in chunks:
                if len(chunk) <= LARGEST:
                    digest = hashlib.sha1(chunk, usedforsecurity=False).hexdigest()
                    with open(os.path.join(out, digest), "wb") as seed:
                        seed.write(chunk)
                    written += 1
    print(f"{written} seeds in {out}")


if __name__ == "__main__":
    main()
