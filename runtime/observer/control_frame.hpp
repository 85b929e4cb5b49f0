#pragma once

#include <troupe/json.hpp>
#include <troupe/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// What goes over the control socket between an observer and its user: 4 bytes length of the payload (little endian), 1
/// byte type, payload. The payload is CBOR, but for `input`.
enum class control_type : std::uint8_t {
  // to the observer
  plan = 1,        ///< first and once, over the inherited socket: a run_plan
  input = 2,       ///< 8 bytes place in the stream (little endian), then bytes for the script's standard input
  close_input = 3, ///< after the bytes before it
  signal = 4,      ///< {"signal": n} to the script's process
  cancel = 5,      ///< {"grace_ms": n|null}: SIGTERM to the tree, grace, SIGKILL
  attach = 6,      ///< first over any other socket: {"epoch"}; answered by `attached` or `replaced`
  answer_call = 7, ///< {"id", "answer"}
  push = 8,        ///< {"number", "value"}: for `read_json` of the script
  // from the observer
  started = 65,      ///< {"pid", "started_at", "warm", "why_not_warm"}
  rejected = 66,     ///< {"reason"}: nothing runs; the last frame
  output = 67,       ///< a run_progress: so much is in the spool
  input_taken = 68,  ///< {"total"}: so many bytes were written to the script's input
  input_closed = 69, ///< {"reason"}: the script takes no more input
  ended = 70,        ///< a run_result; the last frame
  call = 71,         ///< {"id", "name", "body"}: the script asks for something
  call_gone = 72,    ///< {"id"}: it wants no answer any more
  pushed = 73,       ///< {"number", "problem"}: what became of a push; empty: it is kept
  attached = 74,     ///< {"epoch", "pid", "started_at", "elapsed_s", "warm", "progress", "input_received", "input_taken"}
  replaced = 75,     ///< {"epoch"}: a newer user is obeyed; the last frame
};

struct control_frame {
  control_type type;
  std::string payload;

  json body() const; ///< the payload as CBOR; null if it is none
};

std::string encode_frame(control_type type, std::string_view payload);
std::string encode_frame(control_type type, const json& body);

/// A piece of standard input, as the payload of `input`.
std::string encode_input(std::uint64_t place, std::string_view bytes);
struct input_view {
  std::uint64_t place = 0;
  std::string_view bytes;
};
std::optional<input_view> decode_input(std::string_view payload);

/// Cuts received bytes into frames. A frame above the limit is refused when its length is read, before memory is taken.
class control_decoder {
public:
  static constexpr std::size_t max_payload = 65u << 20;

  void feed(std::string_view bytes) { buffer_.append(bytes); }

  /// The next whole frame; nothing if more bytes are needed; an error that ends the connection.
  result<std::optional<control_frame>> next();

private:
  std::string buffer_;
  std::size_t used_ = 0;
};

} // namespace troupe
