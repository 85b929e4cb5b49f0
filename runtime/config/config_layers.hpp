#pragma once

#include "runtime/config/located_json.hpp"
#include "runtime/config/settings.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace troupe {

/// Puts sources of settings on top of each other, and remembers where each value came from. Used once, by
/// `load_settings`.
class config_layers {
public:
  /// Where a value came from, for people, and the folder that its relative paths mean.
  struct source {
    std::string text;
    std::filesystem::path base_dir;
  };

  explicit config_layers(const json& schema);

  void add_file(const std::filesystem::path& file);
  void add_environment(const std::map<std::string, std::string>& environment, const std::filesystem::path& current);
  void add_flag(const std::string& flag, const std::filesystem::path& current);

  const json& value() const noexcept { return value_; }
  const source* source_of(const std::string& key) const;
  std::vector<std::string>& problems() noexcept { return problems_; }
  std::vector<std::string>& warnings() noexcept { return warnings_; }
  bool file_was_unreadable() const noexcept { return file_was_unreadable_; }

private:
  void put(const std::string& key, json value, source from);
  void add_text(const std::string& key, const json& schema, const std::string& text, source from);

  const json& schema_;
  json value_ = json::object();
  std::map<std::string, source> sources_;
  std::vector<std::string> problems_;
  std::vector<std::string> warnings_;
  bool file_was_unreadable_ = false;
};

/// The environment name of a setting: "gateway.port" → "TROUPE_GATEWAY_PORT".
std::string environment_name(const std::string& key);

} // namespace troupe
