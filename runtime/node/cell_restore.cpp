// What a new object of an actor takes over from the old one.
#include "runtime/node/actor_cell.hpp"
#include "runtime/node/cell_extras.hpp"

namespace troupe {

void actor_cell::set_checkpoint(json checkpoint) { extras().checkpoint = std::move(checkpoint); }

result<> actor_cell::restore_checkpoint() {
  if (!extras_ || !extras_->checkpoint.is_object()) {
    return {};
  }
  const auto& state = extras_->checkpoint;
  const auto& info = *class_->loaded.info;
  const auto params = state.value("params", json::object());
  for (const auto& [name, value] : params.items()) {
    const auto* param = info.find_param(name);
    if (param == nullptr) {
      continue;
    }
    if (auto expected = param->check(value)) {
      return fail(error_code::conflict, "the class " + info.name + " takes " + *expected + " for the parameter " + name);
    }
    param->set(*actor_, value);
  }
  if (state.contains("state") && !state["state"].is_null()) {
    actor_->restore(state["state"]);
  }
  return {};
}

} // namespace troupe
