#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace troupe {

/// The sender's end of the account that a link keeps of plain messages (no asks, no answers): how many went to each
/// recipient and are not known to be gone from the other node's mailboxes. They are counted in batches; the mark behind a
/// batch is the number of messages so far, and the other end names it when the last message of the batch was worked off,
/// passed on or returned. What is left when the link ends is all that can be lost with it, and up to a batch for each
/// message that waits. Not thread-safe.
class send_ledger {
public:
  /// One message was put on the link. True: the batch is full, it is time for `cut`.
  bool note(const std::string& recipient);

  /// The mark of the present batch, to send behind its messages; none if it is empty, or if too many batches are open.
  std::optional<std::uint64_t> cut();

  /// The other end is done with the batch of this mark.
  void worked_off(std::uint64_t mark);
  /// The other end is done with the first `count` messages; whole batches and, if that is all, the present one.
  void all_worked_off(std::uint64_t count);

  bool is_clear() const noexcept { return batches_.empty() && present_.empty(); }

  /// How many are not known to be worked off.
  std::uint64_t open() const noexcept { return open_; }
  /// By recipient: at most so many of its last messages are lost.
  std::map<std::string, std::uint64_t> in_doubt() const;

private:
  using counts = std::unordered_map<std::string, std::uint64_t>;
  struct batch {
    std::uint64_t mark;
    std::uint64_t size;
    counts sent;
  };

  static constexpr std::uint64_t full_batch = 128;
  static constexpr std::size_t most_batches = 1024;

  counts present_;
  counts::value_type* latest_ = nullptr; ///< of the message before: they come in rows
  std::uint64_t total_ = 0;
  std::uint64_t cut_at_ = 0;
  std::uint64_t open_ = 0;
  std::deque<batch> batches_;
};

} // namespace troupe
