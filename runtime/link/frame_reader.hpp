#pragma once

#include "runtime/link/byte_block.hpp"
#include "runtime/link/frame.hpp"

#include <troupe/result.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace troupe {

/// Takes frames out of a stream of bytes that arrives in any pieces. Used on one thread, except `limit`.
/// A frame that lies whole in a piece is handed over where it lies; only a cut frame is gathered in memory of the
/// reader, which is taken after the length was found to be within the limit and given back after the frame.
/// After an error the stream is lost: the reader must not be fed again.
class frame_reader {
public:
  explicit frame_reader(std::size_t limit) : limit_(limit) {}

  /// The largest payload that is taken, from the next header on. Any thread.
  void limit(std::size_t bytes) noexcept { limit_.store(bytes, std::memory_order_relaxed); }
  std::size_t limit() const noexcept { return limit_.load(std::memory_order_relaxed); }

  /// Calls `sink(frame_type, std::span<const std::uint8_t>)` for each frame that `bytes` completes, in order. A sink
  /// that returns false ends the call: the rest of `bytes` is dropped. Fails with `bad_request` (unknown type),
  /// `too_large` (length above the limit) or `unavailable` (no memory for a frame within the limit).
  template <class Sink>
  result<> feed(std::span<const std::uint8_t> bytes, Sink&& sink);

  /// Where the rest of a cut frame belongs: the transport may put bytes there itself and then call `filled`.
  std::span<std::uint8_t> missing() noexcept { return {body_.get() + have_, wanted_ - have_}; }
  template <class Sink>
  void filled(std::size_t bytes, Sink&& sink);

  /// The stream ended here: was it inside a frame?
  bool is_inside_frame() const noexcept { return header_have_ > 0; }

private:
  result<> check(const std::uint8_t* header) const;
  /// Makes room for the body that the header in `header_` announces.
  result<> begin_body();
  void end_body() noexcept;
  /// Takes from `bytes` what the cut frame lacks; returns how much.
  std::size_t gather(std::span<const std::uint8_t> bytes);
  bool is_whole() const noexcept { return header_have_ == frame_header_bytes && have_ == wanted_; }

  std::atomic<std::size_t> limit_;
  std::array<std::uint8_t, frame_header_bytes> header_{};
  std::size_t header_have_ = 0;
  byte_block body_;
  std::size_t capacity_ = 0;
  std::size_t wanted_ = 0;
  std::size_t have_ = 0;
};

template <class Sink>
result<> frame_reader::feed(std::span<const std::uint8_t> bytes, Sink&& sink) {
  while (!bytes.empty()) {
    if (header_have_ == 0 && bytes.size() >= frame_header_bytes) {
      if (auto checked = check(bytes.data()); !checked)
        return checked;
      const std::size_t length = frame_payload_bytes(bytes.data());
      if (bytes.size() - frame_header_bytes >= length) {
        const auto type = static_cast<frame_type>(bytes[4]);
        const auto payload = bytes.subspan(frame_header_bytes, length);
        bytes = bytes.subspan(frame_header_bytes + length);
        if (!sink(type, payload))
          return {};
        continue;
      }
    }
    const auto had_header = header_have_ == frame_header_bytes;
    while (header_have_ < frame_header_bytes && !bytes.empty()) {
      header_[header_have_++] = bytes.front();
      bytes = bytes.subspan(1);
    }
    if (header_have_ < frame_header_bytes)
      return {};
    if (!had_header)
      if (auto begun = begin_body(); !begun)
        return begun;
    bytes = bytes.subspan(gather(bytes));
    if (is_whole()) {
      const bool goes_on =
        sink(static_cast<frame_type>(header_[4]), std::span<const std::uint8_t>(body_.get(), wanted_));
      end_body();
      if (!goes_on)
        return {};
    }
  }
  return {};
}

template <class Sink>
void frame_reader::filled(std::size_t bytes, Sink&& sink) {
  have_ += bytes;
  if (is_whole()) {
    sink(static_cast<frame_type>(header_[4]), std::span<const std::uint8_t>(body_.get(), wanted_));
    end_body();
  }
}

} // namespace troupe
