#pragma once

#include <caf/io/network/scribe_impl.hpp>

#include <memory>

namespace troupe {

class link_connection;
class transport_core;

/// CAF's scribe over an adopted socket, owned by the link's broker. What arrives goes to the connection directly: as an
/// actor message it would cost a dispatch and a 64 KiB fill of the read buffer each time.
class link_scribe final : public caf::io::network::scribe_impl {
public:
  link_scribe(caf::io::network::default_multiplexer& loop, int socket, std::shared_ptr<link_connection> connection,
              std::shared_ptr<transport_core> core);
  ~link_scribe() override;

  bool consume(caf::execution_unit* context, const void* bytes, std::size_t count) override;
  void data_transferred(caf::execution_unit* context, std::size_t written, std::size_t remaining) override;

private:
  const std::shared_ptr<link_connection> connection_;
  const std::shared_ptr<transport_core> core_;
};

} // namespace troupe
