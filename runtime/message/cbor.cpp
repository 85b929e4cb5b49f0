#include "runtime/message/cbor.hpp"

#include "runtime/message/byte_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <string>

namespace troupe {

namespace {

void put_fixed(byte_writer& out, std::uint8_t head, std::uint64_t value, int bytes) {
  std::uint8_t all[9]{head};
  for (int i = bytes; i > 0; --i) {
    all[i] = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  out.bytes(all, static_cast<std::size_t>(bytes) + 1);
}

void put_head(byte_writer& out, std::uint8_t kind, std::uint64_t value) {
  kind = static_cast<std::uint8_t>(kind << 5);
  if (value < 24) {
    out.byte(static_cast<std::uint8_t>(kind | value));
  } else if (value <= 0xff) {
    put_fixed(out, kind | 24, value, 1);
  } else if (value <= 0xffff) {
    put_fixed(out, kind | 25, value, 2);
  } else if (value <= 0xffffffff) {
    put_fixed(out, kind | 26, value, 4);
  } else {
    put_fixed(out, kind | 27, value, 8);
  }
}

void put_text(byte_writer& out, const std::string& text) {
  put_head(out, 3, text.size());
  out.text(text);
}

/// The reader behind `read_plain_cbor`. Each function gives false where the bytes are not what it reads.
class plain_reader {
public:
  plain_reader(const std::uint8_t* begin, const std::uint8_t* end) : at_(begin), end_(end) {}

  bool read_all(json& out) { return read(out, deepest) && at_ == end_; }

private:
  static constexpr int deepest = 256;

  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  bool fixed(std::size_t bytes, std::uint64_t& value) {
    if (left() < bytes) {
      return false;
    }
    value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | *at_++;
    }
    return true;
  }

  bool length(std::uint8_t low, std::uint64_t& value) {
    if (low < 24) {
      value = low;
      return true;
    }
    return low < 28 && fixed(std::size_t{1} << (low - 24), value);
  }

  bool text(std::uint64_t size, std::string& out) {
    if (size > left()) {
      return false;
    }
    out.assign(reinterpret_cast<const char*>(at_), static_cast<std::size_t>(size));
    at_ += size;
    return true;
  }

  bool read(json& out, int levels) {
    if (at_ == end_ || levels == 0) {
      return false;
    }
    const std::uint8_t head = *at_++;
    if (head >= 0xe0) {
      return simple(head, out);
    }
    std::uint64_t value = 0;
    if (!length(head & 0x1f, value)) {
      return false;
    }
    switch (head >> 5) {
    case 0:
      out = value;
      return true;
    case 1:
      out = static_cast<std::int64_t>(-1) - static_cast<std::int64_t>(value);
      return true;
    case 2:
      return bytes(value, out);
    case 3:
      out = std::string{};
      return text(value, out.get_ref<std::string&>());
    case 4:
      return array(value, out, levels);
    case 5:
      return object(value, out, levels);
    default:
      return false;
    }
  }

  bool bytes(std::uint64_t size, json& out) {
    if (size > left()) {
      return false;
    }
    out = json::binary(std::vector<std::uint8_t>(at_, at_ + size));
    at_ += size;
    return true;
  }

  bool array(std::uint64_t size, json& out, int levels) {
    out = json::array();
    auto& items = out.get_ref<json::array_t&>();
    // The announced number is believed only as far as items come.
    items.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, 64)));
    for (; size > 0; --size) {
      if (!read(items.emplace_back(), levels - 1)) {
        return false;
      }
    }
    return true;
  }

  bool object(std::uint64_t size, json& out, int levels) {
    out = json::object();
    auto& fields = out.get_ref<json::object_t&>();
    std::string key;
    for (; size > 0; --size) {
      std::uint64_t key_size = 0;
      if (at_ == end_ || *at_ >> 5 != 3) {
        return false;
      }
      const std::uint8_t low = *at_++ & 0x1f;
      if (!length(low, key_size) || !text(key_size, key)) {
        return false;
      }
      auto made = fields.emplace_hint(fields.end(), std::move(key), nullptr);
      if (!read(made->second, levels - 1)) {
        return false;
      }
    }
    return true;
  }

  bool simple(std::uint8_t head, json& out) {
    std::uint64_t bits = 0;
    switch (head) {
    case 0xf4:
    case 0xf5:
      out = head == 0xf5;
      return true;
    case 0xf6:
      out = nullptr;
      return true;
    case 0xfa:
      if (fixed(4, bits)) {
        out = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
        return true;
      }
      return false;
    case 0xfb:
      if (fixed(8, bits)) {
        out = std::bit_cast<double>(bits);
        return true;
      }
      return false;
    default:
      return false;
    }
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

} // namespace

void write_cbor(const json& value, byte_writer& out) {
  switch (value.type()) {
  case json::value_t::boolean:
    out.byte(value.get<bool>() ? 0xf5 : 0xf4);
    break;
  case json::value_t::number_unsigned:
    put_head(out, 0, value.get<std::uint64_t>());
    break;
  case json::value_t::number_integer: {
    const auto number = value.get<std::int64_t>();
    put_head(out, number < 0 ? 1 : 0, static_cast<std::uint64_t>(number < 0 ? -1 - number : number));
    break;
  }
  case json::value_t::number_float:
    put_fixed(out, 0xfb, std::bit_cast<std::uint64_t>(value.get<double>()), 8);
    break;
  case json::value_t::string:
    put_text(out, value.get_ref<const std::string&>());
    break;
  case json::value_t::binary: {
    const auto& bytes = value.get_binary();
    put_head(out, 2, bytes.size());
    out.bytes(bytes.data(), bytes.size());
    break;
  }
  case json::value_t::array:
    put_head(out, 4, value.size());
    for (const auto& item : value.get_ref<const json::array_t&>()) {
      write_cbor(item, out);
    }
    break;
  case json::value_t::object:
    put_head(out, 5, value.size());
    for (const auto& [key, item] : value.get_ref<const json::object_t&>()) {
      put_text(out, key);
      write_cbor(item, out);
    }
    break;
  default:
    out.byte(0xf6);
  }
}

void write_cbor(const json& value, std::vector<std::uint8_t>& out) {
  byte_writer writer{out};
  write_cbor(value, writer);
}

std::optional<json> read_plain_cbor(std::span<const std::uint8_t> bytes) {
  std::optional<json> out{std::in_place};
  if (!plain_reader{bytes.data(), bytes.data() + bytes.size()}.read_all(*out)) {
    out.reset();
  }
  return out;
}

} // namespace troupe
