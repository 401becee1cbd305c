"""An HTTP server that counts what it gets: GET /count tells. counting_http.py PORT [1.0]"""
import http.server
import sys

counts = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/" + (sys.argv[2] if len(sys.argv) > 2 else "1.1")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def do_GET(self):
        if self.path == "/count":
            return self.answer(200, str(counts.get("POST", 0)))
        self.answer(200, "got " + self.path)

    do_HEAD = do_GET

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        counts["POST"] = counts.get("POST", 0) + 1
        self.answer(201, "made")

    def log_message(self, *args):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
