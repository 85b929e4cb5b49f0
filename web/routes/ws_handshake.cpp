#include "web/routes/ws_handshake.hpp"

#include "runtime/text_json/base64.hpp"

#include <algorithm>

namespace troupe {
namespace {

std::vector<std::string> list_of(const http_request& request, std::string_view name) {
  std::vector<std::string> out;
  for (const auto& field : request.fields) {
    if (field.name != name) {
      continue;
    }
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto stop = rest.find(',');
      auto part = rest.substr(0, stop);
      rest = stop == std::string_view::npos ? std::string_view{} : rest.substr(stop + 1);
      while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) {
        part.remove_prefix(1);
      }
      while (!part.empty() && (part.back() == ' ' || part.back() == '\t')) {
        part.remove_suffix(1);
      }
      if (!part.empty()) {
        out.emplace_back(part);
      }
    }
  }
  return out;
}

bool has_word(const http_request& request, std::string_view name, std::string_view word) {
  return std::ranges::any_of(list_of(request, name), [&](std::string each) {
    std::ranges::transform(each, each.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return each == word;
  });
}

} // namespace

std::vector<std::string> ws_protocols(const http_request& request) {
  return list_of(request, "sec-websocket-protocol");
}

std::string choose_ws_protocol(const http_request& request) {
  const auto offered = ws_protocols(request);
  if (offered.empty()) {
    return {};
  }
  return std::ranges::find(offered, "troupe") != offered.end() ? "troupe" : offered.front();
}

std::optional<head_refusal> check_ws_handshake(const http_request& request, bool version_11) {
  if (!has_word(request, "upgrade", "websocket") || !has_word(request, "connection", "upgrade")) {
    return head_refusal{426, "a web socket is spoken here"};
  }
  if (!version_11 || request.method != "GET") {
    return head_refusal{400, "a web socket opens with GET and HTTP/1.1"};
  }
  if (request.count("sec-websocket-version") != 1 || request.field("sec-websocket-version") != "13") {
    return head_refusal{426, "only version 13 of the websocket protocol is spoken here"};
  }
  const auto key = base64_decode(request.field("sec-websocket-key"));
  if (request.count("sec-websocket-key") != 1 || !key || key->size() != 16) {
    return head_refusal{400, "Sec-WebSocket-Key must be 16 bytes as base64"};
  }
  return std::nullopt;
}

} // namespace troupe
