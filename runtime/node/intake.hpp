#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace troupe {

/// The receiver's end of the account of a link (see `send_ledger`). Every message that came by the link shares the
/// ownership of its batch through its `origin`, so a batch is done when its last message is gone. `origin`, `count_one`
/// and `cut` are of the link's thread; the rest may be called from any.
class intake {
public:
  /// `origin`: who made messages that name nobody else, as text.
  explicit intake(std::string origin);

  /// For the messages of the present batch.
  const std::shared_ptr<const std::string>& origin() const noexcept { return origin_; }

  void count_one() noexcept { ++count_; }
  /// The present batch ends with this mark; a new one begins.
  void cut(std::uint64_t mark);

  /// The marks of batches that are done and were not taken before.
  std::vector<std::uint64_t> take_done();
  /// Batches that were cut and are not done.
  std::size_t open() const;
  std::uint64_t count() const noexcept { return count_; }

private:
  struct account;
  struct batch;

  void begin();

  std::shared_ptr<account> account_;
  std::shared_ptr<batch> present_;
  std::shared_ptr<const std::string> origin_;
  std::uint64_t count_ = 0;
};

} // namespace troupe
