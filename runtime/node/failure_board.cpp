#include "runtime/node/failure_board.hpp"

namespace troupe {

namespace {

constexpr std::string_view words[]{"running", "restarting", "quarantined"};

double seconds_of(std::chrono::system_clock::duration time) { return std::chrono::duration<double>{time}.count(); }

} // namespace

void failure_board::note_error(const std::string& actor, const std::string& command, const std::string& reason,
                               clock::time_point now) {
  std::lock_guard lock{mutex_};
  auto& errors = entries_[actor].errors;
  errors.push_back({now, command, reason});
  if (errors.size() > kept_errors) {
    errors.pop_front();
  }
}

void failure_board::note_condition(const std::string& actor, condition what, clock::time_point now) {
  std::lock_guard lock{mutex_};
  auto& known = entries_[actor];
  known.what = what;
  known.since = now;
}

void failure_board::note_restart(const std::string& actor, clock::time_point now) {
  std::lock_guard lock{mutex_};
  auto& known = entries_[actor];
  known.what = condition::running;
  known.since = now;
  ++known.restarts;
}

void failure_board::forget(const std::string& actor) {
  std::lock_guard lock{mutex_};
  if (auto at = entries_.find(actor); at != entries_.end()) {
    entries_.erase(at);
  }
}

json failure_board::report(const std::string& actor, clock::time_point now) const {
  std::lock_guard lock{mutex_};
  auto at = entries_.find(actor);
  const auto known = at == entries_.end() ? entry{} : at->second;
  json errors = json::array();
  for (const auto& error : known.errors) {
    errors.push_back(
      json{{"at", seconds_of(error.at.time_since_epoch())}, {"command", error.command}, {"reason", error.reason}});
  }
  json out{{"name", actor},
           {"state", words[static_cast<std::size_t>(known.what)]},
           {"restarts", known.restarts},
           {"errors", std::move(errors)}};
  if (known.what != condition::running) {
    out["since_s"] = seconds_of(now - known.since);
  }
  return out;
}

std::vector<std::string> failure_board::actors() const {
  std::lock_guard lock{mutex_};
  std::vector<std::string> all;
  for (const auto& [actor, known] : entries_) {
    all.push_back(actor);
  }
  return all;
}

} // namespace troupe
