#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace troupe {

/// The nodes whose names are noted but cannot be reached at present, since their process is being started again, and who
/// waits for them. Plain data: no thread, no clock.
class settle_list {
public:
  /// Hears an empty text when the name can be reached (or is free) by now, else why it cannot.
  using told = std::function<void(const std::string& why_not)>;

  /// The process is gone and comes back: whoever asks for its names waits.
  void unsettle(const std::string& node, std::string reason);
  /// The process is there again; its actors are not yet.
  void admin_is_up(const std::string& node);
  /// Everything is there, or nothing is noted any more.
  void settle(const std::string& node);
  /// Nobody knows when it comes back: who waits, and whoever asks, hears so at once.
  void give_up(const std::string& node, std::string reason);

  bool is_settled(const std::string& node, bool admin = false) const;
  /// Calls `done` when the node is settled (`admin`: its admin is there) or given up; at once if that is so already. Gives
  /// the number for `time_out`, or 0.
  std::uint64_t wait(const std::string& node, bool admin, told done);
  /// This one does not wait any longer.
  void time_out(std::uint64_t number);

private:
  struct waiting {
    std::string node;
    bool admin = false;
    told done;
  };
  struct state {
    std::string reason;
    bool admin_up = false;
    bool hopeless = false;
  };

  void tell(const std::string& node, bool admins_only, const std::string& why_not);

  std::map<std::string, state> nodes_;
  std::map<std::uint64_t, waiting> waiting_; ///< in the order in which they came
  std::uint64_t last_ = 0;
};

} // namespace troupe
