#pragma once

#include <troupe/json.hpp>

#include <cstdint>

namespace bench {

/// The same work in a bare CAF program: actors that know each other by handle and exchange the struct that a message of
/// the runtime is made from (number, command, JSON body, recipient, sender, timeout). Both give operations a second.
double bare_asks(std::uint64_t count, std::uint64_t in_flight, const troupe::json& body);
double bare_sends(std::uint64_t count, std::uint64_t window, std::uint64_t grain, const troupe::json& body);

} // namespace bench
