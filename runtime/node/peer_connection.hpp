#pragma once

#include "runtime/link/link.hpp"
#include "runtime/node/intake.hpp"
#include "runtime/node/peer_table.hpp"
#include "runtime/node/wake_batch.hpp"

#include <memory>
#include <shared_mutex>
#include <string>

namespace troupe {

/// The way from the transport's thread into the table, shut before the table ends.
struct peer_gate {
  std::shared_mutex mutex;
  peer_table* table = nullptr;
};

/// One connection: its hello, and then what comes in. On the transport's thread.
class peer_connection final : public link_handler {
public:
  enum class origin { accepted, dialled, inherited };

  peer_connection(std::shared_ptr<peer_gate> gate, origin how, bool calls, std::string expected)
    : gate_(std::move(gate)), how_(how), calls_(calls), node_(std::move(expected)) {}

  void on_open(std::shared_ptr<link> opened) override;
  void on_piece_begin() noexcept override { wake_batch::open(); }
  void on_piece_end() noexcept override { wake_batch::flush(); }
  void on_frame(frame_type type, std::span<const std::uint8_t> payload) override;
  void on_closed(const std::string& reason) override;

  const std::string& node() const noexcept { return node_; }
  const std::shared_ptr<link>& wire() const noexcept { return link_; }
  bool is_up() const noexcept { return up_; }

private:
  friend class peer_table;

  void handle(peer_table& table, frame_type type, std::span<const std::uint8_t> payload);

  std::shared_ptr<peer_gate> gate_;
  origin how_;
  bool calls_;
  bool up_ = false;
  std::string node_;
  std::shared_ptr<intake> intake_; ///< once it is up
  std::shared_ptr<link> link_;
};

} // namespace troupe
