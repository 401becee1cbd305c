"""One line in, one line out, one connection after another."""
import socket


def serve(port, answer):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", int(port)))
    server.listen(16)
    while True:
        connection, _ = server.accept()
        line = connection.makefile().readline().strip()
        if line:
            connection.sendall((answer(line) + "\n").encode())
        connection.close()
