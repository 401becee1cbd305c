"""An agent over MCP only, on a hand-written stdio client: list, run, read diagnostics, generate, run the
generated file, replay; progress, ping and cancellation while a test runs.

    python3 mcp_agent.py FAULTBOX DIRECTORY
"""
import json
import os
import re
import subprocess
import sys

SPEC = '''
web = service("web", "/usr/bin/python3", interface("main", "http", 8081), args = ["web.py"], cwd = ".",
    healthcheck = tcp("localhost:8081"))
front = service("front", "/bin/sleep", args = ["60"], may_exit = True, depends_on = [web])

def save():
    return web.post("/save", "x")

scenario(save)

def test_disk_error_is_reported():
    """A failed fsync must not be answered with 200."""
    def body():
        assert_eq(save().status, 503)
    fault(web, fsync = deny("EIO"), run = body)

def test_slow():
    wait_held("never", timeout = "50s")
'''

# Ignores the error of fsync: what the agent is to find.
SERVICE = '''
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open("data", "wb") as f:
            f.write(b"x")
            try: os.fsync(f.fileno())
            except OSError: pass
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", 8081), H).serve_forever()
'''


class Client:
    def __init__(self, binary, directory):
        self.process = subprocess.Popen([binary, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        cwd=directory, text=True, encoding="utf-8")
        self.id = 0
        self.notifications = []

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def receive(self):
        line = self.process.stdout.readline()
        assert line.endswith("\n"), "the server closed its output"
        return json.loads(line)

    def reply_to(self, id):
        while True:
            message = self.receive()
            if message.get("id") == id:
                return message
            assert "method" in message, message
            self.notifications.append(message)

    def start(self, method, **params):
        self.id += 1
        self.send({"id": self.id, "method": method, "params": params})
        return self.id

    def request(self, method, **params):
        reply = self.reply_to(self.start(method, **params))
        assert "result" in reply, reply
        return reply["result"]

    def tool(self, name, **arguments):
        result = self.request("tools/call", name=name, arguments=arguments)
        assert result["content"][0]["type"] == "text"
        return result

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0
        assert self.process.stdout.read() == ""


def main(binary, directory):
    for name, text in (("shop.star", SPEC), ("web.py", SERVICE)):
        with open(os.path.join(directory, name), "w") as f:
            f.write(text)
    before = sorted(os.listdir(directory))
    client = Client(binary, directory)
    hello = client.request("initialize", protocolVersion="2025-06-18", capabilities={},
                           clientInfo={"name": "agent", "version": "1"})
    assert hello["serverInfo"]["name"] == "faultbox", hello
    client.send({"method": "notifications/initialized"})
    names = {tool["name"] for tool in client.request("tools/list")["tools"]}
    assert names == {"run_test", "run_single_test", "list_tests", "generate_faults", "init_from_compose",
                     "init_spec"}, names

    listed = client.tool("list_tests", file="shop.star")["structuredContent"]
    assert listed["count"] == 3 and [t["name"] for t in listed["tests"]] == [
        "test_disk_error_is_reported", "test_save", "test_slow"], listed
    assert listed["tests"][0]["doc"] == "A failed fsync must not be answered with 200."

    run = client.tool("run_single_test", file="shop.star", test="disk_error_is_reported", seed=7)
    assert run["isError"] is False
    document = run["structuredContent"]
    assert json.loads(run["content"][0]["text"]) == document
    test = document["tests"][0]
    assert test["result"] == "fail" and test["reason"] == "assert_eq failed: 200 != 503", test
    assert "ASSERTION_MISMATCH" in [d["code"] for d in test["diagnostics"]], test["diagnostics"]
    assert any(e["fields"].get("decision") == "deny(input/output error)" for e in test["events"])

    generated = client.tool("generate_faults", file="shop.star")["structuredContent"]
    assert {m["mode"] for m in generated["mutations"]} == {
        "down", "slow", "reset", "partition", "io_error", "disk_full", "fsync_fail"}, generated
    assert sorted(os.listdir(directory)) == before, "a tool wrote a file"
    for file in generated["files"]:
        with open(os.path.join(directory, file["path"]), "w") as f:
            f.write(file["content"])
    again = client.tool("run_single_test", file=generated["files"][0]["path"], test="gen_save_web_fsync_fail",
                        events="none")["structuredContent"]
    found = again["tests"][0]
    assert found["result"] == "pass" and found["events"] == [], found
    assert "FAULT_FIRED_BUT_SUCCESS" in [d["code"] for d in found["diagnostics"]], found["diagnostics"]

    words = re.fullmatch(r"faultbox test (\S+) --test (\S+) --seed (\d+)", test["replay_command"])
    assert words, test["replay_command"]
    replayed = client.tool("run_single_test", file=words[1], test=words[2], seed=int(words[3]))
    assert replayed["structuredContent"]["tests"][0]["reason"] == test["reason"]

    # A call that would last long: pings are answered meanwhile, and cancelling it ends it without a reply.
    slow = client.start("tools/call", name="run_single_test", arguments={"file": "shop.star", "test": "slow"},
                        _meta={"progressToken": "p"})
    client.request("ping")
    client.send({"method": "notifications/cancelled", "params": {"requestId": slow}})
    whole = client.request("tools/call", name="run_single_test",
                           arguments={"file": "shop.star", "test": "save"}, _meta={"progressToken": "q"})
    assert whole["structuredContent"]["pass"] == 1, whole
    progress = [n["params"] for n in client.notifications if n["method"] == "notifications/progress"]
    assert progress == [{"progressToken": "q", "progress": 1, "total": 1}], progress

    missing = client.tool("run_test", file="none.star")
    assert missing["isError"] and missing["content"][0]["text"].startswith("error: "), missing
    client.close()
    print("ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
