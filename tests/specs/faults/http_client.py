#!/usr/bin/python3
"""HTTP requests over TCP lines: http_client.py PORT HTTP_PORT. A line is METHOD PATH [BODY_BYTES]; the answer is the
status, or what happened instead: TIMEOUT, CLOSED, or TRUNCATED after a status. truth.py asks the same way."""
import http.client, socket, sys


def ask(http_port, line):
    method, path, *size = line.split()
    connection = http.client.HTTPConnection("127.0.0.1", int(http_port), timeout=2)
    try:
        connection.request(method, path, body=b"x" * int(size[0]) if size else None)
        response = connection.getresponse()
    except socket.timeout:
        return "TIMEOUT"
    except (OSError, http.client.HTTPException):
        return "CLOSED"
    try:
        response.read()
    except (OSError, http.client.HTTPException):
        return "TRUNCATED after %d" % response.status
    finally:
        connection.close()
    return str(response.status)


if __name__ == "__main__":
    from line_server import serve
    serve(sys.argv[1], lambda line: ask(sys.argv[2], line))
