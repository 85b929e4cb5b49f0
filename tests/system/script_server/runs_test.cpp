#include "tests/system/script_server/script_server_system.hpp"

#include "tests/system/harness/raw_socket.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <thread>

namespace system_test {
namespace {

class ScriptServerRuns : public ScriptServer {
protected:
  using ScriptServer::ScriptServer;

  /// A request on a connection of its own, not waited for.
  raw_socket begin(const std::string& target, const std::string& body, const std::string& more = {}) const {
    auto out = raw_socket::tcp(place().port);
    out.write("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return out;
  }
  static json body_of(const std::string& answer) {
    const auto at = answer.find("\r\n\r\n");
    return at == std::string::npos ? json() : json::parse(answer.substr(at + 4), nullptr, false);
  }
};

TEST_F(ScriptServerRuns, EqualRequestsAnswerFromTheCacheUntilSomethingChanges) {
  store("count.py", "import sys, os; open('" + (system_.folder().path() / "runs").string() + "', 'a').write('x\\n'); print(sys.stdin.read(), sys.argv[1:])");
  const auto ask = [&](const std::string& body, std::map<std::string, std::string> headers = {}) {
    return call("POST", "/run/count.py", body, std::move(headers));
  };
  const auto first = ask(R"({"data":1})");
  EXPECT_EQ(first.header("X-Cache"), "miss");
  const auto second = ask(R"({"data":1})");
  EXPECT_EQ(second.header("X-Cache"), "hit");
  EXPECT_NE(second.header("Age"), "");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(ask(R"({"data":2})").header("X-Cache"), "miss");
  EXPECT_EQ(ask(R"({"data":1,"args":["a"]})").header("X-Cache"), "miss");
  EXPECT_EQ(ask(R"({"data":1,"env":{"A":"1"}})").header("X-Cache"), "miss");
  EXPECT_EQ(ask(R"({"data":1})", {{"Cache-Control", "no-cache"}}).header("X-Cache"), "miss");
  EXPECT_EQ(ask(R"({"data":1})").header("X-Cache"), "hit");
  EXPECT_EQ(lines_of(system_.folder().path() / "runs").size(), 5u);
  EXPECT_EQ(call("PUT", "/scripts/count.py", R"x({"code":"print(3)"})x").status, 200);
  const auto changed = ask(R"({"data":1})");
  EXPECT_EQ(changed.header("X-Cache"), "miss");
  EXPECT_NE(changed.body.find("3\\n"), std::string::npos);
  std::ofstream(folder() / "count.py") << "import sys; print(4); sys.exit(1)";
  const auto failed = ask(R"({"data":1})");
  EXPECT_NE(failed.body.find("4\\n"), std::string::npos) << "a file that was changed by hand";
  EXPECT_EQ(ask(R"({"data":1})").header("X-Cache"), "miss") << "what failed is tried again";
}

TEST_F(ScriptServerRuns, EqualRequestsAtOnceRunOnce) {
  const auto file = system_.folder().path() / "runs";
  store("slow.py", "import time; open('" + file.string() + "', 'a').write('x\\n'); time.sleep(0.5); print('done')");
  std::deque<raw_socket> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(begin("/run/slow.py", "{\"data\":7}"));
  }
  for (const auto& each : all) {
    EXPECT_EQ(body_of(each.read_until("\"timed_out\":false}", scaled(20s))).value("stdout", ""), "done\n");
  }
  EXPECT_EQ(lines_of(file).size(), 1u);
}

TEST_F(ScriptServerRuns, TwoHundredAtOnceKeepToTheLimitAndTheirOrder) {
  const auto file = system_.folder().path() / "times";
  store("mark.py", "import sys, time\nf = open('" + file.string() +
                     "', 'a')\nn = sys.argv[1]\nf.write(f'{n} b {time.monotonic()}\\n'); f.flush()\ntime.sleep(0.02)\n"
                     "f.write(f'{n} e {time.monotonic()}\\n')\nprint(n)");
  constexpr int count = 200;
  std::deque<raw_socket> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(begin("/run/mark.py", "{\"args\":[\"" + std::to_string(i) + "\"]}"));
  }
  for (int i = 0; i < count; ++i) {
    const auto answer = all[i].read_until("\"timed_out\":false}", scaled(90s));
    EXPECT_EQ(body_of(answer).value("stdout", ""), std::to_string(i) + "\n") << answer;
  }
  std::vector<std::pair<double, int>> steps;
  std::vector<std::pair<double, int>> begins;
  for (const auto& line : lines_of(file)) {
    std::istringstream words(line);
    int number = 0;
    char what = 0;
    double at = 0;
    words >> number >> what >> at;
    steps.emplace_back(at, what == 'b' ? 1 : -1);
    if (what == 'b') {
      begins.emplace_back(at, number);
    }
  }
  EXPECT_EQ(begins.size(), static_cast<std::size_t>(count));
  std::ranges::sort(steps);
  int running = 0;
  int most = 0;
  for (const auto& [at, change] : steps) {
    running += change;
    most = std::max(most, running);
  }
  EXPECT_LE(most, 4);
  std::ranges::sort(begins);
  for (int i = 0; i < static_cast<int>(begins.size()); ++i) {
    // The scripts look at the clock themselves, and a busy machine lets some of them wait before that.
    EXPECT_LE(std::abs(begins[i].second - i), 40) << "started as number " << i;
  }
}

class ScriptServerQueue : public ScriptServerRuns {
protected:
  ScriptServerQueue() : ScriptServerRuns({{"script_server", {{"max_concurrent", 1}, {"queue", 3}}}}) {}
};

TEST_F(ScriptServerQueue, WhatDoesNotFitIsRefusedAndMayComeAgain) {
  store("wait.py", "import os, time\nwhile not os.path.exists('" + (system_.folder().path() / "go").string() + "'): time.sleep(0.01)\nprint(1)");
  std::deque<raw_socket> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(begin("/run/wait.py", "{\"data\":" + std::to_string(i) + "}"));
  }
  EXPECT_TRUE(eventually(scaled(20s), [&] {
    return call("POST", "/run/wait.py", R"({"data":"more"})").status == 429;
  }));
  const auto refused = call("POST", "/run/wait.py", R"({"data":"more"})");
  EXPECT_EQ(refused.status, 429);
  EXPECT_GE(std::atoi(refused.header("Retry-After").c_str()), 1);
  system_.folder().write("go", "");
  for (const auto& each : all) {
    EXPECT_EQ(body_of(each.read_until("\"timed_out\":false}", scaled(30s))).value("exit_code", -1), 0);
  }
  EXPECT_EQ(call("POST", "/run/wait.py", R"({"data":"more"})").status, 200);
}

