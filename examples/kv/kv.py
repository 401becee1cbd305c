"""A key-value store over HTTP: PUT /KEY stores the body in a log on disk, GET /KEY returns it.

    kv.py PORT [careless|careful]     careless: errors of the disk are not looked at
"""
import http.server
import os
import sys

PORT, CAREFUL = int(sys.argv[1]), sys.argv[2:] == ["careful"]
LOG = os.path.join(os.environ.get("FAULTBOX_DIR", "."), "kv.log")
values = {}


def store(key, value):
    """One line for each change, on disk before it is answered."""
    fd = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(fd, f"{key}={value}\n".encode())
        os.fsync(fd)
    except OSError:
        if CAREFUL:
            raise
    finally:
        os.close(fd)
    values[key] = value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=""):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        key = self.path[1:]
        if key == "health":
            self.answer(200, "ok")
        elif key in values:
            self.answer(200, values[key])
        else:
            self.answer(404)

    def do_PUT(self):
        value = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            store(self.path[1:], value)
        except OSError as error:
            self.answer(503, error.strerror)
        else:
            self.answer(200)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
