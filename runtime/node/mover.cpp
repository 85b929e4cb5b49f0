// The source's side of moves.
#include "runtime/node/mover.hpp"

#include "runtime/node/peer_table.hpp"

#include <algorithm>
#include <charconv>

namespace troupe {

namespace {

constexpr seconds freeze_time{2};
constexpr seconds whole_time{10};
constexpr seconds marker_time{4};
constexpr seconds marker_pause{0.05};
constexpr int most_broken_markers = 5;
constexpr seconds verdict_time{3};
constexpr seconds verdict_pause{0.2};
constexpr seconds enliven_time{6};
constexpr int most_tries = 20;

std::string reason_of(const message& answer) {
  const auto& body = answer.body();
  if (body.is_object()) {
    for (const auto* key : {"reason", "expected"}) {
      if (body.contains(key) && body[key].is_string()) {
        return body[key].get<std::string>();
      }
    }
  }
  return answer.command() == "timer" ? "no answer in time" : "it answered " + answer.command();
}

} // namespace

void mover::describe(class_builder<mover>& table) {
  table.doc("moves actors to and from this node")
    .on("make_replica", &mover::make_replica)
    .on("enliven", &mover::enliven)
    .on("drop_replica", &mover::drop_replica);
}

async<> mover::pre_run() {
  post_ = ctx().make_poster();
  move_service service;
  service.move = [this](move_order what, std::function<void(move_end)> done) {
    post_([this, what = std::move(what), done = std::move(done)] { begin(what, done, 0); });
  };
  service.node_down = [this](const std::string& node, const std::string& reason) {
    post_([this, node, reason] { node_down(node, reason); });
  };
  service.abandoned = [this](const std::string& name, std::uint64_t move) { post_([this, name, move] { drop(name, move); }); };
  home_.serve_moves(std::move(service));
  return {};
}

void install_mover(local_node& home) {
  const std::string name{mover_entity};
  home.install(name, name, std::make_shared<const class_info>(describe_class<mover>("Mover", [&home] {
                 return std::make_unique<mover>(home);
               })));
}

void mover::begin(move_order what, std::function<void(move_end)> done, int tries) {
  if (what.target == ctx().node()) {
    renew(std::move(what), std::move(done));
    return;
  }
  auto cell = home_.names().find(what.name);
  if (!cell) {
    done({move_end::kind::gone, "it is not on " + ctx().node(), {}});
    return;
  }
  const bool moves = std::ranges::any_of(jobs_, [&](const auto& item) { return item.second->what.name == what.name; });
  if (moves) {
    done({move_end::kind::not_moved, "it is being moved already", ctx().node()});
    return;
  }
  auto one = std::make_shared<job>();
  one->number = ++next_number_;
  one->what = std::move(what);
  one->done = std::move(done);
  one->cell = std::move(cell);
  one->tries = tries;
  jobs_[one->number] = one;
  ctx().after(whole_time, [this, one] { carry_out(one, one->steps.out_of_time()); });
  prepare(one);
}

void mover::carry_out(const job_ptr& one, const move_source::orders& orders) {
  using kind = move_source::order::kind;
  for (const auto& order : orders) {
    switch (order.what) {
    case kind::freeze:
      freeze(one);
      break;
    case kind::send_state:
      send_state(one);
      break;
    case kind::flush_senders:
      flush_senders(one);
      break;
    case kind::commit:
      commit(one);
      break;
    case kind::thaw:
      one->cell->thaw();
      break;
    case kind::drop_replica:
      (void)ctx().send(address{one->what.target, std::string{mover_entity}}, "drop_replica",
                       json{{"name", one->what.name}, {"move", one->number}});
      break;
    case kind::depart:
      depart(one);
      break;
    case kind::enliven:
      enliven_there(one);
      break;
    case kind::tell_moved:
      end(one, {move_end::kind::moved, order.reason, one->what.target});
      break;
    case kind::tell_not_moved:
      end(one, {move_end::kind::not_moved, order.reason, ctx().node()});
      break;
    case kind::tell_undecided:
      if (auto tell = std::exchange(one->done, nullptr)) {
        tell({move_end::kind::undecided, order.reason, {}});
      }
      break;
    }
  }
  if (one->steps.at() == move_source::step::ended) {
    end(one, {});
  }
}

/// The last thing that happens to a job; a second call does nothing.
void mover::end(const job_ptr& one, move_end how) {
  if (jobs_.erase(one->number) == 0) {
    return;
  }
  auto tell = std::exchange(one->done, nullptr);
  if (one->gone) {
    how.how = move_end::kind::gone;
  }
  // Those that wait for this one, and this one if it has to try again after another.
  for (const auto& [number, other] : std::map{jobs_}) {
    if (other->waits_for.erase(one->what.name) != 0 && other->waits_for.empty()) {
      marked(other, true);
    }
  }
  if (tell && how.how == move_end::kind::not_moved && !one->retry_after.empty() && one->tries < most_tries) {
    ctx().after(seconds{0.002 * (1 + one->tries)}, [this, what = one->what, tell, tries = one->tries + 1] {
      begin(what, tell, tries);
    });
  } else if (tell) {
    tell(std::move(how));
  }
}

void mover::ask_target(const job_ptr& one, std::string_view entity, std::string command, json body, seconds patience,
                       std::function<void(message_ptr)> done) {
  ctx().ask_then(request{address{one->what.target, std::string{entity}}, std::move(command), std::move(body), patience, {}, {}},
                 std::move(done));
}

void mover::prepare(const job_ptr& one) {
  home_.fault("move.source.preparing");
  json body{{"name", one->what.name},
            {"from", ctx().node()},
            {"move", one->number},
            {"epoch", one->cell->since().to_json()},
            {"class_desc", one->what.desc.to_json()},
            {"supervision", one->cell->of().supervision.to_json()}};
  ask_target(one, local_admin_entity, "prepare_replica", std::move(body), whole_time, [this, one](const message_ptr& answer) {
    home_.fault("move.source.prepared");
    const auto how = answer->is("replica_is_prepared") ? result<>{} : fail(error_code::conflict, reason_of(*answer));
    carry_out(one, one->steps.prepared(how));
  });
}

void mover::freeze(const job_ptr& one) {
  one->cell->freeze(freeze_time, [this, one](result<frozen_actor> how) {
    auto kept = std::make_shared<result<frozen_actor>>(std::move(how));
    post_([this, one, kept] {
      home_.fault("move.source.frozen");
      if (*kept) {
        one->frozen = std::move(**kept);
        carry_out(one, one->steps.frozen({}));
      } else {
        one->gone = kept->error().code == error_code::not_found;
        carry_out(one, one->steps.frozen(std::unexpected(kept->error())));
      }
    });
  });
}

void mover::send_state(const job_ptr& one) {
  result<> sent;
  for (const auto& what : one->frozen.mailbox) {
    if (sent = home_.peers().send(one->what.target, what, lane::answer); !sent) {
      carry_out(one, one->steps.replica_ready(sent));
      return;
    }
  }
  json body{{"name", one->what.name}, {"move", one->number}, {"count", one->frozen.mailbox.size()}};
  body["state"] = std::move(one->frozen.state);
  ask_target(one, mover_entity, "make_replica", std::move(body), whole_time, [this, one](const message_ptr& answer) {
    home_.fault("move.source.replica_ready");
    const auto how = answer->is("replica_is_ready") ? result<>{} : fail(error_code::conflict, reason_of(*answer));
    carry_out(one, one->steps.replica_ready(how));
  });
  home_.fault("move.source.state_sent");
}

/// What the actor has sent by the ways of this node must have arrived before it sends by those of another.
void mover::flush_senders(const job_ptr& one) {
  one->missing_marks = 1;
  for (const auto& name : one->frozen.sent_to) {
    if (name == one->what.name) {
      continue;
    }
    auto cell = home_.names().find(name);
    if (cell && !cell->is_guarded()) {
      const bool moves = cell->is_freezing() && std::ranges::any_of(jobs_, [&](const auto& item) {
                           return item.second->what.name == name;
                         });
      if (!moves) {
        continue; // what was sent is in its mailbox
      }
      if (waits(name, one->what.name)) {
        one->retry_after = name;
        carry_out(one, one->steps.senders_flushed(fail(
                         error_code::conflict, "it and " + name + " have sent to each other and move at the same time")));
        return;
      }
      one->missing_marks += one->waits_for.empty() ? 1 : 0;
      one->waits_for.insert(name);
      continue;
    }
    ++one->missing_marks;
    flush_sender(one, name, 0);
  }
  marked(one, true);
}

/// A marker is lost with a link: what it followed may wait at a node that lives, so it goes again. Where nobody answers in
/// the end, nothing waits any more either.
void mover::flush_sender(const job_ptr& one, const std::string& name, int broken) {
  request marker{address{name}, std::string{flush_command}, json{{"for", one->what.name}}, marker_time, {}, {}};
  ctx().ask_then(std::move(marker), [this, one, name, broken](const message_ptr& answer) {
    if (answer->is("actor_has_failed") && broken < most_broken_markers) {
      ctx().after(marker_pause, [this, one, name, broken] { flush_sender(one, name, broken + 1); });
      return;
    }
    if (answer->is("flush_is_refused")) {
      one->retry_after = name; // it moves too: this one lets it go first
    }
    marked(one, !answer->is("timer") && !answer->is("flush_is_refused"));
  });
}

/// Whether the move of `name`, if there is one, waits for that of `for_whom` (or is not as far as to know).
bool mover::waits(const std::string& name, const std::string& for_whom) const {
  for (const auto& [number, other] : jobs_) {
    if (other->what.name != name) {
      continue;
    }
    return other->waits_for.contains(for_whom) ||
           std::ranges::any_of(other->waits_for, [&](const auto& next) { return waits(next, for_whom); });
  }
  return false;
}

void mover::marked(const job_ptr& one, bool ok) {
  one->marks_failed = one->marks_failed || !ok;
  if (one->missing_marks == 0 || --one->missing_marks != 0) {
    return;
  }
  const auto how = one->marks_failed
                     ? fail(error_code::timed_out, "what it has sent to others has not arrived in time")
                     : result<>{};
  carry_out(one, one->steps.senders_flushed(how));
}

void mover::commit(const job_ptr& one) {
  home_.fault("move.source.before_commit");
  json body{{"name", one->what.name},
            {"from", ctx().node()},
            {"epoch", one->cell->since().to_json()},
            {"to", one->what.target}};
  request ask{address{home_.options().daemon_node, std::string{directory_entity}}, "move_name", std::move(body),
              verdict_time, {}, {}};
  ctx().ask_then(std::move(ask), [this, one](const message_ptr& answer) {
    if (answer->is("name_is_moved")) {
      one->committed = epoch::from_json(answer->body().value("epoch", json(nullptr)));
      home_.fault("move.source.committed");
      carry_out(one, one->steps.verdict(move_source::word::committed, {}));
    } else if (answer->is("name_is_not_moved")) {
      carry_out(one, one->steps.verdict(move_source::word::refused, reason_of(*answer)));
    } else {
      ctx().after(verdict_pause, [this, one, why = reason_of(*answer)] {
        carry_out(one, one->steps.verdict_is_late("the head does not answer: " + why));
      });
    }
  });
}

/// The actor has left: its name leads to the target now, and what comes here still is passed on.
void mover::depart(const job_ptr& one) {
  const auto name = one->what.name;
  auto& home = home_;
  auto follow = [&home, target = one->what.target](const message& what) {
    const auto& sender = what.sender();
    if (!sender.is_ask()) {
      return;
    }
    std::uint64_t number = 0;
    std::from_chars(sender.entity.data() + 1, sender.entity.data() + sender.entity.size(), number);
    if (sender.node == home.options().node) {
      home.asks().may_wait_at(number, target);
    } else {
      home.peers().tell(sender.node, json{{"t", "moved"}, {"ask", number}, {"node", target}});
    }
  };
  for (const auto& what : one->frozen.mailbox) {
    follow(*what);
  }
  const auto taken = one->frozen.mailbox.size();
  one->frozen = {};
  one->cell->depart(
    taken,
    [&home, name, cell = one->cell] {
      home.routes().begin_leave(name);
      home.names().remove(name, cell.get());
    },
    [&home, follow, target = one->what.target](const message_ptr& what) {
      follow(*what);
      if (auto sent = home.peers().send(target, what, lane::answer); !sent) {
        home.bounce(*what, "actor_has_failed", json{{"reason", sent.error().text}, {"mid", what->mid()}}, "node_is_down");
      }
    },
    [&home, name, one] {
      home.has_left(name, one->what.target, one->committed);
      home.fault("move.source.forwarded");
    });
}

void mover::enliven_there(const job_ptr& one) {
  json body{{"name", one->what.name}, {"move", one->number}, {"epoch", one->committed.to_json()}};
  ask_target(one, mover_entity, "enliven", std::move(body), enliven_time, [this, one](const message_ptr& answer) {
    std::string problem;
    if (answer->is("replica_is_resumed")) {
      problem = answer->body().is_object() ? answer->body().value("problem", "") : "";
    } else {
      problem = "the target has not said that it works: " + reason_of(*answer);
    }
    carry_out(one, one->steps.enlivened(problem));
  });
}

void mover::node_down(const std::string& node, const std::string& reason) {
  for (const auto& [number, one] : std::map{jobs_}) {
    if (one->what.target == node) {
      carry_out(one, one->steps.target_is_down(reason));
    }
  }
  for (const auto& name : home_.replicas().names([&](const replica& r) { return r.from == node && !r.complete; })) {
    std::uint64_t move = 0;
    home_.replicas().with(name, [&](replica& r) { move = r.move; });
    drop(name, move);
  }
}

} // namespace troupe
