// What scripts say to their task, to actors and to each other.
#include "tests/system/scripts/script_system.hpp"

#include <csignal>

namespace {

using namespace system_test;

TEST_F(Scripts, TaskParamsAreAsScriptsKnowThem) {
  const auto path = app_ / "sub";
  std::filesystem::create_directories(path);
  system_.folder().write("Application-7f3a/params.py",
                         "import json\nfrom ompy.appmanager.variables import TASK_PARAMS, USE_VENV, "
                         "DEFAULT_TASK_TIMEOUT_SEC\nprint(json.dumps(TASK_PARAMS))\n"
                         "print(USE_VENV, DEFAULT_TASK_TIMEOUT_SEC)\n");
  const auto got = run("params.py", {{"factorial", 5}});
  const auto line = got.out.substr(0, got.out.find('\n'));
  const auto params = json::parse(line, nullptr, false);
  EXPECT_EQ(params["pid"], got.id);
  EXPECT_TRUE(params["parentPid"].is_null());
  EXPECT_EQ(params["applicationPath"], app_.string());
  EXPECT_EQ(params["scriptPath"], "params.py");
  EXPECT_EQ(params["scriptParams"], (json{{"factorial", 5}}));
  EXPECT_NE(params["outputPath"].get<std::string>().find(got.id), std::string::npos);
  EXPECT_EQ(params.size(), 6u);
  EXPECT_TRUE(got.out.ends_with("False 300\n")) << got.out;
}

TEST_F(Scripts, JsonThatIsSentToATaskIsReadInItsOrder) {
  const auto pid = start("read_json.py");
  const auto target = "/api/v1/tasks/" + pid + "/json";
  EXPECT_EQ(system_.http("POST", target, R"({"n": 1, "text": "привет"})").status, 202);
  EXPECT_EQ(system_.http("POST", target, "{no json").status, 400);
  EXPECT_TRUE(system_.ask("task_" + pid, "send_json", {{"data", json::array({1, nullptr})}}).is("json_is_sent"));
  EXPECT_EQ(system_.http("POST", target, "\"end\"").status, 202);
  const auto end = follow(pid);
  EXPECT_EQ(end.out, "ready\ngot {'n': 1, 'text': 'привет'}\ngot [1, None]\ngot 'end'\nnothing more\n") << end.err;
  EXPECT_EQ(system_.http("POST", target, "1").status, 409) << "it is over";
}

TEST_F(Scripts, AScriptTalksToActorsAndShowsProgressAndResult) {
  const auto node = system_.create_process();
  system_.create_actor(node, "parrot", "Echo");
  const auto talk = run("talk.py", {{"echo", "parrot"}});
  EXPECT_EQ(talk.out, "echoed {'data': b'\\x00\\xff', 'n': 1}\nactor_is_not_found\nsum 4950\n") << talk.err;
  EXPECT_EQ(talk.state["progress"], (json{{"done", 3}, {"total", 4}, {"text", "nearly"}}));
  EXPECT_EQ(talk.state["result"], (json{{"sum", 4950}}));
}

TEST_F(Scripts, ChildrenThatCannotBeStartedAreRefused) {
  EXPECT_EQ(run("refused.py").out, "'absent.py' not_found\n'../outside.py' not_found\n'/etc/passwd' not_found\n"
                                   "'data.txt' not_found\n'' bad_request\n");
}

std::size_t running_in(const json& tree) {
  std::size_t count = tree.is_object() && tree.value("state", "") == "running" ? 1 : 0;
  for (const auto& child : tree.value("children", json::array())) {
    count += running_in(child);
  }
  return count;
}

TEST_F(Scripts, ATreeOfTasksIsShownAndCancelledAsOne) {
  const auto root = start("tree.py", {{"levels", 2}, {"all_wait", true}});
  json tree;
  ASSERT_TRUE(eventually(40s, [&] {
    tree = tree_of(root);
    return running_in(tree) == 7;
  })) << tree;
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + root + "/cancel?tree=true").status, 202);
  ASSERT_TRUE(eventually(20s, [&] {
    tree = tree_of(root);
    return running_in(tree) == 0 && tree["children"][1]["children"][1].value("state", "") == "cancelled";
  })) << tree;
}

