#include "runtime/move/move_source.hpp"

#include <utility>

namespace troupe {

using kind = move_source::order::kind;

/// Before the commit: back to work at the source.
move_source::orders move_source::give_up(const std::string& reason) {
  orders out;
  if (step_ == step::sending) {
    out.push_back({kind::thaw, {}});
  }
  if (step_ != step::ended) {
    out.push_back({kind::drop_replica, {}});
    if (!std::exchange(told_, true)) {
      out.push_back({kind::tell_not_moved, reason});
    }
  }
  step_ = step::ended;
  return out;
}

move_source::orders move_source::prepared(const result<>& how) {
  if (step_ != step::preparing) {
    return {};
  }
  if (!how) {
    return give_up(how.error().text);
  }
  step_ = step::freezing;
  return {{kind::freeze, {}}};
}

move_source::orders move_source::frozen(const result<>& how) {
  if (step_ != step::freezing) {
    return {};
  }
  if (!how) {
    return give_up(how.error().text);
  }
  step_ = step::sending;
  if (!failure_.empty()) {
    return give_up(failure_);
  }
  return {{kind::send_state, {}}, {kind::flush_senders, {}}};
}

move_source::orders move_source::commit_when_complete() {
  if (!replica_ready_ || !senders_flushed_) {
    return {};
  }
  step_ = step::committing;
  return {{kind::commit, {}}};
}

move_source::orders move_source::replica_ready(const result<>& how) {
  if (step_ != step::sending) {
    return {};
  }
  if (!how) {
    return give_up(how.error().text);
  }
  replica_ready_ = true;
  return commit_when_complete();
}

move_source::orders move_source::senders_flushed(const result<>& how) {
  if (step_ != step::sending) {
    return {};
  }
  if (!how) {
    return give_up(how.error().text);
  }
  senders_flushed_ = true;
  return commit_when_complete();
}

move_source::orders move_source::verdict(word how, const std::string& reason) {
  if (step_ != step::committing) {
    return {};
  }
  if (how == word::committed) {
    step_ = step::departing;
    return {{kind::depart, {}}, {kind::enliven, {}}};
  }
  step_ = step::ended;
  orders out{{kind::thaw, {}}, {kind::drop_replica, {}}};
  if (!std::exchange(told_, true)) {
    out.push_back({kind::tell_not_moved, reason});
  }
  return out;
}

move_source::orders move_source::verdict_is_late(const std::string& reason) {
  if (step_ != step::committing) {
    return {};
  }
  orders out;
  if (!std::exchange(told_, true)) {
    out.push_back({kind::tell_undecided, reason});
  }
  out.push_back({kind::commit, {}});
  return out;
}

move_source::orders move_source::enlivened(const std::string& problem) {
  if (step_ != step::departing) {
    return {};
  }
  step_ = step::ended;
  return std::exchange(told_, true) ? orders{} : orders{{kind::tell_moved, problem}};
}

move_source::orders move_source::target_is_down(const std::string& reason) {
  switch (step_) {
  case step::preparing:
  case step::sending:
    return give_up(reason);
  case step::freezing:
    failure_ = reason;
    return {};
  case step::departing:
    return enlivened(reason);
  default:
    return {}; // the head knows it too, and decides
  }
}

move_source::orders move_source::out_of_time() {
  switch (step_) {
  case step::preparing:
  case step::sending:
    return give_up("it took too long");
  case step::freezing:
    failure_ = "it took too long";
    return {};
  case step::committing:
    if (!std::exchange(told_, true)) {
      return {{kind::tell_undecided, "the head has not answered yet"}};
    }
    return {};
  case step::departing:
    return enlivened("the target has not said yet that it works");
  default:
    return {};
  }
}

} // namespace troupe
