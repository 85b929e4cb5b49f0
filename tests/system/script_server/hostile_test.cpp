#include "tests/system/script_server/script_server_system.hpp"

#include "tests/system/harness/proc_table.hpp"
#include "tests/system/harness/raw_socket.hpp"

#include <deque>

#include <sys/resource.h>

namespace system_test {
namespace {

class ScriptServerHostile : public ScriptServer {
protected:
  raw_socket client(const std::string& bytes) const {
    auto out = raw_socket::tcp(place().port);
    out.write(bytes);
    return out;
  }
};

TEST_F(ScriptServerHostile, HalfRequestsAndNonsenseHoldUpNobody) {
  store("a.py", "print(1)");
  std::deque<raw_socket> all;
  for (const char* bytes : {"", "P", "POST /run/a.py HTTP/1.1\r\nHost: localhost\r\n", "POST /run/a.py HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"da",
                            "POST /run/a.py HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"}) {
    for (int i = 0; i < 10; ++i) {
      all.push_back(client(bytes));
    }
  }
  EXPECT_EQ(run("a.py")["stdout"], "1\n");
  for (const char* bytes :
       {"GET /scripts HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n", "GET /scripts HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "POST /run/a.py HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /run/a.py HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /run/a.py HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n"}) {
    const auto answer = client(bytes).read_until("\r\n\r\n", scaled(10s));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << bytes << answer;
  }
  EXPECT_EQ(run("a.py")["stdout"], "1\n");
}

TEST_F(ScriptServerHostile, ABodyAboveTheLimitIsRefusedBeforeItIsTaken) {
  store("a.py", "print(1)");
  const auto size = std::to_string(64u << 20);
  for (const char* target : {"POST /run/a.py", "POST /scripts", "PUT /scripts/a.py"}) {
    const auto answer = client(std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + size + "\r\n\r\n{\"data\":\"")
                          .read_until("\r\n\r\n", scaled(10s));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << target << answer;
  }
  const auto code = json{{"name", "big.py"}, {"code", std::string(5u << 20, '#')}}.dump();
  EXPECT_EQ(call("POST", "/scripts", code).status, 413);
  EXPECT_EQ(run("a.py", {{"data", std::string(8u << 20, 'x')}})["stdout"], "1\n") << "input that the script does not read";
}

TEST_F(ScriptServerHostile, OutputWithoutEndIsCutAndBounded) {
  store("flood.py", "import sys\nfor _ in range(40): sys.stdout.write('x' * (1 << 20))\nsys.stdout.write('end')");
  const auto got = run("flood.py");
  EXPECT_EQ(got["truncated"], true);
  EXPECT_EQ(got["stdout"].get_ref<const std::string&>().size(), 16u << 20);
  EXPECT_EQ(got["exit_code"], 0);
}

TEST_F(ScriptServerHostile, ThousandsOfIdleConnectionsHoldUpNobody) {
  store("a.py", "print(1)");
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t count = std::min<std::size_t>(5'000, limit.rlim_cur > 400 ? limit.rlim_cur - 300 : 100);
  RecordProperty("connections", static_cast<int>(count));
  std::deque<raw_socket> idle;
  const auto node = system_.pid_of(head_node);
  const auto before = resident_kib(node);
  for (std::size_t i = 0; i < count; ++i) {
    idle.push_back(raw_socket::tcp(place().port));
    ASSERT_TRUE(idle.back().is_open()) << i;
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(call("POST", "/run/a.py", json{{"data", i}}.dump()).status, 200);
    EXPECT_EQ(call("POST", "/run/a.py", json{{"data", 0}}.dump()).status, 200);
  }
  EXPECT_LT(resident_kib(node) - before, 60'000) << count << " connections";
  EXPECT_LT(open_descriptors(node).size(), 700u) << "only so many are kept";
}

} // namespace
} // namespace system_test
