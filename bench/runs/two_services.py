#!/usr/bin/env python3
"""What a test of two small C services costs: start both, one step, stop, fresh state for the next.

    python3 bench/runs/two_services.py build/release/bin/faultbox build/release/guests/kv [TESTS]

Beside it a shell script that starts the same two programs, waits for their ports, makes the same
request and kills them: no isolation, no recording, nothing kept apart. Wall time, and processor
time of everything that ran, which is what a shared machine says truthfully.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

SPEC = """
def store(name, port):
    return service(name, "{kv}", interface("main", "tcp", port),
        args = [str(port), "/tmp/%s.log" % name], healthcheck = tcp("localhost:%d" % port))

a = store("a", 7101)
b = store("b", 7102)

def body():
    assert_eq(a.main.send("go"), "ok")
"""

SHELL = """
"{kv}" 7101 "$1/a.log" & a=$!
"{kv}" 7102 "$1/b.log" & b=$!
until (exec 3<>/dev/tcp/127.0.0.1/7101) 2>/dev/null; do :; done
until (exec 3<>/dev/tcp/127.0.0.1/7102) 2>/dev/null; do :; done
exec 3<>/dev/tcp/127.0.0.1/7101
printf 'go\\n' >&3
read -r answer <&3
kill $a $b
wait $a $b 2>/dev/null
rm -f "$1/a.log" "$1/b.log"
[ "$answer" = ok ]
"""


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measured(command, **options):
    wall, cpu = time.monotonic(), processor_seconds()
    done = subprocess.run(command, **options)
    return time.monotonic() - wall, processor_seconds() - cpu, done


def main():
    faultbox, kv = (os.path.abspath(path) for path in sys.argv[1:3])
    tests = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    with tempfile.TemporaryDirectory() as directory:
        spec = os.path.join(directory, "two.star")
        with open(spec, "w", encoding="utf-8") as out:
            out.write(SPEC.format(kv=kv))
            for i in range(tests):
                out.write(f"\ndef test_{i:04}():\n    body()\n")
        one = [faultbox, "test", spec, "--format", "json", "--test", "test_0000"]
        all_of_them = [faultbox, "test", spec, "--format", "json"]
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        begin_wall, begin_cpu, _ = measured(one, **quiet)
        wall, cpu, done = measured(all_of_them, **quiet)
        report = json.loads(done.stdout)
        if report["pass"] != tests:
            sys.exit(f"{report['fail']} of {tests} tests failed")
        # What the command itself takes comes once, not per test.
        ours = [1000 * (total - begin) / (tests - 1) for total, begin in
                ((wall, begin_wall), (cpu, begin_cpu))]
        script = SHELL.format(kv=kv)
        wall, cpu, _ = measured(["bash", "-c", f'for i in $(seq {tests}); do\n{script}\ndone', "bash",
                                 directory], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shell = [1000 * wall / tests, 1000 * cpu / tests]
    print(f"{tests} tests of two services, ms per test   wall  processor")
    print(f"  faultbox                            {ours[0]:8.2f} {ours[1]:10.2f}")
    print(f"  shell script                        {shell[0]:8.2f} {shell[1]:10.2f}")
    print(f"  ratio                               {ours[0] / shell[0]:8.2f} {ours[1] / shell[1]:10.2f}")


main()
