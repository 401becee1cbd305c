"""The shop: POST /buy/ITEM asks the stock for one piece.

200 bought, 409 sold out, 503 the stock cannot be reached, 504 it does not answer within a second.
"""
import http.server
import os
import socket
import sys

HOST, PORT = os.environ["FAULTBOX_STOCK_MAIN_HOST"], int(os.environ["FAULTBOX_STOCK_MAIN_PORT"])


def take(item):
    with socket.create_connection((HOST, PORT), timeout=1) as connection:
        connection.sendall(f"TAKE {item}\n".encode())
        return connection.makefile().readline().strip()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200)

    def do_POST(self):
        try:
            answer = take(self.path.rsplit("/", 1)[1])
            self.answer({"OK": 200, "NONE": 409}.get(answer, 503))
        except TimeoutError:
            self.answer(504)
        except OSError:
            self.answer(503)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
