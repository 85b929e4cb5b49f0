#pragma once

#include <troupe/message.hpp>

#include "runtime/link/link.hpp"

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// A message that waits until its name is resolved.
struct held_message {
  message_ptr what;
  lane credit = lane::ordinary;
  std::string from; ///< the node whose link it came over; empty: sent here
};

/// Where this node believes names of other nodes live, and the messages that wait for an answer of the directory.
/// Entries appear by use and vanish when they prove wrong or their node dies. Thread-safe.
class route_table {
public:
  enum class found {
    known,   ///< `use` was called with the node
    waiting, ///< held; somebody asks the directory already
    asking,  ///< held; the caller has to ask the directory
    full,    ///< too many wait for this name
  };

  /// Sends along a known route, or holds the message. `use` runs under the table's lock, so that the order of one name's
  /// messages is the order of the calls. `fresh`: a known route is not trusted.
  found pass(const std::string& name, held_message what, bool fresh,
             const std::function<void(const std::string& node, held_message&)>& use);

  /// Ends the waiting for `name`: with a node, the route is kept and the held messages are given to `use` in order; with
  /// an empty node it is forgotten.
  void settle(const std::string& name, const std::string& node,
              const std::function<void(const std::string& node, held_message&)>& use);

  /// Forgets `name` if it is believed to live at `node` (any node if empty).
  void forget(const std::string& name, const std::string& node);
  void forget_node(const std::string& node);

  std::size_t size() const;

private:
  struct entry {
    std::string node; ///< empty: asked for
    std::vector<held_message> held;
  };
  struct shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, entry> entries;
  };

  static constexpr std::size_t most_held = 10'000;
  static constexpr std::size_t most_entries = 65'536; ///< per shard; then known routes are dropped and asked for again

  shard& shard_of(const std::string& name) { return shards_[std::hash<std::string>{}(name) >> 7 & 15]; }

  std::array<shard, 16> shards_;
};

} // namespace troupe
