#pragma once

#include "actors/head/kind_table.hpp"
#include "runtime/directory/directory.hpp"
#include "runtime/store/head_store.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// Which actors should exist: name, place and kind (in the directory), how they are made again, their last checkpoints.
/// Writes every change into the store. Plain data of the head: no thread, no clock.
class actor_registry {
public:
  actor_registry(std::uint32_t incarnation, head_store& kept) : names_(incarnation), kept_(kept) {}

  /// All names or none, as `directory::reserve`. Permanent ones are written down.
  std::expected<epoch, std::vector<std::string>> reserve(const std::vector<std::string>& names, const std::string& node,
                                                         const actor_kind& what);
  /// Reserves a node's own name, which is nobody's to make again.
  bool reserve_node(const std::string& node);

  /// The epoch of what was written down and nobody has confirmed yet: older than all others.
  static constexpr epoch unconfirmed{0, 1};

  /// Takes what was written down, for a start: every name is at its node, unconfirmed. `lose_node` gives those of a dead
  /// node new epochs; those of a node that lives are confirmed by `adopt`.
  void load(store_content& from);
  /// Notes an actor that a living node tells, as `directory::adopt`, which gives the node whose actor of this name has to go.
  /// What is written down of it counts; for others `what` says how it is made again.
  std::optional<std::string> adopt(const std::string& name, const std::string& node, epoch since, const actor_kind& what);
  /// Releases and returns the names that a living node should hold and does not.
  std::vector<std::string> drop_unconfirmed(const std::string& node);

  /// Forgets names that `node` holds; returns how many it held.
  std::size_t release(const std::vector<std::string>& names, const std::string& node);
  /// The process is gone for good: forgets its names. `end`: with the whole system, so the store keeps them for the next
  /// start.
  std::size_t release_node(const std::string& node, bool end = false);
  /// The process died and comes back: temporary names are released and returned, the others have new epochs.
  std::vector<std::string> lose_node(const std::string& node);

  /// The commit of a move, as `directory::move`.
  result<epoch> move(std::string_view name, const place& from, const std::string& to);

  /// As `directory::promote_replicas`: those who lived on a dead node go on where their replicas are.
  std::vector<std::pair<std::string, place>> promote_replicas(const std::string& dead);

  /// Keeps the last checkpoint of an actor; false if that is of an earlier life, or of nobody. A class that is given and is
  /// another than before (it was recreated) is noted.
  bool keep_checkpoint(const std::string& name, epoch since, const json& checkpoint, const json& class_desc = nullptr);
  json checkpoint_of(const std::string& name) const;
  std::size_t checkpoint_bytes(const std::string& name) const;

  /// The actors to make again on a node, and what a node needs to do it: `{name, class_desc, supervision, epoch,
  /// checkpoint, restarts}`.
  std::vector<std::string> permanent_names(const std::string& node) const;
  json restoration_of(const std::string& name, std::uint32_t restarts) const;

  const actor_kind* kind_of(const std::string& name) const;
  directory& names() noexcept { return names_; }
  const directory& names() const noexcept { return names_; }
  const kind_table& kinds() const noexcept { return kinds_; }

private:
  std::uint32_t note_kind(const actor_kind& what, std::size_t actors);

  directory names_;
  head_store& kept_;
  kind_table kinds_;
  std::unordered_map<std::string, std::vector<std::uint8_t>> checkpoints_; ///< CBOR
};

} // namespace troupe
