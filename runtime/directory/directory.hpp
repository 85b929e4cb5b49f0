#pragma once

#include <troupe/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// Orders the places of one name: a later place has the larger epoch. Only the head's incarnation is written to disk, so
/// a name that was removed and made again never loses to an older place.
struct epoch {
  std::uint32_t incarnation = 0;
  std::uint64_t counter = 0;
  auto operator<=>(const epoch&) const = default;
};

/// Where a name lives.
struct place {
  std::string node;
  epoch since;
};

/// The head's table of names: name → (node, epoch). Unique in the system. Plain data: no thread, no clock.
class directory {
public:
  explicit directory(std::uint32_t incarnation) : incarnation_(incarnation) {}

  /// All names or none: with a name in use, gives the names that are taken.
  std::expected<epoch, std::vector<std::string>> reserve(const std::vector<std::string>& names, const std::string& node);

  /// Frees a name if `node` holds it.
  bool release(std::string_view name, std::string_view node);

  /// Frees every name of a node; returns how many.
  std::size_t release_node(const std::string& node);

  std::optional<place> find(std::string_view name) const;

  std::size_t size() const noexcept { return names_.size(); }
  std::size_t size_of(const std::string& node) const;

private:
  struct entry {
    std::uint32_t node = 0;
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
};

} // namespace troupe
