#pragma once

#include <troupe/result.hpp>

#include "runtime/directory/epoch.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace troupe {

/// Where a name lives.
struct place {
  std::string node;
  epoch since;
  std::uint32_t kind = 0; ///< the caller's number for what it is
};

/// A name of one node.
struct held_name {
  std::string name;
  std::uint32_t kind = 0;
};

/// The head's table of names: name → (node, epoch). Unique in the system. Plain data: no thread, no clock.
class directory {
public:
  explicit directory(std::uint32_t incarnation) : incarnation_(incarnation) {}

  /// All names or none: with a name in use, gives the names that are taken.
  std::expected<epoch, std::vector<std::string>> reserve(const std::vector<std::string>& names, const std::string& node,
                                                          std::uint32_t kind = 0);

  /// A new epoch for every name of a node, whose process is another one now.
  epoch renew(const std::string& node);

  void set_kind(std::string_view name, std::uint32_t kind);

  std::vector<held_name> names_of(const std::string& node) const;

  /// Frees a name if `node` holds it.
  bool release(std::string_view name, std::string_view node);

  /// Frees every name of a node; returns how many. No name moves to it until it is opened again.
  std::size_t release_node(const std::string& node);
  void open_node(const std::string& node) { closed_.erase(node); }
  /// No name moves to it until it is opened again; its names stay.
  void close_node(const std::string& node) { closed_.insert(node); }

  std::optional<place> find(std::string_view name) const;

  /// The commit of a move: `name` is at `to` from now on, if it is at `from` since `since`. Asked again after it happened
  /// it gives the same epoch, so a lost answer does no harm. Fails with `not_found` (no such name), `conflict` (it is
  /// somewhere else) or `unavailable` (`to` has ended).
  result<epoch> move(std::string_view name, const place& from, const std::string& to);

  /// `where` holds a complete replica of a name that is at `from` since `since`: if that node dies before the commit, the
  /// replica can take over.
  void note_replica(const std::string& name, const place& from, const std::string& where);
  void drop_replica(std::string_view name, std::string_view where);
  /// The node that is noted for `name`; empty: none.
  std::string replica_of(std::string_view name) const;

  /// Moves every name of a dead node that has a complete replica elsewhere to it. To be called before the node's names
  /// are released; the nodes that are named have to be told.
  std::vector<std::pair<std::string, place>> promote_replicas(const std::string& dead);

  // A head that comes after a killed one learns the names from the nodes that live on: `begin_census` for each of them
  // before anybody asks, `adopt` what they tell, `end_census` (or `release_node`, if one is dead).
  void begin_census(const std::string& node);
  /// `node` has this name since `since`. A name that it has released meanwhile is not taken over. If two nodes have it, the
  /// later place counts; gives the other one, whose actor has to go.
  std::optional<std::string> adopt(std::string_view name, const place& at);
  void end_census(const std::string& node);
  /// False while a node is still to be asked: a name that is not found may be in use.
  bool is_settled() const noexcept { return censuses_.empty(); }

  std::size_t size() const noexcept { return names_.size(); }
  std::size_t size_of(const std::string& node) const;

private:
  struct entry {
    std::uint32_t node = 0;
    std::uint32_t kind = 0;
    epoch since;
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  std::uint32_t node_id(const std::string& node);

  std::uint32_t incarnation_;
  std::uint64_t counter_ = 0;
  std::unordered_map<std::string, entry, text_hash, std::equal_to<>> names_;
  std::unordered_map<std::string, std::uint32_t> node_ids_;
  std::vector<std::string> nodes_;
  std::vector<std::size_t> counts_; ///< names per node id

  std::unordered_map<std::string, std::unordered_set<std::string>> censuses_; ///< node → what it has released since

  struct replica {
    place from;
    std::string where;
  };
  std::unordered_set<std::string> closed_; ///< nodes that have ended
  std::unordered_map<std::string, replica, text_hash, std::equal_to<>> replicas_;
};

} // namespace troupe
