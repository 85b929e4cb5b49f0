// What local_node does around its route table (runtime/node/routing.cpp), step for step.
#include "tests/unit/move/model/world.hpp"

#include <algorithm>

namespace troupe::move_model {

namespace {
/// Who was waiting for the end of a passing on; filled by the functions that the tables keep, which must not refer to a
/// node because nodes are copied.
thread_local std::vector<std::uint16_t> freed_tickets;

bool is_marker(const message& what) { return frame_of(what).what == kind::marker; }
} // namespace

model_node::model_node(id self, bool alive) : self(self), alive(alive), routes(node_name(self)) {
  routes.released = [this](const std::string& name) {
    for (auto& one : cells) {
      one.guarded = one.guarded && actor_name(one.name) != name;
    }
  };
}

model_node::model_node(const model_node& other)
  : self(other.self), alive(other.alive), up(other.up), gone(other.gone), routes(other.routes), cells(other.cells),
    replicas(other.replicas), jobs(other.jobs), asks(other.asks), prepares(other.prepares), pendings(other.pendings),
    system_lane(other.system_lane), inbox(other.inbox), next_number(other.next_number), next_ask(other.next_ask),
    next_ticket(other.next_ticket) {
  routes.released = [this](const std::string& name) {
    for (auto& one : cells) {
      one.guarded = one.guarded && actor_name(one.name) != name;
    }
  };
}

cell* model_node::find(id name) {
  auto at = std::ranges::find(cells, name, &cell::name);
  return at == cells.end() ? nullptr : &*at;
}

const cell* model_node::find(id name) const {
  auto at = std::ranges::find(cells, name, &cell::name);
  return at == cells.end() ? nullptr : &*at;
}

replica* model_node::replica_of(id name) {
  auto at = std::ranges::find(replicas, name, &replica::name);
  return at == replicas.end() ? nullptr : &*at;
}

bool model_node::deliver(world& in, id name, const message_ptr& what, bool own) {
  auto* found = find(name);
  if (found == nullptr || (own && found->guarded)) {
    return false;
  }
  const bool works = in.options.frozen_answers || !(found->frozen || found->freezing);
  if (is_marker(*what) && works) {
    answer_marker(in, name, *what, true, found->since);
  } else {
    found->mailbox.push_back(what);
  }
  return true;
}

bool model_node::hold(id name, held_message& what) {
  auto* one = replica_of(name);
  if (one == nullptr) {
    return false;
  }
  if (!one->complete && node_of(what.from) == one->from) {
    one->mailbox.push_back(what.what);
  } else {
    one->others.push_back(what);
  }
  return true;
}

bool model_node::bring_home(world& in, id name, held_message& held) {
  if (is_marker(*held.what) && find(name) != nullptr) {
    pending again{pending::what::later, frame_of(*held.what), node_of(held.from)};
    again.data.name = name;
    pendings.push_back(again);
    return true;
  }
  return deliver(in, name, held.what, false) || hold(name, held);
}

result<> model_node::send_along(world& in, id name, id node, const message_ptr& what, bool own) {
  auto data = frame_of(*what);
  data.name = name;
  if (data.what == kind::marker) {
    if (data.from == self) {
      for (auto& ask : asks) {
        ask.waits_at = ask.number == data.number ? node : ask.waits_at;
      }
    } else if (!own && in.options.deaths != 0) {
      in.send(self, data.from, {.what = kind::waits_at, .from = data.from, .node = node, .number = data.number});
    }
  }
  return in.send(self, node, data);
}

route_table::sender model_node::sender(world& in, id name) {
  return [this, &in, name](const std::string& node, held_message& held) {
    return send_along(in, name, node_of(node), held.what, held.from.empty());
  };
}

route_table::home model_node::home(world& in, id name) {
  return [this, &in, name](held_message& held) { return bring_home(in, name, held); };
}

void model_node::send_own(world& in, id name, const message_ptr& what) {
  while (!deliver(in, name, what, true)) {
    result<> sent;
    route_work work;
    const auto is_here = [this, name] {
      const auto* found = find(name);
      return found != nullptr && !found->guarded;
    };
    const auto way = routes.pass_own(actor_name(name), held_message{what, lane::ordinary, {}}, is_here, sender(in, name), sent,
                                     work);
    if (way == route_table::way::here) {
      continue;
    }
    finish(in, name, work);
    if (!sent) {
      routes.forget(actor_name(name), {});
      refused(in, what, false);
    }
    return;
  }
}

void model_node::pass_on(world& in, id name, const message_ptr& what, id from) {
  held_message held{what, lane::answer, node_name(from)};
  if (deliver(in, name, what, false)) {
    return;
  }
  result<> sent;
  route_work work;
  (void)routes.pass_on(actor_name(name), std::move(held), home(in, name), sender(in, name), sent, work);
  finish(in, name, work, from);
  if (!sent) {
    refused(in, what, false);
  }
}

/// A marker is answered; `ok` false: nobody has the name, or it could not be sent.
void model_node::answer_marker(world& in, id name, const message& what, bool ok, std::uint8_t since) {
  const auto data = frame_of(what);
  frame answer{.what = kind::flushed, .name = name, .from = data.from, .node = self, .since = since, .ok = ok,
               .number = data.number};
  if (data.from == self) {
    flushed(in, answer);
  } else {
    (void)in.send(self, data.from, answer);
  }
}

/// Could not be sent, or nobody has the name (`lost`).
void model_node::refused(world& in, const message_ptr& what, bool lost) {
  if (is_marker(*what)) {
    answer_marker(in, frame_of(*what).name, *what, false, 0);
  } else if (lost) {
    in.homeless |= in.bit_of(frame_of(*what));
  } else {
    in.refused |= in.bit_of(frame_of(*what));
  }
}

void model_node::finish(world& in, id name, route_work& work, id from) {
  for (const auto& marker : work.markers) {
    pending send{pending::what::marker, {.name = name, .node = node_of(marker.node)}, from, marker.serial, from != nobody};
    if (in.options.late_markers && from != nobody) {
      pendings.push_back(send);
    } else {
      send_marker(in, send);
    }
  }
  if (!work.tell.empty()) {
    (void)in.send(self, node_of(work.tell),
                  {.what = kind::route, .name = name, .node = node_of(work.place), .since = counter_of(work.since)});
  }
  if (work.look_up) {
    (void)in.send(self, head, {.what = kind::find, .name = name});
  }
  for (auto& [held, why] : work.failed) {
    refused(in, held.what, false);
  }
  for (const auto& held : work.homeless) {
    if (!held.from.empty()) {
      (void)in.send(self, node_of(held.from), {.what = kind::route, .name = name});
    }
    refused(in, held.what, true);
  }
  for (const auto& waiting : work.freed) {
    waiting();
  }
  for (auto ticket : std::exchange(freed_tickets, {})) {
    attempt(in, ticket);
  }
}

void model_node::send_marker(world& in, const pending& what) {
  const auto number = ++next_ask;
  const auto name = what.data.name;
  asks.push_back({number, name, what.serial, 0, nobody});
  const frame marker{.what = kind::marker, .name = name, .from = self, .number = number};
  if (in.options.skip_marker_wait) {
    flushed(in, {.what = kind::flushed, .name = name, .from = self, .node = in.owner(name), .since = in.since(name),
                 .number = number});
    return;
  }
  if (auto sent = send_along(in, name, what.data.node, message_of(marker), true); !sent) {
    flushed(in, {.what = kind::flushed, .name = name, .from = self, .ok = 0, .number = number});
  }
}

void model_node::flushed(world& in, const frame& what) {
  auto at = std::ranges::find(asks, what.number, &open_ask::number);
  if (at == asks.end()) {
    return;
  }
  const auto ask = *at;
  asks.erase(at);
  if (ask.serial == 0) {
    // "There is no such actor" is an answer too: then nothing is under way.
    system_lane.emplace_back(frame{.what = kind::flushed, .ok = what.count == 0, .number = ask.job}, self);
    return;
  }
  route_work work;
  routes.flushed(actor_name(ask.name), ask.serial, what.ok != 0, what.ok != 0 ? node_name(what.node) : "",
                 epoch_of(what.since), sender(in, ask.name), home(in, ask.name), work);
  finish(in, ask.name, work);
}

void model_node::lose_ask(world& in, std::size_t at, bool timed_out) {
  const auto ask = asks[at];
  flushed(in, {.what = kind::flushed, .name = ask.name, .from = self, .ok = 0, .count = timed_out, .number = ask.number});
}

void model_node::resolved(world& in, const frame& what) {
  const bool found = what.ok != 0 && what.node != self;
  route_work work;
  routes.resolved(actor_name(what.name), found ? node_name(what.node) : "", epoch_of(what.since), sender(in, what.name),
                  home(in, what.name), work);
  finish(in, what.name, work, head);
}

void model_node::control(world& in, const frame& what, id from) {
  if (what.what == kind::waits_at) {
    for (auto& ask : asks) {
      ask.waits_at = ask.number == what.number ? what.node : ask.waits_at;
    }
    return;
  }
  route_work work;
  const auto& name = actor_name(what.name);
  if (in.options.hop_changes && what.node != nobody && what.node != self) {
    routes.each([&](const std::string&, const auto& known) {
      if (!known.next_hop.empty()) {
        in.planted = true;
      }
    });
    if (std::exchange(in.planted, false)) {
      routes.end_leave(name, node_name(what.node), epoch_of(what.since), sender(in, what.name), work);
    }
  }
  routes.told(name, node_name(what.node), epoch_of(what.since), node_name(from), work);
  finish(in, what.name, work, from);
}

void model_node::link_ended(world& in, id node) {
  route_work work;
  work.freed = routes.forget_node(node_name(node));
  finish(in, target_actor, work);
  for (bool again = true; again;) {
    auto at = std::ranges::find(asks, node, &open_ask::waits_at);
    again = at != asks.end();
    if (again) {
      lose_ask(in, static_cast<std::size_t>(at - asks.begin()), false);
    }
  }
  for (auto& one : jobs) {
    if (one.target == node) {
      for (const auto [bit, answer] : {std::pair{1, kind::prepared}, std::pair{2, kind::ready}, std::pair{4, kind::resumed}}) {
        if ((one.asks & bit) != 0) {
          system_lane.emplace_back(frame{.what = answer, .ok = 0, .number = one.number}, node);
        }
      }
      one.asks = 0;
    }
  }
}

void model_node::settle_here(world& in, id name, const std::function<bool(bool)>& settle) {
  route_work work;
  routes.arrive(actor_name(name), settle, work);
  finish(in, name, work);
}

void model_node::end_leave(world& in, const pending& what) {
  route_work work;
  routes.end_leave(actor_name(what.data.name), node_name(what.data.node), epoch_of(what.data.since),
                   sender(in, what.data.name), work);
  finish(in, what.data.name, work);
}

void model_node::attempt(world& in, std::uint16_t ticket) {
  auto at = std::ranges::find(prepares, ticket, &prepare_order::ticket);
  if (at == prepares.end()) {
    return;
  }
  const auto order = *at;
  bool ok = true;
  auto claim = [&] {
    ok = find(order.what.name) == nullptr && replica_of(order.what.name) == nullptr;
    if (ok) {
      replicas.push_back({order.what.name, order.from, order.what.number, order.what.since, false, {}, {}, {}});
    }
  };
  bool taken = routes.may_take(actor_name(order.what.name), claim, [ticket] { freed_tickets.push_back(ticket); });
  if (!taken && in.options.always_may_take) {
    claim();
    taken = true;
  }
  if (taken) {
    std::erase_if(prepares, [&](const auto& one) { return one.ticket == ticket; });
    (void)in.send(self, order.from, {.what = kind::prepared, .name = order.what.name, .ok = ok, .number = order.what.number});
  }
}

} // namespace troupe::move_model
