// A service that talks to others as a test tells it: PROGRAM CONTROL PEERS. On port CONTROL (IPv4) it
// takes one command per connection and answers one line; each runs in a thread of its own. On port
// PEERS (IPv4 and IPv6, TCP and UDP) others reach it; the connection made or taken last is its link.
//
//   dial 4|6 PORT MS   connects, in MS at most (0: as long as the kernel tries): ok, timeout, error
//   took MS            waits for a connection from another (each counts once)
//   send TEXT          a line over the link
//   recv MS            a line from the link: the text, timeout, end, error
//   udp 4|6 PORT TEXT  a datagram by sendto; udpc: over a connected socket by write
//   ask 4|6 PORT MS    a datagram from a port of the kernel's choice; the reply to it, or timeout
//   got MS             the next datagram that came, or timeout
//   reply TEXT         to whom the last datagram came from
//   unread MS          waits until bytes have come over the link and leaves them there
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile int link_fd = -1;
static sem_t taken;
static int udp_fd = -1;
static struct sockaddr_in6 last_sender;

static socklen_t loopback(int family, int port, struct sockaddr_storage* out) {
  memset(out, 0, sizeof *out);
  if (family == 4) {
    struct sockaddr_in* in = (struct sockaddr_in*)out;
    in->sin_family = AF_INET;
    in->sin_port = htons((unsigned short)port);
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *in;
  }
  struct sockaddr_in6* in = (struct sockaddr_in6*)out;
  in->sin6_family = AF_INET6;
  in->sin6_port = htons((unsigned short)port);
  in->sin6_addr = in6addr_loopback;
  return sizeof *in;
}

static int any6(int type, int port) {
  int fd = socket(AF_INET6, type, 0), yes = 1, no = 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port)};
  if (bind(fd, (struct sockaddr*)&address, sizeof address)) {
    perror("bind");
    exit(1);
  }
  if (type == SOCK_STREAM) listen(fd, 16);
  return fd;
}

static int ready(int fd, short events, int ms) {
  struct pollfd entry = {fd, events, 0};
  return poll(&entry, 1, ms) > 0;
}

static void failed(char* reply) { sprintf(reply, "error: %s", strerror(errno)); }

static void dial(int family, int port, int ms, char* reply) {
  struct sockaddr_storage to;
  socklen_t length = loopback(family, port, &to);
  int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | (ms ? SOCK_NONBLOCK : 0), 0);
  int error = connect(fd, (struct sockaddr*)&to, length) ? errno : 0;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    if (ready(fd, POLLOUT, ms))
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    else
      error = -1;
  }
  if (error) {
    close(fd);
    errno = error;
    if (error < 0)
      strcpy(reply, "timeout");
    else
      failed(reply);
    return;
  }
  fcntl(fd, F_SETFL, 0);
  link_fd = fd;
}

static void receive(int ms, char* reply) {
  size_t n = 0;
  // Blocks in recv itself, as most programs do.
  struct timeval limit = {ms / 1000, ms % 1000 * 1000};
  setsockopt(link_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  while (n < 200) {
    ssize_t got = recv(link_fd, reply + n, 1, 0);
    if (got == 0) {
      strcpy(reply, "end");
      return;
    }
    if (got < 0) {
      if (errno == EAGAIN)
        strcpy(reply, "timeout");
      else
        failed(reply);
      return;
    }
    if (reply[n] == '\n') break;
    ++n;
  }
  reply[n] = 0;
}

static void datagram(int family, int port, const char* text, int connected, char* reply) {
  struct sockaddr_storage to;
  socklen_t length = loopback(family, port, &to);
  int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  ssize_t sent;
  if (connected) {
    sent = connect(fd, (struct sockaddr*)&to, length) ? -1 : write(fd, text, strlen(text));
  } else {
    sent = sendto(fd, text, strlen(text), 0, (struct sockaddr*)&to, length);
  }
  if (sent != (ssize_t)strlen(text)) failed(reply);
  close(fd);
}

static void ask(int family, int port, int ms, char* reply) {
  struct sockaddr_storage to;
  socklen_t length = loopback(family, port, &to);
  int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  if (sendto(fd, "ask", 3, 0, (struct sockaddr*)&to, length) != 3) {
    failed(reply);
  } else if (!ready(fd, POLLIN, ms)) {
    strcpy(reply, "timeout");
  } else {
    ssize_t n = recv(fd, reply, 200, 0);
    reply[n < 0 ? 0 : n] = 0;
  }
  close(fd);
}

static void took(int ms, char* reply) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += ms / 1000;
  if (sem_timedwait(&taken, &until)) failed(reply);
}

static void obey(char* line, char* reply) {
  int family = 4, port = 0, ms = 0, at = 0;
  if (sscanf(line, "dial %d %d %d", &family, &port, &ms) == 3) {
    dial(family, port, ms, reply);
  } else if (sscanf(line, "took %d", &ms) == 1) {
    took(ms, reply);
  } else if (!strncmp(line, "send ", 5)) {
    strcat(line, "\n");
    if (send(link_fd, line + 5, strlen(line + 5), MSG_NOSIGNAL) < 0) failed(reply);
  } else if (sscanf(line, "recv %d", &ms) == 1) {
    receive(ms, reply);
  } else if (sscanf(line, "unread %d", &ms) == 1) {
    if (!ready(link_fd, POLLIN, ms)) strcpy(reply, "timeout");
  } else if (sscanf(line, "udp %d %d %n", &family, &port, &at) == 2) {
    datagram(family, port, line + at, 0, reply);
  } else if (sscanf(line, "udpc %d %d %n", &family, &port, &at) == 2) {
    datagram(family, port, line + at, 1, reply);
  } else if (sscanf(line, "ask %d %d %d", &family, &port, &ms) == 3) {
    ask(family, port, ms, reply);
  } else if (sscanf(line, "got %d", &ms) == 1) {
    socklen_t length = sizeof last_sender;
    if (!ready(udp_fd, POLLIN, ms)) {
      strcpy(reply, "timeout");
      return;
    }
    ssize_t n = recvfrom(udp_fd, reply, 200, 0, (struct sockaddr*)&last_sender, &length);
    reply[n < 0 ? 0 : n] = 0;
  } else if (!strncmp(line, "reply ", 6)) {
    if (sendto(udp_fd, line + 6, strlen(line + 6), 0, (struct sockaddr*)&last_sender,
               sizeof last_sender) < 0)
      failed(reply);
  } else {
    strcpy(reply, "what?");
  }
}

static void* command(void* argument) {
  int fd = (int)(long)argument;
  char line[256] = "", reply[300] = "ok";
  ssize_t n = recv(fd, line, sizeof line - 2, 0);
  if (n > 0) {
    line[strcspn(line, "\n")] = 0;
    obey(line, reply);
    strcat(reply, "\n");
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
  }
  close(fd);
  return NULL;
}

static void* take_peers(void* argument) {
  for (;;) {
    int fd = accept((int)(long)argument, NULL, NULL);
    if (fd < 0) continue;
    link_fd = fd;
    sem_post(&taken);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  signal(SIGPIPE, SIG_IGN);
  pthread_t thread;
  sem_init(&taken, 0, 0);
  udp_fd = any6(SOCK_DGRAM, atoi(argv[2]));
  pthread_create(&thread, NULL, take_peers, (void*)(long)any6(SOCK_STREAM, atoi(argv[2])));
  int listener = any6(SOCK_STREAM, atoi(argv[1]));
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) continue;
    pthread_create(&thread, NULL, command, (void*)(long)fd);
    pthread_detach(thread);
  }
}
