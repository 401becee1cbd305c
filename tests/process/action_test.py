"""The GitHub Action's runner script, with faultbox itself: outputs, annotations, summary, exit code."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

BINARY, SOURCE = sys.argv[1], sys.argv[2]


class ActionTest(unittest.TestCase):
    def run_action(self, spec, **inputs):
        with tempfile.TemporaryDirectory() as directory:
            with open(os.path.join(directory, "spec.star"), "w") as f:
                f.write(spec)
            env = {**os.environ, "PATH": os.path.dirname(BINARY) + ":" + os.environ["PATH"], "SPEC": "spec.star",
                   "FORMAT": "json", "RUNS": "1", "RUNNER_TEMP": directory,
                   "GITHUB_OUTPUT": os.path.join(directory, "out"),
                   "GITHUB_STEP_SUMMARY": os.path.join(directory, "summary"), **inputs}
            run = subprocess.run([sys.executable, SOURCE + "/.github/actions/test/run.py"], cwd=directory, env=env,
                                 capture_output=True, text=True)
            outputs, lines = {}, open(env["GITHUB_OUTPUT"]).read().splitlines()
            while lines:
                name, mark = lines.pop(0).split("<<")
                value = []
                while lines[0] != mark:
                    value.append(lines.pop(0))
                lines.pop(0)
                outputs[name] = "\n".join(value)
            summary = open(env["GITHUB_STEP_SUMMARY"]).read() if os.path.exists(env["GITHUB_STEP_SUMMARY"]) else ""
            kept = sorted(os.listdir(os.path.join(directory, "faultbox-results")))
            return run, outputs, summary, kept

    def test_pass(self):
        run, outputs, summary, kept = self.run_action("def test_a():\n    assert_true(True)\n")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual((outputs["result"], outputs["passed"], outputs["failed"]), ("pass", "1", "0"))
        self.assertEqual(json.loads(outputs["json"])["pass"], 1)
        self.assertIn("::notice title=Faultbox::1 passed, 0 failed", run.stdout)
        self.assertIn("| test_a | pass |", summary)
        self.assertEqual(kept, ["faultbox.html", "faultbox.json"])

    def test_fail_has_an_annotation_at_its_place_in_every_format(self):
        for form in ("json", "junit", "text"):
            run, outputs, _, kept = self.run_action("def test_a():\n    assert_eq(1, 2, 'a, b')\n", FORMAT=form)
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertEqual((outputs["result"], outputs["failed"]), ("fail", "1"))
            self.assertIn("::error file=spec.star,line=2,col=", run.stdout)
            self.assertEqual("faultbox.xml" in kept, form == "junit")

    def test_a_broken_spec_fails(self):
        run, outputs, _, _ = self.run_action("def test_a(:\n")
        self.assertEqual(run.returncode, 1)
        self.assertEqual((outputs["result"], outputs["failed"]), ("fail", "0"))
        self.assertIn("::error ", run.stdout)

    def test_inputs_are_not_code(self):
        run, _, _, _ = self.run_action("def test_a(): pass\n", TEST="$(touch /tmp/owned); a")
        self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
