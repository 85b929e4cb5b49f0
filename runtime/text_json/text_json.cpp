#include "runtime/text_json/text_json.hpp"

#include "runtime/text_json/base64.hpp"

#include <utility>

namespace troupe {
namespace {

constexpr std::size_t max_dump_depth = 1000;

bool is_deeper_than(const json& value, std::size_t levels) {
  if (!value.is_structured()) {
    return false;
  }
  if (levels == 0) {
    return true;
  }
  for (const auto& part : value) {
    if (is_deeper_than(part, levels - 1)) {
      return true;
    }
  }
  return false;
}

bool has_bytes(const json& value) {
  if (value.is_binary()) {
    return true;
  }
  if (value.is_structured()) {
    for (const auto& part : value) {
      if (has_bytes(part)) {
        return true;
      }
    }
  }
  return false;
}

result<> restore_bytes(json& value) {
  if (!value.is_structured()) {
    return {};
  }
  if (value.is_object() && value.size() == 1 && value.begin().key() == "$bytes") {
    const json& text = value.begin().value();
    auto bytes = text.is_string() ? base64_decode(text.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes) {
      return fail(error_code::bad_request, "`$bytes` must be a base64 text with padding");
    }
    value = json::binary(std::move(*bytes));
    return {};
  }
  for (auto& part : value) {
    if (auto done = restore_bytes(part); !done) {
      return done;
    }
  }
  return {};
}

} // namespace

json to_text_json(const json& value) {
  if (value.is_binary()) {
    return json{{"$bytes", base64_encode(value.get_binary())}};
  }
  if (value.is_array()) {
    json out = json::array();
    for (const auto& part : value) {
      out.push_back(to_text_json(part));
    }
    return out;
  }
  if (value.is_object()) {
    json out = json::object();
    for (const auto& [key, part] : value.items()) {
      out[key] = to_text_json(part);
    }
    return out;
  }
  return value;
}

result<json> from_text_json(json value) {
  if (auto done = restore_bytes(value); !done) {
    return std::unexpected(done.error());
  }
  return value;
}

result<std::string> dump_text_json(const json& value) {
  if (is_deeper_than(value, max_dump_depth)) {
    return fail(error_code::too_large, "a value nested deeper than 1000 levels cannot be written as text");
  }
  const auto replace = json::error_handler_t::replace;
  return has_bytes(value) ? to_text_json(value).dump(-1, ' ', false, replace) : value.dump(-1, ' ', false, replace);
}

std::size_t payload_bytes(const json& value) {
  switch (value.type()) {
  case json::value_t::string:
    return value.get_ref<const std::string&>().size();
  case json::value_t::binary:
    return value.get_binary().size();
  case json::value_t::array: {
    std::size_t sum = 0;
    for (const auto& part : value) {
      sum += 1 + payload_bytes(part);
    }
    return sum;
  }
  case json::value_t::object: {
    std::size_t sum = 0;
    for (const auto& [key, part] : value.items()) {
      sum += key.size() + payload_bytes(part);
    }
    return sum;
  }
  default:
    return 1;
  }
}

bool is_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : (lead & 0xf0) == 0xe0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 9;
    if (more == 9 || at + more >= text.size() + (more == 0)) {
      return false;
    }
    for (std::size_t i = 1; i <= more; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      const unsigned char low = i > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
      const unsigned char high = i > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
      if (next < low || next > high) {
        return false;
      }
    }
    at += more + 1;
  }
  return true;
}

} // namespace troupe
