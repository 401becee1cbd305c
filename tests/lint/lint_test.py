#!/usr/bin/env python3
"""Plants one offence at a time in a small tree and expects exactly that one to be found."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import lint
from bans import check_bans, check_headers, check_text
from layers import check_cycles, check_layers, refusal
from lengths import check_lengths, read_allowances
from source_tree import read_tree

CLEAN = {
    "core/base/error.h": "#pragma once\n#include <string>\n",
    "core/model/event.h": '#pragma once\n#include "core/base/error.h"\n',
    "core/model/event.cc": '#include "core/model/event.h"\n',
    "core/trace/log.h": '#include "core/model/event.h"\n',
    "explorer/dpor.h": '#include "core/trace/log.h"\n',
    "interpose/sys/fd.h": '#include "core/base/error.h"\n#include <unistd.h>\n',
    "proxies/redis.h": '#include "core/model/event.h"\n',
    "shiviz/json.h": '#include "core/model/event.h"\n',
    "starlark/eval/eval.h": '#include "core/base/error.h"\n',
    "starlark/spec/word.h": '#include "starlark/eval/eval.h"\n',
    "cli/main.cc": '#include "shiviz/json.h"\n#include "explorer/dpor.h"\n#include <signal.h>\n',
    "tests/unit/json_test.cc": '#include "shiviz/json.h"\n#include <thread>\n',
    "bench/bench.cc": '#include "proxies/redis.h"\n',
}


def tree(**planted):
    """The clean tree with files replaced or added."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **planted}.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return read_tree(root)


class LayersTest(unittest.TestCase):
    def refused(self, path, target):
        problems = check_layers(tree(**{path: f'\n#include "{target}"\n'}))
        self.assertEqual(1, len(problems), problems)
        self.assertTrue(problems[0].startswith(f"{path}:2: "), problems)
        self.assertIn(target, problems[0])

    def test_clean_tree_has_no_offence(self):
        self.assertEqual([], check_layers(tree()))
        self.assertEqual([], check_cycles(tree()))

    def test_core_points_down(self):
        self.refused("core/base/more.h", "core/model/event.h")
        self.refused("core/model/more.h", "core/trace/log.h")

    def test_core_knows_no_room(self):
        self.refused("core/trace/more.h", "shiviz/json.h")

    def test_rooms_are_strangers(self):
        self.refused("proxies/more.h", "interpose/sys/fd.h")
        self.refused("shiviz/more.h", "starlark/eval/eval.h")
        self.refused("explorer/more.h", "proxies/redis.h")

    def test_nobody_includes_cli_or_tests(self):
        self.refused("shiviz/more.h", "cli/main.cc")
        self.refused("cli/more.h", "tests/unit/json_test.cc")

    def test_language_knows_no_spec_words(self):
        self.refused("starlark/eval/more.h", "starlark/spec/word.h")

    def test_unknown_core_folder(self):
        self.refused("core/util/more.h", "core/base/error.h")

    def test_include_is_a_full_path(self):
        self.refused("core/model/more.h", "event.h")

    def test_a_generated_header_is_known_by_its_template(self):
        self.assertEqual([], check_layers(tree(**{
            "cli/version.h.in": "#pragma once\n", "cli/version.cc": '#include "cli/version.h"\n'})))

    def test_core_order(self):
        order = ["base", "model", "trace", "sched", "runtime", "run"]
        for i, low in enumerate(order):
            for j, high in enumerate(order):
                may = refusal(f"core/{low}/a.h", f"core/{high}/b.h") is None
                self.assertEqual(j <= i, may, (low, high))


class CyclesTest(unittest.TestCase):
    def test_header_and_source_are_one_module(self):
        sources = tree(**{
            "core/model/a.h": "\n",
            "core/model/a.cc": '#include "core/model/b.h"\n',
            "core/model/b.h": "\n",
            "core/model/b.cc": '#include "core/model/c.h"\n',
            "core/model/c.h": '#include "core/model/a.h"\n',
        })
        self.assertEqual(
            ["module cycle: core/model/a -> core/model/b -> core/model/c -> core/model/a"],
            check_cycles(sources))

    def test_two_cycles_are_two_offences(self):
        sources = tree(**{
            "core/model/a.h": '#include "core/model/b.h"\n',
            "core/model/b.h": '#include "core/model/a.h"\n',
            "shiviz/x.h": '#include "shiviz/y.h"\n',
            "shiviz/y.h": '#include "shiviz/x.h"\n',
        })
        self.assertEqual(["module cycle: core/model/a -> core/model/b -> core/model/a",
                          "module cycle: shiviz/x -> shiviz/y -> shiviz/x"], check_cycles(sources))

    def test_a_diamond_is_no_cycle(self):
        sources = tree(**{
            "core/model/a.h": '#include "core/model/b.h"\n#include "core/model/c.h"\n',
            "core/model/b.h": '#include "core/model/d.h"\n',
            "core/model/c.h": '#include "core/model/d.h"\n',
            "core/model/d.h": "\n",
        })
        self.assertEqual([], check_cycles(sources))


