#pragma once

#include <troupe/json.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// What many actors have in common: how they are made again.
struct actor_kind {
  json class_desc = nullptr;
  json supervision = nullptr;
  bool persist = false; ///< comes back after an orderly end too

  /// Whether such an actor comes back when its process died: it is known how it is made, and `supervision` does not say
  /// `"restart": "temporary"`.
  bool is_permanent() const;
};

/// The kinds of all actors, each held once, with a number from 1 on and a count of the actors that have it. A number is
/// used again when its last actor is gone. Plain data.
class kind_table {
public:
  struct noted {
    std::uint32_t number = 0;
    bool is_new = false;
  };

  noted add(const actor_kind& what, std::size_t actors);
  /// Puts a kind back under its number, as it was written down; no actor has it yet. Ignored if the number is in use.
  void restore(std::uint32_t number, actor_kind what);
  /// More actors of a kind that is there.
  void add_to(std::uint32_t number, std::size_t actors);
  void remove_from(std::uint32_t number, std::size_t actors);

  /// Null for 0 and for numbers that are not in use.
  const actor_kind* find(std::uint32_t number) const;
  std::size_t size() const noexcept { return numbers_.size(); }

private:
  struct slot {
    actor_kind what;
    std::string key; ///< empty: free
    std::size_t actors = 0;
  };

  slot& slot_of(std::uint32_t number);

  std::vector<slot> slots_; ///< the number is the index + 1
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

} // namespace troupe
