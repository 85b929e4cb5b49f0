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
  template <class T>
  struct node {
    node* next = nullptr;
    T value;
  };
  /// Pushed by many as a stack; turned around by the one that takes.
  template <class T>
  struct lane {
    std::atomic<node<T>*> incoming{nullptr};
    node<T>* first = nullptr; ///< oldest first
    node<T>* last = nullptr;

    void push(T value);
    void refill();
    bool take(T& out);
    bool empty() const noexcept;
    void clear();
  };

  void inspect_from(node<message_ptr>* before, const std::function<bool(const message_ptr&)>& look);

  lane<message_ptr> messages_;
  lane<std::function<void()>> system_;
  std::atomic<std::uint32_t> size_{0};
};

} // namespace troupe
