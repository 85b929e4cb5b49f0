#pragma once

#include <troupe/context.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Who wants to hear of whose end: actors and nodes by name. A watch stays until it is taken back, until the watched is
/// gone for good, or until the watcher is. Plain data.
class watch_list {
public:
  struct notice {
    address watcher;
    std::string command;
    json body;
  };

  /// The same watch twice is one.
  void add(const std::string& entity, const address& watcher);
  /// False if there was none.
  bool remove(std::string_view entity, const address& watcher);
  /// Drops the watches of those who are gone: nobody is left to tell.
  void forget_watchers(const std::function<bool(const address& watcher)>& is_gone);

  /// `actor_is_down {entity, reason, node, will_restart}` for each watcher. With `stays` the watches stay, as for an actor
  /// that comes back or still has its name.
  std::vector<notice> actor_is_down(const std::string& actor, const std::string& reason, const std::string& node,
                                    bool will_restart, bool stays);
  /// `node_is_down {node, reason, will_restart}`, in the same way.
  std::vector<notice> node_is_down(const std::string& node, const std::string& reason, bool will_restart, bool stays);

  std::vector<std::string> watched() const;
  bool is_empty() const noexcept { return watchers_.empty(); }

private:
  std::vector<notice> tell(const std::string& entity, std::string_view command, const json& body, bool stays);

  std::map<std::string, std::vector<address>, std::less<>> watchers_; ///< by the watched
};

} // namespace troupe
