#!/usr/bin/env python3
"""Writes unicode_tables.cc from Python's copy of the Unicode character database."""
import sys
import unicodedata

MAX = 0x110000


def ranges(test):
    found, start = [], None
    for cp in range(MAX + 1):
        inside = cp < MAX and test(cp)
        if inside and start is None:
            start = cp
        elif not inside and start is not None:
            found.append((start, cp - 1))
            start = None
    return found


def category(cp):
    return unicodedata.category(chr(cp))


def simple(cp, method):
    text = getattr(chr(cp), method)()
    return ord(text) if len(text) == 1 else cp


def case_ranges(method):
    """Runs of code points with the same distance to their partner, every one or every second."""
    changed = [(cp, simple(cp, method) - cp) for cp in range(MAX)
               if not 0xD800 <= cp < 0xE000 and simple(cp, method) != cp]
    found = []
    for cp, delta in changed:
        if found:
            lo, hi, stride, d = found[-1]
            if d == delta and (cp - hi == stride or (lo == hi and cp - hi in (1, 2))):
                found[-1] = (lo, cp, cp - hi, d)
                continue
        found.append((cp, cp, 1, delta))
    return found


def emit(out, text, items, width):
    out.write(text)
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > width:
            out.write(line + "\n")
            line = "   "
        line += " " + item + ","
    out.write(line + "\n};\n")


def main():
    out = sys.stdout
    out.write("// Made by unicode_tables.py from UCD " + unicodedata.unidata_version +
              "; do not edit.\n#include \"starlark/syntax/unicode.h\"\n\n"
              "namespace fb::starlark::unicode {\n\n// clang-format off\n")
    tests = {
        "kLetter": lambda cp: category(cp)[0] == "L",
        "kUpper": lambda cp: category(cp) == "Lu",
        "kLower": lambda cp: category(cp) == "Ll",
        "kTitle": lambda cp: category(cp) == "Lt",
        "kDigit": lambda cp: category(cp) == "Nd",
        "kPrint": lambda cp: category(cp)[0] in "LMNPS" or cp == 0x20,
    }
    for name, test in tests.items():
        found = ranges(test)
        emit(out, f"static const Range {name}Ranges[] = {{\n",
             [f"{{0x{a:X}, 0x{b:X}}}" for a, b in found], 100)
        out.write(f"const std::span<const Range> {name}{{{name}Ranges}};\n\n")
    for name, method in (("kToUpper", "upper"), ("kToLower", "lower"), ("kToTitle", "title")):
        found = case_ranges(method)
        emit(out, f"static const CaseRange {name}Ranges[] = {{\n",
             [f"{{0x{lo:X}, 0x{hi:X}, {stride}, {d}}}" for lo, hi, stride, d in found], 100)
        out.write(f"const std::span<const CaseRange> {name}{{{name}Ranges}};\n\n")
    out.write("// clang-format on\n\n}  // namespace fb::starlark::unicode\n")


main()
