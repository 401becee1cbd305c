"""The store of kv.c in Python: `go` appends a line to FILE and syncs it, `state` connects to port 7099."""
import os
import socket
import sys


def put(file):
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(fd, b"line\n")
        os.fsync(fd)
    finally:
        os.close(fd)


def dial():
    with socket.socket() as peer:
        peer.connect(("127.0.0.1", 7099))


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(16)
    while True:
        connection, _ = listener.accept()
        line = connection.recv(256)
        reply = "ok"
        try:
            if line.startswith(b"go"):
                put(sys.argv[2])
            if line.startswith(b"state"):
                dial()
        except OSError as error:
            reply = "error: " + os.strerror(error.errno)
        if line:
            connection.sendall(reply.encode() + b"\n")
        connection.close()


main()
