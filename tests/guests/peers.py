"""The service of peers.c in Python: the same commands and answers."""
import os
import socket
import sys
import threading

link = None
taken = threading.Semaphore(0)
udp = None
last_sender = None


def any6(kind, port):
    s = socket.socket(socket.AF_INET6, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        s.listen(16)
    return s


def address(family, port):
    return (socket.AF_INET, ("127.0.0.1", port)) if family == "4" else (socket.AF_INET6, ("::1", port))


def dial(family, port, ms):
    global link
    kind, to = address(family, int(port))
    s = socket.socket(kind, socket.SOCK_STREAM)
    s.settimeout(int(ms) / 1000 if int(ms) else None)
    s.connect(to)
    s.settimeout(None)
    link = s
    return "ok"


def recv(ms):
    link.settimeout(int(ms) / 1000)
    line = b""
    while not line.endswith(b"\n"):
        byte = link.recv(1)
        if not byte:
            return "end"
        line += byte
    return line[:-1].decode()


def datagram(family, port, text, connected):
    kind, to = address(family, int(port))
    with socket.socket(kind, socket.SOCK_DGRAM) as s:
        if connected:
            s.connect(to)
            s.send(text.encode())
        else:
            s.sendto(text.encode(), to)
    return "ok"


def ask(family, port, ms):
    kind, to = address(family, int(port))
    with socket.socket(kind, socket.SOCK_DGRAM) as s:
        s.sendto(b"ask", to)
        s.settimeout(int(ms) / 1000)
        return s.recv(256).decode()


def obey(line):
    global last_sender
    word, _, rest = line.partition(" ")
    if word == "dial":
        return dial(*rest.split())
    if word == "took":
        return "ok" if taken.acquire(timeout=int(rest) / 1000) else "timeout"
    if word == "send":
        link.settimeout(None)
        link.sendall(rest.encode() + b"\n")
        return "ok"
    if word == "recv":
        return recv(rest)
    if word in ("udp", "udpc"):
        family, port, text = rest.split(" ", 2)
        return datagram(family, port, text, word == "udpc")
    if word == "ask":
        return ask(*rest.split())
    if word == "got":
        udp.settimeout(int(rest) / 1000)
        data, last_sender = udp.recvfrom(256)
        return data.decode()
    if word == "reply":
        udp.sendto(rest.encode(), last_sender)
        return "ok"
    return "what?"


def command(connection):
    line = connection.recv(256).decode().strip()
    if line:
        try:
            reply = obey(line)
        except TimeoutError as error:
            # Python gives ETIMEDOUT of the kernel the same class.
            reply = "timeout" if error.errno is None else "error: " + os.strerror(error.errno)
        except OSError as error:
            reply = "error: " + os.strerror(error.errno)
        connection.sendall(reply.encode() + b"\n")
    connection.close()


def take_peers(listener):
    global link
    while True:
        link, _ = listener.accept()
        taken.release()


def main():
    global udp
    udp = any6(socket.SOCK_DGRAM, int(sys.argv[2]))
    peers = any6(socket.SOCK_STREAM, int(sys.argv[2]))
    threading.Thread(target=take_peers, args=(peers,), daemon=True).start()
    control = any6(socket.SOCK_STREAM, int(sys.argv[1]))
    while True:
        connection, _ = control.accept()
        threading.Thread(target=command, args=(connection,), daemon=True).start()


main()
