#pragma once

#include <troupe/message.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace troupe {

/// What was accepted and still reached nobody: counted by reason, the newest are kept for listing. Thread-safe.
class dead_letters {
public:
  explicit dead_letters(std::size_t kept = 1000) : kept_(kept) {}

  void add(const message& what, const std::string& reason);
  /// What went to `node` before its end and may not have been worked off: recipients and counts.
  void add_in_doubt(const std::string& node, const std::map<std::string, std::uint64_t>& counts);

  /// `{count, reasons: {reason: count}, newest: [{reason, message}…], in_doubt: {count, newest: [{node, recipient,
  /// count}…]}}`, newest last, at most `most` of them. Bodies are left out: they may be large, and may be somebody's secret.
  json to_json(std::size_t most) const;

  std::uint64_t count() const;
  std::uint64_t in_doubt() const;

private:
  struct letter {
    std::string reason;
    std::string mid;
    std::string command;
    address recipient;
    address sender;
  };

  std::size_t kept_;
  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::map<std::string, std::uint64_t> reasons_;
  std::deque<letter> newest_;
  std::uint64_t in_doubt_ = 0;
  std::deque<json> newest_in_doubt_;
};

} // namespace troupe
