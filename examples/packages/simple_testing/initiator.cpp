#include "initiator.hpp"

#include <cstdio>

namespace simple_testing {

namespace {

using troupe::address;
using troupe::json;

constexpr troupe::seconds step_time{10};

std::string two_digits(std::int64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%02lld", static_cast<long long>(number));
  return text;
}

std::string refusal(const std::string& what, const troupe::message& answer) {
  return what + " was answered " + answer.command() + " " + answer.body().dump();
}

} // namespace

void initiator::describe(troupe::class_builder<initiator>& builder) {
  builder.doc("Builds a ring of retransmitters over several processes and starts a message in it.")
    .param("group_count", &initiator::group_count_, "Processes; the own one is the first")
    .param("group_size", &initiator::group_size_, "Retransmitters in each process")
    .on("start", &initiator::start, "-> started | not_started {reason}");
}

troupe::async<troupe::reply> initiator::start() {
  if (group_count_ < 1 || group_size_ < 1) {
    co_return troupe::reply("not_started", json{{"reason", "group_count and group_size must be at least 1"}});
  }
  ring_.clear();
  std::string reason = co_await create_group(ctx().node(), "retransmitter_main_");
  for (std::int64_t i = 0; reason.empty() && i < group_count_ - 1; ++i) {
    const auto answer = co_await ctx().ask(address::admin_of(ctx().head()), "create_process", nullptr, step_time);
    const auto& body = answer->body();
    if (!answer->is("actor_is_created") || !body.is_object() || !body.contains("node") || !body["node"].is_string()) {
      reason = refusal("create_process", *answer);
      break;
    }
    reason = co_await create_group(body["node"].get<std::string>(), "retransmitter_" + two_digits(i) + "_");
  }
  if (reason.empty()) {
    reason = co_await link();
  }
  if (!reason.empty()) {
    co_return troupe::reply("not_started", json{{"reason", reason}});
  }
  (void)ctx().send(ring_.front(), "start_test");
  co_return "started";
}

troupe::async<std::string> initiator::create_group(std::string node, std::string prefix) {
  const json class_desc{{"requires_dist", TROUPE_PACKAGE_NAME " ==" TROUPE_PACKAGE_VERSION},
                        {"class", "Retransmitter"}};
  std::vector<troupe::request> requests;
  for (std::int64_t j = 0; j < group_size_; ++j) {
    ring_.push_back(prefix + two_digits(j));
    requests.push_back({.recipient = address::admin_of(node),
                        .command = "create_actor",
                        .body = json{{"class_desc", class_desc}, {"name", ring_.back()}}});
  }
  const auto answers = co_await ctx().group_ask(std::move(requests), step_time);
  for (const auto& one : answers) {
    if (!one.message->is("actor_is_created")) {
      co_return refusal("create_actor on " + node, *one.message);
    }
  }
  co_return "";
}

troupe::async<std::string> initiator::link() {
  std::vector<troupe::request> requests;
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const json params = json::array({json{{"name", "consumer"}, {"value", ring_[(i + 1) % ring_.size()]}},
                                     json{{"name", "first"}, {"value", i == 0}}});
    requests.push_back({.recipient = address{ring_[i]}, .command = "set_params", .body = json{{"params", params}}});
  }
  const auto answers = co_await ctx().group_ask(std::move(requests), step_time);
  for (const auto& one : answers) {
    if (!one.message->is("params_are_set")) {
      co_return refusal("set_params of " + one.recipient.to_string(), *one.message);
    }
  }
  co_return "";
}

} // namespace simple_testing
