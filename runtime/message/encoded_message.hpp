#pragma once

#include <troupe/message.hpp>

#include <cstdint>
#include <span>

namespace troupe {

/// A message with a copy of a body's CBOR, read when somebody asks for the body. Up to 2 KiB lie in the message itself:
/// what a message takes from the heap of the thread that receives it, and another thread gives back, is one block. A body
/// that needs none at all (null, numbers, booleans) is read at once.
message_ptr make_encoded_message(message_fields&& fields, std::span<const std::uint8_t> body);

/// The same with the body of another message; a large one is shared.
message_ptr make_encoded_message(message_fields&& fields, const body_bytes& body);

} // namespace troupe