TEST_F(Scripts, AChildOutlivesItsParentAndIsStillOfItsTree) {
  const auto root = start("tree.py", {{"levels", 1}});
  EXPECT_EQ(follow(root).state.value("state", ""), "succeeded");
  EXPECT_EQ(running_in(tree_of(root)), 2u);
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + root + "/cancel").status, 409);
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + root + "/cancel?tree=true").status, 202);
  EXPECT_TRUE(eventually(20s, [&] { return running_in(tree_of(root)) == 0; }));
}

TEST_F(Scripts, ClientsFromOutsideAreServedInTurn) {
  const auto pid = start("bridge_server.py");
  for (int turn = 0; turn < 3; ++turn) {
    auto client = connect(pid);
    ASSERT_EQ(client.status(), 101u);
    for (const std::string& text : {std::string("привет"), std::string(200'000, 'x'), std::string()}) {
      ASSERT_TRUE(client.send(text));
      EXPECT_EQ(client.receive().payload, text);
    }
    ASSERT_TRUE(client.send(std::string("\0\xff", 2), false));
    const auto bytes = client.receive();
    EXPECT_FALSE(bytes.text);
    EXPECT_EQ(bytes.payload, std::string("\0\xff", 2));
    ASSERT_TRUE(client.send("next"));
    const auto close = client.receive();
    EXPECT_EQ(close.code, 3000);
    EXPECT_EQ(close.payload, "the next one");
  }
  auto last = connect(pid);
  ASSERT_TRUE(last.send("end"));
  EXPECT_EQ(last.receive().code, 1000);
  EXPECT_EQ(follow(pid).state.value("state", ""), "succeeded");
  EXPECT_EQ(connect(pid).status(), 410u);
  EXPECT_EQ(connect("94edcac2-3529-4699-8468-d3a0c00696c2").status(), 404u);
}

TEST_F(Scripts, ClientsOfATaskThatIsKilledAreToldAndItsSocketGoes) {
  const auto pid = start("bridge_server.py");
  auto client = connect(pid);
  ASSERT_TRUE(client.send("a"));
  EXPECT_EQ(client.receive().payload, "a");
  const auto socket = system_.state_dir() / "runs" / pid / "work" / ".bridge";
  EXPECT_TRUE(std::filesystem::exists(socket));
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/signal", R"({"signal": "SIGKILL"})").status, 202);
  EXPECT_EQ(client.receive().code, 4000);
  EXPECT_EQ(follow(pid).state.value("state", ""), "signalled");
  EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST_F(Scripts, AStateFolderWithALongPathWorks) {
  system_options options;
  options.config = {{"bridge", {{"port", 0}}}};
  options.state_dir = system_.folder().path() / std::string(100, 's') / std::string(60, 't');
  test_system deep(options);
  const auto got = deep.http("POST", "/api/v1/tasks", json{{"script", (app_ / "factorial_parent.py").string()},
                                                          {"params", {{"child", "factorial_child.py"}}}}.dump());
  const auto id = json::parse(got.body, nullptr, false).value("id", "");
  std::string out;
  auto call = deep.call("GET", "/api/v1/tasks/" + id + "/output?from=0&follow=true");
  call.limit = scaled(60s);
  http_lines(deep.gateway(), call, [&](std::string_view line) {
    out += line;
    return true;
  });
  EXPECT_NE(out.find("result is 120"), std::string::npos) << out;
}

TEST_F(Scripts, ABridgeMovesAndServesFromItsNewPlace) {
  const auto pid = start("bridge_server.py");
  const auto node = system_.create_process();
  auto before = connect(pid);
  ASSERT_TRUE(before.send("a"));
  EXPECT_EQ(before.receive().payload, "a");
  const auto old_port = bridge_port();
  const auto moved = system_.ask(head_node, "recreate_actor", {{"entity", "ws_bridge"}, {"node", node}}, 20s);
  ASSERT_TRUE(moved.is("actor_is_recreated")) << moved;
  EXPECT_EQ(before.receive().code, 1001);
  EXPECT_TRUE(eventually(10s, [&] { return bridge_port() != old_port && bridge_port() != 0; }));
  auto after = connect(pid);
  ASSERT_TRUE(after.send("b"));
  EXPECT_EQ(after.receive().payload, "b");
  ASSERT_TRUE(after.send("end"));
  EXPECT_EQ(follow(pid).state.value("state", ""), "succeeded");
}

TEST_F(Scripts, ATaskThatMovesStillAnswersItsScriptAndItsClients) {
  const auto node = system_.create_process();
  const auto pid = start("read_json.py");
  EXPECT_TRUE(eventually(20s, [&] { return printed_by(pid) == "ready\n"; }));
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/json", "1").status, 202);
  const auto moved = system_.ask(head_node, "recreate_actor", {{"entity", "task_" + pid}, {"node", node}}, 20s);
  ASSERT_TRUE(moved.is("actor_is_recreated")) << moved;
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/json", "2").status, 202);
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/json", "\"end\"").status, 202);
  EXPECT_EQ(follow(pid).out, "ready\ngot 1\ngot 2\ngot 'end'\nnothing more\n");
}

TEST_F(Scripts, AnswersFollowATaskThatMovesWhileItsScriptWaits) {
  const auto there = system_.create_process();
  system_.create_actor(head_node, "slow", "Echo");
  const auto pid = start("slow_asks.py");
  const auto waits_for = [&](const std::string& text) {
    return eventually(30s, [&] { return printed_by(pid).find(text) != std::string::npos; });
  };
  ASSERT_TRUE(waits_for("answered 1\n")) << printed_by(pid);
  for (const auto& target : {there, head_node, there}) {
    const auto moved = system_.ask(head_node, "recreate_actor", {{"entity", "task_" + pid}, {"node", target}}, 20s);
    ASSERT_TRUE(moved.is("actor_is_recreated")) << moved;
  }
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/json", "\"end\"").status, 202);
  const auto end = follow(pid);
  EXPECT_EQ(end.state.value("state", ""), "succeeded") << end.err;
  EXPECT_EQ(end.out.find("lost"), std::string::npos) << end.out;
}

