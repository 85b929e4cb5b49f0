#include "runtime/node/peer_table.hpp"

#include "runtime/message/wire.hpp"
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_connection.hpp"

#include <mutex>

namespace troupe {

namespace {

constexpr std::size_t most_waiting = 100'000;

std::vector<std::uint8_t>& scratch() {
  thread_local std::vector<std::uint8_t> buffer;
  buffer.clear();
  if (buffer.capacity() > (1u << 20)) {
    buffer.shrink_to_fit();
  }
  return buffer;
}

} // namespace

peer_table::peer_table(local_node& home, link_transport& transport)
  : home_(home), transport_(transport), gate_(std::make_shared<peer_gate>()) {
  gate_->table = this;
}

peer_table::~peer_table() { stop(); }

void peer_table::observe(peer_events events) { events_ = std::move(events); }

std::string peer_table::socket_of(const std::string& node) const {
  const auto first = node.find('.');
  const auto last = node.rfind('.');
  if (first == std::string::npos || first >= last || node.find('/') != std::string::npos) {
    return {};
  }
  return home_.options().run_folder + "/" + node.substr(first + 1, last - first - 1) +
         (node.ends_with(".daemon") ? ".daemon" : "") + ".sock";
}

result<> peer_table::listen() {
  auto made = transport_.listen(socket_of(home_.options().node), [gate = gate_] {
    return std::make_shared<peer_connection>(gate, peer_connection::origin::accepted, false, std::string{});
  });
  if (!made) {
    return std::unexpected(made.error());
  }
  listener_ = std::move(*made);
  return {};
}

void peer_table::adopt(int socket, const std::string& node, bool calls) {
  auto connection = std::make_shared<peer_connection>(gate_, peer_connection::origin::inherited, calls, node);
  if (calls) {
    std::lock_guard lock{mutex_};
    peers_[node].dialling = true;
    peers_[node].connection = connection.get();
  }
  transport_.adopt(socket, std::move(connection));
}

result<> peer_table::send_on(const peer& to, const message& what, lane credit) {
  auto& buffer = scratch();
  wire::encode(what, *home_.origin(), buffer);
  if (!is_accounted(what)) {
    return to.up->send(frame_type::message, buffer, credit);
  }
  std::lock_guard lock{to.sent->mutex};
  auto sent = to.up->send(frame_type::message, buffer, credit);
  if (sent) {
    const auto& recipient = what.recipient();
    if (to.sent->ledger.note(recipient.entity.empty() ? recipient.node : recipient.entity)) {
      send_mark(to);
    }
    watch_accounts();
  }
  return sent;
}

result<> peer_table::send(const std::string& node, const message_ptr& what, lane credit) {
  {
    std::shared_lock lock{mutex_};
    auto at = peers_.find(node);
    if (at != peers_.end() && at->second.up) {
      return send_on(at->second, *what, credit);
    }
  }
  return wait_for_link(node, what, credit);
}

result<> peer_table::wait_for_link(const std::string& node, const message_ptr& what, lane credit) {
  std::shared_ptr<peer_connection> call;
  {
    std::lock_guard lock{mutex_};
    if (stopped_) {
      return fail(error_code::unavailable, "this node ends");
    }
    auto& found = peers_[node];
    if (found.up) {
      return send_on(found, *what, credit);
    }
    if (found.waiting.size() >= most_waiting) {
      return fail(error_code::mailbox_full, "too many messages wait for the link to " + node);
    }
    found.waiting.push_back(waiting_message{what, credit});
    call = begin_call(node, found);
  }
  return dial(node, call, what);
}

result<> peer_table::call(const std::string& node) {
  std::shared_ptr<peer_connection> call;
  {
    std::lock_guard lock{mutex_};
    if (stopped_) {
      return fail(error_code::unavailable, "this node ends");
    }
    auto& found = peers_[node];
    if (found.up) {
      return {};
    }
    call = begin_call(node, found);
  }
  return dial(node, call, nullptr);
}

/// Null if somebody dials already.
std::shared_ptr<peer_connection> peer_table::begin_call(const std::string& node, peer& to) {
  if (std::exchange(to.dialling, true)) {
    return nullptr;
  }
  auto call = std::make_shared<peer_connection>(gate_, peer_connection::origin::dialled, true, node);
  to.connection = call.get();
  return call;
}

result<> peer_table::dial(const std::string& node, const std::shared_ptr<peer_connection>& call, const message_ptr& what) {
  if (!call) {
    return {};
  }
  const auto path = socket_of(node);
  auto dialled = path.empty() ? fail(error_code::not_found, "it has no valid name") : transport_.dial(path, call);
  if (dialled) {
    return {};
  }
  std::vector<waiting_message> left;
  {
    std::lock_guard lock{mutex_};
    if (auto at = peers_.find(node); at != peers_.end() && at->second.connection == call.get() && !at->second.up) {
      left = std::move(at->second.waiting);
      peers_.erase(at);
    }
  }
  // The present message is the caller's to hear about; those that joined it meanwhile go back to their senders.
  std::erase_if(left, [&](const waiting_message& other) { return other.what == what; });
  const auto reason =
    (node == home_.options().daemon_node ? "the daemon is away" : "there is no node " + node) + ": " + dialled.error().text;
  give_back(std::move(left), reason);
  return fail(error_code::unavailable, reason);
}

void peer_table::link_ended(peer_connection& from, const std::string& reason) {
  std::vector<waiting_message> left;
  std::shared_ptr<send_account> sent;
  bool was_up = false;
  {
    std::lock_guard lock{mutex_};
    auto at = peers_.find(from.node());
    if (at == peers_.end() || at->second.connection != &from ||
        (!from.is_up() && from.how_ == peer_connection::origin::accepted)) {
      return;
    }
    was_up = at->second.up != nullptr;
    left = std::move(at->second.waiting);
    sent = std::move(at->second.sent);
    peers_.erase(at);
  }
  const auto text = "the link to " + from.node() + " ended: " + reason;
  close_account(from.node(), sent, reason);
  give_back(std::move(left), text);
  if (was_up) {
    home_.link_ended(from.node(), text);
    if (events_.on_down) {
      events_.on_down(from.node(), reason);
    }
  }
}

/// In a turn of its own: the caller may hold the lock of the route by which an answer would go.
void peer_table::give_back(std::vector<waiting_message> messages, const std::string& reason) {
  if (messages.empty()) {
    return;
  }
  home_.timers().after(std::chrono::seconds{0}, [this, messages = std::move(messages), reason] {
    for (const auto& held : messages) {
      home_.bounce(*held.what, "actor_has_failed", json{{"reason", reason}, {"mid", held.what->mid()}}, "node_is_down");
    }
  });
}

void peer_table::tell(const std::string& node, const json& what) {
  std::shared_lock lock{mutex_};
  if (auto at = peers_.find(node); at != peers_.end() && at->second.up) {
    (void)at->second.up->send(frame_type::control, json::to_cbor(what), lane::control);
  }
}

void peer_table::tell_all(const json& what) {
  const auto frame = json::to_cbor(what);
  std::shared_lock lock{mutex_};
  for (auto& [node, found] : peers_) {
    if (found.up) {
      (void)found.up->send(frame_type::control, frame, lane::control);
    }
  }
}

void peer_table::ping(const std::string& node) {
  std::shared_lock lock{mutex_};
  if (auto at = peers_.find(node); at != peers_.end() && at->second.up) {
    (void)at->second.up->send(frame_type::ping, {}, lane::control);
  }
}

std::optional<std::chrono::steady_clock::time_point> peer_table::last_received(const std::string& node) const {
  std::shared_lock lock{mutex_};
  auto at = peers_.find(node);
  return at != peers_.end() && at->second.up ? std::optional{at->second.up->last_received()} : std::nullopt;
}

void peer_table::drop(const std::string& node, const std::string& reason) {
  std::vector<waiting_message> left;
  std::shared_ptr<link> ended;
  std::shared_ptr<send_account> sent;
  {
    std::lock_guard lock{mutex_};
    auto at = peers_.find(node);
    if (at == peers_.end()) {
      return;
    }
    ended = at->second.up;
    left = std::move(at->second.waiting);
    sent = std::move(at->second.sent);
    peers_.erase(at);
  }
  close_account(node, sent, reason);
  give_back(std::move(left), reason);
  if (ended) {
    ended->close(reason);
  }
}

void peer_table::drop_all(const std::string& reason) {
  std::vector<std::shared_ptr<link>> all;
  {
    std::shared_lock lock{mutex_};
    for (const auto& [node, found] : peers_) {
      if (found.up) {
        all.push_back(found.up);
      }
    }
  }
  for (const auto& one : all) {
    one->close(reason);
  }
}

void peer_table::settle(std::chrono::duration<double> patience, std::function<void()> done) {
  auto once = std::make_shared<std::once_flag>();
  auto finish = [once, done = std::move(done)] { std::call_once(*once, done); };
  std::size_t sent = 0;
  {
    std::lock_guard lock{mutex_};
    for (auto& [node, found] : peers_) {
      if (found.up) {
        const json all{{"t", "worked_off"}, {"all", found.taken->count()}};
        (void)found.up->send(frame_type::control, json::to_cbor(all), lane::control);
      }
      if (found.up && found.up->send(frame_type::barrier, {}, lane::control)) {
        ++sent;
      }
    }
    missing_acks_ = sent;
    on_settled_ = finish;
  }
  if (sent == 0) {
    finish();
  } else {
    home_.timers().after(patience, finish);
  }
}

void peer_table::acknowledged() {
  std::function<void()> settled;
  {
    std::lock_guard lock{mutex_};
    if (missing_acks_ != 0 && --missing_acks_ == 0) {
      settled = std::exchange(on_settled_, nullptr);
    }
  }
  if (settled) {
    settled();
  }
}

void peer_table::stop() {
  listener_.reset();
  std::map<std::string, peer, std::less<>> all;
  {
    std::lock_guard gate{gate_->mutex};
    gate_->table = nullptr;
  }
  {
    std::lock_guard lock{mutex_};
    stopped_ = true;
    all.swap(peers_);
  }
  for (auto& [node, found] : all) {
    if (found.up) {
      found.up->close("the node ends");
    }
  }
}

std::size_t peer_table::size() const {
  std::shared_lock lock{mutex_};
  return peers_.size();
}

} // namespace troupe
