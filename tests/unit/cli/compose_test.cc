#include "cli/init/compose_file.h"
#include "cli/init/compose_ports.h"
#include "cli/init/compose_spec.h"
#include "cli/init/interpolation.h"
#include "cli/init/protocol_guess.h"
#include "cli/init/shell_words.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace fb::cli {
namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Result<ComposeFile> read(const std::string& text, const Variables& environment = {}) {
  return read_compose({.path = "compose.yaml",
                       .text = text,
                       .environment = environment,
                       .read_file = [](const std::string& path) -> Result<std::string> {
                         if (path == "a.env") return std::string("A=1\nB=2\n");
                         return Error{Code::kNotFound, "cannot read \"" + path + "\""};
                       }});
}

std::string spec_of(const std::string& text) {
  const Result<ComposeFile> file = read(text);
  return file.ok() ? import_compose(*file, "compose.yaml", "").spec
                   : "error: " + file.error().message;
}

TEST(ShellWordsTest, QuotesAndBackslashes) {
  EXPECT_EQ(*shell_words(R"(a 'b c' "d \" e" f\ g "" ''h)"),
            (Words{"a", "b c", "d \" e", "f g", "", "h"}));
  EXPECT_EQ(*shell_words("  \t "), Words{});
  EXPECT_FALSE(shell_words("a 'b").ok());
}

TEST(InterpolationTest, EveryForm) {
  const Variables v = {{"SET", "x"}, {"EMPTY", ""}};
  const auto text = [&](const std::string& form) {
    const Result<std::string> result = interpolate(form, v);
    return result.ok() ? *result : "error: " + result.error().message;
  };
  EXPECT_EQ(text("a$SET-${SET}$$SET"), "ax-x$SET");
  EXPECT_EQ(text("${NONE}${EMPTY}"), "");
  EXPECT_EQ(text("${NONE:-d}${EMPTY:-d}${EMPTY-d}${SET:-d}"), "ddx");
  EXPECT_EQ(text("${NONE:-${SET}y}"), "xy");
  EXPECT_EQ(text("${SET:+yes}${NONE:+yes}${EMPTY+yes}"), "yesyes");
  EXPECT_EQ(text("${NONE:?tell me}"), "error: variable NONE is required: tell me");
  EXPECT_EQ(text("${NONE?}"), "error: variable NONE is required");
  EXPECT_TRUE(has(text("${SET"), "error: malformed"));
  EXPECT_TRUE(has(text("${SET!x}"), "error: malformed"));
  EXPECT_EQ(text("cost: $"), "cost: $");
}

RC_GTEST_PROP(InterpolationTest, TextWithoutDollarStays, (std::string text)) {
  std::erase(text, '$');
  RC_ASSERT(*interpolate(text, {}) == text);
}

TEST(EnvFileTest, QuotesCommentsAndInheritance) {
  const Result<Variables> v = parse_env_file(
      "# c\nexport A='x $Y'\nB=\"p\\n${A}\"\nC=${A}/q # tail\nD\nE\nF=\n", {{"D", "outer"}});
  EXPECT_EQ(
      *v, (Variables{{"A", "x $Y"}, {"B", "p\nx $Y"}, {"C", "x $Y/q"}, {"D", "outer"}, {"F", ""}}));
  EXPECT_EQ(parse_env_file("A=1\nB='x\n", {}).error().message, "line 2: a quote (') is not closed");
}

TEST(ComposePortsTest, Forms) {
  using Ports = std::vector<uint16_t>;
  EXPECT_EQ(container_ports("80")->ports, Ports{80});
  EXPECT_EQ(container_ports("8080:80/tcp")->ports, Ports{80});
  EXPECT_EQ(container_ports("127.0.0.1::80")->ports, Ports{80});
  EXPECT_EQ(container_ports("[::1]:8000-8002:9000-9002")->ports, (Ports{9000, 9001, 9002}));
  EXPECT_TRUE(container_ports("53:53/udp")->udp);
  for (const char* wrong : {"", "0", "65536", "a", "80:b", "9-8", "80/sctp", "1:2:3:"})
    EXPECT_FALSE(container_ports(wrong).ok()) << wrong;
}

TEST(ProtocolGuessTest, LastPathPartAndLongestMatch) {
  EXPECT_EQ(protocol_of_image("docker.io/bitnami/postgresql:15")->protocol, "postgres");
  EXPECT_EQ(protocol_of_image("redis/redis-stack@sha256:00")->protocol, "redis");
  EXPECT_FALSE(protocol_of_image("postgres/backup-tool").has_value());
  EXPECT_FALSE(protocol_of_image("localhost:6379/app").has_value());
  EXPECT_EQ(protocol_of_port(27017)->interface, "mongo");
  EXPECT_EQ(protocol_of_port(9090)->protocol, "http");
  EXPECT_FALSE(protocol_of_port(1234).has_value());
}

