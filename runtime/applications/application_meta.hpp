#pragma once

#include "runtime/applications/application_settings.hpp"

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <map>
#include <string>
#include <string_view>

namespace troupe {

/// What the meta file of an application says. Fields that are not known here stay in it.
class application_meta {
public:
  static application_meta make(const std::string& id, const std::string& name);
  static result<application_meta> parse(std::string_view text);
  std::string text() const;

  const std::string& id() const noexcept { return id_; }
  const std::string& name() const noexcept { return name_; }
  void set_name(const std::string& name) { name_ = name; }
  const application_settings& settings() const noexcept { return settings_; }
  application_settings& settings() noexcept { return settings_; }
  /// Ids of scripts by their paths.
  const std::map<std::string, std::string>& marks() const noexcept { return marks_; }
  /// The path of the script with this id; empty if there is none.
  std::string script_of(const std::string& script_id) const;

  /// The script's id: the one that it has, else a new one.
  std::string mark(const std::string& path);
  bool unmark(const std::string& path) { return marks_.erase(path) > 0; }
  /// The file or folder `path` is gone with everything in it.
  void forget(const std::string& path);

  /// A move that has begun: written down before the file itself moves, so that marks follow it whatever happens.
  struct move {
    std::string from;
    std::string to;
  };
  const move& moving() const noexcept { return moving_; }
  void begin_move(move what) { moving_ = std::move(what); }
  /// It came to its end, or to nothing.
  void end_move(bool happened);

private:
  json all_ = json::object();
  std::string id_;
  std::string name_;
  std::map<std::string, std::string> marks_;
  application_settings settings_;
  move moving_;
};

} // namespace troupe
