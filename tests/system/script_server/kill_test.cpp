#include "tests/system/script_server/script_server_system.hpp"

#include "tests/system/harness/proc_table.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <thread>

namespace system_test {
namespace {

class ScriptServerKills : public ScriptServer {
protected:
  ScriptServerKills() : ScriptServer(settings()) { system_.expect_killed(); }

  static json settings() {
    return {{"script_server", {{"port", free_port()}}},
            {"gateway", {{"port", free_port()}}}, // the test's own way in comes back with the process too
            {"process_restarts", {{"most", 1000}, {"backoff_s", 0.01}, {"max_backoff_s", 0.05}}}};
  }

  void kill_host(pid_t& last) const {
    pid_t now = 0;
    ASSERT_TRUE(eventually(scaled(20s), [&] { return (now = system_.pid_of(head_node)) != 0 && now != last; }));
    last = now;
    ::kill(now, SIGKILL);
  }
  bool is_back() const {
    return eventually(scaled(30s), [&] { return call("GET", "/scripts").status == 200; });
  }
};

TEST_F(ScriptServerKills, TheServerComesBackWithItsPortAndItsScripts) {
  store("a.py", "print(1)", {{"env", {{"A", "1"}}}});
  pid_t last = 0;
  for (int i = 0; i < 3; ++i) {
    kill_host(last);
    ASSERT_TRUE(is_back()) << system_.report();
    EXPECT_EQ(json::parse(call("GET", "/scripts").body), (json{"a.py"}));
    EXPECT_EQ(json::parse(call("GET", "/scripts/a.py").body)["env"]["A"], "1");
    EXPECT_EQ(run("a.py")["stdout"], "1\n");
  }
}

/// What one client has seen. Every request ends: with an answer, or with a connection that was closed.
struct seen {
  std::atomic<int> answered{0};
  std::atomic<int> closed{0};
  std::atomic<int> late{0};
};

TEST_F(ScriptServerKills, RandomKillsDuringWritesAndRunsLeaveNoHalfScriptAndDoubleNoRun) {
  constexpr unsigned seed = 20'261;
  const auto runs = system_.folder().path() / "runs";
  store("note.py", "import os, sys\nf = os.open('" + runs.string() +
                     "', os.O_WRONLY | os.O_APPEND | os.O_CREAT)\nos.write(f, (sys.argv[1] + '\\n').encode())\nprint('ok')");
  const std::string a = "# " + std::string(70'000, 'a') + "\nprint('a')\n";
  const std::string b = "# " + std::string(50'000, 'b') + "\nprint('b')\n";
  store("text.py", a);
  std::atomic<bool> ends = false;
  seen all;
  const auto count = [&all](const http_answer& got, clock::time_point begun) {
    ++(got.status != 0 ? all.answered : all.closed);
    all.late += since(begun) > scaled(50s) ? 1 : 0;
  };
  std::vector<std::thread> clients;
  for (int client = 0; client < 3; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; !ends; ++i) {
        const auto begun = clock::now();
        const auto token = std::to_string(client) + "-" + std::to_string(i);
        const auto got = call("POST", "/run/note.py", json{{"args", {token}}}.dump());
        EXPECT_TRUE(got.status == 0 || got.status == 200 || got.status >= 500) << got.status << got.body;
        count(got, begun);
      }
    });
  }
  clients.emplace_back([&] {
    for (int i = 0; !ends; ++i) {
      const auto begun = clock::now();
      const auto got = call("PUT", "/scripts/text.py", json{{"code", i % 2 == 0 ? b : a}}.dump());
      EXPECT_TRUE(got.status == 0 || got.status == 200 || got.status == 503) << got.status << got.body;
      count(got, begun);
      const auto now = read_text(folder() / "text.py");
      EXPECT_TRUE(now == a || now == b) << now.size() << " bytes";
    }
  });
  std::mt19937 random(seed);
  pid_t last = 0;
  for (int kill = 0; kill < 8; ++kill) {
    const auto until = clock::now() + milliseconds(50 + random() % 400);
    EXPECT_TRUE(is_back());
    std::this_thread::sleep_until(until); // sleep: the kill comes at a random instant
    kill_host(last);
  }
  EXPECT_TRUE(is_back());
  ends = true;
  for (auto& each : clients) {
    each.join();
  }
  EXPECT_EQ(all.late, 0) << "every request is answered, or its connection closed";
  EXPECT_GT(all.answered, 0);
  std::map<std::string, int> times;
  for (const auto& line : lines_of(runs)) {
    EXPECT_EQ(++times[line], 1) << "run " << line << " was doubled; seed " << seed;
  }
  EXPECT_EQ(run("note.py", {{"args", {"last"}}})["stdout"], "ok\n");
  const auto text = read_text(folder() / "text.py");
  EXPECT_TRUE(text == a || text == b);
}

} // namespace
} // namespace system_test
