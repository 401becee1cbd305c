#!/usr/bin/env python3
"""Runs every program of this folder with starlark_run and with python3, in turn, and prints CPU seconds and ratios.

usage: compare.py STARLARK_RUN [ROUNDS]
"""
import glob
import math
import os
import subprocess
import sys

SHIM = """
import json as _json
class json:
    encode = staticmethod(lambda x: _json.dumps(x, sort_keys=True, separators=(",", ":")))
    decode = staticmethod(_json.loads)
exec(compile(open({path!r}).read(), {path!r}, "exec"))
"""


def cpu_seconds(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {process.returncode}")
    return usage.ru_utime + usage.ru_stime, output


def main():
    runner = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    folder = os.path.dirname(os.path.abspath(__file__))
    logs = []
    print(f"{'program':22} {'ours':>8} {'python3':>8} {'python3/ours':>13}")
    for path in sorted(glob.glob(os.path.join(folder, "*.star"))):
        best = {"ours": math.inf, "python3": math.inf}
        outputs = {}
        for _ in range(rounds):
            for name, command in (("ours", [runner, path]),
                                  ("python3", [sys.executable, "-c", SHIM.format(path=path)])):
                used, outputs[name] = cpu_seconds(command)
                best[name] = min(best[name], used)
        if outputs["ours"] != outputs["python3"]:
            print(f"{os.path.basename(path)}: different results: {outputs}")
            return 1
        ratio = best["python3"] / best["ours"]
        logs.append(math.log(ratio))
        print(f"{os.path.basename(path):22} {best['ours']:8.3f} {best['python3']:8.3f} {ratio:13.2f}")
    print(f"{'geometric mean':22} {'':8} {'':8} {math.exp(sum(logs) / len(logs)):13.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
