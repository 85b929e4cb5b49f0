#include "actors/head/process_wish.hpp"

namespace troupe {

std::expected<process_wish, reply> parse_process_wish(const json& body) {
  process_wish wish;
  if (body.is_null() || (body.is_string() && body.get_ref<const std::string&>().empty())) {
    return wish;
  }
  const auto wrong = [](const char* field, const char* expected) {
    return std::unexpected(reply::bad_request(field, expected));
  };
  if (!body.is_object()) {
    return wrong("name", "the new process's name, or nothing");
  }
  const auto field = [&](const char* name) { return body.contains(name) ? body[name] : json(nullptr); };
  if (const auto name = field("name"); name.is_string()) {
    wish.name = name.get<std::string>();
  } else if (!name.is_null()) {
    return wrong("name", "the new process's name, or nothing");
  }
  if (const auto restart = field("restart"); !restart.is_null()) {
    if (restart != "permanent" && restart != "temporary") {
      return wrong("restart", "\"permanent\" (it comes back when it dies) or \"temporary\"");
    }
    wish.permanent = restart == "permanent";
  }
  if (const auto persist = field("persist"); persist.is_boolean()) {
    wish.persist = persist.get<bool>();
  } else if (!persist.is_null()) {
    return wrong("persist", "true (it comes back after an orderly end too) or false");
  }
  return wish;
}

} // namespace troupe
