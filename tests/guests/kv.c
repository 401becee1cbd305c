// A small store in C: `go` appends a line to FILE and syncs it, `state` connects to port 7099.
// Answers "ok" or "error: " and the C library's text. The Go and Python guests of the same name do
// the same.
#include "tests/guests/line_service.h"

static void fail(char* reply) {
  sprintf(reply, "error: %s", strerror(errno));
}

static void put(const char* file, char* reply) {
  int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0) return fail(reply);
  if (write(fd, "line\n", 5) != 5 || fsync(fd) != 0) fail(reply);
  close(fd);
}

static void dial(int port, char* reply) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr*)&address, sizeof address)) fail(reply);
  close(fd);
}

static void operate(const char* file, char* reply) {
  put(file, reply);
}
static void state(const char* file, char* reply) {
  dial(7099, reply);
}
