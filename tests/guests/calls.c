// One guest for many tests: `calls MODE ARGS` makes a few system calls and prints what it saw.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const char* outcome(long result) {
  return result < 0 ? strerrorname_np(errno) : "ok";
}
static void say(const char* what, long result) {
  char line[256];
  int n = snprintf(line, sizeof line, "%s %s\n", what, outcome(result));
  // Not write(2), which the tests deny.
  struct iovec v = {line, (size_t)n};
  syscall(SYS_pwritev2, 1, &v, 1, -1L, -1L, 0);
}

// write PATH N: N records and an fsync
static void do_write(const char* path, int n) {
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0666);
  say("open", fd);
  for (int i = 0; i < n; i++) say("write", write(fd, "record\n", 7));
  say("fsync", fsync(fd));
  close(fd);
}

static void* thread_write(void* path) {
  int fd = open(path, O_WRONLY | O_APPEND);
  long r = write(fd, "t\n", 2);
  say("thread", r);
  close(fd);
  return NULL;
}

static void child_write(const char* path, const char* what) {
  int fd = open(path, O_WRONLY | O_APPEND);
  say(what, write(fd, "c\n", 2));
  _exit(0);
}

static void on_alarm(int s) {
  (void)s;
}

int main(int argc, char** argv) {
  const char* mode = argc > 1 ? argv[1] : "";
  const char* arg = argc > 2 ? argv[2] : "";
  if (!strcmp(mode, "write")) {
    do_write(arg, atoi(argv[3]));
  } else if (!strcmp(mode, "connect")) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arg))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    say("connect", connect(s, (struct sockaddr*)&a, sizeof a));
  } else if (!strcmp(mode, "threads")) {
    int fd = open(arg, O_CREAT | O_WRONLY | O_TRUNC, 0666);
    close(fd);
    pthread_t t[4];
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, thread_write, (void*)arg);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
  } else if (!strcmp(mode, "children")) {
    close(open(arg, O_CREAT | O_WRONLY | O_TRUNC, 0666));
    pid_t p = fork();
    if (p == 0) child_write(arg, "fork");
    waitpid(p, NULL, 0);
    struct clone_args ca = {.exit_signal = SIGCHLD};
    p = (pid_t)syscall(SYS_clone3, &ca, sizeof ca);
    if (p == 0) child_write(arg, "clone3");
    waitpid(p, NULL, 0);
    p = vfork();
    if (p == 0) {
      execl("/proc/self/exe", "calls", "child", arg, NULL);
      _exit(1);
    }
    waitpid(p, NULL, 0);
  } else if (!strcmp(mode, "child")) {
    child_write(arg, "vfork+exec");
  } else if (!strcmp(mode, "int80")) {
#if defined(__x86_64__)
    // i386's getpid (20) through the old gate, then x32's.
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory");
    errno = r < 0 && r > -4096 ? (int)-r : 0;
    say("int80", errno ? -1 : 0);
    say("x32", syscall(0x40000000 + SYS_getpid));
#else
    errno = ENOSYS;
    say("int80", -1);
    say("x32", -1);
#endif
  } else if (!strcmp(mode, "uring")) {
    say("io_uring_setup", syscall(425, 1, NULL));
  } else if (!strcmp(mode, "ownfilter")) {
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsync, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog p = {sizeof f / sizeof *f, f};
    say("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
    do_write(arg, 2);
  } else if (!strcmp(mode, "closepipe")) {
    int p[2];
    if (pipe(p)) return 1;
    say("close", close(p[1]));
    char c;
    say("read", read(p[0], &c, 1));
    say("write", write(p[1], "x", 1));
  } else if (!strcmp(mode, "signals")) {
    // N calls while a 1 kHz signal hammers the thread.
    struct sigaction a = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &a, NULL);
    struct itimerval it = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &it, NULL);
    int bad = 0;
    for (int i = 0; i < atoi(arg); i++)
      if (fsync(1000) != -1 || errno != ENOSPC) bad++;
    it.it_value.tv_usec = it.it_interval.tv_usec = 0;
    setitimer(ITIMER_REAL, &it, NULL);
    errno = 0;
    say(bad ? "bad" : "good", 0);
  } else if (!strcmp(mode, "spin")) {
    // N cheap calls, for measuring.
    for (long i = atol(arg); i > 0; i--) syscall(SYS_lseek, 1000, 0, 0);
  } else if (!strcmp(mode, "writes")) {
    // N small writes to one file, for measuring.
    int fd = open(arg, O_CREAT | O_WRONLY, 0666);
    for (long i = atol(argv[3]); i > 0; i--) syscall(SYS_pwrite64, fd, "x", 1, 0);
  } else if (!strcmp(mode, "selfkill")) {
    // The thread in a held fsync is killed by another one.
    pthread_t t;
    pthread_create(&t, NULL, thread_write, (void*)arg);
    fsync(1000);
    pthread_join(t, NULL);
  } else if (!strcmp(mode, "heldthreads")) {
    // A child is held in fsync; the parent kills it and goes on.
    pid_t p = fork();
    if (p == 0) {
      fsync(1000);
      _exit(3);
    }
    usleep(100000);
    kill(p, SIGKILL);
    int status = 0;
    waitpid(p, &status, 0);
    errno = 0;
    say(WIFSIGNALED(status) ? "killed" : "lived", 0);
    say("fsync-parent", fdatasync(1000));
  } else {
    fprintf(stderr, "unknown mode\n");
    return 64;
  }
  return 0;
}
