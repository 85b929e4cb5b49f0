#include <actors/task/script_plan.hpp>

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

task_ports ports() {
  task_ports out;
  out.runs_folder = "/runs";
  out.python = "/opt/python3";
  out.environment =
    std::map<std::string, std::string>{{"PATH", "/bin"}, {"HOME", "/root"}, {"SECRET", "x"}, {"PYTHONSTARTUP", "/x"}};
  return out;
}

run_plan plan_of(const json& body, const task_ports& with = ports()) {
  return make_script_plan(*start_request::from_json(body), with, "7").value();
}

TEST(ScriptPlan, InterpreterFollowsTheExtension) {
  EXPECT_EQ(plan_of({{"script", "/a/b.py"}}).argv, (std::vector<std::string>{"/opt/python3", "/a/b.py"}));
  EXPECT_EQ(plan_of({{"script", "/a/b.py3"}, {"args", {"1"}}}).argv,
            (std::vector<std::string>{"/opt/python3", "/a/b.py3", "1"}));
  EXPECT_EQ(plan_of({{"script", "/a/b.sh"}}).argv, (std::vector<std::string>{"/bin/sh", "/a/b.sh"}));
  EXPECT_EQ(plan_of({{"command", {"ls", "-l"}}, {"args", {"x"}}}).argv, (std::vector<std::string>{"ls", "-l", "x"}));
}

TEST(ScriptPlan, UnknownExtensionIsRefusedWithAWayOut) {
  for (const char* script : {"/a/b.exe", "/a/b", "/a.py/b", "/a/.py"}) {
    const auto plan = make_script_plan(*start_request::from_json({{"script", script}}), ports(), "7");
    ASSERT_FALSE(plan) << script;
    EXPECT_NE(plan.error().text.find("`command`"), std::string::npos);
  }
}

TEST(ScriptPlan, RelativeScriptIsLookedUpInTheScriptsFolder) {
  auto with = ports();
  EXPECT_FALSE(make_script_plan(*start_request::from_json({{"script", "b.py"}}), with, "7"));
  with.scripts_folder = "/scripts";
  EXPECT_EQ(plan_of({{"script", "b.py"}}, with).script, "/scripts/b.py");
}

TEST(ScriptPlan, EnvironmentHoldsDeclaredVariablesAndFewOthers) {
  auto env = plan_of({{"script", "/a/b.py"}, {"env", {{"ONE", "1"}}}}).env;
  env.erase("TASK_PARAMS");
  EXPECT_EQ(env, (std::map<std::string, std::string>{
                   {"PATH", "/bin"}, {"HOME", "/root"}, {"ONE", "1"}, {"PYTHONPATH", "/a"}, {"PYTHONUNBUFFERED", "1"}}));
}

TEST(ScriptPlan, TaskParamsTellTheScriptAboutItself) {
  const auto plan = plan_of({{"script", "/a/b.py"}, {"params", {{"factorial", 5}}}});
  EXPECT_EQ(json::parse(plan.env.at("TASK_PARAMS")), (json{{"pid", "7"},
                                                           {"parentPid", nullptr},
                                                           {"applicationPath", "/a"},
                                                           {"scriptPath", "b.py"},
                                                           {"scriptParams", {{"factorial", 5}}},
                                                           {"outputPath", "/runs/7/work"}}));
}

TEST(ScriptPlan, AChildKnowsItsParentAndBelongsToItsApplication) {
  const auto plan = plan_of({{"script", "/apps/one/sub/c.py"}, {"application", "/apps/one"}, {"parent", "p-1"}});
  const auto params = json::parse(plan.env.at("TASK_PARAMS"));
  EXPECT_EQ(params["parentPid"], "p-1");
  EXPECT_EQ(params["applicationPath"], "/apps/one");
  EXPECT_EQ(params["scriptPath"], "sub/c.py");
  EXPECT_EQ(plan.env.at("PYTHONPATH"), "/apps/one");
}

TEST(ScriptPlan, ModulesAreLookedForInTheApplicationThenInOmpy) {
  auto with = ports();
  with.ompy_folder = "/ompy";
  with.settings = {{"USE_VENV", "True"}};
  const auto env = plan_of({{"script", "/a/b.py"}}, with).env;
  EXPECT_EQ(env.at("PYTHONPATH"), "/a:/ompy");
  EXPECT_EQ(env.at("USE_VENV"), "True");
  EXPECT_EQ(plan_of({{"script", "/a/b.py"}, {"env", {{"PYTHONPATH", "/mine"}}}}, with).env.at("PYTHONPATH"),
            "/mine:/a:/ompy");
  EXPECT_EQ(plan_of({{"command", {"ls"}}}, with).env.at("PYTHONPATH"), "/ompy");
}

