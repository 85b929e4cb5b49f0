#include <runtime/observer/call_book.hpp>

#include <runtime/text_json/text_json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace troupe {
namespace {

constexpr double longest_wait_s = 365.0 * 24 * 3600;

json failure(const char* name, const std::string& text) {
  return {{"ok", false}, {"error", {{"name", name}, {"text", text}}}};
}

const json* field(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

} // namespace

void call_book::take_line(std::uint64_t connection, std::string_view line) {
  auto parsed = parse_text_json(line);
  if (!parsed) {
    refuse(connection, nullptr, "bad_request", "this line is not JSON: " + parsed.error().text);
    return;
  }
  const auto* number = parsed->is_object() ? field(*parsed, "id") : nullptr;
  const auto* name = parsed->is_object() ? field(*parsed, "call") : nullptr;
  if (number == nullptr || !number->is_number_integer() || name == nullptr || !name->is_string()) {
    refuse(connection, number != nullptr && number->is_number_integer() ? *number : json(nullptr), "bad_request",
           "a call is {\"id\": <integer>, \"call\": <name>, \"body\": <anything>}");
    return;
  }
  const auto* given = field(*parsed, "body");
  json body = given == nullptr ? json(nullptr) : *given;
  if (*name == "read_json") {
    read(connection, *number, body);
  } else {
    relay(connection, *number, name->get<std::string>(), std::move(body), line.size());
  }
}

void call_book::relay(std::uint64_t connection, const json& number, std::string name, json body, std::size_t bytes) {
  if (calls_.size() >= call_limit || call_bytes_ + bytes > byte_limit) {
    refuse(connection, number, "mailbox_full",
           std::to_string(calls_.size()) + " calls wait for their answers already; call again when some are answered");
    return;
  }
  const auto id = ++last_id_;
  call_bytes_ += bytes;
  const auto& kept = calls_[id] = {connection, number, {id, std::move(name), std::move(body)}, bytes};
  ports_.tell(kept.what);
}

void call_book::closed(std::uint64_t connection) {
  std::erase_if(readers_, [&](const reader& one) { return one.connection == connection; });
  for (auto at = calls_.begin(); at != calls_.end();) {
    if (at->second.connection == connection) {
      call_bytes_ -= at->second.bytes;
      ports_.gone(at->first);
      at = calls_.erase(at);
    } else {
      ++at;
    }
  }
}

void call_book::answer(std::uint64_t id, const json& answer) {
  auto found = calls_.extract(id);
  if (!found) {
    return;
  }
  call_bytes_ -= found.mapped().bytes;
  const bool is_answer = answer.is_object() && answer.contains("ok") && answer["ok"].is_boolean();
  reply(found.mapped().connection, found.mapped().number,
        is_answer ? answer : failure("internal", "the task's answer to " + found.mapped().what.name + " has a wrong shape"));
}

std::string call_book::push(json value) {
  if (!readers_.empty()) {
    const auto first = std::move(readers_.front());
    readers_.pop_front();
    reply(first.connection, first.number, json{{"ok", true}, {"body", std::move(value)}});
    return {};
  }
  const auto bytes = dump_text_json(value).value_or("").size();
  if (values_.size() >= value_limit || value_bytes_ + bytes > value_byte_limit) {
    return std::to_string(values_.size()) + " messages wait already for the script to read them";
  }
  value_bytes_ += bytes;
  values_.push_back({std::move(value), bytes});
  return {};
}

void call_book::tell_again() const {
  for (const auto& [id, one] : calls_) {
    ports_.tell(one.what);
  }
}

void call_book::read(std::uint64_t connection, const json& number, const json& body) {
  if (!values_.empty()) {
    auto first = std::move(values_.front());
    values_.pop_front();
    value_bytes_ -= first.bytes;
    reply(connection, number, json{{"ok", true}, {"body", std::move(first.what)}});
    return;
  }
  const auto* timeout = body.is_object() ? field(body, "timeout") : nullptr;
  const bool is_timed = timeout != nullptr && !timeout->is_null();
  if (is_timed && (!timeout->is_number() || !(timeout->get<double>() >= 0) || timeout->get<double>() > longest_wait_s)) {
    refuse(connection, number, "bad_request", "read_json takes {\"timeout\": <seconds from 0 on, or null>}");
    return;
  }
  if (readers_.size() >= call_limit) {
    refuse(connection, number, "mailbox_full", "too many calls of read_json wait already");
    return;
  }
  const auto serial = ++last_serial_;
  readers_.push_back({connection, number, serial});
  if (is_timed) {
    ports_.after(std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(timeout->get<double>() * 1000))},
                 [this, serial] { read_is_late(serial); });
  }
}

void call_book::read_is_late(std::uint64_t serial) {
  const auto late = std::ranges::find_if(readers_, [&](const reader& one) { return one.serial == serial; });
  if (late != readers_.end()) {
    const auto gone = std::move(*late);
    readers_.erase(late);
    refuse(gone.connection, gone.number, "timer", "no message came in time");
  }
}

void call_book::refuse(std::uint64_t connection, const json& number, const char* name, const std::string& text) {
  reply(connection, number, failure(name, text));
}

void call_book::reply(std::uint64_t connection, const json& number, const json& answer) {
  json line = answer;
  line["id"] = number;
  auto text = dump_text_json(line);
  if (!text) {
    line = failure("too_large", "the answer is nested too deep to be passed on");
    line["id"] = number;
    text = dump_text_json(line);
  }
  ports_.send(connection, text.value_or("{}") + "\n");
}

} // namespace troupe
