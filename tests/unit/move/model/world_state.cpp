// What is wrong in a state, and when two states are the same.
#include "tests/unit/move/model/world.hpp"

#include <algorithm>
#include <bit>

namespace troupe::move_model {

namespace {
void put(std::string& out, std::uint64_t value) {
  out.push_back(static_cast<char>(value & 0xff));
  out.push_back(static_cast<char>(value >> 8 & 0xff));
}
void put(std::string& out, const actor_state& state) {
  for (auto got : state.got) {
    put(out, got);
  }
  put(out, state.sent);
}
} // namespace

/// A message of a move's source that it still has is not lost with the copy.
void world::lose(const frame& what, id at) {
  if (what.what != kind::tick) {
    return;
  }
  const auto place = owner(what.name);
  const bool kept = what.copy && place != nobody && place != at && nodes_[place]->up && nodes_[place]->find(what.name) != nullptr;
  lost |= kept ? 0 : bit_of(what);
}

/// Everything that the dying node has or had taken, but for what a complete replica somewhere else has too.
void world::lose_all(id node) {
  const auto& dying = *nodes_[node];
  std::uint64_t elsewhere = 0;
  std::uint64_t here = 0;
  auto add = [](std::uint64_t& to, const message_ptr& what) {
    const auto tick = frame_of(*what);
    to |= tick.what == kind::tick ? bit_of(tick) : 0;
  };
  auto add_state = [](std::uint64_t& to, const actor_state& state) {
    for (std::size_t sender = 0; sender < most_actors; ++sender) {
      to |= std::uint64_t{state.got[sender]} >> 1 << (sender * 12);
    }
  };
  for (const auto& other : nodes_) {
    for (const auto& one : other->replicas) {
      if (other->self != node && one.complete && one.from == node && one.name == target_actor) {
        add_state(elsewhere, one.state);
        std::ranges::for_each(one.mailbox, [&](const auto& what) { add(elsewhere, what); });
      }
    }
  }
  for (const auto& one : dying.cells) {
    add_state(here, one.state);
    std::ranges::for_each(one.mailbox, [&](const auto& what) { add(here, what); });
  }
  for (const auto& one : dying.replicas) {
    std::ranges::for_each(one.mailbox, [&](const auto& what) { lose({.from = frame_of(*what).from, .copy = true, .number = frame_of(*what).number}, node); });
    std::ranges::for_each(one.others, [&](const auto& held) { add(here, held.what); });
  }
  dying.routes.each([&](const std::string&, const auto& known) {
    std::ranges::for_each(known.own_held, [&](const auto& held) { add(here, held.what); });
    std::ranges::for_each(known.others_held, [&](const auto& held) { add(here, held.what); });
  });
  lost |= here & ~elsewhere;
}

std::string world::wrong_ticks(const cell& one, bool last) const {
  auto got = one.state.got;
  for (const auto& what : one.mailbox) {
    const auto tick = frame_of(*what);
    if (tick.what != kind::tick) {
      continue;
    }
    const auto bit = 1u << tick.number;
    const auto text = move_model::to_text(tick);
    if ((got[tick.from] & bit) != 0) {
      return text + " has come twice";
    }
    const auto before = (bit - 1) & ~1u;
    if (dead_ == nobody && (got[tick.from] & before) != before) {
      return text + " has overtaken an earlier one";
    }
    got[tick.from] |= static_cast<std::uint16_t>(bit);
  }
  for (id sender = 0; last && sender < options.ticks.size(); ++sender) {
    std::uint8_t sent = 0;
    for (const auto& node : nodes_) {
      const auto* there = node->find(sender);
      sent = there != nullptr ? there->state.sent : sent;
    }
    for (std::uint16_t n = 1; n <= sent; ++n) {
      const frame tick{.from = sender, .number = n};
      if ((got[sender] >> n & 1) == 0 && (bit_of(tick) & (lost | (dead_ == nobody ? 0 : refused))) == 0) {
        return move_model::to_text(tick) + " is lost" + ((bit_of(tick) & homeless) != 0 ? ": nobody had the name" : "") +
               ((bit_of(tick) & refused) != 0 ? ": refused" : "");
      }
    }
  }
  return {};
}

std::string world::wrong_owner() const {
  for (id name = 0; name < options.homes.size(); ++name) {
    const auto where = owner(name);
    for (const auto& node : nodes_) {
      const auto* there = node->find(name);
      if (there != nullptr && where != node->self) {
        return actor_name(name) + " is on " + node_name(node->self) + ", but the directory does not say so";
      }
      if (there == nullptr && where == node->self) {
        return "the directory says that " + actor_name(name) + " is on " + node_name(node->self) + ", but it is not";
      }
    }
    if (where != nobody && nodes_[where]->find(name)->since != since(name)) {
      return actor_name(name) + " has another epoch than the directory says";
    }
    if (where == nobody && dead_ == nobody) {
      return actor_name(name) + " is nowhere";
    }
  }
  return {};
}

std::string world::stuck() const {
  for (const auto& node : nodes_) {
    const auto at = " on " + node_name(node->self);
    if (!node->jobs.empty()) {
      return "a move has no end" + at;
    }
    if (!node->replicas.empty()) {
      return "a replica is left" + at;
    }
    if (!node->prepares.empty() || !node->asks.empty() || !node->pendings.empty()) {
      return "something waits for ever" + at;
    }
    std::string what;
    node->routes.each([&](const std::string& name, const auto& known) {
      using state = std::remove_cvref_t<decltype(known.own)>;
      if (!known.own_held.empty() || !known.others_held.empty()) {
        what = "a message for " + name + " is held";
      } else if (known.asking || known.leaving || known.own == state::flushing || !known.freed.empty()) {
        what = "the way to " + name + " is not decided";
      } else if (!known.next_hop.empty()) {
        what = "messages for " + name + " would be passed on";
      }
    });
    if (!what.empty()) {
      return what + " for ever" + at;
    }
    if (std::ranges::any_of(node->cells, [](const cell& one) { return one.frozen || one.freezing; })) {
      return "an actor is frozen for ever" + at;
    }
  }
  return {};
}

std::string world::problem(bool last) const {
  if (!problem_.empty()) {
    return problem_;
  }
  for (id name = 0; name < options.homes.size(); ++name) {
    int living = 0;
    for (const auto& node : nodes_) {
      if (const auto* there = node->find(name)) {
        living += there->frozen ? 0 : 1;
        if (auto wrong = name == target_actor ? wrong_ticks(*there, false) : ""; !wrong.empty()) {
          return wrong;
        }
      }
    }
    if (living > 1) {
      return "two copies of " + actor_name(name) + " live";
    }
  }
  if (unanswered || std::ranges::any_of(told, [](auto times) { return times > 1; })) {
    return unanswered ? "a move ended without an answer" : "an asker was told twice";
  }
  if (miscounted && dead_ == nobody) {
    return "a mailbox was counted wrongly";
  }
  if (!last) {
    return {};
  }
  std::string wrong = stuck();
  wrong = wrong.empty() ? wrong_owner() : wrong;
  for (const auto& node : nodes_) {
    if (const auto* there = node->find(target_actor); wrong.empty() && there != nullptr) {
      wrong = wrong_ticks(*there, true);
    }
  }
  std::size_t asked = 0;
  for (std::size_t i = 0; i < options.plans.size(); ++i) {
    asked += options.plans[i].targets.size();
  }
  for (std::size_t i = 0; dead_ == nobody && wrong.empty() && i < asked; ++i) {
    wrong = told[i] == 1 ? "" : "an asker was never told";
  }
  return wrong;
}

void world::write(std::string& out, const frame& what) const {
  out.push_back(static_cast<char>(what.what));
  out.push_back(static_cast<char>(what.name << 4 | what.ok << 2 | what.copy));
  out.push_back(static_cast<char>(what.from << 4 | (what.node & 15)));
  put(out, what.since);
  put(out, what.count);
  if (what.what == kind::marker || what.what == kind::flushed || what.what == kind::waits_at) {
    if (what.what == kind::flushed && what.from >= nodes_.size()) {
      put(out, what.number); // of a job, in a mover's queue
      return;
    }
    const auto& asks = nodes_[what.from]->asks;
    put(out, static_cast<std::uint64_t>(std::ranges::find(asks, what.number, &open_ask::number) - asks.begin()));
    return;
  }
  put(out, what.number);
  if (what.what == kind::make_replica) {
    put(out, what.state);
  }
}

void world::write(std::string& out, const message_ptr& what) const { write(out, frame_of(*what)); }

void world::write_routes(std::string& out, const model_node& one) const {
  std::vector<std::string> entries;
  one.routes.each([&](const std::string& name, const auto& known) {
    std::string text = name;
    auto put_held = [&](const auto& held) {
      put(text, held.size());
      for (const auto& message : held) {
        write(text, message.what);
        text.push_back(message.from.empty() ? '-' : message.from[0]);
      }
    };
    text.push_back(static_cast<char>(static_cast<int>(known.own) << 4 | known.asking << 2 | known.leaving << 1));
    text += known.node + "," + known.hint + "," + known.next_hop;
    put(text, known.since.counter);
    put(text, known.hint_since.counter);
    put(text, known.hop_since.counter);
    put(text, known.hop_marker == 0 ? 0 : known.passed == known.passed_at_marker ? 1 : 2);
    put_held(known.own_held);
    put_held(known.others_held);
    auto told_nodes = known.told;
    std::ranges::sort(told_nodes);
    std::ranges::for_each(told_nodes, [&](const auto& node) { text += node; });
    put(text, known.freed.size());
    for (const auto& ask : one.asks) {
      text.push_back(ask.serial == 0 ? 'j' : ask.serial == known.own_marker ? 'o' : ask.serial == known.hop_marker ? 'h' : 's');
    }
    for (const auto& waiting : one.pendings) {
      text.push_back(waiting.serial == 0 ? 'j' : waiting.serial == known.own_marker ? 'o' : waiting.serial == known.hop_marker ? 'h' : 's');
    }
    entries.push_back(std::move(text));
  });
  std::ranges::sort(entries);
  std::ranges::for_each(entries, [&](const auto& text) { out += text + ";"; });
}

void world::write(std::string& out, const model_node& one) const {
  out.push_back(static_cast<char>(one.up));
  out.push_back(static_cast<char>(one.gone));
  put(out, one.next_number);
  for (const auto& there : one.cells) {
    out.push_back('c');
    put(out, there.name << 3 | there.frozen << 2 | there.freezing << 1 | there.guarded);
    put(out, there.since);
    put(out, there.state);
    std::ranges::for_each(there.mailbox, [&](const auto& what) { write(out, what); });
  }
  for (const auto& there : one.replicas) {
    out.push_back('r');
    put(out, there.name << 5 | there.from << 1 | there.complete);
    put(out, there.move);
    put(out, there.since);
    put(out, there.state);
    std::ranges::for_each(there.mailbox, [&](const auto& what) { write(out, what); });
    out.push_back('+');
    for (const auto& held : there.others) {
      write(out, held.what);
      out.push_back(held.from.empty() ? '-' : held.from[0]);
    }
  }
  for (const auto& there : one.jobs) {
    out.push_back('j');
    put(out, there.number);
    put(out, there.name << 8 | there.target << 4 | static_cast<int>(there.steps.at()));
    put(out, there.order << 4 | there.asker << 3 | there.marks_failed << 2 | there.in_time << 1 | there.doomed);
    put(out, there.missing_marks);
    put(out, there.waits_for);
    put(out, there.committed);
    put(out, there.asks);
    put(out, there.mail.size());
  }
  for (const auto& ask : one.asks) {
    out.push_back('a');
    put(out, ask.name);
    put(out, ask.job);
    put(out, options.deaths != 0 ? ask.waits_at : 0);
  }
  for (const auto& order : one.prepares) {
    out.push_back('p');
    write(out, order.what);
  }
  for (const auto& waiting : one.pendings) {
    out.push_back('w');
    out.push_back(static_cast<char>(waiting.does));
    write(out, waiting.data);
    put(out, waiting.from);
    put(out, waiting.taken);
  }
  for (const auto* lane : {&one.system_lane, &one.inbox}) {
    out.push_back('q');
    for (const auto& [what, from] : *lane) {
      write(out, what);
      out.push_back(static_cast<char>(from));
    }
  }
  write_routes(out, one);
}

std::uint64_t world::fingerprint() const {
  thread_local std::string out;
  out.clear();
  for (const auto& node : nodes_) {
    write(out, *node);
    out.push_back('|');
  }
  for (const auto& link : links_) {
    out.push_back('/');
    std::ranges::for_each(link, [&](const auto& what) { write(out, what); });
  }
  for (id name = 0; name < options.homes.size(); ++name) {
    put(out, owner(name));
    put(out, since(name));
    out += names_->replica_of(actor_name(name));
  }
  for (std::size_t i = 0; i < options.plans.size(); ++i) {
    put(out, next_move_[i]);
  }
  std::ranges::for_each(told, [&](auto times) { out.push_back(static_cast<char>(times)); });
  put(out, deaths_left_ << 8 | impatience_left_ << 4 | notes_left_);
  put(out, dead_ << 1 | head_knows_);
  for (auto bits : {lost, refused, homeless}) {
    put(out, bits);
    put(out, bits >> 16);
    put(out, bits >> 32);
    put(out, bits >> 48);
  }
  out.push_back(static_cast<char>(unanswered << 1 | miscounted));
  return std::hash<std::string_view>{}(out);
}

std::string world::to_text(const step& one) const {
  switch (one.does) {
  case step::what::deliver:
    return node_name(one.b) + " receives from " + node_name(one.a) + ": " + move_model::to_text(link(one.a, one.b).front());
  case step::what::send:
    return actor_name(one.b) + " on " + node_name(one.a) + " sends its message " +
           std::to_string(nodes_[one.a]->find(one.b)->state.sent + 1);
  case step::what::begin: {
    const auto& moves = options.plans[one.b];
    return actor_name(moves.actor) + " on " + node_name(one.a) + " is to move to " + node_name(moves.targets[next_move_[one.b]]);
  }
  case step::what::pending: {
    static const std::array names{"stops", "makes the replica", "unlists", "ends the leave", "sends a marker", "looks again at"};
    const auto& waiting = nodes_[one.a]->pendings[one.b];
    return node_name(one.a) + " " + names[static_cast<std::size_t>(waiting.does)] + " " + move_model::to_text(waiting.data) +
           " variant " + std::to_string(one.variant);
  }
  case step::what::mover: {
    const auto& node = *nodes_[one.a];
    return "the mover of " + node_name(one.a) + " takes " +
           move_model::to_text((node.system_lane.empty() ? node.inbox : node.system_lane).front().first);
  }
  case step::what::die:
    return node_name(one.a) + " dies";
  case step::what::cut:
    return "the link from " + node_name(one.a) + " to " + node_name(one.b) + " ends";
  case step::what::head_learns:
    return "the head learns that " + node_name(one.a) + " is dead";
  case step::what::late:
    return "a move of " + node_name(one.a) + " runs out of time";
  case step::what::slow: {
    static const std::array names{"refuses to prepare", "notes its replica again", "gives a mark of its mover up",
                                  "gives a move up", "drops an incomplete replica", "gives a marker up"};
    return "after a long time " + node_name(one.a) + " " + names[one.variant];
  }
  }
  return {};
}

} // namespace troupe::move_model
