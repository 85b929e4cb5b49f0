#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <map>
#include <string>

namespace troupe {

/// What a web handler runs, and how.
struct web_handler {
  enum class mode {
    start,       ///< a request starts the script if it does not run, and is answered with its task
    per_request, ///< each request has a run of its own, which answers it
    long_lived,  ///< one run answers all requests; the first one starts it
  };
  std::string script; ///< its path in the application, or its id
  mode how = mode::per_request;
  double timeout_s = 30;        ///< until the answer
  json params = json::object(); ///< above the application's
};

/// What users say about an application beside its name. Lives in its meta file.
struct application_settings {
  static constexpr std::size_t most_handlers = 100;
  static constexpr std::size_t most_params_bytes = 256u << 10;

  std::string static_folder;    ///< `pages`, in the application; `/`: the application itself; empty: none
  bool is_public = false;       ///< whether its pages and handlers are for everybody who reaches the gateway
  json params = json::object(); ///< beneath those of each run
  std::map<std::string, web_handler> handlers;

  /// Takes the fields that `changes` has, `null` for the default; `bad_request` with the first one that does not fit, and
  /// nothing is taken then.
  result<> change(const json& changes);
  /// `{static_folder, public, params, handlers}`.
  json to_json() const;
  /// The paths of files have changed: `from` and what is below it is now `to`.
  void rename(const std::string& from, const std::string& to);
};

const char* name_of(web_handler::mode how) noexcept;

/// The parameters of a run: `above` hides `beneath`, name by name.
json merged_params(const json& beneath, const json& above);

/// `path` with `from` at its beginning, as a whole or as a folder, replaced by `to`; else `path` itself.
std::string renamed_path(const std::string& path, const std::string& from, const std::string& to);

} // namespace troupe
