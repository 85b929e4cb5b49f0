#pragma once

#include <runtime/observer/run_host.hpp>

#include <troupe/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// What a script asks of its task, as its observer keeps it: calls that wait for an answer, whoever is attached, and
/// values that wait for `read_json`. Knows lines and numbers, no sockets; one thread.
class call_book {
public:
  static constexpr std::size_t call_limit = 1024;
  static constexpr std::size_t byte_limit = 64u << 20; ///< of the bodies of calls that wait
  static constexpr std::size_t value_limit = 1024;
  static constexpr std::size_t value_byte_limit = 16u << 20;

  struct ports {
    std::function<void(std::uint64_t connection, std::string line)> send;
    std::function<void(const run_call&)> tell; ///< to the attached user, if there is one
    std::function<void(std::uint64_t id)> gone;
    std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
  };

  explicit call_book(ports how) : ports_(std::move(how)) {}

  /// A line without its end, from a script's connection. What is wrong with it is answered.
  void take_line(std::uint64_t connection, std::string_view line);
  void closed(std::uint64_t connection);
  /// From the task. An id that is not open is ignored.
  void answer(std::uint64_t id, const json& answer);
  /// A value for `read_json`; why it is not kept, or empty.
  std::string push(json value);
  /// Tells all that waits to a user that was attached anew.
  void tell_again() const;

  std::size_t open() const noexcept { return calls_.size(); }

private:
  struct call {
    std::uint64_t connection = 0;
    json number; ///< the script's
    run_call what;
    std::size_t bytes = 0;
  };
  struct reader {
    std::uint64_t connection = 0;
    json number;
    std::uint64_t serial = 0;
  };
  struct value {
    json what;
    std::size_t bytes = 0;
  };

  void refuse(std::uint64_t connection, const json& number, const char* name, const std::string& text);
  void reply(std::uint64_t connection, const json& number, const json& answer);
  void relay(std::uint64_t connection, const json& number, std::string name, json body, std::size_t bytes);
  void read(std::uint64_t connection, const json& number, const json& body);
  void read_is_late(std::uint64_t serial);

  ports ports_;
  std::map<std::uint64_t, call> calls_; // by id
  std::deque<reader> readers_;
  std::deque<value> values_;
  std::size_t call_bytes_ = 0;
  std::size_t value_bytes_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_serial_ = 0;
};

} // namespace troupe