TEST_F(ScriptServerQueue, ARunThatNobodyWaitsForAnyMoreIsNotBegun) {
  const auto file = system_.folder().path() / "runs";
  store("note.py", "import sys, os, time\nopen('" + file.string() + "', 'a').write(sys.argv[1] + '\\n')\nwhile not os.path.exists('" +
                     (system_.folder().path() / "go").string() + "'): time.sleep(0.01)");
  auto first = begin("/run/note.py", R"({"args":["first"]})");
  EXPECT_TRUE(eventually(scaled(20s), [&] { return lines_of(file).size() == 1; }));
  { auto gone = begin("/run/note.py", R"({"args":["gone"]})"); }
  auto last = begin("/run/note.py", R"({"args":["last"]})");
  system_.folder().write("go", "");
  EXPECT_EQ(body_of(last.read_until("\"timed_out\":false}", scaled(30s))).value("exit_code", -1), 0);
  EXPECT_EQ(lines_of(file), (std::vector<std::string>{"first", "last"}));
}

TEST_F(ScriptServerRuns, OptionsOfAScriptAndOfARequest) {
  store("show.py", "import os; print(os.environ.get('COLOUR'), os.environ.get('SIZE'))", {{"env", {{"COLOUR", "red"}, {"SIZE", "1"}}}});
  EXPECT_EQ(run("show.py")["stdout"], "red 1\n");
  EXPECT_EQ(run("show.py", {{"env", {{"COLOUR", "blue"}}}})["stdout"], "blue 1\n");
  const auto shown = json::parse(call("GET", "/scripts/show.py").body);
  EXPECT_EQ(shown["env"]["COLOUR"], "red");
  EXPECT_NE(shown["code"].get<std::string>().find("import os"), std::string::npos);
  store("sleep.py", "import time; time.sleep(60)", {{"timeout", 0.3}});
  EXPECT_EQ(call("POST", "/run/sleep.py").status, 504);
  store("greedy.py", "x = bytearray(400 << 20); print(len(x))", {{"memoryLimit", 30}});
  const auto greedy = run("greedy.py");
  EXPECT_TRUE(greedy["exit_code"].is_null()) << greedy;
  EXPECT_NE(greedy.value("error", "").find("memory"), std::string::npos) << greedy;
  store("killed.py", "import os, signal; print('x', flush=True); os.kill(os.getpid(), signal.SIGKILL)");
  EXPECT_EQ(run("killed.py"), (json{{"stdout", "x\n"}, {"stderr", ""}, {"exit_code", nullptr}, {"timed_out", false}, {"signal", 9}}));
  const auto all = json::parse(call("POST", "/run?names=sleep.py,show.py,absent.py").body)["results"];
  EXPECT_EQ(all["sleep.py"]["timed_out"], true);
  EXPECT_TRUE(all["sleep.py"]["exit_code"].is_null());
  EXPECT_EQ(all["show.py"]["exit_code"], 0);
  EXPECT_NE(all["absent.py"].value("error", ""), "");
}

