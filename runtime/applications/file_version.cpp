#include "runtime/applications/file_version.hpp"

#include <sodium.h>

#include <array>

namespace troupe {

std::string content_version(std::string_view content) {
  std::array<unsigned char, 16> digest{};
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                     nullptr, 0);
  std::array<char, 2 * digest.size() + 1> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return text.data();
}

} // namespace troupe
