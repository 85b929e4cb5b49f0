#include "tests/unit/move/model/world.hpp"

#include <algorithm>
#include <bit>

namespace troupe::move_model {

world::world(const scenario& of)
  : options(of), names_(std::make_shared<directory>(1)), deaths_left_(of.deaths), impatience_left_(of.impatience) {
  for (id node = 0; node < of.nodes; ++node) {
    nodes_.push_back(std::make_shared<model_node>(node, true));
  }
  for (id actor = 0; actor < of.homes.size(); ++actor) {
    const auto since = names_->reserve({actor_name(actor)}, node_name(of.homes[actor]));
    cell made;
    made.name = actor;
    made.since = counter_of(*since);
    nodes_[of.homes[actor]]->cells.push_back(made);
  }
  warm_up();
}

void world::warm_up() {
  for (id actor = 0; actor < options.homes.size(); ++actor) {
    for (std::uint8_t n = 0; n < options.warm && n < options.ticks[actor]; ++n) {
      take({step::what::send, options.homes[actor], actor});
    }
  }
  for (bool again = true; again;) {
    again = false;
    for (const auto& one : enabled()) {
      if (one.does == step::what::deliver) {
        take(one);
        again = true;
        break;
      }
    }
  }
}

model_node& world::edit(id node) {
  auto& held = nodes_[node];
  if (held.use_count() > 1) {
    held = std::make_shared<model_node>(*held);
  }
  return *held;
}

directory& world::edit_names() {
  if (names_.use_count() > 1) {
    names_ = std::make_shared<directory>(*names_);
  }
  return *names_;
}

id world::owner(id name) const {
  const auto at = names_->find(actor_name(name));
  return at ? node_of(at->node) : nobody;
}

std::uint8_t world::since(id name) const {
  const auto at = names_->find(actor_name(name));
  return at ? counter_of(at->since) : 0;
}

std::uint64_t world::bit_of(const frame& tick) { return std::uint64_t{1} << (tick.from * 12 + tick.number - 1); }

result<> world::send(id from, id to, const frame& what) {
  if (to != head && !nodes_[to]->up) {
    if (from != head && (nodes_[from]->gone >> to & 1) != 0) {
      return fail(error_code::unavailable, "there is no node " + node_name(to));
    }
    lose(what, to);
    return {};
  }
  link(from, to).push_back(what);
  return {};
}

/// The first messages of a mailbox are taken; what was taken before and what comes out of order is noted.
void world::consume(cell& one) {
  if (auto wrong = wrong_ticks(one, false); !wrong.empty() && problem_.empty()) {
    problem_ = wrong;
  }
  for (const auto& what : one.mailbox) {
    const auto tick = frame_of(*what);
    if (tick.what != kind::tick) {
      continue;
    }
    one.state.got[tick.from] |= static_cast<std::uint16_t>(1u << tick.number);
  }
  one.mailbox.clear();
}

std::vector<step> world::enabled() const {
  std::vector<step> out;
  auto add = [&](step::what does, std::size_t a, std::size_t b = 0, int variant = 0) {
    out.push_back({does, static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b), static_cast<std::uint8_t>(variant)});
  };
  for (id from = 0; from < places; ++from) {
    for (id to = 0; to < places; ++to) {
      if (link(from, to).empty()) {
        continue;
      }
      const bool blocked = to != head && std::ranges::any_of(nodes_[to]->pendings, [&](const pending& one) {
        return one.blocks && one.from == from;
      });
      if (!blocked) {
        add(step::what::deliver, from, to);
      }
    }
  }
  for (const auto& node : nodes_) {
    for (std::size_t at = 0; at < node->pendings.size(); ++at) {
      const auto& one = node->pendings[at];
      add(step::what::pending, node->self, at);
      if (one.does == pending::what::freeze) {
        const auto* there = node->find(one.data.name);
        if (there != nullptr && !there->mailbox.empty()) {
          add(step::what::pending, node->self, at, 1);
        }
        if (options.refusals) {
          add(step::what::pending, node->self, at, 2);
        }
      } else if (one.does == pending::what::embody && options.refusals) {
        add(step::what::pending, node->self, at, 1);
      }
    }
    if (!node->system_lane.empty() || !node->inbox.empty()) {
      add(step::what::mover, node->self);
    }
    for (const auto& there : node->cells) {
      if (!there.frozen && !there.freezing && there.state.sent < options.ticks[there.name]) {
        add(step::what::send, node->self, there.name);
      }
    }
    for (std::size_t i = 0; i < options.plans.size(); ++i) {
      const auto& moves = options.plans[i];
      const auto* there = node->find(moves.actor);
      if (there != nullptr && !there->frozen && !there->freezing && next_move_[i] < moves.targets.size() &&
          std::ranges::none_of(node->jobs, [&](const job& one) { return one.name == moves.actor; })) {
        add(step::what::begin, node->self, i);
      }
    }
    for (std::size_t at = 0; impatience_left_ != 0 && at < node->jobs.size(); ++at) {
      if (node->jobs[at].in_time) {
        add(step::what::late, node->self, at);
      }
    }
    if (deaths_left_ != 0 && (options.mortal >> node->self & 1) != 0) {
      add(step::what::die, node->self);
    }
    if (dead_ != nobody && node->up && (node->gone >> dead_ & 1) == 0) {
      add(step::what::cut, dead_, node->self);
    }
  }
  if (dead_ != nobody && !head_knows_) {
    add(step::what::head_learns, dead_);
  }
  if (dead_ != nobody && !link(dead_, head).empty()) {
    add(step::what::cut, dead_, head);
  }
  if (out.empty()) {
    add_slow(out);
  }
  return out;
}

