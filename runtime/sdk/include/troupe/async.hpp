#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe {

template <class T = void>
class async;

namespace detail {

/// What all coroutine promises share: who is resumed when this one has ended.
struct promise_base {
  std::coroutine_handle<> continuation;
  void (*on_done)(void*) = nullptr; ///< called at the end of an outermost coroutine
  void* on_done_arg = nullptr;
  std::exception_ptr failure;

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      auto& base = self.promise();
      if (base.continuation) {
        return base.continuation;
      }
      if (base.on_done != nullptr) {
        base.on_done(base.on_done_arg);
      }
      return std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };

  final_awaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct promise : promise_base {
  std::optional<T> value;
  async<T> get_return_object();
  /// A type that can say so itself keeps exceptions inside the library that threw them.
  void unhandled_exception() noexcept {
    if constexpr (requires { T::thrown(std::string{}); }) {
      try {
        throw;
      } catch (const std::exception& problem) {
        value.emplace(T::thrown(problem.what()));
      } catch (...) {
        value.emplace(T::thrown("an exception of unknown type"));
      }
    } else {
      failure = std::current_exception();
    }
  }
  template <class U>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
};

template <>
struct promise<void> : promise_base {
  async<void> get_return_object();
  void return_void() noexcept {}
};

} // namespace detail

/// A lazily started coroutine that belongs to one actor: it runs in the actor's turn only, and while a handler of this
/// type waits, the actor takes no other message. Owned by whoever holds it; destroying it ends it where it waits.
template <class T>
class [[nodiscard]] async {
public:
  using promise_type = detail::promise<T>;
  using handle_type = std::coroutine_handle<promise_type>;

  async() = default;
  explicit async(handle_type handle) : handle_(handle) {}
  async(async&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  async& operator=(async&& other) noexcept {
    if (this != &other) {
      destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~async() { destroy(); }

  /// False: there is nothing to run (the default hooks return this).
  bool valid() const noexcept { return static_cast<bool>(handle_); }
  bool done() const noexcept { return !handle_ || handle_.done(); }
  handle_type handle() const noexcept { return handle_; }

  auto operator co_await() && noexcept {
    struct awaiter {
      handle_type handle;
      bool await_ready() const noexcept { return !handle || handle.done(); }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() {
        if (handle && handle.promise().failure) {
          std::rethrow_exception(handle.promise().failure);
        }
        if constexpr (!std::is_void_v<T>) {
          return std::move(*handle.promise().value);
        }
      }
    };
    return awaiter{handle_};
  }

private:
  void destroy() {
    if (handle_) {
      std::exchange(handle_, {}).destroy();
    }
  }

  handle_type handle_;
};

template <class T>
async<T> detail::promise<T>::get_return_object() {
  return async<T>{std::coroutine_handle<promise<T>>::from_promise(*this)};
}

inline async<void> detail::promise<void>::get_return_object() {
  return async<void>{std::coroutine_handle<promise<void>>::from_promise(*this)};
}

} // namespace troupe
