// The part of local_node that decides where a message goes.
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_table.hpp"

#include <charconv>
#include <limits>
#include <vector>

namespace troupe {

namespace {


std::uint64_t ask_number(const std::string& entity) {
  std::uint64_t number = 0;
  std::from_chars(entity.data() + 1, entity.data() + entity.size(), number);
  return number;
}

error mailbox_is_full(std::string_view name) {
  return error{error_code::mailbox_full, "the mailbox of " + std::string{name} + " is full"};
}

} // namespace

result<> local_node::route(message_ptr what, lane credit, const std::string* from) {
  const auto& to = what->recipient();
  const bool here = to.node.empty() || to.node == options_.node;
  if (to.is_ask()) {
    return here ? to_ask(what) : to_node(to.node, what, lane::answer, from);
  }
  if (is_internal_name(to.entity)) {
    return here ? to_local(to.entity, what, from) : to_node(to.node, what, credit, from);
  }
  // An admin is addressed by its node's name, or by no entity at all.
  const auto& admin = to.entity.empty() ? (to.node.empty() ? options_.node : to.node) : to.entity;
  if (admin == options_.node) {
    return to_local(local_admin_entity, what, from);
  }
  if (admin == options_.head) {
    return options_.node == options_.daemon_node ? to_local(local_admin_entity, what, from)
                                                 : to_node(options_.daemon_node, what, credit, from);
  }
  if (to.entity.empty()) {
    return admin == options_.daemon_node ? to_node(admin, what, credit, from) : to_name(admin, what, credit, from);
  }
  return to_name(to.entity, what, credit, from);
}

result<> local_node::to_ask(const message_ptr& what) {
  asks_.answer(ask_number(what->recipient().entity), what);
  return {};
}

result<> local_node::to_local(std::string_view name, const message_ptr& what, const std::string* from) {
  switch (names_.deliver(name, what, options_.mailbox_limit, false)) {
  case name_table::delivery::done:
    delivered_.fetch_add(1, std::memory_order_relaxed);
    return {};
  case name_table::delivery::full:
    return refused(*what, mailbox_is_full(name), from);
  default:
    bounce(*what, "actor_is_not_found", json{{"mid", what->mid()}, {"entity", name}}, "not_found");
    return {};
  }
}

/// A marker has followed all that was sent by its way to `name`, which is here: the sender may change the way. An actor
/// that stands still for a move answers later and from its mailbox, for that may be somewhere else by then than what
/// follows. The marker of an actor that moves too does not wait for one of a smaller name, so that no two wait for each other.
bool local_node::answer_marker(const std::string& name, const message& what) {
  if (!what.is(flush_command)) {
    return false;
  }
  auto cell = names_.find(name);
  if (!cell) {
    return false;
  }
  if (cell->is_freezing()) {
    const auto& body = what.body();
    const bool moves = body.is_object() && body.contains("for") && body["for"].is_string();
    if (!moves || body["for"].get_ref<const std::string&>() <= name) {
      return false;
    }
    answer(what, reply{"flush_is_refused", json{{"reason", name + " moves too"}}});
    return true;
  }
  answer(what, reply{"flushed", json{{"node", options_.node}, {"epoch", cell->since().to_json()}}});
  return true;
}

/// Tells whoever must know that a message could not be accepted: the caller, or for what came over a link the sender.
result<> local_node::refused(const message& what, error why, const std::string* from) {
  if (from == nullptr) {
    return std::unexpected(std::move(why));
  }
  const bool full = why.code == error_code::mailbox_full;
  bounce(what, full ? "mailbox_full" : "actor_has_failed", json{{"reason", why.text}, {"mid", what.mid()}},
         full ? "mailbox_full" : "node_is_down");
  return {};
}

result<> local_node::to_node(const std::string& node, const message_ptr& what, lane credit, const std::string* from) {
  const auto& sender = what->sender();
  if (sender.is_ask()) {
    if (sender.node == options_.node) {
      asks_.waits_at(ask_number(sender.entity), node);
    } else if (from != nullptr) {
      peers_->tell(sender.node, json{{"t", "moved"}, {"ask", ask_number(sender.entity)}, {"node", node}});
    }
  }
  auto sent = peers_->send(node, what, credit);
  if (!sent) {
    return refused(*what, std::move(sent.error()), from);
  }
  return {};
}

result<> local_node::to_name(const std::string& name, const message_ptr& what, lane credit, const std::string* from) {
  if (from != nullptr) {
    return pass_on(name, what, *from);
  }
  const auto send = [this](const std::string& node, held_message& held) { return send_along(node, held); };
  while (true) {
    switch (names_.deliver(name, what, options_.mailbox_limit, true)) {
    case name_table::delivery::done:
      delivered_.fetch_add(1, std::memory_order_relaxed);
      return {};
    case name_table::delivery::full:
      return std::unexpected(mailbox_is_full(name));
    default:
      break;
    }
    result<> sent;
    route_work work;
    const auto way = routes_.pass_own(name, held_message{what, credit, {}}, [&] { return names_.is_open(name); }, send,
                                      sent, work);
    if (way == route_table::way::here) {
      continue;
    }
    finish(name, work);
    if (way == route_table::way::full) {
      return fail(error_code::mailbox_full, "too many messages wait for the place of " + name);
    }
    if (!sent && sent.error().code != error_code::mailbox_full) {
      routes_.forget(name, {});
    }
    return sent;
  }
}

/// A marker finds room in any mailbox: its loss would cost the order of what follows.
std::uint32_t local_node::limit_of(const message& what) const {
  return what.is(flush_command) ? std::numeric_limits<std::uint32_t>::max() : options_.mailbox_limit;
}

/// What came over a link for a name: it is here, a replica of it is made here, or it has left.
result<> local_node::pass_on(const std::string& name, const message_ptr& what, const std::string& from) {
  held_message held{what, lane::answer, from};
  if (what->is(flush_command) && answer_marker(name, *what)) {
    return {};
  }
  switch (names_.deliver(name, what, limit_of(*what), false)) {
  case name_table::delivery::done:
    delivered_.fetch_add(1, std::memory_order_relaxed);
    if (what->sender().is_ask() && what->sender().node != from) {
      is_here(*what);
    }
    return {};
  case name_table::delivery::full:
    return refused(*what, mailbox_is_full(name), &from);
  default:
    break;
  }
  result<> sent;
  route_work work;
  const auto way = routes_.pass_on(
    name, std::move(held), [&](held_message& one) { return bring_home(name, one); },
    [this](const std::string& node, held_message& one) { return send_along(node, one); }, sent, work);
  finish(name, work);
  if (way == route_table::way::full) {
    return refused(*what, error{error_code::mailbox_full, "too many messages wait for the place of " + name}, &from);
  }
  return sent ? sent : refused(*what, std::move(sent.error()), &from);
}

/// A question that was passed on has arrived: its asker learns that it waits here, and nowhere else.
void local_node::is_here(const message& what) {
  const auto& sender = what.sender();
  if (!sender.is_ask()) {
    return;
  }
  if (sender.node == options_.node) {
    asks_.waits_at(ask_number(sender.entity), options_.node);
  } else {
    peers_->tell(sender.node, json{{"t", "here"}, {"ask", ask_number(sender.entity)}});
  }
}

/// Gives a message to the actor or the replica of this name, if one is here. Under the lock of the name's ways.
bool local_node::bring_home(const std::string& name, held_message& held) {
  if (held.what->is(flush_command) && names_.find(name)) {
    later([this, name, what = held.what, from = held.from] { (void)pass_on(name, what, from); });
    return true;
  }
  switch (names_.deliver(name, held.what, options_.mailbox_limit, false)) {
  case name_table::delivery::done:
    delivered_.fetch_add(1, std::memory_order_relaxed);
    return true;
  case name_table::delivery::full:
    later([this, what = held.what, from = held.from, name] { (void)refused(*what, mailbox_is_full(name), &from); });
    return true;
  default:
    return replicas_.hold(name, held);
  }
}

/// Sends a message to a node; who asked hears where its question waits now.
result<> local_node::send_along(const std::string& node, held_message& held) {
  const auto& sender = held.what->sender();
  if (sender.is_ask()) {
    if (sender.node == options_.node) {
      asks_.waits_at(ask_number(sender.entity), node);
    } else if (!held.from.empty()) {
      peers_->tell(sender.node, json{{"t", "moved"}, {"ask", ask_number(sender.entity)}, {"node", node}});
    }
  }
  return peers_->send(node, held.what, held.credit);
}

/// Does what a call of the route table left to do.
void local_node::finish(const std::string& name, route_work& work) {
  static const std::string nobody;
  for (const auto& marker : work.markers) {
    send_marker(name, marker);
  }
  if (!work.tell.empty()) {
    peers_->tell(work.tell,
                 json{{"t", "route"}, {"name", name}, {"node", work.place}, {"epoch", work.since.to_json()}});
  }
  if (work.look_up) {
    resolve(name);
  }
  for (auto& [held, why] : work.failed) {
    (void)refused(*held.what, std::move(why), &nobody);
  }
  for (const auto& held : work.homeless) {
    absent(held, name);
  }
  for (const auto& waiting : work.freed) {
    waiting();
  }
}

/// A marker goes to a node directly, whatever is believed of the name by now.
void local_node::send_marker(const std::string& name, const flush_marker& marker) {
  constexpr double patience_s = 30;
  const auto number = asks_.next_number();
  message_fields fields;
  fields.command = flush_command;
  fields.recipient = address{marker.node, name};
  fields.sender = address{options_.node, "_" + std::to_string(number)};
  fields.timeout_s = patience_s;
  auto question = make_message(std::move(fields));
  auto failed = [this, question](std::string command) {
    message_fields answer;
    answer.command = std::move(command);
    answer.recipient = question->sender();
    return make_message(std::move(answer));
  };
  asks_.open(
    number, patience_s,
    [this, name, serial = marker.serial](const message_ptr& answer) { marker_came_back(name, serial, *answer); },
    [failed] { return failed("timer"); });
  held_message held{question, lane::answer, {}};
  if (auto sent = send_along(marker.node, held); !sent) {
    asks_.answer(number, failed("actor_has_failed"));
  }
}

void local_node::marker_came_back(const std::string& name, std::uint64_t serial, const message& answer) {
  constexpr seconds pause{0.05};
  const bool ok = answer.is("flushed");
  if (!ok && !answer.is("actor_is_not_found")) {
    log(log_level::debug, "a marker to " + name + " was lost: " + answer.command());
  }
  const auto send = [this](const std::string& node, held_message& held) { return send_along(node, held); };
  const auto home = [&](held_message& held) { return bring_home(name, held); };
  route_work work;
  if (!answer.is("actor_has_failed")) {
    routes_.flushed(name, serial, ok, ok ? answer.body().value("node", "") : "",
                    ok ? epoch::from_json(answer.body()["epoch"]) : epoch{}, send, home, work);
  } else if (routes_.marker_broke(name, serial, send, home, work)) {
    timers_.after(pause, [this, name, serial] {
      route_work again;
      routes_.mark_again(name, serial, again);
      finish(name, again);
    });
  }
  finish(name, work);
}

void local_node::resolve(const std::string& name) {
  request what{address{options_.daemon_node, std::string{directory_entity}}, "find_name", json{{"name", name}}, seconds{8},
               {}, {}};
  open_ask(std::move(what), {}, nullptr, [this, name](const message_ptr& answer) { resolved(name, *answer); });
}

void local_node::resolved(const std::string& name, const message& answer) {
  std::string place;
  epoch since;
  if (answer.is("name_is_found")) {
    place = answer.body().value("node", "");
    since = epoch::from_json(answer.body().value("epoch", json(nullptr)));
  }
  if (place == options_.node) {
    place.clear(); // it lives here, or did: the local table says which
  }
  route_work work;
  routes_.resolved(
    name, place, since,
    [this](const std::string& node, held_message& held) { return send_along(node, held); },
    [&](held_message& held) { return bring_home(name, held); }, work);
  if (!answer.is("name_is_found") && !answer.is("name_is_absent")) {
    const auto& body = answer.body();
    const auto why = body.is_object() ? body.value("reason", answer.command()) : answer.command();
    for (auto& held : std::exchange(work.homeless, {})) {
      work.failed.emplace_back(std::move(held), error{error_code::unavailable, "the directory does not say where " + name +
                                                                                 " lives: " + why});
    }
  }
  finish(name, work);
}

void local_node::absent(const held_message& held, const std::string& name) {
  if (!held.from.empty()) {
    peers_->tell(held.from, json{{"t", "route"}, {"name", name}, {"node", nullptr}});
  }
  bounce(*held.what, "actor_is_not_found", json{{"mid", held.what->mid()}, {"entity", name}}, "not_found");
}

/// The actor of `name` has been made here or has come here: from now on it is the one that messages reach.
void local_node::settle_here(const std::string& name, const std::function<bool(bool guarded)>& settle) {
  route_work work;
  routes_.arrive(name, settle, work);
  finish(name, work);
}

void local_node::received(const std::string& from, message_ptr what) { (void)route(std::move(what), lane::answer, &from); }

void local_node::control(const std::string& from, const json& what) {
  const auto kind = what.value("t", "");
  if (kind == "route") {
    const auto name = what.value("name", "");
    route_work work;
    const auto place = what.value("node", json(nullptr));
    routes_.told(name, place.is_string() ? place.get<std::string>() : std::string{},
                 epoch::from_json(what.value("epoch", json(nullptr))), from, work);
    finish(name, work);
  } else if (kind == "moved") {
    asks_.may_wait_at(what.value("ask", std::uint64_t{0}), what.value("node", ""));
  } else if (kind == "here") {
    asks_.waits_at(what.value("ask", std::uint64_t{0}), from);
  } else if (kind == "down") {
    node_is_down(what.value("node", ""), what.value("reason", ""));
  }
}

void local_node::link_ended(const std::string& node, const std::string& reason) {
  routes_.doubt_node(node);
  fail_asks_at(node, reason);
}

void local_node::fail_asks_at(const std::string& node, const std::string& reason) {
  asks_.fail_at(node, [&](std::uint64_t number) {
    message_fields fields;
    fields.command = "actor_has_failed";
    fields.body = json{{"reason", reason}, {"node", node}};
    fields.recipient = address{options_.node, "_" + std::to_string(number)};
    return make_message(std::move(fields));
  });
}

void local_node::earlier_life_ended(const std::string& node, const std::string& reason) {
  for (const auto& waiting : routes_.forget_node(node)) {
    waiting();
  }
  fail_asks_at(node, reason);
}

void local_node::node_is_down(const std::string& node, const std::string& reason) {
  peers_->drop(node, reason);
  earlier_life_ended(node, reason);
  if (moves_) {
    moves_->node_down(node, reason);
  }
}

} // namespace troupe
