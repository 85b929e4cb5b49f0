#include "runtime/access/secrets.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace troupe {

std::string random_secret(std::size_t bytes) {
  if (sodium_init() < 0) {
    std::abort(); // no randomness: going on would give out guessable secrets
  }
  std::vector<unsigned char> raw(bytes);
  randombytes_buf(raw.data(), raw.size());
  std::string text(sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), raw.data(), raw.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.resize(text.find('\0'));
  sodium_memzero(raw.data(), raw.size());
  return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

bool looks_like_secret(std::string_view text) noexcept {
  return text.size() >= 20 && text.size() <= 512 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

} // namespace troupe
