// Emptying a process: every actor that can move goes to other processes, and those that cannot are named.
#include "actors/admin/process_admin.hpp"

#include "runtime/node/node_options.hpp"

#include <algorithm>
#include <expected>
#include <utility>

#include <fmt/format.h>

namespace troupe {

namespace {

constexpr seconds listing_time{5};
constexpr std::size_t most_at_once = 8;

reply not_drained(const std::string& reason) { return {"process_is_not_drained", json{{"reason", reason}}}; }

/// The names in `to`; none if it is not given. Fails with an answer.
std::expected<std::vector<std::string>, reply> wanted_targets(const json& body, const std::string& self) {
  std::vector<std::string> out;
  if (!body.is_object() || !body.contains("to") || body["to"].is_null()) {
    return out;
  }
  const auto& to = body["to"];
  const auto is_other = [&](const json& node) { return node.is_string() && node != "" && node != self; };
  if (!to.is_array() || to.empty() || !std::ranges::all_of(to, is_other)) {
    return std::unexpected(reply::bad_request("to", "an array of nodes, without the one to empty"));
  }
  for (const auto& node : to) {
    out.push_back(node.get<std::string>());
  }
  return out;
}

} // namespace

/// One emptying of this process, the running or the last one. In the admin's turn only.
struct process_admin::drain_run {
  std::vector<std::string> names; ///< still to try, the next one last
  std::vector<std::string> targets;
  std::size_t turn = 0;  ///< of the targets
  std::size_t total = 0; ///< without those that were removed, or moved by somebody else, before their turn
  std::size_t moved = 0;
  std::size_t moving = 0;
  json not_moved = json::array();
  bool is_running = true;
  responder answer;
  poster post;

  void keep_back(const std::string& name, const std::string& reason) {
    not_moved.push_back(json{{"name", name}, {"reason", reason}});
  }
};

/// `{node?, to?}`: moves the actors of a process to others, a few at a time. What comes meanwhile is not concerned.
reply process_admin::drain_process(const message& what) {
  const auto& body = what.body();
  if (!body.is_null() && !body.is_object()) {
    return reply::bad_request("node", "{node?, to?}");
  }
  if (body.is_object() && body.contains("node") && !body["node"].is_null()) {
    if (!body["node"].is_string() || body["node"].get_ref<const std::string&>().empty()) {
      return reply::bad_request("node", "the node to empty, or nothing for this one");
    }
    if (body["node"] != ctx().node()) {
      const address there{body["node"].get<std::string>(), std::string{local_admin_entity}};
      const auto passed = ctx().forward(what, there);
      return passed ? reply::later() : not_drained(passed.error().text);
    }
  }
  auto targets = wanted_targets(body, ctx().node());
  if (!targets) {
    return std::move(targets.error());
  }
  if (ending_) {
    return not_drained(ctx().node() + " is ending");
  }
  if (drain_ && drain_->is_running) {
    return not_drained(fmt::format("{} is being emptied already: {} of {} actors have been tried", ctx().node(),
                                   drain_->moved + drain_->not_moved.size(), drain_->total));
  }
  drain_ = std::make_shared<drain_run>();
  auto& run = *drain_;
  run.targets = std::move(*targets);
  run.names = ports_.node.actor_names();
  run.total = run.names.size();
  run.answer = ctx().promise();
  run.post = ctx().make_poster();
  // An actor that waits for this answer can never be stopped between two messages.
  std::erase_if(run.names, [&](const std::string& name) {
    const bool waits = std::ranges::any_of(what.trace(), [&](const trace_hop& hop) { return hop.actor == name; });
    if (waits) {
      run.keep_back(name, "it waits for the answer to drain_process");
    }
    return waits;
  });
  std::ranges::sort(run.names, std::ranges::greater{});
  if (run.names.empty() || !run.targets.empty()) {
    drain_on();
    return reply::later();
  }
  request question{address::admin_of(ctx().head()), "get_local_nodes", nullptr, listing_time, {}, {}};
  ctx().ask_then(std::move(question), [this](const message_ptr& nodes) { drain_to(nodes); });
  return reply::later();
}

/// Nobody has named the targets: they are the other processes of this host.
void process_admin::drain_to(const message_ptr& nodes) {
  auto& run = *drain_;
  std::string reason;
  if (nodes->is("local_nodes") && nodes->body().is_array()) {
    for (const auto& node : nodes->body()) {
      if (node.is_string() && node != ctx().node()) {
        run.targets.push_back(node.get<std::string>());
      }
    }
    reason = "there is no other process to move to; create_process makes one";
  } else {
    reason = "the head did not say which processes there are: " + nodes->command();
  }
  if (!run.targets.empty()) {
    drain_on();
    return;
  }
  run.is_running = false;
  std::exchange(run.answer, {})(not_drained(reason));
}

/// Begins as many moves as may run at once; the answer comes with the end of the last one.
void process_admin::drain_on() {
  auto& run = *drain_;
  while (run.moving < most_at_once && !run.names.empty()) {
    const auto name = std::move(run.names.back());
    run.names.pop_back();
    auto desc = ports_.node.desc_of(name);
    if (!desc) {
      --run.total;
      continue;
    }
    move_order order;
    order.name = name;
    order.target = run.targets[run.turn++ % run.targets.size()];
    order.desc = std::move(*desc);
    ++run.moving;
    ports_.node.move_actor(std::move(order), [this, name, post = run.post](const move_end& end) {
      post([this, name, end] { drained(name, end); });
    });
  }
  if (run.moving > 0) {
    return;
  }
  run.is_running = false;
  json out{{"node", ctx().node()}, {"moved", run.moved}, {"not_moved", run.not_moved}};
  std::exchange(run.answer, {})(reply{"process_is_drained", std::move(out)});
}

void process_admin::drained(const std::string& name, const move_end& end) {
  auto& run = *drain_;
  --run.moving;
  switch (end.how) {
  case move_end::kind::moved:
    ++run.moved;
    break;
  case move_end::kind::not_moved:
    run.keep_back(name, end.reason);
    break;
  case move_end::kind::undecided:
    run.keep_back(name, "undecided: " + (end.reason.empty() ? "the outcome is not known yet" : end.reason));
    break;
  }
  drain_on();
}

/// How far the emptying of this process is, or how the last one ended.
reply process_admin::get_drain() {
  const drain_run none{};
  const auto& run = drain_ ? *drain_ : none;
  return {"drain", json{{"node", ctx().node()},
                        {"running", drain_ != nullptr && run.is_running},
                        {"total", run.total},
                        {"moved", run.moved},
                        {"not_moved", run.not_moved}}};
}

} // namespace troupe
