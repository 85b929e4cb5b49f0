#include "runtime/node/actor_cell.hpp"
namespace troupe {
json actor_cell::export_state() const {
  json params = json::object();
  for (const auto& param : class_->loaded.info->params) {
    params[param.name] = param.get(*actor_);
  }
  return json{{"params", std::move(params)}, {"state", actor_->save()}};
}
result<> actor_cell::import_state(const json& state) {
  for (const auto& [name, value] : state["params"].items()) {
    class_->loaded.info->find_param(name)->set(*actor_, value);
  }
  actor_->restore(state["state"]);
  return {};
}
}
