// The bank's front: a small forking HTTP server. POST /pay takes `amount=N` from the account that
// the ledger keeps; GET /balance tells what is left. Started as `bank_front PORT LEDGER_PORT
// check-then-act|atomic`: the first kind asks for the balance and then withdraws (the race this
// example is about), the second lets the ledger do both in one command.
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace {

uint16_t ledger_port;
bool atomic_spend;

std::string read_until(int fd, std::string_view end) {
  std::string data;
  char buffer[4096];
  while (data.find(end) == std::string::npos) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) break;
    data.append(buffer, static_cast<size_t>(n));
  }
  return data;
}

void write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = write(fd, data.data(), data.size());
    if (n <= 0) return;
    data.remove_prefix(static_cast<size_t>(n));
  }
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// One command to the ledger, one line back; "" when it cannot be reached.
std::string ask_ledger(const std::string& command) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(ledger_port);
  std::string reply;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    write_all(fd, command + "\n");
    reply = read_until(fd, "\n");
  }
  close(fd);
  while (!reply.empty() && reply.back() == '\n') reply.pop_back();
  return reply;
}

struct Answer {
  int status;
  std::string body;
};

Answer pay(int amount) {
  if (!atomic_spend) {
    const std::string balance = ask_ledger("BALANCE");
    if (balance.empty()) return {503, "{\"error\": \"no ledger\"}"};
    if (atoi(balance.c_str()) < amount) return {402, "{\"error\": \"not enough money\"}"};
  }
  const std::string reply =
      ask_ledger((atomic_spend ? "SPEND " : "WITHDRAW ") + std::to_string(amount));
  if (reply == "OK") return {200, "{\"paid\": " + std::to_string(amount) + "}"};
  if (reply == "REFUSED") return {402, "{\"error\": \"not enough money\"}"};
  return {503, "{\"error\": \"" + reply + "\"}"};
}

Answer answer(const std::string& request) {
  const size_t body_at = request.find("\r\n\r\n");
  const std::string body = body_at == std::string::npos ? "" : request.substr(body_at + 4);
  if (request.starts_with("GET /balance ")) {
    const std::string balance = ask_ledger("BALANCE");
    if (balance.empty()) return {503, "{\"error\": \"no ledger\"}"};
    return {200, "{\"balance\": " + balance + "}"};
  }
  if (request.starts_with("POST /pay ") && body.starts_with("amount="))
    return pay(atoi(body.c_str() + 7));
  if (request.starts_with("GET /health ")) return {200, "{}"};
  return {404, "{\"error\": \"no such page\"}"};
}

size_t content_length(const std::string& request) {
  const size_t at = request.find("Content-Length:");
  return at == std::string::npos ? 0 : static_cast<size_t>(atoi(request.c_str() + at + 15));
}

void serve(int fd) {
  std::string request = read_until(fd, "\r\n\r\n");
  const size_t body_at = request.find("\r\n\r\n") + 4;
  while (request.size() < body_at + content_length(request)) {
    char buffer[4096];
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) break;
    request.append(buffer, static_cast<size_t>(n));
  }
  const Answer reply = answer(request);
  write_all(fd,
            "HTTP/1.1 " + std::to_string(reply.status) +
                " -\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s PORT LEDGER_PORT check-then-act|atomic\n", argv[0]);
    return 64;
  }
  ledger_port = static_cast<uint16_t>(atoi(argv[2]));
  atomic_spend = strcmp(argv[3], "atomic") == 0;
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(static_cast<uint16_t>(atoi(argv[1])));
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 64) != 0) {
    perror("bind");
    return 1;
  }
  while (true) {
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) continue;
    if (fork() == 0) {
      close(listener);
      serve(fd);
      close(fd);
      _exit(0);
    }
    close(fd);
  }
}
