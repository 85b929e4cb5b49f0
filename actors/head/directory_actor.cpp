#include "actors/head/directory_actor.hpp"

#include "runtime/node/node_options.hpp"

#include <algorithm>

namespace troupe {

namespace {
constexpr seconds settle_time{5}; ///< a question for a name whose process is being started again waits this long
constexpr std::size_t most_waiting = 50'000; ///< less than a mailbox holds
} // namespace

void directory_actor::describe(class_builder<directory_actor>& table) {
  table.doc("name to place, for the whole system")
    .on("reserve_names", &directory_actor::reserve_names)
    .on("release_names", &directory_actor::release_names)
    .on("find_name", &directory_actor::find_name)
    .on("keep_checkpoint", &directory_actor::keep_checkpoint)
    .on("move_name", &directory_actor::move_name)
    .on("note_replica", &directory_actor::note_replica)
    .on("drop_replica", &directory_actor::drop_replica)
    .on("replica_is_lost", &directory_actor::replica_is_lost)
    .on("names_are_settled", &directory_actor::names_are_settled);
}

/// It comes again when the names are settled, and is answered then.
reply directory_actor::wait() {
  if (waiting_.size() >= most_waiting) {
    return reply::failed("the names of the system are not settled yet, and too many ask for them");
  }
  waiting_.push_back(ctx().current());
  return reply::later();
}

reply directory_actor::names_are_settled(const message&) {
  if (!books_.actors.names().is_settled()) {
    return reply::done();
  }
  for (const auto& what : std::exchange(waiting_, {})) {
    (void)ctx().forward(*what, address{ctx().node(), "troupe.directory"});
  }
  return reply::done();
}

reply directory_actor::reserve_names(const message& what) {
  if (!books_.actors.names().is_settled()) {
    return wait();
  }
  try {
    const auto& body = what.body();
    const actor_kind kind{body.value("class_desc", json(nullptr)), body.value("supervision", json(nullptr)),
                          body.value("persist", false)};
    auto made = books_.actors.reserve(body.at("names").get<std::vector<std::string>>(),
                                      body.at("node").get_ref<const std::string&>(), kind);
    if (!made) {
      return {"names_are_taken", json{{"names", made.error()}}};
    }
    reply answer{"names_are_reserved", json{{"epoch", made->to_json()}}};
    if (!kind.is_permanent()) {
      return answer;
    }
    // What is told to have been made comes back after a crash. A store that cannot write has complained by itself.
    books_.store.flush([tell = ctx().promise(), answer = std::move(answer)](result<>) { tell(answer); });
    return reply::later();
  } catch (const json::exception&) {
    return reply::bad_request("names", "{node, names: […]}");
  }
}

reply directory_actor::release_names(const message& what) {
  try {
    const auto& node = what.body().at("node").get_ref<const std::string&>();
    auto names = what.body().at("names").get<std::vector<std::string>>();
    std::erase_if(names, [&](const std::string& name) {
      const auto found = books_.actors.names().find(name);
      return !found || found->node != node;
    });
    books_.actors.release(names, node);
    if (forget_) {
      std::ranges::for_each(names, forget_);
    }
    (void)ctx().send(address{ctx().node(), std::string{supervisor_entity}}, "names_are_gone",
                     json{{"node", node}, {"names", names}, {"reason", what.body().value("reason", "")}});
    // What is told to have been removed does not come back after a crash.
    books_.store.flush([tell = ctx().promise()](result<>) { tell(reply{"names_are_released"}); });
    return reply::later();
  } catch (const json::exception&) {
    return reply::bad_request("names", "{node, names: […]}");
  }
}

reply directory_actor::place_of(const std::string& name) const {
  auto found = books_.actors.names().find(name);
  if (!found) {
    return {"name_is_absent"};
  }
  return {"name_is_found", json{{"node", found->node}, {"epoch", found->since.to_json()}}};
}

/// A name whose process is being started again is there, but has no place yet: the question waits for it.
reply directory_actor::find_name(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return reply::bad_request("name", "an actor's name");
  }
  const auto name = body["name"].get<std::string>();
  const auto found = books_.actors.names().find(name);
  if (!found && !books_.actors.names().is_settled()) {
    return wait();
  }
  if (!found || books_.unsettled.is_settled(found->node, name == found->node)) {
    return place_of(name);
  }
  const auto number = books_.unsettled.wait(
    found->node, name == found->node, [this, name, tell = ctx().promise()](const std::string& why_not) {
      tell(why_not.empty() ? place_of(name) : reply{"name_is_not_settled", json{{"reason", why_not}}});
    });
  if (number != 0) {
    ctx().after(settle_time, [this, number] { books_.unsettled.time_out(number); });
  }
  return reply::later();
}