TEST(ComposeFileTest, ErrorsHaveTheirPlace) {
  const auto message = [](const std::string& text) { return read(text).error().message; };
  EXPECT_EQ(message("services:\n  a:\n    command: x\n"),
            "compose.yaml:3:5: service \"a\" has neither image nor build");
  EXPECT_EQ(message("services:\n  web: {image: x, depends_on: [bd]}\n  db: {image: y}\n"),
            "compose.yaml:2:8: service \"web\" depends on \"bd\", which is not there (did you mean "
            "\"db\"?)");
  EXPECT_TRUE(has(message("services:\n  a: {image: x, depends_on: [b]}\n"
                          "  b: {image: x, depends_on: [a]}\n"),
                  "in a circle among a, b"));
  EXPECT_TRUE(has(message("services:\n  a: {image: x, ports: [no]}\n"), "compose.yaml:2:25: port"));
  EXPECT_TRUE(has(message("services: [\n"), "compose.yaml:2:1: "));
  EXPECT_TRUE(has(message("- a\n"), "want a mapping"));
  EXPECT_TRUE(
      has(message("services:\n  a: {image: '${V:?set V}'}\n"), "variable V is required: set V"));
  EXPECT_TRUE(has(message("services:\n  a: {image: x, env_file: none.env}\n"), "env_file: cannot"));
}

TEST(ComposeFileTest, EnvironmentFormsAndPrecedence) {
  const Result<ComposeFile> file = read(
      "services:\n  a:\n    image: x\n    env_file: a.env\n"
      "    environment: [B=own, HERE, GONE]\n",
      {{"HERE", "h"}});
  const ComposeService& service = file->services.at(0);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(service.environment, (Pairs{{"B", "own"}, {"HERE", "h"}, {"A", "1"}}));
  EXPECT_EQ(service.not_carried_over, Words{"environment GONE (it has no value here)"});
}

TEST(ComposeSpecTest, ReadinessByHealthcheck) {
  const auto service = [](const std::string& rest) {
    return spec_of("services:\n  a:\n    " + rest + "\n");
  };
  EXPECT_TRUE(has(service("image: postgres\n    healthcheck: {test: pg_isready, interval: 10s, "
                          "retries: 5, start_period: 5s}"),
                  "healthcheck = ready(\"pg\", timeout = \"55s\")"));
  EXPECT_TRUE(has(service("image: app\n    ports: [9000]\n    healthcheck: {test: 'curl -f "
                          "https://localhost:9443/h?x=1', interval: 1s}"),
                  "healthcheck = http(\"https://localhost:9443/h?x=1\")"));
  EXPECT_TRUE(has(service("image: redis"), "healthcheck = ready(\"redis\")"));
  const std::string other = service("image: redis\n    healthcheck: {test: [CMD, ./alive]}");
  EXPECT_TRUE(has(other, "healthcheck = tcp(\"localhost:6379\", timeout = \"1m30s\")")) << other;
  EXPECT_TRUE(has(other, "# healthcheck was: ./alive")) << other;
  EXPECT_TRUE(
      has(service("image: redis\n    healthcheck: {disable: true}"), "tcp(\"localhost:6379\""));
  EXPECT_FALSE(has(service("image: app"), "healthcheck ="));
}

TEST(ComposeSpecTest, TheUsualPortComesFirst) {
  const std::string spec = spec_of(
      "services:\n  mq: {image: 'rabbitmq:3-management', ports: ['15672:15672', '5672:5672']}\n");
  EXPECT_TRUE(has(spec,
                  "    interface(\"amqp\", \"amqp\", 5672),\n"
                  "    interface(\"amqp_15672\", \"http\", 15672),\n"))
      << spec;
}

TEST(ComposeSpecTest, MountsOnTheWayToTheComposeFile) {
  const Result<ComposeFile> file =
      read("services:\n  a:\n    build: ./app\n    volumes: ['./x:/x:ro', '/abs:/y', n:/z]\n");
  const std::string spec = import_compose(*file, "../compose.yaml", "..").spec;
  EXPECT_TRUE(has(spec, "\"../x\": \"/x:ro\"")) << spec;
  EXPECT_TRUE(has(spec, "\"/abs\": \"/y\"")) << spec;
  EXPECT_TRUE(has(spec, "build = \"../app\"")) << spec;
  EXPECT_TRUE(has(spec, "# volume n at /z: fresh for every test")) << spec;
}

}  // namespace
}  // namespace fb::cli
