#include "web/routes/raw_head.hpp"

#include <algorithm>
#include <charconv>

namespace troupe {
namespace {

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

head_refusal bad(std::string detail) { return {400, std::move(detail)}; }

std::optional<head_refusal> check_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad("the request line is not `METHOD target HTTP/1.1`");
  }
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(line.substr(0, first))) {
    return bad("the method is not a token");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return head_refusal{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  if (target.empty() || target.front() != '/' || target.starts_with("//")) {
    return bad("the target must be a path that begins with one `/`");
  }
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; };
  if (!std::ranges::all_of(target, is_plain)) {
    return bad("the target has a character that must be percent-encoded");
  }
  if (target.size() > 4096) {
    return head_refusal{414, "the target is longer than 4096 bytes"};
  }
  return std::nullopt;
}

std::optional<head_refusal> check_field_line(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    return bad("folded header lines are not accepted");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return bad("a header line is not `name: value`, or there is space before the colon");
  }
  const auto is_value_char = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  };
  if (!std::ranges::all_of(line.substr(colon + 1), is_value_char)) {
    return bad("a header value has a control character");
  }
  return std::nullopt;
}

} // namespace

std::optional<head_refusal> check_raw_head(std::string_view head) {
  bool first = true;
  while (!head.empty()) {
    const auto stop = head.find_first_of("\r\n");
    if (stop == std::string_view::npos || head.substr(stop, 2) != "\r\n") {
      return bad("a line does not end with CR LF");
    }
    const auto line = head.substr(0, stop);
    head.remove_prefix(stop + 2);
    if (line.empty()) {
      if (first || !head.empty()) {
        return bad("an empty line before the end of the head");
      }
      return std::nullopt;
    }
    if (auto problem = first ? check_request_line(line) : check_field_line(line)) {
      return problem;
    }
    first = false;
  }
  return bad("the head has no end");
}

std::optional<head_refusal> check_framing(const http_request& request, bool version_11, body_plan& plan) {
  const auto encodings = request.count("transfer-encoding");
  const auto lengths = request.count("content-length");
  if (encodings > 0) {
    if (lengths > 0) {
      return bad("both Content-Length and Transfer-Encoding are given");
    }
    if (!version_11) {
      return bad("HTTP/1.0 has no Transfer-Encoding");
    }
    std::string coding(request.field("transfer-encoding"));
    std::ranges::transform(coding, coding.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (encodings > 1 || coding != "chunked") {
      return head_refusal{501, "the only transfer coding taken is one `chunked`"};
    }
    plan.chunked = true;
    return std::nullopt;
  }
  if (lengths > 1) {
    return bad("Content-Length is given more than once");
  }
  if (lengths == 1) {
    const auto text = request.field("content-length");
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), plan.length);
    if (problem == std::errc::result_out_of_range) {
      return head_refusal{413, "the body is longer than anything that is taken here"};
    }
    if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) {
      return bad("Content-Length is not a number of bytes");
    }
  }
  return std::nullopt;
}

} // namespace troupe
