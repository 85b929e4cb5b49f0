// The part of peer_table that decides who gets a link: hellos, and what a new life of a node means for its last one.
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_connection.hpp"
#include "runtime/node/peer_table.hpp"

#include <mutex>

#include <unistd.h>

namespace troupe {

namespace {

constexpr int protocol_version = 1;
constexpr std::chrono::seconds duplicate_patience{2};
constexpr std::string_view duplicate = "duplicate";

std::optional<peer_identity> identity_of(const json& hello, const std::string& system) {
  try {
    if (hello.at("system").get<std::string>() != system || hello.at("protocol").get<int>() != protocol_version) {
      return std::nullopt;
    }
    return peer_identity{hello.at("node").get<std::string>(), hello.at("incarnation").get<std::uint32_t>(),
                         hello.at("pid").get<pid_t>()};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string origin_of(const std::string& system, std::string node) {
  constexpr std::string_view tail = ".admin";
  if (node.ends_with(tail)) {
    node.resize(node.size() - tail.size());
  }
  return system + "." + node;
}

} // namespace

std::vector<std::uint8_t> peer_table::own_hello() const {
  const auto& own = home_.options();
  return json::to_cbor(json{{"system", own.system},
                            {"node", own.node},
                            {"incarnation", own.incarnation},
                            {"pid", ::getpid()},
                            {"protocol", protocol_version}});
}

void peer_table::hello_came(peer_connection& from, const json& hello) {
  auto refuse = [&](std::string_view reason) {
    (void)from.wire()->send(frame_type::refused,
                            {reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size()}, lane::control);
    from.wire()->close(std::string{reason});
  };
  const auto who = identity_of(hello, home_.options().system);
  if (!who) {
    refuse("the hello is of another system or protocol");
    return;
  }
  if (events_.admit) {
    if (auto may = events_.admit(*who); !may) {
      refuse(may.error().text);
      return;
    }
  }
  {
    std::shared_lock lock{mutex_};
    if (auto at = peers_.find(who->node); at != peers_.end()) {
      if (at->second.up && at->second.incarnation > who->incarnation) {
        lock.unlock();
        refuse("there is a later life of this node");
        return;
      }
      const bool same = at->second.up && at->second.incarnation == who->incarnation;
      const bool mine_counts = !at->second.up && at->second.dialling && home_.options().node < who->node;
      if (same || mine_counts) {
        lock.unlock();
        refuse(duplicate);
        return;
      }
    }
  }
  (void)from.wire()->send(frame_type::accepted, own_hello(), lane::control);
  bind(from, *who);
}

void peer_table::accepted_came(peer_connection& from, const json& hello) {
  const auto who = identity_of(hello, home_.options().system);
  if (!who || who->node != from.node()) {
    from.wire()->close("the accepting side is not who was called");
    return;
  }
  if (events_.admit) {
    if (auto may = events_.admit(*who); !may) {
      from.wire()->close(may.error().text);
      return;
    }
  }
  bind(from, *who);
}

void peer_table::bind(peer_connection& connection, const peer_identity& who) {
  connection.node_ = who.node;
  connection.intake_ = std::make_shared<intake>(origin_of(home_.options().system, who.node));
  connection.up_ = true;
  connection.wire()->trust();
  end_earlier_life(who);
  std::shared_ptr<link> replaced;
  {
    std::lock_guard lock{mutex_};
    auto& found = peers_[who.node];
    replaced = std::exchange(found.up, connection.wire());
    found.connection = &connection;
    found.sent = std::make_shared<send_account>();
    found.taken = connection.intake_;
    found.incarnation = who.incarnation;
    found.dialling = false;
    for (auto& held : found.waiting) {
      (void)send_on(found, *held.what, lane::answer);
    }
    found.waiting.clear();
  }
  if (replaced) {
    replaced->close("replaced by a new connection");
  }
  if (events_.on_up) {
    events_.on_up(who);
  }
}

/// The node comes again as another process before the end of its last one was seen here: first what waits there fails.
void peer_table::end_earlier_life(const peer_identity& who) {
  std::shared_ptr<link> ended;
  std::shared_ptr<send_account> sent;
  {
    std::lock_guard lock{mutex_};
    auto at = peers_.find(who.node);
    if (at == peers_.end() || !at->second.up || at->second.incarnation == who.incarnation) {
      return;
    }
    ended = std::exchange(at->second.up, nullptr);
    at->second.connection = nullptr;
    sent = std::move(at->second.sent);
  }
  const std::string reason = "a later life of this node has come";
  close_account(who.node, sent, reason);
  ended->close(reason);
  home_.earlier_life_ended(who.node, "the link to " + who.node + " ended: " + reason);
  if (events_.on_down) {
    events_.on_down(who.node, reason);
  }
}

void peer_table::refused_came(peer_connection& from, const std::string& reason) {
  if (reason != duplicate) {
    from.wire()->close("refused: " + reason);
    return;
  }
  // The other side calls us. If that does not come to anything, the messages must not wait for ever.
  home_.timers().after(duplicate_patience, [this, node = from.node(), which = &from] {
    std::vector<waiting_message> left;
    {
      std::lock_guard lock{mutex_};
      auto at = peers_.find(node);
      if (at == peers_.end() || at->second.up || at->second.connection != which) {
        return;
      }
      left = std::move(at->second.waiting);
      peers_.erase(at);
    }
    give_back(std::move(left), "no link to " + node + " came up");
  });
  from.how_ = peer_connection::origin::accepted; // its end means nothing: the other call counts
}

} // namespace troupe
