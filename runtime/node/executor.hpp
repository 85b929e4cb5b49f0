#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

namespace troupe {

/// Something an executor runs in turns, never twice at once. Counted: an executor holds a reference while it is queued.
class runnable {
public:
  runnable() = default;
  runnable(const runnable&) = delete;
  runnable& operator=(const runnable&) = delete;

  /// One turn. True: run again soon.
  virtual bool run() = 0;

  void ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void unref() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete this;
    }
  }

  /// Room for what an executor keeps with a runnable (an adapter to its own queue's type), so that queueing never
  /// allocates. Zero until an executor uses it.
  std::array<void*, 2>& executor_room() noexcept { return room_; }

protected:
  virtual ~runnable() = default;

private:
  std::atomic<std::size_t> references_{1};
  std::array<void*, 2> room_{};
};

/// A counted pointer to a runnable.
template <class T>
class ref_ptr {
public:
  ref_ptr() = default;
  explicit ref_ptr(T* adopted) noexcept : pointer_(adopted) {}
  ref_ptr(const ref_ptr& other) noexcept : pointer_(other.pointer_) {
    if (pointer_ != nullptr) {
      pointer_->ref();
    }
  }
  ref_ptr(ref_ptr&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  ref_ptr& operator=(ref_ptr other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~ref_ptr() {
    if (pointer_ != nullptr) {
      pointer_->unref();
    }
  }
  static ref_ptr share(T* pointer) noexcept {
    pointer->ref();
    return ref_ptr{pointer};
  }
  T* get() const noexcept { return pointer_; }
  T* operator->() const noexcept { return pointer_; }
  T& operator*() const noexcept { return *pointer_; }
  explicit operator bool() const noexcept { return pointer_ != nullptr; }

private:
  T* pointer_ = nullptr;
};

/// Gives turns to runnables. Thread-safe.
class executor {
public:
  virtual ~executor() = default;
  /// Queues one turn and holds a reference until it has ended. The caller sees to it that a runnable is queued once.
  virtual void schedule(runnable& what) = 0;
};

} // namespace troupe