/// What only long times bring about, the shortest first; it happens when nothing else can.
void world::add_slow(std::vector<step>& out) const {
  for (std::uint8_t which = 0; which < 6 && out.empty(); ++which) {
    for (const auto& node : nodes_) {
      auto add = [&](std::size_t at) { out.push_back({step::what::slow, node->self, static_cast<std::uint8_t>(at), which}); };
      if ((which == 0 && !node->prepares.empty())) {
        add(0);
      }
      for (std::size_t at = 0; at < node->replicas.size(); ++at) {
        const auto complete = node->replicas[at].complete;
        if ((which == 1 && complete && notes_left_ != 0) || (which == 4 && !complete)) {
          add(at);
        }
      }
      for (std::size_t at = 0; at < node->asks.size(); ++at) {
        const bool of_mover = node->asks[at].serial == 0;
        if ((which == 2 && of_mover) || (which == 5 && !of_mover)) {
          add(at);
        }
      }
      for (std::size_t at = 0; at < node->jobs.size(); ++at) {
        if (which == 3 && node->jobs[at].in_time) {
          add(at);
        }
      }
    }
  }
}

void world::slow(const step& one) {
  auto& node = edit(one.a);
  switch (one.variant) {
  case 0:
    node.refuse_prepare(*this, one.b);
    break;
  case 1:
    --notes_left_;
    node.note(*this, node.replicas[one.b]);
    break;
  case 3:
    node.out_of_time(*this, one.b);
    break;
  case 4:
    node.drop(*this, node.replicas[one.b].name, node.replicas[one.b].move);
    break;
  default:
    node.lose_ask(*this, one.b, true);
    break;
  }
}

void world::take(const step& one) {
  switch (one.does) {
  case step::what::deliver:
    deliver(one.a, one.b);
    break;
  case step::what::send:
    send_tick(one.a, one.b);
    break;
  case step::what::begin: {
    const auto& moves = options.plans[one.b];
    const auto target = moves.targets[next_move_[one.b]];
    auto order = static_cast<std::uint8_t>(next_move_[one.b]++);
    for (std::uint8_t before = 0; before < one.b; ++before) {
      order += static_cast<std::uint8_t>(options.plans[before].targets.size());
    }
    if (target == one.a) {
      ++told[order];
    } else {
      edit(one.a).begin(*this, moves.actor, target, order);
    }
    break;
  }
  case step::what::pending:
    edit(one.a).run_pending(*this, one.b, one.variant);
    break;
  case step::what::mover: {
    auto& node = edit(one.a);
    auto& lane = node.system_lane.empty() ? node.inbox : node.system_lane;
    const auto [what, from] = lane.front();
    lane.pop_front();
    node.mover_turn(*this, what, from);
    break;
  }
  case step::what::die:
    die(one.a);
    break;
  case step::what::cut:
    cut(one.a, one.b);
    break;
  case step::what::head_learns:
    head_learns();
    break;
  case step::what::late:
    --impatience_left_;
    edit(one.a).out_of_time(*this, one.b);
    break;
  case step::what::slow:
    slow(one);
    break;
  }
  if (!options.mover_queues) {
    for (id node = 0; node < nodes_.size(); ++node) {
      settle_movers(node);
    }
  }
}

