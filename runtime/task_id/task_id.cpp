#include "runtime/task_id/task_id.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <fmt/format.h>

namespace troupe {

bool is_task_id(const std::string& text) noexcept {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string new_task_id() {
  std::random_device source;
  std::array<std::uint32_t, 4> r{source(), source(), source(), source()};
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:04x}{:08x}", r[0], r[1] >> 16, r[1] & 0xfff,
                     0x8000 | (r[2] >> 16 & 0x3fff), r[2] & 0xffff, r[3]);
}

} // namespace troupe
