// Skeleton of the small services that tests explore: PROGRAM PORT FILE. Answers one line per
// connection: "ping" gives "pong", "create" makes FILE, "go" runs operate(), "state" runs state().
// Everything besides these two touches nothing that another process could see.
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void operate(const char* file, char* reply);
static void state(const char* file, char* reply);

int main(int argc, char** argv) {
  if (argc != 3) return 64;
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
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    char line[256] = "", reply[256] = "ok";
    ssize_t n = recv(fd, line, sizeof line - 1, 0);
    if (n > 0) {
      if (!strncmp(line, "ping", 4)) strcpy(reply, "pong");
      if (!strncmp(line, "create", 6)) close(open(argv[2], O_CREAT | O_WRONLY, 0644));
      if (!strncmp(line, "go", 2)) operate(argv[2], reply);
      if (!strncmp(line, "state", 5)) state(argv[2], reply);
      strcat(reply, "\n");
      send(fd, reply, strlen(reply), 0);
    }
    close(fd);
  }
}
