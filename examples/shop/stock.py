"""The stock: TAKE ITEM takes one piece and answers OK or NONE, LEFT ITEM tells how many there are."""
import socket
import sys

stock = {"apple": 2}
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(16)
while True:
    connection, _ = listener.accept()
    with connection:
        words = connection.makefile().readline().split()
        if len(words) != 2:  # somebody only looks whether we are there
            continue
        command, item = words
        if command == "LEFT":
            answer = str(stock[item])
        elif stock[item] > 0:
            stock[item] -= 1
            answer = "OK"
        else:
            answer = "NONE"
        connection.sendall(f"{answer}\n".encode())
