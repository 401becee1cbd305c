// Adds one to the number in FILE: one pread, one pwrite, no lock. Two of these lose an update in
// two of their four inequivalent orders.
#include "tests/guests/line_service.h"

static int number(const char* file) {
  char text[32] = "";
  int fd = open(file, O_RDONLY);
  if (pread(fd, text, sizeof text - 1, 0) < 0) text[0] = 0;
  close(fd);
  return atoi(text);
}

static void operate(const char* file, char* reply) {
  char text[32];
  int fd = open(file, O_RDWR);
  if (pread(fd, text, 8, 0) < 0) text[0] = 0;
  text[8] = 0;
  int value = atoi(text) + 1;
  snprintf(text, sizeof text, "%7d\n", value);
  if (pwrite(fd, text, 8, 0) != 8) strcpy(reply, "error");
  close(fd);
}

static void state(const char* file, char* reply) {
  sprintf(reply, "%d", number(file));
}
