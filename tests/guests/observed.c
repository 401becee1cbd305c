// Speaks HTTP on PORT and talks about what it does: JSON lines to its standard output, logfmt lines
// appended to FILE, whose failure it does not check. GET /rotate replaces FILE. Every answer is
// {"served":N}. It prints the value of API_TOKEN once and listens on loopback only.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void append(const char* file, int served) {
  FILE* log = fopen(file, "a");
  if (log == NULL) return;
  fprintf(log, "level=info msg=\"request served\" n=%d\n", served);
  fclose(log);
}

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 16)) {
    perror("bind");
    return 1;
  }
  const char* token = getenv("API_TOKEN");
  fprintf(stderr, "token is %s\n", token == NULL ? "none" : token);
  for (int served = 0;; ++served) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    char request[1024] = "";
    ssize_t n = recv(fd, request, sizeof request - 1, 0);
    if (n > 0) {
      printf("{\"event\":\"request\",\"n\":%d}\nnot json\n", served);
      fflush(stdout);
      append(argv[2], served);
      if (strstr(request, "/rotate")) {
        char old[512];
        snprintf(old, sizeof old, "%s.1", argv[2]);
        rename(argv[2], old);
        append(argv[2], 1000 + served);
      }
      char body[64], reply[256];
      int size = snprintf(body, sizeof body, "{\"served\":%d}", served);
      snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, body);
      send(fd, reply, strlen(reply), 0);
    }
    close(fd);
  }
}
