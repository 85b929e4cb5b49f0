#include "web/routes/ws_conversation.hpp"

#include "web/routes/message_frame.hpp"

#include "runtime/text_json/text_json.hpp"

namespace troupe {
namespace {

std::string refusal(const char* command, const json& body) {
  return json{{"mid", nullptr},    {"command", command}, {"body", body}, {"recipient", nullptr},
              {"sender", nullptr}, {"timeout", nullptr}, {"user", nullptr}}
    .dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

bool ws_conversation::wants_more() const noexcept {
  return waiting_.size() < max_waiting && waiting_bytes_ < max_waiting_bytes;
}

void ws_conversation::on_text(std::string text) {
  ++world_.counters.websocket_frames;
  waiting_bytes_ += text.size();
  waiting_.push_back(std::move(text));
  if (!busy_) {
    handle_next();
  }
}

void ws_conversation::on_binary() {
  on_text({}); // not JSON: answered in its turn
}

void ws_conversation::handle_next() {
  if (waiting_.empty()) {
    busy_ = false;
    return;
  }
  busy_ = true;
  const bool was_full = !wants_more();
  const std::string text = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= text.size();
  if (const auto sink = sink_.lock(); sink && was_full && wants_more()) {
    sink->resume_reading();
  }
  handle(text);
}

void ws_conversation::handle(const std::string& text) {
  frame_rules rules;
  rules.default_timeout_s = 4;
  rules.lenient_timeout = true;
  rules.needs_type = true;
  rules.max_message_bytes = world_.max_message_bytes;
  auto frame = read_frame(text, rules);
  if (!frame) {
    const auto& fault = frame.error();
    answer(refusal(fault.too_large ? "too_large" : "bad_request", {{"field", fault.field}, {"expected", fault.expected}}));
    return;
  }
  if (!frame->is_ask) {
    ++world_.counters.sends;
    const auto sent = world_.actors.send(std::move(frame->what));
    answer(sent ? "The message is sent"
                : refusal(sent.error().code == error_code::too_large ? "too_large" : "mailbox_full",
                          {{"reason", sent.error().text}}));
    return;
  }
  ++world_.counters.asks;
  world_.actors.ask(std::move(frame->what), [weak = weak_from_this()](message_ptr message) {
    if (const auto self = weak.lock()) {
      self->world_.counters.asks_unanswered += message->is("timer");
      auto text = dump_text_json(message->to_json());
      self->answer(text ? std::move(*text) : refusal("too_large", {{"reason", text.error().text}}));
    }
  });
}

void ws_conversation::answer(std::string text) {
  if (const auto sink = sink_.lock()) {
    sink->send_text(std::move(text), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->handle_next();
      }
    });
  }
}

} // namespace troupe
