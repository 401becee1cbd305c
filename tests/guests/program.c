// A line server whose behaviour is a script: program PORT DIR FILES SCRIPT. The same small language
// is spoken by program.go, program.py and program.rs, so that one table of programs serves them all
// (tests/process/program_table.cc).
//
//   FILES    what "reset" makes in DIR: x=0 a cell (eight bytes, one number), log= an empty file,
//            p| a named pipe, once? nothing (removed), but "state" tells of it
//   SCRIPT   what "go" does, statements separated by ';'. Registers are single letters, an
//            expression is NUMBER or REGISTER, optionally +NUMBER.
//
//   read x r | write x E | append log TEXT | truncate f N | create f r (O_EXCL) | make f | stat f r
//   link f g r | rename f g r | unlink f r | mkdir d r | lock f | unlock f | plock f | punlock f
//   put p TEXT | take p N r | poll p r | pipe p
//   listen s PORT (done at the start) | accept s c | connect c PORT | send c TEXT | recv c N r
//   close c | fork { … } | join | wait r | exit N | sleep MS | stop | if E==E STATEMENT
//
// Every statement is one call that others can notice and some that nobody can.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* g_dir;
static int g_register[26];
static char g_used[26];
static pid_t g_children[16];
static int g_born, g_joined;
static int g_stopped;

static struct Handle {
  char name[32];
  int in, out;
} g_handles[32];

static const char* path(const char* name) {
  static char buffer[4][512];
  static int next;
  next = (next + 1) % 4;
  snprintf(buffer[next], sizeof buffer[next], "%s/%s", g_dir, name);
  return buffer[next];
}

static struct Handle* handle(const char* name) {
  struct Handle* free_one = NULL;
  for (int i = 0; i < 32; i++) {
    if (!strcmp(g_handles[i].name, name)) return &g_handles[i];
    if (!g_handles[i].name[0] && !free_one) free_one = &g_handles[i];
  }
  snprintf(free_one->name, sizeof free_one->name, "%s", name);
  free_one->in = free_one->out = -1;
  return free_one;
}

// Named pipes, locks: opened at the first use, kept.
static struct Handle* opened(const char* name) {
  struct Handle* h = handle(name);
  if (h->in < 0) h->in = h->out = open(path(name), O_RDWR);
  return h;
}
static void forget(const char* name) {
  struct Handle* h = handle(name);
  close(h->in);
  h->name[0] = 0;
}

static void set(const char* name, int value) {
  g_register[name[0] - 'a'] = value;
  g_used[name[0] - 'a'] = 1;
}
static int expression(const char* text) {
  const char* plus = strchr(text, '+');
  int value = islower((unsigned char)text[0]) ? g_register[text[0] - 'a'] : atoi(text);
  return value + (plus ? atoi(plus + 1) : 0);
}
static struct sockaddr_in loopback(const char* port) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((unsigned short)atoi(port)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}
static int listen_at(const char* port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in address = loopback(port);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr*)&address, sizeof address) || listen(fd, 16)) {
    perror("bind");
    exit(1);
  }
  return fd;
}

static int read_cell(const char* name) {
  char text[9] = "";
  int fd = open(path(name), O_RDONLY);
  if (fd < 0) return -1;
  if (pread(fd, text, 8, 0) < 0) text[0] = 0;
  close(fd);
  return atoi(text);
}
static void write_cell(const char* name, int value) {
  char text[32];
  int fd = open(path(name), O_WRONLY);
  snprintf(text, sizeof text, "%7d\n", value);
  if (fd >= 0 && pwrite(fd, text, 8, 0) != 8) abort();
  close(fd);
}
static int created(const char* name, int flags) {
  int fd = open(path(name), O_CREAT | O_WRONLY | flags, 0666);
  if (fd >= 0) close(fd);
  return fd >= 0;
}
static void plock(const char* name, short type) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
  fcntl(opened(name)->in, F_SETLKW, &lock);
}
static int number_from(int fd, int bytes) {
  char text[64] = "";
  return read(fd, text, (size_t)bytes) < 0 ? -1 : atoi(text);
}
static int polled(int fd) {
  char byte = 0;
  fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
  return read(fd, &byte, 1) == 1;
}
static int wait_for(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

static void execute(char (*w)[128]) {
  const char *what = w[0], *a = w[1], *b = w[2], *c = w[3];
  int fd;
  if (!strcmp(what, "read")) set(b, read_cell(a));
  if (!strcmp(what, "write")) write_cell(a, expression(b));
  if (!strcmp(what, "append")) {
    fd = open(path(a), O_WRONLY | O_APPEND);
    if (write(fd, b, strlen(b)) < 0) abort();
    close(fd);
  }
  if (!strcmp(what, "truncate") && truncate(path(a), atoi(b))) abort();
  if (!strcmp(what, "create")) set(b, created(a, O_EXCL));
  if (!strcmp(what, "make")) created(a, 0);
  if (!strcmp(what, "stat")) {
    struct stat s;
    set(b, stat(path(a), &s) == 0);
  }
  if (!strcmp(what, "link")) set(c, link(path(a), path(b)) == 0);
  if (!strcmp(what, "rename")) set(c, rename(path(a), path(b)) == 0);
  if (!strcmp(what, "unlink")) set(b, unlink(path(a)) == 0);
  if (!strcmp(what, "mkdir")) set(b, mkdir(path(a), 0777) == 0);
  if (!strcmp(what, "lock")) flock(opened(a)->in, LOCK_EX);
  if (!strcmp(what, "unlock")) flock(opened(a)->in, LOCK_UN), forget(a);
  if (!strcmp(what, "plock")) plock(a, F_WRLCK);
  if (!strcmp(what, "punlock")) plock(a, F_UNLCK), forget(a);
  if (!strcmp(what, "pipe")) {
    int p[2];
    if (pipe(p)) abort();
    handle(a)->in = p[0], handle(a)->out = p[1];
  }
  if (!strcmp(what, "put") && write(opened(a)->out, b, strlen(b)) < 0) abort();
  if (!strcmp(what, "take")) set(c, number_from(opened(a)->in, atoi(b)));
  if (!strcmp(what, "poll")) set(b, polled(opened(a)->in));
  if (!strcmp(what, "accept")) handle(b)->in = accept(handle(a)->in, NULL, NULL);
  if (!strcmp(what, "connect")) {
    struct sockaddr_in address = loopback(b);
    fd = handle(a)->in = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr*)&address, sizeof address)) abort();
  }
  if (!strcmp(what, "send") && send(handle(a)->in, b, strlen(b), 0) < 0) abort();
  if (!strcmp(what, "recv")) set(c, number_from(handle(a)->in, atoi(b)));
  if (!strcmp(what, "close")) forget(a);
  if (!strcmp(what, "join")) wait_for(g_children[g_joined++]);
  if (!strcmp(what, "wait")) set(a, wait_for(-1));
  if (!strcmp(what, "exit")) _exit(atoi(a));
  if (!strcmp(what, "sleep")) usleep((useconds_t)atoi(a) * 1000);
  if (!strcmp(what, "stop")) g_stopped = 1;
}

