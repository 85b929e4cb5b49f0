#include "circle_starter.hpp"

#include <cstdio>

namespace peacepie_example {

namespace {

using troupe::address;
using troupe::json;

// Starting a process takes milliseconds, but on a machine under load much longer than an ask's usual second.
constexpr troupe::seconds process_time{30};
constexpr troupe::seconds group_time{30};

std::string dancer_name(std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "dancer_%02zu", number);
  return text;
}

std::string refusal(const std::string& what, const troupe::message& answer) {
  return what + " was answered " + answer.command() + " " + answer.body().dump();
}

} // namespace

void circle_starter::describe(troupe::class_builder<circle_starter>& builder) {
  using self = circle_starter;
  builder.doc("Creates processes and dancers, links the dancers to a circle and sends it a tick.")
    .param("process_count", &self::process_count_, "Processes with dancers; the own one is the first")
    .param("dancers_per_process", &self::dancers_per_process_, "Dancers in each process")
    .param("period", &self::period_, "Seconds each dancer holds the tick")
    .on("begin", &self::begin, "-> begun | not_begun {reason}");
}

troupe::async<troupe::reply> circle_starter::begin() {
  if (process_count_ < 1 || dancers_per_process_ < 1) {
    co_return troupe::reply("not_begun", json{{"reason", "process_count and dancers_per_process must be at least 1"}});
  }
  std::string reason = co_await create_processes();
  if (reason.empty()) {
    reason = co_await create_dancers();
  }
  if (reason.empty()) {
    reason = co_await link_dancers();
  }
  if (reason.empty()) {
    if (auto sent = ctx().send(dancers_.front().name, "tick"); !sent) {
      reason = sent.error().text;
    }
  }
  if (!reason.empty()) {
    co_await undo();
    co_return troupe::reply("not_begun", json{{"reason", reason}});
  }
  co_return "begun";
}

troupe::async<std::string> circle_starter::create_processes() {
  nodes_ = {ctx().node()};
  dancers_.clear();
  for (std::int64_t i = 1; i < process_count_; ++i) {
    const auto answer = co_await ctx().ask(address::admin_of(ctx().head()), "create_process", nullptr, process_time);
    const auto& body = answer->body();
    if (!answer->is("actor_is_created") || !body.is_object() || !body.contains("node") || !body["node"].is_string()) {
      co_return refusal("create_process", *answer);
    }
    nodes_.push_back(body["node"].get<std::string>());
  }
  co_return "";
}

troupe::async<std::string> circle_starter::create_dancers() {
  const json class_desc{{"requires_dist", TROUPE_PACKAGE_NAME " ==" TROUPE_PACKAGE_VERSION}, {"class", "CircleDancer"}};
  std::vector<troupe::request> requests;
  std::vector<dancer> wanted;
  for (const auto& node : nodes_) {
    for (std::int64_t i = 0; i < dancers_per_process_; ++i) {
      wanted.push_back({dancer_name(wanted.size()), node});
      requests.push_back({.recipient = address::admin_of(node),
                          .command = "create_actor",
                          .body = json{{"class_desc", class_desc}, {"name", wanted.back().name}}});
    }
  }
  const auto answers = co_await ctx().group_ask(std::move(requests), group_time);
  std::string reason;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].message->is("actor_is_created")) {
      dancers_.push_back(wanted[i]);
    } else if (reason.empty()) {
      reason = refusal("create_actor " + wanted[i].name + " on " + wanted[i].node, *answers[i].message);
    }
  }
  co_return reason;
}

troupe::async<std::string> circle_starter::link_dancers() {
  std::vector<troupe::request> requests;
  for (std::size_t i = 0; i < dancers_.size(); ++i) {
    const auto& next = dancers_[(i + 1) % dancers_.size()];
    const json params =
      json::array({json{{"name", "consumer"}, {"value", next.name}}, json{{"name", "period"}, {"value", period_}}});
    requests.push_back({.recipient = address{dancers_[i].node, dancers_[i].name},
                        .command = "set_params",
                        .body = json{{"params", params}}});
  }
  const auto answers = co_await ctx().group_ask(std::move(requests), group_time);
  for (const auto& one : answers) {
    if (!one.message->is("params_are_set")) {
      co_return refusal("set_params of " + one.recipient.to_string(), *one.message);
    }
  }
  co_return "";
}

troupe::async<> circle_starter::undo() {
  std::vector<troupe::request> requests;
  for (const auto& one : dancers_) {
    requests.push_back(
      {.recipient = address::admin_of(one.node), .command = "remove_actor", .body = json{{"name", one.name}}});
  }
  (void)co_await ctx().group_ask(std::move(requests), group_time);
  std::vector<troupe::request> processes;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    processes.push_back(
      {.recipient = address::admin_of(ctx().head()), .command = "remove_process", .body = json{{"node", nodes_[i]}}});
  }
  (void)co_await ctx().group_ask(std::move(processes), group_time);
  dancers_.clear();
  nodes_.clear();
}

} // namespace peacepie_example