TEST(ScriptPlan, TimeLimitComesFromTheRequestThenTheConfigAndMayBeNone) {
  EXPECT_EQ(plan_of({{"script", "/a.sh"}}).timeout, 300s);
  EXPECT_EQ(plan_of({{"script", "/a.sh"}, {"timeout", 0.5}}).timeout, 500ms);
  EXPECT_EQ(plan_of({{"script", "/a.sh"}, {"timeout", 0.0001}}).timeout, 1ms);
  EXPECT_FALSE(plan_of({{"script", "/a.sh"}, {"timeout", -1}}).timeout);
  auto with = ports();
  with.timeout_s = -1;
  EXPECT_FALSE(plan_of({{"script", "/a.sh"}}, with).timeout);
}

TEST(StartRequest, EachWrongFieldIsNamed) {
  const std::vector<std::pair<json, std::string>> wrong{
    {nullptr, "body"},
    {json::array(), "body"},
    {json::object(), "script"},
    {{{"script", "/a.py"}, {"command", {"ls"}}}, "script"},
    {{{"script", ""}}, "script"},
    {{{"script", std::string("/a\0.py", 6)}}, "script"},
    {{{"command", json::array()}}, "command"},
    {{{"command", {""}}}, "command"},
    {{{"command", "ls"}}, "command"},
    {{{"script", "/a.py"}, {"args", {1}}}, "args"},
    {{{"script", "/a.py"}, {"params", 5}}, "params"},
    {{{"script", "/a.py"}, {"stdin", true}}, "stdin"},
    {{{"script", "/a.py"}, {"timeout", "5"}}, "timeout"},
    {{{"script", "/a.py"}, {"timeout", 0}}, "timeout"},
    {{{"script", "/a.py"}, {"timeout", 1e300}}, "timeout"},
    {{{"script", "/a.py"}, {"env", {{"A=B", "x"}}}}, "env"},
    {{{"script", "/a.py"}, {"env", {{"A", 1}}}}, "env"},
    {{{"script", "/a.py"}, {"id", "../x"}}, "id"},
    {{{"script", "/a.py"}, {"tiemout", 5}}, "tiemout"},
  };
  for (const auto& [body, field] : wrong) {
    const auto got = start_request::from_json(body);
    ASSERT_FALSE(got) << body;
    EXPECT_EQ(got.error().field, field) << body;
    EXPECT_FALSE(got.error().expected.empty());
  }
}

TEST(StartRequest, NullCountsAsNotGiven) {
  const auto got = start_request::from_json({{"script", "/a.py"}, {"timeout", nullptr}, {"command", nullptr}});
  ASSERT_TRUE(got);
  EXPECT_FALSE(got->timeout_s);
}

TEST(ScriptPlan, LimitsComeFromTheRequestThenTheParamsThenTheDefaults) {
  auto with = ports();
  with.timeout_s = 300;
  with.limits.memory_mb = 100;
  with.limits.processes = 50;
  EXPECT_EQ(plan_of({{"script", "/a.py"}}, with).memory_limit, 100u << 20);
  EXPECT_EQ(plan_of({{"script", "/a.py"}}, with).process_limit, 50u);
  EXPECT_FALSE(plan_of({{"script", "/a.py"}}, with).disk_limit);
  const json params{{"timeout", -1}, {"memoryLimit", 250}, {"other", "x"}};
  const auto by_params = plan_of({{"script", "/a.py"}, {"params", params}}, with);
  EXPECT_FALSE(by_params.timeout);
  EXPECT_EQ(by_params.memory_limit, 250u << 20);
  const auto by_request =
    plan_of({{"script", "/a.py"}, {"params", params}, {"timeout", 2.5}, {"memory_limit", -1}, {"cpu_limit", 3}}, with);
  EXPECT_EQ(by_request.timeout, 2500ms);
  EXPECT_FALSE(by_request.memory_limit);
  EXPECT_EQ(by_request.cpu_limit, 3s);
}

TEST(ScriptPlan, WrongLimitsAreNamed) {
  for (const auto& [field, body] : {std::pair<std::string, json>{"memory_limit", {{"memory_limit", 0}}},
                                    {"params.memoryLimit", {{"params", {{"memoryLimit", "much"}}}}},
                                    {"params.timeout", {{"params", {{"timeout", 0}}}}},
                                    {"stdout", {{"stdout", "throw"}}},
                                    {"process_limit", {{"process_limit", "x"}}}}) {
    json whole = body;
    whole["script"] = "/a.py";
    const auto wish = start_request::from_json(whole);
    ASSERT_FALSE(wish) << body;
    EXPECT_EQ(wish.error().field, field);
  }
}

TEST(ScriptPlan, StreamsCanBeThrownAway) {
  const auto plan = plan_of({{"script", "/a.py"}, {"stdout", "discard"}});
  EXPECT_FALSE(plan.keep_stdout);
  EXPECT_TRUE(plan.keep_stderr);
}

} // namespace
} // namespace troupe