void world::settle_movers(id node) {
  while (!nodes_[node]->system_lane.empty() || !nodes_[node]->inbox.empty()) {
    auto& one = edit(node);
    auto& lane = one.system_lane.empty() ? one.inbox : one.system_lane;
    const auto [what, from] = lane.front();
    lane.pop_front();
    one.mover_turn(*this, what, from);
  }
}

void world::send_tick(id node, id actor) {
  auto& here = edit(node);
  auto& sender = *here.find(actor);
  const frame tick{.from = actor, .number = static_cast<std::uint16_t>(++sender.state.sent)};
  here.send_own(*this, target_actor, message_of(tick));
}

void world::deliver(id from, id to) {
  auto& queue = link(from, to);
  const auto what = queue.front();
  queue.erase(queue.begin());
  if (to == head) {
    head_turn(what, from);
    return;
  }
  auto& node = edit(to);
  switch (what.what) {
  case kind::tick:
  case kind::marker:
    node.pass_on(*this, what.name, message_of(what), from);
    break;
  case kind::flushed:
    node.flushed(*this, what);
    break;
  case kind::found:
    node.resolved(*this, what);
    break;
  case kind::route:
  case kind::waits_at:
    node.control(*this, what, from);
    break;
  case kind::prepare:
    node.prepare(*this, what, from);
    break;
  case kind::make_replica:
  case kind::enliven:
  case kind::drop:
    node.inbox.emplace_back(what, from);
    break;
  case kind::down:
    cut(what.node, to);
    edit(to).system_lane.emplace_back(what, from);
    break;
  default:
    node.system_lane.emplace_back(what, from);
    break;
  }
}

/// The directory's actor (actors/head/directory_actor.cpp).
void world::head_turn(const frame& what, id from) {
  const auto& name = actor_name(what.name);
  auto answer = what;
  answer.node = nobody;
  const auto now = names_->find(name);
  switch (what.what) {
  case kind::find:
    answer.what = kind::found;
    answer.ok = now.has_value();
    answer.node = owner(what.name);
    answer.since = since(what.name);
    break;
  case kind::commit: {
    const auto moved = edit_names().move(name, place{node_name(from), epoch_of(what.since)}, node_name(what.node));
    answer.what = kind::verdict;
    answer.ok = moved.has_value();
    answer.since = moved ? counter_of(*moved) : 0;
    if (moved) {
      (void)send(head, what.node, {.what = kind::enliven, .name = what.name, .since = answer.since});
    }
    break;
  }
  case kind::note: {
    const place source{node_name(what.node), epoch_of(what.since)};
    answer.what = kind::noted;
    answer.ok = 0;
    if (now && now->node == source.node && now->since == source.since) {
      edit_names().note_replica(name, source, node_name(from));
      answer.ok = 1;
    } else if (now && now->node == node_name(from) && now->since > source.since) {
      answer.ok = 2;
      answer.since = counter_of(now->since);
    }
    break;
  }
  case kind::drop_note:
    if (what.ok == 2 && since(what.name) == what.since) {
      edit_names().release(name, node_name(from));
    } else {
      edit_names().drop_replica(name, node_name(from));
    }
    return;
  default:
    return;
  }
  if (nodes_[from]->up) {
    (void)send(head, from, answer);
  }
}

void world::die(id node) {
  --deaths_left_;
  dead_ = node;
  lose_all(node);
  nodes_[node] = std::make_shared<model_node>(node, false);
  nodes_[node]->up = false;
  for (id from = 0; from < places; ++from) {
    for (const auto& what : std::exchange(link(from, node), {})) {
      lose(what, node);
    }
  }
}

/// What is still on the link from a dead node does not arrive, and the link ends.
void world::cut(id from, id to) {
  for (const auto& what : std::exchange(link(from, to), {})) {
    lose(what, from);
  }
  if (to != head && (nodes_[to]->gone >> from & 1) == 0) {
    auto& node = edit(to);
    node.gone |= static_cast<std::uint8_t>(1u << from);
    node.link_ended(*this, from);
  }
}

/// The end of a process in the head's admin (actors/head/processes.cpp).
void world::head_learns() {
  head_knows_ = true;
  const auto& dead = node_name(dead_);
  for (const auto& [name, where] : edit_names().promote_replicas(dead)) {
    (void)send(head, node_of(where.node),
               {.what = kind::enliven, .name = static_cast<id>(name == actor_name(0) ? 0 : name[0] - 's' + 1),
                .since = counter_of(where.since)});
  }
  edit_names().release_node(dead);
  for (const auto& node : nodes_) {
    if (node->up) {
      (void)send(head, node->self, {.what = kind::down, .node = dead_});
    }
  }
}

} // namespace troupe::move_model
