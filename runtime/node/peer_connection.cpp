#include "runtime/node/peer_connection.hpp"

#include "runtime/message/cbor_check.hpp"
#include "runtime/message/wire.hpp"
#include "runtime/node/local_node.hpp"

namespace troupe {

void peer_connection::on_open(std::shared_ptr<link> opened) {
  link_ = std::move(opened);
  std::shared_lock lock{gate_->mutex};
  if (gate_->table == nullptr) {
    link_->close("the node ends");
    return;
  }
  if (how_ == origin::inherited) {
    link_->trust();
  }
  if (calls_) {
    (void)link_->send(frame_type::hello, gate_->table->own_hello(), lane::control);
  }
}

void peer_connection::on_frame(frame_type type, std::span<const std::uint8_t> payload) {
  std::shared_lock lock{gate_->mutex};
  if (gate_->table != nullptr) {
    handle(*gate_->table, type, payload);
  }
}

void peer_connection::handle(peer_table& table, frame_type type, std::span<const std::uint8_t> payload) {
  if (!up_) {
    auto hello = type == frame_type::refused ? json(nullptr) : read_cbor(payload);
    if (type == frame_type::hello && !calls_ && hello.is_object()) {
      table.hello_came(*this, hello);
    } else if (type == frame_type::accepted && calls_ && hello.is_object()) {
      table.accepted_came(*this, hello);
    } else if (type == frame_type::refused && calls_) {
      table.refused_came(*this, std::string{payload.begin(), payload.end()});
    } else {
      link_->close("expected a hello");
    }
    return;
  }
  switch (type) {
  case frame_type::message: {
    auto what = wire::decode(payload, intake_->origin());
    if (what) {
      if (peer_table::is_accounted(**what)) {
        intake_->count_one();
      }
      table.home_.received(node_, std::move(*what));
    } else {
      link_->close(what.error().text);
    }
    break;
  }
  case frame_type::control: {
    auto what = read_cbor(payload);
    if (what.is_object() && !table.account_came(*this, what)) {
      table.home_.control(node_, what);
      if (table.events_.on_control) {
        table.events_.on_control(node_, what);
      }
    }
    break;
  }
  case frame_type::ping:
    (void)link_->send(frame_type::pong, {}, lane::control);
    break;
  case frame_type::barrier:
    (void)link_->send(frame_type::barrier_ack, {}, lane::control);
    break;
  case frame_type::barrier_ack:
    table.acknowledged();
    break;
  case frame_type::pong:
    break;
  default:
    link_->close("a frame of a kind that does not belong here");
  }
}

void peer_connection::on_closed(const std::string& reason) {
  std::shared_lock lock{gate_->mutex};
  if (gate_->table != nullptr) {
    gate_->table->link_ended(*this, reason);
  }
}

} // namespace troupe
