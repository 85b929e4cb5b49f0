// Web handlers of applications with real scripts, and the operations over messages.
#include "tests/system/harness/test_system.hpp"
#include "tests/system/harness/ws_client.hpp"
#include "tests/system/tasks/task_runs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <thread>

namespace {

using namespace system_test;

const std::string all_applications = "/api/v1/applications";

constexpr auto plain_script =
  "import json, sys\n"
  "q = json.load(sys.stdin)\n"
  "if q['path'] == '/nothing': sys.exit(0)\n"
  "if q['path'] == '/words': print('no json'); sys.exit(0)\n"
  "if q['path'] == '/bad': print(json.dumps({'status': 99})); sys.exit(0)\n"
  "if q['path'] == '/split': print(json.dumps({'headers': {'a': 'b\\r\\nSet-Cookie: x=1'}})); sys.exit(0)\n"
  "if q['path'] == '/crash': print('its last words', file=sys.stderr); sys.exit(3)\n"
  "print(json.dumps({'status': 201, 'headers': {'X-Own': 'yes'}, 'body': [q['method'], q['path'], q['query'], q['body']]}))\n";

constexpr auto ompy_script =
  "import os, time\n"
  "from ompy import web\n"
  "from ompy.appmanager.variables import TASK_PARAMS\n"
  "def answer(r):\n"
  "    print('not a part of the answer')\n"
  "    if r.path == '/boom': raise ValueError('boom')\n"
  "    if r.path == '/crash': os._exit(3)\n"
  "    if r.path == '/slow': time.sleep(60)\n"
  "    if r.path == '/bytes': return bytes(range(256))\n"
  "    if r.path == '/bad': return web.Response('x', 1000)\n"
  "    return {'pid': TASK_PARAMS['pid'], 'params': TASK_PARAMS['scriptParams'], 'query': r.query, 'body': r.text}\n"
  "web.serve(answer)\n";

constexpr auto socket_script =
  "from ompy.appmanager.communication import wait_for_socket_from_web\n"
  "while True:\n"
  "    with wait_for_socket_from_web() as soc:\n"
  "        for message in soc:\n"
  "            soc.sync_write_text_message('got ' + message)\n";

class WebHandlers : public testing::Test {
protected:
  void SetUp() override {
    id_ = json::parse(system_.http("POST", all_applications, R"({"name": "Web"})").body, nullptr, false).value("id", "");
    at_ = all_applications + "/" + id_;
    for (const auto& [path, content] :
         {std::pair{"plain.py", plain_script}, std::pair{"own.py", ompy_script}, std::pair{"soc.py", socket_script}}) {
      ASSERT_EQ(system_.http("PUT", at_ + "/files/" + path, content).status, 201);
      ASSERT_EQ(system_.http("PUT", at_ + "/executable/" + path).status, 200);
    }
    const json handlers{{"plain", {{"script", "plain.py"}}},
                        {"one", {{"script", "own.py"}, {"params", {{"b", 3}}}}},
                        {"long", {{"script", "own.py"}, {"mode", "long_lived"}}},
                        {"hasty", {{"script", "own.py"}, {"mode", "long_lived"}, {"timeout_s", 1}}},
                        {"hasty_one", {{"script", "own.py"}, {"timeout_s", 1}}},
                        {"soc", {{"script", "soc.py"}, {"mode", "long_lived"}}},
                        {"soc_one", {{"script", "soc.py"}}},
                        {"start", {{"script", "soc.py"}, {"mode", "start"}}}};
    change({{"params", {{"a", 1}, {"b", 2}}}, {"handlers", handlers}});
  }

