#include "tests/system/move_world/fault_case.hpp"

#include "tests/system/harness/proc_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <set>

namespace system_test {

std::ostream& operator<<(std::ostream& out, const fault& what) {
  return out << what.name() << ":" << what.action;
}

std::vector<fault> all_faults() {
  const std::vector<std::pair<std::string, std::vector<std::string>>> points{
    {"source",
     {"preparing", "prepared", "frozen", "state_sent", "replica_ready", "before_commit", "committed", "forwarded"}},
    {"target", {"preparing", "prepared", "replica_made", "ready_sent", "activated"}},
    {"head", {"before_commit", "committed"}},
  };
  std::vector<fault> out;
  for (const auto& [party, names] : points) {
    for (const auto& point : names) {
      for (const std::string action : {"kill", "stop", "disconnect"}) {
        out.push_back({party, point, action});
      }
    }
  }
  return out;
}

namespace {

constexpr int beats = 60;

class fault_case {
public:
  explicit fault_case(std::vector<fault> faults)
    : world_({.processes = 3, .config = {{"test", {{"faults", true}}}}}), faults_(std::move(faults)) {
    source_ = world_.node(1);
    target_ = world_.node(2);
    for (const auto& node : world_.nodes()) {
      pids_.push_back(world_.system().pid_of(node));
    }
    make_actors();
  }

  void run() {
    for (const auto& what : faults_) {
      // The head's name leads to the main node's own admin first; the points of the head are the daemon's.
      const json where = what.party == "source"   ? json(source_)
                         : what.party == "target" ? json(target_)
                                                  : json{{"node", "first.main.daemon"}, {"entity", nullptr}};
      const auto armed = world_.ask(where, "set_fault", {{"point", what.name()}, {"action", what.action}});
      ASSERT_EQ(armed.command, "fault_is_set") << what << ": " << armed;
    }
    ASSERT_TRUE(eventually(5s, [&] { return field(world_.ask("x", "sum_up"), "beats", 0) > 10; }));
    auto moving = std::async(std::launch::async, [this] { return world_.move("x", target_, head_node, nullptr, 14s); });
    if (stops("head")) {
      wake_head();
    }
    if (has("head", "kill")) {
      revive_head();
    }
    const auto told = moving.get();
    EXPECT_LT(told.took, scaled(13s)) << told;
    EXPECT_TRUE(told.is("actor_is_recreated") || told.is("actor_is_not_recreated") || told.is("undecided")) << told;
    wait_for_verdicts();
    come_to_rest();
    check_place(told);
    if (dies("source") || dies("target") || dies("head")) {
      world_.system().expect_killed();
    }
    const auto found = world_.end_and_judge({.crashes = true});
    EXPECT_TRUE(found.good()) << found << "\n" << told;
  }

private:
  bool has(const std::string& party, const std::string& action) const {
    return std::any_of(faults_.begin(), faults_.end(),
                       [&](const auto& what) { return what.party == party && what.action == action; });
  }
  bool stops(const std::string& party) const { return has(party, "stop"); }
  /// A stopped node is killed by the verdict.
  bool dies(const std::string& party) const {
    return has(party, "kill") || (party != "head" && stops(party));
  }
  void make_actors() {
    json limits = json::object();
    world_.create("x", "Consumer", source_);
    for (std::size_t i = 0; i < world_.nodes().size(); ++i) {
      const auto name = "gen_" + std::to_string(i);
      generators_.push_back(name);
      limits[name] = beats;
      world_.create(name, "Generator", world_.node(i));
      world_.system().set_params(name, {{"gen_period", 0.01},
                                        {"gen_limit", beats},
                                        {"does_gen_ask", true},
                                        {"ask_timeout", 20.0},
                                        {"consumer", "x"}});
    }
    world_.system().set_params("x", {{"limits", limits}});
    for (const auto& name : generators_) {
      EXPECT_EQ(world_.ask(name, "start").command, "started");
    }
  }