static const char* statements(const char* s, int live);

// One statement, or a block of them for a child.
static const char* statement(const char* s, int live) {
  char words[8][128];
  int n = 0;
  memset(words, 0, sizeof words);
  while (*s && *s != ';' && *s != '}') {
    int length = 0;
    while (*s == ' ') s++;
    while (*s && !strchr(" ;}{", *s) && length < 127) words[n][length++] = *s++;
    if (*s == '{') {
      live = live && (g_children[g_born] = fork()) == 0;
      if (!live) g_born++;
      s = statements(s + 1, live);
      if (live) _exit(0);
      return s;
    }
    if (!strcmp(words[0], "if") && n == 1) {
      char* is = strstr(words[1], "==");
      *is = 0;
      return statement(s, live && expression(words[1]) == expression(is + 2));
    }
    if (length > 0) n++;
  }
  if (live && n > 0) execute(words);
  return s;
}

static const char* statements(const char* s, int live) {
  while (*s && *s != '}') {
    s = statement(s, live && !g_stopped);
    if (*s == ';') s++;
    while (*s == ' ') s++;
  }
  return *s == '}' ? s + 1 : s;
}

// The listeners a script begins with.
static void listen_first(const char* s) {
  char name[32], port[16];
  while (s && sscanf(s, " listen %31s %15[0-9]", name, port) == 2) {
    handle(name)->in = listen_at(port);
    s = strchr(s, ';');
    if (s) s++;
  }
}

static void reset(const char* files) {
  char list[1024], *rest = list, *word;
  snprintf(list, sizeof list, "%s", files);
  while ((word = strsep(&rest, " "))) {
    size_t end = strcspn(word, "=|?");
    char kind = word[end], text[32] = "";
    word[end] = 0;
    if (kind == '?' && unlink(path(word))) rmdir(path(word));
    if (kind == '|') mkfifo(path(word), 0666);
    if (kind != '=') continue;
    int fd = open(path(word), O_CREAT | O_TRUNC | O_WRONLY, 0666);
    if (word[end + 1]) snprintf(text, sizeof text, "%7d\n", atoi(word + end + 1));
    if (write(fd, text, strlen(text)) < 0) abort();
    close(fd);
  }
}

static void tell_state(const char* files, char* reply) {
  char list[1024], *rest = list, *word;
  snprintf(list, sizeof list, "%s", files);
  reply[0] = 0;
  while ((word = strsep(&rest, " "))) {
    size_t end = strcspn(word, "=|?");
    char kind = word[end], text[256] = "none";
    word[end] = 0;
    int fd = kind == '|' ? -1 : open(path(word), O_RDONLY);
    if (fd >= 0) {
      ssize_t n = pread(fd, text, sizeof text - 1, 0);
      text[n < 0 ? 0 : n] = 0;
      close(fd);
    }
    char *from = text, *to = text;
    do
      if (!isspace((unsigned char)*from)) *to++ = *from;
    while (*from++);
    if (kind != '|') sprintf(reply + strlen(reply), "%s=%s ", word, text);
  }
}

static void tell_registers(char* reply) {
  for (int i = 0; i < 26; i++)
    if (g_used[i]) sprintf(reply + strlen(reply), " %c=%d", 'a' + i, g_register[i]);
}

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  g_dir = argv[2];
  signal(SIGPIPE, SIG_IGN);
  mkdir(g_dir, 0777);
  listen_first(argv[4]);
  int listener = listen_at(argv[1]);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    char line[256] = "", reply[4096] = "ok";
    ssize_t n = recv(fd, line, sizeof line - 1, 0);
    if (n > 0) {
      if (!strncmp(line, "reset", 5)) reset(argv[3]);
      if (!strncmp(line, "go", 2)) statements(argv[4], 1), tell_registers(reply);
      if (!strncmp(line, "state", 5)) tell_state(argv[3], reply);
      strcat(reply, "\n");
      send(fd, reply, strlen(reply), 0);
    }
    close(fd);
  }
}
