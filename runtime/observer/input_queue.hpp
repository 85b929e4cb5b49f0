#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A piece of a script's standard input and where it begins in the whole of it.
struct input_piece {
  std::uint64_t offset = 0;
  std::string bytes;
};

/// A script's standard input as its user keeps it: writes wait here until the script has read them, pieces go to the
/// observer as far as its window reaches, and each write is answered when the script's pipe has all of it. What is not
/// taken is kept, so that it can be sent again to an observer that was attached anew, or go along with a task that moves;
/// the places of the pieces tell the observer what it has already. Pure.
class input_queue {
public:
  using answer = std::function<void(result<std::size_t>)>;

  static constexpr std::size_t window = 256 * 1024;
  static constexpr std::size_t piece_limit = 64 * 1024;
  /// One write may have any size; another is taken only while less than this waits.
  static constexpr std::size_t queue_limit = 1024 * 1024;

  explicit input_queue(bool is_open);
  /// What `to_json` of another queue gave; answers are missing until `claim`.
  static input_queue from_json(const json& value);
  json to_json() const;

  /// `key` names the write for `withdraw` and `claim`; empty: it has no name.
  void write(std::string bytes, std::string key, answer done);
  /// True if a write of this name is known from before: `done` is its answer from now on.
  bool claim(const std::string& key, answer done);
  /// Forgets the answers of all writes that have names, and returns these: somebody will claim them, here or where
  /// `to_json` goes.
  std::vector<std::string> withdraw();

  /// The next piece for the observer; empty if there is none, or the window is full.
  input_piece next_piece();
  void taken(std::uint64_t total);
  /// An observer was attached anew: so much it has received.
  void attached(std::uint64_t received);

  /// The user's end of input. False (with the reason in `closed_reason`) if it was closed before.
  bool close();
  /// Once for each observer: the end of input is to be told, everything before it was sent.
  bool close_is_due();
  /// The script takes no more; all that waits fails.
  void broken(const std::string& reason);

  const std::string& closed_reason() const noexcept { return closed_; }
  std::uint64_t waiting() const noexcept { return accepted_ - taken_; }

private:
  struct entry {
    std::string bytes;
    std::uint64_t end = 0; // in the stream
    std::string key;
    answer done;

    std::uint64_t begin() const noexcept { return end - bytes.size(); }
  };

  void settle();
  void answer_one(entry& one, result<std::size_t> how);

  std::deque<entry> writes_;
  std::map<std::string, result<std::size_t>> ended_; // withdrawn, not claimed yet
  std::uint64_t accepted_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
  std::string closed_;
  bool wants_close_ = false;
  bool close_told_ = false;
};

} // namespace troupe
