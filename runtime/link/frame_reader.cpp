#include "runtime/link/frame_reader.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

namespace troupe {

namespace {

// Room for usual cut frames is kept, room for large ones is given back.
constexpr std::size_t kept_capacity = 128u << 10;

} // namespace

result<> frame_reader::check(const std::uint8_t* header) const {
  if (!is_frame_type(header[4]))
    return fail(error_code::bad_request, "the peer sent a frame of the unknown type " + std::to_string(header[4]) +
                                           "; it does not speak this protocol");
  const std::size_t length = frame_payload_bytes(header);
  if (length > limit())
    return fail(error_code::too_large, "the peer announced a frame of " + std::to_string(length) +
                                         " bytes; the limit for this link is " + std::to_string(limit()) + " bytes");
  return {};
}

result<> frame_reader::begin_body() {
  if (auto checked = check(header_.data()); !checked)
    return checked;
  have_ = 0;
  wanted_ = frame_payload_bytes(header_.data());
  if (wanted_ <= capacity_)
    return {};
  try {
    const auto size = std::max<std::size_t>(wanted_, 4096);
    body_ = make_byte_block(size);
    capacity_ = size;
  } catch (const std::bad_alloc&) {
    const auto text = "no memory for a received frame of " + std::to_string(wanted_) + " bytes";
    wanted_ = 0;
    return fail(error_code::unavailable, text);
  }
  return {};
}

void frame_reader::end_body() noexcept {
  header_have_ = 0;
  have_ = wanted_ = 0;
  if (capacity_ > kept_capacity) {
    body_.reset();
    capacity_ = 0;
  }
}

std::size_t frame_reader::gather(std::span<const std::uint8_t> bytes) {
  const auto count = std::min(bytes.size(), wanted_ - have_);
  if (count > 0)
    std::memcpy(body_.get() + have_, bytes.data(), count);
  have_ += count;
  return count;
}

} // namespace troupe