  void change(const json& what) const {
    const auto got = system_.http("PATCH", at_, what.dump());
    ASSERT_EQ(got.status, 200) << got.body;
  }
  http_answer get(const std::string& rest, const std::string& body = {}) const {
    return system_.http(body.empty() ? "GET" : "POST", "/app/" + id_ + "/" + rest, body, scaled(60s));
  }
  json json_of(const std::string& rest, const std::string& body = {}) const {
    const auto got = get(rest, body);
    EXPECT_EQ(got.status, 200) << got.body;
    return json::parse(got.body, nullptr, false);
  }
  json handlers() const { return json::parse(system_.http("GET", at_ + "/handlers").body, nullptr, false); }
  std::string state_of(const std::string& task) const {
    return json::parse(system_.http("GET", "/api/v1/tasks/" + task).body, nullptr, false).value("state", "");
  }

  test_system system_;
  std::string id_;
  std::string at_;
};

TEST_F(WebHandlers, ARunPerRequestAnswersOnItsOutputOrByOmpy) {
  const auto got = get("plain/a%20b?x=1&x=2", "sent");
  EXPECT_EQ(got.status, 201) << got.body;
  EXPECT_EQ(got.header("x-own"), "yes");
  EXPECT_EQ(got.header("content-type"), "application/json");
  EXPECT_EQ(json::parse(got.body, nullptr, false),
            (json::array({"POST", "/a b", json::array({json::array({"x", "1"}), json::array({"x", "2"})}), "sent"})));
  const auto first = json_of("one?q=1", "body");
  EXPECT_EQ(first["params"], (json{{"a", 1}, {"b", 3}})) << "the handler's hide the application's";
  EXPECT_EQ(first["query"], (json{{"q", "1"}}));
  EXPECT_EQ(first["body"], "body");
  EXPECT_NE(json_of("one")["pid"], first["pid"]);
  EXPECT_EQ(get("one/bytes").body.size(), 256u);
  EXPECT_EQ(get("one/boom").status, 500);
}

TEST_F(WebHandlers, BadAnswersAndCrashesAre502WithAReasonInTheLog) {
  for (const char* rest : {"plain/nothing", "plain/words", "plain/bad", "plain/split", "plain/crash", "one/crash", "one/bad", "long/crash", "long/bad"}) {
    EXPECT_EQ(get(rest).status, 502) << rest;
  }
  EXPECT_NE(get("plain/crash").body.find("its last words"), std::string::npos);
  const auto log = handlers()["log"];
  EXPECT_EQ(log.size(), 10u) << log;
  EXPECT_TRUE(std::ranges::all_of(log, [](const json& each) { return each["status"] == 502 && !each["reason"].empty(); }));
  EXPECT_EQ(json_of("long")["params"]["a"], 1) << "a crashed script is started again";
  EXPECT_EQ(get("absent").status, 404);
  ASSERT_EQ(system_.http("DELETE", at_ + "/executable/plain.py").status, 204);
  EXPECT_EQ(get("plain").status, 502);
  EXPECT_NE(get("plain").body.find("not marked executable"), std::string::npos);
}

TEST_F(WebHandlers, WhatTakesTooLongIs504) {
  EXPECT_EQ(get("hasty/slow").status, 504);
  EXPECT_EQ(get("hasty_one/slow").status, 504);
  for (const auto& each : handlers()["log"]) {
    EXPECT_EQ(each["status"], 504);
    if (each["handler"] == "hasty_one" && each["task"].is_string()) {
      EXPECT_TRUE(eventually(scaled(15s), [&] { return state_of(each["task"]) != "running"; })) << "its run is ended";
    }
  }
}

TEST_F(WebHandlers, OneLongLivedRunAnswersAllAndIsStoppedWithItsDeclaration) {
  const auto task = json_of("long")["pid"].get<std::string>();
  std::vector<std::thread> visitors;
  for (int i = 0; i < 8; ++i) {
    visitors.emplace_back([&, i] {
      for (int k = 0; k < 10; ++k) {
        const auto text = std::to_string(i) + "." + std::to_string(k);
        const auto got = json_of("long", text);
        EXPECT_EQ(got["body"], text);
        EXPECT_EQ(got["pid"], task);
      }
    });
  }
  for (auto& each : visitors) {
    each.join();
  }
  EXPECT_EQ(handlers()["handlers"]["long"]["task"], task);
  EXPECT_EQ(system_.http("POST", at_ + "/handlers/long/stop").status, 200);
  EXPECT_TRUE(eventually(scaled(15s), [&] { return state_of(task) == "cancelled"; }));
  const auto second = json_of("long")["pid"].get<std::string>();
  EXPECT_NE(second, task);
  change({{"params", {{"a", 9}}}});
  EXPECT_TRUE(eventually(scaled(15s), [&] { return state_of(second) == "cancelled"; })) << "other parameters, another run";
  EXPECT_EQ(json_of("long")["params"], (json{{"a", 9}}));
  const auto third = json_of("long")["pid"].get<std::string>();
  EXPECT_EQ(system_.http("DELETE", at_).status, 204);
  EXPECT_TRUE(eventually(scaled(15s), [&] { return state_of(third) == "cancelled"; }));
  EXPECT_TRUE(eventually(scaled(15s), [&] { return system_.ask("application_" + id_, "get_handlers").is("actor_is_not_found"); }));
  EXPECT_EQ(get("long").status, 404);
}

TEST_F(WebHandlers, AHandlerOfModeStartStartsItsScriptOnce) {
  const auto first = get("start");
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(get("start").body, first.body);
  EXPECT_EQ(state_of(json::parse(first.body, nullptr, false).value("task", "")), "running");
}

TEST_F(WebHandlers, WebSocketsAreJoinedToTheScript) {
  for (const char* handler : {"soc", "soc", "soc_one"}) {
    ws_client client(system_.gateway(), system_.token(), "/app/" + id_ + "/" + handler);
    for (const char* text : {"one", "two"}) {
      client.send_text(text);
      EXPECT_EQ(client.receive(scaled(30s)), std::string("got ") + text) << handler;
    }
  }
  EXPECT_THROW(ws_client(system_.gateway(), system_.token(), "/app/" + id_ + "/absent"), std::exception);
  EXPECT_THROW(ws_client(system_.gateway(), "", "/app/" + id_ + "/soc"), std::exception);
}

TEST_F(WebHandlers, ALongLivedRunOutlivesTheNodeAndTheMoveOfItsActor) {
  const auto task = json_of("long")["pid"].get<std::string>();
  const auto node = system_.create_process();
  EXPECT_EQ(system_.ask(nullptr, "recreate_actor", {{"entity", "application_" + id_}, {"node", node}}, scaled(15s)).command,
            "actor_is_recreated");
  EXPECT_EQ(json_of("long")["pid"], task);
  system_.expect_killed();
  ::kill(system_.pid_of(node), SIGKILL);
  EXPECT_TRUE(eventually(scaled(30s), [&] { return get("long").status == 200; })) << system_.report();
  EXPECT_EQ(json_of("long")["pid"], task) << "the script went on";
}

TEST_F(WebHandlers, AllOperationsAreMessagesToo) {
  const auto ask = [&](const char* command, json body) {
    return system_.ask("applications", command, body, scaled(10s));
  };
  const auto made = ask("create_application", {{"name", "By message"}});
  ASSERT_EQ(made.command, "application_is_created") << made;
  const auto id = made.body["id"].get<std::string>();
  auto got = ask("write_file", {{"id", id}, {"path", "a.py"}, {"data", "print(1)\n"}, {"new", true}});
  ASSERT_EQ(got.command, "file_is_written") << got;
  const auto version = got.body["version"];
  EXPECT_EQ(ask("read_file", {{"id", id}, {"path", "a.py"}}).body, (json{{"path", "a.py"}, {"version", version}, {"data", "print(1)\n"}}));
  EXPECT_EQ(ask("write_file", {{"id", id}, {"path", "a.py"}, {"data", "print(2)\n"}, {"version", version}}).command, "file_is_written");
  got = ask("write_file", {{"id", id}, {"path", "a.py"}, {"data", "x"}, {"version", version}});
  EXPECT_EQ(got.command, "file_is_stale");
  EXPECT_NE(got.body["version"], version);
  EXPECT_EQ(ask("run_script", {{"id", id}, {"script", "a.py"}}).body["error"], "access_denied");
  const auto script = ask("mark_executable", {{"id", id}, {"path", "a.py"}}).body["id"];
  EXPECT_EQ(ask("make_folder", {{"id", id}, {"path", "lib"}}).command, "folder_is_made");
  EXPECT_EQ(ask("move_file", {{"id", id}, {"from", "a.py"}, {"to", "lib/a.py"}}).command, "file_is_moved");
  EXPECT_EQ(ask("change_application", {{"id", id}, {"name", "Other"}, {"handlers", {{"h", {{"script", script}}}}}}).command,
            "application_is_changed");
  const auto run = ask("run_script", {{"id", id}, {"script", script}});
  ASSERT_EQ(run.command, "script_is_started") << run;
  EXPECT_EQ(follow_output(system_, run.body["task"].get<std::string>(), scaled(30s)).out, "2\n");
  EXPECT_EQ(ask("get_handlers", {{"id", id}}).body["handlers"]["h"]["state"], "not_running");
  EXPECT_EQ(ask("stop_handler", {{"id", id}, {"handler", "h"}}).command, "handler_is_stopping");
  EXPECT_EQ(ask("list_files", {{"id", id}, {"below", "lib"}}).body["files"].size(), 1u);
  EXPECT_EQ(ask("unmark_executable", {{"id", id}, {"path", "lib/a.py"}}).command, "script_is_unmarked");
  EXPECT_EQ(ask("delete_file", {{"id", id}, {"path", "lib"}}).body["error"], "conflict");
  EXPECT_EQ(ask("delete_file", {{"id", id}, {"path", "lib"}, {"recursive", true}}).command, "file_is_deleted");
  EXPECT_EQ(ask("get_application", {{"id", id}}).body["name"], "Other");
  EXPECT_EQ(ask("list_applications", nullptr).body["applications"].size(), 2u);
  EXPECT_EQ(ask("open_application", {{"id", id}}).command, "application_is_open");
  EXPECT_EQ(ask("delete_application", {{"id", id}}).command, "application_is_deleted");
  EXPECT_EQ(ask("get_application", {{"id", id}}).body["error"], "not_found");
  for (const char* command : {"get_application", "read_file", "write_file", "create_application", "run_script"}) {
    EXPECT_EQ(ask(command, json::object()).command, "bad_request") << command;
    EXPECT_EQ(ask(command, nullptr).command, "bad_request") << command;
  }
}

TEST_F(WebHandlers, AKilledNodeLeavesNoHalfFile) {
  const auto content = [](int which) { return std::string(3u << 20, static_cast<char>('a' + which)); };
  ASSERT_EQ(system_.http("PUT", at_ + "/files/big", content(0), scaled(30s)).status, 201);
  system_.expect_killed();
  const auto node = system_.create_process();
  ASSERT_EQ(system_.ask(nullptr, "recreate_actor", {{"entity", "applications"}, {"node", node}}, scaled(15s)).command,
            "actor_is_recreated");
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> begun{0};
    std::jthread writer([&](std::stop_token stop) {
      while (!stop.stop_requested()) {
        const int which = begun++ % 26;
        (void)system_.ask("applications", "write_file", {{"id", id_}, {"path", "big"}, {"data", content(which)}}, scaled(5s));
      }
    });
    const int wanted = 2 + round;
    EXPECT_TRUE(eventually(scaled(30s), [&] { return begun >= wanted; }));
    ::kill(system_.pid_of(node), SIGKILL);
    writer.request_stop();
    writer.join();
    const auto now = system_.http("GET", at_ + "/files/big", {}, scaled(30s));
    ASSERT_EQ(now.body.size(), content(0).size());
    EXPECT_EQ(now.body.find_first_not_of(now.body[0]), std::string::npos) << "whole, old or new";
    EXPECT_TRUE(eventually(scaled(30s), [&] { return system_.ask("applications", "list_applications").is("application_list"); }))
      << system_.report();
  }
  EXPECT_EQ(json_of("long")["params"]["a"], 1);
}

} // namespace
