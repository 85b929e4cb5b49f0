#include "tests/system/harness/form.hpp"

namespace system_test {

namespace {

json field_value(std::string_view text) {
  if (text.empty()) {
    return nullptr;
  }
  auto parsed = json::parse(text, nullptr, false);
  return parsed.is_discarded() ? json(text) : parsed;
}

json frame(std::string_view type, std::string_view recipient, std::string_view command, std::string_view body,
           std::string_view timeout) {
  return {{"type", type},
          {"command", command},
          {"body", field_value(body)},
          {"timeout", field_value(timeout)},
          {"recipient", field_value(recipient)}};
}

} // namespace

answer form::ask(std::string_view recipient, std::string_view command, std::string_view body,
                 std::string_view timeout) {
  const auto begin = clock::now();
  socket_.send_text(frame("ask", recipient, command, body, timeout).dump());
  const auto got = socket_.receive(20s);
  answer out;
  out.took = since(begin);
  const json message = got ? json::parse(*got, nullptr, false) : json();
  if (message.is_object() && message.contains("command")) {
    out.command = message["command"];
    out.body = message.value("body", json());
    out.message = message;
  } else {
    out.problem = got ? *got : "nothing came";
  }
  return out;
}

std::string form::send(std::string_view recipient, std::string_view command, std::string_view body) {
  socket_.send_text(frame("send", recipient, command, body, "10").dump());
  return socket_.receive(10s).value_or("nothing came");
}

} // namespace system_test
