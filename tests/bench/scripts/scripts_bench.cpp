// What the script server costs: a result from its cache beside the smallest server that Beast makes, and a run of a trivial
// script beside the bare interpreter.
#include "tests/bench/scripts/hello_server.hpp"
#include "tests/bench/support/bench_line.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace {

using namespace bench;
using steady = std::chrono::steady_clock;

constexpr int connections = 32;
constexpr int at_once = 2;
constexpr int rounds = 5;
constexpr double measured_s = 1.0;

double seconds_since(steady::time_point begin) { return std::chrono::duration<double>(steady::now() - begin).count(); }

class connection {
public:
  explicit connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&place), sizeof place) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  connection(const connection&) = delete;
  ~connection() { ::close(fd_); }
  int fd() const { return fd_; }

  void send(const std::string& request) {
    if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
      throw std::runtime_error("cannot send");
    }
  }
  /// Takes what is there; true once a whole answer has come.
  bool receive() {
    std::array<char, 4096> bytes;
    const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got <= 0) {
      throw std::runtime_error("the server has closed a connection");
    }
    answer_.append(bytes.data(), static_cast<std::size_t>(got));
    const auto end = answer_.find("\r\n\r\n");
    const auto length = answer_.find("Content-Length: ");
    if (end == std::string::npos || length == std::string::npos ||
        answer_.size() < end + 4 + std::strtoul(answer_.c_str() + length + 16, nullptr, 10)) {
      return false;
    }
    if (!answer_.starts_with("HTTP/1.1 200")) {
      throw std::runtime_error("a wrong answer: " + answer_);
    }
    answer_.clear();
    return true;
  }

private:
  int fd_;
  std::string answer_;
};

/// Requests a second over all connections, one under way on each.
double requests_per_s(std::uint16_t port, const std::string& request) {
  std::vector<std::unique_ptr<connection>> all;
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<connection>(port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(i);
    ::epoll_ctl(poll, EPOLL_CTL_ADD, all.back()->fd(), &event);
    all.back()->send(request);
  }
  std::array<epoll_event, connections> events;
  long answers = 0;
  const auto begin = steady::now();
  while (seconds_since(begin) < measured_s) {
    const int count = ::epoll_wait(poll, events.data(), connections, 1'000);
    for (int i = 0; i < count; ++i) {
      auto& one = *all[events[i].data.u32];
      if (one.receive()) {
        ++answers;
        one.send(request);
      }
    }
  }
  const auto rate = static_cast<double>(answers) / seconds_since(begin);
  ::close(poll);
  return rate;
}

std::string post(const std::string& target, const std::string& body, const std::string& more = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Runs a second with so many at once; each thread does one after the other.
double runs_per_s(int each, const std::function<std::function<void()>()>& make) {
  std::vector<std::thread> threads;
  std::atomic<bool> failed = false;
  const auto begin = steady::now();
  for (int i = 0; i < at_once; ++i) {
    threads.emplace_back([&] {
      try {
        const auto one = make();
        for (int n = 0; n < each; ++n) {
          one();
        }
      } catch (const std::exception& problem) {
        std::fprintf(stderr, "scripts_bench: %s\n", problem.what());
        failed = true;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  if (failed) {
    throw std::runtime_error("a run failed");
  }
  return at_once * each / seconds_since(begin);
}

void bare_python() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  std::array<const char*, 6> words{"/usr/bin/python3", "-I", "-S", "-c", "print(1)", nullptr};
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, ends[1], 1);
  pid_t pid = -1;
  const int problem = ::posix_spawn(&pid, words[0], &files, nullptr, const_cast<char**>(words.data()), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  if (problem != 0) {
    throw std::runtime_error("cannot start python3");
  }
  char byte = 0;
  while (::read(ends[0], &byte, 1) > 0) {
  }
  ::close(ends[0]);
  ::waitpid(pid, nullptr, 0);
}

/// A system with the script that is measured, and the port of its server.
struct measured_system {
  explicit measured_system(bool warm) : system(options_of(warm)) {
    const auto place = system_test::gateway_address::parse(system.ready().at("scripts").get<std::string>());
    port = place.port;
    system_test::http_call make;
    make.method = "POST";
    make.target = "/scripts";
    make.body = R"x({"name":"one.py","code":"print(1)"})x";
    if (system_test::http_request(place, make).status != 201) {
      throw std::runtime_error("the script cannot be stored");
    }
  }
  static system_test::system_options options_of(bool warm);

  system_test::test_system system;
  std::uint16_t port = 0;
};

system_test::system_options measured_system::options_of(bool warm) {
  system_test::system_options options;
  options.config = {{"script_server", {{"port", 0}, {"warm", warm}}}, {"python", "/usr/bin/python3"}, {"venvs", {{"prepare_at_start", false}}}};
  return options;
}

/// Runs a second through the server, 2 at once, each request on a run of its own.
double served_runs_per_s(std::uint16_t port) {
  const auto request = post("/run/one.py", "{}", "Cache-Control: no-cache\r\n");
  return runs_per_s(30, [&] {
    auto link = std::make_shared<connection>(port);
    return [link, &request] {
      link->send(request);
      while (!link->receive()) {
      }
    };
  });
}

void measure_cached(std::uint16_t port) {
  const auto request = post("/run/one.py", R"({"data": {"x": 7}})");
  connection warm(port);
  warm.send(request);
  while (!warm.receive()) {
  }
  const hello_server hello(60);
  const auto both =
    measure_in_turn(rounds, [&] { return requests_per_s(port, request); }, [&] { return requests_per_s(hello.port(), request); });
  print_line("script_cached_per_s", both.value, "requests/s on 32 connections", "Beast hello world", both.baseline);
}

void run() {
  if (is_wanted("script_cached_per_s")) {
    const measured_system one(false);
    measure_cached(one.port);
  }
  if (is_wanted("script_cold_per_s")) {
    const measured_system one(false);
    const auto bare = [] { return runs_per_s(30, [] { return [] { bare_python(); }; }); };
    const auto both = measure_in_turn(rounds, [&] { return served_runs_per_s(one.port); }, bare);
    print_line("script_cold_per_s", both.value, "runs/s, 2 at once", "bare python3 -I -S", both.baseline);
  }
  if (is_wanted("script_served_warm_per_s")) {
    const measured_system warm(true);
    const measured_system cold(false);
    const auto both =
      measure_in_turn(rounds, [&] { return served_runs_per_s(warm.port); }, [&] { return served_runs_per_s(cold.port); });
    print_line("script_served_warm_per_s", both.value, "runs/s, 2 at once", "the same with warm: false", both.baseline);
  }
}

} // namespace

int main(int argc, char** argv) {
  set_wanted(argc, argv);
  testing::InitGoogleTest();
  if (!is_wanted("script_cached_per_s") && !is_wanted("script_cold_per_s") && !is_wanted("script_served_warm_per_s")) {
    return 0;
  }
  try {
    run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "scripts_bench: %s\n", problem.what());
    return 1;
  }
  return testing::Test::HasFailure() ? 1 : 0;
}
