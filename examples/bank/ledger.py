"""The bank's ledger: one account in one file, one command per connection.

BALANCE           the amount
WITHDRAW N        takes N, whatever is left: OK
SPEND N           takes N if there is enough: OK or REFUSED
"""
import os
import socket
import sys

PORT = int(sys.argv[1])
FILE = os.path.join(os.environ["FAULTBOX_DIR"], "account")


def load():
    fd = os.open(FILE, os.O_RDONLY)
    try:
        return int(os.read(fd, 64))
    finally:
        os.close(fd)


def store(amount):
    """Replaces the file atomically; what is answered OK is on disk."""
    fd = os.open(FILE + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        os.write(fd, b"%d\n" % amount)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(FILE + ".new", FILE)


def execute(words):
    if words[0] == "BALANCE":
        return str(load())
    amount = int(words[1])
    balance = load()
    if words[0] == "SPEND" and balance < amount:
        return "REFUSED"
    store(balance - amount)
    return "OK"


def main():
    store(100)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", PORT))
    listener.listen(64)
    while True:
        connection, _ = listener.accept()
        line = b""
        while not line.endswith(b"\n"):
            data = connection.recv(256)
            if not data:
                break
            line += data
        if line:
            try:
                reply = execute(line.decode().split())
            except OSError as error:
                print("ledger:", error, file=sys.stderr, flush=True)
                reply = "ERROR %s" % error.strerror
            connection.sendall(reply.encode() + b"\n")
        connection.close()


main()
