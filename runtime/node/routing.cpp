// The part of local_node that decides where a message goes.
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_table.hpp"

#include <charconv>
#include <vector>

namespace troupe {

namespace {

constexpr seconds lookup_time{8}; ///< longer than the directory waits for a process that is started again

std::uint64_t ask_number(const std::string& entity) {
  std::uint64_t number = 0;
  std::from_chars(entity.data() + 1, entity.data() + entity.size(), number);
  return number;
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
  auto cell = names_.find(name);
  if (!cell) {
    bounce(*what, "actor_is_not_found", json{{"mid", what->mid()}, {"entity", name}}, "not_found");
    return {};
  }
  return to_cell(*cell, what, from);
}

result<> local_node::to_cell(actor_cell& cell, const message_ptr& what, const std::string* from) {
  if (cell.deliver(what)) {
    delivered_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  return refused(*what, error{error_code::mailbox_full, "the mailbox of " + cell.name() + " is full"}, from);
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
  if (auto cell = names_.find(name)) {
    return to_cell(*cell, what, from);
  }
  result<> sent;
  auto use = [&](const std::string& node, held_message& held) { sent = to_node(node, held.what, held.credit, nullptr); };
  held_message held{what, from != nullptr ? lane::answer : credit, from != nullptr ? *from : std::string{}};
  switch (routes_.pass(name, std::move(held), from != nullptr, use)) {
  case route_table::found::asking:
    resolve(name);
    break;
  case route_table::found::full:
    return refused(*what, error{error_code::mailbox_full, "too many messages wait for the place of " + name}, from);
  case route_table::found::known:
    if (!sent) {
      if (sent.error().code != error_code::mailbox_full) {
        routes_.forget(name, {});
      }
      return refused(*what, std::move(sent.error()), from);
    }
    break;
  case route_table::found::waiting:
    break;
  }
  return {};
}

void local_node::resolve(const std::string& name) {
  request what{address{options_.daemon_node, std::string{directory_entity}}, "find_name", json{{"name", name}}, lookup_time,
               {}, {}};
  open_ask(std::move(what), {}, nullptr, [this, name](const message_ptr& answer) { resolved(name, *answer); });
}

void local_node::resolved(const std::string& name, const message& answer) {
  std::string place;
  if (answer.is("name_is_found")) {
    place = answer.body().value("node", "");
  }
  if (place == options_.node) {
    place.clear(); // it lives here, or did: the local table says which
  }
  std::vector<std::pair<held_message, error>> failed;
  std::vector<held_message> left;
  routes_.settle(name, place, [&](const std::string& node, held_message& held) {
    if (node.empty()) {
      left.push_back(std::move(held));
      return;
    }
    if (!held.from.empty()) {
      peers_->tell(held.from, json{{"t", "route"}, {"name", name}, {"node", node}});
    }
    const auto* from = held.from.empty() ? nullptr : &held.from;
    const auto& sender = held.what->sender();
    if (sender.is_ask() && sender.node != options_.node && from != nullptr) {
      peers_->tell(sender.node, json{{"t", "moved"}, {"ask", ask_number(sender.entity)}, {"node", node}});
    }
    if (auto sent = to_node(node, held.what, held.credit, nullptr); !sent) {
      failed.emplace_back(std::move(held), std::move(sent.error()));
    }
  });
  static const std::string nobody;
  for (auto& [held, why] : failed) {
    (void)refused(*held.what, std::move(why), &nobody);
  }
  for (auto& held : left) {
    if (auto cell = names_.find(name)) {
      (void)to_cell(*cell, held.what, &nobody);
    } else if (answer.is("name_is_found") || answer.is("name_is_absent")) {
      absent(held, name);
    } else {
      const auto& body = answer.body();
      const auto why = body.is_object() ? body.value("reason", answer.command()) : answer.command();
      (void)refused(*held.what,
                    error{error_code::unavailable, "the directory did not say where " + name + " lives: " + why}, &nobody);
    }
  }
}

void local_node::absent(const held_message& held, const std::string& name) {
  if (!held.from.empty()) {
    peers_->tell(held.from, json{{"t", "route"}, {"name", name}, {"node", nullptr}});
  }
  bounce(*held.what, "actor_is_not_found", json{{"mid", held.what->mid()}, {"entity", name}}, "not_found");
}

void local_node::received(const std::string& from, message_ptr what) { (void)route(std::move(what), lane::answer, &from); }

void local_node::control(const std::string& from, const json& what) {
  const auto kind = what.value("t", "");
  if (kind == "route") {
    routes_.forget(what.value("name", ""), from);
  } else if (kind == "moved") {
    asks_.waits_at(what.value("ask", std::uint64_t{0}), what.value("node", ""));
  } else if (kind == "down") {
    node_is_down(what.value("node", ""), what.value("reason", ""));
  }
}

void local_node::link_ended(const std::string& node, const std::string& reason) {
  routes_.forget_node(node);
  asks_.fail_at(node, [&](std::uint64_t number) {
    message_fields fields;
    fields.command = "actor_has_failed";
    fields.body = json{{"reason", reason}, {"node", node}};
    fields.recipient = address{options_.node, "_" + std::to_string(number)};
    return make_message(std::move(fields));
  });
}

void local_node::node_is_down(const std::string& node, const std::string& reason) {
  peers_->drop(node, reason);
  link_ended(node, reason);
}

} // namespace troupe
