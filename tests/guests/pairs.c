// Runs pairs of calls for the audit of the dependence relation: pairs SCRATCH PAIRS, pairs as
// "CALL|CALL" separated by ';'. Every pair runs three times, each time in a fresh directory with
// the same things in it: first call then second, second then first, and both at hand at once.
//
// Two children make one call each, when the parent tells them to; all three wait for each other by
// words in shared memory, so that nothing but the calls themselves is seen by anybody. One line of
// output for every round: PAIR ROUND RESULT | RESULT | STATE.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct Shared {
  int ready[2], go[2], done[2], leave[2];
  char result[2][512];
} * g;

static void set_word(int* word) {
  __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}
// False: nothing can happen any more (the hour is one of the scheduler's clock).
static int await_word(int* word) {
  struct timespec hour = {3600, 0};
  while (!__atomic_load_n(word, __ATOMIC_SEQ_CST))
    if (syscall(SYS_futex, word, FUTEX_WAIT, 0, &hour, NULL, 0) && errno == ETIMEDOUT) return 0;
  return 1;
}

// What a round has in it, by name: descriptors of both children at once, of each alone.
static struct Slot {
  const char* name;
  int fd;
} g_slots[] = {{"F"}, {"A"}, {"D"}, {"Pr"}, {"Pw"}, {"Qr"}, {"Qw"}, {"S0"}, {"S1"}, {"E"}, {"Z"},
               {"L"}, {"of"}, {"og"}, {"od"}, {"T"},  {"R"},  {"C"}, {"Nr"}, {"Nw"}};
static int* slot(const char* name) {
  for (size_t i = 0; i < sizeof g_slots / sizeof *g_slots; i++)
    if (!strcmp(g_slots[i].name, name)) return &g_slots[i].fd;
  fprintf(stderr, "no descriptor %s\n", name);
  abort();
}
static void make_file(const char* name, const char* text) {
  int fd = open(name, O_CREAT | O_WRONLY, 0644);
  if (write(fd, text, strlen(text)) < 0) abort();
  close(fd);
}
static int listener(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(7400),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr*)&address, sizeof address) || listen(fd, 8)) abort();
  return fd;
}

static int g_private[2][2];  // T of either child, R of either child

static void prepare(const char* dir) {
  int pair[2];
  if (mkdir(dir, 0777) || chdir(dir)) abort();
  make_file("f", "0123456789");
  make_file("g", "abc");
  make_file("e", "");
  mkdir("d", 0755);
  mkdir("b", 0755);
  make_file("b/x", "x");
  if (symlink("f", "s") || link("g", "h") || symlink("b", "l")) abort();
  *slot("F") = open("f", O_RDWR);
  *slot("A") = open("g", O_RDWR | O_APPEND);
  *slot("D") = open(".", O_RDONLY | O_DIRECTORY);
  if (pipe(pair)) abort();
  *slot("Pr") = pair[0], *slot("Pw") = pair[1];
  if (write(pair[1], "pqrs", 4) != 4) abort();
  if (pipe(pair)) abort();
  *slot("Qr") = pair[0], *slot("Qw") = pair[1];
  if (pipe2(pair, O_NONBLOCK)) abort();
  *slot("Nr") = pair[0], *slot("Nw") = pair[1];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) abort();
  *slot("S0") = pair[0], *slot("S1") = pair[1];
  if (send(pair[0], "xyz", 3, 0) != 3) abort();
  *slot("E") = eventfd(1, 0);
  *slot("Z") = eventfd(0, 0);
  *slot("L") = listener();
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) abort();
  g_private[0][0] = pair[0], g_private[1][0] = pair[1];
  if (pipe(pair)) abort();
  g_private[0][1] = pair[1], g_private[1][1] = pair[0];
}

// --- the calls

static int number(const char* text) { return text ? atoi(text) : 0; }

static void tell_stat(char* out, int result, const struct stat* s) {
  if (result) return;
  const int is_dir = S_ISDIR(s->st_mode);
  sprintf(out, "%o %ld %ld", s->st_mode, is_dir ? 0L : (long)s->st_size,
          is_dir ? 0L : (long)s->st_nlink);
}
static long lock_record(int fd, int command, short type, int start, int length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &lock);
}
static int open_flags(const char* text) {
  int flags = 0;
  for (; *text; text++)
    flags |= *text == 'r'   ? O_RDONLY
             : *text == 'w' ? O_WRONLY
             : *text == 'c' ? O_CREAT
             : *text == 'x' ? O_EXCL
             : *text == 't' ? O_TRUNC
             : *text == 'a' ? O_APPEND
                            : 0;
  return flags;
}

