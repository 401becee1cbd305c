"""The source files of the tree and their text, with and without comments and literals."""
import os
import re

ROOMS = ("bench", "cli", "core", "examples", "explorer", "interpose", "proxies", "shiviz",
         "starlark", "tests")
# What the product is made of; the others stand beside it and may look everywhere.
PRODUCT = ("cli", "core", "explorer", "interpose", "proxies", "shiviz", "starlark")
SUFFIXES = (".h", ".cc", ".c", ".py", ".h.in")

# Comments, then literals; raw strings first, because nothing is escaped inside them. A quote after
# a letter or digit separates digits (1'000) or belongs to a prefix.
_TOKEN = re.compile(
    r'R"(?P<mark>[^()\s\\]{0,16})\((?:.|\n)*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'"
    r'|//[^\n]*'
    r'|/\*(?:.|\n)*?\*/')


class Source:
    """One file: `path` from the root, its text, and the text with only code left (lines kept)."""

    def __init__(self, root, path):
        # A header that CMake makes from x.h.in is x.h to everyone else.
        self.path = path.removesuffix(".in")
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            self.text = file.read()

    @property
    def code(self):
        return _TOKEN.sub(lambda token: "\n" * token.group().count("\n"), self.text)

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cc", ".c"))

    @property
    def room(self):
        return self.path.split("/")[0]

    def includes(self):
        """(line number, bracket, name) of every #include."""
        for number, line in enumerate(self.text.splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if found:
                yield number, found.group(1), found.group(2)


def read_tree(root):
    sources = []
    for room in ROOMS:
        for folder, folders, files in os.walk(os.path.join(root, room)):
            folders[:] = sorted(f for f in folders if f not in ("build", "__pycache__"))
            for name in sorted(files):
                if name.endswith(SUFFIXES):
                    full = os.path.join(folder, name)
                    sources.append(Source(root, os.path.relpath(full, root)))
    return sources
