#pragma once

#include <troupe/context.hpp>

#include <string>
#include <vector>

namespace troupe {

/// A context that keeps what an actor sent and said; it knows nobody to ask.
class fake_context final : public context {
public:
  const std::string& name() const noexcept override { return name_; }
  const std::string& node() const noexcept override { return node_; }
  const std::string& system() const noexcept override { return system_; }
  const std::string& head() const noexcept override { return head_; }
  result<> send(request what) override {
    sent.push_back(std::move(what));
    return {};
  }
  result<> forward(const message&, address) override { return {}; }
  void ask_then(request, std::function<void(message_ptr)>) override {}
  void group_ask_then(std::vector<request>, seconds, std::function<void(std::vector<group_answer>)>) override {}
  void after(seconds, std::function<void()>) override {}
  message_ptr current() const noexcept override { return nullptr; }
  responder promise() override { return {}; }
  poster make_poster() override { return [](std::function<void()> what) { what(); }; }
  std::string add_ticker(ticker_options) override { return "ticker_1"; }
  void remove_ticker(std::string_view) override {}
  void start_timer(seconds, json) override {}
  void print(std::string_view) override {}
  void log(log_level, std::string_view text) override { logged.emplace_back(text); }
  void checkpoint() override {}
  void stop() override {}

  std::vector<request> sent;
  std::vector<std::string> logged;

private:
  std::string name_ = "web_face";
  std::string node_ = "first.main.admin";
  std::string system_ = "king";
  std::string head_ = "first.main.admin";
};

} // namespace troupe
