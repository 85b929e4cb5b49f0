#include "web/server/answer_head.hpp"

#include "web/routes/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <string_view>
#include <utility>

namespace troupe {
namespace {

using namespace std::string_view_literals;

constexpr std::array own_fields{
  std::pair{"Server"sv, "troupe"sv},
  std::pair{"Cache-Control"sv, "no-store"sv},
  std::pair{"X-Content-Type-Options"sv, "nosniff"sv},
  std::pair{"X-Frame-Options"sv, "DENY"sv},
  std::pair{"Referrer-Policy"sv, "same-origin"sv},
  std::pair{"Cross-Origin-Resource-Policy"sv, "same-origin"sv},
  std::pair{"Content-Security-Policy"sv, "default-src 'none'; frame-ancestors 'none'"sv},
};

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? char(x + 32) : x) == (y >= 'A' && y <= 'Z' ? char(y + 32) : y);
  });
}

/// The time of now, made once a second.
std::string_view date_now() {
  thread_local std::time_t last = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  if (const auto now = std::time(nullptr); now != last) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    last = now;
  }
  return {text.data(), size};
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  // Values that we make ourselves hold no line ends; should one, it does not become a header of its own.
  std::ranges::copy_if(value, std::back_inserter(out), [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  out += "\r\n";
}

} // namespace

std::string answer_head(const http_response& answer, const answer_shape& shape) {
  std::string out;
  out.reserve(1'024);
  out += fmt::format("HTTP/1.{} {} {}\r\n", shape.version_11 ? 1 : 0, answer.status, reason_phrase(answer.status));
  const auto& fields = answer.fields;
  const auto is_given = [&](std::string_view name) {
    return std::ranges::any_of(fields, [&](const auto& each) { return same_name(each.name, name); });
  };
  for (const auto& [name, value] : own_fields) {
    if (!is_given(name)) {
      add(out, name, value);
    }
  }
  add(out, "Date", date_now());
  if (!answer.content_type.empty() && !is_given("Content-Type")) {
    add(out, "Content-Type", answer.content_type);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& name = fields[i].name;
    const bool is_last = std::none_of(fields.begin() + static_cast<std::ptrdiff_t>(i) + 1, fields.end(),
                                      [&](const auto& later) { return same_name(later.name, name); });
    if (is_last && !same_name(name, "Content-Length")) {
      add(out, name, fields[i].value);
    }
  }
  if (shape.has_no_body) {
    // its end is known
  } else if (shape.length) {
    add(out, "Content-Length", std::to_string(*shape.length));
  } else if (shape.version_11) {
    add(out, "Transfer-Encoding", "chunked");
  }
  if (shape.keep_alive != shape.version_11) {
    add(out, "Connection", shape.keep_alive ? "keep-alive" : "close");
  }
  out += "\r\n";
  return out;
}

whole_answer pieces_of(http_response answer, bool head_only, bool version_11, bool keep_alive) {
  answer_shape shape{version_11, keep_alive, answer.body.size(), answer.status == 204 || answer.status == 304};
  whole_answer out{answer_head(answer, shape), {}};
  if (!head_only && !shape.has_no_body) {
    out.body = std::move(answer.body);
  }
  return out;
}

} // namespace troupe
