// Asks and sends between actors of two processes of a real system (the built daemon and nodes), beside a bare pair of
// CAF brokers on a unix socket. Asks are counted at the asker, sends at the receiver.
#include "tests/bench/remote/broker_pair.hpp"
#include "tests/bench/support/bench_line.hpp"
#include "tests/system/harness/test_system.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>
#include <future>
#include <stdexcept>

namespace {

using namespace bench;
using system_test::json;
using namespace std::chrono_literals;

constexpr int rounds = 5;
constexpr std::uint64_t window = 10'000;
constexpr std::uint64_t grain = 1'000;
constexpr auto patience = 120s;
constexpr std::size_t ask_bytes = 88; ///< of one small question on the link

class two_processes {
public:
  two_processes() {
    near_ = system_.create_process();
    far_ = system_.create_process();
    system_.create_actor(near_, "asker", "Asker", "bench_actors");
    system_.create_actor(near_, "sender", "Sender", "bench_actors");
    system_.create_actor(far_, "echo", "Echo", "bench_actors");
    system_.create_actor(far_, "counter", "Counter", "bench_actors");
  }

  double asks(std::uint64_t count, std::uint64_t in_flight, const json& body) const {
    const json what{{"to", "echo"}, {"count", count}, {"in_flight", in_flight}, {"body", body}};
    return rate(system_.ask("asker", in_flight == 1 ? "ask_in_turn" : "ask_many", what, patience), "asked");
  }

  double sends(std::uint64_t count, const json& body) const {
    // Two requests at once, each on a connection of its own: the counter has to know before the first message comes.
    const json wait{{"expected", count}, {"grain", grain}, {"source", "sender"}};
    auto counted = std::async(std::launch::async, [&] { return system_.ask("counter", "count", wait, patience); });
    if (!system_test::eventually(5s, [&] { return system_.ask("counter", "is_ready").body == json(count); })) {
      throw std::runtime_error("the counter does not wait");
    }
    const json pour{{"to", "counter"}, {"count", count}, {"window", window}, {"body", body}};
    const auto started = system_.ask("sender", "pour", pour, patience);
    if (!started.is("pouring")) {
      throw std::runtime_error(started.problem + started.message.dump());
    }
    return rate(counted.get(), "counted");
  }

private:
  static double rate(const system_test::answer& got, std::string_view expected) {
    if (!got.is(expected) || got.body.value("wrong", 0) != 0) {
      throw std::runtime_error(got.problem + got.message.dump());
    }
    return got.body.at("count").get<double>() / got.body.at("seconds").get<double>();
  }

  system_test::test_system system_;
  std::string near_;
  std::string far_;
};

void run() {
  const json small{{"value", 42}, {"text", "hello"}};
  const json large{{"data", std::string(1000, 'x')}};
  const two_processes ours;
  const auto compare = [](std::string_view name, std::string_view unit, std::string_view baseline, auto own,
                          auto bare) {
    if (is_wanted(name)) {
      const auto both = measure_in_turn(rounds, own, bare);
      print_line(name, both.value, unit, baseline, both.baseline);
    }
  };
  compare(
    "remote_ask_1", "asks/s", "bare CAF broker pair, one in flight", [&] { return ours.asks(20'000, 1, small); },
    [] { return broker_asks(20'000, 1, ask_bytes); });
  compare(
    "remote_ask_100", "asks/s", "bare CAF broker pair, 100 in flight", [&] { return ours.asks(300'000, 100, small); },
    [] { return broker_asks(300'000, 100, ask_bytes); });
  compare(
    "remote_send", "messages/s", "bare CAF broker pair, 64 bytes", [&] { return ours.sends(2'000'000, small); },
    [] { return broker_sends(10'000'000, 64); });
  compare(
    "remote_send_1k", "messages/s", "bare CAF broker pair, 1 KiB", [&] { return ours.sends(500'000, large); },
    [] { return broker_sends(2'000'000, 1024); });
}

} // namespace

int main(int argc, char** argv) {
  if (run_as_broker_peer(argc, argv)) {
    return 0;
  }
  set_wanted(argc, argv);
  testing::InitGoogleTest();
  try {
    run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "remote_bench: %s\n", problem.what());
    return 1;
  }
  return testing::Test::HasFailure() ? 1 : 0;
}