static void call(int child, char* text, char* result) {
  char *w[6] = {0}, out[256] = "", data[64] = "";
  for (int i = 0; i < 6; i++) w[i] = strsep(&text, " ");
  const char* what = w[0];
  static const char* kLetters[2] = {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"};
  const char* bytes = kLetters[child];
  long r = -1;
  struct stat s;
  errno = 0;
  if (!strcmp(what, "pread")) r = pread(*slot(w[1]), data, number(w[3]), number(w[2]));
  else if (!strcmp(what, "pwrite")) r = pwrite(*slot(w[1]), bytes, number(w[3]), number(w[2]));
  else if (!strcmp(what, "read")) r = read(*slot(w[1]), data, number(w[2]));
  else if (!strcmp(what, "write")) r = write(*slot(w[1]), bytes, number(w[2]));
  else if (!strcmp(what, "add")) {
    unsigned long long add = number(w[2]);
    r = write(*slot(w[1]), &add, 8);
  } else if (!strcmp(what, "take")) {
    unsigned long long got = 0;
    r = read(*slot(w[1]), &got, 8);
    sprintf(out, "%llu", got);
  } else if (!strcmp(what, "lseek"))
    r = lseek(*slot(w[1]), number(w[2]), w[3][0] == 's' ? SEEK_SET : w[3][0] == 'c' ? SEEK_CUR : SEEK_END);
  else if (!strcmp(what, "ftruncate")) r = ftruncate(*slot(w[1]), number(w[2]));
  else if (!strcmp(what, "truncate")) r = truncate(w[1], number(w[2]));
  else if (!strcmp(what, "fstat")) r = fstat(*slot(w[1]), &s), tell_stat(out, (int)r, &s);
  else if (!strcmp(what, "stat")) r = stat(w[1], &s), tell_stat(out, (int)r, &s);
  else if (!strcmp(what, "lstat")) r = lstat(w[1], &s), tell_stat(out, (int)r, &s);
  else if (!strcmp(what, "access")) r = access(w[1], F_OK);
  else if (!strcmp(what, "open")) r = open(w[1], open_flags(w[2]), 0640);
  else if (!strcmp(what, "unlink")) r = unlink(w[1]);
  else if (!strcmp(what, "rename")) r = rename(w[1], w[2]);
  else if (!strcmp(what, "exchange")) r = syscall(SYS_renameat2, AT_FDCWD, w[1], AT_FDCWD, w[2], 2);
  else if (!strcmp(what, "link")) r = link(w[1], w[2]);
  else if (!strcmp(what, "symlink")) r = symlink(w[1], w[2]);
  else if (!strcmp(what, "mkdir")) r = mkdir(w[1], 0750);
  else if (!strcmp(what, "rmdir")) r = rmdir(w[1]);
  else if (!strcmp(what, "chmod")) r = chmod(w[1], number(w[2]) ? 0600 : 0666);
  else if (!strcmp(what, "fchmod")) r = fchmod(*slot(w[1]), number(w[2]) ? 0600 : 0666);
  else if (!strcmp(what, "readlink")) r = readlink(w[1], data, 60);
  else if (!strcmp(what, "list")) {
    char entries[2048];
    char names[64][32];
    int n = 0;
    r = syscall(SYS_getdents64, *slot(w[1]), entries, sizeof entries);
    for (long at = 0; at < r;) {
      const struct dirent64* entry = (const struct dirent64*)(entries + at);
      snprintf(names[n++], 32, "%s", entry->d_name);
      at += entry->d_reclen;
    }
    qsort(names, n, 32, (int (*)(const void*, const void*))strcmp);
    for (int i = 0; i < n; i++) sprintf(out + strlen(out), "%s,", names[i]);
    r = r > 0;
  } else if (!strcmp(what, "flock"))
    r = flock(*slot(w[1]), (w[2][0] == 'e' ? LOCK_EX : w[2][0] == 's' ? LOCK_SH : LOCK_UN) |
                               (w[2][1] == 'n' ? LOCK_NB : 0));
  else if (!strcmp(what, "setlk"))
    r = lock_record(*slot(w[1]), w[2][1] == 'n' ? F_SETLK : F_SETLKW,
                    w[2][0] == 'e' ? F_WRLCK : w[2][0] == 's' ? F_RDLCK : F_UNLCK, number(w[3]),
                    number(w[4]));
  else if (!strcmp(what, "ofdlk"))
    r = lock_record(*slot(w[1]), w[2][1] == 'n' ? F_OFD_SETLK : F_OFD_SETLKW,
                    w[2][0] == 'e' ? F_WRLCK : w[2][0] == 's' ? F_RDLCK : F_UNLCK, number(w[3]),
                    number(w[4]));
  else if (!strcmp(what, "send")) r = send(*slot(w[1]), bytes, number(w[2]), MSG_NOSIGNAL);
  else if (!strcmp(what, "recv"))
    r = recv(*slot(w[1]), data, number(w[2]), w[3] && w[3][0] == 'n' ? MSG_DONTWAIT : 0);
  else if (!strcmp(what, "peek")) r = recv(*slot(w[1]), data, number(w[2]), MSG_PEEK | MSG_DONTWAIT);
  else if (!strcmp(what, "shutdown")) r = shutdown(*slot(w[1]), w[2][0] == 'w' ? SHUT_WR : SHUT_RD);
  else if (!strcmp(what, "close")) r = close(*slot(w[1]));
  else if (!strcmp(what, "poll")) {
    struct pollfd p[2] = {{*slot(w[1]), POLLIN, 0}, {w[3] ? *slot(w[3]) : -1, POLLIN, 0}};
    r = poll(p, 2, number(w[2]));
    sprintf(out, "%x %x", p[0].revents, p[1].revents);
  } else if (!strcmp(what, "connect")) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(7400),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    r = connect(*slot("C"), (struct sockaddr*)&address, sizeof address);
  } else if (!strcmp(what, "accept"))
    r = accept4(*slot("L"), NULL, NULL, 0);
  else if (!strcmp(what, "setfl"))
    r = fcntl(*slot(w[1]), F_SETFL, number(w[2]) ? O_NONBLOCK : 0);
  else if (!strcmp(what, "getfl"))
    r = fcntl(*slot(w[1]), F_GETFL);
  else {
    fprintf(stderr, "no call %s\n", what);
    abort();
  }
  const int error = errno;
  for (long i = 0; i < 60 && data[i]; i++) sprintf(out + strlen(out), "%c", data[i]);
  sprintf(result, "%ld %s %s", r, r < 0 ? strerrorname_np(error) : "", out);
}

