"""Runs `faultbox test` for the GitHub Action: outputs, summary, one annotation for each failing test.

Reads SPEC TEST RUNS FORMAT SEED JOBS ARGS and the runner's GITHUB_OUTPUT GITHUB_STEP_SUMMARY RUNNER_TEMP from
the environment; ends with the exit code of `faultbox test`.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import uuid

LONGEST_JSON = 900 * 1024


def escape(text):
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text):
    return escape(text).replace(":", "%3A").replace(",", "%2C")


def command(env, results):
    words = ["faultbox", "test", env["SPEC"], "--no-progress",
             "--output", os.path.join(results, "faultbox.json"), "--report", os.path.join(results, "faultbox.html")]
    for flag, name in (("--test", "TEST"), ("--seed", "SEED"), ("--jobs", "JOBS"), ("--format", "FORMAT")):
        if env.get(name):
            words += [flag, env[name]]
    if env.get("RUNS") and env["RUNS"] != "1":
        words += ["--runs", env["RUNS"]]
    return words + shlex.split(env.get("ARGS", ""))


def output(env, name, value):
    with open(env["GITHUB_OUTPUT"], "a", encoding="utf-8") as f:
        mark = uuid.uuid4().hex
        f.write(f"{name}<<{mark}\n{value}\n{mark}\n")


def small(document):
    text = json.dumps(document, ensure_ascii=False)
    if len(text.encode()) <= LONGEST_JSON:
        return text
    for test in document["tests"]:
        test.pop("events", None)
    return json.dumps(document, ensure_ascii=False)


def annotate(test, spec):
    place = re.match(r"(.*):(\d+):(\d+)", test.get("error_detail", {}).get("position", ""))
    where = f"file={escape_property(spec)}"
    if place:
        where = f"file={escape_property(place[1])},line={place[2]},col={place[3]}"
    text = test.get("reason", "failed") + "\nreplay: " + test.get("replay_command", "")
    print(f"::error {where},title={escape_property(test['name'])}::{escape(text)}")


def summary(env, document, result):
    lines = [f"### Faultbox: {result}", "", "| test | result | ms | reason |", "|---|---|---|---|"]
    for test in document["tests"]:
        reason = (test.get("reason") or "").split("\n")[0].replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| {test['name']} | {test['result']} | {test['duration_ms']} | {reason} |")
    with open(env["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def main():
    env = os.environ
    results = os.path.join(env["RUNNER_TEMP"], "faultbox-results")
    os.makedirs(results, exist_ok=True)
    words = command(env, results)
    print("$ " + shlex.join(words), flush=True)
    junit = None
    if env.get("FORMAT") == "junit":
        junit = open(os.path.join(results, "faultbox.xml"), "wb")
    code = subprocess.run(words, stdout=junit).returncode
    if junit:
        junit.close()

    try:
        with open(os.path.join(results, "faultbox.json"), encoding="utf-8") as f:
            document = json.load(f)
    except (OSError, ValueError):
        print(f"::error title=Faultbox::faultbox test ended with {code} and wrote no document")
        for name, value in (("result", "fail"), ("passed", 0), ("failed", 0), ("json", "")):
            output(env, name, value)
        return code or 1
    result = "pass" if code == 0 else "fail"
    for name, value in (("result", result), ("passed", document["pass"]), ("failed", document["fail"]),
                        ("json", small(document))):
        output(env, name, value)
    for test in document["tests"]:
        if test["result"] == "fail":
            annotate(test, env["SPEC"])
    for diagnostic in document.get("diagnostics", []):
        if diagnostic["level"] == "error":
            print(f"::error file={escape_property(env['SPEC'])},title={diagnostic['code']}::"
                  f"{escape(diagnostic['message'])}")
    kind = "notice" if result == "pass" else "error"
    print(f"::{kind} title=Faultbox::{document['pass']} passed, {document['fail']} failed")
    summary(env, document, result)
    return code


if __name__ == "__main__":
    sys.exit(main())
