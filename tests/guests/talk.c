// Says and hears what its script tells it: PROGRAM DIR NAME PEERS SCRIPT. PEERS lists all services in
// one order ("a,b,c"); every pair gets a TCP and a Unix stream, a UDP socket each way and a named
// pipe each way, below DIR and on ports from 7100 on. Before each word of the script it looks for the
// file /mark/NAME/K, K counting from 0, so that the log tells how far it was; of what reads a file
// the next mark has what it saw: /mark/NAME/K/V.
//
//   s:KIND:PEER:N   sends N bytes; KIND t(cp) u(nix) d(atagram) f(ifo)
//   r:KIND:PEER:N   receives N bytes
//   c:PEER  e:PEER  closes the TCP stream; reads its end
//   w:FILE:V        writes version V into a file (f0 f1)  g:FILE  reads it
//   l:FILE:V        reads it (g0 g1) and writes V under a lock
//   n:NAME          makes a file of that name             a:NAME  looks until it is there
//   m:FROM:TO       renames
//   k               a child goes on with the script
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* dir;
static const char* self;
static char names[8][16];
static int count, me;
static int tcp[8], unx[8], fifo_in[8], fifo_out[8], udp[8];

static void die(const char* what) {
  perror(what);
  exit(1);
}

static char* path(const char* format, ...) {
  static char buffers[4][256];
  static int next;
  char* out = buffers[next = (next + 1) % 4];
  va_list list;
  va_start(list, format);
  int n = snprintf(out, 256, "%s/", dir);
  vsnprintf(out + n, 256 - n, format, list);
  va_end(list);
  return out;
}

static struct sockaddr_in at(int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

static struct sockaddr_un named(const char* name) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  snprintf(a.sun_path, sizeof a.sun_path, "%s", name);
  return a;
}

// The one with the smaller place listens, the other connects and says who it is.
static void link_up(void) {
  struct sockaddr_in in = at(7100 + me);
  struct sockaddr_un un = named(path("sock.%d", me));
  int yes = 1, tl = socket(AF_INET, SOCK_STREAM, 0), ul = socket(AF_UNIX, SOCK_STREAM, 0);
  setsockopt(tl, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(tl, (void*)&in, sizeof in) || listen(tl, 8)) die("tcp listen");
  if (bind(ul, (void*)&un, sizeof un) || listen(ul, 8)) die("unix listen");
  for (int i = 0; i < count; ++i) {
    struct sockaddr_in ud = at(7200 + 8 * me + i);
    if (i == me) continue;
    udp[i] = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(udp[i], (void*)&ud, sizeof ud)) die("udp bind");
    mkfifo(path("fifo.%d.%d", i, me), 0600);
    fifo_in[i] = open(path("fifo.%d.%d", i, me), O_RDWR);
  }
  for (int i = 0; i < me; ++i) {
    char who = (char)me;
    struct sockaddr_in pin = at(7100 + i);
    struct sockaddr_un pun = named(path("sock.%d", i));
    do {
      tcp[i] = socket(AF_INET, SOCK_STREAM, 0);
      if (!connect(tcp[i], (void*)&pin, sizeof pin)) break;
      close(tcp[i]);
      usleep(2000);
    } while (1);
    if (write(tcp[i], &who, 1) != 1) die("who");
    do {
      unx[i] = socket(AF_UNIX, SOCK_STREAM, 0);
      if (!connect(unx[i], (void*)&pun, sizeof pun)) break;
      close(unx[i]);
      usleep(2000);
    } while (1);
    if (write(unx[i], &who, 1) != 1) die("who");
  }
  for (int i = me + 1; i < count; ++i) {
    char who;
    int fd = accept(tl, 0, 0);
    if (fd < 0 || read(fd, &who, 1) != 1) die("accept");
    tcp[(int)who] = fd;
    fd = accept4(ul, 0, 0, SOCK_CLOEXEC);
    if (fd < 0 || read(fd, &who, 1) != 1) die("accept unix");
    unx[(int)who] = fd;
  }
  for (int i = 0; i < count; ++i) {
    if (i == me) continue;
    while ((fifo_out[i] = open(path("fifo.%d.%d", me, i), O_WRONLY | O_NONBLOCK)) < 0) usleep(2000);
    fcntl(fifo_out[i], F_SETFL, 0);
  }
  char byte = 1;
  // Nobody begins before all are linked.
  for (int i = 0; i < count; ++i)
    if (i != me && send(tcp[i], &byte, 1, 0) != 1) die("begin");
  for (int i = 0; i < count; ++i)
    if (i != me && recv(tcp[i], &byte, 1, 0) != 1) die("begun");
}

