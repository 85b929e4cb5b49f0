#include "nodes/troupe/gateway.hpp"

#include "nodes/troupe/typed_value.hpp"

#include <cstdio>

namespace troupe::cli {

namespace {

constexpr std::size_t members_per_page = 500;
constexpr auto order_timeout = std::chrono::seconds{5}; ///< somebody who presses Ctrl-C waits for it
constexpr auto answer_margin = std::chrono::seconds{10};

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

http_request post(std::string target, const json& body) {
  return {.method = "POST", .target = std::move(target), .body = dumped(body)};
}

json message_of(std::string_view type, const json& recipient, std::string_view command, const json& body) {
  return {{"type", type}, {"recipient", recipient}, {"command", command}, {"body", body}};
}

std::string task_path(const std::string& id, std::string_view rest = {}) {
  return "/api/v1/tasks/" + url_encoded(id) + std::string{rest};
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// In how many pages the members come.
std::size_t page_count(const json& answer, std::size_t fallback) {
  const auto nav = answer.find("nav");
  if (nav == answer.end() || !nav->is_object()) {
    return fallback;
  }
  const auto count = nav->find("count");
  return count != nav->end() && count->is_number_unsigned() ? count->get<std::size_t>() : fallback;
}

} // namespace

std::string task_id_of(std::string_view name_or_id) {
  constexpr std::string_view prefix = "task_";
  return std::string{name_or_id.starts_with(prefix) ? name_or_id.substr(prefix.size()) : name_or_id};
}

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
    if (is_plain) {
      out += byte;
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(byte));
      out += code;
    }
  }
  return out;
}

std::unexpected<cli_error> gateway::failed(const error& why) const {
  if (why.code == error_code::unavailable) {
    return give_up(exit_not_running, "no system is running: " + why.text + "; " + start_hint_);
  }
  return give_up(why.code == error_code::internal ? exit_failure : exit_connection_lost, why.text);
}

std::unexpected<cli_error> gateway::refused(const http_response& response) const {
  std::string text = "the gateway refused with status " + std::to_string(response.status);
  if (const json problem = json::parse(response.body, nullptr, false); problem.is_object()) {
    const auto title = text_of(problem, "title");
    const auto detail = text_of(problem, "detail");
    if (!title.empty() || !detail.empty()) {
      text = printable(title.empty() || detail.empty() ? title + detail : title + ": " + detail);
    }
  }
  if (response.status == 401) {
    text += "; is the token in the state folder the one of this system? `troupe doctor` looks";
  }
  return std::unexpected(cli_error{exit_failure, std::move(text), response.status});
}

attempt<std::string> gateway::exchange(const http_request& request, std::stop_token stop) const {
  auto response = client_->call(request, std::move(stop));
  if (!response) {
    return failed(response.error());
  }
  if (response->status < 200 || response->status > 299) {
    return refused(*response);
  }
  return std::move(response->body);
}

attempt<json> gateway::json_exchange(const http_request& request, std::stop_token stop) const {
  const auto text = exchange(request, std::move(stop));
  if (!text) {
    return std::unexpected(text.error());
  }
  json value = json::parse(*text, nullptr, false);
  if (value.is_discarded()) {
    return give_up(exit_failure, "the gateway's answer to " + request.method + " " + request.target +
                                   " is not JSON: is another program listening on its port?");
  }
  return value;
}

attempt<> gateway::stream(http_request request, bool follow, const body_piece& on_piece, std::stop_token stop) const {
  if (follow) {
    request.timeout.reset();
  }
  const auto response = client_->stream(request, on_piece, std::move(stop));
  if (!response) {
    return failed(response.error());
  }
  if (response->status != 200) {
    return refused(*response);
  }
  return {};
}

attempt<json> gateway::status() const {
  return json_exchange({.target = "/api/v1/status"});
}

attempt<std::string> gateway::new_login() const {
  const auto answer = json_exchange({.method = "POST", .target = "/api/v1/login_codes"});
  if (!answer) {
    return std::unexpected(answer.error());
  }
  auto login = answer->is_object() ? text_of(*answer, "login") : std::string{};
  return login.empty() ? give_up(exit_failure, "the gateway gave no login address: " + shown(*answer))
                       : attempt<std::string>{std::move(login)};
}

attempt<json> gateway::ask(const json& recipient, std::string_view command, const json& body, double timeout_s) const {
  json message = message_of("ask", recipient, command, body);
  message["timeout"] = seconds_value(timeout_s);
  auto request = post("/api/v1/messages", message);
  request.timeout = std::chrono::milliseconds{static_cast<std::int64_t>(timeout_s * 1000)} + answer_margin;
  auto answer = json_exchange(request);
  if (answer && (!answer->is_object() || text_of(*answer, "command").empty())) {
    return give_up(exit_failure, "the gateway's answer is no message: " + shown(*answer));
  }
  return answer;
}

