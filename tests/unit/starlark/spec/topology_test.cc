// service(), interface(), tcp(), http(), ready(), op(): what they declare and what they refuse.
#include "tests/unit/starlark/spec/spec_fixture.h"

namespace fb::spec {
namespace {

class TopologyWordsTest : public SpecTest {
 protected:
  std::string message(const std::string& source) {
    const std::string report = load_error(source);
    return report.substr(0, report.find('\n'));
  }
  Topology topology(const std::string& source) {
    Spec::Loaded loaded = load(source);
    EXPECT_NE(loaded.spec, nullptr) << loaded.report;
    return loaded.spec ? loaded.spec->topology() : Topology{};
  }
};

TEST_F(TopologyWordsTest, AServiceIsWhatItWasDeclaredToBe) {
  const Topology made = topology(
      "a = service('a', './a')\n"
      "b = service('b', interface('main', 'http', 80), interface('x', protocol = 'tcp', port = "
      "81),\n"
      "            binary = 'bb', args = ['-v'], env = {'N': 1, 'S': 's', 'B': True}, cwd = 'w',\n"
      "            depends_on = [a], healthcheck = ready('x', timeout = '3s'), may_exit = True,\n"
      "            ops = {'persist': op(syscalls = ['write'], path = '*.wal')})\n");
  ASSERT_EQ(made.services.size(), 2u);
  const ServiceSpec& b = made.services[1];
  EXPECT_EQ(b.binary, "bb");
  EXPECT_EQ(b.interfaces.size(), 2u);
  EXPECT_EQ(b.interfaces[1].protocol, "tcp");
  EXPECT_EQ(b.interfaces[1].port, 81);
  EXPECT_EQ(b.args, std::vector<std::string>{"-v"});
  EXPECT_EQ(b.env, (std::map<std::string, std::string>{{"N", "1"}, {"S", "s"}, {"B", "True"}}));
  EXPECT_EQ(b.cwd, "/srv/w");
  EXPECT_EQ(b.depends_on, std::vector<std::string>{"a"});
  EXPECT_EQ(b.healthcheck.kind, HealthCheck::Kind::kProtocol);
  EXPECT_EQ(b.healthcheck.target, "x");
  EXPECT_EQ(b.healthcheck.timeout, Duration(std::chrono::seconds(3)));
  EXPECT_TRUE(b.may_exit);
  EXPECT_EQ(b.ops.at("persist").syscalls, std::vector<std::string>{"write"});
  EXPECT_EQ(b.ops.at("persist").path->text(), "*.wal");
}

TEST_F(TopologyWordsTest, HealthchecksAreNormalised) {
  const Topology made = topology(
      "a = service('a', './a', healthcheck = tcp('localhost:7000'))\n"
      "b = service('b', './b', healthcheck = http('localhost:80/health', timeout = '1s'))\n");
  EXPECT_EQ(made.services[0].healthcheck.kind, HealthCheck::Kind::kTcp);
  EXPECT_EQ(made.services[0].healthcheck.target, "localhost:7000");
  EXPECT_EQ(made.services[1].healthcheck.kind, HealthCheck::Kind::kHttp);
  EXPECT_EQ(made.services[1].healthcheck.target, "http://localhost:80/health");
}

TEST_F(TopologyWordsTest, ValuesPrintAsTheyAre) {
  load(std::string(kServices) +
       "print(db, db.main, interface('main', 'tcp', 5432), tcp('localhost:1'))\n"
       "print(http('localhost:1/x'), ready(), op(['write', 'fsync']), db.main.send)\n"
       "print(type(db), type(db.main), type(db.main.send), type(tcp('a:1')), type(op(['read'])))\n"
       "print(db.name, api.main.addr, api.main.host, api.main.port, api.main.internal_addr)\n");
  EXPECT_EQ(printed_, (std::vector<std::string>{
                          "<service db> <interface_ref db.main> <interface main tcp:5432> "
                          "<healthcheck tcp://localhost:1>",
                          "<healthcheck http://localhost:1/x> <healthcheck ready> "
                          "<op syscalls=[write fsync]> <step db.main.send>",
                          "service interface_ref step_method healthcheck op",
                          "db localhost:8080 localhost 8080 localhost:8080"}));
}

TEST_F(TopologyWordsTest, StrictnessOfServices) {
  EXPECT_EQ(
      message("service('a')\n"),
      "spec.star:1:8: service(): service \"a\" needs exactly one of binary, image, build; got "
      "none");
  EXPECT_EQ(
      message("service('a', './a', image = 'x')\n"),
      "spec.star:1:8: service(): service \"a\" needs exactly one of binary, image, build; got "
      "several");
  EXPECT_EQ(message("service('a b', './a')\n"),
            "spec.star:1:8: service(): service name \"a b\" is not [A-Za-z0-9_.-]+");
  EXPECT_EQ(message("service('test', './a')\n"),
            "spec.star:1:8: service(): a service cannot be called \"test\"");
  EXPECT_EQ(message("service('a', './a')\nservice('a', './b')\n"),
            "spec.star:2:8: service(): service \"a\" is already declared at spec.star:1:8");
  EXPECT_EQ(message("service('a', './a', enviroment = {})\n"),
            "spec.star:1:8: service(): unexpected keyword argument \"enviroment\"");
  EXPECT_EQ(
      message("service('a', './a', arg = [])\n"),
      "spec.star:1:8: service(): unexpected keyword argument \"arg\" (did you mean \"args\"?)");
  EXPECT_EQ(message("service('a', './a', args = [1])\n"),
            "spec.star:1:8: service(): for parameter args: got int in the list, want string");
  EXPECT_EQ(message("service('a', './a', env = {'A': []})\n"),
            "spec.star:1:8: service(): for parameter env: got list for \"A\", want string");
  EXPECT_EQ(message("service('a', './a', interface('m', 'tcp', 1), interface('m', 'tcp', 2))\n"),
            "spec.star:1:8: service(): interface \"m\" is given twice");
  EXPECT_EQ(message("service('a', './a', interface('m', 'tcp', 1))\n"
                    "service('b', './b', interface('n', 'tcp', 1))\n"),
            "spec.star:2:8: service(): port 1 of b.n is already that of a.m");
  EXPECT_EQ(message("service('a', './a', ops = {'run': op(['read'])})\n"),
            "spec.star:1:8: service(): an operation cannot be called \"run\"");
  EXPECT_EQ(message("service('a', './a', depends_on = ['bb'])\nservice('b', './b')\n"),
            "spec.star:1:8: service(): unknown service \"bb\" (did you mean \"b\"?)");
}

TEST_F(TopologyWordsTest, ACycleOfDependenciesIsRefused) {
  EXPECT_NE(message("service('a', './a', depends_on = ['b'])\n"
                    "service('b', './b', depends_on = ['a'])\n")
                .find("depends_on cycle"),
            std::string::npos);
}

TEST_F(TopologyWordsTest, StrictnessOfInterfaces) {
  EXPECT_EQ(message("interface('m', 'htp', 1)\n"),
            "spec.star:1:10: interface(): unknown protocol \"htp\" (did you mean \"http\"?)");
  EXPECT_EQ(message("interface('m', 'http', 0)\n"),
            "spec.star:1:10: interface(): port 0 is not in 1..65535");
  EXPECT_EQ(message("interface('m', 'http', 70000)\n"),
            "spec.star:1:10: interface(): port 70000 is not in 1..65535");
  EXPECT_EQ(message("interface('name', 'http', 1)\n"),
            "spec.star:1:10: interface(): an interface cannot be called \"name\"");
  EXPECT_EQ(message("interface('m', 'grpc', 1, spec = 'none.pb')\n"),
            "spec.star:1:10: interface(): cannot open 'none.pb': no such file or directory");
}

TEST_F(TopologyWordsTest, ReadyWithoutANameMeansTheSoleTheDefaultOrTheFirstInterface) {
  const Topology made = topology(
      "service('a', './a', interface('m', 'tcp', 1), healthcheck = ready())\n"
      "service('b', './b', interface('x', 'tcp', 2), interface('default', 'tcp', 3),\n"
      "        healthcheck = ready(timeout = '5s'))\n"
      "service('c', './c', interface('y', 'tcp', 4), interface('x', 'tcp', 5),\n"
      "        healthcheck = ready())\n");
  ASSERT_EQ(made.services.size(), 3u);
  EXPECT_EQ(made.services[0].healthcheck.target, "m");
  EXPECT_EQ(made.services[1].healthcheck.target, "default");
  EXPECT_EQ(made.services[2].healthcheck.target, "y");
}

TEST_F(TopologyWordsTest, StrictnessOfHealthchecksAndOperations) {
  EXPECT_NE(message("tcp('localhost')\n").find("spec.star:1:4: tcp(): "), std::string::npos);
  EXPECT_NE(message("tcp('localhost:0')\n").find("spec.star:1:4: tcp(): "), std::string::npos);
  EXPECT_NE(message("tcp('localhost:1', timeout = '5')\n").find("spec.star:1:4: tcp(): "),
            std::string::npos);
  EXPECT_NE(message("http('ftp://x')\n").find("want http:// or https://"), std::string::npos);
  EXPECT_EQ(
      message("service('a', './a', interface('main', 'tcp', 1), healthcheck = ready('mian'))\n"),
      "spec.star:1:8: service(): unknown interface \"mian\" (did you mean \"main\"?)");
  EXPECT_EQ(message("op([])\n"), "spec.star:1:3: op(): syscalls is empty");
  EXPECT_EQ(message("op(['wriet'])\n")
                .find("spec.star:1:3: op(): unknown syscall \"wriet\" (did you mean \"write\""),
            0u);
  EXPECT_EQ(message("op(['exit_group'])\n"), "spec.star:1:3: op(): exit_group cannot be faulted");
}

TEST_F(TopologyWordsTest, UnknownAttributesAreErrorsWithASuggestion) {
  const std::string report = message(std::string(kServices) + "x = db.mian\n");
  EXPECT_NE(report.find("spec.star:4:7: "), std::string::npos) << report;
  EXPECT_NE(report.find("main"), std::string::npos) << report;
}

TEST_F(TopologyWordsTest, StepsOfTheSoleInterfaceAreThereOnTheService) {
  load(std::string(kServices) + "print(api.get, db.send)\n");
  EXPECT_EQ(printed_, std::vector<std::string>{"<step api.main.get> <step db.main.send>"});
}

TEST_F(TopologyWordsTest, StepsOfTheDefaultInterfaceAreThereOnTheService) {
  load(
      "s = service('s', './s', interface('a', 'tcp', 1), interface('default', 'http', 2))\n"
      "print(s.get)\n");
  EXPECT_EQ(printed_, std::vector<std::string>{"<step s.default.get>"});
}

TEST_F(TopologyWordsTest, AmbiguousStepsListTheInterfaces) {
  EXPECT_NE(message("s = service('s', './s', interface('a', 'tcp', 1), interface('b', 'http', 2))\n"
                    "x = s.get\n")
                .find("service \"s\" has several interfaces (a, b): write s.a.get(...)"),
            std::string::npos);
}

TEST_F(TopologyWordsTest, ValuesAreUnhashable) {
  EXPECT_NE(message(std::string(kServices) + "x = {db: 1}\n").find("unhashable"),
            std::string::npos);
}

}  // namespace
}  // namespace fb::spec
