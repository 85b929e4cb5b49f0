#include "nodes/troupe/typed_value.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace troupe::cli {

namespace {

bool is_control(unsigned char byte) {
  return byte < 0x20 || byte == 0x7f;
}

} // namespace

attempt<json> typed_value(std::string_view text) {
  if (text.empty()) {
    return json(nullptr);
  }
  json value = json::parse(text, nullptr, false);
  if (!value.is_discarded()) {
    return value;
  }
  value = std::string{text};
  try {
    (void)value.dump();
  } catch (const json::exception&) {
    return give_up(exit_usage,
                   "a message cannot carry this text: it is not UTF-8; send bytes as {\"$bytes\": \"<base64>\"}");
  }
  return value;
}

json seconds_value(double seconds) {
  const bool is_whole = std::abs(seconds) < 1e15 && std::floor(seconds) == seconds;
  return is_whole ? json(static_cast<std::int64_t>(seconds)) : json(seconds);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, two bytes in UTF-8, are control characters as well
    const bool is_c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (!is_control(byte) && !is_c1) {
      out += text[i];
      continue;
    }
    char code[8];
    std::snprintf(code, sizeof code, "\\x%02x", is_c1 ? static_cast<unsigned char>(text[++i]) : byte);
    out += code;
  }
  return out;
}

std::string shown(const json& value) {
  if (value.is_string()) {
    return printable(value.get_ref<const std::string&>());
  }
  if (value.is_null()) {
    return "-";
  }
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace troupe::cli
