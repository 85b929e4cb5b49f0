#pragma once

#include <runtime/sdk/testing/fake_answer.hpp>

#include <troupe/actor.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A context for testing an actor without an engine: it notes what the actor sends, asks and prints, keeps its timers,
/// and runs posted functions when the test says so. One thread is the actor's turn: the test's. `post`ing and answering
/// work from any thread.
class fake_context : public context {
public:
  struct waiting_ask {
    std::vector<request> what;
    std::function<void(std::vector<message_ptr>)> done; ///< one message for each request
  };
  struct waiting_timer {
    seconds time;
    std::function<void()> done;
  };

  fake_context() : posted_(std::make_shared<post_queue>()) {}
  ~fake_context() override { posted_->close(); }

  std::string own_name = "tested";
  std::string own_node = "first.main.admin";
  std::string own_system = "king";

  std::vector<request> sent;
  std::vector<std::pair<json, address>> forwarded;
  std::deque<waiting_ask> asks;     ///< the test answers by calling `done`
  std::deque<waiting_timer> timers; ///< of `after` and `sleep`; the test lets time pass by calling `done`
  std::vector<std::pair<seconds, json>> timer_messages;
  std::map<std::string, ticker_options, std::less<>> tickers;
  std::vector<std::string> printed;
  std::vector<std::pair<log_level, std::string>> logged;
  int checkpoints = 0;
  bool stopped = false;

  /// Gives the actor a message as the engine does.
  fake_answer_ptr tell(actor& who, const class_info& info, std::string command, json body = nullptr) {
    auto answer = std::make_shared<fake_answer>();
    message_fields fields;
    fields.command = std::move(command);
    fields.body = std::move(body);
    fields.recipient = own_name;
    fields.sender = "tester";
    current_ = std::make_shared<const message>(std::move(fields));
    current_answer_ = answer;
    const auto found = info.commands.find(current_->command());
    auto out = found == info.commands.end() ? outcome{who.unknown(*current_)} : found->second.handle(who, *current_);
    if (auto* at_once = std::get_if<reply>(&out)) {
      if (at_once->what() != reply::kind::later) {
        answer->set(std::move(*at_once));
      }
    } else {
      run(std::move(std::get<async<reply>>(out)), answer);
    }
    current_.reset();
    current_answer_.reset();
    return answer;
  }

  /// Runs a hook; its answer is `done` or `actor_has_failed`.
  fake_answer_ptr run_hook(async<> hook) {
    auto answer = std::make_shared<fake_answer>();
    if (hook.valid()) {
      run(detail::with_done(std::move(hook)), answer);
    } else {
      answer->set(reply::done());
    }
    return answer;
  }

