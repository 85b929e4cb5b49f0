#pragma once

#include <troupe/message.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace troupe {

/// The two queues of one actor. Many threads push; one thread at a time (the actor's turn) takes.
/// The ordinary lane holds messages and is bounded; the system lane holds functions (answers, timers, stop) and is
/// bounded by what was asked for.
class mailbox {
public:
  mailbox() = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox();

  /// False: it already holds `limit` messages.
  bool push(message_ptr what, std::uint32_t limit);
  void push(std::function<void()> what);

  bool has_system() const noexcept;
  bool has_messages() const noexcept;
  /// Messages that `inspect_new` has not seen.
  bool has_new_messages() const noexcept;

  /// The oldest function, or an empty one.
  std::function<void()> take_system();
  /// The oldest message, or null.
  message_ptr take_message();
  /// Puts a message before all others.
  void put_back(message_ptr what);

  /// Calls `look` for each message that came since the last call; those for which it returns true are taken out.
  void inspect_new(const std::function<bool(const message_ptr&)>& look);

  void inspect_all(const std::function<bool(const message_ptr&)>& look);

  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
  struct job {
    job* next = nullptr;
    std::function<void()> what;
  };
  /// Pushed by many as a stack; turned around by the one that takes. Links nodes, owns none.
  template <class Node>
  struct lane {
    std::atomic<Node*> incoming{nullptr};
    Node* first = nullptr; ///< oldest first
    Node* last = nullptr;

    void push(Node* made) noexcept;
    void refill() noexcept;
    Node* take() noexcept;
    bool empty() const noexcept;
  };

  /// The message's own place; one from the heap if the message is in a queue already.
  static queue_place* place_for(message_ptr what);
  static message_ptr leave(queue_place* place) noexcept;

  void inspect_from(queue_place* before, const std::function<bool(const message_ptr&)>& look);

  lane<queue_place> messages_;
  lane<job> system_;
  std::atomic<std::uint32_t> size_{0};
};

} // namespace troupe
