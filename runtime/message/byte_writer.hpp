#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace troupe {

/// Appends to a vector, with room made in steps: a byte costs a comparison. The vector has its right size again when the
/// writer is gone.
class byte_writer {
public:
  explicit byte_writer(std::vector<std::uint8_t>& out)
    : out_(out), at_(out.data() + out.size()), end_(at_) {}
  ~byte_writer() { out_.resize(used()); }

  byte_writer(const byte_writer&) = delete;
  byte_writer& operator=(const byte_writer&) = delete;

  void byte(std::uint8_t value) {
    make_room(1);
    *at_++ = value;
  }

  void bytes(const void* data, std::size_t size) {
    if (size != 0) {
      make_room(size);
      std::memcpy(at_, data, size);
      at_ += size;
    }
  }

  void text(const std::string& what) { bytes(what.data(), what.size()); }

private:
  static constexpr std::size_t step = 256;

  std::size_t used() const noexcept { return static_cast<std::size_t>(at_ - out_.data()); }

  void make_room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) {
      grow(size);
    }
  }

  void grow(std::size_t size) {
    const auto before = used();
    out_.resize(before + std::max(size, step));
    at_ = out_.data() + before;
    end_ = out_.data() + out_.size();
  }

  std::vector<std::uint8_t>& out_;
  std::uint8_t* at_;
  std::uint8_t* end_;
};

} // namespace troupe