  /// Runs what was posted until `condition` holds; false if it did not within `limit`.
  template <class Condition>
  bool run_until(Condition&& condition, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      while (auto next = posted_->take()) {
        next();
      }
      if (condition()) {
        return true;
      }
      if (!posted_->wait(deadline)) {
        return condition();
      }
    }
  }

  const std::string& name() const noexcept override { return own_name; }
  const std::string& node() const noexcept override { return own_node; }
  const std::string& system() const noexcept override { return own_system; }
  const std::string& head() const noexcept override { return own_node; }

  using context::send;
  result<> send(request what) override {
    sent.push_back(std::move(what));
    return {};
  }
  result<> forward(const message& what, address to) override {
    forwarded.emplace_back(what.to_json(), std::move(to));
    return {};
  }
  void ask_then(request what, std::function<void(message_ptr)> done) override {
    asks.push_back({{std::move(what)}, [done = std::move(done)](std::vector<message_ptr> all) { done(all.at(0)); }});
  }
  void group_ask_then(std::vector<request> what, seconds,
                      std::function<void(std::vector<group_answer>)> done) override {
    auto recipients = std::make_shared<std::vector<address>>();
    for (const auto& one : what) {
      recipients->push_back(one.recipient);
    }
    asks.push_back({std::move(what), [recipients, done = std::move(done)](std::vector<message_ptr> all) {
                      std::vector<group_answer> answers;
                      for (std::size_t i = 0; i < recipients->size(); ++i) {
                        answers.push_back({(*recipients)[i], all.at(i)});
                      }
                      done(std::move(answers));
                    }});
  }
  void after(seconds time, std::function<void()> done) override { timers.push_back({time, std::move(done)}); }
  message_ptr current() const noexcept override { return current_; }
  responder promise() override {
    // Dropped by all without an answer, it answers by itself, as the engine's does.
    struct state {
      fake_answer_ptr answer;
      ~state() { answer->set(reply::failed("the actor dropped the question")); }
    };
    auto kept = std::make_shared<state>(current_answer_);
    return responder{
      std::make_shared<std::function<void(reply)>>([kept](reply value) {
        if (value.what() == reply::kind::later) {
          kept->answer = std::make_shared<fake_answer>(); // passed on: whoever gets the message answers
        } else {
          kept->answer->set(std::move(value));
        }
      })};
  }
  poster make_poster() override {
    return [queue = posted_](std::function<void()> what) { queue->add(std::move(what)); };
  }
  std::string add_ticker(ticker_options options) override {
    auto name = options.name.empty() ? "ticker_" + std::to_string(tickers.size()) : options.name;
    tickers.try_emplace(name, std::move(options));
    return name;
  }
  void remove_ticker(std::string_view name) override {
    if (const auto found = tickers.find(name); found != tickers.end()) {
      tickers.erase(found);
    }
  }
  void start_timer(seconds time, json mid) override { timer_messages.emplace_back(time, std::move(mid)); }
  void print(std::string_view line) override { printed.emplace_back(line); }
  void log(log_level level, std::string_view text) override { logged.emplace_back(level, text); }
  void checkpoint() override { ++checkpoints; }
  void stop() override { stopped = true; }

  /// An answer for `asks`.
  static message_ptr make_answer(std::string command, json body = nullptr) {
    message_fields fields;
    fields.command = std::move(command);
    fields.body = std::move(body);
    return std::make_shared<const message>(std::move(fields));
  }

private:
  /// Outlives the context in the posters' hands; drops what comes after its end.
  class post_queue {
  public:
    void add(std::function<void()> what) {
      std::lock_guard guard{mutex_};
      if (!closed_) {
        waiting_.push_back(std::move(what));
        came_.notify_all();
      }
    }
    std::function<void()> take() {
      std::lock_guard guard{mutex_};
      if (waiting_.empty()) {
        return {};
      }
      auto out = std::move(waiting_.front());
      waiting_.pop_front();
      return out;
    }
    bool wait(std::chrono::steady_clock::time_point deadline) {
      std::unique_lock lock{mutex_};
      // An answer may come without a post; so look again now and then.
      const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds{5};
      came_.wait_until(lock, std::min(soon, deadline), [&] { return !waiting_.empty(); });
      return !waiting_.empty() || std::chrono::steady_clock::now() < deadline;
    }
    void close() {
      std::deque<std::function<void()>> dropped; // destroyed without the lock
      std::lock_guard guard{mutex_};
      closed_ = true;
      dropped.swap(waiting_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<std::function<void()>> waiting_;
    bool closed_ = false;
  };

  struct running {
    async<reply> frame;
    fake_answer_ptr answer;
  };

  void run(async<reply> what, fake_answer_ptr answer) {
    running_.push_back({std::move(what), std::move(answer)});
    auto& kept = running_.back();
    auto& promise = kept.frame.handle().promise();
    promise.on_done_arg = &kept;
    promise.on_done = [](void* arg) {
      auto& ended = *static_cast<running*>(arg);
      auto& result = ended.frame.handle().promise();
      ended.answer->set(result.value ? std::move(*result.value) : reply::failed("the handler threw"));
    };
    kept.frame.handle().resume();
  }

  message_ptr current_;
  fake_answer_ptr current_answer_;
  std::list<running> running_;
  std::shared_ptr<post_queue> posted_;
};

} // namespace troupe
