#!/usr/bin/python3
"""SQL over TCP lines: pg_client.py PORT PG_PORT. psql runs the line, and the first line it prints comes back, or
ERR and the first line of what it complained about. `wait SQL` asks again while the server recovers. truth.py asks
the same way."""
import os, subprocess, sys, time

BUSY = ("recovery mode", "starting up", "not yet accepting", "Connection refused", "shutting down", "not accepting")


def psql(pg_port, sql):
    env = dict(os.environ, PGCONNECT_TIMEOUT="3", PGSSLMODE="disable", PGGSSENCMODE="disable")
    run = subprocess.run(
        ["/usr/lib/postgresql/15/bin/psql", "-X", "-h", "127.0.0.1", "-p", str(pg_port), "-U", "postgres", "-Atc", sql],
        capture_output=True, text=True, env=env)
    out, err = run.stdout.strip().splitlines(), run.stderr.strip().splitlines()
    if run.returncode == 0:
        return out[0] if out else "OK"
    if err and "timeout expired" in err[0]:
        return "TIMEOUT"
    return "ERR " + (err[0] if err else "exit %d" % run.returncode)


def ask(pg_port, line):
    if not line.startswith("wait "):
        return psql(pg_port, line)
    end = time.monotonic() + 30
    while True:
        answer = psql(pg_port, line[5:])
        if not any(word in answer for word in BUSY) or time.monotonic() > end:
            return answer
        time.sleep(0.1)


if __name__ == "__main__":
    from line_server import serve
    serve(sys.argv[1], lambda line: ask(sys.argv[2], line))
