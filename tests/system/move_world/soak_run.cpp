#include "tests/system/move_world/soak_run.hpp"

#include "tests/system/move_world/chaos.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <optional>

namespace system_test {

namespace {

std::uint64_t dead_letters(const move_world& world) {
  std::uint64_t out = 0;
  for (const auto& node : world.nodes()) {
    out += field(world.ask(node, "get_dead_letters", nullptr, 10s), "count", std::uint64_t{0});
  }
  return out;
}

/// What the system says may be lost, by recipient.
std::map<std::string, std::uint64_t> in_doubt(const move_world& world) {
  const auto got = world.ask(head_node, "get_losses", nullptr, 10s);
  EXPECT_EQ(got.command, "losses") << got;
  return got.command == "losses" ? got.body.at("recipients").get<std::map<std::string, std::uint64_t>>()
                                 : std::map<std::string, std::uint64_t>{};
}

} // namespace

void run_soak(const chat_options& how, milliseconds time, milliseconds harm_period) {
  move_world world({.processes = 3});
  chat_run chat(world, how);
  chat.start();
  const auto begin = clock::now();
  std::optional<chaos> harm;
  if (harm_period.count() > 0) {
    harm.emplace(world, harm_period, how.seed);
    world.system().expect_killed();
  }
  // sleep: the length of the run
  std::this_thread::sleep_for(time);
  if (harm) {
    harm->stop();
  }
  const auto took = since(begin);
  chat.come_to_rest();
  const auto letters = dead_letters(world);
  const auto& moves = chat.moves();
  const auto found = world.end_and_judge({.crashes = harm.has_value(), .counted_losses = harm ? letters : 0, .in_doubt = in_doubt(world)});
  std::cout << "seed " << how.seed << ", " << took.count() << " ms: " << found.sent * 1000 / static_cast<std::uint64_t>(took.count())
            << " messages/s, " << moves.recreated << " moves, " << moves.refused << " refused " << moves.reasons << ", others "
            << moves.others << ", " << letters << " dead letters";
  if (harm) {
    std::cout << ", " << harm->kills() << " kills, " << harm->stops() << " stops";
    EXPECT_GT(harm->kills() + harm->stops(), 0);
  } else {
    EXPECT_EQ(letters, 0u);
    EXPECT_TRUE(moves.others.empty()) << moves.others;
  }
  std::cout << "\n" << found << "\n";
  EXPECT_TRUE(found.good()) << "seed " << how.seed << ": " << found;
  EXPECT_GT(moves.recreated, moves.asked / 2) << moves.reasons << moves.others;
}

} // namespace system_test
