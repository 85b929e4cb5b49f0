#include "tests/system/move_world/chat_run.hpp"

#include <gtest/gtest.h>

#include <random>

namespace system_test {

namespace {
const std::string mover_name = "soak_mover";
}

chat_run::chat_run(const move_world& world, chat_options how) : world_(world), how_(how) {
  std::mt19937 random(how_.seed);
  const auto nodes = world_.nodes().size();
  std::vector<json> of_node(nodes, json::array());
  for (int i = 0; i < how_.actors; ++i) {
    names_.push_back("chatter_" + std::to_string(i));
    of_node[static_cast<std::size_t>(i) % nodes].push_back(names_.back());
  }
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto made = world_.ask(
      world_.node(i), "create_actors",
      {{"class_desc", class_of("move_actors ==1.0.0", "Chatter")}, {"names", of_node[i]}}, 20s);
    EXPECT_EQ(made.command, "actors_are_created") << made;
  }
  const double period = how_.actors * how_.burst / how_.messages_per_s;
  for (const auto& name : names_) {
    json peers = json::array();
    for (int k = 0; k < how_.peers; ++k) {
      peers.push_back(names_[random() % names_.size()]);
    }
    set(name, {{"peers", peers}, {"period", period}, {"burst", how_.burst}, {"ask_every", how_.ask_every}});
  }
  world_.create(mover_name, "Mover", head_node);
  json targets = json::array();
  for (const auto& name : names_) {
    targets.push_back({{"name", name}, {"class", "Chatter"}});
  }
  json to = world_.nodes();
  to.push_back(nullptr);
  set(mover_name, {{"targets", targets},
                   {"nodes", to},
                   {"packages", {"move_actors ==1.0.0", "move_actors_twin"}},
                   {"admins", json::array({head_node})},
                   {"period", 1 / how_.moves_per_s},
                   {"most_at_once", 20},
                   {"seed", how_.seed}});
}

void chat_run::set(const std::string& actor, const json& params) const {
  const auto got = world_.ask(actor, "set_params", params_body(params), 10s);
  EXPECT_EQ(got.command, "params_are_set") << actor << ": " << got;
}

void chat_run::start() {
  for (const auto& name : names_) {
    const auto got = world_.ask(name, "start", nullptr, 10s);
    EXPECT_EQ(got.command, "started") << name << ": " << got;
  }
  const auto got = world_.ask(mover_name, "start", nullptr, 10s);
  EXPECT_EQ(got.command, "started") << got;
}

json chat_run::sums() const {
  json out{{"said", 0}, {"heard", 0}, {"failed", 0}, {"refused", 0}};
  for (const auto& name : names_) {
    const auto got = world_.ask(name, "progress", nullptr, 10s);
    for (auto& [key, sum] : out.items()) {
      sum = sum.get<std::int64_t>() + (got.is("progress") ? field(got, key.c_str(), std::int64_t{0}) : 0);
    }
  }
  return out;
}

void chat_run::come_to_rest(milliseconds patience) {
  EXPECT_EQ(world_.ask(mover_name, "stop", nullptr, 10s).command, "stopped");
  for (const auto& name : names_) {
    // An actor that has just been lost with its process is away for a moment.
    answer got;
    EXPECT_TRUE(eventually(20s, [&] {
      got = world_.ask(name, "stop", nullptr, 10s);
      return got.is("stopped");
    })) << name
        << ": " << got;
    if (testing::Test::HasFailure()) {
      return;
    }
  }
  answer moving;
  EXPECT_TRUE(eventually(30s, [&] {
    moving = world_.ask(mover_name, "count", nullptr, 10s);
    return field(moving, "moving", json{"?"}).empty();
  })) << "a move was never answered: "
      << moving;
  add_counts(counts_, moving.body);
  json before;
  EXPECT_TRUE(eventually(patience, [&] {
    const json now = sums();
    const bool rests = now == before;
    before = now;
    return rests;
  })) << before;
  said_ = before.value("said", std::int64_t{0});
}

} // namespace system_test
