// Small line servers with known numbers of inequivalent orders: orders PORT PROGRAM ROLE DIR.
// "reset" prepares DIR, "go" runs the program's part for the role, "state" tells what came of it.
// Besides that nothing is touched that another process could see.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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

static const char* path(const char* name) {
  static char buffer[4][512];
  static int next;
  next = (next + 1) % 4;
  snprintf(buffer[next], sizeof buffer[next], "%s/%s", g_dir, name);
  return buffer[next];
}
static int get(const char* name) {
  char text[32] = "";
  int fd = open(path(name), O_RDONLY);
  if (fd < 0) return -1;
  if (pread(fd, text, sizeof text - 1, 0) < 0) text[0] = 0;
  close(fd);
  return atoi(text);
}
static void put(const char* name, int value) {
  char text[32];
  int fd = open(path(name), O_WRONLY);
  snprintf(text, sizeof text, "%8d\n", value);
  if (pwrite(fd, text, strlen(text), 0) < 0) abort();
  close(fd);
}
static void make(const char* name, const char* text) {
  int fd = open(path(name), O_CREAT | O_TRUNC | O_WRONLY, 0666);
  if (write(fd, text, strlen(text)) < 0) abort();
  close(fd);
}
static void append(const char* name, const char* text) {
  int fd = open(path(name), O_WRONLY | O_APPEND);
  if (write(fd, text, strlen(text)) < 0) abort();
  close(fd);
}
static int lock(const char* name) {
  int fd = open(path(name), O_RDWR);
  flock(fd, LOCK_EX);
  return fd;
}
static void unlock(int fd) {
  flock(fd, LOCK_UN);
  close(fd);
}
static int size_of(const char* name) {
  char text[4096];
  int fd = open(path(name), O_RDONLY);
  int n = (int)pread(fd, text, sizeof text, 0);
  close(fd);
  return n;
}

static void increment(void) { put("x", get("x") + 1); }
static void* increment_thread(void* unused) {
  increment();
  return unused;
}

static void go(const char* program, const char* role, char* reply) {
  const char text[2] = {role[0], 0};
  if (!strcmp(program, "lost-update")) {
    increment();
  } else if (!strcmp(program, "private")) {
    for (int i = 0; i < 3; i++) put(text, i);
  } else if (!strcmp(program, "append")) {
    append("log", text);
  } else if (!strcmp(program, "append-twice")) {
    append("log", text);
    append("log", text);
  } else if (!strcmp(program, "lock")) {
    int fd = lock("lock");
    increment();
    unlock(fd);
  } else if (!strcmp(program, "deadlock")) {
    int one = lock(role[0] == 'a' ? "lock" : "lock2");
    int two = lock(role[0] == 'a' ? "lock2" : "lock");
    increment();
    unlock(two);
    unlock(one);
  } else if (!strcmp(program, "exclusive")) {
    int fd = open(path("once"), O_CREAT | O_EXCL | O_WRONLY, 0666);
    strcpy(reply, fd >= 0 ? "won" : "lost");
    if (fd >= 0) close(fd);
  } else if (!strcmp(program, "check-create")) {
    struct stat s;
    if (stat(path("once"), &s) == 0) {
      strcpy(reply, "late");
    } else {
      close(open(path("once"), O_CREAT | O_WRONLY, 0666));
      strcpy(reply, "first");
    }
  } else if (!strcmp(program, "publish")) {
    if (role[0] == 'a') {
      make("new", "new");
      rename(path("new"), path("conf"));
    } else {
      char line[16] = "";
      int fd = open(path("conf"), O_RDONLY);
      if (pread(fd, line, sizeof line - 1, 0) < 0) line[0] = 0;
      close(fd);
      strcpy(reply, line);
    }
  } else if (!strcmp(program, "threads")) {
    pthread_t t[2];
    for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, increment_thread, NULL);
    for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
    sprintf(reply, "%d", get("x"));
  } else if (!strcmp(program, "children")) {
    pid_t p[2];
    for (int i = 0; i < 2; i++)
      if ((p[i] = fork()) == 0) {
        increment();
        _exit(0);
      }
    for (int i = 0; i < 2; i++) waitpid(p[i], NULL, 0);
    sprintf(reply, "%d", get("x"));
  } else if (!strcmp(program, "pipe")) {
    // One writer, one reader, exact sizes: one order.
    int p[2];
    if (pipe(p)) abort();
    if (fork() == 0) {
      close(p[0]);
      for (int i = 0; i < 3; i++)
        if (write(p[1], "1234", 4) != 4) abort();
      _exit(0);
    }
    close(p[1]);
    char four[4];
    int n = 0;
    for (int i = 0; i < 3; i++) n += (int)read(p[0], four, 4);
    close(p[0]);
    wait(NULL);
    sprintf(reply, "%d", n);
  } else if (!strcmp(program, "spin")) {
    for (volatile int on = 1; on;) {
    }
  } else if (!strcmp(program, "sleep")) {
    if (role[0] == 'b') usleep(50000);
    append("log", text);
  }
}

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  g_dir = argv[4];
  const char* program = argv[2];
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 16)) {
    perror("bind");
    return 1;
  }
  mkdir(g_dir, 0777);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    char line[256] = "", reply[4096] = "ok";
    ssize_t n = recv(fd, line, sizeof line - 1, 0);
    if (n > 0) {
      if (!strncmp(line, "reset", 5)) {
        make("x", "       0\n");
        make("log", "");
        make("lock", "");
        make("lock2", "");
        make("conf", "old");
        for (char c = 'a'; c < 'f'; c++) make((char[]){c, 0}, "       0\n");
        unlink(path("once"));
      }
      if (!strncmp(line, "go", 2)) go(program, argv[3], reply);
      if (!strncmp(line, "state", 5)) sprintf(reply, "%d %d", get("x"), size_of("log"));
      strcat(reply, "\n");
      send(fd, reply, strlen(reply), 0);
    }
    close(fd);
  }
}
