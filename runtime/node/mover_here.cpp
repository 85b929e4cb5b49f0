// New objects for actors of this node, and the replicas of those that come.
#include "runtime/node/mover.hpp"

namespace troupe {

namespace {

constexpr seconds freeze_time_here{2};
constexpr seconds note_time{3};
constexpr seconds watch_period{3};

class pool_job final : public runnable {
public:
  explicit pool_job(std::function<void()> what) : what_(std::move(what)) {}
  bool run() override {
    what_();
    return false;
  }

private:
  std::function<void()> what_;
};

} // namespace

/// The code of packages runs on the pool, never on the control thread.
void mover::on_pool(std::function<void()> what) {
  auto* job = new pool_job(std::move(what));
  home_.pool().schedule(*job);
  job->unref();
}

/// A new object in the same process, perhaps of another class. The name stays where it is, so no way changes: the new cell
/// takes the place of the old one between two messages, with its mailbox.
void mover::renew(move_order what, std::function<void(move_end)> done) {
  auto old = home_.names().find(what.name);
  const auto here = ctx().node();
  if (!old) {
    done({move_end::kind::gone, "it is not on " + here, {}});
    return;
  }
  auto of = std::make_shared<const cell_class>(cell_class{what.of, what.desc, old->of().supervision});
  ref_ptr<actor_cell> made{new actor_cell(home_, home_.pool(), what.name, std::move(of))};
  made->placed(old->since());
  auto refuse = [old, made, done, here](const std::string& why, bool gone = false) {
    made->abandon();
    done({gone ? move_end::kind::gone : move_end::kind::not_moved, why, here});
  };
  old->freeze(freeze_time_here, [this, old, made, done, here, refuse, name = what.name](result<frozen_actor> frozen) {
    if (!frozen) {
      refuse(frozen.error().text, frozen.error().code == error_code::not_found);
      return;
    }
    on_pool([this, old, made, done, here, refuse, name, state = std::move(frozen->state)] {
      if (auto embodied = made->embody(state); !embodied) {
        old->thaw();
        refuse(embodied.error().text);
        return;
      }
      made->set_guarded(old->is_guarded());
      if (!home_.names().replace(name, old.get(), made)) {
        old->thaw();
        refuse("it was removed meanwhile");
        return;
      }
      auto rest = std::make_shared<std::vector<message_ptr>>();
      old->depart(
        0, [] {}, [rest](message_ptr left) { rest->push_back(std::move(left)); },
        [this, made, rest, done, here] {
          on_pool([made, rest, done, here] {
            made->enliven(std::move(*rest), [done, here](const result<>& how) {
              done({move_end::kind::moved, how ? std::string{} : how.error().text, here});
            });
          });
        });
    });
  });
}

reply mover::make_replica(const message& what) {
  const auto& body = what.body();
  std::string name;
  std::uint64_t move = 0;
  std::size_t count = 0;
  try {
    name = body.at("name").get<std::string>();
    move = body.at("move").get<std::uint64_t>();
    count = body.at("count").get<std::size_t>();
    (void)body.at("state");
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, move, count, state}");
  }
  ref_ptr<actor_cell> cell;
  std::size_t came = 0;
  home_.replicas().with(name, [&](replica& one) {
    if (one.move == move && !one.complete) {
      one.complete = true;
      one.embodying = true;
      cell = one.cell;
      came = one.mailbox.size();
    }
  });
  if (!cell) {
    return {"replica_is_refused", json{{"reason", "nothing was prepared for " + name}}};
  }
  if (came != count) {
    home_.replicas().with(name, [](replica& one) { one.embodying = false; });
    drop(name, move);
    return {"replica_is_refused", json{{"reason", "only " + std::to_string(came) + " of " + std::to_string(count) +
                                                    " messages of its mailbox arrived"}}};
  }
  on_pool([this, cell, name, move, question = ctx().current(), answer = ctx().promise()] {
    auto made = cell->embody(question->body()["state"]);
    post_([this, made, cell, name, move, answer] {
      home_.fault("move.target.replica_made");
      bool there = false;
      home_.replicas().with(name, [&](replica& one) {
        if (one.cell.get() == cell.get()) {
          there = true;
          one.embodying = false;
        }
      });
      if (!there) {
        cell->abandon();
        answer(reply{"replica_is_refused", json{{"reason", "it was given up meanwhile"}}});
        return;
      }
      if (!made) {
        drop(name, move);
        answer(reply{"replica_is_refused", json{{"reason", made.error().text}}});
        return;
      }
      // Only when the head knows of it: if the source dies now, this one takes over.
      note_replica(name, move, [this, answer] {
        answer(reply{"replica_is_ready"});
        home_.fault("move.target.ready_sent");
      });
      watch_replica(name, move);
    });
  });
  return reply::later();
}