// --- what came of it

static void tell_file(const char* name, char* to) {
  struct stat s;
  char text[64] = "";
  if (lstat(name, &s)) return;
  if (S_ISREG(s.st_mode)) {
    int fd = open(name, O_RDONLY);
    if (read(fd, text, 40) < 0) text[0] = 0;
    close(fd);
  }
  if (S_ISLNK(s.st_mode) && readlink(name, text, 40) < 0) text[0] = 0;
  for (char* c = text; *c; c++)
    if (*c < ' ') *c = '.';
  sprintf(to + strlen(to), "%s:%o,%ld,%ld,%s ", name, s.st_mode,
          S_ISDIR(s.st_mode) ? 0L : (long)s.st_size, S_ISDIR(s.st_mode) ? 0L : (long)s.st_nlink,
          text);
}
static void tell_queue(const char* name, char* to) {
  char text[64] = "";
  int fd = *slot(name);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (read(fd, text, 40) < 0) text[0] = 0;
  sprintf(to + strlen(to), "%s=%s ", name, text);
}
static void tell_counter(const char* name, char* to) {
  unsigned long long value = 0;
  int fd = *slot(name);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (read(fd, &value, 8) < 0) value = 0;
  sprintf(to + strlen(to), "%s=%llu ", name, value);
}
static void tell_lock(const char* name, char* to) {
  int fd = open(name, O_RDWR);
  if (fd < 0) return;
  const int ex = flock(fd, LOCK_EX | LOCK_NB) == 0, sh = ex || flock(fd, LOCK_SH | LOCK_NB) == 0;
  sprintf(to + strlen(to), "lock(%s)=%d%d", name, ex, sh);
  for (int at = 0; at < 12; at++) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    fcntl(fd, F_OFD_GETLK, &lock);
    sprintf(to + strlen(to), "%c", lock.l_type == F_UNLCK ? '-' : lock.l_type == F_RDLCK ? 's' : 'e');
  }
  strcat(to, " ");
  close(fd);
}
static void tell_state(char* to) {
  static const char* kNames[] = {"f", "g", "e", "d", "b", "s", "h", "l", "n", "m", "b/x", "d/n", "b/n", "n/n", "m/x"};
  *to = 0;
  sprintf(to, "F@%ld A@%ld fl=%x%x ", (long)lseek(*slot("F"), 0, SEEK_CUR),
          (long)lseek(*slot("A"), 0, SEEK_CUR), fcntl(*slot("Pr"), F_GETFL),
          fcntl(*slot("S1"), F_GETFL));
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; i++) tell_file(kNames[i], to);
  tell_lock("f", to);
  tell_lock("g", to);
  tell_queue("Pr", to);
  tell_queue("Qr", to);
  tell_queue("Nr", to);
  tell_queue("S0", to);
  tell_queue("S1", to);
  tell_counter("E", to);
  tell_counter("Z", to);
  int waiting = 0, fd;
  fcntl(*slot("L"), F_SETFL, O_NONBLOCK);
  while ((fd = accept(*slot("L"), NULL, NULL)) >= 0) waiting++, close(fd);
  sprintf(to + strlen(to), "L=%d", waiting);
}

