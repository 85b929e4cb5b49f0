#include "runtime/caf/transport/link_scribe.hpp"

#include "runtime/caf/transport/link_connection.hpp"
#include "runtime/caf/transport/transport_core.hpp"

#include <cstdint>
#include <span>
#include <utility>

namespace troupe {

link_scribe::link_scribe(caf::io::network::default_multiplexer& loop, int socket,
                         std::shared_ptr<link_connection> connection, std::shared_ptr<transport_core> core)
    : scribe_impl(loop, socket), connection_(std::move(connection)), core_(std::move(core)) {}

link_scribe::~link_scribe() {
  core_->closed();
}

bool link_scribe::consume(caf::execution_unit*, const void* bytes, std::size_t count) {
  if (detached())
    return false;
  return connection_->received({static_cast<const std::uint8_t*>(bytes), count});
}

void link_scribe::data_transferred(caf::execution_unit*, std::size_t written, std::size_t remaining) {
  connection_->transferred(written, remaining); // also after the peer's end of stream, which detaches the scribe
}

} // namespace troupe