static int place(const char* name) {
  for (int i = 0; i < count; ++i)
    if (!strcmp(names[i], name)) return i;
  die(name);
  return -1;
}

static void mark(int k, long saw) {
  char name[64];
  if (saw >= 0)
    snprintf(name, sizeof name, "/mark/%s/%d/%ld", self, k, saw);
  else
    snprintf(name, sizeof name, "/mark/%s/%d", self, k);
  access(name, F_OK);
}

static long version(int fd) {
  char text[9] = {0};
  return pread(fd, text, 8, 0) == 8 ? atol(text) : 0;
}
static void set_version(int fd, const char* v) {
  char text[9];
  snprintf(text, sizeof text, "%08ld", atol(v));
  if (pwrite(fd, text, 8, 0) != 8) die("pwrite");
}

static long act(char* word) {
  char *save, *op = strtok_r(word, ":", &save), *a = strtok_r(0, ":", &save);
  char *b = strtok_r(0, ":", &save), *c = strtok_r(0, ":", &save);
  static char buffer[65536];
  if (*op == 's') {
    int p = place(b), n = atoi(c);
    struct sockaddr_in to = at(7200 + 8 * p + me);
    if (*a == 't' && send(tcp[p], buffer, n, 0) != n) die("send");
    if (*a == 'u' && write(unx[p], buffer, n) != n) die("write");
    if (*a == 'f' && write(fifo_out[p], buffer, n) != n) die("fifo");
    if (*a == 'd' && sendto(udp[p], buffer, n, 0, (void*)&to, sizeof to) != n) die("sendto");
  } else if (*op == 'r') {
    int p = place(b), n = atoi(c), got = 0;
    if (*a == 'd') {
      if (recv(udp[p], buffer, sizeof buffer, 0) != n) die("recv");
      return -1;
    }
    int fd = *a == 't' ? tcp[p] : *a == 'u' ? unx[p] : fifo_in[p];
    while (got < n) {
      int m = read(fd, buffer, n - got);
      if (m <= 0) die("read");
      got += m;
    }
  } else if (*op == 'c') {
    shutdown(tcp[place(a)], SHUT_WR);
  } else if (*op == 'e') {
    if (read(tcp[place(a)], buffer, 1) != 0) die("end");
  } else if (*op == 'w') {
    int fd = open(path("%s", a), O_RDWR | O_CREAT, 0600);
    set_version(fd, b);
    close(fd);
  } else if (*op == 'g') {
    int fd = open(path("%s", a), O_RDONLY);
    long seen = fd < 0 ? 0 : version(fd);
    if (fd >= 0) close(fd);
    return seen;
  } else if (*op == 'l') {
    int fd = open(path("%s", a), O_RDWR);
    flock(fd, LOCK_EX);
    long seen = version(fd);
    set_version(fd, b);
    flock(fd, LOCK_UN);
    close(fd);
    return seen;
  } else if (*op == 'n') {
    close(open(path("%s", a), O_WRONLY | O_CREAT, 0600));
  } else if (*op == 'm') {
    if (rename(path("%s", a), path("%s", b))) die("rename");
  } else if (*op == 'a') {
    struct stat st;
    while (stat(path("%s", a), &st)) usleep(1000);
  } else if (*op == 'k') {
    int status;
    pid_t child = fork();
    if (child > 0) {
      waitpid(child, &status, 0);
      _exit(WEXITSTATUS(status));
    }
  }
  return -1;
}

int main(int argc, char** argv) {
  dir = argv[1];
  self = argv[2];
  for (char* name = strtok(argv[3], ","); name; name = strtok(0, ",")) {
    if (!strcmp(name, self)) me = count;
    snprintf(names[count++], 16, "%s", name);
  }
  mkdir(dir, 0700);
  if (me == 0)
    for (int i = 0; i < 4; ++i) {
      int fd = open(path("%c%d", i < 2 ? 'f' : 'g', i % 2), O_WRONLY | O_CREAT, 0600);
      set_version(fd, "0");
      close(fd);
    }
  link_up();
  char *save, *script = argv[4];
  int k = 0;
  long saw = -1;
  for (char* word = strtok_r(script, " ", &save); word; word = strtok_r(0, " ", &save)) {
    mark(k++, saw);
    saw = act(word);
  }
  mark(k, saw);
  // Others may still say something that nobody waits for.
  for (;;) pause();
}
