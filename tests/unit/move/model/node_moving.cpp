// What the mover of a node does (runtime/node/mover.cpp and mover_here.cpp), step for step.
#include "tests/unit/move/model/world.hpp"

#include <algorithm>

namespace troupe::move_model {

namespace {
constexpr int asks_prepare = 1;
constexpr int asks_replica = 2;
constexpr int asks_enliven = 4;

result<> how(const frame& what) { return what.ok != 0 ? result<>{} : fail(error_code::conflict, "no"); }
} // namespace

job* model_node::job_of(std::uint16_t number) {
  auto at = std::ranges::find(jobs, number, &job::number);
  return at == jobs.end() ? nullptr : &*at;
}

void model_node::begin(world& in, id name, id target, std::uint8_t order) {
  job one;
  one.number = ++next_number;
  one.name = name;
  one.target = target;
  one.order = order;
  one.asks = asks_prepare;
  const auto sent = in.send(self, target, {.what = kind::prepare, .name = name, .since = find(name)->since, .number = one.number});
  jobs.push_back(std::move(one));
  if (!sent) {
    carry_out(in, next_number, jobs.back().steps.prepared(sent));
  }
}

void model_node::carry_out(world& in, std::uint16_t number, const move_source::orders& orders) {
  using order = move_source::order::kind;
  for (const auto& one_order : orders) {
    auto* one = job_of(number);
    if (one == nullptr) {
      return; // what a finished move would still do has no effect
    }
    switch (one_order.what) {
    case order::freeze:
      if (auto* there = find(one->name); there != nullptr && !there->frozen && !there->freezing) {
        there->freezing = true;
        pendings.push_back({pending::what::freeze, {.name = one->name, .number = number}, self});
      } else {
        carry_out(in, number, one->steps.frozen(fail(error_code::conflict, "it is not at work now")));
      }
      break;
    case order::send_state:
      send_state(in, *one);
      break;
    case order::flush_senders:
      flush_senders(in, number);
      break;
    case order::commit:
      (void)in.send(self, head, {.what = kind::commit, .name = one->name, .node = one->target,
                                 .since = find(one->name)->since, .number = number});
      if (in.options.enliven_early) {
        (void)in.send(self, one->target, {.what = kind::enliven, .name = one->name, .node = self, .since = 99, .number = number});
      }
      break;
    case order::thaw:
      find(one->name)->frozen = false;
      answer_waiting(in, *find(one->name));
      break;
    case order::drop_replica:
      if (!in.options.no_drop) {
        (void)in.send(self, one->target, {.what = kind::drop, .name = one->name, .number = number});
      }
      break;
    case order::depart:
      pendings.push_back({pending::what::unlist,
                          {.name = one->name, .node = one->target, .since = one->committed, .number = number},
                          self, 0, false, static_cast<std::uint8_t>(one->mail.size())});
      break;
    case order::enliven:
      one->asks |= asks_enliven;
      if (!in.send(self, one->target, {.what = kind::enliven, .name = one->name, .node = self, .since = one->committed,
                                       .number = number})) {
        carry_out(in, number, one->steps.enlivened("no link"));
      }
      break;
    case order::tell_moved:
    case order::tell_not_moved:
      tell(in, *one);
      end(in, number);
      break;
    case order::tell_undecided:
      tell(in, *one);
      break;
    }
  }
  if (auto* one = job_of(number); one != nullptr && one->steps.at() == move_source::step::ended) {
    in.unanswered = in.unanswered || one->asker;
    end(in, number);
  }
}

void model_node::tell(world& in, job& one) {
  if (std::exchange(one.asker, false)) {
    ++in.told[one.order];
  }
}

void model_node::end(world& in, std::uint16_t number) {
  auto* ended = job_of(number);
  if (ended == nullptr) {
    return;
  }
  const auto bit = static_cast<std::uint8_t>(1u << ended->name);
  std::erase_if(jobs, [&](const job& one) { return one.number == number; });
  std::vector<std::uint16_t> free;
  for (auto& other : jobs) {
    if ((other.waits_for & bit) != 0) {
      other.waits_for &= static_cast<std::uint8_t>(~bit);
      if (other.waits_for == 0) {
        free.push_back(other.number);
      }
    }
  }
  for (auto other : free) {
    marked(in, other, true);
  }
}

/// Markers that came while the actor was frozen are answered by itself (adaptor.cpp), behind what came before them.
void model_node::answer_waiting(world& in, cell& there) {
  const auto all = std::exchange(there.mailbox, {});
  for (const auto& what : all) {
    if (frame_of(*what).what == kind::marker) {
      answer_marker(in, there.name, *what, true, there.since);
    } else {
      there.mailbox.push_back(what);
    }
  }
}

/// Variant 0: nothing of the mailbox was taken before; 1: everything; 2: it could not be stopped.
void model_node::freeze(world& in, const pending& what, int variant) {
  auto* one = job_of(what.data.number);
  auto* there = find(what.data.name);
  if (one == nullptr || there == nullptr) {
    return;
  }
  there->freezing = false;
  if (variant == 2) {
    answer_waiting(in, *there);
    carry_out(in, one->number, one->steps.frozen(fail(error_code::timed_out, "it is at work")));
    return;
  }
  if (variant == 1) {
    in.consume(*there);
  }
  there->frozen = true;
  one->mail = there->mailbox;
  carry_out(in, one->number, one->steps.frozen({}));
}

void model_node::send_state(world& in, job& one) {
  for (const auto& what : one.mail) {
    auto data = frame_of(*what);
    data.copy = true;
    if (auto sent = in.send(self, one.target, data); !sent) {
      carry_out(in, one.number, one.steps.replica_ready(sent));
      return;
    }
  }
  one.asks |= asks_replica;
  const auto sent = in.send(self, one.target,
                            {.what = kind::make_replica, .name = one.name, .count = static_cast<std::uint8_t>(one.mail.size()),
                             .number = one.number, .state = find(one.name)->state});
  if (!sent) {
    carry_out(in, one.number, one.steps.replica_ready(sent));
  }
}

void model_node::flush_senders(world& in, std::uint16_t number) {
  auto& one = *job_of(number);
  one.missing_marks = 1;
  if (one.name != target_actor && find(one.name)->state.sent != 0 && !in.options.skip_sender_marks) {
    const auto* there = find(target_actor);
    if (there != nullptr && !there->guarded) {
      const bool moves = (there->frozen || there->freezing) &&
                         std::ranges::any_of(jobs, [](const job& other) { return other.name == target_actor; });
      if (moves) {
        ++one.missing_marks;
        one.waits_for |= 1u << target_actor;
      }
    } else {
      ++one.missing_marks;
      const auto ask = ++next_ask;
      asks.push_back({ask, target_actor, 0, number, nobody});
      send_own(in, target_actor, message_of({.what = kind::marker, .name = target_actor, .from = self, .number = ask}));
    }
  }
  marked(in, number, true);
}

void model_node::marked(world& in, std::uint16_t number, bool ok) {
  auto* one = job_of(number);
  if (one == nullptr) {
    return;
  }
  one->marks_failed = one->marks_failed || !ok;
  if (one->missing_marks == 0 || --one->missing_marks != 0) {
    return;
  }
  carry_out(in, number, one->steps.senders_flushed(one->marks_failed ? fail(error_code::timed_out, "late") : result<>{}));
}

/// One message or answer of the mover.
void model_node::mover_turn(world& in, const frame& what, id from) {
  auto* one = job_of(what.number);
  auto answered = [&](int bit) {
    const bool waits = one != nullptr && one->target == from;
    if (waits) {
      one->asks &= static_cast<std::uint8_t>(~bit);
    }
    return waits;
  };
  switch (what.what) {
  case kind::prepared:
    if (answered(asks_prepare)) {
      carry_out(in, what.number, one->steps.prepared(how(what)));
    }
    break;
  case kind::ready:
    if (answered(asks_replica)) {
      carry_out(in, what.number, one->steps.replica_ready(how(what)));
    }
    break;
  case kind::resumed:
    if (answered(asks_enliven)) {
      carry_out(in, what.number, one->steps.enlivened(what.ok != 0 ? "" : "it does not say that it works"));
    }
    break;
  case kind::verdict:
    if (one != nullptr) {
      one->committed = what.since;
      using word = move_source::word;
      carry_out(in, what.number, one->steps.verdict(what.ok != 0 ? word::committed : word::refused, "no"));
    }
    break;
  case kind::flushed:
    marked(in, what.number, what.ok != 0);
    break;
  case kind::noted: // ok 0: it is void; 1: noted; 2: it is the owner
    if (what.ok == 0) {
      drop(in, what.name, what.number);
    } else if (what.ok == 2) {
      settle(in, what.name, what.since);
    }
    break;
  case kind::make_replica:
    make_replica(in, what, from);
    break;
  case kind::enliven: {
    const bool lives = settle(in, what.name, what.since);
    if (from != head) {
      (void)in.send(self, from, {.what = kind::resumed, .name = what.name, .ok = lives, .number = what.number});
    } else if (!lives && in.options.release_absent) {
      (void)in.send(self, head, {.what = kind::drop_note, .name = what.name, .node = self, .since = what.since, .ok = 2});
    }
    break;
  }
  case kind::drop:
    drop(in, what.name, what.number);
    break;
  case kind::down:
    node_down(in, what.node);
    break;
  default:
    break;
  }
}

void model_node::node_down(world& in, id node) {
  for (const auto& one : std::vector{jobs}) {
    if (auto* now = job_of(one.number); now != nullptr && one.target == node) {
      now->doomed = now->doomed || now->steps.at() == move_source::step::freezing;
      carry_out(in, one.number, now->steps.target_is_down("it died"));
    }
  }
  for (const auto& one : std::vector{replicas}) {
    if (one.from == node && !one.complete) {
      drop(in, one.name, one.move);
    }
  }
}

void model_node::out_of_time(world& in, std::size_t at) {
  jobs[at].in_time = false;
  jobs[at].doomed = jobs[at].doomed || jobs[at].steps.at() == move_source::step::freezing;
  carry_out(in, jobs[at].number, jobs[at].steps.out_of_time());
}

void model_node::prepare(world& in, const frame& what, id from) {
  prepares.push_back({++next_ticket, what, from});
  attempt(in, next_ticket);
}

void model_node::refuse_prepare(world& in, std::size_t at) {
  const auto order = prepares[at];
  prepares.erase(prepares.begin() + static_cast<std::ptrdiff_t>(at));
  (void)in.send(self, order.from, {.what = kind::prepared, .name = order.what.name, .ok = 0, .number = order.what.number});
}

void model_node::make_replica(world& in, const frame& what, id from) {
  auto* one = replica_of(what.name);
  const frame refuse{.what = kind::ready, .name = what.name, .ok = 0, .number = what.number};
  if (one == nullptr || one->move != what.number || one->complete) {
    (void)in.send(self, from, refuse);
    return;
  }
  one->complete = true;
  one->state = what.state;
  if (one->mailbox.size() != what.count) {
    in.miscounted = true;
    drop(in, what.name, what.number);
    (void)in.send(self, from, refuse);
    return;
  }
  pendings.push_back({pending::what::embody, what, from});
}

void model_node::embodied(world& in, const pending& what, int variant) {
  if (variant == 1) {
    drop(in, what.data.name, what.data.number);
  } else if (const auto* one = replica_of(what.data.name)) {
    note(in, *one);
  }
  (void)in.send(self, what.from, {.what = kind::ready, .name = what.data.name, .ok = variant != 1, .number = what.data.number});
}

void model_node::note(world& in, const replica& one) const {
  (void)in.send(self, head, {.what = kind::note, .name = one.name, .node = one.from, .since = one.since, .number = one.move});
}

/// Whether the actor lives here now.
bool model_node::settle(world& in, id name, std::uint8_t since) {
  std::optional<replica> taken;
  std::vector<message_ptr> markers;
  settle_here(in, name, [&](bool guarded) {
    auto* one = replica_of(name);
    if (one == nullptr || !one->complete || since <= one->since) {
      return false;
    }
    taken = std::move(*one);
    std::erase_if(replicas, [&](const replica& other) { return other.name == name; });
    cell made{name, false, false, guarded, since, taken->state, std::move(taken->mailbox)};
    for (auto& held : taken->others) {
      (frame_of(*held.what).what == kind::marker ? markers : made.mailbox).push_back(held.what);
    }
    cells.push_back(std::move(made));
    return true;
  });
  if (!taken) {
    const auto* there = find(name);
    return there != nullptr && there->since >= since;
  }
  for (const auto& marker : markers) {
    answer_marker(in, name, *marker, true, since);
  }
  if (auto* there = find(name)) {
    answer_waiting(in, *there);
  }
  return true;
}

void model_node::drop(world& in, id name, std::uint16_t move) {
  auto* one = replica_of(name);
  if (one == nullptr || one->move != move) {
    return;
  }
  const auto taken = std::move(*one);
  std::erase_if(replicas, [&](const replica& other) { return other.name == name; });
  (void)in.send(self, head, {.what = kind::drop_note, .name = name, .node = self});
  for (const auto& held : taken.others) {
    pass_on(in, name, held.what, node_of(held.from));
  }
}

void model_node::run_pending(world& in, std::size_t at, int variant) {
  const auto what = pendings[at];
  pendings.erase(pendings.begin() + static_cast<std::ptrdiff_t>(at));
  switch (what.does) {
  case pending::what::freeze:
    freeze(in, what, variant);
    break;
  case pending::what::embody:
    embodied(in, what, variant);
    break;
  case pending::what::unlist: {
    auto there = std::ranges::find(cells, what.data.name, &cell::name);
    routes.begin_leave(actor_name(what.data.name));
    std::vector<message_ptr> rest{there->mailbox.begin() + what.taken, there->mailbox.end()};
    cells.erase(there);
    for (const auto& left : rest) {
      if (!in.options.lose_rest && !in.send(self, what.data.node, frame_of(*left))) {
        refused(in, left, false);
      }
    }
    pendings.push_back({pending::what::leave, what.data, self});
    break;
  }
  case pending::what::leave:
    end_leave(in, what);
    break;
  case pending::what::marker:
    send_marker(in, what);
    break;
  case pending::what::later:
    pass_on(in, what.data.name, message_of(what.data), what.from);
    break;
  }
}

} // namespace troupe::move_model
