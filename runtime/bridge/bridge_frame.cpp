#include <runtime/bridge/bridge_frame.hpp>

#include <algorithm>
#include <cstring>

namespace troupe {
namespace {

std::size_t read_size(const char* at) {
  std::size_t size = 0;
  for (int i = 3; i >= 0; --i) {
    size = size << 8 | static_cast<unsigned char>(at[i]);
  }
  return size;
}

std::string_view cut_between_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return text;
  }
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

} // namespace

bridge_header make_bridge_header(bridge_kind kind, bool more, std::size_t size) {
  bridge_header out{};
  for (std::size_t i = 0; i < 4; ++i) {
    out[i] = static_cast<char>(size >> (8 * i) & 0xff);
  }
  out[4] = static_cast<char>(static_cast<std::uint8_t>(kind) | (more ? bridge_more : 0));
  return out;
}

std::string make_close_frame(std::uint16_t code, std::string_view reason) {
  reason = cut_between_characters(reason, most_close_reason);
  const auto header = make_bridge_header(bridge_kind::close, false, reason.size() + 2);
  std::string out{header.data(), header.size()};
  out += static_cast<char>(code & 0xff);
  out += static_cast<char>(code >> 8);
  out += reason;
  return out;
}

bool can_close_with(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

bridge_decoder::room bridge_decoder::prepare() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

result<> bridge_decoder::check(std::uint8_t kind, std::size_t size) const {
  const auto plain = static_cast<std::uint8_t>(kind & ~bridge_more);
  if (size > most_bridge_payload) {
    return fail(error_code::too_large, "a frame of " + std::to_string(size) + " bytes; " +
                                         std::to_string(most_bridge_payload) + " are allowed");
  }
  if (plain < 1 || plain > 3) {
    return fail(error_code::bad_request, "a frame of unknown kind " + std::to_string(plain));
  }
  if (kind == (static_cast<std::uint8_t>(bridge_kind::close) | bridge_more) ||
      (plain == static_cast<std::uint8_t>(bridge_kind::close) && (size < 2 || size > most_close_reason + 2))) {
    return fail(error_code::bad_request, "a close that is none");
  }
  if (open_ && plain != static_cast<std::uint8_t>(bridge_kind::close) && plain != static_cast<std::uint8_t>(*open_)) {
    return fail(error_code::bad_request, "a message changed its kind between two frames");
  }
  return {};
}

result<std::optional<bridge_piece>> bridge_decoder::next() {
  const auto have = end_ - begin_;
  if (have < bridge_header_size) {
    return std::nullopt;
  }
  const char* at = buffer_.data() + begin_;
  const auto size = read_size(at);
  const auto kind = static_cast<std::uint8_t>(at[4]);
  if (auto fits = check(kind, size); !fits) {
    return std::unexpected(fits.error());
  }
  if (have < bridge_header_size + size) {
    return std::nullopt;
  }
  begin_ += bridge_header_size + size;
  bridge_piece out;
  out.kind = static_cast<bridge_kind>(kind & ~bridge_more);
  out.payload = {at + bridge_header_size, size};
  if (out.kind == bridge_kind::close) {
    out.code = static_cast<std::uint16_t>(static_cast<unsigned char>(out.payload[0]) |
                                          static_cast<unsigned char>(out.payload[1]) << 8);
    out.payload.remove_prefix(2);
    return out;
  }
  out.more = (kind & bridge_more) != 0;
  out.first = !open_;
  open_ = out.more ? std::optional{out.kind} : std::nullopt;
  return out;
}

} // namespace troupe
