// The part of peer_table that knows what may be lost with a link. The accounts of both ends are settled by control frames:
// `{t: "mark", at}` behind a batch of messages, `{t: "worked_off", marks}` when nothing of it waits any more, and
// `{t: "worked_off", all}` from a node that ends in order.
#include "runtime/node/local_node.hpp"
#include "runtime/node/peer_connection.hpp"
#include "runtime/node/peer_table.hpp"

namespace troupe {

namespace {
constexpr std::chrono::milliseconds balance_period{100};
} // namespace

/// Questions are not: whoever asked hears of the end of the node. Nor is what nodes tell each other.
bool peer_table::is_accounted(const message& what) {
  const auto& to = what.recipient();
  return !what.sender().is_ask() && !to.is_ask() && !is_internal_name(to.entity);
}

/// True: the frame was one of the accounts.
bool peer_table::account_came(peer_connection& from, const json& what) {
  const auto kind = what.value("t", "");
  if (kind == "mark") {
    from.intake_->cut(what.value("at", std::uint64_t{0}));
    watch_accounts();
    return true;
  }
  if (kind != "worked_off") {
    return false;
  }
  std::shared_ptr<send_account> sent;
  {
    std::shared_lock lock{mutex_};
    auto at = peers_.find(from.node());
    if (at == peers_.end() || at->second.connection != &from || !at->second.sent) {
      return true;
    }
    sent = at->second.sent;
  }
  const auto marks = what.value("marks", json::array());
  std::lock_guard lock{sent->mutex};
  for (const auto& mark : marks) {
    if (mark.is_number_unsigned()) {
      sent->ledger.worked_off(mark.get<std::uint64_t>());
    }
  }
  if (what.contains("all") && what["all"].is_number_unsigned()) {
    sent->ledger.all_worked_off(what["all"].get<std::uint64_t>());
  }
  return true;
}

/// With the account locked.
void peer_table::send_mark(const peer& to) {
  if (const auto mark = to.sent->ledger.cut()) {
    const json what{{"t", "mark"}, {"at", *mark}};
    (void)to.up->send(frame_type::control, json::to_cbor(what), lane::control);
  }
}

/// From now on the accounts are balanced from time to time, until all are even.
void peer_table::watch_accounts() {
  if (!accounts_are_watched_.load() && !accounts_are_watched_.exchange(true)) {
    home_.timers().after(balance_period, [gate = gate_] {
      std::shared_lock lock{gate->mutex};
      if (gate->table != nullptr) {
        gate->table->balance_accounts();
      }
    });
  }
}

void peer_table::balance_accounts() {
  accounts_are_watched_ = false;
  bool is_open = false;
  {
    std::shared_lock lock{mutex_};
    for (const auto& [node, found] : peers_) {
      if (!found.up) {
        continue;
      }
      {
        std::lock_guard account{found.sent->mutex};
        send_mark(found);
        is_open |= !found.sent->ledger.is_clear();
      }
      if (auto marks = found.taken->take_done(); !marks.empty()) {
        const json what{{"t", "worked_off"}, {"marks", std::move(marks)}};
        (void)found.up->send(frame_type::control, json::to_cbor(what), lane::control);
      }
      is_open |= found.taken->open() != 0;
    }
  }
  if (is_open) {
    watch_accounts();
  }
}

std::uint64_t peer_table::unconfirmed() const {
  std::uint64_t total = 0;
  std::shared_lock lock{mutex_};
  for (const auto& [node, found] : peers_) {
    if (found.sent) {
      std::lock_guard account{found.sent->mutex};
      total += found.sent->ledger.open();
    }
  }
  return total;
}

void peer_table::close_account(const std::string& node, const std::shared_ptr<send_account>& sent,
                               const std::string& reason) {
  if (!sent) {
    return;
  }
  std::map<std::string, std::uint64_t> in_doubt;
  {
    std::lock_guard lock{sent->mutex};
    in_doubt = sent->ledger.in_doubt();
  }
  if (!in_doubt.empty()) {
    home_.are_in_doubt(node, reason, std::move(in_doubt));
  }
}

} // namespace troupe
