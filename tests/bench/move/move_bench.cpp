// Moves in a real system (the built daemon and nodes): how long one takes, how long it keeps a loaded actor from its
// messages, and what it costs those that do not move. Beside it the bare round trip between two processes.
#include "tests/bench/remote/broker_pair.hpp"
#include "tests/bench/support/bench_line.hpp"
#include "tests/system/move_world/move_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <future>
#include <stdexcept>

namespace {

using namespace bench;
using system_test::json;
using namespace std::chrono_literals;

constexpr auto patience = 120s;
constexpr std::size_t ask_bytes = 88; ///< of one small question on the link
constexpr std::string_view baseline = "bare round trip between the processes (CAF broker pair)";

double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size()));
  return values.empty() ? 0 : values[std::min(at, values.size() - 1)];
}

double bare_round_trip_ms() {
  return 1000 / broker_asks(20'000, 1, ask_bytes);
}

void expect(const system_test::answer& got, std::string_view command) {
  if (!got.is(command)) {
    throw std::runtime_error(std::string(command) + " was expected: " + got.problem + got.message.dump());
  }
}

class bench_world {
public:
  bench_world() : world_({.processes = 3, .records = false}) {
    world_.create("timer", "MoveTimer", world_.node(1), "bench_actors");
    world_.create("sender", "Sender", world_.node(1), "bench_actors");
    world_.create("counter", "Counter", world_.node(2), "bench_actors");
    world_.create("idle", "Idle", world_.node(2), "bench_actors");
    world_.create("loaded", "Ballast", world_.node(2));
    expect(world_.ask("loaded", "load", {{"size", 1 << 20}}, 20s), "loaded");
    world_.create("mover", "Mover", world_.node(1));
    json targets = json::array();
    for (int i = 0; i < 20; ++i) {
      const auto name = "t_" + std::to_string(i);
      world_.create(name, "Traveller", world_.node(3));
      targets.push_back({{"name", name}, {"class", "Traveller"}});
    }
    // To all processes, those of the sender and the counter too.
    world_.system().set_params("mover", {{"targets", targets},
                                         {"nodes", {world_.node(1), world_.node(2), world_.node(3)}},
                                         {"admins", json::array({world_.node(1)})},
                                         {"period", 0.05}});
  }

  std::vector<double> idle_moves_ms(std::size_t count) const {
    const json what{{"entity", "idle"}, {"nodes", {world_.node(3), world_.node(2)}}, {"count", count}};
    const auto got = world_.ask("timer", "move_in_turn", what, patience);
    expect(got, "moved");
    if (got.body.at("refused") != 0) {
      throw std::runtime_error("moves were refused: " + got.body.dump());
    }
    std::vector<double> out;
    for (const auto& seconds : got.body.at("seconds")) {
      out.push_back(1000 * seconds.get<double>());
    }
    return out;
  }

  /// From the freeze to the first message handled at the target, with 1 MiB of state and 1,000 messages that wait.
  double loaded_pause_ms(std::size_t round) const {
    if (world_.system().send("loaded", "hold", {{"seconds", 0.2}}).status >= 300) {
      throw std::runtime_error("hold was refused");
    }
    // Once it holds, a question has to wait. Messages of different senders have no order among them.
    if (!system_test::eventually(5s, [&] { return world_.ask("loaded", "weigh", nullptr, 20ms).is("timer"); })) {
      throw std::runtime_error("hold has not begun");
    }
    const json body{{"value", 42}, {"text", "hello"}};
    expect(world_.ask("sender", "pour", {{"to", "loaded"}, {"count", 1000}, {"window", 1000}, {"body", body}}), "pouring");
    expect(world_.move("loaded", world_.node(round % 2 == 0 ? 3 : 2), world_.node(1)), "actor_is_recreated");
    system_test::answer got;
    system_test::eventually(5s, [&] {
      got = world_.ask("loaded", "pause", nullptr, 20s);
      return system_test::field(got, "hits", 0) == 1000;
    });
    expect(got, "pause");
    if (got.body.at("hits") != 1000 || got.body.at("held_at") == got.body.at("first_hit_at")) {
      throw std::runtime_error("the messages did not wait for the move: " + got.body.dump());
    }
    return 1000 * got.body.at("seconds").get<double>();
  }

  double bystander_rate(bool moves) const {
    if (moves) {
      expect(world_.ask("mover", "start"), "started");
    }
    constexpr std::uint64_t count = 1'000'000;
    const json wait{{"expected", count}, {"grain", 1000}, {"source", "sender"}};
    auto counted = std::async(std::launch::async, [&] { return world_.ask("counter", "count", wait, patience); });
    if (!system_test::eventually(5s, [&] { return world_.ask("counter", "is_ready").body == json(count); })) {
      throw std::runtime_error("the counter does not wait");
    }
    const json body{{"value", 42}, {"text", "hello"}};
    expect(world_.ask("sender", "pour", {{"to", "counter"}, {"count", count}, {"window", 10'000}, {"body", body}}), "pouring");
    const auto got = counted.get();
    expect(got, "counted");
    if (moves) {
      expect(world_.ask("mover", "stop"), "stopped");
    }
    return got.body.at("count").get<double>() / got.body.at("seconds").get<double>();
  }

  json mover_counts() const { return world_.ask("mover", "count").body; }

private:
  system_test::move_world world_;
};

void run() {
  const bench_world ours;
  if (is_wanted("move_idle_p50_ms")) {
    std::vector<double> all;
    const auto both = measure_in_turn(
      5,
      [&] {
        const auto times = ours.idle_moves_ms(100);
        all.insert(all.end(), times.begin(), times.end());
        return median(times);
      },
      bare_round_trip_ms);
    print_line("move_idle_p50_ms", percentile(all, 0.5), "ms", baseline, both.baseline);
  }
  if (is_wanted("move_loaded_p50_ms") || is_wanted("move_loaded_p99_ms")) {
    std::vector<double> all;
    std::size_t round = 0;
    const auto both = measure_in_turn(
      5,
      [&] {
        for (int i = 0; i < 40; ++i) {
          all.push_back(ours.loaded_pause_ms(round++));
        }
        return all.back();
      },
      bare_round_trip_ms);
    print_line("move_loaded_p50_ms", percentile(all, 0.5), "ms", baseline, both.baseline);
    print_line("move_loaded_p99_ms", percentile(all, 0.99), "ms", baseline, both.baseline);
  }
  if (is_wanted("move_bystander_ratio")) {
    const auto both = measure_in_turn(
      5, [&] { return ours.bystander_rate(true); }, [&] { return ours.bystander_rate(false); });
    print_line("move_bystander_ratio", both.value, "messages/s", "the same without moves", both.baseline);
    std::fprintf(stderr, "move_bench: %s\n", ours.mover_counts().dump().c_str());
  }
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
    std::fprintf(stderr, "move_bench: %s\n", problem.what());
    return 1;
  }
  return testing::Test::HasFailure() ? 1 : 0;
}
