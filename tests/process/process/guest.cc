// A program with many habits, chosen by its first argument; the launcher's tests start it.
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace {

void wait_for_ever() {
  while (true) pause();
}

void say(const std::string& text) {
  const std::string line = text + "\n";
  if (write(1, line.data(), line.size()) < 0) _exit(99);
}

// `count` processes that wait, every other one in a session of its own and with no parent left.
void spread(int count) {
  int there[2];
  if (pipe(there) != 0) _exit(99);
  for (int i = 0; i < count; ++i) {
    const bool daemon = i % 2 == 1;
    if (const pid_t child = fork(); child != 0) {
      if (daemon) waitpid(child, nullptr, 0);
      continue;
    }
    if (daemon) {
      setsid();
      if (fork() != 0) _exit(0);
    }
    if (write(there[1], "x", 1) != 1) _exit(99);
    wait_for_ever();
  }
  char byte;
  for (int i = 0; i < count; ++i)
    if (read(there[0], &byte, 1) != 1) _exit(99);
  say("spread");
}

int listen_on(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  return listen(fd, 4) == 0 ? fd : -1;
}

void write_both(size_t bytes) {
  const std::vector<char> out(bytes, 'o'), err(bytes, 'e');
  size_t done_out = 0, done_err = 0;
  while (done_out < bytes || done_err < bytes) {
    const ssize_t a = write(1, out.data() + done_out, std::min<size_t>(7777, bytes - done_out));
    const ssize_t b = write(2, err.data() + done_err, std::min<size_t>(7777, bytes - done_err));
    if (a < 0 || b < 0) _exit(99);
    done_out += static_cast<size_t>(a);
    done_err += static_cast<size_t>(b);
  }
}

void describe() {
  char cwd[4096];
  say(std::string("cwd ") + getcwd(cwd, sizeof cwd));
  for (char** entry = environ; *entry != nullptr; ++entry) say(std::string("env ") + *entry);
  for (int fd = 0; fd < 2000; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) say("fd " + std::to_string(fd));
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, nullptr, &blocked);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    if (sigismember(&blocked, signal) == 1) say("blocked " + std::to_string(signal));
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      say("ignored " + std::to_string(signal));
  }
  char byte;
  say("stdin " + std::to_string(read(0, &byte, 1)));
  say("leader " + std::to_string(getsid(0) == getpid()));
  say("pid1 " + std::to_string(getpid() == 1));
  cpu_set_t cpus;
  sched_getaffinity(0, sizeof cpus, &cpus);
  say("cpus " + std::to_string(CPU_COUNT(&cpus)));
  say("randomized " + std::to_string((personality(0xffffffff) & ADDR_NO_RANDOMIZE) == 0));
  say("policy " + std::to_string(sched_getscheduler(0)));
  struct stat self {};
  say("proc " +
      std::to_string(stat(("/proc/" + std::to_string(getpid()) + "/exe").c_str(), &self) == 0));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string habit = argc > 1 ? argv[1] : "";
  const int number = argc > 2 ? atoi(argv[2]) : 0;
  if (habit == "exit") return number;
  if (habit == "raise") {
    raise(number);
    wait_for_ever();
  }
  if (habit == "wait") {
    say("ready");
    wait_for_ever();
  }
  if (habit == "ignore-term") {
    signal(SIGTERM, SIG_IGN);
    say("ready");
    wait_for_ever();
  }
  if (habit == "spread") {
    spread(number);
    wait_for_ever();
  }
  if (habit == "spread-and-exit") {
    spread(number);
    return 0;
  }
  if (habit == "bomb") {  // keeps forking as fast as it can, at most `number` alive at a time
    say("ready");
    signal(SIGCHLD, SIG_DFL);
    for (int alive = 0;; ++alive) {
      while (alive >= number) {
        if (wait(nullptr) > 0) --alive;
      }
      const pid_t child = fork();
      if (child == 0) {
        setsid();
        usleep(2000);
        fork();
        usleep(3000);
        _exit(0);
      }
    }
  }
  if (habit == "listen") {
    say(listen_on(static_cast<uint16_t>(number)) >= 0 ? "listening" : strerror(errno));
    wait_for_ever();
  }
  if (habit == "write-both") {
    write_both(static_cast<size_t>(number));
    return 0;
  }
  if (habit == "describe") {
    describe();
    return 0;
  }
  if (habit == "count-term") {  // says when SIGTERM came, then exits
    struct sigaction action {};
    action.sa_handler = [](int) {
      say("term");
      _exit(5);
    };
    sigaction(SIGTERM, &action, nullptr);
    say("ready");
    wait_for_ever();
  }
  return 98;
}
