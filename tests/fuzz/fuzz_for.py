#!/usr/bin/env python3
"""Lets a libFuzzer program run for a time; what it learns stays in WORK, what breaks it too.

usage: fuzz_for.py PROGRAM SECONDS WORK CORPUS DICT [MORE_CORPUS...]
"""
import os
import sys


def main():
    program, seconds, work, corpus, dictionary, *more = sys.argv[1:]
    learned, broken = os.path.join(work, "learned"), os.path.join(work, "broken")
    for folder in (learned, broken):
        os.makedirs(folder, exist_ok=True)
    os.execv(program, [program, learned, corpus, *more, f"-dict={dictionary}", f"-max_total_time={seconds}",
                       "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048", f"-artifact_prefix={broken}/",
                       "-print_final_stats=1"])


if __name__ == "__main__":
    main()
