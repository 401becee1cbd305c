"""Executes the documentation: every command of its console blocks is run and its output compared, every block that
claims to be part of a shipped file is looked for there.

    python3 run_docs.py FAULTBOX SOURCE DOCUMENT…

In a document:
    ```console             `$ COMMAND` lines, each followed by what it prints (both streams)
    <!-- file: PATH -->    the block after it stands in that file of the repository, line for line
    <!-- write: PATH -->   the block after it is written to that file before the next commands
    <!-- not run: WHY -->  the block after it is not executed
`…` in an expected line stands for any text, alone on a line for any number of lines. Durations and the like
(12ms, 0.3s) match any other.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"(?:<!-- (file|write|not run): ?(.*?) -->\n)?```(\w*)\n(.*?)^```$", re.M | re.S)
TIME = r"\d+(?:\.\d+)?(?:ms|µs|s)\b"


def pattern_of(line):
    parts = re.split(f"(…|{TIME})", line.rstrip())
    return "".join(".*" if p == "…" else TIME if re.fullmatch(TIME, p) else re.escape(p) for p in parts)


def matches(expected, actual):
    """Whether the lines match; an expected `…` stands for any number of lines."""
    if not expected:
        return not actual
    if expected[0].strip() == "…":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and re.fullmatch(pattern_of(expected[0]), actual[0].rstrip()) is not None and \
        matches(expected[1:], actual[1:])


def trimmed(text):
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def run_block(text, directory, env, where):
    chunks, wrong = re.split(r"^\$ ", text, flags=re.M)[1:], 0
    for chunk in chunks:
        command, _, expected = chunk.partition("\n")
        while command.endswith("\\"):
            more, _, expected = expected.partition("\n")
            command = command[:-1] + more.strip()
        run = subprocess.run(command, shell=True, cwd=directory, env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        if not matches(trimmed(expected), trimmed(run.stdout)):
            wrong += 1
            print(f"--- {where}: $ {command}\nexpected:\n{expected.rstrip()}\nprinted:\n{run.stdout.rstrip()}\n")
    return len(chunks), wrong


def run_document(binary, source, document):
    text = open(document, encoding="utf-8").read()
    commands = wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(os.path.join(source, "examples"), os.path.join(directory, "examples"))
        os.makedirs(os.path.join(directory, "build/release"))
        os.symlink(os.path.dirname(os.path.abspath(binary)), os.path.join(directory, "build/release/bin"))
        env = {**os.environ, "PATH": os.path.dirname(os.path.abspath(binary)) + ":" + os.environ["PATH"],
               "PYTHONDONTWRITEBYTECODE": "1"}
        for note, argument, language, block in BLOCK.findall(text):
            where = f"{document}:{text[:text.index(block)].count(chr(10)) + 1}"
            if note == "file" and block.strip() not in open(os.path.join(source, argument)).read():
                wrong += 1
                print(f"--- {where}: not part of {argument}:\n{block}")
            elif note == "write":
                os.makedirs(os.path.dirname(os.path.join(directory, argument)), exist_ok=True)
                with open(os.path.join(directory, argument), "w") as f:
                    f.write(block)
            elif language == "console" and note != "not run":
                ran, failed = run_block(block, directory, env, where)
                commands, wrong = commands + ran, wrong + failed
    print(f"{document}: {commands} commands, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if sum([run_document(*sys.argv[1:3], document) for document in sys.argv[3:]]) else 0)
