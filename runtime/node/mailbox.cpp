#include "runtime/node/mailbox.hpp"

namespace troupe {

template <class Node>
void mailbox::lane<Node>::push(Node* made) noexcept {
  made->next = incoming.load(std::memory_order_relaxed);
  while (!incoming.compare_exchange_weak(made->next, made, std::memory_order_seq_cst, std::memory_order_relaxed)) {
  }
}

template <class Node>
void mailbox::lane<Node>::refill() noexcept {
  auto* newest = incoming.exchange(nullptr, std::memory_order_acquire);
  if (newest == nullptr) {
    return;
  }
  Node* oldest = nullptr;
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

template <class Node>
Node* mailbox::lane<Node>::take() noexcept {
  if (first == nullptr) {
    refill();
  }
  auto* taken = first;
  if (taken != nullptr) {
    first = taken->next;
    if (first == nullptr) {
      last = nullptr;
    }
  }
  return taken;
}

template <class Node>
bool mailbox::lane<Node>::empty() const noexcept {
  return first == nullptr && incoming.load(std::memory_order_seq_cst) == nullptr;
}

queue_place* mailbox::place_for(message_ptr what) {
  if (what->is_place_taken_.exchange(true, std::memory_order_acquire)) {
    return new queue_place{nullptr, std::move(what)};
  }
  auto* place = &what->place_;
  place->what = std::move(what);
  return place;
}

message_ptr mailbox::leave(queue_place* place) noexcept {
  auto what = std::move(place->what);
  if (place == &what->place_) {
    what->is_place_taken_.store(false, std::memory_order_release);
  } else {
    delete place;
  }
  return what;
}

mailbox::~mailbox() {
  while (auto* place = messages_.take()) {
    leave(place);
  }
  while (auto* left = system_.take()) {
    delete left;
  }
}

bool mailbox::push(message_ptr what, std::uint32_t limit) {
  if (size_.fetch_add(1, std::memory_order_relaxed) >= limit) {
    size_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  messages_.push(place_for(std::move(what)));
  return true;
}

void mailbox::push(std::function<void()> what) { system_.push(new job{nullptr, std::move(what)}); }

bool mailbox::has_system() const noexcept { return !system_.empty(); }

bool mailbox::has_messages() const noexcept { return !messages_.empty(); }

bool mailbox::has_new_messages() const noexcept {
  return messages_.incoming.load(std::memory_order_seq_cst) != nullptr;
}

std::function<void()> mailbox::take_system() {
  std::unique_ptr<job> taken{system_.take()};
  return taken ? std::move(taken->what) : nullptr;
}

message_ptr mailbox::take_message() {
  auto* place = messages_.take();
  if (place == nullptr) {
    return nullptr;
  }
  size_.fetch_sub(1, std::memory_order_relaxed);
  return leave(place);
}

void mailbox::put_back(message_ptr what) {
  auto* place = place_for(std::move(what));
  size_.fetch_add(1, std::memory_order_relaxed);
  place->next = messages_.first;
  messages_.first = place;
  if (messages_.last == nullptr) {
    messages_.last = place;
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

void mailbox::inspect_from(queue_place* before, const std::function<bool(const message_ptr&)>& look) {
  auto** at = before == nullptr ? &messages_.first : &before->next;
  auto* kept = before;
  while (*at != nullptr) {
    auto* here = *at;
    if (look(here->what)) {
      *at = here->next;
      size_.fetch_sub(1, std::memory_order_relaxed);
      leave(here);
    } else {
      kept = here;
      at = &here->next;
    }
  }
  messages_.last = kept;
}

} // namespace troupe
