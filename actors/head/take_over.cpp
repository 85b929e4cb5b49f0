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
  for (const auto& left : ports_.left) {
    auto added = nodes_.take_over(left.node, left.incarnation, left.pid);
    auto adopted = added ? ports_.nodes.adopt(left) : std::unexpected(added.error());
    if (!adopted) {
      ctx().log(log_level::error, fmt::format("{} was not taken over: {}", left.node, adopted.error().text));
      if (added) {
        nodes_.remove(left.node);
      }
      ports_.names.end_census(left.node);
      continue;
    }
    if (left.node != ports_.plan.main_node()) {
      (void)ports_.names.adopt(left.node, place{left.node, {}});
    }
    ++unsettled_;
    nodes_.find(left.node)->on_up = [this, node = left.node, incarnation = left.incarnation](const result<>& up) {
      if (up) {
        take_census(node, incarnation, "");
      } else {
        settle(node); // it has died
      }
    };
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
  ctx().log(log_level::info, fmt::format("{} nodes of the last daemon live on, with {} names", nodes_.all().size(),
                                         ports_.names.size()));
  (void)ctx().send(address{ctx().node(), "troupe.directory"}, "names_are_settled");
}

void head_admin::take_census(const std::string& node, std::uint32_t incarnation, const std::string& from) {
  request what{address{node, "troupe.admin"}, "census", json{{"from", from}}, census_time, {}, {}};
  ctx().ask_then(std::move(what),
                 [this, node, incarnation](const message_ptr& answer) { census_came(node, incarnation, *answer); });
}

void head_admin::census_came(const std::string& node, std::uint32_t incarnation, const message& answer) {
  auto* record = nodes_.find(node);
  if (record == nullptr || record->incarnation != incarnation) {
    settle(node);
    return;
  }
  const auto& body = answer.body();
  if (!answer.is("census_is_taken") || !body.is_object()) {
    record->verdict = "it did not tell what lives in it (" + answer.command() + ")";
    record->on_end.push_back([this, node](bool) { settle(node); });
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
    settle(node);
  }
}

void head_admin::adopt_names(const std::string& node, const json& actors) {
  for (const auto& one : actors) {
    const auto name = one.value("name", "");
    const auto since = epoch::from_json(one.value("epoch", json(nullptr)));
    const auto other = name.empty() ? std::nullopt : ports_.names.adopt(name, place{node, since});
    if (other) {
      ctx().log(log_level::error, fmt::format("{} lives twice; the one on {} is the older one and is removed", name, *other));
      ctx().ask_then(request{address{*other, "troupe.admin"}, "remove_actor", json{{"name", name}}, removal_time, {}, {}},
                     [](const message_ptr&) {});
    }
  }
}

void head_admin::settle(const std::string& node) {
  ports_.names.end_census(node);
  if (--unsettled_ == 0) {
    if (auto go_on = std::exchange(on_settled_, nullptr)) {
      go_on();
    }
  }
}

} // namespace troupe
