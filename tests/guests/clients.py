"""A consumer with a real client library: each line it gets is an expression about `c`, the client,
and the answer is its value or the error that the library raises. The client, and with it its
connection, lives as long as the program.

  clients.py PORT KIND SERVER_PORT
"""
import socket
import socketserver
import sys

PORT, KIND, SERVER = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


class Http:
    """One persistent connection, so that a test sees whether it is still usable."""

    def __init__(self):
        import http.client
        self.connection = http.client.HTTPConnection("localhost", SERVER, timeout=20)

    def get(self, path, method="GET", body=None):
        fresh = self.connection.sock is None
        self.connection.request(method, path, body)
        response = self.connection.getresponse()
        text = response.read().decode()
        return "%d %s%s" % (response.status, text, " (fresh)" if fresh else "")

    def close(self):
        self.connection.close()


class Sql:
    def __init__(self):
        import psycopg2
        self.connection = psycopg2.connect(host="localhost", port=SERVER, user="postgres",
                                           dbname="postgres", sslmode="disable")
        self.connection.autocommit = True

    def run(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description is not None else cursor.rowcount

    def state(self):
        return self.connection.info.transaction_status


class Line:
    def __init__(self):
        self.socket = socket.create_connection(("localhost", SERVER), timeout=20)
        self.file = self.socket.makefile("rw", newline="\n")

    def ask(self, line):
        self.file.write(line + "\n")
        self.file.flush()
        return self.file.readline().strip()

    def peer(self):
        return self.socket.getpeername()[1]


def make():
    if KIND == "http":
        return Http()
    if KIND == "postgres":
        return Sql()
    if KIND == "line":
        return Line()
    if KIND == "redis":
        import redis
        from redis.retry import Retry
        from redis.backoff import NoBackoff
        return redis.Redis(host="localhost", port=SERVER, socket_timeout=20,
                           single_connection_client=True, retry=Retry(NoBackoff(), 0))
    if KIND == "memcached":
        from pymemcache.client.base import Client
        return Client(("localhost", SERVER), timeout=20)
    raise SystemExit("unknown kind " + KIND)


clients = {}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode().strip()
        if not line:
            return  # a probe of readiness
        try:
            if line == "fresh" or "c" not in clients:
                clients["c"] = make()
            answer = "fresh" if line == "fresh" else repr(eval(line, {"c": clients["c"]}))
        except Exception as error:
            code = getattr(error, "pgcode", None)
            answer = "%s%s: %s" % (type(error).__name__, " " + code if code else "", error)
        self.wfile.write((" ".join(answer.split()) + "\n").encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", PORT), Handler).serve_forever()