static void child(int number_of_child, const char* text) {
  char copy[128];
  *slot("of") = open("f", O_RDWR);
  *slot("og") = open("g", O_RDWR | O_APPEND);
  *slot("od") = open(".", O_RDONLY | O_DIRECTORY);
  *slot("C") = socket(AF_INET, SOCK_STREAM, 0);
  *slot("T") = g_private[number_of_child][0];
  *slot("R") = g_private[number_of_child][1];
  close(g_private[!number_of_child][0]);
  close(g_private[!number_of_child][1]);
  snprintf(copy, sizeof copy, "%s", text);
  access("ready", F_OK);  // a mark in the trace: what comes next is the call
  set_word(&g->ready[number_of_child]);
  await_word(&g->go[number_of_child]);
  call(number_of_child, copy, g->result[number_of_child]);
  set_word(&g->done[number_of_child]);
  while (!await_word(&g->leave[number_of_child])) {
  }
  _exit(0);
}

static void round_of(const char* scratch, int pair, int round, const char* const calls[2]) {
  char dir[256], state[4096];
  pid_t pid[2];
  memset(g, 0, sizeof *g);
  snprintf(dir, sizeof dir, "%s/%d.%d", scratch, pair, round);
  prepare(dir);
  for (int i = 0; i < 2; i++) {
    if ((pid[i] = fork()) == 0) child(i, calls[i]);
    await_word(&g->ready[i]);
  }
  for (int i = 0; i < 2; i++) close(g_private[i][0]), close(g_private[i][1]);
  const int first = round == 1;
  if (round < 2) {
    set_word(&g->go[first]);
    await_word(&g->done[first]);
    set_word(&g->go[!first]);
    await_word(&g->done[!first]);
    await_word(&g->done[first]);
  } else {
    g->go[1] = 1;
    set_word(&g->go[0]);
    set_word(&g->go[1]);
    await_word(&g->done[0]);
    await_word(&g->done[1]);
    await_word(&g->done[0]);
  }
  for (int i = 0; i < 2; i++)
    if (!g->done[i]) strcpy(g->result[i], "blocked");
  tell_state(state);
  printf("%d %d %s | %s | %s\n", pair, round, g->result[0], g->result[1], state);
  fflush(stdout);
  for (int i = 0; i < 2; i++) {
    set_word(&g->leave[i]);
    if (!g->done[i]) kill(pid[i], SIGKILL);
    waitpid(pid[i], NULL, 0);
  }
  for (size_t i = 0; i < sizeof g_slots / sizeof *g_slots; i++)
    if (g_slots[i].fd > 2) close(g_slots[i].fd);
  for (size_t i = 0; i < sizeof g_slots / sizeof *g_slots; i++) g_slots[i].fd = -1;
  if (chdir("/")) abort();
}

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  g = mmap(NULL, sizeof *g, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  signal(SIGPIPE, SIG_IGN);
  char *rest = argv[2], *text;
  for (int pair = 0; (text = strsep(&rest, ";")); pair++) {
    const char* calls[2] = {strsep(&text, "|"), text};
    for (int round = 0; round < 3; round++) round_of(argv[1], pair, round, calls);
  }
  return 0;
}
