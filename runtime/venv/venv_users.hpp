#pragma once

#include <troupe/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Which runs use which environment, and which environments go with their last user. Pure.
class venv_users {
public:
  /// A run that uses an environment.
  struct user {
    std::string run;
    std::string actor; ///< who asked for it, and is watched; empty: nobody
  };

  /// A run that has it already counts once.
  void add(const std::string& venv, user who, bool clean);
  struct left {
    bool was_user = false;
    bool remove_venv = false; ///< it was the last user, and somebody wanted it removed then
  };
  left remove(const std::string& venv, const std::string& run);

  bool is_used(const std::string& venv) const { return of(venv) != nullptr; }
  /// Whether somebody other than `run` uses it.
  bool is_used_by_others(const std::string& venv, const std::string& run) const;
  std::vector<std::string> runs(const std::string& venv) const;
  bool goes_with_last_user(const std::string& venv) const;

  /// What the actor has in use: (environment, run) each.
  std::vector<std::pair<std::string, std::string>> of_actor(const std::string& actor) const;
  std::vector<std::string> actors() const;

  json save() const;
  void restore(const json& state);

private:
  struct use {
    std::vector<user> users;
    bool clean = false;
  };
  const use* of(const std::string& venv) const;

  std::map<std::string, use> all_;
};

} // namespace troupe
