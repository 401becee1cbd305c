// The key-value mock of the tutorial: mock_db PORT [FILE]. PING, SET KEY VALUE, GET KEY, one line in,
// one line out. With FILE every SET is written to it and synced before it is answered.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_KEYS 64
static char keys[MAX_KEYS][64], values[MAX_KEYS][256];
static int used, file = -1;

static int find(const char* key) {
  for (int i = 0; i < used; ++i)
    if (!strcmp(keys[i], key)) return i;
  return -1;
}

static int persist(const char* key, const char* value) {
  char record[400];
  const int length = snprintf(record, sizeof record, "%s=%s\n", key, value);
  if (file < 0) return 0;
  return write(file, record, length) != length || fsync(file) != 0 ? -1 : 0;
}

static void answer(const char* line, char* out, size_t size) {
  char command[8] = "", key[64] = "", value[256] = "";
  sscanf(line, "%7s %63s %255[^\r\n]", command, key, value);
  const int at = find(key);
  if (!strcmp(command, "PING")) {
    snprintf(out, size, "PONG\n");
  } else if (!strcmp(command, "GET")) {
    snprintf(out, size, "%s\n", at < 0 ? "NOT_FOUND" : values[at]);
  } else if (!strcmp(command, "SET") && (at >= 0 || used < MAX_KEYS)) {
    if (persist(key, value) != 0) {
      snprintf(out, size, "ERR %s\n", strerror(errno));
      return;
    }
    const int slot = at >= 0 ? at : used++;
    snprintf(keys[slot], sizeof keys[slot], "%s", key);
    snprintf(values[slot], sizeof values[slot], "%s", value);
    snprintf(out, size, "OK\n");
  } else {
    snprintf(out, size, "ERR unknown command\n");
  }
}

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  signal(SIGPIPE, SIG_IGN);
  if (argc > 2) file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 64)) {
    perror("bind");
    return 1;
  }
  fprintf(stderr, "listening on %s\n", argv[1]);
  for (;;) {
    const int connection = accept(listener, NULL, NULL);
    if (connection < 0) continue;
    char line[1024] = "", out[512];
    size_t length = 0;
    while (length < sizeof line - 1 && !strchr(line, '\n')) {
      const ssize_t got = recv(connection, line + length, sizeof line - 1 - length, 0);
      if (got <= 0) break;
      line[length += got] = 0;
    }
    if (length > 0) {
      answer(line, out, sizeof out);
      send(connection, out, strlen(out), MSG_NOSIGNAL);
    }
    close(connection);
  }
}
