#include "actors/head/directory_actor.hpp"

#include "runtime/node/node_options.hpp"

namespace troupe {

void directory_actor::describe(class_builder<directory_actor>& table) {
  table.doc("name to place, for the whole system")
    .on("reserve_names", &directory_actor::reserve_names)
    .on("release_names", &directory_actor::release_names)
    .on("find_name", &directory_actor::find_name)
    .on("move_name", &directory_actor::move_name)
    .on("note_replica", &directory_actor::note_replica)
    .on("drop_replica", &directory_actor::drop_replica);
}

reply directory_actor::reserve_names(const message& what) {
  try {
    auto made = names_.reserve(what.body().at("names").get<std::vector<std::string>>(),
                               what.body().at("node").get_ref<const std::string&>());
    if (!made) {
      return {"names_are_taken", json{{"names", made.error()}}};
    }
    return {"names_are_reserved", json{{"epoch", made->to_json()}}};
  } catch (const json::exception&) {
    return reply::bad_request("names", "{node, names: […]}");
  }
}

reply directory_actor::release_names(const message& what) {
  try {
    const auto& node = what.body().at("node").get_ref<const std::string&>();
    json gone = json::array();
    for (const auto& name : what.body().at("names")) {
      if (names_.release(name.get_ref<const std::string&>(), node)) {
        gone.push_back(name);
      }
    }
    (void)ctx().send(address{ctx().node(), std::string{supervisor_entity}}, "names_are_gone",
                     json{{"node", node}, {"names", std::move(gone)}, {"reason", what.body().value("reason", "")}});
    return {"names_are_released"};
  } catch (const json::exception&) {
    return reply::bad_request("names", "{node, names: […]}");
  }
}

reply directory_actor::find_name(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("name") || !body["name"].is_string()) {
    return reply::bad_request("name", "an actor's name");
  }
  auto found = names_.find(body["name"].get_ref<const std::string&>());
  if (!found) {
    return {"name_is_absent"};
  }
  return {"name_is_found", json{{"node", found->node}, {"epoch", found->since.to_json()}}};
}

/// The commit of a move. Both nodes hear of it: the target, so that its replica lives even if the source dies now.
reply directory_actor::move_name(const message& what) {
  try {
    const auto& body = what.body();
    const auto name = body.at("name").get<std::string>();
    const auto to = body.at("to").get<std::string>();
    pass("move.head.before_commit");
    auto moved = names_.move(name, place{body.at("from").get<std::string>(), epoch::from_json(body.at("epoch"))}, to);
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
  try {
    const auto& body = what.body();
    const auto name = body.at("name").get<std::string>();
    const auto where = body.at("where").get<std::string>();
    const place from{body.at("from").get<std::string>(), epoch::from_json(body.at("epoch"))};
    const auto now = names_.find(name);
    if (now && now->node == from.node && now->since == from.since) {
      names_.note_replica(name, from, where);
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
    names_.drop_replica(what.body().at("name").get<std::string>(), what.body().at("where").get<std::string>());
    return {"replica_is_dropped"};
  } catch (const json::exception&) {
    return reply::bad_request("name", "{name, where}");
  }
}

std::shared_ptr<const class_info> make_directory_class(directory& names,
                                                       const std::function<void(std::string_view)>& fault) {
  return std::make_shared<const class_info>(describe_class<directory_actor>(
    "Directory", [&names, fault] { return std::make_unique<directory_actor>(names, fault); }));
}

} // namespace troupe
