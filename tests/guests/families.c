// Makes every call of every family of faults once: PROGRAM DIR. Prints "NAME RESULT ERRNO" for each.
// What one call needs is prepared by others that no test denies.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct kernel_stat {
  char room[512];
};

static char out[8192];

#define CALL(name, ...)                                                                      \
  do {                                                                                       \
    errno = 0;                                                                               \
    long got = syscall(SYS_##name, ##__VA_ARGS__);                                           \
    snprintf(out + strlen(out), sizeof out - strlen(out), #name " %d %d\n",                  \
             got < 0 ? -1 : 0, got < 0 ? errno : 0);                                         \
  } while (0)

int main(int argc, char** argv) {
  chdir(argv[1]);
  int here = open(".", O_DIRECTORY);
  for (const char* name = "open\0ren\0unl\0mk\0"; *name; name += strlen(name) + 1)
    mkdirat(here, name, 0700);
  char data[8] = "abcdefg";
  struct iovec v = {data, 3};
  struct kernel_stat st;
  struct timespec zero = {0, 0};
  struct timeval zero_tv = {0, 0};

  int w = open("w", O_RDWR | O_CREAT, 0600), r = open("r", O_RDWR | O_CREAT, 0600);
  close(open("st", O_RDWR | O_CREAT, 0600));
  write(r, "0123456789abcdefghij", 20);
  lseek(r, 0, SEEK_SET);
  int s = open("st", O_RDONLY);
  CALL(write, w, data, 3);
  CALL(writev, w, &v, 1);
  CALL(pwrite64, w, data, 3, 0);
  CALL(pwritev, w, &v, 1, 0, 0);
  CALL(pwritev2, w, &v, 1, 0, 0, 0);
  CALL(fsync, w);
  CALL(fdatasync, w);
  CALL(read, r, data, 3);
  CALL(readv, r, &v, 1);
  CALL(pread64, r, data, 3, 0);
  CALL(preadv, r, &v, 1, 0, 0);
  CALL(preadv2, r, &v, 1, 0, 0, 0);

  struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0600};
#ifdef SYS_open
  CALL(open, "open/../open/a", O_RDWR | O_CREAT, 0600);
  CALL(creat, "open/b", 0600);
#endif
  CALL(openat, here, "open/c", O_RDWR | O_CREAT, 0600);
  CALL(openat2, here, "open/d", &how, sizeof how);

  for (const char* name = "ren/a\0ren/b\0ren/c\0unl/a\0unl/b\0"; *name; name += strlen(name) + 1)
    close(mknodat(here, name, 0100600, 0));
#ifdef SYS_rename
  CALL(rename, "ren/a", "ren/a2");
  CALL(unlink, "unl/a");
  CALL(mkdir, "mk/a", 0700);
  CALL(stat, "st", &st);
  CALL(lstat, "st", &st);
#endif
#ifdef SYS_renameat
  CALL(renameat, here, "ren/b", here, "ren/b2");
#endif
  CALL(renameat2, here, "ren/c", here, "ren/c2", 0);
  CALL(unlinkat, here, "unl/b", 0);
  CALL(mkdirat, here, "mk/b", 0700);
  CALL(fstat, s, &st);
  CALL(newfstatat, here, "st", &st, 0);
  CALL(statx, here, "st", 0, 0x7ff, &st);

  int u = socket(AF_INET, SOCK_DGRAM, 0), listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t length = sizeof at;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener, (void*)&at, sizeof at);
  listen(listener, 4);
  fcntl(listener, F_SETFL, O_NONBLOCK);
  getsockname(listener, (void*)&at, &length);
  connect(socket(AF_INET, SOCK_STREAM, 0), (void*)&at, sizeof at);
  CALL(connect, socket(AF_INET, SOCK_STREAM, 0), &at, sizeof at);
#ifdef SYS_accept
  CALL(accept, listener, 0, 0);
#endif
  CALL(accept4, listener, 0, 0, 0);
  at.sin_port = 0;
  bind(u, (void*)&at, sizeof at);
  getsockname(u, (void*)&at, &length);
  struct mmsghdr m = {.msg_hdr = {&at, sizeof at, &v, 1}};
  CALL(sendto, u, data, 3, 0, &at, sizeof at);
  CALL(sendmsg, u, &m.msg_hdr, 0);
  CALL(sendmmsg, u, &m, 1, 0);
  m.msg_hdr.msg_name = 0;
  m.msg_hdr.msg_namelen = 0;
  CALL(recvfrom, u, data, 3, MSG_DONTWAIT, 0, 0);
  CALL(recvmsg, u, &m.msg_hdr, MSG_DONTWAIT);
  CALL(recvmmsg, u, &m, 1, MSG_DONTWAIT, 0);

  struct pollfd p = {u, POLLIN};
  struct epoll_event e;
  int ep = epoll_create1(0);
#ifdef SYS_poll
  CALL(poll, &p, 1, 0);
  CALL(select, 0, 0, 0, 0, &zero_tv);
  CALL(epoll_wait, ep, &e, 1, 0);
#endif
  CALL(ppoll, &p, 1, &zero, 0, 8);
  CALL(pselect6, 0, 0, 0, 0, &zero, 0);
  CALL(epoll_pwait, ep, &e, 1, 0, 0, 8);
  CALL(epoll_pwait2, ep, &e, 1, &zero, 0, 8);
  write(1, out, strlen(out));
  return 0;
}
