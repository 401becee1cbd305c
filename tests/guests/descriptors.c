// Descriptors that come to stand for other files: `descriptors MODE DIR`. Every write is one line,
// so that the files tell afterwards how often each of them was written to.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMany = 40, kRounds = 60 };

static int open_file(const char* name, int flags) {
  int fd = open(name, O_CREAT | O_WRONLY | O_APPEND | flags, 0666);
  if (fd < 0) _exit(3);
  return fd;
}
static void write_lines(int fd, int n) {
  while (n-- > 0)
    if (write(fd, "x\n", 2) != 2) _exit(4);
}
static void wait_for(const char* name) {
  while (access(name, F_OK) != 0) usleep(1000);
}

// Another thread gives the number a new file while this one goes on writing to it, round after
// round; sometimes in the middle of its writes.
struct Swap {
  int fd;
  int round;
};
static void* swap_by_dup2(void* argument) {
  struct Swap* swap = argument;
  char name[32];
  snprintf(name, sizeof name, "dup%d", swap->round % 5);
  int other = open_file(name, 0);
  if (dup2(other, swap->fd) != swap->fd) _exit(5);
  close(other);
  return NULL;
}
static void* swap_by_close(void* argument) {
  struct Swap* swap = argument;
  char name[32];
  snprintf(name, sizeof name, "reopened%d", swap->round % 5);
  close(swap->fd);
  if (open_file(name, 0) != swap->fd) _exit(6);  // the lowest free number
  return NULL;
}
static void swap_in_thread(void* (*body)(void*), int overlap) {
  int fd = open_file("first", 0);
  for (int round = 0; round < kRounds; ++round) {
    write_lines(fd, 12);
    struct Swap swap = {fd, round};
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, &swap) != 0) _exit(7);
    if (overlap) write_lines(fd, 12);
    pthread_join(thread, NULL);
    write_lines(fd, 3);
  }
}

static int child_body(void* argument) {
  int fd = *(int*)argument;
  close(fd);
  if (open_file("child", 0) != fd) _exit(8);
  write_lines(fd, kMany);
  return 0;
}
static void with_child(int flags) {
  static char stack[1 << 16];
  int fd = open_file("parent", 0);
  write_lines(fd, kMany);
  int pid = clone(child_body, stack + sizeof stack, flags | SIGCHLD, &fd);
  if (pid < 0) _exit(9);
  if ((flags & CLONE_FILES) == 0) write_lines(fd, kMany);
  waitpid(pid, NULL, 0);
  write_lines(fd, kMany);
}

static void receive_in_place_of(int fd) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) _exit(10);
  int sent = open_file("sent", 0);
  char byte = 0, control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof control};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &sent, sizeof sent);
  if (sendmsg(pair[0], &message, 0) != 1) _exit(11);
  close(fd);
  if (recvmsg(pair[1], &message, 0) != 1) _exit(12);
  int received;
  memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
  if (received != fd) _exit(13);
}

int main(int argc, char** argv) {
  if (argc < 3 || chdir(argv[2]) != 0) return 2;
  const char* mode = argv[1];
  if (strcmp(mode, "renamed") == 0) {
    // By the test, once the first lines are there.
    mkdir("dir", 0777);
    int fd = open_file("dir/old", 0);
    write_lines(fd, kMany);
    wait_for("go");
    write_lines(fd, kMany);
  } else if (strcmp(mode, "renames") == 0) {
    int fd = open_file("old", 0);
    for (int i = 0; i < 10; ++i) {
      write_lines(fd, kMany);
      if (rename(i % 2 == 0 ? "old" : "new", i % 2 == 0 ? "new" : "old") != 0) return 14;
    }
  } else if (strcmp(mode, "unlinked") == 0) {
    int fd = open_file("gone", 0);
    write_lines(fd, kMany);
    if (unlink("gone") != 0) return 15;
    write_lines(fd, kMany);
  } else if (strcmp(mode, "dup2") == 0) {
    swap_in_thread(swap_by_dup2, 0);
  } else if (strcmp(mode, "dup2-overlapping") == 0) {
    swap_in_thread(swap_by_dup2, 1);
  } else if (strcmp(mode, "reopened") == 0) {
    swap_in_thread(swap_by_close, 0);
  } else if (strcmp(mode, "fork") == 0) {
    with_child(0);
  } else if (strcmp(mode, "shared-table") == 0) {
    with_child(CLONE_FILES);
  } else if (strcmp(mode, "received") == 0) {
    int fd = open_file("own", 0);
    write_lines(fd, kMany);
    receive_in_place_of(fd);
    write_lines(fd, kMany);
  } else if (strcmp(mode, "close_range") == 0) {
    int fd = open_file("before", 0);
    write_lines(fd, kMany);
    syscall(SYS_close_range, fd, ~0u, 0);
    if (open_file("after", 0) != fd) return 16;
    write_lines(fd, kMany);
  } else if (strcmp(mode, "exec") == 0) {
    int fd = open_file("before", O_CLOEXEC);
    write_lines(fd, kMany);
    execl("/proc/self/exe", "descriptors", "after-exec", ".", (char*)NULL);
    return 17;
  } else if (strcmp(mode, "after-exec") == 0) {
    int fd = open_file("after", 0);
    write_lines(fd, kMany);
  } else {
    return 2;
  }
  return 0;
}
