#include <runtime/observer/control_frame.hpp>

#include <utility>
#include <vector>

namespace troupe {
namespace {

constexpr std::size_t header_size = 5;
constexpr std::size_t place_size = 8;

bool is_known(std::uint8_t type) {
  return (type >= 1 && type <= 8) || (type >= 65 && type <= 75);
}

} // namespace

json control_frame::body() const {
  auto value = json::from_cbor(payload.begin(), payload.end(), true, false);
  return value.is_discarded() ? json(nullptr) : value;
}

std::string encode_frame(control_type type, std::string_view payload) {
  std::string out;
  out.reserve(header_size + payload.size());
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>((payload.size() >> shift) & 0xff));
  }
  out.push_back(static_cast<char>(type));
  out.append(payload);
  return out;
}

std::string encode_frame(control_type type, const json& body) {
  std::string payload;
  json::to_cbor(body, nlohmann::detail::output_adapter<char>(payload));
  return encode_frame(type, std::string_view{payload});
}

std::string encode_input(std::uint64_t place, std::string_view bytes) {
  std::string payload;
  payload.reserve(place_size + bytes.size());
  for (int shift = 0; shift < 64; shift += 8) {
    payload.push_back(static_cast<char>((place >> shift) & 0xff));
  }
  payload.append(bytes);
  return encode_frame(control_type::input, std::string_view{payload});
}

std::optional<input_view> decode_input(std::string_view payload) {
  if (payload.size() < place_size) {
    return std::nullopt;
  }
  input_view out;
  for (std::size_t i = 0; i < place_size; ++i) {
    out.place |= static_cast<std::uint64_t>(static_cast<unsigned char>(payload[i])) << (8 * i);
  }
  out.bytes = payload.substr(place_size);
  return out;
}

result<std::optional<control_frame>> control_decoder::next() {
  const auto left = buffer_.size() - used_;
  if (left >= header_size) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size |= static_cast<std::size_t>(static_cast<unsigned char>(buffer_[used_ + i])) << (8 * i);
    }
    const auto type = static_cast<std::uint8_t>(buffer_[used_ + 4]);
    if (size > max_payload) {
      return fail(error_code::too_large, "a control frame of " + std::to_string(size) +
                                           " bytes is above the limit of " + std::to_string(max_payload));
    }
    if (!is_known(type)) {
      return fail(error_code::bad_request, "a control frame of the unknown type " + std::to_string(type));
    }
    if (left >= header_size + size) {
      control_frame frame{static_cast<control_type>(type), buffer_.substr(used_ + header_size, size)};
      used_ += header_size + size;
      return frame;
    }
  }
  buffer_.erase(0, std::exchange(used_, 0));
  return std::optional<control_frame>{};
}

} // namespace troupe