TEST_F(Scripts, AScriptWhoseTaskDiesWithItsProcessGoesOnAsking) {
  const auto node = system_.create_process();
  system_.create_actor(head_node, "slow", "Echo");
  const auto pid = start("slow_asks.py", json::object(), {{"node", node}});
  ASSERT_TRUE(eventually(30s, [&] { return printed_by(pid).find("answered 1\n") != std::string::npos; }));
  system_.expect_killed();
  ASSERT_EQ(::kill(system_.pid_of(node), SIGKILL), 0);
  ASSERT_TRUE(eventually(30s, [&] { return printed_by(pid).find("answered 5\n") != std::string::npos; }))
    << printed_by(pid);
  EXPECT_EQ(system_.http("POST", "/api/v1/tasks/" + pid + "/json", "\"end\"").status, 202);
  const auto end = follow(pid);
  EXPECT_EQ(end.state.value("state", ""), "succeeded") << end.state << end.out << end.err;
}

TEST_F(Scripts, WithoutAPortThereIsNoBridgeAndScriptsAreTold) {
  test_system other;
  EXPECT_TRUE(other.ready()["bridge"].is_null());
  const auto script = other.folder().write("none.py", "from ompy.appmanager.communication import bridge_address\n"
                                                      "from ompy.errors import OmpyError\n"
                                                      "try:\n  bridge_address()\nexcept OmpyError as why:\n  print(why.name)\n");
  const auto got = other.http("POST", "/api/v1/tasks", json{{"script", script.string()}}.dump());
  const auto id = json::parse(got.body, nullptr, false).value("id", "");
  std::string out;
  auto call = other.call("GET", "/api/v1/tasks/" + id + "/output?from=0&follow=true");
  http_lines(other.gateway(), call, [&](std::string_view line) {
    out += line;
    return true;
  });
  EXPECT_NE(out.find("unavailable"), std::string::npos) << out;
}

} // namespace
