#pragma once

#include <memory>

namespace troupe {

/// Something that keeps frames back until it is told to write them.
class batched_sender {
public:
  virtual ~batched_sender() = default;
  virtual void write_out() = 0;
};

/// While one is open on a thread, links keep the small frames that this thread sends and write them in one go when it
/// ends: for a thread that handles many short messages in a row. Nested ones change nothing.
class send_batch {
public:
  send_batch() = default;
  send_batch(const send_batch&) = delete;
  send_batch& operator=(const send_batch&) = delete;
  ~send_batch() { end(); }

  void open() noexcept;
  void end() noexcept;

  /// True: a batch is open on this thread, and `write_out` will be called on it.
  static bool hold(const std::shared_ptr<batched_sender>& what);
  static bool is_open() noexcept;

private:
  bool is_mine_ = false;
};

} // namespace troupe
