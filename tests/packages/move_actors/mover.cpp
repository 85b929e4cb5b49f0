#include "mover.hpp"

#include <chrono>

namespace move_actors {

using troupe::json;
using troupe::reply;

namespace {
constexpr auto move_ticker = "move";
constexpr std::size_t most_reasons = 50;
} // namespace

void mover::describe(troupe::class_builder<mover>& builder) {
  builder.doc("Moves actors about and counts how it ends.")
    .param("targets", &mover::targets_, "[{name, class}…]")
    .param("nodes", &mover::nodes_, "[node | null…]: where to")
    .param("packages", &mover::packages_, "[requirement…]; none: the actor's own class")
    .param("admins", &mover::admins_, "[node…]: whom to ask")
    .param("period", &mover::period_, "Seconds between two moves")
    .param("timeout", &mover::timeout_, "Seconds a move may take")
    .param("most_at_once", &mover::most_at_once_)
    .param("seed", &mover::seed_)
    .on("start", &mover::start, "-> started")
    .on("stop", &mover::stop, "-> stopped")
    .on("tick", &mover::tick)
    .on("count", &mover::count, "-> moves {asked, moving, answers, reasons, slowest}");
}

reply mover::start() {
  random_.seed(static_cast<std::uint64_t>(seed_));
  ctx().add_ticker({.period = troupe::seconds{period_}, .name = move_ticker});
  return "started";
}

reply mover::stop() {
  ctx().remove_ticker(move_ticker);
  return "stopped";
}

const json& mover::any(const json& list) {
  static const auto& nothing = *new json;
  return list.empty() ? nothing : list.at(random_() % list.size());
}

void mover::tick() {
  if (targets_.empty() || static_cast<std::int64_t>(moving_.size()) >= most_at_once_) {
    return;
  }
  const auto& target = any(targets_);
  const auto name = target.at("name").get<std::string>();
  if (!moving_.insert(name).second) {
    return;
  }
  json body{{"entity", name}};
  if (const auto& node = any(nodes_); !node.is_null()) {
    body["node"] = node;
  }
  if (const auto& package = any(packages_); !package.is_null()) {
    body["class_desc"] = {{"requires_dist", package}, {"class", target.at("class")}};
  }
  const auto& admin = any(admins_);
  ++asked_;
  const auto begin = std::chrono::steady_clock::now();
  ctx().ask_then({.recipient = admin.is_null() ? troupe::address{} : troupe::address{admin.get<std::string>()},
                  .command = "recreate_actor",
                  .body = std::move(body),
                  .timeout = troupe::seconds{timeout_}},
                 [this, name, begin](const troupe::message_ptr& answer) {
                   const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
                   ended(name, *answer, took.count());
                 });
}

void mover::ended(const std::string& name, const troupe::message& answer, double seconds) {
  moving_.erase(name);
  slowest_ = std::max(slowest_, seconds);
  ++answers_[answer.command()];
  if (!answer.is("actor_is_recreated")) {
    auto reason = answer.command() + ": " +
                  (answer.body().is_object() ? answer.body().value("reason", answer.body().dump()) : std::string{});
    if (reasons_.size() < most_reasons || reasons_.count(reason) != 0) {
      ++reasons_[reason];
    }
  }
}

reply mover::count() {
  return {"moves", json{{"asked", asked_},
                        {"moving", moving_},
                        {"answers", answers_},
                        {"reasons", reasons_},
                        {"slowest", slowest_}}};
}

} // namespace move_actors
