#include "runtime/message/wire.hpp"

#include "runtime/message/byte_writer.hpp"
#include "runtime/message/cbor.hpp"
#include "runtime/message/cbor_check.hpp"
#include "runtime/message/encoded_message.hpp"

#include <bit>
#include <cstring>

namespace troupe::wire {

namespace {

enum flag : std::uint8_t {
  has_node = 1,
  has_sender = 2,
  has_timeout = 4,
  has_user = 8,
  has_trace = 16,
  has_origin = 32,
};

void put_varint(byte_writer& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.byte(static_cast<std::uint8_t>(value) | 0x80);
    value >>= 7;
  }
  out.byte(static_cast<std::uint8_t>(value));
}

void put_string(byte_writer& out, const std::string& text) {
  put_varint(out, text.size());
  out.text(text);
}

void put_body(byte_writer& out, const message& what) {
  if (const auto& raw = what.encoded(); raw.data != nullptr) {
    out.bytes(raw.data, raw.size);
  } else {
    write_cbor(what.body(), out);
  }
}

/// Reads a payload front to back; after a failure every read gives nothing.
class reader {
public:
  explicit reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  std::span<const std::uint8_t> rest() const noexcept { return bytes_; }

  std::uint8_t byte() {
    if (bytes_.empty()) {
      ok_ = false;
      return 0;
    }
    auto value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      auto part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0) {
        return value;
      }
    }
    ok_ = false;
    return 0;
  }

  std::string string() {
    auto size = varint();
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    std::string text{reinterpret_cast<const char*>(bytes_.data()), static_cast<std::size_t>(size)};
    bytes_ = bytes_.subspan(static_cast<std::size_t>(size));
    return text;
  }

  double real() {
    if (bytes_.size() < sizeof(std::uint64_t)) {
      ok_ = false;
      return 0;
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes_.data(), sizeof(bits));
    bytes_ = bytes_.subspan(sizeof(bits));
    return std::bit_cast<double>(bits);
  }

private:
  std::span<const std::uint8_t> bytes_;
  bool ok_ = true;
};

std::size_t head_size(std::uint64_t value) {
  return value < 24 ? 1 : value <= 0xff ? 2 : value <= 0xffff ? 3 : value <= 0xffffffff ? 5 : 9;
}

} // namespace

void encode(const message& what, const std::string& link_origin, std::vector<std::uint8_t>& to) {
  byte_writer out{to};
  const bool foreign = what.origin() && *what.origin() != link_origin;
  std::uint8_t flags = 0;
  flags |= what.recipient().node.empty() ? 0 : has_node;
  flags |= what.wants_answer() ? has_sender : 0;
  flags |= what.timeout_s() > 0 ? has_timeout : 0;
  flags |= what.user().empty() ? 0 : has_user;
  flags |= what.trace().empty() ? 0 : has_trace;
  flags |= foreign ? has_origin : 0;
  out.byte(flags);
  put_varint(out, what.number());
  put_string(out, what.command());
  put_string(out, what.recipient().entity);
  if (flags & has_node) {
    put_string(out, what.recipient().node);
  }
  if (flags & has_sender) {
    put_string(out, what.sender().node);
    put_string(out, what.sender().entity);
  }
  if (flags & has_timeout) {
    auto bits = std::bit_cast<std::uint64_t>(what.timeout_s());
    out.bytes(&bits, sizeof(bits));
  }
  if (flags & has_user) {
    put_string(out, what.user());
  }
  if (flags & has_trace) {
    put_varint(out, what.trace().size());
    for (const auto& hop : what.trace()) {
      put_string(out, hop.actor);
      put_varint(out, hop.ask);
    }
  }
  if (foreign) {
    put_string(out, *what.origin());
  }
  put_body(out, what);
}

namespace {

/// Another's name; shares the ownership of what came with the link all the same.
std::shared_ptr<const std::string> named_origin(std::string name, const std::shared_ptr<const std::string>& link_origin) {
  struct both {
    std::string name;
    std::shared_ptr<const std::string> link_origin;
  };
  auto held = std::make_shared<both>(both{std::move(name), link_origin});
  const auto* text = &held->name;
  return {std::move(held), text};
}

} // namespace

result<message_ptr> decode(std::span<const std::uint8_t> payload,
                           const std::shared_ptr<const std::string>& link_origin) {
  reader in{payload};
  message_fields fields;
  const auto flags = in.byte();
  fields.number = in.varint();
  fields.command = in.string();
  fields.recipient.entity = in.string();
  if (flags & has_node) {
    fields.recipient.node = in.string();
  }
  if (flags & has_sender) {
    fields.sender.node = in.string();
    fields.sender.entity = in.string();
  }
  if (flags & has_timeout) {
    const auto given = in.real();
    fields.timeout_s = given > 0 ? given : 0; // and not for what is no number
  }
  if (flags & has_user) {
    fields.user = in.string();
  }
  if (flags & has_trace) {
    auto count = in.varint();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      trace_hop hop;
      hop.actor = in.string();
      hop.ask = in.varint();
      fields.trace.push_back(std::move(hop));
    }
  }
  fields.origin = flags & has_origin ? named_origin(in.string(), link_origin) : link_origin;
  if (!in.ok() || fields.command.empty()) {
    return fail(error_code::bad_request, "a message frame is damaged");
  }
  auto body = in.rest();
  if (!is_harmless_cbor(body)) {
    return fail(error_code::bad_request, "the body of a message frame is damaged or nested too deep");
  }
  return make_encoded_message(std::move(fields), body);
}

namespace {

std::size_t count_bytes(const json& value, std::size_t enough, std::size_t levels_left) {
  switch (value.type()) {
  case json::value_t::string: {
    auto size = value.get_ref<const std::string&>().size();
    return head_size(size) + size;
  }
  case json::value_t::binary: {
    auto size = value.get_binary().size();
    return head_size(size) + size;
  }
  case json::value_t::array:
  case json::value_t::object: {
    if (levels_left == 0) {
      return enough + 1;
    }
    std::size_t total = head_size(value.size());
    for (auto at = value.begin(); at != value.end() && total <= enough; ++at) {
      total += value.is_object() ? head_size(at.key().size()) + at.key().size() : 0;
      total += count_bytes(*at, enough, levels_left - 1);
    }
    return total;
  }
  case json::value_t::number_integer: {
    auto number = value.get<std::int64_t>();
    return head_size(number < 0 ? static_cast<std::uint64_t>(-1 - number) : static_cast<std::uint64_t>(number));
  }
  case json::value_t::number_unsigned:
    return head_size(value.get<std::uint64_t>());
  case json::value_t::number_float:
    return 9;
  default:
    return 1;
  }
}

} // namespace

std::size_t cbor_size(const json& value, std::size_t enough) { return count_bytes(value, enough, deepest_cbor); }

} // namespace troupe::wire
