#include "tests/system/venvs/venv_system.hpp"

namespace {

using namespace system_test;

TEST_F(VenvSystem, EveryMessageIsAnsweredAlsoAMalformedOne) {
  begin();
  for (const char* command : {"create_venv", "install", "install_latest", "list", "list_spec", "delete_venv", "get_venv",
                              "acquire_venv", "release_venv"}) {
    for (const auto* body : {"5", "[]", R"("a")", R"({"name": "../x"})", R"({"name": ""})", R"({"name": 7})",
                             R"({"name": ".locks"})", R"({"name": "-x", "run": "r", "packages": ["a"]})"}) {
      const auto got = builder(command, json::parse(body));
      EXPECT_TRUE(got.is("bad_request")) << command << " " << body << got;
      EXPECT_TRUE(got.body.contains("field") && got.body.contains("expected")) << got;
    }
  }
  for (const auto* packages : {"null", "[]", "[5]", R"(["--index-url=x"])", R"(["-r x"])", R"(["../a"])", R"(["a\nb"])", R"([""])"}) {
    const auto got = builder("install", {{"name", "v"}, {"packages", json::parse(packages)}});
    EXPECT_TRUE(got.is("bad_request")) << packages << got;
    EXPECT_EQ(got.body["field"], "packages");
  }
  EXPECT_TRUE(builder("acquire_venv", {{"name", "v"}}).is("bad_request"));
  EXPECT_TRUE(builder("acquire_venv", {{"name", "v"}, {"run", "r"}, {"clean", 1}}).is("bad_request"));
  EXPECT_TRUE(builder("list", {{"name", "nobody"}}).is("venv_is_absent"));
  EXPECT_TRUE(builder("delete_venv", {{"name", "nobody"}}).is("venv_is_absent"));
  EXPECT_EQ(state("nobody")["state"], "absent");
  EXPECT_TRUE(builder("release_venv", {{"name", "nobody"}, {"run", "r"}}).is("venv_is_released"));
  EXPECT_TRUE(builder("venvs", nullptr).is("is_not_handled"));
  EXPECT_EQ(builder("list_venvs", nullptr).body["venvs"], json::array());
}

TEST_F(VenvSystem, TheCommandLineMakesFillsListsAndRemoves) {
  begin();
  auto got = troupe_program({"venv", "create", "venv1"});
  EXPECT_EQ(got.state, (exit_state{false, 0})) << got.err;
  EXPECT_NE(got.out.find("venv1 is made: "), std::string::npos) << got.out;
  got = troupe_program({"venv", "install", "venv1", "small<2"});
  EXPECT_EQ(got.out, "small==1.0\n") << got.err;
  got = troupe_program({"venv", "install", "venv1", "small", "--latest", "--json"});
  EXPECT_EQ(json::parse(got.out, nullptr, false)["packages"], json::array({"small==2.0"})) << got.out << got.err;
  got = troupe_program({"venv", "list", "venv1", "--names"});
  EXPECT_EQ(got.out, "small\n") << got.err;
  got = troupe_program({"venv", "ls"});
  EXPECT_NE(got.out.find("venv1  ready"), std::string::npos) << got.out << got.err;
  got = troupe_program({"venv", "show", "venv1", "--json"});
  EXPECT_EQ(json::parse(got.out, nullptr, false).value("state", ""), "ready") << got.out;
  got = troupe_program({"venv", "install", "venv1", "nowhere-to-be-found"});
  EXPECT_EQ(got.state, (exit_state{false, 1}));
  EXPECT_NE(got.err.find("nowhere-to-be-found"), std::string::npos) << got.err;
  const auto path = script("v.py", "import small\nprint(small.version)\n");
  got = troupe_program({"run", path, "--venv", "venv1"});
  EXPECT_EQ(got.out, "2.0\n") << got.err;
  got = troupe_program({"venv", "rm", "venv1"});
  EXPECT_EQ(got.out, "venv1 is removed\n") << got.err;
  EXPECT_EQ(troupe_program({"venv", "rm", "venv1"}).state, (exit_state{false, 1}));
  EXPECT_EQ(troupe_program({"venv", "--help"}).state, (exit_state{false, 0}));
}

TEST_F(VenvSystem, TheInterfaceOverHttpDoesTheSame) {
  begin();
  const auto post = [&](const std::string& target, const json& body) {
    return system->http("POST", target, body.dump(), scaled(60s));
  };
  EXPECT_EQ(post("/api/v1/venvs", {{"name", "../x"}}).status, 400);
  const auto made = post("/api/v1/venvs", {{"name", "web"}});
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("location"), "/api/v1/venvs/web");
  EXPECT_EQ(post("/api/v1/venvs", {{"name", "web"}}).status, 200);
  const auto installed = post("/api/v1/venvs/web/packages", {{"packages", {"small"}}, {"spec", "==1.0"}});
  EXPECT_EQ(installed.status, 200) << installed.body;
  const auto latest = post("/api/v1/venvs/web/packages", {{"packages", {"small"}}, {"latest", true}});
  EXPECT_EQ(json::parse(latest.body)["packages"], json::array({"small==2.0"})) << latest.body;
  EXPECT_EQ(json::parse(system->http("GET", "/api/v1/venvs/web/packages").body)["packages"], json::array({"small==2.0"}));
  const auto failed = post("/api/v1/venvs/web/packages", {{"packages", {"nowhere-to-be-found"}}});
  EXPECT_EQ(failed.status, 422) << failed.body;
  EXPECT_NE(json::parse(failed.body)["lines"].dump().find("nowhere-to-be-found"), std::string::npos) << failed.body;
  EXPECT_EQ(json::parse(system->http("GET", "/api/v1/venvs/web").body).value("state", ""), "ready");
  EXPECT_EQ(json::parse(system->http("GET", "/api/v1/venvs").body)["venvs"].size(), 1u);
  ASSERT_TRUE(builder("acquire_venv", {{"name", "web"}, {"run", "r"}}).is("venv_is_ready"));
  EXPECT_EQ(system->http("DELETE", "/api/v1/venvs/web").status, 409);
  ASSERT_TRUE(builder("release_venv", {{"name", "web"}, {"run", "r"}}).is("venv_is_released"));
  EXPECT_EQ(system->http("DELETE", "/api/v1/venvs/web").status, 204);
  EXPECT_EQ(system->http("GET", "/api/v1/venvs/web").status, 404);
  EXPECT_EQ(system->http("DELETE", "/api/v1/venvs/web").status, 404);
}

} // namespace
