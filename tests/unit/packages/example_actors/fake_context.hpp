#pragma once

#include <troupe/actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A context that notes what an actor does. Asks are answered by `answer` at once; waiting ends when the test says so.
class fake_context : public context {
public:
  const std::string& name() const noexcept override { return name_; }
  const std::string& node() const noexcept override { return node_; }
  const std::string& system() const noexcept override { return system_; }
  const std::string& head() const noexcept override { return node_; }

  using context::send;
  result<> send(request what) override {
    sent.push_back(std::move(what));
    return {};
  }
  result<> forward(const message& what, address to) override {
    forwarded.emplace_back(&what, to.to_string());
    return {};
  }
  void ask_then(request what, std::function<void(message_ptr)> done) override { done(answered(what)); }
  void group_ask_then(std::vector<request> what, seconds,
                      std::function<void(std::vector<group_answer>)> done) override {
    std::vector<group_answer> all;
    for (const auto& one : what) {
      all.push_back({one.recipient, answered(one)});
    }
    done(std::move(all));
  }
  void after(seconds time, std::function<void()> done) override { waiting.emplace_back(time.count(), std::move(done)); }
  message_ptr current() const noexcept override { return handled; }
  responder promise() override { return {}; }
  poster make_poster() override {
    return [](std::function<void()> what) { what(); };
  }
  std::string add_ticker(ticker_options options) override {
    tickers.try_emplace(options.name, options);
    return options.name;
  }
  void remove_ticker(std::string_view name) override { tickers.erase(std::string(name)); }
  void start_timer(seconds, json) override {}
  void print(std::string_view line) override { printed.emplace_back(line); }
  void log(log_level, std::string_view text) override { logged.emplace_back(text); }
  void checkpoint() override {}
  void stop() override {}

  /// Lets the actor handle `command` and gives the answer's command; empty: it still waits.
  std::string tell(actor& who, const class_info& info, std::string command, json body = nullptr) {
    handled = std::make_shared<const message>(message_fields{std::move(command), std::move(body)});
    auto made = info.commands.at(handled->command()).handle(who, *handled);
    if (auto* at_once = std::get_if<reply>(&made)) {
      last_body = at_once->body();
      return at_once->command();
    }
    running = std::move(std::get<async<reply>>(made));
    running.handle().resume();
    return running_answer();
  }

  std::string running_answer() {
    if (!running.done()) {
      return "";
    }
    if (running.handle().promise().failure) {
      std::rethrow_exception(running.handle().promise().failure);
    }
    last_body = running.handle().promise().value->body();
    return running.handle().promise().value->command();
  }

  std::function<reply(const request&)> answer = [](const request&) { return reply::done(); };
  std::vector<request> asked;
  std::vector<request> sent;
  std::vector<std::pair<const message*, std::string>> forwarded;
  std::vector<std::pair<double, std::function<void()>>> waiting;
  std::map<std::string, ticker_options> tickers;
  std::vector<std::string> printed;
  std::vector<std::string> logged;
  message_ptr handled;
  async<reply> running;
  json last_body;

private:
  message_ptr answered(const request& what) {
    asked.push_back(what);
    const auto text = answer(what);
    return std::make_shared<const message>(message_fields{text.command(), text.body()});
  }

  std::string name_ = "tested";
  std::string node_ = "first.main.admin";
  std::string system_ = "king";
};

/// Sets a parameter as the engine does for `set_params`.
inline void set_param(actor& who, const class_info& info, std::string_view name, const json& value) {
  const auto* param = info.find_param(name);
  if (param == nullptr || param->check(value)) {
    throw std::invalid_argument(std::string(name));
  }
  param->set(who, value);
}

inline json get_param(const actor& who, const class_info& info, std::string_view name) {
  return info.find_param(name)->get(who);
}

} // namespace troupe
