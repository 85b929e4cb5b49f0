#include "web/routes/page_policy.hpp"

#include "runtime/text_json/base64.hpp"

#include <sodium.h>

#include <array>

namespace troupe {
namespace {

/// `'sha256-…'` for the text of each `<tag>` element.
std::string hashes(std::string_view html, const std::string& tag) {
  std::string out;
  const std::string opening = "<" + tag + ">";
  const std::string closing = "</" + tag + ">";
  for (auto at = html.find(opening); at != std::string_view::npos; at = html.find(opening, at)) {
    at += opening.size();
    const auto end = html.find(closing, at);
    if (end == std::string_view::npos) {
      break;
    }
    std::array<std::uint8_t, crypto_hash_sha256_BYTES> digest{};
    const auto text = html.substr(at, end - at);
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    out += " 'sha256-" + base64_encode(digest) + "'";
  }
  return out.empty() ? " 'none'" : out;
}

} // namespace

std::string page_policy(std::string_view html) {
  return "default-src 'none'; script-src" + hashes(html, "script") + "; style-src" + hashes(html, "style") +
         "; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '&'    ? "&amp;"
           : c == '<'  ? "&lt;"
           : c == '>'  ? "&gt;"
           : c == '"'  ? "&quot;"
           : c == '\'' ? "&#39;"
                       : std::string(1, c);
  }
  return out;
}

std::string fill_page(std::string_view html, std::string_view name, std::string_view value) {
  const std::string mark = "{{" + std::string(name) + "}}";
  std::string out;
  for (;;) {
    const auto at = html.find(mark);
    out += html.substr(0, at);
    if (at == std::string_view::npos) {
      return out;
    }
    out += escape_html(value);
    html.remove_prefix(at + mark.size());
  }
}

} // namespace troupe