attempt<> gateway::send(const json& recipient, std::string_view command, const json& body) const {
  return without_value(exchange(post("/api/v1/messages", message_of("send", recipient, command, body))));
}

attempt<json> gateway::members_page(const std::string& level, const std::string& recipient, std::size_t page,
                                    std::size_t page_size) const {
  auto answer =
    json_exchange({.target = "/api/v1/members?level=" + url_encoded(level) + "&recipient=" + url_encoded(recipient) +
                             "&id=_page_" + std::to_string(page) + "&page_size=" + std::to_string(page_size)});
  if (answer && (!answer->is_object() || !answer->contains("members") || !(*answer)["members"].is_array())) {
    return give_up(exit_failure, recipient + " lists no members: " + shown(*answer));
  }
  return answer;
}

attempt<std::vector<member>> gateway::members(const std::string& level, const std::string& recipient) const {
  std::vector<member> all;
  for (std::size_t page = 0, pages = 1; page < pages; ++page) {
    const auto answer = members_page(level, recipient, page, members_per_page);
    if (!answer) {
      return std::unexpected(answer.error());
    }
    for (const auto& entry : (*answer)["members"]) {
      if (entry.is_object()) {
        all.push_back({text_of(entry, "id"), text_of(entry, "recipient")});
      }
    }
    pages = (*answer)["members"].empty() ? 0 : page_count(*answer, 1);
  }
  return all;
}

attempt<std::size_t> gateway::count_members(const std::string& level, const std::string& recipient) const {
  const auto answer = members_page(level, recipient, 0, 1);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  return page_count(*answer, (*answer)["members"].size());
}

attempt<json> gateway::create_task(const json& task, std::stop_token stop, const std::string& target) const {
  auto request = post(target, task);
  request.timeout = std::chrono::seconds{60};
  auto created = json_exchange(request, std::move(stop));
  if (created && (!created->is_object() || text_of(*created, "id").empty())) {
    return give_up(exit_failure, "the gateway's answer names no task: " + shown(*created));
  }
  return created;
}

attempt<json> gateway::list_tasks(const std::vector<std::pair<std::string, std::string>>& query) const {
  std::string target = "/api/v1/tasks";
  for (const auto& [name, value] : query) {
    target += (target.find('?') == std::string::npos ? "?" : "&") + name + "=" + url_encoded(value);
  }
  return json_exchange({.target = std::move(target)});
}

attempt<json> gateway::task_tree(const std::string& id) const { return json_exchange({.target = task_path(id, "/tree")}); }

attempt<json> gateway::rerun_task(const std::string& id) const {
  auto request = post(task_path(id, "/rerun"), json::object());
  request.timeout = std::chrono::seconds{60};
  return json_exchange(request);
}

attempt<json> gateway::task_state(const std::string& id) const {
  return json_exchange({.target = task_path(id)});
}

attempt<> gateway::remove_task(const std::string& id) const {
  return without_value(exchange({.method = "DELETE", .target = task_path(id)}));
}

attempt<> gateway::cancel_task(const std::string& id) const {
  return without_value(exchange({.method = "POST", .target = task_path(id, "/cancel"), .timeout = order_timeout}));
}

attempt<> gateway::send_json(const std::string& id, const json& value) const {
  return without_value(exchange(post(task_path(id, "/json"), value)));
}

attempt<> gateway::signal_task(const std::string& id, const json& signal) const {
  auto request = post(task_path(id, "/signal"), {{"signal", signal}});
  request.timeout = order_timeout;
  return without_value(exchange(request));
}

attempt<> gateway::write_stdin(const std::string& id, std::string bytes, bool close, std::stop_token stop) const {
  http_request request{.method = "POST",
                       .target = task_path(id, close ? "/stdin?close=true" : "/stdin"),
                       .body = std::move(bytes),
                       .content_type = "application/octet-stream",
                       .timeout = std::nullopt};
  return without_value(exchange(request, std::move(stop)));
}

attempt<> gateway::task_output(const std::string& id, std::uint64_t from, bool follow, const body_piece& on_piece,
                               std::stop_token stop) const {
  http_request request{
    .target = task_path(id, "/output?from=" + std::to_string(from) + "&follow=" + (follow ? "true" : "false")),
    .accept = "application/x-ndjson"};
  return stream(std::move(request), follow, on_piece, std::move(stop));
}

attempt<> gateway::system_log(unsigned lines, bool follow, const body_piece& on_piece, std::stop_token stop) const {
  http_request request{.target =
                         "/api/v1/log?lines=" + std::to_string(lines) + "&follow=" + (follow ? "true" : "false"),
                       .accept = "text/plain"};
  return stream(std::move(request), follow, on_piece, std::move(stop));
}

} // namespace troupe::cli
