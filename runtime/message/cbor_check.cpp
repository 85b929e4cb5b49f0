#include "runtime/message/cbor_check.hpp"

#include "runtime/message/cbor.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace troupe {

namespace {

/// Skims the heads of CBOR items. False if a reader that trusts them would overflow its stack (nested too deep) or throw
/// (more items promised than bytes are left). Other damage is the reader's to find.
class cbor_skim {
public:
  explicit cbor_skim(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool is_harmless() {
    while (!bytes_.empty()) {
      const auto head = bytes_.front();
      const auto kind = head >> 5;
      const auto info = head & 31;
      bytes_ = bytes_.subspan(1);
      if (info == 31 && kind == 7) {
        if (depth_ == 0 || open_[depth_ - 1] != endless) {
          return true; // no CBOR
        }
        --depth_;
        end_item();
        continue;
      }
      std::uint64_t count = endless;
      if (info != 31 && !argument(static_cast<unsigned>(info), count)) {
        return true;
      }
      const bool holds_items = kind == 4 || kind == 5 || (info == 31 && (kind == 2 || kind == 3));
      if (holds_items) {
        if (count != endless && count > bytes_.size()) {
          return false;
        }
        if (count == 0) {
          end_item();
          continue;
        }
        if (depth_ == open_.size()) {
          return false;
        }
        open_[depth_++] = count == endless || kind != 5 ? count : 2 * count;
        continue;
      }
      if (kind == 2 || kind == 3) {
        bytes_ = bytes_.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(count, bytes_.size())));
      }
      if (kind != 6) { // a tag stands before its item
        end_item();
      }
    }
    return true;
  }

private:
  static constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max();

  bool argument(unsigned info, std::uint64_t& value) {
    if (info < 24) {
      value = info;
      return true;
    }
    const std::size_t size = std::size_t{1} << (info - 24);
    if (info > 27 || bytes_.size() < size) {
      return false;
    }
    value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | bytes_[i];
    }
    bytes_ = bytes_.subspan(size);
    return true;
  }

  void end_item() {
    while (depth_ != 0 && open_[depth_ - 1] != endless && --open_[depth_ - 1] == 0) {
      --depth_;
    }
  }

  std::span<const std::uint8_t> bytes_;
  std::array<std::uint64_t, deepest_cbor> open_; ///< items that are missing, by level; set as levels open
  std::size_t depth_ = 0;
};

} // namespace

bool is_harmless_cbor(std::span<const std::uint8_t> bytes) { return cbor_skim{bytes}.is_harmless(); }

json read_cbor(std::span<const std::uint8_t> bytes) {
  if (auto value = read_plain_cbor(bytes)) {
    return std::move(*value);
  }
  if (!is_harmless_cbor(bytes)) {
    return nullptr;
  }
  auto value = json::from_cbor(bytes.begin(), bytes.end(), true, false);
  return value.is_discarded() ? json(nullptr) : value;
}

} // namespace troupe
