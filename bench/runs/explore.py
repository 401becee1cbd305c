#!/usr/bin/env python3
"""Executions and decisions per second of --explore on two small C services.

    python3 bench/runs/explore.py build/release/bin/faultbox build/release/guests/increment [EXECUTIONS]

Per core: the rates are per second of processor time of everything that ran, the services included.
Where the time goes is told by perf, if it is installed: the share of the samples below each kind of
work.
"""
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

SPEC = """
def counter(name, port):
    return service(name, "{program}", interface("main", "tcp", port),
        args = [str(port), "/tmp/number-" + name], healthcheck = tcp("localhost:%d" % port))

a = counter("a", 7101)
b = counter("b", 7102)

def test_two():
    a.main.send("create")
    b.main.send("create")
    parallel(lambda: a.main.send("go"), lambda: b.main.send("go"))
    assert_eq(a.main.send("state") + b.main.send("state"), "11")
"""

# The first pattern that meets a function of the stack takes the sample.
PARTS = [
    ("isolation: network, mounts", r"Isolation::|unshare|umount|do_mount|path_mount|cleanup_net"),
    ("start and end of processes", r"run_init|fork_init|LocalLauncher|LocalProcess|clone3|execve|do_exit|waitid"),
    ("quiet? states of threads", r"ThreadStates|KernelQuiescence::(pass|quiet)|SoftirqBarrier"),
    ("footprints and probes", r"ServiceModel|classify|probe|Scheduler::parked|candidate_of|Descriptor"),
    ("decode of arguments", r"fb::decode|Target::|ThreadTable"),
    ("notifications", r"seccomp_notify|Listener::|__seccomp_filter"),
    ("steps over sockets", r"SocketNet|ControlledNet|tcp_|inet_"),
    ("spec and search", r"spec::|starlark|explorer|fb::cli|encode_|decode_"),
]


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def breakdown(command, directory):
    data = os.path.join(directory, "perf.data")
    subprocess.run(["perf", "record", "-q", "-g", "-o", data, *command], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    script = subprocess.run(["perf", "script", "-i", data, "-F", "comm,ip,sym"], text=True,
                            capture_output=True, check=False).stdout
    counts, total = {}, 0
    for sample in script.split("\n\n"):
        if not sample.strip():
            continue
        total += 1
        comm = sample.strip().splitlines()[0].strip()
        part = next((name for name, pattern in PARTS if re.search(pattern, sample)), None)
        if part is None:
            part = "the services themselves" if comm.startswith("increment") else "other"
        counts[part] = counts.get(part, 0) + 1
    return [(part, count / total) for part, count in sorted(counts.items(), key=lambda c: -c[1])]


def main():
    faultbox, program = (os.path.abspath(path) for path in sys.argv[1:3])
    executions = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    with tempfile.TemporaryDirectory() as directory:
        spec = os.path.join(directory, "two.star")
        with open(spec, "w", encoding="utf-8") as out:
            out.write(SPEC.format(program=program))

        def command(count):
            return [faultbox, "test", spec, "--explore=sample", "--max-executions", str(count),
                    "--format", "json"]

        def run(count):
            wall, cpu = time.monotonic(), processor_seconds()
            done = subprocess.run(command(count), capture_output=True, text=True, check=False)
            report = json.loads(done.stdout)["tests"][0]["exploration"]
            return time.monotonic() - wall, processor_seconds() - cpu, report

        begin_wall, begin_cpu, first = run(2)
        wall, cpu, report = run(executions)
        done = report["executions"] - first["executions"]
        wall, cpu = wall - begin_wall, cpu - begin_cpu
        decisions = report["decisions_max"] * done
        print(f"{done} executions of {report['decisions_max']} decisions: "
              f"{1000 * cpu / done:.2f} ms of processor time, {1000 * wall / done:.2f} ms each")
        print(f"  {done / cpu:.0f} executions, {decisions / cpu:.0f} decisions per second and core")
        if shutil.which("perf"):
            for part, share in breakdown(command(executions), directory):
                print(f"  {100 * share:5.1f} %  {1000 * cpu / done * share:6.2f} ms  {part}")


main()
