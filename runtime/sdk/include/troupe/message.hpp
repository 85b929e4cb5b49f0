#pragma once

#include <troupe/address.hpp>
#include <troupe/json.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// One waiting actor in the chain that led to an ask: who waits, and in which of its asks.
struct trace_hop {
  std::string actor;
  std::uint64_t ask = 0;
};

/// Bytes of an encoded (CBOR) body.
struct body_bytes {
  std::shared_ptr<const void> owner; ///< null: they live as long as their message
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  /// Makes the value; null for what is not CBOR.
  json (*read)(const std::uint8_t* data, std::size_t size) = nullptr;
};

/// What a message is made from.
struct message_fields {
  std::string command;
  json body = nullptr;
  address recipient;
  address sender; ///< null: no answer is wanted
  double timeout_s = 0; ///< 0: none given
  std::string user;
  std::vector<trace_hop> trace;
  std::uint64_t number = 0; ///< unique with `origin`
  std::shared_ptr<const std::string> origin; ///< `<system>.<host>.<process>` of the creator
};

class message;

/// A place in an actor's queue. Every message brings one along, so that queueing takes no memory.
struct queue_place {
  queue_place* next = nullptr;
  std::shared_ptr<const message> what;
};

/// One immutable message, shared by everybody who looks at it. A body that came over a link is decoded when it is first
/// read (from any thread); a relay never pays for it.
class message {
public:
  explicit message(message_fields&& fields) : fields_(std::move(fields)) {}
  explicit message(const message_fields& fields) : fields_(fields) {}
  message(message_fields&& fields, body_bytes&& encoded)
    : fields_(std::move(fields)), encoded_(std::move(encoded)), decoded_(false) {}

  message(const message&) = delete;
  message& operator=(const message&) = delete;

  const std::string& command() const noexcept { return fields_.command; }
  const address& recipient() const noexcept { return fields_.recipient; }
  const address& sender() const noexcept { return fields_.sender; }
  double timeout_s() const noexcept { return fields_.timeout_s; }
  const std::string& user() const noexcept { return fields_.user; }
  const std::vector<trace_hop>& trace() const noexcept { return fields_.trace; }
  std::uint64_t number() const noexcept { return fields_.number; }
  const std::shared_ptr<const std::string>& origin() const noexcept { return fields_.origin; }

  bool wants_answer() const noexcept { return !fields_.sender.is_null(); }

  bool is(std::string_view command) const noexcept { return fields_.command == command; }

  /// The body; null if a peer sent bytes that are not CBOR.
  const json& body() const {
    if (!decoded_.load(std::memory_order_acquire)) {
      std::lock_guard lock{decoding_}; // `call_once` would make a system call for each message
      if (!decoded_.load(std::memory_order_relaxed)) {
        fields_.body = encoded_.read(encoded_.data, encoded_.size);
        decoded_.store(true, std::memory_order_release);
      }
    }
    return fields_.body;
  }

  /// The body as it came from a link, or null data if the message was made in this process.
  const body_bytes& encoded() const noexcept { return encoded_; }

  /// `<system>.<host>.<process>.<n>`, unique.
  std::string mid() const {
    return (fields_.origin ? *fields_.origin : std::string{"unknown"}) + "." + std::to_string(fields_.number);
  }

  /// The message as users see it, with the seven fields of the model.
  json to_json() const {
    return json{{"mid", mid()},
                {"command", command()},
                {"body", body()},
                {"recipient", recipient().to_json()},
                {"sender", sender().to_json()},
                {"timeout", timeout_s() > 0 ? json(timeout_s()) : json(nullptr)},
                {"user", user().empty() ? json(nullptr) : json(user())}};
  }

private:
  friend class mailbox; // the runtime's queue: it alone uses the place

  mutable queue_place place_;
  mutable std::atomic<bool> is_place_taken_{false};
  mutable message_fields fields_;
  body_bytes encoded_;
  mutable std::atomic<bool> decoded_{true};
  mutable std::mutex decoding_;
};

using message_ptr = std::shared_ptr<const message>;

} // namespace troupe
