"""The length ratchet: no source file beyond LIMIT lines, unless long_files.txt lists it with its
present length. A listed file may shrink; then its entry is lowered, and goes at LIMIT."""
import os

LIMIT = 600


def read_allowances(text):
    allowances = {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line:
            path, lines = line.split()
            allowances[path] = int(lines)
    return allowances


def check_lengths(sources, allowances):
    problems = []
    lengths = {source.path: source.text.count("\n") for source in sources}
    for path, lines in sorted(lengths.items()):
        allowed = allowances.get(path, LIMIT)
        if lines > allowed:
            problems.append(f"{path}: {lines} lines, at most {allowed}: look for the second concept "
                            "in it")
        elif path in allowances and lines < allowed:
            wish = "take it off" if lines <= LIMIT else f"write {lines}"
            problems.append(f"{path}: {lines} lines but long_files.txt says {allowed}: {wish}")
    for path in sorted(set(allowances) - set(lengths)):
        problems.append(f"{path}: listed in long_files.txt, but there is no such file")
    return problems


def load_allowances(folder):
    with open(os.path.join(folder, "long_files.txt"), encoding="utf-8") as file:
        return read_allowances(file.read())
