#pragma once

#include <troupe/address.hpp>
#include <troupe/json.hpp>
#include <troupe/message.hpp>
#include <troupe/reply.hpp>
#include <troupe/result.hpp>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

using seconds = std::chrono::duration<double>;

/// What an actor sends. `timeout` is the time an ask waits for its answer and travels along as the receiver's budget.
struct request {
  address recipient;
  std::string command;
  json body = nullptr;
  std::optional<seconds> timeout; ///< none: 1 s for an ask, no budget for a send
  address sender;                 ///< for sends only: who gets an answer; null: nobody
  std::string user;
};

/// One answer of a group ask. `message` is never null; `command()=="timer"` says that none came in time.
struct group_answer {
  address recipient;
  message_ptr message;
};

/// A ticker: `command` every `period`, first after `delay`, `count` times (none: until removed).
struct ticker_options {
  seconds period{1};
  std::optional<seconds> delay; ///< none: at once
  std::optional<std::uint64_t> count;
  std::string name; ///< empty: `ticker_<n>`
  std::string command = "tick";
};

enum class log_level { debug, info, warning, error };

/// Answers one message later, from any thread. Only the first call counts; a responder dropped without one answers
/// `actor_has_failed`. Copies share that state.
class responder {
public:
  responder() = default;
  explicit responder(std::shared_ptr<std::function<void(reply)>> answer) : answer_(std::move(answer)) {}
  void operator()(reply value) const {
    if (answer_ && *answer_) {
      (*answer_)(std::move(value));
    }
  }
  explicit operator bool() const noexcept { return answer_ != nullptr; }

private:
  std::shared_ptr<std::function<void(reply)>> answer_;
};

/// Runs functions in the turn of one actor, from any thread. A function posted to an actor that has ended is dropped.
using poster = std::function<void(std::function<void()>)>;

class context;

namespace detail {

struct ask_awaiter {
  context& ctx;
  request what;
  message_ptr answer;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller);
  message_ptr await_resume() noexcept { return std::move(answer); }
};

struct group_awaiter {
  context& ctx;
  std::vector<request> what;
  seconds timeout;
  std::vector<group_answer> answers;
  bool await_ready() const noexcept { return what.empty(); }
  void await_suspend(std::coroutine_handle<> caller);
  std::vector<group_answer> await_resume() noexcept { return std::move(answers); }
};

struct sleep_awaiter {
  context& ctx;
  seconds time;
  bool await_ready() const noexcept { return time.count() <= 0; }
  void await_suspend(std::coroutine_handle<> caller);
  void await_resume() const noexcept {}
};

} // namespace detail

/// An actor's door to its node. Owned by the engine, valid from before `pre_run` until after `exit`. To be used in the
/// actor's own turn only, except where a function says otherwise.
class context {
public:
  virtual ~context() = default;

  virtual const std::string& name() const noexcept = 0;   ///< the actor's name
  virtual const std::string& node() const noexcept = 0;   ///< `<host>.<process>.admin`
  virtual const std::string& system() const noexcept = 0; ///< the system's name
  virtual const std::string& head() const noexcept = 0;   ///< the node name of the head

  /// `{system, node, entity}` of this actor.
  address self() const { return {node(), name()}; }

  /// Accepts the message for delivery, or says why not (`mailbox_full`, `too_large`). Accepted is not yet received: an
  /// unknown recipient becomes a dead letter.
  virtual result<> send(request what) = 0;
  result<> send(address to, std::string command, json body = nullptr) {
    return send(request{std::move(to), std::move(command), std::move(body), {}, {}, {}});
  }

  /// Passes a message on as it is, sender included.
  virtual result<> forward(const message& what, address to) = 0;

  /// Asks; `done` is called in the actor's turn with the answer: a message of the receiver, or one of
  /// `actor_is_not_found`, `actor_has_failed`, `mailbox_full`, `timer` made by the system. Never null, called exactly
  /// once unless the actor ends first.
  virtual void ask_then(request what, std::function<void(message_ptr)> done) = 0;

  /// Asks every recipient; `done` gets one answer for each, in the order of `what`.
  virtual void group_ask_then(std::vector<request> what, seconds timeout,
                              std::function<void(std::vector<group_answer>)> done) = 0;

  /// `co_await` it: the answer, as in `ask_then`.
  [[nodiscard]] detail::ask_awaiter ask(request what) { return {*this, std::move(what), nullptr}; }
  [[nodiscard]] detail::ask_awaiter ask(address to, std::string command, json body = nullptr,
                                        std::optional<seconds> timeout = {}) {
    return ask(request{std::move(to), std::move(command), std::move(body), timeout, {}, {}});
  }
  [[nodiscard]] detail::group_awaiter group_ask(std::vector<request> what, seconds timeout) {
    return {*this, std::move(what), timeout, {}};
  }
  /// `co_await` it: waits without holding a thread.
  [[nodiscard]] detail::sleep_awaiter sleep(seconds time) { return {*this, time}; }

  /// Calls `done` in the actor's turn after `time`.
  virtual void after(seconds time, std::function<void()> done) = 0;

  /// The message that is being handled; null outside of a handler.
  virtual message_ptr current() const noexcept = 0;

  /// The way to answer the current message later (return `reply::later()` then).
  virtual responder promise() = 0;

  /// A way into this actor's turn for other threads.
  virtual poster make_poster() = 0;

  /// Returns the ticker's name. A name that is in use keeps its ticker.
  virtual std::string add_ticker(ticker_options options) = 0;
  virtual void remove_ticker(std::string_view name) = 0;

  /// One `timer` message `{mid}` to this actor after `time`; `mid` is the caller's value.
  virtual void start_timer(seconds time, json mid = nullptr) = 0;

  /// A line on the daemon's standard output, with the node's name before it, and in the log.
  virtual void print(std::string_view line) = 0;
  virtual void log(log_level level, std::string_view text) = 0;

  /// Keeps parameters and `save()` as the state to restart from.
  virtual void checkpoint() = 0;

  /// The actor ends after the present message.
  virtual void stop() = 0;
};

inline void detail::ask_awaiter::await_suspend(std::coroutine_handle<> caller) {
  ctx.ask_then(std::move(what), [this, caller](message_ptr message) {
    answer = std::move(message);
    caller.resume();
  });
}

inline void detail::group_awaiter::await_suspend(std::coroutine_handle<> caller) {
  ctx.group_ask_then(std::move(what), timeout, [this, caller](std::vector<group_answer> all) {
    answers = std::move(all);
    caller.resume();
  });
}

inline void detail::sleep_awaiter::await_suspend(std::coroutine_handle<> caller) {
  ctx.after(time, [caller] { caller.resume(); });
}

} // namespace troupe
