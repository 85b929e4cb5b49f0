// What the head's admin does after a daemon that was killed: it takes over the nodes that live on, and learns from them
// which names there are.
#include "actors/head/head_admin.hpp"

#include <fmt/format.h>

namespace troupe {

namespace {
constexpr seconds census_time{5};
constexpr seconds removal_time{5};
} // namespace

/// Ends when each node has told its names or is dead. Until then no name is given away and none is called absent.
async<> head_admin::take_over() {
  auto& names = ports_.books.actors.names();
  for (const auto& left : ports_.left) {
    auto* record = nodes_.find(left.node);
    const bool is_written = record != nullptr;
    if (!is_written) {
      // Started in the last moments of the last daemon, and not written down any more.
      if (auto added = nodes_.take_over(left.node, left.incarnation, left.pid)) {
        record = *added;
        (void)ports_.books.actors.reserve_node(left.node);
      }
    }
    auto adopted = record != nullptr ? ports_.nodes.adopt(left) : fail(error_code::bad_request, "it is of another host");
    if (!adopted) {
      ctx().log(log_level::error, fmt::format("{} was not taken over: {}", left.node, adopted.error().text));
      names.end_census(left.node);
      if (record != nullptr && !is_written) {
        ports_.books.actors.release_node(left.node);
        nodes_.remove(left.node);
      }
      continue; // what was written down is started again
    }
    record->came_up = true;
    record->incarnation = left.incarnation;
    record->pid = left.pid;
    record->adopted = true;
    record->state = node_record::condition::starting;
    ports_.books.store.put_process(record->row());
    ++unsettled_;
    record->on_up = [this, node = left.node, incarnation = left.incarnation](const result<>& up) {
      if (up) {
        take_census(node, incarnation, "");
      } else {
        settle(node, false); // it has died
      }
    };
  }
  if (nodes_.next_number() != 0) {
    ports_.books.store.set_next_number(nodes_.next_number());
  }
  struct settled_wait {
    head_admin& head;
    bool await_ready() const noexcept { return head.unsettled_ == 0; }
    void await_suspend(std::coroutine_handle<> caller) {
      head.on_settled_ = [caller] { caller.resume(); };
    }
    void await_resume() const noexcept {}
  };
  co_await settled_wait{*this};
  ctx().log(log_level::info, fmt::format("{} nodes of the last daemon live on; there are {} names", ports_.left.size(),
                                         names.size()));
  (void)ctx().send(address{ctx().node(), "troupe.directory"}, "names_are_settled");
}

void head_admin::take_census(const std::string& node, std::uint32_t incarnation, const std::string& from) {
  request what{address{node, "troupe.admin"}, "census", json{{"from", from}}, census_time, {}, {}};
  ctx().ask_then(std::move(what),
                 [this, node, incarnation](const message_ptr& answer) { census_came(node, incarnation, *answer); });
}

void head_admin::census_came(const std::string& node, std::uint32_t incarnation, const message& answer) {
  auto* record = nodes_.find(node);
  if (record == nullptr || record->incarnation != incarnation || record->state != node_record::condition::up) {
    settle(node, false);
    return;
  }
  const auto& body = answer.body();
  if (!answer.is("census_is_taken") || !body.is_object()) {
    record->verdict = "it did not tell what lives in it (" + answer.command() + ")";
    record->on_up = [this, node](const result<>&) { settle(node, false); };
    ports_.nodes.kill(node);
    return;
  }
  adopt_names(node, body.value("actors", json::array()));
  const auto services = body.value("services", json::object());
  for (const auto& [name, service] : services.items()) {
    if (node == ports_.plan.main_node() || !services_.contains(name)) {
      services_[name] = service;
    }
  }
  if (const auto next = body.value("next", json(nullptr)); next.is_string()) {
    take_census(node, incarnation, next.get<std::string>());
  } else {
    settle(node, true);
  }
}

void head_admin::adopt_names(const std::string& node, const json& actors) {
  for (const auto& one : actors) {
    const auto name = one.value("name", "");
    const auto since = epoch::from_json(one.value("epoch", json(nullptr)));
    const actor_kind kind{one.value("class_desc", json(nullptr)), one.value("supervision", json(nullptr)), false};
    const auto other = name.empty() ? std::nullopt : ports_.books.actors.adopt(name, node, since, kind);
    if (other) {
      ctx().log(log_level::error, fmt::format("{} lives twice; the one on {} is the older one and is removed", name, *other));
      ctx().ask_then(request{address{*other, "troupe.admin"}, "remove_actor", json{{"name", name}}, removal_time, {}, {}},
                     [](const message_ptr&) {});
    }
  }
}

/// `lives`: all that is in this node is known. Else its process died, and it is started again as after any death.
void head_admin::settle(const std::string& node, bool lives) {
  ports_.books.actors.names().end_census(node);
  if (lives) {
    for (const auto& name : ports_.books.actors.drop_unconfirmed(node)) {
      ctx().log(log_level::warning, fmt::format("{} is written down and does not live in {}; its name is released", name, node));
    }
    ports_.books.unsettled.settle(node);
  }
  if (--unsettled_ == 0) {
    if (auto go_on = std::exchange(on_settled_, nullptr)) {
      go_on();
    }
  }
}

} // namespace troupe