class BansTest(unittest.TestCase):
    def banned(self, code, path="core/model/more.cc"):
        problems = check_bans(tree(**{path: "\n\n" + code + "\n"}))
        self.assertEqual(1, len(problems), (code, problems))
        self.assertTrue(problems[0].startswith(f"{path}:3: "), problems)

    def allowed(self, code, path="core/model/more.cc"):
        self.assertEqual([], check_bans(tree(**{path: code + "\n"})))

    def test_each_ban_finds_its_word(self):
        for code in ("auto t = std::chrono::steady_clock::now();", "system_clock::now();",
                     "::clock_gettime(CLOCK_REALTIME, &t);", "std::this_thread::sleep_for(d);",
                     "usleep(5);", "int x = rand();", "std::random_device device;",
                     'auto p = std::getenv("HOME");', "throw 1;", "std::thread t(f);",
                     "std::mutex m;", "co_await task;", "std::exit(1);",
                     "::_exit(1);", "std::abort();"):
            self.banned(code)

    def test_comments_and_literals_are_not_code(self):
        self.allowed('// throw rand( getenv\nauto s = "throw"; /* std::thread */')
        self.allowed('auto s = R"x(throw "now" getenv)x"; int n = 1\'000\'000; char c = \'"\';')

    def test_code_after_a_literal_is_still_code(self):
        self.banned("auto c = '\"'; throw c;")
        self.banned('auto s = R"(")"; throw s;')
        self.banned("int n = 1'000; throw n;")

    def test_words_inside_words_are_free(self):
        self.allowed("int operand(int); auto x = operand(3); int rethrow_count; await_sleep(c, d);")
        self.allowed("auto code = process.exit(); exit(code); int on_exit(int);")

    def test_counting_processors_starts_no_thread(self):
        self.allowed("int n = std::thread::hardware_concurrency();")
        self.banned("std::thread::id who;")

    def test_home_of_the_clock(self):
        self.allowed("auto t = std::chrono::steady_clock::now();", "interpose/sys/clock.cc")
        self.banned("auto t = std::chrono::steady_clock::now();", "interpose/process/a.cc")

    def test_tests_are_free(self):
        self.allowed("throw 1;", "tests/unit/more.cc")

    def test_linux_headers(self):
        for header in ("unistd.h", "sys/stat.h", "linux/seccomp.h", "poll.h", "thread", "seccomp.h"):
            problems = check_headers(tree(**{"proxies/more.cc": f"#include <{header}>\n"}))
            self.assertEqual(1, len(problems), header)
            self.assertIn(f"proxies/more.cc:1: #include <{header}>", problems[0])
        self.assertEqual([], check_headers(tree(**{"proxies/more.cc": "#include <cstring>\n"})))

    def test_unfinished_work_and_machine_paths(self):
        for text in ("// TO" "DO: later", "// FIX" "ME", 'auto p = "/wo' 'rk/x";', "# /ro" "ot/x"):
            problems = check_text(tree(**{"tests/unit/more.cc": "\n" + text + "\n"}))
            self.assertEqual(1, len(problems), text)
            self.assertTrue(problems[0].startswith("tests/unit/more.cc:2: "), problems)
        self.assertEqual([], check_text(tree(**{"core/base/x.cc": 'auto p = "/data/wo' 'rk/x";\n'})))


class LengthsTest(unittest.TestCase):
    def lengths(self, lines, allowances=""):
        sources = tree(**{"core/model/long.cc": "\n" * lines})
        return check_lengths(sources, read_allowances(allowances))

    def test_limit(self):
        self.assertEqual([], self.lengths(600))
        self.assertEqual(1, len(self.lengths(601)))

    def test_a_listed_file_may_not_grow(self):
        self.assertEqual([], self.lengths(700, "core/model/long.cc 700  # tables\n"))
        self.assertEqual(1, len(self.lengths(701, "core/model/long.cc 700\n")))

    def test_the_list_follows_downwards(self):
        self.assertIn("write 650", self.lengths(650, "core/model/long.cc 700\n")[0])
        self.assertIn("take it off", self.lengths(500, "core/model/long.cc 700\n")[0])
        self.assertIn("no such file", self.lengths(5, "core/model/gone.cc 700\n")[0])


class ProgramTest(unittest.TestCase):
    def test_refuses_a_tree_without_sources(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(2, lint.main([root]))


if __name__ == "__main__":
    unittest.main()
