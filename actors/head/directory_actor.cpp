#include "actors/head/directory_actor.hpp"

#include "runtime/node/node_options.hpp"

namespace troupe {

void directory_actor::describe(class_builder<directory_actor>& table) {
  table.doc("name to place, for the whole system")
    .on("reserve_names", &directory_actor::reserve_names)
    .on("release_names", &directory_actor::release_names)
    .on("find_name", &directory_actor::find_name);
}

reply directory_actor::reserve_names(const message& what) {
  try {
    auto made = names_.reserve(what.body().at("names").get<std::vector<std::string>>(),
                               what.body().at("node").get_ref<const std::string&>());
    if (!made) {
      return {"names_are_taken", json{{"names", made.error()}}};
    }
    return {"names_are_reserved", json{{"epoch", {made->incarnation, made->counter}}}};
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
  return {"name_is_found", json{{"node", found->node}, {"epoch", {found->since.incarnation, found->since.counter}}}};
}

std::shared_ptr<const class_info> make_directory_class(directory& names) {
  return std::make_shared<const class_info>(
    describe_class<directory_actor>("Directory", [&names] { return std::make_unique<directory_actor>(names); }));
}

} // namespace troupe
