#include "runtime/message/encoded_message.hpp"

#include "runtime/message/cbor.hpp"
#include "runtime/message/cbor_check.hpp"

#include <array>
#include <cstring>

namespace troupe {

namespace {

json read(const std::uint8_t* data, std::size_t size) { return read_cbor({data, size}); }

template <std::size_t Room>
struct body_room {
  explicit body_room(std::span<const std::uint8_t> body) { std::memcpy(room.data(), body.data(), body.size()); }
  std::array<std::uint8_t, Room> room;
};

/// The room comes first, so that it is filled when the message learns of it.
template <std::size_t Room>
struct short_message final : private body_room<Room>, message {
  short_message(message_fields&& fields, std::span<const std::uint8_t> body)
    : body_room<Room>(body), message(std::move(fields), body_bytes{nullptr, this->room.data(), body.size(), read}) {}
};

/// A head that says a number, a boolean or null.
bool is_scalar(std::uint8_t head) { return head >> 5 <= 1 || head >> 5 == 7; }

} // namespace

message_ptr make_encoded_message(message_fields&& fields, std::span<const std::uint8_t> body) {
  if (!body.empty() && is_scalar(body.front())) {
    if (auto value = read_plain_cbor(body)) {
      fields.body = std::move(*value);
      return std::make_shared<const message>(std::move(fields));
    }
  }
  if (body.size() <= 64) {
    return std::make_shared<const short_message<64>>(std::move(fields), body);
  }
  if (body.size() <= 512) {
    return std::make_shared<const short_message<512>>(std::move(fields), body);
  }
  if (body.size() <= 2048) {
    return std::make_shared<const short_message<2048>>(std::move(fields), body);
  }
  auto copy = std::make_shared_for_overwrite<std::uint8_t[]>(body.size());
  std::memcpy(copy.get(), body.data(), body.size());
  const auto* data = copy.get();
  return std::make_shared<const message>(std::move(fields), body_bytes{std::move(copy), data, body.size(), read});
}

message_ptr make_encoded_message(message_fields&& fields, const body_bytes& body) {
  if (body.owner) {
    return std::make_shared<const message>(std::move(fields), body_bytes{body});
  }
  return make_encoded_message(std::move(fields), std::span{body.data, body.size});
}

} // namespace troupe
