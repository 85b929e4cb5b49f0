#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace history {

/// Numbers `first` to `last` (both included) that came one after the other.
struct range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const range&) const = default;
};

/// In the order in which they came.
using ranges = std::vector<range>;

/// Lengthens the last range if `more` goes on where it ends.
void extend(ranges& all, range more);

/// From a stream of a sender to an actor: both ends of it must tell the same story.
struct channel {
  std::string stream;
  std::string receiver;
  auto operator<=>(const channel&) const = default;
};

/// What a sender says of one channel.
struct sends {
  ranges sent;
  ranges refused;
  ranges answered;
  ranges reported;
  ranges timed_out;
};

/// What one copy of an actor has written: one file.
struct copy_history {
  std::string actor;
  std::string copy;
  std::optional<std::uint64_t> born;
  std::optional<std::uint64_t> ended;
  std::optional<std::uint64_t> first_active; ///< the first sign that this copy worked, birth included
  std::optional<std::uint64_t> last_active;
  bool worked_after_end = false;
  bool empty = false; ///< nothing was written: its process was killed in between
  bool torn = false;  ///< the file ends inside of a record, or is no history
  std::map<channel, sends> out;
  std::map<std::string, ranges> in; ///< by stream
};

/// The history in the bytes of one file. Never fails: what cannot be read is `torn`.
copy_history parse(std::string_view bytes);

/// All history files below `folder`.
std::vector<copy_history> read_folder(const std::filesystem::path& folder);

} // namespace history
