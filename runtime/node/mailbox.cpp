#include "runtime/node/mailbox.hpp"

namespace troupe {

template <class T>
void mailbox::lane<T>::push(T value) {
  auto* made = new node<T>{nullptr, std::move(value)};
  made->next = incoming.load(std::memory_order_relaxed);
  while (!incoming.compare_exchange_weak(made->next, made, std::memory_order_seq_cst, std::memory_order_relaxed)) {
  }
}

template <class T>
void mailbox::lane<T>::refill() {
  auto* newest = incoming.exchange(nullptr, std::memory_order_acquire);
  if (newest == nullptr) {
    return;
  }
  node<T>* oldest = nullptr;
  auto* const tail = newest;
  while (newest != nullptr) {
    auto* following = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = following;
  }
  if (last != nullptr) {
    last->next = oldest;
  } else {
    first = oldest;
  }
  last = tail;
}

template <class T>
bool mailbox::lane<T>::take(T& out) {
  if (first == nullptr) {
    refill();
  }
  if (first == nullptr) {
    return false;
  }
  auto* taken = first;
  first = taken->next;
  if (first == nullptr) {
    last = nullptr;
  }
  out = std::move(taken->value);
  delete taken;
  return true;
}

template <class T>
bool mailbox::lane<T>::empty() const noexcept {
  return first == nullptr && incoming.load(std::memory_order_seq_cst) == nullptr;
}

template <class T>
void mailbox::lane<T>::clear() {
  T dropped;
  while (take(dropped)) {
  }
}

mailbox::~mailbox() {
  messages_.clear();
  system_.clear();
}

bool mailbox::push(message_ptr what, std::uint32_t limit) {
  if (size_.fetch_add(1, std::memory_order_relaxed) >= limit) {
    size_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  messages_.push(std::move(what));
  return true;
}

void mailbox::push(std::function<void()> what) { system_.push(std::move(what)); }

bool mailbox::has_system() const noexcept { return !system_.empty(); }

bool mailbox::has_messages() const noexcept { return !messages_.empty(); }

bool mailbox::has_new_messages() const noexcept {
  return messages_.incoming.load(std::memory_order_seq_cst) != nullptr;
}

std::function<void()> mailbox::take_system() {
  std::function<void()> out;
  system_.take(out);
  return out;
}

message_ptr mailbox::take_message() {
  message_ptr out;
  if (messages_.take(out)) {
    size_.fetch_sub(1, std::memory_order_relaxed);
  }
  return out;
}

void mailbox::put_back(message_ptr what) {
  size_.fetch_add(1, std::memory_order_relaxed);
  auto* made = new node<message_ptr>{messages_.first, std::move(what)};
  messages_.first = made;
  if (messages_.last == nullptr) {
    messages_.last = made;
  }
}

void mailbox::inspect_new(const std::function<bool(const message_ptr&)>& look) {
  auto* before = messages_.last;
  messages_.refill();
  inspect_from(before, look);
}

void mailbox::inspect_all(const std::function<bool(const message_ptr&)>& look) {
  messages_.refill();
  inspect_from(nullptr, look);
}

void mailbox::inspect_from(node<message_ptr>* before, const std::function<bool(const message_ptr&)>& look) {
  auto** at = before == nullptr ? &messages_.first : &before->next;
  auto* kept = before;
  while (*at != nullptr) {
    auto* here = *at;
    if (look(here->value)) {
      *at = here->next;
      size_.fetch_sub(1, std::memory_order_relaxed);
      delete here;
    } else {
      kept = here;
      at = &here->next;
    }
  }
  messages_.last = kept;
}

} // namespace troupe
