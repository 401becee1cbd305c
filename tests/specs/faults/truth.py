#!/usr/bin/python3
"""Takes the verdicts of rows.star with strace, never with faultbox: truth.py [pg|nginx [ROW…]], as root, writes
truth.star. Each row gets a fresh server; strace is attached to all its processes for the requests of `during`."""
import glob, os, re, shutil, signal, subprocess, sys, tempfile, time

import http_client, pg_client

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 17480


def load(name):
    scope = {}
    path = os.path.join(HERE, name)
    if os.path.exists(path):
        exec(open(path).read(), scope)
    return scope


def children(pid):
    found = [pid]
    for task in glob.glob("/proc/%d/task/*/children" % pid):
        for child in open(task).read().split():
            found += children(int(child))
    return found


def traced(pid):
    try:
        return "TracerPid:\t0\n" not in open("/proc/%d/status" % pid).read()
    except OSError:
        return True


class Strace:
    def __init__(self, row, root, data):
        when = ":when=%d" % row["nth"] if "nth" in row else ""
        inject = "inject=%s:error=%s%s" % (row["inject"], row["errno"], when)
        paths = []
        for pattern in row["strace_path"]:
            for path in sorted(glob.glob(os.path.join(data, pattern))):
                paths += ["-P", path, "-P", os.path.relpath(path, data)]
        self.log = tempfile.mktemp()
        command = ["strace", "-f", "-y", "-o", self.log, "-e", "trace=" + row["inject"], "-e", inject] + paths
        self.shown = "strace -f -e trace=%s -e %s%s" % (row["inject"], inject, "".join(" -P " + p for p in row["strace_path"]))
        pids = children(root)
        self.process = subprocess.Popen(command + [x for p in pids for x in ("-p", str(p))], stderr=subprocess.DEVNULL)
        while not all(traced(pid) for pid in pids):
            time.sleep(0.02)
        time.sleep(0.1)

    def detach(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        injected = open(self.log, errors="replace").read().count("INJECTED")
        os.unlink(self.log)
        return injected


def take(kind, name, row, cluster):
    work = tempfile.mkdtemp(prefix="truth")
    os.chmod(work, 0o755)
    if kind == "pg":
        subprocess.run(["cp", "-a", cluster, work + "/pg"], check=True)
        data, client, healthy = work + "/pg/data", pg_client, "wait select 1"
        command = [HERE + "/pg_server.sh", str(PORT)]
    else:
        data, client, healthy = work, http_client, "GET /a.txt"
        command = [HERE + "/nginx_server.sh", str(PORT), str(PORT + 1), work]
    server = subprocess.Popen(command, env=dict(os.environ, FAULTBOX_TEST_PGDATA=work + "/pg"),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.time() + 20
    while client.ask(PORT, healthy) not in ("1", "200"):
        if time.time() > end:
            raise SystemExit("%s: the server does not come up" % name)
        time.sleep(0.05)
    ask = lambda lines: [client.ask(PORT, line) for line in lines]
    before = ask(row.get("before", []))
    strace = Strace(row, server.pid, data)
    during = ask(row["during"])
    injected = strace.detach()
    after = ask(row["after"])
    alive = server.poll() is None
    for pid in children(server.pid):  # the master first: it would replace its workers
        if pid > 1:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    server.wait()
    shutil.rmtree(work)
    return {"strace": strace.shown, "fired": injected > 0, "before": before, "during": during, "after": after, "alive": alive}


def main():
    rows, truth = load("rows.star"), load("truth.star")
    wanted = sys.argv[1:]
    cluster = tempfile.mkdtemp(prefix="cluster")
    os.chmod(cluster, 0o755)
    if not wanted or wanted[0] == "pg":
        subprocess.run([HERE + "/pg_cluster.sh", cluster], check=True)
    for kind in ("pg", "nginx"):
        table = truth.setdefault(kind.upper() + "_TRUTH", {})
        if wanted and wanted[0] != kind:
            continue
        for name, row in rows[kind.upper()].items():
            if len(wanted) > 1 and name not in wanted[1:]:
                continue
            table[name] = take(kind, name, row, cluster)
            print(kind, name, table[name])
    shutil.rmtree(cluster)
    with open(os.path.join(HERE, "truth.star"), "w") as out:
        out.write("# Written by truth.py from what strace saw (PostgreSQL 15 and nginx of Debian 12); do not edit.\n")
        for kind in ("PG", "NGINX"):
            out.write("%s_TRUTH = {\n" % kind)
            for name, row in truth[kind + "_TRUTH"].items():
                out.write('    "%s": {\n' % name)
                for key in ("strace", "fired", "before", "during", "after", "alive"):
                    out.write('        "%s": %s,\n' % (key, repr(row[key])))
                out.write("    },\n")
            out.write("}\n")


if __name__ == "__main__":
    main()