/// Tells the head of a complete replica. If the name has another fate by then, the replica follows it.
void mover::note_replica(const std::string& name, std::uint64_t move, std::function<void()> noted) {
  json body{{"name", name}, {"where", ctx().node()}};
  const bool there = home_.replicas().with(name, [&](replica& one) {
    body["from"] = one.from;
    body["epoch"] = one.since.to_json();
  });
  if (!there) {
    return;
  }
  request ask{address{home_.options().daemon_node, std::string{directory_entity}}, "note_replica", std::move(body), note_time,
              {}, {}};
  ctx().ask_then(std::move(ask), [this, name, move, noted = std::move(noted)](const message_ptr& answer) {
    if (answer->is("replica_is_void")) {
      drop(name, move);
    } else if (answer->is("replica_is_owner")) {
      settle(name, epoch::from_json(answer->body().value("epoch", json(nullptr))), [](const result<>&) {});
    } else if (noted && answer->is("replica_is_noted")) {
      noted();
    }
  });
}

/// A replica that nobody decides about asks the head from time to time: its source may be gone, or the head was.
void mover::watch_replica(const std::string& name, std::uint64_t move) {
  ctx().after(watch_period, [this, name, move] {
    bool there = false;
    home_.replicas().with(name, [&](replica& one) { there = one.move == move; });
    if (there) {
      note_replica(name, move, nullptr);
      watch_replica(name, move);
    }
  });
}

reply mover::enliven(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string() || !body.contains("epoch")) {
    return reply::bad_request("name", "{name, epoch}");
  }
  const auto name = body["name"].get<std::string>();
  const bool is_head = !what.wants_answer();
  settle(name, epoch::from_json(body["epoch"]), [this, is_head, body, answer = ctx().promise()](const result<>& how) {
    if (how) {
      answer(reply{"replica_is_resumed"});
    } else if (how.error().code == error_code::not_found) {
      if (is_head) { // it has taken over what was given up: nobody has the name
        json lost = body;
        lost["where"] = home_.options().node;
        (void)home_.send(request{address{home_.options().daemon_node, std::string{directory_entity}}, "replica_is_lost",
                                 std::move(lost), {}, {}, {}});
      }
      answer(reply{"replica_is_absent", json{{"reason", how.error().text}}});
    } else {
      answer(reply{"replica_is_resumed", json{{"problem", how.error().text}}});
    }
  });
  return reply::later();
}

/// The replica becomes the actor: first what its source had in the mailbox, then what waited here.
void mover::settle(const std::string& name, epoch since, std::function<void(result<>)> done) {
  std::optional<replica> taken;
  std::vector<message_ptr> markers;
  home_.settle_here(name, [&](bool guarded) {
    taken = home_.replicas().take(
      name, [&](const replica& one) { return one.complete && !one.embodying && since > one.since; });
    if (!taken) {
      return false;
    }
    taken->cell->placed(since);
    taken->cell->set_guarded(guarded);
    for (auto& held : taken->others) {
      if (held.what->is(flush_command)) {
        markers.push_back(held.what);
      } else {
        (void)taken->cell->deliver(held.what, std::numeric_limits<std::uint32_t>::max());
      }
    }
    home_.names().put(name, taken->cell);
    return true;
  });
  if (auto running = enlivening_.find(name); !taken && running != enlivening_.end()) {
    running->second.push_back(std::move(done));
    return;
  }
  if (!taken) {
    auto there = home_.names().find(name);
    done(there && there->since() >= since ? result<>{}
                                          : fail(error_code::not_found, "there is no replica of " + name + " here"));
    return;
  }
  for (const auto& what : taken->mailbox) {
    home_.is_here(*what);
  }
  for (const auto& marker : markers) {
    home_.answer(*marker, reply{"flushed", json{{"node", ctx().node()}, {"epoch", since.to_json()}}});
  }
  home_.fault("move.target.activated");
  enlivening_[name].push_back(std::move(done));
  on_pool([this, name, cell = taken->cell, first = std::move(taken->mailbox)]() mutable {
    cell->enliven(std::move(first), [this, name](result<> how) {
      post_([this, name, how] {
        const auto waiting = enlivening_.extract(name);
        for (const auto& tell : waiting.mapped()) {
          tell(how);
        }
      });
    });
  });
}

reply mover::drop_replica(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string() || !body.contains("move") ||
      !body["move"].is_number_unsigned()) {
    return reply::bad_request("name", "{name, move}");
  }
  drop(body["name"].get<std::string>(), body["move"].get<std::uint64_t>());
  return {"replica_is_dropped"};
}

/// The move came to nothing. What came here for the name finds its way anew.
void mover::drop(const std::string& name, std::uint64_t move) {
  auto taken = home_.replicas().take(name, [&](const replica& one) { return one.move == move; });
  if (!taken) {
    return;
  }
  (void)ctx().send(address{home_.options().daemon_node, std::string{directory_entity}}, "drop_replica",
                   json{{"name", name}, {"where", ctx().node()}});
  if (!taken->embodying) {
    taken->cell->abandon();
  }
  for (auto& held : taken->others) {
    home_.received(held.from, held.what);
  }
}

} // namespace troupe
