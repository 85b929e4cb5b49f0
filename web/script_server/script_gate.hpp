#pragma once

#include "web/routes/http_types.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace troupe {

class access_keeper;

/// Who may use the script server. From this machine, without a token: the user whose daemon it is, and root, with a
/// program. A page of another site is refused whoever has opened it; everybody else needs the token.
class script_gate {
public:
  /// The user at the other end of a connection; nothing if that cannot be told.
  using owner_of = std::function<std::optional<std::uint32_t>(const http_peer&)>;

  /// `access` outlives the gate.
  script_gate(const access_keeper& access, std::uint32_t own_user, owner_of owner)
    : access_(access), own_user_(own_user), owner_(std::move(owner)) {}

  /// The answer that refuses the request. `peer` keeps what was found out about the connection.
  std::optional<http_response> check(const http_request& request, http_peer& peer) const;

private:
  bool is_own(http_peer& peer) const;

  const access_keeper& access_;
  std::uint32_t own_user_;
  owner_of owner_;
};

/// The owner by the kernel's table of sockets.
std::optional<std::uint32_t> owner_of_peer(const http_peer& peer);

} // namespace troupe
