#include "runtime/scripts/script_shelf.hpp"

#include "runtime/scripts/digest.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

const std::vector<std::string>& script_shelf::list(time_point now) {
  if (watch_.has_changed(now)) {
    names_ = store_.list();
    std::erase_if(known_, [this](const auto& each) { return !std::ranges::binary_search(names_, each.first); });
  }
  return names_;
}

const known_script* script_shelf::find(const std::string& name) {
  const auto version = store_.look(name);
  if (!version) {
    known_.erase(name);
    return nullptr;
  }
  const auto options_version = store_.look_at_options(name).value_or(file_version{});
  const auto found = known_.find(name);
  if (found != known_.end() && found->second.version == *version && found->second.options_version == options_version) {
    return &found->second;
  }
  const auto code = store_.code(name);
  if (!code) {
    known_.erase(name);
    return nullptr;
  }
  known_script fresh;
  fresh.version = *version;
  fresh.options_version = options_version;
  fresh.digest = digest().add(*code).add(std::to_string(version->modified_ns)).bytes();
  fresh.options = store_.options(name);
  if (auto header = script_header::read(*code)) {
    fresh.header = std::move(*header);
  } else {
    fresh.header_problem = header.error().text;
  }
  return &(known_[name] = std::move(fresh));
}

} // namespace troupe
