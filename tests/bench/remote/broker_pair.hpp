#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

/// What CAF alone can do between two processes: a broker at each end of a unix socketpair, with pieces of `size` bytes
/// and nothing else (no names, no bodies to encode). Both give pieces a second; the other end is this program again.
double broker_asks(std::uint64_t count, std::uint64_t in_flight, std::size_t size);
/// Counted and timed at the receiver.
double broker_sends(std::uint64_t count, std::size_t size);

/// The other end, if the command line asks for it: true once it has run.
bool run_as_broker_peer(int argc, char** argv);

} // namespace bench
