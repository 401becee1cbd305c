# The scripts of program.c in Python: program.py PORT DIR FILES SCRIPT.
import fcntl
import os
import re
import socket
import sys
import time

PORT, DIR, FILES, SCRIPT = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(), sys.argv[4]
registers, handles, children = {}, {}, []


def path(name):
    return DIR + '/' + name


def expression(text):
    left, _, right = text.partition('+')
    return (registers.get(left, 0) if left.isalpha() else int(left)) + int(right or 0)


def opened(name):
    if name not in handles:
        handles[name] = os.open(path(name), os.O_RDWR)
    return handles[name]


def listen_at(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', port))
    listener.listen(16)
    return listener


def number(data):
    text = data.decode().strip()
    return int(text) if text else 0


def succeeds(call, *arguments):
    try:
        call(*arguments)
        return 1
    except OSError:
        return 0


def read_cell(name):
    try:
        fd = os.open(path(name), os.O_RDONLY)
    except OSError:
        return -1
    data = os.pread(fd, 8, 0)
    os.close(fd)
    return number(data)


def with_file(name, flags, use):
    fd = os.open(path(name), flags, 0o666)
    use(fd)
    os.close(fd)


def polled(fd):
    os.set_blocking(fd, False)
    try:
        return len(os.read(fd, 1))
    except BlockingIOError:
        return 0


def execute(what, a='', b='', c=''):
    if what == 'read':
        registers[b] = read_cell(a)
    elif what == 'write':
        with_file(a, os.O_WRONLY, lambda fd: os.pwrite(fd, b'%7d\n' % expression(b), 0))
    elif what == 'append':
        with_file(a, os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, b.encode()))
    elif what == 'truncate':
        os.truncate(path(a), int(b))
    elif what == 'create':
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        registers[b] = succeeds(with_file, a, flags, lambda fd: None)
    elif what == 'make':
        with_file(a, os.O_CREAT | os.O_WRONLY, lambda fd: None)
    elif what == 'stat':
        registers[b] = succeeds(os.stat, path(a))
    elif what in ('link', 'rename'):
        registers[c] = succeeds(getattr(os, what), path(a), path(b))
    elif what in ('unlink', 'mkdir'):
        registers[b] = succeeds(getattr(os, what), path(a))
    elif what == 'lock':
        fcntl.flock(opened(a), fcntl.LOCK_EX)
    elif what == 'unlock':
        fcntl.flock(opened(a), fcntl.LOCK_UN)
        os.close(handles.pop(a))
    elif what == 'plock':
        fcntl.lockf(opened(a), fcntl.LOCK_EX)
    elif what == 'punlock':
        fcntl.lockf(opened(a), fcntl.LOCK_UN)
        os.close(handles.pop(a))
    elif what == 'put':
        os.write(opened(a), b.encode())
    elif what == 'take':
        registers[c] = number(os.read(opened(a), int(b)))
    elif what == 'poll':
        registers[b] = polled(opened(a))
    elif what == 'accept':
        handles[b] = handles[a].accept()[0]
    elif what == 'connect':
        handles[a] = socket.create_connection(('127.0.0.1', int(b)))
    elif what == 'send':
        handles[a].sendall(b.encode())
    elif what == 'recv':
        registers[c] = number(handles[a].recv(int(b)))
    elif what == 'close':
        handles.pop(a).close()
    elif what == 'join':
        os.waitpid(children.pop(0), 0)
    elif what == 'wait':
        registers[a] = os.waitstatus_to_exitcode(os.wait()[1])
    elif what == 'exit':
        os._exit(int(a))
    elif what == 'sleep':
        time.sleep(int(a) / 1000)


# The statements of a block; "fork { … }" is one of them.
def split(script):
    return [s.strip() for s in re.findall(r'(?:[^;{}]|\{[^}]*\})+', script) if s.strip()]


def run(script):
    for statement in split(script):
        live = True
        while live and statement.startswith('if '):
            condition, statement = statement[3:].split(' ', 1)
            left, right = condition.split('==')
            live = expression(left) == expression(right)
        if not live or statement.startswith('listen '):
            continue
        if statement == 'stop':
            return
        if statement.startswith('fork'):
            pid = os.fork()
            if pid == 0:
                run(statement[statement.index('{') + 1:statement.rindex('}')])
                os._exit(0)
            children.append(pid)
        else:
            execute(*statement.split())


def reset():
    for word in FILES:
        name, kind, content = re.match(r'(\w+)([=|?])(.*)', word).groups()
        if kind == '?' and not succeeds(os.unlink, path(name)):
            succeeds(os.rmdir, path(name))
        if kind == '|':
            succeeds(os.mkfifo, path(name))
        if kind == '=':
            text = b'%7d\n' % int(content) if content else b''
            with_file(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, lambda fd: os.write(fd, text))


def state():
    told = ''
    for name in (word.rstrip('?').partition('=')[0] for word in FILES if '|' not in word):
        try:
            fd = os.open(path(name), os.O_RDONLY)
            text = ''.join(os.pread(fd, 255, 0).decode().split())
            os.close(fd)
        except OSError:
            text = 'none'
        told += '%s=%s ' % (name, text)
    return told


os.makedirs(DIR, exist_ok=True)
for begin in split(SCRIPT):
    if begin.startswith('listen '):
        _, name, port = begin.split()
        handles[name] = listen_at(int(port))
server = listen_at(PORT)
while True:
    connection, _ = server.accept()
    line, reply = connection.recv(255).decode(), 'ok'
    if line.startswith('reset'):
        reset()
    if line.startswith('go'):
        run(SCRIPT)
        reply += ''.join(' %s=%d' % item for item in sorted(registers.items()))
    if line.startswith('state'):
        reply = state()
    if line:
        connection.sendall(reply.encode() + b'\n')
    connection.close()