  /// Nobody judges a stopped head: it goes on when it is woken.
  void wake_head() const {
    const auto pid = world_.system().daemon().pid();
    const auto is_stopped = [pid] {
      const auto all = processes_below_us();
      return std::any_of(all.begin(), all.end(),
                         [pid](const auto& entry) { return entry.pid == pid && entry.state == 'T'; });
    };
    if (eventually(5s, is_stopped)) {
      // sleep: the length of the stop
      std::this_thread::sleep_for(500ms);
      kill(pid, SIGCONT);
    }
  }

  /// What a service manager does.
  void revive_head() {
    world_.system().expect_killed();
    EXPECT_EQ(world_.system().daemon().wait_exit(5s), (exit_state{true, SIGKILL})) << "the point was not passed";
    world_.system().start_daemon();
  }

  void wait_for_verdicts() {
    for (const auto& [party, index] : {std::pair<std::string, std::size_t>{"source", 1}, {"target", 2}}) {
      if (dies(party) && passed(party)) {
        EXPECT_TRUE(eventually(6s, [&, at = index] { return !is_alive(pids_[at]); })) << party << " was not judged";
      }
    }
  }

  /// Whether the move came as far as the fault of this party; with two faults the first may end it.
  bool passed(const std::string& party) const { return faults_.size() == 1 || !is_alive(pids_[party == "source" ? 1 : 2]); }

  void come_to_rest() {
    EXPECT_TRUE(eventually(30s, [&] {
      return std::all_of(generators_.begin(), generators_.end(), [&](const auto& name) {
        const auto got = world_.ask(name, "progress", nullptr, 3s);
        // One that died with its process is at rest too.
        return got.is("actor_is_not_found") || got.is("actor_has_failed") || field(got, "left", -1) == 0 ||
               field(got, "births", 1) > 1;
      });
    })) << "an ask of a generator never ended";
  }

  /// What nobody may take away: the actor is where the asker was told, once.
  void check_place(const answer& told) {
    // A process that died comes back, and with it what had not been handed over.
    std::vector<std::string> places;
    EXPECT_TRUE(eventually(12s, [&] {
      places = world_.places("x");
      return places.size() == 1;
    })) << places.size()
        << " copies; " << told;
    if (places.size() != 1) {
      return;
    }
    const auto got = world_.ask("x", "sum_up");
    EXPECT_EQ(field(got, "node", std::string("?")), places.front()) << got;
    if (told.is("actor_is_recreated") && !dies("target")) {
      EXPECT_EQ(places.front(), target_) << told;
    }
    if (told.is("actor_is_not_recreated") && !dies("source")) {
      EXPECT_EQ(places.front(), source_) << told;
    }
    if (must_survive() && !stops("source") && !stops("target")) {
      EXPECT_EQ(field(got, "births", -1), 1) << "its state was there, and was not used: " << told << got;
    }
    // What waited at a process that died is lost, and its askers were told: the history is the judge of that.
    const bool only_the_head = std::all_of(faults_.begin(), faults_.end(), [](const auto& what) { return what.party == "head"; });
    if (field(got, "births", 1) == 1 && only_the_head) {
      EXPECT_EQ(field(got, "wrong", -1), 0) << "no beat is missing for a copy that only moved: " << got;
    }
  }

  /// One fault, and somebody who lives has the whole actor: then it must be that one, and not an older state of it.
  bool must_survive() const {
    if (faults_.size() != 1) {
      return false;
    }
    const auto& what = faults_.front();
    static const std::set<std::string> complete{"replica_ready", "before_commit", "committed", "forwarded"};
    static const std::set<std::string> uncommitted{"preparing", "prepared", "replica_made"};
    return what.action != "kill" || what.party == "head" ||
           (what.party == "source" && complete.count(what.point) != 0) ||
           (what.party == "target" && uncommitted.count(what.point) != 0);
  }

  move_world world_;
  std::vector<fault> faults_;
  std::string source_;
  std::string target_;
  std::vector<pid_t> pids_;
  std::vector<std::string> generators_;
};

} // namespace

void run_faults(const std::vector<fault>& faults) {
  fault_case(faults).run();
}

} // namespace system_test