TEST_F(ScriptServerRuns, OutputComesAsItIsPrinted) {
  store("slow.py", "import os, time\nprint('one', flush=True)\nwhile not os.path.exists('" +
                     (system_.folder().path() / "go").string() + "'): time.sleep(0.01)\nprint('two')");
  const auto stream = begin("/run/slow.py", "{}", "Accept: text/event-stream\r\n");
  const auto head = stream.read_until("one", scaled(20s));
  EXPECT_NE(head.find("text/event-stream"), std::string::npos);
  EXPECT_NE(head.find("one"), std::string::npos) << "before the script has ended";
  system_.folder().write("go", "");
  const auto rest = stream.read_until("\r\n0\r\n", scaled(20s));
  EXPECT_NE(rest.find("two"), std::string::npos);
  EXPECT_NE(rest.find("event: end"), std::string::npos);
  EXPECT_NE(rest.find("succeeded"), std::string::npos);
}

TEST_F(ScriptServerRuns, ARunCanBeAnsweredBeforeItsEnd) {
  store("slow.py", "import os, time\nwhile not os.path.exists('" + (system_.folder().path() / "go").string() +
                     "'): time.sleep(0.01)\nprint('late')");
  const auto begun = call("POST", "/run/slow.py", "{}", {{"Prefer", "respond-async"}});
  EXPECT_EQ(begun.status, 202) << begun.body;
  const auto where = begun.header("Location");
  EXPECT_EQ(json::parse(call("GET", where).body)["state"], "running");
  system_.folder().write("go", "");
  json state;
  EXPECT_TRUE(eventually(scaled(20s), [&] {
    state = json::parse(call("GET", where).body, nullptr, false);
    return state.value("state", "") == "succeeded";
  })) << state;
  EXPECT_EQ(state["result"]["stdout"], "late\n");
  const auto id = json::parse(begun.body)["id"].get<std::string>();
  EXPECT_EQ(system_.http("GET", "/api/v1/tasks/" + id).status, 200) << "it is a task like others";
  EXPECT_EQ(call("GET", "/tasks/absent").status, 404);
}

TEST_F(ScriptServerRuns, FilesThatAppearOrVanishAreServedAtOnce) {
  EXPECT_EQ(json::parse(call("GET", "/scripts").body), json::array());
  std::ofstream(folder() / "hand.py") << "print('by hand')";
  std::ofstream(folder() / "note.txt") << "no script";
  std::filesystem::create_directory(folder() / "folder.py");
  EXPECT_EQ(json::parse(call("GET", "/scripts").body), (json{"hand.py"}));
  EXPECT_EQ(run("hand.py")["stdout"], "by hand\n");
  std::filesystem::remove(folder() / "hand.py");
  EXPECT_EQ(json::parse(call("GET", "/scripts").body), json::array());
  EXPECT_EQ(call("POST", "/run/hand.py").status, 404) << "not from the cache either";
}

} // namespace
} // namespace system_test