reply directory_actor::keep_checkpoint(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string() || !body.contains("checkpoint")) {
    return reply::bad_request("checkpoint", "{name, epoch, checkpoint}");
  }
  const auto since = epoch::from_json(body.value("epoch", json(nullptr)));
  if (!books_.actors.keep_checkpoint(body["name"].get_ref<const std::string&>(), since, body["checkpoint"],
                                      body.value("class_desc", json(nullptr)))) {
    return {"checkpoint_is_not_kept", json{{"reason", "no actor of this name and epoch is to come back"}}};
  }
  if (!what.wants_answer()) {
    return reply::done();
  }
  books_.store.flush([tell = ctx().promise()](result<>) { tell(reply{"checkpoint_is_kept"}); });
  return reply::later();
}

/// The commit of a move. Both nodes hear of it: the target, so that its replica lives even if the source dies now.
reply directory_actor::move_name(const message& what) {
  if (!books_.actors.names().is_settled()) {
    return wait();
  }
  try {
    const auto& body = what.body();
    const auto name = body.at("name").get<std::string>();
    const auto to = body.at("to").get<std::string>();
    pass("move.head.before_commit");
    // A process that is being started again has no replica of the one that died; a move that was committed stays so.
    if (const auto now = books_.actors.names().find(name); now && now->node != to && !books_.unsettled.is_settled(to)) {
      return {"name_is_not_moved", json{{"reason", "the process " + to + " died and is being started again"}}};
    }
    auto moved = books_.actors.move(name, place{body.at("from").get<std::string>(), epoch::from_json(body.at("epoch"))}, to);
    if (!moved) {
      return {"name_is_not_moved", json{{"reason", moved.error().text}}};
    }
    pass("move.head.committed");
    (void)ctx().send(address{to, "troupe.mover"}, "enliven", json{{"name", name}, {"epoch", moved->to_json()}});
    return {"name_is_moved", json{{"epoch", moved->to_json()}}};
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, from, epoch, to}");
  }
}

reply directory_actor::note_replica(const message& what) {
  if (!books_.actors.names().is_settled()) {
    return wait();
  }
  try {
    const auto& body = what.body();
    const auto name = body.at("name").get<std::string>();
    const auto where = body.at("where").get<std::string>();
    const place from{body.at("from").get<std::string>(), epoch::from_json(body.at("epoch"))};
    const auto now = books_.actors.names().find(name);
    if (now && now->node == from.node && now->since == from.since) {
      books_.actors.names().note_replica(name, from, where);
      return {"replica_is_noted"};
    }
    if (now && now->node == where && now->since > from.since) {
      return {"replica_is_owner", json{{"epoch", now->since.to_json()}}};
    }
    return {"replica_is_void"};
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, from, epoch, where}");
  }
}

reply directory_actor::drop_replica(const message& what) {
  try {
    books_.actors.names().drop_replica(what.body().at("name").get<std::string>(), what.body().at("where").get<std::string>());
    return {"replica_is_dropped"};
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, where}");
  }
}

reply directory_actor::replica_is_lost(const message& what) {
  try {
    const auto& body = what.body();
    const auto name = body.at("name").get<std::string>();
    const auto where = body.at("where").get<std::string>();
    const auto now = books_.actors.names().find(name);
    if (now && now->node == where && now->since == epoch::from_json(body.at("epoch"))) {
      (void)ctx().send(address{ctx().node(), std::string{local_admin_entity}}, "actor_is_lost",
                       json{{"name", name}, {"epoch", body["epoch"]}, {"node", where}});
    }
    return reply::done();
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, epoch, where}");
  }
}

std::shared_ptr<const class_info> make_directory_class(head_books& books,
                                                       const std::function<void(std::string_view)>& fault,
                                                       const std::function<void(const std::string&)>& forget) {
  return std::make_shared<const class_info>(describe_class<directory_actor>(
    "Directory", [&books, fault, forget] { return std::make_unique<directory_actor>(books, fault, forget); }));
}

} // namespace troupe
