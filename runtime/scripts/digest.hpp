#pragma once

#include <sodium/crypto_generichash.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// A digest of a row of texts, each with its length: other texts never have the same one.
class digest {
public:
  digest() { crypto_generichash_init(&state_, nullptr, 0, size); }

  digest& add(std::string_view text) {
    const std::uint64_t length = text.size();
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(&length), sizeof length);
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return *this;
  }

  /// 32 bytes. Ends the digest.
  std::string bytes() {
    std::string out(size, '\0');
    crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(out.data()), size);
    return out;
  }

  std::string hex() {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : bytes()) {
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
    return out;
  }

private:
  static constexpr std::size_t size = 32;
  crypto_generichash_state state_;
};

} // namespace troupe
