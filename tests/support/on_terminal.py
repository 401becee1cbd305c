"""Runs a command on a terminal of its own and prints what appeared there.

    on_terminal.py [--type TEXT] [--interrupt-after TEXT] [--stdout-apart FILE] -- COMMAND …

TEXT of --type is typed once the terminal is there; --interrupt-after types Ctrl-C when TEXT has
appeared; --stdout-apart sends standard output to a file, so that only the rest is on the terminal.
The exit code is the command's, 128 + N when signal N ended it.
"""
import argparse
import os
import pty
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--type", default="")
parser.add_argument("--interrupt-after", default="")
parser.add_argument("--stdout-apart")
parser.add_argument("command", nargs="+")
options = parser.parse_args()

pid, terminal = pty.fork()
if pid == 0:
    if options.stdout_apart:
        os.dup2(os.open(options.stdout_apart, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
    os.execvp(options.command[0], options.command)
os.write(terminal, options.type.encode())
seen = b""
waiting_for = options.interrupt_after.encode()
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:  # the last process on the terminal has gone
        break
    if not piece:
        break
    seen += piece
    if waiting_for and waiting_for in seen:
        os.write(terminal, b"\x03")
        waiting_for = b""
sys.stdout.buffer.write(seen)
sys.stdout.flush()
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
