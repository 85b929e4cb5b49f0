// Making the actors of an earlier process again.
#include "actors/admin/process_admin.hpp"

#include "runtime/packages/class_desc_reader.hpp"

namespace troupe {

/// From the daemon: `{actors: [{name, class_desc, supervision, epoch, checkpoint, restarts}…]}`.
reply process_admin::restore_actors(const message& what) {
  const auto& body = what.body();
  if (!body.is_object() || !body.contains("actors") || !body["actors"].is_array()) {
    return reply::bad_request("actors", "an array of {name, class_desc, supervision, epoch, checkpoint, restarts}");
  }
  json failed = json::array();
  std::vector<restoration> wanted;
  json restored = json::array();
  std::string last_desc;
  result<loaded_class> loaded = fail(error_code::internal, "");
  for (const auto& item : body["actors"]) {
    const auto name = item.is_object() ? item.value("name", json(nullptr)) : json(nullptr);
    if (!name.is_string()) {
      return reply::bad_request("actors", "each with a name");
    }
    auto desc = read_class_desc(item.value("class_desc", json(nullptr)));
    if (!desc) {
      failed.push_back(json{{"name", name}, {"reason", "its class is not given as " + desc.error().expected}});
      continue;
    }
    // Most of a node's actors are of a few classes.
    if (auto key = desc->to_json().dump(-1, ' ', false, json::error_handler_t::replace); key != last_desc) {
      loaded = ports_.classes.obtain(*desc);
      last_desc = std::move(key);
    }
    if (!loaded) {
      failed.push_back(json{{"name", name}, {"reason", loaded.error().text}});
      continue;
    }
    auto supervision = parse_supervision(item.value("supervision", json(nullptr)));
    restored.push_back(name);
    wanted.push_back({name.get<std::string>(), *loaded, std::move(*desc),
                      supervision ? std::move(*supervision) : supervision_spec{}, item.value("epoch", json(nullptr)), item.value("checkpoint", json(nullptr)),
                      item.value("restarts", 0u)});
  }
  ports_.node.restore_actors(std::move(wanted), [answer = ctx().promise(), failed = std::move(failed),
                                                 restored = std::move(restored)](const json& more) mutable {
    for (const auto& one : more) {
      restored.erase(std::find(restored.begin(), restored.end(), one["name"]));
      failed.push_back(one);
    }
    answer(reply{"actors_are_restored", json{{"restored", std::move(restored)}, {"failed", std::move(failed)}}});
  });
  return reply::later();
}

} // namespace troupe
