#include "tests/system/move_world/beat_run.hpp"

#include <gtest/gtest.h>

namespace system_test {

void add_counts(move_counts& to, const json& counted) {
  to.asked += counted.value("asked", 0);
  const json answers = counted.value("answers", json::object());
  const json reasons = counted.value("reasons", json::object());
  for (const auto& [command, count] : answers.items()) {
    if (command == "actor_is_recreated") {
      to.recreated += count.get<std::int64_t>();
    } else if (command == "actor_is_not_recreated") {
      to.refused += count.get<std::int64_t>();
    } else {
      to.others[command] = to.others.value(command, 0) + count.get<std::int64_t>();
    }
  }
  for (const auto& [reason, count] : reasons.items()) {
    to.reasons[reason] = to.reasons.value(reason, 0) + count.get<std::int64_t>();
  }
  to.slowest_s = std::max(to.slowest_s, counted.value("slowest", 0.0));
}

namespace {

class beat_run {
public:
  beat_run(const move_world& world, const beat_options& how) : world_(world), how_(how) {}

  move_counts run() {
    for (std::size_t i = 0; i < world_.nodes().size(); ++i) {
      make(i);
    }
    for (const auto& name : generators_) {
      EXPECT_EQ(world_.ask(name, "start").command, "started") << name;
    }
    for (const auto& name : movers_) {
      EXPECT_EQ(world_.ask(name, "start").command, "started") << name;
    }
    const bool all = eventually(how_.patience, [this] { return all_counted(); });
    EXPECT_TRUE(all) << how_.name << ": not all beats have come: " << state();
    stop_movers();
    check_ends();
    remove_all();
    return counts_;
  }

private:
  std::string name(const std::string& what, std::size_t index) const {
    return how_.name + what + "_" + std::to_string(index);
  }

  void make(std::size_t index) {
    const auto& node = world_.node(index);
    const auto consumer = name("consumer", index);
    consumers_.push_back(consumer);
    world_.create(consumer, "Consumer", node);
    json targets = json::array();
    targets.push_back({{"name", consumer}, {"class", "Consumer"}});
    json names = json::array();
    json limits = json::object();
    for (int k = 0; k < how_.generators; ++k) {
      const auto one = name("gen_" + std::to_string(index), static_cast<std::size_t>(k));
      names.push_back(one);
      targets.push_back({{"name", one}, {"class", "Generator"}});
      limits[one] = how_.limit;
    }
    const auto made = world_.ask(
      node, "create_actors", {{"class_desc", class_of("move_actors ==1.0.0", "Generator")}, {"names", names}}, 10s);
    EXPECT_EQ(made.command, "actors_are_created") << made;
    for (const auto& one : names) {
      generators_.push_back(one);
      set(one, {{"gen_period", how_.period_s},
                {"gen_limit", how_.limit},
                {"does_gen_ask", how_.asks},
                {"ask_timeout", 20.0},
                {"consumer", consumer}});
    }
    set(consumer, {{"limits", limits}});
    const auto mover = name("mover", index);
    movers_.push_back(mover);
    world_.create(mover, "Mover", node);
    json nodes = world_.nodes();
    nodes.push_back(nullptr);
    set(mover, {{"targets", targets},
                {"nodes", nodes},
                {"packages", {"move_actors ==1.0.0", "move_actors_twin"}},
                {"admins", world_.nodes()},
                {"period", how_.move_period_s},
                {"seed", how_.seed * 100 + index}});
  }

  void set(const std::string& actor, const json& params) const {
    const auto got = world_.ask(actor, "set_params", params_body(params), 10s);
    EXPECT_EQ(got.command, "params_are_set") << actor << ": " << got;
  }

  bool all_counted() const {
    for (const auto& name : consumers_) {
      const auto got = world_.ask(name, "sum_up", nullptr, 10s);
      if (field(got, "beats", 0) < how_.limit * how_.generators) {
        return false;
      }
    }
    return true;
  }

  std::string state() const {
    std::string out;
    for (const auto& name : consumers_) {
      out += "\n" + name + ": " + world_.ask(name, "sum_up").message.dump();
    }
    for (const auto& name : generators_) {
      const auto got = world_.ask(name, "progress");
      if (field(got, "left", -1) != 0) {
        out += "\n" + name + ": " + got.problem + got.message.dump();
      }
    }
    for (const auto& name : movers_) {
      out += "\n" + name + ": " + world_.ask(name, "count").message.dump();
    }
    return out;
  }

  void stop_movers() {
    for (const auto& name : movers_) {
      EXPECT_EQ(world_.ask(name, "stop").command, "stopped") << name;
    }
    for (const auto& name : movers_) {
      answer got;
      EXPECT_TRUE(eventually(25s, [&] {
        got = world_.ask(name, "count");
        return field(got, "moving", json{"?"}).empty();
      })) << "a move was never answered: "
          << got;
      add_counts(counts_, got.body);
    }
  }

  void check_ends() const {
    for (const auto& name : consumers_) {
      const auto got = world_.ask(name, "sum_up");
      EXPECT_EQ(field(got, "wrong", -1), 0) << got;
      EXPECT_EQ(field(got, "beats", -1), how_.limit * how_.generators) << got;
      EXPECT_EQ(field(got, "births", -1), 1) << "a move is no birth: " << got;
    }
    for (const auto& name : generators_) {
      const auto got = world_.ask(name, "progress");
      EXPECT_EQ(field(got, "left", -1), 0) << got;
      EXPECT_EQ(field(got, "failed", -1), 0) << got;
      EXPECT_EQ(field(got, "answered", -1), how_.asks ? how_.limit : 0) << got;
    }
    EXPECT_TRUE(counts_.others.empty()) << counts_.others << counts_.reasons;
  }

  void remove_all() const {
    for (const auto* list : {&consumers_, &generators_, &movers_}) {
      for (const auto& name : *list) {
        const auto place = world_.ask(head_node, "seek_actor", {{"entity", name}});
        const auto removed = world_.ask(field(place, "node", head_node), "remove_actor", {{"name", name}}, 10s);
        EXPECT_EQ(removed.command, "actor_is_removed") << name << ": " << removed << place;
      }
    }
  }

  const move_world& world_;
  const beat_options& how_;
  std::vector<std::string> consumers_;
  std::vector<std::string> generators_;
  std::vector<std::string> movers_;
  move_counts counts_;
};

} // namespace

move_counts run_beats(const move_world& world, const beat_options& how) {
  return beat_run(world, how).run();
}

} // namespace system_test
