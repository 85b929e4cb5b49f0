#include "runtime/applications/web_exchange.hpp"

#include "runtime/text_json/text_json.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace troupe {
namespace {

std::unexpected<error> refused(const char* why) { return fail(error_code::bad_request, why); }

json body_to_json(const std::string& body) {
  return is_utf8(body) ? json(body) : json::binary({body.begin(), body.end()});
}

std::optional<std::string> body_of(const json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_binary()) {
    const auto& bytes = value.get_binary();
    return std::string{bytes.begin(), bytes.end()};
  }
  return value.is_null() ? std::optional{std::string{}} : std::nullopt;
}

json list_to_json(const header_list& list) {
  json out = json::array();
  for (const auto& [name, value] : list) {
    out.push_back({name, value});
  }
  return out;
}

std::optional<std::string> text_of(const json& value) {
  return value.is_string()   ? std::optional{value.get<std::string>()}
         : value.is_number() ? std::optional{value.dump()}
                             : std::nullopt;
}

/// Pairs, or an object whose values may be lists.
std::optional<header_list> list_of(const json& value) {
  header_list out;
  const auto add = [&](const std::string& name, const json& each) {
    auto text = text_of(each);
    if (text) {
      out.emplace_back(name, std::move(*text));
    }
    return text.has_value();
  };
  if (value.is_object()) {
    for (const auto& [name, each] : value.items()) {
      const bool fits = each.is_array() ? std::ranges::all_of(each, [&, &key = name](const json& one) { return add(key, one); })
                                        : add(name, each);
      if (!fits) {
        return std::nullopt;
      }
    }
    return out;
  }
  if (!value.is_array()) {
    return std::nullopt;
  }
  for (const auto& each : value) {
    if (!each.is_array() || each.size() != 2 || !each[0].is_string() || !add(each[0].get<std::string>(), each[1])) {
      return std::nullopt;
    }
  }
  return out;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

result<> take_headers(web_reply& out, const json& value) {
  auto list = list_of(value);
  if (!list || list->size() > web_reply::most_headers) {
    return refused("`headers` is an object of texts, or a list of at most 100 pairs of texts");
  }
  std::size_t bytes = 0;
  for (const auto& [name, text] : *list) {
    bytes += name.size() + text.size();
    if (!is_header_name(name) || !is_header_value(text) || bytes > web_reply::most_header_bytes) {
      return refused("a header has a name or a value that HTTP does not allow, or there are more than 32 KiB of them");
    }
  }
  out.headers = std::move(*list);
  return {};
}

bool has_content_type(const header_list& headers) {
  constexpr std::string_view wanted = "content-type";
  return std::ranges::any_of(headers, [&](const auto& each) {
    return std::ranges::equal(each.first, wanted, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  });
}

result<> take_body(web_reply& out, const json& value) {
  auto body = body_of(value);
  const char* type = value.is_binary() ? "application/octet-stream" : "text/plain; charset=utf-8";
  if (!body) {
    const auto text = dump_text_json(value);
    if (!text) {
      return std::unexpected(text.error());
    }
    body = *text;
    type = "application/json";
  }
  out.body = std::move(*body);
  if (!out.body.empty() && !has_content_type(out.headers)) {
    out.headers.emplace_back("content-type", type);
  }
  return {};
}

} // namespace

json web_question::to_json() const {
  return {{"method", method},
          {"path", path},
          {"query", list_to_json(query)},
          {"headers", list_to_json(headers)},
          {"body", body_to_json(body)}};
}

result<web_question> web_question::from_json(const json& value) {
  web_question out;
  const auto text = [&](const char* name) -> const std::string* {
    const auto found = value.find(name);
    return found != value.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
  };
  if (!value.is_object() || text("method") == nullptr || text("path") == nullptr) {
    return refused("a request has `method`, `path`, `query`, `headers` and `body`");
  }
  const auto query = list_of(value.value("query", json::array()));
  const auto headers = list_of(value.value("headers", json::array()));
  const auto body = body_of(value.value("body", json(nullptr)));
  if (!query || !headers || !body) {
    return refused("`query` and `headers` are lists of pairs of texts, `body` is a text or bytes");
  }
  return web_question{*text("method"), *text("path"), *query, *headers, *body};
}

json web_reply::to_json() const {
  return {{"status", status}, {"headers", list_to_json(headers)}, {"body", body_to_json(body)}};
}

result<web_reply> web_reply::from_json(const json& value) {
  web_reply out;
  if (!value.is_object()) {
    return refused("an answer is an object with `status`, `headers` and `body`");
  }
  json body;
  for (const auto& [name, each] : value.items()) {
    if (name == "status") {
      if (!each.is_number_integer() || each < 200 || each > 599) {
        return refused("`status` is a number from 200 to 599");
      }
      out.status = each.get<unsigned>();
    } else if (name == "headers") {
      auto taken = each.is_null() ? result<>{} : take_headers(out, each);
      if (!taken) {
        return std::unexpected(taken.error());
      }
    } else if (name == "body") {
      body = each;
    } else if (name != "request") {
      return refused("an answer has `status`, `headers` and `body`, and nothing else");
    }
  }
  auto taken = take_body(out, body);
  return taken ? result<web_reply>{std::move(out)} : std::unexpected(taken.error());
}

} // namespace troupe
