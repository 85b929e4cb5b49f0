#pragma once

#include "runtime/node/actor_cell.hpp"

#include <array>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The actors of this node by name. Thread-safe.
class name_table {
public:
  enum class delivery {
    done,
    absent,
    guarded, ///< it is here, but this node's own messages must not go to it directly
    full,
  };

  /// Puts a message into the mailbox of `name`, `own`: it was sent on this node. Happens under the table's lock, so that
  /// after `remove` nothing more is put into the mailbox.
  delivery deliver(std::string_view name, const message_ptr& what, std::uint32_t limit, bool own) const;
  /// Whether `name` is here and may be sent to directly.
  bool is_open(std::string_view name) const;
  /// Puts `cell` there, whatever is there: an unborn actor whose name the directory refuses.
  void put(std::string_view name, ref_ptr<actor_cell> cell);
  /// Puts `cell` in the place of `old`; false if that is not there any more.
  bool replace(std::string_view name, const actor_cell* old, ref_ptr<actor_cell> cell);

  /// False if the name is in use.
  bool add(const std::string& name, ref_ptr<actor_cell> cell);
  ref_ptr<actor_cell> find(std::string_view name) const;
  /// Removes `name` if it is `cell`'s.
  void remove(std::string_view name, const actor_cell* cell);
  /// Empties the table and gives what was in it.
  std::vector<ref_ptr<actor_cell>> take_all();
  std::vector<std::string> names() const;
  std::size_t size() const;
  /// Shows every cell of one shard, while its names stand still: `look` has to be quick.
  static constexpr std::size_t shard_count = 16;
  void look_at(std::size_t shard, const std::function<void(const std::string&, const actor_cell&)>& look) const;

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::string, ref_ptr<actor_cell>, text_hash, std::equal_to<>> cells;
  };

  const shard& shard_of(std::string_view name) const { return shards_[text_hash{}(name) >> 7 & 15]; }
  shard& shard_of(std::string_view name) { return shards_[text_hash{}(name) >> 7 & 15]; }

  std::array<shard, shard_count> shards_;
};

} // namespace troupe
