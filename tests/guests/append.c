// Appends one line to FILE with O_APPEND. N of these have N! inequivalent orders.
#include "tests/guests/line_service.h"

static void operate(const char* file, char* reply) {
  int fd = open(file, O_WRONLY | O_APPEND);
  char line[32];
  int n = snprintf(line, sizeof line, "%d\n", getpid() > 0);
  if (fd < 0 || write(fd, line, (size_t)n) != n) sprintf(reply, "%s", strerror(errno));
  close(fd);
}

static void state(const char* file, char* reply) {
  char text[256];
  int fd = open(file, O_RDONLY), lines = 0;
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
  close(fd);
  for (ssize_t i = 0; i < n; ++i) lines += text[i] == '\n';
  sprintf(reply, "%d", lines);
}
