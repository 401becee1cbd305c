// generate and init as their users call them: what is written, what is refused, and that the result
// loads.
#include "tests/support/run_command.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

namespace fb {
namespace {

namespace fs = std::filesystem;

class InterfacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "interfaces-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(directory_); }

  CommandResult faultbox(const std::string& arguments) {
    return run_command(directory_, FB_BINARY " " + arguments);
  }
  void write(const std::string& path, const std::string& text) {
    std::ofstream(directory_ / path) << text;
  }
  std::string read(const std::string& path) {
    std::ifstream stream(directory_ / path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  fs::path directory_;
};

constexpr const char* kShop = R"(
db = service("db", "/bin/sleep", interface("main", "tcp", 7001), args = ["60"])
shop = service("shop", "/bin/sleep", interface("main", "http", 8080), args = ["60"],
    env = {"DB": db.main.addr})
def order():
    return None
scenario(order)
)";

TEST_F(InterfacesTest, GeneratedTestsLoadAndRunUnchanged) {
  write("shop.star", kShop);
  const CommandResult generated = faultbox("generate shop.star");
  EXPECT_EQ(generated.exit_code, 0) << generated.err;
  EXPECT_EQ(generated.err, "wrote order.faults.star (7 mutations)\n");
  const CommandResult run = faultbox("test order.faults.star --format json");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(nlohmann::json::parse(run.out)["pass"], 8) << run.out;  // and the scenario itself
  EXPECT_EQ(faultbox("generate shop.star").err, "unchanged order.faults.star\n");
}

TEST_F(InterfacesTest, GenerateReplacesNothingUnasked) {
  write("shop.star", kShop);
  write("order.faults.star", "mine\n");
  const CommandResult refused = faultbox("generate shop.star");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_PRED2(has, refused.err, "order.faults.star exists and is different; --force replaces it");
  EXPECT_EQ(read("order.faults.star"), "mine\n");
  EXPECT_EQ(faultbox("generate shop.star --force").exit_code, 0);
}

TEST_F(InterfacesTest, DryRunCountsAndFilters) {
  write("shop.star", kShop);
  EXPECT_EQ(faultbox("generate shop.star --dry-run").err,
            "order × db: 3 mutations\norder × shop: 3 mutations\norder × shop↔db: 1 mutations\n"
            "Total: 7 mutations\n");
  EXPECT_EQ(faultbox("generate shop.star --dry-run --service db").err,
            "order × db: 3 mutations\norder × shop↔db: 1 mutations\nTotal: 4 mutations\n");
  const CommandResult unknown = faultbox("generate shop.star --scenario ordr");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_PRED2(has, unknown.err, "unknown scenario \"ordr\" (did you mean \"order\"?)");
  const CommandResult none = faultbox("generate shop.star --service shop --category disk");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_PRED2(has, none.err, "no mutation is left");
  EXPECT_FALSE(fs::exists(directory_ / "order.faults.star"));
}

TEST_F(InterfacesTest, ASpecWithoutScenariosSaysWhatToDo) {
  write("a.star", "def test_a(): pass\n");
  const CommandResult run = faultbox("generate a.star");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "a.star has no scenario");
}

TEST_F(InterfacesTest, EveryProtocolMakesASpecThatPassesCheck) {
  for (const char* protocol : {"amqp", "grpc", "http", "kafka", "memcached", "mongodb", "mysql",
                               "nats", "postgres", "redis", "tcp"}) {
    const CommandResult made =
        faultbox(std::string("init --output s.star --force --protocol ") + protocol + " /bin/true");
    EXPECT_EQ(made.exit_code, 0) << made.err;
    const CommandResult checked = faultbox("check s.star");
    EXPECT_EQ(checked.exit_code, 0) << protocol << "\n" << checked.out << checked.err;
  }
}

TEST_F(InterfacesTest, ComposeFilesOfManyStylesPassCheck) {
  const fs::path source = fs::path(FB_SOURCE_DIR) / "tests/compose";
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(source)) {
    if (entry.path().extension() == ".env") continue;
    ++files;
    const CommandResult made =
        faultbox("init --output s.star --force --from-compose " + entry.path().string());
    EXPECT_EQ(made.exit_code, 0) << made.err;
    const std::string first = read("s.star");
    const CommandResult checked = faultbox("check s.star");
    EXPECT_EQ(checked.exit_code, 0) << entry.path() << "\n" << checked.out << checked.err;
    EXPECT_EQ(faultbox("init --output s.star --from-compose " + entry.path().string())
                  .err.find("created"),
              std::string::npos);  // equal input, equal output
    EXPECT_EQ(read("s.star"), first);
  }
  EXPECT_EQ(files, 6u);
}

TEST_F(InterfacesTest, WhatIsNotCarriedOverIsNamed) {
  const std::string file = std::string(FB_SOURCE_DIR) + "/tests/compose/stream.yaml";
  const CommandResult run = faultbox("init --from-compose " + file);
  EXPECT_EQ(run.exit_code, 0);
  for (const char* line :
       {"not carried over: networks\n", "not carried over: gateway: deploy\n",
        "not carried over: gateway: ulimits\n", "not carried over: mongo: volumes /tmp (tmpfs)\n",
        "not carried over: gateway: ports [::1]:8125:8125/udp (UDP)\n"})
    EXPECT_PRED2(has, run.err, line);
  EXPECT_PRED2(has, run.out, "# not carried over: deploy\n");
}

TEST_F(InterfacesTest, InitMergesWithoutLosingAnything) {
  fs::create_directory(directory_ / ".vscode");
  write(".vscode/settings.json", R"({"editor.tabSize": 4, "files.associations": {"*.star": "x"}})");
  write(".mcp.json", R"({"mcpServers": {"other": {"command": "o"}}})");
  const CommandResult run = faultbox("init --claude --vscode");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto settings = nlohmann::json::parse(read(".vscode/settings.json"));
  EXPECT_EQ(settings["editor.tabSize"], 4);
  EXPECT_EQ(settings["files.associations"]["*.star"], "x");
  EXPECT_EQ(settings["python.analysis.stubPath"], "typings");
  const auto servers = nlohmann::json::parse(read(".mcp.json"))["mcpServers"];
  EXPECT_EQ(servers["other"]["command"], "o");
  EXPECT_EQ(servers["faultbox"]["args"], nlohmann::json::array({"mcp"}));
  const CommandResult again = faultbox("init --claude --vscode");
  EXPECT_EQ(again.err.find("created"), std::string::npos) << again.err;
  EXPECT_EQ(again.err.find("updated"), std::string::npos) << again.err;
}

TEST_F(InterfacesTest, InitWritesAllOrNothing) {
  fs::create_directory(directory_ / ".vscode");
  write(".vscode/settings.json", "{ // mine\n}");
  const CommandResult run = faultbox("init --claude --vscode");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_PRED2(has, run.err, "has comments");
  EXPECT_FALSE(fs::exists(directory_ / ".mcp.json"));
  EXPECT_FALSE(fs::exists(directory_ / ".claude"));
}

TEST_F(InterfacesTest, StubsArePython) {
  ASSERT_EQ(faultbox("init --vscode").exit_code, 0);
  const CommandResult parsed = run_command(
      directory_, "python3 -c \"import ast; ast.parse(open('typings/__builtins__.pyi').read())\"");
  EXPECT_EQ(parsed.exit_code, 0) << parsed.err;
}

}  // namespace
}  // namespace fb
